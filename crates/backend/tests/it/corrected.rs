//! Refused records, taken home, mended and sent again: the figures are those of the file that was right from the start.

use crate::shop::{Shop, day};
use backend::{
    ingest::REASONS,
    storage::uploads::UploadState,
    uploads::{self, Upload},
};
use futures::TryStreamExt;
use types::UploadId;

/// As the server writes it, but for formulas.
async fn refused(shop: &Shop, id: UploadId) -> String {
    let table = uploads::reject_table(&shop.backend, &shop.ctx, id)
        .await
        .unwrap();
    let of = table.upload.to_string();
    let batches: Vec<_> = table.rows.try_collect().await.unwrap();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut lines = vec![
        table
            .columns
            .iter()
            .map(String::as_str)
            .chain(REASONS)
            .map(quoted)
            .collect::<Vec<_>>()
            .join(","),
    ];
    for row in batches.into_iter().flatten() {
        let mut fields = row.cells.clone();
        let said = |get: fn(&backend::ingest::Reject) -> String| {
            row.reject.as_ref().map(get).unwrap_or_default()
        };
        fields.extend([
            of.clone(),
            row.record.to_string(),
            row.file.clone().unwrap_or_default(),
            row.line_no.to_string(),
            said(|r| r.column.clone().unwrap_or_default()),
            said(|r| format!("{:?}", r.code)),
            said(|r| r.message.clone()),
            said(|r| r.suggestion.clone()),
            row.text.clone().unwrap_or_default(),
        ]);
        let fields: Vec<String> = fields.iter().map(|f| quoted(f)).collect();
        lines.push(fields.join(","));
    }
    lines.join("\n") + "\n"
}

const RIGHT: &str = "Order ID,Order Date,SKU,Product,Quantity,Unit Price,Currency,Customer ID,Note\n\
    1,13/01/2026,S1,Lamp,1,\"1.000,50\",EUR,C1,first\n\
    2,02/01/2026,S1,Lamp,2,\"3,25\",EUR,C2,\n\
    2,02/01/2026,S1,Lamp,1,\"3,25\",EUR,C2,second of two\n\
    3,03/01/2026,S2,Shade,1,\"7,00\",EUR,C3,=1+1\n\
    3,03/01/2026,S2,Shade,4,\"7,00\",EUR,C3,\n\
    4,04/01/2026,S2,Shade,1,\"9,99\",EUR,C1,last\n";

/// One of two equal keys was taken: the other must not take its place.
fn wrong() -> String {
    let mut lines: Vec<String> = RIGHT.lines().map(str::to_owned).collect();
    lines[2] = lines[2].replace(",2,\"3,25\"", ",two,\"3,25\"");
    lines[5] = lines[5].replace("03/01/2026", "soon");
    lines[6] = lines[6].replace("\"9,99\"", "\"nine\"");
    lines.join("\n") + "\n"
}

async fn right() -> Vec<(String, i64, i64)> {
    let shop = Shop::new().await;
    let upload = shop.import("right.csv", RIGHT).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let figures = shop.figures().await;
    shop.stop().await;
    figures
}

fn counts(upload: &Upload) -> (u64, u64) {
    let result = uploads::result(upload).unwrap().unwrap();
    (result.accepted, result.rejected)
}

