//! Columns as they grow, and their way to Parquet without a frame between: a text that stands in a column already is
//! kept as its number, so that nothing is compared or hashed again when the file is written.

use crate::{
    error::LakeError,
    parquet::{Encoded, LEVEL, Statistics},
};
use hashbrown::{HashTable, hash_table::Entry};
use polars_arrow::array::{
    Array, DictionaryArray, MutableBinaryViewArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, IntegerType};
use polars_parquet::read::ParquetError;
use polars_parquet::write::{
    CompressionOptions, Compressor, DynIter, DynStreamingIterator, Encoding,
    FallibleStreamingIterator, FileWriter, StatisticsOptions, Version, WriteOptions, ZstdLevel,
    array_to_columns,
};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Of values in a column, this share may be different for their numbers to be worth writing.
const DICTIONARY: (usize, usize) = (3, 4);

/// A column of so many rows, and how its values are written.
pub(crate) struct Ready {
    array: Box<dyn Array>,
    encoding: Encoding,
}

impl Ready {
    fn dictionary(
        keys: Vec<u32>,
        known: Option<Bitmap>,
        values: Box<dyn Array>,
    ) -> Result<Self, LakeError> {
        let dtype =
            ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(values.dtype().clone()), false);
        let keys = PrimitiveArray::new(ArrowDataType::UInt32, keys.into(), known);
        Ok(Self {
            array: DictionaryArray::try_new(dtype, keys, values)?.boxed(),
            encoding: Encoding::RleDictionary,
        })
    }

    /// The same text in each row.
    pub fn one_text(text: &str, rows: usize) -> Result<Self, LakeError> {
        Self::dictionary(vec![0; rows], None, texts([Some(text)]).boxed())
    }

    /// The same number in each row.
    pub fn one_long(value: i64, rows: usize) -> Result<Self, LakeError> {
        Self::dictionary(vec![0; rows], None, longs(vec![value]))
    }

    /// As [`Self::one_long`].
    pub fn one_int(value: i32, rows: usize) -> Result<Self, LakeError> {
        Self::dictionary(vec![0; rows], None, ints(vec![value]))
    }

    /// Numbers of which many are equal.
    pub fn repeated_longs(values: Vec<i64>) -> Result<Self, LakeError> {
        let mut distinct = Distinct::default();
        let most = values.len() * DICTIONARY.0 / DICTIONARY.1;
        let mut keys = Vec::with_capacity(values.len());
        for value in &values {
            keys.push(distinct.number(*value));
            if distinct.values.len() > most && most > 64 {
                return Ok(Self::longs(values));
            }
        }
        Self::dictionary(keys, None, longs(distinct.values))
    }

    /// Numbers that are all different, such as hashes.
    pub fn longs(values: Vec<i64>) -> Self {
        Self {
            array: longs(values),
            encoding: Encoding::Plain,
        }
    }

    /// Numbers near the one before.
    pub fn steps(values: Vec<i64>) -> Self {
        Self {
            array: longs(values),
            encoding: Encoding::DeltaBinaryPacked,
        }
    }

    /// Numbers of a small range.
    pub fn small_ints(values: Vec<i32>) -> Self {
        Self {
            array: ints(values),
            encoding: Encoding::RleDictionary,
        }
    }

    fn field(&self, name: &str) -> Field {
        let dtype = match self.array.dtype() {
            ArrowDataType::Dictionary(_, values, _) => (**values).clone(),
            dtype => dtype.clone(),
        };
        Field::new(name.into(), dtype, true)
    }
}

fn longs(values: Vec<i64>) -> Box<dyn Array> {
    PrimitiveArray::new(ArrowDataType::Int64, values.into(), None).boxed()
}

fn ints(values: Vec<i32>) -> Box<dyn Array> {
    PrimitiveArray::new(ArrowDataType::Int32, values.into(), None).boxed()
}

fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Utf8ViewArray {
    let mut all = MutableBinaryViewArray::<str>::new();
    for value in values {
        all.push(value);
    }
    all.freeze()
}

/// Values by number, in the order in which they came.
#[derive(Default)]
struct Distinct {
    values: Vec<i64>,
    numbers: HashTable<u32>,
    last: u32,
}

impl Distinct {
    fn number(&mut self, value: i64) -> u32 {
        let Self {
            values,
            numbers,
            last,
        } = self;
        if values.get(*last as usize) == Some(&value) {
            return *last;
        }
        let hash = |value: i64| {
            let mut hasher = FxHasher::default();
            hasher.write_i64(value);
            hasher.finish()
        };
        let get = |number: &u32| values.get(*number as usize).copied().unwrap_or_default();
        let entry = numbers.entry(
            hash(value),
            |number| get(number) == value,
            |number| hash(get(number)),
        );
        let number = match entry {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
                entry.insert(number);
                values.push(value);
                number
            }
        };
        *last = number;
        number
    }
}

/// Texts of one column.
#[derive(Default)]
pub(crate) struct Texts {
    /// Of each row the number of its text, from 1; 0: it has none.
    keys: Vec<u32>,
    /// The different texts one behind the other, and where each ends.
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    last: u32,
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The text of a number.
fn numbered<'a>(text: &'a str, ends: &[usize], number: u32) -> Option<&'a str> {
    let at = (number as usize).checked_sub(1)?;
    let from = match at {
        0 => 0,
        _ => *ends.get(at - 1)?,
    };
    text.get(from..*ends.get(at)?)
}

impl Texts {
    pub fn push(&mut self, text: Option<&str>) {
        let key = text.map_or(0, |text| self.number(text));
        self.keys.push(key);
    }

