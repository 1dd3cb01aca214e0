//! Which table answers which question: the roll-ups kept beside the lines.

use crate::schema::{BY_MONTH, Field, Kind, LINES, MONTH, ORDERS, TableSchema};
use metrics::{Dimension, Measure, Metric, Query};
use std::borrow::Cow;

/// A table of gold, smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Sums by day, currency, country, channel and payment method.
    Daily,
    /// Sums by day, currency and product.
    Products,
    /// One row an order and day.
    Orders,
    /// Every current line.
    Lines,
}

/// What all of them add up: of each, the values of parts add up to that of the whole.
const ADDED: [Metric; 6] = [
    Metric::GrossSales,
    Metric::Discounts,
    Metric::Returns,
    Metric::Taxes,
    Metric::Shipping,
    Metric::Units,
];

macro_rules! sums {
    ($($field:expr),+ $(,)?) => {
        &[
            $($field),+,
            Field { name: "day", kind: Kind::Int },
            Field { name: MONTH, kind: Kind::Int },
            Field { name: "gross", kind: Kind::Long },
            Field { name: "discounts", kind: Kind::Long },
            Field { name: "returns", kind: Kind::Long },
            Field { name: "taxes", kind: Kind::Long },
            Field { name: "shipping", kind: Kind::Long },
            Field { name: "units", kind: Kind::Long },
        ]
    };
}

static DAILY: TableSchema = TableSchema {
    path: "gold/daily",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(sums![
        Field {
            name: "currency",
            kind: Kind::Text
        },
        Field {
            name: "country",
            kind: Kind::Text
        },
        Field {
            name: "channel",
            kind: Kind::Text
        },
        Field {
            name: "payment_method",
            kind: Kind::Text
        },
    ]),
};

static PRODUCTS: TableSchema = TableSchema {
    path: "gold/products",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(sums![
        Field {
            name: "currency",
            kind: Kind::Text
        },
        Field {
            name: "sku",
            kind: Kind::Text
        },
        Field {
            name: "product_name",
            kind: Kind::Text
        },
        Field {
            name: "category",
            kind: Kind::Text
        },
    ]),
};

impl Source {
    /// From the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Daily, Self::Products, Self::Orders, Self::Lines];

    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Products => "products",
            Self::Orders => "orders",
            Self::Lines => "lines",
        }
    }

    pub(crate) fn schema(self) -> &'static TableSchema {
        match self {
            Self::Daily => &DAILY,
            Self::Products => &PRODUCTS,
            Self::Orders => &ORDERS,
            Self::Lines => &LINES,
        }
    }

    /// The dimensions a roll-up keeps beside the day.
    pub(crate) fn keeps(self) -> &'static [Dimension] {
        match self {
            Self::Daily => &[
                Dimension::Currency,
                Dimension::Country,
                Dimension::Channel,
                Dimension::PaymentMethod,
            ],
            Self::Products => &[
                Dimension::Currency,
                Dimension::Product,
                Dimension::ProductName,
                Dimension::Category,
            ],
            Self::Orders => &[
                Dimension::Hour,
                Dimension::Currency,
                Dimension::Country,
                Dimension::Region,
                Dimension::City,
                Dimension::Channel,
                Dimension::PaymentMethod,
                Dimension::Customer,
                Dimension::Upload,
            ],
            Self::Lines => Dimension::ALL,
        }
    }

    /// The question that a roll-up is the stored answer to: its sums by the day and by what else it keeps.
    pub fn query(self) -> Query {
        let kept = self.keeps().iter().filter(|d| !d.is_time()).cloned();
        Query {
            metrics: ADDED.to_vec(),
            by: std::iter::once(Dimension::Day).chain(kept).collect(),
            ..Query::default()
        }
    }

    /// Whether this table alone gives the measure by the dimension.
    pub fn answers(self, measure: Measure, dimensions: &[Dimension]) -> bool {
        let keeps_all = dimensions.iter().all(|d| {
            self.keeps().contains(d)
                || (d.is_time() && *d != Dimension::Hour)
                || (d.is_extra() && self == Self::Lines)
        });
        let keeps_measure = match self {
            Self::Daily | Self::Products => ADDED
                .iter()
                .any(|metric| metric.definition().formula.terms().any(|t| t.0 == measure)),
            Self::Orders => true,
            // Lifetimes are facts about whole orders.
            Self::Lines => !matches!(measure, Measure::NewCustomers | Measure::ReturningCustomers),
        };
        keeps_all && keeps_measure
    }

    /// The smallest table that answers all measures by all dimensions.
    pub fn smallest(measures: &[Measure], dimensions: &[Dimension]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|source| measures.iter().all(|m| source.answers(*m, dimensions)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_table_is_asked() {
        use Dimension as D;
        use Measure as M;
        let extra = D::Extra(metrics::ExtraColumn::new("Warehouse").unwrap());
        for (measures, dimensions, source) in [
            (
                &[M::Gross][..],
                &[D::Month, D::Country][..],
                Some(Source::Daily),
            ),
            (&[M::Gross], &[D::Category, D::Week], Some(Source::Products)),
            (&[M::Gross, M::Orders], &[D::Month], Some(Source::Orders)),
            (&[M::Gross], &[D::Hour], Some(Source::Orders)),
            (&[M::Orders], &[D::Product], Some(Source::Lines)),
            (&[M::Gross], &[D::Product, D::Country], Some(Source::Lines)),
            (&[M::Gross], &[extra, D::Month], Some(Source::Lines)),
            (&[M::NewCustomers], &[D::Product], None),
        ] {
            assert_eq!(
                Source::smallest(measures, dimensions),
                source,
                "{measures:?} by {dimensions:?}"
            );
        }
    }

    #[test]
    fn schemas_hold_what_they_keep() {
        for source in Source::ALL {
            let holds = |column: &str| source.schema().fields.iter().any(|f| f.name == column);
            for dimension in source.keeps() {
                let column = crate::schema::column(dimension);
                assert!(holds(column), "{source:?} {column}");
            }
        }
        for source in [Source::Daily, Source::Products] {
            let query = source.query();
            let asks = |name: &str| {
                let by = query.by.iter().any(|d| crate::schema::column(d) == name);
                by || crate::schema::sums_of(&query).any(|sum| sum == name)
            };
            assert!(asks("day") && asks("units"));
            for field in source.schema().fields.iter().filter(|f| f.name != MONTH) {
                assert!(asks(field.name), "{source:?} {}", field.name);
            }
        }
    }
}
