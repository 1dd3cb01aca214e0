//! Who asks: the access cookie, or, where that has expired, the refresh cookie exchanged in place.

use crate::web::Web;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use backend::identity::{Identity, IdentityError, Session, SignedIn};

/// Leaves a [`Session`] with the request of whoever is signed in. Having none is no failure here: the access
/// rule decides.
pub async fn resolve(
    State(web): State<Web>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    if is_file(request.uri().path()) {
        return next.run(request).await;
    }
    let identity = &web.backend.identity;
    let (session, renewed) = match who(identity, request.headers()).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            (None, None)
        }
    };
    if let Some(session) = session {
        request.extensions_mut().insert(session);
    }
    let mut response = next.run(request).await;
    if let Some(signed_in) = renewed {
        set(identity, &mut response, &signed_in);
    }
    response
}

/// The session, and its new tokens where they had to be renewed.
async fn who(
    identity: &Identity,
    headers: &HeaderMap,
) -> Result<(Option<Session>, Option<SignedIn>), IdentityError> {
    let presented = identity.presented(
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()),
    );
    if let Some(access) = presented.access {
        match identity.authenticate(access).await {
            Ok(session) => return Ok((Some(session), None)),
            Err(IdentityError::Unauthenticated) => {}
            Err(error) => return Err(error),
        }
    }
    let Some(refresh) = presented.refresh else {
        return Ok((None, None));
    };
    match identity.refresh(refresh).await {
        Ok(signed_in) => Ok((Some(signed_in.session.clone()), Some(signed_in))),
        Err(IdentityError::Unauthenticated) => Ok((None, None)),
        Err(error) => Err(error),
    }
}

/// Adds the cookies of a session, unless the handler itself decided about them: it signed in or out.
pub fn set(identity: &Identity, response: &mut Response<Body>, signed_in: &SignedIn) {
    let name = identity.cookies().access_name();
    let decided = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split_once('='))
        .any(|(cookie, _)| cookie == name);
    if decided {
        return;
    }
    for cookie in identity.cookies().set(signed_in) {
        // Tokens are base64: always a header value.
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

/// Files of the site are the same for everybody. Rejected rows are not: they end in `.csv`.
fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(path, "/livez" | "/readyz") || (name.contains('.') && !name.ends_with(".csv"))
}
