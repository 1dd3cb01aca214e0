//! The lake as its callers use it, against naive computations over the same rows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod countries;
mod figures;
mod months;
mod narrowed;
mod orders;
mod people;
mod store;
mod tidy;
mod undo;
mod unsaid;
