//! What is wrong with a record before its values are looked at, and what is no order at all.

use crate::assemble::Emit;
use crate::data_set::DataSet;
use crate::field::Field;
use crate::hash::{StableHash, passing};
use crate::header::normalise;
use crate::json::What;
use crate::plan::Plan;
use crate::record::{Params, RejectCode, WarningCode, params};
use crate::row::{Fault, Row};
use crate::sections::is_repeated;
use crate::splitter::Raw;

/// Fields without which a short row says too little.
const NEEDED: &[Field] = &[
    Field::Date,
    Field::OrderId,
    Field::Quantity,
    Field::UnitPrice,
    Field::LineTotal,
    Field::LineGross,
    Field::OrderTotal,
];

/// A row may be short of columns that say nothing, and may end in empty ones.
pub(crate) fn width(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    let (have, usual, columns) = (row.cells.len(), row.plan.width(), row.plan.columns.len());
    if have == usual || have == columns {
        return Ok(());
    }
    let fields = |n: usize| {
        if n == 1 {
            "1 field".to_owned()
        } else {
            format!("{n} fields")
        }
    };
    let counts = || {
        params([
            ("fields", &have.to_string()),
            ("columns", &usual.to_string()),
        ])
    };
    if have < usual {
        let of_data_set = row.plan.data_set.required();
        let needed = of_data_set
            .iter()
            .flat_map(|part| part.iter())
            .chain(NEEDED)
            .any(|f| row.layout.column(*f).is_some_and(|at| at >= have));
        if needed || have < 2 {
            return Err(Fault::of_record(
                RejectCode::TooFewFields,
                counts(),
                format!("This row has {}, the table has {usual}.", fields(have)),
                "Add the missing separators, so that each value stands in its column.",
            ));
        }
        emit.warn(
            WarningCode::ShortRow,
            None,
            counts(),
            format!(
                "This row has {}, the table has {usual}. The missing ones were taken as empty.",
                fields(have)
            ),
        );
    } else if have > columns {
        if (columns..have).any(|at| !row.cell(at).is_empty()) {
            return Err(Fault::of_record(
                RejectCode::TooManyFields,
                counts(),
                format!("This row has {}, the table has {usual}.", fields(have)),
                "Put quotation marks around values that contain the separator, or remove the extra ones.",
            ));
        }
        emit.warn(
            WarningCode::ExtraEmptyFields,
            None,
            counts(),
            format!(
                "This row has {}, the table has {usual}. The extra ones are empty.",
                fields(have)
            ),
        );
    }
    Ok(())
}

pub(crate) fn is_blank(row: Row<'_>) -> bool {
    // Rows with a value in the first column are nearly all there are.
    row.cells
        .iter()
        .enumerate()
        .all(|(at, cell)| cell.start == cell.end || row.cell(at).is_empty())
        && row.more.is_empty()
}

pub(crate) fn row_hash(row: Row<'_>) -> u64 {
    row.cells
        .iter()
        .chain(row.more.iter().map(|(_, cell)| cell))
        .fold(StableHash::default(), |hash, cell| {
            let field = row
                .text
                .get(cell.start as usize..cell.end as usize)
                .unwrap_or_default();
            hash.text(field)
        })
        .finish()
}

/// By what records are found that are equal in every field, whether their fields are quoted or not. Kept nowhere: what is
/// kept is [`row_hash`].
pub(crate) fn likeness(row: Row<'_>, joined: &mut String) -> u64 {
    if !row.more.is_empty() {
        return row_hash(row);
    }
    // Fields with one byte between each other: none of them is quoted, and the text is what they say.
    let end = row.cells.iter().try_fold(0, |at, cell| {
        (cell.start == at && !cell.escaped).then_some(cell.end + 1)
    });
    if end.is_some_and(|end| end as usize == row.text.len() + 1) {
        return passing(row.text.as_bytes());
    }
    let delimiter = char::from(row.plan.dialect.delimiter);
    joined.clear();
    for (at, cell) in row.cells.iter().enumerate() {
        let field = row.text.get(cell.start as usize..cell.end as usize);
        let field = field.unwrap_or_default();
        if cell.escaped || field.contains(delimiter) {
            return row_hash(row);
        }
        if at > 0 {
            joined.push(delimiter);
        }
        joined.push_str(field);
    }
    passing(joined.as_bytes())
}

