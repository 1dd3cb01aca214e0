//! Hints over the live connection: what to ask for again, never the data itself.

use serde::{Deserialize, Serialize};
use types::UploadId;

/// Where the connection is made: `/live?after=SEQ`.
pub const PATH: &str = "/live";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// Per tenant, without gaps. A connection goes on after the last one it saw.
    pub seq: i64,
    /// `upload.progress`, `upload.changed`, `gold.changed`.
    pub kind: String,
    #[serde(default)]
    pub payload: serde_json::Value,
}

/// A hint as pages understand it.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The figures changed.
    Figures,
    Upload(UploadId),
    /// A kind this page does not know: from a newer server.
    Other,
}

impl Hint {
    pub fn news(&self) -> News {
        let upload = || {
            let id = self
                .payload
                .get("upload")
                .or_else(|| self.payload.get("id"))?;
            id.as_str()?.parse().ok()
        };
        match self.kind.as_str() {
            "gold.changed" => News::Figures,
            "upload.progress" | "upload.changed" => upload().map_or(News::Other, News::Upload),
            _ => News::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_of_a_newer_server_are_no_error() {
        let read = |text: &str| serde_json::from_str::<Hint>(text).map(|h| h.news()).ok();
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(
            read(r#"{"seq":4,"kind":"gold.changed","payload":{}}"#),
            Some(News::Figures)
        );
        assert_eq!(
            read(&format!(
                r#"{{"seq":5,"kind":"upload.changed","payload":{{"upload":"{id}"}}}}"#
            )),
            id.parse().ok().map(News::Upload)
        );
        assert_eq!(read(r#"{"seq":6,"kind":"tea.ready"}"#), Some(News::Other));
    }
}
