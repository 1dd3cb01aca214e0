//! The files of an upload that has several. Where they have nothing to do with one another they become uploads of
//! their own: all at once, or not at all.

use crate::{
    Sender, StorageError, TenantTx,
    convert::*,
    uploads::{Row, Upload, UploadState, columns},
};
use serde::{Deserialize, Serialize};
use types::UploadId;
use uuid::Uuid;

/// One of several files of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// Where the bytes of an upload lie that came as part of another: they are not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenFrom {
    pub upload: UploadId,
    /// The first byte of each of its files in the raw file of `upload`.
    pub starts: Vec<u64>,
}

/// Files of an upload that become one of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPiece {
    pub id: UploadId,
    /// Each with its first byte in the raw file of the upload they came as.
    pub files: Vec<(Part, u64)>,
    /// Of their bytes, one file after the other.
    pub sha256: String,
}

impl TakenFrom {
    pub(crate) fn read(
        from: Option<Uuid>,
        at: Option<String>,
    ) -> Result<Option<Self>, StorageError> {
        let (Some(from), Some(at)) = (from, at) else {
            return Ok(None);
        };
        Ok(Some(Self {
            upload: UploadId(from),
            starts: serde_json::from_str(&at)
                .map_err(|error| StorageError::Corrupt(format!("places of files: {error}")))?,
        }))
    }
}

impl TenantTx {
    /// Notes of an upload that was begun before its files' sizes were known what they are, once all bytes are there.
    /// False where it takes no more, or their sizes do not add up to what was received.
    pub async fn set_parts(&mut self, id: UploadId, parts: &[Part]) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        let size: u64 = parts.iter().map(|part| part.size).sum();
        let several = (parts.len() > 1).then(|| serde_json::to_string(parts));
        let several = several
            .transpose()
            .map_err(|error| StorageError::Corrupt(format!("parts: {error}")))?;
        let changed = sql!(self.connection => execute,
            "update uploads set file_name = $3, size = $4, parts = $5, updated_at = $6
             where tenant_id = $1 and id = $2 and state = 'receiving' and received = $4",
            self.tenant.0, id.0, plain(&names.join(", ")), signed(size), several, now)?;
        Ok(changed == 1)
    }

    /// Moves an upload from `inspecting` to `split`, and has its pieces, sent by whom it was, wait as received to
    /// be looked at. False where somebody else was faster, and nothing is changed.
    pub async fn split_upload(
        &mut self,
        of: &Upload,
        into: &[NewPiece],
    ) -> Result<bool, StorageError> {
        let split = self
            .set_upload_state(of.id, &[UploadState::Inspecting], UploadState::Split)
            .await?;
        if !split {
            return Ok(false);
        }
        let now = self.now().as_microsecond();
        let user = of.created_by.map(|user| user.0);
        let (sent_by, sent_by_id) = of.sent_by.map(Sender::kept).unwrap_or_default();
        for piece in into {
            let seq = self.count("uploads").await?;
            let parts: Vec<&Part> = piece.files.iter().map(|(part, _)| part).collect();
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            let size: u64 = parts.iter().map(|part| part.size).sum();
            let starts: Vec<u64> = piece.files.iter().map(|(_, start)| *start).collect();
            let several = (parts.len() > 1).then(|| serde_json::to_string(&parts));
            let corrupt =
                |error: serde_json::Error| StorageError::Corrupt(format!("parts: {error}"));
            sql!(self.connection => execute,
                "insert into uploads (tenant_id, id, seq, data_set, file_name, size, received, sha256, state, step,
                                      rows_done, bytes_done, parts, run, created_by, sent_by, sent_by_id,
                                      created_at, updated_at, taken_from, taken_at)
                 values ($1, $2, $3, $4, $5, $6, $6, $7, $8, '', 0, 0, $9, 0, $10, $11, $12, $13, $13, $14, $15)",
                self.tenant.0, piece.id.0, seq, &of.data_set, plain(&names.join(", ")), signed(size),
                &piece.sha256, UploadState::Received.as_str(), several.transpose().map_err(corrupt)?, user,
                sent_by, sent_by_id, now, of.id.0, serde_json::to_string(&starts).map_err(corrupt)?)?;
        }
        Ok(true)
    }

    /// What an upload was split into, in the order in which they were begun.
    pub async fn pieces(&mut self, of: UploadId) -> Result<Vec<Upload>, StorageError> {
        sql!(self.connection => fetch_all Row,
            concat!("select ", columns!(), " from uploads where tenant_id = $1 and taken_from = $2 order by seq"),
            self.tenant.0, of.0)?
        .into_iter()
        .map(Upload::try_from)
        .collect()
    }
}
