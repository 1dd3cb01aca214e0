use jiff::SignedDuration;
use std::path::PathBuf;
use storage::StorageError;
use thiserror::Error;

/// What is wrong with one field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `email`, `password`, `name`, `shop`, `timezone` or `token`.
    pub field: &'static str,
    /// Message key.
    pub key: &'static str,
}

#[derive(Debug, Error)]
pub enum IdentityError {
    /// The input cannot be taken as it is. Never empty.
    #[error("not accepted: {}", .0.iter().map(|p| p.key).collect::<Vec<_>>().join(", "))]
    Invalid(Vec<Problem>),
    /// Unknown e-mail or wrong password: the same, down to the time it takes.
    #[error("wrong e-mail or password")]
    WrongCredentials,
    #[error("too many attempts, again in {} s", .retry_after.as_secs())]
    TooManyAttempts { retry_after: SignedDuration },
    /// No session, an ended one, or a token that is not ours. Why is nobody's business.
    #[error("not signed in")]
    Unauthenticated,
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// From the command line only.
    #[error("no user has this e-mail address")]
    UnknownUser,
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    #[error("a token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

#[derive(Debug, Error)]
pub enum KeyError {
    #[error("the signing key {path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the signing key {0} may be read by others: `chmod 600` it, or delete it for a new one"
    )]
    Exposed(PathBuf),
    #[error("the signing key is no Ed25519 private key (PKCS #8, PEM)")]
    NotAKey,
}

impl IdentityError {
    pub(crate) fn field(field: &'static str, key: &'static str) -> Self {
        Self::Invalid(vec![Problem { field, key }])
    }

    /// Message key of the whole.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Invalid(problems) => match problems.as_slice() {
                [one] => one.key,
                _ => "invalid",
            },
            Self::WrongCredentials => "wrong_email_or_password",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::Unauthenticated => "unauthenticated",
            Self::UnknownUser => "not_found",
            Self::Denied(_) => "forbidden",
            Self::Storage(error) if error.is_transient() => "unavailable",
            Self::Keys(_) | Self::Storage(_) | Self::Hashing(_) | Self::Signing(_) => "internal",
        }
    }

    /// What is wrong, field by field.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid(problems) => problems,
            _ => &[],
        }
    }
}
