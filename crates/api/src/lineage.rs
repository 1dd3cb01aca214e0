//! Where a figure comes from.

use crate::{Moment, dashboard::Scope};
use metrics::{Cell, Metric};
use serde::{Deserialize, Serialize};
use types::{Currency, Day, Micros, Page, Period, UploadId};

/// Lines on one page.
pub const LINES: u64 = 50;
/// Where they are had as a file.
pub const LINES_CSV: &str = "/lineage/lines.csv";

/// From the files to the figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    pub metric: Metric,
    pub value: Cell,
    pub period: Period,
    pub currency: Currency,
    /// Name of the table that the figure is read from, and its version.
    pub table: String,
    pub table_version: u64,
    /// Counts every change of the tenant's figures.
    pub gold_version: i64,
    /// Those with orders in the period, the latest first.
    pub files: Vec<File>,
}

/// What one file brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub id: UploadId,
    pub name: String,
    pub at: Moment,
    /// Of the whole file.
    pub records: Option<u64>,
    /// In the period.
    pub orders: i64,
    pub gross_sales: Micros,
    pub net_sales: Micros,
}

/// Which lines, as the URL says: `?metric=net_sales&file=…&sort=units&dir=asc&page=2`, with the dashboard's scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinesAsked {
    pub metric: Metric,
    /// Lines of this file alone.
    pub file: Option<UploadId>,
    pub sort: LineSort,
    pub ascending: bool,
    /// From 0.
    pub page: u64,
}

/// What lines are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSort {
    Day,
    /// One that lines add up to.
    Metric(Metric),
}

impl LineSort {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Metric(metric) => metric.id(),
        }
    }

    /// Absent where lines cannot be sorted by this.
    pub fn read(text: &str) -> Option<Self> {
        if text == "day" {
            return Some(Self::Day);
        }
        let metric: Metric = text.parse().ok()?;
        metric.of_lines().map(|_| Self::Metric(metric))
    }
}

impl LinesAsked {
    /// Those that bring most to the figure first; the latest first where no line has a value of it.
    pub fn of(metric: Metric) -> Self {
        Self {
            metric,
            file: None,
            sort: match metric.of_lines() {
                Some(_) => LineSort::Metric(metric),
                None => LineSort::Day,
            },
            ascending: false,
            page: 0,
        }
    }

    /// What cannot be read is as if it were absent. Pages are counted from 1 in the URL.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let metric = get("metric").and_then(|m| m.parse().ok());
        let usual = Self::of(metric.unwrap_or(Metric::NetSales));
        Self {
            file: get("file").and_then(|id| id.parse().ok()),
            sort: get("sort").and_then(LineSort::read).unwrap_or(usual.sort),
            ascending: get("dir") == Some("asc"),
            page: get("page")
                .and_then(|p| p.parse::<u64>().ok())
                .map_or(0, |p| p.clamp(1, 1_000_000) - 1),
            ..usual
        }
    }

    /// Their page, in this scope.
    pub fn link(&self, scope: &Scope) -> String {
        format!("/lineage/lines?{}", self.query(scope))
    }

    /// All of them, as a file.
    pub fn csv(&self, scope: &Scope) -> String {
        let all = Self {
            page: 0,
            ..self.clone()
        };
        format!("{LINES_CSV}?{}", all.query(scope))
    }

    fn query(&self, scope: &Scope) -> String {
        let mut query = scope.query();
        let mut say = |name: &str, value: &str| {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&format!("{name}={value}"));
        };
        say("metric", self.metric.id());
        if let Some(file) = self.file {
            say("file", &file.to_string());
        }
        if self.sort != Self::of(self.metric).sort {
            say("sort", self.sort.as_str());
        }
        if self.ascending {
            say("dir", "asc");
        }
        if self.page > 0 {
            say("page", &(self.page + 1).to_string());
        }
        query
    }
}

/// The lines behind a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lines {
    pub metric: Metric,
    pub period: Period,
    /// Of the figure.
    pub currency: Currency,
    /// The figure; unknown where it has no meaning for one file.
    pub value: Cell,
    /// Amounts of several currencies were converted for the figure; lines stand in their own.
    pub converted: bool,
    /// The name of the one file.
    pub file: Option<String>,
    /// What all the lines add up to, by currency; not only those of the page.
    pub sums: Vec<LineSums>,
    pub page: Page<Line>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineSums {
    /// Absent where the file says none.
    pub currency: Option<Currency>,
    pub lines: u64,
    pub amounts: Amounts,
}

/// A line of a sale or a return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub order: String,
    pub returned: bool,
    pub day: Day,
    /// Its name, or its code where it has none.
    pub product: Option<String>,
    pub currency: Option<Currency>,
    pub amounts: Amounts,
    /// Where it stands: the file, and the record there, from 1.
    pub upload: UploadId,
    pub file: String,
    pub record: u64,
}

/// What a line, or several, bring to figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amounts {
    pub units: Micros,
    pub gross: Micros,
    pub discounts: Micros,
    pub returns: Micros,
    pub net: Micros,
    /// To the figure that was asked for; absent where lines do not add up to it.
    pub asked: Option<Micros>,
}

/// A record as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub file_name: String,
    /// From 1.
    pub record: u64,
    /// Physical line, from 1; 0 where the file has none.
    pub line: u64,
    /// One a column; none where the record could not be cut into columns.
    pub cells: Vec<RecordCell>,
    /// The record's text, where it could not.
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCell {
    pub column: String,
    /// As it stands in the file.
    pub text: String,
    /// What is read in its place, where it was corrected.
    pub read: Option<String>,
    /// Id of the field that the column is.
    pub field: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(link: &str) -> LinesAsked {
        let query = link.split_once('?').unwrap().1;
        let map: HashMap<&str, &str> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        LinesAsked::read(|name| map.get(name).copied())
    }

    #[test]
    fn the_url_and_what_is_asked_for_are_the_same_thing() {
        for link in [
            "/lineage/lines?metric=net_sales",
            "/lineage/lines?period=last7&currency=EUR&metric=aov&sort=units&dir=asc&page=3",
            "/lineage/lines?metric=returns&file=00000000-0000-0000-0000-000000000007&sort=day",
        ] {
            let query = link.split_once('?').unwrap().1;
            let map: HashMap<&str, &str> = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .collect();
            let scope = Scope::read(|name| map.get(name).copied());
            assert_eq!(read(link).link(&scope), link);
            let file = read(link).csv(&scope);
            assert!(file.starts_with("/lineage/lines.csv?"), "{file}");
            assert!(!file.contains("page="), "{file}");
        }
    }

    #[test]
    fn what_lines_do_not_add_up_to_sorts_nothing() {
        let asked = read("/lineage/lines?metric=orders&sort=customers&page=x");
        assert_eq!(asked, LinesAsked::of(Metric::Orders));
        assert_eq!(asked.sort, LineSort::Day);
        assert_eq!(
            read("/lineage/lines?metric=none"),
            LinesAsked::of(Metric::NetSales)
        );
    }
}
