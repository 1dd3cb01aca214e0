//! How much one request may send, and how long it may take.

use super::answer;
use crate::{intake, transfer, web::Web};
use api::{ApiError, Code};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Bytes of a body, where it is not a piece of a file.
pub const BODY: usize = 1024 * 1024;

pub async fn body(request: Request<Body>, next: Next) -> Response<Body> {
    if carries_a_file(&request) {
        return next.run(request).await;
    }
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY as u64) {
        return answer::refusal(&ApiError::of(Code::TooLarge));
    }
    // Without an announcement the bytes are counted as they come. What the handler makes of a body that
    // ends too early is not the answer: this is.
    let exceeded = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&exceeded);
    let counted = |body| {
        Body::new(Limited::new(body, BODY).map_err(move |error| {
            if error.is::<LengthLimitError>() {
                seen.store(true, Ordering::Relaxed);
            }
            error
        }))
    };
    let response = next.run(request.map(counted)).await;
    if exceeded.load(Ordering::Relaxed) {
        return answer::refusal(&ApiError::of(Code::TooLarge));
    }
    response
}

/// Its handler counts the bytes against what was announced.
fn carries_a_file(request: &Request<Body>) -> bool {
    let (method, path) = (request.method(), request.uri().path());
    transfer::is_transfer(method, path) || intake::is_intake(method, path)
}

/// Until the answer begins. A live connection is not a request under way; a piece of a file has longer.
pub async fn time(State(web): State<Web>, request: Request<Body>, next: Next) -> Response<Body> {
    let limit = if carries_a_file(&request) {
        web.config.timeout.max(Duration::from_secs(300))
    } else {
        web.config.timeout
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => answer::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            &ApiError::of(Code::Unavailable),
        ),
    }
}
