//! The whole way from a file to figures, against a naive computation over the same rows.

use crate::store::{FIRST_DAY, Row, Store, csv, runtime};
use lake::engine::Key;
use lake::{GoldVersions, LakeError, Source};
use metrics::{Dimension, Measure, Query};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use types::{Day, Period};

/// Orders with one day, customer and country each, as real ones have.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let order = (
        0_i32..90,
        proptest::option::of(0_u8..6),
        prop::sample::select(vec!["France", "Spain", "United Kingdom"]),
        prop::collection::vec((0_u8..5, 1_i64..9, 1_i64..5_000), 1..5),
    );
    prop::collection::vec((order, 0_u8..4), 1..25).prop_map(|orders| {
        orders
            .into_iter()
            .enumerate()
            .flat_map(|(n, ((day, customer, country, lines), kind))| {
                lines
                    .into_iter()
                    .map(move |(product, quantity, cents)| Row {
                        order: u8::try_from(n).unwrap(),
                        returned: kind == 0,
                        product,
                        quantity,
                        day: FIRST_DAY + day,
                        cents,
                        customer,
                        country,
                    })
            })
            .collect()
    })
}

const MEASURES: [Measure; 8] = [
    Measure::Gross,
    Measure::Returns,
    Measure::Units,
    Measure::Orders,
    Measure::ReturnedOrders,
    Measure::Customers,
    Measure::NewCustomers,
    Measure::ReturningCustomers,
];

