use crate::{Dimension, Metric, calendar};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{Currency, Period};

/// A question to the metric layer. Tenant, role and permission are never part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    pub metrics: Vec<Metric>,
    #[serde(default)]
    pub by: Vec<Dimension>,
    /// All days where absent.
    #[serde(default)]
    pub period: Option<Period>,
    /// All must hold.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Where empty: by the dimensions, ascending.
    #[serde(default)]
    pub order: Vec<OrderBy>,
    #[serde(default)]
    pub limit: Option<u32>,
    /// Amounts in this currency, converted by the rates of each day; each in its own where absent.
    #[serde(default)]
    pub into: Option<Currency>,
}

/// `dimension` is one of `values`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    pub dimension: Dimension,
    /// As [`calendar::label`] writes them for time dimensions. An empty text stands for "not known".
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    Metric(Metric),
    Dimension(Dimension),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderBy {
    pub key: SortKey,
    pub descending: bool,
}

/// Why a query cannot be asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Invalid {
    #[error("a query needs at least one metric")]
    NoMetric,
    #[error("`{0}` is asked for twice")]
    Twice(String),
    #[error(
        "`{metric}` cannot be grouped or filtered by `{dimension}`: it is a fact about whole orders"
    )]
    NotAllowed {
        metric: Metric,
        dimension: Dimension,
    },
    #[error("a query is ordered by what it returns, and `{0}` is not among it")]
    OrderedByAbsent(String),
    #[error("`{value}` is not a {dimension}")]
    NotAValue { dimension: Dimension, value: String },
}

impl Query {
    pub fn new(metrics: impl Into<Vec<Metric>>) -> Self {
        Self {
            metrics: metrics.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn by(mut self, dimensions: impl Into<Vec<Dimension>>) -> Self {
        self.by = dimensions.into();
        self
    }

    #[must_use]
    pub fn during(mut self, period: Option<Period>) -> Self {
        self.period = period;
        self
    }

    #[must_use]
    pub fn only(mut self, dimension: Dimension, values: impl Into<Vec<String>>) -> Self {
        self.filters.push(Filter {
            dimension,
            values: values.into(),
        });
        self
    }

    /// With amounts converted into one currency.
    #[must_use]
    pub fn into_currency(mut self, currency: Currency) -> Self {
        self.into = Some(currency);
        self
    }

    /// The `limit` largest by `metric`.
    #[must_use]
    pub fn top(mut self, metric: Metric, limit: u32) -> Self {
        self.order = vec![OrderBy {
            key: SortKey::Metric(metric),
            descending: true,
        }];
        self.limit = Some(limit);
        self
    }

    /// Dimensions that group or filter.
    pub fn dimensions(&self) -> impl Iterator<Item = Dimension> {
        self.by
            .iter()
            .copied()
            .chain(self.filters.iter().map(|f| f.dimension))
    }

    pub fn check(&self) -> Result<(), Invalid> {
        if self.metrics.is_empty() {
            return Err(Invalid::NoMetric);
        }
        for (n, metric) in self.metrics.iter().enumerate() {
            if self.metrics[..n].contains(metric) {
                return Err(Invalid::Twice(metric.id().to_owned()));
            }
            if let Some(dimension) = self.dimensions().find(|d| !metric.allows(*d)) {
                return Err(Invalid::NotAllowed {
                    metric: *metric,
                    dimension,
                });
            }
        }
        for (n, dimension) in self.by.iter().enumerate() {
            if self.by[..n].contains(dimension) {
                return Err(Invalid::Twice(dimension.id().to_owned()));
            }
        }
        for order in &self.order {
            let (known, id) = match &order.key {
                SortKey::Metric(m) => (self.metrics.contains(m), m.id()),
                SortKey::Dimension(d) => (self.by.contains(d), d.id()),
            };
            if !known {
                return Err(Invalid::OrderedByAbsent(id.to_owned()));
            }
        }
        for filter in &self.filters {
            let time = filter.dimension.is_time();
            for value in &filter.values {
                if time && calendar::parse_label(filter.dimension, value).is_none() {
                    return Err(Invalid::NotAValue {
                        dimension: filter.dimension,
                        value: value.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked() {
        let sales = Query::new([Metric::NetSales]);
        assert_eq!(Query::default().check(), Err(Invalid::NoMetric));
        assert_eq!(
            Query::new([Metric::Orders, Metric::Orders]).check(),
            Err(Invalid::Twice("orders".to_owned()))
        );
        assert_eq!(
            Query::new([Metric::NewCustomers])
                .by([Dimension::Product])
                .check(),
            Err(Invalid::NotAllowed {
                metric: Metric::NewCustomers,
                dimension: Dimension::Product
            })
        );
        assert_eq!(
            sales.clone().top(Metric::Orders, 3).check(),
            Err(Invalid::OrderedByAbsent("orders".to_owned()))
        );
        assert!(
            sales
                .clone()
                .only(Dimension::Month, ["2010-13".to_owned()])
                .check()
                .is_err()
        );
        assert_eq!(
            sales
                .by([Dimension::Product])
                .top(Metric::NetSales, 3)
                .check(),
            Ok(())
        );
    }

    #[test]
    fn a_query_survives_the_wire() {
        let query = Query::new([Metric::NetSales, Metric::Orders])
            .by([Dimension::Month])
            .during(Period::new(types::Day(0), types::Day(30)))
            .only(Dimension::Country, ["France".to_owned()])
            .top(Metric::NetSales, 5)
            .into_currency(Currency::EUR);
        let text = serde_json::to_string(&query).unwrap();
        assert_eq!(serde_json::from_str::<Query>(&text).unwrap(), query);
    }
}
