//! Files that come by themselves, and work that was given up.

use crate::{Moment, uploads::Failure};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    pub watches: Vec<Watch>,
    /// The latest first.
    pub given_up: Vec<GivenUp>,
    /// Keys for programs, the newest first.
    pub keys: Vec<Key>,
    /// The only copy of a key that was just made by a form without a script.
    pub issued: Option<String>,
    /// Below which places the operator allows watches: `file:///exports`, `s3://bucket/prefix`.
    pub roots: Vec<String>,
    /// Whether the viewer may add and end watches and keys.
    pub may_change: bool,
    /// Whether the viewer may try work again.
    pub may_retry: bool,
}

/// A key with which programs send files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// UUID.
    pub id: String,
    pub name: String,
    /// Absent where the command line made it, or who did is no member any more.
    pub created_by: Option<String>,
    pub created: Moment,
    /// Absent: it is good until it is revoked.
    pub expires: Option<Moment>,
    pub used: Option<Moment>,
    pub state: KeyState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    Good,
    Expired,
    Revoked,
}

/// A folder or a prefix of a bucket that is looked at for files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// UUID.
    pub id: String,
    pub url: String,
    pub pattern: String,
    /// Absent where the command line added it, or who did is no member any more.
    pub created_by: Option<String>,
    pub created: Moment,
    /// Absent: not yet.
    pub looked: Option<Moment>,
    /// What is wrong with the place.
    pub problem: Option<Failure>,
    /// Files handed to an upload.
    pub taken: u64,
    /// Files seen that have not come to rest yet.
    pub waiting: u64,
    /// Files that could not be taken.
    pub failed: Vec<FailedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedFile {
    pub name: String,
    pub problem: Failure,
}

/// Work that failed so often that it is not tried any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// UUID.
    pub id: String,
    pub kind: String,
    pub attempts: u64,
    pub at: Moment,
    /// Of work that recurs: when it is done next all the same.
    pub next: Option<Moment>,
    pub problem: Failure,
}
