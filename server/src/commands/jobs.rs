use super::{Failed, ctx_of, open};
use crate::config::Config;
use backend::{uploads::UploadError, work};
use clap::{Args, Subcommand};
use types::JobId;

/// Work that was given up after several attempts.
#[derive(Clone, Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Id, kind, attempts, when it was given up, and why: the latest first
    List {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
    /// Give a job another set of attempts; a worker takes it up
    Retry {
        id: JobId,
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
}

pub async fn run(config: Config, options: Jobs) -> Result<(), Failed> {
    let backend = open(&config).await?;
    match options.verb {
        Verb::List { tenant } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            for job in work::dead(&backend, &ctx).await.map_err(Failed::error)? {
                let why = job.last_error.as_deref().unwrap_or_default();
                let why: Vec<&str> = why.split_whitespace().collect();
                println!(
                    "{}\t{}\t{}\t{:.0}\t{}",
                    job.id,
                    job.kind,
                    job.attempts,
                    job.updated_at,
                    why.join(" ")
                );
            }
            Ok(())
        }
        Verb::Retry { id, tenant } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            match work::retry(&backend, &ctx, id).await {
                Ok(()) => Ok(()),
                Err(UploadError::NotFound) => Err(Failed::usage(format!("there is no job {id}"))),
                Err(error @ UploadError::State { .. }) => Err(Failed::usage(error)),
                Err(error) => Err(Failed::error(error)),
            }
        }
    }
}
