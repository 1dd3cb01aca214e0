//! Six hundred hard and broken files: none is lost in silence, none panics, none hangs.

use crate::support::{check, options, shared};
use ingest::{Field, Plan, Sample, inspect, read_all};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.metadata().unwrap().len() < 3_000_000 {
            found.push(path);
        }
    }
}

/// A plan for whatever table it is: questions are answered by their first option, and columns that are missing are
/// taken from anywhere.
fn some_plan(bytes: &[u8]) -> Result<Plan, &'static str> {
    let sample = Sample::from_bytes(bytes);
    let mut options = options(&[]);
    let mut code = "";
    for force in [&[][..], &[("map.0", "date"), ("map.1", "unit_price")]] {
        let forced = force
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        options.decisions = forced.collect();
        for _ in 0..5 {
            match inspect(&sample, "file", &options) {
                Ok(inspection) => {
                    if let Some(plan) = inspection.plan {
                        return Ok(plan);
                    }
                    code = "asked";
                    for question in inspection.questions {
                        if let Some(answer) = question.options.into_iter().next() {
                            options.decisions.insert(question.id, answer.value);
                        }
                    }
                }
                Err(error) => {
                    code = error.code();
                    break;
                }
            }
        }
    }
    Err(code)
}

/// How often each collection's files ended in which way; of what was read, nothing is missing.
fn outcomes(collection: &str) -> Option<BTreeMap<&'static str, u32>> {
    let root = shared(collection)?;
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut outcomes = BTreeMap::<&'static str, u32>::new();
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        let plan = match some_plan(&bytes) {
            Ok(plan) => plan,
            Err(code) => {
                *outcomes.entry(code).or_default() += 1;
                continue;
            }
        };
        match read_all(&plan, &bytes[..]) {
            Ok(all) => {
                check(&plan, &bytes, &all);
                *outcomes.entry("read").or_default() += 1;
            }
            Err(error) => *outcomes.entry(error.code()).or_default() += 1,
        }
    }
    println!("{collection}: {outcomes:?}");
    assert!(!outcomes.contains_key("io"));
    Some(outcomes)
}

#[test]
fn nothing_is_lost_on_hard_files() {
    if let Some(outcomes) = outcomes("messy_csv") {
        assert!(outcomes["read"] > 350, "{outcomes:?}");
    }
}

/// Files that JSON readers have stumbled over: fuzzed, deep, cut off, with several shapes in one.
#[test]
fn nothing_is_lost_on_hard_json() {
    if let Some(outcomes) = outcomes("json_duckdb") {
        assert!(outcomes["read"] > 20, "{outcomes:?}");
    }
}

/// One sales file with one pollution each; its clean version has 83 records.
#[test]
fn polluted_sales_lose_only_the_polluted_row() {
    let Some(root) = shared("messy_csv/pollock_polluted") else {
        return;
    };
    let mut found = Vec::new();
    files(&root, &mut found);
    for path in found {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let plan = match inspect(&Sample::from_bytes(&bytes), &name, &options(&[])) {
            Ok(inspection) => inspection.plan,
            Err(error) => {
                println!("{name}: {}", error.code());
                assert!(name.contains("no_payload"), "{name}: {error}");
                continue;
            }
        };
        let Some(plan) = plan else {
            println!("{name}: asked");
            continue;
        };
        let all = read_all(&plan, &bytes[..]).unwrap();
        check(&plan, &bytes, &all);
        println!("{name}: {:?}", all.counts);
        assert!(
            plan.columns.iter().any(|c| c.field == Some(Field::Date)),
            "{name}"
        );
        if !name.contains("one_data_row") {
            assert!(
                all.counts.accepted >= 81,
                "{name}: {:?} {:?}",
                all.counts,
                all.rejects.first()
            );
        }
    }
}
