//! Files that hold several tables, one below the other: which lines belong to the one that is read.
//!
//! A header in the middle of a file begins another table. Where it has the columns that matter, in whatever order, the
//! rows below it are read as well; else they are refused, so that no row is read by the columns of another table.

use crate::field::Field;
use crate::header::normalise;
use crate::plan::PlanColumn;
use crate::record::{RejectCode, params};
use crate::row::Fault;
use crate::sniff::{known, value_like};
use crate::split::Cell;
use rustc_hash::FxHashSet;

/// Names of fields that make a row of words a header.
const NAMES: usize = 2;
/// Words without a gap that make one below an empty line.
const WORDS: usize = 3;

/// Whether a row that is none of the table's is the header of another. `apart`: nothing, or a title, stands above it.
pub(crate) fn is_header<'a>(cells: impl Iterator<Item = &'a str> + Clone, apart: bool) -> bool {
    let words = || cells.clone().map(str::trim).filter(|cell| !cell.is_empty());
    let count = words().count();
    if count < 2 || words().any(|cell| cell.bytes().any(|b| b.is_ascii_digit()) || value_like(cell))
    {
        return false;
    }
    let mut seen = FxHashSet::default();
    if !words().all(|word| seen.insert(word.to_lowercase())) {
        return false;
    }
    let names: Vec<String> = words().map(normalise).collect();
    let known = known(&names);
    let first = cells.clone().position(|cell| !cell.trim().is_empty());
    let last = cells
        .clone()
        .enumerate()
        .filter(|(_, cell)| !cell.trim().is_empty())
        .map(|(at, _)| at)
        .last();
    let gapless = first.zip(last).is_some_and(|(f, l)| l - f + 1 == count);
    known >= NAMES && known * 3 >= count || apart && gapless && count >= WORDS
}

/// Where the reader stands.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    now: Now,
    /// The row before was empty, or a title.
    apart: bool,
    cells: Vec<Cell>,
}

#[derive(Debug, Default)]
enum Now {
    /// Below the header that the plan was made of.
    #[default]
    Own,
    /// Below another header: the column of each of the table's columns.
    Mapped(Vec<Option<usize>>),
    /// Below the header of another table, which stands in this line.
    Other(u64),
}

impl Sections {
    pub fn is_own(&self) -> bool {
        matches!(self.now, Now::Own)
    }

    /// Puts the cells of a row of the same kind where the table has them. An error: the row is of another table.
    pub fn place(&mut self, cells: &mut Vec<Cell>) -> Result<(), Fault> {
        match &self.now {
            Now::Own => Ok(()),
            Now::Other(line) => Err(other_table(*line)),
            Now::Mapped(columns) => {
                let empty = Cell {
                    start: 0,
                    end: 0,
                    escaped: false,
                };
                let of = |at: &Option<usize>| at.and_then(|at| cells.get(at)).copied();
                self.cells.clear();
                self.cells
                    .extend(columns.iter().map(|at| of(at).unwrap_or(empty)));
                std::mem::swap(cells, &mut self.cells);
                Ok(())
            }
        }
    }

    /// After a row that was taken.
    pub fn taken(&mut self) {
        self.apart = false;
    }

    pub fn blank(&mut self) {
        self.apart = true;
    }

    /// After a row that is no data: a title stands above a table as an empty line does.
    pub fn note(&mut self, texts: &[&str]) {
        let filled = texts.iter().filter(|t| !t.trim().is_empty()).count();
        self.apart |= filled <= 1;
    }

    /// Looks at a row that is no row of the table. An answer: it is the header of another one.
    pub fn refused<'a>(
        &mut self,
        texts: &[&'a str],
        header: &[String],
        columns: &[PlanColumn],
        line: u64,
    ) -> Option<Fault> {
        let apart = self.apart;
        let filled = texts.iter().filter(|t| !t.trim().is_empty()).count();
        self.apart = filled <= 1;
        if self.repeats(texts, header) || !is_header(texts.iter().copied(), apart) {
            return None;
        }
        let names: Vec<String> = texts.iter().map(|text| normalise(text)).collect();
        let found: Vec<Option<usize>> = header
            .iter()
            .map(|name| names.iter().position(|n| n == name))
            .collect();
        let needed = |field: Field| {
            matches!(
                field,
                Field::OrderId
                    | Field::Date
                    | Field::Quantity
                    | Field::UnitPrice
                    | Field::LineGross
                    | Field::LineTotal
                    | Field::OrderTotal
                    | Field::Currency
                    | Field::Status
            ) || field.beside_orders()
        };
        let has_all = columns
            .iter()
            .zip(&found)
            .all(|(column, at)| at.is_some() || !column.field.is_some_and(needed));
        if has_all && found.iter().flatten().count() >= NAMES {
            self.now = Now::Mapped(found);
            return Some(header_row("This row is the header of the rows below it."));
        }
        self.now = Now::Other(line);
        Some(other_table(line))
    }

    /// Whether the table's own header stands here again.
    pub fn repeats(&mut self, texts: &[&str], header: &[String]) -> bool {
        let filled = texts.iter().filter(|t| !t.trim().is_empty()).count();
        let same = texts
            .iter()
            .zip(header)
            .filter(|(text, name)| !text.trim().is_empty() && normalise(text) == **name)
            .count();
        let repeats = same >= 2 && same * 2 >= filled;
        if repeats {
            self.now = Now::Own;
        }
        repeats
    }
}

pub(crate) fn header_row(message: &str) -> Fault {
    Fault::of_record(
        RejectCode::NotData,
        params([("what", "header")]),
        message,
        "Nothing needs to be done.",
    )
}

fn other_table(line: u64) -> Fault {
    Fault::of_record(
        RejectCode::OtherTable,
        params([("line", &line.to_string())]),
        format!("This row belongs to another table in the file, which begins in line {line}."),
        "Put that table into a file of its own if it is to be imported.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_header() {
        let is = |row: &str, apart| is_header(row.split(','), apart);
        assert!(is("Date,Product,Amount", false));
        assert!(is("Product,Pieces,Revenue,Share,Rank,Trend", true));
        assert!(is("Month,Visitors,Bounce", true));
        assert!(!is("Month,Visitors,Bounce", false));
        assert!(!is("Total,,,3,,50.00", true));
        assert!(!is("2026-01-04,Mug,Blue", true));
        assert!(!is("Prepared by,Ann", true));
        assert!(!is("A,B,A", true));
    }
}
