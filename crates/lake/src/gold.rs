//! Gold: what figures are made from. A month is rebuilt whole from silver, so that the same silver
//! always gives the same gold.

use crate::{
    delta::{Delta, added},
    error::LakeError,
    parquet::{decode, encode},
    rollup::Source,
    schema::{Kind, SILVER, SUM_COLUMNS, TableSchema, column},
    store::Lake,
};
use polars::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
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

#[derive(Clone, Copy, Debug)]
pub struct Published {
    pub versions: GoldVersions,
}

pub(crate) async fn publish(
    lake: &Lake,
    tenant: TenantId,
    application: &str,
    months: &[i32],
    now_millis: i64,
) -> Result<Published, LakeError> {
    let touched: FxHashSet<i32> = months.iter().copied().collect();
    let silver = Delta::open_or_create(lake.table_url(tenant, &SILVER)?, &SILVER).await?;
    let silver_files = silver.files()?;
    let silver_folder = Lake::folder(tenant, &SILVER);

    let mut tables = Vec::new();
    for source in Source::ALL {
        let url = lake.table_url(tenant, source.schema())?;
        let table = Delta::open_or_create(url, source.schema()).await?;
        let done = table.holds(application).await?;
        tables.push((source, table, done, Vec::new()));
    }
    for month in months {
        if tables.iter().all(|(_, _, done, _)| *done) {
            break;
        }
        let mut frames = Vec::new();
        for file in silver_files.iter().filter(|f| f.month == *month) {
            let bytes = lake
                .objects
                .get(&format!("{silver_folder}/{}", file.path))
                .await?;
            frames.push(bytes);
        }
        let built = tokio::task::spawn_blocking(move || {
            let frames = frames
                .into_iter()
                .map(|bytes| decode(bytes, Some(SILVER_COLUMNS)))
                .collect::<Result<Vec<_>, _>>()?;
            build(frames)
        })
        .await??;
        for ((source, _, done, files), mut frame) in tables.iter_mut().zip(built) {
            if *done || frame.height() == 0 {
                continue;
            }
            let encoded = tokio::task::spawn_blocking(move || encode(&mut frame)).await??;
            let name = format!("{month}-{application}.parquet");
            let folder = Lake::folder(tenant, source.schema());
            lake.objects
                .put(&format!("{folder}/{name}"), encoded.bytes.clone())
                .await?;
            files.push(added(name, *month, &encoded, now_millis));
        }
    }
    let mut versions = GoldVersions::default();
    for (source, mut table, done, files) in tables {
        let version = if done {
            table.version()
        } else {
            let replaced = table
                .files()?
                .into_iter()
                .filter(|f| touched.contains(&f.month))
                .map(|f| f.remove)
                .collect();
            table.commit(application, files, replaced).await?
        };
        versions.set(source, version);
    }
    Ok(Published { versions })
}

const SILVER_COLUMNS: &[&str] = &[
    "upload",
    "upload_seq",
    "record",
    "order_id",
    "line",
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
];

/// The tables of one month, in the order of [`Source::ALL`].
fn build(silver: Vec<DataFrame>) -> Result<[DataFrame; 4], LakeError> {
    let empty = |s: Source| empty(s.schema());
    let mut frames = silver.into_iter();
    let Some(mut all) = frames.next() else {
        return Ok(Source::ALL.map(empty));
    };
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    let lines = lines(current(all)?)?;
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

/// The latest version of each line: key is the order, the product and the n-th occurrence of the two.
fn current(all: DataFrame) -> Result<DataFrame, LakeError> {
    let uploads = all
        .column("upload_seq")?
        .as_materialized_series()
        .n_unique()?;
    if uploads <= 1 {
        return Ok(all);
    }
    let product = when(col("sku").is_null())
        .then(col("product_name"))
        .otherwise(col("sku"))
        .alias("key_product");
    Ok(all
        .lazy()
        .with_column(product)
        .sort(["upload_seq", "record"], SortMultipleOptions::default())
        .unique_stable(
            Some(by_name(["order_id", "key_product", "line"], true, false)),
            UniqueKeepStrategy::Last,
        )
        .drop(by_name(["key_product"], true, false))
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
    keys.extend(source.keeps().iter().map(|d| col(column(*d))));
    Ok(lines
        .clone()
        .lazy()
        .group_by_stable(keys)
        .agg(sums())
        .collect()?)
}
