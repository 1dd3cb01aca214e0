//! Pieces of a file on their way in: `PUT /uploads/{id}/bytes` with `Upload-Offset: N`.
//!
//! The answer's `Upload-Offset` says how far the file is: what was acknowledged survives a crash, and a
//! browser that was interrupted goes on from there.

use crate::{security::answer, web::Web};
use access::Ctx;
use api::{ApiError, Code, uploads::OFFSET_HEADER};
use axum::{
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use backend::{
    identity::Session,
    uploads::{self, Upload, UploadError},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use std::{pin::pin, time::Duration};
use types::UploadId;

/// Bytes kept in memory before they are written: one object each.
const PIECE: usize = 4 * 1024 * 1024;
/// Without a byte for so long, a transfer is given up; the browser tries again.
pub const SILENCE: Duration = Duration::from_secs(30);

/// Whether a request carries a piece of a file: it has limits of its own.
pub fn is_transfer(method: &Method, path: &str) -> bool {
    *method == Method::PUT
        && path
            .strip_prefix("/uploads/")
            .and_then(|rest| rest.strip_suffix("/bytes"))
            .is_some_and(|id| !id.contains('/'))
}

pub async fn receive(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let Some(Extension(session)) = session else {
        return answer::unauthenticated();
    };
    let Ok(id) = id.parse::<UploadId>() else {
        return answer::not_found();
    };
    let offset = headers
        .get(OFFSET_HEADER)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(offset) = offset else {
        return answer::malformed(StatusCode::BAD_REQUEST);
    };
    match append(&web, &web.backend.ctx(&session), id, offset, body).await {
        Ok(received) => with_offset(StatusCode::NO_CONTENT.into_response(), received),
        Err(Failure::Upload(UploadError::Offset { expected })) => {
            with_offset(answer::refusal(&ApiError::of(Code::Conflict)), expected)
        }
        Err(Failure::Upload(error)) => answer::refusal(&refused(&error)),
        Err(Failure::Interrupted) => answer::malformed(StatusCode::BAD_REQUEST),
    }
}

pub enum Failure {
    Upload(UploadError),
    /// The connection ended, or nothing came for too long.
    Interrupted,
}

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Self {
        Self::Upload(error)
    }
}

/// Writes the body piece by piece and returns how far the file is.
pub async fn append(
    web: &Web,
    ctx: &Ctx,
    id: UploadId,
    offset: u64,
    body: Body,
) -> Result<u64, Failure> {
    // Before a byte is read: someone else's upload, or a piece that is here already.
    let upload = uploads::get(&web.backend, ctx, id).await?;
    if upload.received != offset {
        return Err(UploadError::Offset {
            expected: upload.received,
        }
        .into());
    }
    pour(web, ctx, &upload, offset, body.into_data_stream()).await
}

/// Writes bytes piece by piece, from `received` on, and returns how far the file is then.
pub async fn pour<E>(
    web: &Web,
    ctx: &Ctx,
    upload: &Upload,
    mut received: u64,
    stream: impl Stream<Item = Result<Bytes, E>>,
) -> Result<u64, Failure> {
    let mut stream = pin!(stream);
    let mut piece = BytesMut::new();
    loop {
        let next = tokio::time::timeout(SILENCE, stream.next())
            .await
            .map_err(|_| Failure::Interrupted)?;
        let ended = match next {
            Some(Ok(bytes)) => {
                piece.extend_from_slice(&bytes);
                false
            }
            Some(Err(_)) => return Err(Failure::Interrupted),
            None => true,
        };
        if received + piece.len() as u64 > upload.size {
            return Err(UploadError::TooLarge {
                size: received + piece.len() as u64,
                limit: upload.size,
            }
            .into());
        }
        if piece.len() >= PIECE || (ended && !piece.is_empty()) {
            let bytes = piece.split().freeze();
            received = uploads::append(&web.backend, ctx, upload.id, received, bytes).await?;
        }
        if ended {
            return Ok(received);
        }
    }
}

/// What a person is told; what happened inside stays in the log.
pub fn refused(error: &UploadError) -> ApiError {
    match error {
        UploadError::NotFound => ApiError::of(Code::NotFound),
        UploadError::Denied(_) => ApiError::of(Code::Forbidden),
        UploadError::Offset { .. } | UploadError::State { .. } | UploadError::Incomplete { .. } => {
            ApiError::of(Code::Conflict)
        }
        UploadError::TooLarge { .. } => ApiError::of(Code::TooLarge),
        UploadError::Parts { .. } => ApiError::of(Code::Invalid),
        other => {
            tracing::error!(error = %other, "an upload failed");
            ApiError::of(Code::Internal)
        }
    }
}

fn with_offset(mut response: Response<Body>, offset: u64) -> Response<Body> {
    response
        .headers_mut()
        .insert(OFFSET_HEADER, HeaderValue::from(offset));
    response
}
