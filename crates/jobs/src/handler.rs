use crate::{Job, events::ProgressHint};
use access::Ctx;
use serde_json::Value;
use std::{future::Future, pin::Pin, sync::Arc};
use storage::{StorageError, TenantTx};
use thiserror::Error;
use tokio::sync::watch;

/// Codes of what no handler says.
pub(crate) const DATABASE: &str = "work_database";
pub(crate) const VANISHED: &str = "work_vanished";
pub(crate) const PANICKED: &str = "work_internal";

/// Why an attempt failed.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct JobError {
    /// Kept with the job.
    pub message: String,
    /// What it is, as far as that is known: kept with the job for whoever reads no English.
    pub code: Option<&'static str>,
    /// False where the same again would fail the same way.
    pub retryable: bool,
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl JobError {
    pub fn retryable(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: None,
            retryable: true,
            source: None,
        }
    }

    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: None,
            retryable: false,
            source: None,
        }
    }

    #[must_use]
    pub fn with_code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }
}

impl From<StorageError> for JobError {
    fn from(error: StorageError) -> Self {
        Self {
            message: error.to_string(),
            code: Some(DATABASE),
            retryable: error.is_transient() || matches!(error, StorageError::Fenced),
            source: Some(Box::new(error)),
        }
    }
}

/// What does the work of one kind of job.
///
/// `run` may end the job itself, with [`TenantTx::finish_job`] in the transaction of its effects; where it has not,
/// the worker does so when `run` returns. It may be begun more than once, and be dropped at any await.
pub trait Handler: Send + Sync + 'static {
    fn run(
        &self,
        ctx: Ctx,
        job: Job,
        progress: Progress,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    /// The job failed for good: what that means for others, in the transaction that marks it dead.
    fn dead(
        &self,
        _tx: &mut TenantTx,
        _job: &Job,
        _error: &str,
    ) -> impl Future<Output = Result<(), StorageError>> + Send {
        async { Ok(()) }
    }
}

impl<F, Running> Handler for F
where
    F: Fn(Ctx, Job, Progress) -> Running + Send + Sync + 'static,
    Running: Future<Output = Result<(), JobError>> + Send,
{
    fn run(
        &self,
        ctx: Ctx,
        job: Job,
        progress: Progress,
    ) -> impl Future<Output = Result<(), JobError>> + Send {
        self(ctx, job, progress)
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`Handler`] behind a pointer, so that handlers of several types stand in one table.
pub(crate) trait AnyHandler: Send + Sync {
    fn run(
        self: Arc<Self>,
        ctx: Ctx,
        job: Job,
        progress: Progress,
    ) -> Boxed<'static, Result<(), JobError>>;
    fn dead<'a>(
        &'a self,
        tx: &'a mut TenantTx,
        job: &'a Job,
        error: &'a str,
    ) -> Boxed<'a, Result<(), StorageError>>;
}

impl<H: Handler> AnyHandler for H {
    fn run(
        self: Arc<Self>,
        ctx: Ctx,
        job: Job,
        progress: Progress,
    ) -> Boxed<'static, Result<(), JobError>> {
        Box::pin(async move { Handler::run(&*self, ctx, job, progress).await })
    }

    fn dead<'a>(
        &'a self,
        tx: &'a mut TenantTx,
        job: &'a Job,
        error: &'a str,
    ) -> Boxed<'a, Result<(), StorageError>> {
        Box::pin(Handler::dead(self, tx, job, error))
    }
}

/// Where a handler says how far it is. As often as it likes: written down and passed on a few times a second.
#[derive(Clone)]
pub struct Progress {
    latest: watch::Sender<Option<Value>>,
}

impl Progress {
    pub(crate) fn new() -> (Self, watch::Receiver<Option<Value>>) {
        let (latest, changes) = watch::channel(None);
        (Self { latest }, changes)
    }

    /// One that nobody listens to: for running a handler's work outside a worker.
    pub fn ignored() -> Self {
        Self::new().0
    }

    pub fn set(&self, progress: Value) {
        self.latest.send_replace(Some(progress));
    }
}

impl ProgressHint {
    pub(crate) fn new(job: &Job, progress: Value) -> Self {
        Self {
            tenant: job.tenant,
            job: job.id,
            kind: job.kind.clone(),
            payload: job.payload.clone(),
            progress,
        }
    }
}
