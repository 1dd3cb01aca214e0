//! Lines of orders, completed from the tables beside them. Those are held in memory, within a limit; the lines are not.

use crate::access::Shared;
use crate::assemble::cancels;
use crate::cells::CellWriter;
use crate::compression::UnpackError;
use crate::header::normalise;
use crate::join::{JoinTable, Role};
use crate::number::Decimal;
use crate::open::{OpenError, open};
use crate::options::Limits;
use crate::record::RejectCode;
use crate::record_source::RecordSource;
use crate::split::unescape;
use crate::splitter::Raw;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Of all tables that are looked up, together.
const HELD_BYTES: usize = 160 << 20;

/// What became of one file's records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCount {
    pub name: String,
    pub role: Role,
    /// Without blank ones.
    pub records: u64,
    /// Of `records`: rows of a table looked up that no line asked for, lines for which something was missing.
    pub unmatched: u64,
    /// Of `records`: damaged, without a key, or a further row of a key that was there already. They are refused, but for
    /// further payments of an order.
    pub set_aside: u64,
}

/// A table in memory, by key.
struct Lookup {
    table: usize,
    via: usize,
    width: usize,
    text: String,
    /// Ends of the cells, the key first.
    ends: Vec<u32>,
    rows: FxHashMap<Box<str>, u32>,
    asked: Vec<bool>,
    lines: Vec<u64>,
    /// Of the rows, the how manieth record of its file each is, from 1.
    records: Vec<u64>,
    orders: bool,
    /// Only the first of several rows of a key is asked for, and that is as it should be: an order is paid in parts.
    repeats: bool,
}

/// Why a row of a table that is looked up is not among those that are.
fn set_aside(lookup: &Lookup, id: &str, record: u64) -> Option<RejectCode> {
    if id.is_empty() {
        return Some(RejectCode::MissingValue);
    }
    let row = lookup.rows.get(id).copied()?;
    let own = lookup.records.get(row as usize) == Some(&record);
    (!own && !lookup.repeats).then_some(RejectCode::SaidBefore)
}

impl Lookup {
    fn cell(&self, row: usize, at: usize) -> &str {
        let n = row * (self.width + 1) + at;
        let end = self.ends.get(n).map_or(0, |e| *e as usize);
        let start = match n.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |e| *e as usize),
            None => 0,
        };
        self.text.get(start..end).unwrap_or_default()
    }
}

/// A table that is gone through once more, and the records of it that were.
struct Again {
    lookup: usize,
    source: Box<dyn RecordSource>,
    record: u64,
}

pub(crate) struct JoinedRecords {
    files: Vec<Shared>,
    tables: Vec<JoinTable>,
    counts: Vec<FileCount>,
    lookups: Vec<Lookup>,
    decimals: Vec<Decimal>,
    limits: Limits,
    facts: VecDeque<usize>,
    fact: Option<(usize, Box<dyn RecordSource>)>,
    inner: Raw,
    writer: CellWriter,
    cells: Vec<String>,
    /// Rows of the orders that no line asked for: (lookup, row).
    rest: Option<(usize, usize)>,
    /// Tables that are looked up and have rows which are not among those that are: they are gone through once more.
    again: VecDeque<usize>,
    going: Option<Again>,
    status: Option<usize>,
    width: usize,
    /// Of the lines by themselves, in all their files.
    lines_width: usize,
    written: u64,
    counted: bool,
    /// Raw bytes of the tables that were read to their end.
    done: u64,
}

impl JoinedRecords {
    pub fn new(
        files: Vec<Shared>,
        tables: Vec<JoinTable>,
        names: &[String],
        decimals: Vec<Decimal>,
        limits: Limits,
    ) -> Result<Self, OpenError> {
        let counts = tables
            .iter()
            .map(|t| FileCount {
                name: t.name.clone(),
                role: t.role,
                records: 0,
                unmatched: 0,
                set_aside: 0,
            })
            .collect();
        let facts = (0..tables.len())
            .filter(|at| tables.get(*at).is_some_and(|t| t.role == Role::Items))
            .collect();
        let mut joined = Self {
            files,
            counts,
            lookups: Vec::new(),
            decimals,
            limits,
            facts,
            fact: None,
            inner: Raw::default(),
            writer: CellWriter::default(),
            cells: Vec::new(),
            rest: None,
            again: VecDeque::new(),
            going: None,
            status: names
                .iter()
                .position(|n| matches!(normalise(n).as_str(), "order status" | "status")),
            width: names.len(),
            lines_width: tables
                .iter()
                .filter(|t| t.role == Role::Items)
                .map(JoinTable::reach)
                .max()
                .unwrap_or(0),
            tables,
            written: 0,
            counted: false,
            done: 0,
        };
        let mut held = 0;
        for at in 0..joined.tables.len() {
            joined.load(at, &mut held)?;
        }
        Ok(joined)
    }

