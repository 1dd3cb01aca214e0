//! Several files that a program sends as one upload, refused records on their way home and back, and the originals.

use crate::house::{Answer, House};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use backend::{storage::uploads::UploadState, uploads};
use serde_json::Value;
use std::{fmt::Write, time::Duration};
use types::UploadId;

const LINES: &str = "order_id,order_item_id,product_id,price,freight_value\n\
    o1,1,p1,10.00,1.00\n\
    o1,2,p2,20.00,2.00\n\
    o2,1,p1,10.50,1.00\n";
const ORDERS: &str = "order_id,customer_id,order_status,order_purchase_timestamp\n\
    o1,c1,delivered,2025-03-01 10:00:00\n\
    o2,c2,delivered,2025-03-02 11:30:00\n";
const WRONG: &str = "Order,Date,Product,Quantity,Price,Currency,Note\n\
    A-1,2025-03-14,Mug,2,4.50,EUR,\"=1+1, or \"\"so\"\"\"\n\
    A-2,2025-03-15,Mug,one,4.50,EUR,-3\n";

struct Till {
    house: House,
    cookies: String,
    ctx: access::Ctx,
    key: String,
}

impl Till {
    async fn new() -> Self {
        let house = House::new().await;
        let cookies = house.sign_up("till").await;
        let backend = house.backend();
        let tenant = backend.tenant_by_slug("till").await.unwrap().unwrap();
        let ctx = backend.system_ctx(tenant.id, "test");
        let issued = backend.identity.issue_api_key(&ctx, "till", None).await;
        let (_, key) = issued.unwrap();
        Self {
            house,
            cookies,
            ctx,
            key,
        }
    }

