//! From the domain's values to what the pages are shown.

mod corrections;
mod deciding;
mod form;
mod history;
mod inspection;
pub mod mending;

pub use backend::uploads;
pub use deciding::decide;
pub use history::{list, newest, rows, senders};

use crate::entry::{Entered, IntoApi, moment};
use api::{
    ApiError, Code,
    uploads::{
        Change, Changed, Check, DataPreview, Failure, FileOutcome, Fix, ImportEffect, Note,
        NotedRecord, Outcome, PAGE, Part, Preview, PreviewRow, Reject, State, Totals, Upload, Who,
    },
};
use backend::{
    data_sets,
    ingest::{self, DataSet},
    lake, quality,
    storage::{Sender, uploads::UploadState},
};
use jiff::tz::TimeZone;
use std::collections::HashMap;
use types::{KeyId, Page, UploadId, UserId, WatchId};
use uploads::{Upload as Stored, UploadError};

impl IntoApi for UploadError {
    fn into_api(self) -> ApiError {
        match self {
            Self::Denied(denied) => denied.into_api(),
            Self::NotFound => ApiError::of(Code::NotFound),
            Self::TooLarge { limit, .. } => ApiError::new(Code::TooLarge, "file_too_large")
                .with("max", format!("{} MB", limit / 1_000_000)),
            Self::Offset { .. } | Self::Incomplete { .. } => {
                ApiError::new(Code::Conflict, "upload_offset")
            }
            Self::Parts { .. } => ApiError::of(Code::Invalid),
            Self::State { .. } => ApiError::new(Code::Conflict, "upload_state"),
            Self::Decision(refused) => deciding::refused(&refused),
            Self::AnotherDataSet => ApiError::new(Code::Invalid, "another_data_set"),
            Self::Storage(error) => error.into_api(),
            Self::Query(error) => error.into_api(),
            _ => ApiError::of(Code::Internal),
        }
    }
}

/// What the tenant's pages need to know to show an upload.
struct Around {
    zone: TimeZone,
    people: HashMap<UserId, String>,
    keys: HashMap<KeyId, String>,
    places: HashMap<WatchId, String>,
}

impl Around {
    async fn of(on: &Entered) -> Result<Self, UploadError> {
        let mut tx = on.backend.storage.tenant_read(&on.ctx).await?;
        let tenant = tx.own_tenant().await?;
        let people = tx.members().await?;
        let keys = tx.api_keys().await?;
        let places = tx.watches().await?;
        tx.commit().await?;
        Ok(Self {
            zone: TimeZone::get(&tenant.timezone).unwrap_or(TimeZone::UTC),
            people: people.into_iter().map(|m| (m.id, m.name)).collect(),
            keys: keys.into_iter().map(|key| (key.id, key.name)).collect(),
            places: places.into_iter().map(|w| (w.id, w.url)).collect(),
        })
    }

    /// `None` for who is no member any more, too.
    fn who(&self, sender: Option<Sender>) -> Option<Who> {
        match sender? {
            Sender::User(id) => self.people.get(&id).cloned().map(Who::Person),
            Sender::Key(id) => self.keys.get(&id).cloned().map(Who::Key),
            Sender::Watch(id) => Some(Who::Watch(
                self.places.get(&id).cloned().unwrap_or_default(),
            )),
            Sender::Command => Some(Who::Command),
        }
    }
}

/// The end of every server function that returns one upload.
pub async fn answer(on: &Entered, result: Result<Stored, UploadError>) -> Result<Upload, ApiError> {
    let shown = match result {
        Ok(stored) => Around::of(on)
            .await
            .and_then(|around| upload(&around, &stored)),
        Err(error) => Err(error),
    };
    on.answer(shown, |upload| upload)
}

/// One upload with all that its page shows in its state. A preview that cannot be read costs the
/// preview, not the page.
pub async fn whole(on: &Entered, id: UploadId, page: u64) -> Result<Upload, ApiError> {
    let found = uploads::get(&on.backend, &on.ctx, id).await;
    let kin = history::kin(on, &found).await;
    let mut upload = answer(on, found).await?;
    (upload.pieces, upload.taken_from) = on.part(kin, |kin| kin).unwrap_or_default();
    let mut refused = Vec::new();
    if upload.state == State::Ready {
        let read = uploads::preview(&on.backend, &on.ctx, id).await;
        if let Ok(preview) = &read {
            refused.clone_from(&preview.rejects);
        }
        upload.preview = Some(on.part(read, preview));
    }
    if upload.outcome.as_ref().is_some_and(|o| o.rejected > 0) {
        let found = rejects(on, id, page).await;
        upload.rejects = Some(on.part(found, |page| page.map(reject)));
        if upload.state != State::Undone {
            let first = uploads::rejects(&on.backend, &on.ctx, id, 0, LOOKED_AT).await;
            refused = on.part(first, |page| page.items).unwrap_or_default();
        }
    }
    upload.problems = corrections::problems(&refused, &upload.columns);
    if matches!(upload.state, State::Done | State::Held)
        && let Some(outcome) = &upload.outcome
    {
        let odd = corrections::odd(&outcome.notes, &upload.columns);
        upload.problems.extend(odd);
    }
    if matches!(upload.state, State::Held | State::Done) {
        let said = quality::results(&on.backend, &on.ctx, id).await;
        upload.checks = on
            .part(said, |said| said.into_iter().map(check).collect())
            .unwrap_or_default();
    }
    Ok(upload)
}

