//! Goes through a file once, by its plan: batches of lines, rejects and warnings, in constant memory.

use crate::access::{RandomAccess, Shared};
use crate::assemble::{Assembler, Emit, ToldAgain};
use crate::compression::UnpackError;
use crate::copies::Copies;
use crate::corrected::Occurrences;
use crate::data_set::DataSet;
use crate::error::ReadError;
use crate::field::Field;
use crate::format::Format;
use crate::header::normalise;
use crate::joined_records::FileCount;
use crate::judge::{damage, dropped, is_blank, likeness, not_data, row_hash, undecodable, width};
use crate::number::Decimal;
use crate::open::{OpenError, Shape, open};
use crate::options::Limits;
use crate::plan::{PLAN_VERSION, Plan};
use crate::record::{Batch, Counts, Line, Params, Reject, Span, Warning, WarningCode, params};
use crate::record_source::RecordSource;
use crate::row::{Fault, Layout, Row};
use crate::sections::Sections;
use crate::seen::Seen;
use crate::split::{Cell, unescape};
use crate::splitter::{Probe, Raw};
use std::borrow::Cow;
use std::io::Cursor;

/// Of a refused record's text.
const RAW_SHOWN: usize = 2048;

/// Reads `raw`, the file's bytes as stored, by `plan`. Unpacks and decodes by itself.
pub fn read<R: RandomAccess>(plan: &Plan, raw: R) -> Records {
    read_files(plan, vec![raw])
}

/// Reads the files of an upload that has several, in the order in which they were inspected.
pub fn read_files<R: RandomAccess>(plan: &Plan, raws: Vec<R>) -> Records {
    let files = raws
        .into_iter()
        .map(|raw| Shared::new(raw).map_err(ReadError::Io))
        .collect();
    records(plan, files)
}

pub(crate) fn records(plan: &Plan, files: Result<Vec<Shared>, ReadError>) -> Records {
    Records {
        layout: Layout::new(plan),
        assembler: Assembler::new(plan),
        header: plan.columns.iter().map(|c| normalise(&c.name)).collect(),
        plan: plan.clone(),
        state: match files {
            Ok(files) => State::New(files),
            Err(error) => State::Failed(error),
        },
        length: 0,
        files: Vec::new(),
        emit: Emit::new(plan),
        rejects: Vec::new(),
        counts: Counts::default(),
        cells: 0,
        taken: 0,
        data_end: 0,
        seen: Seen::default(),
        copies: Copies::default(),
        raw: Raw::default(),
        joined: String::new(),
        data_start: 0,
        spans: None,
        sections: Sections::default(),
    }
}

/// The batches of one file.
pub struct Records {
    plan: Plan,
    layout: Layout,
    assembler: Assembler,
    /// Normalised column names, to know a header that repeats.
    header: Vec<String>,
    state: State,
    /// Of the file.
    length: u64,
    files: Vec<FileCount>,
    emit: Emit,
    rejects: Vec<Reject>,
    counts: Counts,
    cells: u64,
    /// Bytes of text of the records so far.
    taken: u64,
    /// Hashes of the records met: one of the two, by whether equal ones are dropped.
    seen: Seen,
    copies: Copies,
    raw: Raw,
    /// Scratch.
    joined: String,
    data_start: u64,
    data_end: u64,
    /// Kept on request.
    spans: Option<Vec<Span>>,
    sections: Sections,
}

enum State {
    New(Vec<Shared>),
    Open(Box<dyn RecordSource>),
    /// Damage was met after good records, which are handed out first.
    Failed(ReadError),
    /// The file has ended; the last batch may still be due.
    Ended,
    /// An error was returned, or the last batch.
    Done,
}

/// Text of the records in one batch: a batch of long ones is short.
const BATCH_BYTES: u64 = 16 << 20;

impl Records {
    /// Makes every batch list where its records stand, accepted ones too.
    pub fn with_spans(mut self) -> Self {
        self.spans = Some(Vec::new());
        self
    }

