//! What lines that are not imported yet would change in what is there.

use crate::{
    delta::Delta,
    error::LakeError,
    gold::told::{self, Told},
    parquet::decode,
    spread::Places,
    store::{Lake, Run},
    tables,
};
use ingest::{DataRow, DataSet, Kind, Line, StableHash, Telling};
use polars::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::time::{Duration, Instant};
use types::TenantId;

/// New, changed and as they were before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// What the lines would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// An order is changed when one of its lines is new to it or another than before.
    pub orders: Changes,
    /// Unchanged: the same line is there already, or a later upload has it.
    pub lines: Changes,
    /// Changed: the same customer under another name.
    pub customers: Changes,
    /// Changed: the same SKU with another name or category.
    pub products: Changes,
    /// Lines that are there and that the orders would have no more.
    #[serde(default)]
    pub lost: u64,
    /// Orders of the days from the first candidate to the last that are there and not among the candidates: they stay.
    #[serde(default)]
    pub absent: u64,
    /// Whether all that is there was looked at: the time is bounded.
    pub complete: bool,
}

/// Lines to be compared, as numbers: some 60 bytes each.
#[derive(Debug, Default)]
pub struct Candidates {
    lines: FxHashMap<i64, Candidate>,
    orders: FxHashSet<u64>,
    customers: FxHashMap<u64, u64>,
    products: FxHashMap<u64, u64>,
    /// The first and the last.
    days: Option<(i32, i32)>,
    /// [`Telling`], as a number.
    tells: i32,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    hash: i64,
    order: u64,
    day: i32,
    at: i64,
}

/// Lines of the same orders that are looked at, 64 bytes each.
const TOLD: usize = 1_000_000;
/// Other orders that are counted, some 32 bytes each.
const OTHERS: usize = 1_000_000;

/// The latest that is known of something, by the upload's place and the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Latest {
    seq: i64,
    record: i64,
    hash: i64,
}

