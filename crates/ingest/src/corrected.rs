//! Refused records on their way out, to be mended, and on their way back in.
//!
//! A file of refused records has the columns of its upload and, beside them, [`REASONS`]. Sent again, it is read by
//! the plan of the upload it belongs to, and its lines get the numbers that they would have had there.

use crate::access::{RandomAccess, Shared};
use crate::correction::corrections;
use crate::detect::{Seen, detect};
use crate::error::{NotImportable, ReadError};
use crate::field::Field;
use crate::format::Format;
use crate::hash::StableHash;
use crate::header::{fingerprint, normalise};
use crate::inspect::{assume, columns};
use crate::inspection::Inspection;
use crate::mapping::Match;
use crate::open::{OpenError, open};
use crate::options::Options;
use crate::plan::{Measure, Plan, PlanColumn};
use crate::profile::Profile;
use crate::record::{Line, RejectCode};
use crate::record_source::RecordSource;
use crate::records::{Records, records, shape, stopped};
use crate::row::{Layout, Row};
use crate::sample::Sample;
use crate::source::Source;
use crate::split::{Cell, unescape};
use crate::splitter::Raw;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// Columns of a file of refused records, behind those of the upload: which upload and record, in which file, line, place
/// and bytes, the column at fault and its value, why, what to do, and the record's text where it cannot be cut into fields.
pub const REASONS: [&str; 12] = [
    "sr360_upload",
    "sr360_record",
    "sr360_file",
    "sr360_line",
    "sr360_place",
    "sr360_bytes",
    "sr360_column",
    "sr360_value",
    "sr360_code",
    "sr360_message",
    "sr360_suggestion",
    "sr360_text",
];

/// Where those columns stand. They say nothing of orders, and are taken out of each record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// In rising order.
    pub columns: Vec<usize>,
    /// The one with the record's number in the upload it was refused in.
    pub record: Option<usize>,
}

impl Reasons {
    pub(crate) fn of(names: &[String]) -> Self {
        let is = |name: &String, wanted: &str| normalise(name) == normalise(wanted);
        Self {
            columns: (0..names.len())
                .filter(|at| {
                    let name = names.get(*at);
                    name.is_some_and(|name| REASONS.iter().any(|reason| is(name, reason)))
                })
                .collect(),
            record: names.iter().position(|name| is(name, REASONS[1])),
        }
    }

    pub(crate) fn strip(&self, cells: &mut Vec<Cell>) {
        let mut at = 0;
        cells.retain(|_| {
            at += 1;
            !self.columns.contains(&(at - 1))
        });
    }
}

/// What an apostrophe was put before, on the way out, so that no spreadsheet runs it as a formula.
pub(crate) fn as_it_was(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| rest.starts_with(['=', '+', '-', '@']))
        .unwrap_or(text)
}

/// The upload whose refused records the file holds, as its columns say. `None`: it is no such file.
///
/// # Errors
/// It holds those of several.
pub fn corrects(
    sample: &Sample,
    name: &str,
    options: &Options,
) -> Result<Option<String>, NotImportable> {
    let Ok(seen) = detect(sample, name, options) else {
        return Ok(None);
    };
    let upload = normalise(REASONS[0]);
    let found = seen
        .names
        .iter()
        .zip(&seen.profiles)
        .find(|(name, _)| normalise(name) == upload);
    match found.map(|(_, profile)| profile.samples.as_slice()) {
        None | Some([]) => Ok(None),
        Some([one]) => Ok(Some(one.trim().to_owned())),
        Some(_) => Err(NotImportable::Damaged {
            what: "The file",
            reason: "it holds refused records of several uploads".to_owned(),
            next: "Send the refused records of each upload as a file of their own.",
        }),
    }
}

