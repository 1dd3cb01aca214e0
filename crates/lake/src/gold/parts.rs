//! A month of very many lines is built in parts of whole days, so that its size costs time and no memory.

use super::told;
use crate::{error::LakeError, parquet::decode, spread::Places};
use bytes::Bytes;
use polars::prelude::*;
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Data files of a month that are built in one go, in bytes: some 250,000 lines.
pub(super) const WHOLE_BYTES: usize = 8 << 20;
/// Lines of a part. A day is never divided.
pub(super) const PART_LINES: usize = 125_000;

pub(super) struct Parts {
    files: Vec<Bytes>,
    /// Of each file, which of its lines are the latest of their key and still of their order. `None`: nobody looked.
    latest: Option<Vec<BooleanChunked>>,
    /// Of each file, the first and the last day of those lines.
    reach: Vec<(i32, i32)>,
    days: Vec<RangeInclusive<i32>>,
}

/// A line's key, the upload's place among all, its record; then where it stands.
type Place = (i64, i64, i64, usize, usize);

impl Parts {
    pub fn whole(files: Vec<Bytes>) -> Self {
        Self {
            reach: vec![(i32::MIN, i32::MAX); files.len()],
            files,
            latest: None,
            days: vec![i32::MIN..=i32::MAX],
        }
    }

    /// Silver's files of one month of order lines.
    pub fn of_lines(
        files: Vec<Bytes>,
        lines: usize,
        (elsewhere, month): (&Places, i32),
    ) -> Result<Self, LakeError> {
        let mut places: Vec<Place> = Vec::new();
        let mut days: Vec<Vec<i32>> = Vec::new();
        for (file, bytes) in files.iter().enumerate() {
            let columns = ["key", "upload_seq", "record", "day"];
            let frame = decode(bytes.clone(), Some(&columns))?;
            let of_file = frame.column("day")?.i32()?;
            days.push(of_file.iter().map(Option::unwrap_or_default).collect());
            let long = |name: &str| -> Result<Int64Chunked, LakeError> {
                Ok(frame.column(name)?.i64()?.clone())
            };
            let (keys, seqs, records) = (long("key")?, long("upload_seq")?, long("record")?);
            let rows = keys.iter().zip(seqs.iter()).zip(records.iter()).enumerate();
            places.extend(rows.map(|(row, ((key, seq), record))| {
                let known = |n: Option<i64>| n.unwrap_or_default();
                (known(key), known(seq), known(record), file, row)
            }));
        }
        places.sort_unstable();
        let one_upload = places.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let mut lost = Vec::new();
        if !one_upload || !elsewhere.is_empty() {
            let mut lines = Vec::with_capacity(places.len());
            for (file, bytes) in files.iter().enumerate() {
                let frame = decode(bytes.clone(), Some(told::COLUMNS))?;
                told::read(&frame, file, (elsewhere, month), &mut lines)?;
            }
            let heights: Vec<usize> = days.iter().map(Vec::len).collect();
            lost = told::lost(lines, &heights);
        }
        let mut latest: Vec<Vec<bool>> = days.iter().map(|d| vec![false; d.len()]).collect();
        // Of a file without such lines, a stretch that holds no day.
        let mut reach = vec![(i32::MAX, i32::MIN); files.len()];
        let mut by_day: BTreeMap<i32, usize> = BTreeMap::new();
        for (at, (key, _, _, file, row)) in places.iter().enumerate() {
            if places.get(at + 1).is_some_and(|(next, ..)| next == key) {
                continue;
            }
            let of_file = lost.get(*file);
            if of_file.and_then(|rows| rows.get(*row)) == Some(&true) {
                continue;
            }
            latest[*file][*row] = true;
            let day = days[*file][*row];
            *by_day.entry(day).or_default() += 1;
            let (first, last) = reach[*file];
            reach[*file] = (first.min(day), last.max(day));
        }
        Ok(Self {
            files,
            reach,
            latest: Some(
                latest
                    .into_iter()
                    .map(|of_file| of_file.into_iter().collect())
                    .collect(),
            ),
            days: ranges(&by_day, lines),
        })
    }

    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// The rows of a part, a frame a file.
    pub fn frames(
        &self,
        part: usize,
        columns: Option<&[&str]>,
    ) -> Result<Vec<DataFrame>, LakeError> {
        let mut frames = Vec::new();
        for (file, bytes) in self.files.iter().enumerate() {
            // An export goes from day to day, and so do its files.
            let ((first, last), days) = (self.reach[file], &self.days[part]);
            if last < *days.start() || first > *days.end() {
                continue;
            }
            let frame = decode(bytes.clone(), columns)?;
            frames.push(match &self.latest {
                None => frame,
                Some(latest) => {
                    let days = frame.column("day")?.i32()?;
                    let (from, to) = (*self.days[part].start(), *self.days[part].end());
                    let mask = &(&days.gt_eq(from) & &days.lt_eq(to)) & &latest[file];
                    frame.filter(&mask)?
                }
            });
        }
        Ok(frames)
    }
}

