//! From a file's bytes to its records: the packing undone, the right reader chosen.

use crate::access::Shared;
use crate::columnar::Columnar;
use crate::columnar_records::ColumnarRecords;
use crate::compression::{Compression, UnpackError, Unpacked};
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::format::Format;
use crate::joined_records::JoinedRecords;
use crate::json_records::JsonRecords;
use crate::number::Decimal;
use crate::options::Limits;
use crate::record_source::RecordSource;
use crate::splitter::{Probe, Raw, Splitter};
use crate::text::TextReader;
use crate::workbook::Package;
use crate::workbook_records::WorkbookRecords;
use crate::zip::directory;
use encoding_rs::Encoding;

/// A workbook or a Parquet file inside a zip archive is unpacked into memory.
pub(crate) const PACKED_BYTES: usize = 64 << 20;

/// How a file is read, without what its columns mean.
pub(crate) struct Shape<'a> {
    pub format: &'a Format,
    pub compression: Compression,
    pub entry: Option<&'a str>,
    pub encoding: &'a str,
    pub bom: usize,
    pub dialect: &'a Dialect,
    pub names: Vec<String>,
    /// Style in which numbers are handed on, a column each.
    pub decimals: Vec<Decimal>,
    pub probe: Option<Probe>,
    pub limits: Limits,
}

/// Why a file cannot be opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    Stopped(UnpackError),
    Other(ReadError),
}

impl From<UnpackError> for OpenError {
    fn from(error: UnpackError) -> Self {
        Self::Stopped(error)
    }
}

pub(crate) fn open(files: &[Shared], shape: Shape<'_>) -> Result<Box<dyn RecordSource>, OpenError> {
    let file = files
        .first()
        .ok_or_else(|| UnpackError::Broken("there is no file".to_owned()))?;
    match shape.format {
        Format::Delimited => {
            let text = text(file, &shape)?;
            let mut splitter =
                Splitter::new(text, shape.dialect.clone(), shape.limits, shape.probe);
            splitter.skip_lines(shape.dialect.preamble_lines)?;
            if shape.dialect.header_line.is_some() {
                splitter.next(&mut Raw::default())?;
            }
            Ok(Box::new(splitter))
        }
        Format::Json { form, layout } => {
            let text = text(file, &shape)?;
            let mut records = JsonRecords::new(
                text,
                encoding(&shape)?,
                form.clone(),
                layout.clone(),
                &shape.names,
                shape.decimals,
                shape.limits,
            );
            records.begin()?;
            Ok(Box::new(records))
        }
        Format::Parquet { layout } => {
            let inner = whole(file, &shape)?;
            let columnar = Columnar::open(inner, &shape.limits)
                .map_err(|e| UnpackError::Broken(e.to_string()))?;
            let records = ColumnarRecords::new(
                columnar,
                file.length(),
                layout.clone(),
                &shape.names,
                shape.decimals,
                shape.limits,
            )?;
            Ok(Box::new(records))
        }
        Format::Joined { tables } => {
            // Tables of one archive are all in the first file.
            Ok(Box::new(JoinedRecords::new(
                files.to_vec(),
                tables.clone(),
                &shape.names,
                shape.decimals,
                shape.limits,
            )?))
        }
        Format::Workbook { sheets } => {
            let package = Package::open(whole(file, &shape)?, &shape.limits)?;
            Ok(Box::new(WorkbookRecords::new(
                package,
                sheets.clone(),
                shape.names.len(),
                shape.decimals,
                shape.limits,
            )))
        }
    }
}

fn encoding(shape: &Shape<'_>) -> Result<&'static Encoding, OpenError> {
    Encoding::for_label(shape.encoding.as_bytes())
        .ok_or_else(|| OpenError::Other(ReadError::UnknownEncoding(shape.encoding.to_owned())))
}

fn text(file: &Shared, shape: &Shape<'_>) -> Result<TextReader, OpenError> {
    let unpacked = match shape.compression {
        Compression::Zip => entry(file, shape.entry)?,
        packed => Unpacked::new(file.whole(), packed),
    };
    Ok(TextReader::new(
        unpacked,
        encoding(shape)?,
        shape.bom,
        shape.limits,
    ))
}

/// The file itself, unpacked into memory where it stands in a zip archive.
fn whole(file: &Shared, shape: &Shape<'_>) -> Result<Shared, UnpackError> {
    match shape.compression {
        Compression::Zip => {
            let bytes = entry(file, shape.entry)?.all(PACKED_BYTES, &shape.limits)?;
            Ok(Shared::from_vec(bytes))
        }
        _ => Ok(file.clone()),
    }
}

/// The entry of a zip archive by its name.
fn entry(file: &Shared, name: Option<&str>) -> Result<Unpacked, UnpackError> {
    let entries = directory(file).map_err(|_| UnpackError::DamagedEntry)?;
    let entry = entries
        .iter()
        .find(|e| Some(e.name.as_str()) == name)
        .ok_or(UnpackError::DamagedEntry)?;
    Unpacked::entry(file, entry)
}
