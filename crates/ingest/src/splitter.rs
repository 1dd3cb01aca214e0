//! A text into records, with every byte accounted for.
//!
//! Quotes are read strictly first. Where that fails, the damage is confined: the physical line is read leniently, and
//! if its fields then fit the table it is kept with a warning; otherwise records are refused up to the next line
//! whose field count fits.

use crate::compression::UnpackError;
use crate::dialect::Dialect;
use crate::json::Malformed;
use crate::moment::{self, DateFormat};
use crate::options::Limits;
use crate::record::{Place, RejectCode};
use crate::record_source::RecordSource;
use crate::split::{Cell, Quotes, Scan, line_length, scan};
use crate::text::TextReader;

/// One record as it was cut, valid until the next is asked for.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub cells: Vec<Cell>,
    /// Bytes of text, without the line end.
    pub end: usize,
    pub byte_start: u64,
    pub byte_end: u64,
    /// Physical line it starts on, from 1.
    pub line_no: u64,
    pub damage: Option<RejectCode>,
    /// Read leniently.
    pub stray: bool,
    /// Whether all of it decoded.
    pub sound: bool,
    /// The beginning of a record too long to keep, or too damaged to be cut into fields.
    pub long: Vec<u8>,
    /// Fields that have no column, by name.
    pub more: Vec<(String, Cell)>,
    /// Where it stands, in formats that have no lines.
    pub place: Option<Place>,
    /// Records of one nested value have the same number.
    pub group: u64,
    /// The file it is from, of several.
    pub file: Option<String>,
    /// The file that should have known its order.
    pub about: String,
    /// What is wrong with JSON that is damaged.
    pub why: Option<Malformed>,
}

impl Raw {
    pub fn clear(&mut self) {
        self.cells.clear();
        self.more.clear();
        self.long.clear();
        self.end = 0;
        self.damage = None;
        self.stray = false;
        self.place = None;
        self.why = None;
        self.group = 0;
        self.file = None;
        self.about.clear();
    }
}

/// The column every row has a date in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    pub column: usize,
    pub format: DateFormat,
}

pub(crate) struct Splitter {
    text: TextReader,
    dialect: Dialect,
    limits: Limits,
    probe: Option<Probe>,
    line_no: u64,
    /// Bytes of text of the record last returned.
    pending: usize,
    spare: Vec<Cell>,
}

/// How far a damaged record is searched for its end.
const SEARCH_LINES: usize = 64;
const SEARCH_BYTES: usize = 256 << 10;

impl Splitter {
    pub fn new(text: TextReader, dialect: Dialect, limits: Limits, probe: Option<Probe>) -> Self {
        Self {
            text,
            dialect,
            limits,
            probe,
            line_no: 1,
            pending: 0,
            spare: Vec::new(),
        }
    }

    pub fn skip_lines(&mut self, lines: u64) -> Result<(), UnpackError> {
        for _ in 0..lines {
            loop {
                let text = self.text.text();
                if let Some(length) = line_length(text, self.text.at_end(), &self.dialect) {
                    self.text.take(length);
                    break;
                }
                self.text.fill()?;
            }
            self.line_no += 1;
        }
        Ok(())
    }

    fn cut(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        self.text.take(self.pending);
        self.pending = 0;
        raw.damage = None;
        raw.stray = false;
        raw.long.clear();
        loop {
            let text = self.text.text();
            if text.is_empty() {
                if self.text.at_end() {
                    return Ok(false);
                }
                self.text.fill()?;
                continue;
            }
            let scanned = scan(
                text,
                self.text.at_end(),
                &self.dialect,
                &self.limits,
                Quotes::Strict,
                &mut raw.cells,
            );
            match scanned {
                Scan::More => self.text.fill()?,
                Scan::Record { end, next, lines } => {
                    // A quote that was never closed ends at the next row's quote, and what lies between may even
                    // have the right number of fields. Lines that are rows by themselves give it away.
                    if lines > 1 && (raw.cells.len() != self.dialect.width || self.lines_are_rows())
                    {
                        return self.confine(raw, Some((end, next, lines)));
                    }
                    self.finish(raw, end, next, lines);
                    return Ok(true);
                }
                Scan::Suspect | Scan::TooLong => return self.confine(raw, None),
            }
        }
    }

    fn finish(&mut self, raw: &mut Raw, end: usize, next: usize, lines: u32) {
        raw.end = end;
        raw.byte_start = self.text.offset();
        (raw.byte_end, raw.sound) = self.text.span_end(next);
        raw.line_no = self.line_no;
        self.line_no += u64::from(lines);
        self.pending = next;
    }

