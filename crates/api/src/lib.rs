//! The wire contract between browser and server: what a page asks for and what it is shown.
//!
//! WASM-safe. One module a feature; plain values only.
//! Architecture Invariant: no figure is computed here, and no text in a language stands here.

pub mod dashboard;
pub mod error;
pub mod live;
pub mod session;
pub mod uploads;

pub use error::{ApiError, Code};

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
