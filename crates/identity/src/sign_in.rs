use crate::{Client, Identity, IdentityError, SignedIn, checks, passwords::Checked};
use std::net::IpAddr;
use storage::{Attempt, Delay, User};

impl Identity {
    /// Signs in, into the first tenant the user joined.
    ///
    /// Each attempt is counted before it is checked. An unknown address and a wrong password take the same steps:
    /// the same reads and writes, one hash, one answer.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<SignedIn, IdentityError> {
        self.inner.passwords.warm_up().await?;
        // What is no address is counted and answered as an unknown one.
        let email = checks::email(email).unwrap_or_else(|| email.trim().to_lowercase());
        let (account, address) = (self.account_key(&email), self.address_key(client.address));
        let config = &self.inner.config;
        self.count(&[
            (&address, config.address_delay),
            (&account, config.account_delay),
        ])
        .await?;

        let mut tx = self.inner.storage.platform_read(&self.inner.clock).await?;
        let user = tx.user_by_email(&email).await?;
        drop(tx);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let checked = self.inner.passwords.check(password, hash).await?;
        let (Some(user), Checked::Right { outdated }) = (user, checked) else {
            return Err(IdentityError::WrongCredentials);
        };
        let new_hash = if outdated {
            let salt = self.inner.randomness.bytes();
            Some(self.inner.passwords.hash(password, salt).await?)
        } else {
            None
        };
        self.admit(&user, new_hash, &account, &address, client)
            .await
    }

    async fn admit(
        &self,
        user: &User,
        new_hash: Option<String>,
        account: &str,
        address: &str,
        client: &Client,
    ) -> Result<SignedIn, IdentityError> {
        let now = self.inner.clock.now();
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        // The password may have been changed, to lock somebody out, while it was being checked.
        let unchanged = tx
            .user_by_id(user.id)
            .await?
            .is_some_and(|current| current.password_hash == user.password_hash);
        if !unchanged {
            return Err(IdentityError::WrongCredentials);
        }
        if let Some(hash) = new_hash {
            tx.set_password(user.id, &hash).await?;
        }
        tx.forget_attempts(account).await?;
        // Only this one: an attacker with an account of their own must not start anew with each success.
        tx.refund_attempt(address).await?;
        let Some((session, refresh)) = self
            .begin_session(&mut tx, user.id, &client.user_agent)
            .await?
        else {
            tracing::warn!(user.id = %user.id, "sign-in refused: the user belongs to no tenant");
            return Err(IdentityError::WrongCredentials);
        };
        tx.commit().await?;
        self.signed_in(session, refresh, now)
    }

    /// Counts an attempt under each key; `TooManyAttempts` where one is blocked.
    pub(crate) async fn count(&self, keys: &[(&str, Delay)]) -> Result<(), IdentityError> {
        let now = self.inner.clock.now();
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        let mut blocked = None;
        for (key, delay) in keys {
            if let Attempt::Blocked { until } = tx.count_attempt(key, *delay).await? {
                blocked = Some(until);
                break;
            }
        }
        tx.commit().await?;
        match blocked {
            None => Ok(()),
            Some(until) => Err(IdentityError::TooManyAttempts {
                // Whole seconds, and never 0: what a person is told to wait is enough.
                retry_after: jiff::SignedDuration::from_secs(
                    until.duration_since(now).as_secs().saturating_add(1),
                ),
            }),
        }
    }

    /// Keys are hashes: whom somebody tried to be, and from where, is nobody else's business.
    fn account_key(&self, email: &str) -> String {
        self.pseudonym("account", email)
    }

    pub(crate) fn address_key(&self, address: IpAddr) -> String {
        self.pseudonym("address", &network(address))
    }

    pub(crate) fn pseudonym(&self, kind: &str, text: &str) -> String {
        let hash = self
            .inner
            .keys
            .derive("attempts", &[kind.as_bytes(), text.as_bytes()]);
        format!("{kind}:{}", crate::refresh::text(&hash))
    }
}

/// One customer of a provider: an IPv4 address, or the /64 that IPv6 customers get at the least.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_network_are_one() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(network(address.parse().unwrap()), expected);
        }
    }
}
