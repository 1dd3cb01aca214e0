//! What detection found, what it assumes and what it must ask.

use crate::compression::Compression;
use crate::data_set::DataSet;
use crate::dialect::Dialect;
use crate::field::Field;
use crate::format::Format;
use crate::plan::Plan;
use crate::profile::ColumnKind;
use crate::source::Source;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Of the file, as given.
    pub name: String,
    /// Bytes as stored.
    pub bytes: u64,
    pub compression: Compression,
    #[serde(default)]
    pub format: Format,
    /// Name of the file within a zip archive.
    #[serde(default)]
    pub entry: Option<String>,
    /// Name in the WHATWG Encoding Standard.
    pub encoding: String,
    /// 0 to 1.
    pub encoding_confidence: f32,
    pub dialect: Dialect,
    /// 0 to 1.
    pub dialect_confidence: f32,
    pub columns: Vec<Column>,
    pub source: Source,
    /// What the columns' names say it is about.
    #[serde(default)]
    pub data_set: DataSet,
    /// Zone of the times that say no offset, where there are such times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The same columns in the same order have the same fingerprint.
    pub fingerprint: String,
    pub questions: Vec<Question>,
    pub assumptions: Vec<Assumption>,
    /// What would be asked, had it not been decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<Answered>,
    /// Keys of decisions that were not made about this file but about an earlier one with the same columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remembered: Vec<String>,
    /// Present when nothing is left to ask.
    pub plan: Option<Plan>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub index: usize,
    pub name: String,
    /// Up to 5 different values.
    pub samples: Vec<String>,
    pub kind: ColumnKind,
    pub field: Option<Field>,
    /// Left out; else a column without a field is kept as one of the shop's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    /// 0 to 1, of `field`.
    pub confidence: f32,
    /// The likeliest first.
    pub alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    pub field: Field,
    pub confidence: f32,
}

/// Something only the merchant knows. Answered by the decision `id = value` of one of the options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub id: String,
    pub message: String,
    pub column: Option<usize>,
    pub options: Vec<Choice>,
}

/// A question and the answer that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub question: Question,
    /// Of one of its options.
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    /// In plain English.
    pub label: String,
    /// Up to 3 values of the file, and how each would be read.
    pub readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub raw: String,
    pub read: String,
}

/// Something the file does not say and that was settled without asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// Stable name, for programs and translations.
    pub code: String,
    pub message: String,
}
