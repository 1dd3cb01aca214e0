//! From a [`metrics::Query`] to its [`metrics::Table`]: permission, the smallest table that answers,
//! formulas, comparison, cache. Every surface that shows a figure asks here.

mod dashboard;
mod evaluation;
mod query;

pub use dashboard::{Card, Dashboard, DashboardRequest, Part, Trend};
pub use query::{Analytics, At, DATA_SET, Origin, QueryError, Standing};
