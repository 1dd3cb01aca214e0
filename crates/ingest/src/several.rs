//! Which of several tables in one text is read: that of orders, else the first that is long.

use crate::dialect::Dialect;
use crate::field::Field;
use crate::header::normalise;
use crate::sections::is_header;
use crate::sniff::Row;
use crate::source::Source;
use rustc_hash::FxHashMap;

/// Whether the lines above the table begin with a header and go on with rows of several values.
pub(crate) fn table_above(rows: &[Row], dialect: &Dialect) -> bool {
    let above = rows
        .iter()
        .take_while(|row| row.line <= dialect.preamble_lines);
    let mut above = above.skip_while(|row| !is_header(row.cells.iter().map(String::as_str), true));
    above.next().is_some() && above.filter(|row| row.filled() > 1).count() >= 2
}

/// The header of a table of orders further down, where the one that was found is of something else.
pub(crate) fn orders_header(rows: &[Row], found: usize) -> Option<usize> {
    let is_orders = |row: &Row| {
        let names: Vec<String> = row.cells.iter().map(|c| normalise(c)).collect();
        Source::of(&names) != Source::Generic || !days_and_amounts(&names).is_empty()
    };
    if rows.get(found).is_some_and(is_orders) {
        return None;
    }
    // A sheet without a header has rows of values from its first line on, and no other table below.
    let header = rows
        .get(found)
        .is_some_and(|row| is_header(row.cells.iter().map(String::as_str), true));
    (found + 1..rows.len()).find(|at| {
        let apart = at
            .checked_sub(1)
            .and_then(|at| rows.get(at))
            .is_some_and(|row| row.filled() <= 1);
        rows.get(*at).is_some_and(|row| {
            (apart || header)
                && is_header(row.cells.iter().map(String::as_str), apart)
                && is_orders(row)
                && rows.get(at + 1).is_some_and(|next| next.filled() > 1)
                && has_values(row, &rows[at + 1..])
        })
    })
}

/// Pairs of a column of days and one of amounts, by their names.
fn days_and_amounts(names: &[String]) -> Vec<(usize, usize)> {
    let amounts = [
        Field::UnitPrice,
        Field::LineTotal,
        Field::LineGross,
        Field::OrderTotal,
    ];
    let of = |fields: &[Field]| -> Vec<usize> {
        let is = |name: &String| {
            fields
                .iter()
                .any(|f| f.synonyms().iter().any(|s| name == s))
        };
        (0..names.len()).filter(|at| is(&names[*at])).collect()
    };
    let amounts = of(&amounts);
    of(&[Field::Date])
        .into_iter()
        .flat_map(|day| amounts.iter().map(move |amount| (day, *amount)))
        .collect()
}

/// Rows below a header that are looked at for a day and an amount.
const BELOW: usize = 20;

/// A report of gifts or meetings has a date and a value too: only where some row has both is it one of orders.
fn has_values(header: &Row, below: &[Row]) -> bool {
    let names: Vec<String> = header.cells.iter().map(|c| normalise(c)).collect();
    if Source::of(&names) != Source::Generic {
        return true;
    }
    let number = |row: &Row, at: usize| {
        row.cells
            .get(at)
            .is_some_and(|cell| cell.chars().any(char::is_numeric))
    };
    let pairs = days_and_amounts(&names);
    below.iter().take(BELOW).any(|row| {
        pairs
            .iter()
            .any(|(day, amount)| number(row, *day) && number(row, *amount))
    })
}

/// The header of a table with many rows above the found one, which is wider.
pub(crate) fn narrower(rows: &[Row], found: usize, width: usize) -> Option<usize> {
    let at = (0..found).find(|at| {
        rows.get(*at).is_some_and(|row| {
            row.cells.len() == width && is_header(row.cells.iter().map(String::as_str), true)
        })
    })?;
    let between = rows.get(at + 1..found)?;
    let filled = between.iter().filter(|row| row.filled() > 0).count();
    let in_extent = between.iter().filter(|row| row.filled() > 1).count();
    (filled >= LONG && in_extent >= 2).then_some(at)
}

/// More rows than notes above a table have.
const LONG: usize = 20;

/// How many fields most rows have directly below this one.
pub(crate) fn below(rows: &[Row], at: usize) -> Option<usize> {
    let mut widths: FxHashMap<usize, usize> = FxHashMap::default();
    for row in rows
        .iter()
        .skip(at + 1)
        .take(50)
        .take_while(|row| row.filled() > 0)
    {
        *widths.entry(row.cells.len()).or_default() += 1;
    }
    let most = widths
        .into_iter()
        .max_by_key(|(width, count)| (*count, *width))?;
    Some(most.0)
}
