//! Detection from end to end: a sample of a file in, what it is and how to read it out.

use crate::encoding;
use crate::error::NotImportable;
use crate::field::Field;
use crate::header::{fingerprint, normalise};
use crate::inspection::{Alternative, Assumption, Column, Inspection};
use crate::mapping::{self, Match};
use crate::options::Options;
use crate::plan::{PLAN_VERSION, Plan, PlanColumn};
use crate::profile::{ColumnKind, Profile};
use crate::required::required;
use crate::sample::Sample;
use crate::settle::{self, Settled};
use crate::sniff::{Sniffed, each_row, sniff};
use crate::source::Source;
use crate::split::{line_length, unescape};
use encoding_rs::Encoding;

/// Rows whose values are looked at.
const ROWS: usize = 20_000;

/// What the file is, which column means what, what must be asked. Reads nothing but the sample.
///
/// # Errors
/// A file that cannot become orders whatever the merchant answers, or an answer that makes no sense.
pub fn inspect(
    sample: &Sample,
    name: &str,
    options: &Options,
) -> Result<Inspection, NotImportable> {
    sample.check(&options.limits)?;
    let detected = encoding::detect(sample)?;
    let head = decode(
        sample.head.get(detected.bom..).unwrap_or_default(),
        detected.encoding,
    );
    if head.trim().is_empty() {
        return Err(NotImportable::Empty);
    }
    refuse_other_formats(&head)?;
    let header = yes_no(options, "header")?;
    let sniffed = sniff(&head, &options.limits, header).ok_or(NotImportable::NotATable)?;
    if sniffed.names.len() > options.limits.columns {
        return Err(NotImportable::TooManyColumns {
            columns: sniffed.names.len(),
            limit: options.limits.columns,
        });
    }
    let (profiles, rows) = profiles(sample, &head, detected.encoding, &sniffed, options);
    if rows == 0 && sample.complete {
        return Err(if sniffed.dialect.header_line.is_some() {
            NotImportable::NoData
        } else {
            NotImportable::NotATable
        });
    }
    let normal: Vec<String> = sniffed.names.iter().map(|n| normalise(n)).collect();
    let source = Source::of(&normal);
    let mut matches = matches(source, &normal, &profiles);
    let ignored = settle::apply_decisions(&mut matches, &sniffed.names, options)?;
    let mut questions = Vec::new();
    let mut assumptions = Vec::new();
    if sniffed.dialect.header_line.is_none() {
        assumptions.push(assume("no_header", "The file has no header row: the first row is data, and columns are named by their place."));
    }
    required(&matches, &profiles, &sniffed.names, &mut questions)?;
    let settled = settle::formats(
        &matches,
        &profiles,
        sample.complete,
        options,
        &mut questions,
    )?;
    let flags = Flags {
        drop_duplicates: yes_no(options, "drop_duplicates")?.unwrap_or(false),
        exclude_non_product_lines: choice(options, "non_product_lines", &["include", "exclude"])?
            == Some("exclude"),
        test_orders: choice(options, "test_orders", &["include", "exclude"])?
            .map(|c| c == "include"),
    };
    let currency = settle::currency(
        source,
        &normal,
        &matches,
        &profiles,
        options,
        &mut assumptions,
    )?;
    let include_test_orders = flags
        .test_orders
        .unwrap_or_else(|| only_test_orders(&matches, &profiles));
    settle::assumptions(source, &matches, &profiles, options, &mut assumptions);
    if include_test_orders && flags.test_orders.is_none() {
        assumptions.push(assume(
            "test_orders",
            "Every order looked at was paid through a test gateway: they are counted as real orders.",
        ));
    }
    let columns = columns(&sniffed.names, &profiles, &matches);
    let plan = questions.is_empty().then(|| Plan {
        version: PLAN_VERSION,
        compression: sample.compression,
        encoding: detected.encoding.name().to_owned(),
        bom: detected.bom,
        dialect: sniffed.dialect.clone(),
        columns: plan_columns(&sniffed.names, &matches, &ignored, &settled),
        source,
        timezone: options.timezone.clone(),
        home_currency: options.currency,
        currency,
        drop_duplicates: flags.drop_duplicates,
        exclude_non_product_lines: flags.exclude_non_product_lines,
        include_test_orders,
        limits: options.limits,
    });
    Ok(Inspection {
        name: name.to_owned(),
        bytes: sample.length,
        compression: sample.compression,
        encoding: detected.encoding.name().to_owned(),
        encoding_confidence: detected.confidence,
        dialect_confidence: sniffed.confidence,
        dialect: sniffed.dialect,
        columns,
        source,
        fingerprint: fingerprint(&sniffed.names),
        questions,
        assumptions,
        plan,
    })
}

struct Flags {
    drop_duplicates: bool,
    exclude_non_product_lines: bool,
    test_orders: Option<bool>,
}

