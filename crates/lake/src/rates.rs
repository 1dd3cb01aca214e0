//! What currencies are worth in each other, by day, as uploaded tables of rates say.

use crate::{error::LakeError, parquet::decode, store::Lake, tables};
use ingest::DataSet;
use polars::prelude::DataFrame;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use types::{Currency, Day, TenantId};

/// A rate holds until the next one, at most for so many days: tables are by day (without weekends), by week or by month.
/// An older one is none.
pub const HOLDS_DAYS: i32 = 31;

/// A rate of 1. Tables hold billionths; the inverse of a small rate needs more decimals than that.
const ONE: i128 = 1_000_000_000_000;
const OF_TABLES: i128 = 1_000;

/// The rates of one version of a tenant's table.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// In order of the days.
    of: FxHashMap<(Currency, Currency), Vec<(Day, i128)>>,
    currencies: BTreeSet<Currency>,
}

/// What one unit of a currency is worth in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// 10^-12 units.
    pub value: i128,
    /// The day of the rate; of several that it is made of, the oldest.
    pub day: Day,
}

impl Rate {
    /// Of millionths, millionths times 10^-12: exact, so that the parts of a sum may be converted one by one.
    /// `None` beyond 128 bits.
    pub fn of(self, micros: i64) -> Option<i128> {
        i128::from(micros).checked_mul(self.value)
    }
}

/// Millionths of what [`Rate::of`] returned, or of a sum of these; rounded half away from zero.
/// `None` beyond 64 bits.
pub fn rounded(converted: i128) -> Option<i64> {
    i64::try_from(divided(converted, ONE)?).ok()
}

/// Rounded half away from zero. `divisor` is positive.
fn divided(number: i128, divisor: i128) -> Option<i128> {
    let half = divisor / 2 * number.signum();
    number.checked_add(half)?.checked_div(divisor)
}

impl Rates {
    pub(crate) async fn open(
        lake: &Lake,
        tenant: TenantId,
        version: u64,
    ) -> Result<Self, LakeError> {
        let schema = tables::gold(DataSet::Rates);
        let files = lake.files(tenant, schema, version).await?;
        tokio::task::spawn_blocking(move || {
            let mut rates = Self::default();
            for bytes in files {
                rates.learn(&decode(bytes, Some(COLUMNS))?)?;
            }
            rates.sort();
            Ok(rates)
        })
        .await?
    }

    fn learn(&mut self, table: &DataFrame) -> Result<(), LakeError> {
        let days = table.column("day")?.i32()?;
        let from = table.column("from_currency")?.str()?;
        let to = table.column("to_currency")?.str()?;
        let values = table.column("rate")?.i64()?;
        let currency = |text: &str| text.parse::<Currency>().ok();
        for row in 0..table.height() {
            let (Some(day), Some(from), Some(to), Some(rate)) = (
                days.get(row),
                from.get(row).and_then(currency),
                to.get(row).and_then(currency),
                values.get(row).filter(|rate| *rate > 0),
            ) else {
                continue;
            };
            self.add(Day(day), from, to, i128::from(rate) * OF_TABLES);
        }
        Ok(())
    }

    fn add(&mut self, day: Day, from: Currency, to: Currency, value: i128) {
        self.currencies.extend([from, to]);
        self.of.entry((from, to)).or_default().push((day, value));
    }

    fn sort(&mut self) {
        for of in self.of.values_mut() {
            of.sort_unstable();
        }
    }

    /// The rate of the day, or the last one before it; of the other direction, or through a third currency, where
    /// the table has none of this one. Of several ways the one with the youngest rates.
    pub fn rate(&self, from: Currency, to: Currency, day: Day) -> Option<Rate> {
        if from == to {
            return Some(Rate { value: ONE, day });
        }
        if let Some(direct) = self.between(from, to, day) {
            return Some(direct);
        }
        self.currencies
            .iter()
            .filter_map(|third| {
                let first = self.between(from, *third, day)?;
                let second = self.between(*third, to, day)?;
                Some(Rate {
                    value: divided(first.value.checked_mul(second.value)?, ONE)?,
                    day: first.day.min(second.day),
                })
            })
            .reduce(|best, next| if next.day > best.day { next } else { best })
    }

    /// Of a pair that the table has, in either direction.
    fn between(&self, from: Currency, to: Currency, day: Day) -> Option<Rate> {
        let there = self.last(from, to, day);
        let back = self.last(to, from, day);
        match (there, back) {
            (Some(there), back) if back.is_none_or(|back| back.day <= there.day) => Some(there),
            (_, back) => {
                let back = back?;
                let value = divided(ONE.checked_mul(ONE)?, back.value)?;
                Some(Rate { value, ..back })
            }
        }
    }

