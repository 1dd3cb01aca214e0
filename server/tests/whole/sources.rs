//! The page of sources: places that are watched, and work that was given up.

use crate::house::House;
use axum::http::StatusCode;
use backend::{
    storage::uploads::UploadState,
    uploads::{self, Announced},
    watches, work,
};
use bytes::Bytes;
use std::time::Duration;
use tempfile::TempDir;

const ORDERS: &str = "Order,Date,Product,Quantity,Price,Currency\n\
    A-1,2025-03-14,Mug,2,4.50,EUR\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_watched_by_the_form() {
    let root = TempDir::new().unwrap();
    let exports = root.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let house = House::with(&[("SR360_WATCH_ROOTS", &root.path().display().to_string())]).await;
    let cookies = house.sign_up("shop").await;
    let url = format!("file://{}", exports.display());
    let watch = async |url: &str, cookies: &str| {
        let form = [("url", url), ("pattern", "*.csv")];
        house.form("/api/sources/watch", cookies, &form).await
    };
    let outside = watch("file:///etc", &cookies).await;
    let page = house.get("/sources", &cookies).await.text();
    assert!(!page.contains("file:///etc"), "{}", outside.text());
    let added = watch(&url, &cookies).await;
    assert!(
        added.status.is_success() || added.status.is_redirection(),
        "{}",
        added.text()
    );
    let stranger = watch(&url, "").await;
    assert_eq!(
        stranger.status,
        StatusCode::UNAUTHORIZED,
        "{}",
        stranger.text()
    );
    let page = house.get("/sources", &cookies).await.text();
    assert!(page.contains(&url), "{page}");

    // A file that comes to rest there is imported.
    std::fs::write(exports.join("orders.csv"), ORDERS).unwrap();
    let backend = house.backend();
    let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let all = watches::list(backend, &ctx).await.unwrap();
    assert_eq!(all.len(), 1);
    for taken in [0, 1] {
        let looked = watches::look(backend, &ctx, all[0].0.id, None)
            .await
            .unwrap();
        assert_eq!(looked.taken.len(), taken);
    }
    let page = house.get("/uploads", &cookies).await.text();
    assert!(page.contains("orders.csv"));

    // The folder is gone: each reads it in their own words.
    std::fs::remove_dir_all(&exports).unwrap();
    assert!(
        watches::look(backend, &ctx, all[0].0.id, None)
            .await
            .is_err()
    );
    let path = exports.display();
    for (language, said) in [
        ("en", format!("The folder {path} does not exist.")),
        ("zh", format!("文件夹 {path} 不存在。")),
        ("es", format!("La carpeta {path} no existe.")),
        ("ar", format!("المجلد {path} غير موجود.")),
    ] {
        let cookies = format!("{cookies}; lang={language}");
        let page = house.get("/sources", &cookies).await.text();
        assert!(page.contains(&said), "{language}: {page}");
        assert!(!page.contains("<span lang=\"en\""), "{language}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_was_given_up_says_why_and_is_tried_again_by_the_button() {
    let house = House::new().await;
    let cookies = house.sign_up("shop").await;
    let backend = house.backend();
    let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    let announced = Announced::file("orders.csv", ORDERS.len() as u64);
    let upload = uploads::begin(backend, &ctx, &announced).await.unwrap();
    let bytes = Bytes::from(ORDERS);
    uploads::append(backend, &ctx, upload.id, 0, bytes)
        .await
        .unwrap();
    uploads::complete(backend, &ctx, upload.id).await.unwrap();
    uploads::start(backend, &ctx, upload.id).await.unwrap();
    // Its file is gone for a while, and it is tried for the last time.
    let raw = format!("{}/bronze/{}/raw", ctx.tenant, upload.id);
    let bytes = backend.objects.get(&raw).await.unwrap();
    backend.objects.delete(&raw).await.unwrap();
    let key = format!("import:{}:1", upload.id);
    let mut tx = backend.storage.tenant(&ctx).await.unwrap();
    let job = tx.job_by_key(&key).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    exhaust(&house, job.id).await;
    let workers = backend.spawn_workers();
    let state = async |wanted: UploadState| {
        for _ in 0..1_000 {
            let upload = uploads::get(backend, &ctx, upload.id).await.unwrap();
            if upload.state == wanted {
                return upload;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is never {wanted:?}");
    };
    state(UploadState::Failed).await;
    assert_eq!(work::dead(backend, &ctx).await.unwrap().len(), 1);
    let page = house.get("/sources", &cookies).await.text();
    assert!(page.contains("there is no object"), "the reason: {page}");
    assert!(page.contains("retry-job"), "the button: {page}");
    for (language, said) in [
        ("en", "A file that the server had kept is no longer there."),
        ("zh", "服务器保存的一个文件已不存在。"),
        (
            "es",
            "Un archivo que el servidor había guardado ya no está.",
        ),
        ("ar", "لم يعد ملف كان الخادم قد حفظه موجودًا."),
    ] {
        let cookies = format!("{cookies}; lang={language}");
        let page = house.get("/sources", &cookies).await.text();
        assert!(page.contains(said), "{language}: {page}");
    }

    let id = job.id.to_string();
    let stranger = house.form("/api/sources/retry", "", &[("id", &id)]).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    backend.objects.put(&raw, bytes).await.unwrap();
    let tried = house
        .form("/api/sources/retry", &cookies, &[("id", &id)])
        .await;
    assert!(
        tried.status.is_success() || tried.status.is_redirection(),
        "{}",
        tried.text()
    );
    state(UploadState::Done).await;
    assert_eq!(work::dead(backend, &ctx).await.unwrap().len(), 0);
    let page = house.get("/sources", &cookies).await.text();
    assert!(!page.contains("retry-job"));
    workers.shutdown().await;
}

/// All tries of a job but its last one are used up.
async fn exhaust(house: &House, id: types::JobId) {
    let backend = house.backend();
    let tenant = backend.tenant_by_slug("shop").await.unwrap().unwrap();
    let ctx = backend.system_ctx(tenant.id, "test");
    for _ in 0..4 {
        let mut tx = backend.storage.platform(&backend.clock).await.unwrap();
        let lease = jiff::SignedDuration::from_secs(30);
        let job = tx.claim_job(&["import"], "test", lease).await.unwrap();
        tx.commit().await.unwrap();
        let job = job.unwrap();
        assert_eq!(job.id, id);
        let mut tx = backend.storage.tenant(&ctx).await.unwrap();
        let at_once = Some(ctx.now());
        tx.fail_job(job.claim(), "used up", at_once).await.unwrap();
        tx.commit().await.unwrap();
    }
}
