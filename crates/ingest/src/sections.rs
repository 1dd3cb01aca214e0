//! Files that hold several tables, one below the other: which lines belong to the one that is read.
//!
//! A header in the middle of a file begins another table. Where it has the columns that matter, in whatever order, the
//! rows below it are read as well; else they are refused, so that no row is read by the columns of another table.

use crate::field::Field;
use crate::header::normalise;
use crate::moment::{self, DateFormat};
use crate::number;
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

/// Whether a row with so many names of the table's own header is that header. One with other names between them is the
/// header of something else.
pub(crate) fn is_repeated(same: usize, filled: usize) -> bool {
    same >= 2 && (filled - same) * 4 <= filled
}

/// Tells rows of a sample apart that belong to another table.
pub(crate) struct Watch<'a> {
    /// Names of the table's own columns.
    own: &'a [String],
    other: bool,
    /// By its names, not only by where it stands.
    surely: bool,
    apart: bool,
    /// Which cells of the table's rows have digits.
    shape: Vec<bool>,
}

impl<'a> Watch<'a> {
    pub fn new(own: &'a [String]) -> Self {
        Self {
            own,
            other: false,
            surely: false,
            apart: false,
            shape: Vec::new(),
        }
    }

    pub fn is_other<T: AsRef<str>>(&mut self, texts: &[T]) -> bool {
        let texts = || texts.iter().map(AsRef::as_ref);
        let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
        let digits: Vec<bool> = texts().map(has_digit).collect();
        if digits.contains(&true) {
            self.apart = false;
            // A row of the usual shape: what stood above it was a bad row.
            self.other &= self.surely || digits != self.shape;
            if !self.other {
                self.shape = digits;
            }
            return self.other;
        }
        let filled = texts().filter(|text| !text.trim().is_empty()).count();
        let own = texts().zip(self.own);
        let same = own.filter(|(text, name)| !text.trim().is_empty() && normalise(text) == **name);
        if is_repeated(same.count(), filled) {
            (self.other, self.surely, self.apart) = (false, false, false);
            return true;
        }
        self.surely |= is_header(texts(), false);
        self.other |= self.surely || is_header(texts(), self.apart);
        self.apart = filled <= 1;
        self.other
    }
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
    /// Below another header: the column of each of the table's columns, and the others by name.
    Mapped(Vec<Option<usize>>, Vec<(String, usize)>),
    /// Below the header of another table, which stands in this line. `surely`: its names say so; else it may have been
    /// a bad row below an empty line.
    Other { line: u64, surely: bool },
}

impl Sections {
    pub fn is_own(&self) -> bool {
        matches!(self.now, Now::Own)
    }

    /// Puts the cells of a row of the same kind where the table has them. An error: the row is of another table.
    pub fn place(
        &mut self,
        cells: &mut Vec<Cell>,
        more: &mut Vec<(String, Cell)>,
    ) -> Result<(), Fault> {
        match &self.now {
            Now::Own => Ok(()),
            Now::Other { line, .. } => Err(other_table(*line)),
            // A row of another width than its header is refused by the table's own.
            Now::Mapped(columns, others)
                if cells.len() != others.len() + columns.iter().flatten().count() =>
            {
                cells.truncate(1);
                Ok(())
            }
            Now::Mapped(columns, others) => {
                let empty = Cell {
                    start: 0,
                    end: 0,
                    escaped: false,
                };
                let of = |at: &Option<usize>| at.and_then(|at| cells.get(at)).copied();
                self.cells.clear();
                self.cells
                    .extend(columns.iter().map(|at| of(at).unwrap_or(empty)));
                let others = others
                    .iter()
                    .filter_map(|(name, at)| Some((name, cells.get(*at)?)));
                more.extend(others.map(|(name, cell)| (name.clone(), *cell)));
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
    pub fn refused(
        &mut self,
        texts: &[&str],
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
            let others = (0..names.len()).filter(|at| !found.contains(&Some(*at)));
            let named = |at: usize| (texts.get(at).map_or("", |t| t.trim()).to_owned(), at);
            let others = others.map(named).collect();
            self.now = Now::Mapped(found, others);
            return Some(header_row("This row is the header of the rows below it."));
        }
        self.now = Now::Other {
            line,
            surely: is_header(texts.iter().copied(), false),
        };
        Some(other_table(line))
    }

    /// Whether the row can only be one of the table's after all.
    pub fn returns(&mut self, texts: &[&str], columns: &[PlanColumn]) -> bool {
        if !matches!(self.now, Now::Other { surely: false, .. }) || texts.len() != columns.len() {
            return false;
        }
        let fits = |(column, text): (&PlanColumn, &&str)| match column.field {
            Some(Field::Date) => {
                moment::parse(text, column.date.unwrap_or(DateFormat::Iso)).is_some()
            }
            Some(field) if field.money() || field == Field::Quantity => {
                number::parse(text, column.decimal).is_some()
            }
            _ => true,
        };
        let dated = columns.iter().any(|c| c.field == Some(Field::Date));
        let returns = dated && columns.iter().zip(texts).all(fits);
        if returns {
            self.now = Now::Own;
        }
        returns
    }

    /// Whether the table's own header stands here again.
    pub fn repeats(&mut self, texts: &[&str], header: &[String]) -> bool {
        let filled = texts.iter().filter(|t| !t.trim().is_empty()).count();
        let same = texts
            .iter()
            .zip(header)
            .filter(|(text, name)| !text.trim().is_empty() && normalise(text) == **name)
            .count();
        let repeats = is_repeated(same, filled);
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
