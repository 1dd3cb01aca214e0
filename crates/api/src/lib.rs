//! The wire contract between browser and server: what a page asks for and what it is shown.
//!
//! WASM-safe. One module a feature; plain values only.
//! Architecture Invariant: no figure is computed here, and no text in a language stands here.

pub mod dashboard;
pub mod error;
pub mod json;
pub mod lineage;
pub mod live;
pub mod quality;
pub mod session;
pub mod sources;
pub mod tables;
pub mod uploads;

pub use error::{ApiError, Code};
pub use json::Json;

use serde::{Deserialize, Serialize};
use types::Day;

/// A moment in the tenant's timezone, as a person reads it. The server applies the timezone, so that
/// the browser needs no timezone database and both sides render the same text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub day: Day,
    /// `14:05`, 24 hours.
    pub time: String,
}

/// Percent-encodes what would end a query value.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                escaped.push(char::from(byte));
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_come_back_to_survives_the_url() {
        assert_eq!(
            escape("/uploads?period=last7&compare=none"),
            "/uploads%3Fperiod%3Dlast7%26compare%3Dnone"
        );
    }
}
