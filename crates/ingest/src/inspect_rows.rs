//! Tables beside orders: which data set a table is, and which of its columns means what.

use crate::correction::corrections;
use crate::currency::{self, Amounts};
use crate::data_set::DataSet;
use crate::detect::Seen;
use crate::error::NotImportable;
use crate::field::Field;
use crate::format::Format;
use crate::inspect::{self, About, choice, yes_no};
use crate::inspection::{Choice, Inspection, Question, Reading};
use crate::join::completes;
use crate::mapping::{self, Match};
use crate::moment::DateFormat;
use crate::options::Options;
use crate::plan::{Measure, PLAN_VERSION, Plan};
use crate::profile::Profile;
use crate::required;
use crate::sample::Sample;
use crate::settle;
use crate::source::Source;
use crate::specs::ValueKind;

/// Mapped columns that make a table with dates and amounts a table of products or promotions all the same.
const PLAINLY: usize = 4;
/// Columns offered for a field that none was found for.
const OFFERED: usize = 12;

/// What the table is about: as the merchant says, as its columns' names say, or whatever it has all that is needed for.
pub(crate) fn data_set(
    seen: &Seen,
    normal: &[String],
    source: Source,
    as_orders: &[Match],
    options: &Options,
) -> Result<DataSet, NotImportable> {
    let ids = DataSet::ALL.map(DataSet::id);
    if let Some(answer) = choice(options, "data_set", &ids)? {
        return Ok(DataSet::from_id(answer).unwrap_or_default());
    }
    // Parts of one table are about what one of them would be; tables that complete each other make orders.
    let completed = matches!(&seen.format, Format::Joined { tables } if completes(tables));
    if source != Source::Generic || completed {
        return Ok(DataSet::Orders);
    }
    let found = |set: DataSet| {
        let fits = decided_fields(options).all(|field| set.field(field).is_some());
        let mapped = mapped(set, normal, &seen.profiles);
        let has = |field: &Field| mapped.contains(field);
        let complete = set.required().iter().all(|part| part.iter().any(has));
        if fits && complete { mapped.len() } else { 0 }
    };
    let orders = required::found(as_orders);
    let named = DataSet::of(normal);
    if named != DataSet::Orders {
        let least = match named {
            _ if !orders => 1,
            DataSet::Customers => usize::MAX,
            DataSet::Products | DataSet::Promotions => PLAINLY,
            _ => 1,
        };
        if found(named) >= least {
            return Ok(named);
        }
    }
    if orders || DataSet::names_orders(normal) && named == DataSet::Orders {
        return Ok(DataSet::Orders);
    }
    // The names in other languages, and those that say little by themselves.
    let best = DataSet::ALL
        .into_iter()
        .filter(|set| *set != DataSet::Orders)
        .map(|set| (found(set), set))
        .filter(|(found, _)| *found >= 2)
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    Ok(best.map_or(DataSet::Orders, |(_, set)| set))
}

fn decided_fields(options: &Options) -> impl Iterator<Item = Field> + '_ {
    options.decisions.iter().filter_map(|(key, value)| {
        let field = if key.starts_with("map.") {
            value
        } else if key.starts_with("mapping") {
            value.split_once('=')?.1
        } else {
            return None;
        };
        Field::from_id(field)
    })
}

fn mapped(set: DataSet, normal: &[String], profiles: &[Profile]) -> Vec<Field> {
    assign(set, normal, profiles)
        .into_iter()
        .filter_map(|found| found.field)
        .collect()
}

fn assign(set: DataSet, normal: &[String], profiles: &[Profile]) -> Vec<Match> {
    mapping::assign_candidates(normal, profiles, &set.candidates(), |_, _| true)
}

