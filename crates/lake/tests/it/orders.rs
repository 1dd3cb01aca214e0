//! Orders of which several uploads tell: exported again, cut in two, with something that came back later.

use crate::store::{Store, runtime};
use lake::engine::Key;
use lake::{GoldVersions, Source};
use metrics::{Dimension, Measure, Query};
use std::collections::BTreeMap;

const SHEET: &str = "order,date,sku,qty,price,country\n";
const SHOPIFY: &str = "Name,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount\n";

/// Gross and returned, by whatever.
async fn figures(store: &Store, at: GoldVersions, by: Dimension) -> BTreeMap<Vec<Key>, Vec<i64>> {
    let query = Query::new([]).by([by]);
    let measures = [Measure::Gross, Measure::Returns, Measure::Orders];
    store.ask(at, Source::Orders, &query, &measures).await
}

/// Gross, returned and the number of orders, in whole pounds, after each of the files came.
fn after_each(files: &[String]) -> Vec<(i64, i64, i64)> {
    runtime().block_on(async {
        let mut store = Store::new();
        let mut seen = Vec::new();
        let mut versions = Vec::new();
        for file in files {
            let at = store.import(file).await;
            seen.push(total(&store, at).await);
            versions.push(at);
        }
        // Taken back one after the other, each is exactly what was before.
        for before in seen.iter().rev().skip(1) {
            let last = store.live.pop().unwrap();
            let at = store.make_known(&[last]).await;
            assert_eq!(total(&store, at).await, *before);
        }
        seen
    })
}

async fn total(store: &Store, at: GoldVersions) -> (i64, i64, i64) {
    let measures = [Measure::Gross, Measure::Returns, Measure::Orders];
    let all = store
        .ask(at, Source::Orders, &Query::new([]), &measures)
        .await;
    let values = all.into_values().next().unwrap();
    (values[0] / 1_000_000, values[1] / 1_000_000, values[2])
}

fn sheet(rows: &str) -> String {
    format!("{SHEET}{rows}")
}

fn shop(rows: &str) -> String {
    format!("{SHOPIFY}{rows}")
}

#[test]
fn an_order_exported_again_is_what_the_later_export_says() {
    // A line is gone, a product is another one, a refund was taken back; the order beside it stays as it was.
    let before = shop(
        "#1,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1,3.00\n#1,,,1,Cup,20.00,C1,\n#2,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1,\n",
    );
    let after = shop("#1,GBP,2026-03-01 10:00:00 +0000,1,Pot,40.00,P1,\n");
    assert_eq!(after_each(&[before, after]), [(40, -3, 2), (50, 0, 2)]);
}

#[test]
fn an_order_that_moved_to_another_day_leaves_nothing_where_it_was() {
    // The second without the cup: once within its month, once in another.
    for day in ["03-05", "04-01"] {
        let before = shop(
            "#1,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1,\n#1,,,1,Cup,20.00,C1,\n#2,GBP,2026-03-01 10:00:00 +0000,1,Mug,10.00,M1,\n",
        );
        let after = shop(&format!(
            "#1,GBP,2026-{day} 10:00:00 +0000,1,Mug,10.00,M1,\n"
        ));
        assert_eq!(
            after_each(&[before, after]),
            [(40, 0, 2), (20, 0, 2)],
            "{day}"
        );
    }
}

#[test]
fn numbers_that_begin_anew_are_other_orders() {
    let before = shop("#1,GBP,2025-03-01 10:00:00 +0000,1,Mug,10.00,M1,\n");
    let after = shop("#1,GBP,2026-03-01 10:00:00 +0000,1,Cup,20.00,C1,\n");
    // Of one number in one period, one order.
    assert_eq!(after_each(&[before, after]), [(10, 0, 1), (30, 0, 1)]);
}

#[test]
fn rows_of_an_order_in_two_files_are_both_kept() {
    // A file that was cut, and an order from two warehouses.
    let first = sheet("1,2026-03-01,A,1,10.00,Chile\n2,2026-03-01,A,1,10.00,Chile\n");
    let second = sheet("2,2026-03-01,B,1,5.00,Chile\n3,2026-03-02,A,1,10.00,Chile\n");
    assert_eq!(after_each(&[first, second]), [(20, 0, 2), (35, 0, 3)]);
}

#[test]
fn rows_told_again_without_one_of_them_replace_the_order() {
    let first = sheet("1,2026-03-01,A,1,10.00,Chile\n1,2026-03-01,B,1,5.00,Chile\n");
    let again = sheet("1,2026-03-01,A,1,10.00,Chile\n1,2026-03-01,C,1,7.00,Chile\n");
    assert_eq!(after_each(&[first, again]), [(15, 0, 1), (17, 0, 1)]);
}

#[test]
fn what_comes_back_in_a_later_month_leaves_the_sale() {
    let sold = sheet("1,2026-03-30,A,2,10.00,Chile\n");
    let back = sheet("1,2026-04-02,A,-1,10.00,Chile\n2,2026-04-02,A,1,10.00,Chile\n");
    let both = sheet(
        "1,2026-03-30,A,2,10.00,Chile\n1,2026-04-02,A,-1,10.00,Chile\n2,2026-04-02,A,1,10.00,Chile\n",
    );
    assert_eq!(
        after_each(&[sold, back, both]),
        [(20, 0, 1), (30, -10, 2), (30, -10, 2)]
    );
}

#[test]
fn each_upload_has_its_own_lines_of_an_order_they_share() {
    runtime().block_on(async {
        let mut store = Store::new();
        store.import(&sheet("1,2026-03-01,A,1,10.00,Chile\n")).await;
        let at = store.import(&sheet("1,2026-03-01,B,1,5.00,\n")).await;
        let upload = |n: usize| vec![Key::Text(store.live[n].upload.to_string())];
        assert_eq!(
            figures(&store, at, Dimension::Upload).await,
            [
                (upload(0), vec![10_000_000, 0, 1]),
                (upload(1), vec![5_000_000, 0, 1]),
            ]
            .into()
        );
        // It is one order all the same, and went where one of its lines says.
        assert_eq!(
            figures(&store, at, Dimension::Country).await,
            [(vec![Key::Text("Chile".into())], vec![15_000_000, 0, 1])].into()
        );
    });
}
