//! From a figure back to the files it is made of.

pub mod api;
pub mod page;

pub use page::LineagePage;
