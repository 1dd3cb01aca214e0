//! Bringing files in: the wizard, and the history of what was brought in.

pub mod api;
pub mod history;
pub mod mending;
pub mod page;
pub mod parts;
pub mod send;
pub mod texts;

pub use history::HistoryPage;
pub use mending::MendPage;
pub use page::{NewUploadPage, UploadPage};
pub use send::provide_sender;
