//! Keys for programs. What is kept of a key is its SHA-256.

use crate::{
    PlatformTx, StorageError, TenantTx,
    convert::{time, time_or_none},
};
use jiff::Timestamp;
use types::{KeyId, TenantId, UserId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub name: String,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// When it was last presented, to the minute.
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// How often a key's use is noted.
const NOTED_EVERY_MICROS: i64 = 60 * 1_000_000;

impl TenantTx {
    pub async fn insert_api_key(
        &mut self,
        id: KeyId,
        name: &str,
        hash: &[u8; 32],
        expires_at: Option<Timestamp>,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        let by = self.user().map(|id| id.0);
        sql!(self.connection => execute,
            "insert into api_keys (tenant_id, id, name, hash, created_by, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            self.tenant.0, id.0, name, hash.as_slice(), by, now,
            expires_at.map(Timestamp::as_microsecond))?;
        Ok(())
    }

    /// The newest first, revoked ones too.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKey>, StorageError> {
        sql!(self.connection => fetch_all
            (Uuid, String, Option<Uuid>, i64, Option<i64>, Option<i64>, Option<i64>),
            "select id, name, created_by, created_at, expires_at, used_at, revoked_at from api_keys
             where tenant_id = $1 order by created_at desc, id desc",
            self.tenant.0)?
        .into_iter()
        .map(|(id, name, by, created, expires, used, revoked)| {
            Ok(ApiKey {
                id: KeyId(id),
                name,
                created_by: by.map(UserId),
                created_at: time(created)?,
                expires_at: time_or_none(expires)?,
                used_at: time_or_none(used)?,
                revoked_at: time_or_none(revoked)?,
            })
        })
        .collect()
    }

    /// False where there is no such key, or it was revoked before.
    pub async fn revoke_api_key(&mut self, id: KeyId) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update api_keys set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null",
            self.tenant.0, id.0, now)?;
        Ok(changed == 1)
    }
}

impl PlatformTx {
    /// Whose key this is, while it is good; its use is noted.
    pub async fn use_api_key(
        &mut self,
        hash: &[u8; 32],
    ) -> Result<Option<(TenantId, KeyId)>, StorageError> {
        let now = self.now().as_microsecond();
        let found = sql!(self.connection => fetch_optional (Uuid, Uuid, Option<i64>),
            "select tenant_id, id, used_at from api_keys
             where hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)",
            hash.as_slice(), now)?;
        let Some((tenant, id, used)) = found else {
            return Ok(None);
        };
        if used.is_none_or(|used| used < now - NOTED_EVERY_MICROS) {
            sql!(self.connection => execute,
                "update api_keys set used_at = $3 where tenant_id = $1 and id = $2", tenant, id, now)?;
        }
        Ok(Some((TenantId(tenant), KeyId(id))))
    }
}
