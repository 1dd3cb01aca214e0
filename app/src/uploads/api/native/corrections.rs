//! What refused records have in common, and what is to be read instead.

use api::uploads::{Column, Fix, Note, Problem};
use backend::ingest::{Correction, Reject};
use std::cmp::Reverse;

/// Values offered for correction at a time: the others come up when these are read again.
const PROBLEMS: usize = 50;
/// Values in the messages of refused records are cut here, and one that was cut cannot be found again.
const WHOLE_VALUE: usize = 60;

/// The values at fault, those of most records first. An empty one is a fault of its record alone: what is
/// missing there says nothing about what is missing elsewhere.
pub fn problems(refused: &[Reject], columns: &[Column]) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    for reject in refused {
        let named = |name: &String| columns.iter().find(|c| c.name == *name);
        let Some(column) = reject.column.as_ref().and_then(named) else {
            continue;
        };
        let value = reject.params.get("value").map_or("", String::as_str).trim();
        if value.chars().count() >= WHOLE_VALUE {
            continue;
        }
        let record = value.is_empty().then_some(reject.record);
        let known = found
            .iter_mut()
            .find(|p| p.index == column.index && p.value == value && p.record == record);
        match known {
            Some(problem) => problem.records += 1,
            None => found.push(Problem {
                column: column.name.clone(),
                index: column.index,
                value: value.to_owned(),
                record,
                records: 1,
                code: super::id_of(reject.code),
                reason: reject.message.clone(),
            }),
        }
    }
    found.sort_by_key(|problem| Reverse(problem.records));
    found.truncate(PROBLEMS);
    found
}

/// Values that were taken and noted as odd. Each is about its record alone: what is odd there may be right elsewhere.
pub fn odd(notes: &[Note], columns: &[Column]) -> Vec<Problem> {
    let of_note = |note: &Note| {
        let column = note.column.as_ref()?;
        let column = columns.iter().find(|c| c.name == *column)?;
        let problems = note.first.iter().filter_map(|noted| {
            let value = noted.value.clone()?;
            Some(Problem {
                column: column.name.clone(),
                index: column.index,
                value,
                record: Some(noted.record),
                records: 1,
                code: note.code.clone(),
                reason: noted.message.clone(),
            })
        });
        Some(problems.collect::<Vec<_>>())
    };
    let mut found: Vec<Problem> = notes.iter().filter_map(of_note).flatten().collect();
    found.truncate(PROBLEMS);
    found
}

/// What was left empty stays as it is.
pub fn read(fixes: Vec<Fix>) -> Vec<Correction> {
    let filled = fixes.into_iter().filter(|fix| !fix.to.trim().is_empty());
    filled
        .filter_map(|fix| {
            Some(Correction {
                column: usize::try_from(fix.index).ok()?,
                record: fix.record,
                from: fix.from,
                to: fix.to,
            })
        })
        .collect()
}
