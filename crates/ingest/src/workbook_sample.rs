//! Which sheet of a workbook holds the table, and where on it the table stands.

use crate::access::Shared;
use crate::cells;
use crate::compression::UnpackError;
use crate::detect::Seen;
use crate::error::NotImportable;
use crate::field::Field;
use crate::format::{Format, SheetPlan};
use crate::header::{fingerprint, normalise};
use crate::inspect::{assume, yes_no};
use crate::inspection::{Choice, Question, Reading};
use crate::mapping;
use crate::measures;
use crate::options::{Limits, Options};
use crate::profile::Profile;
use crate::sections::Watch;
use crate::sniff::{Row, locate};
use crate::source::Source;
use crate::workbook::{Package, SheetRow, SheetRows};

/// Looked at of each sheet, and of all of them together.
const ROWS: usize = 1500;
const CELLS: usize = 300_000;
const SHEETS: usize = 40;

/// The beginning of a sheet.
#[derive(Clone, Debug)]
pub(crate) struct SheetSample {
    name: String,
    rows: Vec<SheetRow>,
    hidden: bool,
}

pub(crate) fn sample(file: Shared, limits: &Limits) -> Result<Vec<SheetSample>, UnpackError> {
    let package = Package::open(file, limits)?;
    let mut samples = Vec::new();
    let mut room = CELLS;
    for sheet in package.sheets.iter().take(SHEETS) {
        let mut rows = SheetRows::new(&package, sheet, *limits)?;
        let mut found = Vec::new();
        // Every sheet is seen, however long the ones before it.
        let mut here = (CELLS / 4).min(room);
        while found.len() < ROWS && here > 0 {
            let Some(row) = rows.next(&package)? else {
                break;
            };
            here = here.saturating_sub(row.cells.len());
            room = room.saturating_sub(row.cells.len());
            found.push(row);
        }
        samples.push(SheetSample {
            name: sheet.name.clone(),
            rows: found,
            hidden: sheet.hidden,
        });
    }
    Ok(samples)
}

/// A sheet whose table was found.
struct Candidate<'a> {
    sample: &'a SheetSample,
    plan: SheetPlan,
    names: Vec<String>,
    profiles: Vec<Profile>,
    kept: Vec<Vec<String>>,
    preamble: u64,
    header: Option<u64>,
    rows: usize,
    fits: bool,
}

pub(crate) fn detect(sheets: &[SheetSample], options: &Options) -> Result<Seen, NotImportable> {
    let header = yes_no(options, "header")?;
    let mut candidates: Vec<Candidate<'_>> = sheets
        .iter()
        .filter_map(|sheet| candidate(sheet, header))
        .collect();
    if candidates.is_empty() {
        return Err(if sheets.iter().any(|s| !s.rows.is_empty()) {
            NotImportable::NotATable
        } else {
            NotImportable::NoRecords
        });
    }
    let mut questions = Vec::new();
    let mut assumptions = Vec::new();
    if let Some(answer) = options.decisions.get("sheet") {
        candidates.retain(|c| c.sample.name == *answer);
        if candidates.is_empty() {
            return Err(NotImportable::BadDecision {
                key: "sheet".to_owned(),
                value: answer.clone(),
                expected: "There is no such sheet with a table on it.".to_owned(),
            });
        }
    }
    let any_shown = candidates.iter().any(|c| !c.sample.hidden && c.fits);
    let fitting: Vec<usize> = (0..candidates.len())
        .filter(|at| {
            candidates
                .get(*at)
                .is_some_and(|c| c.fits && (!c.sample.hidden || !any_shown))
        })
        .collect();
    let largest = |of: &[usize]| {
        of.iter()
            .copied()
            .max_by_key(|at| candidates.get(*at).map_or(0, |c| c.rows * c.names.len()))
            .unwrap_or(0)
    };
    let everything: Vec<usize> = (0..candidates.len()).collect();
    let chosen = match fitting.as_slice() {
        [] => largest(&everything),
        [one] => *one,
        several => {
            let prints: Vec<String> = several
                .iter()
                .filter_map(|at| candidates.get(*at))
                .map(|c| fingerprint(&c.names))
                .collect();
            let same = prints.windows(2).all(|pair| pair.first() == pair.last());
            if same {
                let names: Vec<&str> = several
                    .iter()
                    .filter_map(|at| candidates.get(*at))
                    .map(|c| c.sample.name.as_str())
                    .collect();
                assumptions.push(assume(
                    "sheets",
                    format!(
                        "{} sheets have the same columns and are read one after another: {}.",
                        names.len(),
                        names.join(", ")
                    ),
                ));
            } else {
                questions.push(question(several, &candidates));
            }
            largest(several)
        }
    };
    let together: Vec<SheetPlan> = if questions.is_empty() && fitting.len() > 1 {
        fitting
            .iter()
            .filter_map(|at| candidates.get(*at))
            .map(|c| c.plan.clone())
            .collect()
    } else {
        candidates
            .get(chosen)
            .map(|c| c.plan.clone())
            .into_iter()
            .collect()
    };
    if chosen >= candidates.len() {
        return Err(NotImportable::NotATable);
    }
    let candidate = candidates.swap_remove(chosen);
    if candidate.names.len() > options.limits.columns {
        return Err(NotImportable::TooManyColumns {
            columns: candidate.names.len(),
            limit: options.limits.columns,
        });
    }
    if candidate.rows == 0 {
        return Err(NotImportable::NoData);
    }
    let mut dialect = cells::dialect(candidate.names.len());
    dialect.preamble_lines = candidate.preamble;
    dialect.header_line = candidate.header;
    Ok(Seen {
        format: Format::Workbook { sheets: together },
        encoding: encoding_rs::UTF_8.name().to_owned(),
        encoding_confidence: 1.0,
        bom: 0,
        dialect,
        confidence: 1.0,
        names: candidate.names,
        profiles: candidate.profiles,
        rows: candidate.kept,
        table_above: false,
        questions,
        assumptions,
    })
}

