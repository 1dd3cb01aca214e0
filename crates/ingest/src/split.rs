//! Text into records and fields, with every byte accounted for.
//!
//! Quotes are read strictly first (RFC 4180 and an optional escape). Where that fails, the damage is confined: the
//! physical line is read leniently, and if its fields then fit the table it is kept with a warning; otherwise
//! records are refused up to the next line whose field count fits.

use crate::compression::UnpackError;
use crate::dialect::Dialect;
use crate::options::Limits;
use crate::record::RejectCode;
use crate::text::TextReader;
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;
use std::io::Read;

/// One field: a span of the record's text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub start: u32,
    pub end: u32,
    /// Holds doubled quotes or escapes.
    pub escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    Record {
        /// Without the line end.
        end: usize,
        next: usize,
        lines: u32,
    },
    /// The text ends before the record does, and more text is to come.
    More,
    /// A quote where none can be, or one that is never closed.
    Suspect,
    TooLong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    Strict,
    /// A quote closes a field only where the field can end.
    Lenient,
}

/// Cuts one record off the start of `bytes`.
pub(crate) fn scan(
    bytes: &[u8],
    eof: bool,
    dialect: &Dialect,
    limits: &Limits,
    quotes: Quotes,
    cells: &mut Vec<Cell>,
) -> Scan {
    cells.clear();
    let mut at = 0;
    let mut lines = 1;
    loop {
        if dialect.collapse {
            at += blanks(bytes, at, dialect.delimiter);
        }
        let quoted = dialect.quote.and_then(|quote| {
            let skip = if dialect.delimiter == b' ' {
                0
            } else {
                blanks(bytes, at, b' ')
            };
            (bytes.get(at + skip) == Some(&quote)).then_some((quote, at + skip + 1))
        });
        let (cell, after) = match quoted {
            Some((quote, start)) => {
                match quoted_end(bytes, start, eof, quote, dialect, limits, quotes) {
                    Ok((end, after, escaped, newlines)) => {
                        lines += newlines;
                        (cell(start, end, escaped), after)
                    }
                    Err(scan) => return scan,
                }
            }
            None => {
                let rest = bytes.get(at..).unwrap_or_default();
                let found = if dialect.cr_ends() {
                    memchr3(dialect.delimiter, b'\n', b'\r', rest)
                } else {
                    memchr2(dialect.delimiter, b'\n', rest)
                };
                match found {
                    Some(length) => (cell(at, at + length, false), at + length),
                    None if eof => (cell(at, bytes.len(), false), bytes.len()),
                    None if rest.len() > limits.field_bytes => return Scan::TooLong,
                    None => {
                        return if bytes.len() > limits.record_bytes {
                            Scan::TooLong
                        } else {
                            Scan::More
                        };
                    }
                }
            }
        };
        let mut cell = cell;
        if (cell.end - cell.start) as usize > limits.field_bytes || after > limits.record_bytes {
            return Scan::TooLong;
        }
        let ended = match bytes.get(after) {
            Some(&byte) if byte == dialect.delimiter => {
                let past = after
                    + if dialect.collapse {
                        blanks(bytes, after, byte)
                    } else {
                        1
                    };
                match bytes.get(past) {
                    // Blanks behind the last column are not another one.
                    Some(b'\n' | b'\r') if dialect.collapse => Some(past),
                    None if dialect.collapse && eof => Some(past),
                    None if dialect.collapse => return Scan::More,
                    _ => {
                        at = past;
                        None
                    }
                }
            }
            _ => Some(after),
        };
        let Some(terminator) = ended else {
            push(cells, cell);
            continue;
        };
        let (end, next) = match bytes.get(terminator) {
            None => (terminator, terminator),
            Some(b'\r') => match bytes.get(terminator + 1) {
                Some(b'\n') => (terminator, terminator + 2),
                None if !eof => return Scan::More,
                _ => (terminator, terminator + 1),
            },
            Some(_) => {
                // The carriage return of CRLF stands before the line feed that was looked for.
                let carriage = terminator > 0
                    && !dialect.cr_ends()
                    && bytes.get(terminator - 1) == Some(&b'\r')
                    && terminator > cell.start as usize;
                if carriage && cell.end as usize == terminator {
                    cell.end -= 1;
                }
                (terminator - usize::from(carriage), terminator + 1)
            }
        };
        push(cells, cell);
        return Scan::Record { end, next, lines };
    }
}

/// More fields than any table may have are not kept one by one.
fn push(cells: &mut Vec<Cell>, cell: Cell) {
    if cells.len() < 10_000 {
        cells.push(cell);
    }
}

fn cell(start: usize, end: usize, escaped: bool) -> Cell {
    // A record is at most a few megabytes.
    Cell {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        escaped,
    }
}

fn blanks(bytes: &[u8], at: usize, blank: u8) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&b| b == blank)
        .count()
}

