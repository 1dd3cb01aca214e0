//! Settles what is open after detection: by the merchant's answers, by evidence, by an assumption that is stated, or
//! by a question.

use crate::answers::{EXTRA, IGNORE, NO_COLUMN};
use crate::error::NotImportable;
use crate::field::Field;
use crate::inspect::{assume, choice};
use crate::inspection::{Assumption, Choice, Question, Reading};
use crate::mapping::Match;
use crate::moment::{self, DateFormat};
use crate::number::{self, Decimal};
use crate::options::Options;
use crate::profile::{ColumnKind, Profile};
use crate::source::Source;
use jiff::tz::TimeZone;

pub(crate) struct Settled {
    pub decimal: Decimal,
    pub date: Option<DateFormat>,
}

/// `map.3=unit_price`, `map.3=ignore`, `map.3=extra`, `mapping.date=0=date`. Returns the columns to leave out.
pub(crate) fn apply_decisions(
    matches: &mut [Match],
    names: &[String],
    options: &Options,
) -> Result<Vec<bool>, NotImportable> {
    let mut ignored = vec![false; matches.len()];
    let mut decided: Vec<(usize, Field)> = Vec::new();
    for (key, value) in &options.decisions {
        let bad = |expected: &str| NotImportable::BadDecision {
            key: key.clone(),
            value: value.clone(),
            expected: expected.to_owned(),
        };
        let (column, field) = if let Some(column) = key.strip_prefix("map.") {
            (column, value.as_str())
        } else if key.starts_with("mapping") && value == NO_COLUMN {
            continue;
        } else if key.starts_with("mapping") {
            value
                .split_once('=')
                .ok_or_else(|| bad("Write it as <column number>=<field>, for example 0=date."))?
        } else {
            continue;
        };
        let at: usize = column
            .parse()
            .ok()
            .filter(|at| *at < matches.len())
            .ok_or_else(|| {
                bad(&format!(
                    "Columns are counted from 0 to {}.",
                    matches.len().saturating_sub(1)
                ))
            })?;
        let left_out = matches!(field, IGNORE | "none");
        let field = match field {
            EXTRA => None,
            _ if left_out => None,
            id => Some(Field::from_id(id).ok_or_else(|| bad("There is no such field."))?),
        };
        if let Some(slot) = ignored.get_mut(at) {
            *slot = left_out;
        }
        if let Some(field) = field {
            if let Some((other, _)) = decided
                .iter()
                .find(|(other, f)| *f == field && *other != at && !field.repeats())
            {
                return Err(NotImportable::ColumnMappedTwice {
                    field,
                    first: names.get(*other).cloned().unwrap_or_default(),
                    second: names.get(at).cloned().unwrap_or_default(),
                });
            }
            decided.push((at, field));
        }
        if let Some(entry) = matches.get_mut(at) {
            entry.field = field;
            entry.confidence = 1.0;
        }
    }
    // A field the merchant gave to one column is taken from any other that was guessed.
    for (at, field) in decided {
        for (other, entry) in matches.iter_mut().enumerate() {
            if other != at && entry.field == Some(field) && !field.repeats() {
                entry.field = None;
                entry.confidence = 0.0;
            }
        }
    }
    Ok(ignored)
}

/// `1 December 2010`: nobody reads it in another order.
pub(crate) fn shown(moment: &moment::Moment) -> String {
    moment.date.strftime("%-d %B %Y").to_string()
}

pub(crate) fn column_of(matches: &[Match], field: Field) -> Option<usize> {
    matches.iter().position(|m| m.field == Some(field))
}

/// Decimal style and date order: what fits every sampled value, or what was answered, or a question.
pub(crate) fn formats(
    matches: &[Match],
    profiles: &[Profile],
    complete: bool,
    options: &Options,
    questions: &mut Vec<Question>,
) -> Result<Settled, NotImportable> {
    Ok(Settled {
        decimal: decimal(matches, profiles, options, questions)?,
        date: date(matches, profiles, complete, options, questions)?,
    })
}

