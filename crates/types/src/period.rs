//! Days in the tenant's calendar, periods of them, and what a period is compared with.

// Durations and plain numbers instead of jiff's spans and its parser of everything: a third of all that
// the browser would load of jiff.
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A day of the tenant's calendar, counted from 1970-01-01 (day 0). The lake stores days so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i32);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Day {
    pub fn date(self) -> Date {
        EPOCH.saturating_add(SignedDuration::from_hours(24 * i64::from(self.0)))
    }

    pub fn from_date(date: Date) -> Self {
        let days = date.duration_since(EPOCH).as_hours() / 24;
        Self(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// `year * 12 + (month - 1)`: the partition key of the lake.
    pub fn month_key(self) -> i32 {
        let date = self.date();
        i32::from(date.year()) * 12 + i32::from(date.month()) - 1
    }

    /// The first day of the month with this key.
    pub fn first_of_month(key: i32) -> Option<Self> {
        let year = i16::try_from(key.div_euclid(12)).ok()?;
        let month = i8::try_from(key.rem_euclid(12) + 1).ok()?;
        Date::new(year, month, 1).ok().map(Self::from_date)
    }

    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The same date of the year before; 28 February for the 29th.
    fn a_year_before(self) -> Self {
        let date = self.date();
        let before = |day| Date::new(date.year() - 1, date.month(), day);
        before(date.day())
            .or_else(|_| before(28))
            .map_or(self, Self::from_date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a day written as 2026-03-31")]
pub struct NotDay(pub String);

impl FromStr for Day {
    type Err = NotDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = || {
            let [year, month, day] = [text.get(..4)?, text.get(5..7)?, text.get(8..)?];
            let is_written_so = text.len() == 10
                && text.bytes().enumerate().all(|(n, byte)| match n {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
            if !is_written_so {
                return None;
            }
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        };
        day()
            .map(Self::from_date)
            .ok_or_else(|| NotDay(text.to_owned()))
    }
}

impl TryFrom<String> for Day {
    type Error = NotDay;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// Days `from..=to`, both inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    pub from: Day,
    pub to: Day,
}

impl Period {
    /// `None` where the end lies before the start.
    pub fn new(from: Day, to: Day) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// At least 1.
    pub fn days(self) -> i32 {
        self.to.0 - self.from.0 + 1
    }

    pub fn contains(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// What this period is compared with.
    pub fn compared(self, with: Comparison) -> Option<Self> {
        let back = |days: i32| Self {
            from: self.from.plus(-days),
            to: self.to.plus(-days),
        };
        match with {
            Comparison::None => None,
            Comparison::Previous => Some(back(self.days())),
            // Whole weeks back, so that each day meets its own weekday.
            Comparison::SameWeekdays => Some(back((self.days() + 6) / 7 * 7)),
            Comparison::LastYear => Some(Self {
                from: self.from.a_year_before(),
                to: self.to.a_year_before(),
            }),
            Comparison::Custom(period) => Some(period),
        }
    }
}

/// What a period is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    None,
    /// The same number of days just before.
    #[default]
    Previous,
    /// As `Previous`, moved by whole weeks.
    SameWeekdays,
    /// The same dates a year earlier.
    LastYear,
    Custom(Period),
}

/// A period as a person picks it; what it means depends on the last day there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PeriodChoice {
    Last7,
    #[default]
    Last30,
    Last90,
    Last365,
    MonthToDate,
    YearToDate,
    All,
    Custom(Period),
}

impl PeriodChoice {
    pub const PRESETS: [Self; 7] = [
        Self::Last7,
        Self::Last30,
        Self::Last90,
        Self::Last365,
        Self::MonthToDate,
        Self::YearToDate,
        Self::All,
    ];

    /// The days meant where `data` is all there is: relative choices end at the last day with data,
    /// so that a store that was imported up to last month does not open on an empty page.
    pub fn resolve(self, data: Period) -> Period {
        let to = data.to;
        let back = |days: i32| Period {
            from: to.plus(1 - days),
            to,
        };
        match self {
            Self::Last7 => back(7),
            Self::Last30 => back(30),
            Self::Last90 => back(90),
            Self::Last365 => back(365),
            Self::MonthToDate => Period {
                from: Day::from_date(to.date().first_of_month()),
                to,
            },
            Self::YearToDate => Period {
                from: Day::from_date(to.date().first_of_year()),
                to,
            },
            Self::All => data,
            Self::Custom(period) => period,
        }
    }
}

impl fmt::Display for PeriodChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last7 => f.write_str("last7"),
            Self::Last30 => f.write_str("last30"),
            Self::Last90 => f.write_str("last90"),
            Self::Last365 => f.write_str("last365"),
            Self::MonthToDate => f.write_str("month"),
            Self::YearToDate => f.write_str("year"),
            Self::All => f.write_str("all"),
            Self::Custom(period) => write!(f, "{}..{}", period.from, period.to),
        }
    }
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is no period: last7, last30, last90, last365, month, year, all, or 2026-01-01..2026-03-31"
)]
pub struct NotPeriod(pub String);