#[tokio::test(flavor = "multi_thread")]
async fn mended_records_complete_their_upload() {
    let right = right().await;
    let shop = Shop::new().await;
    let parent = shop.import("orders.csv", wrong()).await;
    assert_eq!(counts(&parent), (3, 3));
    let before = shop.figures().await;
    assert_ne!(before, right);

    let home = refused(&shop, parent.id).await;
    // Nothing in these three says that the day stands first, or that the comma is a decimal one.
    let mended = home
        .replace("\"two\"", "\"2\"")
        .replace("\"soon\"", "\"03/01/2026\"")
        .replace("\"nine\"", "\"9,99\"");
    let child = shop.import("rejects.csv", mended.clone()).await;
    assert_eq!(child.state, UploadState::Done, "{:?}", child.error);
    assert_eq!(child.parent, Some(parent.id));
    assert_eq!(counts(&child), (3, 0));
    assert_eq!(shop.figures().await, right);

    // The file that was right from the start brings nothing new: the lines have the same keys.
    let whole = shop.import("right.csv", RIGHT).await;
    assert_eq!(whole.state, UploadState::Done);
    assert_eq!(shop.figures().await, right);
    shop.undo(whole.id).await;
    assert_eq!(shop.figures().await, right);

    shop.undo(child.id).await;
    assert_eq!(shop.figures().await, before);
    uploads::redo(&shop.backend, &shop.ctx, child.id)
        .await
        .unwrap();
    shop.settled(child.id).await;
    assert_eq!(shop.figures().await, right);
    let again = shop.import("rejects (1).csv", mended).await;
    assert_eq!(again.duplicate_of, Some(child.id));
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_wrong_is_mended_in_a_second_round() {
    let right = right().await;
    let shop = Shop::new().await;
    let parent = shop.import("orders.csv", wrong()).await;
    let home = refused(&shop, parent.id).await;
    let half = home.replace("\"soon\"", "\"03/01/2026\"");
    let child = shop.import("rejects.csv", half).await;
    assert_eq!(counts(&child), (1, 2));
    let rest = refused(&shop, child.id).await;
    assert_eq!(rest.matches(&REASONS[0].to_string()).count(), 1, "{rest}");
    // A spreadsheet writes other separators.
    let rest = rest
        .replace("\"two\"", "\"2\"")
        .replace("\"nine\"", "\"9,99\"")
        .replace("\",\"", "\";\"");
    let last = shop.import("rejects 2.csv", rest).await;
    assert_eq!(last.state, UploadState::Done, "{:?}", last.error);
    assert_eq!((last.parent, counts(&last)), (Some(child.id), (2, 0)));
    assert_eq!(shop.figures().await, right);
    shop.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_another_shop_stands_for_itself() {
    let shop = Shop::new().await;
    let parent = shop.import("orders.csv", wrong()).await;
    let mended = refused(&shop, parent.id)
        .await
        .replace("\"two\"", "\"2\"")
        .replace("\"soon\"", "\"2026-01-03\"")
        .replace("\"nine\"", "\"9,99\"")
        .replace("\"02/01/2026\"", "\"2026-01-02\"")
        .replace("\"04/01/2026\"", "\"2026-01-04\"");
    let other = Shop::new().await;
    let stranger = other.send("rejects.csv", mended).await;
    assert_eq!(stranger.parent, None);
    // What says why is no part of an order.
    let inspection = uploads::inspection(&stranger).unwrap().unwrap();
    assert!(
        inspection
            .columns
            .iter()
            .filter(|c| c.name.starts_with("sr360"))
            .all(|c| c.field.is_none())
    );
    shop.stop().await;
    other.stop().await;
}

const SHOPIFY: &str = "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n\
    #1001,a@x.example,paid,2025-10-07 09:50:26 +0200,EUR,30.00,3.00,0.00,33.00,0.00,2025-10-07 09:50:26 +0200,1,Mug,10.00,M1\n\
    #1001,a@x.example,,,,,,,,,,2,Cup,10.00,C1\n\
    #1002,b@x.example,paid,2025-10-08 09:50:26 +0200,EUR,10.00,3.00,0.00,13.00,0.00,2025-10-08 09:50:26 +0200,1,Mug,10.00,M1\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_several_rows_is_mended_as_a_whole() {
    let clean = Shop::new().await;
    let upload = clean.import("shopify.csv", SHOPIFY).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let right = clean.figures().await;
    assert_eq!(
        right,
        [day("2025-10-07", 3_000, 1), day("2025-10-08", 1_000, 1)]
    );
    clean.stop().await;

    let shop = Shop::new().await;
    let parent = shop
        .import("shopify.csv", SHOPIFY.replace(",2,Cup", ",two,Cup"))
        .await;
    assert_eq!(counts(&parent), (2, 1));
    let home = refused(&shop, parent.id).await;
    assert_eq!(home.lines().count(), 3, "both rows of the order: {home}");
    let child = shop
        .import("rejects.csv", home.replace("\"two\"", "\"2\""))
        .await;
    assert_eq!(
        (child.state, child.parent),
        (UploadState::Done, Some(parent.id))
    );
    assert_eq!(shop.figures().await, right);
    shop.undo(child.id).await;
    assert_eq!(shop.figures().await[0], day("2025-10-07", 1_000, 1));
    shop.stop().await;
}
