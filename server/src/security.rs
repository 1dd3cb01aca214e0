//! What every request passes, outermost first: panics caught, request id and trace, headers of the answer,
//! client address, host allow-list, body limit, timeout, cross-site check, session, access rule.
//!
//! Architecture Invariant: deny by default. An endpoint that stands in no table answers nobody, and the
//! server does not start with one.

pub mod access;
pub mod answer;
pub mod client;
pub mod cross_site;
pub mod headers;
pub mod limits;
pub mod network;
pub mod session;
pub mod trace;

use crate::web::Web;
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::catch_panic::CatchPanicLayer;

/// Puts the whole pipeline before a router.
pub fn guard(router: Router, web: &Web) -> Router {
    // Layers are added from the inside to the outside.
    router
        .layer(from_fn(access::enforce))
        .layer(from_fn_with_state(web.clone(), session::resolve))
        .layer(from_fn_with_state(web.clone(), cross_site::refuse))
        .layer(from_fn_with_state(web.clone(), limits::time))
        .layer(from_fn(limits::body))
        .layer(from_fn_with_state(web.clone(), client::known_host))
        .layer(from_fn_with_state(web.clone(), client::address))
        .layer(from_fn_with_state(web.clone(), headers::add))
        .layer(from_fn_with_state(web.clone(), trace::request))
        .layer(CatchPanicLayer::custom(answer::panicked))
}
