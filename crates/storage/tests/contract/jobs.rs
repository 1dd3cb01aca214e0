//! The queue.

use crate::world::World;
use jiff::SignedDuration;
use serde_json::json;
use storage::{JobState, NewJob, Schedule, StorageError};

contract! {
    jobs_run_once
    jobs_are_enqueued_once
    jobs_of_a_group_take_turns
    parallel_claims_share_the_work
    tenants_take_turns
    priority_goes_first
    a_zombie_is_fenced
    failures_are_tried_again_until_dead
    work_that_recurs_and_fails_is_known_until_it_goes_well
    an_abandoned_last_attempt_is_buried
    released_work_does_not_count
}

async fn jobs_run_once(w: World) {
    assert_eq!(w.claim().await, None);
    let enqueued = w
        .enqueue(&w.a, NewJob::new("import", json!({"upload": 1})))
        .await;
    w.enqueue(&w.a, NewJob::new("other", json!({}))).await;
    let mut later = NewJob::new("import", json!({}));
    later.run_at = Some(w.clock.now() + SignedDuration::from_secs(60));
    w.enqueue(&w.a, later).await;

    let job = w.claim().await.unwrap();
    assert_eq!((job.id, job.tenant), (enqueued.id, w.a.tenant));
    assert_eq!(
        (job.state, job.attempts, job.lease_token),
        (JobState::Running, 1, 1)
    );
    assert_eq!(job.payload, json!({"upload": 1}));
    assert_eq!(job.worker.as_deref(), Some("worker"));
    assert_eq!(w.claim().await, None);

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.hold_job(job.claim()).await.unwrap();
    tx.set_job_progress(job.claim(), &json!({"rows": 5}))
        .await
        .unwrap();
    tx.finish_job(job.claim()).await.unwrap();
    assert!(matches!(
        tx.finish_job(job.claim()).await,
        Err(StorageError::Fenced)
    ));
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let done = tx.job(job.id).await.unwrap().unwrap();
    assert_eq!(
        (done.state, done.progress),
        (JobState::Done, Some(json!({"rows": 5})))
    );
    drop(tx);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(
        tx.next_job_at(&["import"]).await.unwrap(),
        Some(w.clock.now() + SignedDuration::from_secs(60))
    );
    drop(tx);
    w.pass(61);
    assert!(w.claim().await.is_some());
    assert_eq!(w.claim().await, None);
}

async fn jobs_are_enqueued_once(w: World) {
    let mut job = NewJob::new("import", json!({}));
    job.dedupe_key = Some("upload-1".to_owned());
    let first = w.enqueue(&w.a, job.clone()).await;
    let again = w.enqueue(&w.a, job.clone()).await;
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.id, again.id);
    let running = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.finish_job(running.claim()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!w.enqueue(&w.a, job).await.is_new);
    // Without a key there is no limit.
    let plain = NewJob::new("import", json!({}));
    assert!(w.enqueue(&w.a, plain.clone()).await.is_new);
    assert!(w.enqueue(&w.a, plain).await.is_new);
}

async fn jobs_of_a_group_take_turns(w: World) {
    let grouped = |group: &str| {
        let mut job = NewJob::new("import", json!({}));
        job.lock_group = Some(group.to_owned());
        job
    };
    for _ in 0..2 {
        w.enqueue(&w.a, grouped("orders")).await;
    }
    w.enqueue(&w.b, grouped("orders")).await;
    w.enqueue(&w.a, grouped("sessions")).await;
    let first = w.claim().await.unwrap();
    let mut others = vec![w.claim().await.unwrap(), w.claim().await.unwrap()];
    assert_eq!(w.claim().await, None);
    others.push(first.clone());
    let mut groups: Vec<_> = others
        .iter()
        .map(|job| (job.tenant, job.lock_group.clone()))
        .collect();
    groups.sort();
    groups.dedup();
    assert_eq!(groups.len(), 3);
    let orders = others
        .iter()
        .find(|job| job.tenant == w.a.tenant && job.lock_group.as_deref() == Some("orders"))
        .unwrap();
    // An expired lease keeps the group: its job is taken up again before the next one.
    w.pass(31);
    let mut again = Vec::new();
    while let Some(job) = w.claim().await {
        again.push(job);
    }
    assert_eq!(again.len(), 3);
    assert!(
        again
            .iter()
            .any(|job| job.id == orders.id && job.lease_token == 2)
    );
    let orders = again.iter().find(|job| job.id == orders.id).unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.finish_job(orders.claim()).await.unwrap();
    tx.commit().await.unwrap();
    let next = w.claim().await.unwrap();
    assert_eq!(next.lock_group.as_deref(), Some("orders"));
    assert_ne!(next.id, orders.id);
}

