//! From a figure back to the files it is made of, and to their lines.

pub mod api;
pub mod lines;
pub mod page;
pub mod record;

#[cfg(not(target_arch = "wasm32"))]
pub use api::selection;
pub use lines::LinesPage;
pub use page::LineagePage;
pub use record::RecordPage;