    /// Lines of these orders and products have higher numbers.
    pub(crate) fn after(mut self, met: &Occurrences) -> Self {
        self.emit.after(met);
        self
    }

    /// Original offset of the first data record: behind byte order mark, preamble and header. Known after the first batch.
    pub fn data_start(&self) -> u64 {
        self.data_start
    }

    /// Original offset behind the last record read. What stands after it at the end of the file closes the list the
    /// records stood in.
    pub fn data_end(&self) -> u64 {
        self.data_end
    }

    /// What became of each file of an upload that has several. Complete after the last batch.
    pub fn files(&self) -> &[FileCount] {
        &self.files
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Records so far that are equal in every field to an earlier one: those of the counts, but known before the end.
    ///
    /// # Errors
    /// What was remembered of the records cannot be read.
    pub fn duplicates(&self) -> Result<u64, ReadError> {
        if self.plan.drop_duplicates {
            return Ok(self.counts.duplicates);
        }
        self.copies.count().map_err(ReadError::Io)
    }

    /// The next records, about `max` of them. `None` after the last.
    ///
    /// # Errors
    /// The file is damaged or over a limit; the batches before are good.
    pub fn next_batch(&mut self, max: usize) -> Result<Option<Batch>, ReadError> {
        let result = self.advance(max.max(1));
        match result {
            Ok(batch) => Ok(batch),
            Err(error) => {
                self.state = State::Done;
                Err(error)
            }
        }
    }

    fn advance(&mut self, max: usize) -> Result<Option<Batch>, ReadError> {
        if let State::New(files) = &self.state {
            let files = files.clone();
            self.open(&files)?;
        }
        if matches!(self.state, State::Done) {
            return Ok(None);
        }
        let mut read = 0;
        let mut failed = None;
        let before = self.taken;
        while read < max && self.emit.lines.len() < max && self.taken - before < BATCH_BYTES {
            match self.record() {
                Ok(true) => read += 1,
                Ok(false) => {
                    self.end()?;
                    break;
                }
                // What was read before the damage is handed out first.
                Err(error) if read > 0 => {
                    failed = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = failed {
            self.state = State::Failed(error);
        }
        if let State::Open(source) = &self.state {
            self.counts.bytes = source.consumed();
        }
        self.emit.number();
        self.seen.check().map_err(ReadError::Io)?;
        self.copies.check().map_err(ReadError::Io)?;
        self.emit.check().map_err(ReadError::Io)?;
        self.assembler.check().map_err(ReadError::Io)?;
        self.counts.lines = self.emit.count;
        // The next batch has about as many.
        let room = Vec::with_capacity(self.emit.lines.len());
        let batch = Batch {
            lines: std::mem::replace(&mut self.emit.lines, room),
            rows: std::mem::take(&mut self.emit.rows),
            rejects: std::mem::take(&mut self.rejects),
            warnings: std::mem::take(&mut self.emit.warnings),
            links: std::mem::take(&mut self.emit.people.links),
            spans: self.spans.as_mut().map(std::mem::take).unwrap_or_default(),
            counts: self.counts,
        };
        if matches!(self.state, State::Ended) {
            self.state = State::Done;
        }
        Ok(Some(batch))
    }

    fn open(&mut self, files: &[Shared]) -> Result<(), ReadError> {
        if self.plan.version != PLAN_VERSION {
            return Err(ReadError::OtherVersion {
                found: self.plan.version,
                expected: PLAN_VERSION,
            });
        }
        let source = open(files, shape(&self.plan)).map_err(|e| match e {
            OpenError::Stopped(error) => self.stopped(error),
            OpenError::Other(error) => error,
        })?;
        self.data_start = source.offset();
        self.data_end = self.data_start;
        self.length = files.iter().map(Shared::length).sum();
        self.state = State::Open(source);
        Ok(())
    }

    fn stopped(&self, error: UnpackError) -> ReadError {
        stopped(error, self.counts.records, &self.plan.limits)
    }

    /// Takes one record. `false` at the end.
    fn record(&mut self) -> Result<bool, ReadError> {
        let source = match &mut self.state {
            State::Open(source) => source,
            State::Failed(_) => {
                let State::Failed(error) = std::mem::replace(&mut self.state, State::Done) else {
                    return Ok(false);
                };
                return Err(error);
            }
            _ => return Ok(false),
        };
        match source.next(&mut self.raw) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => return Err(self.stopped(error)),
        }
        if let Some(reasons) = &self.plan.reasons {
            reasons.strip(&mut self.raw.cells);
        }
        self.cells += self.raw.cells.len() as u64;
        if self.cells > self.plan.limits.cells {
            return Err(ReadError::TooManyCells {
                limit: self.plan.limits.cells,
            });
        }
        self.counts.records += 1;
        self.emit.record = self.counts.records;
        self.emit.line_no = self.raw.line_no;
        self.emit.warned = false;
        if let Some(told) = &mut self.emit.told_again {
            told.record(self.counts.records, self.raw.file.as_deref());
        }
        if let Some(spans) = &mut self.spans {
            spans.push(Span {
                record: self.counts.records,
                byte_start: self.raw.byte_start,
                byte_end: self.raw.byte_end,
            });
        }
        self.data_end = self.raw.byte_end;
        let text = source.text(&self.raw);
        let bytes = text.get(..self.raw.end).unwrap_or_default();
        self.taken += text.len() as u64;
        let decoded = simdutf8::basic::from_utf8(text);
        let mut placed = Ok(());
        if !self.sections.is_own()
            && let Ok(text) = decoded
        {
            if self.plan.format == Format::Delimited {
                self.raw.more.clear();
            }
            let texts = texts(text, &self.raw.cells, &self.plan);
            let blank = texts.iter().all(|text| text.trim().is_empty());
            let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            // The table's own header brings its own columns back.
            if !blank
                && !self.sections.repeats(&texts, &self.header)
                && !self.sections.returns(&texts, &self.plan.columns)
            {
                let header = &self.header;
                let (columns, line) = (&self.plan.columns, self.raw.line_no);
                placed = match self.sections.refused(&texts, header, columns, line) {
                    Some(fault) => Err(fault),
                    None => {
                        let raw = &mut self.raw;
                        self.sections.place(&mut raw.cells, &mut raw.more)
                    }
                };
            }
        }
        let outcome = match decoded {
            _ if self.raw.damage.is_some() => Err(damage(&self.raw)),
            Ok(_) if placed.is_err() => placed,
            Ok(text) if self.raw.sound => {
                let row = Row {
                    record: self.counts.records,
                    text,
                    cells: &self.raw.cells,
                    layout: &self.layout,
                    plan: &self.plan,
                    more: &self.raw.more,
                    group: self.raw.group,
                };
                if is_blank(row) {
                    self.counts.blank += 1;
                    self.sections.blank();
                    return Ok(true);
                }
                let hash = likeness(row, &mut self.joined);
                // Of orders without a number it becomes one.
                if !self.layout.has(Field::OrderId) {
                    self.emit.fingerprint = row_hash(row);
                }
                // Only where it decides about the record must it be known at once.
                if !self.plan.drop_duplicates {
                    self.copies.push(hash);
                }
                if self.plan.drop_duplicates && !self.seen.insert(hash) {
                    self.counts.duplicates += 1;
                    Err(dropped())
                } else {
                    take(row, &mut self.assembler, &mut self.emit, self.raw.stray).map_err(
                        |fault| {
                            // A refused record leaves no warning behind; lines are emitted last of all.
                            let this = self.emit.record;
                            while self.emit.warnings.last().is_some_and(|w| w.record == this) {
                                self.emit.warnings.pop();
                            }
                            let texts = texts(text, &self.raw.cells, &self.plan);
                            let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
                            let (columns, line) = (&self.plan.columns, self.raw.line_no);
                            let header = &self.header;
                            let sections = &mut self.sections;
                            let tables = self.plan.format.has_tables();
                            not_data(row, header)
                                .inspect(|_| sections.note(&texts))
                                .or_else(|| {
                                    if !tables {
                                        return None;
                                    }
                                    sections.refused(&texts, header, columns, line)
                                })
                                .unwrap_or(fault)
                        },
                    )
                }
            }
            _ => Err(undecodable(&self.plan)),
        };
        match outcome {
            Ok(()) => {
                self.sections.taken();
                self.counts.accepted += 1;
                self.counts.warned += u64::from(self.emit.warned);
            }
            Err(fault) => {
                self.counts.rejected += 1;
                let shown = if self.raw.long.is_empty() {
                    bytes
                } else {
                    &self.raw.long
                };
                self.rejects.push(Reject {
                    record: self.counts.records,
                    line_no: self.raw.line_no,
                    file: self.raw.file.clone(),
                    place: self.raw.place.clone(),
                    byte_start: self.raw.byte_start,
                    byte_end: self.raw.byte_end,
                    column: fault
                        .column
                        .and_then(|at| self.plan.columns.get(at))
                        .map(|c| c.name.clone()),
                    raw: shorten(shown),
                    code: fault.code,
                    params: fault.params,
                    message: fault.message,
                    suggestion: fault.suggestion,
                });
            }
        }
        Ok(true)
    }

    /// Holds back nothing: open orders are emitted, and what was odd about the file as a whole is said.
    fn end(&mut self) -> Result<(), ReadError> {
        self.counts.duplicates = self.duplicates()?;
        self.emit.number();
        let mut left_out = None;
        if let State::Open(source) = &self.state {
            left_out = source.left_out();
            self.files = source.files();
            self.counts.bytes = self.length;
        }
        self.state = State::Ended;
        self.assembler.finish(&mut self.emit);
        let mut whole = |code, params, message| {
            self.emit.warnings.push(Warning {
                record: 0,
                line_no: 0,
                column: None,
                code,
                params,
                message,
            });
        };
        if let Some((bytes, shown)) = left_out {
            whole(
                WarningCode::LeftOut,
                params([("bytes", &bytes.to_string()), ("shown", &shown)]),
                format!(
                    "Behind the list of records the file holds something else, which was not read: {shown}"
                ),
            );
        }
        match self.counts.duplicates {
            0 => {}
            _ if self.plan.drop_duplicates => {}
            1 => whole(
                WarningCode::Duplicates,
                params([("count", "1")]),
                "1 row is equal in every column to an earlier row. It is kept as a line of its own; such rows can be dropped by importing with that choice.".to_owned(),
            ),
            n => whole(
                WarningCode::Duplicates,
                params([("count", &n.to_string())]),
                format!("{n} rows are equal in every column to an earlier row. They are kept as lines of their own; they can be dropped by importing with that choice."),
            ),
        }
        match self.emit.said_twice {
            0 => {}
            n => whole(
                WarningCode::SaidTwice,
                params([("count", &n.to_string())]),
                format!(
                    "{n} of the file's rows are about something that an earlier row is about already, and say it differently. The last one counts."
                ),
            ),
        }
        let told_again = self.emit.told_again.as_ref();
        match told_again.map_or(0, ToldAgain::count) {
            0 => {}
            n => whole(
                WarningCode::ToldAgain,
                params([("count", &n.to_string())]),
                format!(
                    "{n} orders stand in several of the files. What the file with the newest orders says of them counts."
                ),
            ),
        }
        let of = match self.emit.tax_included {
            0 => return Ok(()),
            1 => "1 order".to_owned(),
            n => format!("{n} orders"),
        };
        whole(
            WarningCode::TaxIncluded,
            params([("count", &self.emit.tax_included.to_string())]),
            format!(
                "The prices of {of} include tax. It was taken out of gross and net sales and of shipping in proportion, and counts once."
            ),
        );
        Ok(())
    }
}

/// The cells of a record.
fn texts<'a>(text: &'a str, cells: &[Cell], plan: &Plan) -> Vec<Cow<'a, str>> {
    let cell = |cell| unescape(text, cell, &plan.dialect);
    cells.iter().map(cell).collect()
}

/// How the file is read by the plan.
pub(crate) fn shape(plan: &Plan) -> Shape<'_> {
    let columns = plan.in_file();
    let style = plan.columns.first().map_or(Decimal::Point, |c| c.decimal);
    // Further rows of a Shopify order have no date, and are not told apart so.
    let dated = match plan.data_set {
        DataSet::Orders => Some(Field::Date),
        other => other
            .required()
            .iter()
            .flat_map(|part| part.iter())
            .copied()
            .find(|field| other.field(*field).is_some_and(|spec| spec.kind.is_date())),
    };
    let probe = columns.iter().enumerate().find_map(|(column, c)| {
        let format = c.filter(|c| c.field.is_some() && c.field == dated)?.date?;
        Some(Probe { column, format })
    });
    Shape {
        format: &plan.format,
        compression: plan.compression,
        entry: plan.entry.as_deref(),
        encoding: &plan.encoding,
        bom: plan.bom,
        dialect: &plan.dialect,
        names: columns
            .iter()
            .map(|c| c.map(|c| c.name.clone()).unwrap_or_default())
            .collect(),
        decimals: columns
            .iter()
            .map(|c| c.map_or(style, |c| c.decimal))
            .collect(),
        probe,
        limits: plan.limits,
    }
}

