use crate::{
    compare::{self, Candidates, Effect},
    customer_features,
    delta::Delta,
    error::LakeError,
    gold::{self, GoldVersions, Publication, Published, PublishedRows},
    hot::Hot,
    people,
    quality::{self, Inspected, Rule, Verdict},
    rates::Rates,
    rollup::Source,
    rows::{self, TableRows},
    schema::TableSchema,
    silver::{self, Imported, Progress},
    snapshot::Snapshot,
    tables::{PublishedTable, Table},
    vacuum::{self, Vacuumed},
};
use bytes::Bytes;
use ingest::DataSet;
use moka::sync::Cache;
use objects::{Objects, Window};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use types::{TenantId, UploadId};
use url::Url;

/// Tenants whose figures are kept in memory at once.
const HOT_TENANTS: u64 = 64;
const HOT_IDLE: Duration = Duration::from_secs(30 * 60);

/// All tenants' lakes under one address. Cheap to clone.
#[derive(Clone)]
pub struct Lake {
    pub(crate) url: Url,
    pub(crate) objects: Objects,
    hot: Cache<TenantId, Arc<Hot>>,
    rates: Cache<(TenantId, u64), Arc<Rates>>,
}

/// One reading of an upload. Read again, as after another decision about its columns, it has another one,
/// and at most one of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Run {
    pub upload: UploadId,
    /// From 1.
    pub run: i32,
}

/// What reading one upload into silver needs.
#[derive(Clone)]
pub struct ImportJob {
    pub tenant: TenantId,
    pub run: Run,
    /// Rises with each try at this run: no two tries ever write under one name.
    pub attempt: i64,
    /// The upload's place among its tenant's: a later one wins over an earlier one.
    pub seq: i64,
    /// The raw files in the object store, in the order in which they were inspected.
    pub source: Vec<Window>,
    pub plan: ingest::Plan,
    /// Uploads that this one completes, the oldest first: how they are read, and their files.
    pub completes: Vec<(ingest::Plan, Vec<Window>)>,
    /// Milliseconds since the epoch, for the log.
    pub now_millis: i64,
}

impl ImportJob {
    /// What the upload tells of orders: one that completes others, nothing but the lines it has.
    pub(crate) fn tells(&self) -> ingest::Telling {
        if self.completes.is_empty() {
            self.plan.tells()
        } else {
            ingest::Telling::Lines
        }
    }
}

impl Lake {
    /// `url` names the folder or prefix that `objects` was opened on.
    pub fn new(url: &str, objects: Objects) -> Result<Self, LakeError> {
        let bad = || LakeError::BadUrl(url.to_owned());
        let mut url = Url::parse(url).map_err(|_| bad())?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        if url.cannot_be_a_base() {
            return Err(bad());
        }
        Ok(Self {
            url,
            objects,
            hot: Cache::builder()
                .max_capacity(HOT_TENANTS)
                .time_to_idle(HOT_IDLE)
                .build(),
            rates: Cache::builder()
                .max_capacity(HOT_TENANTS)
                .time_to_idle(HOT_IDLE)
                .build(),
        })
    }

    /// Reads an upload line by line into silver: once, however often it is called for the same run.
    /// `progress` says whether to go on. Nothing counts of it until [`Self::publish`] is told so.
    ///
    /// Imports of one tenant go one after the other.
    ///
    /// # Errors
    /// [`LakeError::Cancelled`] where `progress` said no; nothing of the run is then in silver.
    pub async fn import(
        &self,
        job: ImportJob,
        progress: impl Fn(Progress) -> bool + Send + Sync + 'static,
    ) -> Result<Imported, LakeError> {
        silver::import(self, job, progress).await
    }

    /// Rebuilds gold for every month in which the uploads that came or went have lines. The same again gives
    /// the same figures under newer versions; nobody sees either before the versions are made known.
    pub async fn publish(
        &self,
        tenant: TenantId,
        publication: &Publication,
        published: GoldVersions,
    ) -> Result<Published, LakeError> {
        gold::publish(self, tenant, publication, published).await
    }

    /// As [`Self::publish`], for a data set beside orders whose tables everybody sees in these versions.
    pub async fn publish_rows(
        &self,
        tenant: TenantId,
        set: DataSet,
        publication: &Publication,
        published: &[(Table, u64)],
    ) -> Result<PublishedRows, LakeError> {
        gold::publish_rows(self, tenant, set, publication, published).await
    }

