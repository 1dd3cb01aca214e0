//! From a figure to the table it was read from, to the uploads that made it, to their files; and what each job did.

use crate::{
    Backend, publication,
    publication::Built,
    uploads::{self, UploadError},
};
use access::{Action, Ctx, Resource, authorize};
use analytics::DATA_SET;
use ingest::Counts;
use jiff::Timestamp;
use metrics::{Dimension, Metric, Query, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use storage::{Claim, Lineage, NewLineage, StorageError, TenantTx, uploads::Upload};
use types::UploadId;

const PRODUCER: &str = concat!("smartretail360/", env!("CARGO_PKG_VERSION"));
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// What a job did, for the record.
pub(crate) struct Ran<'a> {
    pub kind: &'static str,
    pub claim: Claim,
    pub started: Timestamp,
    pub upload: &'a Upload,
    /// Of the file, where it was read.
    pub counts: Option<Counts>,
    pub built: &'a Built,
    pub gold_version: i64,
}

/// Writes it down in the transaction that makes the result known.
pub(crate) async fn record(
    tx: &mut TenantTx,
    ctx: &Ctx,
    ran: &Ran<'_>,
) -> Result<(), StorageError> {
    tx.insert_lineage(&NewLineage {
        kind: ran.kind.to_owned(),
        upload: Some(ran.upload.id),
        upload_run: ran.built.live.or(ran.upload.live_run),
        // What is looked up by the version of the figures is about figures.
        gold_version: ran.built.figures.map(|_| ran.gold_version),
        started_at: ran.started,
        body: event(ctx, ran),
    })
    .await?;
    Ok(())
}

fn event(ctx: &Ctx, ran: &Ran<'_>) -> Value {
    let namespace = format!("smartretail360://{}", ctx.tenant);
    let facet = |fields: Value| {
        let mut facet = json!({ "_producer": PRODUCER, "_schemaURL": SCHEMA });
        if let (Value::Object(facet), Value::Object(fields)) = (&mut facet, fields) {
            facet.extend(fields);
        }
        facet
    };
    let mut inputs = vec![json!({
        "namespace": namespace,
        "name": format!("silver/{}", ran.built.data_set.id()),
    })];
    if let Some(counts) = ran.counts {
        inputs.insert(
            0,
            json!({
                "namespace": namespace,
                "name": uploads::bytes_path(ctx, ran.upload),
                "inputFacets": {
                    "dataQualityMetrics": facet(json!({
                        "rowCount": counts.records,
                        "bytes": counts.bytes,
                        "columnMetrics": {},
                    })),
                    "records": facet(json!({
                        "accepted": counts.accepted,
                        "warned": counts.warned,
                        "rejected": counts.rejected,
                        "blank": counts.blank,
                        "lines": counts.lines,
                    })),
                },
            }),
        );
    }
    let outputs: Vec<Value> = ran
        .built
        .outputs
        .iter()
        .map(|output| {
            json!({
                "namespace": namespace,
                "name": output.name,
                "facets": {
                    "version": facet(json!({ "datasetVersion": output.version.to_string() })),
                },
                "outputFacets": {
                    "outputStatistics": facet(json!({ "rowCount": output.rows })),
                },
            })
        })
        .collect();
    json!({
        "eventType": "COMPLETE",
        "eventTime": ctx.now().to_string(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {
            "runId": ran.claim.job,
            "facets": {
                "nominalTime": facet(json!({
                    "nominalStartTime": ran.started.to_string(),
                    "nominalEndTime": ctx.now().to_string(),
                })),
                "upload": facet(json!({
                    "upload": ran.upload.id,
                    "fileName": ran.upload.file_name,
                    "sha256": ran.upload.sha256,
                    "run": ran.built.live,
                    "months": ran.built.months,
                    "goldVersion": ran.gold_version,
                })),
            },
        },
        "job": { "namespace": namespace, "name": ran.kind },
        "inputs": inputs,
        "outputs": outputs,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// An uploaded file.
    File,
    /// The log of all lines.
    Silver,
    /// A table that figures are read from.
    Gold,
    Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub kind: NodeKind,
    /// A file's name, a table's name.
    pub name: String,
    /// Of a table.
    pub version: Option<u64>,
    /// Records of a file.
    pub rows: Option<u64>,
    pub at: Option<Timestamp>,
}

/// What was made of what: `from` and `to` are ids of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub from: String,
    pub to: String,
}

/// Where something comes from.
#[derive(Clone, Debug)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// The version of the figures it speaks of.
    pub gold_version: i64,
    /// Of a figure: how much of it each upload brings, by [`Dimension::Upload`].
    pub shares: Option<Table>,
}

/// What was done with an upload, the latest first.
pub async fn of_upload(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
) -> Result<Vec<Lineage>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    tx.upload(id).await?.ok_or(UploadError::NotFound)?;
    let found = tx.lineage_of(id).await?;
    tx.commit().await?;
    Ok(found)
}

