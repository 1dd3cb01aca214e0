//! Bytes come in, piece by piece.

use super::{
    Upload, UploadError, folder, get, hex,
    inspect::{Look, inspect},
    raw_path, resume,
};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use analytics::DATA_SET;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use storage::{
    TenantTx,
    uploads::{NewUpload, Part, Received, UploadState},
};
use types::UploadId;

/// Files of one upload: Olist's export has nine.
const MOST_PARTS: usize = 200;

/// What is about to be sent.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    /// The files, in the order in which their bytes follow one another.
    pub parts: Vec<Part>,
    /// The upload whose refused records this one corrects, where the file does not say so itself.
    pub parent: Option<UploadId>,
}

impl Announced {
    pub fn file(name: impl Into<String>, size: u64) -> Self {
        Self {
            parts: vec![Part {
                name: name.into(),
                size,
            }],
            parent: None,
        }
    }
}

/// A new upload, waiting for its first byte.
///
/// # Errors
/// [`UploadError::Parts`] for none, or too many; [`UploadError::NotFound`] where the parent is not there.
pub async fn begin(
    backend: &Backend,
    ctx: &Ctx,
    announced: &Announced,
) -> Result<Upload, UploadError> {
    let mut tx = backend.storage.tenant(ctx).await?;
    let upload = insert(backend, &mut tx, ctx, announced).await?;
    tx.commit().await?;
    Ok(upload)
}

/// As [`begin`], within a transaction.
pub(crate) async fn insert(
    backend: &Backend,
    tx: &mut TenantTx,
    ctx: &Ctx,
    announced: &Announced,
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let parts = &announced.parts;
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(UploadError::Parts { most: MOST_PARTS });
    }
    let limit = backend.config.upload_max_bytes;
    let size = parts
        .iter()
        .fold(0, |sum: u64, part| sum.saturating_add(part.size));
    if size > limit {
        return Err(UploadError::TooLarge { size, limit });
    }
    if let Some(parent) = announced.parent {
        tx.upload(parent).await?.ok_or(UploadError::NotFound)?;
    }
    let id = ctx.new_upload_id();
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    tx.insert_upload(&NewUpload {
        id,
        data_set: DATA_SET.to_owned(),
        file_name: names.join(", "),
        size,
        parent: announced.parent,
        parts: if parts.len() > 1 {
            parts.clone()
        } else {
            Vec::new()
        },
    })
    .await?;
    tx.upload(id).await?.ok_or(UploadError::NotFound)
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

/// Says what the files are of an upload that was begun with an estimate of their size, after their last byte.
pub async fn name_parts(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    parts: &[Part],
) -> Result<(), UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(UploadError::Parts { most: MOST_PARTS });
    }
    let mut tx = backend.storage.tenant(ctx).await?;
    if !tx.set_parts(id, parts).await? {
        let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    tx.commit().await?;
    Ok(())
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
    inspect(backend, ctx, id, Look::default()).await
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
    if tx.set_complete(upload.id, &composed).await? {
        let key = Some(resume::received(upload.id));
        resume::watch(&mut tx, backend, ctx, upload.id, key).await?;
    }
    tx.commit().await?;
    backend.objects.delete_prefix(&chunks).await?;
    Ok(())
}
