//! A file whose checking was broken off, by a crash or a lost database, is taken up again by a worker.

use super::{
    Upload, UploadError, get,
    inspect::{Look, inspect},
};
use crate::{Backend, import};
use access::Ctx;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{
    Claim, StorageError, TenantTx,
    jobs::NewJob,
    uploads::{
        UploadState,
        UploadState::{Failed, Inspecting, Received},
    },
};
use types::{JobId, UploadId};

/// The kind of the job.
pub(crate) const JOB: &str = "inspect";

const OPEN: [UploadState; 2] = [Received, Inspecting];

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub upload: UploadId,
}

/// Of an upload whose bytes are all there and that nobody has looked at yet.
pub(super) fn received(id: UploadId) -> String {
    format!("{JOB}:{id}")
}

/// Has a worker look, should the upload still be unread by then: in the transaction that begins to read it.
pub(super) async fn watch(
    tx: &mut TenantTx,
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    key: Option<String>,
) -> Result<JobId, UploadError> {
    let mut job = NewJob::new(JOB, serde_json::to_value(Payload { upload: id })?);
    job.dedupe_key = key;
    job.run_at = ctx.now().checked_add(patience(backend)).ok();
    Ok(tx.enqueue_job(&job).await?.id)
}

/// It was read: nobody has to look.
pub(super) async fn over(
    tx: &mut TenantTx,
    id: UploadId,
    watched: Option<JobId>,
) -> Result<(), StorageError> {
    let first = tx.job_by_key(&received(id)).await?.map(|job| job.id);
    for job in watched.into_iter().chain(first) {
        tx.cancel_job(job).await?;
    }
    Ok(())
}

/// As long as a worker is given to show that it is alive.
fn patience(backend: &Backend) -> SignedDuration {
    SignedDuration::from_secs(i64::from(backend.config.lease_seconds))
}

/// Runs the job under this claim. `tried`: an earlier attempt of it began.
pub(crate) async fn run(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    Payload { upload: id }: Payload,
    tried: bool,
) -> Result<(), UploadError> {
    let upload = get(backend, ctx, id).await?;
    if OPEN.contains(&upload.state) && (tried || is_left(backend, ctx, &upload)) {
        let look = Look {
            taken_up: true,
            ..Look::default()
        };
        match inspect(backend, ctx, id, look).await {
            // Somebody was faster.
            Ok(_) | Err(UploadError::State { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.finish_job(claim).await?;
    tx.commit().await?;
    Ok(())
}

/// Nothing happened to it for so long that whoever read it is gone.
fn is_left(backend: &Backend, ctx: &Ctx, upload: &Upload) -> bool {
    let before = ctx.now().checked_sub(patience(backend));
    upload.updated_at <= before.unwrap_or(Timestamp::MIN)
}

/// What the death of the job means.
pub(crate) async fn dead(
    tx: &mut TenantTx,
    Payload { upload: id }: Payload,
) -> Result<(), StorageError> {
    if tx.settle_upload(id, &OPEN, Failed).await? {
        let error = storage::uploads::UploadError {
            code: "io".to_owned(),
            message: "The file could not be read. Upload it again.".to_owned(),
            params: ingest::Params::new(),
        };
        tx.save_error(id, Some(&error)).await?;
        let upload = tx.upload(id).await?.ok_or(StorageError::NotFound)?;
        import::tell(tx, &upload).await?;
    }
    Ok(())
}
