use crate::{
    Backend,
    import::{self, ImportFailure},
    publication,
    uploads::UploadError,
};
use access::Ctx;
use jobs::{Handler, Job, JobError, Progress, Queue, Worker, WorkerOptions};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use storage::{StorageError, TenantTx};
use tokio::{sync::watch, task::JoinHandle};
use types::UploadId;

/// Workers of this process, until they are told to stop.
pub struct Workers {
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Workers {
    /// Waits for the jobs under way; those not done in time are left for another worker.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the workers stopped with an error");
        }
    }
}

impl Backend {
    pub fn spawn_workers(self: &Arc<Self>) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let queue = Queue::new(
            self.storage.clone(),
            self.clock.clone(),
            self.randomness.clone(),
        );
        let options = WorkerOptions {
            slots: self.config.worker_concurrency,
            lease: Duration::from_secs(u64::from(self.config.lease_seconds)),
            ..WorkerOptions::default()
        };
        let worker = Worker::new(queue, self.doorbell.clone(), options)
            .handle(import::JOB, Import(Arc::clone(self)))
            .handle(publication::JOB, Publish(Arc::clone(self)));
        Workers {
            stop,
            running: tokio::spawn(worker.run(stopped)),
        }
    }
}

fn failed(error: UploadError) -> JobError {
    JobError {
        message: error.to_string(),
        retryable: true,
        source: Some(Box::new(error)),
    }
}

struct Import(Arc<Backend>);

#[derive(Deserialize)]
struct Payload {
    upload: UploadId,
}

fn payload(job: &Job) -> Result<Payload, serde_json::Error> {
    serde_json::from_value(job.payload.clone())
}

impl Handler for Import {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        let upload = payload(&job)
            .map_err(|e| JobError::permanent(e.to_string()))?
            .upload;
        match import::run(&self.0, &ctx, job.claim(), upload).await {
            // Refused files are the merchant's to mend, and the upload says how.
            Ok(()) | Err(ImportFailure::Refused { .. }) => Ok(()),
            Err(ImportFailure::Upload(error)) => Err(failed(error)),
        }
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, error: &str) -> Result<(), StorageError> {
        let Ok(Payload { upload }) = payload(job) else {
            return Ok(());
        };
        let message = format!("The import failed several times and was given up: {error}");
        import::fail_upload(tx, upload, "gave_up", &message).await
    }
}

struct Publish(Arc<Backend>);

impl Handler for Publish {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        let payload = serde_json::from_value(job.payload.clone())
            .map_err(|e| JobError::permanent(e.to_string()))?;
        match publication::run(&self.0, &ctx, job.claim(), payload).await {
            Ok(()) => Ok(()),
            Err(ImportFailure::Refused { message, .. }) => Err(JobError::permanent(message)),
            Err(ImportFailure::Upload(error)) => Err(failed(error)),
        }
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, error: &str) -> Result<(), StorageError> {
        match serde_json::from_value(job.payload.clone()) {
            Ok(payload) => publication::dead(tx, payload, error).await,
            Err(_) => Ok(()),
        }
    }
}
