mod history;

pub use history::{Listing, Parent, Person, Piece, Row, Sort, Who};

use crate::{ApiError, Moment};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};
use types::{Currency, Day, Micros, Page, UploadId};

/// Bytes sent with one request. Small enough that a lost connection costs little, large enough that
/// a file of 50 MB needs two dozen requests.
pub const CHUNK: u64 = 2 * 1024 * 1024;
/// How far the file is, in bytes: sent with each chunk and returned with each answer.
pub const OFFSET_HEADER: &str = "Upload-Offset";
/// Rows on one page of the history and of the rejects.
pub const PAGE: u64 = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Bytes are arriving.
    Receiving,
    /// All bytes are there.
    Received,
    Inspecting,
    /// Someone has to decide something.
    Question,
    /// Nothing is left to ask.
    Ready,
    Importing,
    /// Read, and held back by a critical rule of quality until somebody decides.
    Held,
    Done,
    Failed,
    Cancelled,
    Undone,
    /// Its files have nothing to do with one another: they are uploads of their own.
    Split,
}

impl State {
    pub const ALL: [Self; 12] = [
        Self::Receiving,
        Self::Received,
        Self::Inspecting,
        Self::Question,
        Self::Ready,
        Self::Importing,
        Self::Held,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::Undone,
        Self::Split,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Inspecting => "inspecting",
            Self::Question => "question",
            Self::Ready => "ready",
            Self::Importing => "importing",
            Self::Held => "held",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
            Self::Split => "split",
        }
    }

    /// The server is at work: the page waits for news.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Received | Self::Inspecting | Self::Importing)
    }

    /// Nothing will change any more.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed | Self::Cancelled | Self::Undone | Self::Split
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(())
    }
}

/// One of the files of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What became of the records of one table, of several in an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOutcome {
    pub name: String,
    /// `items` (lines of orders), `orders`, `payments`, `customers`, `products`, `categories` or `unused`.
    pub role: String,
    /// Without blank ones.
    pub records: u64,
    /// Rows that no line of an order asked for; lines whose order is missing.
    pub unmatched: u64,
    /// Damaged, or a further row of a key that was there already.
    pub set_aside: u64,
}

/// One upload as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Bytes that arrived.
    pub received: u64,
    pub state: State,
    pub rows_done: u64,
    pub bytes_done: u64,
    pub facts: Option<Facts>,
    pub columns: Vec<Column>,
    pub questions: Vec<Question>,
    /// What is taken as given because the file does not say.
    pub assumptions: Vec<Assumption>,
    pub decisions: BTreeMap<String, String>,
    /// What would be asked, had it not been decided.
    pub answers: Vec<Answer>,
    /// Ways of reading that can be chosen; while it is ready.
    pub reading: Option<HowRead>,
    /// Lines of it are in the figures.
    pub live: bool,
    /// While it is ready.
    pub preview: Option<Result<Preview, ApiError>>,
    pub outcome: Option<Outcome>,
    /// The page of refused records that was asked for, once it is done and has any.
    pub rejects: Option<Result<Page<Reject>, ApiError>>,
    /// What the rules of quality said of its lines.
    pub checks: Vec<Check>,
    /// Values that kept records out and can be corrected here.
    pub problems: Vec<Problem>,
    pub failure: Option<Failure>,
    pub duplicate_of: Option<UploadId>,
    /// The files, where there are several.
    pub parts: Vec<Part>,
    /// The upload whose refused records it corrects.
    pub parent: Option<UploadId>,
    /// What it was split into.
    pub pieces: Vec<Piece>,
    /// The upload that its files came as, together with others.
    pub taken_from: Option<Parent>,
    /// Its lines are being taken out of the figures.
    pub undoing: bool,
    pub created_by: Option<Who>,
    pub created: Moment,
    pub finished: Option<Moment>,
}

/// What can be done to an upload whose import is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its lines leave the figures.
    Undo,
    /// What was undone comes back, without reading the file again.
    Redo,
    /// The file is read again, from its inspection on.
    Rerun,
    /// Another set of attempts for an import that was given up.
    Retry,
    /// Into the figures, though a critical rule failed.
    Publish,
    /// What is held back is given up; what was imported of it before stays.
    Abandon,
    /// Forgets the answers, those about earlier files too.
    AskAgain,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Rerun => "rerun",
            Self::Retry => "retry",
            Self::Publish => "publish",
            Self::Abandon => "abandon",
            Self::AskAgain => "ask_again",
        }
    }
}

