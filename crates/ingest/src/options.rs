//! What the merchant's settings and answers add to what the file says.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::Currency;

/// Answers by key: `date_order=dmy`, `decimal=comma`, `currency=EUR`, `map.3=unit_price`, `map.4=ignore`,
/// `map.5=extra`,
/// `mapping.unit_price=3`, `drop_duplicates=true`, `non_product_lines=exclude`, `test_orders=include`,
/// `header=no`, `data_set=products`, `correct.3.*.Xmas=2025-12-25` ([`Correction`](crate::Correction)).
pub type Decisions = BTreeMap<String, String>;

#[derive(Clone, Debug)]
pub struct Options {
    /// Decides what a day is, and where times without an offset happened.
    pub timezone: jiff::tz::TimeZone,
    /// Used, and stated as an assumption, when the file says nothing.
    pub currency: Currency,
    pub decisions: Decisions,
    pub limits: Limits,
}

impl Options {
    pub fn new(timezone: jiff::tz::TimeZone, currency: Currency) -> Self {
        Self {
            timezone,
            currency,
            decisions: Decisions::new(),
            limits: Limits::default(),
        }
    }
}

/// What one file may cost. Over a limit is a clear error, never a slow server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file as stored.
    pub raw_bytes: u64,
    /// Bytes of text after unpacking.
    pub expanded_bytes: u64,
    /// Unpacked bytes per packed byte.
    pub ratio: u64,
    pub cells: u64,
    pub columns: usize,
    /// Bytes of one field.
    pub field_bytes: usize,
    /// Bytes of one record.
    pub record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            raw_bytes: 200_000_000,
            expanded_bytes: 1_000_000_000,
            ratio: 200,
            cells: 50_000_000,
            columns: 2000,
            field_bytes: 1_000_000,
            record_bytes: 4_000_000,
        }
    }
}
