//! The lake: raw files (bronze), every line ever read (silver), what figures are made from (gold).
//!
//! Silver and gold are Delta tables, one per tenant and data set; Polars writes and reads their
//! Parquet files. Architecture Invariant: only this crate knows Delta, Parquet and Polars.

mod columns;
mod compare;
mod converted;
mod country;
mod customer_features;
mod delta;
pub mod engine;
mod error;
mod extra;
mod funnel;
mod gold;
mod hot;
pub mod lines;
mod parquet;
mod people;
pub mod quality;
pub mod rates;
pub mod rollup;
mod rows;
mod schema;
mod silver;
mod snapshot;
mod spread;
mod store;
mod tables;
mod vacuum;
mod wanted;
mod zorder;

pub use compare::{Candidates, Changes, Effect};
pub use country::label as country_label;
pub use error::LakeError;
pub use gold::{GoldVersions, Publication, Published, PublishedRows};
pub use rollup::Source;
pub use rows::{Cells, TableColumn, TableRows};
pub use silver::{Imported, Progress, Rejects};
pub use snapshot::Snapshot;
pub use store::{ImportJob, Lake, Run};
pub use tables::{PublishedTable, RowsVersion, Table};
pub use vacuum::Vacuumed;
