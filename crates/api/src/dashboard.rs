use crate::ApiError;
use metrics::{Cell, Dimension, Metric, WithoutRate};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use types::{Comparison, Currency, CurrencyChoice, Day, Period, PeriodChoice};

/// A column of a merchant's file may have any name.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b':');

/// What the page's URL says: `?period=last30&compare=previous&currency=EUR` (or `all`, converted), `&by=city`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub period: PeriodChoice,
    pub comparison: Comparison,
    /// The tenant's largest where absent.
    pub currency: Option<CurrencyChoice>,
    /// What sales are broken down by; the server chooses where absent.
    pub by: Option<Dimension>,
}

impl Scope {
    /// Reads the URL; what cannot be read is as if it were absent, so that an old link still opens.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        // A plain form sends the two days of its own period beside the choice.
        let custom = || {
            let day = |name| get(name).and_then(|d| d.parse::<Day>().ok());
            Period::new(day("from")?, day("to")?).map(PeriodChoice::Custom)
        };
        let period = match get("period") {
            Some("custom") | None => custom(),
            Some(text) => text.parse().ok(),
        };
        Self {
            period: period.unwrap_or_default(),
            comparison: get("compare").and_then(read_comparison).unwrap_or_default(),
            currency: get("currency").and_then(|c| c.parse().ok()),
            by: get("by").and_then(|by| by.parse().ok()),
        }
    }

    /// Names and values of what is not the default, as a form would send them.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.period != PeriodChoice::default() {
            pairs.push(("period", self.period.to_string()));
        }
        if self.comparison != Comparison::default() {
            pairs.push(("compare", comparison_text(self.comparison)));
        }
        if let Some(currency) = self.currency {
            pairs.push(("currency", currency.to_string()));
        }
        if let Some(by) = self.by {
            pairs.push(("by", by.id().to_owned()));
        }
        pairs
    }

    /// `period=last7&compare=none`, without what is the default; empty where all is.
    pub fn query(&self) -> String {
        let text = |(name, value): &(&str, String)| match *name {
            "by" => format!("by={}", utf8_percent_encode(value, IN_QUERY)),
            name => format!("{name}={value}"),
        };
        self.pairs().iter().map(text).collect::<Vec<_>>().join("&")
    }

    /// `path` with this scope in its query, behind what stands there already.
    pub fn link(&self, path: &str) -> String {
        match self.query() {
            query if query.is_empty() => path.to_owned(),
            query if path.contains('?') => format!("{path}&{query}"),
            query => format!("{path}?{query}"),
        }
    }
}

/// `none`, `previous`, `weekdays`, `year`, `2026-01-01..2026-03-31`.
pub fn comparison_text(comparison: Comparison) -> String {
    match comparison {
        Comparison::None => "none".to_owned(),
        Comparison::Previous => "previous".to_owned(),
        Comparison::SameWeekdays => "weekdays".to_owned(),
        Comparison::LastYear => "year".to_owned(),
        Comparison::Custom(period) => format!("{}..{}", period.from, period.to),
    }
}

/// The inverse of [`comparison_text`].
pub fn read_comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "none" => Comparison::None,
        "previous" => Comparison::Previous,
        "weekdays" => Comparison::SameWeekdays,
        "year" => Comparison::LastYear,
        other => match other.parse().ok()? {
            PeriodChoice::Custom(period) => Comparison::Custom(period),
            _ => return None,
        },
    })
}

/// The dashboard's figures. Absent as a whole where nothing was imported yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub period: Period,
    pub comparison: Option<Period>,
    pub currency: Currency,
    /// Absent where there is one currency only.
    pub choice: Option<CurrencyChoice>,
    /// Currencies there are figures in.
    pub currencies: Vec<Currency>,
    /// The shop's own.
    pub home: Currency,
    /// Why converted amounts are not known.
    pub without_rate: Vec<WithoutRate>,
    /// The last day with data.
    pub data_through: Day,
    pub cards: Result<Vec<Card>, ApiError>,
    /// Set where the last week or month of what goes by time is not over.
    pub unfinished: Option<Dimension>,
    pub trend: Panel,
    pub categories: Panel,
    pub products: Panel,
    /// By the country, or whatever else was chosen.
    pub breakdown: Panel,
    pub by: Dimension,
    /// What may be chosen: first what every store may know, then columns of the merchant's own files.
    pub dimensions: Vec<Dimension>,
    /// Absent where the viewer may not see customers.
    pub customers: Option<Panel>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub metric: Metric,
    pub value: Cell,
    pub before: Option<Cell>,
    /// The value is not known because no file says it.
    pub is_not_in_source: bool,
}

/// One chart, or why it could not be made: a failing panel leaves the others alone.
pub type Panel = Result<Chart, ApiError>;

/// The same figures three times: drawn by the server for the first paint, as the option for the
/// chart library that takes over in the browser, and as a table in the reader's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    pub svg: String,
    /// JSON.
    pub option: String,
    /// The first names the rows, the others are figures.
    pub headings: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// No row has a name, or none a figure: the files lack the column.
    pub lacks_column: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use std::collections::HashMap;

    fn read(query: &str) -> Scope {
        let map: HashMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| {
                let value = percent_decode_str(value).decode_utf8().unwrap();
                (name, value.into_owned())
            })
            .collect();
        Scope::read(|name| map.get(name).map(String::as_str))
    }

    #[test]
    fn the_url_and_the_scope_are_the_same_thing() {
        for query in [
            "",
            "period=last7",
            "period=all&compare=none",
            "period=2010-12-01..2011-02-03&compare=weekdays&currency=GBP",
            "compare=2009-12-01..2010-02-03",
            "period=last7&currency=all",
            "period=last7&by=payment_method",
            "by=extra:Ware%20house%20%E2%84%962%26",
        ] {
            let scope = read(query);
            assert_eq!(scope.query(), query);
            assert_eq!(read(&scope.query()), scope);
        }
    }

    #[test]
    fn a_link_keeps_what_stands_in_it() {
        let scope = read("period=last7&compare=none");
        assert_eq!(scope.link("/uploads"), "/uploads?period=last7&compare=none");
        assert_eq!(
            scope.link("/uploads?page=2"),
            "/uploads?page=2&period=last7&compare=none"
        );
        assert_eq!(Scope::default().link("/uploads?page=2"), "/uploads?page=2");
    }

    #[test]
    fn a_plain_form_and_an_old_link_are_read() {
        assert_eq!(
            read("period=custom&from=2010-12-01&to=2010-12-31").query(),
            "period=2010-12-01..2010-12-31"
        );
        assert_eq!(
            read("period=custom&from=2011-12-01&to=2010-12-31"),
            Scope::default()
        );
        assert_eq!(
            read("period=fortnight&compare=x&currency=EURO&by=colour"),
            Scope::default()
        );
    }
}
