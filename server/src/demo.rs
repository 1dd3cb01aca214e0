//! The sample store's one-time link: whoever started the server signs in without a password.

use crate::{
    security::{answer, session},
    web::Web,
};
use api::{ApiError, Code};
use axum::{
    body::Body,
    extract::{Extension, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Backend,
    identity::{Client, IdentityError},
};
use serde::Deserialize;
use std::{
    fmt::Write,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Whom the link signs in. No mail can reach it.
pub const EMAIL: &str = "demo@smartretail360.invalid";

/// Works once; a restart of the server makes a new one.
pub struct DemoLink {
    secret: Mutex<Option<String>>,
    /// Of this start: nobody ever types it.
    password: String,
    path: String,
}

#[derive(Debug, Deserialize)]
pub struct Token {
    token: Option<String>,
}

/// 256 bits as hexadecimal digits.
pub fn secret(backend: &Backend) -> String {
    let bytes: [u8; 32] = backend.randomness.bytes();
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

impl DemoLink {
    /// Gives the demo user a new password that only this process knows.
    pub async fn new(backend: &Backend) -> Result<Self, IdentityError> {
        let (secret, password) = (secret(backend), secret(backend));
        backend.identity.set_password(EMAIL, &password).await?;
        Ok(Self {
            path: format!("/demo?token={secret}"),
            secret: Mutex::new(Some(secret)),
            password,
        })
    }

    pub fn path(&self) -> String {
        self.path.clone()
    }

    /// True once, for the right token.
    fn take(&self, token: &str) -> bool {
        let mut secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        let right = secret
            .as_deref()
            .is_some_and(|s| same(s.as_bytes(), token.as_bytes()));
        if right {
            *secret = None;
        }
        right
    }
}

/// In a time that tells nothing of where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

pub async fn enter(
    State(web): State<Web>,
    Extension(address): Extension<IpAddr>,
    Query(Token { token }): Query<Token>,
    headers: HeaderMap,
) -> Response<Body> {
    let link = web
        .demo
        .as_ref()
        .filter(|link| token.is_some_and(|token| link.take(&token)));
    let Some(link) = link else {
        return answer::not_found();
    };
    let client = Client {
        address,
        user_agent: headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
    };
    let identity = &web.backend.identity;
    match identity.sign_in(EMAIL, &link.password, &client).await {
        Ok(signed_in) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            response
                .headers_mut()
                .insert(header::LOCATION, HeaderValue::from_static("/"));
            session::set(identity, &mut response, &signed_in);
            response
        }
        Err(error) => {
            tracing::error!(%error, "the demo user cannot be signed in");
            answer::refusal(&ApiError::of(Code::Internal))
        }
    }
}
