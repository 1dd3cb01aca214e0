//! A page is rendered to its end, also when whoever asked for it has left.
//!
//! Views read signals from tasks of their own; the signals go when the answer is dropped, and a task that is still
//! running then would panic.

use crate::security::answer::wants_a_page;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tracing::Instrument;

/// Pieces of a page that wait for a slow reader before its rendering waits too.
const PIECES: usize = 8;

pub(crate) async fn to_the_end(request: Request, next: Next) -> Response {
    if !wants_a_page(request.headers()) {
        return next.run(request).await;
    }
    let page = async move { next.run(request).await.map(drained) };
    match tokio::spawn(page.in_current_span()).await {
        Ok(page) => page,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => {
                tracing::error!(%error, "a page was not rendered");
                axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        },
    }
}

fn drained(page: Body) -> Body {
    let (sender, mut receiver) = mpsc::channel::<Result<Bytes, axum::Error>>(PIECES);
    let rendering = async move {
        let mut pieces = page.into_data_stream();
        let mut is_read = true;
        while let Some(piece) = pieces.next().await {
            is_read = is_read && sender.send(piece).await.is_ok();
        }
    };
    tokio::spawn(rendering.in_current_span());
    Body::from_stream(stream::poll_fn(move |context| receiver.poll_recv(context)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, http::header::ACCEPT, middleware::from_fn, routing::get};
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };
    use tower::ServiceExt;

    const LENGTH: usize = 40;
    static MADE: AtomicUsize = AtomicUsize::new(0);

    async fn page() -> Body {
        Body::from_stream(stream::iter(0..LENGTH).then(|n| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            MADE.fetch_add(1, Ordering::SeqCst);
            Ok::<_, axum::Error>(format!("{n} "))
        }))
    }

    #[tokio::test]
    async fn a_page_that_nobody_reads_any_more_is_rendered_to_its_end() {
        let router = Router::new()
            .route("/", get(page))
            .layer(from_fn(to_the_end));
        let ask = || {
            let request = Request::get("/").header(ACCEPT, "text/html");
            router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        let whole = ask().await.unwrap().into_body();
        let whole = axum::body::to_bytes(whole, 1000).await.unwrap();
        assert!(whole.starts_with(b"0 1 ") && whole.ends_with(b" 39 "));

        drop(ask().await.unwrap());
        for _ in 0..1000 {
            if MADE.load(Ordering::SeqCst) == 2 * LENGTH {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("only {} pieces were made", MADE.load(Ordering::SeqCst));
    }
}