/// Why reading stopped, after so many records.
pub(crate) fn stopped(error: UnpackError, records: u64, limits: &Limits) -> ReadError {
    match error {
        UnpackError::Truncated => ReadError::TruncatedGzip { records },
        UnpackError::Damaged => ReadError::DamagedGzip { records },
        UnpackError::DamagedEntry => ReadError::DamagedZip { records },
        UnpackError::Broken(what) => ReadError::Broken { what, records },
        UnpackError::TooLarge => ReadError::TooLarge {
            limit: limits.expanded_bytes,
        },
        UnpackError::TooDense => ReadError::TooDense {
            limit: limits.ratio,
        },
        UnpackError::Io(error) => ReadError::Io(error),
    }
}

fn take(
    row: Row<'_>,
    assembler: &mut Assembler,
    emit: &mut Emit,
    stray: bool,
) -> Result<(), Fault> {
    width(row, emit)?;
    if stray {
        emit.warn(
            WarningCode::StrayQuote,
            None,
            Params::new(),
            "A quotation mark stands where none belongs. The row was read by its separators; check its text.".to_owned(),
        );
    }
    assembler.take(row, emit)
}

fn shorten(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(
        bytes
            .get(..bytes.len().min(RAW_SHOWN + 4))
            .unwrap_or_default(),
    );
    let end = crate::sniff::floor(&text, RAW_SHOWN);
    text.get(..end).unwrap_or_default().to_owned()
}

impl Iterator for Records {
    type Item = Result<Batch, ReadError>;

    /// Batches of 8,192 records.
    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch(8192).transpose()
    }
}

/// All lines at once, for tests and small files.
pub fn read_all(plan: &Plan, bytes: &[u8]) -> Result<Batch, ReadError> {
    let mut all = Batch::default();
    let mut lines: Vec<Line> = Vec::new();
    for batch in read(plan, Cursor::new(bytes.to_vec())) {
        let mut batch = batch?;
        lines.append(&mut batch.lines);
        all.rows.append(&mut batch.rows);
        all.rejects.append(&mut batch.rejects);
        all.warnings.append(&mut batch.warnings);
        all.links.append(&mut batch.links);
        all.spans.append(&mut batch.spans);
        all.counts = batch.counts;
    }
    all.lines = lines;
    Ok(all)
}
