//! What stands before every handler: refusals, headers, limits.

use crate::house::{House, ORIGIN, own};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use bytes::Bytes;
use futures::stream;
use server::security::access::{self, Codec, ENDPOINTS, Rule, Uncovered};

const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Every way to change something or to listen: server functions, transfers, the live connection.
fn doors() -> Vec<(Method, String, Option<Codec>)> {
    ENDPOINTS
        .iter()
        .map(|e| (Method::POST, e.path.to_owned(), Some(e.codec)))
        .chain([
            (Method::PUT, format!("/uploads/{NOBODY}/bytes"), None),
            (Method::GET, "/live".to_owned(), None),
        ])
        .collect()
}

fn knock(
    method: &Method,
    path: &str,
    codec: Option<Codec>,
    headers: &[(&str, &str)],
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "shop.example");
    if let Some(codec) = codec {
        request = request.header(header::CONTENT_TYPE, codec.content_type());
    }
    if path == "/live" {
        request = request
            .header(header::UPGRADE, "websocket")
            .header(header::CONNECTION, "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn other_sites_are_refused_at_every_door() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let foreign: &[&[(&str, &str)]] = &[
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ],
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://blog.shop.example"),
        ],
        &[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "http://shop.example")],
        &[("origin", "null")],
        &[("origin", "https://shop.example.evil.example")],
        // No browser: nothing says where it comes from.
        &[],
    ];
    for (method, path, codec) in doors() {
        for headers in foreign {
            let headers = [*headers, &[("cookie", cookies.as_str())]].concat();
            let answer = house.ask(knock(&method, &path, codec, &headers)).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{method} {path} {headers:?}"
            );
            assert!(answer.cookies().is_empty());
        }
        for headers in [[("sec-fetch-site", "same-origin")], [("origin", ORIGIN)]] {
            let answer = house.ask(knock(&method, &path, codec, &headers)).await;
            assert_ne!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{method} {path} {headers:?}"
            );
        }
    }
}

#[tokio::test]
async fn arguments_come_in_the_declared_encoding_only() {
    let house = House::new().await;
    for endpoint in ENDPOINTS {
        let others = [
            "text/plain",
            "multipart/form-data",
            match endpoint.codec {
                Codec::Json => Codec::Form.content_type(),
                Codec::Form => Codec::Json.content_type(),
            },
        ];
        for other in others {
            let request = own(Method::POST, endpoint.path, "")
                .header(header::CONTENT_TYPE, other)
                .body(Body::empty())
                .unwrap();
            let answer = house.ask(request).await;
            assert_eq!(
                answer.status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{} {other}",
                endpoint.path
            );
        }
    }
}

#[tokio::test]
async fn every_server_function_has_a_rule() {
    assert_eq!(access::check(server_fn::axum::server_fn_paths()), Ok(()));
    let real = || server_fn::axum::server_fn_paths();
    assert_eq!(
        access::check(real().chain([("/api/vault/open", Method::POST)])),
        Err(Uncovered::NoRule("/api/vault/open".to_owned()))
    );
    assert!(matches!(
        access::check(real().skip(1)),
        Err(Uncovered::NoFunction(_))
    ));
    assert!(matches!(
        access::check(real().chain([("/api/vault/open", Method::GET)])),
        Err(Uncovered::Method("/api/vault/open", _))
    ));
}

