//! An upload's way: bytes received, file inspected, questions answered, import started.
//! What happens then is in [`crate::import`].

use crate::{Backend, import};
use access::{Action, Ctx, Denied, Resource, authorize};
use analytics::DATA_SET;
use bytes::Bytes;
use ingest::{Correction, Decisions, Inspection, NotImportable, Options, Sample};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storage::{
    jobs::NewJob,
    uploads::{Counted, NewUpload, Received, UploadFilter, UploadState},
};
use thiserror::Error;
use types::{Currency, Day, Micros, Page, UploadId};

mod change;
mod original;
mod preview;

pub use change::{correct, is_undoing, redo, rerun, retry, undo};
pub use original::{OriginalFile, original_file};
pub use preview::{Preview, preview};
pub use storage::uploads::{Reject, Upload};

#[derive(Debug, Error)]
pub enum UploadError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("there is no such upload")]
    NotFound,
    #[error("the file has {size} bytes and an upload takes at most {limit}")]
    TooLarge { size: u64, limit: u64 },
    #[error("the next byte expected is {expected}")]
    Offset { expected: u64 },
    #[error("{received} of {size} bytes are there")]
    Incomplete { received: u64, size: u64 },
    /// What was asked does not fit the upload's state: another tab was faster.
    #[error("the upload is {}", state.as_str())]
    State { state: UploadState },
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    #[error(transparent)]
    Objects(#[from] objects::ObjectError),
    #[error(transparent)]
    Read(#[from] ingest::ReadError),
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    #[error(transparent)]
    Query(#[from] analytics::QueryError),
    #[error("what was kept of the upload cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the file could not be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("a task was stopped: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportResult {
    /// Records of the file: accepted + rejected + blank.
    pub rows: u64,
    pub accepted: u64,
    /// Accepted records with a warning.
    pub warnings: u64,
    pub rejected: u64,
    pub blank: u64,
    /// Records equal to an earlier one of the file.
    pub duplicates: u64,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub totals: Vec<Totals>,
    pub seconds: f64,
    /// The earlier upload of the same file, read the same way: then nothing was changed.
    #[serde(default)]
    pub duplicate_of: Option<UploadId>,
    /// Objects that hold all rejected records, as lines of JSON.
    #[serde(default)]
    pub reject_files: Vec<String>,
}

impl ImportResult {
    pub(crate) fn counted(&self) -> Counted {
        Counted {
            rows: self.rows,
            rejected: self.rejected,
        }
    }
}

/// Figures of one upload in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub currency: Currency,
    pub gross_sales: Micros,
    pub net_sales: Micros,
    pub orders: i64,
    /// `None` where the source names no customers.
    pub customers: Option<i64>,
}

/// Where an upload's bytes lie in the object store.
fn folder(ctx: &Ctx, id: UploadId) -> String {
    format!("{}/bronze/{id}", ctx.tenant)
}

pub(crate) fn raw_path(ctx: &Ctx, id: UploadId) -> String {
    format!("{}/raw", folder(ctx, id))
}

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

/// Answers and mapping overrides; the file is inspected again with them. They are remembered for the
/// next file with the same header.
pub async fn decide(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    decisions: Decisions,
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    if !matches!(
        upload.state,
        UploadState::Question | UploadState::Ready | UploadState::Failed
    ) || upload.sha256.is_none()
    {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    inspect(backend, ctx, id, decisions).await
}

async fn inspect(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    answers: Decisions,
) -> Result<Upload, UploadError> {
    use UploadState::{Failed, Inspecting, Question, Ready};
    let mut tx = backend.storage.tenant(ctx).await?;
    let tenant = tx.own_tenant().await?;
    let moved = tx
        .set_upload_state(
            id,
            &[UploadState::Received, Inspecting, Question, Ready, Failed],
            Inspecting,
        )
        .await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    tx.commit().await?;
    if !moved {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    let mut decisions: Decisions = match &upload.decisions {
        Some(kept) => serde_json::from_value(kept.clone())?,
        None => Decisions::new(),
    };
    let answered = !answers.is_empty();
    decisions.extend(answers);
    let timezone = jiff::tz::TimeZone::get(&tenant.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut options = Options::new(timezone, tenant.currency);
    options.limits.raw_bytes = backend.config.upload_max_bytes;
    options.limits.expanded_bytes = options
        .limits
        .expanded_bytes
        .max(backend.config.upload_max_bytes);
    options.decisions.clone_from(&decisions);

    let mut seen = look(backend, ctx, &upload, options.clone()).await?;
    if let Ok(inspection) = &seen
        && !answered
        && decisions.is_empty()
    {
        let mut tx = backend.storage.tenant_read(ctx).await?;
        let remembered = tx.mapping(&inspection.fingerprint).await?;
        tx.commit().await?;
        if let Some(mapping) = remembered {
            decisions = serde_json::from_value(mapping.decisions)?;
            options.decisions.clone_from(&decisions);
            seen = look(backend, ctx, &upload, options).await?;
        }
    }

    let mut tx = backend.storage.tenant(ctx).await?;
    tx.save_decisions(id, &serde_json::to_value(&decisions)?)
        .await?;
    let state = match &seen {
        Ok(inspection) => {
            tx.save_error(id, None).await?;
            tx.save_inspection(id, &serde_json::to_value(inspection)?)
                .await?;
            if answered {
                let mut mapping = decisions.clone();
                mapping.retain(|key, _| !Correction::is_decision(key));
                tx.put_mapping(&inspection.fingerprint, &serde_json::to_value(&mapping)?)
                    .await?;
            }
            match &inspection.plan {
                Some(plan) => {
                    let plan = serde_json::to_value(plan)?;
                    let hash = hex(&Sha256::digest(plan.to_string()));
                    tx.save_plan(id, Some((&plan, &hash))).await?;
                    Ready
                }
                None => {
                    tx.save_plan(id, None).await?;
                    Question
                }
            }
        }
        Err(refused) => {
            tx.save_plan(id, None).await?;
            tx.save_error(
                id,
                Some(&storage::uploads::UploadError {
                    code: refused.code().to_owned(),
                    message: refused.to_string(),
                }),
            )
            .await?;
            Failed
        }
    };
    match state {
        // What was imported of it before still stands.
        Failed => tx.settle_upload(id, &[Inspecting], Failed).await?,
        open => tx.set_upload_state(id, &[Inspecting], open).await?,
    };
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let earlier = match (&upload.sha256, &upload.plan_hash, upload.live_run) {
        (Some(sha), Some(plan), None) => tx.find_live_by_sha(id, sha, DATA_SET, plan).await?,
        _ => None,
    };
    let upload = match earlier {
        Some(earlier) => {
            let mut result: ImportResult = match &earlier.result {
                Some(result) => serde_json::from_value(result.clone())?,
                None => return Err(UploadError::NotFound),
            };
            result.duplicate_of = Some(earlier.id);
            tx.save_result(id, &serde_json::to_value(&result)?, result.counted())
                .await?;
            tx.set_duplicate_of(id, Some(earlier.id)).await?;
            tx.set_upload_state(id, &[Ready], UploadState::Done).await?;
            tx.upload(id).await?.ok_or(UploadError::NotFound)?
        }
        None => upload,
    };
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok(upload)
}

async fn look(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    options: Options,
) -> Result<Result<Inspection, NotImportable>, UploadError> {
    let objects = backend.objects.clone();
    let path = raw_path(ctx, upload.id);
    let name = upload.file_name.clone();
    tokio::task::spawn_blocking(move || {
        let reader = objects.reader(&path)?;
        let sample = Sample::from_read(reader)?;
        Ok(ingest::inspect(&sample, &name, &options))
    })
    .await?
}

/// One job for each start.
fn import_key(id: UploadId, run: i32) -> String {
    format!("{}:{id}:{run}", import::JOB)
}

/// What changes the figures of a tenant's data set goes one after the other.
fn lock_group(ctx: &Ctx) -> String {
    format!("{}:{DATA_SET}", ctx.tenant)
}

/// Hands the upload to the workers. Started twice, it runs once.
pub async fn start(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let started = tx
        .set_upload_state(id, &[UploadState::Ready], UploadState::Importing)
        .await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    if started {
        let run = tx.begin_run(id).await?;
        let mut job = NewJob::new(import::JOB, serde_json::json!({ "upload": id }));
        job.dedupe_key = Some(import_key(id, run));
        job.lock_group = Some(lock_group(ctx));
        tx.set_duplicate_of(id, None).await?;
        tx.enqueue_job(&job).await?;
        import::tell(&mut tx, &upload).await?;
    } else if !matches!(upload.state, UploadState::Importing | UploadState::Done) {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    tx.commit().await?;
    Ok(upload)
}

/// Gives up an upload that is not imported yet; an import under way stops at its next batch. What an earlier
/// import of it brought stays.
pub async fn cancel(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let open: Vec<UploadState> = UploadState::ALL
        .into_iter()
        .filter(|s| !s.is_final())
        .collect();
    tx.settle_upload(id, &open, UploadState::Cancelled).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok(upload)
}

pub async fn get(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let upload = tx.upload(id).await?;
    tx.commit().await?;
    upload.ok_or(UploadError::NotFound)
}

pub async fn list(
    backend: &Backend,
    ctx: &Ctx,
    filter: &UploadFilter,
) -> Result<Page<Upload>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let page = tx.uploads(filter).await?;
    tx.commit().await?;
    Ok(page)
}

/// The first thousand rejected records.
pub async fn rejects(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    offset: u64,
    limit: u32,
) -> Result<Page<ingest::Reject>, UploadError> {
    let upload = get(backend, ctx, id).await?;
    let shown = original(&upload)?.unwrap_or(id);
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let page = tx.rejects(shown, offset, limit).await?;
    tx.commit().await?;
    let items = page
        .items
        .into_iter()
        .map(|r| serde_json::from_value(r.body))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total: page.total,
        offset: page.offset,
    })
}

/// Every rejected record, file by file: `next` is asked for index 0, 1, ... until it gives `None`.
pub async fn reject_file(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    index: usize,
) -> Result<Option<Vec<ingest::Reject>>, UploadError> {
    let upload = get(backend, ctx, id).await?;
    let Some(path) = result(&upload)?.and_then(|r| r.reject_files.get(index).cloned()) else {
        return Ok(None);
    };
    let bytes = backend.objects.get(&path).await?;
    let rejects = serde_json::Deserializer::from_slice(&bytes)
        .into_iter()
        .collect::<Result<_, _>>()?;
    Ok(Some(rejects))
}

/// What came of an upload, where it was imported.
pub fn result(upload: &Upload) -> Result<Option<ImportResult>, serde_json::Error> {
    upload
        .result
        .clone()
        .map(serde_json::from_value)
        .transpose()
}

pub fn inspection(upload: &Upload) -> Result<Option<Inspection>, serde_json::Error> {
    upload
        .inspection
        .clone()
        .map(serde_json::from_value)
        .transpose()
}

pub fn decisions(upload: &Upload) -> Result<Decisions, serde_json::Error> {
    Ok(upload
        .decisions
        .clone()
        .map(serde_json::from_value)
        .transpose()?
        .unwrap_or_default())
}

fn original(upload: &Upload) -> Result<Option<UploadId>, serde_json::Error> {
    Ok(result(upload)?.and_then(|r| r.duplicate_of))
}

pub(crate) fn plan(upload: &Upload) -> Result<ingest::Plan, UploadError> {
    match &upload.plan {
        Some(plan) => Ok(serde_json::from_value(plan.clone())?),
        None => Err(UploadError::State {
            state: upload.state,
        }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
