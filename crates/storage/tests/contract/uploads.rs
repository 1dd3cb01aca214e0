//! Uploads, their rejected lines, mappings and the versions of the figures.

use crate::world::World;
use access::{Ctx, Principal};
use serde_json::json;
use storage::{
    Counted, LiveRun, NewUpload, Received, Reject, Sender, Sort, SortBy, StorageError, UploadError,
    UploadFilter, UploadState,
};
use types::{Day, KeyId, UploadId, WatchId};

contract! {
    an_upload_goes_its_way
    chunks_arrive_in_order
    uploads_are_listed
    uploads_are_searched
    who_sent_an_upload_is_known
    the_same_file_is_recognised
    runs_count_or_do_not
    rejects_are_kept_once
    strange_text_comes_back
    mappings_are_remembered
    gold_versions_rise
}

async fn an_upload_goes_its_way(w: World) {
    use UploadState as S;
    let id = w.upload(&w.a).await;
    w.pass(5);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(tx.set_complete(id, "abc").await.unwrap());
    assert!(!tx.set_complete(id, "def").await.unwrap());
    assert!(
        !tx.set_upload_state(id, &[S::Ready], S::Importing)
            .await
            .unwrap()
    );
    assert!(
        tx.set_upload_state(id, &[S::Receiving, S::Received], S::Inspecting)
            .await
            .unwrap()
    );
    tx.save_inspection(id, &json!({"z": 1, "a": [true]}))
        .await
        .unwrap();
    tx.save_decisions(id, &json!({"date_order": "dmy"}))
        .await
        .unwrap();
    tx.save_plan(id, Some((&json!({"version": 1}), "h1")))
        .await
        .unwrap();
    tx.set_upload_progress(id, "reading", 12, 34).await.unwrap();
    let counted = Counted {
        rows: 12,
        rejected: 3,
    };
    tx.save_result(id, &json!({"rows": 12}), counted)
        .await
        .unwrap();
    assert!(
        tx.set_upload_state(id, &[S::Inspecting], S::Done)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!((upload.state, upload.seq), (S::Done, 1));
    assert_eq!(upload.sha256.as_deref(), Some("abc"));
    // Order of keys is kept: what people see is what was stored.
    assert_eq!(
        upload.inspection.unwrap().to_string(),
        r#"{"z":1,"a":[true]}"#
    );
    assert_eq!(
        (
            upload.plan_hash.as_deref(),
            upload.rows_done,
            upload.bytes_done
        ),
        (Some("h1"), 12, 34)
    );
    assert_eq!(upload.finished_at, Some(w.clock.now()));
    assert_eq!(upload.created_by, w.a.principal.user());
    assert_eq!(upload.sent_by, upload.created_by.map(Sender::User));
    assert!(upload.created_at < upload.updated_at);
    assert_eq!(upload.error, None);

    let error = UploadError {
        code: "empty".to_owned(),
        message: "The file is empty.".to_owned(),
        params: [("names".to_owned(), "a\"\u{0}é.csv".to_owned())].into(),
    };
    tx.save_error(id, Some(&error)).await.unwrap();
    tx.save_plan(id, None).await.unwrap();
    tx.set_upload_state(id, &[S::Done], S::Ready).await.unwrap();
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!(
        (
            upload.error,
            upload.plan,
            upload.plan_hash,
            upload.finished_at
        ),
        (Some(error), None, None, None)
    );
    let missing = w.a.new_upload_id();
    assert!(matches!(
        tx.save_error(missing, None).await,
        Err(StorageError::NotFound)
    ));
    assert!(
        !tx.set_upload_state(missing, &S::ALL, S::Done)
            .await
            .unwrap()
    );
}

async fn chunks_arrive_in_order(w: World) {
    let id = w.upload(&w.a).await;
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.set_received(id, 0, 40).await.unwrap(), Received::Moved);
    for (from, to) in [(0, 40), (39, 60), (41, 60), (40, 101)] {
        assert_eq!(
            tx.set_received(id, from, to).await.unwrap(),
            Received::Conflict { offset: 40 },
            "{from}..{to}"
        );
    }
    assert_eq!(tx.set_received(id, 40, 100).await.unwrap(), Received::Moved);
    tx.set_complete(id, "abc").await.unwrap();
    assert_eq!(
        tx.set_received(id, 100, 100).await.unwrap(),
        Received::Closed {
            state: UploadState::Received
        }
    );
    assert!(matches!(
        tx.set_received(w.a.new_upload_id(), 0, 1).await,
        Err(StorageError::NotFound)
    ));
}

