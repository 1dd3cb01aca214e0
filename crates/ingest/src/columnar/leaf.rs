//! One column of a row group: its values, with the levels that say where in nested records they stand.

use super::pages::{Chunk, Pages};
use super::render::{Kind, Scalar};
use crate::json::Value;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;
use std::panic::{AssertUnwindSafe, catch_unwind};

enum Values {
    Bool(Vec<bool>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    I96(Vec<Int96>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

pub(crate) struct Leaf {
    reader: ColumnReader,
    kind: Kind,
    max_def: i16,
    max_rep: i16,
    /// Records asked for at a time.
    batch: usize,
    def: Vec<i16>,
    rep: Vec<i16>,
    values: Values,
    levels: usize,
    at: usize,
    value: usize,
    /// Nothing of the record at hand was taken yet.
    fresh: bool,
    /// The column's lists are not as long as those beside it.
    pub uneven: bool,
}

impl Leaf {
    pub fn new(descr: ColumnDescPtr, chunk: Chunk, chained: bool) -> Self {
        let values = match descr.physical_type() {
            Type::BOOLEAN => Values::Bool(Vec::new()),
            Type::INT32 => Values::I32(Vec::new()),
            Type::INT64 => Values::I64(Vec::new()),
            Type::INT96 => Values::I96(Vec::new()),
            Type::FLOAT => Values::F32(Vec::new()),
            Type::DOUBLE => Values::F64(Vec::new()),
            Type::BYTE_ARRAY => Values::Bytes(Vec::new()),
            Type::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
        };
        Self {
            kind: Kind::of(&descr),
            max_def: descr.max_def_level(),
            max_rep: descr.max_rep_level(),
            batch: if chained { 32 } else { 512 },
            reader: get_column_reader(descr, Box::new(Pages::new(chunk))),
            def: Vec::new(),
            rep: Vec::new(),
            values,
            levels: 0,
            at: 0,
            value: 0,
            fresh: true,
            uneven: false,
        }
    }

    /// Another record begins. What is left of the last one does not belong anywhere.
    pub fn begin(&mut self) -> Result<()> {
        self.fresh = false;
        while self.peek()?.is_some() {
            self.uneven = true;
            self.at += 1;
        }
        self.fresh = true;
        Ok(())
    }

    /// Definition and repetition level of the next value of this record. `None`: the record has no more here.
    pub fn peek(&mut self) -> Result<Option<(i16, i16)>> {
        if self.at == self.levels {
            self.fill()?;
        }
        if self.at == self.levels {
            return Ok(None);
        }
        let def = self.def.get(self.at).copied().unwrap_or(self.max_def);
        let rep = self.rep.get(self.at).copied().unwrap_or(0);
        Ok((self.fresh || rep > 0).then_some((def, rep)))
    }

    /// The next value of this record.
    pub fn take(&mut self) -> Result<Value<'static>> {
        let Some((def, _)) = self.peek()? else {
            self.uneven |= !self.fresh;
            return Ok(Value::Null);
        };
        self.fresh = false;
        self.at += 1;
        if def < self.max_def {
            return Ok(Value::Null);
        }
        let at = self.value;
        self.value += 1;
        let scalar = match &self.values {
            Values::Bool(v) => v.get(at).map(|v| Scalar::Bool(*v)),
            Values::I32(v) => v.get(at).map(|v| Scalar::Int(i64::from(*v))),
            Values::I64(v) => v.get(at).map(|v| Scalar::Int(*v)),
            Values::I96(v) => v.get(at).map(Scalar::I96),
            Values::F32(v) => v.get(at).map(|v| Scalar::F32(*v)),
            Values::F64(v) => v.get(at).map(|v| Scalar::F64(*v)),
            Values::Bytes(v) => v.get(at).map(|v| Scalar::Bytes(v.data())),
            Values::Fixed(v) => v.get(at).map(|v| Scalar::Bytes(v.data())),
        };
        Ok(scalar.map_or(Value::Null, |scalar| self.kind.render(scalar)))
    }

    /// Whether the column has ended.
    pub fn ended(&mut self) -> Result<bool> {
        if self.at == self.levels {
            self.fill()?;
        }
        Ok(self.at == self.levels)
    }

    fn fill(&mut self) -> Result<()> {
        (self.at, self.value, self.levels) = (0, 0, 0);
        self.def.clear();
        self.rep.clear();
        let (batch, def, rep) = (self.batch, &mut self.def, &mut self.rep);
        let (reader, values) = (&mut self.reader, &mut self.values);
        macro_rules! read {
            ($($reader:ident $values:ident)*) => {
                match (reader, values) {
                    $((ColumnReader::$reader(reader), Values::$values(values)) => {
                        values.clear();
                        reader.read_records(batch, Some(def), Some(rep), values)
                    })*
                    _ => Err(ParquetError::General("a column of another type".to_owned())),
                }
            };
        }
        // The decoders trust the bytes more than a stranger's file deserves.
        let read = catch_unwind(AssertUnwindSafe(|| {
            read!(
                BoolColumnReader Bool
                Int32ColumnReader I32
                Int64ColumnReader I64
                Int96ColumnReader I96
                FloatColumnReader F32
                DoubleColumnReader F64
                ByteArrayColumnReader Bytes
                FixedLenByteArrayColumnReader Fixed
            )
        }));
        let (records, _, levels) = read.unwrap_or_else(|_| {
            Err(ParquetError::General("its values make no sense".to_owned()))
        })?;
        self.levels = if self.max_def == 0 && self.max_rep == 0 {
            records
        } else {
            levels
        };
        Ok(())
    }
}
