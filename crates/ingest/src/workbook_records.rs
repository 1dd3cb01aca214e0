//! Records of a workbook: rows of one sheet, or of several with the same columns.

use crate::cells::CellWriter;
use crate::compression::UnpackError;
use crate::format::SheetPlan;
use crate::number::Decimal;
use crate::options::Limits;
use crate::record::Place;
use crate::record_source::RecordSource;
use crate::splitter::Raw;
use crate::workbook::{Package, SheetCell, SheetRow, SheetRows};

pub(crate) struct WorkbookRecords {
    package: Package,
    plans: Vec<SheetPlan>,
    width: usize,
    decimals: Vec<Decimal>,
    limits: Limits,
    writer: CellWriter,
    at: usize,
    rows: Option<SheetRows>,
    read: u64,
    written: u64,
}

impl WorkbookRecords {
    pub fn new(
        package: Package,
        plans: Vec<SheetPlan>,
        width: usize,
        decimals: Vec<Decimal>,
        limits: Limits,
    ) -> Self {
        Self {
            package,
            plans,
            width,
            decimals,
            limits,
            writer: CellWriter::default(),
            at: 0,
            rows: None,
            read: 0,
            written: 0,
        }
    }

    fn row(&mut self) -> Result<Option<(String, usize, SheetRow)>, UnpackError> {
        loop {
            let Some(plan) = self.plans.get(self.at) else {
                return Ok(None);
            };
            if self.rows.is_none() {
                let sheet = self
                    .package
                    .sheets
                    .iter()
                    .find(|s| s.name == plan.name)
                    .ok_or_else(|| {
                        UnpackError::Broken(format!("it has no sheet called {}", plan.name))
                    })?;
                self.rows = Some(SheetRows::new(&self.package, sheet, self.limits)?);
            }
            let Some(rows) = &mut self.rows else {
                return Ok(None);
            };
            match rows.next(&self.package)? {
                Some(row) if row.row < plan.first_row => {}
                Some(row) => return Ok(Some((plan.name.clone(), plan.first_column, row))),
                None => {
                    self.read += rows.consumed();
                    self.rows = None;
                    self.at += 1;
                }
            }
        }
    }

    fn write(&mut self, row: &SheetRow, first: usize) {
        self.writer.begin();
        let blank = SheetCell::default();
        for at in 0..self.width {
            let cell = row.cells.get(first + at).unwrap_or(&blank);
            if cell.number && self.decimals.get(at) == Some(&Decimal::Comma) {
                self.writer.cell(&cell.text.replace('.', ","));
            } else {
                self.writer.cell(&cell.text);
            }
        }
        self.writer.end();
        // What stands beside the table is no part of it, and is not lost.
        for (at, cell) in row.cells.iter().enumerate() {
            let beside = at < first || at >= first + self.width;
            if beside && !cell.text.trim().is_empty() {
                let name = format!("column {}", at + 1);
                self.writer.more(&name, &cell.text);
            }
        }
    }
}

impl RecordSource for WorkbookRecords {
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        raw.clear();
        raw.byte_start = 0;
        raw.byte_end = 0;
        let Some((sheet, first, row)) = self.row()? else {
            return Ok(false);
        };
        self.write(&row, first);
        self.written += self.writer.text.len() as u64;
        if self.written > self.limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        raw.line_no = row.row;
        raw.sound = true;
        raw.end = self.writer.end;
        raw.place = Some(Place::Sheet {
            sheet,
            row: row.row,
        });
        std::mem::swap(&mut raw.cells, &mut self.writer.cells);
        std::mem::swap(&mut raw.more, &mut self.writer.more);
        Ok(true)
    }

    fn text(&self, _raw: &Raw) -> &[u8] {
        self.writer.text.as_bytes()
    }

    fn consumed(&self) -> u64 {
        self.read + self.rows.as_ref().map_or(0, SheetRows::consumed)
    }

    fn offset(&self) -> u64 {
        0
    }
}
