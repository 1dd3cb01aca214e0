//! What the pipeline did: a row for each run of a job that changed the figures, in the shape of OpenLineage.

use crate::{StorageError, TenantTx, convert::*};
use jiff::Timestamp;
use serde_json::Value;
use types::UploadId;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
pub struct Lineage {
    pub id: Uuid,
    /// What was done, in a word.
    pub kind: String,
    pub upload: Option<UploadId>,
    pub upload_run: Option<i64>,
    /// The version of the figures it made.
    pub gold_version: Option<i64>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    /// A run event of OpenLineage.
    pub body: Value,
}

#[derive(Clone, Debug)]
pub struct NewLineage {
    pub kind: String,
    pub upload: Option<UploadId>,
    pub upload_run: Option<i32>,
    pub gold_version: Option<i64>,
    pub started_at: Timestamp,
    pub body: Value,
}

type Row = (
    Uuid,
    String,
    Option<Uuid>,
    Option<i64>,
    Option<i64>,
    i64,
    i64,
    String,
);

fn lineage(row: Row) -> Result<Lineage, StorageError> {
    let (id, kind, upload, upload_run, gold_version, started_at, ended_at, body) = row;
    Ok(Lineage {
        id,
        kind,
        upload: upload.map(UploadId),
        upload_run,
        gold_version,
        started_at: time(started_at)?,
        ended_at: time(ended_at)?,
        body: json(&body)?,
    })
}

impl TenantTx {
    /// Ends now.
    pub async fn insert_lineage(&mut self, new: &NewLineage) -> Result<Uuid, StorageError> {
        let id = self.new_id();
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into lineage (tenant_id, id, kind, upload_id, upload_run, gold_version, started_at, ended_at, body)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.tenant.0, id, &new.kind, new.upload.map(|id| id.0), new.upload_run.map(i64::from),
            new.gold_version, new.started_at.as_microsecond(), now, new.body.to_string())?;
        Ok(id)
    }

    /// What was done with an upload, the latest first.
    pub async fn lineage_of(&mut self, upload: UploadId) -> Result<Vec<Lineage>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select id, kind, upload_id, upload_run, gold_version, started_at, ended_at, body from lineage
             where tenant_id = $1 and upload_id = $2 order by ended_at desc, gold_version desc",
            self.tenant.0, upload.0)?
        .into_iter()
        .map(lineage)
        .collect()
    }

    /// What made this version of the figures.
    pub async fn lineage_at(&mut self, gold_version: i64) -> Result<Option<Lineage>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, kind, upload_id, upload_run, gold_version, started_at, ended_at, body from lineage
             where tenant_id = $1 and gold_version = $2 order by ended_at desc limit 1",
            self.tenant.0, gold_version)?
        .map(lineage)
        .transpose()
    }
}