/// What a corrected file is, by the plan of the upload it belongs to: nothing is asked again.
///
/// # Errors
/// As of [`crate::inspect()`]; and where a column is missing that the plan reads.
pub fn inspect_corrected(
    sample: &Sample,
    name: &str,
    options: &Options,
    parent: &Plan,
) -> Result<Inspection, NotImportable> {
    let seen = detect(sample, name, options)?;
    if !matches!(seen.format, Format::Delimited | Format::Workbook { .. }) {
        return Err(NotImportable::NotATable);
    }
    let reasons = Reasons::of(&seen.names);
    let own = |at: &usize| !reasons.columns.contains(at);
    let names: Vec<String> = kept(&seen.names, own);
    let profiles: Vec<Profile> = kept(&seen.profiles, own);
    let plan_columns = plan_columns(&names, parent)?;
    let matches: Vec<Match> = plan_columns
        .iter()
        .map(|column| Match {
            field: column.field,
            confidence: 1.0,
            alternatives: Vec::new(),
        })
        .collect();
    let left_out: Vec<bool> = plan_columns.iter().map(|column| column.ignored).collect();
    let plan = Plan {
        format: seen.format.clone(),
        compression: sample.compression,
        entry: sample.entry.clone(),
        encoding: seen.encoding.clone(),
        bom: seen.bom,
        dialect: seen.dialect.clone(),
        columns: plan_columns,
        corrections: corrections(&options.decisions, names.len())?,
        limits: options.limits,
        reasons: Some(reasons),
        ..parent.clone()
    };
    let Seen {
        format,
        encoding,
        encoding_confidence,
        dialect,
        confidence,
        mut assumptions,
        ..
    } = seen;
    assumptions.push(assume(
        "corrects",
        "The file holds refused records of an earlier upload: it is read as that one was, and completes it.",
    ));
    Ok(Inspection {
        name: name.to_owned(),
        bytes: sample.length,
        compression: sample.compression,
        format,
        entry: sample.entry.clone(),
        encoding,
        encoding_confidence,
        dialect,
        dialect_confidence: confidence,
        columns: columns(&names, &profiles, &matches, &left_out),
        source: parent.source,
        data_set: parent.data_set,
        clock: None,
        fingerprint: fingerprint(&names),
        questions: Vec::new(),
        assumptions,
        answered: Vec::new(),
        remembered: Vec::new(),
        plan: Some(plan),
    })
}

fn kept<T: Clone>(all: &[T], own: impl Fn(&usize) -> bool) -> Vec<T> {
    (0..all.len())
        .filter(own)
        .filter_map(|at| all.get(at).cloned())
        .collect()
}

/// Columns as the parent reads them, in the order of this file.
fn plan_columns(names: &[String], parent: &Plan) -> Result<Vec<PlanColumn>, NotImportable> {
    let mut left: Vec<&PlanColumn> = parent.columns.iter().collect();
    let found = names
        .iter()
        .map(|name| {
            let same = |column: &&PlanColumn| normalise(&column.name) == normalise(name);
            match left.iter().position(same) {
                Some(at) => left.remove(at).clone(),
                None => PlanColumn {
                    name: name.clone(),
                    field: None,
                    ignored: false,
                    decimal: parent
                        .columns
                        .first()
                        .map_or(crate::Decimal::Point, |c| c.decimal),
                    date: None,
                    measure: Measure::Plain,
                },
            }
        })
        .collect();
    let missing: Vec<Field> = left.iter().filter_map(|column| column.field).collect();
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(NotImportable::MissingColumns {
            fields: missing,
            columns: names.to_vec(),
        })
    }
}

/// How often an order and product was met before: the next line of it has the next number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Occurrences(FxHashMap<u64, u32>, FxHashSet<u64>);

impl Occurrences {
    fn count(&mut self, line: &Line) {
        let met = self.0.entry(occurrence(line)).or_default();
        *met = line.line.max(*met);
        self.1.insert(order(&line.order_id));
    }

    pub fn is_empty(&self) -> bool {
        self.1.is_empty()
    }

    /// Of orders that have lines.
    pub fn orders(&self) -> &FxHashSet<u64> {
        &self.1
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.0.iter().map(|(key, met)| (*key, *met))
    }
}

