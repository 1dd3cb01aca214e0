//! Durable background work over `storage`: claimed under a lease, fenced, tried again with growing delays,
//! and dead rather than endless.
//!
//! Architecture Invariant: what a job did is kept only together with the proof of its claim. A handler writes its
//! effects in a transaction that also calls `TenantTx::finish_job` (or `hold_job`): a worker that was paused past
//! its lease is refused there, so an effect happens once however often the job is begun.

pub mod events;
pub mod handler;
pub mod queue;
pub mod worker;

pub use events::{Doorbell, ProgressHint};
pub use handler::{Handler, JobError, Progress};
pub use queue::Queue;
pub use storage::{Claim, Enqueued, Job, JobState, NewJob};
pub use worker::{Worker, WorkerOptions};
