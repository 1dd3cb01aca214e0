//! What counts, and what everybody sees of it: gold is rebuilt from the uploads that count, then one transaction
//! makes it known. Imports, undone imports and those brought back end here.

use crate::{
    Backend,
    import::{self, GOLD_CHANGED, ImportFailure},
    lineage::{self, Ran},
    uploads::{self, UploadError},
};
use access::Ctx;
use ingest::DataSet;
use lake::{GoldVersions, Publication, PublishedTable, RowsVersion, Run, Source, Table};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use storage::{
    Claim, StorageError, TenantTx,
    uploads::{Upload, UploadState},
};
use types::{Day, UploadId};

/// The kind of the job that changes what counts without reading a file.
pub const JOB: &str = "publish";
/// The step of an upload whose lines are on their way out.
pub(crate) const UNDOING: &str = "undoing";

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub upload: UploadId,
    /// The run to count; `None` takes the upload out of the figures.
    pub live: Option<i32>,
    /// How often its import had been started: another start makes this void.
    pub starts: i32,
    /// Where the upload goes back to, should this be given up.
    pub otherwise: UploadState,
}

/// Gold that was rebuilt, before anybody knows.
pub(crate) struct Built {
    pub data_set: DataSet,
    pub outputs: Vec<Output>,
    /// The months that were rebuilt.
    pub months: Vec<i32>,
    /// Of orders: the versions that figures are read from.
    pub figures: Option<GoldVersions>,
    /// What is kept of the versions of each table that was made, the data set's own first.
    known: Vec<Known>,
    data_through: Option<Day>,
    upload: UploadId,
    pub live: Option<i32>,
}

/// What is to be kept of the versions of a table.
struct Known {
    table: Table,
    versions: Value,
    data_through: Option<Day>,
}

/// A table that was written.
pub(crate) struct Output {
    pub name: String,
    pub version: u64,
    pub rows: u64,
}

/// All that a data set's figures or rows are made of.
pub(crate) async fn live(tx: &mut TenantTx, data_set: &str) -> Result<Vec<Run>, StorageError> {
    let runs = tx.live_runs(data_set).await?;
    Ok(runs
        .into_iter()
        .map(|r| Run {
            upload: r.upload,
            run: r.run,
        })
        .collect())
}

/// Rebuilds gold as if `live` were the run of the upload that counts.
pub(crate) async fn build(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    upload: &Upload,
    live: Option<i32>,
) -> Result<Built, UploadError> {
    let set = uploads::data_set(upload)?;
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let counting = self::live(&mut tx, set.id()).await?;
    let gold = tx.gold(set.id()).await?;
    let names_customers = matches!(set, DataSet::Orders | DataSet::Customers);
    let mut who = Vec::new();
    for other in [DataSet::Orders, DataSet::Customers] {
        if names_customers && other != set {
            who.extend(self::live(&mut tx, other.id()).await?);
        }
    }
    tx.commit().await?;
    let run = |run| Run {
        upload: upload.id,
        run,
    };
    let before = counting.iter().find(|r| r.upload == upload.id);
    let changed = before.copied().into_iter().chain(live.map(run));
    let others = counting.iter().filter(|r| r.upload != upload.id).copied();
    let publication = Publication {
        name: format!("{}-{}", claim.job, claim.lease_token),
        changed: changed.collect(),
        live: others.chain(live.map(run)).collect(),
        now_millis: ctx.now().as_millisecond(),
    };
    let of = (upload.id, live);
    if !names_customers {
        return rows(backend, ctx, set, of, &publication).await;
    }
    who.extend(&publication.live);
    let everybody = Publication {
        live: who,
        ..publication.clone()
    };
    let people = backend.lake.publish_people(ctx.tenant, &everybody).await?;
    let (mut built, versions) = match set {
        DataSet::Orders => figures(backend, ctx, of, &publication, (gold.tables, people)).await?,
        _ => {
            let mut built = rows(backend, ctx, set, of, &publication).await?;
            let versions = people_of_figures(backend, ctx, people, &mut built).await?;
            (built, versions)
        }
    };
    let made = backend
        .lake
        .publish_customer_features(ctx.tenant, &publication, versions)
        .await?;
    built.add(made)?;
    Ok(built)
}

