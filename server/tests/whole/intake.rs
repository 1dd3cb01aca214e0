//! Files sent by programs, with a key.

use crate::house::{Answer, House};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;
use std::time::Duration;

const ORDERS: &str = "Order,Date,Product,Quantity,Price,Currency\n\
    A-1,2025-03-14,Mug,2,4.50,EUR\n\
    A-2,2025-03-15,Mug,1,4.50,EUR\n";
/// Each day is 12 or less.
const AMBIGUOUS: &str = "Order,Date,Product,Quantity,Price,Currency\n\
    A-1,03/04/2025,Mug,2,4.50,EUR\n\
    A-2,05/06/2025,Mug,1,4.50,EUR\n";

async fn key(house: &House, slug: &str) -> (access::Ctx, String) {
    let backend = house.backend();
    let tenant = backend
        .create_tenant(slug, slug, types::Currency::EUR, "UTC", false)
        .await
        .unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let (_, key) = backend
        .identity
        .issue_api_key(&ctx, "till", None)
        .await
        .unwrap();
    (ctx, key)
}

async fn ask(house: &House, method: Method, path: &str, key: &str, body: &str) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "shop.example")
        .header(header::CONTENT_LENGTH, body.len());
    if !key.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    }
    house
        .ask(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_figures_once() {
    let house = House::new().await;
    let (_, key) = key(&house, "till").await;
    let workers = house.backend().spawn_workers();
    let sent = ask(
        &house,
        Method::POST,
        "/v1/uploads?name=orders.csv",
        &key,
        ORDERS,
    )
    .await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text());
    let path = sent.header("location").to_owned();
    let done = loop {
        let looked = ask(&house, Method::GET, &path, &key, "").await;
        if looked.status != StatusCode::ACCEPTED {
            break looked;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(done.status, StatusCode::OK);
    let body = json(&done);
    assert_eq!(body["state"], "done");
    assert_eq!(body["result"]["accepted"], 2);

    let again = ask(
        &house,
        Method::POST,
        "/v1/uploads?name=again.csv",
        &key,
        ORDERS,
    )
    .await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(json(&again)["result"]["duplicate_of"], body["upload_id"]);
    workers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_two_meanings_is_asked() {
    let house = House::new().await;
    let (_, key) = key(&house, "till").await;
    let asked = ask(
        &house,
        Method::POST,
        "/v1/uploads?name=a.csv",
        &key,
        AMBIGUOUS,
    )
    .await;
    assert_eq!(asked.status, StatusCode::CONFLICT, "{}", asked.text());
    assert_eq!(json(&asked)["questions"][0]["id"], "date_order");
    let path = "/v1/uploads?name=a.csv&set.date_order=dmy";
    let answered = ask(&house, Method::POST, path, &key, AMBIGUOUS).await;
    assert_eq!(answered.status, StatusCode::ACCEPTED, "{}", answered.text());
    let refused = ask(&house, Method::POST, "/v1/uploads?name=b.csv", &key, "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(json(&refused)["error"]["code"], "empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_own_door_and_no_other() {
    let house = House::new().await;
    let (ctx, key_of_a) = key(&house, "a").await;
    let (_, key_of_b) = key(&house, "b").await;
    let sent = ask(
        &house,
        Method::POST,
        "/v1/uploads?name=a.csv",
        &key_of_a,
        ORDERS,
    )
    .await;
    let path = sent.header("location").to_owned();

    let foreign = ask(&house, Method::GET, &path, &key_of_b, "").await;
    let missing = "/v1/uploads/01890a5d-ac96-774b-bcce-b302099a8057";
    let missing = ask(&house, Method::GET, missing, &key_of_b, "").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        (foreign.status, &foreign.body),
        (missing.status, &missing.body)
    );

    // Not a page, not a server function, not without a key, with a wrong one, or with one that was ended.
    let figures = ask(
        &house,
        Method::POST,
        "/api/dashboard/figures",
        &key_of_a,
        "{}",
    )
    .await;
    assert_eq!(figures.status, StatusCode::FORBIDDEN);
    let wrong = format!("sr360_{}", "A".repeat(43));
    for bad in [
        "",
        "sr360_",
        "nonsense",
        &wrong,
        key_of_a.trim_start_matches("sr360_"),
    ] {
        let refused = ask(&house, Method::POST, "/v1/uploads?name=a.csv", bad, ORDERS).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    let identity = &house.backend().identity;
    let mut tx = house.backend().storage.tenant_read(&ctx).await.unwrap();
    let keys = tx.api_keys().await.unwrap();
    tx.commit().await.unwrap();
    assert!(keys[0].used_at.is_some());
    assert!(identity.revoke_api_key(&ctx, keys[0].id).await.unwrap());
    assert!(!identity.revoke_api_key(&ctx, keys[0].id).await.unwrap());
    let ended = ask(&house, Method::GET, &path, &key_of_a, "").await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_must_be_announced_and_may_not_be_longer() {
    let house = House::new().await;
    let (_, key) = key(&house, "till").await;
    let request = |length: Option<&str>| {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/v1/uploads?name=a.csv")
            .header(header::HOST, "shop.example")
            .header(header::AUTHORIZATION, format!("Bearer {key}"));
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        request.body(Body::from(ORDERS)).unwrap()
    };
    let silent = house.ask(request(None)).await;
    assert_eq!(silent.status, StatusCode::LENGTH_REQUIRED);
    let short = house.ask(request(Some("10"))).await;
    assert_eq!(short.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = house.ask(request(Some("999999"))).await;
    assert_eq!(long.status, StatusCode::CONFLICT, "some of it is missing");
    let large = house.ask(request(Some("9999999999"))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}
