//! The columns of the lake's tables, described once for Polars and for Delta.
//!
//! Money and quantities are 64-bit millionths, days count from 1970-01-01, months are `year * 12 + month - 1`.

use deltalake::kernel::{DataType as DeltaType, StructField};
use metrics::{Dimension, Measure, Query};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Long,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub name: &'static str,
    pub kind: Kind,
}

pub(crate) const fn text(name: &'static str) -> Field {
    Field {
        name,
        kind: Kind::Text,
    }
}

pub(crate) const fn int(name: &'static str) -> Field {
    Field {
        name,
        kind: Kind::Int,
    }
}

pub(crate) const fn long(name: &'static str) -> Field {
    Field {
        name,
        kind: Kind::Long,
    }
}

/// The first partition column of every table.
pub(crate) const MONTH: &str = "month";
/// The month of what belongs to no month.
pub(crate) const NO_MONTH: i32 = 0;
/// Silver's further partition columns: which of its files count is decided without reading them.
pub(crate) const UPLOAD: &str = "upload";
pub(crate) const RUN: &str = "run";

pub(crate) const BY_MONTH: &[&str] = &[MONTH];

pub(crate) struct TableSchema {
    /// Its folder below the tenant's.
    pub path: &'static str,
    pub partitions: &'static [&'static str],
    /// Columns of texts by which the rows of a file stand in Z-order ([`crate::zorder`]); none: as they were made.
    pub clustered: &'static [&'static str],
    pub fields: Cow<'static, [Field]>,
}

impl TableSchema {
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// Silver's hour of a line whose file says no time of day; in gold it is empty.
pub(crate) const NO_HOUR: i32 = -1;

/// Every line ever accepted, as it was read: append-only. `tells`, `has_tax` and `has_shipping` are facts about its file.
pub(crate) static SILVER: TableSchema = TableSchema {
    path: "silver/orders",
    partitions: &[MONTH, UPLOAD, RUN],
    clustered: &[],
    fields: Cow::Borrowed(&[
        text(UPLOAD),
        int(RUN),
        long("upload_seq"),
        int("tells"),
        int("has_tax"),
        int("has_shipping"),
        long("record"),
        long("key"),
        text("order_id"),
        int("line"),
        int("kind"),
        long("at"),
        int("day"),
        int("hour"),
        int(MONTH),
        text("sku"),
        text("product_name"),
        text("category"),
        long("quantity"),
        long("unit_price"),
        long("gross"),
        long("discount"),
        long("returns"),
        long("tax"),
        long("shipping"),
        text("currency"),
        text("customer"),
        text("customer_name"),
        text("country"),
        text("region"),
        text("city"),
        text("channel"),
        text("payment_method"),
        long("hash"),
        text("extra"),
    ]),
};

/// Where the lines stand that stand in more than one month, because their date differs between two uploads.
/// A set of facts: a row twice says nothing more.
pub(crate) static SPREAD: TableSchema = TableSchema {
    path: "silver/spread",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(&[
        long("key"),
        int(MONTH),
        text(UPLOAD),
        int(RUN),
        long("upload_seq"),
        int("tells"),
    ]),
};

/// A JSON object of the columns that are not mapped. Long, and seldom asked for: [`crate::extra`] reads it.
pub(crate) const EXTRA: &str = "extra";

/// Current sale and return lines.
pub(crate) static LINES: TableSchema = TableSchema {
    path: "gold/lines",
    partitions: BY_MONTH,
    clustered: &["sku", "customer"],
    fields: Cow::Borrowed(&[
        text("order_id"),
        int("sale"),
        int("returned"),
        long("at"),
        int("day"),
        int("hour"),
        int(MONTH),
        text("sku"),
        text("product_name"),
        text("category"),
        long("units"),
        long("gross"),
        long("discounts"),
        long("returns"),
        long("taxes"),
        long("shipping"),
        text("currency"),
        text("customer"),
        text("country"),
        text("region"),
        text("city"),
        text("channel"),
        text("payment_method"),
        text("upload"),
        long("record"),
        text(EXTRA),
    ]),
};

/// One row an order, day and upload: a refund on a later day is a row of its own.
pub(crate) static ORDERS: TableSchema = TableSchema {
    path: "gold/orders",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(&[
        text("order_id"),
        int("sale"),
        int("returned"),
        long("at"),
        int("day"),
        int("hour"),
        int(MONTH),
        long("units"),
        long("gross"),
        long("discounts"),
        long("returns"),
        long("taxes"),
        long("shipping"),
        text("currency"),
        text("customer"),
        text("country"),
        text("region"),
        text("city"),
        text("channel"),
        text("payment_method"),
        text("upload"),
    ]),
};

/// The sums every gold table carries, in the order of [`SUMS`].
pub(crate) const SUM_COLUMNS: [&str; 6] = [
    "gross",
    "discounts",
    "returns",
    "taxes",
    "shipping",
    "units",
];

pub(crate) const SUMS: [Measure; 6] = [
    Measure::Gross,
    Measure::Discounts,
    Measure::Returns,
    Measure::Taxes,
    Measure::Shipping,
    Measure::Units,
];

/// The stored columns that a query's metrics are sums of.
pub(crate) fn sums_of(query: &Query) -> impl Iterator<Item = &'static str> {
    let asked = |measure: Measure| {
        let mut terms = query
            .metrics
            .iter()
            .flat_map(|m| m.definition().formula.terms());
        terms.any(|(term, _)| term == measure)
    };
    let stored = SUMS.into_iter().zip(SUM_COLUMNS);
    stored.filter_map(move |(measure, name)| asked(measure).then_some(name))
}

/// The stored column behind a dimension; time dimensions but the hour are made from `day`, extra ones from [`EXTRA`].
pub(crate) fn column(dimension: &Dimension) -> &str {
    match dimension {
        Dimension::Day
        | Dimension::Week
        | Dimension::Month
        | Dimension::Quarter
        | Dimension::Year
        | Dimension::Weekday => "day",
        Dimension::Product => "sku",
        other => other.id(),
    }
}

impl Field {
    pub fn delta(self) -> StructField {
        let kind = match self.kind {
            Kind::Text => DeltaType::STRING,
            Kind::Int => DeltaType::INTEGER,
            Kind::Long => DeltaType::LONG,
        };
        StructField::new(self.name, kind, true)
    }
}
