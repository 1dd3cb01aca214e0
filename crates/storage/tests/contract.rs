//! What the rest of the product may rely on, held against both databases.
//! PostgreSQL takes part where `SR360_TEST_POSTGRES_URL` names one (`script/postgres-for-tests`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use access::{Clock, Ctx, Principal, Randomness, Role};
use jiff::SignedDuration;
use serde_json::json;
use storage::{
    Attempt, Claim, Delay, Enqueued, EventHead, Job, JobState, NewJob, NewSession, NewTenant,
    NewUpload, NewUser, Received, Reject, Rotated, Sort, SortBy, Storage, StorageError,
    UploadError, UploadFilter, UploadState,
};
use types::{Currency, Day, SessionId, TenantId, UploadId, UserId};

/// Two tenants that know nothing of each other, and a clock that stands still.
struct World {
    storage: Storage,
    clock: Clock,
    random: Randomness,
    a: Ctx,
    b: Ctx,
}

impl World {
    async fn new(storage: Storage) -> Self {
        let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
        let random = Randomness::seeded(360);
        let mut contexts = Vec::new();
        let mut tx = storage.platform(&clock).await.unwrap();
        for name in ["a", "b"] {
            let tenant = TenantId(random.uuid(clock.now()));
            let user = UserId(random.uuid(clock.now()));
            tx.insert_tenant(&NewTenant {
                id: tenant,
                slug: name.to_owned(),
                name: format!("Shop {name}"),
                timezone: "Europe/Madrid".to_owned(),
                currency: Currency::EUR,
                locale: "es".to_owned(),
                is_sample: false,
            })
            .await
            .unwrap();
            tx.insert_user(&NewUser {
                id: user,
                email: format!("{name}@Example.com"),
                name: format!("User {name}"),
                password_hash: "hash".to_owned(),
                locale: None,
                theme: None,
                is_platform_admin: false,
            })
            .await
            .unwrap();
            tx.put_membership(tenant, user, Role::TenantAdmin)
                .await
                .unwrap();
            contexts.push(Ctx {
                principal: Principal::User {
                    id: user,
                    session: SessionId(random.uuid(clock.now())),
                    role: Role::TenantAdmin,
                },
                tenant,
                clock: clock.clone(),
                randomness: random.clone(),
            });
        }
        tx.commit().await.unwrap();
        let b = contexts.remove(1);
        let a = contexts.remove(0);
        Self {
            storage,
            clock,
            random,
            a,
            b,
        }
    }

    async fn upload(&self, ctx: &Ctx) -> UploadId {
        let mut tx = self.storage.tenant(ctx).await.unwrap();
        let new = NewUpload {
            id: ctx.new_upload_id(),
            data_set: "orders".to_owned(),
            file_name: "orders.csv".to_owned(),
            size: 100,
            parent: None,
        };
        tx.insert_upload(&new).await.unwrap();
        tx.commit().await.unwrap();
        new.id
    }

    async fn enqueue(&self, ctx: &Ctx, job: NewJob) -> Enqueued {
        let mut tx = self.storage.tenant(ctx).await.unwrap();
        let enqueued = tx.enqueue_job(&job).await.unwrap();
        tx.commit().await.unwrap();
        enqueued
    }

