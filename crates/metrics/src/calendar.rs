//! Time dimensions: integer keys that sort as time does, and their text.
//!
//! Weeks are ISO 8601 weeks.

use crate::Dimension;
use jiff::civil::ISOWeekDate;
use types::{Day, Period};

/// The key of the group that `day` falls in. `None` where the dimension is not made from a day.
pub fn key(dimension: Dimension, day: Day) -> Option<i32> {
    let date = day.date();
    let year = i32::from(date.year());
    Some(match dimension {
        Dimension::Day => day.0,
        Dimension::Week => {
            let week = date.iso_week_date();
            i32::from(week.year()) * 100 + i32::from(week.week())
        }
        Dimension::Month => day.month_key(),
        Dimension::Quarter => day.month_key().div_euclid(3),
        Dimension::Year => year,
        Dimension::Weekday => i32::from(date.weekday().to_monday_one_offset()),
        _ => return None,
    })
}

/// `2010-12-01`, `2010-W48`, `2010-12`, `2010-Q4`, `2010`; weekdays 1 (Monday) to 7, hours 0 to 23.
pub fn label(dimension: Dimension, key: i32) -> String {
    match dimension {
        Dimension::Day => Day(key).to_string(),
        Dimension::Week => format!("{:04}-W{:02}", key.div_euclid(100), key.rem_euclid(100)),
        Dimension::Month => format!("{:04}-{:02}", key.div_euclid(12), key.rem_euclid(12) + 1),
        Dimension::Quarter => format!("{:04}-Q{}", key.div_euclid(4), key.rem_euclid(4) + 1),
        Dimension::Year => format!("{key:04}"),
        _ => key.to_string(),
    }
}

/// The inverse of [`label`].
pub fn parse_label(dimension: Dimension, text: &str) -> Option<i32> {
    let parts = |separator: &str| -> Option<(i32, i32)> {
        let (a, b) = text.split_once(separator)?;
        Some((a.parse().ok()?, b.parse().ok()?))
    };
    match dimension {
        Dimension::Day => text.parse::<Day>().ok().map(|d| d.0),
        Dimension::Week => parts("-W")
            .filter(|(_, w)| (1..=53).contains(w))
            .map(|(y, w)| y * 100 + w),
        Dimension::Month => parts("-")
            .filter(|(_, m)| (1..=12).contains(m))
            .map(|(y, m)| y * 12 + m - 1),
        Dimension::Quarter => parts("-Q")
            .filter(|(_, q)| (1..=4).contains(q))
            .map(|(y, q)| y * 4 + q - 1),
        Dimension::Year => text.parse().ok(),
        Dimension::Weekday => text.parse().ok().filter(|n| (1..=7).contains(n)),
        Dimension::Hour => text.parse().ok().filter(|n| (0..=23).contains(n)),
        _ => None,
    }
}

/// The days of the group with this key. `None` for weekdays and hours, which are no stretch of days.
pub fn span(dimension: Dimension, key: i32) -> Option<Period> {
    let months = |first: i32, count: i32| {
        let from = Day::first_of_month(first)?;
        let to = Day::first_of_month(first + count)?.plus(-1);
        Period::new(from, to)
    };
    match dimension {
        Dimension::Day => Period::new(Day(key), Day(key)),
        Dimension::Week => {
            let year = i16::try_from(key.div_euclid(100)).ok()?;
            let week = i8::try_from(key.rem_euclid(100)).ok()?;
            let monday = ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).ok()?;
            let from = Day::from_date(monday.date());
            Period::new(from, from.plus(6))
        }
        Dimension::Month => months(key, 1),
        Dimension::Quarter => months(key * 3, 3),
        Dimension::Year => months(key * 12, 12),
        _ => None,
    }
}

/// Every key of `dimension` within the period, in order: the axis of a chart, with its empty places.
pub fn axis(dimension: Dimension, period: Period) -> Vec<i32> {
    let mut keys: Vec<i32> = (period.from.0..=period.to.0)
        .filter_map(|day| key(dimension, Day(day)))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OF_DAYS: [Dimension; 5] = [
        Dimension::Day,
        Dimension::Week,
        Dimension::Month,
        Dimension::Quarter,
        Dimension::Year,
    ];

    proptest! {
        #[test]
        fn keys_labels_and_spans_agree(n in -20_000_i32..60_000) {
            for dimension in OF_DAYS {
                let k = key(dimension, Day(n)).unwrap();
                prop_assert_eq!(parse_label(dimension, &label(dimension, k)), Some(k));
                let span = span(dimension, k).unwrap();
                prop_assert!(span.contains(Day(n)));
                prop_assert_eq!(key(dimension, span.from), Some(k));
                prop_assert_eq!(key(dimension, span.to), Some(k));
                prop_assert_ne!(key(dimension, span.to.plus(1)), Some(k));
            }
        }

        #[test]
        fn keys_sort_as_days_do(a in -20_000_i32..60_000, b in -20_000_i32..60_000) {
            for dimension in OF_DAYS {
                if a <= b {
                    prop_assert!(key(dimension, Day(a)) <= key(dimension, Day(b)));
                }
            }
        }
    }

    #[test]
    fn iso_weeks_at_the_turn_of_the_year() {
        let day = "2011-01-01".parse::<Day>().unwrap();
        assert_eq!(
            label(Dimension::Week, key(Dimension::Week, day).unwrap()),
            "2010-W52"
        );
        assert_eq!(key(Dimension::Weekday, day), Some(6));
    }
}
