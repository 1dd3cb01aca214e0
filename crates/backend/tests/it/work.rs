//! Jobs: what is given up says why and can be tried again, what runs can be cancelled, nights tidy up.

use crate::shop::{Shop, day, orders};
use backend::{
    lake::GoldVersions,
    maintenance,
    storage::{JobState, NewJob, uploads::UploadState},
    uploads, work,
};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_given_up_says_why_and_can_be_tried_again() {
    let shop = Shop::without_workers().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let upload = shop.send("a.csv", orders(&[(1, "2026-01-10", 100)])).await;
    uploads::start(backend, ctx, upload.id).await.unwrap();
    // Its file is gone for a while: every attempt fails.
    let raw = format!("{}/bronze/{}/raw", ctx.tenant, upload.id);
    let bytes = backend.objects.get(&raw).await.unwrap();
    backend.objects.delete(&raw).await.unwrap();
    let mut tx = backend.storage.tenant(ctx).await.unwrap();
    let job = tx
        .job_by_key(&format!("import:{}:1", upload.id))
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    shop.exhaust(job.id).await;
    let workers = backend.spawn_workers();
    let failed = shop.settled(upload.id).await;
    assert_eq!(failed.state, UploadState::Failed);
    let error = failed.error.unwrap();
    assert_eq!(error.code, "gave_up");
    assert!(
        error.message.contains("there is no object"),
        "{}",
        error.message
    );
    let dead = work::dead(backend, ctx).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].id, dead[0].state), (job.id, JobState::Dead));
    assert!(dead[0].last_error.as_ref().unwrap().contains("no object"));
    let code = dead[0].last_error_code.as_deref();
    assert_eq!(code, Some("work_file_gone"));

    backend.objects.put(&raw, bytes).await.unwrap();
    work::retry(backend, ctx, job.id).await.unwrap();
    let done = shop.settled(upload.id).await;
    assert_eq!((done.state, done.error), (UploadState::Done, None));
    assert_eq!(shop.figures().await, [day("2026-01-10", 100, 1)]);
    assert!(work::retry(backend, ctx, job.id).await.is_err());
    workers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_under_way_can_be_cancelled() {
    let shop = Shop::new().await;
    shop.import("first.csv", orders(&[(1, "2026-01-10", 100)]))
        .await;
    let before = shop.figures().await;
    let mut text = orders(&[]);
    for n in 0..400_000 {
        text.push_str(&format!("X{n},2026-01-10,S{n},Lamp,1,1.00,EUR,C1\n"));
    }
    let long = shop.send("long.csv", text).await;
    uploads::start(&shop.backend, &shop.ctx, long.id)
        .await
        .unwrap();
    // Until it reads.
    while shop.get(long.id).await.rows_done == 0 {
        assert_eq!(shop.get(long.id).await.state, UploadState::Importing);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let cancelled = uploads::cancel(&shop.backend, &shop.ctx, long.id)
        .await
        .unwrap();
    assert_eq!(cancelled.state, UploadState::Cancelled);
    // The next one has to wait for the worker to stop, and then goes.
    let next = shop
        .import("next.csv", orders(&[(2, "2026-01-11", 100)]))
        .await;
    assert_eq!(next.state, UploadState::Done);
    assert_eq!(
        shop.figures().await,
        [&before[..], &[day("2026-01-11", 100, 1)]].concat()
    );
    assert_eq!(shop.get(long.id).await.state, UploadState::Cancelled);
}

/// As a server leaves it that is killed while it looks at a file: before it began, and in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_looked_at_to_the_end_is_taken_up() {
    let shop = Shop::impatient().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let file = orders(&[(1, "2026-01-10", 100)]);
    let mut left = Vec::new();
    for state in [UploadState::Received, UploadState::Inspecting] {
        let upload = shop.send("a.csv", file.clone()).await;
        let mut tx = backend.storage.tenant(ctx).await.unwrap();
        tx.set_upload_state(upload.id, &[UploadState::Ready], state)
            .await
            .unwrap();
        // Taken back where the file was looked at to the end, which here it was not.
        let job = NewJob {
            run_at: Some(ctx.now()),
            ..NewJob::new("inspect", serde_json::json!({ "upload": upload.id }))
        };
        tx.enqueue_job(&job).await.unwrap();
        tx.commit().await.unwrap();
        left.push(upload.id);
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let workers = backend.spawn_workers();
    for id in &left {
        let mut waited = 0;
        while shop.get(*id).await.state != UploadState::Ready {
            assert!(waited < 500, "{:?}", shop.get(*id).await);
            waited += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // The bytes of one are gone: it does not stay as it is for ever.
    workers.shutdown().await;
    let gone = shop
        .send("b.csv", file.replace("2026-01-10", "2026-01-11"))
        .await;
    let raw = format!("{}/bronze/{}/raw", ctx.tenant, gone.id);
    backend.objects.delete(&raw).await.unwrap();
    let again = uploads::rerun(backend, ctx, gone.id).await;
    assert!(again.is_err(), "{again:?}");
    assert_eq!(shop.get(gone.id).await.state, UploadState::Inspecting);
    let cancelled = uploads::cancel(backend, ctx, gone.id).await.unwrap();
    assert_eq!(cancelled.state, UploadState::Cancelled);
}

/// What is begun is looked after from its first step on.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_a_file_has_somebody_look_after_it() {
    let shop = Shop::without_workers().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let sent = shop.send("a.csv", orders(&[(1, "2026-01-10", 100)])).await;
    let jobs = async |state| {
        let mut tx = backend.storage.tenant_read(ctx).await.unwrap();
        let jobs = tx.jobs_in(state, 10).await.unwrap();
        tx.commit().await.unwrap();
        jobs.into_iter().filter(|job| job.kind == "inspect").count()
    };
    // One since its bytes were there, one since it was looked at; neither has anything to do.
    assert_eq!(jobs(JobState::Cancelled).await, 2);
    assert_eq!(jobs(JobState::Queued).await, 0);
    let raw = format!("{}/bronze/{}/raw", ctx.tenant, sent.id);
    backend.objects.delete(&raw).await.unwrap();
    assert!(uploads::rerun(backend, ctx, sent.id).await.is_err());
    assert_eq!(jobs(JobState::Queued).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tenant_has_its_night() {
    let shop = Shop::without_workers().await;
    maintenance::schedule(&shop.backend).await.unwrap();
    maintenance::schedule(&shop.backend).await.unwrap();
    let mut tx = shop.backend.storage.tenant_read(&shop.ctx).await.unwrap();
    let waiting = tx.jobs_in(JobState::Queued, 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].kind, maintenance::JOB);
    assert_eq!(waiting[0].schedule.unwrap().to_string(), "daily 03:30");
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_files_are_removed_and_the_figures_stay() {
    let shop = Shop::new().await;
    let first = shop
        .import(
            "a.csv",
            orders(&[(1, "2026-01-10", 100), (2, "2026-01-11", 200)]),
        )
        .await;
    shop.import("b.csv", orders(&[(2, "2026-02-11", 250)]))
        .await;
    let before = shop.figures().await;
    let folder = shop.ctx.tenant.to_string();
    let count = async || {
        let files = shop.backend.objects.list(&folder).await.unwrap();
        files
            .iter()
            .filter(|f| f.path.ends_with(".parquet"))
            .count()
    };
    let stray = format!("{folder}/silver/orders/24300-stray-1-1-0.parquet");
    let bytes = bytes::Bytes::from_static(b"left by an attempt that was killed");
    shop.backend.objects.put(&stray, bytes).await.unwrap();
    let mut tx = shop.backend.storage.tenant_read(&shop.ctx).await.unwrap();
    let tables = tx.gold("orders").await.unwrap().tables.unwrap();
    tx.commit().await.unwrap();
    let published: GoldVersions = serde_json::from_value(tables).unwrap();

    // Nothing is old enough.
    let lake = &shop.backend.lake;
    let young = lake
        .vacuum(shop.ctx.tenant, published, &[], 0)
        .await
        .unwrap();
    assert_eq!(young.files, 0);
    let all = count().await;
    let now = shop.ctx.now().as_microsecond() + 1_000_000;
    let removed = lake
        .vacuum(shop.ctx.tenant, published, &[], now)
        .await
        .unwrap();
    // January of the four tables of gold was replaced once.
    assert_eq!((removed.files, count().await), (5, all - 5));
    assert!(!shop.backend.objects.exists(&stray).await.unwrap());
    assert_eq!(shop.figures().await, before);
    // Nothing of silver is lost: what was undone can still be brought back.
    shop.undo(first.id).await;
    uploads::redo(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    shop.settled(first.id).await;
    assert_eq!(shop.figures().await, before);
}
