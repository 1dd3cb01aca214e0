//! Removes files that no table has any more: replaced months, and what attempts left that were killed.

use crate::{
    delta::Delta,
    error::LakeError,
    gold::GoldVersions,
    rollup::Source,
    schema::{SPREAD, TableSchema},
    store::Lake,
    tables::{self, Table},
};
use ingest::DataSet;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use types::TenantId;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacuumed {
    pub files: u64,
    pub bytes: u64,
}

/// Files of a tenant's tables that neither the newest versions nor the published ones have, and that were written
/// before `before` (microseconds UTC, by the store's clock). Nothing else may change the tables meanwhile.
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
        .chain([(&SPREAD, None)])
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
                lake.objects.delete(&entry.path).await?;
                vacuumed.files += 1;
                vacuumed.bytes += entry.size;
            }
        }
    }
    Ok(vacuumed)
}
