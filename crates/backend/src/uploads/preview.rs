//! What an import would bring, before it is started.

use super::{UploadError, get, plan, raw_path};
use crate::Backend;
use access::{Action, Ctx, Resource, authorize};
use types::{Currency, Day, Micros, UploadId};

/// Lines shown in a preview.
const PREVIEW_ROWS: usize = 20;
/// Records read for a preview.
const PREVIEW_RECORDS: usize = 20_000;

/// What an import would bring, from the head of the file.
#[derive(Clone, Debug)]
pub struct Preview {
    pub orders: u64,
    pub lines: u64,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub gross: Vec<(Currency, Micros)>,
    pub rows: Vec<ingest::Line>,
    pub rejects: Vec<ingest::Reject>,
    /// Whether the head was the whole file.
    pub complete: bool,
}

/// The first lines as they would be imported.
pub async fn preview(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Preview, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    let plan = plan(&upload)?;
    let objects = backend.objects.clone();
    let path = raw_path(ctx, id);
    tokio::task::spawn_blocking(move || {
        let mut records = ingest::read(&plan, objects.reader(&path)?);
        let mut lines = Vec::new();
        let mut rejects = Vec::new();
        let mut complete = true;
        while let Some(batch) = records.next_batch(2_048)? {
            lines.extend(batch.lines);
            rejects.extend(batch.rejects);
            if lines.len() + rejects.len() >= PREVIEW_RECORDS {
                complete = false;
                break;
            }
        }
        Ok(summed(lines, rejects, complete))
    })
    .await?
}

fn summed(lines: Vec<ingest::Line>, rejects: Vec<ingest::Reject>, complete: bool) -> Preview {
    let mut gross: std::collections::BTreeMap<Currency, Micros> = std::collections::BTreeMap::new();
    let mut orders = std::collections::HashSet::new();
    for line in &lines {
        let sum = gross.entry(line.currency).or_default();
        *sum = sum.checked_add(line.gross).unwrap_or(*sum);
        if line.kind == ingest::Kind::Sale {
            orders.insert(&line.order_id);
        }
    }
    Preview {
        orders: orders.len() as u64,
        lines: lines.len() as u64,
        first_day: lines.iter().map(|l| l.day).min(),
        last_day: lines.iter().map(|l| l.day).max(),
        gross: gross.into_iter().collect(),
        rejects: rejects.into_iter().take(PREVIEW_ROWS).collect(),
        complete,
        rows: lines.into_iter().take(PREVIEW_ROWS).collect(),
    }
}
