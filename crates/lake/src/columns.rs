//! Columns as they grow, and their way to Parquet without a frame between: a text that stands in a column already is
//! kept as its number, so that nothing is compared or hashed again when the file is written.

use crate::{
    error::LakeError,
    parquet::{Encoded, LEVEL, Statistics},
};
use hashbrown::{HashTable, hash_table::Entry};
use polars::error::PolarsError;
use polars_arrow::array::{
    Array, DictionaryArray, MutableBinaryViewArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, IntegerType};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::page::{
    CompressedDictPage, DataPage, DataPageHeader, DataPageHeaderV1, DictPage,
};
use polars_parquet::write::{
    CompressedDataPage, CompressedPage, CompressionOptions, Descriptor, DynIter,
    DynStreamingIterator, Encoding, FallibleStreamingIterator, FileWriter, Page, StatisticsOptions,
    Version, WriteOptions, array_to_columns,
};
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::ops::Range;
use zstd::bulk::Compressor;

/// Of values in a column, this share may be different for their numbers to be worth writing.
const DICTIONARY: (usize, usize) = (3, 4);

/// A column of so many rows, and how its values are written.
pub(crate) struct Ready {
    values: Values,
    encoding: Encoding,
    /// Hashes cannot be made smaller, and one value need not.
    compressed: bool,
}

enum Values {
    Many(Box<dyn Array>),
    /// The same in each row. `plain`: as Parquet's PLAIN writes it; `None`: nothing.
    One {
        rows: usize,
        kind: ArrowDataType,
        plain: Option<Vec<u8>>,
    },
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
            values: Values::Many(DictionaryArray::try_new(dtype, keys, values)?.boxed()),
            encoding: Encoding::RleDictionary,
            compressed: true,
        })
    }

    fn many(array: Box<dyn Array>, encoding: Encoding, compressed: bool) -> Self {
        Self {
            values: Values::Many(array),
            encoding,
            compressed,
        }
    }

    fn one(kind: ArrowDataType, plain: Option<Vec<u8>>, rows: usize) -> Self {
        Self {
            encoding: match plain {
                Some(_) => Encoding::RleDictionary,
                None => Encoding::Plain,
            },
            values: Values::One { rows, kind, plain },
            compressed: false,
        }
    }

    /// The same text in each row, or none.
    pub fn one_text(text: Option<&str>, rows: usize) -> Self {
        let plain = text.map(|text| {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            [&length.to_le_bytes(), text.as_bytes()].concat()
        });
        Self::one(ArrowDataType::Utf8View, plain, rows)
    }

    /// The same number in each row.
    pub fn one_long(value: i64, rows: usize) -> Self {
        let plain = value.to_le_bytes().to_vec();
        Self::one(ArrowDataType::Int64, Some(plain), rows)
    }

    /// As [`Self::one_long`].
    pub fn one_int(value: i32, rows: usize) -> Self {
        let plain = value.to_le_bytes().to_vec();
        Self::one(ArrowDataType::Int32, Some(plain), rows)
    }

    /// Numbers of which many are equal.
    pub fn repeated_longs(values: Vec<i64>) -> Result<Self, LakeError> {
        if let Some(value) = only(&values) {
            return Ok(Self::one_long(value, values.len()));
        }
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
        Self::many(longs(values), Encoding::Plain, false)
    }

    /// Numbers near the one before.
    pub fn steps(values: Vec<i64>) -> Self {
        Self::many(longs(values), Encoding::DeltaBinaryPacked, true)
    }

    /// Numbers of a small range.
    pub fn small_ints(values: Vec<i32>) -> Result<Self, LakeError> {
        if let Some(value) = only(&values) {
            return Ok(Self::one_int(value, values.len()));
        }
        let mut distinct = Distinct::default();
        let keys = values.iter().map(|value| distinct.number(*value));
        Self::dictionary(keys.collect(), None, ints(distinct.values))
    }

    fn field(&self, name: &str) -> Field {
        let dtype = match &self.values {
            Values::One { kind, .. } => kind.clone(),
            Values::Many(array) => match array.dtype() {
                ArrowDataType::Dictionary(_, values, _) => (**values).clone(),
                dtype => dtype.clone(),
            },
        };
        Field::new(name.into(), dtype, true)
    }
}

