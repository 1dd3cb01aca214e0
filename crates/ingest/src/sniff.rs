//! Finds delimiter, quote, line end, preamble and header of a text.
//!
//! Every combination is tried on the head of the file; the one whose records have the same number of fields, and
//! whose fields look like values, wins.

use crate::dialect::{Dialect, Newline};
use crate::field::Field;
use crate::form::Said;
use crate::header::normalise;
use crate::moment::{self, DateFormat};
use crate::number::{self, Decimal};
use crate::options::Limits;
use crate::profile::is_blank_value;
use crate::several::{below, narrower, orders_header, table_above};
use crate::source::Source;
use crate::split::{Cell, Quotes, Scan, line_length, scan, unescape};
use memchr::memchr_iter;
use rustc_hash::{FxHashMap, FxHashSet};

/// Delimiter and how likely it is to be one.
const DELIMITERS: &[(u8, f32)] = &[
    (b',', 1.0),
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 1.0),
    (b'^', 0.95),
    (b'~', 0.95),
    (0x01, 1.0),
    (0x1f, 1.0),
    (b':', 0.6),
    (b'#', 0.6),
    (b' ', 0.5),
];
const LOOK_BYTES: usize = 128 << 10;
const LOOK_RECORDS: usize = 1000;
const CELLS: usize = 2000;

/// One record of the sample.
pub(crate) struct Row {
    pub cells: Vec<String>,
    /// Physical line, from 1.
    pub line: u64,
}

impl Row {
    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|c| !c.trim().is_empty()).count()
    }
}

pub(crate) struct Sniffed {
    pub dialect: Dialect,
    /// Column names as written; made up where there is no header.
    pub names: Vec<String>,
    pub confidence: f32,
    /// Another table stands above this one.
    pub table_above: bool,
}

/// `None`: no table. What is `said` is not guessed.
pub(crate) fn sniff(text: &str, limits: &Limits, said: Said) -> Option<Sniffed> {
    let look = text.get(..floor(text, LOOK_BYTES)).unwrap_or(text);
    let cut = look.len() < text.len();
    let newlines = newline_candidates(look);
    let delimiters = match said.delimiter {
        Some(said) => vec![(said, 1.0)],
        None => DELIMITERS.to_vec(),
    };
    let mut best: Option<(f32, Dialect)> = None;
    for newline in newlines {
        for (quote, escape) in quote_candidates(look, said.quote) {
            for (delimiter, prior) in &delimiters {
                if !look.as_bytes().contains(delimiter) {
                    continue;
                }
                let dialect = Dialect {
                    delimiter: *delimiter,
                    quote: Some(quote),
                    escape,
                    newline,
                    collapse: *delimiter == b' ',
                    preamble_lines: 0,
                    header_line: None,
                    width: 0,
                };
                // Where no text has the usual quotes, others that open and close fields are the quotes.
                let penalty = match quote {
                    b'"' => 1.0,
                    _ if look.contains('"') => 0.97,
                    _ => 1.02,
                } * if escape.is_some() { 0.98 } else { 1.0 };
                let Some((score, width)) = rate(look, cut, &dialect, limits) else {
                    continue;
                };
                let score = score * prior * penalty;
                if best.as_ref().is_none_or(|(top, _)| score > *top) {
                    best = Some((score, Dialect { width, ..dialect }));
                }
            }
        }
    }
    let (confidence, mut dialect) = best?;
    let rows = rows(look, cut, &dialect, limits, LOOK_RECORDS);
    let names = locate(&rows, &mut dialect, said.header)?;
    Some(Sniffed {
        table_above: table_above(&rows, &dialect),
        dialect,
        names,
        confidence: confidence.clamp(0.0, 1.0),
    })
}

/// A text as one column: its first line is the name where it is none of what follows.
pub(crate) fn one_column(text: &str, header: Option<bool>) -> Sniffed {
    // A byte that no text has separates nothing.
    let mut dialect = Dialect {
        delimiter: 0x1f,
        quote: Some(b'"'),
        escape: None,
        newline: newline_candidates(text)
            .first()
            .copied()
            .unwrap_or(Newline::Lf),
        collapse: false,
        preamble_lines: 0,
        header_line: None,
        width: 1,
    };
    let mut rows = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let first = rows.next().unwrap_or_default();
    let named = header.unwrap_or_else(|| {
        !value_like(first) && rows.clone().next().is_some() && rows.all(|row| row != first)
    });
    let names = if named {
        dialect.header_line = Some(1);
        vec![
            first
                .trim_matches('"')
                .trim_start_matches('\u{FEFF}')
                .to_owned(),
        ]
    } else {
        vec!["column 1".to_owned()]
    };
    Sniffed {
        dialect,
        names,
        confidence: 0.3,
        table_above: false,
    }
}

