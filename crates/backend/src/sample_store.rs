//! The sample store: made-up orders and visits in a tenant of their own, imported as any file is.

use crate::{
    Backend,
    command_line::{ImportError, Step, import_files},
};
use access::Ctx;
use analytics::DATA_SET;
use ingest::DataSet;
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

/// What the visits are of, up to yesterday.
const DAYS_OF_VISITS: i32 = 90;

/// The sample tenant with two years of orders up to yesterday and the latest visits; made once.
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
    let orders = tx.gold(DATA_SET).await?.version;
    let visits = tx.gold(DataSet::Events.id()).await?.version;
    tx.commit().await?;
    if orders == 0 {
        let write = |store: &Store, file: File| store.orders_csv(file).map(drop);
        import(backend, &ctx, "sample-orders.csv", write, &on_step).await?;
    }
    if visits == 0 {
        let write = |store: &Store, file: File| store.sessions_csv(DAYS_OF_VISITS, file).map(drop);
        import(backend, &ctx, "sample-visits.csv", write, &on_step).await?;
    }
    Ok(tenant)
}

type File = std::io::BufWriter<std::fs::File>;

/// Imports what `write` writes.
async fn import(
    backend: &Arc<Backend>,
    ctx: &Ctx,
    name: &str,
    write: impl FnOnce(&Store, File) -> std::io::Result<()> + Send + 'static,
    on_step: &impl Fn(Step),
) -> Result<(), SampleError> {
    let store = demo(backend);
    let folder = backend.config.data_dir.join("sample");
    let path = folder.join(name);
    let target = path.clone();
    tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&folder)?;
        write(&store, File::new(std::fs::File::create(&target)?))
    })
    .await??;
    let files = std::slice::from_ref(&path);
    import_files(backend, ctx, files, &ingest::Decisions::new(), on_step).await?;
    tokio::fs::remove_file(&path).await?;
    Ok(())
}

fn demo(backend: &Backend) -> Store {
    let timezone = jiff::tz::TimeZone::get(TIMEZONE).unwrap_or(jiff::tz::TimeZone::UTC);
    let today = timezone.to_datetime(backend.clock.now()).date();
    Store::demo(Day::from_date(today).plus(-1))
}
