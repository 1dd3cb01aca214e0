use crate::{
    dashboard::{Dashboard, DashboardRequest},
    evaluation,
};
use access::{Action, Ctx, Denied, Resource, authorize};
use jiff::Timestamp;
use lake::{
    GoldVersions, Lake, LakeError, RowsVersion, Snapshot, Source, Table as LakeTable,
    engine::{self, Conversion},
    lines::{self, Behind, LineOrder},
};
use metrics::{Dimension, Filter, Invalid, Query, Table, Unit};
use moka::sync::Cache;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use storage::Storage;
use thiserror::Error;
use types::{Currency, TenantId};

/// The data set whose gold these figures are.
pub const DATA_SET: &str = "orders";
/// Cells kept in answers, over all tenants.
const CACHED_CELLS: u64 = 4_000_000;

#[derive(Debug, Error)]
pub enum QueryError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("no table answers this combination of metrics and dimensions")]
    NoSource,
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error("there is no version {0}")]
    NoVersion(i64),
    #[error("nothing was imported yet at {0}")]
    NothingYet(Timestamp),
    #[error("version {0} is no longer kept")]
    Gone(i64),
    #[error("the gold version of this tenant cannot be read: {0}")]
    Versions(#[from] serde_json::Error),
    #[error("the lake holds a currency that is none: {0}")]
    Currency(#[from] types::money::NotCurrency),
}

/// The versions of what figures are made of. A stale answer is impossible: they are part of each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Versions {
    gold: GoldVersions,
    rates: u64,
}

type Key = (TenantId, Versions, Query);
type DashboardKey = (TenantId, Versions, Currency, bool, DashboardRequest);

/// The executor of queries. Cheap to clone.
#[derive(Clone)]
pub struct Analytics {
    storage: Storage,
    lake: Lake,
    answers: Cache<Key, Arc<Table>>,
    pub(crate) dashboards: Cache<DashboardKey, Arc<Dashboard>>,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A table of gold.
    pub table: &'static str,
    pub table_version: u64,
    pub gold_version: i64,
}

/// Which figures are asked for, of those there ever were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Version(i64),
    /// Those that everybody saw then.
    Time(Timestamp),
}

/// One version of a tenant's figures, and its number.
pub(crate) struct Current {
    pub snapshot: Arc<Snapshot>,
    pub version: i64,
    /// Of the table of rates of exchange.
    rates: u64,
    /// The shop's own currency.
    pub home: Currency,
}

/// A state of the figures, for what is read of it in several goes.
pub struct Standing(Current);

impl Current {
    pub fn versions(&self) -> Versions {
        Versions {
            gold: self.snapshot.versions,
            rates: self.rates,
        }
    }
}

impl Analytics {
    pub fn new(storage: Storage, lake: Lake) -> Self {
        Self {
            storage,
            lake,
            answers: Cache::builder()
                .max_capacity(CACHED_CELLS)
                .weigher(|_, table: &Arc<Table>| {
                    let cells = table.rows.len() * table.columns.len() + 16;
                    u32::try_from(cells).unwrap_or(u32::MAX)
                })
                .build(),
            dashboards: Cache::new(10_000),
        }
    }

    /// # Errors
    /// [`QueryError::Denied`] where the context may not see a metric or dimension,
    /// [`QueryError::Invalid`] where the query makes no sense.
    pub async fn query(&self, ctx: &Ctx, query: &Query) -> Result<Arc<Table>, QueryError> {
        query.check()?;
        permit(ctx, query)?;
        let current = self.current(ctx).await?;
        self.answer(ctx.tenant, &current, query).await
    }

