//! Conversion by day, made of a month's events: how many visitors and sessions came, viewed a product, put one into the
//! cart, began to check out, bought.

use crate::{
    error::LakeError,
    schema::{BY_MONTH, MONTH, TableSchema, int, long},
};
use ingest::EventKind;
use polars::prelude::*;
use rustc_hash::FxHashMap;
use std::{borrow::Cow, collections::BTreeMap};

/// One row a day. Who did a thing on a day is counted once for it, in whatever order things were done. Counts of
/// sessions are unknown on days on which an event has none.
pub(crate) static FUNNEL: TableSchema = TableSchema {
    path: "gold/funnel",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(&[
        int("day"),
        long("visitors"),
        long("visitors_viewed"),
        long("visitors_added"),
        long("visitors_checked_out"),
        long("visitors_bought"),
        long("sessions"),
        long("sessions_viewed"),
        long("sessions_added"),
        long("sessions_checked_out"),
        long("sessions_bought"),
        int(MONTH),
    ]),
};

const STEPS: usize = 4;

/// The steps that an event of this kind takes, a bit each.
fn steps(kind: &str) -> u8 {
    const VIEWED: &str = EventKind::ViewItem.id();
    const ADDED: &str = EventKind::AddToCart.id();
    const BEGUN: &str = EventKind::BeginCheckout.id();
    const SHIPPING: &str = EventKind::AddShippingInfo.id();
    const PAYMENT: &str = EventKind::AddPaymentInfo.id();
    const BOUGHT: &str = EventKind::Purchase.id();
    match kind {
        VIEWED => 1,
        ADDED => 2,
        BEGUN | SHIPPING | PAYMENT => 4,
        BOUGHT => 8,
        _ => 0,
    }
}

#[derive(Default)]
struct OfDay<'a> {
    visitors: FxHashMap<&'a str, u8>,
    sessions: FxHashMap<(&'a str, &'a str), u8>,
    without_session: bool,
}

fn counts<K>(of: &FxHashMap<K, u8>) -> [i64; STEPS + 1] {
    let mut counts = [of.len() as i64, 0, 0, 0, 0];
    for taken in of.values() {
        for (step, count) in counts.iter_mut().skip(1).enumerate() {
            *count += i64::from(taken >> step & 1);
        }
    }
    counts
}

/// `events` are the current ones of a month.
pub(crate) fn by_day(events: &DataFrame, month: i32) -> Result<DataFrame, LakeError> {
    let text = |name: &str| Ok::<_, LakeError>(events.column(name)?.str()?);
    let days = events.column("day")?.i32()?;
    let (visitors, sessions, kinds) = (text("visitor")?, text("session")?, text("event_kind")?);
    let mut by_day: BTreeMap<i32, OfDay<'_>> = BTreeMap::new();
    for row in 0..events.height() {
        let (Some(day), Some(visitor)) = (days.get(row), visitors.get(row)) else {
            continue;
        };
        let taken = kinds.get(row).map_or(0, steps);
        let of = by_day.entry(day).or_default();
        *of.visitors.entry(visitor).or_default() |= taken;
        match sessions.get(row) {
            // A session is a visitor's: some number them anew for each.
            Some(session) => *of.sessions.entry((visitor, session)).or_default() |= taken,
            None => of.without_session = true,
        }
    }
    let visitors: Vec<_> = by_day.values().map(|of| counts(&of.visitors)).collect();
    let sessions: Vec<_> = by_day
        .values()
        .map(|of| (!of.without_session).then(|| counts(&of.sessions)))
        .collect();
    let names = |of: &'static str| {
        let steps = ["", "_viewed", "_added", "_checked_out", "_bought"];
        steps
            .into_iter()
            .enumerate()
            .map(move |(at, step)| (at, format!("{of}{step}")))
    };
    let mut columns = vec![Column::new(
        "day".into(),
        by_day.keys().copied().collect::<Vec<_>>(),
    )];
    for (at, name) in names("visitors") {
        let values: Vec<Option<i64>> = visitors.iter().map(|c| c.get(at).copied()).collect();
        columns.push(Column::new(name.as_str().into(), values));
    }
    for (at, name) in names("sessions") {
        let values: Vec<Option<i64>> = sessions
            .iter()
            .map(|c| c.as_ref()?.get(at).copied())
            .collect();
        columns.push(Column::new(name.as_str().into(), values));
    }
    columns.push(Column::new_scalar(MONTH.into(), month.into(), by_day.len()));
    Ok(DataFrame::new(by_day.len(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_counts_once_a_visitor_a_session_and_a_day() {
        let events = df![
            "day" => [1, 1, 1, 1, 1, 2],
            "visitor" => ["a", "a", "a", "b", "b", "a"],
            "session" => [Some("1"), Some("1"), Some("2"), Some("1"), Some("1"), None],
            "event_kind" => ["view_item", "view_item", "view_item", "add_payment_info", "purchase", "add_to_cart"],
        ]
        .unwrap();
        let funnel = by_day(&events, 7).unwrap();
        let rows: Vec<Vec<Option<i64>>> = funnel
            .columns()
            .iter()
            .map(|column| {
                let numbers = column.cast(&DataType::Int64).unwrap();
                numbers.i64().unwrap().iter().collect()
            })
            .collect();
        let of = |row: usize| rows.iter().map(|c| c[row]).collect::<Vec<_>>();
        let known = |counts: &[i64]| counts.iter().map(|n| Some(*n)).collect::<Vec<_>>();
        assert_eq!(of(0), known(&[1, 2, 1, 0, 1, 1, 3, 2, 0, 1, 1, 7]));
        // An event without a session: how many there were is not known.
        let mut second = known(&[2, 1, 0, 1, 0, 0]);
        second.extend([None; 5]);
        second.push(Some(7));
        assert_eq!(of(1), second);
        let names: Vec<_> = FUNNEL.fields.iter().map(|field| field.name).collect();
        let made: Vec<_> = funnel.columns().iter().map(|c| c.name().as_str()).collect();
        assert_eq!(made, names);
    }
}
