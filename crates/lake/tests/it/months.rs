//! Only the months are built anew in which something changed.

use crate::store::{Store, runtime};
use lake::Publication;
use std::collections::BTreeSet;

/// Names of the data files of gold's lines.
async fn files(store: &Store) -> BTreeSet<String> {
    let folder = format!("{}/gold/lines", store.tenant);
    let entries = store.objects.list(&folder).await.unwrap().into_iter();
    let paths = entries.map(|entry| entry.path);
    paths.filter(|path| path.ends_with(".parquet")).collect()
}

#[test]
fn months_without_a_change_keep_their_files() {
    runtime().block_on(async {
        let mut store = Store::new();
        let head = "order,date,sku,qty,price\n";
        store
            .import(&format!(
                "{head}1,2026-01-10,A,1,1.00\n2,2026-02-10,A,1,2.00\n3,2026-03-10,A,1,4.00\n"
            ))
            .await;
        let before = files(&store).await;
        let job = store
            .job(&format!(
                "{head}2,2026-02-10,A,1,3.00\n4,2026-04-01,A,1,5.00\n"
            ))
            .await;
        store.lake.import(job.clone(), |_| true).await.unwrap();
        store.live.push(job.run);
        let publication = Publication {
            name: "second".to_owned(),
            live: store.live.clone(),
            changed: vec![job.run],
            now_millis: 0,
        };
        let published = store
            .lake
            .publish(store.tenant, &publication, store.published)
            .await
            .unwrap();
        let month = |year: i32, month: i32| year * 12 + month - 1;
        assert_eq!(published.months, [month(2026, 2), month(2026, 4)]);
        let written: Vec<String> = files(&store).await.difference(&before).cloned().collect();
        assert_eq!(written.len(), 2, "{written:?}");
        assert!(written.iter().all(|path| path.contains("second")));
    });
}
