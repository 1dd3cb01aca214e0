//! Dates and times as people write them.

mod clock;
mod named;

use clock::clock;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use named::named;
use serde::{Deserialize, Serialize};
use types::Day;

/// One way to read a date. A time of day and an offset may follow in every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    /// `2010-12-01`: year first, four digits. Nobody means anything else by it.
    Iso,
    /// `20101201`
    Compact,
    /// `1 Dec 2010`, `December 1, 2010`
    Named,
    /// `1/12/2010`, day first.
    Dmy,
    /// `12/1/2010`, month first.
    Mdy,
    /// `10/12/01`, a year of two digits first.
    ShortYmd,
    /// Days since 1899-12-30, as spreadsheets count them.
    ExcelSerial,
    EpochSeconds,
    EpochMillis,
    EpochMicros,
}

impl DateFormat {
    pub const ALL: [Self; 10] = [
        Self::Iso,
        Self::Compact,
        Self::Named,
        Self::Dmy,
        Self::Mdy,
        Self::ShortYmd,
        Self::ExcelSerial,
        Self::EpochSeconds,
        Self::EpochMillis,
        Self::EpochMicros,
    ];

    /// The answer to a `date_order` question that picks this reading.
    pub fn id(self) -> &'static str {
        match self {
            Self::Iso => "iso",
            Self::Compact => "compact",
            Self::Named => "named",
            Self::Dmy => "dmy",
            Self::Mdy => "mdy",
            Self::ShortYmd => "ymd",
            Self::ExcelSerial => "excel_serial",
            Self::EpochSeconds => "epoch_seconds",
            Self::EpochMillis => "epoch_millis",
            Self::EpochMicros => "epoch_micros",
        }
    }

    /// A bare number: only a column that is a date by its name may be read so.
    pub fn numeric(self) -> bool {
        matches!(
            self,
            Self::Compact
                | Self::ExcelSerial
                | Self::EpochSeconds
                | Self::EpochMillis
                | Self::EpochMicros
        )
    }
}

/// A date as written, before it is placed in a timezone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub date: Date,
    /// Microseconds since midnight.
    pub time: i64,
    pub timed: bool,
    /// Seconds east of UTC, when the text says so.
    pub offset: Option<i32>,
}

/// A moment placed: UTC microseconds, and day and hour in the merchant's timezone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub at: i64,
    pub day: Day,
    /// `None`: the text says no time of day.
    pub hour: Option<u8>,
}

impl Moment {
    fn midnight(date: Date) -> Self {
        Self {
            date,
            time: 0,
            timed: false,
            offset: None,
        }
    }

    /// A local time that a clock change skipped moves forward by the change; one that it repeated is the first.
    ///
    /// A time without an offset is told by `clock`; a day without a time is the merchant's day.
    pub fn place(&self, clock: &TimeZone, zone: &TimeZone) -> Option<Placed> {
        let clock = if self.timed { clock } else { zone };
        let seconds = self.time / 1_000_000;
        let time = Time::new(
            i8::try_from(seconds / 3600).ok()?,
            i8::try_from(seconds / 60 % 60).ok()?,
            i8::try_from(seconds % 60).ok()?,
            i32::try_from(self.time % 1_000_000).ok()? * 1000,
        )
        .ok()?;
        let civil = DateTime::from_parts(self.date, time);
        let stamp = match self.offset {
            Some(offset) => {
                let utc = TimeZone::UTC.to_timestamp(civil).ok()?;
                Timestamp::from_microsecond(
                    utc.as_microsecond()
                        .checked_sub(i64::from(offset) * 1_000_000)?,
                )
                .ok()?
            }
            None => clock.to_timestamp(civil).ok()?,
        };
        let local = zone.to_datetime(stamp);
        Some(Placed {
            at: stamp.as_microsecond(),
            day: Day::from_date(local.date()),
            hour: match self.timed {
                true => Some(u8::try_from(local.hour()).ok()?),
                false => None,
            },
        })
    }
}