/// What was found out about the file's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// 1-based physical line of the header, where there is one.
    pub header_line: Option<u64>,
    pub skipped_lines: u64,
    /// `gzip`, where it is compressed.
    pub compression: Option<String>,
    /// Id of the recognised source: `shopify`, `uci_online_retail`, ..., `generic`.
    pub source: String,
    /// What its rows are: `orders`, `products`, `events`, ...
    pub data_set: String,
    /// Ids of the fields that its columns can be. Empty: those of orders.
    pub fields: Vec<String>,
}

/// What a file can hold, as [`Facts::data_set`] says it.
pub const DATA_SETS: [&str; 9] = [
    "orders",
    "events",
    "products",
    "customers",
    "inventory",
    "promotions",
    "costs",
    "ad_spend",
    "rates",
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// From 0.
    pub index: u64,
    pub name: String,
    pub samples: Vec<String>,
    pub kind: String,
    /// Id of the field it is mapped to.
    pub field: Option<String>,
    /// Without a field: left out, else kept as one of the shop's own columns.
    pub ignored: bool,
    /// As it was decided about an earlier file with the same columns.
    pub remembered: bool,
    /// 0 to 100.
    pub confidence: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// `date_order`, `decimal`, `currency`, `mapping`, ...
    pub id: String,
    /// Plain English, for a question the page has no text for.
    pub message: String,
    pub column: Option<String>,
    pub choices: Vec<Choice>,
}

/// A question and the answer that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub question: Question,
    pub value: String,
    /// It was given about an earlier file with the same columns.
    pub remembered: bool,
}

/// Choices about the file as a whole. What makes no difference to it is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HowRead {
    pub form: Vec<FormSetting>,
    /// Records equal to an earlier one are left out.
    pub drop_duplicates: Option<bool>,
    /// Postage and fees count as sales.
    pub non_product_lines: Option<bool>,
    pub test_orders: Option<bool>,
    /// Of amounts beside which the file names none.
    pub currency: Option<Currency>,
}

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSetting {
    /// Key of the decision that changes it: `encoding`, `delimiter`, `quote`, `header`, `decimal`, `date_order`,
    /// `timezone`.
    pub id: String,
    /// As the decision is written.
    pub value: String,
    /// 0 to 100, where it was found by likelihood.
    pub confidence: Option<u8>,
    /// What it may be said to be, the present value among them. Empty: a name is written, or there is nothing to choose.
    pub choices: Vec<String>,
}

impl FormSetting {
    /// Whether it can be said otherwise.
    pub fn is_open(&self) -> bool {
        !self.choices.is_empty() || self.id == "timezone"
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    /// Plain English, for a choice the page has no text for.
    pub label: String,
    pub readings: Vec<Reading>,
}

/// What stands in the file, and how it would be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub raw: String,
    /// Where it would be read as a day.
    pub day: Option<Day>,
    /// Plain English.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    pub code: String,
    /// The currency or timezone it is about, where it is about one.
    pub value: Option<String>,
    /// Plain English, for a code the page has no text for.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub rows: u64,
    pub accepted: u64,
    pub warnings: u64,
    pub rejected: u64,
    pub blank: u64,
    pub duplicates: u64,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub totals: Vec<Totals>,
    /// What was odd about records that were taken, what was said most often first.
    pub notes: Vec<Note>,
    /// Of each table, where the upload has several.
    pub files: Vec<FileOutcome>,
    pub seconds: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub currency: Currency,
    pub gross_sales: Micros,
    pub net_sales: Micros,
    pub orders: i64,
    /// Unknown where the source names no customer.
    pub customers: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    /// Plain English: what happened and what to do next.
    pub message: String,
    /// Names and numbers that it is about.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// What an import would make of the file, read from its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// That were looked at.
    pub records: u64,
    pub rejected: u64,
    /// Records equal to an earlier one of the file.
    pub repeated: u64,
    /// With lines.
    pub days: u64,
    pub orders: u64,
    pub lines: u64,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub gross: Vec<(Currency, Micros)>,
    pub rows: Vec<PreviewRow>,
    pub rejects: Vec<Reject>,
    pub effect: ImportEffect,
    /// All that is there was compared, not just what there was time for.
    pub effect_complete: bool,
    /// Of what is no order.
    pub data: Option<DataPreview>,
    /// The whole file was read, not just its beginning.
    pub complete: bool,
}

