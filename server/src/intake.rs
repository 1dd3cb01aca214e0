//! Files sent by programs: `POST /v1/uploads?name=orders.csv` with the file as its body and a key in
//! `Authorization: Bearer`. What needs no answer is imported at once; the same bytes again change nothing.
//! Several files come as multipart/form-data: those that belong together are one upload, others uploads of their own.

use crate::{security::answer, transfer, web::Web};
use api::{ApiError, Code};
use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Multipart, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    ingest::{Decisions, Question},
    storage::uploads::UploadState,
    uploads::{self, Announced, Part, Upload, UploadError},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use types::UploadId;

pub const PATH: &str = "/v1/uploads";

/// Whether a request may carry a whole file: it has limits of its own, and is authorised by a key, which no
/// browser adds by itself.
pub fn is_intake(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == PATH
}

#[derive(Debug, Deserialize)]
pub struct Sent {
    /// Of the one file that is the body.
    name: Option<String>,
    /// Answers, as in `set.date_order=dmy`.
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

impl Sent {
    fn decisions(&self) -> Decisions {
        let answer = |(key, value): (&String, &String)| {
            Some((key.strip_prefix("set.")?.to_owned(), value.clone()))
        };
        self.rest.iter().filter_map(answer).collect()
    }
}

pub async fn receive(
    State(web): State<Web>,
    Query(sent): Query<Sent>,
    request: Request,
) -> Response<Body> {
    let headers = request.headers().clone();
    let ctx = match presented(&web, &headers).await {
        Ok(ctx) => ctx,
        Err(refused) => return refused,
    };
    let size = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let Some(size) = size else {
        return answer::malformed(StatusCode::LENGTH_REQUIRED);
    };
    let several = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
    let taken = match (several, &sent.name) {
        (true, _) => match Multipart::from_request(request, &web).await {
            Ok(files) => take_all(&web, &ctx, &sent, size, files).await,
            Err(_) => return answer::malformed(StatusCode::BAD_REQUEST),
        },
        (false, Some(name)) => take(&web, &ctx, &sent, name, size, request.into_body()).await,
        (false, None) => return answer::malformed(StatusCode::BAD_REQUEST),
    };
    match taken {
        // What became of each of the files that were taken apart is asked by its own address.
        Ok((upload, apart)) if !apart.is_empty() => shown(&upload, &apart, StatusCode::ACCEPTED),
        Ok((upload, _)) => shown(&upload, &[], status(&upload)),
        Err(failure) => failure.response(),
    }
}

async fn take(
    web: &Web,
    ctx: &access::Ctx,
    sent: &Sent,
    name: &str,
    size: u64,
    body: Body,
) -> Result<(Upload, Vec<Upload>), transfer::Failure> {
    let backend = &web.backend;
    let begun = uploads::begin(backend, ctx, &Announced::file(name, size)).await?;
    if let Err(failure) = transfer::append(web, ctx, begun.id, 0, body).await {
        // Nobody goes on with it: the program sends the file again.
        uploads::cancel(backend, ctx, begun.id).await?;
        return Err(failure);
    }
    go_on(web, ctx, sent, begun.id).await
}

/// Files that are one upload. How large each is comes out with its last byte: until then their sum is known to be less
/// than the request's.
async fn take_all(
    web: &Web,
    ctx: &access::Ctx,
    sent: &Sent,
    size: u64,
    files: Multipart,
) -> Result<(Upload, Vec<Upload>), transfer::Failure> {
    let backend = &web.backend;
    let begun = uploads::begin(backend, ctx, &Announced::file("", size)).await?;
    let received = match receive_parts(web, ctx, &begun, files).await {
        Ok(parts) => uploads::name_parts(backend, ctx, begun.id, &parts)
            .await
            .map_err(transfer::Failure::from),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = received {
        uploads::cancel(backend, ctx, begun.id).await?;
        return Err(failure);
    }
    go_on(web, ctx, sent, begun.id).await
}

/// Fields that are no files are passed over.
async fn receive_parts(
    web: &Web,
    ctx: &access::Ctx,
    begun: &Upload,
    mut files: Multipart,
) -> Result<Vec<Part>, transfer::Failure> {
    let mut parts = Vec::new();
    let mut received = 0;
    loop {
        let next = tokio::time::timeout(transfer::SILENCE, files.next_field()).await;
        let field = match next {
            Ok(Ok(Some(field))) => field,
            Ok(Ok(None)) => return Ok(parts),
            Ok(Err(_)) | Err(_) => return Err(transfer::Failure::Interrupted),
        };
        let Some(name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        let end = transfer::pour(web, ctx, begun, received, field).await?;
        parts.push(Part {
            name,
            size: end - received,
        });
        received = end;
    }
}

/// All bytes are there: what needs no answer is imported.
async fn go_on(
    web: &Web,
    ctx: &access::Ctx,
    sent: &Sent,
    id: UploadId,
) -> Result<(Upload, Vec<Upload>), transfer::Failure> {
    let (upload, apart) = uploads::complete_apart(&web.backend, ctx, id).await?;
    if apart.is_empty() {
        return Ok((begun(web, ctx, sent, upload).await?, apart));
    }
    let mut all = Vec::new();
    for of_its_own in apart {
        all.push(begun(web, ctx, sent, of_its_own).await?);
    }
    Ok((upload, all))
}

/// With the answers that came along; what needs none is imported.
async fn begun(
    web: &Web,
    ctx: &access::Ctx,
    sent: &Sent,
    mut upload: Upload,
) -> Result<Upload, transfer::Failure> {
    let backend = &web.backend;
    let decisions = sent.decisions();
    let open = matches!(
        upload.state,
        UploadState::Question | UploadState::Ready | UploadState::Failed
    );
    if open && !decisions.is_empty() {
        upload = uploads::decide_for_good(backend, ctx, upload.id, decisions).await?;
    }
    if upload.state == UploadState::Ready {
        upload = uploads::start(backend, ctx, upload.id).await?;
    }
    Ok(upload)
}

/// `GET /v1/uploads/{id}`: what became of a file.
pub async fn look(
    State(web): State<Web>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let ctx = match presented(&web, &headers).await {
        Ok(ctx) => ctx,
        Err(refused) => return refused,
    };
    let Ok(id) = id.parse::<UploadId>() else {
        return answer::not_found();
    };
    let found = async {
        let upload = uploads::get(&web.backend, &ctx, id).await?;
        let pieces = uploads::pieces(&web.backend, &ctx, &upload).await?;
        Ok::<_, UploadError>((upload, pieces))
    };
    match found.await {
        Ok((upload, pieces)) => shown(&upload, &pieces, status(&upload)),
        Err(error) => answer::refusal(&transfer::refused(&error)),
    }
}

async fn presented(web: &Web, headers: &HeaderMap) -> Result<access::Ctx, Response<Body>> {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .ok_or_else(unauthenticated)?;
    let found = web.backend.identity.authenticate_key(key.trim()).await;
    found.map_err(|error| match error {
        backend::identity::IdentityError::Unauthenticated => unauthenticated(),
        other => {
            tracing::error!(error = %other, "a key could not be looked up");
            answer::refusal(&ApiError::of(Code::Internal))
        }
    })
}

fn unauthenticated() -> Response<Body> {
    let mut response = answer::unauthenticated();
    let scheme = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    response
}

/// 200 when nothing will change any more, 202 while something will, 409 where a person has to decide.
fn status(upload: &Upload) -> StatusCode {
    match upload.state {
        UploadState::Question => StatusCode::CONFLICT,
        UploadState::Failed => StatusCode::UNPROCESSABLE_ENTITY,
        state if state.is_final() => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    }
}

/// `pieces`: what it was split into.
fn shown(upload: &Upload, pieces: &[Upload], status: StatusCode) -> Response<Body> {
    let body = body(upload).and_then(|mut whole| {
        let pieces = pieces.iter().map(body).collect::<Result<Vec<_>, _>>()?;
        if let (Value::Object(whole), false) = (&mut whole, pieces.is_empty()) {
            whole.insert("uploads".to_owned(), Value::Array(pieces));
        }
        Ok(whole)
    });
    let body = match body {
        Ok(body) => body,
        Err(error) => return answer::refusal(&transfer::refused(&error.into())),
    };
    let mut response = (status, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("{PATH}/{}", upload.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn body(upload: &Upload) -> Result<Value, serde_json::Error> {
    let asked = match upload.state {
        UploadState::Question => uploads::inspection(upload)?,
        _ => None,
    };
    let columns = asked.iter().flat_map(|seen| &seen.columns);
    let columns: Vec<Value> = columns
        .map(|c| json!({ "index": c.index, "name": c.name, "samples": c.samples }))
        .collect();
    let questions: Vec<Question> = asked.map(|seen| seen.questions).unwrap_or_default();
    let result = uploads::result(upload)?.map(|result| {
        json!({
            "rows": result.rows,
            "accepted": result.accepted,
            "warnings": result.warnings,
            "rejected": result.rejected,
            "blank": result.blank,
            "duplicates": result.duplicates,
            "first_day": result.first_day,
            "last_day": result.last_day,
            "duplicate_of": result.duplicate_of,
            "files": result.files,
        })
    });
    Ok(json!({
        "upload_id": upload.id,
        "file_name": upload.file_name,
        "came_as": upload.taken_from.as_ref().map(|from| from.upload),
        "state": upload.state.as_str(),
        "questions": questions,
        "columns": columns,
        "error": upload.error.as_ref().map(|e| json!({ "code": e.code, "message": e.message })),
        "result": result,
    }))
}

impl transfer::Failure {
    fn response(self) -> Response<Body> {
        match self {
            Self::Upload(error @ UploadError::TooLarge { .. }) => {
                answer::with_status(StatusCode::PAYLOAD_TOO_LARGE, &transfer::refused(&error))
            }
            Self::Upload(error) => answer::refusal(&transfer::refused(&error)),
            Self::Interrupted => answer::malformed(StatusCode::BAD_REQUEST),
        }
    }
}
