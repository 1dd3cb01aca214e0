//! The worker over real tables: SQLite always, PostgreSQL where `SR360_TEST_POSTGRES_URL` names one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use access::{Clock, Ctx, Randomness};
use jobs::{
    Doorbell, Enqueued, Handler, Job, JobError, JobState, NewJob, Progress, Queue, Worker,
    WorkerOptions,
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use storage::{NewTenant, Storage, StorageError, TenantTx};
use tokio::{sync::watch, task::JoinHandle};
use types::{Currency, JobId, TenantId};

struct World {
    storage: Storage,
    clock: Clock,
    queue: Queue,
    doorbell: Doorbell,
    ctx: Ctx,
    stop: watch::Sender<bool>,
}

impl World {
    async fn new(storage: Storage) -> Self {
        let (clock, randomness) = (Clock::System, Randomness::System);
        let tenant = TenantId(randomness.uuid(clock.now()));
        let mut tx = storage.platform(&clock).await.unwrap();
        tx.insert_tenant(&NewTenant {
            id: tenant,
            slug: "shop".to_owned(),
            name: "Shop".to_owned(),
            timezone: "UTC".to_owned(),
            currency: Currency::EUR,
            locale: "en".to_owned(),
            is_sample: false,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self {
            queue: Queue::new(storage.clone(), clock.clone(), randomness.clone()),
            doorbell: Doorbell::new(&storage),
            ctx: Ctx::system("test", tenant, clock.clone(), randomness),
            storage,
            clock,
            stop: watch::channel(false).0,
        }
    }

    fn worker(&self, options: WorkerOptions) -> Worker {
        Worker::new(self.queue.clone(), self.doorbell.clone(), options)
    }

    fn start(&self, worker: Worker) -> JoinHandle<()> {
        tokio::spawn(worker.run(self.stop.subscribe()))
    }

    async fn enqueue(&self, job: NewJob) -> Enqueued {
        let mut tx = self.storage.tenant(&self.ctx).await.unwrap();
        let enqueued = Queue::enqueue(&mut tx, &job).await.unwrap();
        tx.commit().await.unwrap();
        enqueued
    }

    async fn job(&self, id: JobId) -> Job {
        let mut tx = self.storage.tenant_read(&self.ctx).await.unwrap();
        tx.job(id).await.unwrap().unwrap()
    }

    async fn until(&self, id: JobId, state: JobState) -> Job {
        for _ in 0..400 {
            let job = self.job(id).await;
            if job.state == state {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("job is {:?}, not {state:?}", self.job(id).await);
    }

    async fn event_kinds(&self) -> Vec<String> {
        let mut tx = self.storage.tenant_read(&self.ctx).await.unwrap();
        let events = tx.events_after(0, 100).await.unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }
}

fn quick() -> WorkerOptions {
    WorkerOptions {
        name: "test".to_owned(),
        slots: 4,
        lease: Duration::from_secs(5),
        poll: Duration::from_millis(50),
        progress: Duration::from_millis(20),
        drain: Duration::from_secs(5),
    }
}

macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(super::World::new(storage).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(url) = storage::scratch::postgres_url() else { return };
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(super::World::new(storage).await).await;
            })*
        }
    };
}

on_both! {
    work_is_done_and_woken
    effects_and_end_are_one_transaction
    what_fails_is_tried_again
    what_cannot_get_better_is_dead_and_says_so
    a_panic_ends_the_attempt_only
    long_work_keeps_its_lease
    a_lost_lease_stops_the_work
    an_abandoned_job_is_taken_up
    an_abandoned_last_attempt_is_dead
    progress_is_passed_on_and_written_down
    stopping_lets_work_end
    stopping_gives_long_work_back
    a_group_never_runs_twice_at_once
    other_processes_are_heard
}

async fn work_is_done_and_woken(w: World) {
    let mut options = quick();
    // Only the wake-up can be this quick.
    options.poll = Duration::from_secs(600);
    let tenant = w.ctx.tenant;
    let worker = w.worker(options).handle(
        "import",
        move |ctx: Ctx, job: Job, _: Progress| async move {
            assert_eq!((ctx.tenant, job.payload), (tenant, json!({"n": 1})));
            Ok(())
        },
    );
    let running = w.start(worker);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let id = w.enqueue(NewJob::new("import", json!({"n": 1}))).await.id;
    let other = w.enqueue(NewJob::new("unknown", json!({}))).await.id;
    w.until(id, JobState::Done).await;
    assert_eq!(w.job(other).await.state, JobState::Queued);
    w.stop.send_replace(true);
    running.await.unwrap();
}

async fn effects_and_end_are_one_transaction(w: World) {
    let storage = w.storage.clone();
    let worker = w
        .worker(quick())
        .handle("import", move |ctx: Ctx, job: Job, _: Progress| {
            let storage = storage.clone();
            async move {
                let mut tx = storage.tenant(&ctx).await?;
                tx.append_event("etl.completed", &json!({})).await?;
                tx.finish_job(job.claim()).await?;
                tx.commit().await?;
                Ok(())
            }
        });
    w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    w.until(id, JobState::Done).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(w.event_kinds().await, ["etl.completed"]);
    assert_eq!(w.job(id).await.attempts, 1);
}

async fn what_fails_is_tried_again(w: World) {
    let worker = w
        .worker(quick())
        .handle("import", |_: Ctx, job: Job, _: Progress| async move {
            if job.attempts == 1 {
                Err(JobError::retryable("disk full"))
            } else {
                Ok(())
            }
        });
    w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    let failed = w.until(id, JobState::Queued).await;
    assert!(failed.attempts <= 1);
    let done = w.until(id, JobState::Done).await;
    assert_eq!(
        (done.attempts, done.last_error.as_deref()),
        (2, Some("disk full"))
    );
}

struct Doomed;

impl Handler for Doomed {
    async fn run(&self, _: Ctx, _: Job, _: Progress) -> Result<(), JobError> {
        Err(JobError::permanent("not a table").with_code("work_file"))
    }

    async fn dead(&self, tx: &mut TenantTx, job: &Job, error: &str) -> Result<(), StorageError> {
        let payload = json!({"job": job.id, "error": error});
        tx.append_event("import.failed", &payload).await?;
        Ok(())
    }
}

async fn what_cannot_get_better_is_dead_and_says_so(w: World) {
    w.start(w.worker(quick()).handle("import", Doomed));
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    let dead = w.until(id, JobState::Dead).await;
    assert_eq!(
        (dead.attempts, dead.last_error.as_deref()),
        (1, Some("not a table"))
    );
    assert_eq!(dead.last_error_code.as_deref(), Some("work_file"));
    assert_eq!(w.event_kinds().await, ["import.failed"]);
}

async fn a_panic_ends_the_attempt_only(w: World) {
    let worker = w
        .worker(quick())
        .handle("import", |_: Ctx, job: Job, _: Progress| async move {
            assert!(job.payload != json!("poison"), "swallowed poison");
            Ok(())
        });
    let running = w.start(worker);
    let mut poison = NewJob::new("import", json!("poison"));
    poison.max_attempts = 1;
    let poison = w.enqueue(poison).await.id;
    let dead = w.until(poison, JobState::Dead).await;
    assert_eq!(dead.last_error_code.as_deref(), Some("work_internal"));
    let error = dead.last_error.unwrap();
    assert!(error.contains("swallowed poison"), "{error}");
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    w.until(id, JobState::Done).await;
    assert!(!running.is_finished());
}

async fn long_work_keeps_its_lease(w: World) {
    let mut options = quick();
    options.lease = Duration::from_millis(600);
    let runs = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&runs);
    let worker = w
        .worker(options)
        .handle("import", move |_: Ctx, _: Job, _: Progress| {
            seen.fetch_add(1, Ordering::SeqCst);
            async {
                tokio::time::sleep(Duration::from_secs(2)).await;
                Ok(())
            }
        });
    w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    let done = w.until(id, JobState::Done).await;
    assert_eq!((done.attempts, runs.load(Ordering::SeqCst)), (1, 1));
}

