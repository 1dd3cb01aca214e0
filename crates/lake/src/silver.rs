//! From a raw file to the append-only log of every line: read, typed, staged by month, committed once.

mod frames;

use crate::{
    delta::{Delta, added},
    error::LakeError,
    parquet::Encoded,
    people,
    spread::{self, Keys},
    store::{ImportJob, Lake, Run},
    tables,
};
use bytes::Bytes;
use deltalake::kernel::{Add, Transaction};
use ingest::{
    Batch, Counts, DataRow, DataSet, FileCount, Line, Link, Records, Reject, Value, Warned,
    WarningGroup,
};
use objects::ObjectError;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::mpsc;
use types::Day;

/// Records read between two looks at the clock and the buffers: few enough to be taken apart while they are still in
/// the processor's cache.
const BATCH: usize = 1_024;
/// Lines of one month that make a file.
const FILE_LINES: usize = 32_768;
/// Lines held over all months before the fullest one is written: bounds memory whatever the file's size.
const HELD_LINES: usize = 64_000;
/// Rejects kept for the page; all of them stand in the lake.
const SHOWN_REJECTS: usize = 1_000;
const REJECTS_FILE: usize = 20_000;
/// Months at hand that get room for a whole file at once: grown bit by bit, columns are copied again and again. Those of
/// a year, and of what hangs over.
const FEW_MONTHS: usize = 16;
/// Of customers with two names.
const LINKS_FILE: usize = 50_000;

/// How far the reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub records: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Of the file as it was sent.
    pub bytes: u64,
}

/// What became of a file's records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    pub counts: Counts,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    pub rejects: Rejects,
    /// What was odd about records that were taken.
    #[serde(default)]
    pub warned: Vec<WarningGroup>,
    /// Of each table, where the upload has several.
    #[serde(default)]
    pub files: Vec<FileCount>,
}

/// The first rejects, and where all of them are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rejects {
    pub first: Vec<Reject>,
    /// Objects, in the order of the records.
    pub files: Vec<String>,
}

/// What silver keeps: order lines, or rows of another data set.
pub(crate) trait Kept: Send + Sized + 'static {
    /// Whether it may stand in another month in the next file.
    const MOVES: bool;

    type Columns: Columns<Self>;

    fn of(batch: &mut Batch) -> Vec<Self>;

    fn day(&self, set: DataSet) -> Option<Day>;
}

/// What is to become a file of silver.
pub(crate) trait Columns<K>: Default + Send + 'static {
    /// For about as many.
    fn with_room(rows: usize) -> Self;

    /// Takes out of `kept` what it keeps: lines are large, and nothing of them needs to be moved.
    fn push(&mut self, kept: &mut K);

    fn len(&self) -> usize;

    /// What makes each the same thing in two files.
    fn keys(&self) -> Vec<i64>;

    fn encode(self, month: i32, job: &ImportJob) -> Result<Encoded, LakeError>;
}

impl Kept for Line {
    const MOVES: bool = true;

    type Columns = frames::LineColumns;

    fn of(batch: &mut Batch) -> Vec<Self> {
        std::mem::take(&mut batch.lines)
    }

    fn day(&self, _: DataSet) -> Option<Day> {
        Some(self.day)
    }
}

impl Kept for DataRow {
    const MOVES: bool = false;

    type Columns = Vec<Self>;

    fn of(batch: &mut Batch) -> Vec<Self> {
        std::mem::take(&mut batch.rows)
    }

    fn day(&self, set: DataSet) -> Option<Day> {
        match self.values.get(tables::day_at(set)?)? {
            Some(Value::Number(day)) => i32::try_from(*day).ok().map(Day),
            _ => None,
        }
    }
}

enum Piece<K: Kept> {
    Rows(i32, K::Columns),
    Rejects(Vec<Reject>),
    Links(Vec<Link>),
}

