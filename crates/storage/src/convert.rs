//! Between what both databases store and what the product speaks.

use crate::error::StorageError;
use jiff::Timestamp;
use serde_json::Value;
use std::{borrow::Cow, str::FromStr};

pub(crate) fn time(micros: i64) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(micros).map_err(|_| StorageError::Corrupt(format!("time {micros}")))
}

pub(crate) fn time_or_none(micros: Option<i64>) -> Result<Option<Timestamp>, StorageError> {
    micros.map(time).transpose()
}

pub(crate) fn json(text: &str) -> Result<Value, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::Corrupt(format!("JSON: {error}")))
}

pub(crate) fn json_or_none(text: Option<String>) -> Result<Option<Value>, StorageError> {
    text.as_deref().map(json).transpose()
}

pub(crate) fn parsed<T: FromStr>(text: &str, what: &str) -> Result<T, StorageError> {
    text.parse()
        .map_err(|_| StorageError::Corrupt(format!("{what} `{text}`")))
}

/// Sizes and counts: both databases count in signed integers.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// PostgreSQL refuses NUL in text; names of files and messages about them may hold it.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A set as one parameter, asked by `replace($n, ',' || column || ',', '') <> $n`: arrays differ between the databases.
pub(crate) fn set<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from(",");
    for item in items {
        text.push_str(item);
        text.push(',');
    }
    text
}