    /// Something is wrong with the quotes of this record: loses as little as can be. `whole` is what a strict
    /// reading made of it, with another number of fields than the table has.
    fn confine(
        &mut self,
        raw: &mut Raw,
        whole: Option<(usize, usize, u32)>,
    ) -> Result<bool, UnpackError> {
        while self.text.text().len() < SEARCH_BYTES && !self.text.at_end() {
            self.text.fill()?;
        }
        let (text, eof) = (self.text.text(), self.text.at_end());
        let Some(first) = line_length(text, eof, &self.dialect) else {
            return self.skip_long(raw);
        };
        let line = text.get(..first).unwrap_or_default();
        let width = self.dialect.width;
        let lenient = |bytes: &[u8], cells: &mut Vec<Cell>| {
            scan(
                bytes,
                true,
                &self.dialect,
                &self.limits,
                Quotes::Lenient,
                cells,
            )
        };
        // The line by itself, a quote that opens and never closes taken as an ordinary character.
        let by_itself = match lenient(line, &mut raw.cells) {
            Scan::Record {
                end,
                next,
                lines: 1,
            } if next == first => Some(end),
            _ => {
                let plain = Dialect {
                    quote: None,
                    ..self.dialect.clone()
                };
                match scan(
                    line,
                    true,
                    &plain,
                    &self.limits,
                    Quotes::Strict,
                    &mut raw.cells,
                ) {
                    Scan::Record { end, .. } => Some(end),
                    _ => None,
                }
            }
        };
        if let Some(end) = by_itself
            && raw.cells.len() == width
            && width > 1
        {
            raw.stray = true;
            self.finish(raw, end, first, 1);
            return Ok(true);
        }
        let mut spare = std::mem::take(&mut self.spare);
        let mut at = first;
        let mut found = None;
        for passed in 1..=SEARCH_LINES {
            let rest = text.get(at..).unwrap_or_default();
            if rest.is_empty() || at > SEARCH_BYTES {
                break;
            }
            let clean = matches!(
                scan(rest, eof, &self.dialect, &self.limits, Quotes::Strict, &mut spare),
                Scan::Record { lines: 1, next, .. } if spare.len() == width && self.even_quotes(rest.get(..next))
            );
            if clean {
                found = Some((at, passed));
                break;
            }
            match line_length(rest, eof, &self.dialect) {
                Some(length) if length > 0 => at += length,
                _ => break,
            }
        }
        self.spare = spare;
        if found.is_none_or(|(_, passed)| passed > 1) {
            // No good line follows at once: perhaps the field does span lines, with careless quotes in it.
            if let Scan::Record { end, next, lines } = scan(
                text.get(..text.len().min(SEARCH_BYTES)).unwrap_or_default(),
                eof,
                &self.dialect,
                &self.limits,
                Quotes::Lenient,
                &mut raw.cells,
            ) && raw.cells.len() == width
                && lines as usize <= SEARCH_LINES
                && found.is_none_or(|(at, _)| next <= at)
            {
                raw.stray = whole.is_none();
                self.finish(raw, end, next, lines);
                return Ok(true);
            }
            if let Some((end, next, lines)) = whole
                && found.is_none_or(|(at, _)| next <= at)
            {
                scan(
                    text,
                    eof,
                    &self.dialect,
                    &self.limits,
                    Quotes::Strict,
                    &mut raw.cells,
                );
                self.finish(raw, end, next, lines);
                return Ok(true);
            }
        }
        let (span, lines) = found.unwrap_or((first, 1));
        let long = line.len() > self.limits.field_bytes;
        raw.cells.clear();
        raw.damage = Some(if long {
            RejectCode::FieldTooLong
        } else {
            RejectCode::UnclosedQuote
        });
        let end = text.get(..span).unwrap_or_default().trim_ascii_end().len();
        self.finish(raw, end, span, u32::try_from(lines).unwrap_or(1));
        Ok(true)
    }

    /// Whether the first two physical lines, their quotes taken as ordinary characters, are rows with a date each.
    fn lines_are_rows(&mut self) -> bool {
        let Some(probe) = &self.probe else {
            return false;
        };
        let (text, eof) = (self.text.text(), self.text.at_end());
        let plain = Dialect {
            quote: None,
            ..self.dialect.clone()
        };
        let mut at = 0;
        for _ in 0..2 {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = line_length(rest, eof, &plain) else {
                return false;
            };
            let line = rest.get(..length).unwrap_or_default();
            let scanned = scan(
                line,
                true,
                &plain,
                &self.limits,
                Quotes::Strict,
                &mut self.spare,
            );
            let dated = self.spare.get(probe.column).is_some_and(|cell| {
                let bytes = line
                    .get(cell.start as usize..cell.end as usize)
                    .unwrap_or_default();
                let quote = self.dialect.quote.map_or('"', char::from);
                std::str::from_utf8(bytes).is_ok_and(|t| {
                    moment::parse(t.trim().trim_matches(quote), probe.format).is_some()
                })
            });
            if !matches!(scanned, Scan::Record { .. })
                || self.spare.len() != self.dialect.width
                || !dated
            {
                return false;
            }
            at += length;
        }
        true
    }

    fn even_quotes(&self, line: Option<&[u8]>) -> bool {
        self.dialect.quote.is_none_or(|quote| {
            memchr::memchr_iter(quote, line.unwrap_or_default())
                .count()
                .is_multiple_of(2)
        })
    }

    /// A physical line longer than any record may be: stepped over without keeping it.
    fn skip_long(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        raw.byte_start = self.text.offset();
        raw.line_no = self.line_no;
        raw.sound = true;
        let head = self.text.text();
        raw.long
            .extend_from_slice(head.get(..head.len().min(4096)).unwrap_or_default());
        // The last byte stays, in case it is the first half of a line end.
        loop {
            let text = self.text.text();
            if let Some(length) = line_length(text, self.text.at_end(), &self.dialect) {
                raw.byte_end = self.text.span_end(length).0;
                self.pending = length;
                break;
            }
            let keep = text.len().saturating_sub(1);
            self.text.take(keep);
            self.text.fill()?;
        }
        self.line_no += 1;
        raw.cells.clear();
        raw.end = 0;
        raw.damage = Some(RejectCode::FieldTooLong);
        Ok(true)
    }
}

impl RecordSource for Splitter {
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        self.cut(raw)
    }

    fn text(&self, raw: &Raw) -> &[u8] {
        self.text.text().get(..raw.end).unwrap_or_default()
    }

    fn consumed(&self) -> u64 {
        self.text.consumed()
    }

    fn offset(&self) -> u64 {
        self.text.span_end(self.pending).0
    }
}
