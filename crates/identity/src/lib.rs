//! Who signs in: accounts, passwords, sessions, tokens, and the cookies that carry them.
//!
//! Architecture Invariant: no secret is stored as it is. Passwords are argon2id hashes; refresh and one-time tokens
//! are SHA-256; the only key is the signing key, in a file that only its owner reads.
//! An error says what a person can do next, and nothing of whether an account exists (signing up apart: see
//! [`Identity::sign_up`]).

pub mod accounts;
pub mod api_keys;
pub mod checks;
pub mod cookies;
pub mod error;
pub mod identity;
pub mod keys;
pub mod passwords;
pub mod refresh;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod slug;
pub mod token;

pub use accounts::NewAccount;
pub use cookies::{Cookies, Presented};
pub use error::{IdentityError, KeyError, Problem};
pub use identity::{Client, Config, Identity, Session, SignedIn};
pub use keys::Keys;
pub use sign_up::SignUp;
