//! Files that came as one upload and have nothing to do with one another, broken off at every point on the way.

use crate::shop::Shop;
use access::{Ctx, Role};
use backend::{
    storage::uploads::{UploadFilter, UploadState},
    uploads::{self, Announced, Part, Upload},
};
use bytes::Bytes;
use futures::TryStreamExt;
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use types::UploadId;

/// The process ends after so many steps of the work.
struct Crash<F> {
    work: Pin<Box<F>>,
    steps: usize,
}

impl<F: Future> Future for Crash<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.steps.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.steps = left;
        self.work.as_mut().poll(context).map(Some)
    }
}

/// Orders, a list of products, and stock, of a shop that has others of each number.
fn files(n: usize) -> Vec<(String, String)> {
    vec![
        (
            format!("orders-{n}.csv"),
            format!(
                "Order,Date,Product,Quantity,Price,Currency\nA-{n},2025-03-14,Mug,2,4.50,EUR\n"
            ),
        ),
        (
            format!("products-{n}.csv"),
            format!("sku,product name,category,cost\nM{n},Mug,Kitchen,1.20\n"),
        ),
        (
            format!("stock-{n}.csv"),
            format!("sku,location,on hand\nM{n},Lima,7\n"),
        ),
    ]
}

async fn sent(shop: &Shop, ctx: &Ctx, files: &[(String, String)]) -> UploadId {
    let part = |(name, text): &(String, String)| Part {
        name: name.clone(),
        size: text.len() as u64,
    };
    let announced = Announced {
        parts: files.iter().map(part).collect(),
        parent: None,
    };
    let begun = uploads::begin(&shop.backend, ctx, &announced)
        .await
        .unwrap();
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let all = Bytes::from(all);
    uploads::append(&shop.backend, ctx, begun.id, 0, all)
        .await
        .unwrap();
    begun.id
}

async fn original(shop: &Shop, id: UploadId) -> String {
    let file = uploads::original_file(&shop.backend, &shop.ctx, id, None).await;
    let bytes: Vec<Bytes> = file.unwrap().bytes.try_collect().await.unwrap();
    String::from_utf8(bytes.concat()).unwrap()
}

async fn pieces(shop: &Shop, upload: &Upload) -> Vec<Upload> {
    uploads::pieces(&shop.backend, &shop.ctx, upload)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_off_at_any_point_no_file_is_lost_and_none_is_there_twice() {
    let shop = Shop::impatient().await;
    let ctx = shop.as_member(Role::TenantAdmin);
    let mut came = BTreeMap::new();
    let mut found_in = BTreeMap::<&str, usize>::new();
    for steps in 1.. {
        let files = files(steps);
        let id = sent(&shop, &ctx, &files).await;
        came.insert(id, files);
        let work = Box::pin(uploads::complete_apart(&shop.backend, &ctx, id));
        let done = Crash { work, steps }.await;
        *found_in
            .entry(shop.get(id).await.state.as_str())
            .or_default() += 1;
        if let Some(done) = done {
            let (upload, pieces) = done.unwrap();
            assert_eq!((upload.state, pieces.len()), (UploadState::Split, 3));
            assert!(pieces.iter().all(|p| p.state == UploadState::Ready));
            break;
        }
    }
    // It was caught before the files were taken apart, and after.
    for state in ["receiving", "inspecting", "split"] {
        assert!(found_in.contains_key(state), "{found_in:?}");
    }

    // After a restart the browser asks again for what it was never told is there; the rest is left to the workers.
    let workers = shop.backend.spawn_workers();
    for id in came.keys() {
        if shop.get(*id).await.state == UploadState::Receiving {
            uploads::complete(&shop.backend, &ctx, *id).await.unwrap();
        }
    }
    for (id, files) in &came {
        let mut looked_at = Vec::new();
        for _ in 0..600 {
            looked_at = pieces(&shop, &shop.get(*id).await).await;
            if looked_at.len() == 3 && looked_at.iter().all(|p| p.state == UploadState::Ready) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let states: Vec<_> = looked_at.iter().map(|p| (p.state, &p.error)).collect();
        assert_eq!(looked_at.len(), 3, "{states:?}");
        for (piece, (name, text)) in looked_at.iter().zip(files) {
            assert_eq!((piece.state, &piece.file_name), (UploadState::Ready, name));
            assert_eq!(original(&shop, piece.id).await, *text);
            // As if they had been sent by themselves.
            assert_eq!(piece.sent_by, shop.get(*id).await.sent_by);
        }
    }
    let all = UploadFilter {
        limit: 10_000,
        ..UploadFilter::default()
    };
    let all = uploads::list(&shop.backend, &shop.ctx, &all).await.unwrap();
    assert_eq!(all.total, came.len() as u64 * 4);

    // And the last of them is imported like any other.
    let upload = shop.get(*came.keys().next_back().unwrap()).await;
    for piece in pieces(&shop, &upload).await {
        let done = shop.start(piece.id).await;
        assert_eq!(done.state, UploadState::Done, "{:?}", done.error);
        let result = uploads::result(&done).unwrap().unwrap();
        assert_eq!((result.accepted, result.rejected), (1, 0));
    }
    workers.shutdown().await;
}

/// Who is at the command line says what is one upload.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_joined_is_not_taken_apart() {
    let shop = Shop::without_workers().await;
    let id = sent(&shop, &shop.ctx, &files(1)).await;
    let (upload, pieces) = uploads::complete_apart(&shop.backend, &shop.ctx, id)
        .await
        .unwrap();
    assert_eq!((upload.state, pieces.len()), (UploadState::Failed, 0));
    assert_eq!(upload.error.unwrap().code, "files_apart");
}
