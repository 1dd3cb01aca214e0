//! Parquet files: their footer, what reading them would cost, and their records.

mod assemble;
mod delta;
mod leaf;
mod pages;
mod render;
mod thrift;

use crate::access::Shared;
use crate::error::NotImportable;
use crate::json::Value;
use crate::options::Limits;
use assemble::{Node, root};
pub(crate) use leaf::Leaf;
use pages::Chunk;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use std::panic::catch_unwind;
use thrift::Compact;

/// Of the footer: a table of some thousand columns and row groups has a few megabytes.
const FOOTER_BYTES: u64 = 24 << 20;
/// Memory that the pages read at one time may take.
const HELD_BYTES: u64 = 160 << 20;
const MAGIC: &[u8] = b"PAR1";

pub(crate) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(b"PARE")
}

fn damaged(reason: impl Into<String>) -> NotImportable {
    NotImportable::Damaged {
        what: "The Parquet file",
        reason: reason.into(),
        next: "Export it again and upload the new file.",
    }
}

fn heavy(what: impl Into<String>) -> NotImportable {
    NotImportable::TooHeavy {
        what: what.into(),
        next: "Write the table with smaller pages, or export it as CSV, and upload that file.",
    }
}

/// A Parquet file that was looked at and may be read.
pub(crate) struct Columnar {
    file: Shared,
    meta: ParquetMetaData,
    root: Node,
    /// By row group, by column: whether values are written as what they add to the one before.
    chained: Vec<Vec<bool>>,
}

impl Columnar {
    /// Reads the footer and walks the page headers. Nothing is unpacked: what would not fit is refused here.
    pub fn open(file: Shared, limits: &Limits) -> Result<Self, NotImportable> {
        let meta = footer(&file)?;
        let columns = meta.file_metadata().schema_descr().num_columns();
        if columns > limits.columns {
            return Err(NotImportable::TooManyColumns {
                columns,
                limit: limits.columns,
            });
        }
        let rows = meta
            .row_groups()
            .iter()
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .fold(0_u64, u64::saturating_add);
        let cells = rows.saturating_mul(columns.max(1) as u64);
        if cells > limits.cells {
            return Err(heavy(format!(
                "The table has {rows} rows and {columns} columns"
            )));
        }
        let root = root(meta.file_metadata().schema_descr().root_schema());
        let mut columnar = Self {
            file,
            meta,
            root,
            chained: Vec::new(),
        };
        columnar.survey(limits)?;
        Ok(columnar)
    }

    fn survey(&mut self, limits: &Limits) -> Result<(), NotImportable> {
        let (mut bytes, mut values) = (0_u64, 0_u64);
        for group in 0..self.meta.num_row_groups() {
            let (mut held, mut repeated) = (0_u64, 0_u64);
            let mut chained = Vec::new();
            // A row group of nothing has no pages, and may point anywhere.
            let columns = if self.rows(group) == 0 {
                0
            } else {
                self.columns()
            };
            for column in 0..columns {
                let chunk = self.chunk(group, column)?;
                let survey = chunk.survey().map_err(|e| damaged(reason(&e)))?;
                bytes = bytes.saturating_add(survey.bytes);
                values = values.saturating_add(survey.values);
                held = held.saturating_add(survey.held);
                if chunk.repeated() {
                    repeated = repeated.saturating_add(survey.values);
                }
                chained.push(survey.chained);
            }
            if held > HELD_BYTES {
                return Err(heavy(format!(
                    "The Parquet file unpacks to {} MB at a time",
                    held >> 20
                )));
            }
            if repeated > 20_000_000 {
                return Err(heavy("A row group of the Parquet file has very long lists"));
            }
            self.chained.push(chained);
        }
        if bytes > limits.expanded_bytes {
            return Err(NotImportable::TooLarge {
                bytes,
                limit: limits.expanded_bytes,
            });
        }
        if values > limits.cells.saturating_mul(2) {
            return Err(heavy(
                "The Parquet file has more values than an import takes",
            ));
        }
        if bytes > 16 << 20 && bytes / self.file.length().max(1) > limits.ratio {
            return Err(NotImportable::TooDense {
                limit: limits.ratio,
            });
        }
        Ok(())
    }

    pub fn columns(&self) -> usize {
        self.meta.file_metadata().schema_descr().num_columns()
    }

    pub fn row_groups(&self) -> usize {
        self.meta.num_row_groups()
    }

    /// Rows of a row group, as the footer says.
    pub fn rows(&self, group: usize) -> u64 {
        self.meta
            .row_groups()
            .get(group)
            .and_then(|g| u64::try_from(g.num_rows()).ok())
            .unwrap_or(0)
    }

    fn chunk(&self, group: usize, column: usize) -> Result<Chunk, NotImportable> {
        let meta = self
            .meta
            .row_groups()
            .get(group)
            .and_then(|g| g.columns().get(column))
            .ok_or_else(|| damaged("a row group lacks a column"))?;
        if meta.file_path().is_some_and(|path| !path.is_empty()) {
            return Err(NotImportable::Unsupported {
                what: "A Parquet file whose columns stand in other files".to_owned(),
                next: "Export the table as one file and upload that.",
            });
        }
        if meta.compression() == Compression::LZO {
            return Err(NotImportable::Unsupported {
                what: "A Parquet file packed with LZO".to_owned(),
                next: "Write it with Snappy, Zstandard or gzip and upload that file.",
            });
        }
        let offset = |n: i64| u64::try_from(n).map_err(|_| damaged("a column stands nowhere"));
        let data = offset(meta.data_page_offset())?;
        // Some writers say 0 where they mean none.
        let start = match meta.dictionary_page_offset() {
            Some(n) if n > 0 && data > 0 => offset(n)?.min(data),
            Some(n) if n > 0 => offset(n)?,
            _ => data,
        };
        let end = start
            .checked_add(offset(meta.compressed_size())?)
            .filter(|end| *end <= self.file.length())
            .ok_or_else(|| damaged("a column goes on beyond the end of the file"))?;
        Ok(Chunk {
            file: self.file.clone(),
            start,
            end,
            codec: meta.compression(),
            max_def: meta.column_descr().max_def_level(),
            max_rep: meta.column_descr().max_rep_level(),
        })
    }

