//! What is done at night: files that no table has any more, uploads that nobody finished, old tokens.

use crate::{Backend, publication, uploads, uploads::UploadError};
use access::Ctx;
use analytics::DATA_SET;
use ingest::DataSet;
use jiff::{SignedDuration, Timestamp};
use lake::{GoldVersions, Table, Vacuumed};
use std::{sync::Arc, time::Duration};
use storage::{
    Claim, NewJob, Schedule, StorageError,
    uploads::{UploadFilter, UploadState},
};
use tokio::sync::watch;

/// The kind of the job.
pub const JOB: &str = "maintenance";
/// Earlier versions of the figures can be read for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// An upload that is not finished by then is given up.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(7 * 24);
const AT: Schedule = Schedule::Daily {
    hour: 3,
    minute: 30,
};
/// How often it is looked whether every tenant has its schedule, and whether tokens are to be forgotten.
const ROUND: Duration = Duration::from_secs(60 * 60);

/// What a night's work came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    pub vacuumed: Vacuumed,
    pub given_up: u64,
}

/// One tenant's night. No import runs meanwhile: they share a lock group.
pub async fn run(backend: &Backend, ctx: &Ctx, claim: Claim) -> Result<Tidied, UploadError> {
    let before = |span| ctx.now().checked_sub(span).unwrap_or(Timestamp::MIN);
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let gold = tx.gold(DATA_SET).await?;
    let mut rows = Vec::new();
    for table in Table::all().filter(|table| *table != Table::Of(DataSet::Orders)) {
        rows.push((table, publication::rows_version(&mut tx, table).await?));
    }
    let unfinished = tx
        .uploads(&UploadFilter {
            states: vec![UploadState::Receiving],
            before: Some(before(UNFINISHED)),
            limit: 1_000,
            ..UploadFilter::default()
        })
        .await?;
    tx.commit().await?;
    let published: GoldVersions = publication::kept(gold.tables)?;
    let vacuumed = backend
        .lake
        .vacuum(ctx.tenant, published, &rows, before(KEPT).as_microsecond())
        .await?;
    let mut given_up = 0;
    for upload in unfinished.items {
        if upload.updated_at < before(UNFINISHED) {
            uploads::cancel(backend, ctx, upload.id).await?;
            let chunks = format!("{}/chunks", uploads::folder(ctx, upload.id));
            backend.objects.delete_prefix(&chunks).await?;
            given_up += 1;
        }
    }
    tracing::info!(
        vacuumed.files,
        vacuumed.bytes,
        uploads.given_up = given_up,
        "tidied up"
    );
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.finish_job(claim).await?;
    tx.commit().await?;
    Ok(Tidied { vacuumed, given_up })
}

/// Gives every tenant its night, where it has none yet.
pub async fn schedule(backend: &Backend) -> Result<(), StorageError> {
    let mut tx = backend.storage.platform_read(&backend.clock).await?;
    let tenants = tx.tenants_without_job(JOB).await?;
    tx.commit().await?;
    for tenant in tenants {
        let ctx = backend.system_ctx(tenant, "maintenance");
        let mut job = NewJob::new(JOB, serde_json::json!({}));
        job.dedupe_key = Some(JOB.to_owned());
        job.lock_group = Some(uploads::lock_group(&ctx));
        // Nobody waits for it.
        job.priority = -10;
        let mut tx = backend.storage.tenant(&ctx).await?;
        tx.schedule_job(&job, AT).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Keeps the schedules and forgets old tokens until told to stop.
pub(crate) async fn rounds(backend: Arc<Backend>, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = schedule(&backend).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "nothing scheduled"
            );
        }
        if let Err(error) = backend.identity.clean_up().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old tokens not forgotten"
            );
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}
