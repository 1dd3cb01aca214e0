//! Records of formats that are no delimited text, written down as a line of CSV: what reads their fields need not know
//! where they came from, and a refused record can be shown and mended like any other.

use crate::dialect::{Dialect, Newline};
use crate::split::Cell;

/// The dialect such records are written in.
pub(crate) fn dialect(width: usize) -> Dialect {
    Dialect {
        delimiter: b',',
        quote: Some(b'"'),
        escape: None,
        newline: Newline::Lf,
        collapse: false,
        preamble_lines: 0,
        header_line: None,
        width,
    }
}

#[derive(Debug, Default)]
pub(crate) struct CellWriter {
    pub text: String,
    pub cells: Vec<Cell>,
    /// Fields that have no column, by name.
    pub more: Vec<(String, Cell)>,
    /// Where the line ends; what has no column is written behind it.
    pub end: usize,
}

impl CellWriter {
    pub fn begin(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.more.clear();
        self.end = 0;
    }

    pub fn cell(&mut self, text: &str) {
        if !self.cells.is_empty() {
            self.text.push(',');
        }
        let cell = self.write(text);
        self.cells.push(cell);
    }

    pub fn end(&mut self) {
        self.end = self.text.len();
    }

    /// After the line's end.
    pub fn more(&mut self, name: &str, text: &str) {
        let cell = self.write(text);
        self.more.push((name.to_owned(), cell));
    }

    fn write(&mut self, text: &str) -> Cell {
        let quotes = text.contains('"');
        let quoted = quotes
            || text.contains([',', '\n', '\r'])
            || text.starts_with(' ')
            || text.ends_with(' ');
        if quoted {
            self.text.push('"');
        }
        let start = self.text.len();
        if quotes {
            self.text.push_str(&text.replace('"', "\"\""));
        } else {
            self.text.push_str(text);
        }
        let end = self.text.len();
        if quoted {
            self.text.push('"');
        }
        Cell {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
            escaped: quotes,
        }
    }
}
