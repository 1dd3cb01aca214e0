//! What a transaction and the opening of a database promise.

use crate::world::World;
use serde_json::json;
use storage::{NewUpload, Storage, StorageError};

contract! {
    nothing_stays_without_commit
    reads_cannot_write
    migrating_again_changes_nothing
}

async fn nothing_stays_without_commit(w: World) {
    let id = w.a.new_upload_id();
    let new = NewUpload {
        id,
        data_set: "orders".to_owned(),
        file_name: "x".to_owned(),
        size: 1,
        parent: None,
        parts: Vec::new(),
    };
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.insert_upload(&new).await.unwrap(), 1);
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap(), None);
    // The number was given back too.
    assert_eq!(tx.insert_upload(&new).await.unwrap(), 1);
    tx.rollback().await.unwrap();
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    assert_eq!(tx.upload(id).await.unwrap(), None);
}

async fn reads_cannot_write(w: World) {
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    assert!(tx.append_event("x", &json!({})).await.is_err());
    drop(tx);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert!(tx.forget_attempts("x").await.is_err());
}

#[tokio::test]
async fn memory_works_and_wrong_urls_say_so() {
    let w = World::new(storage::scratch::open("sqlite::memory:").await.unwrap()).await;
    w.upload(&w.a).await;
    for url in ["mysql://x", "", "orders.db"] {
        assert!(matches!(
            Storage::open(url).await.err(),
            Some(StorageError::Url(_))
        ));
    }
    let secret = "postgres://user:s3cret@host:notaport/db";
    let message = Storage::open(secret).await.err().unwrap().to_string();
    assert!(!message.contains("s3cret"), "{message}");
    let nowhere = Storage::open("postgres://x@localhost/x?host=/nonexistent").await;
    assert!(matches!(nowhere.err(), Some(StorageError::Unavailable(_))));
}

async fn migrating_again_changes_nothing(w: World) {
    w.storage.migrate().await.unwrap();
    assert!(w.storage.is_ready().await);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.tenants().await.unwrap().len(), 2);
    drop(tx);
    w.storage.close().await;
    assert!(!w.storage.is_ready().await);
    assert!(matches!(
        w.storage.tenant(&w.a).await.err(),
        Some(StorageError::Unavailable(_))
    ));
}

#[tokio::test]
async fn two_processes_may_migrate_one_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let (one, two) = (
        Storage::open(&url).await.unwrap(),
        Storage::open(&url).await.unwrap(),
    );
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    let w = World::new(one).await;
    let mut tx = two.tenant_read(&w.a).await.unwrap();
    assert_eq!(tx.own_tenant().await.unwrap().slug, "a");
}
