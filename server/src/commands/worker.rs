use super::{Failed, open};
use crate::{config::Config, drain};

pub async fn run(config: Config) -> Result<(), Failed> {
    let backend = open(&config).await?;
    let workers = backend.spawn_workers();
    tracing::info!(concurrency = config.worker_concurrency, "working");
    drain::asked_by_system().await;
    tracing::info!("ending: jobs under way are finished or given back");
    workers.shutdown().await;
    Ok(())
}