#[tokio::test]
async fn without_a_session_only_what_is_public_answers() {
    let house = House::new().await;
    for cookies in [
        "",
        "__Host-sr360-access=nonsense; __Host-sr360-refresh=nonsense",
    ] {
        for endpoint in ENDPOINTS.iter().filter(|e| e.rule == Rule::SignedIn) {
            let request = own(Method::POST, endpoint.path, cookies)
                .header(header::CONTENT_TYPE, endpoint.codec.content_type())
                .body(Body::empty())
                .unwrap();
            let answer = house.ask(request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", endpoint.path);
            assert!(
                answer.text().contains("\"unauthenticated\""),
                "{}",
                answer.text()
            );
        }
        for path in [format!("/uploads/{NOBODY}/rejects.csv"), "/live".to_owned()] {
            assert_eq!(
                house.get(&path, cookies).await.status,
                StatusCode::UNAUTHORIZED,
                "{path}"
            );
        }
        let put = own(Method::PUT, &format!("/uploads/{NOBODY}/bytes"), cookies)
            .header("upload-offset", "0")
            .body(Body::from("x"))
            .unwrap();
        assert_eq!(house.ask(put).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let house = House::new().await;
    assert_eq!(
        house.call("/api/vault/open", "", "{}").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.get("/js/nothing.js", "").await.status,
        StatusCode::NOT_FOUND
    );
    let page = own(Method::GET, "/nothing", "")
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap();
    let page = house.ask(page).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("<html"));
    assert_eq!(
        house.get("/../Cargo.toml", "").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house.get("/demo?token=", "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_page_carries_its_policy_and_its_nonce() {
    let house = House::new().await;
    let page = house.get("/sign-in", "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let policy = page.header("content-security-policy").to_owned();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap()
        .to_owned();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' \
             'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
             worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
    );
    let html = page.text();
    for script in html.split("<script").skip(1) {
        if script.starts_with("></script>") {
            // The language library's, which has nothing to say: nothing runs, nothing is refused.
            continue;
        }
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
    }
    assert!(
        !html.contains(" style=\""),
        "inline styles are refused by the policy"
    );
    assert!(!html.contains(" onclick="));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        ),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    let again = house.get("/sign-in", "").await;
    assert_ne!(
        again.header("content-security-policy"),
        policy,
        "a nonce is used once"
    );
}

#[tokio::test]
async fn answers_that_are_no_page_load_nothing() {
    let house = House::new().await;
    for path in ["/livez", "/robots.txt", "/api/none", "/js/none.js"] {
        let answer = house.get(path, "").await;
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let plain = House::with(&[("SR360_SERVER_PUBLIC_URL", "http://shop.example")]).await;
    let answer = plain.get("/livez", "").await;
    assert_eq!(
        answer.header("strict-transport-security"),
        "",
        "only over https"
    );
}

#[tokio::test]
async fn files_of_the_site() {
    let house = House::new().await;
    let plain = house.get("/robots.txt", "").await;
    assert_eq!(plain.status, StatusCode::OK);
    assert_eq!(plain.header("cache-control"), "public, max-age=3600");
    let script = own(Method::GET, "/pkg/app.abc.js", "")
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty())
        .unwrap();
    let script = house.ask(script).await;
    assert_eq!(script.header("content-encoding"), "br");
    assert_eq!(script.header("content-type"), "text/javascript");
    assert_eq!(script.text(), "not really brotli");
}

#[tokio::test]
async fn too_long_a_body_is_refused() {
    let house = House::new().await;
    let announced = own(Method::POST, "/api/session/sign-in", "")
        .header(header::CONTENT_TYPE, Codec::Form.content_type())
        .header(header::CONTENT_LENGTH, 1024 * 1024 + 1)
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        house.ask(announced).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    // Without an announcement the bytes are counted as they come.
    let chunks =
        stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 100_000]))));
    let request = own(Method::POST, "/api/session/sign-in", "")
        .header(header::CONTENT_TYPE, Codec::Form.content_type())
        .body(Body::from_stream(chunks))
        .unwrap();
    assert_eq!(
        house.ask(request).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let house = House::new().await;
    let at = |host: &'static str, path: &'static str| {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, host)
            .body(Body::empty())
            .unwrap();
        house.ask(request)
    };
    for host in [
        "evil.example",
        "shop.example.evil.example",
        "shop.example:81",
        "",
    ] {
        assert_eq!(
            at(host, "/sign-in").await.status,
            StatusCode::MISDIRECTED_REQUEST,
            "{host}"
        );
    }
    assert_eq!(at("SHOP.example", "/sign-in").await.status, StatusCode::OK);
    assert_eq!(
        at("10.0.0.7", "/livez").await.status,
        StatusCode::OK,
        "probes come by address"
    );
    let by_a_person = Request::builder()
        .uri("/sign-in")
        .header(header::HOST, "till.lan")
        .header(header::ACCEPT, "text/html,*/*")
        .header(header::ACCEPT_LANGUAGE, "es-MX")
        .body(Body::empty())
        .unwrap();
    let told = house.ask(by_a_person).await;
    assert_eq!(told.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(told.header("content-type").starts_with("text/plain"));
    assert!(
        told.text().starts_with("Este servidor no responde"),
        "{}",
        told.text()
    );
    assert!(told.text().contains("SR360_SERVER_HOSTS"));
    let twice = Request::builder()
        .uri("/sign-in")
        .header(header::HOST, "shop.example")
        .header(header::HOST, "evil.example")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        house.ask(twice).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn every_request_has_an_id_of_ours() {
    let house = House::new().await;
    let request = own(Method::GET, "/livez", "")
        .header("x-request-id", "mine")
        .body(Body::empty())
        .unwrap();
    let first = house.ask(request).await;
    let id = first.header("x-request-id").to_owned();
    assert_eq!(id.len(), 32, "{id}");
    assert_ne!(house.get("/livez", "").await.header("x-request-id"), id);
}

#[tokio::test]
async fn probes() {
    let house = House::new().await;
    assert_eq!(house.get("/livez", "").await.text(), "ok\n");
    assert_eq!(house.get("/readyz", "").await.text(), "ok\n");
}
