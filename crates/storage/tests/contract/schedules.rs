//! Work that recurs.

use crate::world::World;
use serde_json::json;
use storage::{JobState, NewJob, Schedule};

contract! {
    scheduled_work_comes_back
    scheduled_work_survives_its_failures
}

fn nightly() -> NewJob {
    NewJob {
        dedupe_key: Some("nightly".to_owned()),
        max_attempts: 1,
        ..NewJob::new("import", json!({}))
    }
}

/// The clock stands at noon.
const AT_ONE: Schedule = Schedule::Daily {
    hour: 13,
    minute: 0,
};

async fn scheduled_work_comes_back(w: World) {
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    let without = tx.tenants_without_job("nightly").await.unwrap();
    assert_eq!(without.len(), 2);
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(tx.schedule_job(&nightly(), AT_ONE).await.unwrap());
    assert!(!tx.schedule_job(&nightly(), AT_ONE).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    let without = tx.tenants_without_job("nightly").await.unwrap();
    assert_eq!(without, [w.b.tenant]);
    drop(tx);

    assert_eq!(w.claim().await, None);
    w.pass(3_601);
    let first = w.claim().await.unwrap();
    assert_eq!(first.schedule, Some(AT_ONE));
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.finish_job(first.claim()).await.unwrap();
    let job = tx.job(first.id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempts), (JobState::Queued, 0));
    assert_eq!(job.run_at.to_string(), "2026-04-01T13:00:00Z");
    tx.commit().await.unwrap();
    assert_eq!(w.claim().await, None);
    w.pass(24 * 3_600);
    assert_eq!(w.claim().await.unwrap().id, first.id);
}

async fn scheduled_work_survives_its_failures(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let often = Schedule::Every { seconds: 60 };
    tx.schedule_job(&nightly(), often).await.unwrap();
    tx.commit().await.unwrap();
    w.pass(61);
    let claim = w.claim().await.unwrap().claim();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let left = tx.fail_job(claim, "no room", None).await.unwrap();
    assert_eq!(left, JobState::Queued);
    tx.commit().await.unwrap();
    // And where its worker vanishes in the only attempt.
    w.pass(61);
    let job = w.claim().await.unwrap();
    assert_eq!(
        (job.last_error.as_deref(), job.attempts),
        (Some("no room"), 1)
    );
    w.pass(31);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.bury_job(job.claim(), "gone").await.unwrap();
    assert_eq!(tx.jobs_in(JobState::Dead, 10).await.unwrap(), []);
    let waiting = tx.jobs_in(JobState::Queued, 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].last_error.as_deref(), Some("gone"));
    tx.commit().await.unwrap();
    w.pass(61);
    assert!(w.claim().await.is_some());
}
