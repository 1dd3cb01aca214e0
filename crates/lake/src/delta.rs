//! Delta tables without a query engine: the log is read and committed here, the Parquet files are Polars' work.

use crate::{
    error::LakeError,
    parquet::Encoded,
    schema::{MONTH, RUN, TableSchema, UPLOAD},
    store::Run,
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
use futures::StreamExt;
use serde::Deserialize;
use std::{collections::HashMap, path::Path};
use url::Url;

/// Of a data file's statistics, as [`crate::parquet`] writes them.
fn days(stats: &str) -> Option<(i32, i32)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stats {
        min_values: Days,
        max_values: Days,
    }
    #[derive(Deserialize)]
    struct Days {
        day: i32,
    }
    let stats: Stats = serde_json::from_str(stats).ok()?;
    Some((stats.min_values.day, stats.max_values.day))
}

/// Killed while it is made, a table leaves the folder of its log and no commit in it.
fn has_commits(table: &Path) -> bool {
    let log = std::fs::read_dir(table.join("_delta_log"));
    log.is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let path = entry.path();
            path.extension()
                .is_some_and(|kind| kind == "json" || kind == "parquet")
        })
    })
}

/// A file of a table's current version.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    /// Relative to the table.
    pub path: String,
    pub month: i32,
    /// The first and the last day of its rows, where the log says it.
    pub days: Option<(i32, i32)>,
    /// Silver only: whose lines.
    pub run: Option<Run>,
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
            && !has_commits(&folder)
        {
            return Ok(None);
        }
        let mut builder = DeltaTableBuilder::from_url(url)?;
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        let table = builder.load().await?;
        let snapshot = table.snapshot()?;
        let known = snapshot.schema();
        let mut fields = schema.fields.iter();
        if snapshot.metadata().partition_columns() != schema.partitions
            || fields.any(|field| known.field(field.name).is_none())
        {
            return Err(LakeError::Outdated(schema.path));
        }
        Ok(Some(Self { table, schema }))
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
            .with_partition_columns(schema.partitions.iter().copied())
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
                let partition = file.partition_values_map();
                let value = |name: &str| partition.get(name).and_then(Option::as_deref);
                let month = value(MONTH)
                    .and_then(|m| m.parse().ok())
                    .ok_or_else(|| LakeError::Corrupt(format!("{} has no month", file.path())))?;
                let upload = value(UPLOAD).and_then(|id| id.parse().ok());
                let run = value(RUN).and_then(|run| run.parse().ok());
                Ok(DataFile {
                    path: file.path().into_owned(),
                    month,
                    days: file.stats().as_deref().and_then(days),
                    run: upload.zip(run).map(|(upload, run)| Run { upload, run }),
                    remove: file.remove_action(true),
                })
            })
            .collect()
    }

    /// The attempt whose commit under this application id stands in the log: a job that comes back finds
    /// its work done.
    pub async fn done_by(&self, application: &str) -> Result<Option<i64>, LakeError> {
        let log_store = self.table.log_store();
        Ok(self
            .table
            .snapshot()?
            .transaction_version(log_store.as_ref(), application)
            .await?)
    }

    /// Files that some version had which was the newest at this time or later, and that the present one has no more:
    /// relative to the table.
    pub async fn replaced_since(&self, millis: i64) -> Result<Vec<String>, LakeError> {
        let log_store = self.table.log_store();
        let mut removed = self.table.snapshot()?.all_tombstones(log_store.as_ref());
        let mut paths = Vec::new();
        while let Some(file) = removed.next().await {
            let file = file?;
            if file.deletion_timestamp().is_none_or(|at| at >= millis) {
                paths.push(file.path().into_owned());
            }
        }
        Ok(paths)
    }

    /// One atomic commit on top of the version that was opened. Another's commit since then is an error:
    /// what is committed here was made from what stood there.
    pub async fn commit(
        &mut self,
        done: Option<Transaction>,
        add: Vec<Add>,
        remove: Vec<Remove>,
    ) -> Result<u64, LakeError> {
        let actions = remove
            .into_iter()
            .map(Action::Remove)
            .chain(add.into_iter().map(Action::Add))
            .collect();
        let mut properties = CommitProperties::default().with_max_retries(0);
        if let Some(done) = done {
            properties = properties.with_application_transaction(done);
        }
        CommitBuilder::from(properties)
            .with_actions(actions)
            .build(
                Some(self.table.snapshot()?.snapshot()),
                self.table.log_store(),
                DeltaOperation::Write {
                    mode: SaveMode::Append,
                    partition_by: Some(
                        self.schema
                            .partitions
                            .iter()
                            .map(|name| (*name).to_owned())
                            .collect(),
                    ),
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

/// The log entry for a data file that lies at `path` below its table; of silver, with whose lines it holds.
pub(crate) fn added(
    path: String,
    month: i32,
    run: Option<Run>,
    encoded: &Encoded,
    at_millis: i64,
) -> Add {
    let mut partition_values = HashMap::from([(MONTH.to_owned(), Some(month.to_string()))]);
    if let Some(Run { upload, run }) = run {
        partition_values.insert(UPLOAD.to_owned(), Some(upload.to_string()));
        partition_values.insert(RUN.to_owned(), Some(run.to_string()));
    }
    Add {
        path,
        partition_values,
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
