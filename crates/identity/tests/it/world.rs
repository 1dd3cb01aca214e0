//! An identity over real tables, with a clock that tests move.

use access::{Clock, Ctx, Principal, Randomness};
use identity::{Client, Config, Identity, IdentityError, Keys, Session, SignUp, SignedIn};
use jiff::SignedDuration;
use storage::Storage;
use types::Currency;

pub const PASSWORD: &str = "velvet-otter-19-quilt";
pub const OTHER: &str = "amber teapot walks north";

pub struct World {
    pub storage: Storage,
    pub clock: Clock,
    pub identity: Identity,
}

impl World {
    pub fn new(storage: Storage) -> Self {
        let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
        let identity = Self::identity(&storage, &clock, 1);
        Self {
            storage,
            clock,
            identity,
        }
    }

    /// As another process (of other `keys`, another deployment) would have it.
    pub fn identity(storage: &Storage, clock: &Clock, keys: u64) -> Identity {
        Identity::new(
            storage.clone(),
            Keys::generate(&Randomness::seeded(keys)),
            Config::new("https://shop.example"),
            clock.clone(),
            Randomness::System,
        )
        .unwrap()
    }

    pub async fn sign_up(&self, shop: &str) -> SignedIn {
        self.identity.sign_up(&form(shop), &client()).await.unwrap()
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, IdentityError> {
        self.identity.sign_in(email, password, &client()).await
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub fn ctx(&self, session: &Session) -> Ctx {
        Ctx {
            principal: Principal::User {
                id: session.user,
                session: session.id,
                role: session.role,
            },
            tenant: session.tenant,
            clock: self.clock.clone(),
            randomness: Randomness::System,
        }
    }
}

pub fn form(shop: &str) -> SignUp {
    SignUp {
        shop: shop.to_owned(),
        name: "Ana López".to_owned(),
        email: format!("Owner@{}.example", shop.to_lowercase()),
        password: PASSWORD.to_owned(),
        currency: Currency::EUR,
        timezone: "Europe/Madrid".to_owned(),
        locale: "es".to_owned(),
        first_admin_token: None,
    }
}

pub fn client() -> Client {
    from("192.0.2.7")
}

pub fn from(address: &str) -> Client {
    Client {
        address: address.parse().unwrap(),
        user_agent: "Browser".to_owned(),
    }
}

pub fn is_unauthenticated<T>(result: Result<T, IdentityError>) -> bool {
    matches!(result, Err(IdentityError::Unauthenticated))
}
