//! `GET /uploads/{id}/rejects.csv`: the records that were not accepted, to be mended and sent again.

use crate::{security::answer, transfer, web::Web};
use axum::{
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use backend::{
    identity::Session,
    ingest::Reject,
    uploads::{self, UploadError},
};
use bytes::Bytes;
use futures::stream;
use std::fmt::Write;
use types::UploadId;

/// A mark that tells spreadsheets of the encoding.
const HEAD: &str = "\u{feff}record,line,column,code,message,suggestion,raw\n";

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
    // The first file before the answer begins: a failure can still be said.
    let first = match uploads::reject_file(&web.backend, &ctx, id, 0).await {
        Ok(first) => first.unwrap_or_default(),
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    let head = format!("{HEAD}{}", lines(&first));
    let rest = stream::unfold((web, ctx, 1_usize), move |(web, ctx, index)| async move {
        match uploads::reject_file(&web.backend, &ctx, id, index).await {
            Ok(None) => None,
            Ok(Some(rejects)) => Some((Ok(Bytes::from(lines(&rejects))), (web, ctx, index + 1))),
            // The browser sees a broken download, not a short one.
            Err(error) => Some((Err(error), (web, ctx, usize::MAX))),
        }
    });
    let whole = stream::StreamExt::chain(
        stream::once(async move { Ok::<_, UploadError>(Bytes::from(head)) }),
        rest,
    );
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

fn lines(rejects: &[Reject]) -> String {
    let mut text = String::new();
    for reject in rejects {
        let code = serde_json::to_value(reject.code)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        // Writing to a String does not fail.
        let _written = writeln!(
            text,
            "{},{},{},{},{},{},{}",
            reject.record,
            reject.line_no,
            field(reject.column.as_deref().unwrap_or_default()),
            field(&code),
            field(&reject.message),
            field(&reject.suggestion),
            field(&reject.raw),
        );
    }
    text
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
