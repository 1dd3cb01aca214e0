//! What a file is, what it leaves open, and whether it was imported before.

use super::{ImportResult, Upload, UploadError, apart, get, hex, plan, resume, sources};
use crate::{Backend, import};
use access::{Action, Ctx, Resource, authorize};
use ingest::{Correction, Decisions, Format, Inspection, NotImportable, Options, Plan, Sample};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use storage::{Tenant, uploads::UploadState};
use types::UploadId;

/// Answers and mapping overrides; the file is inspected again with them. They are remembered for the
/// next file with the same header.
///
/// # Errors
/// [`UploadError::Decision`] where they make no sense for the file: then nothing was written, and the upload is where
/// it was.
pub async fn decide(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    answers: Decisions,
) -> Result<Upload, UploadError> {
    let before = undecided(backend, ctx, id).await?;
    let look = Look {
        from: &UNDECIDED,
        answers,
        back: Some(before),
        ..Look::default()
    };
    inspect(backend, ctx, id, look).await
}

/// As [`decide`], by who cannot be asked once more: answers that make no sense end the upload, which says why.
pub async fn decide_for_good(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    answers: Decisions,
) -> Result<Upload, UploadError> {
    undecided(backend, ctx, id).await?;
    let look = Look {
        from: &UNDECIDED,
        answers,
        ..Look::default()
    };
    inspect(backend, ctx, id, look).await
}

const UNDECIDED: [UploadState; 3] = [
    UploadState::Question,
    UploadState::Ready,
    UploadState::Failed,
];

/// The state of an upload that can be decided about.
async fn undecided(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<UploadState, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    if !UNDECIDED.contains(&upload.state) || upload.sha256.is_none() {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    Ok(upload.state)
}

/// What is taken as given for a file of the tenant.
pub async fn options(backend: &Backend, ctx: &Ctx) -> Result<Options, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let tenant = tx.own_tenant().await?;
    tx.commit().await?;
    Ok(of_tenant(backend, &tenant))
}

fn of_tenant(backend: &Backend, tenant: &Tenant) -> Options {
    let timezone = jiff::tz::TimeZone::get(&tenant.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut options = Options::new(timezone, tenant.currency);
    let limits = &mut options.limits;
    limits.raw_bytes = backend.config.upload_max_bytes;
    limits.expanded_bytes = limits.expanded_bytes.max(limits.raw_bytes);
    options
}

/// One look at a file.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// States it may be in beside those of a file that nobody has looked at to the end.
    pub from: &'static [UploadState],
    /// What is decided now, beside what was decided before.
    pub answers: Decisions,
    /// Where the upload goes back to, should the answers be refused. `None`: it fails.
    pub back: Option<UploadState>,
    /// By a worker that takes up what was left lying: it looks after itself.
    pub taken_up: bool,
}

/// Why a file is not read.
enum Refused {
    File(NotImportable),
    /// Its rows count in one table and would be read into another.
    AnotherDataSet {
        was: String,
        is: String,
    },
}

impl Refused {
    fn said(&self) -> storage::uploads::UploadError {
        let mut params = ingest::Params::new();
        let (code, message) = match self {
            Self::File(refused) => {
                params = refused.params();
                (refused.code().to_owned(), refused.to_string())
            }
            Self::AnotherDataSet { was, is } => (
                ANOTHER_DATA_SET.to_owned(),
                format!(
                    "The file was imported as {was} and would now be read as {is}. Undo the import first."
                ),
            ),
        };
        storage::uploads::UploadError {
            code,
            message,
            params,
        }
    }
}

impl From<Refused> for UploadError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::File(refused) => Self::Decision(refused),
            Refused::AnotherDataSet { .. } => Self::AnotherDataSet,
        }
    }
}

/// What was seen, and by which decisions.
struct Found {
    seen: Result<Inspection, Refused>,
    decisions: Decisions,
    parent: Option<UploadId>,
}