/// Greatest index of a character's start not beyond `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn newline_candidates(text: &str) -> Vec<Newline> {
    let bytes = text.as_bytes();
    let feeds = memchr_iter(b'\n', bytes).count();
    let both = memchr_iter(b'\n', bytes)
        .filter(|at| *at > 0 && bytes.get(at - 1) == Some(&b'\r'))
        .count();
    let alone = memchr_iter(b'\r', bytes).count() - both;
    if feeds == 0 && alone > 0 {
        return vec![Newline::Cr];
    }
    let usual = if both * 2 > feeds {
        Newline::CrLf
    } else {
        Newline::Lf
    };
    if alone > 0 {
        vec![usual, Newline::Mixed]
    } else {
        vec![usual]
    }
}

fn quote_candidates(text: &str, said: Option<u8>) -> Vec<(u8, Option<u8>)> {
    if let Some(quote) = said {
        let escaped = format!("\\{}", char::from(quote));
        let escape = text.contains(&escaped).then_some((quote, Some(b'\\')));
        return std::iter::once((quote, None)).chain(escape).collect();
    }
    let mut found = vec![(b'"', None)];
    if text.contains("\\\"") {
        found.push((b'"', Some(b'\\')));
    }
    const BESIDE: [&str; 8] = [",'", "',", ";'", "';", "\t'", "'\t", "|'", "'|"];
    if BESIDE
        .iter()
        .map(|pair| text.matches(pair).count())
        .sum::<usize>()
        >= 2
    {
        found.push((b'\'', None));
        if text.contains("\\'") {
            found.push((b'\'', Some(b'\\')));
        }
    }
    found
}

/// Records of a text. The last one is dropped where the text was `cut`.
pub(crate) fn rows(
    text: &str,
    cut: bool,
    dialect: &Dialect,
    limits: &Limits,
    most: usize,
) -> Vec<Row> {
    let mut found = Vec::new();
    each_row(text, cut, dialect, limits, |row, line, _| {
        found.push(Row {
            cells: row
                .iter()
                .map(|c| unescape(row.text, c, dialect).into_owned())
                .collect(),
            line,
        });
        found.len() < most
    });
    found
}

pub(crate) struct RowRef<'a> {
    pub text: &'a str,
    pub cells: &'a [Cell],
    /// Its quotes are in order.
    pub sound: bool,
}

impl<'a> RowRef<'a> {
    fn iter(&self) -> impl Iterator<Item = &'a Cell> + use<'a> {
        self.cells.iter()
    }
}

/// Calls `visit(row, physical line, lines it spans)` until it returns false.
pub(crate) fn each_row(
    text: &str,
    cut: bool,
    dialect: &Dialect,
    limits: &Limits,
    mut visit: impl FnMut(RowRef<'_>, u64, u64) -> bool,
) {
    let mut cells = Vec::new();
    let (mut at, mut line) = (0, 1_u64);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let (next, lines, sound) =
            match scan(bytes, !cut, dialect, limits, Quotes::Strict, &mut cells) {
                Scan::Record { next, lines, .. } if lines < 100 => (next, lines, true),
                Scan::More => break,
                _ => {
                    let Some(length) = line_length(bytes, !cut, dialect) else {
                        break;
                    };
                    let only = bytes.get(..length).unwrap_or_default();
                    if !matches!(
                        scan(only, true, dialect, limits, Quotes::Lenient, &mut cells),
                        Scan::Record { .. }
                    ) {
                        cells.clear();
                    }
                    (length, 1, false)
                }
            };
        if next == 0 {
            break;
        }
        let row = RowRef {
            text: rest,
            cells: &cells,
            sound,
        };
        if !visit(row, line, u64::from(lines)) {
            break;
        }
        at += next;
        line += u64::from(lines);
    }
}

