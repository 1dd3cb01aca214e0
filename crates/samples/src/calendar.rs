//! When people buy: the week, the year, Black Friday, promotions. Factors are in thousandths.

use jiff::civil::{Date, Weekday, date};
use types::Day;

/// Orders within a day by hour, as online shops see them: a long afternoon, a peak after dinner.
pub(crate) const HOURS: [u32; 24] = [
    6, 3, 2, 1, 1, 3, 10, 22, 38, 50, 56, 58, 60, 56, 52, 50, 50, 54, 60, 74, 92, 96, 72, 34,
];

/// Monday first.
const WEEK: [u64; 7] = [1120, 1040, 1000, 980, 930, 870, 1060];

/// Month, day, factor; between them a straight line.
const YEAR: [(i8, i8, i64); 23] = [
    (1, 1, 700),
    (1, 10, 950),
    (2, 1, 860),
    (2, 11, 1050),
    (2, 16, 850),
    (3, 15, 930),
    (4, 15, 960),
    (5, 8, 1060),
    (5, 20, 930),
    (6, 20, 920),
    (7, 20, 840),
    (8, 15, 820),
    (9, 10, 960),
    (10, 10, 1020),
    (11, 10, 1180),
    (11, 20, 1250),
    (12, 1, 1500),
    (12, 16, 1900),
    (12, 20, 1300),
    (12, 24, 400),
    (12, 26, 550),
    (12, 30, 650),
    (12, 31, 700),
];

/// Growth in thousandths a year.
const GROWTH: i64 = 170;

pub(crate) struct Promotion {
    pub(crate) code: &'static str,
    pub(crate) percent: i64,
    /// Only this category, else all.
    pub(crate) category: Option<usize>,
    /// What it does to the number of orders.
    uplift: u64,
    from: (i8, i8),
    to: (i8, i8),
}

/// What a first order may bring along at any time.
pub(crate) const WELCOME: Promotion = Promotion {
    code: "WELCOME10",
    percent: 10,
    category: None,
    uplift: 1000,
    from: (1, 1),
    to: (12, 31),
};

const BLACK_FRIDAY: Promotion = Promotion {
    code: "BLACKFRIDAY25",
    percent: 25,
    category: None,
    uplift: 1000,
    from: (11, 1),
    to: (11, 30),
};

const PROMOTIONS: [Promotion; 6] = [
    Promotion {
        code: "WINTER15",
        percent: 15,
        category: None,
        uplift: 1250,
        from: (1, 8),
        to: (1, 19),
    },
    Promotion {
        code: "SCENTS10",
        percent: 10,
        category: Some(3),
        uplift: 1080,
        from: (2, 5),
        to: (2, 14),
    },
    Promotion {
        code: "GARDEN15",
        percent: 15,
        category: Some(7),
        uplift: 1120,
        from: (4, 4),
        to: (4, 17),
    },
    Promotion {
        code: "SUMMER20",
        percent: 20,
        category: None,
        uplift: 1380,
        from: (7, 1),
        to: (7, 12),
    },
    Promotion {
        code: "DESK10",
        percent: 10,
        category: Some(4),
        uplift: 1100,
        from: (8, 24),
        to: (9, 5),
    },
    Promotion {
        code: "GIFT10",
        percent: 10,
        category: None,
        uplift: 1150,
        from: (12, 5),
        to: (12, 11),
    },
];

pub(crate) fn promotion(day: Day) -> Option<&'static Promotion> {
    let on = day.date();
    if matches!(since_black_friday(on), Some(-1..=3)) {
        return Some(&BLACK_FRIDAY);
    }
    let today = (on.month(), on.day());
    PROMOTIONS
        .iter()
        .find(|promotion| (promotion.from..=promotion.to).contains(&today))
}

/// Days since Black Friday (the day after November's fourth Thursday) of the same year.
fn since_black_friday(on: Date) -> Option<i32> {
    let thursday = date(on.year(), 11, 1)
        .nth_weekday_of_month(4, Weekday::Thursday)
        .ok()?;
    Some(Day::from_date(on).0 - Day::from_date(thursday).0 - 1)
}

/// Orders on this day in thousandths of an average day of the first year; `since` is its number in the store.
pub(crate) fn demand(day: Day, since: i32) -> u64 {
    let on = day.date();
    let week = WEEK[on.weekday().to_monday_zero_offset() as usize];
    let event = match since_black_friday(on) {
        Some(-1) => 1300,
        Some(0) => 3400,
        Some(1) => 2000,
        Some(2) => 1800,
        Some(3) => 2700,
        _ => 1000,
    };
    let uplift = promotion(day).map_or(1000, |promotion| promotion.uplift);
    let growth = (1000 + GROWTH * i64::from(since) / 365).max(400) as u64;
    week * season(on) / 1000 * event / 1000 * uplift / 1000 * growth / 1000
}

fn season(on: Date) -> u64 {
    let number = |month: i8, day: i8| i64::from(Day::from_date(date(on.year(), month, day)).0);
    let today = number(on.month(), on.day());
    for pair in YEAR.windows(2) {
        let (from, to) = (number(pair[0].0, pair[0].1), number(pair[1].0, pair[1].1));
        if (from..=to).contains(&today) {
            let (a, b) = (pair[0].2, pair[1].2);
            return (a + (b - a) * (today - from) / (to - from)) as u64;
        }
    }
    1000
}

/// Hours that the store's clock (Central European Time, its summer time by the European rule) is ahead of UTC.
/// Both switches are taken at 03:00 local time.
pub(crate) fn ahead_of_utc(day: Day, second: u32) -> i64 {
    let on = day.date();
    let last_sunday = |month| {
        date(on.year(), month, 1)
            .nth_weekday_of_month(-1, Weekday::Sunday)
            .ok()
    };
    let moment = |on: Date, second: u32| (on, second);
    let now = moment(on, second);
    let summer = matches!(
        (last_sunday(3), last_sunday(10)),
        (Some(from), Some(to)) if moment(from, 10_800) <= now && now < moment(to, 10_800)
    );
    if summer { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_friday_stands_out() {
        let friday = Day::from_date(date(2025, 11, 28));
        assert_eq!(promotion(friday).map(|p| p.code), Some("BLACKFRIDAY25"));
        assert!(demand(friday, 0) > 3 * demand(friday.plus(-14), 0));
    }

    #[test]
    fn every_day_of_a_leap_year_has_a_season() {
        let mut day = Day::from_date(date(2024, 1, 1));
        for _ in 0..366 {
            assert!((300..=2000).contains(&season(day.date())), "{day}");
            day = day.plus(1);
        }
    }

    #[test]
    fn the_clock_changes_on_the_last_sundays() {
        for (day, second, hours) in [
            (date(2025, 3, 30), 10_799, 1),
            (date(2025, 3, 30), 10_800, 2),
            (date(2025, 7, 1), 0, 2),
            (date(2025, 10, 26), 10_799, 2),
            (date(2025, 10, 26), 10_800, 1),
            (date(2025, 12, 24), 0, 1),
        ] {
            assert_eq!(ahead_of_utc(Day::from_date(day), second), hours, "{day}");
        }
    }
}
