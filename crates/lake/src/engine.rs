//! The Polars engine: runs a [`Query`] over one table of a snapshot.

use crate::{
    error::LakeError,
    extra,
    hot::UNKNOWN,
    rates::Rates,
    rollup::Source,
    schema::{SUM_COLUMNS, SUMS, column},
    snapshot::Snapshot,
    store::Lake,
    wanted,
};
use metrics::{Dimension, Filter, Measure, Query, calendar};
use polars::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use types::{Currency, Day};

/// One group: the codes or calendar keys of the dimensions, and the measures asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub keys: Vec<Key>,
    /// In the order of the measures asked for. `None`: not known, for want of a rate of exchange, or because no file
    /// says it.
    pub values: Vec<Option<i64>>,
}

/// In which currency amounts are wanted, and what others are worth in it.
#[derive(Clone, Copy, Debug)]
pub struct Conversion<'a> {
    pub rates: &'a Rates,
    pub into: Currency,
}

/// What a query came to.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub groups: Vec<Group>,
    /// Where a conversion lacked a rate: the first day, by currency.
    pub without_rate: BTreeMap<String, Day>,
}

/// The measures of each group, by the codes or calendar keys of its dimensions.
pub(crate) type Sums = FxHashMap<Vec<i64>, [Option<i64>; 16]>;
pub(crate) const NOTHING: [Option<i64>; 16] = [Some(0); 16];
/// The key of rows of which a number is not known.
const NO_KEY: i64 = i64::MIN;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A key of a time dimension.
    Time(i32),
    /// Empty: not known.
    Text(String),
}

const MEASURES_OF_CUSTOMERS: [Measure; 3] = [
    Measure::Customers,
    Measure::NewCustomers,
    Measure::ReturningCustomers,
];

/// The groups of `query` with these measures, from `source`, which must answer them
/// ([`Source::answers`]). Order, limit and metrics of the query are the caller's.
///
/// Without dimensions there is always one group; with dimensions, only groups that have rows. Without a conversion
/// amounts are added as they stand: that they are of one currency is the caller's to see to.
pub async fn run(
    lake: &Lake,
    snapshot: &Snapshot,
    source: Source,
    query: &Query,
    measures: &[Measure],
    conversion: Option<Conversion<'_>>,
) -> Result<Answer, LakeError> {
    let frame = extra::frame(lake, snapshot, source, query).await?;
    let mask = mask(snapshot, &frame, query)?;
    let selected = match mask {
        Some(mask) => frame.filter(&mask)?,
        None => frame,
    };
    let (frame, keys) = with_keys(selected, &query.by)?;

    let mut sums = Sums::default();
    if keys.is_empty() {
        sums.insert(Vec::new(), NOTHING);
    }
    let (amounts, others): (Vec<Measure>, Vec<Measure>) = measures
        .iter()
        .copied()
        .partition(|m| conversion.is_some() && m.is_amount());
    collect(&frame, &keys, aggregates(&others), &others, &mut sums)?;
    let without_rate = match conversion {
        Some(conversion) => conversion.collect(snapshot, &frame, &keys, &amounts, &mut sums)?,
        None => BTreeMap::new(),
    };
    if measures.iter().any(|m| MEASURES_OF_CUSTOMERS.contains(m)) {
        if source == Source::Orders {
            customers(&frame, &keys, &mut sums)?;
        } else {
            customers_of_lines(&frame, &keys, &mut sums)?;
        }
    }
    let groups = sums
        .into_iter()
        .map(|(codes, values)| Group {
            keys: codes
                .into_iter()
                .zip(&query.by)
                .map(|(code, dimension)| {
                    if code == NO_KEY {
                        Key::Text(String::new())
                    } else if dimension.is_time() {
                        Key::Time(i32::try_from(code).unwrap_or(0))
                    } else {
                        Key::Text(snapshot.text(u32::try_from(code).unwrap_or(UNKNOWN)))
                    }
                })
                .collect(),
            values: measures.iter().map(|m| values[*m as usize]).collect(),
        })
        .collect();
    Ok(Answer {
        groups,
        without_rate,
    })
}

