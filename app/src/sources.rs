//! Where files come from by themselves, and what went wrong for good.

pub mod api;
pub mod keys;
pub mod page;
pub mod parts;
mod words;

pub use page::SourcesPage;
