//! `corpus PATH...`: what the importer makes of every file below, a line of JSON each.
//!
//! With `--cells` the cells of the first rows are written too, for a comparison with what other readers find.

use ingest::{Kind, NotImportable, Options, Sample, inspect, read, table};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

const SHOWN: usize = 2000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut cells = false;
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--cells" {
            cells = true;
        } else {
            collect(Path::new(&argument), &mut files)?;
        }
    }
    let options = Options::new(
        jiff::tz::TimeZone::get("Europe/Berlin")?,
        types::Currency::EUR,
    );
    for path in files {
        println!("{}", judge(&path, &options, cells)?);
    }
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        collect(&entry, files)?;
    }
    Ok(())
}

fn judge(path: &Path, options: &Options, cells: bool) -> std::io::Result<Value> {
    let start = Instant::now();
    let name = path.to_string_lossy().into_owned();
    let mut out = Map::new();
    out.insert("file".to_owned(), json!(name));
    let sample = Sample::from_read(File::open(path)?)?;
    match table(&sample, &name, options) {
        Err(error) => refused(&error, &mut out),
        Ok(table) => {
            let mut rows = (0_u64, 0_u64, 0_u64, 0_u64);
            let mut shown = Vec::new();
            let mut stopped = None;
            match table.rows(File::open(path)?) {
                Err(error) => stopped = Some(error.to_string()),
                Ok(records) => {
                    for row in records {
                        let row = match row {
                            Ok(row) => row,
                            Err(error) => {
                                stopped = Some(error.to_string());
                                break;
                            }
                        };
                        rows.0 += 1;
                        rows.1 += u64::from(row.damage.is_some());
                        rows.2 += u64::from(row.is_blank());
                        rows.3 +=
                            u64::from(row.damage.is_none() && row.cells.len() != table.names.len());
                        if cells && shown.len() < SHOWN && row.damage.is_none() && !row.is_blank() {
                            shown.push(json!(row.cells));
                        }
                    }
                }
            }
            out.insert("format".to_owned(), json!(table.format.name()));
            out.insert("encoding".to_owned(), json!(table.encoding));
            out.insert("dialect".to_owned(), json!(table.dialect));
            out.insert("columns".to_owned(), json!(table.names));
            out.insert("records".to_owned(), json!(rows.0));
            out.insert("damaged".to_owned(), json!(rows.1));
            out.insert("blank".to_owned(), json!(rows.2));
            out.insert("other_width".to_owned(), json!(rows.3));
            if let Some(stopped) = stopped {
                out.insert("stopped".to_owned(), json!(stopped));
            }
            if cells {
                out.insert("cells".to_owned(), json!(shown));
            }
        }
    }
    out.insert("orders".to_owned(), orders(path, &name, &sample, options)?);
    out.insert("seconds".to_owned(), json!(start.elapsed().as_secs_f64()));
    Ok(Value::Object(out))
}

fn refused(error: &NotImportable, out: &mut Map<String, Value>) {
    out.insert("refused".to_owned(), json!(error.code()));
    out.insert("message".to_owned(), json!(error.to_string()));
}

/// The file as orders: what is asked, or what is read.
fn orders(path: &Path, name: &str, sample: &Sample, options: &Options) -> std::io::Result<Value> {
    let mut out = Map::new();
    let plan = match inspect(sample, name, options) {
        Err(error) => {
            refused(&error, &mut out);
            None
        }
        Ok(inspection) => {
            let asked: Vec<&str> = inspection.questions.iter().map(|q| q.id.as_str()).collect();
            out.insert("asked".to_owned(), json!(asked));
            inspection.plan
        }
    };
    let Some(plan) = plan else {
        return Ok(Value::Object(out));
    };
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let (mut gross, mut counts) = (0_i128, None);
    for batch in read(&plan, File::open(path)?) {
        match batch {
            Ok(batch) => {
                for line in batch.lines.iter().filter(|l| l.kind == Kind::Sale) {
                    gross += i128::from(line.gross.0);
                }
                for reject in batch.rejects {
                    *codes.entry(format!("{:?}", reject.code)).or_default() += 1;
                }
                counts = Some(batch.counts);
            }
            Err(error) => {
                out.insert("stopped".to_owned(), json!(error.to_string()));
            }
        }
    }
    out.insert("counts".to_owned(), json!(counts));
    out.insert("rejects".to_owned(), json!(codes));
    out.insert("gross".to_owned(), json!(gross as f64 / 1e6));
    Ok(Value::Object(out))
}
