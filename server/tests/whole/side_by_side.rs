//! Pages that are rendered at the same time know nothing of each other.

use crate::house::House;
use axum::http::StatusCode;
use std::{collections::HashMap, sync::Arc};

const PAGES: [&str; 5] = ["/", "/uploads", "/uploads/new", "/quality", "/sources"];
const LANGUAGES: [&str; 4] = ["en", "zh", "es", "ar"];
const AT_ONCE: usize = 8;
const EACH: usize = 60;

async fn title(house: &House, page: &str, cookies: &str) -> String {
    let answer = house.get(page, cookies).await;
    assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.text());
    let html = answer.text();
    let (_, rest) = html.split_once("<title>").unwrap();
    rest.split_once("</title>").unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_has_its_own_title_and_language() {
    let house = Arc::new(House::new().await);
    let cookies = house.sign_up("busy").await;
    let mut visits = Vec::new();
    let mut titles = HashMap::new();
    for page in PAGES {
        for language in LANGUAGES {
            let cookies = format!("{cookies}; lang={language}");
            titles.insert((page, language), title(&house, page, &cookies).await);
            visits.push((page, language, cookies));
        }
    }
    let (visits, titles) = (Arc::new(visits), Arc::new(titles));
    let mut readers = tokio::task::JoinSet::new();
    for reader in 0..AT_ONCE {
        let (house, visits, titles) = (house.clone(), visits.clone(), titles.clone());
        readers.spawn(async move {
            for n in 0..EACH {
                let (page, language, cookies) = &visits[(reader * 7 + n) % visits.len()];
                let seen = title(&house, page, cookies).await;
                assert_eq!(Some(&seen), titles.get(&(*page, *language)));
            }
        });
    }
    while let Some(read) = readers.join_next().await {
        read.unwrap();
    }
}
