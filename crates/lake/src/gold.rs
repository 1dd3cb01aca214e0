//! Gold: what figures are made from. A month is rebuilt whole from silver, so that the same silver
//! always gives the same gold.

mod parts;
pub(crate) mod told;

use self::parts::{PART_LINES, Parts, WHOLE_BYTES};
use crate::{
    country,
    delta::{DataFile, Delta, added},
    engine::known_sum,
    error::LakeError,
    funnel,
    parquet::{Encoded, ROW_GROUP, encode_in},
    rollup::Source,
    schema::{EXTRA, Kind, MONTH, NO_HOUR, SILVER, SUM_COLUMNS, TableSchema, column, sums_of},
    spread::{Places, Spread},
    store::{Lake, Run},
    tables::{self, PublishedTable, Table},
    zorder,
};
use ingest::DataSet;
use metrics::Query;
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
    /// Who is who: applied when figures are read.
    #[serde(default)]
    pub people: u64,
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

/// What a publication made of a data set beside orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedRows {
    /// As of [`Table::made_of`].
    pub tables: Vec<PublishedTable>,
    /// As of [`Published`]; 0 for what belongs to no month.
    pub months: Vec<i32>,
}

pub(crate) async fn publish(
    lake: &Lake,
    tenant: TenantId,
    publication: &Publication,
    published: GoldVersions,
) -> Result<Published, LakeError> {
    let spread = Spread::load(lake, tenant).await?;
    let live: FxHashSet<Run> = publication.live.iter().copied().collect();
    let places = Arc::new(spread.places(&live));
    let outputs = Source::ALL.map(|source| (source.schema(), published.of(source)));
    let rebuilt = rebuild(
        lake,
        tenant,
        (&SILVER, Some(SILVER_COLUMNS)),
        &outputs,
        publication,
        (spread.months(&publication.changed), Arc::clone(&places)),
        move |silver, month| Ok(Vec::from(build(silver, &places, month)?)),
    )
    .await?;
    let mut versions = published;
    let mut rows = [0; 4];
    for (((source, version), written), rows) in Source::ALL
        .into_iter()
        .zip(rebuilt.versions)
        .zip(rebuilt.rows)
        .zip(&mut rows)
    {
        versions.set(source, version);
        *rows = written;
    }
    Ok(Published {
        versions,
        months: rebuilt.months,
        rows,
    })
}

pub(crate) async fn publish_rows(
    lake: &Lake,
    tenant: TenantId,
    set: DataSet,
    publication: &Publication,
    published: &[(Table, u64)],
) -> Result<PublishedRows, LakeError> {
    let gold = tables::gold(set);
    let tables = Table::made_of(set);
    let outputs: Vec<_> = tables
        .iter()
        .map(|table| {
            let seen = published.iter().find(|(of, _)| of == table);
            (table.schema(), seen.map_or(0, |(_, version)| *version))
        })
        .collect();
    let count = tables.len();
    let rebuilt = rebuild(
        lake,
        tenant,
        (tables::silver(set), None),
        &outputs,
        publication,
        (FxHashSet::default(), Arc::default()),
        move |silver, month| {
            let Some(all) = stacked(silver)? else {
                return Ok(vec![DataFrame::empty(); count]);
            };
            let kept = gold.fields.iter().map(|field| col(field.name));
            let rows = latest(all)?
                .lazy()
                .select(kept.collect::<Vec<_>>())
                .collect()?;
            Ok(match set {
                DataSet::Events => {
                    let funnel = funnel::by_day(&rows, month)?;
                    vec![rows, funnel]
                }
                _ => vec![rows],
            })
        },
    )
    .await?;
    Ok(PublishedRows {
        tables: tables
            .into_iter()
            .zip(rebuilt.versions)
            .zip(rebuilt.rows)
            .map(|((table, version), rows)| PublishedTable {
                table,
                version,
                rows,
            })
            .collect(),
        months: rebuilt.months,
    })
}

/// Of each table in the order of the outputs.
struct Rebuilt {
    versions: Vec<u64>,
    months: Vec<i32>,
    rows: Vec<u64>,
}

