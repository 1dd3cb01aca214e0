//! From a figure to the uploads and lines it is made of.

use crate::shop::{Shop, orders};
use access::Role;
use backend::{lake::lines::LineOrder, lineage, storage::uploads::UploadState};
use metrics::{Cell, Dimension, Metric, Query};
use types::Micros;

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_leads_to_its_lines_and_they_add_up_to_it() {
    let shop = Shop::new().await;
    let first = [(1, "2026-01-10", 1_000), (2, "2026-01-11", 2_000)];
    let second = [(2, "2026-01-11", 2_500), (3, "2026-02-12", 300)];
    let first = shop.import("first.csv", orders(&first)).await;
    let second = shop.import("second.csv", orders(&second)).await;
    let query = Query::new([Metric::GrossSales]).only(Dimension::Month, ["2026-01".to_owned()]);
    let figure = shop
        .backend
        .analytics
        .query(&shop.ctx, &query)
        .await
        .unwrap();
    let figure = figure.rows[0][0].micros().unwrap();

    let page = shop
        .backend
        .analytics
        .lines(&shop.ctx, &query, LineOrder::default(), (0, 10))
        .await
        .unwrap()
        .page;
    let sum: i64 = page.items.iter().map(|line| line.gross.0).sum();
    assert_eq!((page.total, Micros(sum)), (2, figure));
    let places: Vec<_> = page
        .items
        .iter()
        .map(|line| (line.order_id.as_str(), line.upload, line.record))
        .collect();
    // Order 2 stands in both files: the later one's record is what counts.
    assert_eq!(places, [("1", first.id, 1), ("2", second.id, 1)]);
    let rest = shop
        .backend
        .analytics
        .lines(&shop.ctx, &query, LineOrder::default(), (1, 10))
        .await;
    assert_eq!(rest.unwrap().page.items, page.items[1..]);

    let graph = lineage::of_figure(&shop.backend, &shop.ctx, &query)
        .await
        .unwrap();
    let files: Vec<&str> = graph
        .nodes
        .iter()
        .filter(|node| node.kind == lineage::NodeKind::File)
        .map(|node| node.name.as_str())
        .collect();
    assert_eq!(files, ["first.csv", "second.csv"]);
    for edge in &graph.edges {
        for end in [&edge.from, &edge.to] {
            assert!(graph.nodes.iter().any(|node| node.id == *end), "{end}");
        }
    }
    let shares = graph.shares.unwrap();
    let shared: i64 = (0..shares.rows.len())
        .filter_map(|row| shares.metric(row, Metric::GrossSales)?.micros())
        .map(|micros| micros.0)
        .sum();
    assert_eq!(Micros(shared), figure);
    assert_eq!(graph.gold_version, 2);
}

const WITH_RETURNS: &str = "\
Order ID,Order Date,SKU,Quantity,Unit Price,Discount,Tax,Shipping,Currency
1,2026-01-10,S1,2,10.00,1.50,3.80,4.90,EUR
1,2026-01-10,S2,1,0.99,0,0.19,0,EUR
2,2026-01-11,S1,-1,10.00,0,-1.90,0,EUR
3,2026-01-12,S3,1.5,3.00,0.10,0.80,0,USD
4,2026-02-01,S3,7,3.00,0,0.80,0,EUR
";

#[tokio::test(flavor = "multi_thread")]
async fn lines_add_up_to_every_figure_that_is_a_sum_of_them_and_come_in_its_order() {
    let shop = Shop::new().await;
    shop.import("orders.csv", WITH_RETURNS).await;
    let analytics = &shop.backend.analytics;
    let mut summed = 0;
    for metric in Metric::ALL {
        let query = Query::new([*metric])
            .only(Dimension::Month, ["2026-01".to_owned()])
            .only(Dimension::Currency, ["EUR".to_owned()]);
        let figure = analytics.query(&shop.ctx, &query).await.unwrap();
        let figure = figure.metric(0, *metric).and_then(Cell::micros);
        let order = LineOrder {
            by: Some(*metric),
            descending: true,
        };
        let found = analytics.lines(&shop.ctx, &query, order, (0, 10)).await;
        let found = found.unwrap();
        assert_eq!((found.page.total, found.sums.len()), (3, 1));
        let values: Vec<Option<Micros>> =
            found.page.items.iter().map(|l| l.value(*metric)).collect();
        let Some(sum) = found.sums[0].value(*metric) else {
            assert!(values.iter().all(Option::is_none), "{metric}");
            continue;
        };
        summed += 1;
        assert_eq!(Some(sum), figure, "{metric}");
        assert_eq!(
            values.iter().flatten().map(|micros| micros.0).sum::<i64>(),
            sum.0
        );
        assert!(values.is_sorted_by(|a, b| a >= b), "{metric}: {values:?}");
    }
    assert_eq!(summed, 8);
    // Currencies stand apart, the commonest first.
    let all = Query::new([Metric::GrossSales]);
    let found = analytics.lines(&shop.ctx, &all, LineOrder::default(), (0, 1));
    let sums: Vec<_> = found
        .await
        .unwrap()
        .sums
        .into_iter()
        .map(|sum| {
            (
                sum.lines,
                sum.value(Metric::GrossSales).unwrap(),
                sum.currency,
            )
        })
        .collect();
    let amount = |text: &str| text.parse::<Micros>().unwrap();
    assert_eq!(
        sums,
        [
            (4, amount("41.99"), "EUR".to_owned()),
            (1, amount("4.50"), "USD".to_owned())
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_the_figures_says_what_made_it() {
    let shop = Shop::new().await;
    let upload = shop
        .import(
            "first.csv",
            orders(&[(1, "2026-01-10", 1_000), (2, "2026-02-11", 1)]),
        )
        .await;
    assert_eq!(shop.undo(upload.id).await.state, UploadState::Undone);
    let rows = lineage::of_upload(&shop.backend, &shop.ctx, upload.id)
        .await
        .unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.kind.as_str(), row.gold_version, row.upload_run))
        .collect();
    assert_eq!(
        told,
        [("undo", Some(2), Some(1)), ("import", Some(1), Some(1))]
    );
    let import = lineage::of_version(&shop.backend, &shop.ctx, 1)
        .await
        .unwrap()
        .unwrap();
    let event = import.body;
    assert_eq!(event["eventType"], "COMPLETE");
    assert_eq!(
        event["inputs"][0]["inputFacets"]["dataQualityMetrics"]["rowCount"],
        2
    );
    let lines = event["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|output| output["name"] == "gold/lines")
        .unwrap();
    assert_eq!(lines["outputFacets"]["outputStatistics"]["rowCount"], 2);
    assert_eq!(
        event["run"]["facets"]["upload"]["months"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(import.started_at <= import.ended_at);
    // An analyst may look at it.
    let analyst = shop.as_member(Role::Analyst);
    assert!(
        lineage::of_upload(&shop.backend, &analyst, upload.id)
            .await
            .is_ok()
    );
}
