use crate::{
    Doorbell, Handler, Job, JobError, JobState, Progress, ProgressHint, Queue,
    handler::{AnyHandler, PANICKED},
};
use jiff::SignedDuration;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc, time::Duration};
use storage::StorageError;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};
use tracing::Instrument;

#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Written beside the jobs it has claimed.
    pub name: String,
    /// Jobs at a time.
    pub slots: usize,
    /// How long a job stays claimed without a sign of life; it is given three times in this span.
    pub lease: Duration,
    /// How long new work of another process may go unnoticed.
    pub poll: Duration,
    /// Progress is passed on this often, and written down every fourth time.
    pub progress: Duration,
    /// How long running work may go on once the worker is told to stop.
    pub drain: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            name: format!("worker {}", std::process::id()),
            slots: 2,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            progress: Duration::from_millis(250),
            drain: Duration::from_secs(30),
        }
    }
}

/// Runs jobs of the kinds it has handlers for.
pub struct Worker {
    queue: Queue,
    doorbell: Doorbell,
    options: WorkerOptions,
    handlers: HashMap<String, Arc<dyn AnyHandler>>,
}

impl Worker {
    pub fn new(queue: Queue, doorbell: Doorbell, options: WorkerOptions) -> Self {
        Self {
            queue,
            doorbell,
            options,
            handlers: HashMap::new(),
        }
    }

    /// What runs jobs of this kind: a [`Handler`], or an async closure of (Ctx, Job, Progress).
    #[must_use]
    pub fn handle(mut self, kind: impl Into<String>, handler: impl Handler) -> Self {
        self.handlers.insert(kind.into(), Arc::new(handler));
        self
    }

