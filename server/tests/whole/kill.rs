//! `kill -9` at random points of an import and of an undo: after a restart it finishes, no line lost, none doubled.
//! `script/chaos import N` makes N rounds.

use crate::process::{
    Points, Shop, events, figures, importing, orders, rounds, tables, until, until_idle,
};
use backend::{
    storage::uploads::{UploadFilter, UploadState},
    uploads,
};
use metrics::Cell;
use std::{path::Path, time::Instant};
use tempfile::TempDir;

const KILLS: u64 = 50;
const KILLED_EVENTS: u64 = 10;
const KILLED_UNDOS: u64 = 10;

#[test]
fn killed_at_any_point_an_import_finishes() {
    let files = TempDir::new().unwrap();
    let file = orders(files.path(), 150);
    let (found, tables) = killed_imports(&file, rounds(KILLS));
    assert!(
        found.iter().all(|cell| *cell != Cell::Count(0)),
        "{found:?}"
    );
    let filled: Vec<_> = tables.iter().filter(|t| t.1 > 0).map(|t| t.0).collect();
    assert_eq!(filled, ["orders", "customer_features"]);
}

#[test]
fn killed_at_any_point_a_log_of_events_is_read_once() {
    let files = TempDir::new().unwrap();
    let file = events(files.path(), 20_000);
    let (_, tables) = killed_imports(&file, rounds(KILLS).div_ceil(KILLS / KILLED_EVENTS));
    let filled: Vec<_> = tables
        .iter()
        .filter(|t| t.1 > 0)
        .map(|t| (t.0, t.1))
        .collect();
    assert_eq!(filled, [("events", 20_000), ("funnel", 56)]);
}

type Found = (Vec<Cell>, Vec<(&'static str, u64, u64)>);

/// What an undisturbed import makes of the file, after as many killed ones made the same of it.
fn killed_imports(file: &Path, kills: u64) -> Found {
    let mut points = Points::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let undisturbed = Shop::new(file);
    let started = Instant::now();
    undisturbed.finish_import();
    let whole = started.elapsed();
    let expected = runtime.block_on(async {
        let (backend, ctx) = undisturbed.open().await;
        (figures(&backend, &ctx).await, tables(&backend, &ctx).await)
    });

    let (mut resumed, mut begun_anew) = (0, 0);
    for kill in 0..kills {
        let shop = Shop::new(file);
        let after = points.within(whole);
        let mut process = shop.import();
        std::thread::sleep(after);
        process.kill().unwrap();
        process.wait().unwrap();

        let found = runtime.block_on(async {
            let (backend, ctx) = shop.open().await;
            if importing(&backend, &ctx).await {
                resumed += 1;
                let mut worker = shop.spawn(&["worker"]);
                until_idle(&backend, &ctx).await;
                worker.kill().unwrap();
                worker.wait().unwrap();
            } else {
                begun_anew += 1;
                shop.finish_import();
            }
            (figures(&backend, &ctx).await, tables(&backend, &ctx).await)
        });
        assert_eq!(found, expected, "kill {kill} after {after:?}");
    }
    println!("{kills} kills: {resumed} imports went on, {begun_anew} were begun anew or were done");
    expected
}

/// A file that came whole is read by somebody, whoever was killed while it was looked at; and what cannot be read says so.
#[test]
fn killed_while_a_file_is_looked_at_it_is_looked_at_again() {
    let files = TempDir::new().unwrap();
    let good = orders(files.path(), 60);
    let bad = files.path().join("letter.txt");
    std::fs::write(&bad, "Dear all,\n\nsee you on Monday.\n".repeat(400_000)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let looking = [UploadState::Received, UploadState::Inspecting];
    for (file, ends) in [(&good, UploadState::Ready), (&bad, UploadState::Failed)] {
        runtime.block_on(async {
            // The moment is short: until one is hit.
            let mut hits = 0;
            for attempt in 0..40 {
                let shop = Shop::new(file);
                let (backend, ctx) = shop.open().await;
                let mut process = shop.import();
                let killed = loop {
                    let all = uploads::list(&backend, &ctx, &UploadFilter::default()).await;
                    let state = all.unwrap().items.first().map(|upload| upload.state);
                    if state.is_some_and(|state| looking.contains(&state)) {
                        process.kill().unwrap();
                        process.wait().unwrap();
                        break true;
                    }
                    if process.try_wait().unwrap().is_some() {
                        break false;
                    }
                };
                let all = uploads::list(&backend, &ctx, &UploadFilter::default()).await;
                let left = all.unwrap().items.remove(0);
                if !killed || !looking.contains(&left.state) {
                    continue;
                }
                hits += 1;
                let mut worker = shop.spawn(&["worker"]);
                let read = until(&backend, &ctx, left.id, |u| !looking.contains(&u.state)).await;
                worker.kill().unwrap();
                worker.wait().unwrap();
                assert_eq!(read.state, ends, "{attempt}: {:?}", read.error);
                assert_eq!(read.error.is_some(), ends == UploadState::Failed);
                if hits == 2 {
                    break;
                }
            }
            assert!(hits > 0, "it was never killed in time");
        });
    }
}

#[test]
fn killed_at_any_point_an_undo_is_done_or_not_and_never_half() {
    let mut points = Points::new();
    let kills = rounds(KILLS).div_ceil(KILLS / KILLED_UNDOS);
    let files = TempDir::new().unwrap();
    let file = orders(files.path(), 60);
    let shop = Shop::new(&file);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (backend, ctx) = shop.open().await;
        let nothing = figures(&backend, &ctx).await;
        let id = shop.start(&backend, &ctx).await;
        let mut worker = shop.spawn(&["worker"]);
        until(&backend, &ctx, id, |u| u.state == UploadState::Done).await;
        let all = figures(&backend, &ctx).await;
        assert_ne!(all, nothing);

        uploads::undo(&backend, &ctx, id).await.unwrap();
        let started = Instant::now();
        until(&backend, &ctx, id, |u| u.state == UploadState::Undone).await;
        let whole = started.elapsed() * 2;
        for kill in 0..kills {
            let undone =
                uploads::get(&backend, &ctx, id).await.unwrap().state == UploadState::Undone;
            let (expected, wanted) = if undone {
                uploads::redo(&backend, &ctx, id).await.unwrap();
                (&all, UploadState::Done)
            } else {
                uploads::undo(&backend, &ctx, id).await.unwrap();
                (&nothing, UploadState::Undone)
            };
            let after = points.within(whole);
            tokio::time::sleep(after).await;
            worker.kill().unwrap();
            worker.wait().unwrap();
            // Whatever was done, everybody sees one or the other.
            let between = figures(&backend, &ctx).await;
            assert!(
                between == all || between == nothing,
                "kill {kill} after {after:?}"
            );
            worker = shop.spawn(&["worker"]);
            until(&backend, &ctx, id, |u| {
                u.state == wanted && u.step.is_empty()
            })
            .await;
            assert_eq!(
                &figures(&backend, &ctx).await,
                expected,
                "kill {kill} after {after:?}"
            );
        }
        worker.kill().unwrap();
        worker.wait().unwrap();
    });
}
