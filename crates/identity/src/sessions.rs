//! Who a token stands for now, and ending sessions.

use crate::{Identity, IdentityError, Session, token::expiry};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use storage::{PlatformTx, SessionStanding, StorageError};
use types::{SessionId, UserId};

/// What was last read of sessions, for at most a second: a page makes many calls at once.
pub(crate) struct StandingCache {
    lifetime: SignedDuration,
    entries: Mutex<HashMap<SessionId, (Timestamp, Option<SessionStanding>)>>,
}

/// More than this is swept: entries are worth a second only.
const MOST_ENTRIES: usize = 10_000;

impl StandingCache {
    pub(crate) fn new(lifetime: SignedDuration) -> Self {
        Self {
            lifetime,
            entries: Mutex::default(),
        }
    }

    fn get(&self, id: SessionId, now: Timestamp) -> Option<Option<SessionStanding>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, standing) = entries.get(&id)?;
        self.is_fresh(*at, now).then_some(*standing)
    }

    /// `at` is when the reading began: what changed since then may not be in it.
    fn put(&self, id: SessionId, at: Timestamp, standing: Option<SessionStanding>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST_ENTRIES {
            entries.retain(|_, (then, _)| self.is_fresh(*then, at));
        }
        if entries.len() < MOST_ENTRIES {
            entries.insert(id, (at, standing));
        }
    }

    pub(crate) fn forget(&self, id: SessionId) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
    }

    pub(crate) fn forget_all(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn is_fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        at <= now && now.duration_since(at) < self.lifetime
    }
}

impl Identity {
    /// The session of an access token. `Unauthenticated` where the token is not ours, has expired, or its session
    /// has ended; a revoked session and a changed role take effect within a second.
    pub async fn authenticate(&self, access: &str) -> Result<Session, IdentityError> {
        let now = self.inner.clock.now();
        let claims = self
            .inner
            .tokens
            .read(access, now)
            .ok_or(IdentityError::Unauthenticated)?;
        let standing = self
            .standing(claims.session, now)
            .await?
            .filter(|standing| standing.user == claims.sub && standing.tenant == claims.tenant)
            .ok_or(IdentityError::Unauthenticated)?;
        Ok(Session {
            id: claims.session,
            user: standing.user,
            tenant: standing.tenant,
            // As it is now, not as it was when the token was made.
            role: standing.role,
            is_platform_admin: standing.is_platform_admin,
            expires_at: Timestamp::from_second(claims.exp)
                .map_err(|_| IdentityError::Unauthenticated)?,
        })
    }

    /// Whether a session that was authenticated earlier (a socket that stays open) is still good, with the same role.
    pub async fn is_live(&self, session: &Session) -> Result<bool, IdentityError> {
        let now = self.inner.clock.now();
        Ok(self
            .standing(session.id, now)
            .await?
            .is_some_and(|standing| {
                standing.user == session.user
                    && standing.tenant == session.tenant
                    && standing.role == session.role
            }))
    }

    async fn standing(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStanding>, IdentityError> {
        if let Some(standing) = self.inner.standings.get(id, now) {
            return Ok(standing);
        }
        let mut tx = self.inner.storage.platform_read(&self.inner.clock).await?;
        let standing = tx.session_standing(id).await?;
        drop(tx);
        self.inner.standings.put(id, now, standing);
        Ok(standing)
    }

    /// Ends the session that either token belongs to. Having none is no failure: the outcome is the same.
    pub async fn sign_out(
        &self,
        access: Option<&str>,
        refresh: Option<&str>,
    ) -> Result<(), IdentityError> {
        let mut ending = Vec::new();
        if let Some(claims) = access.and_then(|token| self.inner.tokens.read_whenever(token)) {
            ending.push(claims.session);
        }
        let hash = refresh.and_then(crate::refresh::hash_of);
        if ending.is_empty() && hash.is_none() {
            return Ok(());
        }
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        if let Some(hash) = hash
            && let Some(token) = tx.refresh_token(&hash).await?
        {
            ending.push(token.session);
        }
        for session in &ending {
            tx.revoke_session(*session).await?;
        }
        tx.commit().await?;
        for session in ending {
            self.inner.standings.forget(session);
        }
        Ok(())
    }

    /// Ends all sessions of a user.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<(), IdentityError> {
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        tx.revoke_sessions_of(user).await?;
        tx.commit().await?;
        self.inner.standings.forget_all();
        Ok(())
    }

    /// Removes what no longer says anything: expired tokens, old attempts. For a daily job.
    pub async fn clean_up(&self) -> Result<(), IdentityError> {
        let now = self.inner.clock.now();
        let before = |span: SignedDuration| now.checked_sub(span).unwrap_or(Timestamp::MIN);
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        tx.forget_refresh_tokens(before(self.inner.config.refresh_lifetime))
            .await?;
        tx.forget_attempts_before(before(SignedDuration::from_hours(48)))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A session of this user in the first tenant they joined, in the caller's transaction: (session, refresh token).
    pub(crate) async fn begin_session(
        &self,
        tx: &mut PlatformTx,
        user: UserId,
        user_agent: &str,
    ) -> Result<Option<(Session, String)>, StorageError> {
        let Some(membership) = tx.memberships(user).await?.into_iter().next() else {
            return Ok(None);
        };
        let Some(account) = tx.user_by_id(user).await? else {
            return Ok(None);
        };
        let now = self.inner.clock.now();
        let session = Session {
            id: SessionId(self.inner.randomness.uuid(now)),
            user,
            tenant: membership.tenant,
            role: membership.role,
            is_platform_admin: account.is_platform_admin,
            expires_at: expiry(now, self.inner.config.access_lifetime),
        };
        tx.insert_session(&storage::NewSession {
            id: session.id,
            tenant: session.tenant,
            user,
            user_agent: user_agent.chars().take(300).collect(),
        })
        .await?;
        let token: [u8; 32] = self.inner.randomness.bytes();
        let expires = expiry(now, self.inner.config.refresh_lifetime);
        tx.insert_refresh_token(&crate::refresh::sha256(&token), session.id, expires)
            .await?;
        Ok(Some((session, crate::refresh::text(&token))))
    }
}
