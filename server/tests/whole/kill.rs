//! `kill -9` at random points of an import and of an undo: after a restart it finishes, no line lost, none doubled.
//! `script/chaos import N` makes N rounds.

use crate::process::{
    Points, Shop, events, figures, importing, orders, rounds, tables, until, until_idle,
};
use access::{Ctx, Principal};
use backend::{
    storage::uploads::{UploadFilter, UploadState},
    uploads::{self, Announced, Part, Upload},
};
use futures::TryStreamExt;
use metrics::Cell;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use types::KeyId;

const KILLS: u64 = 50;
const KILLED_EVENTS: u64 = 10;
const KILLED_UNDOS: u64 = 10;
const KILLED_SPLITS: u64 = 5;

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

/// Files that came together and have nothing to do with one another are uploads of their own in the end: each once, whole.
#[test]
fn killed_while_files_are_taken_apart_none_is_lost_and_none_doubled() {
    let mut points = Points::new();
    let files = TempDir::new().unwrap();
    let sold = std::fs::read(orders(files.path(), 60)).unwrap();
    let mut stock = String::from("sku,location,on hand\n");
    for n in 0..200_000 {
        stock.push_str(&format!("M{n},Lima,{}\n", n % 90));
    }
    let files = [("orders.csv", sold), ("stock.csv", stock.into_bytes())];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut kills = 0;
        for _ in 0..rounds(KILLS).div_ceil(KILLS / KILLED_SPLITS) {
            let shop = Shop::new(Path::new("none"));
            let (backend, system) = shop.open().await;
            let ctx = Ctx {
                principal: Principal::Key(KeyId(system.randomness.uuid(system.now()))),
                ..system.clone()
            };
            let part = |(name, bytes): &(&str, Vec<u8>)| Part {
                name: (*name).to_owned(),
                size: bytes.len() as u64,
            };
            let announced = Announced {
                parts: files.iter().map(part).collect(),
                parent: None,
            };
            let id = uploads::begin(&backend, &ctx, &announced).await.unwrap().id;
            let all: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
            uploads::append(&backend, &ctx, id, 0, all.into())
                .await
                .unwrap();
            // Whoever looks at it vanishes at some point; and so do those who take it up.
            let after = points.within(Duration::from_millis(150));
            let looked = uploads::complete_apart(&backend, &ctx, id);
            let _gone = tokio::time::timeout(after, looked).await;
            if uploads::get(&backend, &ctx, id).await.unwrap().state == UploadState::Receiving {
                // Nobody was told that it is there: it is asked once more.
                let after = points.within(Duration::from_millis(150));
                let looked = uploads::complete(&backend, &ctx, id);
                let _gone = tokio::time::timeout(after, looked).await;
            }
            let mut pieces = Vec::new();
            for round in 0.. {
                let upload = uploads::get(&backend, &ctx, id).await.unwrap();
                pieces = uploads::pieces(&backend, &ctx, &upload).await.unwrap();
                let ready = |piece: &Upload| piece.state == UploadState::Ready;
                if pieces.len() == 2 && pieces.iter().all(ready) {
                    break;
                }
                assert!(round < 100, "{:?} {:?}", upload.state, upload.error);
                if upload.state == UploadState::Receiving {
                    uploads::complete(&backend, &ctx, id).await.unwrap();
                }
                let mut worker = shop.spawn(&["worker"]);
                // The last ones live long enough.
                let longest = if round < 3 { 1_500 } else { 6_000 };
                std::thread::sleep(points.within(Duration::from_millis(longest)));
                worker.kill().unwrap();
                worker.wait().unwrap();
                kills += 1;
            }
            let all = uploads::list(&backend, &ctx, &UploadFilter::default()).await;
            assert_eq!(all.unwrap().total, 3);
            for (piece, (name, bytes)) in pieces.iter().zip(&files) {
                assert_eq!(
                    (piece.file_name.as_str(), piece.size),
                    (*name, bytes.len() as u64)
                );
                let file = uploads::original_file(&backend, &system, piece.id, None).await;
                let read: Vec<bytes::Bytes> = file.unwrap().bytes.try_collect().await.unwrap();
                assert!(read.concat() == *bytes, "{name}");
            }
            // Asked to undo the whole, the command line names the pieces.
            let id = id.to_string();
            let undo = shop.command(&["undo", &id, "--tenant", "shop"]).output();
            let said = String::from_utf8(undo.unwrap().stderr).unwrap();
            assert!(said.contains("split into 2 uploads"), "{said}");
            assert!(said.contains(&pieces[1].id.to_string()), "{said}");
        }
        println!("{kills} workers were killed");
    });
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
