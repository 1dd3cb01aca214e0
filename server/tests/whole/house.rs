//! A house to test in: the whole product on a folder of its own, and requests to its router.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use server::{config::Config, drain, router, web::Web};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::sync::RwLock;
use tower::ServiceExt;

/// The name the tests go by: https, so that cookies are the strict ones.
pub const ORIGIN: &str = "https://shop.example";

/// While routes are listed no page of the process waits for what it shows, and one that begins to then waits for ever
/// (<https://github.com/leptos-rs/leptos/issues/4773>). A server lists them before it serves; here many start in one process.
static ROUTES: RwLock<()> = RwLock::const_new(());

pub struct House {
    pub router: Router,
    pub web: Web,
    // Ends with the house.
    _stop: drain::Stop,
    _folder: TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// What a browser would send back.
    pub fn cookies(&self) -> String {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl House {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let fixed = [
            ("SR360_SERVER_PUBLIC_URL", ORIGIN),
            ("SR360_LOG_LEVEL", "error"),
        ];
        let mut config = Config::read(
            None,
            fixed
                .iter()
                .chain(environment)
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
            folder.path(),
        )
        .unwrap();
        // The tests' executable has no hash.txt beside it.
        config.leptos.hash_files = false;
        config.leptos.site_root = site(folder.path()).into();
        telemetry::start(&config.log_level, config.log_format);
        let backend = backend::Backend::open(
            config.backend(),
            access::Clock::System,
            access::Randomness::System,
        )
        .await
        .unwrap();
        let (stop, drain) = drain::channel();
        let web = Web::new(config, backend, drain, None);
        let _alone = ROUTES.write().await;
        Self {
            router: router::build(&web).unwrap(),
            web,
            _stop: stop,
            _folder: folder,
        }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let _unlisted = ROUTES.read().await;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX)
                .await
                .unwrap_or_default()
                .to_vec(),
        }
    }

    /// As a page of ours asks.
    pub async fn get(&self, path: &str, cookies: &str) -> Answer {
        self.ask(own(Method::GET, path, cookies).body(Body::empty()).unwrap())
            .await
    }

    /// As a page of ours sends a form.
    pub async fn form(&self, path: &str, cookies: &str, form: &[(&str, &str)]) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.ask(
            own(Method::POST, path, cookies)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body))
                .unwrap(),
        )
        .await
    }

    /// As a page of ours calls a server function.
    pub async fn call(&self, path: &str, cookies: &str, json: &str) -> Answer {
        self.ask(
            own(Method::POST, path, cookies)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(json.to_owned()))
                .unwrap(),
        )
        .await
    }

    /// Signs up a shop and returns the cookies of its first user.
    pub async fn sign_up(&self, shop: &str) -> String {
        let email = format!("owner@{shop}.example");
        let answer = self
            .form(
                "/api/session/sign-up",
                "",
                &[
                    ("shop", shop),
                    ("name", "Ada Owner"),
                    ("email", &email),
                    ("password", PASSWORD),
                    ("currency", "EUR"),
                    ("timezone", "Europe/Madrid"),
                    ("token", ""),
                ],
            )
            .await;
        let cookies = answer.cookies();
        assert!(
            cookies.contains("sr360-access="),
            "signed up: {} {}",
            answer.status,
            answer.text()
        );
        cookies
    }

    pub fn backend(&self) -> &Arc<backend::Backend> {
        &self.web.backend
    }
}

pub const PASSWORD: &str = "correct-horse-battery-staple-42";

/// A request with what a browser adds on a page of ours.
pub fn own(method: Method, path: &str, cookies: &str) -> axum::http::request::Builder {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "shop.example")
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, ORIGIN);
    if !cookies.is_empty() {
        request = request.header(header::COOKIE, cookies);
    }
    request
}

/// A site as `script/build-site` makes it, small.
fn site(folder: &Path) -> String {
    let site = folder.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("robots.txt"), "User-agent: *\n").unwrap();
    std::fs::write(site.join("pkg/app.abc.js"), "export {};\n").unwrap();
    std::fs::write(site.join("pkg/app.abc.js.br"), "not really brotli").unwrap();
    site.display().to_string()
}
