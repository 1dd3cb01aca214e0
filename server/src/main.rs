//! `smartretail360`: the server, its workers and its commands, in one binary.

// The types of whole pages are deep.
#![recursion_limit = "512"]

use clap::Parser;
use server::commands::{self, Arguments};
use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Gives memory back that an import of millions of lines leaves in pieces (docs/adr/0015). Its settings are in
/// .cargo/config.toml.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    commands::run(Arguments::parse())
}
