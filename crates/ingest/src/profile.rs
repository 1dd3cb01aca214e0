//! What the sampled values of a column can be: the set of formats that fits them.

use crate::hash::StableHash;
use crate::moment::{self, DateFormat};
use crate::number::{self, Decimal, Mark};
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Text,
    Integer,
    Decimal,
    Money,
    Date,
    #[serde(rename = "datetime")]
    DateTime,
    Boolean,
    Empty,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Values that are not empty.
    pub filled: usize,
    pub samples: Vec<String>,
    point: usize,
    comma: usize,
    numbers: usize,
    percents: usize,
    /// The first values that read as two different numbers.
    pub two_numbers: Vec<String>,
    fractions: usize,
    pub marks: Vec<Mark>,
    dates: [usize; 10],
    /// The first and the last year, as each format has it.
    years: [Option<(i16, i16)>; 10],
    /// The latest day and time, a format each.
    latest: [Option<(Date, i64)>; 10],
    dated: usize,
    timed: usize,
    times: usize,
    /// The first values that read as two different dates.
    pub two_dates: Vec<String>,
    booleans: usize,
    emails: usize,
    codes: usize,
    spaced: usize,
    digits: usize,
    distinct: FxHashSet<u64>,
}

/// So many times the years of the other reading are not believed.
const SPREAD: i16 = 4;

/// What shops and databases write for nothing.
pub(crate) fn is_null(text: &str) -> bool {
    // Most values are longer than any of these, and one look says so.
    text.len() <= 4 && matches!(text, "" | "NULL" | "null" | "\\N" | "NaN" | "nan" | "NAN")
}

/// The same, where text is no value at all: in numbers and dates.
pub(crate) fn is_blank_value(text: &str) -> bool {
    text.len() <= 4
        && (is_null(text)
            || matches!(
                text,
                "-" | "--"
                    | "N/A"
                    | "n/a"
                    | "NA"
                    | "na"
                    | "None"
                    | "none"
                    | "#N/A"
                    | "."
                    | "?"
                    | "NONE"
            ))
}