    fn last(&self, from: Currency, to: Currency, day: Day) -> Option<Rate> {
        let of = self.of.get(&(from, to))?;
        let next = of.partition_point(|(other, _)| *other <= day);
        let (found, value) = *of.get(next.checked_sub(1)?)?;
        let rate = Rate { value, day: found };
        (day.0.saturating_sub(found.0) <= HOLDS_DAYS).then_some(rate)
    }
}

const COLUMNS: &[&str] = &["day", "from_currency", "to_currency", "rate"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BILLION: i128 = 1_000_000_000;

    /// `(day, "USD EUR", billionths)`
    fn known(rows: &[(i32, &str, i128)]) -> Rates {
        let mut rates = Rates::default();
        for (day, pair, billionths) in rows {
            let (from, to) = pair.split_once(' ').unwrap();
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            rates.add(Day(*day), from, to, billionths * OF_TABLES);
        }
        rates.sort();
        rates
    }

    fn in_euros(rates: &Rates, day: i32, from: &str, micros: i64) -> Option<(i32, i64)> {
        let rate = rates.rate(from.parse().unwrap(), Currency::EUR, Day(day))?;
        Some((rate.day.0, rounded(rate.of(micros)?)?))
    }

    #[test]
    fn the_rate_of_the_day_or_the_last_before_it() {
        let rates = known(&[(12, "USD EUR", 950_000_000), (10, "USD EUR", 900_000_000)]);
        let of = |day| in_euros(&rates, day, "USD", 1_000_000);
        assert_eq!(of(9), None);
        assert_eq!(of(10), Some((10, 900_000)));
        assert_eq!(of(11), Some((10, 900_000)));
        assert_eq!(of(12 + HOLDS_DAYS), Some((12, 950_000)));
        // Too old a rate is none, and none is not 1.
        assert_eq!(of(13 + HOLDS_DAYS), None);
        assert_eq!(in_euros(&rates, 10, "GBP", 1_000_000), None);
        assert_eq!(in_euros(&rates, 10, "EUR", 7), Some((10, 7)));
    }

    #[test]
    fn the_other_direction_and_a_third_currency() {
        let rates = known(&[
            (10, "EUR JPY", 160 * BILLION),
            (9, "USD JPY", 150 * BILLION),
        ]);
        let of = |from, micros| in_euros(&rates, 10, from, micros);
        assert_eq!(of("JPY", 320_000_000), Some((10, 2_000_000)));
        // 2 USD are 300 JPY are 1.875 EUR.
        assert_eq!(of("USD", 2_000_000), Some((9, 1_875_000)));
        assert_eq!(of("USD", -2_000_000), Some((9, -1_875_000)));
        // The younger of both directions.
        let both = known(&[(10, "USD EUR", BILLION / 2), (11, "EUR USD", BILLION)]);
        assert_eq!(in_euros(&both, 11, "USD", 10), Some((11, 10)));
        assert_eq!(in_euros(&both, 10, "USD", 10), Some((10, 5)));
    }

    #[test]
    fn small_rates_keep_their_digits() {
        let rates = known(&[(1, "EUR IDR", 17_543 * BILLION)]);
        // One million rupiah: 57.002793... euros.
        assert_eq!(
            in_euros(&rates, 1, "IDR", 1_000_000_000_000),
            Some((1, 57_002_793))
        );
    }

    proptest! {
        #[test]
        fn parts_converted_one_by_one_are_the_whole_converted(
            billionths in 1_i128..1_000_000_000_000_000,
            parts in prop::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000, 0..20),
        ) {
            let rate = Rate { value: billionths * OF_TABLES, day: Day(0) };
            let whole = rate.of(parts.iter().sum()).unwrap();
            let one_by_one: i128 = parts.iter().map(|part| rate.of(*part).unwrap()).sum();
            prop_assert_eq!(whole, one_by_one);
        }

        #[test]
        fn there_and_back_is_the_same_but_for_the_last_digits(
            billionths in 100_000_i128..100_000_000_000_000,
            micros in -1_000_000_000_000_i64..1_000_000_000_000,
        ) {
            let rates = known(&[(1, "USD EUR", billionths)]);
            let there = rates.rate(Currency::USD, Currency::EUR, Day(1)).unwrap();
            let back = rates.rate(Currency::EUR, Currency::USD, Day(1)).unwrap();
            // The inverse is exact to half of 10^-12 of a unit.
            let product = divided(there.value * back.value, ONE).unwrap();
            prop_assert!((product - ONE).abs() <= there.value / ONE / 2 + 1, "{product}");
            let _amount = rounded(there.of(micros).unwrap());
        }
    }
}
