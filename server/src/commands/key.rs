use super::{Failed, ctx_of, open};
use crate::config::Config;
use backend::Backend;
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use types::KeyId;

/// Keys with which programs send files: POST /v1/uploads.
#[derive(Clone, Debug, Args)]
pub struct Key {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// Make a key; it is printed once and kept nowhere
    Create {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// Days until it ends; without, it is good until it is revoked
        #[arg(long)]
        days: Option<u32>,
    },
    /// The keys of a tenant
    List {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
    },
    /// End a key at once
    Revoke {
        /// Slug of the tenant
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        id: KeyId,
    },
}

pub async fn run(config: Config, options: Key) -> Result<(), Failed> {
    let backend = open(&config).await?;
    match options.verb {
        Verb::Create { tenant, name, days } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            let lifetime = days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
            let (_, key) = backend
                .identity
                .issue_api_key(&ctx, &name, lifetime)
                .await
                .map_err(Failed::usage)?;
            println!("{key}");
            Ok(())
        }
        Verb::List { tenant } => list(&backend, &tenant).await,
        Verb::Revoke { tenant, id } => {
            let ctx = ctx_of(&backend, &tenant).await?;
            let revoked = backend.identity.revoke_api_key(&ctx, id).await;
            match revoked.map_err(Failed::error)? {
                true => Ok(()),
                false => Err(Failed::usage(format!("there is no key {id} to revoke"))),
            }
        }
    }
}

async fn list(backend: &Backend, tenant: &str) -> Result<(), Failed> {
    let ctx = ctx_of(backend, tenant).await?;
    let reading = backend.storage.tenant_read(&ctx).await;
    let mut tx = reading.map_err(Failed::error)?;
    let keys = tx.api_keys().await.map_err(Failed::error)?;
    tx.commit().await.map_err(Failed::error)?;
    for key in keys {
        let until = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {at:.0}"),
            (None, Some(at)) => format!("until {at:.0}"),
            (None, None) => "good".to_owned(),
        };
        let used = key
            .used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("used {at:.0}"));
        println!("{}\t{}\t{until}\t{used}", key.id, key.name);
    }
    Ok(())
}
