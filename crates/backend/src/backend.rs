use access::{Clock, Ctx, Principal, Randomness};
use analytics::Analytics;
use identity::Identity;
use jobs::Doorbell;
use lake::Lake;
use objects::Objects;
use std::{path::PathBuf, sync::Arc};
use storage::{NewTenant, Storage, StorageError, Tenant};
use thiserror::Error;
use types::{Currency, TenantId};

/// Where things lie and how much is allowed. Filled from Leptos.toml and the environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://...`.
    pub database_url: String,
    /// `file:///absolute/folder`.
    pub lake_url: String,
    /// For keys and what else belongs to this machine.
    pub data_dir: PathBuf,
    /// As browsers see it: decides whether cookies are secure.
    pub public_url: String,
    pub pepper: Option<String>,
    pub upload_max_bytes: u64,
    pub worker_concurrency: usize,
    /// Seconds a job belongs to a worker that is not heard of.
    pub lease_seconds: u32,
    /// Below what places may be watched.
    pub watch: objects::Allowed,
}

#[derive(Debug, Error)]
pub enum OpenError {
    #[error("the data folder {path}: {source}")]
    Folder {
        path: String,
        source: std::io::Error,
    },
    #[error("the database: {0}")]
    Storage(#[from] StorageError),
    #[error("the place for files: {0}")]
    Objects(#[from] objects::ObjectError),
    #[error("the lake: {0}")]
    Lake(#[from] lake::LakeError),
    #[error("identity: {0}")]
    Identity(#[from] identity::IdentityError),
}

/// Everything the server can do, behind one value.
pub struct Backend {
    pub config: Config,
    pub storage: Storage,
    pub objects: Objects,
    pub lake: Lake,
    pub analytics: Analytics,
    pub identity: Identity,
    /// Rings when a tenant has a new event.
    pub doorbell: Doorbell,
    pub clock: Clock,
    pub randomness: Randomness,
}

impl Backend {
    /// Connects, and brings the database to this version.
    pub async fn open(
        config: Config,
        clock: Clock,
        randomness: Randomness,
    ) -> Result<Arc<Self>, OpenError> {
        std::fs::create_dir_all(&config.data_dir).map_err(|source| OpenError::Folder {
            path: config.data_dir.display().to_string(),
            source,
        })?;
        let storage = Storage::open(&config.database_url).await?;
        storage.migrate().await?;
        let objects = Objects::open(&config.lake_url)?;
        let lake = Lake::new(&config.lake_url, objects.clone())?;
        let analytics = Analytics::new(storage.clone(), lake.clone());
        let identity = Identity::open(
            storage.clone(),
            &config.data_dir,
            &config.public_url,
            config.pepper.clone(),
            clock.clone(),
            randomness.clone(),
        )?;
        let doorbell = Doorbell::new(&storage);
        Ok(Arc::new(Self {
            config,
            storage,
            objects,
            lake,
            analytics,
            identity,
            doorbell,
            clock,
            randomness,
        }))
    }

    pub fn ctx(&self, session: &identity::Session) -> Ctx {
        Ctx {
            principal: Principal::User {
                id: session.user,
                session: session.id,
                role: session.role,
            },
            tenant: session.tenant,
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        }
    }

    /// What the product does on its own behalf.
    pub fn system_ctx(&self, tenant: TenantId, name: &'static str) -> Ctx {
        Ctx::system(name, tenant, self.clock.clone(), self.randomness.clone())
    }

    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StorageError> {
        let mut tx = self.storage.platform_read(&self.clock).await?;
        let tenant = tx.tenant_by_slug(slug).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    pub async fn create_tenant(
        &self,
        slug: &str,
        name: &str,
        currency: Currency,
        timezone: &str,
        is_sample: bool,
    ) -> Result<Tenant, StorageError> {
        let id = TenantId(self.randomness.uuid(self.clock.now()));
        let mut tx = self.storage.platform(&self.clock).await?;
        tx.insert_tenant(&NewTenant {
            id,
            slug: slug.to_owned(),
            name: name.to_owned(),
            timezone: timezone.to_owned(),
            currency,
            locale: "en".to_owned(),
            is_sample,
        })
        .await?;
        let tenant = tx.tenant_by_id(id).await?.ok_or(StorageError::NotFound)?;
        tx.commit().await?;
        Ok(tenant)
    }
}
