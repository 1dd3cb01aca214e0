//! The one language of figures: what can be asked ([`Query`]), what each figure means ([`Metric`],
//! [`Dimension`]), and what comes back ([`Table`]).
//!
//! Cards, charts, exports and the command line are each a `Query` and a view of its `Table`.
//! Architecture Invariant: nothing here knows where rows lie or how a query is run.

pub mod calendar;
pub mod catalogue;
pub mod dimension;
pub mod query;
pub mod table;

pub use catalogue::{Definition, Formula, Language, Measure, Metric, Term, Unit};
pub use dimension::{Dimension, ExtraColumn};
pub use query::{Filter, Invalid, OrderBy, Query, SortKey};
pub use table::{Cell, Column, ColumnKind, Table, WithoutRate};
