//! `smartretail360`: the server, its workers and its commands, in one binary.

// The types of whole pages are deep.
#![recursion_limit = "512"]

use clap::Parser;
use server::commands::{self, Arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(Arguments::parse())
}