pub(super) async fn inspect(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    look: Look,
) -> Result<Upload, UploadError> {
    use UploadState::{Failed, Inspecting, Question, Ready, Received};
    let from = [&[Received, Inspecting][..], look.from].concat();
    let mut tx = backend.storage.tenant(ctx).await?;
    let tenant = tx.own_tenant().await?;
    let moved = tx.set_upload_state(id, &from, Inspecting).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let watched = match moved && !look.taken_up {
        true => Some(resume::watch(&mut tx, backend, ctx, id, None).await?),
        false => None,
    };
    tx.commit().await?;
    if !moved {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    let answered = !look.answers.is_empty();
    let Found {
        seen,
        decisions,
        parent,
    } = find(
        backend,
        ctx,
        &upload,
        of_tenant(backend, &tenant),
        look.answers,
    )
    .await?;
    let apart = matches!(&seen, Err(Refused::File(NotImportable::Apart { .. })));
    if apart && look.from.is_empty() && apart::may_split(&upload) {
        let pieces = apart::divide(backend, ctx, &upload).await?;
        if pieces.len() > 1 {
            let mut tx = backend.storage.tenant(ctx).await?;
            resume::over(&mut tx, id, watched).await?;
            let upload = apart::split(&mut tx, backend, ctx, &upload, &pieces).await?;
            tx.commit().await?;
            return Ok(upload);
        }
    }
    let state = match &seen {
        Ok(inspection) if inspection.plan.is_some() => Ready,
        Ok(_) => Question,
        Err(_) => Failed,
    };
    let back = look.back.filter(|_| state == Failed && answered);
    let mut tx = backend.storage.tenant(ctx).await?;
    resume::over(&mut tx, id, watched).await?;
    // First: whoever else looked at it meanwhile, or gave it up, has the last word.
    let mine = match (back, state) {
        (Some(back), _) => tx.set_upload_state(id, &[Inspecting], back).await?,
        // What was imported of it before still stands.
        (None, Failed) => tx.settle_upload(id, &[Inspecting], Failed).await?,
        (None, open) => tx.set_upload_state(id, &[Inspecting], open).await?,
    };
    if !mine {
        let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
        tx.commit().await?;
        return Ok(upload);
    }
    let seen = match (seen, back) {
        (Err(refused), Some(_)) => {
            tx.commit().await?;
            return Err(refused.into());
        }
        (seen, _) => seen,
    };
    // What is refused is no decision: reading the file again goes on as before.
    if !matches!(&seen, Err(Refused::AnotherDataSet { .. })) {
        tx.save_decisions(id, &serde_json::to_value(&decisions)?)
            .await?;
    }
    tx.set_parent(id, parent).await?;
    match &seen {
        Ok(inspection) => {
            tx.save_error(id, None).await?;
            tx.save_inspection(id, &serde_json::to_value(inspection)?)
                .await?;
            tx.set_data_set(id, inspection.data_set.id()).await?;
            if answered && parent.is_none() {
                let mut mapping = decisions.clone();
                mapping.retain(|key, _| !Correction::is_decision(key));
                tx.put_mapping(&inspection.fingerprint, &serde_json::to_value(&mapping)?)
                    .await?;
            }
            match &inspection.plan {
                Some(plan) => {
                    let hash = plan_hash(plan, &upload)?;
                    let plan = serde_json::to_value(plan)?;
                    tx.save_plan(id, Some((&plan, &hash))).await?;
                }
                None => tx.save_plan(id, None).await?,
            }
        }
        Err(refused) => {
            tx.save_plan(id, None).await?;
            super::as_counted(&mut tx, &upload).await?;
            tx.save_error(id, Some(&refused.said())).await?;
        }
    }
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let earlier = match (&upload.sha256, &upload.plan_hash, upload.live_run) {
        (Some(sha), Some(plan), None) => {
            tx.find_live_by_sha(id, sha, &upload.data_set, plan).await?
        }
        _ => None,
    };
    let upload = match earlier {
        Some(earlier) => {
            let mut result: ImportResult = match &earlier.result {
                Some(result) => serde_json::from_value(result.clone())?,
                None => return Err(UploadError::NotFound),
            };
            result.duplicate_of = Some(earlier.id);
            result.read_by = None;
            tx.save_result(id, &serde_json::to_value(&result)?, result.counted())
                .await?;
            tx.set_duplicate_of(id, Some(earlier.id)).await?;
            tx.set_upload_state(id, &[Ready], UploadState::Done).await?;
            tx.upload(id).await?.ok_or(UploadError::NotFound)?
        }
        None => upload,
    };
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok(upload)
}

/// Looks at the file with what was decided before, with these answers, or with what is remembered of files like it.
async fn find(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    mut options: Options,
    answers: Decisions,
) -> Result<Found, UploadError> {
    let before = super::inspection(upload)?;
    let now = match &before {
        Some(inspection) => inspection.data_set,
        None => super::data_set(upload)?,
    };
    let mut remembered = before.map(|b| b.remembered).unwrap_or_default();
    remembered.retain(|key| !answers.contains_key(key));
    let answered = !answers.is_empty();
    let mut decisions = ingest::merge(super::decisions(upload)?, answers, now);
    options.decisions.clone_from(&decisions);

    let files = samples(backend, ctx, upload).await?;
    let (mut seen, parent) = match parent(backend, ctx, upload, &files, &options).await? {
        Ok(parent) => {
            let by = parent.as_ref().map(plan).transpose()?;
            (look(&files, options.clone(), by).await?, parent)
        }
        Err(refused) => (Err(refused), None),
    };
    if parent.is_none() && !answered && !decisions.is_empty() && seen.is_err() {
        // Answers that contradict one another, or another file: the file speaks for itself.
        let without = ingest::without_mapping(decisions.clone());
        options.decisions.clone_from(&without);
        let again = look(&files, options.clone(), None).await?;
        if again.is_ok() {
            (seen, decisions) = (again, without);
        }
    }
    if let Ok(inspection) = &seen
        && parent.is_none()
        && !answered
        && decisions.is_empty()
    {
        let mut tx = backend.storage.tenant_read(ctx).await?;
        let mapping = tx.mapping(&inspection.fingerprint).await?;
        tx.commit().await?;
        if let Some(mapping) = mapping {
            let kept: Decisions = serde_json::from_value(mapping.decisions)?;
            options.decisions.clone_from(&kept);
            if let Ok(inspection) = look(&files, options, None).await? {
                decisions = kept;
                // Asked once more: this file contradicts what was said of the other.
                decisions.retain(|key, _| !inspection.questions.iter().any(|q| q.id == *key));
                remembered = decisions.keys().cloned().collect();
                seen = Ok(inspection);
            }
        }
    }
    let seen = seen.map_err(Refused::File).and_then(|mut inspection| {
        remembered.retain(|key| decisions.contains_key(key));
        inspection.remembered = remembered;
        same_data_set(upload, inspection)
    });
    Ok(Found {
        seen,
        decisions,
        parent: parent.map(|parent| parent.id),
    })
}

/// Two plans of one hash read the same bytes alike: names of files do not matter for it, where they end does.
fn plan_hash(plan: &Plan, upload: &Upload) -> Result<String, UploadError> {
    let mut plan = plan.clone();
    if let Format::Joined { tables } = &mut plan.format {
        for table in tables {
            table.name.clear();
        }
    }
    let mut text = serde_json::to_value(&plan)?.to_string();
    for part in &upload.parts {
        text.push_str(&format!(" {}", part.size));
    }
    Ok(hex(&Sha256::digest(text)))
}

const ANOTHER_DATA_SET: &str = "another_data_set";

/// While rows of an upload count in one table, it is not read into another.
fn same_data_set(upload: &Upload, inspection: Inspection) -> Result<Inspection, Refused> {
    let (was, is) = (upload.data_set.as_str(), inspection.data_set.id());
    if upload.live_run.is_none() || was == is {
        return Ok(inspection);
    }
    Err(Refused::AnotherDataSet {
        was: was.to_owned(),
        is: is.to_owned(),
    })
}

/// A sample of each file, with its name.
pub(super) type Samples = Arc<Vec<(Sample, String)>>;

pub(super) async fn samples(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
) -> Result<Samples, UploadError> {
    let objects = backend.objects.clone();
    let windows = sources::windows(ctx, upload);
    let names = sources::names(upload);
    tokio::task::spawn_blocking(move || {
        let mut samples = Vec::new();
        for (window, name) in windows.iter().zip(names) {
            samples.push((Sample::from_read(objects.window(window)?)?, name));
        }
        Ok(Arc::new(samples))
    })
    .await?
}

/// The upload whose refused records these are: as it was announced, or as the file's own columns say.
async fn parent(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    files: &Samples,
    options: &Options,
) -> Result<Result<Option<Upload>, NotImportable>, UploadError> {
    if files.len() != 1 {
        return Ok(Ok(None));
    }
    let (files, options) = (Arc::clone(files), options.clone());
    let named = tokio::task::spawn_blocking(move || match files.first() {
        Some((sample, name)) => ingest::corrects(sample, name, &options),
        None => Ok(None),
    })
    .await?;
    let named = match named {
        Ok(named) => named.and_then(|id| id.parse::<UploadId>().ok()),
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(id) = named.or(upload.parent) else {
        return Ok(Ok(None));
    };
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let mut found = tx.upload(id).await?;
    if let Some(of) = found.as_ref().and_then(|found| found.duplicate_of) {
        found = tx.upload(of).await?;
    }
    tx.commit().await?;
    // Of another tenant, or never read: then the file stands for itself.
    Ok(Ok(found.filter(|found| {
        found.seq < upload.seq && found.plan.is_some()
    })))
}

async fn look(
    files: &Samples,
    options: Options,
    parent: Option<Plan>,
) -> Result<Result<Inspection, NotImportable>, UploadError> {
    let files = Arc::clone(files);
    let looked = tokio::task::spawn_blocking(move || match (files.as_slice(), parent) {
        ([(sample, name)], Some(parent)) => {
            ingest::inspect_corrected(sample, name, &options, &parent)
        }
        (files, _) => {
            let mut inspection = ingest::inspect_files(files, &options)?;
            inspection.answered = ingest::answered(files, &options);
            // It is remembered by what the next file like it looks like before anything is decided.
            if let Some(decisions) = ingest::without_form(&options.decisions)
                && let Ok(plain) = ingest::inspect_files(
                    files,
                    &Options {
                        decisions,
                        ..options
                    },
                )
            {
                inspection.fingerprint = plain.fingerprint;
            }
            Ok(inspection)
        }
    });
    Ok(looked.await?)
}
