//! What every kind of store promises, run on each of them.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use bytes::Bytes;
use futures::TryStreamExt;
use objects::{ObjectError, Objects};
use std::{
    fs,
    io::{Read, Seek, SeekFrom},
};
use tempfile::TempDir;

/// Each kind of store, empty. The folder lives as long as the guard.
fn stores() -> Vec<(Objects, Option<TempDir>)> {
    let folder = TempDir::new().unwrap();
    vec![
        (Objects::open("memory:").unwrap(), None),
        (Objects::open(&url_of(&folder)).unwrap(), Some(folder)),
    ]
}

fn url_of(folder: &TempDir) -> String {
    format!("file://{}/deep/store", folder.path().display())
}

fn noise(length: usize) -> Bytes {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[tokio::test]
async fn what_was_put_is_got_listed_and_deleted() {
    for (store, _guard) in stores() {
        store.put("a/one", "1".into()).await.unwrap();
        store.put("a/two words", "22".into()).await.unwrap();
        store.put("ab/three", "333".into()).await.unwrap();
        store.put("a/one", "one".into()).await.unwrap();

        assert_eq!(store.get("a/one").await.unwrap(), "one");
        assert_eq!(store.size("a/two words").await.unwrap(), 2);
        let listed = |entries: Vec<objects::Entry>| {
            entries
                .into_iter()
                .map(|entry| (entry.path, entry.size))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            listed(store.list("a").await.unwrap()),
            [("a/one".to_owned(), 3), ("a/two words".to_owned(), 2)]
        );
        assert_eq!(store.list("").await.unwrap().len(), 3);
        assert!(store.list("nowhere").await.unwrap().is_empty());

        store.delete("a/one").await.unwrap();
        store.delete("a/one").await.unwrap();
        assert!(!store.exists("a/one").await.unwrap());
        assert!(store.exists("a/two words").await.unwrap());
        store.delete_prefix("a").await.unwrap();
        store.delete_prefix("a").await.unwrap();
        assert_eq!(
            listed(store.list("").await.unwrap()),
            [("ab/three".to_owned(), 3)]
        );
        // An object is not below its own path.
        store.delete_prefix("ab/three").await.unwrap();
        assert!(store.exists("ab/three").await.unwrap());
    }
}

#[tokio::test]
async fn missing_objects_are_told_apart_from_failures() {
    for (store, _guard) in stores() {
        let missing = [
            store.get("no/such").await.err(),
            store.size("no/such").await.err(),
            store.get_range("no/such", 0..1).await.err(),
            store.stream("no/such").await.err(),
        ];
        for error in missing {
            assert!(error.unwrap().is_not_found());
        }
        let reading = store.clone();
        let error = tokio::task::spawn_blocking(move || reading.reader("no/such").err())
            .await
            .unwrap();
        assert!(error.unwrap().is_not_found());
    }
}

#[tokio::test]
async fn ranges_are_cut_at_the_end() {
    for (store, _guard) in stores() {
        store.put("x", "0123456789".into()).await.unwrap();
        for (range, text) in [
            (0..3, "012"),
            (8..20, "89"),
            (10..20, ""),
            (50..60, ""),
            (4..4, ""),
        ] {
            assert_eq!(store.get_range("x", range).await.unwrap(), text);
        }
    }
}

#[tokio::test]
async fn parts_become_one_object_with_its_hash() {
    for (store, _guard) in stores() {
        // Larger than one multipart part, cut at odd places, with an empty part.
        let whole = noise(20_000_003);
        let cuts = [0, 1, 1, 9_000_000, 20_000_003];
        let mut parts = Vec::new();
        for (n, cut) in cuts.windows(2).enumerate() {
            let part = format!("parts/{n:04}");
            store.put(&part, whole.slice(cut[0]..cut[1])).await.unwrap();
            parts.push(part);
        }
        let composed = store.compose(&parts, "raw/whole").await.unwrap();
        assert_eq!(composed.size, 20_000_003);
        assert_eq!(
            composed.sha256,
            // python3: x=1; 20000003 times x=(x*1664525+1013904223)%2**32, byte x>>24
            "f6776720f0b4a05647b72f353e524f267d4f1b481b28cd13f5d787ebc0e985a3"
        );
        assert_eq!(store.get("raw/whole").await.unwrap(), whole);
        let streamed: Vec<Bytes> = store
            .stream("raw/whole")
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(streamed.concat(), whole);
        assert_eq!(store.list("parts").await.unwrap().len(), 4);
    }
}

#[tokio::test]
async fn the_hash_of_nothing() {
    for (store, _guard) in stores() {
        let composed = store.compose(&[], "empty").await.unwrap();
        assert_eq!(composed.size, 0);
        assert_eq!(
            composed.sha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(store.size("empty").await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_missing_part_leaves_no_object() {
    for (store, guard) in stores() {
        store.put("parts/0", "0".into()).await.unwrap();
        let parts = ["parts/0".to_owned(), "parts/1".to_owned()];
        let error = store.compose(&parts, "raw/whole").await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert!(!store.exists("raw/whole").await.unwrap());
        if let Some(folder) = guard {
            let left = fs::read_dir(folder.path().join("deep/store/raw")).unwrap();
            assert_eq!(left.count(), 0, "the unfinished file is removed");
        }
    }
}

#[tokio::test]
async fn readers_read_and_seek() {
    for (store, _guard) in stores() {
        let whole = noise(9_000_000);
        store.put("x", whole.clone()).await.unwrap();
        tokio::task::spawn_blocking(move || {
            let mut reader = store.reader("x").unwrap();
            assert_eq!(reader.size().unwrap(), 9_000_000);
            let mut all = Vec::new();
            reader.read_to_end(&mut all).unwrap();
            assert_eq!(all, whole);
            let mut four = [0; 4];
            for (to, at) in [
                (SeekFrom::Start(4_194_302), 4_194_302),
                (SeekFrom::End(-4), 8_999_996),
                (SeekFrom::Current(-8), 8_999_992),
            ] {
                assert_eq!(reader.seek(to).unwrap(), at as u64);
                reader.read_exact(&mut four).unwrap();
                assert_eq!(four, whole[at..at + 4]);
            }
            reader.seek(SeekFrom::Start(10_000_000)).unwrap();
            assert_eq!(reader.read(&mut four).unwrap(), 0);
            assert!(reader.seek(SeekFrom::Current(-20_000_000)).is_err());
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn what_a_killed_writer_left_is_invisible_and_harmless() {
    let folder = TempDir::new().unwrap();
    let store = Objects::open(&url_of(&folder)).unwrap();
    store.put("t/x", "old".into()).await.unwrap();
    let left = folder.path().join("deep/store/t/x#1");
    fs::write(&left, "half").unwrap();

    assert_eq!(store.list("").await.unwrap().len(), 1);
    store.put("t/x", "new".into()).await.unwrap();
    assert_eq!(store.get("t/x").await.unwrap(), "new");
    assert!(left.exists(), "it may belong to a writer that is at work");
    store.delete_prefix("t").await.unwrap();
    assert!(!left.exists());
}

#[tokio::test]
async fn a_folder_tells_where_its_files_are_and_lasts() {
    let folder = TempDir::new().unwrap();
    let store = Objects::open(&url_of(&folder)).unwrap();
    store.put("a/b c.txt", "here".into()).await.unwrap();
    let file = store.local_path("a/b c.txt").unwrap();
    assert_eq!(file, folder.path().join("deep/store/a/b c.txt"));
    assert_eq!(fs::read(file).unwrap(), b"here");

    drop(store);
    let again = Objects::open(&url_of(&folder)).unwrap();
    assert_eq!(again.get("a/b c.txt").await.unwrap(), "here");
    assert_eq!(Objects::open("memory:").unwrap().local_path("a"), None);
}

#[tokio::test]
async fn many_writers_of_one_path_leave_one_whole_object() {
    for (store, guard) in stores() {
        let writers = (0..16_u8).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.put("x", vec![n; 100_000].into()).await })
        });
        for written in futures::future::join_all(writers).await {
            written.unwrap().unwrap();
        }
        let got = store.get("x").await.unwrap();
        assert_eq!(got.len(), 100_000);
        assert!(got.iter().all(|byte| *byte == got[0]));
        if let Some(folder) = guard {
            assert_eq!(
                fs::read_dir(folder.path().join("deep/store"))
                    .unwrap()
                    .count(),
                1
            );
        }
    }
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    for (store, _guard) in stores() {
        for path in ["", "/", "../x", "a/../../x", "a//b", "./a", "a/.", "x#1"] {
            let error = store.put(path, Bytes::new()).await.unwrap_err();
            assert!(matches!(error, ObjectError::Path { .. }), "{path}: {error}");
            assert_eq!(store.local_path(path), None);
        }
    }
}

#[test]
fn wrong_addresses_are_one_clear_line() {
    for (address, message) in [
        (
            "s3://bucket/lake",
            "`s3:` is not built in yet: files can lie in a folder (file:///absolute/path) or in memory (memory:)",
        ),
        (
            "data/lake",
            "`data/lake` is not a place for files: relative URL without a base",
        ),
        (
            "file://host/x",
            "`file://host/x` is not a place for files: write it as file:///absolute/path",
        ),
    ] {
        assert_eq!(Objects::open(address).unwrap_err().to_string(), message);
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Objects::open(&format!("file://{}/below", file.display())).unwrap_err();
    assert!(error.to_string().contains("the folder cannot be made"));
}
