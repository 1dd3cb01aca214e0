//! Refresh tokens: opaque, 256 bits, stored as SHA-256, used once.
//!
//! The successor of a token is derived from the token itself, a random salt kept in the database, and the server's
//! key. So a token presented twice within the grace (two tabs, a double click, a thousand parallel calls) gives the
//! very same successor each time, and a family never has two live branches. Nobody derives one without all three:
//! the database does not hold the token, the browser neither salt nor key.
//! Presented later, or once its successor is in use, a used token is stolen or was: the whole family ends.

use crate::{Identity, IdentityError, Session, SignedIn, token::expiry};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use storage::PlatformTx;
use types::SessionId;

type Token = [u8; 32];

pub(crate) fn sha256(token: &Token) -> [u8; 32] {
    Sha256::digest(token).into()
}

pub(crate) fn text(token: &Token) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

pub(crate) fn parse(text: &str) -> Option<Token> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// As the database knows it.
pub(crate) fn hash_of(text: &str) -> Option<[u8; 32]> {
    parse(text).map(|token| sha256(&token))
}

impl Identity {
    /// Exchanges a refresh token for a new pair. `Unauthenticated` where it is unknown, expired or replayed, or the
    /// session has ended.
    pub async fn refresh(&self, refresh: &str) -> Result<SignedIn, IdentityError> {
        let token = parse(refresh).ok_or(IdentityError::Unauthenticated)?;
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        let exchanged = match self.rotate(&mut tx, &token).await? {
            Some(exchanged) => Some(exchanged),
            None => self.repeat(&mut tx, &token).await?,
        };
        let signed_in = match exchanged {
            Some((session, successor)) => self.renew(&mut tx, session, successor).await?,
            None => None,
        };
        // Ending a replayed family has to last, though the caller gets nothing.
        tx.commit().await?;
        signed_in.ok_or(IdentityError::Unauthenticated)
    }

    /// The first use of a token.
    async fn rotate(
        &self,
        tx: &mut PlatformTx,
        token: &Token,
    ) -> Result<Option<(SessionId, Token)>, IdentityError> {
        let salt: [u8; 32] = self.inner.randomness.bytes();
        let successor = self.successor(token, &salt);
        let hash = sha256(&successor);
        let Some(rotated) = tx
            .rotate_refresh_token(&sha256(token), &hash, &salt)
            .await?
        else {
            return Ok(None);
        };
        let expires = expiry(self.inner.clock.now(), self.inner.config.refresh_lifetime);
        tx.insert_refresh_token(&hash, rotated.session, expires)
            .await?;
        Ok(Some((rotated.session, successor)))
    }

    /// A token that was not there to be rotated: a repetition within the grace, a replay, or nothing of ours.
    async fn repeat(
        &self,
        tx: &mut PlatformTx,
        token: &Token,
    ) -> Result<Option<(SessionId, Token)>, IdentityError> {
        let Some(found) = tx.refresh_token(&sha256(token)).await? else {
            return Ok(None);
        };
        let Some(used_at) = found.used_at else {
            // Expired, or the session ended.
            return Ok(None);
        };
        let next = match &found.replaced_by {
            Some(hash) => tx.refresh_token(hash).await?,
            None => None,
        };
        let now = self.inner.clock.now();
        let in_grace = now.duration_since(used_at) < self.inner.config.refresh_grace;
        let next_is_unused = next.is_some_and(|next| next.used_at.is_none());
        if !(in_grace && next_is_unused) {
            tx.revoke_session(found.session).await?;
            self.inner.standings.forget(found.session);
            tracing::warn!(session.id = %found.session, "refresh token replayed: session ended");
            return Ok(None);
        }
        let salt = found
            .salt
            .as_deref()
            .and_then(|salt| <[u8; 32]>::try_from(salt).ok());
        let successor = salt.map(|salt| self.successor(token, &salt));
        // Another hash: the server's key was changed in between. Nothing is amiss, but nothing can be given.
        Ok(successor
            .filter(|successor| found.replaced_by.as_deref() == Some(sha256(successor).as_slice()))
            .map(|successor| (found.session, successor)))
    }

    async fn renew(
        &self,
        tx: &mut PlatformTx,
        id: SessionId,
        successor: Token,
    ) -> Result<Option<SignedIn>, IdentityError> {
        let config = &self.inner.config;
        let now = self.inner.clock.now();
        let (Some(standing), Some(row)) = (tx.session_standing(id).await?, tx.session(id).await?)
        else {
            return Ok(None);
        };
        let ends = expiry(row.created_at, config.session_lifetime);
        if ends <= now {
            tx.revoke_session(id).await?;
            self.inner.standings.forget(id);
            return Ok(None);
        }
        let session = Session {
            id,
            user: standing.user,
            tenant: standing.tenant,
            role: standing.role,
            is_platform_admin: standing.is_platform_admin,
            expires_at: expiry(now, config.access_lifetime).min(ends),
        };
        self.signed_in(session, text(&successor), now).map(Some)
    }

    pub(crate) fn signed_in(
        &self,
        session: Session,
        refresh: String,
        now: Timestamp,
    ) -> Result<SignedIn, IdentityError> {
        Ok(SignedIn {
            access: self.inner.tokens.issue(&session, now)?,
            access_lifetime: session.expires_at.duration_since(now),
            refresh,
            refresh_lifetime: self.inner.config.refresh_lifetime,
            session,
        })
    }

    fn successor(&self, token: &Token, salt: &[u8; 32]) -> Token {
        self.inner.keys.derive("refresh successor", &[token, salt])
    }
}
