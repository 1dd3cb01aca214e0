//! A shop with a backend of its own.

use access::{Clock, Ctx, Principal, Randomness, Role};
use backend::{
    Backend, Config, Workers, data_sets,
    lake::Table,
    objects::Allowed,
    storage::uploads::UploadState,
    uploads::{self, Announced, Part, Upload},
};
use bytes::Bytes;
use metrics::{Cell, Dimension, Metric, Query};
use std::{path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use types::{Currency, JobId, SessionId, UploadId, UserId};

pub struct Shop {
    pub backend: Arc<Backend>,
    pub ctx: Ctx,
    workers: Option<Workers>,
    _folder: TempDir,
}

const PATIENCE: u32 = 1_000;

impl Shop {
    pub async fn new() -> Self {
        let mut shop = Self::without_workers().await;
        shop.workers = Some(shop.backend.spawn_workers());
        shop
    }

    pub async fn without_workers() -> Self {
        Self::at(TempDir::new().unwrap(), None, Allowed::default()).await
    }

    /// Whose workers take up at once what lies about.
    pub async fn impatient() -> Self {
        let folder = TempDir::new().unwrap();
        Self::leasing(folder, None, Allowed::default(), 1).await
    }

    /// With workers, and a folder below which places may be watched.
    pub async fn watching(root: &Path) -> Self {
        let allowed = Allowed {
            roots: vec![root.display().to_string().parse().unwrap()],
            s3: Vec::new(),
        };
        Self::allowing(allowed).await
    }

    pub async fn allowing(allowed: Allowed) -> Self {
        let mut shop = Self::at(TempDir::new().unwrap(), None, allowed).await;
        shop.workers = Some(shop.backend.spawn_workers());
        shop
    }

    /// With the lake in another folder.
    pub async fn with_lake(lake: &Path) -> Self {
        let mut shop = Self::at(TempDir::new().unwrap(), Some(lake), Allowed::default()).await;
        shop.workers = Some(shop.backend.spawn_workers());
        shop
    }

    pub async fn stop(self) {
        if let Some(workers) = self.workers {
            workers.shutdown().await;
        }
    }

    async fn at(folder: TempDir, lake: Option<&Path>, watch: Allowed) -> Self {
        Self::leasing(folder, lake, watch, 30).await
    }

    async fn leasing(
        folder: TempDir,
        lake: Option<&Path>,
        watch: Allowed,
        lease_seconds: u32,
    ) -> Self {
        let root = folder.path().display();
        let lake = lake.unwrap_or(folder.path()).display();
        let config = Config {
            database_url: format!("sqlite:{root}/shop.db"),
            lake_url: format!("file://{lake}/lake"),
            data_dir: folder.path().to_owned(),
            public_url: "https://shop.example".to_owned(),
            pepper: None,
            upload_max_bytes: 50_000_000,
            worker_concurrency: 2,
            lease_seconds,
            watch,
        };
        let backend = Backend::open(config, Clock::System, Randomness::System)
            .await
            .unwrap();
        let tenant = backend
            .create_tenant("shop", "Shop", Currency::EUR, "UTC", false)
            .await
            .unwrap();
        let ctx = backend.system_ctx(tenant.id, "test");
        Self {
            backend,
            ctx,
            workers: None,
            _folder: folder,
        }
    }

    /// The same tenant, seen by a member.
    pub fn as_member(&self, role: Role) -> Ctx {
        Ctx {
            principal: Principal::User {
                id: UserId(self.ctx.randomness.uuid(self.ctx.now())),
                session: SessionId(self.ctx.randomness.uuid(self.ctx.now())),
                role,
            },
            ..self.ctx.clone()
        }
    }

    /// Sends a file and has it inspected.
    pub async fn send(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Upload {
        self.send_all(&[(name, bytes.into())]).await
    }

    /// Sends files as one upload, in pieces that do not end where they do, and has it inspected.
    pub async fn send_all(&self, files: &[(&str, Vec<u8>)]) -> Upload {
        let (backend, ctx) = (&self.backend, &self.ctx);
        let part = |(name, bytes): &(&str, Vec<u8>)| Part {
            name: (*name).to_owned(),
            size: bytes.len() as u64,
        };
        let announced = Announced {
            parts: files.iter().map(part).collect(),
            parent: None,
        };
        let upload = uploads::begin(backend, ctx, &announced).await.unwrap();
        let all: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let mut offset = 0;
        for piece in all.chunks(all.len().div_ceil(3).max(1)) {
            let piece = Bytes::copy_from_slice(piece);
            offset = uploads::append(backend, ctx, upload.id, offset, piece)
                .await
                .unwrap();
        }
        uploads::complete(backend, ctx, upload.id).await.unwrap()
    }

    /// Sends files as one upload and waits for its import.
    pub async fn import_all(&self, files: &[(&str, Vec<u8>)]) -> Upload {
        let upload = self.send_all(files).await;
        assert_eq!(upload.state, UploadState::Ready, "{:?}", upload.error);
        self.start(upload.id).await
    }

    /// Sends a file and waits for its import.
    pub async fn import(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Upload {
        let upload = self.send(name, bytes).await;
        if upload.state == UploadState::Ready {
            self.start(upload.id).await
        } else {
            upload
        }
    }

    pub async fn start(&self, id: UploadId) -> Upload {
        uploads::start(&self.backend, &self.ctx, id).await.unwrap();
        self.settled(id).await
    }

    pub async fn undo(&self, id: UploadId) -> Upload {
        uploads::undo(&self.backend, &self.ctx, id).await.unwrap();
        self.settled(id).await
    }

    /// Uses up all attempts of a waiting job but the last.
    pub async fn exhaust(&self, id: JobId) {
        for _ in 0..4 {
            let mut tx = self
                .backend
                .storage
                .platform(&self.ctx.clock)
                .await
                .unwrap();
            let lease = jiff::SignedDuration::from_secs(30);
            let job = tx.claim_job(&["import"], "test", lease).await.unwrap();
            tx.commit().await.unwrap();
            let job = job.unwrap();
            assert_eq!(job.id, id);
            let mut tx = self.backend.storage.tenant(&self.ctx).await.unwrap();
            let at_once = Some(self.ctx.now());
            tx.fail_job(job.claim(), "used up", at_once).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    pub async fn get(&self, id: UploadId) -> Upload {
        uploads::get(&self.backend, &self.ctx, id).await.unwrap()
    }

    /// Waits until nothing is under way.
    pub async fn settled(&self, id: UploadId) -> Upload {
        for _ in 0..PATIENCE {
            let upload = self.get(id).await;
            if upload.state != UploadState::Importing && upload.step != "undoing" {
                return upload;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?} is still under way", self.get(id).await);
    }

    /// A table's rows as their filled cells, without where they came from; sorted.
    pub async fn table(&self, table: Table, version: Option<i64>) -> Vec<String> {
        let read = data_sets::rows(&self.backend, &self.ctx, table, version, 0, 10_000).await;
        let rows = read.unwrap().rows;
        let mut shown: Vec<String> = rows
            .page
            .items
            .iter()
            .map(|row| {
                let filled = rows.columns.iter().zip(&row.0);
                let cells: Vec<String> = filled
                    .filter(|(column, _)| column.name != "upload")
                    .filter_map(|(column, value)| {
                        let text = data_sets::text(column.kind, value.as_ref()?);
                        Some(format!("{}={text}", column.name))
                    })
                    .collect();
                cells.join(" ")
            })
            .collect();
        shown.sort();
        shown
    }

    /// Figures by day: (day, gross in cents, orders).
    pub async fn figures(&self) -> Vec<(String, i64, i64)> {
        let query = Query::new([Metric::GrossSales, Metric::Orders]).by([Dimension::Day]);
        let table = self
            .backend
            .analytics
            .query(&self.ctx, &query)
            .await
            .unwrap();
        let number = |cell: &Cell| match cell {
            Cell::Count(n) => *n,
            other => other.micros().unwrap().0 / 10_000,
        };
        (0..table.rows.len())
            .map(|row| {
                let cells = &table.rows[row];
                (table.text(row, 0), number(&cells[1]), number(&cells[2]))
            })
            .collect()
    }
}

/// A file of orders: (number, day, cents).
pub fn orders(rows: &[(u32, &str, i64)]) -> String {
    let mut text =
        String::from("Order ID,Order Date,SKU,Product,Quantity,Unit Price,Currency,Customer ID\n");
    for (order, day, cents) in rows {
        text.push_str(&format!(
            "{order},{day},S1,Lamp,1,{}.{:02},EUR,C{}\n",
            cents / 100,
            cents % 100,
            order % 3
        ));
    }
    text
}

pub fn day(day: &str, cents: i64, orders: i64) -> (String, i64, i64) {
    (day.to_owned(), cents, orders)
}