    async fn send(&self, path: &str, kind: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "shop.example")
            .header(header::CONTENT_LENGTH, body.len())
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        self.house
            .ask(request.body(Body::from(body)).unwrap())
            .await
    }

    async fn look(&self, id: &str) -> Value {
        let request = Request::builder()
            .uri(format!("/v1/uploads/{id}"))
            .header(header::HOST, "shop.example")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        let answer = self.house.ask(request.body(Body::empty()).unwrap()).await;
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn done(&self, sent: &Answer) -> (UploadId, uploads::ImportResult) {
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        let id: UploadId = body["upload_id"].as_str().unwrap().parse().unwrap();
        loop {
            let upload = uploads::get(self.house.backend(), &self.ctx, id).await;
            let upload = upload.unwrap();
            if upload.state == UploadState::Done {
                return (id, uploads::result(&upload).unwrap().unwrap());
            }
            assert_eq!(upload.state, UploadState::Importing, "{:?}", upload.error);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

const FORM: &str = "multipart/form-data; boundary=----cut";

/// As curl writes it.
fn form(files: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, text) in files {
        write!(
            body,
            "------cut\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n{text}\r\n"
        )
        .unwrap();
    }
    body + "------cut\r\nContent-Disposition: form-data; name=\"remark\"\r\n\r\nno file\r\n------cut--\r\n"
}

#[test]
fn any_name_is_a_header() {
    assert_eq!(
        server::original::attachment("订单 \"May\"\r\n../x.csv"),
        "attachment; filename*=UTF-8''%E8%AE%A2%E5%8D%95%20%22May%22%0D%0A.._x.csv"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_are_sent_as_one_upload() {
    let till = Till::new().await;
    let workers = till.house.backend().spawn_workers();
    let both = form(&[("items.csv", LINES), ("orders.csv", ORDERS)]);
    let sent = till.send("/v1/uploads", FORM, both).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text());
    let (id, result) = till.done(&sent).await;
    assert_eq!((result.accepted, result.rejected), (3, 0));
    assert_eq!(result.files.len(), 2);
    let path = sent.header("location").to_owned();
    let looked = Request::builder()
        .uri(&path)
        .header(header::HOST, "shop.example")
        .header(header::AUTHORIZATION, format!("Bearer {}", till.key));
    let looked = till.house.ask(looked.body(Body::empty()).unwrap()).await;
    let looked: Value = serde_json::from_slice(&looked.body).unwrap();
    assert_eq!(
        looked["result"]["files"][0]["name"], "items.csv",
        "{looked}"
    );

    let get = async |query: &str| {
        let path = format!("/uploads/{id}/original{query}");
        till.house.get(&path, &till.cookies).await
    };
    for (at, text) in [LINES, ORDERS].into_iter().enumerate() {
        let part = get(&format!("?part={at}")).await;
        assert_eq!((part.status, part.text().as_str()), (StatusCode::OK, text));
    }
    let all = get("").await;
    assert!(all.body.starts_with(b"PK\x03\x04"));
    assert!(all.header("content-disposition").contains(".zip"));
    assert_eq!(get("?part=2").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get("?part=-1").await.status, StatusCode::BAD_REQUEST);
    workers.shutdown().await;
}

/// What a person or a program drops together and does not belong together is imported all the same, file by file.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_do_not_belong_together_are_uploads_of_their_own() {
    let stock = "sku,location,on hand\nM1,Lima,7\n";
    let till = Till::new().await;
    let workers = till.house.backend().spawn_workers();
    let files = [
        ("items.csv", LINES),
        ("stock.csv", stock),
        ("orders.csv", ORDERS),
    ];
    let sent = till.send("/v1/uploads", FORM, form(&files)).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text());
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["state"], "split", "{body}");
    assert_eq!(body["error"], Value::Null);
    let each = body["uploads"].as_array().unwrap();
    let (mut made, mut ids) = (Vec::new(), Vec::new());
    for upload in each {
        let id: UploadId = upload["upload_id"].as_str().unwrap().parse().unwrap();
        let done = loop {
            let upload = uploads::get(till.house.backend(), &till.ctx, id)
                .await
                .unwrap();
            if upload.state != UploadState::Importing {
                break upload;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(done.state, UploadState::Done, "{:?}", done.error);
        made.push((done.file_name, done.data_set));
        ids.push(id);
    }
    made.sort();
    let of = |name: &str, set: &str| (name.to_owned(), set.to_owned());
    assert_eq!(
        made,
        [
            of("items.csv, orders.csv", "orders"),
            of("stock.csv", "inventory")
        ]
    );

    // Asked again, the program is told the same; and each says what it came as.
    let whole = body["upload_id"].as_str().unwrap();
    let looked = till.look(whole).await;
    assert_eq!(looked["state"], "split");
    let again: Vec<&Value> = looked["uploads"].as_array().unwrap().iter().collect();
    assert_eq!(again.len(), 2);
    for (piece, id) in again.into_iter().zip(&ids) {
        assert_eq!(piece["upload_id"], id.to_string());
        assert_eq!(piece["state"], "done");
        assert_eq!(till.look(&id.to_string()).await["came_as"], whole);
    }

    // In the browser: the page of what was sent and the history lead to them, and they lead back.
    let see = async |path: &str| till.house.get(path, &till.cookies).await.text();
    let page = see(&format!("/uploads/{whole}")).await;
    assert!(page.contains("Split into 2 uploads"), "{page}");
    let history = see("/uploads?state=split").await;
    assert!(history.contains("Split into 2 uploads"), "{history}");
    for id in &ids {
        let link = format!("href=\"/uploads/{id}\"");
        assert!(page.contains(&link), "{page}");
        assert!(history.contains(&link), "{history}");
        let piece = see(&format!("/uploads/{id}")).await;
        assert!(
            piece.contains(&format!("href=\"/uploads/{whole}\"")),
            "{piece}"
        );
    }
    // What was sent is there to be taken home, of each what it has.
    let stock_came = see(&format!("/uploads/{}/original", ids[1])).await;
    let items_came = see(&format!("/uploads/{}/original?part=0", ids[0])).await;
    let orders_came = see(&format!("/uploads/{}/original?part=1", ids[0])).await;
    assert_eq!(
        (
            stock_came.as_str(),
            items_came.as_str(),
            orders_came.as_str()
        ),
        (stock, LINES, ORDERS)
    );

    // Sent once more, nothing is there twice.
    let sent = till.send("/v1/uploads", FORM, form(&files)).await;
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    for (piece, id) in body["uploads"].as_array().unwrap().iter().zip(&ids) {
        assert_eq!(piece["result"]["duplicate_of"], id.to_string(), "{body}");
    }
    workers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_breaks_off_leaves_nothing() {
    let till = Till::new().await;
    let whole = form(&[("items.csv", LINES), ("orders.csv", ORDERS)]);
    let cut = whole[..whole.len() / 2].to_owned();
    for (kind, body) in [
        (FORM, cut),
        (FORM, form(&[])),
        ("multipart/form-data", whole),
    ] {
        let sent = till.send("/v1/uploads", kind, body).await;
        assert!(
            sent.status.is_client_error(),
            "{} {}",
            sent.status,
            sent.text()
        );
    }
    let nameless = till.send("/v1/uploads", "text/csv", LINES.to_owned()).await;
    assert_eq!(nameless.status, StatusCode::BAD_REQUEST);
    let all = uploads::list(till.house.backend(), &till.ctx, &uploads_of_all()).await;
    for upload in all.unwrap().items {
        assert_eq!(upload.state, UploadState::Cancelled);
    }
}

fn uploads_of_all() -> backend::storage::uploads::UploadFilter {
    backend::storage::uploads::UploadFilter::default()
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_records_come_home_and_go_back() {
    let till = Till::new().await;
    let workers = till.house.backend().spawn_workers();
    let send = async |name: &str, text: String| {
        let path = format!("/v1/uploads?name={name}");
        let sent = till.send(&path, "text/csv", text).await;
        assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text());
        till.done(&sent).await
    };
    let (parent, result) = send("orders.csv", WRONG.to_owned()).await;
    assert_eq!((result.accepted, result.rejected), (1, 1));
    let path = format!("/uploads/{parent}/rejects.csv");
    let home = till.house.get(&path, &till.cookies).await.text();
    let head = "\u{feff}Order,Date,Product,Quantity,Price,Currency,Note,sr360_upload,sr360_record,";
    assert!(home.starts_with(head), "{home}");
    let row = format!("\nA-2,2025-03-15,Mug,one,4.50,EUR,-3,{parent},");
    assert!(home.contains(&row), "{home}");
    assert_eq!(home.lines().count(), 2, "{home}");
    let (child, result) = send("rejects.csv", home.replace(",one,", ",1,")).await;
    assert_eq!((result.accepted, result.rejected), (1, 0));
    let child = uploads::get(till.house.backend(), &till.ctx, child).await;
    assert_eq!(child.unwrap().parent, Some(parent));
    workers.shutdown().await;
}
