//! Figures by columns of the files that have no meaning of their own here.
//!
//! They are kept with each line as one JSON object, which is not held in memory. A column that is asked for is read
//! from the data files of the lines once, and held as codes from then on.

use crate::{
    error::LakeError,
    hot::Snapshot,
    parquet::decode,
    rollup::Source,
    schema::{EXTRA, column},
    store::Lake,
};
use metrics::{Dimension, ExtraColumn, Query};
use polars::prelude::{Column, DataFrame};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The rows of `source`, with a column of codes for each extra dimension of the query.
pub(crate) async fn frame(
    lake: &Lake,
    snapshot: &Snapshot,
    source: Source,
    query: &Query,
) -> Result<DataFrame, LakeError> {
    let mut frame = snapshot.frame(lake, source).await?;
    for dimension in query.dimensions() {
        let Dimension::Extra(name) = dimension else {
            continue;
        };
        if frame.column(column(&dimension)).is_err() {
            frame.with_column(snapshot.extra(lake, name).await?)?;
        }
    }
    Ok(frame)
}

/// The texts of one extra column in a data file of the lines.
pub(crate) fn texts(
    bytes: bytes::Bytes,
    name: ExtraColumn,
) -> Result<Vec<Option<String>>, LakeError> {
    let frame = decode(bytes, Some(&[EXTRA]))?;
    let objects = frame.column(EXTRA)?.str()?;
    objects
        .iter()
        .map(|object| object.map_or(Ok(None), |object| value(object, name.name())))
        .collect()
}

pub(crate) fn codes(name: ExtraColumn, codes: Vec<u32>) -> Column {
    Column::new(Dimension::Extra(name).id().into(), codes)
}

/// The text of one key; the others are passed over.
fn value(object: &str, key: &str) -> Result<Option<String>, LakeError> {
    let mut reader = serde_json::Deserializer::from_str(object);
    Ok(reader.deserialize_map(Of(key))?)
}

struct Of<'a>(&'a str);

impl<'de> Visitor<'de> for Of<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if key == self.0 {
                found = Some(map.next_value::<String>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_of_an_object() {
        let object = r#"{"a":"1","Ware\"house":"north","b":"2"}"#;
        assert_eq!(
            value(object, "Ware\"house").unwrap().as_deref(),
            Some("north")
        );
        assert_eq!(value(object, "c").unwrap(), None);
        assert!(value("[]", "c").is_err());
    }
}
