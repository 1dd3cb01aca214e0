//! What to draw.

use i18n::{
    Locale,
    format::{self, DASH, Style},
};
use types::{Currency, Micros};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Line,
    /// A line over a tint, for a single series.
    Area,
    Bar,
    StackedBar,
    /// A ranking: one row a label.
    HorizontalBar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    Money(Currency),
    #[default]
    Count,
    /// Pieces, days: may have decimals.
    Quantity,
    /// A ratio: 1 is 100 %.
    Percent,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    pub name: String,
    /// One for each label; `None` where nothing is known. Counts are whole units in millionths too.
    pub values: Vec<Option<Micros>>,
    /// Thinner and dashed: a comparison, an estimate.
    pub dashed: bool,
    /// The series this one is compared with: it takes its colour.
    pub of: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartSpec {
    pub kind: Kind,
    pub title: String,
    /// What the chart says, in a sentence, for who cannot see it.
    pub description: String,
    /// What the labels are: "Day", "Category".
    pub x_name: String,
    pub labels: Vec<String>,
    /// The labels in full, for tooltip and table; empty where `labels` are full already.
    pub long_labels: Vec<String>,
    pub series: Vec<Series>,
    pub unit: Unit,
    pub locale: Locale,
    /// The last label is a period that is not over yet.
    pub incomplete_last: bool,
    /// Drawn for half a page's width, so that its text is as large as elsewhere.
    pub is_narrow: bool,
}

impl ChartSpec {
    /// The heads of the table: the labels' name, then the series.
    pub fn headings(&self) -> Vec<String> {
        std::iter::once(self.x_name.clone())
            .chain(self.series.iter().map(|s| s.name.clone()))
            .collect()
    }

    /// The rows of the table, in full.
    pub fn table_rows(&self) -> Vec<Vec<String>> {
        (0..self.labels.len())
            .map(|i| {
                std::iter::once(self.long_label(i).to_owned())
                    .chain(self.series.iter().map(|s| self.full(value(s, i))))
                    .collect()
            })
            .collect()
    }

    pub(crate) fn long_label(&self, index: usize) -> &str {
        self.long_labels
            .get(index)
            .or_else(|| self.labels.get(index))
            .map_or("", String::as_str)
    }

    /// All its digits, or a dash.
    pub(crate) fn full(&self, value: Option<Micros>) -> String {
        let Some(value) = value else {
            return DASH.to_owned();
        };
        match self.unit {
            Unit::Money(currency) => format::money(value, currency, self.locale, Style::Full),
            Unit::Count => format::count(whole(value), self.locale),
            Unit::Quantity => format::quantity(value, self.locale),
            Unit::Percent => format::ratio_percent(value, self.locale),
        }
    }

    /// As an axis has room for.
    pub(crate) fn short(&self, value: Micros) -> String {
        match self.unit {
            Unit::Money(currency) => format::money(value, currency, self.locale, Style::Short),
            Unit::Count => format::count_short(whole(value), self.locale),
            Unit::Quantity if value.0.unsigned_abs() >= 1_000_000_000 => {
                format::count_short(whole(value), self.locale)
            }
            Unit::Quantity => format::quantity(value, self.locale),
            Unit::Percent => format::ratio_percent(value, self.locale),
        }
    }

    /// 1 to 8: the colour of a series.
    pub(crate) fn colour(&self, series: usize) -> usize {
        let own = self
            .series
            .get(series)
            .and_then(|s| s.of)
            .filter(|of| *of < self.series.len());
        let index = own.unwrap_or_else(|| {
            // Comparisons take no colour of their own.
            self.series
                .iter()
                .take(series)
                .filter(|s| s.of.is_none())
                .count()
        });
        index % 8 + 1
    }

    pub(crate) fn is_rtl(&self) -> bool {
        i18n::is_rtl(self.locale)
    }
}

/// The value of a series at a label.
pub(crate) fn value(series: &Series, index: usize) -> Option<Micros> {
    series.values.get(index).copied().flatten()
}

fn whole(value: Micros) -> i64 {
    value.round_to(0).0 / Micros::ONE.0
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    fn micros(values: &[i64]) -> Vec<Option<Micros>> {
        values.iter().map(|v| Some(Micros(v * 1_000_000))).collect()
    }

    pub fn trend(locale: Locale) -> ChartSpec {
        ChartSpec {
            kind: Kind::Line,
            title: "Net sales".into(),
            description: "Net sales rose from 1,200 to 2,400 euros.".into(),
            x_name: "Day".into(),
            labels: (1..=6).map(|d| format!("{d} Mar")).collect(),
            long_labels: (1..=6).map(|d| format!("{d} Mar 2026")).collect(),
            series: vec![
                Series {
                    name: "Net sales".into(),
                    values: micros(&[1_200, 1_900, 1_400, 2_400, 2_100, 800]),
                    ..Series::default()
                },
                Series {
                    name: "Before <b>".into(),
                    values: vec![
                        None,
                        Some(Micros(900_000_000)),
                        None,
                        Some(Micros(1_000_000_000)),
                        Some(Micros(0)),
                        None,
                    ],
                    dashed: true,
                    of: Some(0),
                },
            ],
            unit: Unit::Money(Currency::EUR),
            locale,
            incomplete_last: true,
            is_narrow: false,
        }
    }

    pub fn stacked(locale: Locale) -> ChartSpec {
        ChartSpec {
            kind: Kind::StackedBar,
            title: "Customers".into(),
            x_name: "Week".into(),
            labels: vec!["W1".into(), "W2".into(), "W3".into()],
            series: vec![
                Series {
                    name: "New".into(),
                    values: micros(&[12, 4, 9]),
                    ..Series::default()
                },
                Series {
                    name: "Returning".into(),
                    values: micros(&[3, 8, 0]),
                    ..Series::default()
                },
            ],
            locale,
            ..ChartSpec::default()
        }
    }

    pub fn ranking(locale: Locale) -> ChartSpec {
        ChartSpec {
            kind: Kind::HorizontalBar,
            title: "Categories".into(),
            x_name: "Category".into(),
            labels: vec!["Home & garden".into(), "Toys".into(), "Returns".into()],
            series: vec![Series {
                name: "Net sales".into(),
                values: micros(&[900, 450, -120]),
                ..Series::default()
            }],
            unit: Unit::Money(Currency::GBP),
            locale,
            ..ChartSpec::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_what_the_chart_shows() {
        let spec = samples::trend(Locale::en);
        assert_eq!(spec.headings(), ["Day", "Net sales", "Before <b>"]);
        let rows = spec.table_rows();
        assert_eq!(rows.len(), 6);
        assert_eq!(rows[1], ["2 Mar 2026", "€1,900.00", "€900.00"]);
        assert_eq!(rows[4][2], "€0.00");
        assert_eq!(rows[0][2], DASH);
    }

    #[test]
    fn a_comparison_has_the_colour_of_its_series() {
        let mut spec = samples::trend(Locale::en);
        assert_eq!((spec.colour(0), spec.colour(1)), (1, 1));
        spec.series.push(Series::default());
        assert_eq!(spec.colour(2), 2);
    }
}
