//! Uploads of several files, and uploads that correct others.

use crate::world::World;
use storage::{
    NewUpload, Received, StorageError,
    uploads::{Part, UploadState},
};
use types::UploadId;

contract! {
    the_files_of_an_upload_are_kept
    files_are_named_when_their_bytes_are_there
    a_parent_is_named_and_forgotten
}

fn part(name: &str, size: u64) -> Part {
    Part {
        name: name.to_owned(),
        size,
    }
}

fn of(w: &World, parts: Vec<Part>) -> NewUpload {
    NewUpload {
        id: w.a.new_upload_id(),
        data_set: "orders".to_owned(),
        file_name: "several".to_owned(),
        size: parts.iter().map(|part| part.size).sum(),
        parent: None,
        parts,
    }
}

async fn the_files_of_an_upload_are_kept(w: World) {
    let new = of(
        &w,
        vec![
            part("طلبات\0'\".csv", 3),
            part("b.csv", 0),
            part("b.csv", 4),
        ],
    );
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.insert_upload(&new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let upload = tx.upload(new.id).await.unwrap().unwrap();
    assert_eq!((upload.parts, upload.size), (new.parts, 7));
    let one = w.upload(&w.b).await;
    let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
    assert_eq!(tx.upload(one).await.unwrap().unwrap().parts, []);
}

async fn files_are_named_when_their_bytes_are_there(w: World) {
    let id = w.upload(&w.a).await;
    let files = [part("a.csv", 30), part("b.csv", 12)];
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(!tx.set_parts(id, &files).await.unwrap(), "no byte is there");
    assert_eq!(tx.set_received(id, 0, 42).await.unwrap(), Received::Moved);
    assert!(!tx.set_parts(id, &files[..1]).await.unwrap(), "too few");
    assert!(tx.set_parts(id, &files).await.unwrap());
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!(upload.parts, files);
    assert_eq!((upload.size, upload.received), (42, 42));
    assert_eq!(upload.file_name, "a.csv, b.csv");
    assert!(tx.set_parts(id, &[part("c.csv", 42)]).await.unwrap());
    let upload = tx.upload(id).await.unwrap().unwrap();
    assert_eq!(
        (upload.parts, upload.file_name),
        (vec![], "c.csv".to_owned())
    );
    tx.commit().await.unwrap();

    let mut other = w.storage.tenant(&w.b).await.unwrap();
    assert!(!other.set_parts(id, &files).await.unwrap());
    drop(other);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.set_upload_state(id, &[UploadState::Receiving], UploadState::Cancelled)
        .await
        .unwrap();
    assert!(!tx.set_parts(id, &files).await.unwrap(), "it is given up");
}

async fn a_parent_is_named_and_forgotten(w: World) {
    let (parent, child) = (w.upload(&w.a).await, w.upload(&w.a).await);
    let stranger = w.upload(&w.b).await;
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for named in [Some(parent), None] {
        tx.set_parent(child, named).await.unwrap();
        assert_eq!(tx.upload(child).await.unwrap().unwrap().parent, named);
    }
    assert!(matches!(
        tx.set_parent(UploadId(w.random.uuid(w.clock.now())), None)
            .await,
        Err(StorageError::NotFound)
    ));
    assert!(matches!(
        tx.set_parent(child, Some(stranger)).await,
        Err(StorageError::Reference)
    ));
}
