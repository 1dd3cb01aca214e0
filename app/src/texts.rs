//! Figures as text in the reader's language. Pure: the same on both sides.

use api::Moment;
use i18n::{
    Locale,
    format::{self, Style},
};
use metrics::{Cell, ColumnKind, Dimension, Language, Unit, calendar};
use types::{Currency, Day, Micros};

/// The catalogue's language for a locale.
pub fn language(locale: Locale) -> Language {
    match locale {
        Locale::en => Language::En,
        Locale::zh => Language::Zh,
        Locale::es => Language::Es,
        Locale::ar => Language::Ar,
    }
}

pub fn amount(value: Micros, unit: Unit, currency: Currency, locale: Locale) -> String {
    match unit {
        Unit::Money => format::money(value, currency, locale, Style::Full),
        Unit::Count => format::count(value.0 / 1_000_000, locale),
        Unit::Quantity => format::quantity(value, locale),
        Unit::Ratio => format::ratio_percent(value, locale),
    }
}

/// A key of a time dimension: `3 Mar 2026`, `Mar 2026`.
pub fn key(dimension: Dimension, key: i32, locale: Locale) -> String {
    let first = calendar::span(dimension, key).map(|p| p.from);
    match (dimension, first) {
        (Dimension::Day, Some(day)) => format::day(day, locale),
        (Dimension::Week, Some(day)) => format::week(day, locale),
        (Dimension::Month, Some(day)) => format::month(day, locale),
        (Dimension::Quarter, Some(day)) => format::quarter(day, locale),
        _ => calendar::label(dimension, key),
    }
}

/// Any cell of a table. Unknown is a dash, never 0; a text that is not known is `none`.
pub fn cell(
    cell: &Cell,
    kind: ColumnKind,
    currency: Currency,
    locale: Locale,
    none: &str,
) -> String {
    match (cell, kind) {
        (Cell::Key(k), ColumnKind::Dimension(d)) => key(d, *k, locale),
        (Cell::Text(text), _) if text.is_empty() => none.to_owned(),
        (Cell::Text(text), _) => text.clone(),
        (Cell::Unknown, ColumnKind::Dimension(_)) => none.to_owned(),
        (other, ColumnKind::Metric(m)) => other.micros().map_or_else(
            || format::DASH.to_owned(),
            |value| amount(value, m.unit(), currency, locale),
        ),
        (other, ColumnKind::Dimension(_)) => match other {
            Cell::Count(n) => format::count(*n, locale),
            _ => format::DASH.to_owned(),
        },
    }
}

/// Heading of a column in the reader's language.
pub fn heading(kind: &ColumnKind, locale: Locale) -> &str {
    match kind {
        ColumnKind::Dimension(d) => d.name(language(locale)),
        ColumnKind::Metric(m) => m.name(language(locale)),
    }
}

/// The dimension's name inside a sentence; a column of a file keeps its own.
pub fn inside(dimension: Dimension, locale: Locale) -> String {
    let name = dimension.name(language(locale));
    if dimension.is_extra() || dimension == Dimension::Product {
        return name.to_owned();
    }
    let mut letters = name.chars();
    // The catalogue's names begin with letters that ASCII has, or with such as have one form.
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// `3 Mar 2026, 14:05`.
pub fn moment(moment: &Moment, locale: Locale) -> String {
    let separator = if locale == Locale::ar { "، " } else { ", " };
    format!(
        "{}{separator}{}",
        format::day(moment.day, locale),
        moment.time
    )
}

/// `31 Jan 2026 – 2 Mar 2026`, or a dash.
pub fn days(first: Option<Day>, last: Option<Day>, locale: Locale) -> String {
    match (first, last) {
        (Some(from), Some(to)) => format::period(types::Period { from, to }, locale),
        _ => format::DASH.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::Metric;

    #[test]
    fn zero_is_zero_and_unknown_is_a_dash() {
        let text =
            |c: &Cell, m: Metric| cell(c, ColumnKind::Metric(m), Currency::EUR, Locale::en, "?");
        assert_eq!(text(&Cell::Count(0), Metric::Orders), "0");
        assert_eq!(text(&Cell::Unknown, Metric::Customers), format::DASH);
        assert_eq!(
            text(&Cell::Micros(Micros(31_000)), Metric::RefundRateValue),
            format::ratio_percent(Micros(31_000), Locale::en)
        );
    }

    #[test]
    fn inside_a_sentence_a_name_begins_small() {
        assert_eq!(inside(Dimension::Country, Locale::es), "país");
        assert_eq!(inside(Dimension::Product, Locale::es), "SKU");
        for dimension in Dimension::ALL {
            for locale in [Locale::en, Locale::zh, Locale::es, Locale::ar] {
                let name = dimension.name(language(locale));
                let first = name.chars().next().into_iter();
                assert!(
                    first
                        .clone()
                        .flat_map(char::to_lowercase)
                        .eq(first.map(|c| c.to_ascii_lowercase())),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_group_without_a_name_says_so() {
        let category = ColumnKind::Dimension(Dimension::Category);
        for empty in [Cell::Text(String::new()), Cell::Unknown] {
            assert_eq!(
                cell(&empty, category, Currency::EUR, Locale::en, "No category"),
                "No category"
            );
        }
    }
}
