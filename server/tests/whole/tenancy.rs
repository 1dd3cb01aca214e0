//! Sessions and tenants, through the whole router.

use crate::house::{Answer, House, PASSWORD, own};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use backend::uploads;
use server::csv::field;
use types::UploadId;

impl House {
    async fn begin(&self, shop: &str, size: u64) -> UploadId {
        let tenant = self.backend().tenant_by_slug(shop).await.unwrap().unwrap();
        let ctx = self.backend().system_ctx(tenant.id, "test");
        uploads::begin(
            self.backend(),
            &ctx,
            &uploads::Announced::file("orders.csv", size),
        )
        .await
        .unwrap()
        .id
    }

    async fn put(&self, id: &str, cookies: &str, offset: u64, bytes: &str) -> Answer {
        let request = own(Method::PUT, &format!("/uploads/{id}/bytes"), cookies)
            .header("upload-offset", offset)
            .body(Body::from(bytes.to_owned()))
            .unwrap();
        self.ask(request).await
    }
}

/// All of an answer but its id.
fn without_id(mut answer: Answer) -> String {
    answer.headers.remove("x-request-id");
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(k, v)| format!("{k}: {v:?}"))
        .collect();
    headers.sort();
    format!("{} {headers:?} {}", answer.status, answer.text())
}

#[tokio::test]
async fn a_file_arrives_piece_by_piece() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let id = house.begin("alpha", 10).await.to_string();
    let first = house.put(&id, &cookies, 0, "01234").await;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.text());
    assert_eq!(first.header("upload-offset"), "5");
    // Sent again after a lost answer, or from a second tab: the expected offset comes back.
    let again = house.put(&id, &cookies, 0, "01234").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(again.header("upload-offset"), "5");
    let beyond = house.put(&id, &cookies, 5, "567890").await;
    assert_eq!(beyond.status, StatusCode::PAYLOAD_TOO_LARGE);
    let last = house.put(&id, &cookies, 5, "56789").await;
    assert_eq!(last.header("upload-offset"), "10");
    let without = own(Method::PUT, &format!("/uploads/{id}/bytes"), &cookies)
        .body(Body::from("x"))
        .unwrap();
    assert_eq!(house.ask(without).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_large_piece_is_not_under_the_limit_of_calls() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let size = 6 * 1024 * 1024;
    let id = house.begin("alpha", size as u64).await.to_string();
    let answer = house.put(&id, &cookies, 0, &"x".repeat(size)).await;
    assert_eq!(answer.header("upload-offset"), size.to_string());
}