async fn figures(
    backend: &Backend,
    ctx: &Ctx,
    (upload, live): (UploadId, Option<i32>),
    publication: &Publication,
    (seen, people): (Option<Value>, u64),
) -> Result<(Built, GoldVersions), UploadError> {
    let seen = GoldVersions {
        people,
        ..kept(seen)?
    };
    let published = backend.lake.publish(ctx.tenant, publication, seen).await?;
    let snapshot = backend
        .lake
        .snapshot(ctx.tenant, published.versions)
        .await?;
    let days = snapshot.days(&backend.lake).await?;
    let outputs = Source::ALL.into_iter().zip(published.rows);
    let data_through = days.map(|d| d.to);
    let built = Built {
        data_set: DataSet::Orders,
        outputs: outputs
            .map(|(source, rows)| Output {
                name: format!("gold/{}", source.name()),
                version: published.versions.of(source),
                rows,
            })
            .collect(),
        months: published.months,
        figures: Some(published.versions),
        known: vec![Known {
            table: Table::Of(DataSet::Orders),
            versions: serde_json::to_value(published.versions)?,
            data_through,
        }],
        data_through,
        upload,
        live,
    };
    Ok((built, published.versions))
}

async fn rows(
    backend: &Backend,
    ctx: &Ctx,
    set: DataSet,
    (upload, live): (UploadId, Option<i32>),
    publication: &Publication,
) -> Result<Built, UploadError> {
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let mut seen = Vec::new();
    for table in Table::made_of(set) {
        seen.push((table, rows_version(&mut tx, table).await?));
    }
    tx.commit().await?;
    let published = backend
        .lake
        .publish_rows(ctx.tenant, set, publication, &seen)
        .await?;
    let mut built = Built {
        data_set: set,
        outputs: Vec::new(),
        months: published.months,
        figures: None,
        known: Vec::new(),
        data_through: None,
        upload,
        live,
    };
    for table in published.tables {
        built.add(table)?;
    }
    Ok(built)
}

/// Figures that stand, with everybody as who they are now.
async fn people_of_figures(
    backend: &Backend,
    ctx: &Ctx,
    people: u64,
    built: &mut Built,
) -> Result<GoldVersions, UploadError> {
    let mut tx = backend.storage.tenant_read(ctx).await?;
    let gold = tx.gold(DataSet::Orders.id()).await?;
    tx.commit().await?;
    let there = gold.tables.is_some();
    let seen: GoldVersions = kept(gold.tables)?;
    let versions = GoldVersions { people, ..seen };
    if there && versions != seen {
        built.known.push(Known {
            table: Table::Of(DataSet::Orders),
            versions: serde_json::to_value(versions)?,
            data_through: gold.data_through,
        });
    }
    Ok(versions)
}

impl Built {
    fn add(&mut self, made: PublishedTable) -> Result<(), UploadError> {
        self.outputs.push(Output {
            name: made.table.path().to_owned(),
            version: made.version,
            rows: made.rows,
        });
        let versions = RowsVersion { rows: made.version };
        self.known.push(Known {
            table: made.table,
            versions: serde_json::to_value(versions)?,
            data_through: self.data_through,
        });
        Ok(())
    }
}

/// The version that everybody sees of a table that no figure is read from.
pub(crate) async fn rows_version(tx: &mut TenantTx, table: Table) -> Result<u64, UploadError> {
    let versions: RowsVersion = kept(tx.gold(table.id()).await?.tables)?;
    Ok(versions.rows)
}

/// The versions that everybody sees; those of nothing where nothing was published yet.
pub(crate) fn kept<T: Default + DeserializeOwned>(
    tables: Option<Value>,
) -> Result<T, serde_json::Error> {
    tables.map_or_else(|| Ok(T::default()), serde_json::from_value)
}

/// The figures or rows are these from the commit on; everybody is told.
/// Returns the version of the data set.
pub(crate) async fn make_known(tx: &mut TenantTx, built: &Built) -> Result<i64, UploadError> {
    tx.set_live_run(built.upload, built.live).await?;
    let mut version = 0;
    for known in &built.known {
        let made = tx
            .bump_gold(known.table.id(), known.data_through, &known.versions)
            .await?;
        if known.table == Table::Of(built.data_set) {
            version = made;
        }
    }
    let upload = tx
        .upload(built.upload)
        .await?
        .ok_or(UploadError::NotFound)?;
    import::tell(tx, &upload).await?;
    tx.append_event(
        GOLD_CHANGED,
        &json!({ "version": version, "data_set": built.data_set }),
    )
    .await?;
    Ok(version)
}

