//! Lines that stand in more than one month, because their date differs between two uploads.
//!
//! Gold is rebuilt month by month; this is how a month knows which of its lines a later upload has elsewhere.
//! What is recorded are facts about uploads (this line of this upload stands in this month), found out when the
//! second of the two is read. Which of the uploads count is asked at each rebuild, so that an upload that is
//! undone gives back what it had taken from other months.

use crate::{
    delta::{DataFile, Delta, added},
    error::LakeError,
    parquet::{decode, encode},
    schema::{MONTH, RUN, SILVER, SPREAD, UPLOAD},
    store::{Lake, Run},
};
use deltalake::kernel::Add;
use fastbloom::BloomFilter;
use ingest::Telling;
use polars::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use types::TenantId;

/// Keys of the upload being read, and the month each stands in: 8 bytes a line.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    by_month: FxHashMap<i32, Vec<i64>>,
}

/// As [`Keys`], to be asked. Nearly all that is asked is not there, which the filter says at once.
struct Sorted {
    by_month: FxHashMap<i32, Vec<i64>>,
    filter: BloomFilter,
}

impl Keys {
    pub fn add(&mut self, month: i32, keys: impl Iterator<Item = i64>) {
        self.by_month.entry(month).or_default().extend(keys);
    }

    fn sorted(self) -> Sorted {
        let mut by_month = self.by_month;
        let count: usize = by_month.values().map(Vec::len).sum();
        let mut filter = BloomFilter::with_false_pos(0.01)
            .seed(&0)
            .expected_items(count);
        for keys in by_month.values_mut() {
            keys.sort_unstable();
            for key in keys.iter() {
                filter.insert_hash(key.cast_unsigned());
            }
        }
        Sorted { by_month, filter }
    }
}

impl Sorted {
    /// The months other than `month` in which the key stands.
    fn elsewhere(&self, key: i64, month: i32) -> impl Iterator<Item = i32> {
        let maybe = self.filter.contains_hash(key.cast_unsigned());
        let others = self.by_month.iter().filter(move |(of, _)| **of != month);
        others
            .filter(move |(_, keys)| maybe && keys.binary_search(&key).is_ok())
            .map(|(of, _)| *of)
    }
}

/// One line's place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Fact {
    key: i64,
    month: i32,
    run: Run,
    seq: i64,
    /// What its upload tells of orders.
    tells: i32,
}

