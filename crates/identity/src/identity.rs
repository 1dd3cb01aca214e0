use crate::{
    Cookies, IdentityError, Keys, cookies::Presented, passwords::Passwords,
    sessions::StandingCache, token::Tokens,
};
use access::{Clock, Randomness, Role};
use jiff::{SignedDuration, Timestamp};
use std::{net::IpAddr, path::Path, sync::Arc};
use storage::{Delay, Storage};
use types::{SessionId, TenantId, UserId};

/// How long things last, and how fast one may try.
#[derive(Clone, Debug)]
pub struct Config {
    /// As browsers see it. Issuer and audience of the tokens; decides whether cookies are secure.
    pub public_url: String,
    /// Mixed into every password hash; not in the database. Changed, no password fits any more.
    pub pepper: Option<String>,
    pub access_lifetime: SignedDuration,
    /// Of a refresh token that is not used.
    pub refresh_lifetime: SignedDuration,
    /// Of a session, however busy.
    pub session_lifetime: SignedDuration,
    /// A used refresh token gives the same successor again for this long, if that is unused: a double click,
    /// or two tabs.
    pub refresh_grace: SignedDuration,
    pub first_admin_lifetime: SignedDuration,
    /// Wrong passwords for one account. Ends within a minute, so that nobody can shut an owner out for long.
    pub account_delay: Delay,
    /// Attempts from one address (one /64 network for IPv6).
    pub address_delay: Delay,
    /// New accounts from one address.
    pub sign_up_delay: Delay,
    /// Password hashes at a time: each takes 19 MiB and a core.
    pub hashes_at_once: usize,
    /// A revoked session or changed role is noticed within this time. At most a second.
    pub standing_cache: SignedDuration,
}

impl Config {
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            pepper: None,
            access_lifetime: SignedDuration::from_mins(10),
            refresh_lifetime: SignedDuration::from_hours(30 * 24),
            session_lifetime: SignedDuration::from_hours(90 * 24),
            refresh_grace: SignedDuration::from_secs(10),
            first_admin_lifetime: SignedDuration::from_hours(24),
            account_delay: Delay {
                free: 5,
                first: SignedDuration::from_secs(1),
                longest: SignedDuration::from_secs(60),
                forgotten_after: SignedDuration::from_hours(1),
            },
            address_delay: Delay {
                free: 30,
                first: SignedDuration::from_secs(1),
                longest: SignedDuration::from_mins(15),
                forgotten_after: SignedDuration::from_hours(1),
            },
            sign_up_delay: Delay {
                free: 20,
                first: SignedDuration::from_secs(10),
                longest: SignedDuration::from_mins(15),
                forgotten_after: SignedDuration::from_hours(24),
            },
            hashes_at_once: std::thread::available_parallelism().map_or(2, usize::from),
            standing_cache: SignedDuration::from_secs(1),
        }
    }
}

/// Who is at the other end of the connection.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: IpAddr,
    pub user_agent: String,
}

/// A person who is signed in, for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub tenant: TenantId,
    pub role: Role,
    pub is_platform_admin: bool,
    /// Of the access token.
    pub expires_at: Timestamp,
}

/// A session and its two tokens.
#[derive(Clone)]
pub struct SignedIn {
    pub session: Session,
    pub access: String,
    pub access_lifetime: SignedDuration,
    pub refresh: String,
    pub refresh_lifetime: SignedDuration,
}

impl std::fmt::Debug for SignedIn {
    /// Without the tokens: this may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) storage: Storage,
    pub(crate) config: Config,
    pub(crate) keys: Keys,
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) cookies: Cookies,
    pub(crate) standings: StandingCache,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
}

impl Identity {
    pub fn new(
        storage: Storage,
        keys: Keys,
        config: Config,
        clock: Clock,
        randomness: Randomness,
    ) -> Result<Self, IdentityError> {
        Ok(Self {
            inner: Arc::new(Inner {
                tokens: Tokens::new(&keys, &config.public_url)?,
                passwords: Passwords::new(config.pepper.clone(), config.hashes_at_once)?,
                cookies: Cookies::new(&config.public_url),
                standings: StandingCache::new(config.standing_cache),
                storage,
                config,
                keys,
                clock,
                randomness,
            }),
        })
    }

    /// With the signing key of the data folder, made there at the first start, and the usual limits.
    pub fn open(
        storage: Storage,
        data_dir: &Path,
        public_url: &str,
        pepper: Option<String>,
        clock: Clock,
        randomness: Randomness,
    ) -> Result<Self, IdentityError> {
        let keys = Keys::load_or_create(&data_dir.join("identity.key"), &randomness)?;
        let config = Config {
            pepper,
            ..Config::new(public_url)
        };
        Self::new(storage, keys, config, clock, randomness)
    }

    pub fn cookies(&self) -> Cookies {
        self.inner.cookies
    }

    /// The tokens in a request's `Cookie` headers.
    pub fn presented<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Presented<'a> {
        self.inner.cookies.read(headers)
    }
}
