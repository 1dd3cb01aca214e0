//! What a file is and what its columns hold, before anyone asks what they mean.

use crate::cells;
use crate::dialect::Dialect;
use crate::encoding;
use crate::error::NotImportable;
use crate::form::Said;
use crate::format::Format;
use crate::header::normalise;
use crate::inspection::{Assumption, Question};
use crate::json_form;
use crate::measures;
use crate::options::Options;
use crate::profile::Profile;
use crate::sample::{Content, Sample};
use crate::sections::Watch;
use crate::sniff::{Sniffed, each_row, one_column, sniff};
use crate::split::{line_length, unescape};
use crate::tree_sample::{self, Trees};
use crate::workbook_sample;
use encoding_rs::Encoding;

/// Rows whose values are looked at.
pub(crate) const ROWS: usize = 20_000;

/// A table and its columns.
pub(crate) struct Seen {
    pub format: Format,
    pub encoding: String,
    pub encoding_confidence: f32,
    pub bom: usize,
    pub dialect: Dialect,
    /// 0 to 1.
    pub confidence: f32,
    pub names: Vec<String>,
    pub profiles: Vec<Profile>,
    /// The first rows, as text.
    pub rows: Vec<Vec<String>>,
    /// Above it stands another table, which is not read.
    pub table_above: bool,
    pub questions: Vec<Question>,
    pub assumptions: Vec<Assumption>,
}

pub(crate) fn detect(
    sample: &Sample,
    name: &str,
    options: &Options,
) -> Result<Seen, NotImportable> {
    sample.check(&options.limits)?;
    if let Content::Parquet { values, rows } = &sample.content {
        let trees = tree_sample::parquet(values, *rows);
        let encoded = Encoded {
            name: encoding_rs::UTF_8.name().to_owned(),
            confidence: 1.0,
            bom: 0,
        };
        return nested(trees, encoded, true, options);
    }
    if let Content::Workbook(sheets) = &sample.content {
        return workbook_sample::detect(sheets, options);
    }
    let said = Said::of(options)?;
    let detected = encoding::detect(sample, said.encoding)?;
    let head = decode(
        sample.head.get(detected.bom..).unwrap_or_default(),
        detected.encoding,
    );
    if head.trim().is_empty() {
        return Err(NotImportable::Empty);
    }
    refuse_other_formats(&head)?;
    let inner = sample.entry.as_deref().unwrap_or(name);
    let encoding = |confidence| Encoded {
        name: detected.encoding.name().to_owned(),
        confidence,
        bom: detected.bom,
    };
    if let Some(form) = json_form::form(&head, !sample.complete, inner) {
        let trees = tree_sample::json(
            sample,
            &head,
            detected.bom,
            detected.encoding,
            form,
            options,
        )?;
        return nested(
            trees,
            encoding(detected.confidence),
            sample.complete,
            options,
        );
    }
    let sniffed = sniff(&head, &options.limits, said).ok_or(NotImportable::NotATable)?;
    too_wide(sniffed.names.len(), options)?;
    let looked = profiles(sample, &head, detected.encoding, &sniffed, options);
    if looked.count == 0 && sample.complete {
        return Err(if sniffed.dialect.header_line.is_some() {
            NotImportable::NoData
        } else {
            NotImportable::NotATable
        });
    }
    Ok(delimited(&detected, sniffed, looked))
}

/// A text that no delimiter divides, as a table of one column.
pub(crate) fn lines(sample: &Sample, options: &Options) -> Result<Seen, NotImportable> {
    if !matches!(sample.content, Content::Text) || !sample.members.is_empty() {
        return Err(NotImportable::NotATable);
    }
    let said = Said::of(options)?;
    let detected = encoding::detect(sample, said.encoding)?;
    let head = decode(
        sample.head.get(detected.bom..).unwrap_or_default(),
        detected.encoding,
    );
    let sniffed = one_column(&head, said.header);
    let looked = profiles(sample, &head, detected.encoding, &sniffed, options);
    Ok(delimited(&detected, sniffed, looked))
}

fn delimited(detected: &encoding::Detected, sniffed: Sniffed, looked: Looked) -> Seen {
    Seen {
        format: Format::Delimited,
        encoding: detected.encoding.name().to_owned(),
        encoding_confidence: detected.confidence,
        bom: detected.bom,
        dialect: sniffed.dialect,
        confidence: sniffed.confidence,
        names: sniffed.names,
        profiles: looked.profiles,
        rows: looked.rows,
        table_above: sniffed.table_above,
        questions: Vec::new(),
        assumptions: Vec::new(),
    }
}

