//! Rows in SQLite or PostgreSQL, chosen by URL, each query written once.
//!
//! Architecture Invariant: the pools are private. A tenant's rows are reached only through a
//! [`TenantTx`], which is made only from a request's [`access::Ctx`]; what crosses tenants (signing in,
//! claiming jobs, relaying events) has functions of its own on [`PlatformTx`].
//! On PostgreSQL row-level security holds that line a second time.
//!
//! Times are microseconds UTC in the database and `jiff::Timestamp` here. JSON is text.

#[macro_use]
mod connection;

pub mod api_keys;
pub mod attempts;
pub mod error;
pub mod events;
pub mod gold;
pub mod history;
pub mod jobs;
pub mod lineage;
pub mod mappings;
pub mod parts;
pub mod previews;
pub mod problems;
pub mod quality;
pub mod rejects;
pub mod runs;
pub mod schedules;
pub mod scratch;
pub mod senders;
pub mod sessions;
pub mod storage;
pub mod tenants;
pub mod transaction;
pub mod uploads;
pub mod users;
pub mod watches;

mod convert;

pub use api_keys::ApiKey;
pub use attempts::{Attempt, Delay};
pub use error::StorageError;
pub use events::{Event, EventHead};
pub use gold::Gold;
pub use jobs::{Claim, Enqueued, Job, JobState, NewJob};
pub use lineage::{Lineage, NewLineage};
pub use mappings::Mapping;
pub use problems::Problem;
pub use quality::{NewQualityRule, QualityResult, QualityRule};
pub use schedules::Schedule;
pub use senders::Sender;
pub use sessions::{NewSession, RefreshToken, Rotated, SessionRow, SessionStanding};
pub use storage::{Signals, Storage};
pub use tenants::{NewTenant, Tenant};
pub use transaction::{Committed, PlatformTx, TenantTx};
pub use uploads::{
    Counted, LiveRun, NewPiece, NewUpload, Part, Received, Reject, Sort, SortBy, TakenFrom, Upload,
    UploadError, UploadFilter, UploadState,
};
pub use users::{Member, Membership, NewUser, User};
pub use watches::{NewWatch, Watch, WatchedObject, WatchedState};