/// `None`: this text is not a date of years 1900 to 2100 in this format.
pub fn parse(text: &str, format: DateFormat) -> Option<Moment> {
    let text = text.trim();
    let text = text.strip_prefix('\'').unwrap_or(text);
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    match format {
        DateFormat::Iso => fast_iso(text.as_bytes()).or_else(|| numbers(text, format)),
        DateFormat::Dmy | DateFormat::Mdy | DateFormat::ShortYmd => numbers(text, format),
        DateFormat::Compact => {
            let (date, rest) = text.split_at_checked(8)?;
            let n = digits(date)?;
            with_time(date_of(n / 10_000, n / 100 % 100, n % 100)?, rest)
        }
        DateFormat::Named => named(text),
        DateFormat::ExcelSerial => serial(text),
        DateFormat::EpochSeconds => epoch(text, 9..=10, 1_000_000),
        DateFormat::EpochMillis => epoch(text, 12..=13, 1000),
        DateFormat::EpochMicros => epoch(text, 15..=16, 1),
    }
}

/// A time of day alone: microseconds since midnight.
pub fn parse_time(text: &str) -> Option<i64> {
    let (time, offset, rest) = clock(text.trim())?;
    (rest.is_empty() && offset.is_none()).then_some(time)
}

fn date_of(year: i64, month: i64, day: i64) -> Option<Date> {
    if !(1900..=2100).contains(&year) {
        return None;
    }
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// `YYYY-MM-DD` and `YYYY-MM-DD HH:MM:SS`, what machines write.
fn fast_iso(b: &[u8]) -> Option<Moment> {
    let two = |i: usize| -> Option<i64> {
        let (tens, ones) = (
            b.get(i)?.wrapping_sub(b'0'),
            b.get(i + 1)?.wrapping_sub(b'0'),
        );
        (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    if !matches!(b.len(), 10 | 19) || b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') {
        return None;
    }
    let date = date_of(two(0)? * 100 + two(2)?, two(5)?, two(8)?)?;
    if b.len() == 10 {
        return Some(Moment::midnight(date));
    }
    if !matches!(b.get(10), Some(b' ' | b'T'))
        || b.get(13) != Some(&b':')
        || b.get(16) != Some(&b':')
    {
        return None;
    }
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    (hour < 24 && minute < 60 && second < 60).then_some(Moment {
        date,
        time: ((hour * 60 + minute) * 60 + second) * 1_000_000,
        timed: true,
        offset: None,
    })
}

fn digits(text: &str) -> Option<i64> {
    let mut value = 0_i64;
    let mut any = false;
    for ch in text.chars() {
        value = value.checked_mul(10)?.checked_add(digit(ch)?)?;
        any = true;
    }
    any.then_some(value)
}

fn digit(ch: char) -> Option<i64> {
    let n = match ch {
        '0'..='9' => ch as u32 - 0x30,
        '\u{660}'..='\u{669}' => ch as u32 - 0x660,
        '\u{6F0}'..='\u{6F9}' => ch as u32 - 0x6F0,
        '\u{FF10}'..='\u{FF19}' => ch as u32 - 0xFF10,
        _ => return None,
    };
    Some(i64::from(n))
}

/// Leading digits: their value, how many, and what follows.
fn take_digits(text: &str) -> Option<(i64, usize, &str)> {
    let mut count = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            let is = digit(*c).is_some();
            count += usize::from(is);
            !is
        })
        .map_or(text.len(), |(at, _)| at);
    let (head, rest) = text.split_at(end);
    if count == 0 || count > 9 {
        return None;
    }
    Some((digits(head)?, count, rest))
}

