//! Who is who: a customer who is known by a number in one file and by an e-mail address in another is one.
//!
//! What is written down are facts about uploads (this number and this address are one person), in silver. Whom they make
//! one is found out of the facts of the uploads that count whenever those change, and applied when figures are read:
//! no month is rebuilt for it, and an upload that is undone takes its facts along.

use crate::{
    delta::{Delta, added},
    error::LakeError,
    gold::Publication,
    hot::Hot,
    parquet::{decode, encode},
    schema::{BY_MONTH, MONTH, NO_MONTH, RUN, TableSchema, UPLOAD, int, text},
    store::{ImportJob, Lake, Run},
};
use deltalake::kernel::Add;
use ingest::{Link, StableHash};
use polars::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use types::TenantId;

/// A number that is said to belong to more addresses than these is no person's (the till's own, say), nor is an address
/// of more numbers: neither makes anybody one.
const MOST: usize = 3;

/// Facts of every upload ever read. A row twice says nothing more.
pub(crate) static LINKS: TableSchema = TableSchema {
    path: "silver/people",
    partitions: &[MONTH, UPLOAD, RUN],
    clustered: &[],
    fields: Cow::Borrowed(&[
        text(UPLOAD),
        int(RUN),
        text("customer_id"),
        text("email_hash"),
        int(MONTH),
    ]),
};

/// Of each name by which a file may call somebody who has several: who that is.
pub(crate) static PEOPLE: TableSchema = TableSchema {
    path: "gold/people",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(&[
        text("name"),
        text("customer_id"),
        text("email_hash"),
        int(MONTH),
    ]),
};

/// Somebody's own number, and their own address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Person {
    pub customer_id: Box<str>,
    pub email_hash: Box<str>,
}

/// Writes links of an upload into a file that is not committed yet.
pub(crate) async fn stage(
    lake: &Lake,
    job: &ImportJob,
    links: Vec<Link>,
    number: usize,
) -> Result<(String, Add), LakeError> {
    let Run { upload, run } = job.run;
    let encoded = tokio::task::spawn_blocking(move || {
        let texts = |name: &str, of: fn(&Link) -> &str| {
            Column::new(name.into(), links.iter().map(of).collect::<Vec<_>>())
        };
        let all = links.len();
        let mut frame = DataFrame::new(
            all,
            vec![
                Column::new_scalar(
                    UPLOAD.into(),
                    PlSmallStr::from_string(upload.to_string()).into(),
                    all,
                ),
                Column::new_scalar(RUN.into(), run.into(), all),
                texts("customer_id", |link| &link.customer_id),
                texts("email_hash", |link| &link.email_hash),
                Column::new_scalar(MONTH.into(), NO_MONTH.into(), all),
            ],
        )?;
        encode(&mut frame)
    })
    .await??;
    let name = format!("{NO_MONTH}-{upload}-{run}-{}-{number}.parquet", job.attempt);
    let path = format!("{}/{name}", Lake::folder(job.tenant, &LINKS));
    lake.objects.put(&path, encoded.bytes.clone()).await?;
    let add = added(name, NO_MONTH, Some(job.run), &encoded, job.now_millis);
    Ok((path, add))
}

/// Makes staged links facts.
pub(crate) async fn record(
    lake: &Lake,
    tenant: TenantId,
    files: Vec<Add>,
) -> Result<(), LakeError> {
    let mut table = Delta::open_or_create(lake.table_url(tenant, &LINKS)?, &LINKS).await?;
    table.commit(None, files, Vec::new()).await?;
    Ok(())
}

/// Makes the table of what the uploads that count say, and returns its version: the present one where nothing changed.
pub(crate) async fn publish(
    lake: &Lake,
    tenant: TenantId,
    publication: &Publication,
) -> Result<u64, LakeError> {
    let links = links(lake, tenant, &publication.live).await?;
    let url = lake.table_url(tenant, &PEOPLE)?;
    let mut table = match Delta::open(url.clone(), &PEOPLE).await? {
        Some(table) => table,
        None if links.is_empty() => return Ok(0),
        None => Delta::open_or_create(url, &PEOPLE).await?,
    };
    let (encoded, digest) = tokio::task::spawn_blocking(move || {
        let people = together(&links);
        let digest = people
            .iter()
            .fold(StableHash::default(), |hash, (name, person)| {
                let hash = hash.text(name).text(&person.customer_id);
                hash.text(&person.email_hash)
            });
        let encoded = match people.len() {
            0 => None,
            _ => Some(encode(&mut frame(&people)?)?),
        };
        Ok::<_, LakeError>((encoded, digest.finish()))
    })
    .await??;
    let mark = format!("{NO_MONTH}-{digest:016x}-");
    let there = table.files()?;
    let same = match &encoded {
        None => there.is_empty(),
        Some(_) => there.iter().all(|file| file.path.starts_with(&mark)) && !there.is_empty(),
    };
    if same {
        return Ok(table.version());
    }
    let mut written = Vec::new();
    if let Some(encoded) = encoded {
        let name = format!("{mark}{}.parquet", publication.name);
        let path = format!("{}/{name}", Lake::folder(tenant, &PEOPLE));
        lake.objects.put(&path, encoded.bytes.clone()).await?;
        let at = publication.now_millis;
        written.push(added(name, NO_MONTH, None, &encoded, at));
    }
    let replaced = there.into_iter().map(|file| file.remove).collect();
    table.commit(None, written, replaced).await
}

