//! Nothing is counted twice, and every import can be taken back.

use crate::shop::{Shop, day, orders};
use access::Role;
use backend::{
    storage::uploads::UploadState,
    uploads::{self, UploadError},
};

const JANUARY: [(u32, &str, i64); 2] = [(1, "2026-01-10", 1_000), (2, "2026-01-11", 2_000)];

#[tokio::test(flavor = "multi_thread")]
async fn an_overlapping_export_updates_and_undo_restores_the_totals() {
    let shop = Shop::new().await;
    let first = shop.import("january.csv", orders(&JANUARY)).await;
    assert_eq!(first.state, UploadState::Done, "{:?}", first.error);
    let before = shop.figures().await;
    assert_eq!(
        before,
        [day("2026-01-10", 1_000, 1), day("2026-01-11", 2_000, 1)]
    );

    // Order 2 has another price and another month now; order 3 is new.
    let overlap = [(2, "2026-02-01", 2_500), (3, "2026-02-02", 300)];
    let second = shop.import("february.csv", orders(&overlap)).await;
    let after = shop.figures().await;
    assert_eq!(
        after,
        [
            day("2026-01-10", 1_000, 1),
            day("2026-02-01", 2_500, 1),
            day("2026-02-02", 300, 1)
        ]
    );

    let undone = shop.undo(second.id).await;
    assert_eq!((undone.state, undone.live_run), (UploadState::Undone, None));
    assert_eq!(shop.figures().await, before);
    // Asked again, nothing more happens.
    assert_eq!(shop.undo(second.id).await.state, UploadState::Undone);

    uploads::redo(&shop.backend, &shop.ctx, second.id)
        .await
        .unwrap();
    assert_eq!(shop.settled(second.id).await.state, UploadState::Done);
    assert_eq!(shop.figures().await, after);

    // The first one goes: of its lines only those are left that the second has.
    shop.undo(first.id).await;
    assert_eq!(shop.figures().await, after[1..]);
    shop.undo(second.id).await;
    assert_eq!(shop.figures().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_changes_nothing_under_any_name() {
    let shop = Shop::new().await;
    let first = shop.import("january.csv", orders(&JANUARY)).await;
    let before = shop.figures().await;
    let copy = shop.import("a copy of january.csv", orders(&JANUARY)).await;
    assert_eq!(
        (copy.state, copy.duplicate_of, copy.live_run),
        (UploadState::Done, Some(first.id), None)
    );
    assert_eq!(uploads::result(&copy).unwrap().unwrap().rows, 2);
    assert_eq!(shop.figures().await, before);

    // Undoing what changed nothing changes nothing.
    let copy = shop.undo(copy.id).await;
    assert_eq!(copy.state, UploadState::Undone);
    assert_eq!(shop.figures().await, before);

    // Once the original is gone, the file is no duplicate any more; its duplicates went with it.
    let another = shop.import("third.csv", orders(&JANUARY)).await;
    assert_eq!(another.duplicate_of, Some(first.id));
    shop.undo(first.id).await;
    assert_eq!(shop.figures().await, []);
    assert_eq!(shop.get(another.id).await.state, UploadState::Undone);
    let again = shop.import("fourth.csv", orders(&JANUARY)).await;
    assert_eq!((again.duplicate_of, again.live_run), (None, Some(1)));
    assert_eq!(shop.figures().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_read_anew_takes_the_place_of_what_it_brought() {
    let shop = Shop::new().await;
    let first = shop.import("january.csv", orders(&JANUARY)).await;
    let later = [(2, "2026-01-11", 9_000)];
    shop.import("later.csv", orders(&later)).await;
    let before = shop.figures().await;

    let anew = uploads::rerun(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    assert_eq!((anew.state, anew.live_run), (UploadState::Ready, Some(1)));
    assert_eq!(
        shop.figures().await,
        before,
        "until it is done, nothing changes"
    );

    // Given up half way, the first reading stands.
    let cancelled = uploads::cancel(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    assert_eq!(
        (cancelled.state, cancelled.live_run),
        (UploadState::Done, Some(1))
    );

    // Nor is it shown otherwise, whatever was decided of the second.
    uploads::rerun(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    let leave_out = [("map.3".to_owned(), "ignore".to_owned())].into();
    let otherwise = uploads::decide(&shop.backend, &shop.ctx, first.id, leave_out)
        .await
        .unwrap();
    assert_ne!(otherwise.plan_hash, first.plan_hash);
    let cancelled = uploads::cancel(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    let read_by = |upload: &uploads::Upload| {
        let (plan, hash) = (upload.plan.clone(), upload.plan_hash.clone());
        (
            plan,
            hash,
            upload.inspection.clone(),
            uploads::decisions(upload).unwrap(),
        )
    };
    assert_eq!(read_by(&cancelled), read_by(&first));

    // The price column is now left out of the figures as unit price and read as the whole line's discount would be:
    // any other plan gives other lines.
    uploads::rerun(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    let decided = uploads::decide(
        &shop.backend,
        &shop.ctx,
        first.id,
        [
            ("currency".to_owned(), "EUR".to_owned()),
            ("map.2".to_owned(), "ignore".to_owned()),
        ]
        .into(),
    )
    .await
    .unwrap();
    assert_eq!(decided.state, UploadState::Ready, "{:?}", decided.error);
    let done = shop.start(first.id).await;
    assert_eq!((done.state, done.live_run), (UploadState::Done, Some(2)));
    // Without its SKU the line is another line: it no longer meets the later file's.
    assert_eq!(
        shop.figures().await,
        [day("2026-01-10", 1_000, 1), day("2026-01-11", 11_000, 1)]
    );
    shop.undo(first.id).await;
    assert_eq!(shop.figures().await, [day("2026-01-11", 9_000, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_delete_undoes() {
    let shop = Shop::new().await;
    let upload = shop.import("january.csv", orders(&JANUARY)).await;
    let analyst = shop.as_member(Role::Analyst);
    for refused in [
        uploads::undo(&shop.backend, &analyst, upload.id).await,
        uploads::redo(&shop.backend, &analyst, upload.id).await,
        uploads::rerun(&shop.backend, &analyst, upload.id).await,
    ] {
        assert!(
            matches!(refused, Err(UploadError::Denied(_))),
            "{refused:?}"
        );
    }
    let admin = shop.as_member(Role::TenantAdmin);
    uploads::undo(&shop.backend, &admin, upload.id)
        .await
        .unwrap();
    assert_eq!(shop.settled(upload.id).await.state, UploadState::Undone);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_state_is_refused() {
    let shop = Shop::without_workers().await;
    let ready = shop.send("january.csv", orders(&JANUARY)).await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    for refused in [
        uploads::undo(backend, ctx, ready.id).await,
        uploads::redo(backend, ctx, ready.id).await,
        uploads::retry(backend, ctx, ready.id).await,
    ] {
        assert!(
            matches!(refused, Err(UploadError::State { .. })),
            "{refused:?}"
        );
    }
    // Under way: neither read anew nor undone.
    uploads::start(backend, ctx, ready.id).await.unwrap();
    for refused in [
        uploads::undo(backend, ctx, ready.id).await,
        uploads::rerun(backend, ctx, ready.id).await,
    ] {
        assert!(
            matches!(refused, Err(UploadError::State { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_started_anew_makes_the_one_before_void() {
    let shop = Shop::without_workers().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let upload = shop.send("january.csv", orders(&JANUARY)).await;
    uploads::start(backend, ctx, upload.id).await.unwrap();
    // Given up, decided otherwise and started again before a worker came by.
    uploads::cancel(backend, ctx, upload.id).await.unwrap();
    uploads::rerun(backend, ctx, upload.id).await.unwrap();
    let currency = [("currency".to_owned(), "EUR".to_owned())].into();
    uploads::decide(backend, ctx, upload.id, currency)
        .await
        .unwrap();
    uploads::start(backend, ctx, upload.id).await.unwrap();
    let workers = backend.spawn_workers();
    let done = shop.settled(upload.id).await;
    assert_eq!((done.state, done.live_run), (UploadState::Done, Some(2)));
    workers.shutdown().await;
}
