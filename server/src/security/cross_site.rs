//! Requests that another site makes with our cookies are refused: server functions have no such check of
//! their own, and neither has the upgrade to a WebSocket.

use super::{access, answer, client};
use crate::{intake, web::Web};
use api::{ApiError, Code};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

pub async fn refuse(State(web): State<Web>, request: Request<Body>, next: Next) -> Response<Body> {
    if needs_same_origin(&request) && !is_same_origin(&web, &request) {
        tracing::info!("refused: a request from another site");
        return answer::refusal(&ApiError::of(Code::Forbidden));
    }
    if let Some(endpoint) = access::endpoint(request.uri().path())
        && !request.method().is_safe()
        && !endpoint.codec.is(content_type(&request))
    {
        // A form of another encoding is how a page of another site avoids the browser's preflight.
        return answer::malformed(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    next.run(request).await
}

/// Whatever changes something, any server function, and the live connection. Pages and files are read
/// by navigation, from anywhere.
fn needs_same_origin(request: &Request<Body>) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    // Authorised by a key that no browser adds by itself.
    if intake::is_intake(request.method(), request.uri().path()) {
        return false;
    }
    !safe
        || access::is_server_function(request.uri().path())
        || request.uri().path() == api::live::PATH
        || request.headers().contains_key(header::UPGRADE)
}

/// By Fetch Metadata, which pages cannot forge; where a browser sends none (plain http away from
/// localhost, old ones), by Origin.
fn is_same_origin(web: &Web, request: &Request<Body>) -> bool {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|v| v.to_str().unwrap_or(""))
    };
    match header("sec-fetch-site") {
        Some("same-origin") => true,
        // Typed, or a bookmark: no page is behind it.
        Some("none") => header("sec-fetch-mode") == Some("navigate"),
        Some(_) => false,
        None => header("origin").is_some_and(|origin| {
            let ours = web.config.origin();
            origin == ours
                // A further name of ours: the host is on the list, and the page came from it.
                || client::host(request).is_some_and(|host| {
                    origin == format!("{}://{host}", web.config.public_url.scheme())
                })
        }),
    }
}

fn content_type(request: &Request<Body>) -> &str {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map_or("", |value| value.split(';').next().unwrap_or("").trim())
}
