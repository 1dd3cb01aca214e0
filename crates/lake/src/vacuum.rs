//! Removes files that no table has any more: replaced months, and what attempts left that were killed.

use crate::{
    delta::Delta,
    error::LakeError,
    gold::GoldVersions,
    people::{LINKS, PEOPLE},
    rollup::Source,
    schema::{SPREAD, TableSchema},
    silver,
    store::{Lake, Run},
    tables::{self, Table},
};
use ingest::DataSet;
use objects::Entry;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use types::TenantId;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacuumed {
    pub files: u64,
    pub bytes: u64,
}

/// Files of a tenant's tables that no version has which was the newest at `before` or later, nor the published one, and
/// that were written before then (microseconds UTC, by the store's clock); and what attempts left beside the tables that
/// never were committed. Nothing else may change the tables meanwhile.
pub(crate) async fn vacuum(
    lake: &Lake,
    tenant: TenantId,
    (published, rows): (GoldVersions, &[(Table, u64)]),
    before: i64,
) -> Result<Vacuumed, LakeError> {
    let mut vacuumed = Vacuumed::default();
    let gold = Source::ALL.map(|source| (source.schema(), Some(published.of(source))));
    let tables: Vec<(&'static TableSchema, Option<u64>)> = gold
        .into_iter()
        .chain([
            (&SPREAD, None),
            (&LINKS, None),
            (&PEOPLE, Some(published.people)),
        ])
        .chain(DataSet::ALL.map(|set| (tables::silver(set), None)))
        .chain(
            rows.iter()
                .map(|(table, seen)| (table.schema(), Some(*seen))),
        )
        .collect();
    for (schema, seen) in tables {
        let url = lake.table_url(tenant, schema)?;
        let Some(newest) = Delta::open(url.clone(), schema).await? else {
            continue;
        };
        let mut kept: FxHashSet<String> = newest.files()?.into_iter().map(|f| f.path).collect();
        kept.extend(newest.replaced_since(before / 1_000).await?);
        if let Some(version) = seen.filter(|version| *version != newest.version())
            && let Some(table) = Delta::open_at(url, schema, version).await?
        {
            kept.extend(table.files()?.into_iter().map(|f| f.path));
        }
        let folder = Lake::folder(tenant, schema);
        for entry in lake.objects.list(&folder).await? {
            let name = entry.path.strip_prefix(&format!("{folder}/"));
            let stale = name.is_some_and(|name| name.ends_with(".parquet") && !kept.contains(name))
                && !entry.path.contains("/_delta_log/")
                && entry.modified < before;
            if stale {
                vacuumed.remove(lake, &entry).await?;
            }
        }
    }
    left_behind(lake, tenant, before, &mut vacuumed).await?;
    Ok(vacuumed)
}

impl Vacuumed {
    async fn remove(&mut self, lake: &Lake, entry: &Entry) -> Result<(), LakeError> {
        lake.objects.delete(&entry.path).await?;
        self.files += 1;
        self.bytes += entry.size;
        Ok(())
    }
}

/// One try at reading an upload.
type Attempt = (Run, i64);

/// Removes the outcomes and rejects of attempts that never were committed.
async fn left_behind(
    lake: &Lake,
    tenant: TenantId,
    before: i64,
    vacuumed: &mut Vacuumed,
) -> Result<(), LakeError> {
    let mut silver = Vec::new();
    // Of most attempts the files say that they were.
    let mut committed: FxHashMap<Attempt, bool> = FxHashMap::default();
    for set in DataSet::ALL {
        let schema = tables::silver(set);
        let Some(table) = Delta::open(lake.table_url(tenant, schema)?, schema).await? else {
            continue;
        };
        for file in table.files()? {
            let attempt = file.path.rsplit('-').nth(1).and_then(|n| n.parse().ok());
            if let Some(attempt) = file.run.zip(attempt) {
                committed.insert(attempt, true);
            }
        }
        silver.push(table);
    }
    let outcomes = format!("{tenant}/silver/outcomes");
    let rejects = format!("{tenant}/rejects");
    for (folder, read) in [
        (&outcomes, attempt_of_outcome as fn(&str) -> Option<Attempt>),
        (&rejects, attempt_of_rejects),
    ] {
        for entry in lake.objects.list(folder).await? {
            let name = entry.path.strip_prefix(&format!("{folder}/"));
            let Some(attempt) = name.and_then(read).filter(|_| entry.modified < before) else {
                continue;
            };
            let counts = match committed.get(&attempt) {
                Some(known) => *known,
                None => {
                    let known = is_committed(&silver, attempt).await?;
                    committed.insert(attempt, known);
                    known
                }
            };
            if !counts {
                vacuumed.remove(lake, &entry).await?;
            }
        }
    }
    Ok(())
}

async fn is_committed(silver: &[Delta], (run, attempt): Attempt) -> Result<bool, LakeError> {
    let application = silver::application(run);
    for table in silver {
        if table.done_by(&application).await? == Some(attempt) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `UPLOAD-RUN-ATTEMPT.json`.
fn attempt_of_outcome(name: &str) -> Option<Attempt> {
    let mut parts = name.strip_suffix(".json")?.rsplitn(3, '-');
    let attempt = parts.next()?.parse().ok()?;
    let run = parts.next()?.parse().ok()?;
    let upload = parts.next()?.parse().ok()?;
    Some((Run { upload, run }, attempt))
}

/// `UPLOAD/RUN-ATTEMPT-NUMBER.ndjson`.
fn attempt_of_rejects(name: &str) -> Option<Attempt> {
    let (upload, name) = name.split_once('/')?;
    let mut parts = name.split('-');
    let run = parts.next()?.parse().ok()?;
    let attempt = parts.next()?.parse().ok()?;
    let upload = upload.parse().ok()?;
    Some((Run { upload, run }, attempt))
}
