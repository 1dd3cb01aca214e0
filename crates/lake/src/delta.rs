//! Delta tables without a query engine: the log is read and committed here, the Parquet files are Polars' work.

use crate::{
    error::LakeError,
    parquet::Encoded,
    schema::{MONTH, TableSchema},
};
use deltalake::{
    DeltaTable, DeltaTableBuilder,
    kernel::{
        Action, Add, Remove, Transaction,
        transaction::{CommitBuilder, CommitProperties},
    },
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
};
use std::collections::HashMap;
use url::Url;

/// A file of a table's current version.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    /// Relative to the table.
    pub path: String,
    pub month: i32,
    pub remove: Remove,
}

pub(crate) struct Delta {
    table: DeltaTable,
    schema: &'static TableSchema,
}

impl Delta {
    /// `None` where the table does not exist yet.
    pub async fn open(url: Url, schema: &'static TableSchema) -> Result<Option<Self>, LakeError> {
        Self::load(url, schema, None).await
    }

    /// The table as of a version.
    pub async fn open_at(
        url: Url,
        schema: &'static TableSchema,
        version: u64,
    ) -> Result<Option<Self>, LakeError> {
        Self::load(url, schema, Some(version)).await
    }

    async fn load(
        url: Url,
        schema: &'static TableSchema,
        version: Option<u64>,
    ) -> Result<Option<Self>, LakeError> {
        // Opening a folder that is not there is an error of its own kind in each version of the library.
        if let Ok(folder) = url.to_file_path()
            && !folder.join("_delta_log").exists()
        {
            return Ok(None);
        }
        let mut builder = DeltaTableBuilder::from_url(url)?;
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        Ok(Some(Self {
            table: builder.load().await?,
            schema,
        }))
    }

    pub async fn open_or_create(url: Url, schema: &'static TableSchema) -> Result<Self, LakeError> {
        if let Some(table) = Self::open(url.clone(), schema).await? {
            return Ok(table);
        }
        if let Ok(folder) = url.to_file_path() {
            std::fs::create_dir_all(&folder)
                .map_err(|e| LakeError::Corrupt(format!("{}: {e}", folder.display())))?;
        }
        let table = CreateBuilder::new()
            .with_location(url.as_str())
            .with_columns(schema.fields.iter().map(|f| f.delta()))
            .with_partition_columns([MONTH])
            .with_save_mode(SaveMode::Ignore)
            .await?;
        Ok(Self { table, schema })
    }

    pub fn version(&self) -> u64 {
        self.table.version().unwrap_or(0)
    }

    pub fn files(&self) -> Result<Vec<DataFile>, LakeError> {
        self.table
            .snapshot()?
            .log_data()
            .iter()
            .map(|file| {
                let month = file
                    .partition_values_map()
                    .get(MONTH)
                    .cloned()
                    .flatten()
                    .and_then(|m| m.parse().ok())
                    .ok_or_else(|| LakeError::Corrupt(format!("{} has no month", file.path())))?;
                Ok(DataFile {
                    path: file.path().into_owned(),
                    month,
                    remove: file.remove_action(true),
                })
            })
            .collect()
    }

    /// Whether a commit of this application id stands in the log: a replayed job finds its work done.
    pub async fn holds(&self, application: &str) -> Result<bool, LakeError> {
        let log_store = self.table.log_store();
        let version = self
            .table
            .snapshot()?
            .transaction_version(log_store.as_ref(), application)
            .await?;
        Ok(version.is_some())
    }

    /// One atomic commit.
    pub async fn commit(
        &mut self,
        application: &str,
        add: Vec<Add>,
        remove: Vec<Remove>,
    ) -> Result<u64, LakeError> {
        let actions = remove
            .into_iter()
            .map(Action::Remove)
            .chain(add.into_iter().map(Action::Add))
            .collect();
        let properties = CommitProperties::default()
            .with_application_transaction(Transaction::new(application, 1));
        CommitBuilder::from(properties)
            .with_actions(actions)
            .build(
                Some(self.table.snapshot()?.snapshot()),
                self.table.log_store(),
                DeltaOperation::Write {
                    mode: SaveMode::Append,
                    partition_by: Some(vec![MONTH.to_owned()]),
                    predicate: None,
                },
            )
            .await?;
        self.table.update_state().await?;
        tracing::debug!(
            table = self.schema.path,
            version = self.version(),
            "committed"
        );
        Ok(self.version())
    }
}

/// The log entry for a data file that lies at `path` below its table.
pub(crate) fn added(path: String, month: i32, encoded: &Encoded, at_millis: i64) -> Add {
    Add {
        path,
        partition_values: HashMap::from([(MONTH.to_owned(), Some(month.to_string()))]),
        size: i64::try_from(encoded.bytes.len()).unwrap_or(i64::MAX),
        modification_time: at_millis,
        data_change: true,
        stats: Some(encoded.stats.clone()),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}
