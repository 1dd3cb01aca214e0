//! Which reading of an upload counts. A run is a number, raised by each start of its import; its lines are kept in
//! the lake for ever, and are part of the figures while they are the upload's live run.

use crate::{
    StorageError, TenantTx,
    convert::set,
    uploads::{Row, Upload, UploadState, columns, found, run},
};
use types::UploadId;
use uuid::Uuid;

/// A run that is part of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveRun {
    pub upload: UploadId,
    pub run: i32,
}

impl TenantTx {
    /// Raises the number of starts by one and returns it.
    pub async fn begin_run(&mut self, id: UploadId) -> Result<i32, StorageError> {
        let now = self.now().as_microsecond();
        let begun = sql!(self.connection => fetch_optional (i64,),
            "update uploads set run = run + 1, updated_at = $3 where tenant_id = $1 and id = $2 returning run",
            self.tenant.0, id.0, now)?;
        let (number,) = begun.ok_or(StorageError::NotFound)?;
        run(number)
    }

    /// What the upload's file is about. What was read of it as something else is not to be brought back.
    pub async fn set_data_set(&mut self, id: UploadId, data_set: &str) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set read_run = case when data_set = $3 then read_run else null end, data_set = $3,
                 updated_at = $4
             where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, data_set, now)?;
        found(changed)
    }

    /// All of this run's lines are in the lake.
    pub async fn set_read_run(&mut self, id: UploadId, run: i32) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set read_run = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, i64::from(run), now)?;
        found(changed)
    }

    /// From now on this run is part of the figures, or with `None` nothing of the upload.
    pub async fn set_live_run(
        &mut self,
        id: UploadId,
        run: Option<i32>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set live_run = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, run.map(i64::from), now)?;
        found(changed)
    }

    /// Everything that the figures of a data set are made of, in the order in which the uploads were begun.
    pub async fn live_runs(&mut self, data_set: &str) -> Result<Vec<LiveRun>, StorageError> {
        sql!(self.connection => fetch_all (Uuid, i64),
            "select id, live_run from uploads
             where tenant_id = $1 and data_set = $2 and live_run is not null order by seq",
            self.tenant.0, data_set)?
        .into_iter()
        .map(|(upload, number)| {
            Ok(LiveRun {
                upload: UploadId(upload),
                run: run(number)?,
            })
        })
        .collect()
    }

    /// Another upload of the same bytes whose lines are part of the figures, read by a plan of this hash.
    pub async fn find_live_by_sha(
        &mut self,
        other_than: UploadId,
        sha256: &str,
        data_set: &str,
        plan_hash: &str,
    ) -> Result<Option<Upload>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            concat!("select ", columns!(), " from uploads
             where tenant_id = $1 and sha256 = $2 and data_set = $3 and plan_hash = $4 and id <> $5
               and live_run is not null
             order by seq desc limit 1"),
            self.tenant.0, sha256, data_set, plan_hash, other_than.0)?
        .map(Upload::try_from)
        .transpose()
    }

    /// `None` takes it back: the file was read again.
    pub async fn set_duplicate_of(
        &mut self,
        id: UploadId,
        of: Option<UploadId>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set duplicate_of = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, of.map(|id| id.0), now)?;
        found(changed)
    }

    /// What was done because its lines were there already is undone with them; returns which.
    pub async fn undo_duplicates(&mut self, of: UploadId) -> Result<Vec<UploadId>, StorageError> {
        let now = self.now().as_microsecond();
        Ok(sql!(self.connection => fetch_all (Uuid,),
            "update uploads set state = 'undone', updated_at = $3, finished_at = $3
             where tenant_id = $1 and duplicate_of = $2 and state = 'done' and live_run is null
             returning id",
            self.tenant.0, of.0, now)?
        .into_iter()
        .map(|(id,)| UploadId(id))
        .collect())
    }

    /// Ends what is under way: back to `done` where lines of the upload count, to `otherwise` where none do.
    /// False where the upload is in none of the `allowed` states, and nothing is changed.
    pub async fn settle_upload(
        &mut self,
        id: UploadId,
        allowed: &[UploadState],
        otherwise: UploadState,
    ) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let allowed = set(allowed.iter().map(|state| state.as_str()));
        let changed = sql!(self.connection => execute,
            "update uploads set state = case when live_run is null then $4 else 'done' end, step = '',
                 updated_at = $5, finished_at = $5
             where tenant_id = $1 and id = $2 and replace($3, ',' || state || ',', '') <> $3",
            self.tenant.0, id.0, allowed, otherwise.as_str(), now)?;
        Ok(changed == 1)
    }

    /// Notes that the upload's lines are to go. False where none of them count, or it was noted before.
    pub async fn begin_undo(&mut self, id: UploadId) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set step = 'undoing', updated_at = $3
             where tenant_id = $1 and id = $2 and state = 'done' and live_run is not null and step <> 'undoing'",
            self.tenant.0, id.0, now)?;
        Ok(changed == 1)
    }
}
