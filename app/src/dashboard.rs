//! The home page: how the shop is doing.

pub mod api;
pub mod page;
pub mod parts;

pub use page::DashboardPage;
