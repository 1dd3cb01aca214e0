//! One version of a tenant's figures: which rows of which files a question is answered from.

use crate::{
    delta::DataFile,
    error::LakeError,
    extra,
    gold::GoldVersions,
    hot::{Hot, Rows, UNKNOWN, kept},
    people::Persons,
    rollup::Source,
    schema::{Kind, TableSchema, column},
    store::Lake,
    wanted::Wanted,
};
use metrics::{Dimension, ExtraColumn};
use polars::prelude::{ChunkAgg, Column, DataFrame, DataType, Schema};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use tokio::sync::OnceCell;
use types::{Day, Period, TenantId};

/// Data files in which unmapped columns are looked for, and the most that are offered.
const LOOKED_AT: usize = 12;
const OFFERED: usize = 24;

/// One version of a tenant's figures.
#[derive(Debug)]
pub struct Snapshot {
    pub versions: GoldVersions,
    hot: Arc<Hot>,
    tenant: TenantId,
    files: [OnceCell<Vec<DataFile>>; 4],
    frames: [OnceCell<DataFrame>; 4],
    persons: OnceCell<Persons>,
    facts: OnceCell<Facts>,
    /// Columns of the orders in which anything stands.
    known: OnceCell<FxHashSet<&'static str>>,
    extras: OnceCell<Vec<ExtraColumn>>,
}

/// What is asked of a store again and again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub days: Option<Period>,
    /// Codes of the currencies, the one with most lines first.
    pub currencies: Vec<u32>,
}

/// Rows of a data file of the lines.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    path: String,
    rows: Rows,
}

impl Snapshot {
    pub(crate) fn new(hot: Arc<Hot>, tenant: TenantId, versions: GoldVersions) -> Self {
        Self {
            versions,
            hot,
            tenant,
            files: Default::default(),
            frames: Default::default(),
            persons: OnceCell::new(),
            facts: OnceCell::new(),
            known: OnceCell::new(),
            extras: OnceCell::new(),
        }
    }

    /// The data files of all tables, whole paths.
    pub(crate) async fn all_paths(&self, lake: &Lake) -> Result<FxHashSet<String>, LakeError> {
        let mut paths = FxHashSet::default();
        for source in Source::ALL {
            paths.extend(
                self.files(lake, source)
                    .await?
                    .iter()
                    .map(|f| f.path.clone()),
            );
        }
        Ok(paths)
    }

    /// The data files of a table in the order of its rows, with whole paths.
    async fn files(&self, lake: &Lake, source: Source) -> Result<&[DataFile], LakeError> {
        let files = self.files[source as usize].get_or_try_init(|| async {
            let version = self.versions.of(source);
            let Some(table) = lake.gold_at(self.tenant, source, version).await? else {
                return Ok(Vec::new());
            };
            let folder = Lake::folder(self.tenant, source.schema());
            let mut files = table.files()?;
            files.sort_unstable_by(|a, b| (a.month, &a.path).cmp(&(b.month, &b.path)));
            for file in &mut files {
                file.path = format!("{folder}/{}", file.path);
            }
            Ok::<_, LakeError>(files)
        });
        Ok(files.await?)
    }

    pub(crate) async fn frame(&self, lake: &Lake, source: Source) -> Result<DataFrame, LakeError> {
        self.frames[source as usize]
            .get_or_try_init(|| self.load(lake, source))
            .await
            .cloned()
    }

    async fn load(&self, lake: &Lake, source: Source) -> Result<DataFrame, LakeError> {
        let mut frames = Vec::new();
        for file in self.files(lake, source).await? {
            frames.push(self.hot.file(lake, source, &file.path).await?);
        }
        let whole = stacked(frames, source.schema())?;
        match source {
            Source::Orders => with_firsts(self.persons(lake).await?.as_one(whole)?),
            Source::Lines => self.persons(lake).await?.as_one(whole),
            _ => Ok(whole),
        }
    }

