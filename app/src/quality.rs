//! The rules that imports are checked by: built in, and the shop's own.

pub mod api;
mod editor;
pub mod page;
pub mod parts;
pub mod words;

pub use page::QualityPage;
