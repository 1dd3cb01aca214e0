//! Columns that mean nothing to the importer are kept, and figures can be asked by them.

use crate::shop::Shop;
use backend::{
    analytics::{Dashboard, DashboardRequest},
    ingest::WarningCode,
    lake::lines::LineOrder,
    storage::uploads::UploadState,
    uploads::result,
};
use metrics::{Dimension, ExtraColumn, Metric, Query};
use types::{Comparison, PeriodChoice};

const FIRST: &str = "\
Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Warehouse,Note \"x\"
1,2026-01-10,S1,1,10.00,EUR,north,a
2,2026-01-11,S1,2,5.00,EUR,south,b
3,2026-02-11,S2,1,7.00,EUR,,c
";
const SECOND: &str = "\
Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Warehouse
2,2026-01-11,S1,2,5.00,EUR,north
4,2026-02-12,S1,1,1.00,EUR,east
";

fn warehouse() -> Dimension {
    Dimension::Extra(ExtraColumn::new("Warehouse").unwrap())
}

async fn by_warehouse(shop: &Shop, query: Query) -> Vec<(String, String)> {
    let query = query.by([warehouse()]);
    let table = shop.backend.analytics.query(&shop.ctx, &query).await;
    let table = table.unwrap();
    (0..table.rows.len())
        .map(|row| (table.text(row, 0), table.text(row, 1)))
        .collect()
}

fn rows(these: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    these.iter().map(owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_by_a_column_that_is_not_mapped() {
    let shop = Shop::new().await;
    let gross = || Query::new([Metric::GrossSales]);
    shop.import("first.csv", FIRST).await;
    assert_eq!(
        by_warehouse(&shop, gross()).await,
        rows(&[("north", "10"), ("south", "10"), ("", "7")])
    );

    let second = shop.import("second.csv", SECOND).await;
    let both = rows(&[("east", "1"), ("north", "20"), ("", "7")]);
    assert_eq!(by_warehouse(&shop, gross()).await, both);
    // Distinct orders, a filter by the same column, and one by another.
    assert_eq!(
        by_warehouse(&shop, Query::new([Metric::Orders])).await,
        rows(&[("east", "1"), ("north", "2"), ("", "1")])
    );
    let north = gross().only(warehouse(), ["north".to_owned()]);
    assert_eq!(
        by_warehouse(&shop, north.clone()).await,
        rows(&[("north", "20")])
    );
    let lines = shop
        .backend
        .analytics
        .lines(&shop.ctx, &north, LineOrder::default(), (0, 10))
        .await;
    assert_eq!(lines.unwrap().page.total, 2);
    let note = Dimension::Extra(ExtraColumn::new("Note \"x\"").unwrap());
    let noted = gross().only(note, ["c".to_owned()]);
    assert_eq!(by_warehouse(&shop, noted).await, rows(&[("", "7")]));

    shop.undo(second.id).await;
    assert_eq!(
        by_warehouse(&shop, gross()).await,
        rows(&[("north", "10"), ("south", "10"), ("", "7")])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_breaks_sales_down_by_what_is_known() {
    let shop = Shop::new().await;
    shop.import("first.csv", FIRST).await;
    let asked = |by| DashboardRequest {
        period: PeriodChoice::All,
        comparison: Comparison::None,
        currency: None,
        by,
    };
    let names = |dashboard: &Dashboard| {
        let ids = dashboard.dimensions.iter().map(ToString::to_string);
        ids.collect::<Vec<_>>()
    };
    let analytics = &shop.backend.analytics;
    // Neither country nor city is known.
    let found = analytics.dashboard(&shop.ctx, &asked(None)).await.unwrap();
    // The latest line has no warehouse: its columns come first.
    assert_eq!(names(&found), ["extra:Note \"x\"", "extra:Warehouse"]);
    assert_eq!(found.by, Dimension::Country);
    let found = analytics
        .dashboard(&shop.ctx, &asked(Some(warehouse())))
        .await;
    let found = found.unwrap();
    assert_eq!(found.by, warehouse());
    assert_eq!(found.breakdown.as_ref().unwrap().text(0, 0), "north");
    let unknown = Some(Dimension::Extra(ExtraColumn::new("Colour").unwrap()));
    let found = analytics.dashboard(&shop.ctx, &asked(unknown)).await;
    assert_eq!(found.unwrap().by, Dimension::Country);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_odd_is_kept_with_the_upload() {
    let shop = Shop::new().await;
    let mut text =
        String::from("Order ID,Order Date,SKU,Quantity,Unit Price,Line Total,Currency\n");
    for order in 1..=30 {
        text.push_str(&format!("{order},2026-01-10,S1,2,5.00,10.00,EUR\n"));
    }
    text.push_str("31,2026-01-11,S1,2,5.00,99.00,EUR\n4.2E+13,2026-01-11,S1,2,5.00,10.00,EUR\n");
    let upload = shop.import("odd.csv", text).await;
    assert_eq!(upload.state, UploadState::Done);
    let result = result(&upload).unwrap().unwrap();
    let said: Vec<_> = result
        .warned
        .iter()
        .map(|group| {
            let first = group.first.first().unwrap();
            let value = first.params.get("value").map(String::as_str);
            (
                group.code,
                group.column.as_deref(),
                group.times,
                first.record,
                value,
            )
        })
        .collect();
    assert_eq!(result.warnings, 2);
    assert_eq!(
        said,
        [
            (
                WarningCode::TotalMismatch,
                Some("Line Total"),
                1,
                31,
                Some("99.00")
            ),
            (
                WarningCode::ScientificId,
                Some("Order ID"),
                1,
                32,
                Some("4.2E+13")
            ),
        ]
    );
}