pub(crate) async fn import(
    lake: &Lake,
    job: ImportJob,
    progress: impl Fn(Progress) -> bool + Send + Sync + 'static,
) -> Result<Imported, LakeError> {
    match job.plan.data_set {
        DataSet::Orders => import_of::<Line>(lake, job, progress).await,
        _ => import_of::<DataRow>(lake, job, progress).await,
    }
}

async fn import_of<K: Kept>(
    lake: &Lake,
    job: ImportJob,
    progress: impl Fn(Progress) -> bool + Send + Sync + 'static,
) -> Result<Imported, LakeError> {
    let silver = tables::silver(job.plan.data_set);
    let application = application(job.run);
    let table = Delta::open_or_create(lake.table_url(job.tenant, silver)?, silver).await?;
    if let Some(attempt) = table.done_by(&application).await? {
        // Killed after the commit: the outcome was written before it.
        return outcome(lake, &job, attempt).await;
    }
    let mut staged = Staged::default();
    match attempt::<K>(
        lake,
        &Arc::new(job.clone()),
        table,
        &application,
        &mut staged,
        progress,
    )
    .await
    {
        Ok(imported) => {
            sweep(lake, &job, &staged).await;
            Ok(imported)
        }
        Err(error) => {
            // A worker thought dead may have been faster; then its work counts.
            let table = Delta::open_or_create(lake.table_url(job.tenant, silver)?, silver).await?;
            let done = table.done_by(&application).await?;
            if done != Some(job.attempt) {
                staged.discard(lake).await;
            }
            match done {
                Some(attempt) => outcome(lake, &job, attempt).await,
                None => Err(error),
            }
        }
    }
}

/// What one attempt has written. No other attempt writes under the same names, so that a worker that was
/// thought dead destroys nothing when it wakes.
#[derive(Default)]
struct Staged {
    files: Vec<Add>,
    keys: Keys,
    /// All objects, whole paths.
    paths: Vec<String>,
    /// Links that are no facts yet, with their whole paths.
    links: Vec<(String, Add)>,
}

impl Staged {
    /// What cannot be removed now, the nightly sweep finds.
    async fn discard(&self, lake: &Lake) {
        let links = self.links.iter().map(|(path, _)| path);
        for path in self.paths.iter().chain(links) {
            if let Err(error) = lake.objects.delete(path).await {
                tracing::warn!(%error, path, "left behind");
            }
        }
    }
}

/// Under which a run's commit stands in the log.
pub(crate) fn application(run: Run) -> String {
    format!("{}/{}", run.upload, run.run)
}

fn outcome_path(job: &ImportJob, attempt: i64) -> String {
    let Run { upload, run } = job.run;
    format!(
        "{}/silver/outcomes/{upload}-{run}-{attempt}.json",
        job.tenant
    )
}

async fn outcome(lake: &Lake, job: &ImportJob, attempt: i64) -> Result<Imported, LakeError> {
    let bytes = lake.objects.get(&outcome_path(job, attempt)).await?;
    Ok(serde_json::from_slice(&bytes)?)
}

