//! The lake as its callers use it, against naive computations over the same rows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod figures;
mod narrowed;
mod orders;
mod store;
mod undo;
mod unsaid;
