//! Any table at all, whatever it is about: its cells as text, with every record accounted for.

use crate::access::{RandomAccess, Shared};
use crate::cells;
use crate::compression::{Compression, UnpackError};
use crate::data_set::DataSet;
use crate::detect::{Seen, detect, lines};
use crate::dialect::Dialect;
use crate::error::{NotImportable, ReadError};
use crate::format::Format;
use crate::header::normalise;
use crate::number::Decimal;
use crate::open::{OpenError, Shape, open};
use crate::options::{Limits, Options};
use crate::profile::{ColumnKind, Profile};
use crate::record::{Place, RejectCode};
use crate::record_source::RecordSource;
use crate::records::stopped;
use crate::sample::Sample;
use crate::split::unescape;
use crate::splitter::Raw;
use serde::{Deserialize, Serialize};

/// How a table is read, without what its columns mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub format: Format,
    pub compression: Compression,
    /// Name of the file within a zip archive.
    pub entry: Option<String>,
    /// Name in the WHATWG Encoding Standard.
    pub encoding: String,
    /// Bytes of the byte order mark.
    pub bom: usize,
    pub dialect: Dialect,
    /// Of the columns; made up where the file has none.
    pub names: Vec<String>,
    pub kinds: Vec<ColumnKind>,
    pub limits: Limits,
}

/// What the file is and what its columns are called.
///
/// # Errors
/// A file that holds no table, or one that an import may not read.
pub fn table(sample: &Sample, name: &str, options: &Options) -> Result<Table, NotImportable> {
    let seen = match detect(sample, name, options) {
        Err(NotImportable::NotATable) => lines(sample, options)?,
        seen => seen?,
    };
    Ok(Table::of(&seen, sample, options))
}

/// One record of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// From 1.
    pub record: u64,
    /// As of a reject.
    pub line_no: u64,
    pub place: Option<Place>,
    pub byte_start: u64,
    pub byte_end: u64,
    /// As written, without quotes; a column each, fewer or more where the record is short or long.
    pub cells: Vec<String>,
    /// Fields that have no column, by name.
    pub more: Vec<(String, String)>,
    /// The record could not be cut into fields; `cells` then holds its text.
    pub damage: Option<RejectCode>,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        self.damage.is_none() && self.cells.iter().all(|c| c.trim().is_empty())
    }
}

impl Table {
    pub(crate) fn of(seen: &Seen, sample: &Sample, options: &Options) -> Self {
        Self {
            kinds: seen.profiles.iter().map(Profile::kind).collect(),
            format: seen.format.clone(),
            compression: sample.compression,
            entry: sample.entry.clone(),
            encoding: seen.encoding.clone(),
            bom: seen.bom,
            dialect: seen.dialect.clone(),
            names: seen.names.clone(),
            limits: options.limits,
        }
    }

    /// What the columns' names say the table is about.
    pub fn data_set(&self) -> DataSet {
        let names: Vec<String> = self.names.iter().map(|n| normalise(n)).collect();
        DataSet::of(&names)
    }

    pub(crate) fn shape(&self) -> Shape<'_> {
        Shape {
            format: &self.format,
            compression: self.compression,
            entry: self.entry.as_deref(),
            encoding: &self.encoding,
            bom: self.bom,
            dialect: &self.dialect,
            names: self.names.clone(),
            decimals: vec![Decimal::Point; self.names.len()],
            probe: None,
            limits: self.limits,
        }
    }

    /// How the cells of its records are quoted.
    pub(crate) fn cell_dialect(&self) -> Dialect {
        match self.format {
            Format::Delimited => self.dialect.clone(),
            _ => cells::dialect(self.names.len()),
        }
    }

    /// Goes through the file once.
    ///
    /// # Errors
    /// The file is damaged, or is not the one the table was made of.
    pub fn rows(&self, raw: impl RandomAccess) -> Result<Rows, ReadError> {
        let file = Shared::new(raw).map_err(ReadError::Io)?;
        let source = open(std::slice::from_ref(&file), self.shape()).map_err(|e| match e {
            OpenError::Stopped(error) => self.stopped(error, 0),
            OpenError::Other(error) => error,
        })?;
        Ok(Rows {
            dialect: self.cell_dialect(),
            table: self.clone(),
            source,
            raw: Raw::default(),
            record: 0,
            ended: false,
        })
    }

    fn stopped(&self, error: UnpackError, records: u64) -> ReadError {
        stopped(error, records, &self.limits)
    }
}

/// The records of a table, one by one.
pub struct Rows {
    table: Table,
    dialect: Dialect,
    source: Box<dyn RecordSource>,
    raw: Raw,
    record: u64,
    ended: bool,
}

impl Iterator for Rows {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.source.next(&mut self.raw) {
            Ok(true) => {}
            Ok(false) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                self.ended = true;
                return Some(Err(self.table.stopped(error, self.record)));
            }
        }
        self.record += 1;
        let raw = &self.raw;
        let text = self.source.text(raw);
        let mut row = Row {
            record: self.record,
            line_no: raw.line_no,
            place: raw.place.clone(),
            byte_start: raw.byte_start,
            byte_end: raw.byte_end,
            cells: Vec::new(),
            more: Vec::new(),
            damage: raw.damage,
        };
        match std::str::from_utf8(text) {
            Ok(text) if raw.damage.is_none() && raw.sound => {
                row.cells = raw
                    .cells
                    .iter()
                    .map(|cell| unescape(text, cell, &self.dialect).into_owned())
                    .collect();
                row.more = raw
                    .more
                    .iter()
                    .map(|(name, cell)| {
                        let value = unescape(text, cell, &self.dialect);
                        (name.clone(), value.into_owned())
                    })
                    .collect();
            }
            _ => {
                row.damage = row.damage.or(Some(RejectCode::InvalidEncoding));
                let shown = if raw.long.is_empty() {
                    text.get(..raw.end).unwrap_or_default()
                } else {
                    &raw.long
                };
                row.cells = vec![String::from_utf8_lossy(shown).into_owned()];
            }
        }
        Some(Ok(row))
    }
}