/// Which rows are meant; `None` for all.
pub(crate) fn mask(
    snapshot: &Snapshot,
    frame: &DataFrame,
    query: &Query,
) -> Result<Option<BooleanChunked>, LakeError> {
    let mut mask: Option<BooleanChunked> = None;
    let mut narrow = |next: BooleanChunked| {
        mask = Some(match mask.take() {
            Some(so_far) => &so_far & &next,
            None => next,
        });
    };
    if let Some(period) = query.period {
        let days = frame.column("day")?.i32()?;
        narrow(&days.gt_eq(period.from.0) & &days.lt_eq(period.to.0));
    }
    for Filter { dimension, values } in &query.filters {
        narrow(if dimension.is_time() {
            let wanted: FxHashSet<i32> = values
                .iter()
                .filter_map(|v| calendar::parse_label(*dimension, v))
                .collect();
            let unknown = values.iter().any(String::is_empty);
            let column = frame.column(column(dimension))?.i32()?;
            let key = keys_of_days(*dimension, column);
            column
                .iter()
                .map(|n| n.map_or(unknown, |n| wanted.contains(&key(n))))
                .collect()
        } else {
            let values = values.iter().map(|value| wanted::text(dimension, value));
            let codes = values.filter_map(|value| snapshot.code(&value));
            let wanted: FxHashSet<u32> = match dimension {
                Dimension::Customer => codes.map(|code| snapshot.person(code)).collect(),
                _ => codes.collect(),
            };
            let column = frame.column(column(dimension))?.u32()?;
            column
                .iter()
                .map(|code| wanted.contains(&code.unwrap_or(UNKNOWN)))
                .collect()
        });
    }
    Ok(mask)
}

/// From a stored day (or hour) to the dimension's key, through a table over the days there are.
fn keys_of_days(dimension: Dimension, column: &Int32Chunked) -> impl Fn(i32) -> i32 + use<> {
    let from = column.min().unwrap_or(0);
    let table: Vec<i32> = if matches!(dimension, Dimension::Day | Dimension::Hour) {
        Vec::new()
    } else {
        (from..=column.max().unwrap_or(-1))
            .map(|day| calendar::key(dimension, Day(day)).unwrap_or(day))
            .collect()
    };
    move |n| {
        usize::try_from(n - from)
            .ok()
            .and_then(|i| table.get(i))
            .copied()
            .unwrap_or(n)
    }
}

/// The frame with a column for each dimension, and the names of these columns.
fn with_keys(mut frame: DataFrame, by: &[Dimension]) -> Result<(DataFrame, Vec<&str>), LakeError> {
    let mut names = Vec::new();
    for dimension in by {
        let name = match dimension {
            Dimension::Week
            | Dimension::Month
            | Dimension::Quarter
            | Dimension::Year
            | Dimension::Weekday => {
                let days = frame.column("day")?.i32()?;
                let key = keys_of_days(*dimension, days);
                let keys: Vec<i32> = days.iter().map(|n| key(n.unwrap_or(0))).collect();
                frame.with_column(Column::new(dimension.id().into(), keys))?;
                dimension.id()
            }
            other => column(other),
        };
        names.push(name);
    }
    Ok((frame, names))
}

/// The sum of what is known; null where nothing is.
pub(crate) fn known_sum(name: &str) -> Expr {
    when(col(name).count().gt(lit(0)))
        .then(col(name).sum())
        .otherwise(lit(NULL))
        .alias(name)
}

pub(crate) fn aggregates(measures: &[Measure]) -> Vec<Expr> {
    measures
        .iter()
        .filter_map(|measure| {
            let at = SUMS.iter().position(|m| m == measure);
            let name = format!("m{}", *measure as usize);
            if let Some(at) = at {
                let sum = match measure.may_be_unsaid() {
                    true => known_sum(SUM_COLUMNS[at]),
                    false => col(SUM_COLUMNS[at]).sum(),
                };
                return Some(sum.alias(name));
            }
            let flag = match measure {
                Measure::Orders => "sale",
                Measure::ReturnedOrders => "returned",
                _ => return None,
            };
            let distinct = col("order_id").filter(col(flag).eq(lit(1))).n_unique();
            Some(distinct.cast(DataType::Int64).alias(name))
        })
        .collect()
}

pub(crate) fn grouped(
    frame: &DataFrame,
    keys: &[&str],
    aggregates: Vec<Expr>,
) -> PolarsResult<DataFrame> {
    let lazy = frame.clone().lazy();
    if keys.is_empty() {
        lazy.select(aggregates).collect()
    } else {
        let keys: Vec<Expr> = keys.iter().map(|k| col(*k)).collect();
        lazy.group_by(keys).agg(aggregates).collect()
    }
}

