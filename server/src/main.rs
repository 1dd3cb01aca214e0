//! `smartretail360`: the server, its workers and its commands, in one binary.

// The types of whole pages are deep.
#![recursion_limit = "512"]

use clap::Parser;
use server::commands::{self, Arguments};
use std::process::ExitCode;

/// Threads that read, encode and answer take turns: glibc keeps an arena for each of them, and an import took a half
/// more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(Arguments::parse())
}
