//! What the merchant's settings and answers add to what the file says.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::Currency;

/// Answers by key: `date_order=dmy`, `decimal=comma`, `currency=EUR`, `map.3=unit_price`, `map.4=ignore`,
/// `map.5=extra`,
/// `mapping.unit_price=3`, `drop_duplicates=true`, `non_product_lines=exclude`, `test_orders=include`,
/// `header=no`, `encoding=windows-1252`, `delimiter=tab`, `quote=single`, `timezone=Europe/Madrid`, `data_set=products`, `correct.3.*.Xmas=2025-12-25` ([`Correction`](crate::Correction)).
pub type Decisions = BTreeMap<String, String>;

/// What may be decided; of a key that ends with a point only the beginning.
pub const DECISIONS: [&str; 15] = [
    "date_order",
    "decimal",
    "currency",
    "data_set",
    "encoding",
    "delimiter",
    "quote",
    "header",
    "timezone",
    "sheet",
    "drop_duplicates",
    "non_product_lines",
    "test_orders",
    "map.",
    "correct.",
];

/// Whether there is such a question. A mistyped key would answer nothing, in silence.
pub fn is_decision(key: &str) -> bool {
    DECISIONS.iter().any(|known| match known.strip_suffix('.') {
        Some(_) => key.starts_with(known),
        None => key == *known,
    }) || key == "mapping"
        || key.starts_with("mapping.")
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn every_answer_that_is_looked_for_has_its_key() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = 0;
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() || path.ends_with("options.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for look in ["decisions.get(", "yes_no(options, ", "choice(options, "] {
                let keys = text.split(look).skip(1);
                for key in keys.filter_map(|rest| rest.strip_prefix('"')?.split('"').next()) {
                    assert!(is_decision(key), "{}: {key}", path.display());
                    found += 1;
                }
            }
        }
        assert!(found >= 8, "{found} were found");
        for wrong in ["date_oder", "map", "mapped.3", ""] {
            assert!(!is_decision(wrong), "{wrong}");
        }
        assert!(is_decision("mapping.date") && is_decision("map.3"));
    }
}
