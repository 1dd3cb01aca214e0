//! Detection from end to end: a sample of a file in, what it is and how to read it out.

use crate::compression::Compression;
use crate::corrected::Reasons;
use crate::correction::corrections;
use crate::currency::{self, Amounts};
use crate::data_set::DataSet;
use crate::detect::{Seen, detect};
use crate::error::NotImportable;
use crate::field::Field;
use crate::format::Format;
use crate::header::{fingerprint, normalise};
use crate::inspect_rows;
use crate::inspection::{Alternative, Assumption, Column, Inspection, Question};
use crate::join::{Beside, Role, detect_all};
use crate::mapping::{self, Match};
use crate::measures::{Looked, measures};
use crate::moment::DateFormat;
use crate::nested;
use crate::number::Decimal;
use crate::options::Options;
use crate::plan::{Measure, PLAN_VERSION, Plan, PlanColumn};
use crate::profile::{ColumnKind, Profile};
use crate::required::{found, required};
use crate::sample::Sample;
use crate::settle;
use crate::source::Source;

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
    if sample.members.is_empty() {
        let seen = detect(sample, name, options)?;
        return conclude(seen, sample, name, options);
    }
    // The files of one archive.
    let files: Vec<_> = sample
        .members
        .iter()
        .map(|(name, member)| (0, member, name.as_str()))
        .collect();
    conclude(
        detect_all(&files, Beside::Refused, options)?,
        sample,
        name,
        options,
    )
}

/// The files of one upload: tables that complete each other, or the same table in parts.
///
/// # Errors
/// As of [`inspect`], of any of the files; and where none of them is a table of orders.
pub fn inspect_files(
    files: &[(Sample, String)],
    options: &Options,
) -> Result<Inspection, NotImportable> {
    let all: Vec<usize> = (0..files.len()).collect();
    inspect_those(files, &all, Beside::Refused, options)
}

/// Of the files, those with these numbers.
fn inspect_those(
    files: &[(Sample, String)],
    those: &[usize],
    beside: Beside,
    options: &Options,
) -> Result<Inspection, NotImportable> {
    let those: Vec<(usize, &(Sample, String))> = those
        .iter()
        .filter_map(|at| Some((*at, files.get(*at)?)))
        .collect();
    let (_, (first, name)) = those.first().ok_or(NotImportable::Empty)?;
    if those.len() == 1 {
        return inspect(first, name, options);
    }
    let mut parts = Vec::new();
    for (at, (sample, name)) in &those {
        sample.check(&options.limits)?;
        if sample.members.is_empty() {
            parts.push((*at, sample, name.as_str()));
        }
        for (name, member) in &sample.members {
            parts.push((*at, member, name.as_str()));
        }
    }
    let seen = detect_all(&parts, beside, options)?;
    let names: Vec<&str> = those.iter().map(|(_, (_, name))| name.as_str()).collect();
    let whole = Sample {
        length: those.iter().map(|(_, (sample, _))| sample.length).sum(),
        complete: those.iter().all(|(_, (sample, _))| sample.complete),
        compression: Compression::None,
        ..first.clone()
    };
    conclude(seen, &whole, &names.join(", "), options)
}

/// Which of these files are one upload: those that complete each other. Tables with the same columns stay apart
/// where nothing else joins them, so that a line that two months share is the same line and not one more.
///
/// Each file is in one group, in the order given.
pub fn groups(files: &[(Sample, String)], options: &Options) -> Vec<Vec<usize>> {
    let mut together: Vec<usize> = (0..files.len()).collect();
    let mut groups = Vec::new();
    // What nobody needs goes along and is said, unless it is a file of orders in its own right. So is a file that takes
    // the place of the table which the others complete.
    while let Some(unneeded) = idle(files, &together, options)
        && !unneeded.is_empty()
    {
        let stands_alone = |at: &usize| {
            let (sample, name) = files.get(*at)?;
            inspect(sample, name, options).ok()?.plan?;
            let rest: Vec<usize> = together.iter().filter(|a| *a != at).copied().collect();
            let better = || Some(idle(files, &rest, options)?.len() < unneeded.len());
            (unneeded.contains(at) || better()?).then_some(*at)
        };
        let Some(alone) = together.iter().find_map(stands_alone) else {
            break;
        };
        together.retain(|at| *at != alone);
        groups.push(vec![alone]);
    }
    if idle(files, &together, options).is_some() {
        groups.push(together);
    } else {
        groups.extend(together.into_iter().map(|at| vec![at]));
    }
    groups.sort();
    groups
}

