//! Tables as files that spreadsheets open.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use backend::uploads::UploadError;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};

/// A file that the browser keeps under this name: its beginning, and what comes of the rest.
pub fn download(
    name: &str,
    head: &str,
    rest: impl Stream<Item = Result<Bytes, UploadError>> + Send + 'static,
) -> Response<Body> {
    // A mark that tells spreadsheets of the encoding.
    let head = Bytes::from(format!("\u{feff}{head}"));
    // Where it breaks off, the browser sees a broken download, not a short one.
    let whole = stream::iter([Ok::<_, UploadError>(head)]).chain(rest);
    let mut response = Response::new(Body::from_stream(whole));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
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
