//! Every language says everything: the same files, the same keys, the same values between braces,
//! and nothing left in English.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

const OTHERS: [&str; 3] = ["zh", "es", "ar"];

/// What is the same word in more than one language, or no word at all.
const SAME: [&str; 10] = [
    "SmartRetail360",
    "Total",
    "No",
    "PNG",
    "CSV",
    "Error",
    "Amazon",
    "Shopify",
    "WooCommerce",
    "Olist",
];

/// The plural forms each language has (CLDR, cardinal, for whole numbers below a million).
fn forms(language: &str) -> &'static [&'static str] {
    match language {
        "zh" => &["other"],
        "ar" => &["zero", "one", "two", "few", "many", "other"],
        _ => &["one", "other"],
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../locales")
}

fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&key, value, into);
            }
        }
        Value::String(text) => {
            into.insert(prefix.to_owned(), text.clone());
        }
        other => panic!("{prefix}: {other} is neither text nor a group"),
    }
}

fn read(language: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder().join(language)).unwrap() {
        let path = entry.unwrap().path();
        let namespace = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        flatten(&namespace, &value, &mut texts);
    }
    texts
}

/// The key without its plural form, if it has one: (`ui.table.rows`, `one`).
fn plural(key: &str) -> Option<(&str, &str)> {
    let (stem, form) = key.rsplit_once('_')?;
    forms("ar").contains(&form).then_some((stem, form))
}

/// Keys of plurals: those with an `_other` form.
fn plural_stems(texts: &BTreeMap<String, String>) -> BTreeSet<String> {
    texts
        .keys()
        .filter_map(|k| k.strip_suffix("_other"))
        .map(str::to_owned)
        .collect()
}

fn variables(text: &str) -> BTreeSet<&str> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split("}}").next())
        .map(|name| name.split(',').next().unwrap_or(name).trim())
        .collect()
}

fn expected_keys(english: &BTreeMap<String, String>, language: &str) -> BTreeSet<String> {
    let stems = plural_stems(english);
    let mut keys = BTreeSet::new();
    for key in english.keys() {
        match plural(key) {
            Some((stem, _)) if stems.contains(stem) => {
                keys.extend(forms(language).iter().map(|form| format!("{stem}_{form}")));
            }
            _ => {
                keys.insert(key.clone());
            }
        }
    }
    keys
}

#[test]
fn every_language_has_every_key() {
    let english = read("en");
    assert!(english.len() > 50);
    for language in ["en"].into_iter().chain(OTHERS) {
        let have: BTreeSet<String> = read(language).into_keys().collect();
        let want = expected_keys(&english, language);
        let missing: Vec<_> = want.difference(&have).collect();
        let unknown: Vec<_> = have.difference(&want).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:#?}");
        assert!(
            unknown.is_empty(),
            "{language} has what English lacks: {unknown:#?}"
        );
    }
}

#[test]
fn nothing_is_empty_or_left_in_english() {
    let english = read("en");
    for language in OTHERS {
        for (key, text) in read(language) {
            assert!(!text.trim().is_empty(), "{language} {key} is empty");
            let wordless = !text.split("{{").enumerate().any(|(i, part)| {
                let words = if i == 0 {
                    part
                } else {
                    part.split("}}").nth(1).unwrap_or("")
                };
                words.chars().any(char::is_alphabetic)
            });
            let same = english.get(&key) == Some(&text);
            assert!(
                !same || wordless || SAME.contains(&text.as_str()),
                "{language} {key} is still English: {text}"
            );
        }
    }
}

#[test]
fn every_language_uses_the_same_values() {
    let english = read("en");
    let stems = plural_stems(&english);
    for language in OTHERS {
        for (key, text) in read(language) {
            let (of, is_plural) = match plural(&key) {
                Some((stem, _)) if stems.contains(stem) => (format!("{stem}_other"), true),
                _ => (key.clone(), false),
            };
            let Some(original) = english.get(&of) else {
                continue; // The other test says so.
            };
            let (mut want, mut have) = (variables(original), variables(&text));
            if is_plural {
                // "One row" needs no figure.
                want.remove("count");
                have.remove("count");
            }
            assert_eq!(have, want, "{language} {key}: {text}");
        }
    }
}