pub(crate) fn order(id: &str) -> u64 {
    StableHash::default().text(id).finish()
}

/// What lines share that are told apart by their number.
fn occurrence(line: &Line) -> u64 {
    let hash = StableHash::default().text(&line.order_id);
    Product::of(line, hash).occurrence()
}

/// An order's product, on its way there or back.
#[derive(Clone, Copy)]
pub(crate) struct Product {
    hash: StableHash,
    goes_back: bool,
}

impl Product {
    /// `order`: of the order's number.
    pub fn of(line: &Line, order: StableHash) -> Self {
        Self {
            hash: order.text(line.product()),
            goes_back: line.goes_back(),
        }
    }

    /// What its lines share.
    pub fn occurrence(self) -> u64 {
        self.directed(self.hash)
    }

    /// Of its line with this number.
    pub fn key(self, line: u32) -> u64 {
        self.directed(self.hash.int(i64::from(line)))
    }

    fn directed(self, hash: StableHash) -> u64 {
        let hash = if self.goes_back { hash.int(1) } else { hash };
        hash.finish()
    }
}

/// Reads an upload that completes others, the oldest first in `chain` and itself the last: its lines do not take
/// the numbers of lines that those have and it does not replace. A chain of one is read as it is.
///
/// # Errors
/// One of the earlier files is damaged, or is not the one its plan was made of.
pub fn read_corrected<R: RandomAccess>(chain: Vec<(Plan, Vec<R>)>) -> Result<Records, ReadError> {
    let mut links = Vec::new();
    for (plan, files) in chain {
        let files = files.into_iter().map(Shared::new);
        let files: Vec<Shared> = files.collect::<Result<_, _>>().map_err(ReadError::Io)?;
        links.push((plan, files));
    }
    let mut met = Occurrences::default();
    for pair in links.windows(2) {
        let [(plan, files), (next, later)] = pair else {
            continue;
        };
        let replaced = replaced(next, later)?;
        let mut earlier = records(plan, Ok(files.clone())).after(&met);
        while let Some(batch) = earlier.next_batch(8192)? {
            for line in &batch.lines {
                if !replaced.contains(&line.record) {
                    met.count(line);
                }
            }
        }
    }
    match links.pop() {
        Some((plan, files)) => Ok(records(&plan, Ok(files)).after(&met)),
        None => Err(ReadError::Io(std::io::ErrorKind::NotFound.into())),
    }
}

/// Numbers, in the upload that refused them, of the records of a corrected file.
fn replaced(plan: &Plan, files: &[Shared]) -> Result<FxHashSet<u64>, ReadError> {
    let mut numbers = FxHashSet::default();
    let Some(column) = plan.reasons.as_ref().and_then(|reasons| reasons.record) else {
        return Ok(numbers);
    };
    let mut source = source(plan, files)?;
    let mut raw = Raw::default();
    while source.next(&mut raw).map_err(|e| halted(e, plan))? {
        let text = std::str::from_utf8(source.text(&raw)).unwrap_or_default();
        if let Some(cell) = raw.cells.get(column)
            && let Ok(number) = unescape(text, cell, &plan.dialect).trim().parse()
        {
            numbers.insert(number);
        }
    }
    Ok(numbers)
}

fn halted(error: crate::compression::UnpackError, plan: &Plan) -> ReadError {
    stopped(error, 0, &plan.limits)
}

fn source(plan: &Plan, files: &[Shared]) -> Result<Box<dyn RecordSource>, ReadError> {
    open(files, shape(plan)).map_err(|e| match e {
        OpenError::Stopped(error) => halted(error, plan),
        OpenError::Other(error) => error,
    })
}

/// A record as a person mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub record: u64,
    pub line_no: u64,
    pub file: Option<String>,
    /// One for each of the plan's columns; corrected values as they were corrected.
    pub cells: Vec<String>,
    /// Where the record does not fit the columns.
    pub text: Option<String>,
}

