use crate::{PlatformTx, StorageError, TenantTx, convert::*};
use jiff::Timestamp;
use types::{Currency, TenantId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    /// In addresses and on the command line; unique.
    pub slug: String,
    pub name: String,
    /// IANA name.
    pub timezone: String,
    pub currency: Currency,
    pub locale: String,
    /// Made by the generator, shown with a label.
    pub is_sample: bool,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewTenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub timezone: String,
    pub currency: Currency,
    pub locale: String,
    pub is_sample: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    timezone: String,
    currency: String,
    locale: String,
    is_sample: bool,
    created_at: i64,
}

impl TryFrom<Row> for Tenant {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: TenantId(row.id),
            slug: row.slug,
            name: row.name,
            timezone: row.timezone,
            currency: parsed(&row.currency, "currency")?,
            locale: row.locale,
            is_sample: row.is_sample,
            created_at: time(row.created_at)?,
        })
    }
}

impl TenantTx {
    /// The tenant itself.
    pub async fn own_tenant(&mut self) -> Result<Tenant, StorageError> {
        sql!(self.connection => fetch_one Row,
            "select id, slug, name, timezone, currency, locale, is_sample, created_at from tenants where id = $1",
            self.tenant.0)?
        .try_into()
    }

    /// Name, timezone, currency and locale of the tenant itself.
    pub async fn update_own_tenant(
        &mut self,
        name: &str,
        timezone: &str,
        currency: Currency,
        locale: &str,
    ) -> Result<(), StorageError> {
        sql!(self.connection => execute,
            "update tenants set name = $2, timezone = $3, currency = $4, locale = $5 where id = $1",
            self.tenant.0, plain(name), timezone, currency.as_str(), locale)?;
        Ok(())
    }
}

impl PlatformTx {
    /// Conflict `tenants_slug` where the slug is taken.
    pub async fn insert_tenant(&mut self, new: &NewTenant) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into tenants (id, slug, name, timezone, currency, locale, is_sample, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            new.id.0, &new.slug, plain(&new.name), &new.timezone, new.currency.as_str(), &new.locale,
            new.is_sample, now)?;
        Ok(())
    }

    pub async fn tenant_by_slug(&mut self, slug: &str) -> Result<Option<Tenant>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, slug, name, timezone, currency, locale, is_sample, created_at from tenants where slug = $1",
            plain(slug))?
        .map(Tenant::try_from)
        .transpose()
    }

    pub async fn tenant_by_id(&mut self, id: TenantId) -> Result<Option<Tenant>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, slug, name, timezone, currency, locale, is_sample, created_at from tenants where id = $1",
            id.0)?
        .map(Tenant::try_from)
        .transpose()
    }

    /// All, by slug.
    pub async fn tenants(&mut self) -> Result<Vec<Tenant>, StorageError> {
        sql!(self.connection => fetch_all Row,
            "select id, slug, name, timezone, currency, locale, is_sample, created_at from tenants order by slug")?
        .into_iter()
        .map(Tenant::try_from)
        .collect()
    }
}