/// Writes the months anew that the publication touches, and those of `moved`, where `places` says what of their lines
/// stands elsewhere: `build` makes of a month's live rows of
/// silver one frame for each of the outputs, which are seen by everybody in these versions.
async fn rebuild(
    lake: &Lake,
    tenant: TenantId,
    (schema, columns): (&'static TableSchema, Option<&'static [&'static str]>),
    outputs: &[(&'static TableSchema, u64)],
    publication: &Publication,
    (moved, places): (FxHashSet<i32>, Arc<Places>),
    build: impl Fn(Vec<DataFrame>, i32) -> Result<Vec<DataFrame>, LakeError> + Clone + Send + 'static,
) -> Result<Rebuilt, LakeError> {
    let silver = Delta::open_or_create(lake.table_url(tenant, schema)?, schema).await?;
    let silver = silver.files()?;
    let live: FxHashSet<Run> = publication.live.iter().copied().collect();
    let mut touched = moved;
    touched.extend(
        silver
            .iter()
            .filter(|f| f.run.is_some_and(|run| publication.changed.contains(&run)))
            .map(|f| f.month),
    );
    let mut tables = Vec::new();
    for (output, seen) in outputs {
        let table = Delta::open_or_create(lake.table_url(tenant, output)?, output).await?;
        touched.extend(unpublished(lake, tenant, output, &table, *seen).await?);
        tables.push((*output, table, Vec::new()));
    }
    let mut months: Vec<i32> = touched.iter().copied().collect();
    months.sort_unstable();

    let mut rows = vec![0; outputs.len()];
    for month in &months {
        let of_month = silver
            .iter()
            .filter(|f| f.month == *month && f.run.is_some_and(|run| live.contains(&run)));
        let folder = Lake::folder(tenant, schema);
        let mut bytes = Vec::new();
        for file in of_month {
            bytes.push(lake.objects.get(&format!("{folder}/{}", file.path)).await?);
        }
        let size: usize = bytes.iter().map(bytes::Bytes::len).sum();
        let parts = if size > WHOLE_BYTES && schema.path == SILVER.path {
            let (places, month) = (Arc::clone(&places), *month);
            tokio::task::spawn_blocking(move || {
                Parts::of_lines(bytes, PART_LINES, (&places, month))
            })
            .await??
        } else {
            Parts::whole(bytes)
        };
        let parts = Arc::new(parts);
        for part in 0..parts.len() {
            let (build, parts, month) = (build.clone(), Arc::clone(&parts), *month);
            let built =
                tokio::task::spawn_blocking(move || build(parts.frames(part, columns)?, month))
                    .await??;
            for (((output, _, files), frame), rows) in tables.iter_mut().zip(built).zip(&mut rows) {
                if frame.height() == 0 {
                    continue;
                }
                *rows += frame.height() as u64;
                let output: &'static TableSchema = output;
                let encoded = tokio::task::spawn_blocking(move || encoded(frame, output)).await??;
                let name = format!("{month}-{}-{part:03}.parquet", publication.name);
                let folder = Lake::folder(tenant, output);
                lake.objects
                    .put(&format!("{folder}/{name}"), encoded.bytes.clone())
                    .await?;
                files.push(added(name, month, None, &encoded, publication.now_millis));
            }
        }
    }
    let mut versions = Vec::new();
    for (_, mut table, files) in tables {
        let replaced: Vec<_> = table
            .files()?
            .into_iter()
            .filter(|f| touched.contains(&f.month))
            .map(|f| f.remove)
            .collect();
        versions.push(if files.is_empty() && replaced.is_empty() {
            table.version()
        } else {
            table.commit(None, files, replaced).await?
        });
    }
    Ok(Rebuilt {
        versions,
        months,
        rows,
    })
}

/// A data file of a table, its rows in the table's order.
pub(crate) fn encoded(frame: DataFrame, schema: &TableSchema) -> Result<Encoded, LakeError> {
    let (mut frame, rows) = match schema.clustered {
        [] => (frame, ROW_GROUP),
        columns => zorder::sorted(frame, columns, zorder::CELL)?,
    };
    encode_in(&mut frame, rows)
}

/// Months that differ between what everybody sees and the table's newest version: somebody was killed, or gave
/// up, after the commit and before it was made known. They are built again with whatever counts now.
async fn unpublished(
    lake: &Lake,
    tenant: TenantId,
    schema: &'static TableSchema,
    table: &Delta,
    seen: u64,
) -> Result<FxHashSet<i32>, LakeError> {
    if seen == table.version() {
        return Ok(FxHashSet::default());
    }
    let seen = match Delta::open_at(lake.table_url(tenant, schema)?, schema, seen).await? {
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
    "tells",
    "has_tax",
    "has_shipping",
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
    let Some(all) = stacked(silver)? else {
        return Ok(Source::ALL.map(empty));
    };
    let lines = lines(places.still_here(current(all, places, month)?, month)?)?;
    let orders = orders(&lines)?;
    Ok([
        rollup(&lines, &Source::Daily.query())?,
        rollup(&lines, &Source::Products.query())?,
        orders,
        lines,
    ])
}

/// The rows of all frames in one; `None` of no frames.
fn stacked(frames: Vec<DataFrame>) -> Result<Option<DataFrame>, LakeError> {
    let mut frames = frames.into_iter();
    let Some(mut all) = frames.next() else {
        return Ok(None);
    };
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    Ok(Some(all))
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

/// The latest version of each line, without those that their order lost. Within one upload each line has a key of its
/// own.
fn current(mut all: DataFrame, places: &Places, month: i32) -> Result<DataFrame, LakeError> {
    let uploads = all
        .column("upload_seq")?
        .as_materialized_series()
        .n_unique()?;
    if uploads <= 1 && places.is_empty() {
        return Ok(all);
    }
    const LOST: &str = "lost";
    let mut lines = Vec::new();
    told::read(&all, 0, (places, month), &mut lines)?;
    let lost: BooleanChunked = told::lost(lines, &[all.height()])
        .into_iter()
        .flatten()
        .collect();
    all.with_column(lost.with_name(LOST.into()).into_series().into())?;
    let latest = latest(all)?;
    let stays = !latest.column(LOST)?.bool()?;
    Ok(latest.filter(&stays)?)
}

fn latest(all: DataFrame) -> Result<DataFrame, LakeError> {
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
    // What a file has no column for is not known, and not 0.
    let said = |has: &str, amount: &str, name: &str| {
        let said = when(col(has).eq(lit(1))).then(col(amount));
        said.otherwise(lit(NULL)).alias(name)
    };
    let mut lines = current
        .lazy()
        .filter(is(sale).or(is(returned)))
        .sort(["day", "record"], SortMultipleOptions::default())
        .select([
            col("order_id"),
            is(sale).cast(DataType::Int32).alias("sale"),
            is(returned).cast(DataType::Int32).alias("returned"),
            col("at"),
            col("day"),
            when(col("hour").neq(lit(NO_HOUR)))
                .then(col("hour"))
                .otherwise(lit(NULL))
                .alias("hour"),
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
            said("has_tax", "tax", "taxes"),
            said("has_shipping", "shipping", "shipping"),
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
        .collect()?;
    let countries = country::names(lines.column("country")?.str()?);
    lines.with_column(countries.into_series().into())?;
    Ok(lines)
}

/// The sums of what is known; of nothing known, nothing.
fn sums(
    lines: &DataFrame,
    columns: impl IntoIterator<Item = &'static str>,
) -> PolarsResult<Vec<Expr>> {
    let sum = |name| {
        let nulls = lines.column(name)?.null_count();
        Ok(match nulls {
            0 => col(name).sum(),
            _ => known_sum(name),
        })
    };
    columns.into_iter().map(sum).collect()
}

/// One row an order, day, currency and upload. What else differs between an order's lines is taken from its first of the
/// day, whosever it is: who bought and where is said of the whole order.
fn orders(lines: &DataFrame) -> Result<DataFrame, LakeError> {
    const ORDER: [&str; 3] = ["order_id", "day", "currency"];
    const SAID: [&str; 6] = [
        "customer",
        "country",
        "region",
        "city",
        "channel",
        "payment_method",
    ];
    let mut aggregates = vec![
        col("sale").max(),
        col("returned").max(),
        col("at").min(),
        col("hour").first(),
        col("month").first(),
    ];
    aggregates.extend(sums(lines, SUM_COLUMNS)?);
    aggregates.extend(SAID.map(|name| col(name).drop_nulls().first()));
    let orders = lines
        .clone()
        .lazy()
        .group_by_stable(
            ORDER
                .iter()
                .chain(&["upload"])
                .map(|key| col(*key))
                .collect::<Vec<_>>(),
        )
        .agg(aggregates)
        .collect()?;
    let uploads = orders.column("upload")?.as_materialized_series();
    if uploads.n_unique()? <= 1 {
        return Ok(orders);
    }
    let of_whole = SAID
        .into_iter()
        .map(|name| col(name).drop_nulls().first().over(ORDER.map(col)))
        .collect::<PolarsResult<Vec<_>>>()?;
    Ok(orders.lazy().with_columns(of_whole).collect()?)
}

/// The answer to the query, with the month that its rows are stored by.
fn rollup(lines: &DataFrame, query: &Query) -> Result<DataFrame, LakeError> {
    let keys = query.by.iter().map(column).chain([MONTH]).map(col);
    Ok(lines
        .clone()
        .lazy()
        .group_by_stable(keys.collect::<Vec<_>>())
        .agg(sums(lines, sums_of(query))?)
        .collect()?)
}
