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
}

impl What {
    pub const ALL: [Self; 6] = [
        Self::Filled,
        Self::Range,
        Self::OneOf,
        Self::Seen,
        Self::Unique,
        Self::Fresh,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Range => "range",
            Self::OneOf => "one_of",
            Self::Seen => "seen",
            Self::Unique => "unique",
            Self::Fresh => "fresh",
        }
    }

    /// Columns it can be asked of.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Filled | Self::OneOf | Self::Seen => &TEXTS,
            Self::Unique => &["order_id"],
            Self::Range => &NUMBERS,
            Self::Fresh => &[],
        }
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

/// Columns of texts, by the ids of their fields.
const TEXTS: [&str; 10] = [
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
];

/// Columns of amounts and quantities.
const NUMBERS: [&str; 7] = [
    "quantity",
    "unit_price",
    "gross",
    "discount",
    "returns",
    "tax",
    "shipping",
];

/// A rule of a tenant's own, as its form has it. What does not belong to `what` is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleForm {
    pub name: String,
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
    #[serde(default)]
    pub days: String,
    /// Percent of the lines that may fail.
    #[serde(default)]
    pub tolerated: String,
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