pub(crate) fn decimal(
    matches: &[Match],
    profiles: &[Profile],
    options: &Options,
    questions: &mut Vec<Question>,
) -> Result<Decimal, NotImportable> {
    let answer = match choice(options, "decimal", &["point", "comma"])? {
        Some("point") => Some(Decimal::Point),
        Some(_) => Some(Decimal::Comma),
        None => None,
    };
    if let Some(answer) = answer {
        // Numbers that can only be read the other way are not read against themselves.
        let numbers = matches.iter().zip(profiles).filter_map(|(found, profile)| {
            let is_number = found.field.is_some_and(|f| f.shape().is_number());
            is_number.then(|| profile.decimal_counts())
        });
        let only = |(point, comma): (usize, usize)| {
            (point.saturating_sub(comma), comma.saturating_sub(point))
        };
        let (point, comma) = numbers
            .map(only)
            .fold((0, 0), |(a, b), (p, c)| (a + p, b + c));
        let (own, other) = match answer {
            Decimal::Point => (point, comma),
            Decimal::Comma => (comma, point),
        };
        if other <= own * 10 {
            return Ok(answer);
        }
    }
    // Every column of numbers is a witness; the mapped ones must agree.
    let (mut point, mut comma) = (0, 0);
    let mut doubtful = None;
    for (at, (found, profile)) in matches.iter().zip(profiles).enumerate() {
        let mapped = found.field.is_some_and(|f| f.shape().is_number());
        if profile.number_share() < 0.9 && !mapped {
            continue;
        }
        let (p, c) = profile.decimal_counts();
        if p > c {
            point += p - c;
        } else if c > p {
            comma += c - p;
        } else if mapped && !profile.two_numbers.is_empty() && doubtful.is_none() {
            doubtful = Some((at, profile));
        }
    }
    if point > comma * 10 {
        return Ok(Decimal::Point);
    }
    if comma > point * 10 {
        return Ok(Decimal::Comma);
    }
    if profiles.iter().any(Profile::writes_points) {
        return Ok(Decimal::Point);
    }
    let conflicting = point > 0 && comma > 0;
    let Some((at, profile)) = doubtful.or_else(|| {
        conflicting
            .then(|| {
                matches
                    .iter()
                    .zip(profiles)
                    .enumerate()
                    .find_map(|(at, (found, profile))| {
                        found
                            .field
                            .filter(|f| f.shape().is_number())
                            .map(|_| (at, profile))
                    })
            })
            .flatten()
    }) else {
        return Ok(Decimal::Point);
    };
    let values = if profile.two_numbers.is_empty() {
        &profile.samples
    } else {
        &profile.two_numbers
    };
    let option = |value: &str, label: &str, style| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        readings: values
            .iter()
            .take(3)
            .map(|raw| Reading {
                raw: raw.clone(),
                read: number::parse(raw, style)
                    .map_or_else(|| "not a number".to_owned(), |n| n.micros.to_string()),
            })
            .collect(),
    };
    questions.push(Question {
        id: "decimal".to_owned(),
        message: "Which mark stands before the decimals?".to_owned(),
        column: Some(at),
        options: vec![
            option("point", "A point: 1,234.56", Decimal::Point),
            option("comma", "A comma: 1.234,56", Decimal::Comma),
        ],
    });
    Ok(Decimal::Point)
}

fn date(
    matches: &[Match],
    profiles: &[Profile],
    complete: bool,
    options: &Options,
    questions: &mut Vec<Question>,
) -> Result<Option<DateFormat>, NotImportable> {
    let Some(at) = column_of(matches, Field::Date) else {
        return Ok(None);
    };
    match profiles.get(at) {
        Some(profile) => date_order(at, profile, complete, options, questions),
        None => Ok(None),
    }
}

/// The way in which a column's dates are read; asks where there are several.
pub(crate) fn date_order(
    at: usize,
    profile: &Profile,
    complete: bool,
    options: &Options,
    questions: &mut Vec<Question>,
) -> Result<Option<DateFormat>, NotImportable> {
    let mut formats = profile.date_formats(true);
    if formats.contains(&DateFormat::Iso) {
        formats = vec![DateFormat::Iso];
    }
    if let Some(answer) = options.decisions.get("date_order") {
        let Some(format) = DateFormat::ALL.iter().copied().find(|f| f.id() == answer) else {
            return Err(NotImportable::BadDecision {
                key: "date_order".to_owned(),
                value: answer.clone(),
                expected: "Use dmy (day first), mdy (month first) or ymd (year first).".to_owned(),
            });
        };
        // A file that says plainly how its dates are written is not read against itself.
        let settled = formats
            .first()
            .filter(|f| matches!(f, DateFormat::Iso | DateFormat::Named | DateFormat::Compact));
        if let Some(settled) = settled {
            return Ok(Some(*settled));
        }
        if formats.is_empty() || formats.contains(&format) || profile.reads_all(format) {
            return Ok(Some(format));
        }
        // An answer about another file, which some of these dates contradict: they are looked at as if for the first time.
    }
    let open = formats.len() > 1 && (!profile.two_dates.is_empty() || !complete);
    if open {
        let values = if profile.two_dates.is_empty() {
            &profile.samples
        } else {
            &profile.two_dates
        };
        let option = |format: &DateFormat| Choice {
            value: format.id().to_owned(),
            label: match format {
                DateFormat::Dmy => "The day comes first",
                DateFormat::Mdy => "The month comes first",
                _ => "The year comes first",
            }
            .to_owned(),
            readings: values
                .iter()
                .take(3)
                .map(|raw| Reading {
                    raw: raw.clone(),
                    read: moment::parse(raw, *format)
                        .map_or_else(|| "not a date".to_owned(), |m| shown(&m)),
                })
                .collect(),
        };
        questions.push(Question {
            id: "date_order".to_owned(),
            message: "These dates can be read in more than one way. Which is right?".to_owned(),
            column: Some(at),
            options: formats.iter().map(option).collect(),
        });
    }
    Ok(formats.first().copied())
}

