//! Who may know whom: the table of ARCHITECTURE.md against what Cargo says.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

const GROUND: &[&str] = &["types", "metrics", "api", "i18n", "ui", "charts", "ingest"];
const INFRASTRUCTURE: &[&str] = &["access", "storage", "objects", "jobs"];

/// Crate, and the crates of ours it may name. A crate knows only floors below it.
fn table() -> BTreeMap<&'static str, Vec<&'static str>> {
    let below = [&["types", "metrics", "ingest"], INFRASTRUCTURE].concat();
    let and = |list: &[&'static str], more: &[&'static str]| [list, more].concat();
    BTreeMap::from([
        ("types", vec![]),
        ("metrics", vec!["types"]),
        ("i18n", vec!["types"]),
        ("charts", vec!["types", "metrics", "i18n"]),
        ("ingest", vec!["types"]),
        ("api", vec!["types", "metrics"]),
        ("ui", vec!["types", "i18n"]),
        ("samples", vec!["types"]),
        ("telemetry", vec![]),
        ("access", vec!["types"]),
        ("storage", vec!["types", "access"]),
        ("objects", vec!["types", "access"]),
        ("jobs", vec!["types", "access", "storage"]),
        ("lake", below.clone()),
        ("analytics", and(&below, &["lake"])),
        ("identity", vec!["types", "access", "storage", "jobs"]),
        (
            "backend",
            and(&below, &["lake", "analytics", "identity", "samples"]),
        ),
        (
            "app",
            vec![
                "types", "metrics", "api", "i18n", "ui", "access", "charts", "backend",
            ],
        ),
        ("frontend", vec!["app"]),
        (
            "server",
            vec![
                "types",
                "metrics",
                "api",
                "access",
                "app",
                "backend",
                "telemetry",
            ],
        ),
    ])
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

/// Crate to what it depends on, of our crates and of others, tests' own dependencies left out.
fn workspace() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let dependencies = list(&package["dependencies"])
                .iter()
                .filter(|d| d["kind"] != "dev")
                .map(name)
                .collect();
            (name(package), dependencies)
        })
        .collect()
}

#[test]
fn crates_know_only_what_the_table_allows() {
    let (table, workspace) = (table(), workspace());
    let ours: BTreeSet<&str> = workspace.keys().map(String::as_str).collect();
    assert_eq!(
        ours,
        table.keys().copied().collect(),
        "every crate stands in the table"
    );
    let forbidden: Vec<String> = workspace
        .iter()
        .flat_map(|(name, dependencies)| {
            dependencies
                .iter()
                .filter(|d| ours.contains(d.as_str()))
                .filter(|d| !table[name.as_str()].contains(&d.as_str()))
                .map(move |d| format!("{name} -> {d}"))
        })
        .collect();
    assert_eq!(forbidden, [""; 0], "knows what the table does not allow");
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
    for (name, allowed) in table() {
        for other in allowed {
            assert!(floor(other) <= floor(name), "{name} -> {other}");
        }
    }
}

#[test]
fn the_vocabulary_stays_light() {
    let allowed = ["serde", "uuid", "jiff", "thiserror"];
    for dependency in &workspace()["types"] {
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
    for forbidden in [
        "tokio",
        "sqlx",
        "polars",
        "deltalake",
        "deltalake-core",
        "candle-core",
        "backend",
        "storage",
        "access",
        "charming",
        "plotters",
    ] {
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