/// Of the files of an upload, read by its plan, the records with these numbers: one after another. Where an order's
/// records are read together (Shopify), all of an order are there, so that the whole order is read again.
///
/// # Errors
/// The file is damaged, or is not the one the plan was made of.
pub fn refused<R: RandomAccess>(
    plan: &Plan,
    files: Vec<R>,
    numbers: Vec<u64>,
) -> Result<RefusedRecords, ReadError> {
    let files: Vec<Shared> = files
        .into_iter()
        .map(Shared::new)
        .collect::<Result<_, _>>()
        .map_err(ReadError::Io)?;
    let mut found = RefusedRecords {
        source: source(plan, &files)?,
        layout: Layout::new(plan),
        plan: plan.clone(),
        numbers: numbers.into_iter().collect(),
        orders: FxHashSet::default(),
        order: String::new(),
        record: 0,
        raw: Raw::default(),
    };
    if plan.source == Source::Shopify {
        let mut orders = FxHashSet::default();
        while let Some(number) = found.advance()? {
            if found.numbers.contains(&number) {
                orders.insert(found.order.clone());
            }
        }
        // A record without an order's number belongs to no order.
        orders.remove("");
        found.orders = orders;
        found.source = source(plan, &files)?;
        found.record = 0;
        found.order.clear();
    }
    Ok(found)
}

/// See [`refused`].
pub struct RefusedRecords {
    plan: Plan,
    layout: Layout,
    source: Box<dyn RecordSource>,
    numbers: FxHashSet<u64>,
    /// Orders that are wanted whole.
    orders: FxHashSet<String>,
    /// The one at hand.
    order: String,
    record: u64,
    raw: Raw,
}

impl RefusedRecords {
    fn advance(&mut self) -> Result<Option<u64>, ReadError> {
        let more = self
            .source
            .next(&mut self.raw)
            .map_err(|e| halted(e, &self.plan))?;
        if !more {
            return Ok(None);
        }
        self.record += 1;
        if let Some(reasons) = &self.plan.reasons {
            reasons.strip(&mut self.raw.cells);
        }
        if self.plan.source == Source::Shopify {
            let order = self
                .row()
                .map(|row| row.text(Field::OrderId).into_owned())
                .unwrap_or_default();
            if !order.is_empty() {
                self.order = order;
            }
        }
        Ok(Some(self.record))
    }

    /// `None`: it could not be cut into fields.
    fn row(&self) -> Option<Row<'_>> {
        let whole = matches!(
            self.raw.damage,
            None | Some(RejectCode::OrderMissing | RejectCode::ItemsMissing)
        );
        if !whole || !self.raw.sound || self.raw.cells.is_empty() {
            return None;
        }
        Some(Row {
            record: self.record,
            text: std::str::from_utf8(self.source.text(&self.raw)).ok()?,
            cells: &self.raw.cells,
            layout: &self.layout,
            plan: &self.plan,
            more: &self.raw.more,
            group: self.raw.group,
        })
    }

    fn shown(&self) -> Refused {
        let width = self.plan.columns.len();
        let cells = match self.row() {
            Some(row) => (0..width).map(|at| row.cell(at).into_owned()).collect(),
            None => vec![String::new(); width],
        };
        let fits = self.row().is_some_and(|row| row.cells.len() == width);
        let text = self.source.text(&self.raw);
        let text = if self.raw.long.is_empty() {
            text.get(..self.raw.end).unwrap_or(text)
        } else {
            &self.raw.long
        };
        Refused {
            record: self.record,
            line_no: self.raw.line_no,
            file: self.raw.file.clone(),
            cells,
            text: (!fits).then(|| String::from_utf8_lossy(text).into_owned()),
        }
    }
}

impl Iterator for RefusedRecords {
    type Item = Result<Refused, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.advance() {
                Ok(None) => return None,
                Ok(Some(number)) => {
                    if self.numbers.contains(&number) || self.orders.contains(&self.order) {
                        return Some(Ok(self.shown()));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
