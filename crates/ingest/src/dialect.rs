//! How the text is cut into records and fields.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    Lf,
    CrLf,
    Cr,
    /// Several kinds in one file.
    Mixed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// One byte of ASCII.
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// Puts the next character into a quoted field as it is. A doubled quote does so too, always.
    pub escape: Option<u8>,
    pub newline: Newline,
    /// Several delimiters in a row are one: columns aligned with blanks.
    pub collapse: bool,
    /// Physical lines before the header, or before the data where there is no header.
    pub preamble_lines: u64,
    /// Physical line of the header, from 1.
    pub header_line: Option<u64>,
    /// Fields that most records have.
    pub width: usize,
}

impl Dialect {
    /// Whether a carriage return ends a line by itself.
    pub(crate) fn cr_ends(&self) -> bool {
        matches!(self.newline, Newline::Cr | Newline::Mixed)
    }
}
