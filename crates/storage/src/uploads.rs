use crate::{Sender, StorageError, TenantTx, convert::*, problems::Problem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;
use types::{UploadId, UserId};
use uuid::Uuid;

pub use crate::history::{Sort, SortBy, UploadFilter};
pub use crate::parts::{NewPiece, Part, TakenFrom};
pub use crate::problems::Problem as UploadError;
pub use crate::rejects::Reject;
pub use crate::runs::LiveRun;

/// Where an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// Bytes are coming in.
    Receiving,
    /// All bytes are kept.
    Received,
    Inspecting,
    /// A decision of the user is needed.
    Question,
    /// Everything is decided: the import may start.
    Ready,
    Importing,
    /// Read, and a critical rule of quality failed: somebody decides whether it is published.
    Held,
    Done,
    Failed,
    Cancelled,
    Undone,
    /// Its files have nothing to do with one another: each is, with those that complete it, an upload of its own.
    Split,
}

impl UploadState {
    pub const ALL: [Self; 12] = [
        Self::Receiving,
        Self::Received,
        Self::Inspecting,
        Self::Question,
        Self::Ready,
        Self::Importing,
        Self::Held,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::Undone,
        Self::Split,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Inspecting => "inspecting",
            Self::Question => "question",
            Self::Ready => "ready",
            Self::Importing => "importing",
            Self::Held => "held",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
            Self::Split => "split",
        }
    }

    /// Nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed | Self::Cancelled | Self::Undone | Self::Split
        )
    }
}

impl FromStr for UploadState {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StorageError::Corrupt(format!("upload state `{text}`")))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    pub id: UploadId,
    /// Counts the tenant's uploads from 1, in the order they were begun.
    pub seq: i64,
    pub data_set: String,
    pub file_name: String,
    /// Bytes announced.
    pub size: u64,
    /// Bytes kept so far: where the next chunk starts.
    pub received: u64,
    /// Lower-case hexadecimal, once all bytes are there.
    pub sha256: Option<String>,
    pub state: UploadState,
    /// What an import is doing, in a word; `undoing` while an undo is under way.
    pub step: String,
    pub rows_done: u64,
    pub bytes_done: u64,
    pub inspection: Option<Value>,
    pub decisions: Option<Value>,
    pub plan: Option<Value>,
    /// Of the plan: two plans of one hash read a file alike.
    pub plan_hash: Option<String>,
    /// Counts and totals of the import.
    pub result: Option<Value>,
    pub error: Option<UploadError>,
    /// The upload whose rejected lines this one corrects.
    pub parent: Option<UploadId>,
    /// The files whose bytes follow one another, where there are several. Empty: it is one file.
    pub parts: Vec<Part>,
    /// How often its import was started.
    pub run: i32,
    /// The last run that was read to its end: its lines are kept.
    pub read_run: Option<i32>,
    /// The run whose lines are part of the figures.
    pub live_run: Option<i32>,
    /// The earlier upload of the same file, read the same way, that this one adds nothing to.
    pub duplicate_of: Option<UploadId>,
    /// Where its files lie, if they came as part of another upload.
    pub taken_from: Option<TakenFrom>,
    /// Where a person sent it.
    pub created_by: Option<UserId>,
    /// `None`: begun by a version of the product that did not note it.
    pub sent_by: Option<Sender>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct NewUpload {
    pub id: UploadId,
    pub data_set: String,
    pub file_name: String,
    pub size: u64,
    pub parent: Option<UploadId>,
    /// Of several files; their sizes add up to `size`.
    pub parts: Vec<Part>,
}

/// Records of an imported file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub rows: u64,
    pub rejected: u64,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    Moved,
    /// The chunk does not start where the last one ended: go on from here.
    Conflict {
        offset: u64,
    },
    /// The upload takes no more bytes.
    Closed {
        state: UploadState,
    },
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    seq: i64,
    data_set: String,
    file_name: String,
    size: i64,
    received: i64,
    sha256: Option<String>,
    state: String,
    step: String,
    rows_done: i64,
    bytes_done: i64,
    inspection: Option<String>,
    decisions: Option<String>,
    plan: Option<String>,
    plan_hash: Option<String>,
    result: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    error_params: Option<String>,
    parent_id: Option<Uuid>,
    parts: Option<String>,
    run: i64,
    read_run: Option<i64>,
    live_run: Option<i64>,
    duplicate_of: Option<Uuid>,
    taken_from: Option<Uuid>,
    taken_at: Option<String>,
    created_by: Option<Uuid>,
    sent_by: Option<String>,
    sent_by_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
    finished_at: Option<i64>,
}

