//! `kill -9` at random points of an import: after a restart it finishes, no line lost, none doubled.
//!
//! The seed is printed; `SR360_TEST_SEED` runs the same points again (the machine's own timing still differs),
//! `SR360_TEST_KILLS` sets how many.

use access::{Clock, Ctx, Randomness};
use backend::{Backend, storage::uploads::UploadFilter, storage::uploads::UploadState, uploads};
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
use types::{Currency, Day};

const KILLS: u64 = 50;
/// Seconds a killed worker's job stays its own: as few as can be set, for the test waits for it each time.
const LEASE: &str = "1";
const PATIENCE: Duration = Duration::from_secs(60);

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Points(u64);

impl Points {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

struct Shop {
    folder: TempDir,
    file: PathBuf,
}

impl Shop {
    fn new(file: &Path) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            file: file.to_owned(),
        }
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_smartretail360"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("SR360_WORKER_LEASE_SECONDS", LEASE)
            .env("SR360_LOG_LEVEL", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn import(&self) -> Child {
        let file = self.file.display().to_string();
        self.spawn(&["import", &file, "--tenant", "shop", "--create", "--json"])
    }

    /// Looks at what is there, without working on it.
    async fn open(&self) -> (Arc<Backend>, Ctx) {
        let config = Config::read(None, [], self.folder.path()).unwrap();
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

    fn finish_import(&self) {
        assert!(self.import().wait().unwrap().success());
    }
}

async fn importing(backend: &Backend, ctx: &Ctx) -> bool {
    let filter = UploadFilter {
        states: vec![UploadState::Importing],
        ..UploadFilter::default()
    };
    uploads::list(backend, ctx, &filter).await.unwrap().total > 0
}

/// Every figure that a lost or doubled line would move.
async fn figures(backend: &Backend, ctx: &Ctx) -> Vec<Cell> {
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

#[test]
fn killed_at_any_point_an_import_finishes() {
    let seed = env::var("SR360_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| u64::from_le_bytes(Randomness::System.bytes()));
    let kills = env::var("SR360_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(KILLS);
    println!("SR360_TEST_SEED={seed}");
    let mut points = Points(seed);

    let files = TempDir::new().unwrap();
    let file = files.path().join("orders.csv");
    let store = samples::Store {
        days: 150,
        new_customers_a_day: 10,
        ..samples::Store::small(7, Day(20_000))
    };
    store
        .orders_csv(std::fs::File::create(&file).unwrap())
        .unwrap();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let undisturbed = Shop::new(&file);
    let started = Instant::now();
    undisturbed.finish_import();
    let whole = started.elapsed();
    let expected = runtime.block_on(async {
        let (backend, ctx) = undisturbed.open().await;
        figures(&backend, &ctx).await
    });
    assert!(
        expected.iter().all(|cell| *cell != Cell::Count(0)),
        "{expected:?}"
    );

    let (mut resumed, mut begun_anew) = (0, 0);
    for kill in 0..kills {
        let shop = Shop::new(&file);
        let after = Duration::from_micros(points.below(u64::try_from(whole.as_micros()).unwrap()));
        let mut process = shop.import();
        std::thread::sleep(after);
        process.kill().unwrap();
        process.wait().unwrap();

        let found = runtime.block_on(async {
            let (backend, ctx) = shop.open().await;
            if importing(&backend, &ctx).await {
                resumed += 1;
                let mut worker = shop.spawn(&["worker"]);
                let started = Instant::now();
                while importing(&backend, &ctx).await {
                    assert!(
                        started.elapsed() < PATIENCE,
                        "kill {kill} after {after:?}: stuck"
                    );
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                worker.kill().unwrap();
                worker.wait().unwrap();
            } else {
                begun_anew += 1;
                shop.finish_import();
            }
            figures(&backend, &ctx).await
        });
        assert_eq!(
            found, expected,
            "SR360_TEST_SEED={seed}, kill {kill} after {after:?}"
        );
    }
    println!("{kills} kills: {resumed} imports went on, {begun_anew} were begun anew or were done");
}