/// What all of them are.
fn only<T: Copy + PartialEq>(values: &[T]) -> Option<T> {
    let (first, rest) = values.split_first()?;
    rest.iter().all(|value| value == first).then_some(*first)
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

/// A number, as a run of Parquet's RLE begins with its length (unsigned LEB128).
fn run_of(rows: usize, value: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = (rows as u64) << 1;
    loop {
        let low = (left & 0x7f) as u8;
        left >>= 7;
        if left == 0 {
            bytes.push(low);
            break;
        }
        bytes.push(low | 0x80);
    }
    bytes.push(value);
    bytes
}

/// Two runs instead of a number for each row: which rows have a value, and the first of one value.
/// <https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE>
fn pages_of_one(rows: usize, plain: Option<Vec<u8>>, descriptor: Descriptor) -> Vec<Page> {
    let levels = run_of(rows, plain.is_some().into());
    let length = u32::try_from(levels.len()).unwrap_or(u32::MAX);
    let mut buffer = length.to_le_bytes().to_vec();
    buffer.extend(levels);
    let encoding = match &plain {
        Some(_) => {
            // Indices of one bit.
            buffer.push(1);
            buffer.extend(run_of(rows, 0));
            Encoding::RleDictionary
        }
        None => Encoding::Plain,
    };
    let header = DataPageHeader::V1(DataPageHeaderV1 {
        num_values: i32::try_from(rows).unwrap_or(i32::MAX),
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: None,
    });
    let dictionary = plain.map(|plain| DictPage::new(CowBuffer::Owned(plain), 1, false));
    let data = DataPage::new(header, CowBuffer::Owned(buffer), descriptor, rows);
    let pages = dictionary.map(Page::Dict).into_iter();
    pages.chain([Page::Data(data)]).collect()
}

/// Pages of one column, in their order.
struct Pages {
    rest: std::vec::IntoIter<CompressedPage>,
    current: Option<CompressedPage>,
}

impl FallibleStreamingIterator for Pages {
    type Item = CompressedPage;
    type Error = PolarsError;

    fn advance(&mut self) -> Result<(), PolarsError> {
        self.current = self.rest.next();
        Ok(())
    }

    fn get(&self) -> Option<&CompressedPage> {
        self.current.as_ref()
    }
}

/// One compressor for all columns of a file: Polars makes one for each page, which takes longer than a small page.
fn compress(
    page: Page,
    compressor: Option<&mut Compressor<'_>>,
) -> Result<CompressedPage, LakeError> {
    let (buffer, compression) = match (&page, compressor) {
        (Page::Data(page), None) => (Ok(page.buffer().to_vec()), Compression::Uncompressed),
        (Page::Dict(page), None) => (Ok(page.buffer.to_vec()), Compression::Uncompressed),
        (Page::Data(page), Some(zstd)) => (zstd.compress(page.buffer()), Compression::Zstd),
        (Page::Dict(page), Some(zstd)) => (zstd.compress(&page.buffer), Compression::Zstd),
    };
    let buffer = CowBuffer::Owned(buffer.map_err(PolarsError::from)?);
    Ok(match page {
        Page::Data(page) => {
            let rows = page.num_rows().unwrap_or_else(|| page.num_values());
            CompressedPage::Data(CompressedDataPage::new(
                page.header().clone(),
                buffer,
                compression,
                page.buffer().len(),
                page.descriptor,
                rows,
            ))
        }
        Page::Dict(page) => CompressedPage::Dict(CompressedDictPage::new(
            buffer,
            compression,
            page.buffer.len(),
            page.num_values,
            page.is_sorted,
        )),
    })
}

/// Values by number, in the order in which they came.
#[derive(Default)]
struct Distinct<T> {
    values: Vec<T>,
    numbers: HashTable<u32>,
    last: u32,
}

impl<T: Copy + Default + PartialEq + Into<i64>> Distinct<T> {
    fn number(&mut self, value: T) -> u32 {
        let Self {
            values,
            numbers,
            last,
        } = self;
        if values.get(*last as usize) == Some(&value) {
            return *last;
        }
        let hash = |value: T| {
            let mut hasher = FxHasher::default();
            hasher.write_i64(value.into());
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
    /// The first rows that have one text, or none, all of them: in many a column that is all rows.
    equal: usize,
    first: u32,
    /// Of each row behind those the number of its text, from 1; 0: it has none.
    keys: Vec<u32>,
    room: usize,
    /// The different texts one behind the other, and where each ends.
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    last: u32,
}

fn hash_of(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish()
}

/// Where the text of a number stands.
fn place(ends: &[usize], number: u32) -> Option<Range<usize>> {
    let at = (number as usize).checked_sub(1)?;
    let from = match at {
        0 => 0,
        _ => *ends.get(at - 1)?,
    };
    Some(from..*ends.get(at)?)
}

impl Texts {
    pub fn with_room(rows: usize) -> Self {
        Self {
            room: rows,
            ..Self::default()
        }
    }

    /// So many rows that have none.
    pub fn missing(rows: usize) -> Self {
        Self {
            equal: rows,
            ..Self::default()
        }
    }

    pub fn push(&mut self, text: Option<&str>) {
        let key = text.map_or(0, |text| self.number(text));
        self.push_key(key);
    }

    fn push_key(&mut self, key: u32) {
        if self.keys.is_empty() {
            if self.equal == 0 {
                self.first = key;
            }
            if key == self.first {
                self.equal += 1;
                return;
            }
            self.keys.reserve(self.room.saturating_sub(self.equal));
        }
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
        // As bytes: they need no look at where letters begin.
        let get = |number: u32| text.as_bytes().get(place(ends, number)?);
        let bytes = new.as_bytes();
        if get(*last) == Some(bytes) {
            return *last;
        }
        let entry = numbers.entry(
            hash_of(bytes),
            |number| get(*number) == Some(bytes),
            |number| hash_of(get(*number).unwrap_or_default()),
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
        self.text.get(place(&self.ends, number)?)
    }

    pub fn ready(self) -> Result<Ready, LakeError> {
        if self.keys.is_empty() {
            return Ok(Ready::one_text(self.get(self.first), self.equal));
        }
        let rows = self.equal + self.keys.len();
        let keys = || std::iter::repeat_n(self.first, self.equal).chain(self.keys.iter().copied());
        let distinct = self.ends.len();
        if distinct > 64 && distinct > rows * DICTIONARY.0 / DICTIONARY.1 {
            let array = texts(keys().map(|key| self.get(key))).boxed();
            return Ok(Ready::many(array, Encoding::Plain, true));
        }
        let count = u32::try_from(distinct).unwrap_or(u32::MAX);
        let values = texts((1..=count).map(|number| self.get(number)));
        let missing = self.first == 0 || self.keys.contains(&0);
        let known = missing.then(|| keys().map(|key| key != 0).collect::<Bitmap>());
        let mut indices = Vec::with_capacity(rows);
        indices.extend(keys().map(|key| key.saturating_sub(1)));
        Ready::dictionary(indices, known, values.boxed())
    }
}

/// One row group of these columns.
pub(crate) fn encode(
    rows: usize,
    columns: Vec<(&str, Ready)>,
    statistics: Statistics,
) -> Result<Encoded, LakeError> {
    let options = WriteOptions {
        // What a file holds stands in Delta's log, and it is one row group.
        statistics: StatisticsOptions::empty(),
        version: Version::V1,
        compression: CompressionOptions::Uncompressed,
        data_page_size: None,
    };
    let schema: ArrowSchema = columns
        .iter()
        .map(|(name, column)| ((*name).into(), column.field(name)))
        .collect();
    let mut writer = FileWriter::try_new(Vec::new(), schema, options)?;
    let types = writer.parquet_schema().fields().to_vec();
    let descriptors: Vec<Descriptor> = writer
        .parquet_schema()
        .columns()
        .iter()
        .map(|column| column.descriptor.clone())
        .collect();
    let mut zstd = Compressor::new(LEVEL).map_err(PolarsError::from)?;
    let mut chunks = Vec::with_capacity(columns.len());
    for (((_, column), kind), descriptor) in columns.into_iter().zip(types).zip(descriptors) {
        let pages = match column.values {
            Values::One { rows, plain, .. } => pages_of_one(rows, plain, descriptor),
            Values::Many(array) => array_to_columns(array, kind, options, &[column.encoding])?
                .into_iter()
                .flatten()
                .collect::<Result<_, _>>()?,
        };
        let pages = pages
            .into_iter()
            .map(|page| compress(page, column.compressed.then_some(&mut zstd)))
            .collect::<Result<Vec<_>, LakeError>>()?;
        chunks.push(Ok(DynStreamingIterator::new(Pages {
            rest: pages.into_iter(),
            current: None,
        })));
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
                ("one", Ready::one_text(Some("always"), rows)),
                ("long", Ready::one_long(i64::MIN, rows)),
                ("nothing", Ready::one_text(None, rows)),
                ("int", Ready::one_int(-7, rows)),
                ("numbers", Ready::longs(numbers.clone())),
                ("many", Ready::repeated_longs(numbers.clone()).unwrap()),
                ("few", Ready::repeated_longs(few.clone()).unwrap()),
                ("steps", Ready::steps(numbers.clone())),
                ("small", Ready::small_ints(small.clone()).unwrap()),
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
            prop_assert_eq!(read("nothing"), vec![None; rows]);
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
