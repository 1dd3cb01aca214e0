//! A lake in a folder of its own, and files for it.

use ingest::{Options, Sample};
use lake::engine::{self, Group, Key};
use lake::{GoldVersions, ImportJob, Lake, Publication, Run, Source};
use metrics::{Measure, Query};
use objects::Objects;
use std::collections::BTreeMap;
use types::{Currency, Day, TenantId, UploadId};

pub struct Store {
    pub lake: Lake,
    pub url: String,
    pub objects: Objects,
    pub tenant: TenantId,
    /// What everybody sees.
    pub published: GoldVersions,
    /// Which runs count.
    pub live: Vec<Run>,
    uploads: u128,
    publications: u32,
    _folder: tempfile::TempDir,
}

impl Store {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}/lake", folder.path().display());
        let objects = Objects::open(&url).unwrap();
        Self {
            lake: Lake::new(&url, objects.clone()).unwrap(),
            objects,
            url,
            tenant: TenantId(uuid(7)),
            published: GoldVersions::default(),
            live: Vec::new(),
            uploads: 0,
            publications: 0,
            _folder: folder,
        }
    }

    /// The first run of a new upload.
    pub async fn job(&mut self, csv: &str) -> ImportJob {
        self.uploads += 1;
        let run = Run {
            upload: UploadId(uuid(self.uploads)),
            run: 1,
        };
        self.job_of(run, i64::try_from(self.uploads).unwrap(), csv.as_bytes())
            .await
    }

    pub async fn job_of(&self, run: Run, seq: i64, file: &[u8]) -> ImportJob {
        let source = format!("{}/bronze/{}-{}/raw", self.tenant, run.upload, run.run);
        self.objects
            .put(&source, file.to_vec().into())
            .await
            .unwrap();
        let options = Options::new(jiff::tz::TimeZone::UTC, Currency::GBP);
        let inspection =
            ingest::inspect(&Sample::from_bytes(file), "orders.csv", &options).unwrap();
        assert!(
            inspection.questions.is_empty(),
            "{:?}",
            inspection.questions
        );
        ImportJob {
            tenant: self.tenant,
            run,
            attempt: 1,
            seq,
            source: vec![objects::Window {
                path: source,
                bytes: 0..file.len() as u64,
            }],
            plan: inspection.plan.unwrap(),
            completes: Vec::new(),
            now_millis: 0,
        }
    }

    /// Reads a file and publishes it.
    pub async fn import(&mut self, csv: &str) -> GoldVersions {
        let job = self.job(csv).await;
        self.lake.import(job.clone(), |_| true).await.unwrap();
        self.live.push(job.run);
        self.make_known(&[job.run]).await
    }

    /// Publishes what counts after `changed` came or went.
    pub async fn make_known(&mut self, changed: &[Run]) -> GoldVersions {
        let live = self.live.clone();
        let name = format!("p{}", self.publications);
        self.published = self.publish(&name, &live, changed).await;
        self.published
    }

    /// A publication that is not made known.
    pub async fn publish(&mut self, name: &str, live: &[Run], changed: &[Run]) -> GoldVersions {
        self.publications += 1;
        let publication = Publication {
            name: name.to_owned(),
            live: live.to_vec(),
            changed: changed.to_vec(),
            now_millis: 0,
        };
        let people = self.lake.publish_people(self.tenant, &publication).await;
        let published = GoldVersions {
            people: people.unwrap(),
            ..self.published
        };
        let published = self
            .lake
            .publish(self.tenant, &publication, published)
            .await
            .unwrap();
        published.versions
    }

    pub async fn ask(
        &self,
        versions: GoldVersions,
        source: Source,
        query: &Query,
        measures: &[Measure],
    ) -> BTreeMap<Vec<Key>, Vec<i64>> {
        let snapshot = self.lake.snapshot(self.tenant, versions).await.unwrap();
        let known = |values: Vec<Option<i64>>| values.into_iter().map(Option::unwrap).collect();
        engine::run(&self.lake, &snapshot, source, query, measures, None)
            .await
            .unwrap()
            .groups
            .into_iter()
            .map(|Group { keys, values }| (keys, known(values)))
            .collect()
    }
}

pub fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

#[derive(Clone, Debug)]
pub struct Row {
    pub order: u8,
    pub returned: bool,
    pub product: u8,
    pub quantity: i64,
    pub day: i32,
    pub cents: i64,
    pub customer: Option<u8>,
    pub country: &'static str,
}

pub const FIRST_DAY: i32 = 14_944; // 2010-12-01

pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
    );
    for row in rows {
        let (prefix, sign) = if row.returned { ("C", "-") } else { ("", "") };
        text.push_str(&format!(
            "{prefix}5363{:02},8512{},PRODUCT {},{sign}{},{} 08:26:00,{}.{:02},{},{}\n",
            row.order,
            row.product,
            row.product,
            row.quantity,
            Day(row.day),
            row.cents / 100,
            row.cents % 100,
            row.customer.map(|c| format!("1785{c}")).unwrap_or_default(),
            row.country,
        ));
    }
    text
}

/// The same rows as Shopify writes them: each order whole, from its first row on.
pub fn shopify(rows: &[Row]) -> String {
    let mut text = String::from(
        "Name,Email,Financial Status,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Country\n",
    );
    let mut last = None;
    for row in rows {
        let (prefix, sign) = if row.returned { ("R", "-") } else { ("", "") };
        let first = last.replace((row.returned, row.order)) != Some((row.returned, row.order));
        let of_order = if first {
            let customer = row.customer.map(|c| format!("c{c}@example.com"));
            (
                customer.unwrap_or_default(),
                "paid,GBP".to_owned(),
                format!("{} 08:26:00 +0000", Day(row.day)),
                row.country,
            )
        } else {
            (String::new(), ",".to_owned(), String::new(), "")
        };
        let (email, paid, created, country) = of_order;
        text.push_str(&format!(
            "#{prefix}10{:02},{email},{paid},{created},{sign}{},PRODUCT {},{}.{:02},8512{},{country}\n",
            row.order,
            row.quantity,
            row.product,
            row.cents / 100,
            row.cents % 100,
            row.product,
        ));
    }
    text
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}
