//! What a file is, what it leaves open, and whether it was imported before.

use super::{ImportResult, Upload, UploadError, get, hex, raw_path};
use crate::{Backend, import};
use access::{Action, Ctx, Resource, authorize};
use ingest::{Correction, Decisions, Inspection, NotImportable, Options, Sample};
use sha2::{Digest, Sha256};
use storage::uploads::UploadState;
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
    let timezone = jiff::tz::TimeZone::get(&tenant.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut options = Options::new(timezone, tenant.currency);
    options.limits.raw_bytes = backend.config.upload_max_bytes;
    options.limits.expanded_bytes = options
        .limits
        .expanded_bytes
        .max(backend.config.upload_max_bytes);
    options.decisions.clone_from(&decisions);

    let mut seen = look(backend, ctx, &upload, options.clone()).await?;
    if let Ok(inspection) = &seen
        && !answered
        && decisions.is_empty()
    {
        let mut tx = backend.storage.tenant_read(ctx).await?;
        let remembered = tx.mapping(&inspection.fingerprint).await?;
        tx.commit().await?;
        if let Some(mapping) = remembered {
            decisions = serde_json::from_value(mapping.decisions)?;
            options.decisions.clone_from(&decisions);
            seen = look(backend, ctx, &upload, options).await?;
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
    let state = match &seen {
        Ok(inspection) => {
            tx.save_error(id, None).await?;
            tx.save_inspection(id, &serde_json::to_value(inspection)?)
                .await?;
            tx.set_data_set(id, inspection.data_set.id()).await?;
            if answered {
                let mut mapping = decisions.clone();
                mapping.retain(|key, _| !Correction::is_decision(key));
                tx.put_mapping(&inspection.fingerprint, &serde_json::to_value(&mapping)?)
                    .await?;
            }
            match &inspection.plan {
                Some(plan) => {
                    let plan = serde_json::to_value(plan)?;
                    let hash = hex(&Sha256::digest(plan.to_string()));
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

async fn look(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    options: Options,
) -> Result<Result<Inspection, NotImportable>, UploadError> {
    let objects = backend.objects.clone();
    let path = raw_path(ctx, upload.id);
    let name = upload.file_name.clone();
    tokio::task::spawn_blocking(move || {
        let reader = objects.reader(&path)?;
        let sample = Sample::from_read(reader)?;
        Ok(ingest::inspect(&sample, &name, &options))
    })
    .await?
}
