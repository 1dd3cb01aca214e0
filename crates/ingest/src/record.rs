//! What reading a file yields: lines that hold, records that were refused and why, and the count of both.

use crate::hash::StableHash;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{Currency, Day, Micros};

/// What a line means for the figures: only [`Kind::Sale`] and [`Kind::Return`] are in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sale,
    Return,
    /// Bookkeeping: a bad debt, a fee, a non-product line when those are excluded.
    Adjustment,
    /// Goods written off or found: no customer, no money.
    StockCorrection,
    /// Given away: a price of 0.
    Free,
    /// Of an order that was cancelled, voided, failed or never paid.
    Cancelled,
    /// Of a shop's test order.
    Test,
}

impl Kind {
    pub fn in_figures(self) -> bool {
        matches!(self, Self::Sale | Self::Return)
    }
}

/// One order line.
///
/// `gross`, `discount`, `returns`, `tax` and `shipping` are the amounts that figures add up: they are zero unless
/// the kind is `Sale` or `Return`, so that a plain sum is right. What a cancelled or free line was worth is
/// `quantity` times `unit_price`. Net sales are `gross - discount + returns`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Number of the data record it came from, from 1.
    pub record: u64,
    pub order_id: CompactString,
    /// The n-th line of this order with this SKU (without one: this product name) in the file, from 1. What goes back
    /// is counted by itself.
    pub line: u32,
    /// What makes it the same line in two files: its order, its product, whether it goes back, and `line`. The same in every
    /// version.
    #[serde(skip)]
    pub key: u64,
    pub kind: Kind,
    /// UTC, microseconds since 1970.
    pub at: i64,
    /// In the merchant's timezone, as is `hour`.
    pub day: Day,
    /// `None`: the file says no time of day.
    pub hour: Option<u8>,
    /// Upper case, so that `85123a` and `85123A` are one product. Empty when the file has none.
    pub sku: CompactString,
    pub product_name: CompactString,
    pub category: Option<CompactString>,
    /// Pieces, in millionths. Negative on a return.
    pub quantity: Micros,
    pub unit_price: Micros,
    /// Before discount, return, tax and shipping.
    pub gross: Micros,
    /// Not negative.
    pub discount: Micros,
    /// Not positive.
    pub returns: Micros,
    pub tax: Micros,
    pub shipping: Micros,
    pub currency: Currency,
    /// Customer id, else what stands for the e-mail address ([`email_hash`](crate::email_hash)), else nothing.
    pub customer: Option<CompactString>,
    pub country: Option<CompactString>,
    /// What most files do not say, by itself: lines are moved a lot.
    pub details: Option<Box<Details>>,
    /// Of everything above but `record` and `key`, and of `extra`. The same content has the same hash in every version.
    pub hash: u64,
    /// JSON object of the columns that are not mapped, without the empty ones.
    pub extra: Option<Box<str>>,
}

impl Line {
    /// Goods or money that go back: a sale and what came back of it are two things, though they share order and product.
    pub fn goes_back(&self) -> bool {
        self.kind == Kind::Return || self.quantity.0 < 0
    }

    /// Its product's name, where the file has no number for it.
    pub(crate) fn product(&self) -> &str {
        if self.sku.is_empty() {
            &self.product_name
        } else {
            &self.sku
        }
    }

    /// `order`: of the order's number.
    pub(crate) fn content_hash(&self, order: StableHash) -> u64 {
        let mut hash = order
            .int(i64::from(self.line))
            .int(self.kind as i64)
            .int(self.at)
            .int(i64::from(self.day.0))
            .int(i64::from(self.hour.unwrap_or_default()))
            .text(&self.sku)
            .text(&self.product_name)
            .optional(self.category.as_deref());
        for amount in [
            self.quantity,
            self.unit_price,
            self.gross,
            self.discount,
            self.returns,
            self.tax,
            self.shipping,
        ] {
            hash = hash.int(amount.0);
        }
        hash = hash.text(self.currency.as_str());
        let details = self.details.as_deref().map(Details::texts);
        let [name, others @ ..] = details.unwrap_or_default();
        hash = hash.optional(self.customer.as_deref()).optional(name);
        hash = hash.optional(self.country.as_deref());
        for text in others {
            hash = hash.optional(text);
        }
        hash.optional(self.extra.as_deref()).finish()
    }
}

/// Who bought, where and how, beside the customer's number and country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub customer_name: Option<CompactString>,
    pub region: Option<CompactString>,
    pub city: Option<CompactString>,
    pub channel: Option<CompactString>,
    pub payment_method: Option<CompactString>,
}

impl Details {
    /// In the order of the fields.
    pub fn texts(&self) -> [Option<&str>; 5] {
        [
            self.customer_name.as_deref(),
            self.region.as_deref(),
            self.city.as_deref(),
            self.channel.as_deref(),
            self.payment_method.as_deref(),
        ]
    }
}

/// A customer number and what stands for an e-mail address ([`email_hash`](crate::email_hash)), said of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub customer_id: Box<str>,
    pub email_hash: Box<str>,
}

/// One value of a row, as its field's [`ValueKind`](crate::ValueKind) says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(i64),
    Text(Box<str>),
}

