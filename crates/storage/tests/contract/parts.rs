//! Uploads of several files, and uploads that correct others.

use crate::world::World;
use storage::{
    NewPiece, NewUpload, Received, StorageError, TakenFrom,
    uploads::{Part, UploadState},
};
use types::UploadId;

contract! {
    the_files_of_an_upload_are_kept
    files_are_named_when_their_bytes_are_there
    a_parent_is_named_and_forgotten
    an_upload_is_split_once_and_whole
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

async fn an_upload_is_split_once_and_whole(w: World) {
    let new = of(
        &w,
        vec![part("a.csv", 3), part("b.csv", 0), part("c.csv", 4)],
    );
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.insert_upload(&new).await.unwrap();
    tx.commit().await.unwrap();
    let piece = |files: Vec<(Part, u64)>| NewPiece {
        id: w.a.new_upload_id(),
        files,
        sha256: "00".to_owned(),
    };
    let into = [
        piece(vec![(part("a.csv", 3), 0), (part("c.csv", 4), 3)]),
        piece(vec![(part("b.csv", 0), 3)]),
    ];
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let whole = tx.upload(new.id).await.unwrap().unwrap();
    assert!(
        !tx.split_upload(&whole, &into).await.unwrap(),
        "not looked at"
    );
    assert_eq!(tx.pieces(new.id).await.unwrap(), []);
    tx.set_upload_state(new.id, &[UploadState::Receiving], UploadState::Inspecting)
        .await
        .unwrap();
    assert!(tx.split_upload(&whole, &into).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert!(!tx.split_upload(&whole, &into).await.unwrap(), "twice");
    let split = tx.upload(new.id).await.unwrap().unwrap();
    assert_eq!(split.state, UploadState::Split);
    assert!(split.finished_at.is_some());
    let pieces = tx.pieces(new.id).await.unwrap();
    assert_eq!(pieces.len(), 2);
    for (piece, new_piece) in pieces.iter().zip(&into) {
        assert_eq!(piece.id, new_piece.id);
        assert_eq!((piece.state, piece.run), (UploadState::Received, 0));
        assert_eq!(
            (piece.created_by, piece.sent_by),
            (whole.created_by, whole.sent_by)
        );
        assert_eq!(piece.sha256.as_deref(), Some("00"));
        let starts = new_piece.files.iter().map(|(_, start)| *start).collect();
        let upload = new.id;
        assert_eq!(piece.taken_from, Some(TakenFrom { upload, starts }));
    }
    let [several, one] = &pieces[..] else {
        panic!("two pieces");
    };
    assert_eq!((several.size, several.received), (7, 7));
    assert_eq!(several.file_name, "a.csv, c.csv");
    assert_eq!(several.parts, [part("a.csv", 3), part("c.csv", 4)]);
    assert_eq!((one.file_name.as_str(), &one.parts[..]), ("b.csv", &[][..]));
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
    assert_eq!(tx.pieces(new.id).await.unwrap(), []);
}
