//! Uploads through the whole of the backend: stores, jobs and workers in one process, on a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corrected;
mod data_sets;
mod decisions;
mod disk;
mod features;
mod lineage;
mod parts;
mod preview;
mod quality;
mod rates;
mod shop;
mod split;
mod undo;
mod unmapped;
mod watches;
mod work;
