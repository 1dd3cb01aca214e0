//! One record as it stands in the file that was sent.

use super::{MendCell, Upload, UploadError, get, mending, plan, rejects::is_read, result};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use ingest::{Field, Plan};
use std::collections::BTreeMap;
use types::UploadId;

/// A record that was read, with everything its file says of it.
#[derive(Clone, Debug)]
pub struct SourceRecord {
    pub file_name: String,
    /// The number that the file's data records are counted by, from 1.
    pub record: u64,
    /// Physical line on which it begins, from 1; 0 where the file has no lines.
    pub line_no: u64,
    /// Name of each column, and what it is read as; then the cell.
    pub cells: Vec<(String, Option<Field>, MendCell)>,
    /// The record's text, where it could not be cut into columns.
    pub text: Option<String>,
}

/// Reads it from the file that was kept, by the plan by which its lines came into the figures. `None`: the file has no
/// such record, or was not read.
pub async fn record(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    record: u64,
) -> Result<Option<SourceRecord>, UploadError> {
    // Its columns name persons.
    authorize(ctx, Action::Read, Resource::Customers)?;
    let upload = get(backend, ctx, id).await?;
    let Some(plan) = read_by(&upload)? else {
        return Ok(None);
    };
    let columns = plan.columns.clone();
    let wanted = BTreeMap::from([(record, Vec::new())]);
    let found = mending::records(backend, ctx, &upload, plan, wanted).await?;
    let Some(row) = found.into_iter().next() else {
        return Ok(None);
    };
    let columns = columns
        .into_iter()
        .map(|column| (column.name, column.field));
    Ok(Some(SourceRecord {
        file_name: row.file.unwrap_or(upload.file_name),
        record: row.record,
        line_no: row.line_no,
        cells: match row.text {
            Some(_) => Vec::new(),
            None => columns
                .zip(row.cells)
                .map(|((name, field), cell)| (name, field, cell))
                .collect(),
        },
        text: row.text,
    }))
}

/// Of what counts, should the file have been looked at again since.
fn read_by(upload: &Upload) -> Result<Option<Plan>, UploadError> {
    if upload.live_run.is_some()
        && let Some(by) = result(upload)?.and_then(|result| result.read_by)
    {
        return Ok(Some(serde_json::from_value(by.plan)?));
    }
    match is_read(upload) && upload.plan.is_some() {
        true => Ok(Some(plan(upload)?)),
        false => Ok(None),
    }
}