/// Totals, notes and repeated headers are not orders with something wrong.
pub(crate) fn not_data(row: Row<'_>, header: &[String]) -> Option<Fault> {
    let fault = |what: &str, message: &str| {
        Some(Fault::of_record(
            RejectCode::NotData,
            params([("what", what)]),
            message,
            "Nothing needs to be done.",
        ))
    };
    let other = match row.plan.data_set {
        DataSet::Orders => "not an order",
        _ => "not data",
    };
    let cells = row.cells.len();
    let filled: Vec<usize> = (0..cells.min(200))
        .filter(|at| !row.cell(*at).is_empty())
        .collect();
    let repeats = filled
        .iter()
        .filter(|at| {
            header
                .get(**at)
                .is_some_and(|name| *name == normalise(&row.cell(**at)))
        })
        .count();
    if is_repeated(repeats, filled.len()) {
        return fault("header", "This row repeats the header.");
    }
    let first = filled.first().map(|at| row.cell(*at).to_lowercase())?;
    let word = first.trim_end_matches(':').trim();
    if is_total(word) || word.starts_with("total ") || word.starts_with("grand total") {
        return fault("total", &format!("This row is a total, {other}."));
    }
    if filled.len() == 1 && row.plan.columns.len() > 2 && !suffices(row, filled.first().copied()) {
        return fault("note", &format!("This row holds a note, {other}."));
    }
    None
}

const TOTALS: [&str; 34] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub total",
    "sub-total",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "endsumme",
    "totaux",
    "sous-total",
    "total général",
    "total general",
    "totale",
    "subtotale",
    "totaal",
    "subtotaal",
    "totales",
    "suma",
    "razem",
    "итого",
    "всего",
    "toplam",
    "合计",
    "总计",
    "小计",
    "合計",
    "總計",
    "小計",
    "المجموع",
    "الإجمالي",
];

fn is_total(word: &str) -> bool {
    let word = word.trim_end_matches(':').trim_end();
    TOTALS.iter().any(|total| total.eq_ignore_ascii_case(word))
}

/// A total among the lines may have a date and an amount, and would count a second time. It says what it is where a
/// line has its number; without numbers, its product.
pub(crate) fn total(row: Row<'_>) -> Option<Fault> {
    let says = |field: Field| is_total(&row.text(field));
    let found = if row.layout.has(Field::OrderId) {
        says(Field::OrderId)
    } else if !row.text(Field::ProductName).is_empty() {
        says(Field::ProductName) && row.text(Field::Sku).is_empty()
    } else {
        const BESIDE: [Field; 5] = [
            Field::Sku,
            Field::Category,
            Field::CustomerName,
            Field::CustomerId,
            Field::Channel,
        ];
        BESIDE.into_iter().any(says)
    };
    found.then(|| {
        Fault::of_record(
            RejectCode::NotData,
            params([("what", "total")]),
            "This row is a total, not an order.",
            "Nothing needs to be done.",
        )
    })
}

/// Whether a row can do with the value of this column alone.
fn suffices(row: Row<'_>, column: Option<usize>) -> bool {
    let is = |field: &Field| row.layout.column(*field) == column;
    match row.plan.data_set {
        DataSet::Orders => is(&Field::OrderId),
        other => other.required().iter().all(|part| part.iter().any(is)),
    }
}

