//! `silver FILE FOLDER [gold]`: the middle of an import by itself, for `benches/import.py`. The file, which lies in the
//! folder that the silver is written to, is inspected, read, typed, validated and written to silver with its rejects.
//! Neither the copy of the raw bytes with its SHA-256 is in it, nor the database, nor gold, unless it is asked for.

use ingest::{Options, Sample};
use lake::{GoldVersions, ImportJob, Lake, Publication, Run};
use objects::{Objects, Window};
use std::{env, fs};
use types::{Currency, TenantId, UploadId};

/// As the binary's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: silver FILE FOLDER".into());
    };
    let mut options = Options::new(jiff::tz::TimeZone::UTC, Currency::GBP);
    options.limits.raw_bytes = u64::MAX;
    let path = fs::canonicalize(&folder)?.join(&file);
    let inspection = ingest::inspect(&Sample::from_read(fs::File::open(&path)?)?, &file, &options)?;
    let url = format!("file://{}/", fs::canonicalize(&folder)?.display());
    let objects = Objects::open(&url)?;
    let lake = Lake::new(&url, objects)?;
    let job = ImportJob {
        tenant: TenantId(uuid::Uuid::from_u128(7)),
        run: Run {
            upload: UploadId(uuid::Uuid::from_u128(1)),
            run: 1,
        },
        attempt: 1,
        seq: 1,
        source: vec![Window {
            bytes: 0..fs::metadata(&path)?.len(),
            path: file,
        }],
        plan: inspection.plan.ok_or("the file leaves questions open")?,
        completes: Vec::new(),
        now_millis: 0,
    };
    let (tenant, run) = (job.tenant, job.run);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let imported = runtime.block_on(lake.import(job, |_| true))?;
    if arguments.next().as_deref() == Some("gold") {
        let publication = Publication {
            name: "1".to_owned(),
            live: vec![run],
            changed: vec![run],
            now_millis: 0,
        };
        runtime.block_on(lake.publish(tenant, &publication, GoldVersions::default()))?;
    }
    println!(
        "{}",
        serde_json::json!({
            "rows": imported.counts.records,
            "rejected": imported.counts.rejected,
            "accepted": imported.counts.accepted,
            "duplicates": imported.counts.duplicates,
            "reject_files": imported.rejects.files,
        })
    );
    Ok(())
}
