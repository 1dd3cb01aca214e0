//! Amounts of several currencies in one, by the uploaded rates of each day.

use crate::shop::Shop;
use backend::storage::uploads::UploadState;
use metrics::{Dimension, Metric, Query, Table, WithoutRate};
use std::sync::Arc;
use types::{Currency, Micros};

const ORDERS: &str = "\
Order ID,Order Date,SKU,Product,Category,Country,Quantity,Unit Price,Currency,Customer ID
1,2026-01-10,S1,Lamp,Light,France,1,10.00,EUR,C1
2,2026-02-10,S1,Lamp,Light,Spain,1,5.00,EUR,C2
3,2026-02-11,S1,Lamp,Light,USA,1,7.00,USD,C1
4,2026-02-12,S2,Chair,Seats,USA,3,0.01,USD,C3
5,2026-02-13,S2,Chair,Seats,UK,1,8.00,GBP,C3
6,2026-03-01,S2,Chair,Seats,France,1,4.00,EUR,C2
";

async fn ask(shop: &Shop, query: Query) -> Arc<Table> {
    let query = query.into_currency(Currency::EUR);
    shop.backend
        .analytics
        .query(&shop.ctx, &query)
        .await
        .unwrap()
}

async fn rows(shop: &Shop, query: Query) -> Vec<String> {
    let table = ask(shop, query).await;
    let text = |row| {
        (0..table.columns.len())
            .map(|column| table.text(row, column))
            .collect::<Vec<_>>()
            .join(" ")
    };
    (0..table.rows.len()).map(text).collect()
}

fn net() -> Query {
    Query::new([Metric::NetSales, Metric::Orders])
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_in_one_currency() {
    let shop = Shop::new().await;
    let orders = shop.import("orders.csv", ORDERS).await;
    assert_eq!(orders.state, UploadState::Done, "{:?}", orders.error);

    // Without a rate an amount is not known: never 0, and never one for one. What is no amount is known.
    let table = ask(&shop, net()).await;
    assert_eq!(
        (table.text(0, 0), table.text(0, 1)),
        (String::new(), "6".to_owned())
    );
    let lack = |currency: &str, day: &str| WithoutRate {
        currency: currency.to_owned(),
        day: day.parse().unwrap(),
    };
    assert_eq!(
        table.without_rate,
        [lack("GBP", "2026-02-13"), lack("USD", "2026-02-11")]
    );
    let months = net().by([Dimension::Month]);
    assert_eq!(
        rows(&shop, months.clone()).await,
        ["2026-01 10 1", "2026-02  4", "2026-03 4 1"]
    );

    // 7 USD at 1.25 of the 9th are 5.60; 0.03 at 2 of the 12th 0.015.
    let file = "Date,From,To,Rate\n2026-02-09,EUR,USD,1.25\n2026-02-12,EUR,USD,2\n";
    let rates = shop.import("rates.csv", file).await;
    assert_eq!(rates.data_set, "rates");
    assert_eq!(
        ask(&shop, net()).await.without_rate,
        [lack("GBP", "2026-02-13")]
    );
    let pounds = "Date,From,To,Rate\n2026-02-01,GBP,USD,2.5\n";
    let pounds = shop.import("pounds.csv", pounds).await;
    assert_eq!(pounds.state, UploadState::Done, "{:?}", pounds.error);
    // 8 GBP are 20 USD are 10 EUR.
    let whole = "34.615 6";
    assert_eq!(rows(&shop, net()).await, [whole]);
    assert_eq!(
        rows(&shop, months.clone()).await,
        ["2026-01 10 1", "2026-02 20.615 4", "2026-03 4 1"]
    );
    // Whichever table answers, and by whatever it is grouped: the same.
    for by in [
        Dimension::Currency,
        Dimension::Country,
        Dimension::Category,
        Dimension::Customer,
        Dimension::Hour,
        Dimension::Upload,
        Dimension::Day,
    ] {
        let table = ask(&shop, Query::new([Metric::NetSales]).by([by])).await;
        let parts = (0..table.rows.len()).map(|row| table.metric(row, Metric::NetSales));
        let sum: i64 = parts.map(|cell| cell.unwrap().micros().unwrap().0).sum();
        assert_eq!(Micros(sum), Micros(34_615_000), "{by:?}");
        assert_eq!(table.currency, Some(Currency::EUR));
    }
    let pounds_alone = net().only(Dimension::Currency, ["GBP".to_owned()]);
    assert_eq!(rows(&shop, pounds_alone).await, ["10 1"]);

    // Rates that are undone count no more.
    shop.undo(pounds.id).await;
    shop.undo(rates.id).await;
    assert_eq!(
        rows(&shop, months).await,
        ["2026-01 10 1", "2026-02  4", "2026-03 4 1"]
    );
}