/// Which of those files no table is needed of. `None`: they do not complete each other.
fn idle(files: &[(Sample, String)], those: &[usize], options: &Options) -> Option<Vec<usize>> {
    if those.len() < 2 {
        return None;
    }
    let inspection = inspect_those(files, those, Beside::SetAside, options).ok()?;
    if inspection.questions.iter().any(|q| q.options.is_empty()) {
        // Together they still have no date, or no amount.
        return None;
    }
    let Format::Joined { tables } = inspection.format else {
        return None;
    };
    let completes = |role| !matches!(role, Role::Items | Role::Unused);
    if !tables.iter().any(|table| completes(table.role)) {
        return None;
    }
    let needed = |at: &&usize| {
        let mut of = tables.iter().filter(|table| table.file == **at);
        of.any(|table| table.role != Role::Unused)
    };
    Some(those.iter().filter(|at| !needed(at)).copied().collect())
}

fn conclude(
    mut seen: Seen,
    sample: &Sample,
    name: &str,
    options: &Options,
) -> Result<Inspection, NotImportable> {
    let headed = matches!(seen.format, Format::Delimited | Format::Workbook { .. });
    if headed && seen.dialect.header_line.is_none() {
        seen.assumptions.push(assume("no_header", "The file has no header row: the first row is data, and columns are named by their place."));
    }
    let above = seen.dialect.preamble_lines;
    if headed && (above >= MANY_LINES || seen.table_above) {
        let what = if seen.table_above {
            " hold another table. They"
        } else {
            ""
        };
        seen.assumptions.push(assume(
            "preamble",
            format!("The {above} lines above the table{what} are no part of it, and are not read."),
        ));
    }
    let normal: Vec<String> = seen.names.iter().map(|n| normalise(n)).collect();
    let items = seen.format.layout().and_then(|l| l.items.as_deref());
    let source = if items.is_some() {
        Source::Generic
    } else {
        Source::of(&normal)
    };
    let matches = match items {
        Some(items) => nested::assign(&seen.names, items, &seen.profiles),
        None => matches(source, &normal, &seen.profiles),
    };
    match inspect_rows::data_set(&seen, &normal, source, &matches, options)? {
        DataSet::Orders => orders(seen, sample, name, &normal, source, matches, options),
        other => inspect_rows::rows(seen, sample, name, &normal, other, options),
    }
}

/// What a table by itself is about, and whether it has what its data set cannot do without.
pub(crate) fn about(seen: &Seen, options: &Options) -> Result<(DataSet, bool), NotImportable> {
    let normal: Vec<String> = seen.names.iter().map(|n| normalise(n)).collect();
    let source = Source::of(&normal);
    let matches = matches(source, &normal, &seen.profiles);
    let set = inspect_rows::data_set(seen, &normal, source, &matches, options)?;
    let whole = match set {
        DataSet::Orders => source != Source::Generic || found(&matches),
        _ => true,
    };
    Ok((set, whole))
}

