//! Everything needed to read a file deterministically, settled before the first record is read.

use crate::compression::Compression;
use crate::corrected::Reasons;
use crate::correction::Correction;
use crate::data_set::DataSet;
use crate::dialect::Dialect;
use crate::field::Field;
use crate::format::Format;
use crate::moment::DateFormat;
use crate::number::Decimal;
use crate::options::Limits;
use crate::source::Source;
use serde::{Deserialize, Serialize};
use types::Currency;

/// Raised whenever the same plan would read a file differently.
pub const PLAN_VERSION: u32 = 3;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub version: u32,
    /// Left out for orders, so that a plan made before there were others is the same plan.
    #[serde(default, skip_serializing_if = "DataSet::is_orders")]
    pub data_set: DataSet,
    #[serde(default)]
    pub format: Format,
    pub compression: Compression,
    /// Name of the file within a zip archive.
    #[serde(default)]
    pub entry: Option<String>,
    /// Name in the WHATWG Encoding Standard.
    pub encoding: String,
    /// Bytes of the byte order mark.
    pub bom: usize,
    pub dialect: Dialect,
    pub columns: Vec<PlanColumn>,
    pub source: Source,
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub timezone: jiff::tz::TimeZone,
    /// Of times without an offset, where it is not the merchant's.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::tz::optional"
    )]
    pub clock: Option<jiff::tz::TimeZone>,
    /// The merchant's own, or what was decided for this file: it settles what `$` means.
    pub home_currency: Currency,
    /// Of amounts beside which the file names no currency.
    pub currency: Currency,
    pub drop_duplicates: bool,
    /// Non-product lines (postage, fees) become adjustments.
    pub exclude_non_product_lines: bool,
    /// A shop's test orders count as real ones.
    pub include_test_orders: bool,
    #[serde(default)]
    pub corrections: Vec<Correction>,
    pub limits: Limits,
    /// Of a corrected file: columns that are not among `columns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reasons>,
}

/// How much a file tells of the orders in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Telling {
    /// Single lines: it has no order numbers, or completes another file.
    Lines = 0,
    /// All of an order, or the part before or behind a cut: each row stands by itself.
    Parts = 1,
    /// All of each order, in one record or below its first row.
    Orders = 2,
}

impl Plan {
    fn has(&self, fields: &[Field]) -> bool {
        let mut mapped = self.columns.iter().filter_map(|c| c.field);
        mapped.any(|field| fields.contains(&field))
    }

    /// Whether the file says what taxes are, so that none is none.
    pub fn has_tax(&self) -> bool {
        self.has(&[Field::Tax, Field::OrderTax, Field::ShippingTax])
    }

    /// As [`Self::has_tax`], of shipping.
    pub fn has_shipping(&self) -> bool {
        self.has(&[Field::Shipping, Field::OrderShipping])
    }

    /// What the file tells of orders.
    pub fn tells(&self) -> Telling {
        let numbered = self.has(&[Field::OrderId]);
        if self.data_set != DataSet::Orders || !numbered || self.reasons.is_some() {
            return Telling::Lines;
        }
        if self.format.nests() {
            return Telling::Orders;
        }
        self.source.tells()
    }

    /// The columns as they stand in the file; `None` where one says why its record was refused.
    pub(crate) fn in_file(&self) -> Vec<Option<&PlanColumn>> {
        let taken_out = self.reasons.as_ref().map(|r| r.columns.as_slice());
        let taken_out = taken_out.unwrap_or_default();
        let mut columns = self.columns.iter();
        (0..self.columns.len() + taken_out.len())
            .map(|at| {
                if taken_out.contains(&at) {
                    None
                } else {
                    columns.next()
                }
            })
            .collect()
    }

    /// Fields that most records have, without those that are taken out.
    pub(crate) fn width(&self) -> usize {
        let taken_out = self.reasons.as_ref().map_or(0, |r| r.columns.len());
        self.dialect.width.saturating_sub(taken_out)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanColumn {
    pub name: String,
    /// `None`: kept in `extra`.
    pub field: Option<Field>,
    /// The merchant said to leave it out altogether.
    #[serde(default)]
    pub ignored: bool,
    pub decimal: Decimal,
    pub date: Option<DateFormat>,
    #[serde(default, skip_serializing_if = "Measure::is_plain")]
    pub measure: Measure,
}

/// What the values of a column stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// What they say, of their own row.
    #[default]
    Plain,
    /// Something about the whole order, repeated on each of its rows or said on the first: it counts once an order.
    OfOrder,
    /// So many per cent of the row's amount.
    Percent,
    /// A share of the row's amount, 1 being all of it.
    Share,
}

impl Measure {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}
