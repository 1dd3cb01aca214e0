//! The command line: one file a verb.

pub mod all;
pub mod demo;
pub mod import;
pub mod jobs;
pub mod key;
pub mod migrate;
mod progress;
pub mod query;
pub mod serve;
pub mod table;
pub mod undo;
pub mod user;
pub mod watch;
pub mod worker;

use crate::config::{Config, ConfigError};
use access::{Clock, Ctx, Randomness};
use backend::{Backend, OpenError};
use clap::{Parser, Subcommand};
use std::{fmt, path::PathBuf, process::ExitCode, sync::Arc};
use thiserror::Error;

/// Retail figures from the files a shop can export.
///
/// Without a command: the web server and its workers in one process.
/// Configuration: Leptos.toml, each key also as SR360_<SECTION>_<KEY>.
#[derive(Debug, Parser)]
#[command(
    name = "smartretail360",
    version,
    max_term_width = 100,
    verbatim_doc_comment
)]
pub struct Arguments {
    /// The configuration to read instead of Leptos.toml in the working directory
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Web server and workers in one process (the default)
    All(serve::Serve),
    /// The web server alone: imports wait for a worker
    Serve(serve::Serve),
    /// The workers alone: imports that were started in the browser
    Worker,
    /// Bring the database to this version and end
    Migrate,
    Import(import::Import),
    Undo(undo::Undo),
    Query(query::Query),
    Table(table::Table),
    Demo(demo::Demo),
    User(user::User),
    Key(key::Key),
    Watch(watch::Watch),
    Jobs(jobs::Jobs),
}

/// How a command ended, other than well.
#[derive(Debug, Error)]
pub enum Failed {
    /// Exit code 1.
    #[error("{0}")]
    Error(String),
    /// Exit code 2: the command line or the configuration cannot be followed.
    #[error("{0}")]
    Usage(String),
    /// Exit code 3: the file can be read in more than one way.
    #[error("{0}")]
    DecisionNeeded(String),
    /// Exit code 4.
    #[error("{0}")]
    NotImportable(String),
}

impl Failed {
    /// Something that is nobody's mistake on the command line.
    pub fn error(error: impl fmt::Display) -> Self {
        Self::Error(error.to_string())
    }

    pub fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Error(_) => 1,
            Self::Usage(_) => 2,
            Self::DecisionNeeded(_) => 3,
            Self::NotImportable(_) => 4,
        }
    }
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Self {
        Self::error(error)
    }
}

pub fn run(arguments: Arguments) -> ExitCode {
    match attempt(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("smartretail360: {failed}");
            ExitCode::from(failed.code())
        }
    }
}

fn attempt(arguments: Arguments) -> Result<(), Failed> {
    let config = Config::load(arguments.config.as_deref())?;
    let command = arguments.command.unwrap_or_default();
    // A command says what it has to say on standard output, unless more was asked for.
    let level = match config.log_level.as_str() {
        "info" if !command.serves() => "warn",
        level => level,
    };
    telemetry::start(level, config.log_format);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::error)?;
    runtime.block_on(async {
        match command {
            Command::All(options) => all::run(config, options).await,
            Command::Serve(options) => serve::run(config, options).await,
            Command::Worker => worker::run(config).await,
            Command::Migrate => migrate::run(config).await,
            Command::Import(options) => import::run(config, options).await,
            Command::Undo(options) => undo::run(config, options).await,
            Command::Query(options) => query::run(config, options).await,
            Command::Table(options) => table::run(config, options).await,
            Command::Demo(options) => demo::run(config, options).await,
            Command::User(options) => user::run(config, options).await,
            Command::Key(options) => key::run(config, options).await,
            Command::Watch(options) => watch::run(config, options).await,
            Command::Jobs(options) => jobs::run(config, options).await,
        }
    })
}

impl Command {
    /// Runs until it is stopped.
    fn serves(&self) -> bool {
        matches!(self, Self::All(_) | Self::Serve(_) | Self::Worker)
    }
}

impl Default for Command {
    fn default() -> Self {
        Self::All(serve::Serve::default())
    }
}

/// The product on the system's clock and randomness: here, and nowhere below, they are chosen.
async fn open(config: &Config) -> Result<Arc<Backend>, Failed> {
    Ok(Backend::open(config.backend(), Clock::System, Randomness::System).await?)
}

/// What the command line does within a tenant.
async fn ctx_of(backend: &Backend, slug: &str) -> Result<Ctx, Failed> {
    let tenant = backend
        .tenant_by_slug(slug)
        .await
        .map_err(Failed::error)?
        .ok_or_else(|| Failed::usage(format!("there is no tenant `{slug}`")))?;
    Ok(backend.system_ctx(tenant.id, "command line"))
}
