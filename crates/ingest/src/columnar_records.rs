//! Records of a Parquet file, row group by row group.

use crate::cells::CellWriter;
use crate::columnar::{Columnar, Leaf};
use crate::compression::UnpackError;
use crate::json::Value;
use crate::number::Decimal;
use crate::options::Limits;
use crate::record::Place;
use crate::record_source::RecordSource;
use crate::splitter::Raw;
use crate::tree::{Columns, TreeLayout, write_row};

pub(crate) struct ColumnarRecords {
    file: Columnar,
    length: u64,
    layout: TreeLayout,
    columns: Columns,
    decimals: Vec<Decimal>,
    limits: Limits,
    writer: CellWriter,
    group: usize,
    leaves: Vec<Leaf>,
    /// Of the row group at hand, from 0.
    row: u64,
    /// Rows of the whole file so far.
    rows: u64,
    /// Rows of the whole file.
    total: u64,
    /// A row whose items are handed out one by one.
    open: Option<(Value<'static>, usize, usize)>,
    written: u64,
}

impl ColumnarRecords {
    pub fn new(
        file: Columnar,
        length: u64,
        layout: TreeLayout,
        columns: &[String],
        decimals: Vec<Decimal>,
        limits: Limits,
    ) -> Result<Self, UnpackError> {
        let total = (0..file.row_groups()).map(|g| file.rows(g)).sum();
        let mut records = Self {
            file,
            length,
            layout,
            columns: Columns::new(columns),
            decimals,
            limits,
            writer: CellWriter::default(),
            group: 0,
            leaves: Vec::new(),
            row: 0,
            rows: 0,
            total,
            open: None,
            written: 0,
        };
        records.enter()?;
        Ok(records)
    }

    fn enter(&mut self) -> Result<(), UnpackError> {
        self.row = 0;
        let some = self.group < self.file.row_groups() && self.file.rows(self.group) > 0;
        self.leaves = if some {
            self.file
                .group(self.group)
                .map_err(|e| UnpackError::Broken(e.to_string()))?
        } else {
            Vec::new()
        };
        Ok(())
    }

    fn broken(&self, reason: &str) -> UnpackError {
        UnpackError::Broken(format!(
            "row {} of row group {} cannot be read, {reason}",
            self.row + 1,
            self.group + 1
        ))
    }

    fn count(&mut self) -> Result<(), UnpackError> {
        self.written += self.writer.text.len() as u64;
        if self.written > self.limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        Ok(())
    }

    fn hold(&mut self, raw: &mut Raw) {
        raw.line_no = self.rows;
        raw.sound = true;
        raw.end = self.writer.end;
        raw.group = self.rows;
        raw.place = Some(Place::Parquet {
            row_group: self.group as u64,
            row: self.row - 1,
        });
        std::mem::swap(&mut raw.cells, &mut self.writer.cells);
        std::mem::swap(&mut raw.more, &mut self.writer.more);
    }

    fn hand_out(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        let Some((value, next, count)) = &mut self.open else {
            return Ok(false);
        };
        let leaves = self.layout.row(value, *next);
        write_row(&leaves, &self.columns, &self.decimals, &mut self.writer);
        *next += 1;
        if next == count {
            self.open = None;
        }
        self.count()?;
        self.hold(raw);
        Ok(true)
    }
}

impl RecordSource for ColumnarRecords {
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        raw.clear();
        raw.byte_start = 0;
        raw.byte_end = 0;
        if self.hand_out(raw)? {
            return Ok(true);
        }
        while self.group < self.file.row_groups() && self.row == self.file.rows(self.group) {
            self.group += 1;
            self.enter()?;
        }
        if self.group >= self.file.row_groups() {
            return Ok(false);
        }
        let value = match self.file.record(&mut self.leaves) {
            Ok(Some(value)) => value,
            Ok(None) => return Err(self.broken("its row group ends early")),
            Err(reason) => return Err(self.broken(&reason)),
        };
        self.row += 1;
        self.rows += 1;
        if self.layout.items.is_some() {
            let value = value.into_owned();
            let count = self.layout.count(&value);
            self.open = Some((value, 0, count));
            return self.hand_out(raw);
        }
        let leaves = self.layout.row(&value, 0);
        write_row(&leaves, &self.columns, &self.decimals, &mut self.writer);
        self.count()?;
        self.hold(raw);
        Ok(true)
    }

    fn text(&self, _raw: &Raw) -> &[u8] {
        self.writer.text.as_bytes()
    }

    /// Of the rows, in bytes of the file: pages of a column are read far apart.
    fn consumed(&self) -> u64 {
        let share = u128::from(self.rows) * u128::from(self.length) / u128::from(self.total.max(1));
        u64::try_from(share).unwrap_or(self.length)
    }

    fn offset(&self) -> u64 {
        0
    }
}