    fn source(&self, at: usize) -> Result<Option<Box<dyn RecordSource>>, OpenError> {
        let Some(table) = self.tables.get(at) else {
            return Ok(None);
        };
        let Some(file) = self.files.get(table.file) else {
            return Err(UnpackError::Broken(format!("{} is missing", table.name)).into());
        };
        let mut shape = table.table.shape();
        if table.role == Role::Items {
            for (at, decimal) in shape.decimals.iter_mut().enumerate() {
                let at = table.into.get(at).copied().unwrap_or(at);
                if let Some(own) = self.decimals.get(at) {
                    *decimal = *own;
                }
            }
        }
        open(std::slice::from_ref(file), shape).map(Some)
    }

    fn load(&mut self, at: usize, held: &mut usize) -> Result<(), OpenError> {
        let Some(table) = self.tables.get(at).cloned() else {
            return Ok(());
        };
        let (Some(key), Some(via)) = (table.key, table.via) else {
            return Ok(());
        };
        let Some(mut source) = self.source(at)? else {
            return Ok(());
        };
        let mut lookup = Lookup {
            table: at,
            via,
            width: table.columns.len(),
            text: String::new(),
            ends: Vec::new(),
            rows: FxHashMap::default(),
            asked: Vec::new(),
            lines: Vec::new(),
            records: Vec::new(),
            orders: table.role == Role::Orders,
            repeats: table.role == Role::Payments,
        };
        let dialect = table.table.cell_dialect();
        let mut raw = Raw::default();
        let mut record = 0;
        while source.next(&mut raw)? {
            record += 1;
            let text = source.text(&raw);
            let text = match std::str::from_utf8(text) {
                Ok(text) if raw.sound && raw.damage.is_none() => text,
                _ => {
                    self.count(at, |c| {
                        c.records += 1;
                        c.set_aside += 1;
                    });
                    continue;
                }
            };
            let cell = |n: usize| {
                raw.cells
                    .get(n)
                    .map(|c| unescape(text, c, &dialect))
                    .unwrap_or_default()
            };
            if (0..raw.cells.len()).all(|n| cell(n).trim().is_empty()) {
                continue;
            }
            self.count(at, |c| c.records += 1);
            let id = cell(key);
            let id = id.trim();
            if id.is_empty() || lookup.rows.contains_key(id) {
                self.count(at, |c| c.set_aside += 1);
                continue;
            }
            let row = u32::try_from(lookup.asked.len()).unwrap_or(u32::MAX);
            lookup.rows.insert(id.into(), row);
            let before = lookup.text.len();
            for n in std::iter::once(key).chain(table.columns.iter().copied()) {
                lookup.text.push_str(cell(n).trim());
                let end = u32::try_from(lookup.text.len()).unwrap_or(u32::MAX);
                lookup.ends.push(end);
            }
            lookup.asked.push(false);
            lookup.lines.push(raw.line_no);
            lookup.records.push(record);
            *held += lookup.text.len() - before + id.len() + 72 + 4 * (lookup.width + 1);
            if *held > HELD_BYTES {
                return Err(UnpackError::Broken(format!(
                    "the tables beside the order lines, {} among them, need more than {} MB",
                    table.name,
                    HELD_BYTES >> 20
                ))
                .into());
            }
        }
        self.done += source.consumed();
        if self.counts.get(at).is_some_and(|c| c.set_aside > 0) {
            self.again.push_back(self.lookups.len());
        }
        self.lookups.push(lookup);
        Ok(())
    }

