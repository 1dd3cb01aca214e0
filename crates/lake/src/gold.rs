//! Gold: what figures are made from. A month is rebuilt whole from silver, so that the same silver
//! always gives the same gold.

use crate::{
    delta::{DataFile, Delta, added},
    error::LakeError,
    parquet::{decode, encode},
    rollup::Source,
    schema::{EXTRA, Kind, SILVER, SUM_COLUMNS, TableSchema, column},
    spread::{Places, Spread},
    store::{Lake, Run},
};
use polars::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::TenantId;

/// The versions of the gold tables that belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GoldVersions {
    pub daily: u64,
    pub products: u64,
    pub orders: u64,
    pub lines: u64,
}

impl GoldVersions {
    pub fn of(&self, source: Source) -> u64 {
        match source {
            Source::Daily => self.daily,
            Source::Products => self.products,
            Source::Orders => self.orders,
            Source::Lines => self.lines,
        }
    }

    fn set(&mut self, source: Source, version: u64) {
        match source {
            Source::Daily => self.daily = version,
            Source::Products => self.products = version,
            Source::Orders => self.orders = version,
            Source::Lines => self.lines = version,
        }
    }
}

/// Which uploads count from now on, and which of them are new in that or no longer count.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Never used for two publications, nor for two tries at one: files are named by it.
    pub name: String,
    /// All that count.
    pub live: Vec<Run>,
    /// What came or went; may stand in `live` or not.
    pub changed: Vec<Run>,
    /// What everybody sees at present.
    pub published: GoldVersions,
    /// Milliseconds since the epoch, for the log.
    pub now_millis: i64,
}

/// What a publication made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub versions: GoldVersions,
    /// The months that were rebuilt, ascending.
    pub months: Vec<i32>,
    /// Rows written to each table, in the order of [`Source::ALL`].
    pub rows: [u64; 4],
}

pub(crate) async fn publish(
    lake: &Lake,
    tenant: TenantId,
    publication: &Publication,
) -> Result<Published, LakeError> {
    let silver = Delta::open_or_create(lake.table_url(tenant, &SILVER)?, &SILVER).await?;
    let silver = silver.files()?;
    let spread = Spread::load(lake, tenant).await?;
    let live: FxHashSet<Run> = publication.live.iter().copied().collect();

    let mut touched = spread.months(&publication.changed);
    touched.extend(
        silver
            .iter()
            .filter(|f| f.run.is_some_and(|run| publication.changed.contains(&run)))
            .map(|f| f.month),
    );
    let mut tables = Vec::new();
    for source in Source::ALL {
        let url = lake.table_url(tenant, source.schema())?;
        let table = Delta::open_or_create(url, source.schema()).await?;
        touched.extend(unpublished(lake, tenant, source, &table, publication.published).await?);
        tables.push((source, table, Vec::new()));
    }
    let mut months: Vec<i32> = touched.iter().copied().collect();
    months.sort_unstable();

    let places = Arc::new(spread.places(&live));
    let mut rows = [0; 4];
    for month in &months {
        let of_month = silver
            .iter()
            .filter(|f| f.month == *month && f.run.is_some_and(|run| live.contains(&run)));
        let folder = Lake::folder(tenant, &SILVER);
        let mut frames = Vec::new();
        for file in of_month {
            frames.push(lake.objects.get(&format!("{folder}/{}", file.path)).await?);
        }
        let (places, month) = (Arc::clone(&places), *month);
        let built = tokio::task::spawn_blocking(move || {
            let frames = frames
                .into_iter()
                .map(|bytes| decode(bytes, Some(SILVER_COLUMNS)))
                .collect::<Result<Vec<_>, _>>()?;
            build(frames, &places, month)
        })
        .await??;
        for (((source, _, files), mut frame), rows) in tables.iter_mut().zip(built).zip(&mut rows) {
            if frame.height() == 0 {
                continue;
            }
            *rows += frame.height() as u64;
            let encoded = tokio::task::spawn_blocking(move || encode(&mut frame)).await??;
            let name = format!("{month}-{}.parquet", publication.name);
            let folder = Lake::folder(tenant, source.schema());
            lake.objects
                .put(&format!("{folder}/{name}"), encoded.bytes.clone())
                .await?;
            files.push(added(name, month, None, &encoded, publication.now_millis));
        }
    }
    let mut versions = GoldVersions::default();
    for (source, mut table, files) in tables {
        let replaced: Vec<_> = table
            .files()?
            .into_iter()
            .filter(|f| touched.contains(&f.month))
            .map(|f| f.remove)
            .collect();
        let version = if files.is_empty() && replaced.is_empty() {
            table.version()
        } else {
            table.commit(None, files, replaced).await?
        };
        versions.set(source, version);
    }
    Ok(Published {
        versions,
        months,
        rows,
    })
}

