//! A tenant's gold in memory: every column an integer, texts behind one dictionary, one frame a data
//! file, so that a new version loads only the months that changed.

use crate::{
    error::LakeError,
    extra,
    gold::GoldVersions,
    parquet::decode,
    rollup::Source,
    schema::{EXTRA, Field, Kind, TableSchema},
    store::Lake,
};
use metrics::ExtraColumn;
use polars::prelude::{ChunkAgg, Column, DataFrame, DataType, PolarsResult, Schema};
use rustc_hash::FxHashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Mutex, OnceCell};
use types::{Day, Period, TenantId};

/// Columns of data files that are held beside the frames.
const EXTRAS: usize = 512;

/// The code of "not known".
pub(crate) const UNKNOWN: u32 = 0;

/// Texts and their codes, from 1; it only grows.
#[derive(Debug)]
pub(crate) struct Dictionary {
    codes: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            codes: FxHashMap::default(),
            texts: vec!["".into()],
        }
    }
}

impl Dictionary {
    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return UNKNOWN;
        }
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let text: Arc<str> = text.into();
        let code = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Arc::clone(&text));
        self.codes.insert(text, code);
        code
    }
}

#[derive(Debug, Default)]
pub(crate) struct Hot {
    dictionary: RwLock<Dictionary>,
    /// Frames of data files by path; files are never changed once written.
    files: Mutex<FxHashMap<String, DataFrame>>,
    /// Columns made of what is in no frame, by their name and the data file.
    extras: Mutex<FxHashMap<(ExtraColumn, String), Column>>,
    current: Mutex<Option<Arc<Snapshot>>>,
}

/// One version of a tenant's figures.
#[derive(Debug)]
pub struct Snapshot {
    pub versions: GoldVersions,
    hot: Arc<Hot>,
    tenant: TenantId,
    frames: [OnceCell<DataFrame>; 4],
    facts: OnceCell<Facts>,
}

/// What is asked of a store again and again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub days: Option<Period>,
    /// Codes of the currencies, the one with most lines first.
    pub currencies: Vec<u32>,
}