struct Encoded {
    name: String,
    confidence: f32,
    bom: usize,
}

fn nested(
    trees: Trees,
    encoded: Encoded,
    complete: bool,
    options: &Options,
) -> Result<Seen, NotImportable> {
    too_wide(trees.names.len(), options)?;
    if trees.rows == 0 && complete {
        return Err(NotImportable::NoRecords);
    }
    Ok(Seen {
        dialect: cells::dialect(trees.names.len()),
        format: trees.format,
        encoding: encoded.name,
        encoding_confidence: encoded.confidence,
        bom: encoded.bom,
        confidence: 1.0,
        names: trees.names,
        profiles: trees.profiles,
        rows: trees.kept,
        table_above: false,
        questions: Vec::new(),
        assumptions: Vec::new(),
    })
}

fn too_wide(columns: usize, options: &Options) -> Result<(), NotImportable> {
    if columns > options.limits.columns {
        return Err(NotImportable::TooManyColumns {
            columns,
            limit: options.limits.columns,
        });
    }
    Ok(())
}

fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn refuse_other_formats(head: &str) -> Result<(), NotImportable> {
    let start = head.trim_start();
    let lower: String = start
        .chars()
        .take(15)
        .flat_map(char::to_lowercase)
        .collect();
    let refuse = |what, next| Err(NotImportable::Binary { what, next });
    if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        return refuse(
            "a web page",
            "The download link may have led to a sign-in page: sign in to your shop and export again.",
        );
    }
    if lower.starts_with("<?xml") {
        return refuse(
            "an XML file",
            "Export the orders as CSV and upload that file.",
        );
    }
    Ok(())
}

struct Looked {
    profiles: Vec<Profile>,
    /// The first of them.
    rows: Vec<Vec<String>>,
    /// How many were looked at.
    count: usize,
}

fn profiles(
    sample: &Sample,
    head: &str,
    encoding: &'static Encoding,
    sniffed: &Sniffed,
    options: &Options,
) -> Looked {
    let dialect = &sniffed.dialect;
    let mut profiles = vec![Profile::default(); sniffed.names.len()];
    let mut rows = Vec::new();
    let mut seen = 0;
    let skip = dialect.header_line.unwrap_or(dialect.preamble_lines);
    let own: Vec<String> = sniffed.names.iter().map(|n| normalise(n)).collect();
    let mut part = |text: &str, cut: bool, skip: u64, most: usize| {
        let mut here = 0;
        let mut watch = Watch::new(&own);
        each_row(text, cut, dialect, &options.limits, |row, line, _| {
            if line <= skip {
                return true;
            }
            let texts: Vec<_> = row
                .cells
                .iter()
                .map(|cell| unescape(row.text, cell, dialect))
                .collect();
            // Rows of another table below this one say nothing about its columns.
            if watch.is_other(&texts) {
                here += 1;
                return here < most;
            }
            // Rows of another width would put values into the wrong columns; they are rows all the same.
            let fits = row.cells.len() == dialect.width || row.cells.len() == sniffed.names.len();
            let mut filled = false;
            let mut kept = (fits && rows.len() < measures::ROWS).then(Vec::new);
            for (value, profile) in texts.into_iter().zip(&mut profiles) {
                filled |= !value.trim().is_empty();
                if fits {
                    profile.feed(&value);
                }
                if let Some(kept) = &mut kept {
                    kept.push(value.into_owned());
                }
            }
            rows.extend(kept.filter(|_| filled));
            here += usize::from(filled);
            here < most
        });
        here
    };
    seen += part(head, !sample.complete, skip, ROWS);
    for (at, block) in sample.blocks.iter().enumerate() {
        let text = decode(block, encoding);
        // The block begins somewhere within a line.
        let Some(start) = line_length(text.as_bytes(), false, dialect) else {
            continue;
        };
        let last = sample.has_tail && at + 1 == sample.blocks.len();
        let rest = text.get(start..).unwrap_or_default();
        seen += part(rest, !last, 0, ROWS / 4);
    }
    Looked {
        profiles,
        rows,
        count: seen,
    }
}