impl Profile {
    pub fn feed(&mut self, value: &str) {
        let value = value.trim();
        if is_blank_value(value) {
            return;
        }
        self.filled += 1;
        if self.samples.len() < 5 && !self.samples.iter().any(|s| s == value) {
            self.samples.push(value.chars().take(200).collect());
        }
        if self.distinct.len() < 5000 {
            self.distinct
                .insert(StableHash::default().text(value).finish());
        }
        // After many values that are no number, or no date, the next will be none either.
        if self.filled < 300 || self.numbers + self.percents > 0 {
            self.number(value);
        }
        if self.filled < 300 || self.dated > 0 || self.dates.iter().any(|n| *n > 0) {
            self.date(value);
        }
        self.times += usize::from(value.contains(':') && moment::parse_time(value).is_some());
        self.booleans += usize::from(matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "y" | "n" | "t" | "f"
        ));
        self.emails += usize::from(value.contains('@') && value.contains('.'));
        self.codes += usize::from(number::is_currency(value));
        self.spaced += usize::from(value.contains(' '));
        self.digits += usize::from(value.bytes().any(|b| b.is_ascii_digit()));
    }

    /// A number that was typed as one: its mark is a point, whatever it looks like.
    pub fn feed_number(&mut self, value: &str) {
        let (comma, two) = (self.comma, self.two_numbers.len());
        self.feed(value);
        self.comma = comma;
        self.two_numbers.truncate(two);
    }

    /// The same column of another table.
    pub fn add(&mut self, other: &Self) {
        self.filled += other.filled;
        self.point += other.point;
        self.comma += other.comma;
        self.numbers += other.numbers;
        self.percents += other.percents;
        self.fractions += other.fractions;
        self.dated += other.dated;
        self.timed += other.timed;
        self.times += other.times;
        self.booleans += other.booleans;
        self.emails += other.emails;
        self.codes += other.codes;
        self.spaced += other.spaced;
        self.digits += other.digits;
        for (own, other) in self.dates.iter_mut().zip(other.dates) {
            *own += other;
        }
        for (own, other) in self.years.iter_mut().zip(other.years) {
            *own = match (*own, other) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            };
        }
        for (own, other) in self.latest.iter_mut().zip(other.latest) {
            *own = (*own).max(other);
        }
        for (own, other, most) in [
            (&mut self.samples, &other.samples, 5),
            (&mut self.two_numbers, &other.two_numbers, 3),
            (&mut self.two_dates, &other.two_dates, 3),
        ] {
            for value in other {
                if own.len() < most && !own.contains(value) {
                    own.push(value.clone());
                }
            }
        }
        for mark in &other.marks {
            if !self.marks.contains(mark) {
                self.marks.push(*mark);
            }
        }
        self.distinct.extend(other.distinct.iter().copied());
    }

    fn number(&mut self, value: &str) {
        let percent = value.strip_suffix('%').map(str::trim_end);
        let number = percent.unwrap_or(value);
        let point = number::parse(number, Decimal::Point);
        let comma = number::parse(number, Decimal::Comma);
        self.point += usize::from(point.is_some());
        self.comma += usize::from(comma.is_some());
        let Some(any) = point.or(comma) else { return };
        match percent {
            Some(_) => self.percents += 1,
            None => self.numbers += 1,
        }
        self.fractions +=
            usize::from(point.is_some_and(|n| n.fraction) || comma.is_some_and(|n| n.fraction));
        if let Some(mark) = any.mark
            && !self.marks.contains(&mark)
        {
            self.marks.push(mark);
        }
        if let (Some(a), Some(b)) = (point, comma)
            && a.micros != b.micros
            && self.two_numbers.len() < 3
        {
            self.two_numbers.push(value.to_owned());
        }
    }

    fn date(&mut self, value: &str) {
        let mut found = None;
        let mut differ = false;
        let counts = self.dates.iter_mut().zip(&mut self.years);
        let counts = counts.zip(&mut self.latest);
        for (((count, years), latest), format) in counts.zip(DateFormat::ALL) {
            let Some(moment) = moment::parse(value, format) else {
                continue;
            };
            *count += 1;
            *latest = (*latest).max(Some((moment.date, moment.time)));
            let year = moment.date.year();
            *years =
                Some(years.map_or((year, year), |(low, high)| (low.min(year), high.max(year))));
            if format.numeric() {
                continue;
            }
            self.timed += usize::from(moment.timed && found.is_none());
            differ |= found.is_some_and(|first: moment::Moment| first.date != moment.date);
            found = found.or(Some(moment));
        }
        self.dated += usize::from(found.is_some());
        if differ && self.two_dates.len() < 3 && !self.two_dates.iter().any(|d| d == value) {
            self.two_dates.push(value.to_owned());
        }
    }

    fn share(&self, count: usize) -> f32 {
        if self.filled == 0 {
            0.0
        } else {
            count as f32 / self.filled as f32
        }
    }

    pub fn date_share(&self) -> f32 {
        self.share(self.dated)
    }

    pub fn time_share(&self) -> f32 {
        self.share(self.times)
    }

    pub fn number_share(&self) -> f32 {
        self.share(self.numbers)
    }

    /// Values such as 10 %.
    pub fn percent_share(&self) -> f32 {
        self.share(self.percents)
    }

    pub fn email_share(&self) -> f32 {
        self.share(self.emails)
    }

    pub fn code_share(&self) -> f32 {
        self.share(self.codes)
    }

    /// Reads like people's names: words, no digits.
    pub fn looks_like_names(&self) -> bool {
        self.share(self.spaced) > 0.5 && self.share(self.digits) < 0.2
    }

    pub fn fractions(&self) -> bool {
        self.fractions > 0
    }

    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }

    pub fn kind(&self) -> ColumnKind {
        if self.filled == 0 {
            ColumnKind::Empty
        } else if self.date_share() >= 0.9 {
            if self.timed * 2 > self.dated {
                ColumnKind::DateTime
            } else {
                ColumnKind::Date
            }
        } else if self.number_share() >= 0.9 {
            if !self.marks.is_empty() {
                ColumnKind::Money
            } else if self.fractions > 0 || !self.two_numbers.is_empty() {
                ColumnKind::Decimal
            } else {
                ColumnKind::Integer
            }
        } else if self.booleans == self.filled {
            ColumnKind::Boolean
        } else {
            ColumnKind::Text
        }
    }

    /// Whether every value that is a date at all is one in this format.
    pub fn reads_all(&self, format: DateFormat) -> bool {
        let mut counts = DateFormat::ALL.iter().zip(self.dates);
        self.dated > 0 && counts.any(|(f, count)| *f == format && count == self.dated)
    }

    /// The latest of the values, as days and microseconds since midnight.
    pub fn latest(&self) -> Option<(Date, i64)> {
        let format = self.date_formats(true).first().copied();
        let format = format.unwrap_or(DateFormat::Iso);
        let at = DateFormat::ALL.iter().position(|f| *f == format)?;
        *self.latest.get(at)?
    }

    /// Date formats that fit every value that is a date at all. `named_date`: the column is known to be a date, so
    /// bare numbers count as well.
    pub fn date_formats(&self, named_date: bool) -> Vec<DateFormat> {
        let fits = |numeric: bool, of: usize| {
            DateFormat::ALL
                .iter()
                .zip(self.dates)
                .filter(|(format, count)| format.numeric() == numeric && *count == of && of > 0)
                .map(|(format, _)| *format)
                .collect::<Vec<_>>()
        };
        if self.date_share() >= 0.5 {
            let all = fits(false, self.dated);
            if !all.is_empty() {
                return self.likely(all);
            }
            // Dates that nobody can misread stand beside others, as where a spreadsheet took only some for dates.
            let iso = self.dates.first().copied().unwrap_or(0);
            if iso * 10 < self.dated * 9 {
                let rest = fits(false, self.dated - iso);
                if !rest.is_empty() && iso > 0 {
                    return rest;
                }
            }
            // No format fits all: those that fit nearly all of them, the best first.
            let mut near: Vec<_> = DateFormat::ALL
                .iter()
                .zip(self.dates)
                .filter(|(format, count)| !format.numeric() && *count * 10 >= self.dated * 9)
                .map(|(format, count)| (count, *format))
                .collect();
            near.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
            return near.into_iter().map(|(_, format)| format).take(1).collect();
        }
        if !named_date {
            return Vec::new();
        }
        let most = DateFormat::ALL
            .iter()
            .zip(self.dates)
            .filter(|(format, _)| format.numeric())
            .map(|(_, count)| count)
            .max()
            .unwrap_or(0);
        if self.share(most) >= 0.5 {
            fits(true, most).into_iter().take(1).collect()
        } else {
            Vec::new()
        }
    }

    /// With years of two digits, without readings by which an export of few years would be one of many.
    fn likely(&self, mut formats: Vec<DateFormat>) -> Vec<DateFormat> {
        let span = |format: &DateFormat| {
            let at = DateFormat::ALL.iter().position(|f| f == format)?;
            let (first, last) = (*self.years.get(at)?)?;
            Some(last - first)
        };
        if formats.contains(&DateFormat::ShortYmd) {
            let least = formats.iter().filter_map(span).min().unwrap_or(0);
            formats.retain(|format| span(format).is_none_or(|own| own <= (least + 1) * SPREAD));
        }
        formats
    }

    /// Whether it is from where everybody writes a point before the decimals: by its script, or its currency.
    pub fn writes_points(&self) -> bool {
        let script = |c: char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}');
        let currency = |mark: &Mark| match mark {
            Mark::Yen | Mark::Rupee => true,
            Mark::Known(currency) => matches!(
                currency.as_str(),
                "GBP"
                    | "JPY"
                    | "CNY"
                    | "TWD"
                    | "KRW"
                    | "HKD"
                    | "INR"
                    | "THB"
                    | "ILS"
                    | "AUD"
                    | "NZD"
                    | "MXN"
            ),
            Mark::Dollar | Mark::Krone => false,
        };
        self.samples.iter().any(|text| text.contains(script)) || self.marks.iter().any(currency)
    }

    /// Values that fit each style: (point, comma).
    pub fn decimal_counts(&self) -> (usize, usize) {
        (self.point, self.comma)
    }
}
