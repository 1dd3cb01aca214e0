//! Taking imports back, bringing them back, reading files anew, trying again.

use super::{
    Upload, UploadError, get, import_key,
    inspect::{Look, inspect},
    lock_group,
};
use crate::{Backend, import, publication};
use access::{Action, Ctx, Resource, authorize};
use ingest::{Correction, Decisions};
use storage::{
    TenantTx,
    jobs::NewJob,
    uploads::UploadState,
    uploads::UploadState::{Cancelled, Done, Failed, Held, Importing, Question, Ready, Undone},
};
use types::UploadId;

/// Takes an import back: the figures become what they would be without it. Done by a worker; asked for twice, it
/// happens once. An upload that brought nothing because its lines were there already is undone at once.
pub async fn undo(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Delete, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    if tx.begin_undo(id).await? {
        enqueue(&mut tx, ctx, &upload, None, Undone).await?;
    } else if upload.state == Done && upload.live_run.is_none() {
        tx.set_upload_state(id, &[Done], Undone).await?;
    } else if !matches!(upload.state, Done | Undone) {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    tell(tx, id).await
}

/// Whether its lines are being taken out of the figures.
pub fn is_undoing(upload: &Upload) -> bool {
    upload.state == Done && upload.step == publication::UNDOING
}

/// Brings back what was read and does not count: after an undo, without reading the file again.
pub async fn redo(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    publish(backend, ctx, id, Undone).await
}

/// Publishes what a critical rule of quality holds back.
pub async fn publish_anyway(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    publish(backend, ctx, id, Held).await
}

/// Gives up what a critical rule of quality holds back; what was imported of the file before stays in the figures.
pub async fn abandon(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    let upload = get(backend, ctx, id).await?;
    if upload.state != Held {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    super::cancel(backend, ctx, id).await
}

/// From this state into the figures, without reading the file.
async fn publish(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    from: UploadState,
) -> Result<Upload, UploadError> {
    let mut tx = backend.storage.tenant(ctx).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let Some(run) = upload.read_run else {
        return Err(UploadError::State {
            state: upload.state,
        });
    };
    if tx.set_upload_state(id, &[from], Importing).await? {
        tx.set_upload_progress(id, "publishing", upload.rows_done, upload.size)
            .await?;
        enqueue(&mut tx, ctx, &upload, Some(run), from).await?;
    } else if !matches!(upload.state, Importing | Done) {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    tell(tx, id).await
}

/// Reads the file again, from its inspection on, with the decisions made before. Until its import is started and
/// done, what an earlier import of it brought stays in the figures; then the new lines take its place.
pub async fn rerun(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    again(backend, ctx, id, Decisions::new()).await
}

/// As [`rerun`], with these values in the place of what stands in the file.
pub async fn correct(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    corrections: &[Correction],
) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Update, Resource::Uploads)?;
    let corrections = corrections.iter().map(Correction::decision).collect();
    again(backend, ctx, id, corrections).await
}

/// With the decisions made before, and these.
async fn again(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    more: Decisions,
) -> Result<Upload, UploadError> {
    let upload = get(backend, ctx, id).await?;
    let refused = UploadError::State {
        state: upload.state,
    };
    if upload.sha256.is_none() || upload.step == publication::UNDOING {
        return Err(refused);
    }
    let look = Look {
        from: &[Done, Held, Undone, Failed, Cancelled, Question, Ready],
        back: (!more.is_empty()).then_some(upload.state),
        answers: more,
        ..Look::default()
    };
    inspect(backend, ctx, id, look).await
}

/// Forgets what was answered about this file and remembered of files like it, and asks as if for the first time.
/// Values that were corrected stay corrected.
pub async fn ask_again(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    if !matches!(upload.state, Question | Ready) {
        return Err(UploadError::State {
            state: upload.state,
        });
    }
    if let Some(inspection) = super::inspection(&upload)? {
        tx.forget_mapping(&inspection.fingerprint).await?;
    }
    let mut decisions = super::decisions(&upload)?;
    decisions.retain(|key, _| Correction::is_decision(key));
    tx.save_decisions(id, &serde_json::to_value(&decisions)?)
        .await?;
    tx.commit().await?;
    let look = Look {
        from: &[Question, Ready],
        ..Look::default()
    };
    inspect(backend, ctx, id, look).await
}

/// Another set of attempts for an import that was given up.
pub async fn retry(backend: &Backend, ctx: &Ctx, id: UploadId) -> Result<Upload, UploadError> {
    authorize(ctx, Action::Create, Resource::Uploads)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let refused = UploadError::State {
        state: upload.state,
    };
    let key = import_key(id, upload.run);
    let Some(job) = tx.job_by_key(&key).await? else {
        return Err(refused);
    };
    if !tx.revive_job(job.id).await? {
        return Err(refused);
    }
    // Done: an earlier import of it stands, the later one was given up.
    if !tx.set_upload_state(id, &[Failed, Done], Importing).await? {
        return Err(refused);
    }
    tx.save_error(id, None).await?;
    tell(tx, id).await
}

async fn enqueue(
    tx: &mut TenantTx,
    ctx: &Ctx,
    upload: &Upload,
    live: Option<i32>,
    otherwise: UploadState,
) -> Result<(), UploadError> {
    let payload = publication::Payload {
        upload: upload.id,
        live,
        starts: upload.run,
        otherwise,
    };
    let mut job = NewJob::new(publication::JOB, serde_json::to_value(payload)?);
    job.lock_group = Some(lock_group(ctx));
    tx.enqueue_job(&job).await?;
    Ok(())
}

async fn tell(mut tx: TenantTx, id: UploadId) -> Result<Upload, UploadError> {
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    import::tell(&mut tx, &upload).await?;
    tx.commit().await?;
    Ok(upload)
}