pub(crate) fn damage(raw: &Raw) -> Fault {
    if raw.damage == Some(RejectCode::BadJson) {
        return bad_json(raw);
    }
    let (code, message, suggestion) = match raw.damage {
        Some(RejectCode::OrderMissing) => {
            return Fault::of_record(
                RejectCode::OrderMissing,
                params([("file", &raw.about)]),
                format!("The order of this line is not in {}.", raw.about),
                "Export both tables again at the same time, and upload them together.",
            );
        }
        Some(RejectCode::ItemsMissing) => (
            RejectCode::ItemsMissing,
            "This order has no lines in the table of lines.",
            "Export both tables again at the same time, and upload them together.",
        ),
        Some(RejectCode::SaidBefore) => (
            RejectCode::SaidBefore,
            "An earlier row of this table is about the same thing, and counts.",
            "Keep the row that is right, and remove the other one.",
        ),
        Some(RejectCode::MissingValue) => (
            RejectCode::MissingValue,
            "The value by which this row is looked up is missing.",
            "Fill it in, or remove the row.",
        ),
        Some(RejectCode::TooFewFields) => (
            RejectCode::TooFewFields,
            "This row has fewer fields than the table has columns.",
            "Add the missing separators, so that each value stands in its column.",
        ),
        Some(RejectCode::TooManyFields) => (
            RejectCode::TooManyFields,
            "This row has more fields than the table has columns.",
            "Put quotation marks around values that contain the separator, or remove the extra ones.",
        ),
        Some(RejectCode::InvalidEncoding) => (
            RejectCode::InvalidEncoding,
            "This record holds bytes that are no text.",
            "Save the file as UTF-8 and import it again.",
        ),
        Some(RejectCode::FieldTooLong) => (
            RejectCode::FieldTooLong,
            "A field of this row is longer than 1 MB.",
            "Perhaps a quotation mark was never closed, or the line ends are missing.",
        ),
        _ => (
            RejectCode::UnclosedQuote,
            "A quotation mark in this row is never closed, so its columns cannot be told apart.",
            "Close the quotation mark, or double it if it belongs to the text.",
        ),
    };
    Fault::of_record(code, Params::new(), message, suggestion)
}

fn bad_json(raw: &Raw) -> Fault {
    let shown = String::from_utf8_lossy(&raw.long);
    let (at, what) = raw
        .why
        .map_or((0, What::Unexpected), |why| (why.at, why.what));
    let before: Vec<char> = shown
        .get(..crate::sniff::floor(&shown, at))
        .unwrap_or_default()
        .chars()
        .collect();
    let near: String = before
        .iter()
        .skip(before.len().saturating_sub(30))
        .collect();
    let (reason, message) = match what {
        What::Ends => (
            "ends",
            "This record ends too early: a quotation mark or a bracket is never closed.".to_owned(),
        ),
        What::TooDeep => (
            "too_deep",
            format!(
                "This record nests more than {} levels deep.",
                crate::json::DEPTH
            ),
        ),
        What::Unexpected if near.is_empty() => ("unexpected", "This is no JSON.".to_owned()),
        What::Unexpected => (
            "unexpected",
            format!("This is no JSON: it goes wrong after \"{near}\"."),
        ),
    };
    Fault::of_record(
        RejectCode::BadJson,
        params([("reason", reason), ("near", &near)]),
        message,
        "Write it as JSON, with every text in quotation marks and every bracket closed.",
    )
}

pub(crate) fn undecodable(plan: &Plan) -> Fault {
    Fault::of_record(
        RejectCode::InvalidEncoding,
        params([("encoding", &plan.encoding)]),
        format!(
            "This row holds bytes that are no text in {}, the encoding of the rest of the file.",
            plan.encoding
        ),
        "Save the file as UTF-8 and import it again.",
    )
}

pub(crate) fn dropped() -> Fault {
    Fault::of_record(
        RejectCode::Duplicate,
        Params::new(),
        "This row is equal in every column to an earlier row, and such rows are dropped.",
        "Import without dropping duplicates to keep it.",
    )
}