    async fn claim(&self) -> Option<Job> {
        let mut tx = self.storage.platform(&self.clock).await.unwrap();
        let job = tx
            .claim_job(&["import"], "worker", SignedDuration::from_secs(30))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        job
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

/// Runs each function below on each database.
macro_rules! contract {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("new/test.db").display());
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

contract! {
    tenants_and_users_are_found
    names_are_unique
    nothing_stays_without_commit
    reads_cannot_write
    an_upload_goes_its_way
    chunks_arrive_in_order
    uploads_are_listed
    the_same_file_is_recognised
    rejects_are_kept_once
    strange_text_comes_back
    mappings_are_remembered
    gold_versions_rise
    events_count_without_gaps
    events_of_parallel_transactions_count_without_gaps
    a_commit_rings
    one_tenant_never_meets_another
    jobs_run_once
    jobs_are_enqueued_once
    jobs_of_a_group_take_turns
    parallel_claims_share_the_work
    tenants_take_turns
    priority_goes_first
    a_zombie_is_fenced
    failures_are_tried_again_until_dead
    an_abandoned_last_attempt_is_buried
    released_work_does_not_count
    sessions_end
    refresh_tokens_are_exchanged_once
    parallel_refreshes_have_one_winner
    first_admin_tokens_work_once
    attempts_are_slowed
    parallel_attempts_are_all_counted
    migrating_again_changes_nothing
}

async fn tenants_and_users_are_found(w: World) {
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    let tenant = tx.tenant_by_slug("a").await.unwrap().unwrap();
    assert_eq!((tenant.id, tenant.currency), (w.a.tenant, Currency::EUR));
    assert_eq!(tenant.created_at, w.clock.now());
    assert_eq!(
        tx.tenant_by_id(w.a.tenant).await.unwrap(),
        Some(tenant.clone())
    );
    assert_eq!(tx.tenant_by_slug("c").await.unwrap(), None);
    assert_eq!(tx.tenants().await.unwrap().len(), 2);
    assert!(!tx.any_platform_admin().await.unwrap());
    let user = tx.user_by_email("A@EXAMPLE.COM").await.unwrap().unwrap();
    assert_eq!(user.email, "a@example.com");
    assert_eq!(tx.user_by_id(user.id).await.unwrap().unwrap(), user);
    let memberships = tx.memberships(user.id).await.unwrap();
    assert_eq!(memberships.len(), 1);
    assert_eq!(
        (memberships[0].tenant, memberships[0].role),
        (w.a.tenant, Role::TenantAdmin)
    );
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.set_password(user.id, "other").await.unwrap();
    tx.set_preferences(user.id, Some("ar"), None).await.unwrap();
    tx.set_preferences(user.id, None, Some("dark"))
        .await
        .unwrap();
    let changed = tx.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "other");
    assert_eq!(
        (changed.locale.as_deref(), changed.theme.as_deref()),
        (Some("ar"), Some("dark"))
    );
    let nobody = UserId(w.random.uuid(w.clock.now()));
    assert!(matches!(
        tx.set_password(nobody, "x").await,
        Err(StorageError::NotFound)
    ));
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.update_own_tenant("Renamed", "UTC", Currency::USD, "en")
        .await
        .unwrap();
    let own = tx.own_tenant().await.unwrap();
    assert_eq!(
        (own.id, own.name.as_str(), own.currency),
        (w.a.tenant, "Renamed", Currency::USD)
    );
}

async fn names_are_unique(w: World) {
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let mut tenant = NewTenant {
        id: TenantId(w.random.uuid(w.clock.now())),
        slug: "a".to_owned(),
        name: String::new(),
        timezone: "UTC".to_owned(),
        currency: Currency::USD,
        locale: "en".to_owned(),
        is_sample: false,
    };
    let error = tx.insert_tenant(&tenant).await.unwrap_err();
    assert!(error.is_conflict("tenants_slug"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tenant.slug = "other".to_owned();
    tenant.id = w.a.tenant;
    let error = tx.insert_tenant(&tenant).await.unwrap_err();
    assert!(error.is_conflict("tenants_id"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let error = tx
        .insert_user(&NewUser {
            id: UserId(w.random.uuid(w.clock.now())),
            email: "A@example.com".to_owned(),
            name: String::new(),
            password_hash: String::new(),
            locale: None,
            theme: None,
            is_platform_admin: false,
        })
        .await
        .unwrap_err();
    assert!(error.is_conflict("users_email"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let nobody = UserId(w.random.uuid(w.clock.now()));
    let error = tx
        .put_membership(w.a.tenant, nobody, Role::Analyst)
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Reference), "{error}");
}

async fn nothing_stays_without_commit(w: World) {
    let id = w.a.new_upload_id();
    let new = NewUpload {
        id,
        data_set: "orders".to_owned(),
        file_name: "x".to_owned(),
        size: 1,
        parent: None,
    };
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.insert_upload(&new).await.unwrap(), 1);
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap(), None);
    // The number was given back too.
    assert_eq!(tx.insert_upload(&new).await.unwrap(), 1);
    tx.rollback().await.unwrap();
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap(), None);
}

async fn reads_cannot_write(w: World) {
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    assert!(tx.append_event("x", &json!({})).await.is_err());
    drop(tx);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert!(tx.forget_attempts("x").await.is_err());
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
    tx.save_result(id, &json!({"rows": 12})).await.unwrap();
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
    assert!(upload.created_at < upload.updated_at);
    assert_eq!(upload.error, None);

    let error = UploadError {
        code: "empty".to_owned(),
        message: "The file is empty.".to_owned(),
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
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for (id, hash) in [(first, "h1"), (second, "h2")] {
        tx.set_complete(id, "abc").await.unwrap();
        tx.save_plan(id, Some((&json!({}), hash))).await.unwrap();
    }
    assert_eq!(
        tx.find_done_by_sha("abc", "orders", None).await.unwrap(),
        None
    );
    for id in [first, second] {
        tx.set_upload_state(id, &UploadState::ALL, UploadState::Done)
            .await
            .unwrap();
    }
    let mut found = async |sha: &str, data_set: &str, plan: Option<&str>| {
        tx.find_done_by_sha(sha, data_set, plan)
            .await
            .unwrap()
            .map(|upload| upload.id)
    };
    assert_eq!(found("abc", "orders", None).await, Some(second));
    assert_eq!(found("abc", "orders", Some("h1")).await, Some(first));
    assert_eq!(found("abc", "orders", Some("h3")).await, None);
    assert_eq!(found("abc", "sessions", None).await, None);
    assert_eq!(found("abd", "orders", None).await, None);
    tx.set_upload_state(second, &[UploadState::Done], UploadState::Undone)
        .await
        .unwrap();
    let left = tx.find_done_by_sha("abc", "orders", None).await.unwrap();
    assert_eq!(left.map(|upload| upload.id), Some(first));
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
}

async fn events_count_without_gaps(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.last_event_seq().await.unwrap(), 0);
    tx.append_event("lost", &json!({})).await.unwrap();
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for n in 1..=3 {
        assert_eq!(tx.append_event("x", &json!({ "n": n })).await.unwrap(), n);
    }
    assert_eq!(tx.commit().await.unwrap().last_event, Some(3));
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let events = tx.events_after(1, 10).await.unwrap();
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [2, 3]);
    assert_eq!(events[0].payload, json!({"n": 2}));
    assert_eq!(tx.events_after(0, 1).await.unwrap().len(), 1);
    assert_eq!(tx.last_event_seq().await.unwrap(), 3);
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let head = EventHead {
        tenant: w.a.tenant,
        seq: 3,
    };
    assert_eq!(tx.event_heads().await.unwrap(), [head]);
    assert_eq!(tx.events_to_relay(10).await.unwrap().len(), 3);
    tx.mark_relayed(w.a.tenant, 1).await.unwrap();
    assert_eq!(tx.events_to_relay(10).await.unwrap()[0].seq, 2);
}

async fn events_of_parallel_transactions_count_without_gaps(w: World) {
    let mut tasks = Vec::new();
    for n in 0..40 {
        let (storage, ctx) = (w.storage.clone(), w.a.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.tenant(&ctx).await.unwrap();
            tx.append_event("x", &json!({})).await.unwrap();
            if n % 3 == 0 {
                tx.rollback().await.unwrap();
            } else {
                tx.commit().await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let seqs: Vec<i64> = tx
        .events_after(0, 100)
        .await
        .unwrap()
        .iter()
        .map(|event| event.seq)
        .collect();
    assert_eq!(seqs, (1..=26).collect::<Vec<_>>());
}

async fn a_commit_rings(w: World) {
    let mut doorbell = w.storage.signals().events();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.append_event("x", &json!({})).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(doorbell.try_recv().is_err());
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.append_event("x", &json!({})).await.unwrap();
    tx.append_event("y", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(doorbell.recv().await.unwrap(), (w.a.tenant, 2));
    w.enqueue(&w.a, NewJob::new("import", json!({}))).await;
    w.storage.signals().jobs().notified().await;
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
    assert_eq!(
        tx.find_done_by_sha("abc", "orders", None).await.unwrap(),
        None
    );
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
        tx.save_result(id, &json!(1)).await,
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

async fn session(w: &World) -> SessionId {
    let id = SessionId(w.random.uuid(w.clock.now()));
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_session(&NewSession {
        id,
        tenant: w.a.tenant,
        user: w.a.principal.user().unwrap(),
        user_agent: "Browser\0".to_owned(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn sessions_end(w: World) {
    let user = w.a.principal.user().unwrap();
    let (first, second) = (session(&w).await, session(&w).await);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let standing = tx.session_standing(first).await.unwrap().unwrap();
    assert_eq!(
        (standing.tenant, standing.user, standing.role),
        (w.a.tenant, user, Role::TenantAdmin)
    );
    tx.put_membership(w.a.tenant, user, Role::Analyst)
        .await
        .unwrap();
    let standing = tx.session_standing(first).await.unwrap().unwrap();
    assert_eq!(standing.role, Role::Analyst);
    assert_eq!(tx.live_sessions(user).await.unwrap().len(), 2);
    tx.revoke_session(first).await.unwrap();
    assert_eq!(tx.session_standing(first).await.unwrap(), None);
    assert!(
        tx.session(first)
            .await
            .unwrap()
            .unwrap()
            .revoked_at
            .is_some()
    );
    assert_eq!(tx.revoke_sessions_of(user).await.unwrap(), 1);
    assert_eq!(tx.session_standing(second).await.unwrap(), None);
    // Only who belongs to a tenant has a session in it.
    let error = tx
        .insert_session(&NewSession {
            id: SessionId(w.random.uuid(w.clock.now())),
            tenant: w.b.tenant,
            user,
            user_agent: String::new(),
        })
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Reference));
}

async fn refresh_tokens_are_exchanged_once(w: World) {
    let session = session(&w).await;
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_refresh_token(&[1; 32], session, expires)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let rotated = tx
        .rotate_refresh_token(&[1; 32], &[2; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(rotated, Some(Rotated { session }));
    tx.insert_refresh_token(&[2; 32], session, expires)
        .await
        .unwrap();
    let again = tx
        .rotate_refresh_token(&[1; 32], &[3; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(again, None);
    let used = tx.refresh_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!(used.used_at, Some(w.clock.now()));
    assert_eq!(used.replaced_by.as_deref(), Some([2_u8; 32].as_slice()));
    assert_eq!(used.salt.as_deref(), Some([9_u8; 32].as_slice()));
    assert_eq!(tx.live_refresh_tokens(session).await.unwrap(), 1);
    tx.commit().await.unwrap();

    w.pass(101);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let expired = tx
        .rotate_refresh_token(&[2; 32], &[4; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(expired, None);
    assert_eq!(tx.forget_refresh_tokens(w.clock.now()).await.unwrap(), 2);
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    tx.insert_refresh_token(&[5; 32], session, expires)
        .await
        .unwrap();
    tx.revoke_session(session).await.unwrap();
    let revoked = tx
        .rotate_refresh_token(&[5; 32], &[6; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(revoked, None);
}

async fn parallel_refreshes_have_one_winner(w: World) {
    let session = session(&w).await;
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_refresh_token(&[1; 32], session, expires)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..50_u8 {
        let (storage, clock) = (w.storage.clone(), w.clock.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.platform(&clock).await.unwrap();
            let successor = [100 + n; 32];
            let rotated = tx
                .rotate_refresh_token(&[1; 32], &successor, &[0; 32])
                .await
                .unwrap();
            if rotated.is_some() {
                tx.insert_refresh_token(&successor, session, expires)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
            rotated.is_some()
        }));
    }
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.live_refresh_tokens(session).await.unwrap(), 1);
}

async fn first_admin_tokens_work_once(w: World) {
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let expires = w.clock.now() + SignedDuration::from_secs(10);
    tx.insert_first_admin_token(&[1; 32], expires)
        .await
        .unwrap();
    w.pass(10);
    assert!(!tx.use_first_admin_token(&[1; 32]).await.unwrap());
    let expires = w.clock.now() + SignedDuration::from_secs(10);
    for token in [[2; 32], [3; 32]] {
        tx.insert_first_admin_token(&token, expires).await.unwrap();
    }
    assert!(!tx.use_first_admin_token(&[4; 32]).await.unwrap());
    assert!(tx.use_first_admin_token(&[2; 32]).await.unwrap());
    assert!(!tx.use_first_admin_token(&[2; 32]).await.unwrap());
    // Issued at another start of the server: there is a first administrator now.
    assert!(!tx.use_first_admin_token(&[3; 32]).await.unwrap());
}

const DELAY: Delay = Delay {
    free: 3,
    first: SignedDuration::from_secs(1),
    longest: SignedDuration::from_secs(8),
    forgotten_after: SignedDuration::from_hours(1),
};

async fn attempts_are_slowed(w: World) {
    let attempt = async || {
        let mut tx = w.storage.platform(&w.clock).await.unwrap();
        let attempt = tx.count_attempt("key", DELAY).await.unwrap();
        tx.commit().await.unwrap();
        match attempt {
            Attempt::Counted => 0,
            Attempt::Blocked { until } => until.duration_since(w.clock.now()).as_secs(),
        }
    };
    for _ in 0..3 {
        assert_eq!(attempt().await, 0);
    }
    for wait in [1, 2, 4, 8, 8, 8] {
        assert_eq!(attempt().await, wait);
        // Asking again does not make it longer.
        assert_eq!(attempt().await, wait);
        w.pass(wait);
        assert_eq!(attempt().await, 0);
    }
    w.pass(3601);
    for _ in 0..3 {
        assert_eq!(attempt().await, 0);
    }
    assert_eq!(attempt().await, 1);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.refund_attempt("key").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, 0);
    assert_eq!(attempt().await, 1);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.forget_attempts("key").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, 0);
    w.pass(60);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let now = w.clock.now();
    assert_eq!(tx.forget_attempts_before(now).await.unwrap(), 1);
}

async fn parallel_attempts_are_all_counted(w: World) {
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let (storage, clock) = (w.storage.clone(), w.clock.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.platform(&clock).await.unwrap();
            let attempt = tx.count_attempt("key", DELAY).await.unwrap();
            tx.commit().await.unwrap();
            attempt == Attempt::Counted
        }));
    }
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(task.await.unwrap());
    }
    assert_eq!(counted, 3);
}

async fn migrating_again_changes_nothing(w: World) {
    w.storage.migrate().await.unwrap();
    assert!(w.storage.is_ready().await);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.tenants().await.unwrap().len(), 2);
    drop(tx);
    w.storage.close().await;
    assert!(!w.storage.is_ready().await);
    assert!(matches!(
        w.storage.tenant(&w.a).await.err(),
        Some(StorageError::Unavailable(_))
    ));
}

#[tokio::test]
async fn memory_works_and_wrong_urls_say_so() {
    let w = World::new(storage::scratch::open("sqlite::memory:").await.unwrap()).await;
    w.upload(&w.a).await;
    for url in ["mysql://x", "", "orders.db"] {
        assert!(matches!(
            Storage::open(url).await.err(),
            Some(StorageError::Url(_))
        ));
    }
    let secret = "postgres://user:s3cret@host:notaport/db";
    let message = Storage::open(secret).await.err().unwrap().to_string();
    assert!(!message.contains("s3cret"), "{message}");
    let nowhere = Storage::open("postgres://x@localhost/x?host=/nonexistent").await;
    assert!(matches!(nowhere.err(), Some(StorageError::Unavailable(_))));
}

#[tokio::test]
async fn two_processes_may_migrate_one_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let (one, two) = (
        Storage::open(&url).await.unwrap(),
        Storage::open(&url).await.unwrap(),
    );
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    let w = World::new(one).await;
    let mut tx = two.tenant_read(&w.a).await.unwrap();
    assert_eq!(tx.own_tenant().await.unwrap().slug, "a");
}