async fn attempt<K: Kept>(
    lake: &Lake,
    job: &Arc<ImportJob>,
    mut table: Delta,
    application: &str,
    staged: &mut Staged,
    progress: impl Fn(Progress) -> bool + Send + Sync + 'static,
) -> Result<Imported, LakeError> {
    let Run { upload, run } = job.run;
    let folder = Lake::folder(job.tenant, tables::silver(job.plan.data_set));
    let (sender, mut pieces) = mpsc::channel::<Piece<K>>(1);
    let (objects, of) = (lake.objects.clone(), Arc::clone(job));
    // Without other runs no line can stand in another month.
    let elsewhere = K::MOVES && table.files()?.iter().any(|f| f.run != Some(job.run));
    let reading = tokio::task::spawn_blocking(move || {
        let own = (of.plan.clone(), of.source.clone());
        let chain = of.completes.iter().cloned().chain([own]);
        let chain = chain
            .map(|(plan, parts)| {
                let files = parts.iter().map(|part| objects.window(part));
                Ok((plan, files.collect::<Result<Vec<_>, ObjectError>>()?))
            })
            .collect::<Result<Vec<_>, LakeError>>()?;
        read(
            of.plan.data_set,
            ingest::read_corrected(chain)?,
            &sender,
            &progress,
        )
    });

    let mut rejects = Rejects::default();
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Rows(month, rows) => {
                let worker = Arc::clone(job);
                let (keys, encoded) = tokio::task::spawn_blocking(move || {
                    let keys = if elsewhere { rows.keys() } else { Vec::new() };
                    Ok::<_, LakeError>((keys, rows.encode(month, &worker)?))
                })
                .await??;
                staged.keys.add(month, keys.into_iter());
                let name = format!(
                    "{month}-{upload}-{run}-{}-{}.parquet",
                    job.attempt,
                    staged.files.len()
                );
                let path = format!("{folder}/{name}");
                staged.paths.push(path.clone());
                lake.objects.put(&path, encoded.bytes.clone()).await?;
                staged
                    .files
                    .push(added(name, month, Some(job.run), &encoded, job.now_millis));
            }
            Piece::Rejects(found) => {
                let path = format!(
                    "{}/rejects/{upload}/{run}-{}-{:06}.ndjson",
                    job.tenant,
                    job.attempt,
                    rejects.files.len()
                );
                staged.paths.push(path.clone());
                lake.objects.put(&path, ndjson(&found)?).await?;
                rejects.files.push(path);
                let room = SHOWN_REJECTS.saturating_sub(rejects.first.len());
                rejects.first.extend(found.into_iter().take(room));
            }
            Piece::Links(links) => {
                let number = staged.links.len();
                staged
                    .links
                    .push(people::stage(lake, job, links, number).await?);
            }
        }
    }
    let read = reading.await??;
    let imported = Imported {
        counts: read.counts,
        first_day: read.first_day,
        last_day: read.last_day,
        rejects,
        warned: read.warned.groups(),
        files: read.files,
    };
    let path = outcome_path(job, job.attempt);
    staged.paths.push(path.clone());
    lake.objects
        .put(&path, Bytes::from(serde_json::to_vec(&imported)?))
        .await?;
    if elsewhere {
        spread::record(
            lake,
            job.tenant,
            (job.run, job.seq, job.tells()),
            std::mem::take(&mut staged.keys),
            &table.files()?,
            (job.attempt, job.now_millis),
        )
        .await?;
    }
    if !staged.links.is_empty() {
        // Facts stay, whatever becomes of this attempt.
        let links = std::mem::take(&mut staged.links);
        let files = links.into_iter().map(|(_, file)| file).collect();
        people::record(lake, job.tenant, files).await?;
    }
    table
        .commit(
            Some(Transaction::new(application, job.attempt)),
            staged.files.clone(),
            Vec::new(),
        )
        .await?;
    Ok(imported)
}

/// Removes what attempts left behind that were killed before their commit: none of them can commit any more.
async fn sweep(lake: &Lake, job: &ImportJob, staged: &Staged) {
    if job.attempt <= 1 {
        return;
    }
    let Run { upload, run } = job.run;
    let silver = (
        Lake::folder(job.tenant, tables::silver(job.plan.data_set)),
        format!("-{upload}-{run}-"),
    );
    let rejects = (
        format!("{}/rejects/{upload}", job.tenant),
        format!("/{run}-"),
    );
    for (folder, mark) in [silver, rejects] {
        let swept = async {
            for entry in lake.objects.list(&folder).await? {
                if entry.path.contains(&mark) && !staged.paths.contains(&entry.path) {
                    lake.objects.delete(&entry.path).await?;
                }
            }
            Ok::<_, LakeError>(())
        };
        if let Err(error) = swept.await {
            // The nightly sweep comes by here too.
            tracing::warn!(%error, folder, "not swept");
        }
    }
}

