//! Keys for programs: `sr360_` and 43 characters, shown once.

use crate::{Identity, IdentityError, checks, refresh};
use access::{Action, Ctx, Principal, Resource, authorize};
use jiff::SignedDuration;
use types::KeyId;

/// So that people and scanners of leaked secrets know one when they see it.
const PREFIX: &str = "sr360_";

impl Identity {
    /// A new key and its only copy; without a lifetime it is good until it is revoked.
    pub async fn issue_api_key(
        &self,
        ctx: &Ctx,
        name: &str,
        lifetime: Option<SignedDuration>,
    ) -> Result<(KeyId, String), IdentityError> {
        authorize(ctx, Action::Update, Resource::Settings)?;
        let name =
            checks::name(name, "name_missing").map_err(|key| IdentityError::field("name", key))?;
        let secret: [u8; 32] = ctx.randomness.bytes();
        let id = KeyId(ctx.randomness.uuid(ctx.now()));
        let expires = lifetime.and_then(|lifetime| ctx.now().checked_add(lifetime).ok());
        let mut tx = self.inner.storage.tenant(ctx).await?;
        tx.insert_api_key(id, &name, &refresh::sha256(&secret), expires)
            .await?;
        tx.commit().await?;
        Ok((id, format!("{PREFIX}{}", refresh::text(&secret))))
    }

    /// False where there is no such key, or it was revoked before.
    pub async fn revoke_api_key(&self, ctx: &Ctx, id: KeyId) -> Result<bool, IdentityError> {
        authorize(ctx, Action::Update, Resource::Settings)?;
        let mut tx = self.inner.storage.tenant(ctx).await?;
        let revoked = tx.revoke_api_key(id).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Who presents this key. Every key that is not good is told the same.
    pub async fn authenticate_key(&self, presented: &str) -> Result<Ctx, IdentityError> {
        let secret = presented
            .strip_prefix(PREFIX)
            .and_then(refresh::parse)
            .ok_or(IdentityError::Unauthenticated)?;
        let inner = &self.inner;
        let mut tx = inner.storage.platform(&inner.clock).await?;
        let found = tx.use_api_key(&refresh::sha256(&secret)).await?;
        tx.commit().await?;
        let (tenant, key) = found.ok_or(IdentityError::Unauthenticated)?;
        Ok(Ctx {
            principal: Principal::Key(key),
            tenant,
            clock: inner.clock.clone(),
            randomness: inner.randomness.clone(),
        })
    }
}
