//! Values the merchant corrected. They are put in while reading: the file itself stays as it was sent.

use crate::error::NotImportable;
use crate::options::Decisions;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// What one upload may hold: whoever corrects more corrects the export.
const MOST: usize = 10_000;

/// What is read in the place of what stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// From 0.
    pub column: usize,
    /// From 1; `None`: in every record.
    pub record: Option<u64>,
    /// As it stands in the file, trimmed. A record that says something else is left alone.
    pub from: String,
    pub to: String,
}

impl Correction {
    /// `correct.3.17.Xmas` = `2025-12-25`: column 3 of record 17; `correct.3.*.Xmas`: of all records.
    pub fn decision(&self) -> (String, String) {
        let record = self
            .record
            .map_or_else(|| "*".to_owned(), |record| record.to_string());
        (
            format!("{PREFIX}{}.{record}.{}", self.column, self.from),
            self.to.clone(),
        )
    }

    /// Whether the decision is about values of one file, which say nothing about the next one.
    pub fn is_decision(key: &str) -> bool {
        key.starts_with(PREFIX)
    }

    fn read(key: &str, to: &str, columns: usize) -> Option<Self> {
        let (column, rest) = key.strip_prefix(PREFIX)?.split_once('.')?;
        let (record, from) = rest.split_once('.')?;
        Some(Self {
            column: column.parse().ok().filter(|at| *at < columns)?,
            record: match record {
                "*" => None,
                number => Some(number.parse().ok().filter(|n| *n > 0)?),
            },
            from: from.trim().to_owned(),
            to: to.trim().to_owned(),
        })
    }
}

const PREFIX: &str = "correct.";

/// The corrections among the decisions, for a file of so many columns.
pub(crate) fn corrections(
    decisions: &Decisions,
    columns: usize,
) -> Result<Vec<Correction>, NotImportable> {
    let mut found = Vec::new();
    for (key, value) in decisions
        .iter()
        .filter(|(key, _)| Correction::is_decision(key))
    {
        let correction = Correction::read(key, value, columns).filter(|_| found.len() < MOST);
        found.push(correction.ok_or_else(|| NotImportable::BadDecision {
            key: key.clone(),
            value: value.clone(),
            expected: format!(
                "Write it as correct.<column from 0>.<record from 1, or *>.<value in the file>=<value>, at most {MOST} times."
            ),
        })?);
    }
    Ok(found)
}

/// Corrections by where they apply.
#[derive(Debug, Default)]
pub(crate) struct Corrected {
    columns: Vec<bool>,
    everywhere: FxHashMap<(usize, Box<str>), Box<str>>,
    once: FxHashMap<(usize, u64), (Box<str>, Box<str>)>,
}

impl Corrected {
    pub fn new(corrections: &[Correction]) -> Self {
        let mut corrected = Self::default();
        for correction in corrections {
            let at = correction.column;
            if corrected.columns.len() <= at {
                corrected.columns.resize(at + 1, false);
            }
            if let Some(slot) = corrected.columns.get_mut(at) {
                *slot = true;
            }
            let (from, to) = (
                correction.from.as_str().into(),
                correction.to.as_str().into(),
            );
            match correction.record {
                None => {
                    corrected.everywhere.insert((at, from), to);
                }
                Some(record) => {
                    corrected.once.insert((at, record), (from, to));
                }
            }
        }
        corrected
    }

    pub fn touches(&self, column: usize) -> bool {
        self.columns.get(column).copied().unwrap_or(false)
    }

    /// What is read in the place of `text`, a trimmed cell. A correction of the record goes before one of all.
    pub fn of(&self, column: usize, record: u64, text: &str) -> Option<&str> {
        if !self.touches(column) {
            return None;
        }
        match self.once.get(&(column, record)) {
            Some((from, to)) if **from == *text => Some(to),
            _ => self
                .everywhere
                .get(&(column, Box::from(text)))
                .map(|to| &**to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_and_its_decision_are_the_same_thing() {
        for (record, from) in [(None, "1.2.3"), (Some(17), ""), (None, "a.*.b")] {
            let correction = Correction {
                column: 3,
                record,
                from: from.to_owned(),
                to: "2025-12-25".to_owned(),
            };
            let decisions = Decisions::from([correction.decision()]);
            assert_eq!(corrections(&decisions, 4).unwrap(), [correction]);
            assert!(corrections(&decisions, 3).is_err());
        }
        for key in ["correct.", "correct.0", "correct.0.0.x", "correct.x.*.y"] {
            let decisions = Decisions::from([(key.to_owned(), String::new())]);
            assert_eq!(
                corrections(&decisions, 4).unwrap_err().code(),
                "bad_decision"
            );
        }
    }
}
