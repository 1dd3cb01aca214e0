//! What files say beside orders, row by row, and what is made of it.

pub mod api;
pub mod page;
mod words;

pub use page::TablesPage;