/// Score from 0 to 1, and the number of fields most records have.
fn rate(text: &str, cut: bool, dialect: &Dialect, limits: &Limits) -> Option<(f32, usize)> {
    let mut widths: FxHashMap<usize, usize> = FxHashMap::default();
    let (mut records, mut suspect, mut cells, mut typed) = (0_usize, 0_usize, 0_usize, 0.0_f32);
    let mut lines_within = false;
    let mut shapes: Vec<(usize, f32, usize)> = Vec::new();
    each_row(text, cut, dialect, limits, |row, _, lines| {
        let width = row.cells.len();
        let blank = row.sound && width <= 1 && row.cells.first().is_none_or(|c| c.start == c.end);
        if blank {
            return true;
        }
        records += 1;
        lines_within |= lines > 1
            || row.cells.iter().any(|c| {
                row.text
                    .get(c.start as usize..c.end as usize)
                    .is_some_and(|t| t.contains(['\r', '\n']))
            });
        suspect += usize::from(!row.sound);
        // A record that swallows many lines is more likely a stray quote.
        suspect += usize::from(lines > 20);
        *widths.entry(width).or_default() += 1;
        if cells < CELLS {
            cells += width;
            let sum: f32 = row
                .iter()
                .map(|c| worth(&unescape(row.text, c, dialect)))
                .sum();
            shapes.push((width, sum, width));
        }
        records < LOOK_RECORDS
    });
    let (width, count) = widths
        .iter()
        .filter(|(width, _)| **width >= 2)
        // Wide tables win over narrow footers that happen to be as many.
        .max_by(|a, b| {
            (a.1 * *a.0.min(&8))
                .cmp(&(b.1 * *b.0.min(&8)))
                .then(a.0.cmp(b.0))
        })
        .map(|(width, count)| (*width, *count))?;
    let mut all = 0;
    for (row_width, sum, n) in &shapes {
        if *row_width == width {
            typed += sum;
            all += n;
        }
    }
    let types = if all == 0 { 0.5 } else { typed / all as f32 };
    let share = count as f32 / records as f32;
    let calm = 1.0 - suspect as f32 / records as f32;
    let wide = 1.0 - 1.0 / (width as f32 + 1.0);
    if count < 2 && records > 2 {
        return None;
    }
    // One record that takes in everything is one whose end was missed.
    let alone = if records == 1 && text.bytes().any(|b| b == b'\r' || b == b'\n') && lines_within {
        0.3
    } else {
        1.0
    };
    let names = header_bonus(text, cut, dialect, limits);
    Some((
        alone * share * (0.25 + 0.75 * types) * (0.4 + 0.6 * wide) * calm + names,
        width,
    ))
}

/// The first lines name things that orders have: this is how they are separated.
fn header_bonus(text: &str, cut: bool, dialect: &Dialect, limits: &Limits) -> f32 {
    let mut best = 0;
    let mut seen = 0;
    each_row(text, cut, dialect, limits, |row, _, _| {
        seen += 1;
        if row.cells.len() < 3 {
            return seen < 20;
        }
        let names: Vec<String> = row
            .iter()
            .take(200)
            .map(|c| normalise(&unescape(row.text, c, dialect)))
            .collect();
        best = best.max(known(&names));
        seen < 20 && best < 4
    });
    best.min(4) as f32 * 0.05
}

/// How many of the names are names of fields.
pub(crate) fn known(names: &[String]) -> usize {
    let distinct: FxHashSet<&str> = names.iter().map(String::as_str).collect();
    Field::ALL
        .iter()
        .filter(|f| f.synonyms().iter().any(|s| distinct.contains(s)))
        .count()
}

/// How much a cell looks like one value rather than like several, or a part of one.
fn worth(cell: &str) -> f32 {
    let cell = cell.trim();
    if is_blank_value(cell) {
        return 0.7;
    }
    if value_like(cell) {
        return 1.0;
    }
    let clutter = cell
        .bytes()
        .filter(|b| matches!(b, b',' | b';' | b'\t' | b'|' | b'"'))
        .count();
    match clutter {
        0 => 0.8,
        1 => 0.6,
        _ => 0.3,
    }
}

