//! `GET /uploads/{id}/rejects.csv`: the records that were not accepted, to be mended and sent again. The columns of the
//! file, and behind them why: sent again with these, they are known for what they are (`ingest::REASONS`).

use crate::{
    csv::{self, field},
    security::answer,
    transfer,
    web::Web,
};
use app::{
    Locale,
    uploads::texts::{self, WITH_ORDER},
};
use axum::{
    body::Body,
    extract::{Extension, Path, State},
    http::HeaderMap,
    response::Response,
};
use backend::{
    identity::Session,
    ingest::{Place, REASONS, Reject, RejectCode},
    uploads::{self, RejectRow},
};
use bytes::Bytes;
use futures::StreamExt;
use types::UploadId;

pub async fn download(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let Some(Extension(session)) = session else {
        return answer::unauthenticated();
    };
    let Ok(id) = id.parse::<UploadId>() else {
        return answer::not_found();
    };
    let ctx = web.backend.ctx(&session);
    let table = match uploads::reject_table(&web.backend, &ctx, id).await {
        Ok(table) => table,
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    let of = Of {
        upload: table.upload,
        columns: table.columns.clone(),
        locale: app::language(&headers),
    };
    let mut rows = Box::pin(table.rows);
    // The first rows before the answer begins: a failure can still be said.
    let first = match rows.next().await.transpose() {
        Ok(first) => first.unwrap_or_default(),
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    let names: Vec<String> = table.columns.iter().map(|name| field(name)).collect();
    let head = names.into_iter().chain(REASONS.map(str::to_owned));
    let head = head.collect::<Vec<_>>().join(",");
    let head = format!("{head}\n{}", lines(&of, &first));
    let rest = rows.map(move |rows| rows.map(|rows| Bytes::from(lines(&of, &rows))));
    csv::download("rejects.csv", &head, rest)
}

/// What the records are of, and who reads why.
struct Of {
    upload: UploadId,
    columns: Vec<String>,
    locale: Locale,
}

fn lines(of: &Of, rows: &[RejectRow]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&line(of, row).join(","));
        text.push('\n');
    }
    text
}

fn line(of: &Of, row: &RejectRow) -> Vec<String> {
    let locale = of.locale;
    let mut fields: Vec<String> = row.cells.iter().map(|cell| field(cell)).collect();
    let reject = row.reject.as_ref();
    let (why, advice) = match reject {
        // The server's own words are English, and name the value that is meant.
        Some(r) if locale == Locale::en => (r.message.clone(), r.suggestion.clone()),
        Some(r) => {
            let (code, example) = (code(r.code), r.params.get("example").map(String::as_str));
            (
                texts::reject(locale, &code, &r.message),
                texts::advice(locale, &code, example, &r.suggestion),
            )
        }
        None => (texts::reject(locale, WITH_ORDER, ""), String::new()),
    };
    let said = |text: Option<&str>| field(text.unwrap_or_default());
    let place = reject.and_then(|r| r.place.as_ref()).map(Place::to_string);
    let bytes = reject.and_then(Reject::span);
    let column = reject.and_then(|r| r.column.as_deref());
    // As it stands in the record; where that is not cut into fields, as far as it was kept.
    let value = of
        .columns
        .iter()
        .position(|name| Some(name.as_str()) == column)
        .and_then(|at| row.cells.get(at))
        .filter(|cell| !cell.is_empty())
        .or_else(|| reject.and_then(|r| r.params.get("value")));
    fields.extend([
        of.upload.to_string(),
        row.record.to_string(),
        said(row.file.as_deref()),
        row.line_no.to_string(),
        said(place.as_deref()),
        bytes.map_or_else(String::new, |(from, to)| format!("{from}..{to}")),
        said(column),
        said(value.map(String::as_str)),
        reject.map(|r| code(r.code)).unwrap_or_default(),
        field(&why),
        field(&advice),
        said(row.text.as_deref()),
    ]);
    fields
}

fn code(code: RejectCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
