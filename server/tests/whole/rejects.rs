//! `rejects.csv` in the language of whoever downloads it.

use crate::house::{House, own};
use axum::{
    body::Body,
    http::{Method, header},
};
use backend::{command_line::import_files, ingest::Decisions};
use std::collections::BTreeMap;
use types::UploadId;

#[tokio::test(flavor = "multi_thread")]
async fn refused_records_say_why_in_the_readers_language() {
    let house = House::new().await;
    let cookies = house.sign_up("shop").await;
    let backend = house.backend();
    let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let file = house.web.config.data_dir.join("orders.csv");
    let text = "Order,Date,Product,Quantity,Price,Currency\n\
        A1,2025-03-01,Mug,1,5.00,EUR\n\
        A2,2025-03-03,Mug,two,5.00,EUR\n\
        A3,2025-03-04,Lamp,1,20.00,EUR\n";
    std::fs::write(&file, text).unwrap();
    let upload = import_files(backend, &ctx, &[file], &Decisions::new(), |_| ())
        .await
        .unwrap();
    let path = format!("/uploads/{}/rejects.csv", upload.id);
    for (language, accepts, says) in [
        ("", "es-MX,es;q=0.9", "No es un número."),
        ("lang=ar", "es", "هذا ليس رقمًا."),
        ("lang=zh", "", "这不是数字。"),
        ("lang=en", "es", "two"),
    ] {
        let cookies = format!("{cookies}; {language}");
        let request = own(Method::GET, &path, &cookies)
            .header(header::ACCEPT_LANGUAGE, accepts)
            .body(Body::empty())
            .unwrap();
        let csv = house.ask(request).await.text();
        let line = csv.lines().nth(1).unwrap_or_default();
        assert!(line.contains(says), "{language} {accepts}: {csv}");
        assert!(line.contains(",bad_number,"), "the code stays one: {line}");
    }
}

/// Of each refused record, by name of the column of reasons.
async fn reasons(house: &House, cookies: &str, id: UploadId) -> Vec<BTreeMap<String, String>> {
    let path = format!("/uploads/{id}/rejects.csv");
    let csv = house.get(&path, cookies).await.text();
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    let names: Vec<String> = lines
        .next()
        .unwrap()
        .split(',')
        .map(str::to_owned)
        .collect();
    lines
        .map(|line| {
            let cells = line.split(',').map(str::to_owned);
            names.iter().cloned().zip(cells).collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_records_say_where_they_stand_in_any_format() {
    let house = House::new().await;
    let cookies = house.sign_up("shop").await;
    let backend = house.backend();
    let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let import = async |files: &[(&str, &str)]| {
        let mut paths = Vec::new();
        for (name, text) in files {
            let path = house.web.config.data_dir.join(name);
            std::fs::write(&path, text).unwrap();
            paths.push(path);
        }
        let decisions = Decisions::new();
        let done = import_files(backend, &ctx, &paths, &decisions, |_| ()).await;
        done.unwrap().id
    };
    let head = "Order,Date,Product,Quantity,Price,Currency\n";
    let march = format!("{head}A1,2025-03-01,Mug,1,5.00,EUR\nA2,2025-03-03,Mug,two,5.00,EUR\n");
    let april = format!("{head}B1,2025-04-01,Mug,1,5.00,EUR\nB2,2025-04-03,Mug,three,5.00,EUR\n");
    let both = import(&[("march.csv", &march), ("april.csv", &april)]).await;
    let told = reasons(&house, &cookies, both).await;
    for (row, (name, text, value)) in told
        .iter()
        .zip([("march.csv", &march, "two"), ("april.csv", &april, "three")])
    {
        assert_eq!(
            (row["sr360_file"].as_str(), row["sr360_line"].as_str()),
            (name, "3")
        );
        assert_eq!(
            (row["sr360_column"].as_str(), row["sr360_value"].as_str()),
            ("Quantity", value)
        );
        // The bytes of the file it is in.
        let (from, to) = row["sr360_bytes"].split_once("..").unwrap();
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        let line = text.lines().nth(2).unwrap();
        assert_eq!(text[from..to], format!("{line}\n"));
    }
    assert_eq!(told.len(), 2);
    let page = house
        .get(&format!("/uploads/{both}"), &cookies)
        .await
        .text();
    assert!(page.contains("april.csv · bytes "), "the page says so too");

    let json = r#"[{"order":"C1","date":"2025-05-01","sku":"M1","quantity":1,"price":5.00},
        {"order":"C2","date":"2025-05-01","sku":"M1","quantity":"many","price":5.00}]"#;
    let json = import(&[("orders.json", json)]).await;
    let told = reasons(&house, &cookies, json).await;
    assert_eq!((told.len(), told[0]["sr360_place"].as_str()), (1, "/1"));
    let page = house
        .get(&format!("/uploads/{json}"), &cookies)
        .await
        .text();
    assert!(page.contains("/1 · bytes "), "the page says so too");
}
