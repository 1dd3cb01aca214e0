//! The sample store: made-up orders in a tenant of their own, imported as any file is.

use crate::{
    Backend,
    command_line::{ImportError, Step, import_files},
};
use analytics::DATA_SET;
use samples::Store;
use std::sync::Arc;
use storage::{StorageError, Tenant};
use thiserror::Error;
use types::Day;

pub const SLUG: &str = "demo";
const TIMEZONE: &str = "Europe/Berlin";

#[derive(Debug, Error)]
pub enum SampleError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("the sample's file could not be written: {0}")]
    Io(#[from] std::io::Error),
    #[error("a task was stopped: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// The sample tenant with two years of orders up to yesterday; made once.
pub async fn ensure(backend: &Arc<Backend>, on_step: impl Fn(Step)) -> Result<Tenant, SampleError> {
    let tenant = match backend.tenant_by_slug(SLUG).await? {
        Some(tenant) => tenant,
        None => {
            let store = demo(backend);
            backend
                .create_tenant(SLUG, "Sample store", store.currency, TIMEZONE, true)
                .await?
        }
    };
    let ctx = backend.system_ctx(tenant.id, "sample store");
    let mut tx = backend.storage.tenant_read(&ctx).await?;
    let gold = tx.gold(DATA_SET).await?;
    tx.commit().await?;
    if gold.version > 0 {
        return Ok(tenant);
    }
    let store = demo(backend);
    let folder = backend.config.data_dir.join("sample");
    let path = folder.join("sample-orders.csv");
    let target = path.clone();
    tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&folder)?;
        let file = std::io::BufWriter::new(std::fs::File::create(&target)?);
        store.orders_csv(file).map(drop)
    })
    .await??;
    import_files(
        backend,
        &ctx,
        std::slice::from_ref(&path),
        &ingest::Decisions::new(),
        on_step,
    )
    .await?;
    tokio::fs::remove_file(&path).await?;
    Ok(tenant)
}

fn demo(backend: &Backend) -> Store {
    let timezone = jiff::tz::TimeZone::get(TIMEZONE).unwrap_or(jiff::tz::TimeZone::UTC);
    let today = timezone.to_datetime(backend.clock.now()).date();
    Store::demo(Day::from_date(today).plus(-1))
}
