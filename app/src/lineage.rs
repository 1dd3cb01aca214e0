//! From a figure back to the files it is made of, and to their lines.

pub mod api;
pub mod lines;
pub mod page;

pub use lines::LinesPage;
pub use page::LineagePage;
