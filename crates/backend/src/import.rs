//! The import job: raw file, silver, gold, published figures. Each step finds its work done when the
//! job comes back after a crash, and only the last transaction makes anything visible.

use crate::{
    Backend,
    lineage::{self, Ran},
    publication, quality, uploads,
};
use access::Ctx;
use lake::quality::Verdict;
use lake::{ImportJob, Imported, LakeError, Progress, Run};
use metrics::{Dimension, Metric};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;
use storage::{
    Claim, StorageError, TenantTx,
    uploads::{Reject, Upload, UploadError as UploadFailure, UploadState},
};
use thiserror::Error;
use tokio::sync::watch;
use types::{Micros, UploadId};
use uploads::{HeldResult, ImportResult, ReadBy, Totals, UploadError};

/// The kind of the job.
pub const JOB: &str = "import";

/// Kinds of live events.
pub const UPLOAD_CHANGED: &str = "upload.changed";
pub const UPLOAD_PROGRESS: &str = "upload.progress";
pub const GOLD_CHANGED: &str = "gold.changed";

const REPORT_EVERY: Duration = Duration::from_millis(300);

#[derive(Debug, Error)]
pub enum ImportFailure {
    /// The file cannot be imported, now or later: the upload says why, the job is done.
    #[error("{message}")]
    Refused { code: String, message: String },
    /// Another try may succeed.
    #[error(transparent)]
    Upload(#[from] UploadError),
}

impl From<StorageError> for ImportFailure {
    fn from(error: StorageError) -> Self {
        Self::Upload(error.into())
    }
}

impl From<serde_json::Error> for ImportFailure {
    fn from(error: serde_json::Error) -> Self {
        Self::Upload(error.into())
    }
}

/// Tells the tenant's browsers that an upload is in another state.
pub(crate) async fn tell(tx: &mut TenantTx, upload: &Upload) -> Result<(), StorageError> {
    let payload =
        json!({ "upload": upload.id, "state": upload.state.as_str(), "step": upload.step });
    tx.append_event(UPLOAD_CHANGED, &payload).await?;
    Ok(())
}

/// What the job is about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub upload: UploadId,
    /// The start it belongs to: a later one makes it void.
    pub run: i32,
}