/// What the uploads that count say.
async fn links(lake: &Lake, tenant: TenantId, live: &[Run]) -> Result<BTreeSet<Person>, LakeError> {
    let mut links = BTreeSet::new();
    let Some(table) = Delta::open(lake.table_url(tenant, &LINKS)?, &LINKS).await? else {
        return Ok(links);
    };
    let live: FxHashSet<Run> = live.iter().copied().collect();
    let folder = Lake::folder(tenant, &LINKS);
    for file in table.files()? {
        if !file.run.is_some_and(|run| live.contains(&run)) {
            continue;
        }
        let bytes = lake.objects.get(&format!("{folder}/{}", file.path)).await?;
        links = tokio::task::spawn_blocking(move || {
            let frame = decode(bytes, Some(&["customer_id", "email_hash"]))?;
            let numbers = frame.column("customer_id")?.str()?;
            let hashes = frame.column("email_hash")?.str()?;
            let both = numbers.iter().zip(hashes.iter());
            links.extend(both.filter_map(|(number, hash)| {
                Some(Person {
                    customer_id: number?.into(),
                    email_hash: hash?.into(),
                })
            }));
            Ok::<_, LakeError>(links)
        })
        .await??;
    }
    Ok(links)
}

/// Whom each number and address stands for, of those that are linked. Everybody has their least number and least address.
fn together(links: &BTreeSet<Person>) -> BTreeMap<Box<str>, Person> {
    let mut addresses: FxHashMap<&str, usize> = FxHashMap::default();
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    for link in links {
        *addresses.entry(&link.customer_id).or_default() += 1;
        *numbers.entry(&link.email_hash).or_default() += 1;
    }
    let ones = |of: &FxHashMap<&str, usize>, name: &str| of.get(name).is_some_and(|n| *n <= MOST);
    let mut sets = Sets::default();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    let mut told = Vec::new();
    for link in links {
        if !ones(&addresses, &link.customer_id) || !ones(&numbers, &link.email_hash) {
            continue;
        }
        let [number, address] = [&link.customer_id, &link.email_hash]
            .map(|name| *places.entry(name).or_insert_with(|| sets.add()));
        sets.join(number, address);
        told.push((number, link));
    }
    // In the order of the links, so that the least number comes first.
    let mut people: FxHashMap<usize, Person> = FxHashMap::default();
    for (place, link) in told {
        let person = people.entry(sets.of(place)).or_insert_with(|| link.clone());
        if link.email_hash < person.email_hash {
            person.email_hash.clone_from(&link.email_hash);
        }
    }
    places
        .into_iter()
        .filter_map(|(name, place)| Some((name.into(), people.get(&sets.of(place))?.clone())))
        .collect()
}

/// Disjoint sets of places.
#[derive(Default)]
struct Sets {
    above: Vec<usize>,
}

impl Sets {
    fn add(&mut self) -> usize {
        self.above.push(self.above.len());
        self.above.len() - 1
    }

