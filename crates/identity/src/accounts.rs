//! Accounts as the command line and the product itself make them.

use crate::{Identity, IdentityError, checks, sign_up::check_password};
use access::Role;
use storage::NewUser;
use types::{TenantId, UserId};

#[derive(Clone)]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub password: String,
    pub tenant: TenantId,
    pub role: Role,
    pub is_platform_admin: bool,
}

impl Identity {
    /// Adds a user to a tenant that exists.
    pub async fn create_user(&self, new: &NewAccount) -> Result<UserId, IdentityError> {
        let mut problems = Vec::new();
        let name = checks::noted(
            &mut problems,
            "name",
            checks::name(&new.name, "name_missing"),
        );
        let email = checks::email(&new.email).ok_or("email_invalid");
        let email = checks::noted(&mut problems, "email", email);
        let password = check_password(&new.password, &[&email, &name]);
        checks::noted(&mut problems, "password", password);
        if !problems.is_empty() {
            return Err(IdentityError::Invalid(problems));
        }
        let salt = self.inner.randomness.bytes();
        let password_hash = self.inner.passwords.hash(&new.password, salt).await?;
        let id = UserId(self.inner.randomness.uuid(self.inner.clock.now()));
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        let inserted = tx
            .insert_user(&NewUser {
                id,
                email,
                name,
                password_hash,
                locale: None,
                theme: None,
                is_platform_admin: new.is_platform_admin,
            })
            .await;
        match inserted {
            Err(error) if error.is_conflict("users_email") => {
                return Err(IdentityError::field("email", "email_taken"));
            }
            other => other?,
        }
        tx.put_membership(new.tenant, id, new.role).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Sets a password and ends all sessions of the user: whoever knew the old one is out.
    pub async fn set_password(&self, email: &str, password: &str) -> Result<(), IdentityError> {
        let mut tx = self.inner.storage.platform_read(&self.inner.clock).await?;
        let user = tx
            .user_by_email(email.trim())
            .await?
            .ok_or(IdentityError::UnknownUser)?;
        drop(tx);
        check_password(password, &[&user.email, &user.name])
            .map_err(|key| IdentityError::field("password", key))?;
        let salt = self.inner.randomness.bytes();
        let hash = self.inner.passwords.hash(password, salt).await?;
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        tx.set_password(user.id, &hash).await?;
        tx.revoke_sessions_of(user.id).await?;
        tx.commit().await?;
        self.inner.standings.forget_all();
        Ok(())
    }
}
