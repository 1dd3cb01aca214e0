//! Records that can be mended in place, with what stands in their other columns.

use super::{
    Upload, UploadError, correct, get, plan, preview, rejects,
    rejects::{FIRST, is_read},
    shown_result, sources,
};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use ingest::{Correction, Plan, Refused};
use std::collections::BTreeMap;
use storage::uploads::UploadState;
use types::{Page, UploadId};

/// What is wrong with a record, or odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the column, where one is at fault.
    pub column: Option<String>,
    /// Of a reject or of a warning.
    pub code: String,
    /// In plain English.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MendCell {
    /// As it stands in the file.
    pub raw: String,
    /// What is read in its place, as far as it was corrected.
    pub read: String,
}

#[derive(Clone, Debug)]
pub struct MendRow {
    pub record: u64,
    pub line_no: u64,
    /// Of several.
    pub file: Option<String>,
    /// One a column.
    pub cells: Vec<MendCell>,
    /// The record's text, where it could not be cut into columns: then it cannot be mended here.
    pub text: Option<String>,
    pub faults: Vec<Fault>,
}

/// Records with something wrong or odd, by their number.
pub struct MendTable {
    /// Of the file: name, and whether it means something to the importer.
    pub columns: Vec<(String, bool)>,
    pub rows: Page<MendRow>,
}

/// What is to be read in a cell from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub record: u64,
    /// From 0.
    pub column: usize,
    pub to: String,
    /// In all records that have the same value there.
    pub everywhere: bool,
}

/// Records that were refused, and the first of those that were warned about. `None`: the records of this upload are no
/// rows (nested JSON), or none were read yet.
pub async fn mendable(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    offset: u64,
    limit: u32,
) -> Result<Option<MendTable>, UploadError> {
    let upload = get(backend, ctx, id).await?;
    let Some(plan) = read_by(&upload)? else {
        return Ok(None);
    };
    let faults = faults(backend, ctx, &upload).await?;
    let total = faults.len() as u64;
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    let page: BTreeMap<u64, Vec<Fault>> =
        faults.into_iter().skip(from).take(limit as usize).collect();
    let columns = plan
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.field.is_some()))
        .collect();
    let items = records(backend, ctx, &upload, plan, page).await?;
    Ok(Some(MendTable {
        columns,
        rows: Page {
            items,
            total,
            offset,
        },
    }))
}

/// Records on a page, whoever says so.
const MOST: usize = 200;

/// Reads the file again with what these edits change.
pub async fn mend(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    edits: &[Edit],
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    let Some(plan) = read_by(&upload)? else {
        return Err(UploadError::State {
            state: upload.state,
        });
    };
    let edited: BTreeMap<u64, Vec<Fault>> = edits
        .iter()
        .map(|edit| (edit.record, Vec::new()))
        .take(MOST * plan.columns.len())
        .collect();
    let edited = edited.into_iter().take(MOST).collect();
    let rows = records(backend, ctx, &upload, plan, edited).await?;
    let correction = |edit: &Edit| {
        let row = rows.iter().find(|row| row.record == edit.record)?;
        let cell = row.cells.get(edit.column)?;
        (cell.read != edit.to.trim()).then(|| Correction {
            column: edit.column,
            record: (!edit.everywhere).then_some(edit.record),
            from: cell.raw.clone(),
            to: edit.to.trim().to_owned(),
        })
    };
    let corrections: Vec<Correction> = edits.iter().filter_map(correction).collect();
    if corrections.is_empty() {
        return Ok(upload);
    }
    correct(backend, ctx, id, &corrections).await
}

/// How its records are cut into cells.
fn read_by(upload: &Upload) -> Result<Option<Plan>, UploadError> {
    let known = upload.state == UploadState::Ready || is_read(upload);
    if !known || upload.plan.is_none() {
        return Ok(None);
    }
    let plan = plan(upload)?;
    Ok(plan.format.layout().is_none().then_some(plan))
}

async fn faults(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
) -> Result<BTreeMap<u64, Vec<Fault>>, UploadError> {
    let mut found: BTreeMap<u64, Vec<Fault>> = BTreeMap::new();
    let refused = if upload.state == UploadState::Ready {
        preview(backend, ctx, upload.id).await?.rejects
    } else {
        let first = u32::try_from(FIRST).unwrap_or(u32::MAX);
        rejects(backend, ctx, upload.id, 0, first).await?.items
    };
    for reject in refused {
        // Nobody has to mend what was left out as repeated.
        if reject.code != ingest::RejectCode::Duplicate {
            found.entry(reject.record).or_default().push(Fault {
                column: reject.column,
                code: word(reject.code)?,
                message: reject.message,
            });
        }
    }
    if upload.state != UploadState::Ready {
        let groups = shown_result(upload)?.map(|r| r.warned).unwrap_or_default();
        for warning in groups.into_iter().flat_map(|group| group.first) {
            if warning.record > 0 {
                found.entry(warning.record).or_default().push(Fault {
                    column: warning.column,
                    code: word(warning.code)?,
                    message: warning.message,
                });
            }
        }
    }
    Ok(found)
}

/// The serde name of a plain enum.
fn word(code: impl serde::Serialize) -> Result<String, serde_json::Error> {
    Ok(match serde_json::to_value(code)? {
        serde_json::Value::String(word) => word,
        other => other.to_string(),
    })
}

/// These records as they stand in the file and as they are read.
pub(super) async fn records(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    mut plan: Plan,
    mut wanted: BTreeMap<u64, Vec<Fault>>,
) -> Result<Vec<MendRow>, UploadError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let corrections = std::mem::take(&mut plan.corrections);
    let objects = backend.objects.clone();
    let windows = sources::windows(ctx, upload);
    tokio::task::spawn_blocking(move || {
        let raws = windows
            .iter()
            .map(|part| objects.window(part))
            .collect::<Result<Vec<_>, _>>()?;
        let numbers: Vec<u64> = wanted.keys().copied().collect();
        let mut rows = Vec::new();
        for found in ingest::refused(&plan, raws, numbers)? {
            let found = found?;
            // Others of the same order are read along, and are not asked for.
            let Some(faults) = wanted.remove(&found.record) else {
                continue;
            };
            rows.push(row(found, &corrections, faults));
            if wanted.is_empty() {
                break;
            }
        }
        Ok(rows)
    })
    .await?
}

fn row(found: Refused, corrections: &[Correction], faults: Vec<Fault>) -> MendRow {
    let cell = |(column, raw): (usize, String)| {
        let of = |record: Option<u64>| {
            corrections
                .iter()
                .find(|c| c.column == column && c.record == record && c.from == raw)
        };
        let corrected = of(Some(found.record)).or_else(|| of(None));
        MendCell {
            read: corrected.map_or_else(|| raw.clone(), |c| c.to.clone()),
            raw,
        }
    };
    MendRow {
        record: found.record,
        line_no: found.line_no,
        file: found.file,
        cells: found.cells.into_iter().enumerate().map(cell).collect(),
        text: found.text,
        faults,
    }
}
