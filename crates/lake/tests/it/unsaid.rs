//! What files have no column for is not known, and not 0.

use crate::store::{Store, runtime};
use lake::engine::{self, Key};
use lake::{GoldVersions, Source};
use metrics::{Dimension, Measure, Query};
use std::collections::BTreeMap;

const PLAIN: &str = "order,date,sku,qty,price\n1,2026-03-01,A,1,10.00\n";
const TAXED: &str =
    "order,date,sku,qty,price,tax,shipping\n2,2026-03-01 15:20:00,A,1,10.00,0.00,2.00\n";

async fn figures(
    store: &Store,
    at: GoldVersions,
    source: Source,
    query: &Query,
) -> BTreeMap<Vec<Key>, Vec<Option<i64>>> {
    let measures = [Measure::Gross, Measure::Taxes, Measure::Shipping];
    let snapshot = store.lake.snapshot(store.tenant, at).await.unwrap();
    engine::run(&store.lake, &snapshot, source, query, &measures, None)
        .await
        .unwrap()
        .groups
        .into_iter()
        .map(|group| (group.keys, group.values))
        .collect()
}

#[test]
fn taxes_and_shipping_are_known_where_a_file_has_them() {
    runtime().block_on(async {
        let mut store = Store::new();
        let plain = store.import(PLAIN).await;
        let both = store.import(TAXED).await;
        let all = Query::new([]);
        let ten = Some(10_000_000);
        for source in Source::ALL {
            let alone = figures(&store, plain, source, &all).await;
            assert_eq!(alone, [(vec![], vec![ten, None, None])].into());
            let seen = figures(&store, both, source, &all).await;
            let (taxes, shipping) = (Some(0), Some(2_000_000));
            assert_eq!(
                seen,
                [(vec![], vec![Some(20_000_000), taxes, shipping])].into()
            );
        }
    });
}

#[test]
fn a_day_has_no_hour() {
    runtime().block_on(async {
        let mut store = Store::new();
        store.import(PLAIN).await;
        let both = store.import(TAXED).await;
        let by_hour = Query::new([]).by([Dimension::Hour]);
        let seen = figures(&store, both, Source::Orders, &by_hour).await;
        let hours: Vec<Key> = seen.into_keys().flatten().collect();
        assert_eq!(hours, [Key::Time(15), Key::Text(String::new())]);
        for (wanted, found) in [("0", 0), ("", 1), ("15", 1)] {
            let only = Query::new([])
                .by([Dimension::Hour])
                .only(Dimension::Hour, [wanted.to_owned()]);
            let seen = figures(&store, both, Source::Orders, &only).await;
            assert_eq!(seen.len(), found, "{wanted:?}");
        }
    });
}