    async fn persons(&self, lake: &Lake) -> Result<&Persons, LakeError> {
        let (tenant, version) = (self.tenant, self.versions.people);
        self.persons
            .get_or_try_init(|| Persons::load(lake, &self.hot, tenant, version))
            .await
    }

    /// The lines among which all are that are wanted, and where they stand.
    pub(crate) async fn lines(
        &self,
        lake: &Lake,
        wanted: &Wanted,
    ) -> Result<(DataFrame, Vec<Part>), LakeError> {
        let files = self.files(lake, Source::Lines).await?;
        if wanted.is_all() {
            let frame = self.frame(lake, Source::Lines).await?;
            let whole = |file: &DataFile| Part {
                path: file.path.clone(),
                rows: None,
            };
            return Ok((frame, files.iter().map(whole).collect()));
        }
        let persons = self.persons(lake).await?;
        let wanted = &wanted.by_any_name(|name| {
            let names = self.code(name).map_or(&[][..], |code| persons.names(code));
            names.iter().map(|name| (**name).to_owned()).collect()
        });
        let (mut frames, mut parts) = (Vec::new(), Vec::new());
        for file in files.iter().filter(|file| wanted.may_be_in(file.days)) {
            let (rows, of_file) = self.hot.part(lake, &file.path, wanted).await?;
            frames.extend(of_file);
            parts.push(Part {
                path: file.path.clone(),
                rows,
            });
        }
        let lines = stacked(frames, Source::Lines.schema())?;
        Ok((persons.as_one(lines)?, parts))
    }

    /// The codes of a column that is not mapped, in the order of the lines.
    pub(crate) async fn extra(
        &self,
        lake: &Lake,
        name: ExtraColumn,
        parts: &[Part],
    ) -> Result<Column, LakeError> {
        let mut whole = extra::codes(name, Vec::new());
        for Part { path, rows } in parts {
            let column = self.hot.extra(lake, name, path).await?;
            let Some(rows) = rows else {
                whole.append_owned(column)?;
                continue;
            };
            for rows in rows {
                let start = i64::try_from(rows.start).unwrap_or(i64::MAX);
                whole.append_owned(column.slice(start, rows.len()))?;
            }
        }
        Ok(whole)
    }

    /// Columns that are not mapped and that figures can be asked by, in the order of the files: of lines of all times,
    /// the latest first, but not of every line.
    pub async fn extra_columns(&self, lake: &Lake) -> Result<&[ExtraColumn], LakeError> {
        let found = self.extras.get_or_try_init(|| async {
            let mut found = Vec::new();
            let files = self.files(lake, Source::Lines).await?;
            let step = files.len().div_ceil(LOOKED_AT).max(1);
            for file in files.iter().rev().step_by(step) {
                let bytes = lake.objects.get(&file.path).await?;
                let names = tokio::task::spawn_blocking(move || extra::names(&bytes)).await??;
                for name in names {
                    if found.len() < OFFERED && !found.contains(&name) {
                        found.push(name);
                    }
                }
            }
            Ok::<_, LakeError>(found)
        });
        Ok(found.await?)
    }

    /// Those of the dimensions of which anything is known.
    pub async fn known(
        &self,
        lake: &Lake,
        dimensions: &[Dimension],
    ) -> Result<Vec<Dimension>, LakeError> {
        let known = self.known.get_or_try_init(|| async {
            let orders = self.frame(lake, Source::Orders).await?;
            let mut known = FxHashSet::default();
            let texts = Source::Orders.schema().fields.iter();
            for field in texts.filter(|field| field.kind == Kind::Text) {
                let codes = orders.column(field.name)?.u32()?;
                if codes.max().is_some_and(|code| code != UNKNOWN) {
                    known.insert(field.name);
                }
            }
            Ok::<_, LakeError>(known)
        });
        let known = known.await?;
        let asked = dimensions.iter().copied();
        Ok(asked.filter(|d| known.contains(column(d))).collect())
    }