fn orders(
    seen: Seen,
    sample: &Sample,
    name: &str,
    normal: &[String],
    source: Source,
    mut matches: Vec<Match>,
    options: &Options,
) -> Result<Inspection, NotImportable> {
    let mut questions = seen.questions.clone();
    let mut assumptions = seen.assumptions.clone();
    let profiles = &seen.profiles;
    let is_named = matches.iter().any(|found| found.field.is_some());
    let mut ignored = settle::apply_decisions(&mut matches, &seen.names, options)?;
    for at in Reasons::of(&seen.names).columns {
        // Of a file of refused records whose upload is not known here.
        if let (Some(found), Some(slot)) = (matches.get_mut(at), ignored.get_mut(at)) {
            found.field = None;
            *slot = true;
        }
    }
    let asked = questions.len();
    required(
        &matches,
        profiles,
        &seen.names,
        is_named,
        options,
        &mut questions,
    );
    let mut missing = questions
        .iter()
        .filter(|q| matches!(q.id.as_str(), "mapping.date" | "mapping.amount"));
    let lost = missing.any(|question| !is_named || question.options.is_empty());
    let said = options.decisions.contains_key("data_set") || DataSet::names_orders(normal);
    if lost && source == Source::Generic && !said {
        let typed = |p: &Profile| p.number_share() >= 0.9 || p.date_share() >= 0.9;
        let unlikely = seen.confidence < SOME_TABLE && !options.decisions.contains_key("delimiter");
        if !is_named && unlikely && !profiles.iter().any(typed) {
            // A letter has commas and blanks, too.
            return Err(NotImportable::NotATable);
        }
        questions.insert(asked, inspect_rows::which_data_set());
    }
    let settled = settle::formats(&matches, profiles, sample.complete, options, &mut questions)?;
    let flags = Flags {
        drop_duplicates: yes_no(options, "drop_duplicates")?.unwrap_or(false),
        exclude_non_product_lines: choice(options, "non_product_lines", &["include", "exclude"])?
            == Some("exclude"),
        test_orders: choice(options, "test_orders", &["include", "exclude"])?
            .map(|c| c == "include"),
    };
    let amounts = Amounts {
        source,
        normal,
        matches: &matches,
        profiles,
        decimal: settled.decimal,
    };
    let money = currency::currency(&amounts, options, &mut questions, &mut assumptions)?;
    let include_test_orders = flags
        .test_orders
        .unwrap_or_else(|| only_test_orders(&matches, profiles));
    settle::assumptions(source, &matches, &mut assumptions);
    if questions.iter().any(|q| q.id == "mapping.quantity") {
        assumptions.retain(|assumed| assumed.code != "quantity_one");
    }
    let dates = settle::column_of(&matches, Field::Date).and_then(|at| profiles.get(at));
    let clock = settle::clock(dates.into_iter(), options, &mut assumptions)?;
    if include_test_orders && flags.test_orders.is_none() {
        assumptions.push(assume(
            "test_orders",
            "Every order looked at was paid through a test gateway: they are counted as real orders.",
        ));
    }
    let measures = if source == Source::Generic && !seen.format.nests() {
        let looked = Looked {
            rows: &seen.rows,
            normal,
            names: &seen.names,
            matches: &matches,
            decimal: settled.decimal,
        };
        measures(&looked, options, &mut assumptions)
    } else {
        Vec::new()
    };
    let columns = columns(&seen.names, profiles, &matches, &ignored);
    let corrections = corrections(&options.decisions, seen.names.len())?;
    let plan = questions.is_empty().then(|| Plan {
        version: PLAN_VERSION,
        data_set: DataSet::Orders,
        format: seen.format.clone(),
        entry: sample.entry.clone(),
        compression: sample.compression,
        encoding: seen.encoding.clone(),
        bom: seen.bom,
        dialect: seen.dialect.clone(),
        columns: plan_columns(
            &seen.names,
            &matches,
            &ignored,
            settled.decimal,
            |_, found| settled.date.filter(|_| found.field == Some(Field::Date)),
            |at| measures.get(at).copied().unwrap_or_default(),
        ),
        source,
        timezone: options.timezone.clone(),
        clock: clock.own,
        home_currency: money.signs,
        currency: money.currency,
        drop_duplicates: flags.drop_duplicates,
        exclude_non_product_lines: flags.exclude_non_product_lines,
        include_test_orders,
        corrections,
        limits: options.limits,
        reasons: None,
    });
    let about = About {
        data_set: DataSet::Orders,
        source,
        clock: clock.named,
    };
    Ok(inspection(
        seen,
        sample,
        name,
        about,
        columns,
        questions,
        assumptions,
        plan,
    ))
}

/// What a table is, beside its columns.
pub(crate) struct About {
    pub data_set: DataSet,
    pub source: Source,
    pub clock: Option<String>,
}

pub(crate) fn inspection(
    seen: Seen,
    sample: &Sample,
    name: &str,
    about: About,
    columns: Vec<Column>,
    questions: Vec<Question>,
    assumptions: Vec<Assumption>,
    plan: Option<Plan>,
) -> Inspection {
    Inspection {
        name: name.to_owned(),
        bytes: sample.length,
        compression: sample.compression,
        encoding: seen.encoding,
        encoding_confidence: seen.encoding_confidence,
        dialect_confidence: seen.confidence,
        format: seen.format,
        entry: sample.entry.clone(),
        dialect: seen.dialect,
        columns,
        source: about.source,
        data_set: about.data_set,
        clock: about.clock,
        fingerprint: fingerprint(&seen.names),
        questions,
        assumptions,
        answered: Vec::new(),
        remembered: Vec::new(),
        plan,
    }
}

/// More lines above a table than a title and some notes have.
const MANY_LINES: u64 = 12;

/// Less likely than this, lines of words that nothing is known of are no table.
const SOME_TABLE: f32 = 0.5;

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

pub(crate) fn columns(
    names: &[String],
    profiles: &[Profile],
    matches: &[Match],
    ignored: &[bool],
) -> Vec<Column> {
    names
        .iter()
        .zip(profiles)
        .zip(matches)
        .enumerate()
        .map(|(index, ((name, profile), found))| Column {
            index,
            ignored: ignored.get(index).copied().unwrap_or(false),
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

pub(crate) fn plan_columns(
    names: &[String],
    matches: &[Match],
    ignored: &[bool],
    decimal: Decimal,
    date: impl Fn(usize, &Match) -> Option<DateFormat>,
    measure: impl Fn(usize) -> Measure,
) -> Vec<PlanColumn> {
    names
        .iter()
        .zip(matches)
        .enumerate()
        .map(|(index, (name, found))| PlanColumn {
            name: name.clone(),
            field: found.field,
            ignored: ignored.get(index).copied().unwrap_or(false),
            decimal,
            date: date(index, found),
            measure: measure(index),
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
