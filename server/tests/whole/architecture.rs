//! Who may know whom: the table of ARCHITECTURE.md against what Cargo says.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

const GROUND: &[&str] = &["types", "metrics", "api", "i18n", "ui", "charts", "ingest"];
const INFRASTRUCTURE: &[&str] = &["access", "storage", "objects", "jobs"];

/// What a crate depends on of ours: everywhere, and where it is not built for the browser.
#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    everywhere: BTreeSet<String>,
    native_only: BTreeSet<String>,
}

/// The table of ARCHITECTURE.md: a crate, and the crates of ours it depends on.
fn table() -> BTreeMap<String, Known> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, rows) = text
        .split_once("| Crate | Depends on |\n|---|---|\n")
        .unwrap();
    let names = |text: &str| -> BTreeSet<String> {
        text.split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty() && name != "no crate of ours")
            .collect()
    };
    let mut table = BTreeMap::new();
    for row in rows.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [crates, known] = cells.as_slice() else {
            panic!("a row of two cells: {row}");
        };
        let (everywhere, native_only) = known.split_once("; native only:").unwrap_or((known, ""));
        for name in names(crates) {
            let known = Known {
                everywhere: names(everywhere),
                native_only: names(native_only),
            };
            assert!(table.insert(name, known).is_none(), "stands twice: {row}");
        }
    }
    table
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Crate to what it depends on and for which target, of our crates and of others; tests' own dependencies left out.
fn workspace() -> BTreeMap<String, BTreeMap<String, bool>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let mut everywhere = BTreeMap::new();
            for dependency in list(&package["dependencies"]) {
                if dependency["kind"] != "dev" {
                    // Named for one target and for all, it is everywhere.
                    let everywhere = everywhere.entry(name(&dependency)).or_insert(false);
                    *everywhere |= dependency["target"].is_null();
                }
            }
            (name(package), everywhere)
        })
        .collect()
}

#[test]
fn crates_know_what_the_table_says_and_nothing_else() {
    let workspace = workspace();
    let ours = |everywhere: bool, dependencies: &BTreeMap<String, bool>| {
        let of_ours = dependencies
            .iter()
            .filter(|(name, at)| workspace.contains_key(*name) && **at == everywhere);
        of_ours.map(|(name, _)| name.clone()).collect()
    };
    let found: BTreeMap<String, Known> = workspace
        .iter()
        .map(|(name, dependencies)| {
            let known = Known {
                everywhere: ours(true, dependencies),
                native_only: ours(false, dependencies),
            };
            (name.clone(), known)
        })
        .collect();
    let table = table();
    for (name, known) in &found {
        assert_eq!(
            Some(known),
            table.get(name),
            "{name}: Cargo.toml and ARCHITECTURE.md"
        );
    }
    let gone: Vec<&String> = table
        .keys()
        .filter(|name| !found.contains_key(*name))
        .collect();
    assert!(gone.is_empty(), "no such crates: {gone:?}");
}

#[test]
fn no_crate_knows_a_floor_above() {
    let floor = |name: &str| match name {
        n if GROUND.contains(&n) || n == "telemetry" || n == "samples" => 0,
        n if INFRASTRUCTURE.contains(&n) => 1,
        "lake" | "analytics" | "identity" => 2,
        "backend" => 3,
        _ => 4,
    };
    for (name, known) in table() {
        for other in known.everywhere.iter().chain(&known.native_only) {
            assert!(floor(other) <= floor(&name), "{name} -> {other}");
        }
    }
}

#[test]
fn the_vocabulary_stays_light() {
    let allowed = ["serde", "uuid", "jiff", "thiserror"];
    for dependency in workspace()["types"].keys() {
        assert!(
            allowed.contains(&dependency.as_str()),
            "types -> {dependency}"
        );
    }
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    let tree = cargo(&[
        "tree",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let packages: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(packages.contains("leptos"), "the tree was read: {tree}");
    // Families, whatever their members are called.
    for family in ["tokio", "sqlx", "polars", "deltalake", "candle"] {
        let found: Vec<&&str> = packages.iter().filter(|p| p.starts_with(family)).collect();
        assert!(found.is_empty(), "the WASM holds {found:?}");
    }
    for forbidden in ["backend", "storage", "access", "charming", "plotters"] {
        assert!(
            !packages.contains(forbidden),
            "the WASM holds `{forbidden}`"
        );
    }
}

#[test]
fn lints_are_set_in_one_place() {
    for name in workspace().keys() {
        let folder = match name.as_str() {
            "app" | "frontend" | "server" => name.clone(),
            _ => format!("crates/{name}"),
        };
        let manifest = std::fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{folder}/Cargo.toml takes the workspace's lints"
        );
        assert!(
            !manifest.contains("[features]"),
            "{folder}: the target chooses, not features"
        );
    }
}
