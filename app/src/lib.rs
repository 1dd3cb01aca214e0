//! What a merchant sees: the document, the routes, and one folder a feature.
//!
//! `page.rs` lays a page out, `parts.rs` holds its pieces as functions of view structs, `api.rs` its
//! server functions: enter, call the domain, convert.
//! Architecture Invariant: no business logic here. Who may do what is decided by the domain with each
//! call; a guard in a page is courtesy.

// Views are deeply nested generic types; the default limit is for shallower ones.
#![recursion_limit = "512"]

mod answered;
pub mod browser;
pub mod commands;
pub mod dashboard;
pub mod dev;
#[cfg(not(target_arch = "wasm32"))]
pub mod entry;
pub mod errors;
mod forms;
pub mod lineage;
pub mod live;
mod preferences;
pub mod quality;
pub mod routes;
pub mod scope;
pub mod session;
#[cfg(not(target_arch = "wasm32"))]
pub mod shell;
pub mod sources;
pub mod tables;
pub mod texts;
mod title;
pub mod uploads;
pub mod workspace;

#[cfg(not(target_arch = "wasm32"))]
pub use entry::{language, not_our_name, provide};
pub use i18n::Locale;
pub use routes::App;
#[cfg(not(target_arch = "wasm32"))]
pub use shell::shell;