pub(crate) fn assume(code: &str, message: impl Into<String>) -> Assumption {
    Assumption {
        code: code.to_owned(),
        message: message.into(),
    }
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
    if start.starts_with('{') || start.starts_with("[{") || start.starts_with("[\n") {
        return refuse(
            "a JSON file",
            "Export the orders as CSV and upload that file.",
        );
    }
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

/// Profiles of the columns, and how many rows were looked at.
fn profiles(
    sample: &Sample,
    head: &str,
    encoding: &'static Encoding,
    sniffed: &Sniffed,
    options: &Options,
) -> (Vec<Profile>, usize) {
    let dialect = &sniffed.dialect;
    let mut profiles = vec![Profile::default(); sniffed.names.len()];
    let mut seen = 0;
    let skip = dialect.header_line.unwrap_or(dialect.preamble_lines);
    let mut part = |text: &str, cut: bool, skip: u64, most: usize| {
        let mut here = 0;
        each_row(text, cut, dialect, &options.limits, |row, line, _| {
            if line <= skip {
                return true;
            }
            // Rows of another width would put values into the wrong columns; they are rows all the same.
            let fits = row.cells.len() == dialect.width || row.cells.len() == sniffed.names.len();
            let mut filled = false;
            for (cell, profile) in row.cells.iter().zip(&mut profiles) {
                let value = unescape(row.text, cell, dialect);
                filled |= !value.trim().is_empty();
                if fits {
                    profile.feed(&value);
                }
            }
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
    (profiles, seen)
}

fn matches(source: Source, normal: &[String], profiles: &[Profile]) -> Vec<Match> {
    if source == Source::Generic {
        return mapping::assign(normal, profiles);
    }
    source
        .fields(normal)
        .into_iter()
        .map(|field| Match {
            field,
            confidence: if field.is_some() { 1.0 } else { 0.0 },
            alternatives: Vec::new(),
        })
        .collect()
}

fn columns(names: &[String], profiles: &[Profile], matches: &[Match]) -> Vec<Column> {
    names
        .iter()
        .zip(profiles)
        .zip(matches)
        .enumerate()
        .map(|(index, ((name, profile), found))| Column {
            index,
            name: name.clone(),
            samples: profile.samples.clone(),
            kind: match (profile.kind(), found.field) {
                (ColumnKind::Integer | ColumnKind::Decimal, Some(field)) if field.money() => {
                    ColumnKind::Money
                }
                (_, Some(Field::Date)) if profile.date_share() < 0.5 && profile.filled > 0 => {
                    ColumnKind::Date
                }
                (kind, _) => kind,
            },
            field: found.field,
            confidence: found.confidence,
            alternatives: found
                .alternatives
                .iter()
                .filter(|(field, _)| Some(*field) != found.field)
                .take(3)
                .map(|(field, confidence)| Alternative {
                    field: *field,
                    confidence: *confidence,
                })
                .collect(),
        })
        .collect()
}

fn plan_columns(
    names: &[String],
    matches: &[Match],
    ignored: &[bool],
    settled: &Settled,
) -> Vec<PlanColumn> {
    names
        .iter()
        .zip(matches)
        .enumerate()
        .map(|(index, (name, found))| PlanColumn {
            name: name.clone(),
            field: found.field,
            ignored: ignored.get(index).copied().unwrap_or(false),
            decimal: settled.decimal,
            date: if found.field == Some(Field::Date) {
                settled.date
            } else {
                None
            },
        })
        .collect()
}

/// Shopify writes "(for testing) Bogus Gateway" into the payment method of a test order.
pub(crate) const TEST_GATEWAY: &str = "(for testing)";

fn only_test_orders(matches: &[Match], profiles: &[Profile]) -> bool {
    matches
        .iter()
        .zip(profiles)
        .find(|(found, _)| found.field == Some(Field::PaymentMethod))
        .is_some_and(|(_, profile)| {
            !profile.samples.is_empty()
                && profile.samples.iter().all(|s| s.starts_with(TEST_GATEWAY))
        })
}

pub(crate) fn yes_no(options: &Options, key: &str) -> Result<Option<bool>, NotImportable> {
    Ok(choice(options, key, &["true", "false", "yes", "no"])?.map(|c| matches!(c, "true" | "yes")))
}

pub(crate) fn choice<'a>(
    options: &'a Options,
    key: &str,
    allowed: &[&str],
) -> Result<Option<&'a str>, NotImportable> {
    match options.decisions.get(key).map(String::as_str) {
        None => Ok(None),
        Some(value) if allowed.contains(&value) => Ok(Some(value)),
        Some(value) => Err(NotImportable::BadDecision {
            key: key.to_owned(),
            value: value.to_owned(),
            expected: format!("Use one of: {}.", allowed.join(", ")),
        }),
    }
}
