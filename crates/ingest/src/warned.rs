//! What was odd about records that were taken, by what is said of them.

use crate::record::{Warning, WarningCode};
use serde::{Deserialize, Serialize};

/// Of each kind of warning so many are kept whole.
const KEPT: usize = 20;

/// Warnings of one kind about one column, or about none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningGroup {
    pub code: WarningCode,
    pub column: Option<String>,
    /// How often it was said.
    pub times: u64,
    /// The first of them.
    pub first: Vec<Warning>,
}

/// Collects the warnings of a file of any length in a few kilobytes.
#[derive(Clone, Debug, Default)]
pub struct Warned(Vec<WarningGroup>);

impl Warned {
    pub fn add(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        for warning in warnings {
            let same = |g: &&mut WarningGroup| g.code == warning.code && g.column == warning.column;
            match self.0.iter_mut().find(same) {
                Some(group) => {
                    group.times += 1;
                    if group.first.len() < KEPT {
                        group.first.push(warning);
                    }
                }
                None => self.0.push(WarningGroup {
                    code: warning.code,
                    column: warning.column.clone(),
                    times: 1,
                    first: vec![warning],
                }),
            }
        }
    }

    /// What was said most often first.
    pub fn groups(mut self) -> Vec<WarningGroup> {
        self.0.sort_by_key(|g| std::cmp::Reverse(g.times));
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Params;

    fn warning(record: u64, code: WarningCode, column: &str) -> Warning {
        Warning {
            record,
            line_no: record + 1,
            column: Some(column.to_owned()),
            code,
            params: Params::new(),
            message: String::new(),
        }
    }

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut warned = Warned::default();
        for record in 1..=30 {
            warned.add([
                warning(record, WarningCode::ScientificId, "sku"),
                warning(record, WarningCode::ShortRow, "sku"),
            ]);
        }
        warned.add([warning(31, WarningCode::ScientificId, "order")]);
        warned.add([warning(32, WarningCode::ShortRow, "sku")]);
        let groups = warned.groups();
        let said: Vec<_> = groups
            .iter()
            .map(|g| (g.code, g.column.as_deref(), g.times, g.first.len()))
            .collect();
        assert_eq!(
            said,
            [
                (WarningCode::ShortRow, Some("sku"), 31, KEPT),
                (WarningCode::ScientificId, Some("sku"), 30, KEPT),
                (WarningCode::ScientificId, Some("order"), 1, 1),
            ]
        );
        assert_eq!(groups.first().unwrap().first.first().unwrap().record, 1);
    }
}
