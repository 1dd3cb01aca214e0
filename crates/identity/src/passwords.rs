//! argon2id on a bounded pool: each hash takes 19 MiB and a core, and many may be asked for at once.

use crate::IdentityError;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 128;

/// OWASP's choice: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

#[derive(Clone)]
pub(crate) struct Passwords {
    inner: Arc<Inner>,
}

struct Inner {
    pepper: Vec<u8>,
    params: Params,
    permits: Arc<Semaphore>,
    dummy: OnceLock<String>,
}

/// What checking a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right {
        /// The hash was made with other costs: make a new one.
        outdated: bool,
    },
    Wrong,
}

impl Passwords {
    pub(crate) fn new(pepper: Option<String>, at_once: usize) -> Result<Self, IdentityError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .map_err(|error| IdentityError::Hashing(error.to_string()))?;
        Ok(Self {
            inner: Arc::new(Inner {
                pepper: pepper.unwrap_or_default().into_bytes(),
                params,
                permits: Arc::new(Semaphore::new(at_once.max(1))),
                dummy: OnceLock::new(),
            }),
        })
    }

    /// A PHC string.
    pub(crate) async fn hash(
        &self,
        password: &str,
        salt: [u8; 16],
    ) -> Result<String, IdentityError> {
        let password = normal(password);
        self.on_pool(move |inner| inner.hash(&password, salt)).await
    }

    /// Compares with the hash, or, where there is none, takes the time it would take.
    pub(crate) async fn check(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<Checked, IdentityError> {
        let password = normal(password);
        self.on_pool(move |inner| inner.check(&password, hash.as_deref()))
            .await
    }

    /// The dummy's hash is made ahead, or the first unknown address would take twice as long.
    pub(crate) async fn warm_up(&self) -> Result<(), IdentityError> {
        if self.inner.dummy.get().is_none() {
            self.on_pool(|inner| inner.dummy().map(drop)).await?;
        }
        Ok(())
    }

    async fn on_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let inner = Arc::clone(&self.inner);
        let permit = Arc::clone(&inner.permits)
            .acquire_owned()
            .await
            .map_err(|error| IdentityError::Hashing(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller that goes away does not stop it.
            let _permit = permit;
            work(&inner)
        })
        .await
        .map_err(|error| IdentityError::Hashing(error.to_string()))?
    }
}

impl Inner {
    fn argon2(&self) -> Result<Argon2<'_>, IdentityError> {
        Argon2::new_with_secret(
            &self.pepper,
            Algorithm::Argon2id,
            Version::V0x13,
            self.params.clone(),
        )
        .map_err(|error| IdentityError::Hashing(error.to_string()))
    }

    fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, IdentityError> {
        self.argon2()?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| IdentityError::Hashing(error.to_string()))
    }

    fn dummy(&self) -> Result<&str, IdentityError> {
        if let Some(dummy) = self.dummy.get() {
            return Ok(dummy);
        }
        // Nobody's: what is compared with it is wrong, whatever it is.
        let hash = self.hash("nobody has this password", [0; 16])?;
        Ok(self.dummy.get_or_init(|| hash))
    }

    fn check(&self, password: &str, hash: Option<&str>) -> Result<Checked, IdentityError> {
        let failed =
            |error: argon2::password_hash::Error| IdentityError::Hashing(error.to_string());
        let (known, hash) = match hash {
            Some(hash) => (true, hash),
            None => (false, self.dummy()?),
        };
        match self.argon2()?.verify_password(password.as_bytes(), hash) {
            Ok(()) if known => {
                let parsed = PasswordHash::new(hash)
                    .map_err(|error| IdentityError::Hashing(error.to_string()))?;
                let params = Params::try_from(&parsed).map_err(failed)?;
                let costs = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost());
                Ok(Checked::Right {
                    outdated: costs(&params) != costs(&self.params)
                        || parsed.algorithm != Algorithm::Argon2id.ident(),
                })
            }
            Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Checked::Wrong),
            Err(error) => Err(failed(error)),
        }
    }
}

/// The same characters typed on two keyboards are the same password (NIST SP 800-63B).
pub(crate) fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// What is wrong with a new password, as a message key.
pub(crate) fn problem(password: &str, about_the_user: &[&str]) -> Option<&'static str> {
    let password = normal(password);
    match password.chars().count() {
        0..SHORTEST => return Some("password_too_short"),
        SHORTEST..=LONGEST => {}
        _ => return Some("password_too_long"),
    }
    // 3: more than 10^8 guesses, with what an attacker knows of the person.
    (u8::from(zxcvbn::zxcvbn(&password, about_the_user).score()) < 3).then_some("password_too_weak")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for (password, expected) in [
            ("", Some("password_too_short")),
            ("Tr0ub4dor&3", Some("password_too_short")),
            ("passwordpassword", Some("password_too_weak")),
            ("123456789012", Some("password_too_weak")),
            ("qwertyuiopasdf", Some("password_too_weak")),
            ("aaaaaaaaaaaaaaaaaaaa", Some("password_too_weak")),
            ("correct horse battery staple", None),
            ("velvet-otter-19-quilt", None),
            ("密码学家喜欢很长的句子和苹果", None),
        ] {
            assert_eq!(problem(password, &[]), expected, "{password}");
        }
        // Known words of the person count for nothing.
        let own = "marchetti.ceramics";
        assert_eq!(problem(own, &[]), None);
        assert_eq!(
            problem(own, &["marchetti", "ceramics", "marchetti.ceramics"]),
            Some("password_too_weak")
        );
    }

    #[test]
    fn length_counts_characters() {
        let long = "velvet otter quilt ".repeat(7);
        assert_eq!(problem(&long[..128], &[]), None);
        assert_eq!(problem(&long[..129], &[]), Some("password_too_long"));
        assert_eq!(problem("éééééé", &[]), Some("password_too_short"));
    }

    #[tokio::test]
    async fn hashes_are_argon2id_and_hold() {
        let passwords = Passwords::new(Some("pepper".to_owned()), 2).unwrap();
        let hash = passwords.hash("crème brûlée", [7; 16]).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let check = async |passwords: &Passwords, password: &str| {
            passwords.check(password, Some(hash.clone())).await.unwrap()
        };
        let right = Checked::Right { outdated: false };
        assert_eq!(check(&passwords, "crème brûlée").await, right);
        // The accents as characters of their own.
        assert_eq!(
            check(&passwords, "cre\u{300}me bru\u{302}le\u{301}e").await,
            right
        );
        assert_eq!(check(&passwords, "creme brulee").await, Checked::Wrong);
        let unpeppered = Passwords::new(None, 2).unwrap();
        assert_eq!(check(&unpeppered, "crème brûlée").await, Checked::Wrong);
    }

    #[tokio::test]
    async fn nobody_has_the_dummys_password() {
        let passwords = Passwords::new(None, 2).unwrap();
        passwords.warm_up().await.unwrap();
        let checked = passwords.check("nobody has this password", None).await;
        assert_eq!(checked.unwrap(), Checked::Wrong);
    }

    #[tokio::test]
    async fn old_costs_are_noticed() {
        let params = Params::new(8, 1, 1, None).unwrap();
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(b"velvet otter", &[1; 16])
            .unwrap()
            .to_string();
        let passwords = Passwords::new(None, 1).unwrap();
        assert_eq!(
            passwords.check("velvet otter", Some(old)).await.unwrap(),
            Checked::Right { outdated: true }
        );
    }
}