struct Read {
    counts: Counts,
    first_day: Option<Day>,
    last_day: Option<Day>,
    warned: Warned,
    files: Vec<FileCount>,
}

fn read<K: Kept>(
    set: DataSet,
    mut records: Records,
    pieces: &mpsc::Sender<Piece<K>>,
    progress: &(impl Fn(Progress) -> bool + Send + Sync),
) -> Result<Read, LakeError> {
    let mut held: FxHashMap<i32, K::Columns> = FxHashMap::default();
    let mut held_rows = 0;
    let mut rejects = Vec::new();
    let mut links = Vec::new();
    let mut read = Read {
        counts: Counts::default(),
        first_day: None,
        last_day: None,
        warned: Warned::default(),
        files: Vec::new(),
    };
    let mut last = (None, tables::month(set, None));
    // The other end is gone only when the import itself failed, and then says why.
    let send = |piece| {
        pieces
            .blocking_send(piece)
            .map_err(|_| LakeError::Cancelled)
    };
    while let Some(mut batch) = records.next_batch(BATCH)? {
        read.counts = batch.counts;
        rejects.append(&mut batch.rejects);
        read.warned.add(std::mem::take(&mut batch.warnings));
        if rejects.len() >= REJECTS_FILE {
            send(Piece::Rejects(std::mem::take(&mut rejects)))?;
        }
        links.append(&mut batch.links);
        if links.len() >= LINKS_FILE {
            send(Piece::Links(std::mem::take(&mut links)))?;
        }
        for row in &mut K::of(&mut batch) {
            let day = row.day(set);
            if let Some(day) = day {
                read.first_day = Some(read.first_day.map_or(day, |d| d.min(day)));
                read.last_day = Some(read.last_day.map_or(day, |d| d.max(day)));
            }
            // Lines of a day mostly stand together.
            if day != last.0 {
                last = (day, tables::month(set, day));
            }
            let month = last.1;
            let few = held.len() < FEW_MONTHS;
            let rows = held.entry(month).or_insert_with(|| match few {
                true => K::Columns::with_room(FILE_LINES),
                false => K::Columns::default(),
            });
            rows.push(row);
            held_rows += 1;
            if rows.len() >= FILE_LINES {
                let full = std::mem::replace(rows, K::Columns::with_room(FILE_LINES));
                held_rows -= full.len();
                send(Piece::Rows(month, full))?;
            }
        }
        while held_rows >= HELD_LINES {
            let Some(fullest) = held.iter().max_by_key(|(_, l)| l.len()).map(|(m, _)| *m) else {
                break;
            };
            let rows = held.remove(&fullest).unwrap_or_default();
            held_rows -= rows.len();
            send(Piece::Rows(fullest, rows))?;
        }
        let go_on = progress(Progress {
            records: read.counts.records,
            accepted: read.counts.accepted,
            rejected: read.counts.rejected,
            bytes: read.counts.bytes,
        });
        if !go_on {
            return Err(LakeError::Cancelled);
        }
    }
    read.files = records.files().to_vec();
    let mut rest: Vec<_> = held.into_iter().filter(|(_, l)| l.len() > 0).collect();
    rest.sort_unstable_by_key(|(month, _)| *month);
    for (month, rows) in rest {
        send(Piece::Rows(month, rows))?;
    }
    if !rejects.is_empty() {
        send(Piece::Rejects(rejects))?;
    }
    if !links.is_empty() {
        send(Piece::Links(links))?;
    }
    Ok(read)
}

fn ndjson(rejects: &[Reject]) -> Result<Bytes, LakeError> {
    let mut bytes = Vec::new();
    for reject in rejects {
        serde_json::to_writer(&mut bytes, reject)?;
        bytes.push(b'\n');
    }
    Ok(bytes.into())
}
