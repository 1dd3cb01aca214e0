//! Files that came as one upload and do not belong together become uploads of their own.

use super::{
    Announced, Upload, UploadError, append, begin, complete, get, inspect, options, sources,
};
use crate::{Backend, import};
use access::Ctx;
use bytes::Bytes;
use ingest::NotImportable;
use objects::Window;
use std::io::Read;
use storage::uploads::{Part, UploadState};
use types::UploadId;

/// What is said of the upload that they came as.
pub const APART: &str = "apart";

const CHUNK: u64 = 8 << 20;

/// As [`complete`]; where the files of the upload are tables that do not belong together, also the uploads that they
/// became, each looked at and waiting for what follows. The upload itself says so, and is over.
pub async fn complete_apart(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<(Upload, Vec<Upload>), UploadError> {
    use UploadState::{Failed, Inspecting, Received, Receiving};
    let before = get(backend, ctx, id).await?.state;
    let upload = complete(backend, ctx, id).await?;
    let apart = NotImportable::Apart {
        what: String::new(),
        names: Vec::new(),
        next: "",
    };
    let refused = upload
        .error
        .as_ref()
        .is_some_and(|error| error.code == apart.code());
    let looked_at = matches!(before, Receiving | Received | Inspecting);
    if upload.parts.len() < 2 || !(looked_at && upload.state == Failed && refused) {
        return Ok((upload, Vec::new()));
    }
    let samples = inspect::samples(backend, ctx, &upload).await?;
    let options = options(backend, ctx).await?;
    let groups = tokio::task::spawn_blocking(move || ingest::groups(&samples, &options)).await?;
    if groups.len() < 2 {
        return Ok((upload, Vec::new()));
    }
    let windows = sources::windows(ctx, &upload);
    let mut apart = Vec::new();
    for group in groups {
        let of_group =
            |at: &usize| Some((upload.parts.get(*at)?.clone(), windows.get(*at)?.clone()));
        let files: Vec<(Part, Window)> = group.iter().filter_map(of_group).collect();
        apart.push(taken(backend, ctx, files).await?);
    }
    let names: Vec<&str> = apart.iter().map(|of| of.file_name.as_str()).collect();
    let said = storage::uploads::UploadError {
        code: APART.to_owned(),
        message: format!(
            "The files do not belong together. Each was taken as an upload of its own: {}.",
            names.join("; ")
        ),
        params: [("names".to_owned(), names.join("; "))].into(),
    };
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.save_error(id, Some(&said)).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok((upload, apart))
}

/// A new upload of files that lie in another.
async fn taken(
    backend: &Backend,
    ctx: &Ctx,
    files: Vec<(Part, Window)>,
) -> Result<Upload, UploadError> {
    let announced = Announced {
        parts: files.iter().map(|(part, _)| part.clone()).collect(),
        parent: None,
    };
    let begun = begin(backend, ctx, &announced).await?;
    let mut offset = 0;
    for (_, Window { path, bytes }) in files {
        let mut from = bytes.start;
        while from < bytes.end {
            let to = bytes.end.min(from + CHUNK);
            let piece = Window {
                path: path.clone(),
                bytes: from..to,
            };
            let objects = backend.objects.clone();
            let read = tokio::task::spawn_blocking(move || {
                let mut read = Vec::new();
                objects.window(&piece)?.read_to_end(&mut read)?;
                Ok::<_, UploadError>(read)
            });
            let read = Bytes::from(read.await??);
            offset = append(backend, ctx, begun.id, offset, read).await?;
            from = to;
        }
    }
    complete(backend, ctx, begun.id).await
}
