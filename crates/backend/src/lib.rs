//! Assembles storage, lake, analytics, jobs and identity into one [`Backend`]: the only server-side crate
//! that the pages know.

pub mod command_line;
pub mod data_sets;
pub mod import;
pub mod lineage;
pub mod maintenance;
mod problems;
pub mod quality;
pub mod sample_store;
pub mod uploads;
pub mod watches;
pub mod work;

pub use {analytics, identity, ingest, jobs, lake, metrics, objects, storage};

mod backend;
mod publication;
mod workers;

pub use crate::backend::{Backend, Config, OpenError};
pub use workers::Workers;