/// Refused records that are looked at for what they have in common.
const LOOKED_AT: u32 = 1_000;

pub async fn begin(
    on: &Entered,
    parts: Vec<Part>,
    parent: Option<UploadId>,
) -> Result<Stored, UploadError> {
    let part = |part: Part| uploads::Part {
        name: part.name,
        size: part.size,
    };
    let announced = uploads::Announced {
        parts: parts.into_iter().map(part).collect(),
        parent,
    };
    uploads::begin(&on.backend, &on.ctx, &announced).await
}

pub async fn correct(on: &Entered, id: UploadId, fixes: Vec<Fix>) -> Result<Stored, UploadError> {
    let corrections = corrections::read(fixes);
    if corrections.is_empty() {
        return uploads::get(&on.backend, &on.ctx, id).await;
    }
    uploads::correct(&on.backend, &on.ctx, id, &corrections).await
}

pub async fn change(on: &Entered, id: UploadId, what: Change) -> Result<Stored, UploadError> {
    let (backend, ctx) = (&on.backend, &on.ctx);
    match what {
        Change::Undo => uploads::undo(backend, ctx, id).await,
        Change::Redo => uploads::redo(backend, ctx, id).await,
        Change::Rerun => uploads::rerun(backend, ctx, id).await,
        Change::Retry => uploads::retry(backend, ctx, id).await,
        Change::Publish => uploads::publish_anyway(backend, ctx, id).await,
        Change::Abandon => uploads::abandon(backend, ctx, id).await,
        Change::AskAgain => uploads::ask_again(backend, ctx, id).await,
    }
}

async fn rejects(
    on: &Entered,
    id: UploadId,
    page: u64,
) -> Result<Page<ingest::Reject>, UploadError> {
    let offset = page.min(1_000_000) * PAGE;
    uploads::rejects(&on.backend, &on.ctx, id, offset, PAGE as u32).await
}

fn state(state: UploadState) -> State {
    match state {
        UploadState::Receiving => State::Receiving,
        UploadState::Received => State::Received,
        UploadState::Inspecting => State::Inspecting,
        UploadState::Question => State::Question,
        UploadState::Ready => State::Ready,
        UploadState::Importing => State::Importing,
        UploadState::Held => State::Held,
        UploadState::Done => State::Done,
        UploadState::Failed => State::Failed,
        UploadState::Cancelled => State::Cancelled,
        UploadState::Undone => State::Undone,
        UploadState::Split => State::Split,
    }
}

