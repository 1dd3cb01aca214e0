//! Where the bytes of an upload's files lie, and those of the uploads it completes.

use super::{Upload, UploadError, bytes_path, plan};
use access::Ctx;
use ingest::Plan;
use objects::Window;
use storage::TenantTx;

/// How many uploads one may complete, each the one before it.
const CHAIN: usize = 64;

/// The files of an upload, in their order.
pub(crate) fn windows(ctx: &Ctx, upload: &Upload) -> Vec<Window> {
    let path = bytes_path(ctx, upload);
    let mut sizes: Vec<u64> = upload.parts.iter().map(|part| part.size).collect();
    if sizes.is_empty() {
        sizes.push(upload.size);
    }
    // One after the other, but for those that lie among the files of another upload.
    let starts = upload.taken_from.as_ref().map(|from| from.starts.iter());
    let mut starts = starts.into_iter().flatten();
    let mut next = 0;
    sizes
        .into_iter()
        .map(|size| {
            let start = starts.next().copied().unwrap_or(next);
            next = start + size;
            Window {
                path: path.clone(),
                bytes: start..next,
            }
        })
        .collect()
}

/// Their names, each beside its window.
pub(crate) fn names(upload: &Upload) -> Vec<String> {
    if upload.parts.is_empty() {
        vec![upload.file_name.clone()]
    } else {
        upload.parts.iter().map(|part| part.name.clone()).collect()
    }
}

/// What an upload completes, the oldest first: how each is read, and its files. Nothing for one that stands for
/// itself.
pub(crate) async fn completes(
    tx: &mut TenantTx,
    ctx: &Ctx,
    upload: &Upload,
) -> Result<Vec<(Plan, Vec<Window>)>, UploadError> {
    let mut chain = Vec::new();
    let mut of = upload.clone();
    while plan(&of)?.reasons.is_some()
        && chain.len() < CHAIN
        && let Some(parent) = of.parent
    {
        of = tx.upload(parent).await?.ok_or(UploadError::NotFound)?;
        chain.push((plan(&of)?, windows(ctx, &of)));
    }
    chain.reverse();
    Ok(chain)
}