/// A number or a date.
pub(crate) fn value_like(cell: &str) -> bool {
    let starts = cell.bytes().any(|b| b.is_ascii_digit()) || !cell.is_ascii();
    starts
        && (number::parse(cell, Decimal::Point).is_some()
            || number::parse(cell, Decimal::Comma).is_some()
            || [
                DateFormat::Iso,
                DateFormat::Dmy,
                DateFormat::Mdy,
                DateFormat::Named,
            ]
            .iter()
            .any(|f| moment::parse(cell, *f).is_some()))
}

/// Finds the header among the first rows, sets the dialect's lines and width, and returns the column names.
pub(crate) fn locate(
    rows: &[Row],
    dialect: &mut Dialect,
    wanted: Option<bool>,
) -> Option<Vec<String>> {
    let width = dialect.width;
    let named = |row: &Row| known(&row.cells.iter().map(|c| normalise(c)).collect::<Vec<_>>());
    let texts = |row: &Row| {
        let filled = row.filled();
        filled * 2 >= row.cells.len().min(width)
            && filled >= 2
            && row
                .cells
                .iter()
                .all(|c| c.trim().is_empty() || !value_like(c.trim()))
    };
    let platform = |row: &Row| {
        Source::of(&row.cells.iter().map(|c| normalise(c)).collect::<Vec<_>>()) != Source::Generic
    };
    let first_full = rows
        .iter()
        .position(|row| {
            row.cells.len() == width
                && row.filled() * 2 >= width.min(row.cells.len())
                && row.filled() >= 2
        })
        .or_else(|| rows.iter().position(|row| row.cells.len() == width))?;
    let early = rows.iter().take(first_full + 30).take(60);
    let by_name = early
        .clone()
        .enumerate()
        .find(|(_, row)| platform(row))
        .or_else(|| {
            early
                .clone()
                .enumerate()
                .take(first_full + 1)
                .filter(|(_, row)| texts(row) && named(row) >= 2 && row.cells.len() * 2 >= width)
                .max_by_key(|(at, row)| (named(row), usize::MAX - at))
        })
        .map(|(at, _)| at);
    let below_differs = |at: usize| {
        // Below a header stand values where it has words, or the words below repeat and its own do not.
        rows.iter()
            .skip(at + 1)
            .take(50)
            .any(|row| row.cells.iter().any(|c| value_like(c.trim())))
            || rows.len() <= at + 2
            || distinct(rows.get(at))
    };
    // The table of orders may stand below another one, and a table below a narrow one that is longer.
    let at = by_name.unwrap_or(first_full);
    let orders = orders_header(rows, at).or_else(|| narrower(rows, at, width));
    let (by_name, width) = match orders.filter(|_| wanted != Some(false)) {
        Some(at) => {
            dialect.width = rows
                .get(at)
                .map_or(width, |row| below(rows, at).unwrap_or(row.cells.len()));
            (Some(at), dialect.width)
        }
        None => (by_name, width),
    };
    let header = match wanted {
        Some(false) => None,
        Some(true) => Some(by_name.unwrap_or(first_full)),
        None => by_name.or_else(|| {
            rows.get(first_full)
                .filter(|row| texts(row) && distinct(Some(row)) && below_differs(first_full))
                .map(|_| first_full)
        }),
    };
    let mut names: Vec<String> = match header.and_then(|at| rows.get(at)) {
        Some(row) => {
            dialect.preamble_lines = row.line - 1;
            dialect.header_line = Some(row.line);
            row.cells
                .iter()
                .map(|c| c.trim().trim_start_matches('\u{FEFF}').to_owned())
                .collect()
        }
        None => {
            dialect.preamble_lines = rows.get(first_full)?.line - 1;
            dialect.header_line = None;
            Vec::new()
        }
    };
    // Rows below may be narrower or wider than the header; the header's own trailing empty names are dropped then.
    while names.len() > width && names.last().is_some_and(|n| n.is_empty()) {
        names.pop();
    }
    for at in 0..names.len().max(width) {
        match names.get_mut(at) {
            Some(name) if name.is_empty() => *name = format!("column {}", at + 1),
            Some(_) => {}
            None => names.push(format!("column {}", at + 1)),
        }
    }
    Some(names)
}

fn distinct(row: Option<&Row>) -> bool {
    let Some(row) = row else { return false };
    let mut seen = FxHashSet::default();
    row.cells
        .iter()
        .map(|c| c.trim().to_lowercase())
        .filter(|c| !c.is_empty())
        .all(|c| seen.insert(c))
}
