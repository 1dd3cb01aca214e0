//! Watched places and what was seen there.

use crate::world::World;
use access::Ctx;
use serde_json::json;
use storage::{
    JobState, NewJob, NewWatch, Problem, Schedule, StorageError, Watch, WatchedObject, WatchedState,
};
use types::WatchId;

contract! {
    places_are_watched_until_they_are_not
    each_file_is_known_as_it_was_seen_last
    one_tenant_sees_no_place_of_another
    a_schedule_ends
}

async fn watched(w: &World, ctx: &Ctx, url: &str) -> Result<WatchId, StorageError> {
    let new = NewWatch {
        id: WatchId(w.random.uuid(w.clock.now())),
        url: url.to_owned(),
        pattern: "*.csv".to_owned(),
        options: json!({"date_order": "dmy"}),
    };
    let mut tx = w.storage.tenant(ctx).await.unwrap();
    tx.insert_watch(&new).await?;
    tx.commit().await.unwrap();
    Ok(new.id)
}

fn seen(name: &str) -> WatchedObject {
    WatchedObject {
        name: name.to_owned(),
        size: 1 << 40,
        modified: -1,
        etag: "\"abc\"".to_owned(),
        state: WatchedState::Seen,
        upload: None,
        error: None,
    }
}

async fn places_are_watched_until_they_are_not(w: World) {
    let id = watched(&w, &w.a, "file:///exports").await.unwrap();
    w.pass(1);
    let second = watched(&w, &w.a, "s3://bucket").await.unwrap();
    let again = watched(&w, &w.a, "file:///exports").await.unwrap_err();
    assert!(again.is_conflict("watches_tenant_id_url_pattern"));

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let watch = tx.watch(id).await.unwrap().unwrap();
    assert_eq!(
        watch,
        Watch {
            id,
            url: "file:///exports".to_owned(),
            pattern: "*.csv".to_owned(),
            options: json!({"date_order": "dmy"}),
            last_error: None,
            looked_at: None,
            created_by: w.a.principal.user(),
            created_at: watch.created_at,
        }
    );
    let ids = |all: Vec<Watch>| all.into_iter().map(|w| w.id).collect::<Vec<_>>();
    assert_eq!(ids(tx.watches().await.unwrap()), [id, second]);
    for error in [Some("gone\u{fffd}"), None] {
        w.pass(1);
        let problem = |text: &str| Problem {
            code: format!("place_{text}"),
            message: text.to_owned(),
            params: [("place".to_owned(), "a\0b".to_owned())].into(),
        };
        let said = error.map(|e| problem(&e.replace('\u{fffd}', "\0")));
        tx.set_watch_looked(id, said.as_ref()).await.unwrap();
        let watch = tx.watch(id).await.unwrap().unwrap();
        assert_eq!(watch.last_error, error.map(problem));
    }
    assert!(tx.watch(id).await.unwrap().unwrap().looked_at.is_some());
    tx.put_watched_object(id, &seen("a.csv")).await.unwrap();
    assert!(tx.delete_watch(id).await.unwrap());
    assert!(!tx.delete_watch(id).await.unwrap());
    assert_eq!(ids(tx.watches().await.unwrap()), [second]);
    assert_eq!(tx.watched_objects(id).await.unwrap(), []);
    assert!(matches!(
        tx.set_watch_looked(id, None).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.put_watched_object(id, &seen("a.csv")).await,
        Err(StorageError::Reference)
    ));
}

async fn each_file_is_known_as_it_was_seen_last(w: World) {
    let id = watched(&w, &w.a, "file:///exports").await.unwrap();
    let upload = w.upload(&w.a).await;
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for name in ["b.csv", "a.csv"] {
        tx.put_watched_object(id, &seen(name)).await.unwrap();
    }
    for state in WatchedState::ALL {
        let known = WatchedObject {
            size: 2,
            modified: 1_700_000_000_000_000,
            etag: String::new(),
            state,
            upload: Some(upload),
            error: Some("why".into()),
            ..seen("b.csv")
        };
        tx.put_watched_object(id, &known).await.unwrap();
        let all = tx.watched_objects(id).await.unwrap();
        assert_eq!(all, [seen("a.csv"), known]);
    }
}

async fn one_tenant_sees_no_place_of_another(w: World) {
    let id = watched(&w, &w.b, "file:///exports").await.unwrap();
    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    tx.put_watched_object(id, &seen("a.csv")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.watch(id).await.unwrap(), None);
    assert_eq!(tx.watches().await.unwrap(), []);
    assert_eq!(tx.watched_objects(id).await.unwrap(), []);
    assert!(!tx.delete_watch(id).await.unwrap());
    assert!(matches!(
        tx.set_watch_looked(id, Some(&"x".into())).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.put_watched_object(id, &seen("b.csv")).await,
        Err(StorageError::Reference)
    ));
    drop(tx);
    // The same place may be watched by both.
    watched(&w, &w.a, "file:///exports").await.unwrap();
    let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
    assert_eq!(tx.watched_objects(id).await.unwrap(), [seen("a.csv")]);
}

async fn a_schedule_ends(w: World) {
    let job = NewJob {
        dedupe_key: Some("watch".to_owned()),
        ..NewJob::new("import", json!({}))
    };
    let every = Schedule::Every { seconds: 60 };
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.schedule_job(&job, every).await.unwrap();
    tx.commit().await.unwrap();
    w.pass(61);
    let running = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    tx.unschedule_job("watch").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.finish_job(running.claim()).await.unwrap();
    assert_eq!(tx.jobs_in(JobState::Queued, 9).await.unwrap().len(), 1);
    tx.commit().await.unwrap();

    // What runs now ends, and does not come again.
    w.pass(61);
    let running = w.claim().await.unwrap();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.unschedule_job("watch").await.unwrap();
    tx.finish_job(running.claim()).await.unwrap();
    assert_eq!(tx.jobs_in(JobState::Queued, 9).await.unwrap(), []);
    // What waits does not begin.
    tx.schedule_job(&job, every).await.unwrap();
    tx.unschedule_job("watch").await.unwrap();
    tx.commit().await.unwrap();
    w.pass(61);
    assert_eq!(w.claim().await, None);
}