/// Runs the import of `upload` under this claim; the job is finished in the transaction that publishes.
pub(crate) async fn run(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    Payload { upload: id, run }: Payload,
) -> Result<(), ImportFailure> {
    let started = ctx.now();
    let upload = uploads::get(backend, ctx, id).await?;
    if upload.state != UploadState::Importing || upload.run != run {
        // Cancelled meanwhile, perhaps started anew, or published by the attempt that was thought dead.
        let mut tx = backend.storage.tenant(ctx).await?;
        tx.finish_job(claim).await?;
        tx.commit().await?;
        return Ok(());
    }
    let imported = match read(backend, ctx, claim, &upload).await {
        Ok(imported) => imported,
        Err(UploadError::Lake(LakeError::Read(refused))) => {
            let (code, message) = (refused.code().to_owned(), refused.to_string());
            let params = ingest::Params::new();
            let why = UploadFailure {
                code,
                message,
                params,
            };
            return refuse(backend, ctx, claim, &upload, why, None).await;
        }
        Err(UploadError::Lake(LakeError::Cancelled)) => {
            let mut tx = backend.storage.tenant(ctx).await?;
            tx.finish_job(claim).await?;
            tx.commit().await?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if imported.counts.accepted == 0 {
        let message = match imported.rejects.first.first() {
            Some(first) => format!(
                "None of the {} records could be read. The first one: {} {}",
                imported.counts.records, first.message, first.suggestion
            ),
            None => "The file holds no records. Check the date range of the export.".to_owned(),
        };
        let why = UploadFailure {
            code: uploads::NOTHING_ACCEPTED.to_owned(),
            message,
            params: [("records".to_owned(), imported.counts.records.to_string())].into(),
        };
        let seconds = ctx.now().duration_since(started).as_secs_f64();
        let read = read_result(&upload, imported, Vec::new(), seconds)?;
        return refuse(backend, ctx, claim, &upload, why, Some(read)).await;
    }
    let verdicts = quality::check(backend, ctx, &upload, &imported).await?;
    let held = verdicts.iter().any(Verdict::stops);
    let built = if held {
        None
    } else {
        report(backend, ctx, id, "publishing", &imported).await?;
        Some(publication::build(backend, ctx, claim, &upload, Some(upload.run)).await?)
    };
    let totals = match built.as_ref().and_then(|built| built.figures) {
        Some(versions) => totals(backend, ctx, id, versions).await?,
        None => Vec::new(),
    };
    let counts = imported.counts;
    let seconds = ctx.now().duration_since(started).as_secs_f64();
    let (result, rejects) = read_result(&upload, imported, totals, seconds)?;

    let mut tx = backend.storage.tenant(ctx).await?;
    // First, so that a worker whose lease passed on changes nothing.
    tx.finish_job(claim).await?;
    let now = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    if now.state != UploadState::Importing || now.run != run {
        // Cancelled in the last moment: nothing of this stays, and the next attempt finds nothing to do.
        return Err(UploadError::State { state: now.state }.into());
    }
    tx.set_upload_progress(id, "", counts.records, upload.size)
        .await?;
    tx.save_error(id, None).await?;
    match uploads::result(&upload)? {
        // What is in the figures stays what the page says of them.
        Some(mut standing) if held && upload.live_run.is_some() => {
            standing.held = Some(Box::new(HeldResult {
                run: upload.run,
                result,
            }));
            tx.save_result(id, &serde_json::to_value(&standing)?, standing.counted())
                .await?;
        }
        _ => keep(&mut tx, id, &result, &rejects).await?,
    }
    quality::save(&mut tx, id, upload.run, &verdicts).await?;
    tx.set_read_run(id, upload.run).await?;
    let to = if held {
        UploadState::Held
    } else {
        UploadState::Done
    };
    tx.set_upload_state(id, &[UploadState::Importing], to)
        .await?;
    match built {
        Some(built) => {
            let gold_version = publication::make_known(&mut tx, &built).await?;
            let ran = Ran {
                kind: JOB,
                claim,
                started,
                upload: &upload,
                counts: Some(counts),
                built: &built,
                gold_version,
            };
            lineage::record(&mut tx, ctx, &ran).await?;
        }
        None => {
            let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
            tell(&mut tx, &upload).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What was read, and the first of the records that were not accepted.
fn read_result(
    upload: &Upload,
    imported: Imported,
    totals: Vec<Totals>,
    seconds: f64,
) -> Result<(ImportResult, Vec<Reject>), serde_json::Error> {
    let counts = imported.counts;
    let result = ImportResult {
        rows: counts.records,
        accepted: counts.accepted,
        warnings: counts.warned,
        rejected: counts.rejected,
        blank: counts.blank,
        duplicates: counts.duplicates,
        first_day: imported.first_day,
        last_day: imported.last_day,
        totals,
        seconds,
        duplicate_of: None,
        warned: imported.warned,
        files: imported.files,
        reject_files: imported.rejects.files,
        held: None,
        read_by: ReadBy::of(upload).map(Box::new),
    };
    let rejects = imported.rejects.first.iter().map(uploads::stored_reject);
    Ok((result, rejects.collect::<Result<_, _>>()?))
}

async fn keep(
    tx: &mut TenantTx,
    id: UploadId,
    result: &ImportResult,
    rejects: &[Reject],
) -> Result<(), UploadError> {
    tx.save_result(id, &serde_json::to_value(result)?, result.counted())
        .await?;
    tx.clear_rejects(id).await?;
    tx.insert_rejects(id, rejects).await?;
    Ok(())
}

/// `read`: what was made of the file all the same, for whoever mends it.
async fn refuse(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    upload: &Upload,
    why: UploadFailure,
    read: Option<(ImportResult, Vec<Reject>)>,
) -> Result<(), ImportFailure> {
    let id = upload.id;
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.finish_job(claim).await?;
    if let (Some((result, rejects)), None) = (read, upload.live_run) {
        let now = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
        if now.state == UploadState::Importing && now.run == upload.run {
            keep(&mut tx, id, &result, &rejects).await?;
        }
    }
    fail_upload(&mut tx, id, &why).await?;
    tx.commit().await?;
    let UploadFailure { code, message, .. } = why;
    Err(ImportFailure::Refused { code, message })
}

/// What the death of the job means.
pub(crate) async fn dead(
    tx: &mut TenantTx,
    Payload { upload: id, run }: Payload,
    error: &str,
) -> Result<(), StorageError> {
    let upload = tx.upload(id).await?.ok_or(StorageError::NotFound)?;
    if upload.run != run {
        return Ok(());
    }
    let why = UploadFailure {
        code: "gave_up".to_owned(),
        message: format!("The import failed several times and was given up: {error}"),
        params: [("error".to_owned(), error.to_owned())].into(),
    };
    fail_upload(tx, id, &why).await
}

/// Marks an upload whose import will not be tried again.
async fn fail_upload(
    tx: &mut TenantTx,
    id: UploadId,
    why: &UploadFailure,
) -> Result<(), StorageError> {
    tx.save_error(id, Some(why)).await?;
    tx.settle_upload(id, &[UploadState::Importing], UploadState::Failed)
        .await?;
    let upload = tx.upload(id).await?.ok_or(StorageError::NotFound)?;
    tell(tx, &upload).await
}

/// Reads the file into silver while the upload's row and the browsers are told how far it is.
async fn read(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    upload: &Upload,
) -> Result<Imported, UploadError> {
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let completes = uploads::sources::completes(&mut tx, ctx, upload).await?;
    tx.commit().await?;
    let (sender, receiver) = watch::channel(Progress::default());
    let cancelled = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&cancelled);
    let reading = backend.lake.import(
        ImportJob {
            tenant: ctx.tenant,
            run: Run {
                upload: upload.id,
                run: upload.run,
            },
            attempt: claim.lease_token,
            seq: upload.seq,
            source: uploads::sources::windows(ctx, upload),
            plan: uploads::plan(upload)?,
            completes,
            now_millis: ctx.now().as_millisecond(),
        },
        move |progress| {
            sender.send_replace(progress);
            !stop.load(Ordering::Relaxed)
        },
    );
    tokio::pin!(reading);
    let mut ticks = tokio::time::interval(REPORT_EVERY);
    let mut told = Progress::default();
    loop {
        tokio::select! {
            imported = &mut reading => return Ok(imported?),
            _ = ticks.tick() => {
                let progress = *receiver.borrow();
                if progress == told {
                    continue;
                }
                told = progress;
                let mut tx = backend.storage.tenant(ctx).await?;
                tx.set_upload_progress(upload.id, "reading", progress.records, progress.bytes).await?;
                tx.append_event(UPLOAD_PROGRESS, &json!({
                    "upload": upload.id,
                    "step": "reading",
                    "records": progress.records,
                    "accepted": progress.accepted,
                    "rejected": progress.rejected,
                    "bytes": progress.bytes,
                    "size": upload.size,
                })).await?;
                let now = tx.upload(upload.id).await?.ok_or(UploadError::NotFound)?;
                tx.commit().await?;
                if now.state != UploadState::Importing || now.run != upload.run {
                    cancelled.store(true, Ordering::Relaxed);
                }
            }
        }
    }
}

async fn report(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    step: &str,
    imported: &Imported,
) -> Result<(), ImportFailure> {
    let counts = imported.counts;
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.set_upload_progress(id, step, counts.records, counts.bytes)
        .await?;
    tx.append_event(
        UPLOAD_PROGRESS,
        &json!({
            "upload": id,
            "step": step,
            "records": counts.records,
            "accepted": counts.accepted,
            "rejected": counts.rejected,
            "bytes": counts.bytes,
        }),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn totals(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    versions: lake::GoldVersions,
) -> Result<Vec<Totals>, ImportFailure> {
    let query = metrics::Query::new([
        Metric::GrossSales,
        Metric::NetSales,
        Metric::Orders,
        Metric::Customers,
    ])
    .by([Dimension::Currency])
    .only(Dimension::Upload, [id.to_string()]);
    let table = backend
        .analytics
        .query_at(ctx, versions, &query)
        .await
        .map_err(UploadError::from)?;
    let money = |row, metric| {
        table
            .metric(row, metric)
            .and_then(metrics::Cell::micros)
            .unwrap_or(Micros::ZERO)
    };
    let count = |row, metric| match table.metric(row, metric) {
        Some(metrics::Cell::Count(n)) => Some(*n),
        _ => None,
    };
    Ok((0..table.rows.len())
        .filter_map(|row| {
            Some(Totals {
                currency: table.text(row, 0).parse().ok()?,
                gross_sales: money(row, Metric::GrossSales),
                net_sales: money(row, Metric::NetSales),
                orders: count(row, Metric::Orders).unwrap_or(0),
                customers: count(row, Metric::Customers),
            })
        })
        .collect())
}
