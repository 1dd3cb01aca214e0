use crate::{
    Claim, Enqueued, Job, JobError, JobState, NewJob,
    handler::{AnyHandler, VANISHED},
};
use access::{Clock, Ctx, Randomness};
use jiff::SignedDuration;
use serde_json::Value;
use storage::{Storage, StorageError, TenantTx};
use types::TenantId;

/// The jobs table, as a worker uses it.
#[derive(Clone)]
pub struct Queue {
    storage: Storage,
    clock: Clock,
    randomness: Randomness,
}

const FIRST_DELAY: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(10);

impl Queue {
    pub fn new(storage: Storage, clock: Clock, randomness: Randomness) -> Self {
        Self {
            storage,
            clock,
            randomness,
        }
    }

    /// Adds work in the transaction that makes it necessary: both are kept, or neither.
    pub async fn enqueue(tx: &mut TenantTx, job: &NewJob) -> Result<Enqueued, StorageError> {
        tx.enqueue_job(job).await
    }

    /// Takes the next job of these kinds: due, nobody of its lock group running; by priority, then the tenant
    /// that waited longest, then age.
    pub async fn claim(
        &self,
        kinds: &[&str],
        worker: &str,
        lease: SignedDuration,
    ) -> Result<Option<Job>, StorageError> {
        // Another worker may begin a job of the same group in the same moment. Whoever loses looks for other work;
        // after a few losses it waits for the next poll.
        for _ in 0..5 {
            let mut tx = self.storage.platform(&self.clock).await?;
            match tx.claim_job(kinds, worker, lease).await {
                Ok(job) => {
                    tx.commit().await?;
                    return Ok(job);
                }
                Err(error) if error.is_conflict("jobs_tenant_id_lock_group") => {}
                Err(StorageError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Extends the lease; `Fenced` where the job is another worker's by now.
    pub async fn heartbeat(&self, claim: Claim, lease: SignedDuration) -> Result<(), StorageError> {
        let mut tx = self.storage.platform(&self.clock).await?;
        tx.extend_lease(claim, lease).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn save_progress(&self, claim: Claim, progress: &Value) -> Result<(), StorageError> {
        let mut tx = self.storage.tenant(&self.ctx(claim.tenant)).await?;
        tx.set_job_progress(claim, progress).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a job that its handler left open. Having been ended in the handler's own transaction is as good.
    pub async fn finish(&self, claim: Claim) -> Result<(), StorageError> {
        let mut tx = self.storage.tenant(&self.ctx(claim.tenant)).await?;
        match tx.finish_job(claim).await {
            Ok(()) => {
                tx.commit().await?;
                Ok(())
            }
            Err(StorageError::Fenced) => {
                drop(tx);
                match self.is_done(claim).await? {
                    true => Ok(()),
                    false => Err(StorageError::Fenced),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// True where the job was ended well under this very claim.
    pub async fn is_done(&self, claim: Claim) -> Result<bool, StorageError> {
        let mut tx = self.storage.tenant_read(&self.ctx(claim.tenant)).await?;
        let job = tx.job(claim.job).await?;
        Ok(job.is_some_and(|job| {
            // Work that recurs waits again once it is done;.
            let ended = job.state == JobState::Done
                || (job.state == JobState::Queued && job.schedule.is_some());
            ended && job.lease_token == claim.lease_token
        }))
    }

    /// Gives the work back unharmed; the attempt does not count.
    pub async fn release(&self, claim: Claim) -> Result<(), StorageError> {
        let mut tx = self.storage.tenant(&self.ctx(claim.tenant)).await?;
        tx.release_job(claim).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Again later, or dead; what death means for others is written in the same transaction.
    pub(crate) async fn fail(
        &self,
        job: &Job,
        error: &JobError,
        handler: &dyn AnyHandler,
    ) -> Result<JobState, StorageError> {
        let retry_at = error
            .retryable
            .then(|| self.clock.now().checked_add(self.delay(job.attempts)).ok())
            .flatten();
        let mut tx = self.storage.tenant(&self.ctx(job.tenant)).await?;
        let state = tx.fail_job(job.claim(), &error.message, retry_at).await?;
        if let Some(code) = error.code {
            tx.name_job_error(job.id, code).await?;
        }
        if state == JobState::Dead {
            handler.dead(&mut tx, job, &error.message).await?;
        }
        tx.commit().await?;
        Ok(state)
    }

    /// Jobs whose worker vanished in their last attempt.
    pub(crate) async fn abandoned(&self) -> Result<Vec<Job>, StorageError> {
        let mut tx = self.storage.platform_read(&self.clock).await?;
        tx.abandoned_jobs().await
    }

    pub(crate) async fn bury(
        &self,
        job: &Job,
        handler: &dyn AnyHandler,
    ) -> Result<(), StorageError> {
        const MESSAGE: &str = "The worker stopped in the middle of the last attempt.";
        let mut tx = self.storage.tenant(&self.ctx(job.tenant)).await?;
        tx.bury_job(job.claim(), MESSAGE).await?;
        tx.name_job_error(job.id, VANISHED).await?;
        handler.dead(&mut tx, job, MESSAGE).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Before the next attempt: doubles each time, with up to a fifth of chance so that what failed together
    /// does not come back together.
    pub fn delay(&self, attempts: u32) -> SignedDuration {
        let doubled = FIRST_DELAY
            .checked_mul(1_i32 << attempts.saturating_sub(1).min(20))
            .unwrap_or(LONGEST_DELAY)
            .min(LONGEST_DELAY);
        let chance = i64::from(u16::from_be_bytes(self.randomness.bytes()));
        let micros = i64::try_from(doubled.as_micros()).unwrap_or(i64::MAX / 4);
        doubled + SignedDuration::from_micros(micros / 5 / i64::from(u16::MAX) * chance)
    }

    pub(crate) fn ctx(&self, tenant: TenantId) -> Ctx {
        Ctx::system(
            "worker",
            tenant,
            self.clock.clone(),
            self.randomness.clone(),
        )
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }
}
