//! The file as it was sent, to be taken back home.

use super::{UploadError, get, raw_path};
use crate::Backend;
use access::Ctx;
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

/// The bytes of an upload that arrived whole.
pub async fn original_file(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<OriginalFile<impl Stream<Item = Result<Bytes, ObjectError>> + Send + use<>>, UploadError>
{
    // Authorises as well.
    let upload = get(backend, ctx, id).await?;
    if upload.received < upload.size {
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