    /// As [`Self::query`], of the figures as they were, with the rates of then. Also which version that is. What is older
    /// than a week may be gone.
    ///
    /// # Errors
    /// [`QueryError::NoVersion`], [`QueryError::NothingYet`], [`QueryError::Gone`].
    pub async fn query_then(
        &self,
        ctx: &Ctx,
        at: At,
        query: &Query,
    ) -> Result<(i64, Table), QueryError> {
        query.check()?;
        permit(ctx, query)?;
        let mut tx = self.storage.tenant_read(ctx).await?;
        let gold = match at {
            At::Version(version) => tx
                .gold_at(DATA_SET, version)
                .await?
                .ok_or(QueryError::NoVersion(version))?,
            At::Time(time) => tx
                .gold_known_at(DATA_SET, time)
                .await?
                .ok_or(QueryError::NothingYet(time))?,
        };
        let rates = match gold.updated_at {
            Some(then) => tx.gold_known_at(LakeTable::RATES.id(), then).await?,
            None => None,
        };
        let home = tx.own_tenant().await?.currency;
        tx.commit().await?;
        let version = gold.version;
        let gone = |error: LakeError| match error.is_gone() {
            true => QueryError::Gone(version),
            false => error.into(),
        };
        let versions: GoldVersions = kept(gold.tables)?;
        let rates: RowsVersion = kept(rates.and_then(|gold| gold.tables))?;
        let then = Current {
            snapshot: self
                .lake
                .snapshot(ctx.tenant, versions)
                .await
                .map_err(gone)?,
            version,
            rates: rates.rows,
            home,
        };
        match self.run(ctx.tenant, &then, query).await {
            Ok(table) => Ok((version, table)),
            Err(QueryError::Lake(error)) => Err(gone(error)),
            Err(error) => Err(error),
        }
    }

    /// As [`Self::query`], of versions that are not published yet: what an import will bring.
    pub async fn query_at(
        &self,
        ctx: &Ctx,
        versions: GoldVersions,
        query: &Query,
    ) -> Result<Table, QueryError> {
        query.check()?;
        permit(ctx, query)?;
        let current = Current {
            snapshot: self.lake.snapshot(ctx.tenant, versions).await?,
            ..self.current(ctx).await?
        };
        self.run(ctx.tenant, &current, query).await
    }

