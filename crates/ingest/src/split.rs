//! One record cut off a text, and its fields. Quotes are those of RFC 4180, with an optional escape.

use crate::dialect::Dialect;
use crate::options::Limits;
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;

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
    match plain(bytes, dialect, limits, cells) {
        Some(scanned) => scanned,
        None => closely(bytes, eof, dialect, limits, quotes, cells),
    }
}

/// A whole line without a quotation mark, as nearly all records are: its separators are found eight bytes at a time.
/// `None`: it must be looked at closely.
fn plain(bytes: &[u8], dialect: &Dialect, limits: &Limits, cells: &mut Vec<Cell>) -> Option<Scan> {
    const WORD: usize = 8;
    cells.clear();
    if dialect.collapse || dialect.cr_ends() {
        return None;
    }
    // A line that is no longer has no field that is too long.
    let most = limits.field_bytes.min(limits.record_bytes);
    let (words, tail) = bytes.as_chunks::<WORD>();
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        let (at, word) = (at * WORD, u64::from_le_bytes(*word));
        let line_end = equal(word, b'\n');
        // All bytes before the line's end; all there are where it does not end here.
        let within = line_end.wrapping_sub(1) & !line_end;
        if dialect
            .quote
            .is_some_and(|quote| equal(word, quote) & within != 0)
            || at > most
        {
            return None;
        }
        let mut ends = equal(word, dialect.delimiter) & within;
        while ends != 0 {
            let end = at + ends.trailing_zeros() as usize / WORD;
            push(cells, cell(start, end, false));
            start = end + 1;
            ends &= ends - 1;
        }
        if line_end != 0 {
            let end = at + line_end.trailing_zeros() as usize / WORD;
            return (end <= most).then(|| line(bytes, start, end, cells));
        }
    }
    let from = words.len() * WORD;
    for (at, byte) in (from..).zip(tail) {
        match *byte {
            b'\n' => return (at <= most).then(|| line(bytes, start, at, cells)),
            byte if Some(byte) == dialect.quote => return None,
            byte if byte == dialect.delimiter => {
                push(cells, cell(start, at, false));
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The high bit of each byte of `word` that is `byte`.
fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let other = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
    !(((other & LOW) + LOW) | other | LOW)
}

/// The last field of a line that ends at `line_feed`.
fn line(bytes: &[u8], start: usize, line_feed: usize, cells: &mut Vec<Cell>) -> Scan {
    let carriage = line_feed > start && bytes.get(line_feed - 1) == Some(&b'\r');
    let end = line_feed - usize::from(carriage);
    push(cells, cell(start, end, false));
    Scan::Record {
        end,
        next: line_feed + 1,
        lines: 1,
    }
}

fn closely(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Newline;
    use proptest::prelude::*;

    proptest! {
        /// What is seen at a glance is what a close look finds.
        #[test]
        fn a_glance_is_enough(
            text in "[ab,;\"\n\r\u{e9} ]{0,60}",
            quote: bool,
            crlf: bool,
            eof: bool,
            field_bytes in 5_usize..80,
        ) {
            let dialect = Dialect {
                delimiter: b',',
                quote: quote.then_some(b'"'),
                escape: None,
                newline: if crlf { Newline::CrLf } else { Newline::Lf },
                collapse: false,
                preamble_lines: 0,
                header_line: None,
                width: 3,
            };
            let limits = Limits { field_bytes, ..Limits::default() };
            let (mut at, mut glance, mut close) = (0, Vec::new(), Vec::new());
            while at < text.len() {
                let rest = &text.as_bytes()[at..];
                let scanned = scan(rest, eof, &dialect, &limits, Quotes::Strict, &mut glance);
                let expected = closely(rest, eof, &dialect, &limits, Quotes::Strict, &mut close);
                prop_assert_eq!(scanned, expected);
                let Scan::Record { next, .. } = scanned else { break };
                prop_assert_eq!(&glance, &close);
                at += next;
            }
        }
    }
}