fn collect(
    frame: &DataFrame,
    keys: &[&str],
    mut aggregates: Vec<Expr>,
    measures: &[Measure],
    into: &mut Sums,
) -> Result<(), LakeError> {
    if frame.height() == 0 {
        return Ok(());
    }
    if aggregates.is_empty() {
        aggregates.push(len().cast(DataType::Int64).alias("rows"));
    }
    let result = grouped(frame, keys, aggregates)?;
    let columns: Vec<(Measure, Int64Chunked)> = measures
        .iter()
        .filter_map(|m| {
            let column = result.column(&format!("m{}", *m as usize)).ok()?;
            Some((*m, column.i64().ok()?.clone()))
        })
        .collect();
    for (row, key) in key_rows(&result, keys)?.into_iter().enumerate() {
        let values = into.entry(key).or_insert(NOTHING);
        for (measure, column) in &columns {
            let otherwise = (!measure.may_be_unsaid()).then_some(0);
            values[*measure as usize] = column.get(row).or(otherwise);
        }
    }
    Ok(())
}

pub(crate) fn key_rows(frame: &DataFrame, keys: &[&str]) -> Result<Vec<Vec<i64>>, LakeError> {
    let columns = keys
        .iter()
        .map(|k| frame.column(k)?.cast(&DataType::Int64))
        .collect::<PolarsResult<Vec<_>>>()?;
    let columns = columns
        .iter()
        .map(|c| c.i64())
        .collect::<PolarsResult<Vec<_>>>()?;
    Ok((0..frame.height())
        .map(|row| {
            let keys = columns.iter();
            keys.map(|c| c.get(row).unwrap_or(NO_KEY)).collect()
        })
        .collect())
}

/// Customers, and which of them are new and returning. A customer of a group is returning when the
/// group has several of their orders, or not the one they began with: then an earlier one exists.
fn customers(frame: &DataFrame, keys: &[&str], into: &mut Sums) -> Result<(), LakeError> {
    let known = frame.clone().lazy().filter(
        col("sale")
            .eq(lit(1))
            .and(col("customer").neq(lit(UNKNOWN))),
    );
    let mut per_customer: Vec<Expr> = keys.iter().map(|k| col(*k)).collect();
    if !keys.contains(&"customer") {
        per_customer.push(col("customer"));
    }
    let people = known
        .group_by(per_customer)
        .agg([
            col("order_id")
                .n_unique()
                .cast(DataType::Int64)
                .alias("orders_here"),
            col("first").max().cast(DataType::Int64).alias("began_here"),
        ])
        .collect()?;
    if people.height() == 0 {
        return Ok(());
    }
    let counts = grouped(
        &people,
        keys,
        vec![
            len().cast(DataType::Int64).alias("people"),
            col("began_here").sum().alias("new"),
            col("orders_here")
                .gt(lit(1))
                .or(col("began_here").eq(lit(0)))
                .cast(DataType::Int64)
                .sum()
                .alias("returning"),
        ],
    )?;
    let columns = [
        (Measure::Customers, counts.column("people")?.i64()?),
        (Measure::NewCustomers, counts.column("new")?.i64()?),
        (
            Measure::ReturningCustomers,
            counts.column("returning")?.i64()?,
        ),
    ];
    for (row, key) in key_rows(&counts, keys)?.into_iter().enumerate() {
        let values = into.entry(key).or_insert(NOTHING);
        for (measure, column) in &columns {
            values[*measure as usize] = Some(column.get(row).unwrap_or(0));
        }
    }
    Ok(())
}

fn customers_of_lines(frame: &DataFrame, keys: &[&str], into: &mut Sums) -> Result<(), LakeError> {
    if frame.height() == 0 {
        return Ok(());
    }
    let of_sales = col("sale")
        .eq(lit(1))
        .and(col("customer").neq(lit(UNKNOWN)));
    let count = col("customer")
        .filter(of_sales)
        .n_unique()
        .cast(DataType::Int64)
        .alias(format!("m{}", Measure::Customers as usize));
    collect(frame, keys, vec![count], &[Measure::Customers], into)
}