/// Another worker's claim, as if this one had been paused past its lease.
async fn steal(w: &World, id: JobId) {
    let job = w.job(id).await;
    let mut tx = w.storage.tenant(&w.ctx).await.unwrap();
    tx.release_job(job.claim()).await.unwrap();
    tx.commit().await.unwrap();
    let lease = jiff::SignedDuration::from_secs(60);
    let stolen = w.queue.claim(&["import"], "other", lease).await.unwrap();
    assert_eq!(stolen.unwrap().id, id);
}

async fn a_lost_lease_stops_the_work(w: World) {
    let mut options = quick();
    options.lease = Duration::from_millis(600);
    // Busy with the one job: it cannot take it up again before the other does.
    options.slots = 1;
    let storage = w.storage.clone();
    let (begun, mut has_begun) = watch::channel(false);
    let (tried, mut has_tried) = watch::channel(None);
    let begun = Arc::new(begun);
    let tried = Arc::new(tried);
    let worker = w
        .worker(options)
        .handle("import", move |ctx: Ctx, job: Job, _: Progress| {
            let (storage, begun, tried) = (storage.clone(), begun.clone(), tried.clone());
            // What cannot be stopped is refused.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut tx = storage.tenant(&ctx).await.unwrap();
                tx.append_event("etl.completed", &json!({})).await.unwrap();
                let fenced = matches!(tx.finish_job(job.claim()).await, Err(StorageError::Fenced));
                tried.send_replace(Some(fenced));
            });
            async move {
                begun.send_replace(true);
                std::future::pending().await
            }
        });
    let running = w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    has_begun.wait_for(|begun| *begun).await.unwrap();
    steal(&w, id).await;
    let fenced = *has_tried.wait_for(Option::is_some).await.unwrap();
    assert_eq!(fenced, Some(true));
    // The handler that never ends was dropped: stopping takes no draining.
    w.stop.send_replace(true);
    tokio::time::timeout(Duration::from_secs(3), running)
        .await
        .unwrap()
        .unwrap();
    let job = w.job(id).await;
    assert_eq!(
        (job.state, job.worker.as_deref()),
        (JobState::Running, Some("other"))
    );
    assert_eq!(w.event_kinds().await, [""; 0]);
}

