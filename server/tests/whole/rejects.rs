//! `rejects.csv` in the language of whoever downloads it.

use crate::house::{House, own};
use axum::{
    body::Body,
    http::{Method, header},
};
use backend::{command_line::import_files, ingest::Decisions};

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
