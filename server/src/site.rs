//! Files of the site: scripts, WASM, styles, fonts, icons.

use crate::config::Config;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use std::path::Path;
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// Names under `/pkg` carry a hash of what is inside: they never change.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The folder of the built site.
#[derive(Clone, Debug)]
pub struct Site {
    files: ServeDir,
    /// `/pkg/`
    hashed: String,
    has_hashes: bool,
}

/// Finds the built site: where Leptos' options say, or beside the folder of the executable, where
/// `script/build-site` puts it. The names' hashes stand beside the executable too.
pub fn settle(config: &mut Config) {
    let exe = std::env::current_exe().unwrap_or_default();
    let folder = exe.parent().unwrap_or(Path::new(""));
    let beside = folder.parent().map(|target| target.join("site"));
    if !Path::new(&*config.leptos.site_root).is_dir()
        && let Some(beside) = beside.filter(|beside| beside.is_dir())
    {
        config.leptos.site_root = beside.display().to_string().into();
    }
    if config.leptos.hash_files && !folder.join(&*config.leptos.hash_file).exists() {
        tracing::warn!("the site is not built: pages come without styles and scripts");
        config.leptos.hash_files = false;
    }
}

impl Site {
    pub fn new(config: &Config) -> Self {
        Self {
            files: ServeDir::new(&*config.leptos.site_root)
                .append_index_html_on_directories(false)
                .precompressed_br()
                .precompressed_gzip(),
            hashed: config.leptos.site_pkg_dir_route_base(),
            has_hashes: config.leptos.hash_files,
        }
    }

    /// The file this request asks for, compressed as far as the browser can read it.
    ///
    /// Takes what it needs at once: a body cannot be looked at while it is waited for.
    pub fn file(
        &self,
        request: &Request<Body>,
    ) -> impl Future<Output = Option<Response<Body>>> + Send + use<> {
        let mut asked = Request::new(Body::empty());
        *asked.method_mut() = request.method().clone();
        *asked.uri_mut() = request.uri().clone();
        *asked.headers_mut() = request.headers().clone();
        let lasts = self.has_hashes && request.uri().path().starts_with(&self.hashed);
        let files = self.files.clone();
        async move {
            if !matches!(*asked.method(), Method::GET | Method::HEAD) {
                return None;
            }
            let response = files.oneshot(asked).await.ok()?;
            if response.status() == StatusCode::NOT_FOUND {
                return None;
            }
            let mut response = response.map(Body::new);
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, if lasts { FOREVER } else { AN_HOUR });
            Some(response)
        }
    }
}
