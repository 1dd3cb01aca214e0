use crate::{
    Backend,
    import::{self, ImportFailure},
    maintenance, problems, publication,
    uploads::{UploadError, resume},
    watches::{self, WatchError},
};
use access::Ctx;
use jobs::{Handler, Job, JobError, Progress, Queue, Worker, WorkerOptions};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use storage::{StorageError, TenantTx};
use tokio::{sync::watch, task::JoinHandle};

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
            .handle(resume::JOB, Inspect(Arc::clone(self)))
            .handle(publication::JOB, Publish(Arc::clone(self)))
            .handle(maintenance::JOB, Maintenance(Arc::clone(self)))
            .handle(watches::JOB, Watch(Arc::clone(self)));
        let rounds = maintenance::rounds(Arc::clone(self), stopped.clone());
        Workers {
            stop,
            running: tokio::spawn(async {
                tokio::join!(worker.run(stopped), rounds);
            }),
        }
    }
}

fn failed(error: UploadError) -> JobError {
    JobError {
        message: error.to_string(),
        code: Some(problems::code(&error)),
        retryable: true,
        source: Some(Box::new(error)),
    }
}

struct Import(Arc<Backend>);

fn payload<T: DeserializeOwned>(job: &Job) -> Result<T, JobError> {
    serde_json::from_value(job.payload.clone())
        .map_err(|e| JobError::permanent(e.to_string()).with_code(problems::INTERNAL))
}

impl Handler for Import {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        match import::run(&self.0, &ctx, job.claim(), payload(&job)?).await {
            // Refused files are the merchant's to mend, and the upload says how.
            Ok(()) | Err(ImportFailure::Refused { .. }) => Ok(()),
            Err(ImportFailure::Upload(error)) => Err(failed(error)),
        }
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, error: &str) -> Result<(), StorageError> {
        match payload(job) {
            Ok(payload) => import::dead(tx, payload, error).await,
            Err(_) => Ok(()),
        }
    }
}

struct Inspect(Arc<Backend>);

impl Handler for Inspect {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        let tried = job.attempts > 1;
        let run = resume::run(&self.0, &ctx, job.claim(), payload(&job)?, tried).await;
        run.map_err(failed)
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, _error: &str) -> Result<(), StorageError> {
        match payload(job) {
            Ok(payload) => resume::dead(tx, payload).await,
            Err(_) => Ok(()),
        }
    }
}

struct Publish(Arc<Backend>);

impl Handler for Publish {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        match publication::run(&self.0, &ctx, job.claim(), payload(&job)?).await {
            Ok(()) => Ok(()),
            Err(ImportFailure::Refused { message, .. }) => {
                Err(JobError::permanent(message).with_code(problems::FILE))
            }
            Err(ImportFailure::Upload(error)) => Err(failed(error)),
        }
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, error: &str) -> Result<(), StorageError> {
        match payload(job) {
            Ok(payload) => publication::dead(tx, payload, error).await,
            Err(_) => Ok(()),
        }
    }
}

struct Maintenance(Arc<Backend>);

impl Handler for Maintenance {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        match maintenance::run(&self.0, &ctx, job.claim()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

struct Watch(Arc<Backend>);

impl Handler for Watch {
    async fn run(&self, ctx: Ctx, job: Job, _progress: Progress) -> Result<(), JobError> {
        let looked = watches::run(&self.0, &ctx, job.claim(), payload(&job)?).await;
        looked.map_err(|error| match error {
            WatchError::Storage(error) => error.into(),
            WatchError::Upload(error) => failed(error),
            error => JobError::retryable(error.to_string()).with_code(problems::INTERNAL),
        })
    }
}