    pub(crate) async fn facts(&self, lake: &Lake) -> Result<&Facts, LakeError> {
        self.facts
            .get_or_try_init(|| async {
                let daily = self.frame(lake, Source::Daily).await?;
                let days = daily.column("day")?.i32()?;
                let days = match (days.min(), days.max()) {
                    (Some(from), Some(to)) => Period::new(Day(from), Day(to)),
                    _ => None,
                };
                let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
                for code in daily.column("currency")?.u32()?.iter().flatten() {
                    *counts.entry(code).or_default() += 1;
                }
                let mut currencies: Vec<u32> = counts.keys().copied().collect();
                currencies
                    .sort_unstable_by_key(|c| (std::cmp::Reverse(counts.get(c).copied()), *c));
                Ok(Facts { days, currencies })
            })
            .await
    }

    /// The days with figures.
    pub async fn days(&self, lake: &Lake) -> Result<Option<Period>, LakeError> {
        Ok(self.facts(lake).await?.days)
    }

    /// The currencies of the figures, the commonest first.
    pub async fn currencies(&self, lake: &Lake) -> Result<Vec<String>, LakeError> {
        let codes = &self.facts(lake).await?.currencies;
        Ok(codes.iter().map(|c| self.text(*c)).collect())
    }

    pub(crate) fn text(&self, code: u32) -> String {
        self.hot.text(code)
    }

    /// The code of the customer who has this one, once rows that name customers were read.
    pub(crate) fn person(&self, code: u32) -> u32 {
        self.persons.get().map_or(code, |persons| persons.of(code))
    }

    /// `None` where no row that was read has this text.
    pub(crate) fn code(&self, text: &str) -> Option<u32> {
        self.hot.code(text)
    }
}

fn stacked(frames: Vec<DataFrame>, schema: &TableSchema) -> Result<DataFrame, LakeError> {
    let mut frames = frames.into_iter();
    let Some(mut whole) = frames.next() else {
        return Ok(empty(schema));
    };
    for frame in frames {
        whole.vstack_mut_owned(frame)?;
    }
    Ok(whole)
}

fn empty(schema: &TableSchema) -> DataFrame {
    let schema: Schema = kept(schema)
        .map(|f| {
            let kind = match f.kind {
                Kind::Text => DataType::UInt32,
                Kind::Int => DataType::Int32,
                Kind::Long => DataType::Int64,
            };
            polars::prelude::Field::new(f.name.into(), kind)
        })
        .chain([polars::prelude::Field::new("first".into(), DataType::Int32)])
        .collect();
    DataFrame::empty_with_schema(&schema)
}

/// Adds `first`: 1 on the rows of the order with which a customer began.
fn with_firsts(orders: DataFrame) -> Result<DataFrame, LakeError> {
    let mut began: FxHashMap<u32, (i64, u32)> = FxHashMap::default();
    let customers = orders.column("customer")?.u32()?.clone();
    let numbers = orders.column("order_id")?.u32()?.clone();
    let times = orders.column("at")?.i64()?.clone();
    let sales = orders.column("sale")?.i32()?.clone();
    let rows = || {
        customers
            .iter()
            .zip(numbers.iter())
            .zip(times.iter())
            .zip(sales.iter())
            .map(|(((customer, order), at), sale)| {
                (
                    customer.unwrap_or(UNKNOWN),
                    order.unwrap_or(UNKNOWN),
                    at.unwrap_or(i64::MAX),
                    sale == Some(1),
                )
            })
    };
    for (customer, order, at, sale) in rows() {
        if sale && customer != UNKNOWN {
            let first = began.entry(customer).or_insert((at, order));
            if (at, order) < *first {
                *first = (at, order);
            }
        }
    }
    let firsts: Vec<i32> = rows()
        .map(|(customer, order, _, sale)| {
            let is_first = began
                .get(&customer)
                .is_some_and(|(_, first)| *first == order);
            i32::from(sale && customer != UNKNOWN && is_first)
        })
        .collect();
    let mut orders = orders;
    orders.with_column(Column::new("first".into(), firsts))?;
    Ok(orders)
}
