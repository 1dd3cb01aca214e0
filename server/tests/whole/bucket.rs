//! A bucket that is watched, through a server that answers as S3 does: listed page by page, read by ranges.

use crate::house::House;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use backend::{
    ingest::Decisions,
    storage::uploads::UploadState,
    uploads,
    watches::{self, Looked, WatchError},
};
use metrics::{Cell, Metric, Query};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use types::{Currency, UploadId, WatchId};

/// By key: what it holds, and the how manieth version that is.
type Objects = Arc<Mutex<BTreeMap<String, (String, u32)>>>;

const BUCKET: &str = "exports";
const HEAD: &str = "Order,Date,Product,Quantity,Price,Currency\n";

async fn serve(objects: Objects) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(objects);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

async fn answer(
    State(objects): State<Objects>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let objects = objects.lock().unwrap().clone();
    let signed = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    assert!(
        signed.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256")),
        "{signed:?}"
    );
    let path = uri.path().strip_prefix(&format!("/{BUCKET}")).unwrap();
    let key = path.trim_start_matches('/');
    if key.is_empty() {
        return list(&objects, uri.query().unwrap_or_default());
    }
    let Some((text, version)) = objects.get(key) else {
        return respond(StatusCode::NOT_FOUND, Vec::new(), String::new());
    };
    let tag = format!("\"v{version}\"");
    let wanted = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok());
    if wanted.is_some_and(|wanted| wanted != tag) {
        return respond(StatusCode::PRECONDITION_FAILED, Vec::new(), String::new());
    }
    let mut said = vec![
        (header::ETAG, tag),
        (
            header::LAST_MODIFIED,
            format!("Sun, 01 Mar 2026 10:00:{version:02} GMT"),
        ),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let range = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    match range {
        Some((from, to)) if method == Method::GET => {
            let from: usize = from.parse().unwrap();
            let to = to.parse().unwrap_or(usize::MAX).min(text.len() - 1);
            said.push((
                header::CONTENT_RANGE,
                format!("bytes {from}-{to}/{}", text.len()),
            ));
            respond(
                StatusCode::PARTIAL_CONTENT,
                said,
                text[from..=to].to_owned(),
            )
        }
        _ => respond(StatusCode::OK, said, text.clone()),
    }
}

/// One object a page.
fn list(objects: &BTreeMap<String, (String, u32)>, query: &str) -> Response<Body> {
    let asked: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(asked.get("list-type").map(String::as_str), Some("2"));
    let prefix = asked.get("prefix").cloned().unwrap_or_default();
    let after = asked.get("continuation-token").cloned().unwrap_or_default();
    let mut found = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && !key[prefix.len()..].contains('/'))
        .filter(|(key, _)| **key > after);
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>");
    if let Some((key, (text, version))) = found.next() {
        body += &format!(
            "<Contents><Key>{key}</Key><LastModified>2026-03-01T10:00:{version:02}.000Z</LastModified>\
             <ETag>\"v{version}\"</ETag><Size>{}</Size></Contents>",
            text.len()
        );
        if found.next().is_some() {
            body += &format!(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>{key}</NextContinuationToken>"
            );
        }
    }
    body += "</ListBucketResult>";
    let kind = vec![(header::CONTENT_TYPE, "application/xml".to_owned())];
    respond(StatusCode::OK, kind, body)
}

fn respond(
    status: StatusCode,
    headers: Vec<(header::HeaderName, String)>,
    body: String,
) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

struct Watched {
    house: House,
    ctx: access::Ctx,
    objects: Objects,
    id: WatchId,
}

impl Watched {
    async fn new() -> Self {
        let objects = Objects::default();
        let endpoint = serve(Arc::clone(&objects)).await;
        let house = House::with(&[
            ("SR360_WATCH_ROOTS", "s3://exports/shop"),
            ("AWS_ENDPOINT", &endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "till"),
            ("AWS_SECRET_ACCESS_KEY", "till"),
        ])
        .await;
        let backend = house.backend();
        let made = backend
            .create_tenant("shop", "shop", Currency::EUR, "UTC", false)
            .await;
        let ctx = backend.system_ctx(made.unwrap().id, "test");
        let none = Decisions::new();
        let watch = watches::add(backend, &ctx, "s3://exports/shop", "*.csv", &none);
        let id = watch.await.unwrap().id;
        Self {
            house,
            ctx,
            objects,
            id,
        }
    }

    fn put(&self, key: &str, rows: &str) {
        let mut objects = self.objects.lock().unwrap();
        let version = objects.get(key).map_or(1, |(_, version)| version + 1);
        objects.insert(key.to_owned(), (format!("{HEAD}{rows}"), version));
    }

    async fn look(&self) -> Looked {
        let looked = watches::look(self.house.backend(), &self.ctx, self.id, None)
            .await
            .unwrap();
        for id in &looked.taken {
            self.settled(*id).await;
        }
        looked
    }

    async fn settled(&self, id: UploadId) -> uploads::Upload {
        for _ in 0..1_000 {
            let upload = uploads::get(self.house.backend(), &self.ctx, id)
                .await
                .unwrap();
            if upload.state != UploadState::Importing {
                assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
                return upload;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is never done");
    }

    /// Gross sales in cents.
    async fn gross(&self) -> i64 {
        let query = Query::new([Metric::GrossSales]);
        let table = self
            .house
            .backend()
            .analytics
            .query(&self.ctx, &query)
            .await
            .unwrap();
        match table.rows[0][0] {
            Cell::Micros(micros) => micros.0 / 10_000,
            ref other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_bucket_are_imported_once_and_anew_when_they_change() {
    let watched = Watched::new().await;
    let workers = watched.house.backend().spawn_workers();
    watched.put("shop/january.csv", "A-1,2025-01-14,Mug,2,4.50,EUR\n");
    watched.put("shop/february.csv", "A-2,2025-02-14,Mug,1,4.50,EUR\n");
    watched.put("shop/old/march.csv", "A-3,2025-03-14,Mug,1,4.50,EUR\n");
    watched.put("shopping/april.csv", "A-4,2025-04-14,Mug,1,4.50,EUR\n");
    watched.put("shop/readme.txt", "");
    let first = watched.look().await;
    assert_eq!((first.waiting, first.taken.len()), (2, 0));
    let second = watched.look().await;
    assert_eq!(
        (second.waiting, second.taken.len(), second.failed),
        (0, 2, 0)
    );
    assert_eq!(watched.gross().await, 1_350);
    assert_eq!(watched.look().await, Looked::default());

    // Another version of an object is imported anew, and updates its orders.
    watched.put("shop/january.csv", "A-1,2025-01-14,Mug,3,4.50,EUR\n");
    assert_eq!(watched.look().await.waiting, 1);
    assert_eq!(watched.look().await.taken.len(), 1);
    assert_eq!(watched.gross().await, 1_800);

    // The same content again, written anew and under another name, changes nothing.
    watched.put("shop/january.csv", "A-1,2025-01-14,Mug,3,4.50,EUR\n");
    watched.put("shop/copy.csv", "A-2,2025-02-14,Mug,1,4.50,EUR\n");
    watched.look().await;
    let again = watched.look().await;
    assert_eq!(again.taken.len(), 2);
    for id in again.taken {
        assert!(watched.settled(id).await.duplicate_of.is_some());
    }
    assert_eq!(watched.gross().await, 1_800);
    workers.shutdown().await;

    let backend = watched.house.backend();
    let none = Decisions::new();
    let outside = watches::add(backend, &watched.ctx, "s3://exports/shopping", "*", &none);
    assert!(matches!(outside.await, Err(WatchError::Place(_))));
}
