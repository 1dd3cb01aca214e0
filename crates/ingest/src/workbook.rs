//! Excel workbooks (.xlsx), read as a stream: sheets are never held whole, and what must be (shared texts, styles)
//! has a limit.

mod cell;
mod package;
mod sheet;
mod xml;

pub(crate) use package::{Package, is_workbook};
pub(crate) use sheet::{SheetCell, SheetRow, SheetRows};
