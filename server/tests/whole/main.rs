//! The server as a whole: its configuration, its command line, its router, and the shape of the workspace.
//! One binary: linking the product takes longer than running these.

// The types of whole pages are deep.
#![recursion_limit = "512"]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod bucket;
mod cli;
mod cli_asks;
mod config;
mod dashboard;
mod house;
mod intake;
mod keys;
mod kill;
mod lines;
mod network;
mod pause;
mod pipeline;
mod places;
mod process;
mod rejects;
mod several;
mod side_by_side;
mod sources;
mod tenancy;