/// What is taken for granted, in words.
pub(crate) fn assumptions(source: Source, matches: &[Match], assumptions: &mut Vec<Assumption>) {
    let has = |field| column_of(matches, field).is_some();
    let single = matches!(source, Source::Generic);
    if single && !has(Field::OrderId) {
        assumptions.push(assume(
            "order_per_row",
            "The file has no order numbers: each row is an order of its own.",
        ));
    }
    if single && !has(Field::Quantity) {
        assumptions.push(assume(
            "quantity_one",
            "The file has no quantities: each row is one piece.",
        ));
    }
    if has(Field::Discount) && has(Field::LineTotal) && !has(Field::UnitPrice) {
        assumptions.push(assume(
            "total_after_discount",
            "Line amounts are what was paid, after the discount beside them.",
        ));
    }
    if has(Field::Refund) {
        assumptions.push(assume(
            "refund_date",
            "Refunds are booked on the order date: the file has no refund dates.",
        ));
    }
    let order_total_only = has(Field::OrderTotal)
        && !has(Field::UnitPrice)
        && !has(Field::LineTotal)
        && !has(Field::LineGross)
        && !has(Field::Subtotal)
        && !has(Field::LineItems)
        && !has(Field::LineItem)
        && !has(Field::ItemTotal);
    if order_total_only && source == Source::Shopify {
        assumptions.push(assume(
            "total_shared",
            "The file has no line prices: an order's total is shared equally among its lines, tax and shipping included.",
        ));
    }
    if source == Source::WooCommerceAnalytics {
        assumptions.push(assume(
            "net_shared",
            "The file has one net amount an order: it is shared among the order's products by pieces.",
        ));
    }
}

/// Whose clock the times without an offset are of, where it is not the shop's. Where there are such times, the shop's
/// is taken for granted, and said.
pub(crate) fn clock<'a>(
    dates: impl Iterator<Item = &'a Profile>,
    options: &Options,
    assumptions: &mut Vec<Assumption>,
) -> Result<Clock, NotImportable> {
    let said = match options.decisions.get("timezone") {
        Some(name) => Some(zone(name)?),
        None => None,
    };
    let mut dates = dates;
    if !dates.any(local_times) {
        return Ok(Clock::default());
    }
    let own = said.filter(|zone| zone.iana_name() != options.timezone.iana_name());
    let named = own.as_ref().unwrap_or(&options.timezone).iana_name();
    if own.is_none() && !options.decisions.contains_key("timezone") {
        let zone = named.unwrap_or("your shop's timezone");
        assumptions.push(assume(
            "timezone",
            format!("Times are local times of {zone}."),
        ));
    }
    Ok(Clock {
        named: named.map(str::to_owned),
        own,
    })
}

#[derive(Default)]
pub(crate) struct Clock {
    /// The zone's name; `None` where no time is without an offset.
    pub named: Option<String>,
    /// Where it is not the shop's.
    pub own: Option<TimeZone>,
}

fn zone(name: &str) -> Result<TimeZone, NotImportable> {
    let known = TimeZone::get(name.trim()).ok();
    known
        .filter(|zone| zone.iana_name().is_some())
        .ok_or_else(|| NotImportable::BadDecision {
            key: "timezone".to_owned(),
            value: name.to_owned(),
            expected: "Use a name of the IANA database, for example Europe/Madrid.".to_owned(),
        })
}

/// Times of day that say no offset.
fn local_times(profile: &Profile) -> bool {
    profile.kind() == ColumnKind::DateTime
        && profile.samples.iter().all(|sample| {
            DateFormat::ALL
                .iter()
                .find_map(|format| moment::parse(sample, *format))
                .is_none_or(|moment| moment.offset.is_none())
        })
}
