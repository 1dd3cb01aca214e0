//! `GET /uploads/{id}/original`: the file as it was sent; of several, `?part=N` (from 0) is one of them, and without
//! it they come as a zip archive.

use crate::{security::answer, transfer, web::Web};
use axum::{
    body::Body,
    extract::{Extension, Path, Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use backend::{identity::Session, uploads};
use serde::Deserialize;
use types::UploadId;

#[derive(Debug, Deserialize)]
pub struct Wanted {
    part: Option<usize>,
}

pub async fn download(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    Path(id): Path<String>,
    Query(Wanted { part }): Query<Wanted>,
) -> Response<Body> {
    let Some(Extension(session)) = session else {
        return answer::unauthenticated();
    };
    let Ok(id) = id.parse::<UploadId>() else {
        return answer::not_found();
    };
    let ctx = web.backend.ctx(&session);
    let file = match uploads::original_file(&web.backend, &ctx, id, part).await {
        Ok(file) => file,
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    let mut response = Response::new(Body::from_stream(file.bytes));
    let headers = response.headers_mut();
    // Never shown in the browser, whatever it holds.
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&file.name));
    response
}

/// RFC 6266, with the name as RFC 8187 writes it.
pub fn attachment(name: &str) -> HeaderValue {
    let name = name.replace('/', "_");
    HeaderValue::from_str(&format!(
        "attachment; filename*=UTF-8''{}",
        api::escape(&name)
    ))
    .unwrap_or(HeaderValue::from_static("attachment"))
}
