//! Countries are written in many ways: "UK", "GB", "GBR", "Reino Unido", "英国" are one. Silver keeps what a file says; in
//! gold a country has one name. What is no country stays as it is.

use polars::prelude::{NewChunkedArray, StringChunked};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A line a country of ISO 3166: its name, both codes, its names in the four languages (Unicode CLDR), and what else it is
/// called.
const COUNTRIES: &str = include_str!("countries.txt");

static NAMES: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
    let countries = COUNTRIES.lines();
    countries
        .flat_map(|line| {
            let name = line.split('|').next().unwrap_or_default();
            line.split('|').map(move |called| (folded(called), name))
        })
        .collect()
});

fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The one name of a country, however it is written.
pub(crate) fn name(text: &str) -> &str {
    NAMES.get(&folded(text)).copied().unwrap_or(text)
}

/// As [`name`], of a column.
pub(crate) fn names(texts: &StringChunked) -> StringChunked {
    let mut known: FxHashMap<&str, &str> = FxHashMap::default();
    let mut last = ("", "");
    let names = texts.iter().map(|text| {
        let text = text?;
        if text != last.0 {
            last = (text, *known.entry(text).or_insert_with(|| name(text)));
        }
        Some(last.1)
    });
    StringChunked::from_iter_options(texts.name().clone(), names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_country_has_one_name() {
        for text in [
            "UK",
            "gb",
            "GBR",
            " United  Kingdom",
            "Reino Unido",
            "英国",
            "المملكة المتحدة",
        ] {
            assert_eq!(name(text), "United Kingdom", "{text}");
        }
        assert_eq!(name("RU"), "Russia");
        assert_eq!(name("European Community"), "European Community");
        assert_eq!(name(""), "");
    }

    #[test]
    fn no_name_means_two_countries() {
        let mut seen: FxHashMap<String, &str> = FxHashMap::default();
        for line in COUNTRIES.lines() {
            let own = line.split('|').next().unwrap();
            for called in line.split('|') {
                let before = seen.insert(folded(called), own);
                assert!(before.is_none_or(|other| other == own), "{called}");
            }
        }
        assert_eq!(COUNTRIES.lines().count(), 249);
    }
}