/// The serde name of a plain enum.
fn id_of(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

fn totals(result: uploads::ImportResult) -> Vec<Totals> {
    result
        .totals
        .into_iter()
        .map(|t| Totals {
            currency: t.currency,
            gross_sales: t.gross_sales,
            net_sales: t.net_sales,
            orders: t.orders,
            customers: t.customers,
        })
        .collect()
}

fn upload(around: &Around, stored: &Stored) -> Result<Upload, UploadError> {
    let found = uploads::inspection(stored)?;
    let result = uploads::shown_result(stored)?;
    Ok(Upload {
        id: stored.id,
        file_name: stored.file_name.clone(),
        size: stored.size,
        received: stored.received,
        state: state(stored.state),
        rows_done: stored.rows_done,
        bytes_done: stored.bytes_done,
        facts: found.as_ref().map(inspection::facts),
        columns: found.as_ref().map(inspection::columns).unwrap_or_default(),
        questions: found
            .as_ref()
            .map(inspection::questions)
            .unwrap_or_default(),
        assumptions: found
            .as_ref()
            .map(inspection::assumptions)
            .unwrap_or_default(),
        decisions: uploads::decisions(stored)?,
        answers: found.as_ref().map(inspection::answers).unwrap_or_default(),
        reading: found.as_ref().and_then(inspection::how_read),
        live: stored.live_run.is_some(),
        duplicate_of: result.as_ref().and_then(|r| r.duplicate_of),
        preview: None,
        outcome: result.map(outcome),
        rejects: None,
        checks: Vec::new(),
        problems: Vec::new(),
        failure: stored.error.as_ref().map(|e| Failure {
            code: e.code.clone(),
            message: e.message.clone(),
            params: e.params.clone(),
        }),
        parts: stored
            .parts
            .iter()
            .map(|part| Part {
                name: part.name.clone(),
                size: part.size,
            })
            .collect(),
        parent: stored.parent,
        pieces: Vec::new(),
        taken_from: None,
        undoing: uploads::is_undoing(stored),
        created_by: around.who(stored.sent_by),
        created: moment(stored.created_at, &around.zone),
        finished: stored.finished_at.map(|at| moment(at, &around.zone)),
    })
}

fn outcome(result: uploads::ImportResult) -> Outcome {
    Outcome {
        rows: result.rows,
        accepted: result.accepted,
        warnings: result.warnings,
        rejected: result.rejected,
        blank: result.blank,
        duplicates: result.duplicates,
        first_day: result.first_day,
        last_day: result.last_day,
        seconds: result.seconds,
        notes: result.warned.iter().map(note).collect(),
        files: result.files.iter().map(file).collect(),
        totals: totals(result),
    }
}

fn note(group: &ingest::WarningGroup) -> Note {
    let noted = |warning: &ingest::Warning| NotedRecord {
        record: warning.record,
        line: warning.line_no,
        value: warning.params.get("value").cloned(),
        expected: warning.params.get("expected").cloned(),
        message: warning.message.clone(),
    };
    Note {
        code: id_of(group.code),
        column: group.column.clone(),
        times: group.times,
        first: group.first.iter().map(noted).collect(),
    }
}

fn file(count: &ingest::FileCount) -> FileOutcome {
    FileOutcome {
        name: count.name.clone(),
        role: id_of(count.role),
        records: count.records,
        unmatched: count.unmatched,
        set_aside: count.set_aside,
    }
}

/// Fields without a value in the first rows are left out.
fn data_preview(preview: &uploads::Preview) -> Option<DataPreview> {
    let set = preview.data_set;
    if set == DataSet::Orders {
        return None;
    }
    let of = |row: &ingest::DataRow, at: usize| row.values.get(at)?.clone();
    let specs: Vec<_> = set
        .fields()
        .iter()
        .enumerate()
        .filter(|(at, _)| preview.data.iter().any(|row| of(row, *at).is_some()))
        .collect();
    let texts = |row: &ingest::DataRow| {
        let value = |(at, spec): &(usize, &ingest::FieldSpec)| {
            of(row, *at).map_or_else(String::new, |v| data_sets::text(spec.kind, &v))
        };
        specs.iter().map(value).collect()
    };
    Some(DataPreview {
        fields: specs
            .iter()
            .map(|(_, spec)| spec.field.id().to_owned())
            .collect(),
        rows: preview.data.iter().map(texts).collect(),
        changes: changed(preview.effect.lines),
    })
}

fn preview(preview: uploads::Preview) -> Preview {
    Preview {
        data: data_preview(&preview),
        records: preview.records,
        rejected: preview.rejected,
        repeated: preview.repeated,
        days: preview.days,
        effect_complete: preview.effect.complete,
        orders: preview.orders,
        lines: preview.lines,
        first_day: preview.first_day,
        last_day: preview.last_day,
        gross: preview.gross,
        rows: preview
            .rows
            .into_iter()
            .map(|line| PreviewRow {
                order: line.order_id.into(),
                day: line.day,
                product: line.product_name.into(),
                quantity: line.quantity,
                gross: line.gross,
                currency: line.currency,
                customer: line.customer.map(Into::into),
                country: line.country.map(Into::into),
                kind: id_of(line.kind),
            })
            .collect(),
        rejects: preview.rejects.into_iter().map(reject).collect(),
        effect: ImportEffect {
            orders: changed(preview.effect.orders),
            customers: changed(preview.effect.customers),
            products: changed(preview.effect.products),
            lost: preview.effect.lost,
            absent: match preview.complete && preview.effect.complete {
                true => preview.effect.absent,
                false => 0,
            },
        },
        complete: preview.complete,
    }
}

fn changed(changes: lake::Changes) -> Changed {
    Changed {
        added: changes.added,
        changed: changes.changed,
        unchanged: changes.unchanged,
    }
}

fn check(verdict: lake::quality::Verdict) -> Check {
    Check {
        rule: verdict.rule.id,
        severity: id_of(verdict.rule.severity),
        outcome: id_of(verdict.outcome),
        checked: verdict.checked,
        failing: verdict.failing,
        examples: verdict.examples,
    }
}

fn reject(reject: ingest::Reject) -> Reject {
    Reject {
        record: reject.record,
        line: reject.line_no,
        span: reject.span(),
        place: reject.place.as_ref().map(ToString::to_string),
        file: reject.file,
        column: reject.column,
        raw: reject.raw,
        code: id_of(reject.code),
        reason: reject.message,
        example: reject.params.get("example").cloned(),
        suggestion: reject.suggestion,
    }
}
