use crate::{
    connection::Connection,
    error::StorageError,
    transaction::{PlatformTx, TenantTx},
};
use access::{Clock, Ctx};
use sqlx::{
    PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, str::FromStr, sync::Arc, time::Duration};
use tokio::sync::{Notify, broadcast};
use types::TenantId;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a request waits for a connection, or for SQLite's one writer, before it is told so.
const PATIENCE: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// The database behind one URL. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    pools: Pools,
    signals: Signals,
}

#[derive(Clone)]
enum Pools {
    /// SQLite has one writer at a time: a pool of one makes the queue fair, instead of busy waiting.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

/// What happened in this process, rung after commit. A hint only: other processes' commits ring nothing here.
#[derive(Clone)]
pub struct Signals {
    pub(crate) events: broadcast::Sender<(TenantId, i64)>,
    pub(crate) jobs: Arc<Notify>,
}

impl Signals {
    /// (tenant, last event's seq) of each commit that appended events.
    pub fn events(&self) -> broadcast::Receiver<(TenantId, i64)> {
        self.events.subscribe()
    }

    /// Rings the doorbell on behalf of another process, whose commit was found by polling.
    pub fn ring(&self, tenant: TenantId, seq: i64) {
        // No listener is no failure.
        let _ = self.events.send((tenant, seq));
    }

    /// Notified when a commit brought work.
    pub fn jobs(&self) -> &Notify {
        &self.jobs
    }
}

impl Storage {
    /// Connects. `sqlite:PATH` makes the file and its folder where missing.
    /// `sqlite::memory:` has a single connection: reads and writes take turns.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        let pools = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url).await?
        } else if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await?
        } else {
            let scheme = url.split(':').next().unwrap_or_default();
            return Err(StorageError::Url(format!("`{scheme}:` is not known")));
        };
        Ok(Self {
            pools,
            signals: Signals {
                events: broadcast::channel(1024).0,
                jobs: Arc::default(),
            },
        })
    }

    async fn open_postgres(url: &str) -> Result<Pools, StorageError> {
        // The URL holds a password: it is not repeated in the message.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StorageError::Url("`postgres://` URL not understood".to_owned()))?
            .application_name("smartretail360");
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(pool))
    }

    async fn open_sqlite(url: &str) -> Result<Pools, StorageError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| StorageError::Url(error.to_string()))?
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let one = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE);
        if url.contains(":memory:") || url.contains("mode=memory") {
            let pool = one.connect_with(options).await?;
            return Ok(Pools::Sqlite {
                writer: pool.clone(),
                readers: pool,
            });
        }
        if let Some(folder) = options.get_filename().parent()
            && folder != Path::new("")
        {
            std::fs::create_dir_all(folder)
                .map_err(|error| StorageError::Unavailable(sqlx::Error::Io(error)))?;
        }
        // FULL: what was acknowledged survives a power cut, not only a crash of the process.
        let writer = one
            .connect_with(
                options
                    .clone()
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full),
            )
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        Ok(Pools::Sqlite { writer, readers })
    }

    /// Brings the tables up to date. Safe to run in several processes at once.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        match &self.pools {
            Pools::Postgres(pool) => POSTGRES.run(pool).await,
            Pools::Sqlite { writer, .. } => {
                // SQLite has no lock around a whole migration: of two processes that start together, the one that
                // comes second fails on what the first just made, and finds it done when it looks again.
                let mut done = SQLITE.run(writer).await;
                for _ in 0..3 {
                    if done.is_ok() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    done = SQLITE.run(writer).await;
                }
                done
            }
        }
        .map_err(StorageError::Migration)
    }

    /// A transaction that writes rows of the context's tenant.
    pub async fn tenant(&self, ctx: &Ctx) -> Result<TenantTx, StorageError> {
        let connection = self.begin(Some(ctx.tenant), true).await?;
        Ok(TenantTx::new(connection, ctx, self.signals.clone()))
    }

    /// A transaction that reads rows of the context's tenant, all as of one moment.
    pub async fn tenant_read(&self, ctx: &Ctx) -> Result<TenantTx, StorageError> {
        let connection = self.begin(Some(ctx.tenant), false).await?;
        Ok(TenantTx::new(connection, ctx, self.signals.clone()))
    }

    /// A transaction that writes what belongs to no single tenant.
    pub async fn platform(&self, clock: &Clock) -> Result<PlatformTx, StorageError> {
        let connection = self.begin(None, true).await?;
        Ok(PlatformTx::new(connection, clock, self.signals.clone()))
    }

    /// A transaction that reads what belongs to no single tenant.
    pub async fn platform_read(&self, clock: &Clock) -> Result<PlatformTx, StorageError> {
        let connection = self.begin(None, false).await?;
        Ok(PlatformTx::new(connection, clock, self.signals.clone()))
    }

    /// Doorbells of this process.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// True where the database answers.
    pub async fn is_ready(&self) -> bool {
        match &self.pools {
            Pools::Sqlite { readers, .. } => sqlx::query("select 1").execute(readers).await.is_ok(),
            Pools::Postgres(pool) => sqlx::query("select 1").execute(pool).await.is_ok(),
        }
    }

    /// Waits for open transactions and closes the connections.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    async fn begin(
        &self,
        tenant: Option<TenantId>,
        write: bool,
    ) -> Result<Connection, StorageError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } if write => Ok(Connection::Sqlite(
                // IMMEDIATE: a transaction that read first could not become a writer later without failing.
                writer.begin_with("BEGIN IMMEDIATE").await?,
            )),
            Pools::Sqlite { readers, .. } => Ok(Connection::Sqlite(readers.begin().await?)),
            Pools::Postgres(pool) => {
                let mut tx = if write {
                    pool.begin().await?
                } else {
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                        .await?
                };
                match tenant {
                    Some(tenant) => {
                        sqlx::query("select set_config('app.tenant_id', $1, true)")
                            .bind(tenant.to_string())
                            .execute(&mut *tx)
                            .await?
                    }
                    None => {
                        sqlx::query("select set_config('app.platform', 'on', true)")
                            .execute(&mut *tx)
                            .await?
                    }
                };
                Ok(Connection::Postgres(tx))
            }
        }
    }
}
