//! Which rows of the lines a question needs, and which files and row groups cannot hold them.

use crate::{country, error::LakeError, schema::column};
use ingest::{email_hash, is_address};
use metrics::{Dimension, Query};
use polars_parquet::parquet::statistics::Statistics;
use polars_parquet::read::{RowGroupMetadata, read_metadata};
use std::borrow::Cow;
use std::io::Cursor;
use std::ops::Range;
use types::Period;

/// The text that lines have where a filter means this one.
pub(crate) fn text<'a>(dimension: &Dimension, value: &'a str) -> Cow<'a, str> {
    match dimension {
        Dimension::Country => country::name(value).into(),
        Dimension::Customer if is_address(value) => email_hash(value).into(),
        _ => value.into(),
    }
}

/// Lines of some days that have one of some texts in each of some columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// All days where absent.
    period: Option<Period>,
    /// By column. The empty text stands for "not known".
    texts: Vec<(String, Vec<String>)>,
}

impl Wanted {
    /// What the query's period and filters mean, and perhaps more beside it.
    pub fn of(query: &Query) -> Self {
        Self {
            period: query.period,
            texts: query
                .filters
                .iter()
                .filter(|filter| !filter.dimension.is_time() && !filter.dimension.is_extra())
                .map(|filter| {
                    let values = filter.values.iter();
                    let values = values.map(|value| text(&filter.dimension, value).into_owned());
                    (column(&filter.dimension).to_owned(), values.collect())
                })
                .collect(),
        }
    }

    /// With all names of each customer: lines have one of them.
    pub fn by_any_name(&self, names: impl Fn(&str) -> Vec<String>) -> Self {
        let mut wanted = self.clone();
        for (name, values) in &mut wanted.texts {
            if name == column(&Dimension::Customer) {
                let others: Vec<String> = values.iter().flat_map(|value| names(value)).collect();
                values.extend(others);
            }
        }
        wanted
    }

    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a file can hold such rows whose first and last day these are; `None`: not known.
    pub fn may_be_in(&self, days: Option<(i32, i32)>) -> bool {
        match (self.period, days) {
            (Some(period), Some((first, last))) => first <= period.to.0 && last >= period.from.0,
            _ => true,
        }
    }

    /// The stretches of rows of a Parquet file that can hold such rows, ascending and apart from each other, and how many
    /// rows the file has.
    pub fn rows(&self, file: &[u8]) -> Result<(Vec<Range<usize>>, usize), LakeError> {
        let meta = read_metadata(&mut Cursor::new(file))?;
        let mut stretches: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        for group in &meta.row_groups {
            let end = start + group.num_rows();
            if self.may_be_in_group(group, &meta.footer_buf) {
                match stretches.last_mut() {
                    Some(last) if last.end == start => last.end = end,
                    _ => stretches.push(start..end),
                }
            }
            start = end;
        }
        Ok((stretches, start))
    }

    fn may_be_in_group(&self, group: &RowGroupMetadata, footer: &[u8]) -> bool {
        let statistics = |name: &str| {
            let chunk = group.columns_under_root_iter(name)?.next()?;
            chunk.statistics(footer)?.ok()
        };
        let days = match statistics("day") {
            Some(Statistics::Int32(days)) => days.min_value.zip(days.max_value),
            _ => None,
        };
        self.may_be_in(days)
            && self
                .texts
                .iter()
                .all(|(name, values)| match statistics(name) {
                    Some(Statistics::Binary(texts)) => {
                        let nulls = texts.null_count != Some(0);
                        let (least, most) =
                            (texts.min_value.as_deref(), texts.max_value.as_deref());
                        values.iter().any(|value| {
                            let value = value.as_bytes();
                            (value.is_empty() && nulls)
                                || (least.is_none_or(|least| least <= value)
                                    && most.is_none_or(|most| value <= most))
                        })
                    }
                    _ => true,
                })
    }
}