    fn of(&mut self, mut place: usize) -> usize {
        while let Some(above) = self.above.get(place).copied().filter(|a| *a != place) {
            // Halves the way for whoever comes next.
            let next = self.above.get(above).copied().unwrap_or(above);
            if let Some(slot) = self.above.get_mut(place) {
                *slot = next;
            }
            place = next;
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        let (least, most) = (one.min(other), one.max(other));
        if let Some(slot) = self.above.get_mut(most) {
            *slot = least;
        }
    }
}

fn frame(people: &BTreeMap<Box<str>, Person>) -> PolarsResult<DataFrame> {
    let texts = |name: &str, texts: Vec<&str>| Column::new(name.into(), texts);
    DataFrame::new(
        people.len(),
        vec![
            texts("name", people.keys().map(|name| &**name).collect()),
            texts(
                "customer_id",
                people.values().map(|of| &*of.customer_id).collect(),
            ),
            texts(
                "email_hash",
                people.values().map(|of| &*of.email_hash).collect(),
            ),
            Column::new_scalar(MONTH.into(), NO_MONTH.into(), people.len()),
        ],
    )
}

/// The table as of a version, by name.
pub(crate) async fn load(
    lake: &Lake,
    tenant: TenantId,
    version: u64,
) -> Result<FxHashMap<Box<str>, Person>, LakeError> {
    let mut people = FxHashMap::default();
    for bytes in lake.files(tenant, &PEOPLE, version).await? {
        people = tokio::task::spawn_blocking(move || {
            let frame = decode(bytes, None)?;
            let text = |name: &str| Ok::<_, LakeError>(frame.column(name)?.str()?);
            let (names, numbers, hashes) =
                (text("name")?, text("customer_id")?, text("email_hash")?);
            for row in 0..frame.height() {
                let (Some(name), Some(number), Some(hash)) =
                    (names.get(row), numbers.get(row), hashes.get(row))
                else {
                    continue;
                };
                let person = Person {
                    customer_id: number.into(),
                    email_hash: hash.into(),
                };
                people.insert(name.into(), person);
            }
            Ok::<_, LakeError>(people)
        })
        .await??;
    }
    Ok(people)
}

/// As [`load`], in the codes of what is held in memory.
#[derive(Debug, Default)]
pub(crate) struct Persons {
    /// From a name's code to that of the person's number.
    of: FxHashMap<u32, u32>,
    /// All names of a person by that code.
    names: FxHashMap<u32, Vec<Arc<str>>>,
}

impl Persons {
    pub async fn load(
        lake: &Lake,
        hot: &Hot,
        tenant: TenantId,
        version: u64,
    ) -> Result<Self, LakeError> {
        let mut persons = Self::default();
        for (name, person) in load(lake, tenant, version).await? {
            let both = [Some(&*name), Some(&*person.customer_id)];
            let [own, number] = <[u32; 2]>::try_from(hot.codes(both.into_iter()))
                .map_err(|_| LakeError::Corrupt("a name has no code".to_owned()))?;
            persons.of.insert(own, number);
            persons
                .names
                .entry(number)
                .or_default()
                .push((*name).into());
        }
        Ok(persons)
    }

    /// The code of whoever has this one.
    pub fn of(&self, code: u32) -> u32 {
        self.of.get(&code).copied().unwrap_or(code)
    }

    /// All names of whoever has this code; none where there is but one.
    pub fn names(&self, code: u32) -> &[Arc<str>] {
        self.names.get(&self.of(code)).map_or(&[], Vec::as_slice)
    }

    /// The rows with everybody as one.
    pub fn as_one(&self, mut rows: DataFrame) -> Result<DataFrame, LakeError> {
        const CUSTOMER: &str = "customer";
        if self.of.is_empty() {
            return Ok(rows);
        }
        let codes = rows.column(CUSTOMER)?.u32()?;
        let persons: Vec<u32> = codes
            .iter()
            .map(|code| self.of(code.unwrap_or(crate::hot::UNKNOWN)))
            .collect();
        rows.with_column(Column::new(CUSTOMER.into(), persons))?;
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(links: &[(&str, &str)], name: &str) -> Option<(String, String)> {
        let links = links.iter().map(|(number, hash)| Person {
            customer_id: (*number).into(),
            email_hash: (*hash).into(),
        });
        let people = together(&links.collect());
        let person = people.get(name)?;
        Some((
            person.customer_id.to_string(),
            person.email_hash.to_string(),
        ))
    }

    #[test]
    fn whoever_shares_a_number_or_an_address_is_one() {
        let links = [("7", "b"), ("8", "b"), ("8", "a"), ("9", "z")];
        let one = Some(("7".to_owned(), "a".to_owned()));
        for name in ["7", "8", "a", "b"] {
            assert_eq!(person(&links, name), one, "{name}");
        }
        assert_eq!(person(&links, "z"), Some(("9".to_owned(), "z".to_owned())));
        assert_eq!(person(&links, "nobody"), None);
    }

    #[test]
    fn what_very_many_share_is_nobodys() {
        let till = [("1", "a"), ("1", "b"), ("1", "c"), ("1", "d"), ("2", "a")];
        assert_eq!(person(&till, "b"), None);
        assert_eq!(person(&till, "a"), Some(("2".to_owned(), "a".to_owned())));
        let office = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "a")];
        assert_eq!(person(&office, "1"), None);
    }
}
