//! Frames to Parquet bytes and back, through Polars.

use crate::error::LakeError;
use bytes::Bytes;
use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
use polars_parquet::write::ZstdLevel;
use serde_json::{Map, Value, json};
use std::io::Cursor;
use std::ops::Range;

/// Rows in a row group: enough to compress, few enough to skip.
pub(crate) const ROW_GROUP: usize = 65_536;
/// Rows that one core encodes in the time it takes to wake another. Silver's files are no longer, and are made while
/// the next lines are read.
const ONE_CORE: usize = 32_768;
/// Of zstd. What a higher one saves of dictionaries and their indices is not worth its time.
pub(crate) const LEVEL: i32 = 1;

/// One data file, before it is committed.
pub(crate) struct Encoded {
    pub bytes: Bytes,
    /// Delta's statistics: row count, and smallest and largest value of the integer columns.
    pub stats: String,
}

pub(crate) fn encode(frame: &mut DataFrame) -> Result<Encoded, LakeError> {
    encode_in(frame, ROW_GROUP)
}

/// As [`encode`], with so many rows in each row group but the last.
pub(crate) fn encode_in(frame: &mut DataFrame, row_group: usize) -> Result<Encoded, LakeError> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .set_parallel(frame.height() > ONE_CORE)
        .with_compression(ParquetCompression::Zstd(ZstdLevel::try_new(LEVEL).ok()))
        .with_row_group_size(Some(row_group))
        .finish(frame)?;
    Ok(Encoded {
        bytes: bytes.into(),
        stats: Statistics::of(frame)?.json(frame.height())?,
    })
}

/// What Delta keeps of a data file beside its row count: smallest and largest value and nulls of integer columns.
#[derive(Default)]
pub(crate) struct Statistics {
    least: Map<String, Value>,
    most: Map<String, Value>,
    nulls: Map<String, Value>,
}

impl Statistics {
    fn add(&mut self, name: &str, range: Option<(i32, i32)>, nulls: usize) {
        if let Some((min, max)) = range {
            self.least.insert(name.to_owned(), json!(min));
            self.most.insert(name.to_owned(), json!(max));
        }
        self.nulls.insert(name.to_owned(), json!(nulls));
    }

    /// With a column that has a value in each row.
    pub fn with(mut self, name: &str, values: &[i32]) -> Self {
        let range = values
            .iter()
            .copied()
            .min()
            .zip(values.iter().copied().max());
        self.add(name, range, 0);
        self
    }

    fn of(frame: &DataFrame) -> Result<Self, LakeError> {
        let mut statistics = Self::default();
        for name in ["day", "hour"] {
            if let Ok(column) = frame.column(name) {
                let values = column.i32()?;
                statistics.add(name, values.min().zip(values.max()), column.null_count());
            }
        }
        Ok(statistics)
    }

    pub fn json(self, rows: usize) -> Result<String, LakeError> {
        let stats = json!({
            "numRecords": rows,
            "minValues": Value::Object(self.least),
            "maxValues": Value::Object(self.most),
            "nullCount": Value::Object(self.nulls),
        });
        Ok(serde_json::to_string(&stats)?)
    }
}

pub(crate) fn decode(bytes: Bytes, columns: Option<&[&str]>) -> Result<DataFrame, LakeError> {
    let columns = columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
    Ok(ParquetReader::new(Cursor::new(bytes))
        .with_columns(columns)
        .finish()?)
}

/// A frame for each of these stretches of rows; what stands between them is not unpacked.
pub(crate) fn decode_rows(
    bytes: &Bytes,
    columns: Option<&[&str]>,
    stretches: &[Range<usize>],
) -> Result<Vec<DataFrame>, LakeError> {
    stretches
        .iter()
        .map(|rows| {
            let columns = columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
            Ok(ParquetReader::new(Cursor::new(bytes.clone()))
                .with_columns(columns)
                .with_slice(Some((rows.start, rows.len())))
                .finish()?)
        })
        .collect()
}
