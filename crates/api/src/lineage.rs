//! Where a figure comes from.

use crate::Moment;
use metrics::{Cell, Metric};
use serde::{Deserialize, Serialize};
use types::{Currency, Micros, Period, UploadId};

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