    /// Finds out who is who by all uploads of orders and of customers that count: those of the publication. Returns the
    /// version for [`GoldVersions::people`].
    pub async fn publish_people(
        &self,
        tenant: TenantId,
        publication: &Publication,
    ) -> Result<u64, LakeError> {
        people::publish(self, tenant, publication).await
    }

    /// Makes [`Table::CustomerFeatures`] of the orders of these versions.
    pub async fn publish_customer_features(
        &self,
        tenant: TenantId,
        publication: &Publication,
        orders: GoldVersions,
    ) -> Result<PublishedTable, LakeError> {
        customer_features::publish(self, tenant, publication, orders).await
    }

    /// A page of a table's current rows as of one of its versions.
    ///
    /// # Errors
    /// [`LakeError::Gone`] where the version is so old that its files were removed.
    pub async fn rows(
        &self,
        tenant: TenantId,
        table: Table,
        version: u64,
        text: &str,
        page: (u64, u32),
    ) -> Result<TableRows, LakeError> {
        rows::page(self, tenant, table, version, text, page).await
    }

    /// What these lines would change, read as the upload in the place `seq`, beside the runs that count. Looks for
    /// as long as `time`, and says whether that was enough.
    pub async fn compare(
        &self,
        tenant: TenantId,
        set: DataSet,
        live: &[Run],
        seq: i64,
        candidates: Candidates,
        time: Duration,
    ) -> Result<Effect, LakeError> {
        compare::compare(self, tenant, (set, live), seq, candidates, time).await
    }

    /// What the rules say of a run that was read.
    pub async fn check(
        &self,
        tenant: TenantId,
        inspected: Inspected,
        rules: Vec<Rule>,
    ) -> Result<Vec<Verdict>, LakeError> {
        quality::check(self, tenant, inspected, rules).await
    }

    /// Removes what no table has any more and is older than `before`, microseconds UTC. `rows` are the published versions
    /// of the tables that no figure is read from. To run while nothing is imported or published for the tenant. Versions
    /// that were replaced by `before` are gone then; later ones can still be read.
    pub async fn vacuum(
        &self,
        tenant: TenantId,
        published: GoldVersions,
        rows: &[(Table, u64)],
        before: i64,
    ) -> Result<Vacuumed, LakeError> {
        vacuum::vacuum(self, tenant, (published, rows), before).await
    }

    /// The tenant's figures as of these versions; kept in memory while they are asked for.
    pub async fn snapshot(
        &self,
        tenant: TenantId,
        versions: GoldVersions,
    ) -> Result<Arc<Snapshot>, LakeError> {
        let hot = self.hot.get_with(tenant, || Arc::new(Hot::default()));
        hot.snapshot(self, tenant, versions).await
    }

    /// The tenant's rates of exchange as of this version of their table; kept in memory while they are asked for.
    pub async fn rates(&self, tenant: TenantId, version: u64) -> Result<Arc<Rates>, LakeError> {
        let key = (tenant, version);
        if let Some(rates) = self.rates.get(&key) {
            return Ok(rates);
        }
        let rates = Arc::new(Rates::open(self, tenant, version).await?);
        self.rates.insert(key, Arc::clone(&rates));
        Ok(rates)
    }

    pub(crate) fn folder(tenant: TenantId, schema: &TableSchema) -> String {
        format!("{tenant}/{}", schema.path)
    }

    pub(crate) fn table_url(
        &self,
        tenant: TenantId,
        schema: &TableSchema,
    ) -> Result<Url, LakeError> {
        self.url
            .join(&format!("{}/", Self::folder(tenant, schema)))
            .map_err(|_| LakeError::BadUrl(self.url.to_string()))
    }

    /// The Parquet files of a version of a table; none where there is no such table.
    pub(crate) async fn files(
        &self,
        tenant: TenantId,
        schema: &'static TableSchema,
        version: u64,
    ) -> Result<Vec<Bytes>, LakeError> {
        let url = self.table_url(tenant, schema)?;
        let Some(table) = Delta::open_at(url, schema, version).await? else {
            return Ok(Vec::new());
        };
        let folder = Self::folder(tenant, schema);
        let mut files = Vec::new();
        for file in table.files()? {
            files.push(self.objects.get(&format!("{folder}/{}", file.path)).await?);
        }
        Ok(files)
    }

    pub(crate) async fn gold_at(
        &self,
        tenant: TenantId,
        source: Source,
        version: u64,
    ) -> Result<Option<Delta>, LakeError> {
        let schema = source.schema();
        Delta::open_at(self.table_url(tenant, schema)?, schema, version).await
    }
}
