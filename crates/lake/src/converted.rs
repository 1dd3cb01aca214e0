//! Amounts of several currencies in one: each day's by the rate of the day.

use crate::{
    engine::{Conversion, NOTHING, Sums, aggregates, grouped, key_rows},
    error::LakeError,
    hot::UNKNOWN,
    rates,
    snapshot::Snapshot,
};
use metrics::Measure;
use polars::prelude::{DataFrame, Int64Chunked};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use types::{Currency, Day};

/// Where a conversion lacked a rate: the first day, by currency.
type WithoutRate = BTreeMap<String, Day>;

/// A sum of amounts that were converted, not yet rounded; `None` once a part of it has no rate. Beside it stands whether
/// any file says the amount.
type Exact = Option<i128>;

impl Conversion<'_> {
    /// Adds the sums of `amounts` to the groups by `keys`. Whatever the table and the groups, an amount is rounded once,
    /// when it is whole: figures from several tables agree to the last digit.
    pub(crate) fn collect(
        self,
        snapshot: &Snapshot,
        frame: &DataFrame,
        keys: &[&str],
        amounts: &[Measure],
        into: &mut Sums,
    ) -> Result<WithoutRate, LakeError> {
        let mut without_rate = WithoutRate::new();
        if amounts.is_empty() || frame.height() == 0 {
            return Ok(without_rate);
        }
        let mut parts = keys.to_vec();
        for name in ["day", "currency"] {
            if !parts.contains(&name) {
                parts.push(name);
            }
        }
        let sums = grouped(frame, &parts, aggregates(amounts))?;
        let columns = amounts
            .iter()
            .map(|m| Ok(sums.column(&format!("m{}", *m as usize))?.i64()?.clone()))
            .collect::<Result<Vec<Int64Chunked>, LakeError>>()?;
        let days = sums.column("day")?.i32()?;
        let currencies = sums.column("currency")?.u32()?;
        let mut known: FxHashMap<u32, Option<Currency>> = FxHashMap::default();
        let mut totals: FxHashMap<Vec<i64>, Vec<(Exact, bool)>> = FxHashMap::default();
        for (row, key) in key_rows(&sums, keys)?.into_iter().enumerate() {
            let day = Day(days.get(row).unwrap_or(0));
            let code = currencies.get(row).unwrap_or(UNKNOWN);
            let currency = *known
                .entry(code)
                .or_insert_with(|| snapshot.text(code).parse().ok());
            let rate = currency.and_then(|from| self.rates.rate(from, self.into, day));
            let total = totals
                .entry(key)
                .or_insert_with(|| vec![(Some(0), false); amounts.len()]);
            let mut lacks = false;
            for ((total, said), column) in total.iter_mut().zip(&columns) {
                *said |= column.get(row).is_some();
                let Some(amount) = column.get(row).filter(|amount| *amount != 0) else {
                    continue;
                };
                lacks |= rate.is_none();
                *total = total.and_then(|sum| sum.checked_add(rate?.of(amount)?));
            }
            if lacks {
                let first = without_rate.entry(snapshot.text(code)).or_insert(day);
                *first = day.min(*first);
            }
        }
        for (key, exact) in totals {
            let values = into.entry(key).or_insert(NOTHING);
            for (measure, (exact, said)) in amounts.iter().zip(exact) {
                let exact = exact.filter(|_| said || !measure.may_be_unsaid());
                values[*measure as usize] = exact.and_then(rates::rounded);
            }
        }
        Ok(without_rate)
    }
}
