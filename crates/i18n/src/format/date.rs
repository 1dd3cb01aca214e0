//! Dates that cannot be misread: the month is always a word, or stands between its own signs.

use crate::Locale;
use jiff::civil::{Date, DateTime};
use types::{Day, Period};

const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MONTHS_ES: [&str; 12] = [
    "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic",
];
const MONTHS_AR: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];

fn month_name(date: Date, locale: Locale) -> &'static str {
    let names = match locale {
        Locale::es => &MONTHS_ES,
        Locale::ar => &MONTHS_AR,
        Locale::en | Locale::zh => &MONTHS_EN,
    };
    let index = usize::try_from(date.month() - 1).unwrap_or(0);
    names.get(index).copied().unwrap_or("")
}

/// `3 Mar 2026`, `2026年3月3日`, `3 mar 2026`, `3 مارس 2026`.
pub fn day(day: Day, locale: Locale) -> String {
    let d = day.date();
    match locale {
        Locale::zh => format!("{}年{}月{}日", d.year(), d.month(), d.day()),
        _ => format!("{} {} {}", d.day(), month_name(d, locale), d.year()),
    }
}

/// Where the year is said elsewhere: `3 Mar`, `3月3日`.
pub fn day_short(day: Day, locale: Locale) -> String {
    let d = day.date();
    match locale {
        Locale::zh => format!("{}月{}日", d.month(), d.day()),
        _ => format!("{} {}", d.day(), month_name(d, locale)),
    }
}

/// The month a day lies in: `Mar 2026`, `2026年3月`.
pub fn month(day: Day, locale: Locale) -> String {
    let d = day.date();
    match locale {
        Locale::zh => format!("{}年{}月", d.year(), d.month()),
        _ => format!("{} {}", month_name(d, locale), d.year()),
    }
}

/// The week that starts on this day.
pub fn week(first: Day, locale: Locale) -> String {
    let start = day(first, locale);
    match locale {
        Locale::en => format!("Week of {start}"),
        Locale::zh => format!("{start}当周"),
        Locale::es => format!("Semana del {start}"),
        Locale::ar => format!("أسبوع {start}"),
    }
}

/// The quarter a day lies in: `Q1 2026`.
pub fn quarter(day: Day, locale: Locale) -> String {
    let d = day.date();
    let q = (d.month() - 1) / 3 + 1;
    let year = d.year();
    match locale {
        Locale::en => format!("Q{q} {year}"),
        Locale::zh => format!("{year}年第{q}季度"),
        Locale::es => format!("T{q} {year}"),
        Locale::ar => {
            let ordinal = match q {
                1 => "الأول",
                2 => "الثاني",
                3 => "الثالث",
                _ => "الرابع",
            };
            format!("الربع {ordinal} {year}")
        }
    }
}

/// `1–30 Mar 2026`, `1 Mar – 2 Apr 2026`, `31 Dec 2025 – 2 Jan 2026`; a single day alone.
pub fn period(period: Period, locale: Locale) -> String {
    let (from, to) = (period.from.date(), period.to.date());
    if from == to {
        return day(period.from, locale);
    }
    let same_year = from.year() == to.year();
    if same_year && from.month() == to.month() && locale != Locale::zh {
        return format!("{}–{}", from.day(), day(period.to, locale));
    }
    match (same_year, locale) {
        (true, Locale::zh) => format!(
            "{} – {}",
            day(period.from, locale),
            day_short(period.to, locale)
        ),
        (true, _) => format!(
            "{} – {}",
            day_short(period.from, locale),
            day(period.to, locale)
        ),
        (false, _) => format!("{} – {}", day(period.from, locale), day(period.to, locale)),
    }
}

/// A wall-clock time in the tenant's own zone: `3 Mar 2026, 14:05`. The server converts from UTC, so
/// that the browser needs no time zone data.
pub fn moment(at: DateTime, locale: Locale) -> String {
    let date = day(Day::from_date(at.date()), locale);
    let (hour, minute) = (at.hour(), at.minute());
    match locale {
        Locale::zh => format!("{date} {hour:02}:{minute:02}"),
        Locale::ar => format!("{date}، {hour:02}:{minute:02}"),
        _ => format!("{date}, {hour:02}:{minute:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ALL: [Locale; 4] = [Locale::en, Locale::zh, Locale::es, Locale::ar];

    fn d(y: i16, m: i8, day: i8) -> Day {
        Day::from_date(date(y, m, day))
    }

    proptest! {
        #[test]
        fn two_days_never_read_the_same(a in -200_000_i32..400_000, b in -200_000_i32..400_000, l in 0_usize..4) {
            prop_assert_eq!(day(Day(a), ALL[l]) == day(Day(b), ALL[l]), a == b);
        }

        #[test]
        fn two_periods_never_read_the_same(a in 0_i32..2_000, n in 0_i32..900, b in 0_i32..2_000, m in 0_i32..900, l in 0_usize..4) {
            let one = Period { from: Day(a), to: Day(a + n) };
            let other = Period { from: Day(b), to: Day(b + m) };
            prop_assert_eq!(period(one, ALL[l]) == period(other, ALL[l]), one == other);
        }
    }

    #[test]
    fn in_each_language() {
        let third = d(2026, 3, 3);
        assert_eq!(
            ALL.map(|l| day(third, l)),
            ["3 Mar 2026", "2026年3月3日", "3 mar 2026", "3 مارس 2026"]
        );
        assert_eq!(
            ALL.map(|l| month(third, l)),
            ["Mar 2026", "2026年3月", "mar 2026", "مارس 2026"]
        );
        assert_eq!(
            ALL.map(|l| quarter(d(2026, 12, 31), l)),
            ["Q4 2026", "2026年第4季度", "T4 2026", "الربع الرابع 2026"]
        );
        assert_eq!(week(d(2026, 3, 2), Locale::en), "Week of 2 Mar 2026");
        assert_eq!(
            moment(date(2026, 3, 3).at(4, 5, 0, 0), Locale::en),
            "3 Mar 2026, 04:05"
        );
    }

    #[test]
    fn periods() {
        let p = |from, to| Period { from, to };
        let march = p(d(2026, 3, 1), d(2026, 3, 30));
        assert_eq!(period(march, Locale::en), "1–30 Mar 2026");
        assert_eq!(period(march, Locale::zh), "2026年3月1日 – 3月30日");
        assert_eq!(
            period(p(d(2026, 3, 1), d(2026, 4, 2)), Locale::es),
            "1 mar – 2 abr 2026"
        );
        assert_eq!(
            period(p(d(2025, 12, 31), d(2026, 1, 2)), Locale::en),
            "31 Dec 2025 – 2 Jan 2026"
        );
        assert_eq!(
            period(p(d(2026, 3, 1), d(2026, 3, 1)), Locale::en),
            "1 Mar 2026"
        );
    }
}
