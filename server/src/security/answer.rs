//! Refusals, in the form the pages understand.

use api::{ApiError, Code};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use server_fn::error::FromServerFnError;
use std::any::Any;

/// As a server function answers with an error.
pub fn refusal(error: &ApiError) -> Response<Body> {
    let status =
        StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    with_status(status, error)
}

/// The kind decides the message, `status` says what exactly went wrong with the request.
pub fn with_status(status: StatusCode, error: &ApiError) -> Response<Body> {
    let mut response = (status, error.ser().to_vec()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A request that no page of ours makes.
pub fn malformed(status: StatusCode) -> Response<Body> {
    with_status(status, &ApiError::of(Code::Invalid))
}

/// One line for a person who sees it instead of a page.
pub fn plain(status: StatusCode, text: &str) -> Response<Body> {
    (status, format!("{text}\n")).into_response()
}

/// A person follows a link; a script or style that is missing needs no page.
pub fn wants_a_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")))
}

/// What is not there, and what is not yours: the same bytes.
pub fn not_found() -> Response<Body> {
    refusal(&ApiError::of(Code::NotFound))
}

pub fn unauthenticated() -> Response<Body> {
    refusal(&ApiError::of(Code::Unauthenticated))
}

/// A panic in a handler ends one request, not the server. Its text stays in the log.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature CatchPanicLayer asks for"
)]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text");
    tracing::error!(message, "a request ended in a panic");
    refusal(&ApiError::of(Code::Internal))
}