fn hash(texts: &[Option<&str>]) -> u64 {
    texts
        .iter()
        .fold(StableHash::default(), |hash, text| hash.optional(*text))
        .finish()
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

impl Candidates {
    /// None yet, of an upload that tells this much of orders.
    pub fn of(tells: Telling) -> Self {
        Self {
            tells: tells as i32,
            ..Self::default()
        }
    }

    pub fn add(&mut self, line: &Line) {
        let order = told::order(Some(&line.order_id));
        self.orders.insert(order);
        let day = line.day.0;
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
        let candidate = Candidate {
            hash: line.hash.cast_signed(),
            order,
            day: line.day.0,
            at: line.at,
        };
        self.lines.insert(line.key.cast_signed(), candidate);
        if let Some(customer) = &line.customer {
            let details = line.details.as_deref();
            let name = details.and_then(|details| details.customer_name.as_deref());
            let about = hash(&[name]);
            self.customers.insert(hash(&[Some(customer)]), about);
        }
        if let Some(sku) = given(&line.sku) {
            let about = hash(&[given(&line.product_name), line.category.as_deref()]);
            self.products.insert(hash(&[Some(sku)]), about);
        }
    }

    /// A row of a data set beside orders.
    pub fn add_row(&mut self, row: &DataRow) {
        let candidate = Candidate {
            hash: row.hash.cast_signed(),
            order: 0,
            day: 0,
            at: 0,
        };
        self.lines.insert(row.key.cast_signed(), candidate);
    }
}

/// What is there of the candidates.
#[derive(Debug, Default)]
struct Found {
    lines: FxHashMap<i64, Latest>,
    orders: FxHashSet<u64>,
    customers: FxHashMap<u64, Latest>,
    products: FxHashMap<u64, Latest>,
    /// Lines of the same orders.
    told: Vec<Told>,
    /// Orders that are no candidates: the place of the latest upload that has them, and whether it has them on the
    /// candidates' days.
    others: FxHashMap<u64, (i64, bool)>,
}

/// Those of every data set first.
const COLUMNS: &[&str] = &[
    "upload_seq",
    "record",
    "key",
    "hash",
    "order_id",
    "sku",
    "product_name",
    "category",
    "customer",
    "customer_name",
    "day",
    "at",
    "tells",
    "kind",
];

/// Compares the candidates, as an upload in the place `seq`, with the lines of the runs that count.
pub(crate) async fn compare(
    lake: &Lake,
    tenant: TenantId,
    (set, live): (DataSet, &[Run]),
    seq: i64,
    candidates: Candidates,
    time: Duration,
) -> Result<Effect, LakeError> {
    let silver = tables::silver(set);
    let columns = match set {
        DataSet::Orders => COLUMNS,
        _ => &COLUMNS[..4],
    };
    let started = Instant::now();
    let mut found = Found::default();
    let mut candidates = candidates;
    let mut complete = true;
    if let Some(table) = Delta::open(lake.table_url(tenant, silver)?, silver).await? {
        let folder = Lake::folder(tenant, silver);
        for file in table.files()? {
            if !file.run.is_some_and(|run| live.contains(&run)) {
                continue;
            }
            if started.elapsed() > time {
                complete = false;
                break;
            }
            let bytes = lake.objects.get(&format!("{folder}/{}", file.path)).await?;
            (candidates, found) = tokio::task::spawn_blocking(move || {
                let frame = decode(bytes, Some(columns))?;
                found.look(&frame, &candidates)?;
                if set == DataSet::Orders {
                    found.look_at_orders(&frame, &candidates)?;
                }
                Ok::<_, LakeError>((candidates, found))
            })
            .await??;
        }
    }
    complete &= found.told.len() < TOLD && found.others.len() < OTHERS;
    tokio::task::spawn_blocking(move || {
        Ok(Effect {
            complete,
            ..found.effect(&candidates, seq)
        })
    })
    .await?
}

impl Found {
    fn look(&mut self, frame: &DataFrame, wanted: &Candidates) -> Result<(), LakeError> {
        let places = places(frame)?;
        let long = |name: &str| Ok::<_, LakeError>(frame.column(name)?.i64()?);
        let (keys, hashes) = (long("key")?, long("hash")?);
        for (row, place) in places.into_iter().enumerate() {
            let key = keys.get(row).unwrap_or(0);
            if wanted.lines.contains_key(&key) {
                let latest = place.with(hashes.get(row).unwrap_or(0));
                keep(&mut self.lines, key, latest);
            }
        }
        Ok(())
    }

    fn look_at_orders(&mut self, frame: &DataFrame, wanted: &Candidates) -> Result<(), LakeError> {
        let text = |name: &str| Ok::<_, LakeError>(frame.column(name)?.str()?);
        let (skus, names, categories) = (text("sku")?, text("product_name")?, text("category")?);
        let kinds = frame.column("kind")?.i32()?;
        let (customers, customer_names) = (text("customer")?, text("customer_name")?);
        let mut lines = Vec::new();
        told::read(frame, 0, (&Places::default(), 0), &mut lines)?;
        for ((row, place), line) in places(frame)?.into_iter().enumerate().zip(lines) {
            if wanted.orders.contains(&line.order) {
                self.orders.insert(line.order);
                if self.told.len() < TOLD {
                    self.told.push(line);
                }
            } else if kinds.get(row) == Some(Kind::Sale as i32) {
                self.meet(&line, wanted.days);
            }
            if let Some(customer) = customers.get(row) {
                let customer = hash(&[Some(customer)]);
                if wanted.customers.contains_key(&customer) {
                    let about = hash(&[customer_names.get(row)]).cast_signed();
                    keep(&mut self.customers, customer, place.with(about));
                }
            }
            if let Some(sku) = skus.get(row) {
                let product = hash(&[Some(sku)]);
                if wanted.products.contains_key(&product) {
                    let about = hash(&[names.get(row), categories.get(row)]).cast_signed();
                    keep(&mut self.products, product, place.with(about));
                }
            }
        }
        Ok(())
    }

    /// A sale that is none of the candidates.
    fn meet(&mut self, line: &Told, days: Option<(i32, i32)>) {
        let here = days.is_some_and(|(first, last)| (first..=last).contains(&line.day));
        if self.others.len() >= OTHERS && !self.others.contains_key(&line.order) {
            return;
        }
        let (latest, among) = self.others.entry(line.order).or_insert((line.seq, here));
        match line.seq.cmp(latest) {
            Ordering::Greater => (*latest, *among) = (line.seq, here),
            Ordering::Equal => *among |= here,
            Ordering::Less => {}
        }
    }

    fn effect(&self, candidates: &Candidates, seq: i64) -> Effect {
        let mut touched: FxHashSet<u64> = FxHashSet::default();
        let mut lines = Changes::default();
        for (key, line) in &candidates.lines {
            match self.lines.get(key) {
                None => lines.added += 1,
                Some(there) if there.hash == line.hash || there.seq > seq => {
                    lines.unchanged += 1;
                    continue;
                }
                Some(_) => lines.changed += 1,
            }
            touched.insert(line.order);
        }
        let mut orders = Changes::default();
        for order in &candidates.orders {
            match (self.orders.contains(order), touched.contains(order)) {
                (false, _) => orders.added += 1,
                (true, true) => orders.changed += 1,
                (true, false) => orders.unchanged += 1,
            }
        }
        Effect {
            orders,
            lines,
            customers: changes(&candidates.customers, &self.customers, seq),
            products: changes(&candidates.products, &self.products, seq),
            lost: self.lost(candidates, seq),
            absent: self.others.values().filter(|(_, here)| *here).count() as u64,
            complete: true,
        }
    }

    /// How many of the lines that are there count no more once the candidates do.
    fn lost(&self, candidates: &Candidates, seq: i64) -> u64 {
        let before = standing(self.told.clone());
        let tells = candidates.tells;
        let own = candidates.lines.iter().map(|(key, line)| Told {
            order: line.order,
            day: line.day,
            seq,
            key: *key,
            at: line.at,
            tells,
            moved: false,
            place: (0, 0),
        });
        let after = standing(self.told.iter().copied().chain(own).collect());
        before.difference(&after).count() as u64
    }
}

/// The keys of lines of which the latest version counts.
fn standing(mut lines: Vec<Told>) -> FxHashSet<i64> {
    let mut latest: FxHashMap<i64, (i64, usize)> = FxHashMap::default();
    for (row, line) in lines.iter_mut().enumerate() {
        line.place = (0, row);
        let of_key = latest.entry(line.key).or_insert((line.seq, row));
        if line.seq > of_key.0 {
            *of_key = (line.seq, row);
        }
    }
    let heights = [lines.len()];
    let lost = told::lost(lines, &heights);
    let lost = lost.into_iter().next().unwrap_or_default();
    latest
        .into_iter()
        .filter(|(_, (_, row))| lost.get(*row) == Some(&false))
        .map(|(key, _)| key)
        .collect()
}

/// Each row's place among all that were ever read.
fn places(frame: &DataFrame) -> Result<Vec<Latest>, LakeError> {
    let seqs = frame.column("upload_seq")?.i64()?;
    let records = frame.column("record")?.i64()?;
    Ok(seqs
        .iter()
        .zip(records.iter())
        .map(|(seq, record)| Latest {
            seq: seq.unwrap_or(0),
            record: record.unwrap_or(0),
            hash: 0,
        })
        .collect())
}

impl Latest {
    fn with(self, hash: i64) -> Self {
        Self { hash, ..self }
    }
}

fn keep<K: std::hash::Hash + Eq>(known: &mut FxHashMap<K, Latest>, key: K, found: Latest) {
    let latest = known.entry(key).or_insert(found);
    if found > *latest {
        *latest = found;
    }
}

fn changes(wanted: &FxHashMap<u64, u64>, known: &FxHashMap<u64, Latest>, seq: i64) -> Changes {
    let mut changes = Changes::default();
    for (id, about) in wanted {
        match known.get(id) {
            None => changes.added += 1,
            Some(there) if there.hash == about.cast_signed() || there.seq > seq => {
                changes.unchanged += 1;
            }
            Some(_) => changes.changed += 1,
        }
    }
    changes
}