    /// The next row of a table beside the lines that could not be looked up, so that it is refused and said.
    fn refused(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        loop {
            if self.going.is_none() {
                let Some(lookup) = self.again.pop_front() else {
                    return Ok(false);
                };
                let table = self.lookups.get(lookup).map_or(0, |l| l.table);
                let source = self.source(table).map_err(|e| match e {
                    OpenError::Stopped(error) => error,
                    OpenError::Other(error) => UnpackError::Broken(error.to_string()),
                })?;
                self.going = source.map(|source| Again {
                    lookup,
                    source,
                    record: 0,
                });
            }
            let Some(again) = &mut self.going else {
                continue;
            };
            if !again.source.next(&mut self.inner)? {
                self.going = None;
                continue;
            }
            again.record += 1;
            let (lookup, inner) = (self.lookups.get(again.lookup), &self.inner);
            let Some((lookup, table)) =
                lookup.and_then(|lookup| Some((lookup, self.tables.get(lookup.table)?)))
            else {
                continue;
            };
            let bytes = again.source.text(inner);
            let shown = bytes.get(..inner.end.min(bytes.len())).unwrap_or_default();
            let code = match std::str::from_utf8(bytes) {
                Ok(text) if inner.sound && inner.damage.is_none() => {
                    let dialect = table.table.cell_dialect();
                    let cell = |n: usize| {
                        let cell = inner.cells.get(n);
                        cell.map(|c| unescape(text, c, &dialect))
                            .unwrap_or_default()
                    };
                    if (0..inner.cells.len()).all(|n| cell(n).trim().is_empty()) {
                        continue;
                    }
                    let id = cell(table.key.unwrap_or(0));
                    match set_aside(lookup, id.trim(), again.record) {
                        Some(code) => code,
                        None => continue,
                    }
                }
                _ => inner.damage.unwrap_or(RejectCode::InvalidEncoding),
            };
            raw.line_no = inner.line_no;
            raw.place.clone_from(&inner.place);
            raw.why = inner.why;
            raw.file = Some(table.name.clone());
            raw.damage = Some(code);
            raw.sound = true;
            raw.long.extend_from_slice(&inner.long);
            if raw.long.is_empty() {
                raw.long
                    .extend_from_slice(shown.get(..shown.len().min(4096)).unwrap_or_default());
            }
            return Ok(true);
        }
    }

    fn count(&mut self, at: usize, change: impl FnOnce(&mut FileCount)) {
        if let Some(count) = self.counts.get_mut(at) {
            change(count);
        }
    }

    /// Puts a line's cells where the joined table has them.
    fn arrange(&mut self, at: usize) {
        let into = self.tables.get(at).map_or(&[][..], |t| &t.into);
        if into.is_empty() {
            self.cells.resize(self.lines_width, String::new());
            return;
        }
        let mut cells = vec![String::new(); self.lines_width];
        for (cell, at) in std::mem::take(&mut self.cells).into_iter().zip(into) {
            if let Some(slot) = cells.get_mut(*at) {
                *slot = cell;
            }
        }
        self.cells = cells;
    }

    /// Appends what the tables beside say. Returns the name of the file that should have known the order.
    fn complete(&mut self) -> Option<String> {
        let mut missing = None;
        for lookup in &mut self.lookups {
            let key = self
                .cells
                .get(lookup.via)
                .map(|c| c.trim().to_owned())
                .unwrap_or_default();
            match lookup.rows.get(key.as_str()).copied() {
                Some(row) => {
                    let row = row as usize;
                    if let Some(asked) = lookup.asked.get_mut(row) {
                        *asked = true;
                    }
                    for at in 1..=lookup.width {
                        self.cells.push(lookup.cell(row, at).to_owned());
                    }
                }
                None => {
                    let cells = self.cells.len() + lookup.width;
                    self.cells.resize(cells, String::new());
                    if lookup.orders && !key.is_empty() {
                        missing = self.tables.get(lookup.table).map(|t| t.name.clone());
                    }
                }
            }
        }
        missing
    }

    fn write(&mut self, raw: &mut Raw) -> Result<(), UnpackError> {
        self.writer.begin();
        for cell in &self.cells {
            self.writer.cell(cell);
        }
        self.writer.end();
        self.written += self.writer.text.len() as u64;
        if self.written > self.limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        raw.end = self.writer.end;
        raw.sound = true;
        std::mem::swap(&mut raw.cells, &mut self.writer.cells);
        Ok(())
    }

    /// The next row of a table of lines.
    fn line(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        loop {
            if self.fact.is_none() {
                let Some(at) = self.facts.pop_front() else {
                    return Ok(false);
                };
                let source = self.source(at).map_err(|e| match e {
                    OpenError::Stopped(error) => error,
                    OpenError::Other(error) => UnpackError::Broken(error.to_string()),
                })?;
                self.fact = source.map(|source| (at, source));
            }
            let Some((at, source)) = &mut self.fact else {
                return Ok(false);
            };
            let at = *at;
            if source.next(&mut self.inner)? {
                let text = source.text(&self.inner).to_vec();
                self.take(at, text, raw)?;
                return Ok(true);
            }
            self.done += source.consumed();
            self.fact = None;
        }
    }

