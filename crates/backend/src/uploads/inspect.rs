//! What a file is, what it leaves open, and whether it was imported before.

use super::{ImportResult, Upload, UploadError, get, hex, plan, sources};
use crate::{Backend, import};
use access::{Action, Ctx, Resource, authorize};
use ingest::{Correction, Decisions, Format, Inspection, NotImportable, Options, Plan, Sample};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use storage::{Tenant, uploads::UploadState};
use types::UploadId;

/// Answers and mapping overrides; the file is inspected again with them. They are remembered for the
/// next file with the same header.
pub async fn decide(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    decisions: Decisions,
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let upload = get(backend, ctx, id).await?;
    if !matches!(
        upload.state,
        UploadState::Question | UploadState::Ready | UploadState::Failed
    ) || upload.sha256.is_none()
    {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    inspect(backend, ctx, id, decisions).await
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

pub(super) async fn inspect(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    answers: Decisions,
) -> Result<Upload, UploadError> {
    use UploadState::{Failed, Inspecting, Question, Ready};
    let mut tx = backend.storage.tenant(ctx).await?;
    let tenant = tx.own_tenant().await?;
    let moved = tx
        .set_upload_state(
            id,
            &[UploadState::Received, Inspecting, Question, Ready, Failed],
            Inspecting,
        )
        .await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    tx.commit().await?;
    if !moved {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    let mut decisions: Decisions = match &upload.decisions {
        Some(kept) => serde_json::from_value(kept.clone())?,
        None => Decisions::new(),
    };
    let answered = !answers.is_empty();
    decisions.extend(answers);
    let mut options = of_tenant(backend, &tenant);
    options.decisions.clone_from(&decisions);

    let files = samples(backend, ctx, &upload).await?;
    let (mut seen, parent) = match parent(backend, ctx, &upload, &files, &options).await? {
        Ok(parent) => {
            let by = parent.as_ref().map(plan).transpose()?;
            (look(&files, options.clone(), by).await?, parent)
        }
        Err(refused) => (Err(refused), None),
    };
    if let Ok(inspection) = &seen
        && parent.is_none()
        && !answered
        && decisions.is_empty()
    {
        let mut tx = backend.storage.tenant_read(ctx).await?;
        let remembered = tx.mapping(&inspection.fingerprint).await?;
        tx.commit().await?;
        if let Some(mapping) = remembered {
            decisions = serde_json::from_value(mapping.decisions)?;
            options.decisions.clone_from(&decisions);
            seen = look(&files, options, None).await?;
        }
    }

    let seen = seen
        .map_err(|refused| storage::uploads::UploadError {
            code: refused.code().to_owned(),
            message: refused.to_string(),
        })
        .and_then(|inspection| same_data_set(&upload, inspection));
    let mut tx = backend.storage.tenant(ctx).await?;
    // What is refused is no decision: reading the file again goes on as before.
    if !matches!(&seen, Err(refused) if refused.code == ANOTHER_DATA_SET) {
        tx.save_decisions(id, &serde_json::to_value(&decisions)?)
            .await?;
    }
    tx.set_parent(id, parent.as_ref().map(|p| p.id)).await?;
    let state = match &seen {
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
                    Ready
                }
                None => {
                    tx.save_plan(id, None).await?;
                    Question
                }
            }
        }
        Err(refused) => {
            tx.save_plan(id, None).await?;
            tx.save_error(id, Some(refused)).await?;
            Failed
        }
    };
    match state {
        // What was imported of it before still stands.
        Failed => tx.settle_upload(id, &[Inspecting], Failed).await?,
        open => tx.set_upload_state(id, &[Inspecting], open).await?,
    };
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
fn same_data_set(
    upload: &Upload,
    inspection: Inspection,
) -> Result<Inspection, storage::uploads::UploadError> {
    let (was, is) = (upload.data_set.as_str(), inspection.data_set.id());
    if upload.live_run.is_none() || was == is {
        return Ok(inspection);
    }
    Err(storage::uploads::UploadError {
        code: ANOTHER_DATA_SET.to_owned(),
        message: format!(
            "The file was imported as {was} and would now be read as {is}. Undo the import first."
        ),
    })
}

/// A sample of each file, with its name.
type Samples = Arc<Vec<(Sample, String)>>;

async fn samples(backend: &Backend, ctx: &Ctx, upload: &Upload) -> Result<Samples, UploadError> {
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
        (files, _) => ingest::inspect_files(files, &options),
    });
    Ok(looked.await?)
}