impl Hot {
    pub async fn snapshot(
        self: &Arc<Self>,
        lake: &Lake,
        tenant: TenantId,
        versions: GoldVersions,
    ) -> Result<Arc<Snapshot>, LakeError> {
        let mut current = self.current.lock().await;
        if let Some(snapshot) = current.as_ref()
            && snapshot.versions == versions
        {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(Snapshot {
            versions,
            hot: Arc::clone(self),
            tenant,
            frames: Default::default(),
            facts: OnceCell::new(),
        });
        snapshot.forget_replaced(lake).await?;
        *current = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// The codes of texts, which are given one where they have none.
    pub fn codes<'a>(&self, texts: impl Iterator<Item = Option<&'a str>>) -> Vec<u32> {
        let mut dictionary = self
            .dictionary
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut last: Option<(&str, u32)> = None;
        texts
            .map(|text| {
                let text = text.unwrap_or_default();
                match last {
                    Some((known, code)) if known == text => code,
                    _ => {
                        let code = dictionary.code(text);
                        last = Some((text, code));
                        code
                    }
                }
            })
            .collect()
    }

    fn encode(&self, schema: &TableSchema, frame: &DataFrame) -> Result<DataFrame, LakeError> {
        let columns = kept(schema)
            .map(|field| {
                let column = frame.column(field.name)?;
                if field.kind != Kind::Text {
                    return Ok(column.clone());
                }
                let codes = self.codes(column.str()?.iter());
                Ok(Column::new(field.name.into(), codes))
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        Ok(DataFrame::new(frame.height(), columns)?)
    }
}

impl Snapshot {
    /// Frees the frames of files that this version no longer has.
    async fn forget_replaced(&self, lake: &Lake) -> Result<(), LakeError> {
        let mut kept = rustc_hash::FxHashSet::default();
        for source in Source::ALL {
            kept.extend(self.paths(lake, source).await?);
        }
        self.hot
            .files
            .lock()
            .await
            .retain(|path, _| kept.contains(path));
        self.hot
            .extras
            .lock()
            .await
            .retain(|(_, path), _| kept.contains(path));
        Ok(())
    }

    async fn paths(&self, lake: &Lake, source: Source) -> Result<Vec<String>, LakeError> {
        let version = self.versions.of(source);
        let Some(table) = lake.gold_at(self.tenant, source, version).await? else {
            return Ok(Vec::new());
        };
        let folder = Lake::folder(self.tenant, source.schema());
        let mut files = table.files()?;
        files.sort_unstable_by(|a, b| (a.month, &a.path).cmp(&(b.month, &b.path)));
        Ok(files
            .into_iter()
            .map(|f| format!("{folder}/{}", f.path))
            .collect())
    }

    pub(crate) async fn frame(&self, lake: &Lake, source: Source) -> Result<DataFrame, LakeError> {
        self.frames[source as usize]
            .get_or_try_init(|| self.load(lake, source))
            .await
            .cloned()
    }

    async fn load(&self, lake: &Lake, source: Source) -> Result<DataFrame, LakeError> {
        let mut whole: Option<DataFrame> = None;
        let mut files = self.hot.files.lock().await;
        for path in self.paths(lake, source).await? {
            let frame = match files.get(&path) {
                Some(frame) => frame.clone(),
                None => {
                    let bytes = lake.objects.get(&path).await?;
                    let hot = Arc::clone(&self.hot);
                    let frame = tokio::task::spawn_blocking(move || {
                        let columns: Vec<_> = kept(source.schema()).map(|f| f.name).collect();
                        hot.encode(source.schema(), &decode(bytes, Some(&columns))?)
                    })
                    .await??;
                    files.insert(path, frame.clone());
                    frame
                }
            };
            match &mut whole {
                Some(whole) => {
                    whole.vstack_mut_owned(frame)?;
                }
                None => whole = Some(frame),
            }
        }
        drop(files);
        let mut whole = match whole {
            Some(whole) => whole,
            None => empty(source.schema()),
        };
        if source == Source::Orders {
            whole = with_firsts(whole)?;
        }
        Ok(whole)
    }

    /// The codes of a column that is not mapped, in the order of the frame of lines.
    pub(crate) async fn extra(&self, lake: &Lake, name: ExtraColumn) -> Result<Column, LakeError> {
        let mut extras = self.hot.extras.lock().await;
        if extras.keys().any(|(of, _)| *of != name) && extras.len() > EXTRAS {
            extras.retain(|(of, _), _| *of == name);
        }
        let mut whole = extra::codes(name, Vec::new());
        for path in self.paths(lake, Source::Lines).await? {
            let key = (name, path);
            let column = match extras.get(&key) {
                Some(column) => column.clone(),
                None => {
                    let bytes = lake.objects.get(&key.1).await?;
                    let hot = Arc::clone(&self.hot);
                    let column = tokio::task::spawn_blocking(move || {
                        let texts = extra::texts(bytes, name)?;
                        let codes = hot.codes(texts.iter().map(Option::as_deref));
                        Ok::<_, LakeError>(extra::codes(name, codes))
                    })
                    .await??;
                    extras.insert(key, column.clone());
                    column
                }
            };
            whole.append_owned(column)?;
        }
        Ok(whole)
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
        let dictionary = self
            .hot
            .dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let index = usize::try_from(code).unwrap_or(0);
        dictionary
            .texts
            .get(index)
            .map(|t| t.to_string())
            .unwrap_or_default()
    }

    /// `None` where no row has this text.
    pub(crate) fn code(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(UNKNOWN);
        }
        self.hot
            .dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .codes
            .get(text)
            .copied()
    }
}

/// What is held in memory of a table.
fn kept(schema: &TableSchema) -> impl Iterator<Item = &Field> {
    schema.fields.iter().filter(|f| f.name != EXTRA)
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