/// Straight from the definitions, without any of the lake's tables.
fn oracle(
    rows: &[Row],
    within: impl Fn(&Row) -> bool,
    key: impl Fn(&Row) -> Vec<Key>,
) -> BTreeMap<Vec<Key>, Vec<i64>> {
    let mut groups: BTreeMap<Vec<Key>, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|r| within(r)) {
        groups.entry(key(row)).or_default().push(row);
    }
    let first_order = |customer: u8| {
        rows.iter()
            .filter(|r| !r.returned && r.customer == Some(customer))
            .map(|r| (r.day, r.order))
            .min()
    };
    groups
        .into_iter()
        .map(|(key, rows_here)| {
            let sales: Vec<&&Row> = rows_here.iter().filter(|r| !r.returned).collect();
            let returns: Vec<&&Row> = rows_here.iter().filter(|r| r.returned).collect();
            let value = |r: &Row| r.quantity * r.cents * 10_000;
            let people: BTreeSet<u8> = sales.iter().filter_map(|r| r.customer).collect();
            let last_day = sales.iter().map(|r| r.day).max().unwrap_or(0);
            let began = |c: &&u8| {
                let first = first_order(**c);
                sales
                    .iter()
                    .any(|r| r.customer == Some(**c) && Some((r.day, r.order)) == first)
            };
            let lifetime = |c: &&u8| {
                let last_here = sales
                    .iter()
                    .filter(|r| r.customer == Some(**c))
                    .map(|r| r.day)
                    .max()
                    .unwrap_or(last_day);
                let here: BTreeSet<u8> = sales
                    .iter()
                    .filter(|r| r.customer == Some(**c))
                    .map(|r| r.order)
                    .collect();
                let before: BTreeSet<u8> = rows
                    .iter()
                    .filter(|r| !r.returned && r.customer == Some(**c) && r.day < last_here)
                    .map(|r| r.order)
                    .collect();
                // On one day the order of the numbers decides which came first.
                let same_day: BTreeSet<u8> = rows
                    .iter()
                    .filter(|r| !r.returned && r.customer == Some(**c) && r.day == last_here)
                    .map(|r| r.order)
                    .filter(|o| here.iter().any(|h| o < h))
                    .collect();
                here.union(&before)
                    .copied()
                    .collect::<BTreeSet<u8>>()
                    .union(&same_day)
                    .count()
            };
            let distinct =
                |of: &[&&Row]| of.iter().map(|r| r.order).collect::<BTreeSet<_>>().len() as i64;
            let values = vec![
                sales.iter().map(|r| value(r)).sum(),
                -returns.iter().map(|r| value(r)).sum::<i64>(),
                sales.iter().map(|r| r.quantity * 1_000_000).sum(),
                distinct(&sales),
                distinct(&returns),
                people.len() as i64,
                people.iter().filter(began).count() as i64,
                people.iter().filter(|c| lifetime(c) > 1).count() as i64,
            ];
            (key, values)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn figures_equal_a_naive_computation(rows in rows()) {
        runtime().block_on(async {
            let mut store = Store::new();
            let versions = store.import(&csv(&rows)).await;
            let month = Query::new([]).by([Dimension::Month, Dimension::Country]);
            let by_month = oracle(&rows, |_| true, |r| vec![
                Key::Time(Day(r.day).month_key()),
                Key::Text(r.country.to_owned()),
            ]);
            prop_assert_eq!(store.ask(versions, Source::Orders, &month, &MEASURES).await, by_month);

            // Every table that answers gives the same answer.
            let additive = [Measure::Gross, Measure::Returns, Measure::Units];
            let week = Query::new([]).by([Dimension::Week]).during(Period::new(Day(FIRST_DAY + 5), Day(FIRST_DAY + 60)));
            let expected = store.ask(versions, Source::Daily, &week, &additive).await;
            for source in [Source::Products, Source::Orders, Source::Lines] {
                prop_assert_eq!(&store.ask(versions, source, &week, &additive).await, &expected);
            }

            // A roll-up is the answer to its query.
            for source in [Source::Daily, Source::Products] {
                let query = source.query();
                let terms = query.metrics.iter().flat_map(|m| m.definition().formula.terms());
                // The rows say nothing of the others.
                let measures: Vec<Measure> = terms.map(|(measure, _)| measure).filter(|m| additive.contains(m)).collect();
                prop_assert_eq!(measures.len(), additive.len());
                prop_assert_eq!(
                    store.ask(versions, source, &query, &measures).await,
                    store.ask(versions, Source::Lines, &query, &measures).await
                );
            }

            let product = Query::new([]).by([Dimension::Product]).only(Dimension::Country, ["Spain".to_owned()]);
            let counted = [Measure::Gross, Measure::Orders, Measure::Customers];
            let by_product: BTreeMap<_, _> = oracle(&rows, |r| r.country == "Spain", |r| vec![Key::Text(format!("8512{}", r.product))])
                .into_iter()
                .map(|(k, v)| (k, vec![v[0], v[3], v[5]]))
                .collect();
            prop_assert_eq!(store.ask(versions, Source::Lines, &product, &counted).await, by_product);
            Ok(())
        })?;
    }

    #[test]
    fn two_files_are_as_one(rows in rows(), cut in 0_usize..60) {
        runtime().block_on(async {
            // Whole orders on either side: an export does not end in the middle of one.
            let order = rows[cut.min(rows.len() - 1)].order;
            let (first, second): (Vec<Row>, Vec<Row>) = rows.iter().cloned().partition(|r| r.order <= order);
            let mut apart = Store::new();
            let mut versions = apart.import(&csv(&first)).await;
            if !second.is_empty() {
                versions = apart.import(&csv(&second)).await;
            }
            // The same again changes nothing.
            versions = { let again = apart.import(&csv(&first)).await; prop_assert_ne!(again, versions); again };
            let mut whole = Store::new();
            let at_once = whole.import(&csv(&rows)).await;
            let query = Query::new([]).by([Dimension::Day]);
            prop_assert_eq!(
                apart.ask(versions, Source::Orders, &query, &MEASURES).await,
                whole.ask(at_once, Source::Orders, &query, &MEASURES).await
            );
            Ok(())
        })?;
    }
}

fn one_row() -> Vec<Row> {
    vec![Row {
        order: 1,
        returned: false,
        product: 1,
        quantity: 2,
        day: FIRST_DAY,
        cents: 150,
        customer: Some(1),
        country: "France",
    }]
}

#[test]
fn a_repeated_job_is_one_import() {
    runtime().block_on(async {
        let mut store = Store::new();
        let job = store.job(&csv(&one_row())).await;
        let first_run = job.run;
        let first = store.lake.import(job.clone(), |_| true).await.unwrap();
        let again = store.lake.import(job, |_| true).await.unwrap();
        assert_eq!(first.counts, again.counts);
        let versions = store.publish("first", &[first_run], &[first_run]).await;
        let versions_again = store.publish("again", &[first_run], &[first_run]).await;
        assert_ne!(versions, versions_again);
        let asked = store
            .ask(
                versions_again,
                Source::Orders,
                &Query::new([]),
                &[Measure::Gross, Measure::Orders],
            )
            .await;
        assert_eq!(
            asked.into_values().collect::<Vec<_>>(),
            [vec![3_000_000, 1]]
        );
        let total = store
            .ask(
                versions,
                Source::Orders,
                &Query::new([]),
                &[Measure::Gross, Measure::Orders],
            )
            .await;
        assert_eq!(
            total.into_values().collect::<Vec<_>>(),
            [vec![3_000_000, 1]]
        );
    });
}

#[test]
fn a_cancelled_import_leaves_nothing() {
    runtime().block_on(async {
        let mut store = Store::new();
        let job = store.job(&csv(&one_row())).await;
        let cancelled = store.lake.import(job.clone(), |_| false).await;
        assert!(matches!(cancelled, Err(LakeError::Cancelled)));
        let silver = format!("{}/silver", store.tenant);
        let left: Vec<String> = store
            .objects
            .list(&silver)
            .await
            .unwrap()
            .into_iter()
            .map(|e| e.path)
            .filter(|p| p.ends_with(".parquet"))
            .collect();
        assert_eq!(left, Vec::<String>::new());
        let imported = store.lake.import(job, |_| true).await.unwrap();
        assert_eq!(imported.counts.accepted, 1);
    });
}

#[test]
fn an_empty_store_has_no_days_and_zero_sums() {
    runtime().block_on(async {
        let store = Store::new();
        let snapshot = store
            .lake
            .snapshot(store.tenant, GoldVersions::default())
            .await
            .unwrap();
        assert_eq!(snapshot.days(&store.lake).await.unwrap(), None);
        let total = store
            .ask(
                GoldVersions::default(),
                Source::Orders,
                &Query::new([]),
                &MEASURES,
            )
            .await;
        assert_eq!(total.into_values().collect::<Vec<_>>(), [vec![0; 8]]);
    });
}
