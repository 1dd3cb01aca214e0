//! The records of an upload that were not accepted: on the page, and as a file to be mended and sent again.

use super::{
    ImportResult, NOTHING_ACCEPTED, Upload, UploadError, get, original, plan, shown_result, sources,
};
use crate::Backend;
use access::Ctx;
use futures::{Stream, stream};
use ingest::{Plan, Refused, Reject, RejectCode};
use objects::{Objects, Window};
use std::io::Read;
use storage::uploads::UploadState;
use tokio::sync::mpsc;
use types::{Page, UploadId};

/// Rows handed on at a time.
const BATCH: usize = 500;

/// The first thousand rejected records.
pub async fn rejects(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    offset: u64,
    limit: u32,
) -> Result<Page<Reject>, UploadError> {
    let upload = get(backend, ctx, id).await?;
    if upload.state == UploadState::Held && upload.live_run.is_some() {
        // Those of the reading that counts stand in the table.
        let found = match shown_result(&upload)? {
            Some(result) => kept(backend, &result).await?,
            None => Vec::new(),
        };
        let total = found.len() as u64;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let items = found.into_iter().skip(from).take(limit as usize).collect();
        return Ok(Page {
            items,
            total,
            offset,
        });
    }
    let shown = original(&upload)?.unwrap_or(id);
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let page = tx.rejects(shown, offset, limit).await?;
    tx.commit().await?;
    let items = page
        .items
        .into_iter()
        .map(|r| serde_json::from_value(r.body))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total: page.total,
        offset: page.offset,
    })
}

/// Those that are kept in the database, as far as the files hold them.
pub(super) const FIRST: usize = 1_000;

async fn kept(backend: &Backend, result: &ImportResult) -> Result<Vec<Reject>, UploadError> {
    let (objects, files) = (backend.objects.clone(), result.reject_files.clone());
    tokio::task::spawn_blocking(move || each(&objects, &files).take(FIRST).collect()).await?
}

/// The first records that this run did not accept, to be kept in the database.
pub(crate) async fn first_rejects(
    backend: &Backend,
    result: &ImportResult,
) -> Result<Vec<storage::uploads::Reject>, UploadError> {
    let found = kept(backend, result).await?;
    Ok(found
        .iter()
        .map(stored_reject)
        .collect::<Result<_, serde_json::Error>>()?)
}

pub(crate) fn stored_reject(
    reject: &Reject,
) -> Result<storage::uploads::Reject, serde_json::Error> {
    Ok(storage::uploads::Reject {
        record: reject.record,
        body: serde_json::to_value(reject)?,
    })
}

/// A refused record with what stood in it.
#[derive(Clone, Debug)]
pub struct RejectRow {
    /// One a column.
    pub cells: Vec<String>,
    /// Where the record does not fit the columns: all of it, as far as it is kept.
    pub text: Option<String>,
    pub record: u64,
    pub line_no: u64,
    pub file: Option<String>,
    /// `None`: it belongs to an order with a refused record, and is read with it.
    pub reject: Option<Reject>,
}

/// All refused records of an upload but those that were dropped as repeated, which nobody has to mend.
pub struct RejectTable<S> {
    /// The upload that refused them.
    pub upload: UploadId,
    /// Names of the columns of its file; none where its records are no rows (nested JSON).
    pub columns: Vec<String>,
    /// In the order of the records.
    pub rows: S,
}

/// Reads the file once more, for what stands in the records.
pub async fn reject_table(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<
    RejectTable<impl Stream<Item = Result<Vec<RejectRow>, UploadError>> + Send + use<>>,
    UploadError,
> {
    let mut upload = get(backend, ctx, id).await?;
    if let Some(of) = original(&upload)? {
        upload = get(backend, ctx, of).await?;
    }
    let files = shown_result(&upload)?
        .map(|r| r.reject_files)
        .unwrap_or_default();
    let plan = read_by(&upload)?;
    let columns = plan.as_ref().map_or_else(Vec::new, |plan| {
        plan.columns.iter().map(|c| c.name.clone()).collect()
    });
    let sources = sources::windows(ctx, &upload);
    let objects = backend.objects.clone();
    let (sender, receiver) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let sent = match plan {
            Some(plan) => mend(&objects, &plan, &sources, &files, &sender),
            None => list(&objects, &files, &sender),
        };
        if let Err(error) = sent {
            // Nobody listens any more: then nobody needs to know.
            let _gone = sender.blocking_send(Err(error));
        }
    });
    let rows = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|rows| (rows, receiver))
    });
    Ok(RejectTable {
        upload: upload.id,
        columns,
        rows,
    })
}

