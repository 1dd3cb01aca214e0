//! Jobs as those see them who look after a tenant: what was given up and why, and trying again.

use crate::{
    Backend, import, publication,
    uploads::{self, UploadError},
};
use access::{Action, Ctx, Resource, authorize};
use storage::{Job, JobState, uploads::UploadState};
use types::JobId;

const SHOWN: u32 = 100;

/// Jobs that were given up, and those that recur and fail, with their last error, the latest first.
pub async fn dead(backend: &Backend, ctx: &Ctx) -> Result<Vec<Job>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let mut jobs = tx.jobs_in(JobState::Dead, SHOWN).await?;
    jobs.extend(tx.failing_jobs(SHOWN).await?);
    tx.commit().await?;
    jobs.sort_by_key(|job| std::cmp::Reverse(job.updated_at));
    Ok(jobs)
}

/// Gives a dead job another set of attempts, and its upload the state it had while the job ran; what recurs is done now.
///
/// # Errors
/// [`UploadError::NotFound`] where there is no such job; [`UploadError::State`] where it is not dead, or its upload
/// has gone another way since.
pub async fn retry(backend: &Backend, ctx: &Ctx, id: JobId) -> Result<(), UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let job = tx.job(id).await?.ok_or(UploadError::NotFound)?;
    match job.kind.as_str() {
        import::JOB => {
            tx.rollback().await?;
            let import::Payload { upload, run } = serde_json::from_value(job.payload)?;
            let now = uploads::get(backend, ctx, upload).await?;
            if now.run != run {
                return Err(UploadError::State { state: now.state });
            }
            uploads::retry(backend, ctx, upload).await?;
        }
        publication::JOB => {
            let payload: publication::Payload = serde_json::from_value(job.payload)?;
            let upload = tx
                .upload(payload.upload)
                .await?
                .ok_or(UploadError::NotFound)?;
            let refused = UploadError::State {
                state: upload.state,
            };
            let begun = match payload.live {
                Some(_) => {
                    tx.set_upload_state(upload.id, &[payload.otherwise], UploadState::Importing)
                        .await?
                }
                None => tx.begin_undo(upload.id).await?,
            };
            if !begun || !tx.revive_job(id).await? {
                return Err(refused);
            }
            tx.save_error(upload.id, None).await?;
            let upload = tx.upload(upload.id).await?.ok_or(UploadError::NotFound)?;
            import::tell(&mut tx, &upload).await?;
            tx.commit().await?;
        }
        _ => {
            if !tx.revive_job(id).await? {
                tx.hasten_job(id).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}
