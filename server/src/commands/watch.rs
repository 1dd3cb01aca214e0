use super::{Failed, ctx_of, open};
use crate::config::Config;
use backend::{
    ingest::Decisions,
    objects::PlaceError,
    storage::WatchedState,
    watches::{self, WatchError},
};
use clap::{Args, Subcommand};
use types::WatchId;

/// Folders and S3 prefixes that are looked at once a minute for files to import.
///
/// Only places below the configuration's watch.roots may be watched. A file is taken when two looks in a row
/// see it unchanged; what needs a decision waits for one in the browser.
#[derive(Clone, Debug, Args)]
pub struct Watch {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Watch a place; the watch's id is printed
    Add {
        /// file:///absolute/folder or s3://bucket/prefix
        url: String,
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        /// Names of files, * for any characters; several separated by commas
        #[arg(long, default_value = "*")]
        pattern: String,
        /// An answer that goes with each file, as of import
        #[arg(long, value_name = "KEY=VALUE", value_parser = super::import::decision)]
        set: Vec<(String, String)>,
    },
    /// Id, place, pattern, time of the last look, files taken, files that could not be, what is wrong
    List {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
    /// Watch no longer; what was imported stays
    Remove {
        #[arg(value_name = "ID-OR-URL")]
        what: String,
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
}

fn failed(error: WatchError) -> Failed {
    match error {
        WatchError::NotFound
        | WatchError::Known
        | WatchError::Place(
            PlaceError::Url(_) | PlaceError::NotAllowed(_) | PlaceError::Folder { .. },
        ) => Failed::usage(error),
        error => Failed::error(error),
    }
}

pub async fn run(config: Config, options: Watch) -> Result<(), Failed> {
    let backend = open(&config).await?;
    match options.verb {
        Verb::Add {
            url,
            tenant,
            pattern,
            set,
        } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            let answers: Decisions = set.into_iter().collect();
            let watch = watches::add(&backend, &ctx, &url, &pattern, &answers).await;
            println!("{}", watch.map_err(failed)?.id);
        }
        Verb::List { tenant } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            for (watch, objects) in watches::list(&backend, &ctx).await.map_err(failed)? {
                let count = |state| objects.iter().filter(|o| o.state == state).count();
                let looked = watch
                    .looked_at
                    .map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
                println!(
                    "{}\t{}\t{}\t{looked}\t{}\t{}\t{}",
                    watch.id,
                    watch.url,
                    watch.pattern,
                    count(WatchedState::Taken),
                    count(WatchedState::Failed),
                    one_line(watch.last_error.as_ref().map_or("", |e| &e.message)),
                );
                for object in objects {
                    if let Some(error) = &object.error {
                        println!("\t{}: {}", object.name, one_line(&error.message));
                    }
                }
            }
        }
        Verb::Remove { what, tenant } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            let ids: Vec<WatchId> = match what.parse() {
                Ok(id) => vec![id],
                Err(_) => {
                    let all = watches::list(&backend, &ctx).await.map_err(failed)?;
                    let named = all.into_iter().filter(|(watch, _)| watch.url == what);
                    named.map(|(watch, _)| watch.id).collect()
                }
            };
            if ids.is_empty() {
                return Err(failed(WatchError::NotFound));
            }
            for id in ids {
                watches::remove(&backend, &ctx, id).await.map_err(failed)?;
            }
        }
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