/// How the run was read that refused the records. `None`: its records are no rows, or another run is under way.
fn read_by(upload: &Upload) -> Result<Option<Plan>, UploadError> {
    if !is_read(upload) || upload.plan.is_none() {
        return Ok(None);
    }
    let plan = plan(upload)?;
    let rows = plan.format.layout().is_none();
    Ok(rows.then_some(plan))
}

/// Its file was read to the end, and by the plan that it has now.
pub(super) fn is_read(upload: &Upload) -> bool {
    match upload.state {
        UploadState::Done | UploadState::Held | UploadState::Undone => true,
        UploadState::Failed => upload
            .error
            .as_ref()
            .is_some_and(|error| error.code == NOTHING_ACCEPTED),
        _ => false,
    }
}

type Sender = mpsc::Sender<Result<Vec<RejectRow>, UploadError>>;

/// Rejects as they were written, file by file.
fn each(objects: &Objects, files: &[String]) -> impl Iterator<Item = Result<Reject, UploadError>> {
    files.iter().flat_map(move |path| {
        let read = || -> Result<Vec<Reject>, UploadError> {
            let mut bytes = Vec::new();
            objects.reader(path)?.read_to_end(&mut bytes)?;
            let rejects = serde_json::Deserializer::from_slice(&bytes)
                .into_iter::<Reject>()
                .collect::<Result<_, _>>()?;
            Ok(rejects)
        };
        match read() {
            Ok(rejects) => rejects.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }
    })
}

fn is_shown(reject: &Result<Reject, UploadError>) -> bool {
    reject
        .as_ref()
        .map_or(true, |r| r.code != RejectCode::Duplicate)
}

/// Without the file: what was kept of the records' text.
fn list(objects: &Objects, files: &[String], sender: &Sender) -> Result<(), UploadError> {
    let mut rows = Vec::new();
    for reject in each(objects, files).filter(is_shown) {
        rows.push(without_cells(reject?, 0));
        if rows.len() >= BATCH && sender.blocking_send(Ok(std::mem::take(&mut rows))).is_err() {
            return Ok(());
        }
    }
    let _gone = sender.blocking_send(Ok(rows));
    Ok(())
}

fn without_cells(reject: Reject, columns: usize) -> RejectRow {
    RejectRow {
        cells: vec![String::new(); columns],
        text: Some(reject.raw.clone()),
        record: reject.record,
        line_no: reject.line_no,
        file: reject.file.clone(),
        reject: Some(reject),
    }
}

fn mend(
    objects: &Objects,
    plan: &Plan,
    sources: &[Window],
    files: &[String],
    sender: &Sender,
) -> Result<(), UploadError> {
    let numbers = each(objects, files)
        .filter(is_shown)
        .map(|reject| Ok(reject?.record))
        .collect::<Result<Vec<u64>, UploadError>>()?;
    if numbers.is_empty() {
        return Ok(());
    }
    let raws = sources
        .iter()
        .map(|part| objects.window(part))
        .collect::<Result<Vec<_>, _>>()?;
    let width = plan.columns.len();
    let mut rejects = each(objects, files).filter(is_shown).peekable();
    let mut rows = Vec::new();
    for found in ingest::refused(plan, raws, numbers)? {
        let found = found?;
        let reject = loop {
            match rejects.peek() {
                Some(Ok(r)) if r.record > found.record => break None,
                None => break None,
                Some(_) => {}
            }
            let Some(reject) = rejects.next().transpose()? else {
                break None;
            };
            if reject.record == found.record {
                break Some(reject);
            }
            rows.push(without_cells(reject, width));
        };
        rows.push(row(found, reject));
        if rows.len() >= BATCH && sender.blocking_send(Ok(std::mem::take(&mut rows))).is_err() {
            return Ok(());
        }
    }
    for reject in rejects {
        rows.push(without_cells(reject?, width));
    }
    let _gone = sender.blocking_send(Ok(rows));
    Ok(())
}

fn row(found: Refused, reject: Option<Reject>) -> RejectRow {
    RejectRow {
        cells: found.cells,
        text: found.text,
        record: found.record,
        line_no: found.line_no,
        file: found.file,
        reject,
    }
}