    fn number(&mut self, new: &str) -> u32 {
        let Self {
            text,
            ends,
            numbers,
            last,
            ..
        } = self;
        if numbered(text, ends, *last) == Some(new) {
            return *last;
        }
        let entry = numbers.entry(
            hash_of(new),
            |number| numbered(text, ends, *number) == Some(new),
            |number| hash_of(numbered(text, ends, *number).unwrap_or_default()),
        );
        let number = match entry {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                text.push_str(new);
                ends.push(text.len());
                let number = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                entry.insert(number);
                number
            }
        };
        *last = number;
        number
    }

    fn get(&self, number: u32) -> Option<&str> {
        numbered(&self.text, &self.ends, number)
    }

    pub fn ready(self) -> Result<Ready, LakeError> {
        let rows = self.keys.len();
        let distinct = self.ends.len();
        if distinct == 0 || distinct > 64 && distinct > rows * DICTIONARY.0 / DICTIONARY.1 {
            return Ok(Ready {
                array: texts(self.keys.iter().map(|key| self.get(*key))).boxed(),
                encoding: Encoding::Plain,
            });
        }
        let count = u32::try_from(distinct).unwrap_or(u32::MAX);
        let values = texts((1..=count).map(|number| self.get(number)));
        let known = self.keys.contains(&0).then(|| {
            let known: Bitmap = self.keys.iter().map(|key| *key != 0).collect();
            known
        });
        let keys = self.keys.into_iter().map(|key| key.saturating_sub(1));
        Ready::dictionary(keys.collect(), known, values.boxed())
    }
}

/// One row group of these columns.
pub(crate) fn encode(
    rows: usize,
    columns: Vec<(&str, Ready)>,
    statistics: Statistics,
) -> Result<Encoded, LakeError> {
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(ZstdLevel::try_new(LEVEL).ok()),
        data_page_size: None,
    };
    let schema: ArrowSchema = columns
        .iter()
        .map(|(name, column)| ((*name).into(), column.field(name)))
        .collect();
    let mut writer = FileWriter::try_new(Vec::new(), schema, options)?;
    let types = writer.parquet_schema().fields().to_vec();
    let mut chunks = Vec::with_capacity(columns.len());
    for ((_, column), kind) in columns.into_iter().zip(types) {
        for pages in array_to_columns(column.array, kind, options, &[column.encoding])? {
            let pages = pages.map(|page| page.map_err(|e| ParquetError::OutOfSpec(e.to_string())));
            let compressed = Compressor::new(pages, options.compression, Vec::new());
            chunks.push(Ok(DynStreamingIterator::new(
                compressed.map_err(Into::into),
            )));
        }
    }
    writer.write(rows as u64, DynIter::new(chunks.into_iter()))?;
    writer.end(None)?;
    Ok(Encoded {
        bytes: writer.into_inner().into(),
        stats: statistics.json(rows)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::decode;
    use proptest::prelude::*;

    fn written(rows: usize, columns: Vec<(&str, Ready)>) -> polars::prelude::DataFrame {
        let encoded = encode(rows, columns, Statistics::default()).unwrap();
        decode(encoded.bytes, None).unwrap()
    }

    proptest! {
        /// Few different values or many, in whatever way they are written.
        #[test]
        fn what_is_written_is_read(
            numbers in proptest::collection::vec(any::<i64>(), 1..300),
            few in proptest::collection::vec(-3_i64..3, 300),
            letters in proptest::collection::vec(proptest::option::of(0_usize..5), 300),
            known in 0_usize..3,
        ) {
            let rows = numbers.len();
            let few = few[..rows].to_vec();
            let small: Vec<i32> = few.iter().map(|n| *n as i32).collect();
            let texts: Vec<Option<String>> = match known {
                0 => vec![None; rows],
                // As many as there are rows, with some missing.
                1 => (0..rows).map(|n| (n % 7 > 0).then(|| format!("text number {n}"))).collect(),
                _ => letters[..rows].iter().map(|n| n.map(|n| "x".repeat(n * 9))).collect(),
            };
            let mut column = Texts::default();
            texts.iter().for_each(|text| column.push(text.as_deref()));
            let frame = written(rows, vec![
                ("texts", column.ready().unwrap()),
                ("one", Ready::one_text("always", rows).unwrap()),
                ("long", Ready::one_long(i64::MIN, rows).unwrap()),
                ("int", Ready::one_int(-7, rows).unwrap()),
                ("numbers", Ready::longs(numbers.clone())),
                ("many", Ready::repeated_longs(numbers.clone()).unwrap()),
                ("few", Ready::repeated_longs(few.clone()).unwrap()),
                ("steps", Ready::steps(numbers.clone())),
                ("small", Ready::small_ints(small.clone())),
            ]);
            let longs = |name: &str| -> Vec<i64> {
                frame.column(name).unwrap().i64().unwrap().iter().flatten().collect()
            };
            let ints = |name: &str| -> Vec<i32> {
                frame.column(name).unwrap().i32().unwrap().iter().flatten().collect()
            };
            let read = |name: &str| -> Vec<Option<String>> {
                let texts = frame.column(name).unwrap().str().unwrap();
                texts.iter().map(|text| text.map(str::to_owned)).collect()
            };
            prop_assert_eq!(read("texts"), texts);
            prop_assert_eq!(read("one"), vec![Some("always".to_owned()); rows]);
            prop_assert_eq!(longs("long"), vec![i64::MIN; rows]);
            prop_assert_eq!(ints("int"), vec![-7; rows]);
            prop_assert_eq!(longs("numbers"), numbers.clone());
            prop_assert_eq!(longs("many"), numbers.clone());
            prop_assert_eq!(longs("few"), few);
            prop_assert_eq!(longs("steps"), numbers);
            prop_assert_eq!(ints("small"), small);
        }
    }
}
