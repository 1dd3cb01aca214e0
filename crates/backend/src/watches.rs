//! Watched places: a folder or a prefix of a bucket is looked at again and again, and files that have come to rest go
//! the way of every upload. What needs a decision waits for one as a question.
//!
//! Files that complete each other and came to rest together are one upload, as on the command line.
//!
//! A version of a file (size, time and the store's tag) is taken once; a file that was replaced is taken again, and
//! the same content under any name or time changes nothing, as with every upload.

use crate::{
    Backend, problems,
    uploads::{self, Announced, Part, Upload, UploadError},
};
use access::{Action, Ctx, Denied, Resource, authorize};
use ingest::{Decisions, Sample};
use objects::{Found, Place, PlaceError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use storage::{
    Claim, NewJob, NewWatch, Problem, Schedule, StorageError, TenantTx, Watch, WatchedObject,
    WatchedState, uploads::UploadState,
};
use thiserror::Error;
use types::{UploadId, WatchId};

mod pattern;

/// The kind of the job.
pub const JOB: &str = "watch";
/// A file is taken when two looks in a row see it unchanged.
const EVERY: Schedule = Schedule::Every { seconds: 60 };
const CHUNK: usize = 8 << 20;
/// Uploads begun in one look; the next one goes on.
const FILES: usize = 100;
/// Files that are asked at once whether they complete each other: Olist's export has nine.
const TOGETHER: usize = 24;

/// A file that came to rest, and what was noted of it.
type Settled = (Found, WatchedObject);

#[derive(Debug, Error)]
pub enum WatchError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("there is no such watch")]
    NotFound,
    #[error("it is watched already")]
    Known,
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("what was kept of the watch cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

impl WatchError {
    fn problem(&self) -> Problem {
        match self {
            Self::Place(error) => problems::of_place(error),
            Self::Upload(error) => problems::of_upload(error),
            error => Problem {
                code: problems::INTERNAL.to_owned(),
                message: error.to_string(),
                ..Problem::default()
            },
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub watch: WatchId,
}

/// What a look came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Seen for the first time, or changed since.
    pub waiting: u64,
    /// Handed to an upload, whatever becomes of it.
    pub taken: Vec<UploadId>,
    /// Could not be taken.
    pub failed: u64,
}

fn key(id: WatchId) -> String {
    format!("{JOB}:{id}")
}

/// Begins to watch a place. `options` are the answers that go with each of its files.
///
/// # Errors
/// The place lies below none of the configuration's roots, cannot be looked at, or is watched already.
pub async fn add(
    backend: &Backend,
    ctx: &Ctx,
    url: &str,
    pattern: &str,
    options: &Decisions,
) -> Result<Watch, WatchError> {
    authorize(ctx, Action::Update, Resource::Settings)?;
    // Said now rather than a minute later.
    Place::open(url, &backend.config.watch)?.list().await?;
    let id = WatchId(ctx.randomness.uuid(ctx.now()));
    let mut tx = backend.storage.tenant(ctx).await?;
    let new = NewWatch {
        id,
        url: url.to_owned(),
        pattern: pattern.to_owned(),
        options: serde_json::to_value(options)?,
    };
    match tx.insert_watch(&new).await {
        Err(error) if error.is_conflict("watches_tenant_id_url_pattern") => {
            return Err(WatchError::Known);
        }
        inserted => inserted?,
    }
    let mut job = NewJob::new(JOB, serde_json::to_value(Payload { watch: id })?);
    job.dedupe_key = Some(key(id));
    // Somebody who waits at a page goes first.
    job.priority = -5;
    tx.schedule_job(&job, EVERY).await?;
    let watch = tx.watch(id).await?.ok_or(WatchError::NotFound)?;
    tx.commit().await?;
    Ok(watch)
}

/// The tenant's watches, with the files that were seen in each.
pub async fn list(
    backend: &Backend,
    ctx: &Ctx,
) -> Result<Vec<(Watch, Vec<WatchedObject>)>, WatchError> {
    authorize(ctx, Action::Read, Resource::Settings)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let mut all = Vec::new();
    for watch in tx.watches().await? {
        let objects = tx.watched_objects(watch.id).await?;
        all.push((watch, objects));
    }
    tx.commit().await?;
    Ok(all)
}

/// Watches a place no longer; what was imported from it stays.
pub async fn remove(backend: &Backend, ctx: &Ctx, id: WatchId) -> Result<(), WatchError> {
    authorize(ctx, Action::Update, Resource::Settings)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    if !tx.delete_watch(id).await? {
        return Err(WatchError::NotFound);
    }
    tx.unschedule_job(&key(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// One look of the job. What is wrong with the place is written to the watch, and the next look comes all the same.
pub(crate) async fn run(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    Payload { watch }: Payload,
) -> Result<(), WatchError> {
    match look(backend, ctx, watch, Some(claim)).await {
        // Removed meanwhile.
        Ok(_) | Err(WatchError::NotFound) => Ok(()),
        Err(WatchError::Place(error)) => {
            tracing::warn!(%error, "a watched place cannot be looked at");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Looks once: notes what is new or has changed, and takes what has not changed since the last look.
///
/// # Errors
/// The place cannot be looked at; this is written to the watch, too. What was taken before stays taken.
pub async fn look(
    backend: &Backend,
    ctx: &Ctx,
    id: WatchId,
    claim: Option<Claim>,
) -> Result<Looked, WatchError> {
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let watch = tx.watch(id).await?.ok_or(WatchError::NotFound)?;
    let known = tx.watched_objects(id).await?;
    tx.commit().await?;
    let looker = Looker {
        backend,
        ctx,
        claim,
        options: serde_json::from_value(watch.options.clone())?,
        watch: id,
    };
    let looked = looker.look(&watch, known).await;
    let error = looked.as_ref().err().map(WatchError::problem);
    let mut tx = backend.storage.tenant(ctx).await?;
    match tx.set_watch_looked(id, error.as_ref()).await {
        Err(StorageError::NotFound) => return Err(WatchError::NotFound),
        noted => noted?,
    }
    tx.commit().await?;
    looked
}

struct Looker<'a> {
    backend: &'a Backend,
    ctx: &'a Ctx,
    /// Of the job: a worker that lost it takes nothing.
    claim: Option<Claim>,
    options: Decisions,
    watch: WatchId,
}

/// How the taking of one file ended.
enum Taken {
    Upload(Box<Upload>),
    /// It is another version by now: nothing of it was imported.
    Changed,
    /// This version cannot be taken, now or later.
    Refused(Problem),
    /// Perhaps at the next look.
    Later(Problem),
}

impl Looker<'_> {
    async fn look(&self, watch: &Watch, known: Vec<WatchedObject>) -> Result<Looked, WatchError> {
        let place = Place::open(&watch.url, &self.backend.config.watch)?;
        let mut known: HashMap<String, WatchedObject> =
            known.into_iter().map(|o| (o.name.clone(), o)).collect();
        let mut looked = Looked::default();
        let mut settled = Vec::new();
        for file in place.list().await? {
            // An empty file is one that somebody has only begun.
            if file.size == 0 || !pattern::fits(&watch.pattern, &file.name) {
                continue;
            }
            let before = known.remove(&file.name);
            match before {
                Some(before) if is_version(&before, &file) => match before.state {
                    WatchedState::Taken | WatchedState::Failed => {}
                    WatchedState::Seen | WatchedState::Taking => settled.push((file, before)),
                },
                before => {
                    // A copy of the earlier version that was not finished has no end.
                    if let Some(id) = before
                        .filter(|b| b.state == WatchedState::Taking)
                        .and_then(|b| b.upload)
                    {
                        self.give_up(id).await?;
                    }
                    self.note(&seen(&file)).await?;
                    looked.waiting += 1;
                }
            }
        }
        for files in self.together(&place, settled).await? {
            if looked.taken.len() < FILES {
                self.take(&place, &files, &mut looked).await?;
            }
        }
        Ok(looked)
    }

    /// Which of the files are one upload: those that were begun as one, and those that complete each other.
    async fn together(
        &self,
        place: &Place,
        settled: Vec<Settled>,
    ) -> Result<Vec<Vec<Settled>>, WatchError> {
        let mut groups: Vec<Vec<Settled>> = Vec::new();
        let mut new = Vec::new();
        for (file, before) in settled {
            let begun = before
                .upload
                .filter(|_| before.state == WatchedState::Taking);
            let of_upload = |group: &&mut Vec<Settled>| {
                group
                    .first()
                    .is_some_and(|(_, first)| first.upload == begun)
            };
            match (begun, groups.iter_mut().find(of_upload)) {
                (None, _) => new.push((file, before)),
                (Some(_), Some(group)) => group.push((file, before)),
                (Some(_), None) => groups.push(vec![(file, before)]),
            }
        }
        if !(2..=TOGETHER).contains(&new.len()) {
            groups.extend(new.into_iter().map(|file| vec![file]));
            return Ok(groups);
        }
        let mut options = uploads::options(self.backend, self.ctx).await?;
        options.decisions.clone_from(&self.options);
        let (place, runtime) = (place.clone(), tokio::runtime::Handle::current());
        let found = tokio::task::spawn_blocking(move || {
            let mut samples = Vec::new();
            let (mut looked_at, mut alone) = (Vec::new(), Vec::new());
            for (file, before) in new {
                let (of, place, runtime) = (file.clone(), place.clone(), runtime.clone());
                let sample = Sample::from_ranges(file.size, move |range| {
                    let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                    let piece = runtime.block_on(place.read(&of, range.start, length));
                    Ok(piece.map_err(std::io::Error::other)?.to_vec())
                });
                // What cannot be read now says so when it is taken.
                match sample {
                    Ok(sample) => {
                        samples.push((sample, file.name.clone()));
                        looked_at.push(Some((file, before)));
                    }
                    Err(_) => alone.push(vec![(file, before)]),
                }
            }
            let mut groups: Vec<Vec<Settled>> = ingest::groups(&samples, &options)
                .into_iter()
                .map(|group| {
                    let files = group.into_iter();
                    files
                        .filter_map(|at| looked_at.get_mut(at)?.take())
                        .collect()
                })
                .collect();
            groups.extend(alone);
            groups
        })
        .await
        .map_err(UploadError::from)?;
        groups.extend(found);
        Ok(groups)
    }

    async fn take(
        &self,
        place: &Place,
        files: &[Settled],
        looked: &mut Looked,
    ) -> Result<(), WatchError> {
        let resumed = files.iter().find_map(|(_, before)| match before.state {
            WatchedState::Taking => before.upload,
            _ => None,
        });
        let files: Vec<&Found> = files.iter().map(|(file, _)| file).collect();
        let mut state = WatchedState::Seen;
        let (mut of, mut error) = (None, None);
        match self.hand_over(place, &files, resumed).await? {
            Taken::Upload(upload) => {
                of = Some(upload.id);
                state = WatchedState::Taken;
                if let (UploadState::Failed, Some(failed)) = (upload.state, &upload.error) {
                    state = WatchedState::Failed;
                    error = Some(failed.clone());
                    looked.failed += 1;
                }
                looked.taken.push(upload.id);
            }
            Taken::Changed => looked.waiting += files.len() as u64,
            Taken::Refused(refused) => {
                state = WatchedState::Failed;
                error = Some(refused);
                looked.failed += 1;
            }
            Taken::Later(failed) => {
                error = Some(failed);
                looked.failed += 1;
            }
        }
        for file in files {
            let object = WatchedObject {
                state,
                upload: of,
                error: error.clone(),
                ..seen(file)
            };
            self.note(&object).await?;
        }
        Ok(())
    }

    async fn hand_over(
        &self,
        place: &Place,
        files: &[&Found],
        resumed: Option<UploadId>,
    ) -> Result<Taken, WatchError> {
        let (backend, ctx) = (self.backend, self.ctx);
        let upload = match resumed {
            Some(id) => uploads::get(backend, ctx, id).await?,
            None => match self.begin(place, files).await {
                Ok(upload) => upload,
                Err(error) => return of_file(error),
            },
        };
        let parts = upload.parts.len().max(1);
        if upload.state == UploadState::Receiving && parts != files.len() {
            // One of them is another version by now.
            self.give_up(upload.id).await?;
            return Ok(Taken::Changed);
        }
        if upload.state == UploadState::Receiving
            && let Err(error) = self.copy(place, files, &upload).await
        {
            let ended = of_file(error)?;
            self.give_up(upload.id).await?;
            return Ok(ended);
        }
        match self.import(upload.id).await {
            Ok(upload) => Ok(Taken::Upload(Box::new(upload))),
            Err(error) => of_file(error.into()),
        }
    }

    /// Each step finds its work done where it was done before.
    async fn import(&self, id: UploadId) -> Result<Upload, UploadError> {
        let (backend, ctx) = (self.backend, self.ctx);
        let mut upload = uploads::complete(backend, ctx, id).await?;
        let open = matches!(
            upload.state,
            UploadState::Question | UploadState::Ready | UploadState::Failed
        );
        if open && !self.options.is_empty() {
            upload = uploads::decide_for_good(backend, ctx, id, self.options.clone()).await?;
        }
        if upload.state == UploadState::Ready {
            upload = uploads::start(backend, ctx, id).await?;
        }
        Ok(upload)
    }

    /// The upload and who it is for, in one transaction: nothing is begun twice.
    async fn begin(&self, place: &Place, files: &[&Found]) -> Result<Upload, WatchError> {
        for file in files {
            // Whether it can be read at all.
            place.read(file, 0, 0).await?;
        }
        let mut tx = self.backend.storage.tenant(self.ctx).await?;
        let part = |file: &&Found| Part {
            name: file.name.clone(),
            size: file.size,
        };
        let announced = Announced {
            parts: files.iter().map(part).collect(),
            parent: None,
        };
        let upload = uploads::insert(self.backend, &mut tx, self.ctx, &announced).await?;
        tx.set_upload_watch(upload.id, self.watch).await?;
        for file in files {
            let taking = WatchedObject {
                state: WatchedState::Taking,
                upload: Some(upload.id),
                ..seen(file)
            };
            self.put(&mut tx, &taking).await?;
        }
        tx.commit().await?;
        Ok(upload)
    }

    async fn copy(
        &self,
        place: &Place,
        files: &[&Found],
        upload: &Upload,
    ) -> Result<(), WatchError> {
        let (mut offset, mut start) = (upload.received, 0);
        for file in files {
            let end = start + file.size;
            while offset < end {
                let piece = place.read(file, offset - start, CHUNK).await?;
                if piece.is_empty() {
                    return Err(PlaceError::Changed {
                        name: file.name.clone(),
                    }
                    .into());
                }
                offset = uploads::append(self.backend, self.ctx, upload.id, offset, piece).await?;
            }
            start = end;
        }
        for file in files {
            // The last piece, too, was of this version: a folder tells so only before a piece is read.
            place.read(file, file.size, 0).await?;
        }
        Ok(())
    }

    async fn give_up(&self, id: UploadId) -> Result<(), WatchError> {
        let upload = uploads::get(self.backend, self.ctx, id).await?;
        if upload.state == UploadState::Receiving {
            uploads::cancel(self.backend, self.ctx, id).await?;
        }
        Ok(())
    }

    async fn note(&self, object: &WatchedObject) -> Result<(), WatchError> {
        let mut tx = self.backend.storage.tenant(self.ctx).await?;
        self.put(&mut tx, object).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn put(&self, tx: &mut TenantTx, object: &WatchedObject) -> Result<(), WatchError> {
        if let Some(claim) = self.claim {
            tx.hold_job(claim).await?;
        }
        match tx.put_watched_object(self.watch, object).await {
            Err(StorageError::Reference) => Err(WatchError::NotFound),
            put => Ok(put?),
        }
    }
}

/// Errors that say something of one file, and nothing of the next.
fn of_file(error: WatchError) -> Result<Taken, WatchError> {
    match error {
        WatchError::Place(PlaceError::Changed { .. }) => Ok(Taken::Changed),
        WatchError::Place(error @ (PlaceError::NotAFile { .. } | PlaceError::Read { .. })) => {
            Ok(Taken::Later(problems::of_place(&error)))
        }
        // Too large; or somebody had it cancelled meanwhile.
        WatchError::Upload(error @ (UploadError::TooLarge { .. } | UploadError::State { .. })) => {
            Ok(Taken::Refused(problems::of_upload(&error)))
        }
        error => Err(error),
    }
}

fn seen(file: &Found) -> WatchedObject {
    WatchedObject {
        name: file.name.clone(),
        size: file.size,
        modified: file.modified,
        etag: file.etag.clone(),
        state: WatchedState::Seen,
        upload: None,
        error: None,
    }
}

fn is_version(before: &WatchedObject, file: &Found) -> bool {
    (before.size, before.modified, &before.etag) == (file.size, file.modified, &file.etag)
}
