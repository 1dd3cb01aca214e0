//! Who may call which server function. The finer decision (which role, which resource) is made in the
//! domain, in the first line of what is called.

use super::answer;
use api::{ApiError, Code};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::identity::Session;
use thiserror::Error;

pub const PREFIX: &str = "/api/";
pub const SIGN_OUT: &str = "/api/session/sign-out";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Public,
    SignedIn,
}

/// How the arguments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Json,
    /// What a plain HTML form sends.
    Form,
}

impl Codec {
    pub fn is(self, content_type: &str) -> bool {
        content_type.eq_ignore_ascii_case(self.content_type())
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub path: &'static str,
    pub rule: Rule,
    pub codec: Codec,
}

const fn public(path: &'static str, codec: Codec) -> Endpoint {
    Endpoint {
        path,
        rule: Rule::Public,
        codec,
    }
}

const fn signed_in(path: &'static str, codec: Codec) -> Endpoint {
    Endpoint {
        path,
        rule: Rule::SignedIn,
        codec,
    }
}

/// Every server function there is.
pub const ENDPOINTS: &[Endpoint] = &[
    public("/api/session/sign-up", Codec::Form),
    public("/api/session/sign-in", Codec::Form),
    public(SIGN_OUT, Codec::Form),
    public("/api/session/viewer", Codec::Form),
    public("/api/preferences/language", Codec::Form),
    public("/api/preferences/theme", Codec::Form),
    signed_in("/api/dashboard/figures", Codec::Json),
    signed_in("/api/uploads/recent", Codec::Json),
    signed_in("/api/uploads/list", Codec::Json),
    signed_in("/api/uploads/senders", Codec::Json),
    signed_in("/api/uploads/get", Codec::Json),
    signed_in("/api/uploads/begin", Codec::Json),
    signed_in("/api/uploads/complete", Codec::Json),
    signed_in("/api/uploads/decide", Codec::Form),
    signed_in("/api/uploads/start", Codec::Form),
    signed_in("/api/uploads/cancel", Codec::Form),
    signed_in("/api/uploads/change", Codec::Form),
    signed_in("/api/uploads/correct", Codec::Form),
    signed_in("/api/uploads/records", Codec::Json),
    signed_in("/api/uploads/mend", Codec::Form),
    signed_in("/api/quality/rules", Codec::Json),
    signed_in("/api/quality/save", Codec::Form),
    signed_in("/api/quality/switch", Codec::Form),
    signed_in("/api/quality/remove", Codec::Form),
    signed_in("/api/sources/all", Codec::Json),
    signed_in("/api/sources/watch", Codec::Form),
    signed_in("/api/sources/issue-key", Codec::Form),
    signed_in("/api/sources/revoke-key", Codec::Form),
    signed_in("/api/sources/remove", Codec::Form),
    signed_in("/api/sources/retry", Codec::Form),
    signed_in("/api/lineage/figure", Codec::Json),
    signed_in("/api/lineage/lines", Codec::Json),
    signed_in("/api/lineage/record", Codec::Json),
    signed_in("/api/tables/rows", Codec::Json),
];

pub fn endpoint(path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path)
}

pub fn is_server_function(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Why the server does not start.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Uncovered {
    #[error("server functions without an access rule: {0}")]
    NoRule(String),
    #[error("access rules without a server function: {0}")]
    NoFunction(String),
    #[error("{0} is called with {1}: server functions are called with POST")]
    Method(&'static str, Method),
}

/// Compares the table with what the binary holds.
pub fn check(
    registered: impl IntoIterator<Item = (&'static str, Method)>,
) -> Result<(), Uncovered> {
    let registered: Vec<_> = registered.into_iter().collect();
    if let Some((path, method)) = registered.iter().find(|(_, m)| *m != Method::POST) {
        return Err(Uncovered::Method(path, method.clone()));
    }
    let listed = |mut paths: Vec<&str>| {
        paths.sort_unstable();
        (!paths.is_empty()).then(|| paths.join(", "))
    };
    let without_rule = registered
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| endpoint(path).is_none());
    if let Some(paths) = listed(without_rule.collect()) {
        return Err(Uncovered::NoRule(paths));
    }
    let without_function = ENDPOINTS
        .iter()
        .map(|endpoint| endpoint.path)
        .filter(|path| !registered.iter().any(|(known, _)| known == path));
    match listed(without_function.collect()) {
        Some(paths) => Err(Uncovered::NoFunction(paths)),
        None => Ok(()),
    }
}

/// Deny by default: what stands in no table is not there.
pub async fn enforce(request: Request<Body>, next: Next) -> Response<Body> {
    if !is_server_function(request.uri().path()) {
        return next.run(request).await;
    }
    let Some(endpoint) = endpoint(request.uri().path()) else {
        return answer::not_found();
    };
    let is_signed_in = request.extensions().get::<Session>().is_some();
    match endpoint.rule {
        Rule::Public => next.run(request).await,
        Rule::SignedIn if is_signed_in => next.run(request).await,
        Rule::SignedIn => match form_of(&request) {
            // Without scripts a person sees the answer: the page to sign in, and then back.
            Some(page) => to_sign_in(&page),
            None => answer::refusal(&ApiError::of(Code::Unauthenticated)),
        },
    }
}

/// The path of the page whose plain form was sent.
fn form_of(request: &Request<Body>) -> Option<String> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    if !header(header::ACCEPT)?.contains("text/html") {
        return None;
    }
    let page = url::Url::parse(header(header::REFERER)?).ok()?;
    Some(page[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

fn to_sign_in(next: &str) -> Response<Body> {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/sign-in?next={next}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
