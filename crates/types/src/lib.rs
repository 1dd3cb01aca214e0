//! The vocabulary every crate shares: typed ids, exact money, days and periods.
//!
//! WASM-safe: no clock, no randomness, no I/O. What needs them takes them from `access::Ctx`.

pub mod ids;
pub mod money;
pub mod page;
pub mod period;

pub use ids::{JobId, KeyId, SessionId, TenantId, UploadId, UserId, WatchId};
pub use money::{Currency, CurrencyChoice, Micros};
pub use page::Page;
pub use period::{Comparison, Day, Period, PeriodChoice};
