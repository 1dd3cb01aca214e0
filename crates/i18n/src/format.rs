//! How figures and dates are written in each language: a table of four instead of ICU data, the
//! same code on the server and in the browser.
//!
//! Arabic uses Latin digits, as the shops' own exports do. Money belongs into `<bdi>`.

mod change;
mod date;
mod number;
mod symbols;

pub use change::{Change, Direction, change, change_text};
pub use date::{day, day_short, moment, month, period, quarter, week};
pub use number::{Style, bytes, count, count_short, money, quantity, ratio_percent, seconds};

/// What stands where a value is not known. Zero is written as 0.
pub const DASH: &str = "–";

/// True minus (U+2212): as wide as the plus, and never broken from its number.
pub(crate) const MINUS: &str = "\u{2212}";

/// No-break space.
pub(crate) const NBSP: &str = "\u{a0}";
