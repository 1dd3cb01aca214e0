//! Files that came as one upload and do not belong together become uploads of their own.

use super::{Upload, UploadError, complete, hex, inspect, options, resume, sources};
use crate::{Backend, import};
use access::{Action, Ctx, Resource, authorize};
use objects::Window;
use sha2::{Digest, Sha256};
use std::io;
use storage::{
    Sender, TenantTx,
    uploads::{NewPiece, Part, UploadState},
};
use types::UploadId;

/// As [`complete`]; where the files of the upload are tables that do not belong together, also the uploads that they
/// became, each looked at and waiting for what follows. The upload itself is over. Called again, it finds the same.
pub async fn complete_apart(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<(Upload, Vec<Upload>), UploadError> {
    let upload = complete(backend, ctx, id).await?;
    let mut looked_at = Vec::new();
    for piece in pieces(backend, ctx, &upload).await? {
        looked_at.push(complete(backend, ctx, piece.id).await?);
    }
    Ok((upload, looked_at))
}

/// What an upload was split into, in the order in which they were begun; nothing where it was not.
pub async fn pieces(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
) -> Result<Vec<Upload>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    if upload.state != UploadState::Split {
        return Ok(Vec::new());
    }
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let pieces = tx.pieces(upload.id).await?;
    tx.commit().await?;
    Ok(pieces)
}

/// Whether files of it that do not belong together may become uploads of their own. Whoever is at the command line, and
/// who watches a place, has said what is one upload; and what was said of a file stays said of it.
pub(super) fn may_split(upload: &Upload) -> bool {
    let sent_together = matches!(upload.sent_by, Some(Sender::User(_) | Sender::Key(_)));
    let whole = upload.taken_from.is_none() && upload.decisions.is_none();
    sent_together && whole && upload.parts.len() > 1
}

/// What its files are to become. Fewer than two: they stay together.
pub(super) async fn divide(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
) -> Result<Vec<NewPiece>, UploadError> {
    let samples = inspect::samples(backend, ctx, upload).await?;
    let options = options(backend, ctx).await?;
    let groups = tokio::task::spawn_blocking(move || ingest::groups(&samples, &options)).await?;
    let windows = sources::windows(ctx, upload);
    let mut pieces = Vec::new();
    for group in groups {
        let of_group =
            |at: &usize| Some((upload.parts.get(*at)?.clone(), windows.get(*at)?.clone()));
        let files: Vec<(Part, Window)> = group.iter().filter_map(of_group).collect();
        let objects = backend.objects.clone();
        let lying = files.iter().map(|(_, window)| window.clone());
        let lying: Vec<Window> = lying.collect();
        let digest = tokio::task::spawn_blocking(move || {
            let mut digest = Sha256::new();
            for window in &lying {
                io::copy(&mut objects.window(window)?, &mut digest)?;
            }
            Ok::<_, UploadError>(digest.finalize())
        });
        pieces.push(NewPiece {
            id: ctx.new_upload_id(),
            sha256: hex(&digest.await??),
            files: files
                .into_iter()
                .map(|(part, window)| (part, window.bytes.start))
                .collect(),
        });
    }
    Ok(pieces)
}

/// Does it, unless somebody else was faster; a worker looks at what nobody looks at.
pub(super) async fn split(
    tx: &mut TenantTx,
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    into: &[NewPiece],
) -> Result<Upload, UploadError> {
    let split = tx.split_upload(upload, into).await?;
    let now = tx.upload(upload.id).await?.ok_or(UploadError::NotFound)?;
    if split {
        for piece in into {
            let key = Some(resume::received(piece.id));
            resume::watch(tx, backend, ctx, piece.id, key).await?;
        }
        import::tell(tx, &now).await?;
    }
    Ok(now)
}
