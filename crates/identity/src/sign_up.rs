use crate::{
    Client, Identity, IdentityError, SignedIn, checks, passwords, refresh, slug::slug,
    token::expiry,
};
use access::Role;
use storage::{NewTenant, NewUser, PlatformTx, StorageError};
use types::{Currency, TenantId, UserId};

/// A new tenant and its first user.
#[derive(Clone)]
pub struct SignUp {
    pub shop: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub currency: Currency,
    /// IANA name.
    pub timezone: String,
    pub locale: String,
    /// From the one-time link: makes the user a platform administrator too.
    pub first_admin_token: Option<String>,
}

/// What was checked, ready to be stored.
struct Accepted {
    shop: String,
    name: String,
    email: String,
    password_hash: String,
    admin_token: Option<[u8; 32]>,
}

impl Identity {
    /// Makes a tenant with its first user as administrator, and signs them in.
    ///
    /// An address that has an account is refused as taken: without sending mail this cannot be hidden from who
    /// signs up. How often one network may ask is limited.
    pub async fn sign_up(&self, new: &SignUp, client: &Client) -> Result<SignedIn, IdentityError> {
        let mut problems = Vec::new();
        let shop = checks::noted(
            &mut problems,
            "shop",
            checks::name(&new.shop, "shop_name_missing"),
        );
        let name = checks::noted(
            &mut problems,
            "name",
            checks::name(&new.name, "name_missing"),
        );
        let email = checks::email(&new.email).ok_or("email_invalid");
        let email = checks::noted(&mut problems, "email", email);
        let password = check_password(&new.password, &[&email, &name, &shop]);
        checks::noted(&mut problems, "password", password);
        let timezone = jiff::tz::TimeZone::get(&new.timezone)
            .map(drop)
            .map_err(|_| "timezone_invalid");
        checks::noted(&mut problems, "timezone", timezone);
        let admin_token = match new.first_admin_token.as_deref().filter(|t| !t.is_empty()) {
            Some(token) => {
                let hash = refresh::hash_of(token).map(Some).ok_or("link_used");
                checks::noted(&mut problems, "token", hash)
            }
            None => None,
        };
        if !problems.is_empty() {
            return Err(IdentityError::Invalid(problems));
        }
        let key = self.pseudonym("sign-up", &self.address_key(client.address));
        self.count(&[(&key, self.inner.config.sign_up_delay)])
            .await?;
        // Before anything is looked up: what takes the time tells nothing.
        let salt = self.inner.randomness.bytes();
        let password_hash = self.inner.passwords.hash(&new.password, salt).await?;
        let accepted = Accepted {
            shop,
            name,
            email,
            password_hash,
            admin_token,
        };
        self.store(new, &accepted, client).await
    }

    async fn store(
        &self,
        new: &SignUp,
        accepted: &Accepted,
        client: &Client,
    ) -> Result<SignedIn, IdentityError> {
        for _ in 0..8 {
            let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
            match self.insert(&mut tx, new, accepted, client).await {
                Ok(signed_in) => {
                    tx.commit().await?;
                    return Ok(signed_in);
                }
                // Somebody took the slug between our looking and our taking.
                Err(IdentityError::Storage(error)) if error.is_conflict("tenants_slug") => {}
                Err(IdentityError::Storage(error)) if error.is_conflict("users_email") => {
                    return Err(IdentityError::field("email", "email_taken"));
                }
                Err(error) => return Err(error),
            }
        }
        Err(StorageError::Conflict {
            constraint: "tenants_slug".to_owned(),
        }
        .into())
    }

    async fn insert(
        &self,
        tx: &mut PlatformTx,
        new: &SignUp,
        accepted: &Accepted,
        client: &Client,
    ) -> Result<SignedIn, IdentityError> {
        let now = self.inner.clock.now();
        let is_platform_admin = match accepted.admin_token {
            Some(hash) if tx.use_first_admin_token(&hash).await? => true,
            Some(_) => return Err(IdentityError::field("token", "link_used")),
            None => false,
        };
        let tenant = TenantId(self.inner.randomness.uuid(now));
        let slug = self.free_slug(tx, &accepted.shop).await?;
        tx.insert_tenant(&NewTenant {
            id: tenant,
            slug,
            name: accepted.shop.clone(),
            timezone: new.timezone.clone(),
            currency: new.currency,
            locale: new.locale.clone(),
            is_sample: false,
        })
        .await?;
        let user = UserId(self.inner.randomness.uuid(now));
        tx.insert_user(&NewUser {
            id: user,
            email: accepted.email.clone(),
            name: accepted.name.clone(),
            password_hash: accepted.password_hash.clone(),
            locale: None,
            theme: None,
            is_platform_admin,
        })
        .await?;
        tx.put_membership(tenant, user, Role::TenantAdmin).await?;
        let (session, token) = self
            .begin_session(tx, user, &client.user_agent)
            .await?
            .ok_or(StorageError::NotFound)?;
        self.signed_in(session, token, now)
    }

    async fn free_slug(&self, tx: &mut PlatformTx, shop: &str) -> Result<String, StorageError> {
        // Counted while that is short, then by chance: many shops have no letters that a slug takes.
        for candidate in 1..10 {
            let slug = slug(shop, candidate);
            if tx.tenant_by_slug(&slug).await?.is_none() {
                return Ok(slug);
            }
        }
        Ok(slug(
            shop,
            u32::from_be_bytes(self.inner.randomness.bytes()),
        ))
    }

    /// A one-time token for the first administrator, good for a day; `None` where there is one already.
    pub async fn issue_first_admin_token(&self) -> Result<Option<String>, IdentityError> {
        let mut tx = self.inner.storage.platform(&self.inner.clock).await?;
        if tx.any_platform_admin().await? {
            return Ok(None);
        }
        let token: [u8; 32] = self.inner.randomness.bytes();
        let expires = expiry(
            self.inner.clock.now(),
            self.inner.config.first_admin_lifetime,
        );
        tx.insert_first_admin_token(&refresh::sha256(&token), expires)
            .await?;
        tx.commit().await?;
        Ok(Some(refresh::text(&token)))
    }
}

/// With what an attacker knows of the person counted for nothing.
pub(crate) fn check_password(password: &str, about: &[&str]) -> Result<(), &'static str> {
    let mut words = vec!["smartretail360", "smartretail"];
    for text in about {
        words.push(text);
        words.extend(
            text.split(|c: char| !c.is_alphanumeric())
                .filter(|w| w.len() > 2),
        );
    }
    passwords::problem(password, &words).map_or(Ok(()), Err)
}