/// The first rows of a data set beside orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPreview {
    /// Ids of the fields that have values.
    pub fields: Vec<String>,
    /// A text a field, empty where there is no value.
    pub rows: Vec<Vec<String>>,
    pub changes: Changed,
}

/// What an import would do to what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportEffect {
    pub orders: Changed,
    pub customers: Changed,
    pub products: Changed,
    /// Lines that their orders would have no more.
    pub lost: u64,
    /// Orders of the same days that other uploads brought and the file has not: they stay. 0 where that was not counted
    /// to the end.
    #[serde(default)]
    pub absent: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// What one rule of quality said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// A built-in rule's word, or the name a tenant gave its own.
    pub rule: String,
    /// `info`, `warning`, `critical`.
    pub severity: String,
    /// `passed`, `failed`, `skipped`.
    pub outcome: String,
    /// Lines, or records.
    pub checked: u64,
    pub failing: u64,
    /// Some of the values that failed.
    pub examples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewRow {
    pub order: String,
    pub day: Day,
    pub product: String,
    pub quantity: Micros,
    pub gross: Micros,
    pub currency: Currency,
    pub customer: Option<String>,
    pub country: Option<String>,
    /// `sale`, `return`, `cancelled`, ...
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reject {
    pub record: u64,
    pub line: u64,
    /// Of several files, the one it is in.
    pub file: Option<String>,
    /// In formats that have no lines: `/orders/3`, `Sheet1!12`, `row_group=0 row=7`.
    pub place: Option<String>,
    /// Where its bytes begin and end.
    pub span: Option<(u64, u64)>,
    pub column: Option<String>,
    pub raw: String,
    pub code: String,
    /// Plain English with the value.
    pub reason: String,
    /// Plain English, for a code the page has no text for.
    pub suggestion: String,
    /// How it is written rightly, where that can be shown.
    pub example: Option<String>,
}

/// What was odd about records that were taken, or about the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub code: String,
    pub column: Option<String>,
    pub times: u64,
    /// The first of them.
    pub first: Vec<NotedRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedRecord {
    /// 0: the file as a whole.
    pub record: u64,
    pub line: u64,
    /// What the note is about, where it is about a value of a column.
    pub value: Option<String>,
    /// What was taken in its place, or expected.
    pub expected: Option<String>,
    /// Plain English.
    pub message: String,
}

/// A value that does not fit, in one record or in all that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub column: String,
    /// Of the column, from 0.
    pub index: u64,
    /// As it stands in the file.
    pub value: String,
    /// The record it is about; absent where it is about all with this value.
    pub record: Option<u64>,
    /// How many of the records looked at have it.
    pub records: u64,
    pub code: String,
    /// Plain English.
    pub reason: String,
}

/// What is to be read in the place of a [`Problem`]'s value. Empty: nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub index: u64,
    #[serde(default)]
    pub record: Option<u64>,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
}

/// Records with something wrong or odd, and what stands in their columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendTable {
    /// Those that mean something to the importer, and those at fault.
    pub columns: Vec<MendColumn>,
    pub rows: Page<MendRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendColumn {
    /// Of the file, from 0.
    pub index: u64,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendRow {
    pub record: u64,
    pub line: u64,
    pub file: Option<String>,
    /// What is read now, one a column of the table.
    pub cells: Vec<String>,
    /// The record's text, where it could not be cut into columns.
    pub text: Option<String>,
    pub faults: Vec<Fault>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub column: Option<String>,
    /// Of a [`Reject`] or of a [`Note`].
    pub code: String,
    /// Plain English.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_written_as_the_wire_writes_them() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(
                serde_json::to_value(state).unwrap(),
                serde_json::Value::String(state.to_string())
            );
        }
    }
}
