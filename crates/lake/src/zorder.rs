//! Rows that are alike in some columns beside each other, so that whoever looks for few of their values passes over
//! most row groups of a file.
//!
//! The order is Z-order, or Morton order: by the interleaved bits of the columns' ranks (G. M. Morton, "A computer
//! oriented geodetic data base and a new technique in file sequencing", IBM, 1966). A rank is the share of rows that
//! come before a value, so that each bit halves the rows however often a value stands there.

use crate::error::LakeError;
use polars::prelude::*;
use rustc_hash::FxHashMap;

/// Most rows of a row group.
pub(crate) const CELL: usize = 8_192;
/// Bits of a rank.
const BITS: u32 = 16;

/// The frame in Z-order of these columns of texts, and the rows of a row group: as many for each, at most `cell`, and a
/// power of two of row groups, so that they end where the values' halves do. Within a row group rows stand as they
/// stood: sorted by day they are smaller when packed.
pub(crate) fn sorted(
    frame: DataFrame,
    columns: &[&str],
    cell: usize,
) -> Result<(DataFrame, usize), LakeError> {
    let rows = frame.height();
    let groups = rows.div_ceil(cell).next_power_of_two();
    let rows_of_group = rows.div_ceil(groups).max(1);
    if groups == 1 || columns.is_empty() {
        return Ok((frame, rows_of_group));
    }
    let mut places: Vec<(u64, IdxSize)> = (0..).take(rows).map(|row| (0, row)).collect();
    for (at, name) in columns.iter().enumerate() {
        let ranks = ranks(frame.column(name)?.str()?);
        for ((code, _), rank) in places.iter_mut().zip(ranks) {
            *code |= spread(rank, columns.len()) << (columns.len() - 1 - at);
        }
    }
    places.sort_unstable();
    let mut order: Vec<IdxSize> = places.into_iter().map(|(_, row)| row).collect();
    for group in order.chunks_mut(rows_of_group) {
        group.sort_unstable();
    }
    let order = IdxCa::from_vec(PlSmallStr::EMPTY, order);
    Ok((frame.take(&order)?, rows_of_group))
}

/// Of each row, the share of rows with a smaller text, in 2^-16; texts that are not known are the smallest.
fn ranks(texts: &StringChunked) -> Vec<u64> {
    let mut counts: FxHashMap<Option<&str>, u64> = FxHashMap::default();
    for text in texts.iter() {
        *counts.entry(text).or_default() += 1;
    }
    let mut values: Vec<_> = counts.iter().map(|(text, count)| (*text, *count)).collect();
    values.sort_unstable();
    let all = texts.len() as u64;
    let mut before = 0;
    for (text, count) in values {
        counts.insert(text, (before << BITS) / all);
        before += count;
    }
    texts
        .iter()
        .map(|text| counts.get(&text).copied().unwrap_or_default())
        .collect()
}

/// The bits of a rank with room for the others' between them.
fn spread(rank: u64, columns: usize) -> u64 {
    (0..BITS as usize).fold(0, |code, bit| {
        code | (((rank >> bit) & 1) << (bit * columns))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parquet, wanted::Wanted};
    use metrics::{Dimension, Filter, Query};
    use proptest::prelude::*;

    fn lines(rows: &[(u16, u16)]) -> DataFrame {
        let texts = |name: &str, get: fn(&(u16, u16)) -> u16| {
            let texts = rows.iter().map(|row| match get(row) {
                0 => None,
                n => Some(format!("{n:05}")),
            });
            Column::new(name.into(), texts.collect::<Vec<_>>())
        };
        let days = (0..rows.len()).map(|row| row as i32 / 40);
        DataFrame::new(
            rows.len(),
            vec![
                Column::new("day".into(), days.collect::<Vec<_>>()),
                texts("sku", |row| row.0),
                texts("customer", |row| row.1),
            ],
        )
        .unwrap()
    }

    fn packed((mut frame, rows): (DataFrame, usize)) -> Vec<u8> {
        parquet::encode_in(&mut frame, rows).unwrap().bytes.to_vec()
    }

    fn wanted(dimension: Dimension, value: &str) -> Wanted {
        Wanted::of(&Query {
            filters: vec![Filter {
                dimension,
                values: vec![value.to_owned()],
            }],
            ..Query::default()
        })
    }

    fn count(frame: &DataFrame, column: &str, value: &str) -> usize {
        let texts = frame.column(column).unwrap().str().unwrap();
        texts
            .iter()
            .filter(|text| text.unwrap_or_default() == value)
            .count()
    }

    /// 64 row groups: 8 by 8 of products and customers.
    #[test]
    fn a_product_or_a_customer_is_looked_for_in_few_row_groups() {
        // A sequence without pattern, and the same each time.
        let mut state = 1_u64;
        let mut next = |values: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            u16::try_from((state >> 33) % values + 1).unwrap()
        };
        let rows: Vec<_> = (0..64 * 512).map(|_| (next(900), next(700))).collect();
        let frame = lines(&rows);
        let by_day = packed((frame.clone(), 512));
        let in_z_order = packed(sorted(frame, &["sku", "customer"], 512).unwrap());
        let read = |file: &[u8], wanted: &Wanted| -> usize {
            wanted
                .rows(file)
                .unwrap()
                .0
                .iter()
                .map(ExactSizeIterator::len)
                .sum()
        };
        for dimension in [Dimension::Product, Dimension::Customer] {
            for value in ["00007", "00350", "00699"] {
                let wanted = wanted(dimension, value);
                let by_day = read(&by_day, &wanted);
                assert!(
                    by_day > rows.len() / 4 * 3,
                    "{dimension:?} {value}: {by_day} rows"
                );
                let read = read(&in_z_order, &wanted);
                // An eighth, and where a value is just at the end of an eighth, two.
                assert!(read <= rows.len() / 4, "{dimension:?} {value}: {read} rows");
            }
        }
        let nobody = wanted(Dimension::Product, "00901");
        assert_eq!(read(&in_z_order, &nobody), 0);
    }

    proptest! {
        /// No row is lost or doubled, and what is passed over holds nothing of what is looked for.
        #[test]
        fn only_what_is_not_wanted_is_passed_over(
            rows in proptest::collection::vec((0_u16..12, 0_u16..12), 1..200),
            cell in 1_usize..40,
            value in 0_u16..12,
        ) {
            let frame = lines(&rows);
            let (z, rows_of_group) = sorted(frame.clone(), &["sku", "customer"], cell).unwrap();
            prop_assert!(rows_of_group <= cell);
            let all = ["sku", "customer", "day"];
            let by_all = |frame: &DataFrame| {
                frame.sort(all, SortMultipleOptions::default()).unwrap()
            };
            prop_assert!(by_all(&z).equals_missing(&by_all(&frame)));

            let text = if value == 0 { String::new() } else { format!("{value:05}") };
            let file: bytes::Bytes = packed((z, rows_of_group)).into();
            for (dimension, column) in [(Dimension::Product, "sku"), (Dimension::Customer, "customer")] {
                let (stretches, of) = wanted(dimension, &text).rows(&file).unwrap();
                prop_assert_eq!(of, rows.len());
                let read = parquet::decode_rows(&file, Some(&all), &stretches).unwrap();
                let read = read.iter().map(|part| count(part, column, &text)).sum::<usize>();
                prop_assert_eq!(read, count(&frame, column, &text));
            }
        }
    }
}
