//! `kill -9` at random points of an import and of an undo: after a restart it finishes, no line lost, none doubled.
//! `script/chaos import N` makes N rounds.

use crate::process::{
    Points, Shop, events, figures, importing, orders, rounds, tables, until, until_idle,
};
use backend::{storage::uploads::UploadState, uploads};
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