/// Writes down which lines of `own` also stand in another month of silver's present files.
/// `attempt` keeps the files of two attempts apart.
pub(crate) async fn record(
    lake: &Lake,
    tenant: TenantId,
    (own, seq, tells): (Run, i64, Telling),
    keys: Keys,
    silver: &[DataFile],
    (attempt, now_millis): (i64, i64),
) -> Result<(), LakeError> {
    let others: Vec<&DataFile> = silver.iter().filter(|f| f.run != Some(own)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let own_months: FxHashSet<i32> = keys.by_month.keys().copied().collect();
    if others
        .iter()
        .all(|file| own_months.iter().all(|month| *month == file.month))
    {
        return Ok(());
    }
    let mut sorted = tokio::task::spawn_blocking(move || keys.sorted()).await?;
    let mut facts: FxHashSet<Fact> = FxHashSet::default();
    let folder = Lake::folder(tenant, &SILVER);
    for file in others {
        let Some(run) = file.run else { continue };
        if own_months.iter().all(|month| *month == file.month) {
            continue;
        }
        let bytes = lake.objects.get(&format!("{folder}/{}", file.path)).await?;
        let month = file.month;
        let found;
        (sorted, found) = tokio::task::spawn_blocking(move || {
            let found = elsewhere(
                &decode(bytes, Some(&["key", "upload_seq", "tells"]))?,
                month,
                &sorted,
            )?;
            Ok::<_, LakeError>((sorted, found))
        })
        .await??;
        for Elsewhere {
            key,
            seq: other_seq,
            tells: other_tells,
            other: own_month,
        } in found
        {
            facts.insert(Fact {
                key,
                month,
                run,
                seq: other_seq,
                tells: other_tells,
            });
            facts.insert(Fact {
                key,
                month: own_month,
                run: own,
                seq,
                tells: tells as i32,
            });
        }
    }
    if facts.is_empty() {
        return Ok(());
    }
    let mut table = Delta::open_or_create(lake.table_url(tenant, &SPREAD)?, &SPREAD).await?;
    let files = write(lake, tenant, own, facts, (attempt, now_millis)).await?;
    table.commit(None, files, Vec::new()).await?;
    Ok(())
}

/// A line of a file that the sorted keys have in another month.
struct Elsewhere {
    key: i64,
    /// Of the file's upload.
    seq: i64,
    tells: i32,
    /// The month.
    other: i32,
}

fn elsewhere(frame: &DataFrame, month: i32, keys: &Sorted) -> Result<Vec<Elsewhere>, LakeError> {
    let lines = frame.column("key")?.i64()?.iter();
    let seqs = frame.column("upload_seq")?.i64()?.iter();
    let tells = frame.column("tells")?.i32()?.iter();
    Ok(lines
        .zip(seqs.zip(tells))
        .filter_map(|(key, (seq, tells))| key.zip(seq.zip(tells)))
        .flat_map(|(key, (seq, tells))| {
            keys.elsewhere(key, month).map(move |other| Elsewhere {
                key,
                seq,
                tells,
                other,
            })
        })
        .collect())
}

async fn write(
    lake: &Lake,
    tenant: TenantId,
    own: Run,
    facts: FxHashSet<Fact>,
    (attempt, now_millis): (i64, i64),
) -> Result<Vec<Add>, LakeError> {
    let mut by_month: FxHashMap<i32, Vec<Fact>> = FxHashMap::default();
    for fact in facts {
        by_month.entry(fact.month).or_default().push(fact);
    }
    let folder = Lake::folder(tenant, &SPREAD);
    let mut files = Vec::new();
    for (month, mut facts) in by_month {
        facts.sort_unstable_by_key(|f| (f.key, f.seq));
        let encoded = tokio::task::spawn_blocking(move || encode(&mut frame(&facts)?)).await??;
        let name = format!("{month}-{}-{}-{attempt}.parquet", own.upload, own.run);
        lake.objects
            .put(&format!("{folder}/{name}"), encoded.bytes.clone())
            .await?;
        files.push(added(name, month, None, &encoded, now_millis));
    }
    Ok(files)
}

fn frame(facts: &[Fact]) -> Result<DataFrame, LakeError> {
    let long = |name: &str, get: fn(&Fact) -> i64| {
        Column::new(name.into(), facts.iter().map(get).collect::<Vec<_>>())
    };
    let int = |name: &str, get: fn(&Fact) -> i32| {
        Column::new(name.into(), facts.iter().map(get).collect::<Vec<_>>())
    };
    let uploads: Vec<String> = facts.iter().map(|f| f.run.upload.to_string()).collect();
    Ok(DataFrame::new(
        facts.len(),
        vec![
            long("key", |f| f.key),
            int(MONTH, |f| f.month),
            Column::new(UPLOAD.into(), uploads),
            int(RUN, |f| f.run.run),
            long("upload_seq", |f| f.seq),
            int("tells", |f| f.tells),
        ],
    )?)
}

/// All that is known of a tenant's lines in more than one month.
#[derive(Debug, Default)]
pub(crate) struct Spread(Vec<Fact>);

/// Of the uploads that count: where each line stands.
#[derive(Debug, Default)]
pub(crate) struct Places(FxHashMap<i64, Vec<Place>>);

#[derive(Clone, Copy, Debug)]
struct Place {
    month: i32,
    /// Of the upload, among all.
    seq: i64,
    /// Whether that upload holds each order whole.
    whole: bool,
}

impl Spread {
    pub async fn load(lake: &Lake, tenant: TenantId) -> Result<Self, LakeError> {
        let Some(table) = Delta::open(lake.table_url(tenant, &SPREAD)?, &SPREAD).await? else {
            return Ok(Self::default());
        };
        let folder = Lake::folder(tenant, &SPREAD);
        let mut facts = Vec::new();
        for file in table.files()? {
            let bytes = lake.objects.get(&format!("{folder}/{}", file.path)).await?;
            let frame = tokio::task::spawn_blocking(move || decode(bytes, None)).await??;
            read(&frame, &mut facts)?;
        }
        Ok(Self(facts))
    }

    /// The months in which lines of these runs stand, in whichever upload.
    pub fn months(&self, runs: &[Run]) -> FxHashSet<i32> {
        let keys: FxHashSet<i64> = self
            .0
            .iter()
            .filter(|fact| runs.contains(&fact.run))
            .map(|fact| fact.key)
            .collect();
        self.0
            .iter()
            .filter(|fact| keys.contains(&fact.key))
            .map(|fact| fact.month)
            .collect()
    }

    pub fn places(&self, live: &FxHashSet<Run>) -> Places {
        let mut places: FxHashMap<i64, Vec<Place>> = FxHashMap::default();
        for fact in self.0.iter().filter(|fact| live.contains(&fact.run)) {
            places.entry(fact.key).or_default().push(Place {
                month: fact.month,
                seq: fact.seq,
                whole: fact.tells == Telling::Orders as i32,
            });
        }
        Places(places)
    }
}

impl Places {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where later uploads have a line of a month elsewhere.
    fn later(&self, key: i64, month: i32, seq: i64) -> impl Iterator<Item = &Place> {
        let places = self.0.get(&key).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter(move |place| place.month != month && place.seq > seq)
    }

    /// Whether a later upload that holds each order whole has the line in another month.
    pub fn moved(&self, key: i64, month: i32, seq: i64) -> bool {
        self.later(key, month, seq).any(|place| place.whole)
    }

    /// The lines of a month without those that a later upload has in another month.
    pub fn still_here(&self, lines: DataFrame, month: i32) -> Result<DataFrame, LakeError> {
        if self.0.is_empty() {
            return Ok(lines);
        }
        let keys = lines.column("key")?.i64()?;
        let seqs = lines.column("upload_seq")?.i64()?;
        let stays: BooleanChunked = keys
            .iter()
            .zip(seqs.iter())
            .map(|(key, seq)| {
                let (Some(key), Some(seq)) = (key, seq) else {
                    return true;
                };
                self.later(key, month, seq).next().is_none()
            })
            .collect();
        Ok(lines.filter(&stays)?)
    }
}

fn read(frame: &DataFrame, facts: &mut Vec<Fact>) -> Result<(), LakeError> {
    let keys = frame.column("key")?.i64()?;
    let months = frame.column(MONTH)?.i32()?;
    let uploads = frame.column(UPLOAD)?.str()?;
    let runs = frame.column(RUN)?.i32()?;
    let seqs = frame.column("upload_seq")?.i64()?;
    let tells = frame.column("tells")?.i32()?;
    for row in 0..frame.height() {
        let fact = || {
            Some(Fact {
                key: keys.get(row)?,
                month: months.get(row)?,
                run: Run {
                    upload: uploads.get(row)?.parse().ok()?,
                    run: runs.get(row)?,
                },
                seq: seqs.get(row)?,
                tells: tells.get(row)?,
            })
        };
        facts.push(fact().ok_or_else(|| {
            LakeError::Corrupt(format!("row {row} of {} is incomplete", SPREAD.path))
        })?);
    }
    Ok(())
}
