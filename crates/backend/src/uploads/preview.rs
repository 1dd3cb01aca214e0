//! What an import would bring, before it is started.

use super::{UploadError, get, plan, sources};
use crate::{Backend, publication};
use access::{Action, Ctx, Resource, authorize};
use ingest::{DataRow, DataSet, Field, Kind, Line, Plan, Reject, Telling, Value};
use lake::{Candidates, Effect};
use objects::Window;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};
use types::{Currency, Day, Micros, UploadId};

/// Lines shown.
const SHOWN: usize = 20;
/// Records read at most: some 20 MB of what is remembered of them.
const RECORDS: u64 = 200_000;
/// And for as long as this; comparing with what is there takes as long again at most.
const TIME: Duration = Duration::from_secs(2);
const BATCH: usize = 4_096;

/// What an import would bring.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Preview {
    pub orders: u64,
    pub lines: u64,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub gross: Vec<(Currency, Micros)>,
    /// The first lines as they would be imported; of orders.
    pub rows: Vec<Line>,
    #[serde(default)]
    pub data_set: DataSet,
    /// The first rows of any other data set. Their new, changed and unchanged ones stand in the effect's lines.
    #[serde(default)]
    pub data: Vec<DataRow>,
    pub rejects: Vec<Reject>,
    /// Records of the file that were looked at: all of them where `complete`.
    pub records: u64,
    pub rejected: u64,
    /// Records equal to an earlier one of the file.
    pub repeated: u64,
    /// Days with lines.
    pub days: u64,
    /// What would be new, change, or stay as it is.
    pub effect: Effect,
    /// Of the file's bytes, 0 to 1. Below 1 the counts are of the file's beginning: say "at least".
    pub share: f64,
    /// Whether the whole file was read.
    pub complete: bool,
}

/// What a kept preview was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Basis {
    plan_hash: Option<String>,
    gold_version: i64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    basis: Basis,
    preview: Preview,
}

/// Reads the file as its import would and compares it with what is there. Found out once for each way of reading
/// and each version of the figures.
pub async fn preview(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Preview, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let basis = Basis {
        plan_hash: upload.plan_hash.clone(),
        gold_version: tx.gold(&upload.data_set).await?.version,
    };
    let kept = tx.preview(id).await?;
    let live = publication::live(&mut tx, &upload.data_set).await?;
    let mut chain = sources::completes(&mut tx, ctx, &upload).await?;
    tx.commit().await?;
    chain.push((plan(&upload)?, sources::windows(ctx, &upload)));
    // What another version of the product kept may not be readable: it is found out anew.
    if let Some(kept) = kept.and_then(|kept| serde_json::from_value::<Kept>(kept).ok())
        && kept.basis == basis
    {
        return Ok(kept.preview);
    }
    let set = super::data_set(&upload)?;
    let (mut preview, candidates) = read(backend, (set, upload.size), chain).await?;
    preview.data_set = set;
    preview.effect = backend
        .lake
        .compare(ctx.tenant, set, &live, upload.seq, candidates, TIME)
        .await?;
    let kept = Kept { basis, preview };
    let mut tx = backend.storage.tenant(ctx).await?;
    tx.save_preview(id, &serde_json::to_value(&kept)?).await?;
    tx.commit().await?;
    Ok(kept.preview)
}

