//! Every route of the product: pages and server functions of `app`, and the few that are neither.

use crate::{
    demo, health, intake, lines, live, original, rejects, rendering,
    security::{self, access, headers},
    site::Site,
    transfer,
    web::Web,
};
use app::{App, shell};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::from_fn,
    routing::{any, get, post, put},
};
use backend::{Backend, identity::Session};
use leptos::{context::use_context, nonce::use_nonce};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use std::sync::Arc;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
};

/// The whole server as one service. Refuses where a server function stands in no access table.
pub fn build(web: &Web) -> Result<Router, access::Uncovered> {
    access::check(server_fn::axum::server_fn_paths())?;
    let site = Site::new(&web.config);
    let context = {
        let backend = web.backend.clone();
        move || provide(&backend)
    };
    let pages = {
        let options = web.config.leptos.clone();
        move || shell(options.clone())
    };
    let missing = {
        let (context, pages) = (context.clone(), pages.clone());
        move |request: Request<Body>| {
            let (site, context, pages) = (site.clone(), context.clone(), pages.clone());
            async move {
                match site.file(&request).await {
                    Some(file) => file,
                    None if wants_a_page(&request) => {
                        let render = leptos_axum::render_app_async_with_context(context, pages);
                        let mut page = render(request).await;
                        if page.status() == StatusCode::OK {
                            *page.status_mut() = StatusCode::NOT_FOUND;
                        }
                        page
                    }
                    None => security::answer::not_found(),
                }
            }
        }
    };
    let router = Router::new()
        .leptos_routes_with_context(web, generate_route_list(App), context, pages)
        .route("/uploads/{id}/bytes", put(transfer::receive))
        .route("/uploads/{id}/original", get(original::download))
        .route("/uploads/{id}/rejects.csv", get(rejects::download))
        .route(api::lineage::LINES_CSV, get(lines::download))
        .route(
            intake::PATH,
            // It has a limit of its own: what an upload may have.
            post(intake::receive).layer(DefaultBodyLimit::disable()),
        )
        .route("/v1/uploads/{id}", get(intake::look))
        .route(api::live::PATH, any(live::connect))
        .route("/demo", get(demo::enter))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(missing)
        .with_state(web.clone())
        .layer(from_fn(rendering::to_the_end))
        .layer(compression());
    Ok(security::guard(router, web))
}

/// What views and server functions find in their context, and the header that goes with the nonce.
fn provide(backend: &Arc<Backend>) {
    let parts = use_context::<Parts>();
    let session = parts.and_then(|parts| parts.extensions.get::<Session>().cloned());
    app::provide(backend.clone(), session);
    // Absent while routes are listed at start.
    if let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::from_str(&headers::policy(&nonce))
    {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn wants_a_page(request: &Request<Body>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && security::answer::wants_a_page(request.headers())
}

/// Pages and answers are compressed as they are made; files of the site were compressed when built, and
/// fonts are by their format.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(
            DefaultPredicate::new()
                .and(NotForContentType::const_new("application/wasm"))
                .and(NotForContentType::const_new("font/")),
        )
}
