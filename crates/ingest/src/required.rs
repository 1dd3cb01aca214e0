//! What every order needs, a date and an amount: found, or asked for.

use crate::answers::NO_COLUMN;
use crate::field::Field;
use crate::inspection::{Choice, Question, Reading};
use crate::mapping::Match;
use crate::moment::{self, DateFormat};
use crate::number::{self, Decimal};
use crate::options::Options;
use crate::profile::{ColumnKind, Profile};
use crate::settle::{column_of, shown};

const AMOUNTS: &[Field] = &[
    Field::UnitPrice,
    Field::LineTotal,
    Field::LineGross,
    Field::OrderTotal,
    Field::Subtotal,
    Field::LineItems,
    Field::LineItem,
    Field::ItemTotal,
];

/// Whether a date and an amount were found.
pub(crate) fn found(matches: &[Match]) -> bool {
    let has = |field: &Field| column_of(matches, *field).is_some();
    has(&Field::Date) && AMOUNTS.iter().any(has)
}

/// Asks for a date and an amount where none was found. Without an option, no column looks like it: then it is one of
/// the others, or the file has none. `named`: some column's name says what it is.
pub(crate) fn required(
    matches: &[Match],
    profiles: &[Profile],
    names: &[String],
    is_named: bool,
    options: &Options,
    questions: &mut Vec<Question>,
) {
    let free = |at: usize| matches.get(at).is_some_and(|m| m.field.is_none());
    let named = |at: usize| names.get(at).cloned().unwrap_or_default();
    let readings = |profile: &Profile, read: &dyn Fn(&str) -> Option<String>| {
        profile
            .samples
            .iter()
            .take(3)
            .map(|raw| Reading {
                raw: raw.clone(),
                read: read(raw).unwrap_or_else(|| raw.clone()),
            })
            .collect::<Vec<_>>()
    };
    let as_number = |raw: &str| {
        number::parse(raw, Decimal::Point)
            .or_else(|| number::parse(raw, Decimal::Comma))
            .map(|n| n.micros.to_string())
    };
    if column_of(matches, Field::Date).is_none() {
        let options: Vec<Choice> = profiles
            .iter()
            .enumerate()
            .filter(|(at, p)| {
                let other = crate::header::normalise(&named(*at));
                free(*at)
                    && (p.date_share() >= 0.9 || p.date_formats(true) == [DateFormat::Compact])
                    // A birthday is a date, and no order was placed on it.
                    && !["birth", "expir", "geburt", "nacim", "naissance"].iter().any(|w| other.contains(w))
            })
            .map(|(at, p)| {
                let format = p.date_formats(true).first().copied().unwrap_or(DateFormat::Iso);
                Choice {
                    value: format!("{at}=date"),
                    label: named(at),
                    readings: readings(p, &|raw| moment::parse(raw, format).map(|m| shown(&m))),
                }
            })
            .collect();
        questions.push(Question {
            id: "mapping.date".to_owned(),
            message: "Which column is the date of the order?".to_owned(),
            column: None,
            options,
        });
    }
    if AMOUNTS.iter().all(|f| column_of(matches, *f).is_none()) {
        let key_like = |at: usize| {
            let name = crate::header::normalise(&named(at));
            name.split(' ').any(|w| {
                matches!(
                    w,
                    "id" | "key"
                        | "no"
                        | "number"
                        | "code"
                        | "item"
                        | "line"
                        | "zip"
                        | "phone"
                        | "year"
                        | "week"
                        | "month"
                )
            })
        };
        let money = |p: &Profile| {
            p.kind() == ColumnKind::Money || p.kind() == ColumnKind::Decimal && p.fractions()
        };
        let candidates: Vec<_> = profiles
            .iter()
            .enumerate()
            .filter(|(at, p)| {
                free(*at)
                    && (money(p)
                        || p.kind() == ColumnKind::Integer && !key_like(*at) && p.distinct() > 2)
            })
            .collect();
        let sure = candidates.iter().any(|(_, p)| money(p));
        let options: Vec<Choice> = candidates
            .into_iter()
            .filter(|(_, p)| !sure || money(p))
            .flat_map(|(at, p)| {
                [Field::UnitPrice, Field::LineTotal].map(|field| Choice {
                    value: format!("{at}={}", field.id()),
                    label: format!("{} is {}", named(at), field.name()),
                    readings: readings(p, &as_number),
                })
            })
            .collect();
        questions.push(Question {
            id: "mapping.amount".to_owned(),
            message: "Which column is the price or the amount?".to_owned(),
            column: None,
            options,
        });
    }
    // Where the names say nothing, a column of whole numbers may be pieces: without asking, each row would be one.
    let said_none = options
        .decisions
        .get("mapping.quantity")
        .map(String::as_str)
        == Some(NO_COLUMN);
    if !is_named && !said_none && column_of(matches, Field::Quantity).is_none() {
        let mut options: Vec<Choice> = profiles
            .iter()
            .enumerate()
            .filter(|(at, p)| free(*at) && p.number_share() >= 0.9 && !p.fractions())
            .map(|(at, p)| Choice {
                value: format!("{at}={}", Field::Quantity.id()),
                label: named(at),
                readings: readings(p, &as_number),
            })
            .collect();
        if !options.is_empty() {
            options.push(Choice {
                value: NO_COLUMN.to_owned(),
                label: "None: each row is one piece".to_owned(),
                readings: Vec::new(),
            });
            questions.push(Question {
                id: "mapping.quantity".to_owned(),
                message: "Which column is the quantity?".to_owned(),
                column: None,
                options,
            });
        }
    }
}
