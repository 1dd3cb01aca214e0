//! Figures by columns of the files that have no meaning of their own here.
//!
//! They are kept with each line as one JSON object, which is not held in memory. A column that is asked for is read
//! from the data files of the lines once, and held as codes from then on.

use crate::{
    error::LakeError,
    parquet::{decode, decode_rows},
    rollup::Source,
    schema::{EXTRA, column},
    snapshot::Snapshot,
    store::Lake,
    wanted::Wanted,
};
use metrics::{Dimension, ExtraColumn, Query};
use polars::prelude::{Column, DataFrame};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The rows of `source` among which all are that the query means, with a column of codes for each extra dimension of the query.
pub(crate) async fn frame(
    lake: &Lake,
    snapshot: &Snapshot,
    source: Source,
    query: &Query,
) -> Result<DataFrame, LakeError> {
    let (mut frame, parts) = match source {
        Source::Lines => snapshot.lines(lake, &Wanted::of(query)).await?,
        _ => (snapshot.frame(lake, source).await?, Vec::new()),
    };
    for dimension in query.dimensions() {
        let Dimension::Extra(name) = dimension else {
            continue;
        };
        if frame.column(column(&dimension)).is_err() {
            frame.with_column(snapshot.extra(lake, name, &parts).await?)?;
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

/// The extra columns of a data file's first lines.
pub(crate) fn names(bytes: &bytes::Bytes) -> Result<Vec<ExtraColumn>, LakeError> {
    const LINES: usize = 1_000;
    let mut names = Vec::new();
    for frame in decode_rows(bytes, Some(&[EXTRA]), std::slice::from_ref(&(0..LINES)))? {
        for object in frame.column(EXTRA)?.str()?.iter().flatten() {
            let mut reader = serde_json::Deserializer::from_str(object);
            for name in reader.deserialize_map(Names)? {
                if let Some(name) = ExtraColumn::new(&name).filter(|name| !names.contains(name)) {
                    names.push(name);
                }
            }
        }
    }
    Ok(names)
}

pub(crate) fn codes(name: ExtraColumn, codes: Vec<u32>) -> Column {
    Column::new(Dimension::Extra(name).id().into(), codes)
}

/// The text of one key; the others are passed over.
fn value(object: &str, key: &str) -> Result<Option<String>, LakeError> {
    let mut reader = serde_json::Deserializer::from_str(object);
    Ok(reader.deserialize_map(Of(key))?)
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = map.next_entry()? {
            names.push(name);
        }
        Ok(names)
    }
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