#[tokio::test]
async fn what_is_foreign_looks_like_what_is_missing() {
    let house = House::new().await;
    let alpha = house.sign_up("alpha").await;
    house.sign_up("beta").await;
    let foreign = house.begin("beta", 10).await.to_string();
    let missing = "01890a5d-ac96-774b-bcce-b302099a8057";
    let put = |id: String| house.put(Box::leak(id.into_boxed_str()), &alpha, 0, "01234");
    let (a, b) = (put(foreign.clone()).await, put(missing.to_owned()).await);
    assert_eq!(a.status, StatusCode::NOT_FOUND);
    assert_eq!(without_id(a), without_id(b));
    let get = |id: &str| format!("/uploads/{id}/rejects.csv");
    let (a, b) = (
        house.get(&get(&foreign), &alpha).await,
        house.get(&get(missing), &alpha).await,
    );
    assert_eq!(a.status, StatusCode::NOT_FOUND);
    assert_eq!(without_id(a), without_id(b));
    let garbage = house.get(&get("none"), &alpha).await;
    assert_eq!(garbage.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_expired_access_cookie_is_renewed_in_place() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let refresh_only: String = cookies
        .split("; ")
        .filter(|c| c.contains("refresh"))
        .collect();
    assert!(!refresh_only.is_empty());
    let id = house.begin("alpha", 10).await.to_string();
    let answer = house.put(&id, &refresh_only, 0, "01234").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    let renewed = answer.cookies();
    assert!(
        renewed.contains("sr360-access=") && renewed.contains("sr360-refresh="),
        "{renewed}"
    );
    let next = house.put(&id, &renewed, 5, "56789").await;
    assert_eq!(next.status, StatusCode::NO_CONTENT);
    assert!(next.cookies().is_empty(), "what is fresh is left alone");
}

#[tokio::test]
async fn cookies_are_strict() {
    let house = House::new().await;
    let answer = house
        .form(
            "/api/session/sign-up",
            "",
            &[
                ("shop", "gamma"),
                ("name", "Ada"),
                ("email", "ada@gamma.example"),
                ("password", PASSWORD),
                ("currency", "EUR"),
                ("timezone", "UTC"),
                ("token", ""),
            ],
        )
        .await;
    let mut seen = 0;
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        seen += 1;
        assert!(cookie.starts_with("__Host-sr360-"), "{cookie}");
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
    assert_eq!(seen, 2);
    assert!(!answer.text().contains(PASSWORD));
}

#[tokio::test]
async fn a_shop_is_made_in_the_language_its_form_was_read_in() {
    let house = House::new().await;
    for (shop, cookie, accepts, locale) in [
        ("lima", "", "es-PE,es;q=0.9,en;q=0.8", "es"),
        ("dubai", "lang=ar", "en", "ar"),
        ("oslo", "", "nb", "en"),
    ] {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("shop", shop),
                ("name", "Ada"),
                ("email", &format!("ada@{shop}.example")),
                ("password", PASSWORD),
            ])
            .finish();
        let request = own(Method::POST, "/api/session/sign-up", cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, accepts)
            .body(Body::from(form))
            .unwrap();
        assert_eq!(house.ask(request).await.status, StatusCode::OK);
        let tenant = house.backend().tenant_by_slug(shop).await.unwrap();
        assert_eq!(tenant.unwrap().locale, locale, "{shop}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let house = House::new().await;
    let cookies = house.sign_up("alpha").await;
    let id = house.begin("alpha", 10).await.to_string();
    let out = house.form("/api/session/sign-out", &cookies, &[]).await;
    assert!(
        out.status.is_success() || out.status.is_redirection(),
        "{}",
        out.status
    );
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    let after = house.put(&id, &cookies, 0, "01234").await;
    assert_eq!(
        after.status,
        StatusCode::UNAUTHORIZED,
        "the old cookies open nothing"
    );
}

#[tokio::test]
async fn sign_in_tells_nothing_of_who_exists() {
    let house = House::new().await;
    house.sign_up("alpha").await;
    let attempt = |email: &'static str| async {
        let email = email.to_owned();
        house
            .form(
                "/api/session/sign-in",
                "",
                &[
                    ("email", email.as_str()),
                    ("password", "wrong-horse-battery-staple"),
                    ("next", "/"),
                ],
            )
            .await
    };
    let (known, unknown) = (
        attempt("owner@alpha.example").await,
        attempt("nobody@alpha.example").await,
    );
    assert!(known.cookies().is_empty());
    assert!(known.status.is_client_error(), "{}", known.status);
    assert_eq!(without_ids(known), without_ids(unknown));
}

/// The error's own id differs as well.
fn without_ids(answer: Answer) -> String {
    let text = answer.text();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.remove("id");
    }
    format!("{} {value}", answer.status)
}

#[tokio::test]
async fn without_scripts_an_ended_session_leads_to_the_page_to_sign_in() {
    let house = House::new().await;
    let signed_in_form = server::security::access::ENDPOINTS
        .iter()
        .find(|e| e.rule == server::security::access::Rule::SignedIn)
        .unwrap();
    let request = own(Method::POST, signed_in_form.path, "")
        .header(header::CONTENT_TYPE, signed_in_form.codec.content_type())
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header(header::REFERER, "https://shop.example/uploads?page=2")
        .body(Body::empty())
        .unwrap();
    let answer = house.ask(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        "/sign-in?next=%2Fuploads%3Fpage%3D2"
    );
}

#[test]
fn formulas_are_defused_and_numbers_are_not() {
    for (text, written) in [
        ("plain", "plain"),
        ("-12.50", "-12.50"),
        ("+49", "+49"),
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        (
            "=HYPERLINK(\"x\",\"y\")",
            "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"",
        ),
        ("", ""),
    ] {
        assert_eq!(field(text), written, "{text:?}");
    }
}
