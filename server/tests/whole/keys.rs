//! A key made without scripts: its only copy is shown once, by the page that follows.

use crate::house::{Answer, House, own};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};

async fn make(house: &House, cookies: &str, accept: &str) -> Answer {
    let request = own(Method::POST, "/api/sources/issue-key", cookies)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, accept)
        .header(header::REFERER, "https://shop.example/sources")
        .body(Body::from("name=The+till&days=30"))
        .unwrap();
    house.ask(request).await
}

/// The page as a browser is shown it.
async fn page(house: &House, cookies: &str) -> Answer {
    let request = own(Method::GET, "/sources", cookies)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap();
    house.ask(request).await
}

#[tokio::test]
async fn a_key_made_without_scripts_is_shown_once() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let made = make(&house, &cookies, "text/html,application/xhtml+xml").await;
    assert_eq!(made.status, StatusCode::FOUND, "{}", made.text());
    assert_eq!(
        made.header("location").trim_end_matches('?'),
        "https://shop.example/sources"
    );
    let set = made.header("set-cookie");
    let (pair, guards) = set.split_once("; ").unwrap();
    assert_eq!(
        guards,
        "Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
    );
    let (name, key) = pair.split_once('=').unwrap();
    assert_eq!(name, "__Host-sr360-new-key");
    assert!(key.starts_with("sr360_"), "{key}");
    assert!(!made.header("location").contains(key));
    assert_eq!(made.header("cache-control"), "no-store");

    let with_key = format!("{cookies}; {pair}");
    // A script that asks for the same is told nothing, and takes nothing.
    let called = house.call("/api/sources/all", &with_key, "{}").await;
    assert_eq!(called.status, StatusCode::OK, "{}", called.text());
    assert!(!called.text().contains(key) && called.cookies().is_empty());

    let shown = page(&house, &with_key).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text().contains(&format!("<code dir=\"ltr\">{key}<")));
    assert_eq!(shown.header("cache-control"), "no-store");
    let gone = shown.header("set-cookie");
    assert!(
        gone.starts_with("__Host-sr360-new-key=; Path=/; Max-Age=0;"),
        "{gone}"
    );
    let after = page(&house, &cookies).await;
    assert!(!after.text().contains(key));

    // It is a key that opens the door.
    let file = "Order ID,Order Date,SKU,Quantity,Unit Price\n1,2026-02-10,S1,1,5.00\n";
    let sent = own(Method::POST, "/v1/uploads?name=till.csv", "")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "text/csv")
        .header(header::CONTENT_LENGTH, file.len())
        .body(Body::from(file))
        .unwrap();
    let sent = house.ask(sent).await;
    assert!(sent.status.is_success(), "{} {}", sent.status, sent.text());
}

#[tokio::test]
async fn a_page_with_scripts_has_its_answer_and_no_cookie() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let made = make(&house, &cookies, "application/json").await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.text().contains("sr360_"), "{}", made.text());
    assert!(made.cookies().is_empty());
}
