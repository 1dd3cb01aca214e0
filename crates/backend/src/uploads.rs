//! An upload's way: bytes received, file inspected, questions answered, import started.
//! What happens then is in [`crate::import`].

use crate::{Backend, import};
use access::{Action, Ctx, Denied, Resource, authorize};
use analytics::DATA_SET;
use ingest::{DataSet, Decisions, FileCount, Inspection, WarningGroup};
use serde::{Deserialize, Serialize};
use storage::{
    Sender, TenantTx,
    jobs::NewJob,
    uploads::{Counted, UploadFilter, UploadState},
};
use thiserror::Error;
use types::{Currency, Day, Micros, Page, UploadId};

mod apart;
mod change;
mod inspect;
mod mending;
mod original;
mod preview;
mod receive;
mod record;
mod rejects;
pub(crate) mod resume;
pub(crate) mod sources;

pub use apart::{complete_apart, pieces};
pub use change::{
    abandon, ask_again, correct, is_undoing, publish_anyway, redo, rerun, retry, undo,
};
pub use inspect::{decide, decide_for_good, options};
pub use mending::{Edit, Fault, MendCell, MendRow, MendTable, mend, mendable};
pub use original::{OriginalFile, original_file};
pub use preview::{Preview, preview};
pub(crate) use receive::insert;
pub use receive::{Announced, append, begin, complete, name_parts};
pub use record::{SourceRecord, record};
pub use rejects::{RejectRow, RejectTable, reject_table, rejects};
pub(crate) use rejects::{first_rejects, stored_reject};
pub use storage::uploads::{Part, Reject, Upload};

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
    #[error("an upload has from 1 to {most} files")]
    Parts { most: usize },
    #[error("{received} of {size} bytes are there")]
    Incomplete { received: u64, size: u64 },
    /// What was asked does not fit the upload's state: another tab was faster.
    #[error("the upload is {}", state.as_str())]
    State { state: UploadState },
    /// An answer that the file cannot be read by: nothing was changed.
    #[error(transparent)]
    Decision(ingest::NotImportable),
    /// As [`Self::Decision`]: what was imported of the file is another kind of data.
    #[error("the file was imported as another kind of data: undo that first")]
    AnotherDataSet,
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
    /// Of each table, where the upload has several.
    #[serde(default)]
    pub files: Vec<FileCount>,
    /// What was odd about records that were taken.
    #[serde(default)]
    pub warned: Vec<WarningGroup>,
    /// Objects that hold all rejected records, as lines of JSON.
    #[serde(default)]
    pub reject_files: Vec<String>,
    /// What a later reading came to that is held back, while this one is in the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Box<HeldResult>>,
    /// How the file was read for it: a later reading that is given up leaves this one in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_by: Option<Box<ReadBy>>,
}

/// What was found and decided when a run was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadBy {
    inspection: serde_json::Value,
    decisions: serde_json::Value,
    plan: serde_json::Value,
    plan_hash: String,
}

impl ReadBy {
    pub(crate) fn of(upload: &Upload) -> Option<Self> {
        Some(Self {
            inspection: upload.inspection.clone()?,
            decisions: upload.decisions.clone().unwrap_or_default(),
            plan: upload.plan.clone()?,
            plan_hash: upload.plan_hash.clone()?,
        })
    }

    /// Makes it what the upload is read by.
    async fn restore(&self, tx: &mut TenantTx, id: UploadId) -> Result<(), UploadError> {
        tx.save_inspection(id, &self.inspection).await?;
        if !self.decisions.is_null() {
            tx.save_decisions(id, &self.decisions).await?;
        }
        tx.save_plan(id, Some((&self.plan, &self.plan_hash)))
            .await?;
        Ok(())
    }
}

/// The result of a run that is not published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldResult {
    pub run: i32,
    pub result: ImportResult,
}

/// Code of an upload of whose records none could be read.
pub const NOTHING_ACCEPTED: &str = "nothing_accepted";

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
pub(crate) fn folder(ctx: &Ctx, id: UploadId) -> String {
    format!("{}/bronze/{id}", ctx.tenant)
}

pub(crate) fn raw_path(ctx: &Ctx, id: UploadId) -> String {
    format!("{}/raw", folder(ctx, id))
}

/// Where those of this upload lie, which may have come as part of another.
pub(crate) fn bytes_path(ctx: &Ctx, upload: &Upload) -> String {
    let came_as = upload.taken_from.as_ref().map(|from| from.upload);
    raw_path(ctx, came_as.unwrap_or(upload.id))
}

/// One job for each start.
fn import_key(id: UploadId, run: i32) -> String {
    format!("{}:{id}:{run}", import::JOB)
}

/// What changes a tenant's figures or tables goes one after the other, whatever data set it is about: some tables are
/// made of several.
pub(crate) fn lock_group(ctx: &Ctx) -> String {
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
        let mut job = NewJob::new(
            import::JOB,
            serde_json::to_value(import::Payload { upload: id, run })?,
        );
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
    let settled = tx.settle_upload(id, &open, UploadState::Cancelled).await?;
    let mut upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    if let (true, Some(live)) = (settled, upload.live_run) {
        // What was read later and held back is given up.
        tx.set_read_run(id, live).await?;
        as_counted(&mut tx, &upload).await?;
        if let Some(mut result) = result(&upload)?.filter(|result| result.held.is_some()) {
            result.held = None;
            tx.save_result(id, &serde_json::to_value(&result)?, result.counted())
                .await?;
        }
        upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    }
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok(upload)
}

/// What is shown of the file and used for what completes it is again what its live run was read by.
pub(crate) async fn as_counted(tx: &mut TenantTx, upload: &Upload) -> Result<(), UploadError> {
    let counted = result(upload)?.filter(|_| upload.live_run.is_some());
    if let Some(by) = counted.and_then(|result| result.read_by) {
        by.restore(tx, upload.id).await?;
    }
    Ok(())
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

/// Everybody who ever sent an upload.
pub async fn senders(backend: &Backend, ctx: &Ctx) -> Result<Vec<Sender>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let senders = tx.senders().await?;
    tx.commit().await?;
    Ok(senders)
}

/// What came of an upload, where it was imported.
pub fn result(upload: &Upload) -> Result<Option<ImportResult>, serde_json::Error> {
    upload
        .result
        .clone()
        .map(serde_json::from_value)
        .transpose()
}

/// As [`result`]; of one that is held back, what is held back.
pub fn shown_result(upload: &Upload) -> Result<Option<ImportResult>, serde_json::Error> {
    let found = result(upload)?;
    if upload.state != UploadState::Held {
        return Ok(found);
    }
    Ok(found.map(|found| unheld(found, upload.read_run).0))
}

/// The result of this run, and whether it is the one that was held back while another counts.
pub(crate) fn unheld(mut of_live: ImportResult, run: Option<i32>) -> (ImportResult, bool) {
    match of_live.held.take() {
        Some(held) if Some(held.run) == run => (held.result, true),
        _ => (of_live, false),
    }
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

/// What the upload's file is about; orders, until it was inspected.
pub fn data_set(upload: &Upload) -> Result<DataSet, UploadError> {
    DataSet::from_id(&upload.data_set).ok_or_else(|| {
        let what = format!("data set `{}`", upload.data_set);
        storage::StorageError::Corrupt(what).into()
    })
}

fn original(upload: &Upload) -> Result<Option<UploadId>, serde_json::Error> {
    Ok(shown_result(upload)?.and_then(|r| r.duplicate_of))
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