async fn uploads_are_listed(w: World) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(w.upload(&w.a).await);
    }
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.set_upload_state(ids[1], &UploadState::ALL, UploadState::Failed)
        .await
        .unwrap();
    tx.set_upload_state(ids[3], &UploadState::ALL, UploadState::Done)
        .await
        .unwrap();
    let mut seqs = async |filter: UploadFilter| {
        let page = tx.uploads(&filter).await.unwrap();
        let seqs: Vec<i64> = page.items.iter().map(|upload| upload.seq).collect();
        (page.total, seqs)
    };
    assert_eq!(
        seqs(UploadFilter::default()).await,
        (5, vec![5, 4, 3, 2, 1])
    );
    let page = UploadFilter {
        offset: 1,
        limit: 2,
        sort: Sort {
            by: SortBy::Seq,
            descending: false,
        },
        ..Default::default()
    };
    assert_eq!(seqs(page).await, (5, vec![2, 3]));
    let ended = UploadFilter {
        states: vec![UploadState::Failed, UploadState::Done],
        ..Default::default()
    };
    assert_eq!(seqs(ended).await, (2, vec![4, 2]));
    let other = UploadFilter {
        data_set: Some("sessions".to_owned()),
        ..Default::default()
    };
    assert_eq!(seqs(other).await, (0, vec![]));
    for by in [
        SortBy::FileName,
        SortBy::Size,
        SortBy::State,
        SortBy::UpdatedAt,
    ] {
        let sorted = UploadFilter {
            sort: Sort {
                by,
                descending: false,
            },
            ..Default::default()
        };
        assert_eq!(seqs(sorted).await.0, 5);
    }
}

async fn the_same_file_is_recognised(w: World) {
    let first = w.upload(&w.a).await;
    let second = w.upload(&w.a).await;
    let third = w.upload(&w.a).await;
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for (id, hash) in [(first, "h1"), (second, "h2"), (third, "h1")] {
        tx.set_complete(id, "abc").await.unwrap();
        tx.save_plan(id, Some((&json!({}), hash))).await.unwrap();
        tx.set_upload_state(id, &UploadState::ALL, UploadState::Done)
            .await
            .unwrap();
    }
    // Done is not enough: its lines must count.
    assert_eq!(
        tx.find_live_by_sha(third, "abc", "orders", "h1")
            .await
            .unwrap(),
        None
    );
    for id in [first, second] {
        let run = tx.begin_run(id).await.unwrap();
        tx.set_live_run(id, Some(run)).await.unwrap();
    }
    let mut found = async |but: UploadId, sha: &str, data_set: &str, plan: &str| {
        tx.find_live_by_sha(but, sha, data_set, plan)
            .await
            .unwrap()
            .map(|upload| upload.id)
    };
    assert_eq!(found(third, "abc", "orders", "h1").await, Some(first));
    assert_eq!(found(third, "abc", "orders", "h2").await, Some(second));
    assert_eq!(found(first, "abc", "orders", "h1").await, None);
    assert_eq!(found(third, "abc", "orders", "h3").await, None);
    assert_eq!(found(third, "abc", "sessions", "h1").await, None);
    assert_eq!(found(third, "abd", "orders", "h1").await, None);
    tx.set_live_run(first, None).await.unwrap();
    let gone = tx.find_live_by_sha(third, "abc", "orders", "h1").await;
    assert_eq!(gone.unwrap(), None);
}

async fn runs_count_or_do_not(w: World) {
    let id = w.upload(&w.a).await;
    let copy = w.upload(&w.a).await;
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.live_runs("orders").await.unwrap(), []);
    assert!(!tx.begin_undo(id).await.unwrap());
    assert_eq!(tx.begin_run(id).await.unwrap(), 1);
    assert_eq!(tx.begin_run(id).await.unwrap(), 2);
    tx.set_read_run(id, 2).await.unwrap();
    tx.set_live_run(id, Some(2)).await.unwrap();
    let live = LiveRun { upload: id, run: 2 };
    assert_eq!(tx.live_runs("orders").await.unwrap(), [live]);
    assert_eq!(tx.live_runs("sessions").await.unwrap(), []);

    // What is given up while lines of it count is done; otherwise it is what is said.
    for (upload, left) in [(id, UploadState::Done), (copy, UploadState::Cancelled)] {
        tx.set_upload_state(upload, &UploadState::ALL, UploadState::Importing)
            .await
            .unwrap();
        let settled = tx
            .settle_upload(upload, &[UploadState::Importing], UploadState::Cancelled)
            .await;
        assert!(settled.unwrap());
        assert_eq!(tx.upload(upload).await.unwrap().unwrap().state, left);
    }
    tx.set_upload_state(copy, &UploadState::ALL, UploadState::Done)
        .await
        .unwrap();
    tx.set_duplicate_of(copy, Some(id)).await.unwrap();
    assert!(tx.begin_undo(id).await.unwrap());
    assert!(!tx.begin_undo(id).await.unwrap());
    assert_eq!(tx.undo_duplicates(id).await.unwrap(), [copy]);
    assert_eq!(tx.undo_duplicates(id).await.unwrap(), []);
    tx.set_live_run(id, None).await.unwrap();
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!(
        (upload.run, upload.read_run, upload.live_run),
        (2, Some(2), None)
    );
    // Read as something else now, nothing is there to be brought back.
    tx.set_data_set(id, "orders").await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap().unwrap().read_run, Some(2));
    tx.set_data_set(id, "products").await.unwrap();
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!(
        (upload.data_set.as_str(), upload.read_run),
        ("products", None)
    );
    let copy = tx.upload(copy).await.unwrap().unwrap();
    assert_eq!(
        (copy.state, copy.duplicate_of),
        (UploadState::Undone, Some(id))
    );
    let missing = w.a.new_upload_id();
    assert!(matches!(
        tx.begin_run(missing).await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.set_live_run(missing, None).await,
        Err(StorageError::NotFound)
    ));
}

