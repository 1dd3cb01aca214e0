use super::{Failed, open, serve};
use crate::config::Config;

pub async fn run(config: Config, options: serve::Serve) -> Result<(), Failed> {
    let backend = open(&config).await?;
    let workers = backend.spawn_workers();
    let served = serve::until_stopped(config, options, backend).await;
    workers.shutdown().await;
    served
}
