//! Tables made of data sets: what customers bought, conversion by day.

use crate::shop::Shop;
use backend::{
    ingest::{DataSet, email_hash},
    lake::Table,
    storage::uploads::UploadState,
};

const ORDERS: &str = "Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Customer ID,Email
1,2026-01-10,S1,1,10.00,EUR,C1,
2,2026-02-10,S1,1,5.00,EUR,,Ada@example.com
3,2026-02-11,S1,1,7.00,USD,C1,
4,2026-03-01,S1,1,4.00,EUR,C2,
";

async fn features(shop: &Shop) -> Vec<String> {
    shop.table(Table::CustomerFeatures, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_by_what_they_bought() {
    let shop = Shop::new().await;
    assert!(features(&shop).await.is_empty());
    let orders = shop.import("orders.csv", ORDERS).await;
    assert_eq!(orders.state, UploadState::Done, "{:?}", orders.error);
    let ada = email_hash("ada@example.com");
    let c2 = "customer_id=C2 first_day=2026-03-01 last_day=2026-03-01 orders=1 returning=false recency=4 frequency=1 currency=EUR net_sales=4 monetary=1";
    let apart = [
        "customer_id=C1 first_day=2026-01-10 last_day=2026-02-11 orders=2 returning=true recency=2 frequency=4 currency=EUR net_sales=10 monetary=4".to_owned(),
        "customer_id=C1 first_day=2026-01-10 last_day=2026-02-11 orders=2 returning=true recency=2 frequency=4 currency=USD net_sales=7 monetary=1".to_owned(),
        c2.to_owned(),
        format!("email_hash={ada} first_day=2026-02-10 last_day=2026-02-10 orders=1 returning=false recency=1 frequency=1 currency=EUR net_sales=5 monetary=2"),
    ];
    assert_eq!(features(&shop).await, apart);

    // Whose the address is, a table of customers says.
    let file = "Customer ID,Name,Email\nC1,Ada,ada@example.com\n";
    let customers = shop.import("customers.csv", file).await;
    assert_eq!(customers.data_set, "customers");
    let whole = format!(
        "customer_id=C1 email_hash={ada} first_day=2026-01-10 last_day=2026-02-11 orders=3 returning=true recency=1 frequency=3"
    );
    let together = [
        format!("{whole} currency=EUR net_sales=15 monetary=3"),
        format!("{whole} currency=USD net_sales=7 monetary=1"),
        c2.replace("recency=4", "recency=3"),
    ];
    assert_eq!(features(&shop).await, together);
    shop.undo(customers.id).await;
    assert_eq!(features(&shop).await, apart);

    let more = "Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Customer ID\n5,2026-03-02,S1,1,1.00,EUR,C3\n";
    let more = shop.import("more.csv", more).await;
    assert_eq!(features(&shop).await.len(), 5);
    shop.undo(more.id).await;
    assert_eq!(features(&shop).await, apart);
    shop.undo(orders.id).await;
    assert!(features(&shop).await.is_empty());
    // As it was.
    let first = shop.table(Table::CustomerFeatures, Some(1)).await;
    let second = shop.table(Table::CustomerFeatures, Some(2)).await;
    assert_eq!((first, second), (apart.to_vec(), together.to_vec()));
}

fn shared(path: &str) -> Option<Vec<u8>> {
    let shared = std::env::var_os("SR360_SHARED_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let bytes = std::fs::read(shared.join(path)).ok();
    if bytes.is_none() {
        println!("skipped: {path} is not there");
    }
    bytes
}

/// Of a published data set: 23,570 customers, 69,659 purchases, 2,500,315.63 in all.
#[tokio::test(flavor = "multi_thread")]
async fn customers_of_a_published_data_set() {
    let Some(bytes) = shared("cdnow/CDNOW_master.txt") else {
        return;
    };
    let shop = Shop::new().await;
    let upload = shop.import("cdnow.txt", bytes).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let (mut customers, mut net, mut fifths) = (0, 0, [[0_u64; 6]; 3]);
    for offset in (0..).step_by(10_000) {
        let table = Table::CustomerFeatures;
        let read = backend::data_sets::rows(&shop.backend, &shop.ctx, table, None, offset, 10_000);
        let rows = read.await.unwrap().rows;
        let number = |row: &backend::lake::Cells, name: &str| {
            let at = rows.columns.iter().position(|c| c.name == name).unwrap();
            match &row.0[at] {
                Some(backend::ingest::Value::Number(number)) => *number,
                other => panic!("{name} is {other:?}"),
            }
        };
        for row in &rows.page.items {
            customers += 1;
            net += number(row, "net_sales");
            for (sizes, name) in fifths.iter_mut().zip(["recency", "frequency", "monetary"]) {
                sizes[number(row, name) as usize] += 1;
            }
        }
        if offset + 10_000 >= rows.page.total {
            break;
        }
    }
    // 68 of them were given things only.
    assert_eq!((customers, net), (23_570 - 68, 2_500_315_630_000));
    // Hardly any two customers spent the same: the fifths are fifths.
    for size in &fifths[2][1..] {
        assert!(size.abs_diff(23_570 / 5) < 100, "{fifths:?}");
    }
    // About half bought once, and are in the lowest.
    assert!(fifths[1][1] > 10_000 && fifths[1][5] > 3_000, "{fifths:?}");
}

/// As an independent count of the file has it.
#[tokio::test(flavor = "multi_thread")]
async fn conversion_by_day() {
    let Some(bytes) = shared("funnel_ecom/ecom.csv.gz") else {
        return;
    };
    let shop = Shop::new().await;
    let upload = shop.import("ecom.csv.gz", bytes).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let days = shop.table(Table::Funnel, None).await;
    assert_eq!(days.len(), 177);
    assert!(
        days.contains(
            &"day=2024-03-15 visitors=17 visitors_viewed=12 visitors_added=4 visitors_checked_out=4 visitors_bought=3 sessions=17 sessions_viewed=12 sessions_added=4 sessions_checked_out=4 sessions_bought=3".to_owned()
        ),
        "{days:?}"
    );
    let sum = |name: &str| -> u64 {
        let cells = days.iter().flat_map(|row| row.split(' '));
        let values = cells.filter_map(|cell| cell.strip_prefix(name)?.strip_prefix('='));
        values.map(|value| value.parse::<u64>().unwrap()).sum()
    };
    let sums = ["", "_viewed", "_added", "_checked_out", "_bought"]
        .map(|step| sum(&format!("sessions{step}")));
    assert_eq!(sums, [3_605, 2_868, 1_213, 798, 470]);
    shop.undo(upload.id).await;
    assert!(shop.table(Table::Funnel, None).await.is_empty());
    assert!(
        shop.table(Table::Of(DataSet::Events), None)
            .await
            .is_empty()
    );
}
