//! Each request has an id: in every line of the log, in the answer, and on error pages.

use crate::web::Web;
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::time::Instant;
use tracing::Instrument;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id (a client's own is not believed) and logs the answer's status and time.
pub async fn request(
    State(web): State<Web>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let id = web
        .backend
        .randomness
        .uuid(web.backend.clock.now())
        .simple()
        .to_string();
    // Hexadecimal digits are a header value.
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"));
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, method = %request.method(), route);
    let started = Instant::now();
    async move {
        let mut response = next.run(request).await;
        let status = response.status();
        let millis = started.elapsed().as_secs_f64() * 1e3;
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), millis, "answered with an error");
        } else {
            tracing::debug!(status = status.as_u16(), millis, "answered");
        }
        response.headers_mut().insert(REQUEST_ID, value);
        response
    }
    .instrument(span)
    .await
}