/// Named, never `*`: while two versions of the product run, a column added by the newer one must not change
/// what the older one's prepared statements return.
macro_rules! columns {
    () => {
        "id, seq, data_set, file_name, size, received, sha256, state, step, rows_done, bytes_done, \
         inspection, decisions, plan, plan_hash, result, error_code, error_message, \
         error_params, parent_id, \
         parts, run, read_run, live_run, duplicate_of, taken_from, taken_at, created_by, sent_by, sent_by_id, \
         created_at, updated_at, finished_at"
    };
}
pub(crate) use columns;

impl TryFrom<Row> for Upload {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: UploadId(row.id),
            seq: row.seq,
            data_set: row.data_set,
            file_name: row.file_name,
            size: unsigned(row.size),
            received: unsigned(row.received),
            sha256: row.sha256,
            state: row.state.parse()?,
            step: row.step,
            rows_done: unsigned(row.rows_done),
            bytes_done: unsigned(row.bytes_done),
            inspection: json_or_none(row.inspection)?,
            decisions: json_or_none(row.decisions)?,
            plan: json_or_none(row.plan)?,
            plan_hash: row.plan_hash,
            result: json_or_none(row.result)?,
            error: Problem::read((row.error_code, row.error_message, row.error_params))?,
            parent: row.parent_id.map(UploadId),
            parts: match row.parts {
                Some(parts) => serde_json::from_str(&parts)
                    .map_err(|error| StorageError::Corrupt(format!("parts: {error}")))?,
                None => Vec::new(),
            },
            run: run(row.run)?,
            read_run: row.read_run.map(run).transpose()?,
            live_run: row.live_run.map(run).transpose()?,
            duplicate_of: row.duplicate_of.map(UploadId),
            taken_from: TakenFrom::read(row.taken_from, row.taken_at)?,
            created_by: row.created_by.map(UserId),
            sent_by: Sender::read(row.created_by, row.sent_by.as_deref(), row.sent_by_id)?,
            created_at: time(row.created_at)?,
            updated_at: time(row.updated_at)?,
            finished_at: time_or_none(row.finished_at)?,
        })
    }
}

