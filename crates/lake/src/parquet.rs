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

/// Rows in a row group: enough to compress, few enough to skip.
const ROW_GROUP: usize = 65_536;
/// Rows that one core encodes in the time it takes to wake another. Silver's files are no longer, and are made while
/// the next lines are read.
const ONE_CORE: usize = 32_768;
/// Of zstd. What a higher one saves of dictionaries and their indices is not worth its time.
const LEVEL: i32 = 1;

/// One data file, before it is committed.
pub(crate) struct Encoded {
    pub bytes: Bytes,
    /// Delta's statistics: row count, and smallest and largest value of the integer columns.
    pub stats: String,
}

pub(crate) fn encode(frame: &mut DataFrame) -> Result<Encoded, LakeError> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .set_parallel(frame.height() > ONE_CORE)
        .with_compression(ParquetCompression::Zstd(ZstdLevel::try_new(LEVEL).ok()))
        .with_row_group_size(Some(ROW_GROUP))
        .finish(frame)?;
    Ok(Encoded {
        bytes: bytes.into(),
        stats: statistics(frame)?,
    })
}

fn statistics(frame: &DataFrame) -> Result<String, LakeError> {
    let (mut least, mut most, mut nulls) = (Map::new(), Map::new(), Map::new());
    for name in ["day", "hour"] {
        let Ok(column) = frame.column(name) else {
            continue;
        };
        let values = column.i32()?;
        if let (Some(min), Some(max)) = (values.min(), values.max()) {
            least.insert(name.to_owned(), json!(min));
            most.insert(name.to_owned(), json!(max));
        }
        nulls.insert(name.to_owned(), json!(column.null_count()));
    }
    let stats = json!({
        "numRecords": frame.height(),
        "minValues": Value::Object(least),
        "maxValues": Value::Object(most),
        "nullCount": Value::Object(nulls),
    });
    Ok(serde_json::to_string(&stats)?)
}

pub(crate) fn decode(bytes: Bytes, columns: Option<&[&str]>) -> Result<DataFrame, LakeError> {
    let columns = columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
    Ok(ParquetReader::new(Cursor::new(bytes))
        .with_columns(columns)
        .finish()?)
}
