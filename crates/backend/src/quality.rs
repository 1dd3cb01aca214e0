//! Rules of quality: built in, and a tenant's own. All are checked before an upload counts.

use crate::{
    Backend, publication,
    uploads::{self, UploadError},
};
use access::{Action, Ctx, Denied, Resource, authorize};
use ingest::DataSet;
use lake::{
    Imported, Run,
    quality::{Check, Inspected, Known, Rule, Verdict},
};
use serde::Serialize;
use serde_json::Value;
use storage::{
    NewQualityRule, QualityResult, QualityRule, StorageError, TenantTx, uploads::Upload,
};
use thiserror::Error;
use types::{Day, UploadId};
use uuid::Uuid;

/// More would make each import slow.
const OWN_RULES: usize = 50;
/// Of a list of known values.
const KNOWN_VALUES: usize = 10_000;

#[derive(Debug, Error)]
pub enum QualityError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("there is no such rule")]
    NotFound,
    #[error("there is a rule of this name")]
    NameTaken,
    /// What to mend, in a word.
    #[error("the rule makes no sense: {0}")]
    Invalid(&'static str),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("a rule that was kept cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// A tenant's own rule.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRule {
    pub id: Uuid,
    /// Whose files it is asked of.
    pub data_set: DataSet,
    pub enabled: bool,
    /// Its `id` is the name it was given.
    pub rule: Rule,
}

/// The rules that hold for every shop, by data set, and the tenant's own.
pub async fn rules(
    backend: &Backend,
    ctx: &Ctx,
) -> Result<(Vec<(DataSet, Rule)>, Vec<OwnRule>), QualityError> {
    authorize(ctx, Action::Read, Resource::Settings)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let own = tx.every_quality_rule().await?;
    tx.commit().await?;
    let own = own.into_iter().map(own_rule).collect::<Result<_, _>>()?;
    let built_in = DataSet::ALL
        .into_iter()
        .flat_map(|set| Rule::of(set).into_iter().map(move |rule| (set, rule)))
        .collect();
    Ok((built_in, own))
}

/// A rule for the files of a data set.
pub async fn add_rule(
    backend: &Backend,
    ctx: &Ctx,
    set: DataSet,
    rule: &Rule,
) -> Result<Uuid, QualityError> {
    authorize(ctx, Action::Update, Resource::Settings)?;
    let new = new_rule(set, rule, true)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    if tx.quality_rules(set.id()).await?.len() >= OWN_RULES {
        return Err(QualityError::Invalid("too_many"));
    }
    let id = tx.insert_quality_rule(&new).await.map_err(taken)?;
    tx.commit().await?;
    Ok(id)
}

pub async fn change_rule(
    backend: &Backend,
    ctx: &Ctx,
    id: Uuid,
    (set, rule): (DataSet, &Rule),
    enabled: bool,
) -> Result<(), QualityError> {
    authorize(ctx, Action::Update, Resource::Settings)?;
    let new = new_rule(set, rule, enabled)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    match tx.update_quality_rule(id, &new).await {
        Err(StorageError::NotFound) => return Err(QualityError::NotFound),
        changed => changed.map_err(taken)?,
    }
    tx.commit().await?;
    Ok(())
}

pub async fn remove_rule(backend: &Backend, ctx: &Ctx, id: Uuid) -> Result<(), QualityError> {
    authorize(ctx, Action::Update, Resource::Settings)?;
    let mut tx = backend.storage.tenant(ctx).await?;
    if !tx.delete_quality_rule(id).await? {
        return Err(QualityError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}

/// What the rules said of the last run of an upload that was read.
pub async fn results(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<Vec<Verdict>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let upload = tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let results = match upload.read_run {
        Some(run) => tx.quality_results(id, run).await?,
        None => Vec::new(),
    };
    tx.commit().await?;
    Ok(results
        .into_iter()
        .map(|result| serde_json::from_value(result.body))
        .collect::<Result<_, _>>()?)
}

/// Checks a run that was read.
pub(crate) async fn check(
    backend: &Backend,
    ctx: &Ctx,
    upload: &Upload,
    imported: &Imported,
) -> Result<Vec<Verdict>, UploadError> {
    let data_set = uploads::data_set(upload)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let tenant = tx.own_tenant().await?;
    let own = tx.quality_rules(data_set.id()).await?;
    let live = publication::live(&mut tx, data_set.id()).await?;
    tx.commit().await?;
    let mut rules = Rule::of(data_set);
    for rule in own.into_iter().filter(|rule| rule.enabled) {
        match own_rule(rule) {
            Ok(own) => rules.push(own.rule),
            // Of another version of the product: an import is no place to fail over it.
            Err(error) => tracing::warn!(%error, "a rule of quality was left out"),
        }
    }
    let zone = jiff::tz::TimeZone::get(&tenant.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let inspected = Inspected {
        data_set,
        run: Run {
            upload: upload.id,
            run: upload.run,
        },
        live,
        counts: imported.counts,
        last_day: imported.last_day,
        today: Day::from_date(zone.to_datetime(ctx.now()).date()),
    };
    Ok(backend.lake.check(ctx.tenant, inspected, rules).await?)
}

pub(crate) async fn save(
    tx: &mut TenantTx,
    id: UploadId,
    run: i32,
    verdicts: &[Verdict],
) -> Result<(), UploadError> {
    let results = verdicts
        .iter()
        .map(|verdict| {
            Ok(QualityResult {
                rule: verdict.rule.id.clone(),
                severity: word(&verdict.rule.severity)?,
                outcome: word(&verdict.outcome)?,
                body: serde_json::to_value(verdict)?,
            })
        })
        .collect::<Result<Vec<_>, serde_json::Error>>()?;
    tx.save_quality_results(id, run, &results).await?;
    Ok(())
}

/// The serde name of a plain enum.
fn word(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(match serde_json::to_value(value)? {
        Value::String(word) => word,
        other => other.to_string(),
    })
}

fn own_rule(rule: QualityRule) -> Result<OwnRule, serde_json::Error> {
    let set = Value::String(rule.data_set);
    Ok(OwnRule {
        id: rule.id,
        data_set: serde_json::from_value(set)?,
        enabled: rule.enabled,
        rule: Rule {
            id: rule.name,
            severity: serde_json::from_value(Value::String(rule.severity))?,
            check: serde_json::from_value(rule.body)?,
        },
    })
}

fn new_rule(set: DataSet, rule: &Rule, enabled: bool) -> Result<NewQualityRule, QualityError> {
    let name = rule.id.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(QualityError::Invalid("name"));
    }
    if Rule::of(set).iter().any(|built_in| built_in.id == name) {
        return Err(QualityError::NameTaken);
    }
    sensible(&rule.check)?;
    if !rule.check.fits(set) {
        return Err(QualityError::Invalid("column"));
    }
    Ok(NewQualityRule {
        data_set: set.id().to_owned(),
        name: name.to_owned(),
        severity: word(&rule.severity)?,
        enabled,
        body: serde_json::to_value(&rule.check)?,
    })
}

fn sensible(check: &Check) -> Result<(), QualityError> {
    let share = match check {
        Check::NotNull { max_share, .. }
        | Check::Range { max_share, .. }
        | Check::Days { max_share, .. }
        | Check::Rejected { max_share } => *max_share,
        Check::Unique { columns, max_share } => {
            if columns.is_empty() {
                return Err(QualityError::Invalid("columns"));
            }
            *max_share
        }
        Check::Reference {
            known, max_share, ..
        } => {
            if matches!(known, Known::These(values) if values.is_empty() || values.len() > KNOWN_VALUES)
            {
                return Err(QualityError::Invalid("known"));
            }
            *max_share
        }
        Check::Freshness { max_days } => {
            return if *max_days < 0 {
                Err(QualityError::Invalid("max_days"))
            } else {
                Ok(())
            };
        }
        Check::VolumeDrift { max_factor } => {
            return if *max_factor < 1.0 || !max_factor.is_finite() {
                Err(QualityError::Invalid("max_factor"))
            } else {
                Ok(())
            };
        }
    };
    if let Check::Range {
        min: None,
        max: None,
        ..
    } = check
    {
        return Err(QualityError::Invalid("range"));
    }
    if !(0.0..1.0).contains(&share) {
        return Err(QualityError::Invalid("max_share"));
    }
    Ok(())
}

fn taken(error: StorageError) -> QualityError {
    if error.is_conflict("quality_rules_tenant_id_data_set_name") {
        QualityError::NameTaken
    } else {
        error.into()
    }
}