impl TenantTx {
    /// Begins an upload in state `receiving` and returns its seq.
    pub async fn insert_upload(&mut self, new: &NewUpload) -> Result<i64, StorageError> {
        let seq = self.count("uploads").await?;
        let now = self.now().as_microsecond();
        let user = self.user().map(|user| user.0);
        let (sent_by, sent_by_id) = self.sender().kept();
        let parts = (!new.parts.is_empty())
            .then(|| serde_json::to_string(&new.parts))
            .transpose()
            .map_err(|error| StorageError::Corrupt(format!("parts: {error}")))?;
        sql!(self.connection => execute,
            "insert into uploads (tenant_id, id, seq, data_set, file_name, size, received, state, step, rows_done,
                                  bytes_done, parent_id, parts, run, created_by, created_at, updated_at, sent_by,
                                  sent_by_id)
             values ($1, $2, $3, $4, $5, $6, 0, $7, '', 0, 0, $8, $9, 0, $10, $11, $11, $12, $13)",
            self.tenant.0, new.id.0, seq, &new.data_set, plain(&new.file_name), signed(new.size),
            UploadState::Receiving.as_str(), new.parent.map(|id| id.0), parts, user, now,
            sent_by, sent_by_id)?;
        Ok(seq)
    }

    /// It corrects what the parent refused; `None`: it stands for itself.
    pub async fn set_parent(
        &mut self,
        id: UploadId,
        parent: Option<UploadId>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set parent_id = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, parent.map(|id| id.0), now)?;
        found(changed)
    }

    pub async fn upload(&mut self, id: UploadId) -> Result<Option<Upload>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            concat!("select ", columns!(), " from uploads where tenant_id = $1 and id = $2"),
            self.tenant.0, id.0)?
        .map(Upload::try_from)
        .transpose()
    }

    /// Moves the end of what is kept from one offset to the next; refuses a chunk that starts elsewhere.
    pub async fn set_received(
        &mut self,
        id: UploadId,
        from: u64,
        to: u64,
    ) -> Result<Received, StorageError> {
        let now = self.now().as_microsecond();
        let moved = sql!(self.connection => execute,
            "update uploads set received = $4, updated_at = $5
             where tenant_id = $1 and id = $2 and received = $3 and state = 'receiving' and $4 <= size",
            self.tenant.0, id.0, signed(from), signed(to), now)?;
        if moved == 1 {
            return Ok(Received::Moved);
        }
        let upload = self.upload(id).await?.ok_or(StorageError::NotFound)?;
        Ok(if upload.state == UploadState::Receiving {
            Received::Conflict {
                offset: upload.received,
            }
        } else {
            Received::Closed {
                state: upload.state,
            }
        })
    }

    /// Records the digest of all bytes and moves `receiving` to `received`. False where it was in another state.
    pub async fn set_complete(&mut self, id: UploadId, sha256: &str) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set sha256 = $3, state = 'received', updated_at = $4
             where tenant_id = $1 and id = $2 and state = 'receiving'",
            self.tenant.0, id.0, sha256, now)?;
        Ok(changed == 1)
    }

    /// Moves to a state from one of `allowed`; false where the upload is in none of them (or missing), and nothing is changed.
    /// Final states note the time; leaving one takes it back.
    pub async fn set_upload_state(
        &mut self,
        id: UploadId,
        allowed: &[UploadState],
        to: UploadState,
    ) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let allowed = set(allowed.iter().map(|state| state.as_str()));
        let finished = to.is_final().then_some(now);
        let changed = sql!(self.connection => execute,
            "update uploads set state = $4, updated_at = $5, finished_at = $6
             where tenant_id = $1 and id = $2 and replace($3, ',' || state || ',', '') <> $3",
            self.tenant.0, id.0, allowed, to.as_str(), now, finished)?;
        Ok(changed == 1)
    }

    pub async fn set_upload_progress(
        &mut self,
        id: UploadId,
        step: &str,
        rows_done: u64,
        bytes_done: u64,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set step = $3, rows_done = $4, bytes_done = $5, updated_at = $6
             where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, step, signed(rows_done), signed(bytes_done), now)?;
        found(changed)
    }

    pub async fn save_inspection(
        &mut self,
        id: UploadId,
        inspection: &Value,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set inspection = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, inspection.to_string(), now)?;
        found(changed)
    }

    pub async fn save_decisions(
        &mut self,
        id: UploadId,
        decisions: &Value,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set decisions = $3, updated_at = $4 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, decisions.to_string(), now)?;
        found(changed)
    }

    /// `None` takes the plan back (a question came up again).
    pub async fn save_plan(
        &mut self,
        id: UploadId,
        plan: Option<(&Value, &str)>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let (plan, hash) = plan.unzip();
        let changed = sql!(self.connection => execute,
            "update uploads set plan = $3, plan_hash = $4, updated_at = $5 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, plan.map(Value::to_string), hash, now)?;
        found(changed)
    }

    /// `counted` stands beside the result, for the history to sort by.
    pub async fn save_result(
        &mut self,
        id: UploadId,
        result: &Value,
        counted: Counted,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update uploads set result = $3, row_count = $4, rejected = $5, updated_at = $6
             where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, result.to_string(), signed(counted.rows), signed(counted.rejected), now)?;
        found(changed)
    }

    /// `None` clears it, before another try.
    pub async fn save_error(
        &mut self,
        id: UploadId,
        error: Option<&UploadError>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let (code, message, params) = Problem::kept(error);
        let changed = sql!(self.connection => execute,
            "update uploads set error_code = $3, error_message = $4, error_params = $5, updated_at = $6
             where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, code, message, params, now)?;
        found(changed)
    }

    /// The next number of a counter of this tenant, from 1. Held until commit: no gaps, and seen in order.
    pub(crate) async fn count(&mut self, name: &str) -> Result<i64, StorageError> {
        let (value,) = sql!(self.connection => fetch_one (i64,),
            "insert into counters (tenant_id, name, value) values ($1, $2, 1)
             on conflict (tenant_id, name) do update set value = counters.value + 1
             returning value",
            self.tenant.0, name)?;
        Ok(value)
    }
}

pub(crate) fn run(number: i64) -> Result<i32, StorageError> {
    i32::try_from(number).map_err(|_| StorageError::Corrupt(format!("run {number}")))
}

pub(crate) fn found(changed: u64) -> Result<(), StorageError> {
    match changed {
        0 => Err(StorageError::NotFound),
        _ => Ok(()),
    }
}
