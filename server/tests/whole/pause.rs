//! Workers that stand still for longer than their lease, and files that no worker survives.

use crate::process::{Points, Shop, figures, orders, signal, until};
use access::Ctx;
use backend::{
    Backend,
    storage::{JobState, uploads::UploadState},
    work,
};
use std::{
    process::Child,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PAUSES: u64 = 4;
/// Until a lease of one second has run out and another worker has looked.
const LONGER_THAN_THE_LEASE: Duration = Duration::from_millis(2_500);

/// Stops the process, but never while it holds SQLite's one write lock: then nobody could write until it wakes, and
/// there would be nothing to see.
async fn stop(process: &Child, backend: &Backend, ctx: &Ctx) {
    loop {
        signal(process, "STOP");
        let free = tokio::time::timeout(Duration::from_millis(500), backend.storage.tenant(ctx));
        match free.await {
            Ok(Ok(tx)) => return tx.rollback().await.unwrap(),
            _ => signal(process, "CONT"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_worker_paused_past_its_lease_changes_nothing_when_it_wakes() {
    let mut points = Points::new();
    let files = TempDir::new().unwrap();
    let file = orders(files.path(), 150);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let undisturbed = Shop::new(&file);
        let (backend, ctx) = undisturbed.open().await;
        let id = undisturbed.start(&backend, &ctx).await;
        let started = Instant::now();
        let mut worker = undisturbed.spawn(&["worker"]);
        until(&backend, &ctx, id, |u| u.state == UploadState::Done).await;
        let whole = started.elapsed();
        worker.kill().unwrap();
        worker.wait().unwrap();
        let expected = figures(&backend, &ctx).await;

        for pause in 0..PAUSES {
            let shop = Shop::new(&file);
            let (backend, ctx) = shop.open().await;
            let id = shop.start(&backend, &ctx).await;
            let mut slow = shop.spawn(&["worker"]);
            let after = points.within(whole);
            tokio::time::sleep(after).await;
            stop(&slow, &backend, &ctx).await;
            tokio::time::sleep(LONGER_THAN_THE_LEASE).await;
            let mut quick = shop.spawn(&["worker"]);
            until(&backend, &ctx, id, |u| u.state == UploadState::Done).await;
            assert_eq!(
                figures(&backend, &ctx).await,
                expected,
                "pause {pause} after {after:?}"
            );
            // It wakes in the middle of what it was doing.
            signal(&slow, "CONT");
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            let (backend, ctx) = shop.open().await;
            assert_eq!(
                figures(&backend, &ctx).await,
                expected,
                "pause {pause} after {after:?}, awake again"
            );
            // And works on: what is asked of either now is right.
            quick.kill().unwrap();
            quick.wait().unwrap();
            backend::uploads::undo(&backend, &ctx, id).await.unwrap();
            until(&backend, &ctx, id, |u| u.state == UploadState::Undone).await;
            backend::uploads::redo(&backend, &ctx, id).await.unwrap();
            until(&backend, &ctx, id, |u| u.state == UploadState::Done).await;
            assert_eq!(
                figures(&backend, &ctx).await,
                expected,
                "pause {pause} after {after:?}"
            );
            slow.kill().unwrap();
            slow.wait().unwrap();
        }
    });
}

#[test]
fn a_file_that_no_worker_survives_is_given_up_and_says_so() {
    let files = TempDir::new().unwrap();
    let file = orders(files.path(), 150);
    let shop = Shop::new(&file);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (backend, ctx) = shop.open().await;
        let id = shop.start(&backend, &ctx).await;
        let given_up = loop {
            let mut worker = shop.spawn(&["worker"]);
            // It dies as soon as it has taken the job up.
            let upload = loop {
                let upload = backend::uploads::get(&backend, &ctx, id).await.unwrap();
                let mut tx = backend.storage.tenant_read(&ctx).await.unwrap();
                let running = tx.jobs_in(JobState::Running, 10).await.unwrap();
                tx.commit().await.unwrap();
                let held = format!("worker {}", worker.id());
                let taken = running.iter().any(|job| {
                    job.kind == "import" && job.worker.as_deref() == Some(held.as_str())
                });
                if upload.state != UploadState::Importing || taken {
                    break upload;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            };
            worker.kill().unwrap();
            worker.wait().unwrap();
            if upload.state != UploadState::Importing {
                break upload;
            }
        };
        assert_eq!(given_up.state, UploadState::Failed);
        assert_eq!(given_up.error.unwrap().code, "gave_up");
        let dead = work::dead(&backend, &ctx).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts), (1, dead[0].max_attempts));
        assert!(dead[0].last_error.is_some());
        // A worker that lives brings it to its end.
        work::retry(&backend, &ctx, dead[0].id).await.unwrap();
        let mut worker = shop.spawn(&["worker"]);
        until(&backend, &ctx, id, |u| u.state == UploadState::Done).await;
        worker.kill().unwrap();
        worker.wait().unwrap();
    });
}