/// Months that differ between what everybody sees and the table's newest version: somebody was killed, or gave
/// up, after the commit and before it was made known. They are built again with whatever counts now.
async fn unpublished(
    lake: &Lake,
    tenant: TenantId,
    source: Source,
    table: &Delta,
    published: GoldVersions,
) -> Result<FxHashSet<i32>, LakeError> {
    let seen = published.of(source);
    if seen == table.version() {
        return Ok(FxHashSet::default());
    }
    let seen = match lake.gold_at(tenant, source, seen).await? {
        Some(table) => table.files()?,
        None => Vec::new(),
    };
    let now = table.files()?;
    let paths = |files: &[DataFile]| {
        files
            .iter()
            .map(|f| f.path.clone())
            .collect::<FxHashSet<_>>()
    };
    let (before, after) = (paths(&seen), paths(&now));
    Ok(seen
        .iter()
        .filter(|f| !after.contains(&f.path))
        .chain(now.iter().filter(|f| !before.contains(&f.path)))
        .map(|f| f.month)
        .collect())
}

const SILVER_COLUMNS: &[&str] = &[
    "upload",
    "upload_seq",
    "record",
    "key",
    "order_id",
    "kind",
    "at",
    "day",
    "hour",
    "month",
    "sku",
    "product_name",
    "category",
    "quantity",
    "gross",
    "discount",
    "returns",
    "tax",
    "shipping",
    "currency",
    "customer",
    "country",
    "region",
    "city",
    "channel",
    "payment_method",
    EXTRA,
];

/// The tables of one month, in the order of [`Source::ALL`].
fn build(silver: Vec<DataFrame>, places: &Places, month: i32) -> Result<[DataFrame; 4], LakeError> {
    let empty = |s: Source| empty(s.schema());
    let mut frames = silver.into_iter();
    let Some(mut all) = frames.next() else {
        return Ok(Source::ALL.map(empty));
    };
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    let lines = lines(places.still_here(current(all)?, month)?)?;
    let orders = orders(&lines)?;
    Ok([
        rollup(&lines, Source::Daily)?,
        rollup(&lines, Source::Products)?,
        orders,
        lines,
    ])
}

fn empty(schema: &TableSchema) -> DataFrame {
    let schema: Schema = schema
        .fields
        .iter()
        .map(|f| {
            let kind = match f.kind {
                Kind::Text => DataType::String,
                Kind::Int => DataType::Int32,
                Kind::Long => DataType::Int64,
            };
            Field::new(f.name.into(), kind)
        })
        .collect();
    DataFrame::empty_with_schema(&schema)
}

/// The latest version of each line.
fn current(all: DataFrame) -> Result<DataFrame, LakeError> {
    let uploads = all
        .column("upload_seq")?
        .as_materialized_series()
        .n_unique()?;
    if uploads <= 1 {
        return Ok(all);
    }
    Ok(all
        .lazy()
        .sort(["upload_seq", "record"], SortMultipleOptions::default())
        .unique_stable(
            Some(by_name(["key"], true, false)),
            UniqueKeepStrategy::Last,
        )
        .collect()?)
}

fn lines(current: DataFrame) -> Result<DataFrame, LakeError> {
    let sale = ingest::Kind::Sale as i32;
    let returned = ingest::Kind::Return as i32;
    let is = |kind: i32| col("kind").eq(lit(kind));
    Ok(current
        .lazy()
        .filter(is(sale).or(is(returned)))
        .sort(["day", "record"], SortMultipleOptions::default())
        .select([
            col("order_id"),
            is(sale).cast(DataType::Int32).alias("sale"),
            is(returned).cast(DataType::Int32).alias("returned"),
            col("at"),
            col("day"),
            col("hour"),
            col("month"),
            col("sku"),
            col("product_name"),
            col("category"),
            when(is(sale))
                .then(col("quantity"))
                .otherwise(lit(0_i64))
                .alias("units"),
            col("gross"),
            col("discount").alias("discounts"),
            col("returns"),
            col("tax").alias("taxes"),
            col("shipping"),
            col("currency"),
            col("customer"),
            col("country"),
            col("region"),
            col("city"),
            col("channel"),
            col("payment_method"),
            col("upload"),
            col("record"),
            col(EXTRA),
        ])
        .collect()?)
}

fn sums() -> Vec<Expr> {
    SUM_COLUMNS.iter().map(|name| col(*name).sum()).collect()
}

/// One row an order, day and currency. What differs between an order's lines is taken from its first.
fn orders(lines: &DataFrame) -> Result<DataFrame, LakeError> {
    let first = |name: &str| col(name).drop_nulls().first();
    let mut aggregates = vec![
        col("sale").max(),
        col("returned").max(),
        col("at").min(),
        col("hour").first(),
        col("month").first(),
    ];
    aggregates.extend(sums());
    aggregates.extend(
        [
            "customer",
            "country",
            "region",
            "city",
            "channel",
            "payment_method",
            "upload",
        ]
        .map(first),
    );
    Ok(lines
        .clone()
        .lazy()
        .group_by_stable([col("order_id"), col("day"), col("currency")])
        .agg(aggregates)
        .collect()?)
}

fn rollup(lines: &DataFrame, source: Source) -> Result<DataFrame, LakeError> {
    let mut keys = vec![col("day"), col("month")];
    keys.extend(source.keeps().iter().map(|d| col(column(d))));
    Ok(lines
        .clone()
        .lazy()
        .group_by_stable(keys)
        .agg(sums())
        .collect()?)
}
