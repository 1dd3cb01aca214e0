//! Watched folders: each file once, whole, and nothing from outside.

use crate::shop::{Shop, day, orders};
use access::Role;
use backend::{
    ingest::Decisions,
    objects::PlaceError,
    storage::{
        JobState, Problem, Sender, WatchedState, uploads::UploadFilter, uploads::UploadState,
    },
    uploads,
    watches::{self, WatchError},
};
use std::path::Path;
use tempfile::TempDir;
use types::WatchId;

const JANUARY: [(u32, &str, i64); 1] = [(1, "2026-01-10", 1_000)];
const FEBRUARY: [(u32, &str, i64); 1] = [(2, "2026-02-10", 2_000)];

struct Watched {
    shop: Shop,
    folder: TempDir,
    id: WatchId,
}

impl Watched {
    async fn new(pattern: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let shop = Shop::watching(folder.path()).await;
        let watch = watches::add(
            &shop.backend,
            &shop.ctx,
            &url(folder.path()),
            pattern,
            &Decisions::new(),
        )
        .await
        .unwrap();
        Self {
            shop,
            folder,
            id: watch.id,
        }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    async fn look(&self) -> watches::Looked {
        let looked = watches::look(&self.shop.backend, &self.shop.ctx, self.id, None)
            .await
            .unwrap();
        for id in &looked.taken {
            self.shop.settled(*id).await;
        }
        looked
    }

    /// State and error of a file.
    async fn state_of(&self, name: &str) -> (WatchedState, Option<Problem>) {
        let all = watches::list(&self.shop.backend, &self.shop.ctx)
            .await
            .unwrap();
        let object = all[0].1.iter().find(|o| o.name == name).unwrap();
        (object.state, object.error.clone())
    }
}

fn url(folder: &Path) -> String {
    format!("file://{}", folder.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_came_to_rest_are_imported_once() {
    let watched = Watched::new("*.csv").await;
    watched.write("january.csv", &orders(&JANUARY));
    watched.write("notes.txt", "Dear all");
    watched.write("february.csv.part", "Order ID,Order Da");
    let first = watched.look().await;
    assert_eq!((first.waiting, first.taken.len()), (1, 0));
    // Still being written: it changed since the last look.
    watched.write("january.csv", &(orders(&JANUARY) + "\n"));
    let second = watched.look().await;
    assert_eq!((second.waiting, second.taken.len()), (1, 0));
    let third = watched.look().await;
    assert_eq!((third.waiting, third.taken.len()), (0, 1));
    let shop = &watched.shop;
    let sent_by = shop.get(third.taken[0]).await.sent_by;
    assert_eq!(sent_by, Some(Sender::Watch(watched.id)));
    assert_eq!(shop.figures().await, [day("2026-01-10", 1_000, 1)]);
    for _ in 0..2 {
        assert_eq!(watched.look().await, watches::Looked::default());
    }

    // The same content under another name changes nothing, another version of the file does.
    watched.write("copy.csv", &(orders(&JANUARY) + "\n"));
    watched.look().await;
    let copy = watched.look().await.taken;
    assert!(shop.get(copy[0]).await.duplicate_of.is_some());
    watched.write("january.csv", &orders(&[(1, "2026-01-10", 1_500)]));
    watched.look().await;
    assert_eq!(watched.look().await.taken.len(), 1);
    assert_eq!(shop.figures().await, [day("2026-01-10", 1_500, 1)]);
    let all = uploads::list(&shop.backend, &shop.ctx, &UploadFilter::default())
        .await
        .unwrap();
    assert_eq!(all.total, 3);

    watches::remove(&shop.backend, &shop.ctx, watched.id)
        .await
        .unwrap();
    let gone = watches::look(&shop.backend, &shop.ctx, watched.id, None).await;
    assert!(matches!(gone, Err(WatchError::NotFound)));
    assert_eq!(shop.figures().await, [day("2026-01-10", 1_500, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_file_does_not_stop_the_others() {
    let watched = Watched::new("*").await;
    watched.write("a-question.csv", AMBIGUOUS);
    watched.write("b-nonsense.csv", "\u{0}\u{1}\u{2}\u{3}");
    watched.write("c-january.csv", &orders(&JANUARY));
    watched.look().await;
    let looked = watched.look().await;
    assert_eq!((looked.taken.len(), looked.failed), (3, 1));
    let shop = &watched.shop;
    assert_eq!(shop.figures().await, [day("2026-01-10", 1_000, 1)]);
    // Waits for its answer.
    let asked = shop.get(looked.taken[0]).await;
    assert_eq!(asked.state, UploadState::Question);
    let (state, error) = watched.state_of("b-nonsense.csv").await;
    assert_eq!(state, WatchedState::Failed);
    let error = error.unwrap();
    assert!(
        !error.code.is_empty() && !error.message.is_empty(),
        "{error:?}"
    );
    assert_eq!(
        watched.state_of("a-question.csv").await.0,
        WatchedState::Taken
    );
    assert_eq!(watched.look().await, watches::Looked::default());
}

/// Lines and orders complete each other; a sheet beside them stands for itself.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_complete_each_other_are_one_upload() {
    let lines = "order_id,order_item_id,product_id,price,freight_value\no1,1,p1,10.00,1.00\no2,1,p1,10.50,1.00\n";
    let of_lines = "order_id,customer_id,order_status,order_purchase_timestamp\no1,c1,delivered,2025-03-01 10:00:00\no2,c2,delivered,2025-03-02 11:30:00\n";
    let watched = Watched::new("*.csv").await;
    watched.write("items.csv", lines);
    watched.write("january.csv", &orders(&JANUARY));
    watched.write("orders.csv", of_lines);
    assert_eq!(watched.look().await.waiting, 3);
    let looked = watched.look().await;
    assert_eq!((looked.taken.len(), looked.failed), (2, 0));
    let shop = &watched.shop;
    let mut names = Vec::new();
    for id in &looked.taken {
        let upload = shop.get(*id).await;
        assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
        let parts = upload.parts.iter().map(|part| part.name.clone());
        names.push((upload.file_name.clone(), parts.collect::<Vec<_>>()));
    }
    names.sort();
    assert_eq!(
        names,
        [
            (
                "items.csv, orders.csv".to_owned(),
                vec!["items.csv".to_owned(), "orders.csv".to_owned()]
            ),
            ("january.csv".to_owned(), Vec::new()),
        ]
    );
    assert_eq!(watched.look().await, watches::Looked::default());
    for name in ["items.csv", "orders.csv", "january.csv"] {
        assert_eq!(watched.state_of(name).await, (WatchedState::Taken, None));
    }

    // One of two that were begun together changes before they are whole: both are looked at anew.
    watched.write("items.csv", &lines.replace("10.50", "10.60"));
    watched.write("orders.csv", &of_lines.replace("delivered", "shipped"));
    watched.look().await;
    watched.write("items.csv", &lines.replace("10.50", "10.700"));
    let alone = watched.look().await;
    assert_eq!((alone.waiting, alone.taken.len()), (1, 1));
}

const AMBIGUOUS: &str = "Order,Date,Product,Quantity,Price,Currency\n\
    A-1,03/04/2025,Mug,2,4.50,EUR\n\
    A-2,05/06/2025,Mug,1,4.50,EUR\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_killed_goes_on_where_it_was() {
    let watched = Watched::new("*").await;
    watched.write("january.csv", &orders(&JANUARY));
    watched.look().await;
    let (backend, ctx) = (&watched.shop.backend, &watched.shop.ctx);
    // As a worker leaves it that is killed between two pieces.
    let text = orders(&JANUARY);
    let begun = uploads::begin(
        backend,
        ctx,
        &uploads::Announced::file("january.csv", text.len() as u64),
    )
    .await
    .unwrap();
    let half = bytes::Bytes::copy_from_slice(&text.as_bytes()[..20]);
    uploads::append(backend, ctx, begun.id, 0, half)
        .await
        .unwrap();
    let mut object = watches::list(backend, ctx).await.unwrap()[0].1[0].clone();
    object.state = WatchedState::Taking;
    object.upload = Some(begun.id);
    let mut tx = backend.storage.tenant(ctx).await.unwrap();
    tx.put_watched_object(watched.id, &object).await.unwrap();
    tx.commit().await.unwrap();

    let looked = watched.look().await;
    assert_eq!(looked.taken, [begun.id], "no second upload");
    assert_eq!(watched.shop.figures().await, [day("2026-01-10", 1_000, 1)]);
    // One whose file changed meanwhile is given up.
    watched.write("february.csv", &orders(&FEBRUARY));
    watched.look().await;
    let begun = uploads::begin(backend, ctx, &uploads::Announced::file("february.csv", 500))
        .await
        .unwrap();
    let all = watches::list(backend, ctx).await.unwrap();
    let mut object = all[0].1[0].clone();
    assert_eq!(object.name, "february.csv");
    object.state = WatchedState::Taking;
    object.upload = Some(begun.id);
    let mut tx = backend.storage.tenant(ctx).await.unwrap();
    tx.put_watched_object(watched.id, &object).await.unwrap();
    tx.commit().await.unwrap();
    watched.write("february.csv", &(orders(&FEBRUARY) + "\n\n"));
    assert_eq!(watched.look().await.waiting, 1);
    assert_eq!(
        watched.shop.get(begun.id).await.state,
        UploadState::Cancelled
    );
    assert_eq!(watched.look().await.taken.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_operator_allows_is_watched() {
    let folder = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    let root = folder.path().join("exports");
    std::fs::create_dir_all(root.join("shop")).unwrap();
    std::fs::write(outside.path().join("secret.csv"), orders(&JANUARY)).unwrap();
    let shop = Shop::watching(&root).await;
    let add =
        async |url: &str| watches::add(&shop.backend, &shop.ctx, url, "*", &Decisions::new()).await;
    for refused in [
        url(outside.path()),
        url(folder.path()),
        format!("file://{}/shop/../..", root.display()),
        format!("file://{}/shop/%2e%2e/%2e%2e", root.display()),
        "s3://bucket/prefix".to_owned(),
    ] {
        let refused = add(&refused).await;
        assert!(
            matches!(
                refused,
                Err(WatchError::Place(
                    PlaceError::NotAllowed(_) | PlaceError::Url(_)
                ))
            ),
            "{refused:?}"
        );
    }
    let nobody = add("https://shop.example/exports").await;
    assert!(matches!(nobody, Err(WatchError::Place(PlaceError::Url(_)))));
    let watch = add(&url(&root.join("shop"))).await.unwrap();
    let twice = add(&url(&root.join("shop"))).await;
    assert!(matches!(twice, Err(WatchError::Known)));

    // A link out of the folder is no file of it, and a folder that became a link is none of the root's.
    #[cfg(unix)]
    {
        let link = root.join("shop/link.csv");
        std::os::unix::fs::symlink(outside.path().join("secret.csv"), link).unwrap();
        for _ in 0..2 {
            let looked = watches::look(&shop.backend, &shop.ctx, watch.id, None)
                .await
                .unwrap();
            assert_eq!(looked, watches::Looked::default());
        }
        std::fs::remove_file(root.join("shop/link.csv")).unwrap();
        std::fs::remove_dir(root.join("shop")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("shop")).unwrap();
        let looked = watches::look(&shop.backend, &shop.ctx, watch.id, None).await;
        assert!(matches!(
            looked,
            Err(WatchError::Place(PlaceError::NotAllowed(_)))
        ));
        let listed = watches::list(&shop.backend, &shop.ctx).await.unwrap();
        let said = listed[0].0.last_error.clone().unwrap();
        assert_eq!(said.code, "place_not_allowed");
        assert_eq!(said.params["place"], watch.url);
        assert!(said.message.contains("does not lie below"), "{said:?}");
    }
    let analyst = shop.as_member(Role::Analyst);
    let denied = watches::remove(&shop.backend, &analyst, watch.id).await;
    assert!(matches!(denied, Err(WatchError::Denied(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_looked_at_every_minute_until_it_is_removed() {
    let watched = Watched::new("*").await;
    let (backend, ctx) = (&watched.shop.backend, &watched.shop.ctx);
    let waiting = async || {
        let mut tx = backend.storage.tenant_read(ctx).await.unwrap();
        let jobs = tx.jobs_in(JobState::Queued, 10).await.unwrap();
        jobs.into_iter().filter(|j| j.kind == watches::JOB).count()
    };
    assert_eq!(waiting().await, 1);
    watches::remove(backend, ctx, watched.id).await.unwrap();
    assert_eq!(waiting().await, 0);
}