    /// Readers of a row group's columns.
    pub fn group(&self, group: usize) -> Result<Vec<Leaf>, NotImportable> {
        (0..self.columns())
            .map(|column| {
                let chunk = self.chunk(group, column)?;
                let descr = self.meta.file_metadata().schema_descr().column(column);
                let chained = self.chained.get(group).and_then(|c| c.get(column));
                Ok(Leaf::new(descr, chunk, chained == Some(&true)))
            })
            .collect()
    }

    /// The next record of a row group. `None`: its columns have ended.
    pub fn record(&self, leaves: &mut [Leaf]) -> Result<Option<Value<'_>>, String> {
        let Some(first) = leaves.first_mut() else {
            return Ok(None);
        };
        if first.ended().map_err(|e| reason(&e))? {
            return Ok(None);
        }
        let value = self.root.record(leaves).map_err(|e| reason(&e))?;
        if leaves.iter().any(|leaf| leaf.uneven) {
            return Err("its columns have different numbers of values".to_owned());
        }
        Ok(Some(value))
    }

    /// Some records from the beginning, and from row groups all over the file.
    pub fn sample(&self) -> Result<Vec<Value<'static>>, NotImportable> {
        const FIRST: usize = 2000;
        const OTHERS: usize = 200;
        let groups = self.row_groups();
        let step = groups.div_ceil(8).max(1);
        let (mut values, mut room) = (Vec::new(), 16_u64 << 20);
        for group in (0..groups).step_by(step) {
            if self.rows(group) == 0 {
                continue;
            }
            let mut leaves = self.group(group)?;
            let most = if group == 0 { FIRST } else { OTHERS };
            for _ in 0..most {
                let Some(value) = self.record(&mut leaves).map_err(damaged)? else {
                    break;
                };
                let value = value.into_owned();
                room = room.saturating_sub(weight(&value));
                if room == 0 {
                    return Ok(values);
                }
                values.push(value);
            }
        }
        Ok(values)
    }

    /// A record of nothing, for a file that has none: its columns are known all the same.
    pub fn empty(&self) -> Value<'static> {
        fn of(node: &Node) -> Value<'static> {
            match node {
                Node::Group { fields, .. } => Value::Object(
                    fields
                        .iter()
                        .map(|(name, node)| (name.clone().into(), of(node)))
                        .collect(),
                ),
                Node::Leaf(_) | Node::List { .. } | Node::Map { .. } => Value::Null,
            }
        }
        of(&self.root)
    }
}

/// Bytes of memory, about.
fn weight(value: &Value<'_>) -> u64 {
    48 + match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(text) | Value::Text(text) => text.len() as u64,
        Value::List(list) => list.items.iter().map(weight).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| key.len() as u64 + weight(value))
            .sum(),
    }
}

fn reason(error: &ParquetError) -> String {
    let text = match error {
        ParquetError::General(text) | ParquetError::EOF(text) | ParquetError::NYI(text) => {
            text.clone()
        }
        other => other.to_string(),
    };
    text.chars().take(200).collect()
}

fn footer(file: &Shared) -> Result<ParquetMetaData, NotImportable> {
    let io = |e: std::io::Error| NotImportable::Io(e.to_string());
    let length = file.length();
    let head = file.bytes(0, 4).map_err(io)?;
    let tail = file.bytes(length.saturating_sub(8), 8).map_err(io)?;
    if head == b"PARE" || tail.ends_with(b"PARE") {
        return Err(NotImportable::Unsupported {
            what: "An encrypted Parquet file".to_owned(),
            next: "Export it without encryption and upload that file.",
        });
    }
    if length < 12 || !tail.ends_with(MAGIC) {
        return Err(damaged("its end is missing"));
    }
    let size = tail
        .get(..4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_le_bytes);
    let size = u64::from(size);
    if size + 8 > length {
        return Err(damaged("its footer is longer than the file"));
    }
    if size > FOOTER_BYTES {
        return Err(heavy(format!(
            "The Parquet file's footer has {} MB",
            size >> 20
        )));
    }
    let bytes = file
        .bytes(length - 8 - size, usize::try_from(size).unwrap_or(0))
        .map_err(io)?;
    Compact::new(&bytes)
        .footer()
        .map_err(|_| damaged("its footer makes no sense"))?;
    // The library trusts the footer more than a stranger's file deserves.
    let decoded = catch_unwind(|| {
        // Statistics are not needed, and old writers got them wrong.
        let options = ParquetMetaDataOptions::new()
            .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        ParquetMetaDataReader::decode_metadata_with_options(&bytes, Some(&options))
    });
    let meta = decoded
        .unwrap_or_else(|_| {
            Err(ParquetError::General(
                "its footer makes no sense".to_owned(),
            ))
        })
        .map_err(|e| damaged(reason(&e)))?;
    for group in meta.row_groups() {
        if group.num_columns() != meta.file_metadata().schema_descr().num_columns() {
            return Err(damaged("a row group lacks a column"));
        }
    }
    Ok(meta)
}
