//! Records that can be mended in a table.

use super::uploads::{self, Edit, UploadError};
use crate::entry::Entered;
use api::uploads::{Fault, MendColumn, MendRow, MendTable, PAGE};
use std::collections::BTreeMap;
use types::UploadId;

pub async fn records(
    on: &Entered,
    id: UploadId,
    page: u64,
) -> Result<Option<MendTable>, UploadError> {
    let offset = page.min(1_000_000) * PAGE;
    let found = uploads::mendable(&on.backend, &on.ctx, id, offset, PAGE as u32).await?;
    Ok(found.map(table))
}

/// Columns without a meaning only where something is wrong with them: a row of eighty cannot be overlooked.
fn table(found: uploads::MendTable) -> MendTable {
    let at_fault = |name: &String| {
        let mut faults = found.rows.items.iter().flat_map(|row| &row.faults);
        faults.any(|fault| fault.column.as_ref() == Some(name))
    };
    let shown: Vec<usize> = found
        .columns
        .iter()
        .enumerate()
        .filter(|(_, (name, means))| *means || at_fault(name))
        .map(|(at, _)| at)
        .collect();
    let name = |at: &usize| {
        let (name, _) = found.columns.get(*at)?;
        Some(MendColumn {
            index: *at as u64,
            name: name.clone(),
        })
    };
    MendTable {
        columns: shown.iter().filter_map(name).collect(),
        rows: found.rows.map(|row| MendRow {
            record: row.record,
            line: row.line_no,
            file: row.file,
            cells: shown
                .iter()
                .map(|at| {
                    row.cells
                        .get(*at)
                        .map(|c| c.read.clone())
                        .unwrap_or_default()
                })
                .collect(),
            text: row.text,
            faults: row
                .faults
                .into_iter()
                .map(|fault| Fault {
                    column: fault.column,
                    code: fault.code,
                    message: fault.message,
                })
                .collect(),
        }),
    }
}

pub async fn mend(
    on: &Entered,
    id: UploadId,
    cells: &BTreeMap<String, String>,
    like: &BTreeMap<String, String>,
) -> Result<uploads::Upload, UploadError> {
    let edit = |(place, to): (&String, &String)| {
        let (record, column) = place.split_once('.')?;
        Some(Edit {
            everywhere: like.contains_key(record),
            record: record.strip_prefix('r')?.parse().ok()?,
            column: column.parse().ok()?,
            to: to.clone(),
        })
    };
    let edits: Vec<Edit> = cells.iter().filter_map(edit).collect();
    uploads::mend(&on.backend, &on.ctx, id, &edits).await
}