/// The inspection of a table of this data set.
pub(crate) fn rows(
    seen: Seen,
    sample: &Sample,
    name: &str,
    normal: &[String],
    set: DataSet,
    options: &Options,
) -> Result<Inspection, NotImportable> {
    let mut questions = seen.questions.clone();
    let mut assumptions = seen.assumptions.clone();
    let profiles = &seen.profiles;
    let mut matches = assign(set, normal, profiles);
    let ignored = settle::apply_decisions(&mut matches, &seen.names, options)?;
    if let Some(field) = matches
        .iter()
        .filter_map(|found| found.field)
        .find(|field| set.field(*field).is_none())
    {
        return Err(NotImportable::BadDecision {
            key: "map".to_owned(),
            value: field.id().to_owned(),
            expected: format!(
                "A table of {} has: {}.",
                set.id(),
                set.fields()
                    .iter()
                    .map(|spec| spec.field.id())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        });
    }
    needed(set, &matches, profiles, &seen.names, &mut questions);
    let decimal = settle::decimal(&matches, profiles, options, &mut questions)?;
    let dates = dates(
        set,
        &matches,
        profiles,
        sample.complete,
        options,
        &mut questions,
    )?;
    let has_money = matches.iter().any(|found| {
        let spec = found.field.and_then(|field| set.field(field));
        spec.is_some_and(|spec| spec.kind == ValueKind::Money)
    });
    let money = if has_money {
        let amounts = Amounts {
            source: Source::Generic,
            normal,
            matches: &matches,
            profiles,
            decimal,
        };
        currency::currency(&amounts, options, &mut questions, &mut assumptions)?
    } else {
        currency::Settled {
            currency: options.currency,
            signs: options.currency,
        }
    };
    let times = matches.iter().zip(profiles).filter(|(found, _)| {
        let spec = found.field.and_then(|field| set.field(field));
        spec.is_some_and(|spec| spec.kind.is_date())
    });
    let times = times.map(|(_, profile)| profile);
    let clock = settle::clock(times, options, &mut assumptions)?;
    let date = |at: usize, _: &Match| dates.get(at).copied().flatten();
    let plan_columns =
        inspect::plan_columns(&seen.names, &matches, &ignored, decimal, date, |_| {
            Measure::Plain
        });
    let drop_duplicates = yes_no(options, "drop_duplicates")?.unwrap_or(false);
    let corrections = corrections(&options.decisions, seen.names.len())?;
    let plan = questions.is_empty().then(|| Plan {
        version: PLAN_VERSION,
        data_set: set,
        format: seen.format.clone(),
        entry: sample.entry.clone(),
        compression: sample.compression,
        encoding: seen.encoding.clone(),
        bom: seen.bom,
        dialect: seen.dialect.clone(),
        columns: plan_columns,
        source: Source::Generic,
        timezone: options.timezone.clone(),
        clock: clock.own,
        home_currency: money.signs,
        currency: money.currency,
        drop_duplicates,
        exclude_non_product_lines: false,
        include_test_orders: false,
        corrections,
        limits: options.limits,
        reasons: None,
    });
    let columns = inspect::columns(&seen.names, profiles, &matches, &ignored);
    let about = About {
        data_set: set,
        source: Source::Generic,
        clock: clock.named,
    };
    Ok(inspect::inspection(
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

/// Asks for the column of each field that the data set cannot do without. Without an option, no column looks like it.
fn needed(
    set: DataSet,
    matches: &[Match],
    profiles: &[Profile],
    names: &[String],
    questions: &mut Vec<Question>,
) {
    for part in set.required() {
        let is_mapped = |field: &Field| settle::column_of(matches, *field).is_some();
        let Some(first) = part.first().filter(|_| !part.iter().any(is_mapped)) else {
            continue;
        };
        let options: Vec<Choice> = matches
            .iter()
            .zip(profiles)
            .zip(names)
            .enumerate()
            .filter(|(_, ((found, profile), _))| {
                found.field.is_none() && mapping::could_be(*first, profile)
            })
            .take(OFFERED)
            .map(|(at, ((_, profile), name))| Choice {
                value: format!("{at}={}", first.id()),
                label: name.clone(),
                readings: profile
                    .samples
                    .iter()
                    .take(3)
                    .map(|raw| Reading {
                        raw: raw.clone(),
                        read: raw.clone(),
                    })
                    .collect(),
            })
            .collect();
        questions.push(Question {
            id: format!("mapping.{}", first.id()),
            message: format!("Which column is {}?", first.name()),
            column: None,
            options,
        });
    }
}

/// What the rows are, where nothing in the table says it.
pub(crate) fn which_data_set() -> Question {
    let option = |set: DataSet| Choice {
        value: set.id().to_owned(),
        label: set.id().replace('_', " "),
        readings: Vec::new(),
    };
    Question {
        id: "data_set".to_owned(),
        message: "What does the file hold?".to_owned(),
        column: None,
        options: DataSet::ALL.map(option).to_vec(),
    }
}

/// How each column of days or times is read. Written in one file, they are written in one order: asked once, of the
/// values of all of them.
fn dates(
    set: DataSet,
    matches: &[Match],
    profiles: &[Profile],
    complete: bool,
    options: &Options,
    questions: &mut Vec<Question>,
) -> Result<Vec<Option<DateFormat>>, NotImportable> {
    let is_date = |found: &Match| {
        let spec = found.field.and_then(|field| set.field(field));
        spec.is_some_and(|spec| spec.kind.is_date())
    };
    let mut formats = vec![None; matches.len()];
    let mut written: Option<(usize, Profile)> = None;
    for (at, (found, profile)) in matches.iter().zip(profiles).enumerate() {
        if !is_date(found) {
            continue;
        }
        if profile.date_share() < 0.5 {
            // Bare numbers, which are read in one way.
            if let Some(slot) = formats.get_mut(at) {
                *slot = profile.date_formats(true).first().copied();
            }
            continue;
        }
        match &mut written {
            Some((_, all)) => all.add(profile),
            None => written = Some((at, profile.clone())),
        }
    }
    let Some((first, all)) = written else {
        return Ok(formats);
    };
    let common = settle::date_order(first, &all, complete, options, questions)?;
    for (at, (found, profile)) in matches.iter().zip(profiles).enumerate() {
        if is_date(found)
            && profile.date_share() >= 0.5
            && let Some(slot) = formats.get_mut(at)
        {
            let own = profile.date_formats(true);
            *slot = match common {
                Some(format) if own.contains(&format) || own.is_empty() => Some(format),
                // The one column has numbers, the other words.
                _ => own.first().copied(),
            };
        }
    }
    Ok(formats)
}
