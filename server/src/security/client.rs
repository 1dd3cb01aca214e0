//! Who is at the other end, and whether it asked for us.

use super::{answer, network};
use crate::web::Web;
use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::Response,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Leaves the client's address (`std::net::IpAddr`) with the request: rate limits go by it.
pub async fn address(
    State(web): State<Web>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let client = network::client(peer, &forwarded, &web.config.trusted_proxies);
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// A name we do not go by is a mistake or DNS rebinding.
pub async fn known_host(
    State(web): State<Web>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let known = host(&request).is_some_and(|host| web.config.hosts.contains(&host))
        // Probes come by address.
        || matches!(request.uri().path(), "/livez" | "/readyz");
    if known {
        next.run(request).await
    } else if answer::wants_a_page(request.headers()) {
        // A person mistook the name, or the operator forgot it.
        answer::plain(
            StatusCode::MISDIRECTED_REQUEST,
            app::not_our_name(request.headers()),
        )
    } else {
        answer::malformed(StatusCode::MISDIRECTED_REQUEST)
    }
}

/// `host[:port]`, lower case: of the Host header, or of HTTP/2's `:authority`.
pub fn host(request: &Request<Body>) -> Option<String> {
    named(request.headers())
        .or_else(|| request.uri().authority().map(|a| a.as_str()))
        .map(str::to_ascii_lowercase)
}

fn named(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let first = hosts.next()?;
    // Two names are a request meant to be read two ways.
    if hosts.next().is_some() {
        return Some("");
    }
    first.to_str().ok()
}