    fn take(&mut self, at: usize, text: Vec<u8>, raw: &mut Raw) -> Result<(), UnpackError> {
        let inner = &self.inner;
        raw.byte_start = inner.byte_start;
        raw.byte_end = inner.byte_end;
        raw.line_no = inner.line_no;
        raw.place.clone_from(&inner.place);
        raw.damage = inner.damage;
        raw.stray = inner.stray;
        raw.why = inner.why;
        raw.long.extend_from_slice(&inner.long);
        let (name, dialect, width) = match self.tables.get(at) {
            Some(t) => (t.name.clone(), t.table.cell_dialect(), t.columns.len()),
            None => return Ok(()),
        };
        raw.file = Some(name);
        let text = match std::str::from_utf8(&text) {
            Ok(text) if inner.sound && inner.damage.is_none() => text,
            _ => {
                let shown = text.get(..inner.end.min(text.len())).unwrap_or_default();
                if raw.long.is_empty() {
                    raw.long
                        .extend_from_slice(shown.get(..shown.len().min(4096)).unwrap_or_default());
                }
                raw.damage = raw.damage.or(Some(RejectCode::InvalidEncoding));
                raw.sound = true;
                self.count(at, |c| {
                    c.records += 1;
                    c.set_aside += 1;
                });
                return Ok(());
            }
        };
        self.cells = inner
            .cells
            .iter()
            .map(|c| unescape(text, c, &dialect).into_owned())
            .collect();
        let blank = self.cells.iter().all(|c| c.trim().is_empty());
        if self.cells.len() != width && !blank {
            // Of another width than the table: as it is, so that it is refused for that.
            let narrow = self.cells.len() < width;
            raw.long.extend_from_slice(
                text.get(..text.len().min(4096))
                    .unwrap_or_default()
                    .as_bytes(),
            );
            raw.damage = Some(if narrow {
                RejectCode::TooFewFields
            } else {
                RejectCode::TooManyFields
            });
            raw.sound = true;
            self.count(at, |c| {
                c.records += 1;
                c.set_aside += 1;
            });
            return Ok(());
        }
        self.cells.resize(width, String::new());
        if blank {
            self.cells.resize(self.width, String::new());
            return self.write(raw);
        }
        self.arrange(at);
        self.count(at, |c| c.records += 1);
        if let Some(missing) = self.complete() {
            self.count(at, |c| c.unmatched += 1);
            raw.damage = Some(RejectCode::OrderMissing);
            raw.about = missing;
        }
        self.write(raw)
    }

    /// The next order without lines.
    fn order(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        let (mut n, mut row) = self.rest.unwrap_or((0, 0));
        loop {
            let Some(lookup) = self.lookups.get(n) else {
                self.rest = Some((n, 0));
                return Ok(false);
            };
            if !lookup.orders || row >= lookup.asked.len() {
                (n, row) = (n + 1, 0);
                continue;
            }
            if lookup.asked.get(row) == Some(&true) {
                row += 1;
                continue;
            }
            let (table, via) = (lookup.table, lookup.via);
            let (key, line) = (
                lookup.cell(row, 0).to_owned(),
                lookup.lines.get(row).copied().unwrap_or(0),
            );
            self.rest = Some((n, row + 1));
            self.cells = vec![String::new(); self.lines_width];
            if let Some(slot) = self.cells.get_mut(via) {
                *slot = key;
            }
            self.complete();
            self.count(table, |c| c.unmatched += 1);
            let name = self.tables.get(table).map(|t| t.name.clone());
            let cancelled = self
                .status
                .and_then(|at| self.cells.get(at))
                .is_some_and(|status| cancels(status));
            raw.line_no = line;
            raw.byte_start = 0;
            raw.byte_end = 0;
            raw.file = name;
            if !cancelled {
                raw.damage = Some(RejectCode::ItemsMissing);
            }
            self.write(raw)?;
            return Ok(true);
        }
    }
}

impl RecordSource for JoinedRecords {
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        raw.clear();
        self.writer.begin();
        if self.rest.is_none() {
            if self.line(raw)? {
                return Ok(true);
            }
            self.rest = Some((0, 0));
        }
        if self.order(raw)? || self.refused(raw)? {
            return Ok(true);
        }
        // What nobody asked for is said, table by table.
        if !self.counted {
            self.counted = true;
            for lookup in self.lookups.iter().filter(|l| !l.orders) {
                let idle = lookup.asked.iter().filter(|a| !**a).count() as u64;
                if let Some(count) = self.counts.get_mut(lookup.table) {
                    count.unmatched += idle;
                }
            }
        }
        Ok(false)
    }

    fn text(&self, _raw: &Raw) -> &[u8] {
        self.writer.text.as_bytes()
    }

    fn consumed(&self) -> u64 {
        let current = self.fact.as_ref();
        let all: u64 = self.files.iter().map(Shared::length).sum();
        (self.done + current.map_or(0, |(_, source)| source.consumed())).min(all)
    }

    fn offset(&self) -> u64 {
        0
    }

    fn files(&self) -> Vec<FileCount> {
        self.counts.clone()
    }
}
