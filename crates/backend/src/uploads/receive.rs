//! Bytes come in, piece by piece.

use super::{Upload, UploadError, folder, get, hex, inspect::inspect, raw_path};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use analytics::DATA_SET;
use bytes::Bytes;
use ingest::Decisions;
use sha2::{Digest, Sha256};
use storage::uploads::{NewUpload, Received, UploadState};
use types::UploadId;

/// A new upload of `size` bytes, waiting for its first.
pub async fn begin(
    backend: &Backend,
    ctx: &Ctx,
    file_name: &str,
    size: u64,
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let limit = backend.config.upload_max_bytes;
    if size > limit {
        return Err(UploadError::TooLarge { size, limit });
    }
    let id = ctx.new_upload_id();
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.insert_upload(&NewUpload {
        id,
        data_set: DATA_SET.to_owned(),
        file_name: file_name.to_owned(),
        size,
        parent: None,
    })
    .await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    tx.commit().await?;
    Ok(upload)
}

/// Keeps the bytes from `offset` on; returns where the next chunk starts. What it returned for is on disk.
///
/// # Errors
/// [`UploadError::Offset`] with the byte to go on from, where `offset` is another.
pub async fn append(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    offset: u64,
    bytes: Bytes,
) -> Result<u64, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    let end = offset + bytes.len() as u64;
    if upload.state != UploadState::Receiving {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    if upload.received != offset {
        return Err(UploadError::Offset {
            expected: upload.received,
        });
    }
    if end > upload.size {
        return Err(UploadError::TooLarge {
            size: end,
            limit: upload.size,
        });
    }
    if bytes.is_empty() {
        return Ok(offset);
    }
    let chunk = format!("{}/chunks/{offset:020}", folder(ctx, id));
    backend.objects.put(&chunk, bytes).await?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let received = tx.set_received(id, offset, end).await?;
    tx.commit().await?;
    match received {
        Received::Moved => Ok(end),
        Received::Conflict { offset } => Err(UploadError::Offset { expected: offset }),
        Received::Closed { state } => Err(UploadError::State { state }),
    }
}

/// All bytes are there: joins them, inspects the file, looks for an earlier import of it.
/// Called again after a crash, it goes on where it was.
pub async fn complete(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    match upload.state {
        UploadState::Receiving if upload.received < upload.size => {
            return Err(UploadError::Incomplete {
                received: upload.received,
                size: upload.size,
            });
        }
        UploadState::Receiving => join(backend, ctx, &upload).await?,
        UploadState::Received | UploadState::Inspecting => {}
        _ => return Ok(upload),
    }
    inspect(backend, ctx, id, Decisions::new()).await
}

async fn join(backend: &Backend, ctx: &Ctx, upload: &Upload) -> Result<(), UploadError> {
    let chunks = format!("{}/chunks", folder(ctx, upload.id));
    let raw = raw_path(ctx, upload.id);
    // A chunk whose acknowledgement was lost may lie beside the ones that count: follow the offsets.
    let mut parts = Vec::new();
    let mut next = 0;
    for entry in backend.objects.list(&chunks).await? {
        if entry.path.ends_with(&format!("/{next:020}")) {
            next += entry.size;
            parts.push(entry.path);
        }
    }
    if next != upload.size {
        return Err(UploadError::Incomplete {
            received: next,
            size: upload.size,
        });
    }
    let composed = if parts.is_empty() {
        backend.objects.put(&raw, Bytes::new()).await?;
        hex(&Sha256::digest([]))
    } else {
        backend.objects.compose(&parts, &raw).await?.sha256
    };
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.set_complete(upload.id, &composed).await?;
    tx.commit().await?;
    backend.objects.delete_prefix(&chunks).await?;
    Ok(())
}