async fn parallel_claims_share_the_work(w: World) {
    for n in 0..30 {
        let mut job = NewJob::new("import", json!({}));
        job.lock_group = Some(format!("group {}", n % 10));
        w.enqueue(if n % 2 == 0 { &w.a } else { &w.b }, job).await;
    }
    let mut tasks = Vec::new();
    for n in 0..20 {
        let (storage, clock) = (w.storage.clone(), w.clock.clone());
        tasks.push(tokio::spawn(async move {
            let mut claimed = Vec::new();
            // A lost race is a conflict on the group; ask again.
            for _ in 0..40 {
                let mut tx = storage.platform(&clock).await.unwrap();
                let lease = SignedDuration::from_secs(30);
                match tx
                    .claim_job(&["import"], &format!("worker {n}"), lease)
                    .await
                {
                    Ok(Some(job)) => {
                        tx.commit().await.unwrap();
                        claimed.push(job);
                    }
                    Ok(None) => {}
                    Err(error) => {
                        assert!(error.is_conflict("jobs_tenant_id_lock_group"), "{error:?}")
                    }
                }
            }
            claimed
        }));
    }
    let mut claimed = Vec::new();
    for task in tasks {
        claimed.extend(task.await.unwrap());
    }
    // 30 jobs in groups 0, 2, .. of a and 1, 3, .. of b: ten groups, one of each running.
    assert_eq!(claimed.len(), 10);
    let mut groups: Vec<_> = claimed
        .iter()
        .map(|job| (job.tenant, job.lock_group.clone()))
        .collect();
    groups.sort();
    groups.dedup();
    assert_eq!(groups.len(), 10);
}

async fn tenants_take_turns(w: World) {
    for _ in 0..4 {
        w.enqueue(&w.a, NewJob::new("import", json!({}))).await;
        w.pass(1);
    }
    for _ in 0..2 {
        w.enqueue(&w.b, NewJob::new("import", json!({}))).await;
    }
    let mut order = String::new();
    while let Some(job) = w.claim().await {
        order.push(if job.tenant == w.a.tenant { 'a' } else { 'b' });
        w.pass(1);
    }
    assert_eq!(order, "ababaa");
}

async fn priority_goes_first(w: World) {
    for priority in [0, 5, -5] {
        let mut job = NewJob::new("import", json!({}));
        job.priority = priority;
        w.enqueue(&w.a, job).await;
        w.pass(1);
    }
    let mut order = Vec::new();
    while let Some(job) = w.claim().await {
        order.push(job.priority);
    }
    assert_eq!(order, [5, 0, -5]);
}