/// Stretches of days with at most so many lines, or of one day.
fn ranges(by_day: &BTreeMap<i32, usize>, lines: usize) -> Vec<RangeInclusive<i32>> {
    let mut ranges: Vec<RangeInclusive<i32>> = Vec::new();
    let mut held = 0;
    for (day, count) in by_day {
        match ranges.last_mut() {
            Some(range) if held + count <= lines => {
                held += count;
                *range = *range.start()..=*day;
            }
            _ => {
                held = *count;
                ranges.push(*day..=*day);
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::encode;
    use proptest::prelude::*;

    /// A line an order.
    fn file(seq: i64, lines: &[(i64, i32)]) -> Bytes {
        let long = |name: &str, values: Vec<i64>| Column::new(name.into(), values);
        let count = lines.len();
        let mut frame = DataFrame::new(
            count,
            vec![
                long("key", lines.iter().map(|(key, _)| *key).collect()),
                long("upload_seq", vec![seq; count]),
                long("record", (1..=count as i64).collect()),
                long("at", vec![0; count]),
                Column::new("tells".into(), vec![1_i32; count]),
                Column::new(
                    "order_id".into(),
                    lines
                        .iter()
                        .map(|(key, _)| key.to_string())
                        .collect::<Vec<_>>(),
                ),
                Column::new(
                    "day".into(),
                    lines.iter().map(|(_, d)| *d).collect::<Vec<_>>(),
                ),
            ],
        )
        .unwrap();
        encode(&mut frame).unwrap().bytes
    }

    proptest! {
        /// Together the parts are the latest line of each key, once; in each part, whole days and no more lines than fit.
        #[test]
        fn parts_are_the_month(
            uploads in proptest::collection::vec(
                proptest::collection::btree_map(0_i64..40, 0_i32..31, 0..30),
                1..5,
            ),
            lines in 1_usize..20,
        ) {
            let mut expected: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
            let mut files = Vec::new();
            for (seq, upload) in uploads.iter().enumerate() {
                let seq = seq as i64;
                let of_upload: Vec<(i64, i32)> = upload.iter().map(|(k, d)| (*k, *d)).collect();
                expected.extend(of_upload.iter().map(|(key, day)| (*key, (seq, *day))));
                files.push(file(seq, &of_upload));
            }
            let parts = Parts::of_lines(files, lines, (&Places::default(), 0)).unwrap();
            let mut found: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
            let mut seen_days = std::collections::BTreeSet::new();
            for part in 0..parts.len() {
                let mut days = std::collections::BTreeSet::new();
                let mut count = 0;
                for frame in parts.frames(part, None).unwrap() {
                    let keys = frame.column("key").unwrap().i64().unwrap().clone();
                    let seqs = frame.column("upload_seq").unwrap().i64().unwrap().clone();
                    let of = frame.column("day").unwrap().i32().unwrap().clone();
                    for ((key, seq), day) in keys.iter().zip(seqs.iter()).zip(of.iter()) {
                        count += 1;
                        days.insert(day.unwrap());
                        let before = found.insert(key.unwrap(), (seq.unwrap(), day.unwrap()));
                        prop_assert!(before.is_none());
                    }
                }
                prop_assert!(count <= lines || days.len() == 1);
                prop_assert!(days.iter().all(|day| seen_days.insert(*day)));
            }
            prop_assert_eq!(found, expected);
        }
    }
}
