//! One tenant never meets another.

use crate::world::World;
use serde_json::json;
use storage::{Claim, Counted, NewJob, NewUpload, Reject, StorageError, UploadFilter, UploadState};
use types::Day;

contract! {
    one_tenant_never_meets_another
}

/// Every function on a tenant's transaction, given what belongs to the other tenant, behaves as if it were not there.
async fn one_tenant_never_meets_another(w: World) {
    const CANARY: &str = "canary-of-b";
    let id = w.upload(&w.b).await;
    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    tx.set_complete(id, "abc").await.unwrap();
    tx.save_inspection(id, &json!({"text": CANARY}))
        .await
        .unwrap();
    tx.save_plan(id, Some((&json!({}), "h"))).await.unwrap();
    tx.insert_rejects(
        id,
        &[Reject {
            record: 1,
            body: json!(CANARY),
        }],
    )
    .await
    .unwrap();
    tx.put_mapping("f", &json!(CANARY)).await.unwrap();
    tx.append_event("x", &json!(CANARY)).await.unwrap();
    tx.bump_gold("orders", Some(Day(1)), &json!({"gold": 1}))
        .await
        .unwrap();
    let mut job = NewJob::new("import", json!(CANARY));
    job.dedupe_key = Some("key".to_owned());
    let job = tx.enqueue_job(&job).await.unwrap();
    tx.set_upload_state(id, &UploadState::ALL, UploadState::Done)
        .await
        .unwrap();
    let run = tx.begin_run(id).await.unwrap();
    tx.set_live_run(id, Some(run)).await.unwrap();
    tx.commit().await.unwrap();
    let before = {
        let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
        tx.upload(id).await.unwrap()
    };
    let claim = w.claim().await.unwrap().claim();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.own_tenant().await.unwrap().id, w.a.tenant);
    let members = tx.members().await.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].email, "a@example.com");
    assert_eq!(tx.upload(id).await.unwrap(), None);
    assert_eq!(tx.uploads(&UploadFilter::default()).await.unwrap().total, 0);
    assert_eq!(tx.live_runs("orders").await.unwrap(), []);
    assert_eq!(tx.gold_at("orders", 1).await.unwrap(), None);
    let mine = w.a.new_upload_id();
    let known = tx.find_live_by_sha(mine, "abc", "orders", "h").await;
    assert_eq!(known.unwrap(), None);
    assert!(!tx.begin_undo(id).await.unwrap());
    assert_eq!(tx.undo_duplicates(id).await.unwrap(), []);
    for refused in [
        tx.begin_run(id).await.map(drop),
        tx.set_live_run(id, None).await,
        tx.set_read_run(id, 1).await,
        tx.set_duplicate_of(id, None).await,
    ] {
        assert!(matches!(refused, Err(StorageError::NotFound)));
    }
    let cancelled = tx
        .settle_upload(id, &UploadState::ALL, UploadState::Cancelled)
        .await;
    assert!(!cancelled.unwrap());
    assert_eq!(tx.job_by_key("key").await.unwrap(), None);
    assert_eq!(tx.rejects(id, 0, 10).await.unwrap().total, 0);
    assert_eq!(tx.mapping("f").await.unwrap(), None);
    assert_eq!(tx.events_after(0, 10).await.unwrap(), []);
    assert_eq!(tx.last_event_seq().await.unwrap(), 0);
    assert_eq!(tx.gold("orders").await.unwrap().version, 0);
    assert_eq!(tx.job(job.id).await.unwrap(), None);
    tx.clear_rejects(id).await.unwrap();
    assert!(
        !tx.set_upload_state(id, &UploadState::ALL, UploadState::Cancelled)
            .await
            .unwrap()
    );
    assert!(!tx.set_complete(id, "def").await.unwrap());
    assert!(matches!(
        tx.set_received(id, 0, 1).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.save_result(id, &json!(1), Counted::default()).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.set_upload_progress(id, "", 0, 0).await,
        Err(StorageError::NotFound)
    ));
    assert!(!tx.cancel_job(job.id).await.unwrap());
    assert!(matches!(
        tx.finish_job(claim).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.fail_job(claim, "", None).await,
        Err(StorageError::NotFound)
    ));
    let forged = Claim {
        tenant: w.a.tenant,
        ..claim
    };
    assert!(matches!(
        tx.finish_job(forged).await,
        Err(StorageError::Fenced)
    ));
    // The same key and the same numbers are free here.
    let mut mine = NewJob::new("import", json!({}));
    mine.dedupe_key = Some("key".to_owned());
    assert!(tx.enqueue_job(&mine).await.unwrap().is_new);
    assert_eq!(tx.append_event("x", &json!({})).await.unwrap(), 1);
    tx.commit().await.unwrap();

    // A row cannot refer to one of another tenant either.
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let child = NewUpload {
        id: w.a.new_upload_id(),
        data_set: "orders".to_owned(),
        file_name: "x".to_owned(),
        size: 1,
        parent: Some(id),
        parts: Vec::new(),
    };
    assert!(matches!(
        tx.insert_upload(&child).await,
        Err(StorageError::Reference)
    ));
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let reject = Reject {
        record: 2,
        body: json!(1),
    };
    assert!(matches!(
        tx.insert_rejects(id, &[reject]).await,
        Err(StorageError::Reference)
    ));
    drop(tx);

    let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap(), before);
    assert_eq!(tx.rejects(id, 0, 10).await.unwrap().total, 1);
}