async fn a_zombie_is_fenced(w: World) {
    w.enqueue(&w.a, NewJob::new("import", json!({}))).await;
    let zombie = w.claim().await.unwrap().claim();
    let lease = SignedDuration::from_secs(30);
    w.pass(20);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.extend_lease(zombie, lease).await.unwrap();
    tx.commit().await.unwrap();
    w.pass(20);
    assert_eq!(w.claim().await, None, "the heartbeat kept it");
    w.pass(11);
    let heir = w.claim().await.unwrap();
    assert_eq!((heir.attempts, heir.lease_token), (2, 2));

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    assert!(matches!(
        tx.extend_lease(zombie, lease).await,
        Err(StorageError::Fenced)
    ));
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for refused in [
        tx.hold_job(zombie).await,
        tx.finish_job(zombie).await,
        tx.release_job(zombie).await,
        tx.set_job_progress(zombie, &json!({})).await,
        tx.fail_job(zombie, "x", None).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(StorageError::Fenced)), "{refused:?}");
    }
    tx.finish_job(heir.claim()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn failures_are_tried_again_until_dead(w: World) {
    let mut new = NewJob::new("import", json!({}));
    new.max_attempts = 2;
    let id = w.enqueue(&w.a, new).await.id;
    let job = w.claim().await.unwrap();
    let retry = w.clock.now() + SignedDuration::from_secs(10);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let state = tx.fail_job(job.claim(), "disk full", Some(retry)).await;
    assert_eq!(state.unwrap(), JobState::Queued);
    tx.commit().await.unwrap();
    assert_eq!(w.claim().await, None);
    w.pass(10);
    let job = w.claim().await.unwrap();
    assert_eq!(
        (job.attempts, job.last_error.as_deref()),
        (2, Some("disk full"))
    );
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let state = tx.fail_job(job.claim(), "again", Some(retry)).await;
    assert_eq!(state.unwrap(), JobState::Dead);
    tx.commit().await.unwrap();
    w.pass(100);
    assert_eq!(w.claim().await, None);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(tx.revive_job(id).await.unwrap());
    assert!(!tx.revive_job(id).await.unwrap());
    tx.commit().await.unwrap();
    let job = w.claim().await.unwrap();
    assert_eq!((job.id, job.attempts), (id, 1));
    // What cannot get better is not tried again.
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let state = tx.fail_job(job.claim(), "not a table", None).await;
    assert_eq!(state.unwrap(), JobState::Dead);
}

async fn work_that_recurs_and_fails_is_known_until_it_goes_well(w: World) {
    let mut new = NewJob::new("import", json!({}));
    new.max_attempts = 1;
    new.dedupe_key = Some("nightly".to_owned());
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let hourly = Schedule::Every { seconds: 3_600 };
    tx.schedule_job(&new, hourly).await.unwrap();
    tx.commit().await.unwrap();
    let failing = async || {
        let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
        let jobs = tx.failing_jobs(10).await.unwrap();
        jobs.into_iter()
            .map(|job| (job.id, job.last_error))
            .collect::<Vec<_>>()
    };
    assert_eq!(failing().await, []);
    w.pass(3_600);
    let job = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let state = tx.fail_job(job.claim(), "disk full", None).await.unwrap();
    assert_eq!(state, JobState::Queued, "it has a next time");
    tx.commit().await.unwrap();
    assert_eq!(failing().await, [(job.id, Some("disk full".to_owned()))]);
    assert_eq!(w.claim().await, None);

    // Somebody has mended the disk and does not want to wait.
    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    assert!(!tx.hasten_job(job.id).await.unwrap(), "another tenant's");
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(tx.hasten_job(job.id).await.unwrap());
    tx.commit().await.unwrap();
    let job = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(!tx.hasten_job(job.id).await.unwrap(), "it is running");
    tx.finish_job(job.claim()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(failing().await, []);
}

async fn an_abandoned_last_attempt_is_buried(w: World) {
    let mut new = NewJob::new("import", json!({}));
    new.max_attempts = 1;
    let id = w.enqueue(&w.a, new).await.id;
    w.claim().await.unwrap();
    let abandoned = async || {
        let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
        tx.abandoned_jobs().await.unwrap()
    };
    assert_eq!(abandoned().await, []);
    w.pass(31);
    assert_eq!(w.claim().await, None);
    let lost = abandoned().await;
    assert_eq!((lost.len(), lost[0].id), (1, id));
    // Its worker was only slow: it is not buried alive.
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let lease = SignedDuration::from_secs(30);
    tx.extend_lease(lost[0].claim(), lease).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(matches!(
        tx.bury_job(lost[0].claim(), "gone").await,
        Err(StorageError::Fenced)
    ));
    drop(tx);
    w.pass(31);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.bury_job(lost[0].claim(), "gone").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(abandoned().await, []);
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let buried = tx.job(id).await.unwrap().unwrap();
    assert_eq!(
        (buried.state, buried.last_error.as_deref()),
        (JobState::Dead, Some("gone"))
    );
}

async fn released_work_does_not_count(w: World) {
    w.enqueue(&w.a, NewJob::new("import", json!({}))).await;
    let job = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(
        !tx.cancel_job(job.id).await.unwrap(),
        "running work is not cancelled"
    );
    tx.release_job(job.claim()).await.unwrap();
    tx.commit().await.unwrap();
    let again = w.claim().await.unwrap();
    assert_eq!((again.attempts, again.lease_token), (1, 2));
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.release_job(again.claim()).await.unwrap();
    assert!(tx.cancel_job(job.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(w.claim().await, None);
}
