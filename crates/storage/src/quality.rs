//! A tenant's own rules of quality, and what all rules said of its uploads.

use crate::{StorageError, TenantTx, convert::*, uploads::found};
use jiff::Timestamp;
use serde_json::Value;
use types::{UploadId, UserId};
use uuid::Uuid;

/// A tenant's own rule.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRule {
    pub id: Uuid,
    pub data_set: String,
    /// Unique within the data set.
    pub name: String,
    pub severity: String,
    pub enabled: bool,
    /// What is checked.
    pub body: Value,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewQualityRule {
    pub data_set: String,
    pub name: String,
    pub severity: String,
    pub enabled: bool,
    pub body: Value,
}

/// What a rule said of one run of an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityResult {
    pub rule: String,
    pub severity: String,
    pub outcome: String,
    pub body: Value,
}

type Row = (
    Uuid,
    String,
    String,
    String,
    bool,
    String,
    Option<Uuid>,
    i64,
    i64,
);

fn rule(row: Row) -> Result<QualityRule, StorageError> {
    let (id, data_set, name, severity, enabled, body, created_by, created_at, updated_at) = row;
    Ok(QualityRule {
        id,
        data_set,
        name,
        severity,
        enabled,
        body: json(&body)?,
        created_by: created_by.map(UserId),
        created_at: time(created_at)?,
        updated_at: time(updated_at)?,
    })
}

impl TenantTx {
    /// # Errors
    /// A conflict `quality_rules_tenant_id_data_set_name` where the data set has a rule of this name.
    pub async fn insert_quality_rule(
        &mut self,
        new: &NewQualityRule,
    ) -> Result<Uuid, StorageError> {
        let id = self.new_id();
        let now = self.now().as_microsecond();
        let user = self.user().map(|user| user.0);
        sql!(self.connection => execute,
            "insert into quality_rules (tenant_id, id, data_set, name, severity, enabled, body, created_by,
                                        created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
            self.tenant.0, id, &new.data_set, plain(&new.name), &new.severity, new.enabled,
            new.body.to_string(), user, now)?;
        Ok(id)
    }

    pub async fn update_quality_rule(
        &mut self,
        id: Uuid,
        new: &NewQualityRule,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update quality_rules set data_set = $3, name = $4, severity = $5, enabled = $6, body = $7,
                 updated_at = $8
             where tenant_id = $1 and id = $2",
            self.tenant.0, id, &new.data_set, plain(&new.name), &new.severity, new.enabled,
            new.body.to_string(), now)?;
        found(changed)
    }

    /// False where there was none.
    pub async fn delete_quality_rule(&mut self, id: Uuid) -> Result<bool, StorageError> {
        let changed = sql!(self.connection => execute,
            "delete from quality_rules where tenant_id = $1 and id = $2", self.tenant.0, id)?;
        Ok(changed == 1)
    }

    /// By name.
    pub async fn quality_rules(
        &mut self,
        data_set: &str,
    ) -> Result<Vec<QualityRule>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select id, data_set, name, severity, enabled, body, created_by, created_at, updated_at
             from quality_rules where tenant_id = $1 and data_set = $2 order by name, id",
            self.tenant.0, data_set)?
        .into_iter()
        .map(rule)
        .collect()
    }

    /// Of all data sets; by data set and name.
    pub async fn every_quality_rule(&mut self) -> Result<Vec<QualityRule>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select id, data_set, name, severity, enabled, body, created_by, created_at, updated_at
             from quality_rules where tenant_id = $1 order by data_set, name, id",
            self.tenant.0)?
        .into_iter()
        .map(rule)
        .collect()
    }

    /// What was said of this run before is replaced.
    pub async fn save_quality_results(
        &mut self,
        upload: UploadId,
        run: i32,
        results: &[QualityResult],
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "delete from quality_results where tenant_id = $1 and upload_id = $2 and run = $3",
            self.tenant.0, upload.0, i64::from(run))?;
        for result in results {
            sql!(self.connection => execute,
                "insert into quality_results (tenant_id, upload_id, run, rule, severity, outcome, body, created_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                self.tenant.0, upload.0, i64::from(run), plain(&result.rule), &result.severity, &result.outcome,
                result.body.to_string(), now)?;
        }
        Ok(())
    }

    /// By rule.
    pub async fn quality_results(
        &mut self,
        upload: UploadId,
        run: i32,
    ) -> Result<Vec<QualityResult>, StorageError> {
        sql!(self.connection => fetch_all (String, String, String, String),
            "select rule, severity, outcome, body from quality_results
             where tenant_id = $1 and upload_id = $2 and run = $3 order by rule",
            self.tenant.0, upload.0, i64::from(run))?
        .into_iter()
        .map(|(rule, severity, outcome, body)| {
            Ok(QualityResult {
                rule,
                severity,
                outcome,
                body: json(&body)?,
            })
        })
        .collect()
    }
}