/// What made a version of the figures.
pub async fn of_version(
    backend: &Backend,
    ctx: &Ctx,
    gold_version: i64,
) -> Result<Option<Lineage>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let found = tx.lineage_at(gold_version).await?;
    tx.commit().await?;
    Ok(found)
}

/// What the files of these uploads are called.
pub async fn file_names(
    backend: &Backend,
    ctx: &Ctx,
    uploads: impl IntoIterator<Item = UploadId>,
) -> Result<HashMap<UploadId, String>, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let wanted: HashSet<UploadId> = uploads.into_iter().collect();
    let mut names = HashMap::new();
    let mut tx = backend.storage.tenant_read(ctx).await?;
    for id in wanted {
        if let Some(upload) = tx.upload(id).await? {
            names.insert(id, upload.file_name);
        }
    }
    tx.commit().await?;
    Ok(names)
}

/// From the query's figures back to the files that have lines in them.
pub async fn of_figure(backend: &Backend, ctx: &Ctx, query: &Query) -> Result<Graph, UploadError> {
    authorize(ctx, Action::Read, Resource::Uploads)?;
    let origin = backend.analytics.origin(ctx, query).await?;
    // Not every metric has a meaning by upload: amounts and orders have.
    let mut shares =
        Query::new([Metric::GrossSales, Metric::NetSales, Metric::Orders]).by([Dimension::Upload]);
    shares.filters.clone_from(&query.filters);
    shares.period = query.period;
    let shares = backend.analytics.query(ctx, &shares).await?;
    let behind: Vec<UploadId> = (0..shares.rows.len())
        .filter_map(|row| shares.text(row, 0).parse().ok())
        .collect();
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let mut files = Vec::new();
    for id in publication::live(&mut tx, DATA_SET).await? {
        if behind.contains(&id.upload) {
            files.extend(tx.upload(id.upload).await?);
        }
    }
    tx.commit().await?;
    let table = |id: &str, kind, name: String, version| Node {
        id: id.to_owned(),
        kind,
        name,
        version,
        rows: None,
        at: None,
    };
    let names: Vec<&str> = query.metrics.iter().map(|m| m.id()).collect();
    let mut nodes = vec![
        table("figure", NodeKind::Figure, names.join(", "), None),
        table(
            "gold",
            NodeKind::Gold,
            origin.table.to_owned(),
            Some(origin.table_version),
        ),
        table("silver", NodeKind::Silver, DATA_SET.to_owned(), None),
    ];
    let edge = |from: &str, to: &str| Edge {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let mut edges = vec![edge("gold", "figure"), edge("silver", "gold")];
    for file in files {
        let id = file.id.to_string();
        edges.push(edge(&id, "silver"));
        nodes.push(Node {
            id,
            kind: NodeKind::File,
            rows: uploads::result(&file)?.map(|r| r.rows),
            name: file.file_name,
            version: None,
            at: Some(file.created_at),
        });
    }
    Ok(Graph {
        nodes,
        edges,
        gold_version: origin.gold_version,
        shares: Some(Table::clone(&shares)),
    })
}
