//! What the command line does with a backend in process: the same way as from a browser.

use crate::{
    Backend, publication, uploads,
    uploads::{Announced, Part, Upload, UploadError},
};
use access::Ctx;
use bytes::Bytes;
use ingest::{Decisions, Inspection, Sample};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use storage::uploads::UploadState;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use types::UploadId;

const CHUNK: usize = 8 * 1024 * 1024;
const LOOK_EVERY: Duration = Duration::from_millis(40);

#[derive(Debug, Error)]
pub enum ImportError {
    #[error("{path}: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    /// The file can be read in several ways; `--set` answers what was asked.
    #[error("a decision is needed")]
    DecisionNeeded(Option<Box<Inspection>>),
    #[error("{message}")]
    NotImportable { code: String, message: String },
    #[error("the import was cancelled")]
    Cancelled,
    #[error(transparent)]
    Upload(#[from] UploadError),
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Copying { bytes: u64, of: u64 },
    Reading { records: u64, bytes: u64, of: u64 },
    Publishing { records: u64 },
}

/// Which of these files belong together: each list is one upload. Reads their samples only.
pub async fn groups(
    backend: &Backend,
    ctx: &Ctx,
    paths: &[PathBuf],
) -> Result<Vec<Vec<PathBuf>>, ImportError> {
    if paths.len() < 2 {
        return Ok(paths.iter().map(|path| vec![path.clone()]).collect());
    }
    let options = uploads::options(backend, ctx).await?;
    let paths = paths.to_vec();
    let grouped = tokio::task::spawn_blocking(move || {
        let mut samples = Vec::new();
        for path in &paths {
            let unreadable = |source| ImportError::File {
                path: path.display().to_string(),
                source,
            };
            let file = std::fs::File::open(path).map_err(unreadable)?;
            let sample = Sample::from_read(file).map_err(unreadable)?;
            samples.push((sample, name_of(path)));
        }
        let groups = ingest::groups(&samples, &options);
        let named = |group: Vec<usize>| {
            let paths = group.into_iter().filter_map(|at| paths.get(at).cloned());
            paths.collect()
        };
        Ok(groups.into_iter().map(named).collect())
    });
    grouped.await.map_err(UploadError::from)?
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Imports files as one upload, by the same pipeline as the wizard's, with workers in this process.
pub async fn import_files(
    backend: &Arc<Backend>,
    ctx: &Ctx,
    paths: &[PathBuf],
    decisions: &Decisions,
    on_step: impl Fn(Step),
) -> Result<Upload, ImportError> {
    let upload = copy(backend, ctx, paths, &on_step).await?;
    let mut upload = uploads::complete(backend, ctx, upload.id).await?;
    let open = matches!(
        upload.state,
        UploadState::Question | UploadState::Ready | UploadState::Failed
    );
    if open && !decisions.is_empty() {
        upload = uploads::decide_for_good(backend, ctx, upload.id, decisions.clone()).await?;
    }
    match upload.state {
        UploadState::Question => {
            let inspection = uploads::inspection(&upload).map_err(UploadError::from)?;
            uploads::cancel(backend, ctx, upload.id).await?;
            return Err(ImportError::DecisionNeeded(inspection.map(Box::new)));
        }
        UploadState::Ready => {
            uploads::start(backend, ctx, upload.id).await?;
        }
        _ => {}
    }
    let workers = backend.spawn_workers();
    let finished = follow(backend, ctx, upload, &on_step).await;
    workers.shutdown().await;
    finished
}

async fn copy(
    backend: &Backend,
    ctx: &Ctx,
    paths: &[PathBuf],
    on_step: &impl Fn(Step),
) -> Result<Upload, ImportError> {
    let mut announced = Announced::default();
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |source| ImportError::File {
            path: path.display().to_string(),
            source,
        };
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let about = file.metadata().await.map_err(unreadable)?;
        if !about.is_file() {
            return Err(unreadable(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                "this is no file",
            )));
        }
        announced.parts.push(Part {
            name: name_of(path),
            size: about.len(),
        });
        files.push((path, file, about.len()));
    }
    let upload = match uploads::begin(backend, ctx, &announced).await {
        Err(error @ UploadError::TooLarge { .. }) => {
            return Err(ImportError::NotImportable {
                code: "too_large".to_owned(),
                message: format!(
                    "{error} bytes. Split it, for example by year, and import the parts: orders are never counted twice."
                ),
            });
        }
        begun => begun?,
    };
    let mut offset = 0;
    for (path, file, size) in files {
        let end = offset + size;
        // A file that grows meanwhile is taken as long as it was.
        let mut file = file.take(size);
        while offset < end {
            let mut chunk = Vec::new();
            let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await;
            let read = read.map_err(|source| ImportError::File {
                path: path.display().to_string(),
                source,
            })?;
            if read == 0 {
                break;
            }
            offset = uploads::append(backend, ctx, upload.id, offset, Bytes::from(chunk)).await?;
            on_step(Step::Copying {
                bytes: offset,
                of: upload.size,
            });
        }
        if offset < end {
            // The bytes of the next file must not take the place of the missing ones.
            uploads::cancel(backend, ctx, upload.id).await?;
            return Err(ImportError::File {
                path: path.display().to_string(),
                source: std::io::ErrorKind::UnexpectedEof.into(),
            });
        }
    }
    Ok(upload)
}

async fn follow(
    backend: &Backend,
    ctx: &Ctx,
    mut upload: Upload,
    on_step: &impl Fn(Step),
) -> Result<Upload, ImportError> {
    while !upload.state.is_final() && upload.state != UploadState::Held {
        tokio::time::sleep(LOOK_EVERY).await;
        upload = uploads::get(backend, ctx, upload.id).await?;
        on_step(if upload.step == "publishing" {
            Step::Publishing {
                records: upload.rows_done,
            }
        } else {
            Step::Reading {
                records: upload.rows_done,
                bytes: upload.bytes_done,
                of: upload.size,
            }
        });
    }
    match (upload.state, &upload.error) {
        (UploadState::Done, _) => Ok(upload),
        (UploadState::Held, _) => Err(ImportError::NotImportable {
            code: "held".to_owned(),
            message: "A critical rule of quality failed: look at the upload in the browser, where it can be published all the same.".to_owned(),
        }),
        (UploadState::Failed, Some(error)) => Err(ImportError::NotImportable {
            code: error.code.clone(),
            message: error.message.clone(),
        }),
        _ => Err(ImportError::Cancelled),
    }
}

/// Takes an import back and waits until the figures are without it, with workers in this process.
pub async fn undo(backend: &Arc<Backend>, ctx: &Ctx, id: UploadId) -> Result<Upload, ImportError> {
    let mut upload = uploads::undo(backend, ctx, id).await?;
    let workers = backend.spawn_workers();
    while upload.step == publication::UNDOING {
        tokio::time::sleep(LOOK_EVERY).await;
        upload = match uploads::get(backend, ctx, id).await {
            Ok(upload) => upload,
            Err(error) => {
                workers.shutdown().await;
                return Err(error.into());
            }
        };
    }
    workers.shutdown().await;
    match (upload.state, &upload.error) {
        (UploadState::Undone, _) => Ok(upload),
        (_, Some(error)) => Err(ImportError::NotImportable {
            code: error.code.clone(),
            message: error.message.clone(),
        }),
        _ => Err(ImportError::Cancelled),
    }
}