async fn read(
    backend: &Backend,
    (set, size): (DataSet, u64),
    chain: Vec<(Plan, Vec<Window>)>,
) -> Result<(Preview, Candidates), UploadError> {
    let objects = backend.objects.clone();
    tokio::task::spawn_blocking(move || {
        let started = Instant::now();
        let chain = chain
            .into_iter()
            .map(|(plan, parts)| {
                let files = parts.iter().map(|part| objects.window(part));
                Ok((plan, files.collect::<Result<Vec<_>, _>>()?))
            })
            .collect::<Result<Vec<_>, UploadError>>()?;
        // What completes other uploads tells nothing but the lines it has.
        let tells = match chain.as_slice() {
            [(plan, _)] => plan.tells(),
            _ => Telling::Lines,
        };
        let mut records = ingest::read_corrected(chain)?;
        let mut seen = Seen {
            candidates: Candidates::of(tells),
            ..Seen::default()
        };
        let mut complete = true;
        while let Some(batch) = records.next_batch(BATCH)? {
            let counts = batch.counts;
            seen.preview.records = counts.records;
            seen.preview.rejected = counts.rejected;
            seen.preview.share = if size == 0 {
                1.0
            } else {
                counts.bytes as f64 / size as f64
            };
            seen.add_rows(set, batch.rows);
            seen.add(batch.lines, batch.rejects);
            if counts.records >= RECORDS || started.elapsed() > TIME {
                complete = false;
                break;
            }
        }
        seen.preview.repeated = records.duplicates()?;
        Ok(seen.finish(complete))
    })
    .await?
}

/// What is remembered of the lines that were read.
struct Seen {
    preview: Preview,
    candidates: Candidates,
    orders: HashSet<Box<str>>,
    days: HashSet<Day>,
    gross: BTreeMap<Currency, Micros>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            preview: Preview {
                orders: 0,
                lines: 0,
                first_day: None,
                last_day: None,
                gross: Vec::new(),
                rows: Vec::new(),
                data_set: DataSet::Orders,
                data: Vec::new(),
                rejects: Vec::new(),
                records: 0,
                rejected: 0,
                repeated: 0,
                days: 0,
                effect: Effect::default(),
                share: 1.0,
                complete: true,
            },
            candidates: Candidates::default(),
            orders: HashSet::new(),
            days: HashSet::new(),
            gross: BTreeMap::new(),
        }
    }
}

impl Seen {
    fn add_rows(&mut self, set: DataSet, rows: Vec<DataRow>) {
        let preview = &mut self.preview;
        preview.lines += rows.len() as u64;
        let day = set.fields().iter().position(|s| s.field == Field::Day);
        for row in &rows {
            self.candidates.add_row(row);
            let value = day.and_then(|at| row.values.get(at)?.as_ref());
            if let Some(Value::Number(day)) = value
                && let Ok(day) = i32::try_from(*day)
            {
                let day = Day(day);
                self.days.insert(day);
                preview.first_day = Some(preview.first_day.map_or(day, |d| d.min(day)));
                preview.last_day = Some(preview.last_day.map_or(day, |d| d.max(day)));
            }
        }
        let room = SHOWN.saturating_sub(preview.data.len());
        preview.data.extend(rows.into_iter().take(room));
    }

    fn add(&mut self, lines: Vec<Line>, rejects: Vec<Reject>) {
        let preview = &mut self.preview;
        preview.lines += lines.len() as u64;
        for line in &lines {
            self.candidates.add(line);
            self.days.insert(line.day);
            preview.first_day = Some(preview.first_day.map_or(line.day, |d| d.min(line.day)));
            preview.last_day = Some(preview.last_day.map_or(line.day, |d| d.max(line.day)));
            let sum = self.gross.entry(line.currency).or_default();
            *sum = sum.checked_add(line.gross).unwrap_or(*sum);
            if line.kind == Kind::Sale && !self.orders.contains(line.order_id.as_str()) {
                self.orders.insert(line.order_id.as_str().into());
            }
        }
        let room = SHOWN.saturating_sub(preview.rows.len());
        preview.rows.extend(lines.into_iter().take(room));
        let room = SHOWN.saturating_sub(preview.rejects.len());
        preview.rejects.extend(rejects.into_iter().take(room));
    }

    fn finish(self, complete: bool) -> (Preview, Candidates) {
        let preview = Preview {
            orders: self.orders.len() as u64,
            days: self.days.len() as u64,
            gross: self.gross.into_iter().collect(),
            share: if complete { 1.0 } else { self.preview.share },
            complete,
            ..self.preview
        };
        (preview, self.candidates)
    }
}
