//! The lines behind a figure: as a file, and each as it stands in the file it was read from.

use crate::house::House;
use axum::http::StatusCode;
use backend::{
    storage::uploads::UploadState,
    uploads::{self, Announced},
};
use bytes::Bytes;
use std::time::Duration;
use types::UploadId;

const ORDERS: &str = "Order,Date,Product,Quantity,Price,Currency,Customer ID,Note\n\
    A-1,2025-03-14,\"Mug, \"\"blue\"\"\",2,4.50,EUR,C1,for Ana\n\
    A-2,2025-03-15,\"=HYPERLINK(\"\"x\"\")\",1,4.50,EUR,C2,\n\
    A-3,2025-03-16,Plate,3,7.00,EUR,C3,\"two\nlines\"\n";
const JSON: &str = r#"[{"Order":"B-1","Date":"2025-03-17","Product":"Bowl","Quantity":1,"Price":9.5,"Currency":"EUR","ship":{"city":"Lima"}}]"#;

async fn import(house: &House, shop: &str, name: &str, text: &str) -> UploadId {
    let backend = house.backend();
    let tenant = backend.tenant_by_slug(shop).await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let announced = Announced::file(name, text.len() as u64);
    let upload = uploads::begin(backend, &ctx, &announced).await.unwrap();
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    uploads::append(backend, &ctx, upload.id, 0, bytes)
        .await
        .unwrap();
    uploads::complete(backend, &ctx, upload.id).await.unwrap();
    uploads::start(backend, &ctx, upload.id).await.unwrap();
    for _ in 0..1_000 {
        let now = uploads::get(backend, &ctx, upload.id).await.unwrap();
        if now.state == UploadState::Done {
            return now.id;
        }
        assert_eq!(now.state, UploadState::Importing, "{:?}", now.error);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it is never done");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_downloaded_and_each_leads_to_its_record() {
    let house = House::new().await;
    let cookies = house.sign_up("shop").await;
    let workers = house.backend().spawn_workers();
    let id = import(&house, "shop", "orders.csv", ORDERS).await;
    let nested = import(&house, "shop", "web.json", JSON).await;
    let see = async |path: &str| house.get(path, &cookies).await;

    let query = "metric=net_sales&period=2025-03-01..2025-03-31&sort=day&dir=asc";
    let page = see(&format!("/lineage/lines?{query}")).await.text();
    for record in [1, 3] {
        let link = format!("href=\"/uploads/{id}/records/{record}\"");
        assert!(page.contains(&link), "{link}: {page}");
    }
    assert!(page.contains("/lineage/lines.csv?"), "{page}");

    let file = see(&format!("/lineage/lines.csv?{query}")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text());
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let disposition = file.header("content-disposition").to_owned();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    let text = file.text();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(head[0], "\u{feff}order_id");
    let rows: Vec<&str> = lines.collect();
    let first = format!(
        "A-1,0,2025-03-14,,\"Mug, \"\"blue\"\"\",,2,9,0,0,9,,,EUR,C1,,,,,,{id},orders.csv,1"
    );
    assert_eq!(rows[0], first, "{text}");
    // What a spreadsheet would run has an apostrophe.
    assert!(rows[1].contains("\"'=HYPERLINK(\"\"x\"\")\""), "{text}");
    assert!(
        rows.last()
            .unwrap()
            .ends_with(&format!("{nested},web.json,1")),
        "{text}"
    );
    // Only of one file.
    let of_file = see(&format!("/lineage/lines.csv?{query}&file={nested}")).await;
    assert_eq!(of_file.text().lines().count(), 2, "{}", of_file.text());

    let record =
        async |id: UploadId, n: &str| see(&format!("/uploads/{id}/records/{n}")).await.text();
    let third = record(id, "3").await;
    for said in [
        "orders.csv",
        "A-3",
        "Plate",
        "two\nlines",
        "7.00",
        "Customer ID",
    ] {
        assert!(third.contains(said), "{said}: {third}");
    }
    let first = record(nested, "1").await;
    for said in ["web.json", "B-1", "Bowl", "Lima"] {
        assert!(first.contains(said), "{said}: {first}");
    }
    assert!(record(id, "99").await.contains("no record of this number"));
    let nothing = see(&format!("/uploads/{id}/records/x")).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);

    // Nobody else's.
    let stranger = house.get(&format!("/lineage/lines.csv?{query}"), "").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let other = house.sign_up("other").await;
    let empty = house
        .get(&format!("/lineage/lines.csv?{query}"), &other)
        .await;
    assert_eq!(empty.text().lines().count(), 1, "{}", empty.text());
    let body = format!("{{\"id\":\"{id}\",\"record\":1}}");
    let foreign = house.call("/api/lineage/record", &other, &body).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", foreign.text());
    let own = house.call("/api/lineage/record", &cookies, &body).await;
    assert!(own.text().contains("for Ana"), "{}", own.text());
    workers.shutdown().await;
}

/// More lines than are taken from the lake at a time.
#[tokio::test(flavor = "multi_thread")]
async fn all_lines_are_in_the_file() {
    let house = House::new().await;
    let cookies = house.sign_up("shop").await;
    let workers = house.backend().spawn_workers();
    let mut text = String::from("Order,Date,Product,Quantity,Price,Currency\n");
    for n in 0..45_000 {
        text.push_str(&format!(
            "A-{n},2025-03-{:02},Mug {},1,4.50,EUR\n",
            n % 31 + 1,
            n % 50
        ));
    }
    import(&house, "shop", "orders.csv", &text).await;
    let query = "metric=net_sales&period=2025-03-01..2025-03-31";
    let file = house
        .get(&format!("/lineage/lines.csv?{query}"), &cookies)
        .await;
    let text = file.text();
    let orders: std::collections::BTreeSet<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!((orders.len(), text.lines().count()), (45_000, 45_001));
    workers.shutdown().await;
}