/// End of a quoted field's text, where the delimiter or line end stands, whether it needs unescaping, newlines in it.
fn quoted_end(
    bytes: &[u8],
    start: usize,
    eof: bool,
    quote: u8,
    dialect: &Dialect,
    limits: &Limits,
    quotes: Quotes,
) -> Result<(usize, usize, bool, u32), Scan> {
    let mut escaped = false;
    let mut from = start;
    let escape = dialect.escape.unwrap_or(quote);
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr2(quote, escape, rest) else {
            return Err(if bytes.len() - start > limits.field_bytes {
                Scan::TooLong
            } else if eof {
                Scan::Suspect
            } else {
                Scan::More
            });
        };
        let at = from + found;
        let next = bytes.get(at + 1);
        if next.is_none() && !eof {
            return Err(Scan::More);
        }
        if bytes.get(at) == Some(&escape) && escape != quote {
            escaped = true;
            from = at + 2;
            continue;
        }
        if next == Some(&quote) {
            escaped = true;
            from = at + 2;
            continue;
        }
        let padding = if dialect.delimiter == b' ' {
            0
        } else {
            blanks(bytes, at + 1, b' ')
        };
        let after = at + 1 + padding;
        let ends = match bytes.get(after) {
            None if eof => true,
            None => return Err(Scan::More),
            Some(&byte) => {
                byte == dialect.delimiter
                    || byte == b'\n'
                    || byte == b'\r'
                        && (dialect.cr_ends() || matches!(bytes.get(after + 1), Some(b'\n') | None))
            }
        };
        if ends {
            let field = bytes.get(start..at).unwrap_or_default();
            let newlines = count_lines(field, dialect);
            // `"..."\r\n`: the line feed is what ends the record.
            let after = if !dialect.cr_ends()
                && bytes.get(after) == Some(&b'\r')
                && bytes.get(after + 1) == Some(&b'\n')
            {
                after + 1
            } else {
                after
            };
            return Ok((at, after, escaped, newlines));
        }
        if quotes == Quotes::Strict {
            return Err(Scan::Suspect);
        }
        escaped = true;
        from = at + 1;
    }
}

fn count_lines(bytes: &[u8], dialect: &Dialect) -> u32 {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let alone = if dialect.cr_ends() {
        memchr::memchr_iter(b'\r', bytes)
            .filter(|at| bytes.get(at + 1) != Some(&b'\n'))
            .count()
    } else {
        0
    };
    u32::try_from(feeds + alone).unwrap_or(u32::MAX)
}

/// Length of the first physical line with its end. `None`: the line goes on beyond the text.
pub(crate) fn line_length(bytes: &[u8], eof: bool, dialect: &Dialect) -> Option<usize> {
    let found = if dialect.cr_ends() {
        memchr2(b'\n', b'\r', bytes)
    } else {
        memchr(b'\n', bytes)
    };
    match found {
        Some(at) if bytes.get(at) == Some(&b'\r') => match bytes.get(at + 1) {
            Some(b'\n') => Some(at + 2),
            None if !eof => None,
            _ => Some(at + 1),
        },
        Some(at) => Some(at + 1),
        None => eof.then_some(bytes.len()),
    }
}

/// The text of a field without its escapes.
pub(crate) fn unescape<'a>(text: &'a str, cell: &Cell, dialect: &Dialect) -> Cow<'a, str> {
    let field = text
        .get(cell.start as usize..cell.end as usize)
        .unwrap_or_default();
    let Some(quote) = dialect.quote.map(char::from).filter(|_| cell.escaped) else {
        return Cow::Borrowed(field);
    };
    let escape = dialect.escape.map_or(quote, char::from);
    let mut out = String::with_capacity(field.len());
    let mut chars = field.chars().peekable();
    while let Some(ch) = chars.next() {
        if ch == escape && escape != quote || ch == quote && chars.peek() == Some(&quote) {
            out.extend(chars.next());
        } else {
            out.push(ch);
        }
    }
    Cow::Owned(out)
}

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
    /// The beginning of a record too long to keep.
    pub long: Vec<u8>,
}

pub(crate) struct Splitter<R: Read> {
    text: TextReader<R>,
    dialect: Dialect,
    limits: Limits,
    line_no: u64,
    /// Bytes of text of the record last returned.
    pending: usize,
    spare: Vec<Cell>,
}

/// How far a damaged record is searched for its end.
const SEARCH_LINES: usize = 64;
const SEARCH_BYTES: usize = 256 << 10;

impl<R: Read> Splitter<R> {
    pub fn new(text: TextReader<R>, dialect: Dialect, limits: Limits) -> Self {
        Self {
            text,
            dialect,
            limits,
            line_no: 1,
            pending: 0,
            spare: Vec::new(),
        }
    }

    pub fn consumed(&self) -> u64 {
        self.text.consumed()
    }

    /// Original offset where the next record begins.
    pub fn offset(&self) -> u64 {
        self.text.span_end(self.pending).0
    }

    /// Text of the record last returned.
    pub fn bytes(&self, raw: &Raw) -> &[u8] {
        self.text.text().get(..raw.end).unwrap_or_default()
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

    /// `false` at the end of the file.
    pub fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
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
                    if lines > 1 && raw.cells.len() != self.dialect.width {
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