async fn uploads_are_searched(w: World) {
    let mut ids = Vec::new();
    for (name, rows) in [("März.csv", 5), ("100%_APRIL.csv", 9), ("mai.csv", 0)] {
        let mut tx = w.storage.tenant(&w.a).await.unwrap();
        let new = NewUpload {
            id: w.a.new_upload_id(),
            data_set: "orders".to_owned(),
            file_name: name.to_owned(),
            size: 100,
            parent: None,
            parts: Vec::new(),
        };
        tx.insert_upload(&new).await.unwrap();
        if rows > 0 {
            let counted = Counted {
                rows,
                rejected: 10 - rows,
            };
            tx.save_result(new.id, &json!({}), counted).await.unwrap();
        }
        tx.commit().await.unwrap();
        ids.push((new.id, w.clock.now()));
        w.pass(60);
    }
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let mut names = async |filter: UploadFilter| {
        let page = tx.uploads(&filter).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        let names = page.items.into_iter().map(|upload| upload.file_name);
        names.collect::<Vec<_>>().join(" ")
    };
    let text = |text: &str| UploadFilter {
        text: text.to_owned(),
        ..Default::default()
    };
    assert_eq!(names(text("april")).await, "100%_APRIL.csv");
    assert_eq!(names(text("MAI")).await, "mai.csv");
    assert_eq!(names(text("März")).await, "März.csv");
    assert_eq!(names(text("%_")).await, "100%_APRIL.csv");
    assert_eq!(names(text("x%x")).await, "");
    let between = UploadFilter {
        from: Some(ids[1].1),
        before: Some(ids[2].1),
        ..Default::default()
    };
    assert_eq!(names(between).await, "100%_APRIL.csv");
    let mine = UploadFilter {
        by: w.a.principal.user().map(Sender::User),
        ..Default::default()
    };
    assert_eq!(names(mine).await, "mai.csv 100%_APRIL.csv März.csv");
    let theirs = UploadFilter {
        by: w.b.principal.user().map(Sender::User),
        ..Default::default()
    };
    assert_eq!(names(theirs).await, "");
    for (by, descending, expected) in [
        (SortBy::Rows, false, "März.csv 100%_APRIL.csv mai.csv"),
        (SortBy::Rows, true, "100%_APRIL.csv März.csv mai.csv"),
        (SortBy::Rejected, false, "100%_APRIL.csv März.csv mai.csv"),
        (SortBy::Rejected, true, "März.csv 100%_APRIL.csv mai.csv"),
    ] {
        let sorted = UploadFilter {
            sort: Sort { by, descending },
            ..Default::default()
        };
        assert_eq!(names(sorted).await, expected, "{by:?} {descending}");
    }
}

async fn who_sent_an_upload_is_known(w: World) {
    let id = || w.random.uuid(w.clock.now());
    let (key, other, watch) = (KeyId(id()), KeyId(id()), WatchId(id()));
    let of = |principal: Principal| Ctx {
        principal,
        ..w.a.clone()
    };
    let command = of(Principal::System("command line"));
    let person = w.a.principal.user().map(Sender::User).unwrap();
    let mut sent = Vec::new();
    for (ctx, sender) in [
        (&w.a, person),
        (&of(Principal::Key(key)), Sender::Key(key)),
        (&of(Principal::Key(other)), Sender::Key(other)),
        (&command, Sender::Command),
        (&command, Sender::Watch(watch)),
    ] {
        let id = w.upload(ctx).await;
        if sender == Sender::Watch(watch) {
            let mut tx = w.storage.tenant(ctx).await.unwrap();
            tx.set_upload_watch(id, watch).await.unwrap();
            tx.commit().await.unwrap();
        }
        sent.push((id, sender));
    }
    w.upload(&w.b).await;
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    for (id, sender) in &sent {
        let upload = tx.upload(*id).await.unwrap().unwrap();
        assert_eq!(upload.sent_by, Some(*sender));
        let theirs = UploadFilter {
            by: Some(*sender),
            ..Default::default()
        };
        let found = tx.uploads(&theirs).await.unwrap().items;
        let found: Vec<UploadId> = found.into_iter().map(|upload| upload.id).collect();
        assert_eq!(found, [*id], "{sender}");
    }
    let mut known: Vec<String> = tx
        .senders()
        .await
        .unwrap()
        .iter()
        .map(Sender::to_string)
        .collect();
    let mut expected: Vec<String> = sent.iter().map(|(_, sender)| sender.to_string()).collect();
    known.sort();
    expected.sort();
    assert_eq!(known, expected);
}

