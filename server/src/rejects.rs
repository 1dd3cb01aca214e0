//! `GET /uploads/{id}/rejects.csv`: the records that were not accepted, to be mended and sent again. The columns of the
//! file, and behind them why: sent again with these, they are known for what they are (`ingest::REASONS`).

use crate::{security::answer, transfer, web::Web};
use axum::{
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use backend::{
    identity::Session,
    ingest::{REASONS, RejectCode},
    uploads::{self, RejectRow, UploadError},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use types::UploadId;

pub async fn download(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    Path(id): Path<String>,
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
    let of = table.upload;
    let mut rows = Box::pin(table.rows);
    // The first rows before the answer begins: a failure can still be said.
    let first = match rows.next().await.transpose() {
        Ok(first) => first.unwrap_or_default(),
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    let names: Vec<String> = table.columns.iter().map(|name| field(name)).collect();
    let head = names.into_iter().chain(REASONS.map(str::to_owned));
    let head = head.collect::<Vec<_>>().join(",");
    // A mark that tells spreadsheets of the encoding.
    let head = format!("\u{feff}{head}\n{}", lines(of, &first));
    // Where it breaks off, the browser sees a broken download, not a short one.
    let rest = rows.map(move |rows| rows.map(|rows| Bytes::from(lines(of, &rows))));
    let whole = stream::iter([Ok::<_, UploadError>(Bytes::from(head))]).chain(rest);
    let mut response = Response::new(Body::from_stream(whole));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"rejects.csv\""),
    );
    response
}

fn lines(of: UploadId, rows: &[RejectRow]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&line(of, row).join(","));
        text.push('\n');
    }
    text
}

fn line(of: UploadId, row: &RejectRow) -> Vec<String> {
    let mut fields: Vec<String> = row.cells.iter().map(|cell| field(cell)).collect();
    let reject = row.reject.as_ref();
    let said = |text: Option<&str>| field(text.unwrap_or_default());
    fields.extend([
        of.to_string(),
        row.record.to_string(),
        said(row.file.as_deref()),
        row.line_no.to_string(),
        said(reject.and_then(|r| r.column.as_deref())),
        reject.map(|r| code(r.code)).unwrap_or_default(),
        said(Some(reject.map_or(WITH_ORDER, |r| r.message.as_str()))),
        said(reject.map(|r| r.suggestion.as_str())),
        said(row.text.as_deref()),
    ]);
    fields
}

/// Of a record that nothing is wrong with.
const WITH_ORDER: &str =
    "Another row of this order was refused: leave this one as it is, the order is read as a whole.";

fn code(code: RejectCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// One field of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before it;
/// a number stays a number, negative ones too.
pub fn field(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let text = if runs {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}