fn question(several: &[usize], candidates: &[Candidate<'_>]) -> Question {
    Question {
        id: "sheet".to_owned(),
        message: "Which sheet holds the orders?".to_owned(),
        column: None,
        options: several
            .iter()
            .filter_map(|at| candidates.get(*at))
            .map(|c| Choice {
                value: c.sample.name.clone(),
                label: c.sample.name.clone(),
                readings: c
                    .names
                    .iter()
                    .zip(&c.profiles)
                    .filter_map(|(name, profile)| {
                        Some(Reading {
                            raw: name.clone(),
                            read: profile.samples.first()?.clone(),
                        })
                    })
                    .take(3)
                    .collect(),
            })
            .collect(),
    }
}

fn candidate(sample: &SheetSample, header: Option<bool>) -> Option<Candidate<'_>> {
    let filled = |row: &SheetRow| {
        row.cells
            .iter()
            .filter(|c| !c.text.trim().is_empty())
            .count()
    };
    let last = |row: &SheetRow| row.cells.iter().rposition(|c| !c.text.trim().is_empty());
    let first = |row: &SheetRow| row.cells.iter().position(|c| !c.text.trim().is_empty());
    // The fullest of the first rows is the table's; notes above and beside it are not.
    let fullest = sample.rows.iter().take(60).max_by_key(|row| filled(row))?;
    let full = filled(fullest);
    let of_table: Vec<&SheetRow> = sample
        .rows
        .iter()
        .filter(|row| filled(row) * 2 > full)
        .collect();
    let start = of_table.iter().filter_map(|row| first(row)).min()?;
    let mut ends: Vec<usize> = of_table.iter().filter_map(|row| last(row)).collect();
    ends.sort_unstable();
    let end = *ends.get(ends.len().saturating_sub(1) * 9 / 10)?;
    let end = end.max(last(fullest)?);
    let width = end + 1 - start;
    let rows: Vec<Row> = sample
        .rows
        .iter()
        .map(|row| Row {
            cells: (start..=end)
                .map(|at| {
                    row.cells
                        .get(at)
                        .map(|c| c.text.clone())
                        .unwrap_or_default()
                })
                .collect(),
            line: row.row,
        })
        .collect();
    let mut dialect = cells::dialect(width);
    let names = locate(&rows, &mut dialect, header)?;
    let first_row = dialect
        .header_line
        .map_or(dialect.preamble_lines + 1, |line| line + 1);
    let mut profiles = vec![Profile::default(); names.len()];
    let (mut count, mut kept) = (0, Vec::new());
    let own: Vec<String> = names.iter().map(|name| normalise(name)).collect();
    let mut watch = Watch::new(&own);
    let mut before = first_row;
    for row in sample.rows.iter().filter(|row| row.row >= first_row) {
        let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text.as_str());
        let texts: Vec<&str> = (start..start + names.len()).map(text).collect();
        // Empty rows are not among those of the sample.
        if row.row > before + 1 {
            watch.is_other::<&str>(&[]);
        }
        before = row.row;
        if watch.is_other(&texts) {
            continue;
        }
        if kept.len() < measures::ROWS && filled(row) > 0 {
            let text = |at: usize| {
                row.cells
                    .get(at)
                    .map(|c| c.text.clone())
                    .unwrap_or_default()
            };
            kept.push((start..start + names.len()).map(text).collect());
        }
        count += usize::from(filled(row) > 0);
        for (at, profile) in profiles.iter_mut().enumerate() {
            match row.cells.get(start + at) {
                Some(cell) if cell.number => profile.feed_number(&cell.text),
                Some(cell) => profile.feed(&cell.text),
                None => {}
            }
        }
    }
    Some(Candidate {
        sample,
        plan: SheetPlan {
            name: sample.name.clone(),
            first_row,
            first_column: start,
        },
        fits: count > 0 && fits(&names, &profiles),
        preamble: dialect.preamble_lines,
        header: dialect.header_line,
        rows: count,
        names,
        profiles,
        kept,
    })
}

/// Whether the columns are those of orders: a date and an amount.
pub(crate) fn fits(names: &[String], profiles: &[Profile]) -> bool {
    let normal: Vec<String> = names.iter().map(|n| normalise(n)).collect();
    if Source::of(&normal) != Source::Generic {
        return true;
    }
    let found: Vec<Field> = mapping::assign(&normal, profiles)
        .into_iter()
        .filter_map(|m| m.field)
        .collect();
    let amounts = [
        Field::UnitPrice,
        Field::LineTotal,
        Field::LineGross,
        Field::OrderTotal,
    ];
    found.contains(&Field::Date) && found.iter().any(|f| amounts.contains(f))
}
