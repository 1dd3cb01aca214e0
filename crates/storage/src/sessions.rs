//! Sessions, the refresh tokens of each (its family), and one-time tokens for the first administrator.
//! Tokens are stored as SHA-256 only.

use crate::{PlatformTx, StorageError, convert::*};
use access::Role;
use jiff::Timestamp;
use types::{SessionId, TenantId, UserId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub tenant: TenantId,
    pub user: UserId,
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub tenant: TenantId,
    pub user: UserId,
    pub user_agent: String,
}

/// What a live session may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStanding {
    pub tenant: TenantId,
    pub user: UserId,
    /// As the membership says now, not as it was at sign-in.
    pub role: Role,
    pub is_platform_admin: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: SessionId,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub replaced_by: Option<Vec<u8>>,
    /// What the successor was derived with.
    pub salt: Option<Vec<u8>>,
}

/// A token that was exchanged by this call, and by no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    pub session: SessionId,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    user_agent: String,
    created_at: i64,
    last_used_at: i64,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for SessionRow {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: SessionId(row.id),
            tenant: TenantId(row.tenant_id),
            user: UserId(row.user_id),
            user_agent: row.user_agent,
            created_at: time(row.created_at)?,
            last_used_at: time(row.last_used_at)?,
            revoked_at: time_or_none(row.revoked_at)?,
        })
    }
}

impl PlatformTx {
    pub async fn insert_session(&mut self, new: &NewSession) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into sessions (tenant_id, id, user_id, user_agent, created_at, last_used_at)
             values ($1, $2, $3, $4, $5, $5)",
            new.tenant.0, new.id.0, new.user.0, plain(&new.user_agent), now)?;
        Ok(())
    }

    pub async fn session(&mut self, id: SessionId) -> Result<Option<SessionRow>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, tenant_id, user_id, user_agent, created_at, last_used_at, revoked_at
             from sessions where id = $1",
            id.0)?
        .map(SessionRow::try_from)
        .transpose()
    }

    /// `None` where the session is unknown or revoked, or the user no longer belongs to its tenant.
    pub async fn session_standing(
        &mut self,
        id: SessionId,
    ) -> Result<Option<SessionStanding>, StorageError> {
        sql!(self.connection => fetch_optional (Uuid, Uuid, String, bool),
            "select s.tenant_id, s.user_id, m.role, u.is_platform_admin
             from sessions s
             join memberships m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
             join users u on u.id = s.user_id
             where s.id = $1 and s.revoked_at is null",
            id.0)?
        .map(|(tenant, user, role, is_platform_admin)| {
            Ok(SessionStanding {
                tenant: TenantId(tenant),
                user: UserId(user),
                role: parsed(&role, "role")?,
                is_platform_admin,
            })
        })
        .transpose()
    }

    /// Sessions of a user that are not revoked, the latest used first.
    pub async fn live_sessions(&mut self, user: UserId) -> Result<Vec<SessionRow>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select id, tenant_id, user_id, user_agent, created_at, last_used_at, revoked_at
             from sessions where user_id = $1 and revoked_at is null order by last_used_at desc, id",
            user.0)?
        .into_iter()
        .map(SessionRow::try_from)
        .collect()
    }

    /// Ends a session. Ending it again changes nothing.
    pub async fn revoke_session(&mut self, id: SessionId) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "update sessions set revoked_at = $2 where id = $1 and revoked_at is null", id.0, now)?;
        Ok(())
    }

    /// Ends all sessions of a user, and returns how many.
    pub async fn revoke_sessions_of(&mut self, user: UserId) -> Result<u64, StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "update sessions set revoked_at = $2 where user_id = $1 and revoked_at is null", user.0, now)
    }

    pub async fn insert_refresh_token(
        &mut self,
        hash: &[u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into refresh_tokens (hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)",
            hash.as_slice(), session.0, now, expires_at.as_microsecond())?;
        Ok(())
    }

    /// Marks a token used, if it is unused, not expired, and its session live: one statement, so that of any number
    /// of callers at most one gets it. The successor is inserted with [`PlatformTx::insert_refresh_token`].
    pub async fn rotate_refresh_token(
        &mut self,
        hash: &[u8; 32],
        successor: &[u8; 32],
        salt: &[u8; 32],
    ) -> Result<Option<Rotated>, StorageError> {
        let now = self.now().as_microsecond();
        let rotated = sql!(self.connection => fetch_optional (Uuid,),
            "update refresh_tokens set used_at = $2, replaced_by = $3, salt = $4
             where hash = $1 and used_at is null and expires_at > $2
               and exists (select 1 from sessions s where s.id = session_id and s.revoked_at is null)
             returning session_id",
            hash.as_slice(), now, successor.as_slice(), salt.as_slice())?;
        if let Some((session,)) = rotated {
            sql!(self.connection => execute,
                "update sessions set last_used_at = $2 where id = $1", session, now)?;
        }
        Ok(rotated.map(|(session,)| Rotated {
            session: SessionId(session),
        }))
    }

    pub async fn refresh_token(
        &mut self,
        hash: &[u8],
    ) -> Result<Option<RefreshToken>, StorageError> {
        type Found = (Uuid, i64, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);
        sql!(self.connection => fetch_optional Found,
            "select session_id, expires_at, used_at, replaced_by, salt from refresh_tokens where hash = $1",
            hash)?
        .map(|(session, expires_at, used_at, replaced_by, salt)| {
            Ok(RefreshToken {
                session: SessionId(session),
                expires_at: time(expires_at)?,
                used_at: time_or_none(used_at)?,
                replaced_by,
                salt,
            })
        })
        .transpose()
    }

    /// Tokens of a session that could still be exchanged.
    pub async fn live_refresh_tokens(&mut self, session: SessionId) -> Result<u64, StorageError> {
        let now = self.now().as_microsecond();
        let (count,) = sql!(self.connection => fetch_one (i64,),
            "select count(*) from refresh_tokens t join sessions s on s.id = t.session_id
             where t.session_id = $1 and t.used_at is null and t.expires_at > $2 and s.revoked_at is null",
            session.0, now)?;
        Ok(unsigned(count))
    }

    /// Tokens that expired before this moment are no longer needed to recognise a replay.
    pub async fn forget_refresh_tokens(&mut self, before: Timestamp) -> Result<u64, StorageError> {
        sql!(self.connection => execute,
            "delete from refresh_tokens where expires_at < $1", before.as_microsecond())
    }

    pub async fn insert_first_admin_token(
        &mut self,
        hash: &[u8; 32],
        expires_at: Timestamp,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into first_admin_tokens (hash, created_at, expires_at) values ($1, $2, $3)",
            hash.as_slice(), now, expires_at.as_microsecond())?;
        Ok(())
    }

    /// True exactly once: for a token that has not expired, and for none that was issued beside it.
    pub async fn use_first_admin_token(&mut self, hash: &[u8; 32]) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let used = sql!(self.connection => execute,
            "update first_admin_tokens set used_at = $2 where hash = $1 and used_at is null and expires_at > $2",
            hash.as_slice(), now)?;
        if used == 1 {
            sql!(self.connection => execute,
                "update first_admin_tokens set used_at = $1 where used_at is null", now)?;
        }
        Ok(used == 1)
    }
}