/// Runs the job under this claim; it is finished in the transaction that makes the change known.
pub(crate) async fn run(
    backend: &Backend,
    ctx: &Ctx,
    claim: Claim,
    Payload {
        upload: id,
        live,
        starts,
        ..
    }: Payload,
) -> Result<(), ImportFailure> {
    let started = ctx.now();
    let upload = uploads::get(backend, ctx, id).await?;
    let wanted = match live {
        Some(_) => upload.state == UploadState::Importing && upload.run == starts,
        None => upload.live_run.is_some() && upload.step == UNDOING,
    };
    if !wanted {
        // Cancelled meanwhile, or made known by the attempt that was thought dead.
        let mut tx = backend.storage.tenant(ctx).await?;
        tx.finish_job(claim).await?;
        tx.commit().await?;
        return Ok(());
    }
    let built = build(backend, ctx, claim, &upload, live).await?;
    let mut result = uploads::result(&upload)?;
    let mut rejects = None;
    if let (Some(found), Some(_)) = (result.take(), live) {
        let (found, was_held) = uploads::unheld(found, live);
        if was_held {
            rejects = Some(uploads::first_rejects(backend, &found).await?);
        }
        result = Some(found);
    }
    if let (Some(result), Some(_), Some(versions)) = (&mut result, live, built.figures) {
        result.totals = import::totals(backend, ctx, id, versions).await?;
    }
    let mut tx = backend.storage.tenant(ctx).await?;
    // First, so that a worker whose lease passed on changes nothing.
    tx.finish_job(claim).await?;
    tx.set_upload_progress(id, "", upload.rows_done, upload.bytes_done)
        .await?;
    tx.save_error(id, None).await?;
    if let Some(result) = result {
        tx.save_result(id, &serde_json::to_value(&result)?, result.counted())
            .await?;
    }
    if let Some(rejects) = rejects {
        tx.clear_rejects(id).await?;
        tx.insert_rejects(id, &rejects).await?;
    }
    let (from, to) = match live {
        Some(_) => (UploadState::Importing, UploadState::Done),
        None => (UploadState::Done, UploadState::Undone),
    };
    if !tx.set_upload_state(id, &[from], to).await? {
        // Cancelled in the last moment: nothing of this stays, and the next attempt finds nothing to do.
        return Err(UploadError::State {
            state: upload.state,
        }
        .into());
    }
    let gold_version = make_known(&mut tx, &built).await?;
    let ran = Ran {
        kind: if live.is_some() { "publish" } else { "undo" },
        claim,
        started,
        upload: &upload,
        counts: None,
        built: &built,
        gold_version,
    };
    lineage::record(&mut tx, ctx, &ran).await?;
    if let (None, Some(run)) = (live, upload.live_run) {
        // What is brought back is what was taken out, whatever was read and never published since.
        tx.set_read_run(id, run).await?;
        for duplicate in tx.undo_duplicates(id).await? {
            let duplicate = tx.upload(duplicate).await?.ok_or(StorageError::NotFound)?;
            import::tell(&mut tx, &duplicate).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What the death of such a job means: all is as it was before it.
pub(crate) async fn dead(
    tx: &mut TenantTx,
    Payload {
        upload: id,
        live,
        starts,
        otherwise,
    }: Payload,
    message: &str,
) -> Result<(), StorageError> {
    let upload = tx.upload(id).await?.ok_or(StorageError::NotFound)?;
    if upload.run != starts {
        return Ok(());
    }
    let what = match live {
        Some(_) => "The figures could not be rebuilt with this upload",
        None => "The upload could not be taken out of the figures",
    };
    tx.save_error(
        id,
        Some(&storage::uploads::UploadError {
            code: "gave_up".to_owned(),
            message: format!("{what}, and it was given up after several tries: {message}"),
            params: [("error".to_owned(), message.to_owned())].into(),
        }),
    )
    .await?;
    tx.settle_upload(id, &[UploadState::Importing, UploadState::Done], otherwise)
        .await?;
    let upload = tx.upload(id).await?.ok_or(StorageError::NotFound)?;
    import::tell(tx, &upload).await
}