/// One row of a data set beside orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRow {
    /// Number of the data record it came from, from 1.
    pub record: u64,
    /// What makes two rows the same thing. The same in every version.
    pub key: u64,
    /// In the order of [`DataSet::fields`](crate::DataSet::fields).
    pub values: Vec<Option<Value>>,
    /// Of the values and of `extra`. The same content has the same hash in every version.
    pub hash: u64,
    /// As of a [`Line`].
    pub extra: Option<Box<str>>,
}

/// Why a record was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    MissingOrderId,
    MissingDate,
    MissingAmount,
    /// A value that a row of its data set cannot do without.
    MissingValue,
    BadDate,
    BadNumber,
    BadCurrency,
    BadItems,
    /// Text that is no JSON where JSON was expected.
    BadJson,
    AmountTooLarge,
    TooFewFields,
    TooManyFields,
    UnclosedQuote,
    InvalidEncoding,
    FieldTooLong,
    /// A total, a note or a repeated header among the data.
    NotData,
    /// A row of another table in the same file.
    OtherTable,
    Duplicate,
    /// A continuation row whose first row was refused or is missing.
    OrderIncomplete,
    /// A line whose order is not in the table of orders.
    OrderMissing,
    /// An order without lines in the table of lines.
    ItemsMissing,
    /// A further row of a table that is looked up, with the key of an earlier one.
    SaidBefore,
}

/// Values that a message names: `column`, `value`, `expected`, ... as shown.
pub type Params = BTreeMap<String, String>;

pub(crate) fn params<const N: usize>(pairs: [(&str, &str); N]) -> Params {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Where a record stands in a file that is not read by lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// JSON pointer (RFC 6901), of JSON Lines within the line.
    Json { pointer: String },
    /// Row as the workbook counts them, from 1.
    Sheet { sheet: String, row: u64 },
    /// Both from 0; the row is counted within its row group.
    Parquet { row_group: u64, row: u64 },
}

/// As people look for it: `/orders/3`, `Sheet1!12`, `row_group=0 row=7`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json { pointer } => f.write_str(pointer),
            Self::Sheet { sheet, row } => write!(f, "{sheet}!{row}"),
            Self::Parquet { row_group, row } => write!(f, "row_group={row_group} row={row}"),
        }
    }
}

/// A record that was not taken, so that a person can mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    pub record: u64,
    /// Physical line of the file where the record starts, from 1; in a workbook its row, in a Parquet file the row
    /// counted through all row groups.
    pub line_no: u64,
    /// The file it is from, where an upload has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where it stands, in formats that have no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Span in the bytes before decoding: offsets in the file, or in what it unpacks to.
    pub byte_start: u64,
    pub byte_end: u64,
    /// Name of the column at fault, where one is.
    pub column: Option<String>,
    /// The record's text, at most 2 kB of it. Of formats that are no delimited text: its fields as a line of CSV.
    pub raw: String,
    pub code: RejectCode,
    /// What the message is about, by name, so that it can be said in any language.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
    pub message: String,
    pub suggestion: String,
}

impl Reject {
    /// Where its bytes are; `None` of a record that is in no place of a file's bytes.
    pub fn span(&self) -> Option<(u64, u64)> {
        (self.byte_end > self.byte_start).then_some((self.byte_start, self.byte_end))
    }
}

/// What was odd about a record that was taken, or about the file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    StrayQuote,
    ShortRow,
    ExtraEmptyFields,
    ScientificId,
    TotalMismatch,
    TaxIncluded,
    MissingPrice,
    Duplicates,
    /// Rows of a file that say the same thing twice, differently: the last one counts.
    SaidTwice,
    /// Orders that several files of the upload hold: one of the files counts.
    ToldAgain,
    /// A value that says neither yes nor no where one of them was expected.
    NeitherYesNorNo,
    /// The file holds something beside the table, which was not read.
    LeftOut,
}

/// `record` and `line_no` are 0 for a warning about the whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub record: u64,
    pub line_no: u64,
    pub column: Option<String>,
    pub code: WarningCode,
    /// As of a reject.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
    pub message: String,
}

/// Totals so far. `accepted + rejected + blank = records`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub records: u64,
    pub accepted: u64,
    /// Accepted records with at least one warning.
    pub warned: u64,
    pub rejected: u64,
    pub blank: u64,
    /// Records equal in every field to an earlier one. Where they are not dropped, they are counted at the end.
    pub duplicates: u64,
    /// Order lines made of the accepted records: one record can hold several, or be a part of one. Of other data sets
    /// rows: one a record.
    pub lines: u64,
    /// Raw bytes consumed: of the file as stored, packed or not.
    pub bytes: u64,
}

/// A record's place in the bytes before decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub record: u64,
    pub byte_start: u64,
    pub byte_end: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Of orders.
    pub lines: Vec<Line>,
    /// Of any other data set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<DataRow>,
    pub rejects: Vec<Reject>,
    pub warnings: Vec<Warning>,
    /// Who is who; the same may be said again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Where the records stand; empty unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// Cumulative.
    pub counts: Counts,
}