    /// The lines behind the query's figures, a page of them (from which, how many); who may not see customers sees the lines without them.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn lines(
        &self,
        ctx: &Ctx,
        query: &Query,
        order: LineOrder,
        page: (u64, u32),
    ) -> Result<Behind, QueryError> {
        let standing = self.standing(ctx).await?;
        self.lines_of(ctx, &standing, query, order, page).await
    }

    /// The figures as they stand now.
    pub async fn standing(&self, ctx: &Ctx) -> Result<Standing, QueryError> {
        Ok(Standing(self.current(ctx).await?))
    }

    /// As [`Self::lines`], of figures as they stood.
    pub async fn lines_of(
        &self,
        ctx: &Ctx,
        Standing(then): &Standing,
        query: &Query,
        order: LineOrder,
        page: (u64, u32),
    ) -> Result<Behind, QueryError> {
        query.check()?;
        permit(ctx, query)?;
        let mut found = lines::behind(&self.lake, &then.snapshot, query, order, page).await?;
        if authorize(ctx, Action::Read, Resource::Customers).is_err() {
            for line in &mut found.page.items {
                line.customer = None;
            }
        }
        Ok(found)
    }

    /// Which table answers the query, at which versions.
    pub async fn origin(&self, ctx: &Ctx, query: &Query) -> Result<Origin, QueryError> {
        query.check()?;
        permit(ctx, query)?;
        let current = self.current(ctx).await?;
        let dimensions: Vec<Dimension> = query.dimensions().collect();
        let source = Source::smallest(&evaluation::measures(&query.metrics), &dimensions)
            .ok_or(QueryError::NoSource)?;
        Ok(Origin {
            table: source.name(),
            table_version: current.snapshot.versions.of(source),
            gold_version: current.version,
        })
    }

    pub(crate) fn lake(&self) -> &Lake {
        &self.lake
    }

    pub(crate) async fn current(&self, ctx: &Ctx) -> Result<Current, QueryError> {
        let mut tx = self.storage.tenant_read(ctx).await?;
        let gold = tx.gold(DATA_SET).await?;
        let rates = tx.gold(LakeTable::RATES.id()).await?;
        let home = tx.own_tenant().await?.currency;
        tx.commit().await?;
        let versions: GoldVersions = kept(gold.tables)?;
        let rates: RowsVersion = kept(rates.tables)?;
        Ok(Current {
            snapshot: self.lake.snapshot(ctx.tenant, versions).await?,
            version: gold.version,
            rates: rates.rows,
            home,
        })
    }

    /// What the context may ask was decided before.
    pub(crate) async fn answer(
        &self,
        tenant: TenantId,
        current: &Current,
        query: &Query,
    ) -> Result<Arc<Table>, QueryError> {
        let key = (tenant, current.versions(), query.clone());
        if let Some(table) = self.answers.get(&key) {
            return Ok(table);
        }
        let table = Arc::new(self.run(tenant, current, query).await?);
        self.answers.insert(key, Arc::clone(&table));
        Ok(table)
    }

    async fn run(
        &self,
        tenant: TenantId,
        current: &Current,
        query: &Query,
    ) -> Result<Table, QueryError> {
        let snapshot = &current.snapshot;
        let currencies = snapshot.currencies(&self.lake).await?;
        let mut query = query.clone();
        let rates;
        let conversion = match query.into {
            Some(into) => {
                rates = self.lake.rates(tenant, current.rates).await?;
                Some(Conversion {
                    rates: &rates,
                    into,
                })
            }
            None => None,
        };
        let currency = match query.into {
            Some(into) => Some(into),
            None => one_currency(&currencies, &query)?,
        };
        if currency.is_none() && currencies.len() > 1 && shows_money(&query) {
            // Amounts of different currencies are never added up.
            if !query.by.contains(&Dimension::Currency) {
                query.by.push(Dimension::Currency);
            }
        }
        let measures = evaluation::measures(&query.metrics);
        let dimensions: Vec<Dimension> = query.dimensions().collect();
        let source = Source::smallest(&measures, &dimensions).ok_or(QueryError::NoSource)?;
        let found =
            engine::run(&self.lake, snapshot, source, &query, &measures, conversion).await?;
        Ok(evaluation::table(&query, &measures, found, currency))
    }
}

/// The versions that were made known; those of nothing where nothing was.
fn kept<T: Default + DeserializeOwned>(tables: Option<Value>) -> Result<T, serde_json::Error> {
    tables.map_or_else(|| Ok(T::default()), serde_json::from_value)
}

/// Whether the context may see what the query shows.
fn permit(ctx: &Ctx, query: &Query) -> Result<(), Denied> {
    authorize(ctx, Action::Read, Resource::Figures)?;
    let persons = query.metrics.iter().any(|m| m.needs_customers())
        || query
            .dimensions()
            .any(|d| d == Dimension::Customer || d.is_extra());
    if persons {
        authorize(ctx, Action::Read, Resource::Customers)?;
    }
    Ok(())
}

fn shows_money(query: &Query) -> bool {
    query.metrics.iter().any(|metric| {
        let definition = metric.definition();
        definition.unit == Unit::Money || definition.formula.terms().any(|(m, _)| m.is_amount())
    })
}

/// The currency of every amount, where it is one.
fn one_currency(currencies: &[String], query: &Query) -> Result<Option<Currency>, QueryError> {
    let filtered =
        query
            .filters
            .iter()
            .find_map(|f: &Filter| match (f.dimension, f.values.as_slice()) {
                (Dimension::Currency, [only]) => Some(only),
                _ => None,
            });
    let only = match (filtered, currencies) {
        (Some(only), _) => Some(only),
        (None, [only]) => Some(only),
        _ => None,
    };
    Ok(only
        .filter(|text| !text.is_empty())
        .map(|text| text.parse())
        .transpose()?)
}