async fn an_abandoned_job_is_taken_up(w: World) {
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    let lease = jiff::SignedDuration::from_millis(300);
    w.queue
        .claim(&["import"], "killed", lease)
        .await
        .unwrap()
        .unwrap();
    let worker = w
        .worker(quick())
        .handle("import", |_: Ctx, _: Job, _: Progress| async { Ok(()) });
    w.start(worker);
    let done = w.until(id, JobState::Done).await;
    assert_eq!((done.attempts, done.lease_token), (2, 2));
}

async fn an_abandoned_last_attempt_is_dead(w: World) {
    let mut job = NewJob::new("import", json!({}));
    job.max_attempts = 1;
    let id = w.enqueue(job).await.id;
    let lease = jiff::SignedDuration::from_millis(300);
    w.queue
        .claim(&["import"], "killed", lease)
        .await
        .unwrap()
        .unwrap();
    w.start(w.worker(quick()).handle("import", Doomed));
    let dead = w.until(id, JobState::Dead).await;
    assert_eq!(dead.attempts, 1);
    assert_eq!(w.event_kinds().await, ["import.failed"]);
}

async fn progress_is_passed_on_and_written_down(w: World) {
    let mut hints = w.doorbell.subscribe_progress();
    let worker =
        w.worker(quick())
            .handle("import", |_: Ctx, _: Job, progress: Progress| async move {
                for rows in 1..=1000 {
                    progress.set(json!({ "rows": rows }));
                    tokio::time::sleep(Duration::from_micros(300)).await;
                }
                Ok(())
            });
    w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!("upload"))).await.id;
    let done = w.until(id, JobState::Done).await;
    assert_eq!(done.progress, Some(json!({"rows": 1000})));
    let mut count = 0;
    let mut last = None;
    while let Ok(hint) = hints.try_recv() {
        assert_eq!((hint.job, &hint.payload), (id, &json!("upload")));
        last = Some(hint.progress);
        count += 1;
    }
    assert_eq!(last, Some(json!({"rows": 1000})));
    assert!((2..200).contains(&count), "{count} hints for 1000 steps");
}

