//! Places that are looked at again and again for files, and what was seen in each.

use crate::{StorageError, TenantTx, convert::*, problems::Problem, uploads::found};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;
use types::{UploadId, UserId, WatchId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    pub id: WatchId,
    /// `file:///folder` or `s3://bucket/prefix`.
    pub url: String,
    /// Of the names of files: `*.csv`.
    pub pattern: String,
    /// Answers that go with every file, as JSON.
    pub options: Value,
    /// Why the last look failed; `None`: it did not.
    pub last_error: Option<Problem>,
    pub looked_at: Option<Timestamp>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewWatch {
    pub id: WatchId,
    pub url: String,
    pub pattern: String,
    pub options: Value,
}

/// How far a file of a watched place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedState {
    /// Taken once it has stopped changing.
    Seen,
    /// Being copied into its upload.
    Taking,
    /// It is the upload's from here on.
    Taken,
    /// It could not be taken; another version of it may be.
    Failed,
}

impl WatchedState {
    pub const ALL: [Self; 4] = [Self::Seen, Self::Taking, Self::Taken, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Taking => "taking",
            Self::Taken => "taken",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for WatchedState {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StorageError::Corrupt(format!("state `{text}` of a watched file")))
    }
}

/// One file of a watched place, as it was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedObject {
    /// Within the place.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Microseconds UTC, by the place's clock.
    pub modified: i64,
    /// As the store gives it; empty where it gives none.
    pub etag: String,
    pub state: WatchedState,
    pub upload: Option<UploadId>,
    /// Why it could not be taken.
    pub error: Option<Problem>,
}

#[derive(sqlx::FromRow)]
struct WatchRow {
    id: Uuid,
    url: String,
    pattern: String,
    options: String,
    last_error_code: Option<String>,
    last_error: Option<String>,
    last_error_params: Option<String>,
    looked_at: Option<i64>,
    created_by: Option<Uuid>,
    created_at: i64,
}

macro_rules! watch_columns {
    () => {
        "id, url, pattern, options, last_error_code, last_error, last_error_params, looked_at, created_by, created_at"
    };
}

fn watch(row: WatchRow) -> Result<Watch, StorageError> {
    let problem = (row.last_error_code, row.last_error, row.last_error_params);
    Ok(Watch {
        id: WatchId(row.id),
        url: row.url,
        pattern: row.pattern,
        options: json(&row.options)?,
        last_error: Problem::read(problem)?,
        looked_at: time_or_none(row.looked_at)?,
        created_by: row.created_by.map(UserId),
        created_at: time(row.created_at)?,
    })
}

impl TenantTx {
    /// A conflict `watches_tenant_id_url_pattern` means that it is watched already.
    pub async fn insert_watch(&mut self, new: &NewWatch) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let by = self.user().map(|id| id.0);
        sql!(self.connection => execute,
            "insert into watches (tenant_id, id, url, pattern, options, created_by, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
            self.tenant.0, new.id.0, &new.url, &new.pattern, new.options.to_string(), by, now)?;
        Ok(())
    }

    /// In the order in which they were added.
    pub async fn watches(&mut self) -> Result<Vec<Watch>, StorageError> {
        sql!(self.connection => fetch_all WatchRow,
            concat!("select ", watch_columns!(), " from watches where tenant_id = $1 order by created_at, id"),
            self.tenant.0)?
        .into_iter()
        .map(watch)
        .collect()
    }

    pub async fn watch(&mut self, id: WatchId) -> Result<Option<Watch>, StorageError> {
        sql!(self.connection => fetch_optional WatchRow,
            concat!("select ", watch_columns!(), " from watches where tenant_id = $1 and id = $2"),
            self.tenant.0, id.0)?
        .map(watch)
        .transpose()
    }

    /// With all that was seen there; what was imported stays. False where there was none.
    pub async fn delete_watch(&mut self, id: WatchId) -> Result<bool, StorageError> {
        sql!(self.connection => execute,
            "delete from watched_objects where tenant_id = $1 and watch_id = $2", self.tenant.0, id.0)?;
        let deleted = sql!(self.connection => execute,
            "delete from watches where tenant_id = $1 and id = $2", self.tenant.0, id.0)?;
        Ok(deleted == 1)
    }

    /// A look has ended, with this error or well.
    pub async fn set_watch_looked(
        &mut self,
        id: WatchId,
        error: Option<&Problem>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let (code, message, params) = Problem::kept(error);
        let changed = sql!(self.connection => execute,
            "update watches set last_error_code = $3, last_error = $4, last_error_params = $5, looked_at = $6,
                 updated_at = $6
             where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, code, message, params, now)?;
        found(changed)
    }

    /// Files seen in a place, by name.
    pub async fn watched_objects(
        &mut self,
        id: WatchId,
    ) -> Result<Vec<WatchedObject>, StorageError> {
        sql!(self.connection => fetch_all
            (String, i64, i64, String, String, Option<Uuid>, Option<String>, Option<String>, Option<String>),
            "select name, size, modified, etag, state, upload_id, error_code, error, error_params from watched_objects
             where tenant_id = $1 and watch_id = $2 order by name",
            self.tenant.0, id.0)?
        .into_iter()
        .map(|(name, size, modified, etag, state, upload, code, error, params)| {
            Ok(WatchedObject {
                name,
                size: unsigned(size),
                modified,
                etag,
                state: state.parse()?,
                upload: upload.map(UploadId),
                error: Problem::read((code, error, params))?,
            })
        })
        .collect()
    }

    /// Takes the place of what was known of the file of this name.
    pub async fn put_watched_object(
        &mut self,
        watch: WatchId,
        object: &WatchedObject,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let (code, error, params) = Problem::kept(object.error.as_ref());
        sql!(self.connection => execute,
            "insert into watched_objects (tenant_id, watch_id, name, size, modified, etag, state, upload_id, error, seen_at,
                                          error_code, error_params)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (tenant_id, watch_id, name) do update set
                 size = excluded.size, modified = excluded.modified, etag = excluded.etag, state = excluded.state,
                 upload_id = excluded.upload_id, error = excluded.error, seen_at = excluded.seen_at,
                 error_code = excluded.error_code, error_params = excluded.error_params",
            self.tenant.0, watch.0, &object.name, signed(object.size), object.modified, &object.etag,
            object.state.as_str(), object.upload.map(|id| id.0), error, now, code, params)?;
        Ok(())
    }
}