    /// Works until `stop` turns true, then lets running work end, or gives it back when that takes too long.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        let slots = Arc::new(Semaphore::new(worker.options.slots.max(1)));
        let (abort, aborted) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut last_look = None;
        loop {
            while running.try_join_next().is_some() {}
            let permit = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                permit = Arc::clone(&slots).acquire_owned() => permit,
            };
            let Ok(permit) = permit else { break };
            if last_look.is_none_or(|at: Instant| at.elapsed() >= worker.options.poll) {
                worker.bury_abandoned().await;
                last_look = Some(Instant::now());
            }
            if let Some((job, handler)) = worker.claim().await {
                if *stop.borrow() {
                    // Told to stop while asking: begin nothing new.
                    worker.give_back(&job).await;
                    break;
                }
                let (worker, aborted) = (Arc::clone(&worker), aborted.clone());
                let span = tracing::info_span!(
                    "job",
                    job.id = %job.id,
                    job.kind = job.kind,
                    job.attempt = job.attempts,
                    tenant.id = %job.tenant
                );
                running.spawn(
                    async move {
                        worker.work(job, handler, aborted).await;
                        drop(permit);
                    }
                    .instrument(span),
                );
                continue;
            }
            drop(permit);
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                () = worker.queue.storage().signals().jobs().notified() => {}
                () = tokio::time::sleep(worker.options.poll) => {}
            }
        }
        let drained = tokio::time::timeout(worker.options.drain, async {
            while running.join_next().await.is_some() {}
        });
        if drained.await.is_err() {
            abort.send_replace(true);
            while running.join_next().await.is_some() {}
        }
    }

    async fn claim(&self) -> Option<(Job, Arc<dyn AnyHandler>)> {
        let kinds: Vec<&str> = self.handlers.keys().map(String::as_str).collect();
        let claimed = self
            .queue
            .claim(&kinds, &self.options.name, signed(self.options.lease))
            .await;
        match claimed {
            Ok(job) => {
                let job = job?;
                let handler = Arc::clone(self.handlers.get(&job.kind)?);
                Some((job, handler))
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no job claimed");
                None
            }
        }
    }

    async fn bury_abandoned(&self) {
        let abandoned = match self.queue.abandoned().await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "abandoned jobs not found"
                );
                return;
            }
        };
        for job in abandoned {
            let Some(handler) = self.handlers.get(&job.kind) else {
                continue;
            };
            match self.queue.bury(&job, &**handler).await {
                Ok(()) => {
                    tracing::error!(job.id = %job.id, job.kind, "job dead: its worker vanished")
                }
                // Its worker lives, or another buried it.
                Err(StorageError::Fenced) => {}
                Err(error) => {
                    tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error, "job not buried");
                }
            }
        }
    }

    /// One attempt, from the claim to its end.
    async fn work(
        &self,
        job: Job,
        handler: Arc<dyn AnyHandler>,
        mut aborted: watch::Receiver<bool>,
    ) {
        tracing::info!("job begun");
        let begun = Instant::now();
        let (progress, changes) = Progress::new();
        let ctx = self.queue.ctx(job.tenant);
        // A task of its own, so that a panic ends the attempt and not the worker.
        let mut attempt = tokio::spawn(
            Arc::clone(&handler)
                .run(ctx, job.clone(), progress)
                .in_current_span(),
        );
        let outcome = {
            let fenced = self.keep(&job);
            let report = self.report(&job, changes.clone());
            tokio::pin!(fenced, report);
            let mut reporting = true;
            loop {
                tokio::select! {
                    ended = &mut attempt => break Outcome::Ended(ended),
                    () = &mut fenced => break Outcome::Fenced,
                    _ = aborted.wait_for(|aborted| *aborted) => break Outcome::Aborted,
                    () = &mut report, if reporting => reporting = false,
                }
            }
        };
        let result = match outcome {
            Outcome::Ended(Ok(result)) => result,
            Outcome::Ended(Err(failure)) => {
                Err(JobError::retryable(panic_message(failure)).with_code(PANICKED))
            }
            Outcome::Fenced => {
                attempt.abort();
                let _ = attempt.await;
                tracing::warn!("job lost to another worker");
                return;
            }
            Outcome::Aborted => {
                attempt.abort();
                let _ = attempt.await;
                self.give_back(&job).await;
                return;
            }
        };
        let last = changes.borrow().clone();
        self.end(&job, result, last, &*handler, begun).await;
    }

    async fn give_back(&self, job: &Job) {
        match self.queue.release(job.claim()).await {
            Ok(()) => tracing::info!(job.id = %job.id, "job given back"),
            // It came to its end in that moment.
            Err(StorageError::Fenced) => {}
            Err(error) => {
                tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error, "job not given back");
            }
        }
    }

    async fn end(
        &self,
        job: &Job,
        result: Result<(), JobError>,
        progress: Option<Value>,
        handler: &dyn AnyHandler,
        begun: Instant,
    ) {
        if let Some(progress) = progress {
            self.doorbell
                .publish(ProgressHint::new(job, progress.clone()));
            // Refused where the handler has ended the job itself: then it is of no more interest.
            let _ = self.queue.save_progress(job.claim(), &progress).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        // The database may be away for a moment: what is not written now costs a whole attempt.
        for pause in [100, 400, 1600, 0] {
            let ended = match &result {
                Ok(()) => self
                    .queue
                    .finish(job.claim())
                    .await
                    .map(|()| JobState::Done),
                Err(error) => self.queue.fail(job, error, handler).await,
            };
            match ended {
                Ok(state) => {
                    match (&result, state) {
                        (Err(error), JobState::Dead) => {
                            tracing::error!(
                                seconds,
                                error = error as &dyn std::error::Error,
                                "job dead"
                            );
                        }
                        (Err(error), _) => {
                            tracing::warn!(
                                seconds,
                                error = error as &dyn std::error::Error,
                                "job failed, tried again later"
                            );
                        }
                        (Ok(()), _) => tracing::info!(seconds, "job done"),
                    }
                    return;
                }
                Err(error) if error.is_transient() && pause > 0 => {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                Err(error) => {
                    // The lease runs out, and the job is begun again.
                    tracing::warn!(
                        seconds,
                        error = &error as &dyn std::error::Error,
                        "end of job not written"
                    );
                    return;
                }
            }
        }
    }

    /// Gives signs of life; returns when the job is no longer this worker's.
    async fn keep(&self, job: &Job) {
        let lease = signed(self.options.lease);
        loop {
            tokio::time::sleep(self.options.lease / 3).await;
            match self.queue.heartbeat(job.claim(), lease).await {
                Ok(()) => {}
                Err(StorageError::Fenced) => match self.queue.is_done(job.claim()).await {
                    // The handler has ended the job itself, and has something left to do.
                    Ok(true) => return std::future::pending().await,
                    _ => return,
                },
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "no sign of life given"
                    );
                }
            }
        }
    }

    /// Passes progress on; returns when the handler says no more.
    async fn report(&self, job: &Job, mut changes: watch::Receiver<Option<Value>>) {
        let mut tick = tokio::time::interval(self.options.progress);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0_u64;
        while changes.changed().await.is_ok() {
            tick.tick().await;
            let Some(progress) = changes.borrow_and_update().clone() else {
                continue;
            };
            self.doorbell
                .publish(ProgressHint::new(job, progress.clone()));
            if ticks.is_multiple_of(4)
                && let Err(error) = self.queue.save_progress(job.claim(), &progress).await
            {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "progress not written"
                );
            }
            ticks += 1;
        }
    }
}

enum Outcome {
    Ended(Result<Result<(), JobError>, tokio::task::JoinError>),
    Fenced,
    Aborted,
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn panic_message(failure: tokio::task::JoinError) -> String {
    match failure.try_into_panic() {
        Ok(payload) => {
            let text = payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| payload.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            format!("panicked: {text}")
        }
        Err(_) => "stopped".to_owned(),
    }
}
