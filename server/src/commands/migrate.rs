use super::{Failed, open};
use crate::config::Config;

/// Opening brings the database to this version: here nothing else happens.
pub async fn run(config: Config) -> Result<(), Failed> {
    open(&config).await?;
    println!("The database is at the version of this program.");
    Ok(())
}
