//! What the night removes, and what it leaves to those who look back.

use crate::store::{Store, runtime};
use lake::Table;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const WEEK: i64 = 7 * 24 * 3_600_000_000;

fn folder(store: &Store) -> PathBuf {
    let root = store.url.strip_prefix("file://").unwrap();
    PathBuf::from(root).join(store.tenant.to_string())
}

fn all_files(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => all_files(&path),
            path => vec![path],
        })
        .collect()
}

/// By the store's clock, in microseconds.
async fn now(store: &Store) -> i64 {
    let folder = store.tenant.to_string();
    let entries = store.objects.list(&folder).await.unwrap();
    entries.iter().map(|entry| entry.modified).max().unwrap()
}

#[test]
fn what_was_replaced_this_week_can_be_read_for_a_week_however_old_it_is() {
    runtime().block_on(async {
        let mut store = Store::new();
        let head = "order,date,sku,qty,price\n";
        let first = store
            .import(&format!("{head}1,2026-03-01,A,1,10.00\n"))
            .await;
        // Written a month ago.
        let month_ago = u64::try_from(now(&store).await - 4 * WEEK).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_micros(month_ago);
        let left = folder(&store)
            .join("rejects")
            .join(crate::store::uuid(1).to_string());
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(
            left.join("1-7-000000.ndjson"),
            "of an attempt that was killed",
        )
        .unwrap();
        std::fs::write(left.join("1-1-000000.ndjson"), "of the one that was not").unwrap();
        for path in all_files(&folder(&store)) {
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        let second = store
            .import(&format!("{head}1,2026-03-01,A,1,12.00\n"))
            .await;
        let lines = Table::Of(ingest::DataSet::Orders);
        let at = async |version| {
            store
                .lake
                .rows(store.tenant, lines, version, "", (0, 10))
                .await
        };
        let vacuum = async |before| {
            let vacuumed = store.lake.vacuum(store.tenant, second, &[], before);
            vacuumed.await.unwrap().files
        };
        let now = now(&store).await;
        assert_eq!(vacuum(now - WEEK).await, 1);
        assert!(!left.join("1-7-000000.ndjson").exists());
        assert!(left.join("1-1-000000.ndjson").exists());
        assert_eq!(at(first.lines).await.unwrap().page.total, 1);
        // A week later.
        assert_eq!(vacuum(now + 60_000_000).await, 4);
        assert!(at(first.lines).await.is_err());
        assert_eq!(at(second.lines).await.unwrap().page.total, 1);
    });
}