fn full_year(year: i64, width: usize) -> Option<i64> {
    match width {
        4 => Some(year),
        2 => Some(if year < 69 { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

/// Three numbers with a separator between them.
fn numbers(text: &str, format: DateFormat) -> Option<Moment> {
    let (a, a_width, rest) = take_digits(text)?;
    let (first, rest) = separator(rest, &['年'])?;
    let (b, b_width, rest) = take_digits(rest)?;
    let (second, rest) = separator(rest, &['月'])?;
    if first != second && !(first == '年' && second == '月') {
        return None;
    }
    let (c, c_width, rest) = take_digits(rest)?;
    let rest = rest.strip_prefix('日').unwrap_or(rest);
    // `12:30:45` with dots would be a date otherwise.
    let short = |width: usize| width <= 2;
    let date = match format {
        DateFormat::Iso if a_width == 4 && short(b_width) && short(c_width) => date_of(a, b, c)?,
        DateFormat::ShortYmd if a_width == 2 && short(b_width) && short(c_width) => {
            date_of(full_year(a, 2)?, b, c)?
        }
        DateFormat::Dmy if short(a_width) && short(b_width) => {
            date_of(full_year(c, c_width)?, b, a)?
        }
        DateFormat::Mdy if short(a_width) && short(b_width) => {
            date_of(full_year(c, c_width)?, a, b)?
        }
        _ => return None,
    };
    with_time(date, rest)
}

fn separator<'a>(text: &'a str, also: &[char]) -> Option<(char, &'a str)> {
    let mut chars = text.trim_start().chars();
    let ch = chars.next()?;
    if !matches!(ch, '-' | '/' | '.' | '\u{2010}' | '\u{2011}' | '\u{FF0F}') && !also.contains(&ch)
    {
        return None;
    }
    Some((ch, chars.as_str().trim_start()))
}

fn with_time(date: Date, rest: &str) -> Option<Moment> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(Moment::midnight(date));
    }
    let rest = rest
        .strip_prefix([',', 'T', 't', '-', ':'])
        .unwrap_or(rest)
        .trim_start();
    let rest = ["at ", "um ", "à "]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let (time, offset, rest) = clock(rest)?;
    rest.is_empty().then_some(Moment {
        date,
        time,
        timed: true,
        offset,
    })
}

fn serial(text: &str) -> Option<Moment> {
    let text = text.replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let days = digits(whole)?;
    // 1954 to 2119: smaller numbers are quantities, larger ones are ids.
    if !(20_000..80_000).contains(&days)
        || fraction.len() > 17
        || !fraction.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let part: f64 = format!("0.{fraction}").parse().ok()?;
    // Rounded to the second: the fraction of a day is binary.
    let seconds = ((part * 86_400.0).round() as i64).min(86_399);
    let date = Day(i32::try_from(days - 25_569).ok()?).date();
    Some(Moment {
        date,
        time: seconds * 1_000_000,
        timed: seconds > 0,
        offset: None,
    })
}

fn epoch(text: &str, width: std::ops::RangeInclusive<usize>, scale: i64) -> Option<Moment> {
    if !width.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros = text.parse::<i64>().ok()?.checked_mul(scale)?;
    let day = micros.div_euclid(86_400_000_000);
    let date = Day(i32::try_from(day).ok()?).date();
    if !(1980..=2100).contains(&date.year()) {
        return None;
    }
    Some(Moment {
        date,
        time: micros.rem_euclid(86_400_000_000),
        timed: true,
        offset: Some(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str, format: DateFormat) -> Option<String> {
        parse(text, format).map(|m| {
            let offset = m.offset.map_or(String::new(), |o| format!(" {o:+}"));
            let time = if m.timed {
                format!(" {}", m.time / 1_000_000)
            } else {
                String::new()
            };
            format!("{}{time}{offset}", m.date)
        })
    }

    #[test]
    fn the_ways_people_write_dates() {
        use DateFormat::*;
        for (text, format, want) in [
            ("2010-12-01 08:26:00", Iso, Some("2010-12-01 30360")),
            ("2010-12-01", Iso, Some("2010-12-01")),
            ("2010/1/5", Iso, Some("2010-01-05")),
            (
                "2025-10-07 09:50:26 +0200",
                Iso,
                Some("2025-10-07 35426 +7200"),
            ),
            ("2024-01-05T10:00:00Z", Iso, Some("2024-01-05 36000 +0")),
            (
                "2024-01-05T10:00:00.123-05:00",
                Iso,
                Some("2024-01-05 36000 -18000"),
            ),
            ("2023年1月5日", Iso, Some("2023-01-05")),
            ("2023年1月5日 下午3:05", Iso, Some("2023-01-05 54300")),
            ("2010-13-01", Iso, None),
            ("2010-02-30", Iso, None),
            ("20101201", Compact, Some("2010-12-01")),
            ("1/12/2010 8:26", Dmy, Some("2010-12-01 30360")),
            ("12/1/2010 8:26 PM", Mdy, Some("2010-12-01 73560")),
            ("12/1/2010 12:05 AM", Mdy, Some("2010-12-01 300")),
            ("31.12.99", Dmy, Some("1999-12-31")),
            ("31/12/2010", Mdy, None),
            ("13/01/2010", Mdy, None),
            ("١٢/٠١/٢٠٢٤", Dmy, Some("2024-01-12")),
            ("99-12-31", ShortYmd, Some("1999-12-31")),
            ("5 Jan 2024", Named, Some("2024-01-05")),
            ("January 5, 2024 3:04 pm", Named, Some("2024-01-05 54240")),
            ("05-JAN-24", Named, Some("2024-01-05")),
            ("Fri, 5 janv. 2024", Named, Some("2024-01-05")),
            ("5 de enero de 2024", Named, Some("2024-01-05")),
            ("5 Smarch 2024", Named, None),
            ("40513", ExcelSerial, Some("2010-12-01")),
            ("40513.35138888889", ExcelSerial, Some("2010-12-01 30360")),
            ("1291192000", EpochSeconds, Some("2010-12-01 30400 +0")),
            ("1291192000123", EpochMillis, Some("2010-12-01 30400 +0")),
            ("1.2.3", Dmy, None),
            ("", Iso, None),
            ("10:30:00", Dmy, None),
            ("1.234.567", Dmy, None),
        ] {
            assert_eq!(show(text, format).as_deref(), want, "{text} as {format:?}");
        }
    }

    #[test]
    fn placed_in_the_merchants_timezone() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let place = |text: &str| {
            let placed = parse(text, DateFormat::Iso)
                .unwrap()
                .place(&berlin, &berlin)
                .unwrap();
            let hour = placed.hour.unwrap();
            format!("{} {hour}h {}", placed.day, placed.at)
        };
        assert_eq!(
            place("2025-01-31 23:30:00 +0000"),
            "2025-02-01 0h 1738366200000000"
        );
        assert_eq!(
            place("2025-01-31 23:30:00"),
            "2025-01-31 23h 1738362600000000"
        );
        // Skipped by the change to summer time, and repeated by the one to winter time.
        assert_eq!(
            place("2025-03-30 02:30:00"),
            "2025-03-30 3h 1743298200000000"
        );
        assert_eq!(
            place("2025-10-26 02:30:00"),
            "2025-10-26 2h 1761438600000000"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            for format in DateFormat::ALL {
                if let Some(moment) = parse(&text, format) {
                    moment.place(&TimeZone::UTC, &TimeZone::UTC);
                }
            }
        }

        #[test]
        fn every_day_is_read_in_every_order(n in -20_000_i32..40_000) {
            let date = Day(n).date();
            let (y, m, d) = (date.year(), date.month(), date.day());
            for (text, format) in [
                (format!("{y}-{m:02}-{d:02}"), DateFormat::Iso),
                (format!("{y}{m:02}{d:02}"), DateFormat::Compact),
                (format!("{d}/{m}/{y}"), DateFormat::Dmy),
                (format!("{m:02}-{d:02}-{y}"), DateFormat::Mdy),
            ] {
                prop_assert_eq!(parse(&text, format).map(|p| p.date), Some(date), "{}", text);
            }
        }
    }
}