impl FromStr for PeriodChoice {
    type Err = NotPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(preset) = Self::PRESETS.into_iter().find(|p| p.to_string() == text) {
            return Ok(preset);
        }
        let custom = || {
            let (from, to) = text.split_once("..")?;
            Period::new(from.parse().ok()?, to.parse().ok()?)
        };
        custom()
            .map(Self::Custom)
            .ok_or_else(|| NotPeriod(text.to_owned()))
    }
}

impl TryFrom<String> for PeriodChoice {
    type Error = NotPeriod;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PeriodChoice> for String {
    fn from(choice: PeriodChoice) -> Self {
        choice.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_round_trip(n in -200_000_i32..400_000) {
            let day = Day(n);
            prop_assert_eq!(Day::from_date(day.date()), day);
            prop_assert_eq!(day.to_string().parse(), Ok(day));
            let first = Day::first_of_month(day.month_key());
            prop_assert!(first.is_some_and(|f| f <= day && day.0 - f.0 < 31));
        }

        #[test]
        fn same_weekdays_keep_the_weekday(from in 0_i32..20_000, length in 0_i32..400) {
            let period = Period { from: Day(from), to: Day(from + length) };
            let other = period.compared(Comparison::SameWeekdays);
            prop_assert!(other.is_some_and(|o| (period.from.0 - o.from.0) % 7 == 0 && o.to < period.from && o.days() == period.days()));
        }
    }

    #[test]
    fn choices_round_trip_and_end_at_the_last_day_with_data() {
        let data = Period {
            from: "2024-01-10".parse().unwrap(),
            to: "2025-03-14".parse().unwrap(),
        };
        let custom = PeriodChoice::Custom(data);
        for choice in PeriodChoice::PRESETS.into_iter().chain([custom]) {
            assert_eq!(choice.to_string().parse(), Ok(choice));
            assert_eq!(choice.resolve(data).to, data.to);
        }
        assert_eq!(PeriodChoice::Last7.resolve(data).days(), 7);
        assert_eq!(
            PeriodChoice::MonthToDate.resolve(data).from.to_string(),
            "2025-03-01"
        );
        assert!("2025-02-01..2025-01-01".parse::<PeriodChoice>().is_err());
    }

    #[test]
    fn a_year_before_a_leap_day_is_the_28th() {
        let leap = Period {
            from: Day::from_date(jiff::civil::date(2024, 2, 29)),
            to: Day::from_date(jiff::civil::date(2024, 2, 29)),
        };
        assert_eq!(
            leap.compared(Comparison::LastYear)
                .map(|p| p.from.to_string()),
            Some("2023-02-28".to_owned())
        );
    }
}
