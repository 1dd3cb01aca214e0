//! Writing delimited text.

use std::io::{self, BufWriter, Write};
use types::Day;

/// Rows of cells, quoted only where they must be.
pub(crate) struct Cells<W: Write> {
    out: BufWriter<W>,
    delimiter: char,
    decimal: char,
    newline: &'static str,
    row: String,
    fresh: bool,
}

impl<W: Write> Cells<W> {
    pub(crate) fn new(out: W, delimiter: char, decimal: char, newline: &'static str) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, out),
            delimiter,
            decimal,
            newline,
            row: String::new(),
            fresh: true,
        }
    }

    pub(crate) fn comma(out: W) -> Self {
        Self::new(out, ',', '.', "\n")
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        if !self.fresh {
            self.row.push(self.delimiter);
        }
        self.fresh = false;
        if text.contains([self.delimiter, '"', '\n', '\r']) {
            self.row.push('"');
            self.row.push_str(&text.replace('"', "\"\""));
            self.row.push('"');
        } else {
            self.row.push_str(text);
        }
        self
    }

    pub(crate) fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> &mut Self {
        for text in texts {
            self.text(text);
        }
        self
    }

    pub(crate) fn empty(&mut self, n: usize) -> &mut Self {
        self.texts(std::iter::repeat_n("", n))
    }

    pub(crate) fn int(&mut self, n: i64) -> &mut Self {
        self.text(&n.to_string())
    }

    pub(crate) fn money(&mut self, cents: i64) -> &mut Self {
        let text = money(cents, self.decimal);
        self.text(&text)
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.row.push_str(self.newline);
        self.out.write_all(self.row.as_bytes())?;
        self.row.clear();
        self.fresh = true;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(crate) fn money(cents: i64, decimal: char) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}{decimal}{:02}", cents / 100, cents % 100)
}

/// `2026-03-31 18:05:09`
pub(crate) fn moment(day: Day, second: u32) -> String {
    format!("{day} {}", clock(second))
}

/// `18:05:09`
pub(crate) fn clock(second: u32) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}