async fn rejects_are_kept_once(w: World) {
    let id = w.upload(&w.a).await;
    let rejects: Vec<Reject> = (1..=20)
        .rev()
        .map(|record| Reject {
            record,
            body: json!({"code": "bad_date", "raw": "31/02/2026"}),
        })
        .collect();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.insert_rejects(id, &rejects).await.unwrap();
    tx.insert_rejects(id, &rejects).await.unwrap();
    let page = tx.rejects(id, 5, 3).await.unwrap();
    let records: Vec<u64> = page.items.iter().map(|reject| reject.record).collect();
    assert_eq!((page.total, records), (20, vec![6, 7, 8]));
    assert_eq!(page.items[0].body, rejects[0].body);
    tx.clear_rejects(id).await.unwrap();
    assert_eq!(tx.rejects(id, 0, 10).await.unwrap().total, 0);
}

async fn strange_text_comes_back(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let new = NewUpload {
        id: w.a.new_upload_id(),
        data_set: "orders".to_owned(),
        file_name: "طلبات\0'; drop table uploads; --订单.csv".to_owned(),
        size: u64::MAX,
        parent: None,
        parts: Vec::new(),
    };
    tx.insert_upload(&new).await.unwrap();
    // NUL inside JSON is escaped, and stays what it is.
    let odd = json!({"raw": "a\0b\u{feff}", "number": 12345678901234567890_u64});
    tx.save_inspection(new.id, &odd).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let upload = tx.upload(new.id).await.unwrap().unwrap();
    assert_eq!(
        upload.file_name,
        "طلبات\u{fffd}'; drop table uploads; --订单.csv"
    );
    assert_eq!(upload.inspection, Some(odd));
    assert_eq!(upload.size, i64::MAX as u64);
}

async fn mappings_are_remembered(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.mapping("f").await.unwrap(), None);
    tx.put_mapping("f", &json!({"map.0": "sku"})).await.unwrap();
    w.pass(1);
    tx.put_mapping("f", &json!({"map.0": "ignore"}))
        .await
        .unwrap();
    let mapping = tx.mapping("f").await.unwrap().unwrap();
    assert_eq!(mapping.decisions, json!({"map.0": "ignore"}));
    assert_eq!(mapping.used_at, w.clock.now());
}

async fn gold_versions_rise(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let none = tx.gold("orders").await.unwrap();
    assert_eq!((none.version, none.data_through), (0, None));
    assert_eq!(
        tx.bump_gold("orders", None, &json!({"gold": 1}))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        tx.bump_gold("orders", Some(Day(-3)), &json!({"gold": 2}))
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        tx.bump_gold("sessions", Some(Day(0)), &json!({}))
            .await
            .unwrap(),
        1
    );
    let gold = tx.gold("orders").await.unwrap();
    assert_eq!((gold.version, gold.data_through), (2, Some(Day(-3))));
    assert_eq!(gold.updated_at, Some(w.clock.now()));
    assert_eq!(gold.tables, Some(json!({"gold": 2})));
    // What it was stays to be seen.
    let first = tx.gold_at("orders", 1).await.unwrap().unwrap();
    assert_eq!((first.version, first.data_through), (1, None));
    assert_eq!(first.tables, Some(json!({"gold": 1})));
    assert_eq!(tx.gold_at("orders", 2).await.unwrap(), Some(gold.clone()));
    let then = w.clock.now();
    assert_eq!(tx.gold_known_at("orders", then).await.unwrap(), Some(gold));
    let before = then
        .checked_sub(jiff::SignedDuration::from_micros(1))
        .unwrap();
    assert_eq!(tx.gold_known_at("orders", before).await.unwrap(), None);
    assert_eq!(tx.gold_at("orders", 3).await.unwrap(), None);
    assert_eq!(tx.gold_at("products", 1).await.unwrap(), None);
}