async fn stopping_lets_work_end(w: World) {
    let (begun, mut has_begun) = watch::channel(false);
    let begun = Arc::new(begun);
    let worker = w
        .worker(quick())
        .handle("import", move |_: Ctx, _: Job, _: Progress| {
            begun.send_replace(true);
            async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                Ok(())
            }
        });
    let running = w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    has_begun.wait_for(|begun| *begun).await.unwrap();
    w.stop.send_replace(true);
    let late = w.enqueue(NewJob::new("import", json!({}))).await.id;
    running.await.unwrap();
    assert_eq!(w.job(id).await.state, JobState::Done);
    assert_eq!(w.job(late).await.state, JobState::Queued);
}

async fn stopping_gives_long_work_back(w: World) {
    let (begun, mut has_begun) = watch::channel(false);
    let begun = Arc::new(begun);
    let mut options = quick();
    options.drain = Duration::from_millis(200);
    let worker = w
        .worker(options)
        .handle("import", move |_: Ctx, _: Job, _: Progress| {
            begun.send_replace(true);
            std::future::pending()
        });
    let running = w.start(worker);
    let id = w.enqueue(NewJob::new("import", json!({}))).await.id;
    has_begun.wait_for(|begun| *begun).await.unwrap();
    w.stop.send_replace(true);
    running.await.unwrap();
    let job = w.job(id).await;
    assert_eq!((job.state, job.attempts), (JobState::Queued, 0));
}

async fn a_group_never_runs_twice_at_once(w: World) {
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    for _ in 0..2 {
        let (now, most) = (now.clone(), most.clone());
        let worker = w
            .worker(quick())
            .handle("import", move |_: Ctx, _: Job, _: Progress| {
                let (now, most) = (now.clone(), most.clone());
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                }
            });
        w.start(worker);
    }
    let mut ids = Vec::new();
    for _ in 0..10 {
        let mut job = NewJob::new("import", json!({}));
        job.lock_group = Some("orders".to_owned());
        ids.push(w.enqueue(job).await.id);
    }
    for id in ids {
        assert_eq!(w.until(id, JobState::Done).await.attempts, 1);
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

async fn other_processes_are_heard(w: World) {
    // A second connection to the same tables rings its own signals only.
    let here = Doorbell::new(&w.storage);
    let mut rings = here.subscribe();
    let (clock, stop) = (w.clock.clone(), w.stop.subscribe());
    let watching =
        tokio::spawn(async move { here.watch(&clock, Duration::from_millis(50), stop).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut tx = w.storage.tenant(&w.ctx).await.unwrap();
    tx.append_event("x", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    // Once by the commit, once by the poll that found it.
    for _ in 0..2 {
        let ring = tokio::time::timeout(Duration::from_secs(5), rings.recv()).await;
        assert_eq!(ring.unwrap().unwrap(), (w.ctx.tenant, 1));
    }
    w.stop.send_replace(true);
    watching.await.unwrap().unwrap();
}

#[test]
fn delays_grow_with_a_share_of_chance() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let storage = runtime.block_on(Storage::open("sqlite::memory:")).unwrap();
    let queue = Queue::new(storage, Clock::System, Randomness::seeded(1));
    for (attempts, seconds) in [
        (1, 2),
        (2, 4),
        (3, 8),
        (9, 512),
        (10, 600),
        (4_000_000, 600),
    ] {
        let delay = queue.delay(attempts).as_millis();
        let base = seconds * 1000;
        assert!(
            (base..=base * 6 / 5).contains(&delay),
            "{attempts}: {delay}"
        );
    }
}
