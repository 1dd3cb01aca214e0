//! The product as processes of its own, on a folder of its own: to be killed, stopped and looked at.
//!
//! `SR360_TEST_SEED` runs the same points of a printed seed again; the machine's own timing still differs.

use access::{Clock, Ctx, Randomness};
use backend::{
    Backend, data_sets,
    ingest::StableHash,
    lake::Table,
    storage::uploads::{UploadFilter, UploadState},
    uploads::{self, Upload},
};
use bytes::Bytes;
use metrics::{Cell, Metric, Query};
use server::config::Config;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use types::{Currency, Day, UploadId};

/// Seconds a killed worker's job stays its own: as few as can be set, for the tests wait for it each time.
const LEASE: &str = "1";
const PATIENCE: Duration = Duration::from_secs(60);

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Points(u64);

impl Points {
    /// The seed is printed.
    pub fn new() -> Self {
        let seed = env::var("SR360_TEST_SEED")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| u64::from_le_bytes(Randomness::System.bytes()));
        println!("SR360_TEST_SEED={seed}");
        Self(seed)
    }

    pub fn within(&mut self, span: Duration) -> Duration {
        let micros = u64::try_from(span.as_micros()).unwrap();
        Duration::from_micros(self.below(micros))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

pub struct Shop {
    folder: TempDir,
    pub file: PathBuf,
}

impl Shop {
    pub fn new(file: &Path) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            file: file.to_owned(),
        }
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smartretail360"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("SR360_WORKER_LEASE_SECONDS", LEASE)
            .env("SR360_LOG_LEVEL", "error")
            .stdin(Stdio::null());
        command
    }

    pub fn import(&self) -> Child {
        let file = self.file.display().to_string();
        self.spawn(&["import", &file, "--tenant", "shop", "--create", "--json"])
    }

    /// Looks at what is there, without working on it.
    pub async fn open(&self) -> (Arc<Backend>, Ctx) {
        let lease = ("SR360_WORKER_LEASE_SECONDS".to_owned(), LEASE.to_owned());
        let config = Config::read(None, [lease], self.folder.path()).unwrap();
        let backend = Backend::open(config.backend(), Clock::System, Randomness::System)
            .await
            .unwrap();
        let tenant = match backend.tenant_by_slug("shop").await.unwrap() {
            Some(tenant) => tenant,
            None => backend
                .create_tenant("shop", "shop", Currency::EUR, "UTC", false)
                .await
                .unwrap(),
        };
        let ctx = backend.system_ctx(tenant.id, "test");
        (backend, ctx)
    }

    pub fn finish_import(&self) {
        assert!(self.import().wait().unwrap().success());
    }

    /// Sends the file and starts its import; nobody works on it yet.
    pub async fn start(&self, backend: &Backend, ctx: &Ctx) -> UploadId {
        let bytes = Bytes::from(std::fs::read(&self.file).unwrap());
        let size = bytes.len() as u64;
        let id = uploads::begin(backend, ctx, &uploads::Announced::file("orders.csv", size))
            .await
            .unwrap()
            .id;
        uploads::append(backend, ctx, id, 0, bytes).await.unwrap();
        uploads::complete(backend, ctx, id).await.unwrap();
        uploads::start(backend, ctx, id).await.unwrap();
        id
    }
}

pub async fn importing(backend: &Backend, ctx: &Ctx) -> bool {
    let filter = UploadFilter {
        states: vec![UploadState::Importing],
        ..UploadFilter::default()
    };
    uploads::list(backend, ctx, &filter).await.unwrap().total > 0
}

/// Every figure that a lost or doubled line would move.
pub async fn figures(backend: &Backend, ctx: &Ctx) -> Vec<Cell> {
    let metrics = [
        Metric::GrossSales,
        Metric::Discounts,
        Metric::Returns,
        Metric::Taxes,
        Metric::Shipping,
        Metric::Units,
        Metric::Orders,
        Metric::Customers,
    ];
    let table = backend
        .analytics
        .query(ctx, &Query::new(metrics))
        .await
        .unwrap();
    table.rows[0].clone()
}

/// Each table's rows: how many, and a sum that any other row would move.
pub async fn tables(backend: &Backend, ctx: &Ctx) -> Vec<(&'static str, u64, u64)> {
    const PAGE: u32 = 10_000;
    let mut tables = Vec::new();
    for table in Table::all() {
        let (mut offset, mut sum) = (0, 0_u64);
        loop {
            let read = data_sets::rows(backend, ctx, table, None, offset, PAGE);
            let rows = read.await.unwrap().rows;
            for cells in &rows.page.items {
                // Uploads have other names in each shop.
                let told = rows.columns.iter().zip(&cells.0);
                let told: Vec<_> = told.filter(|(c, _)| c.name != "upload").collect();
                let hash = StableHash::default().text(&format!("{told:?}")).finish();
                sum = sum.wrapping_add(hash);
            }
            offset += rows.page.items.len() as u64;
            if offset >= rows.page.total {
                break;
            }
        }
        tables.push((table.id(), offset, sum));
    }
    tables
}

/// Waits until the upload is as wanted.
pub async fn until(
    backend: &Backend,
    ctx: &Ctx,
    id: UploadId,
    wanted: impl Fn(&Upload) -> bool,
) -> Upload {
    let started = Instant::now();
    loop {
        let upload = uploads::get(backend, ctx, id).await.unwrap();
        if wanted(&upload) {
            return upload;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "stuck: {:?} {:?} {:?}",
            upload.state,
            upload.step,
            upload.error
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until no import is under way.
pub async fn until_idle(backend: &Backend, ctx: &Ctx) {
    let started = Instant::now();
    while importing(backend, ctx).await {
        assert!(started.elapsed() < PATIENCE, "stuck");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Stops and continues a process, as a machine does that has too much to do.
pub fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &process.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// A file of orders, some thousand lines for each hundred days.
pub fn orders(folder: &Path, days: i32) -> PathBuf {
    let file = folder.join("orders.csv");
    let store = samples::Store {
        days,
        new_customers_a_day: 10,
        ..samples::Store::small(7, Day(20_000))
    };
    store
        .orders_csv(std::fs::File::create(&file).unwrap())
        .unwrap();
    file
}

/// A log of what visitors did in two months.
pub fn events(folder: &Path, count: u64) -> PathBuf {
    let file = folder.join("events.csv");
    let mut text = String::from("timestamp,visitorid,event,itemid,sessionid\n");
    let mut points = Points(7);
    for _ in 0..count {
        let (month, day, minute) = (points.below(2) + 1, points.below(28) + 1, points.below(60));
        let name = ["view", "view", "addtocart", "transaction"][points.below(4) as usize];
        let (visitor, item) = (points.below(500), points.below(50));
        text.push_str(&format!(
            "2026-{month:02}-{day:02} 10:{minute:02}:00,v{visitor},{name},i{item},s{}\n",
            visitor % 7
        ));
    }
    std::fs::write(&file, text).unwrap();
    file
}

/// How many rounds a test of this kind makes.
pub fn rounds(otherwise: u64) -> u64 {
    env::var("SR360_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}
