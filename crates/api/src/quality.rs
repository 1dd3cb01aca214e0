//! The rules that imports are checked by.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a failing rule means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    #[default]
    Warning,
    /// The file is held back until somebody decides.
    Critical,
}

impl Severity {
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What a rule of a tenant's own can ask of the lines of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A column is filled in.
    #[default]
    Filled,
    /// An amount or a quantity lies between two values.
    Range,
    /// A column has one of these values.
    OneOf,
    /// A column has a value that earlier files have too.
    Seen,
    /// No two lines have the same value.
    Unique,
    /// The last day is not long ago.
    Fresh,
    /// Days lie between one and another.
    Days,
    /// About as many lines a day as in earlier files.
    Volume,
}

impl What {
    pub const ALL: [Self; 8] = [
        Self::Filled,
        Self::Range,
        Self::OneOf,
        Self::Seen,
        Self::Unique,
        Self::Fresh,
        Self::Days,
        Self::Volume,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Range => "range",
            Self::OneOf => "one_of",
            Self::Seen => "seen",
            Self::Unique => "unique",
            Self::Fresh => "fresh",
            Self::Days => "days",
            Self::Volume => "volume",
        }
    }

    /// Columns of a data set that it can be asked of.
    pub fn columns(self, data_set: &str) -> &'static [&'static str] {
        match self {
            Self::Filled | Self::OneOf | Self::Seen => texts(data_set),
            Self::Unique => unique(data_set),
            Self::Range => numbers(data_set),
            Self::Fresh | Self::Days | Self::Volume => &[],
        }
    }

    /// Whether it can be asked of files of this data set at all.
    pub fn fits(self, data_set: &str) -> bool {
        match self {
            Self::Fresh | Self::Days | Self::Volume => DATED.contains(&data_set),
            of_column => !of_column.columns(data_set).is_empty(),
        }
    }

    /// Whether some lines may fail it.
    pub fn is_of_lines(self) -> bool {
        !matches!(self, Self::Fresh | Self::Volume)
    }
}

impl FromStr for What {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|w| w.as_str() == text).ok_or(())
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Data sets whose records have a day.
const DATED: [&str; 5] = ["orders", "events", "inventory", "ad_spend", "rates"];

/// Columns of texts, by the ids of their fields.
fn texts(data_set: &str) -> &'static [&'static str] {
    match data_set {
        "events" => &["sku", "order_id", "event_name", "visitor", "session"],
        "products" => &[
            "product_name",
            "category",
            "brand",
            "barcode",
            "product_status",
            "currency",
        ],
        "customers" => &["customer_id", "customer_name", "country", "region", "city"],
        "inventory" => &["sku", "location"],
        "promotions" => &["code", "promotion_kind"],
        "costs" => &["sku", "currency"],
        "ad_spend" => &["channel", "campaign", "currency"],
        "rates" => &["from_currency", "to_currency"],
        _ => &[
            "sku",
            "product_name",
            "category",
            "customer",
            "country",
            "region",
            "city",
            "channel",
            "payment_method",
            "currency",
        ],
    }
}

/// Columns that name one thing each.
fn unique(data_set: &str) -> &'static [&'static str] {
    match data_set {
        "orders" => &["order_id"],
        "products" => &["sku", "barcode"],
        "customers" => &["customer_id"],
        "promotions" => &["code"],
        _ => &[],
    }
}

/// Columns of amounts, quantities and counts.
fn numbers(data_set: &str) -> &'static [&'static str] {
    match data_set {
        "events" => &["event_value"],
        "products" => &["price", "cost"],
        "customers" => &[],
        "inventory" => &["on_hand"],
        "promotions" => &["promotion_value"],
        "costs" => &["cost"],
        "ad_spend" => &["spend", "impressions", "clicks"],
        "rates" => &["rate"],
        _ => &[
            "quantity",
            "unit_price",
            "gross",
            "discount",
            "returns",
            "tax",
            "shipping",
        ],
    }
}

/// A rule of a tenant's own, as its form has it. What does not belong to `what` is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleForm {
    pub name: String,
    /// One of the data sets of uploads.
    #[serde(default = "orders")]
    pub data_set: String,
    pub severity: Severity,
    pub what: What,
    #[serde(default)]
    pub column: String,
    /// Plain decimals.
    #[serde(default)]
    pub min: String,
    #[serde(default)]
    pub max: String,
    /// Separated by commas.
    #[serde(default)]
    pub values: String,
    /// Since the last day.
    #[serde(default)]
    pub days: String,
    /// The first day, as 2026-03-01, and how many days a day may lie ahead of the import's.
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub ahead: String,
    /// How many times more or fewer, a plain decimal.
    #[serde(default)]
    pub factor: String,
    /// Percent of the lines that may fail.
    #[serde(default)]
    pub tolerated: String,
}

impl Default for RuleForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            data_set: orders(),
            severity: Severity::default(),
            what: What::default(),
            column: String::new(),
            min: String::new(),
            max: String::new(),
            values: String::new(),
            days: String::new(),
            from: String::new(),
            ahead: String::new(),
            factor: String::new(),
            tolerated: String::new(),
        }
    }
}

fn orders() -> String {
    "orders".to_owned()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRule {
    /// UUID.
    pub id: String,
    pub enabled: bool,
    pub rule: RuleForm,
}

/// A rule that holds for every shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltIn {
    pub data_set: String,
    pub id: String,
    pub severity: Severity,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub own: Vec<OwnRule>,
    pub built_in: Vec<BuiltIn>,
    /// Whether the viewer may add, change and remove.
    pub may_change: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_write_what_the_wire_writes() {
        for what in What::ALL {
            assert_eq!(what.as_str().parse(), Ok(what));
            assert_eq!(
                serde_json::to_value(what).unwrap(),
                serde_json::Value::String(what.to_string())
            );
        }
        for severity in Severity::ALL {
            assert_eq!(
                serde_json::to_value(severity).unwrap(),
                serde_json::Value::String(severity.as_str().to_owned())
            );
        }
    }
}
