//! Bytes of a shop's export in; order lines, or rows of another data set, and refused records out.
//!
//! [`Sample`] takes the parts of a file that detection needs, [`inspect`] says what the file is, which column means
//! what and what must be asked, and its [`Plan`] lets [`read`] go through the file once, in constant memory.
//!
//! Invariant: every byte belongs to the preamble, the header or exactly one record, and every record is accepted,
//! rejected or blank. Nothing is dropped in silence.
//!
//! Pure: no I/O but the `std::io::Read` passed in, no clock, no randomness. Further formats (JSON, Parquet, xlsx) join
//! beside `split` as sources of records; everything from `row` on does not know where its fields were cut from.

mod access;
mod answers;
mod archive;
mod assemble;
mod cells;
mod columnar;
mod columnar_records;
mod compression;
mod copies;
mod corrected;
mod correction;
mod currency;
mod data_set;
mod detect;
mod dialect;
mod encoding;
mod error;
mod events;
mod field;
mod form;
mod format;
pub mod fuzzing;
mod hash;
mod header;
mod inspect;
mod inspect_rows;
mod inspection;
mod join;
mod joined_records;
mod json;
mod json_elements;
mod json_form;
mod json_records;
mod judge;
mod mapping;
mod measures;
mod moment;
mod nested;
mod number;
mod open;
mod options;
mod plan;
mod profile;
mod record;
mod record_source;
mod records;
mod required;
mod row;
mod sample;
mod sections;
mod seen;
mod settle;
mod several;
mod sniff;
mod source;
mod specs;
mod split;
mod splitter;
mod table;
mod text;
mod tree;
mod tree_sample;
mod warned;
mod workbook;
mod workbook_records;
mod workbook_sample;
mod zip;

pub use access::RandomAccess;
pub use answers::{EXTRA, IGNORE, answered, merge, without_mapping};
pub use assemble::{email_hash, is_address, is_email_hash};
pub use compression::Compression;
pub use corrected::{
    REASONS, Reasons, Refused, RefusedRecords, corrects, inspect_corrected, read_corrected, refused,
};
pub use correction::Correction;
pub use data_set::DataSet;
pub use dialect::{Dialect, Newline};
pub use error::{NotImportable, ReadError};
pub use events::EventKind;
pub use field::Field;
pub use form::{ENCODINGS, delimiter_word, delimiters, quote_word, quotes, without_form};
pub use format::{Format, SheetPlan};
pub use hash::StableHash;
pub use inspect::{groups, inspect, inspect_files};
pub use inspection::{
    Alternative, Answered, Assumption, Choice, Column, Inspection, Question, Reading,
};
pub use join::{JoinTable, Role};
pub use joined_records::FileCount;
pub use json_form::JsonForm;
pub use moment::DateFormat;
pub use number::Decimal;
pub use options::{DECISIONS, Decisions, Limits, Options, is_decision};
pub use plan::{Measure, PLAN_VERSION, Plan, PlanColumn, Telling};
pub use profile::ColumnKind;
pub use record::{
    Batch, Counts, DataRow, Details, Kind, Line, Link, Params, Place, Reject, RejectCode, Span,
    Value, Warning, WarningCode,
};
pub use records::{Records, read, read_all, read_files};
pub use sample::Sample;
pub use seen::Seen;
pub use source::Source;
pub use specs::{FieldSpec, ValueKind};
pub use table::{Row as TableRow, Rows as TableRows, Table, table};
pub use tree::TreeLayout;
pub use warned::{Warned, WarningGroup};
