//! The file as it was sent, to be taken back home.

use super::{UploadError, get, raw_path};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use bytes::Bytes;
use futures::Stream;
use objects::ObjectError;
use types::UploadId;

/// A file on its way out.
pub struct OriginalFile<S> {
    /// As the sender called it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub bytes: S,
}

/// The bytes of an upload, for who may take them away.
///
/// # Errors
/// [`UploadError::Incomplete`] where they are not all there yet.
pub async fn original_file(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<OriginalFile<impl Stream<Item = Result<Bytes, ObjectError>> + Send + use<>>, UploadError>
{
    authorize(ctx, Action::Export, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    if upload.sha256.is_none() {
        return Err(UploadError::Incomplete {
            received: upload.received,
            size: upload.size,
        });
    }
    let bytes = backend.objects.stream(&raw_path(ctx, id)).await?;
    Ok(OriginalFile {
        name: upload.file_name,
        size: upload.size,
        bytes,
    })
}
