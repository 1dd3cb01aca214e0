//! Countries are written in many ways: "UK", "GB", "GBR", "Reino Unido", "英国" are one. Silver keeps what a file says; in
//! gold a country has one name. What is no country stays as it is.

use metrics::Language;
use polars::prelude::{NewChunkedArray, StringChunked};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A line a country of ISO 3166: its name, both codes, its names in Chinese, Spanish and Arabic as Unicode CLDR 48 has them
/// (Unicode License v3), and what else it is called.
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

/// By its one name, what it is called in Chinese, Spanish and Arabic.
static LABELS: LazyLock<FxHashMap<&str, [&'static str; 3]>> = LazyLock::new(|| {
    let labels = |line: &'static str| {
        let mut fields = line.split('|');
        let name = fields.next()?;
        let mut called = fields.skip(2);
        Some((name, [called.next()?, called.next()?, called.next()?]))
    };
    COUNTRIES.lines().filter_map(labels).collect()
});

/// What the country of this name is called in a language; what is no country stays as it is.
pub fn label(name: &str, language: Language) -> &str {
    let [zh, es, ar] = match LABELS.get(name) {
        Some(called) => *called,
        None => return name,
    };
    match language {
        Language::En => name,
        Language::Zh => zh,
        Language::Es => es,
        Language::Ar => ar,
    }
}

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
    fn a_country_is_called_in_each_language_as_its_people_do() {
        for (language, said) in [
            (Language::En, "Germany"),
            (Language::Zh, "德国"),
            (Language::Es, "Alemania"),
            (Language::Ar, "ألمانيا"),
        ] {
            assert_eq!(label("Germany", language), said);
            assert_eq!(label("European Community", language), "European Community");
            assert_eq!(label("", language), "");
        }
        assert_eq!(label("Austria", Language::Es), "Austria");
        assert_eq!(LABELS.len(), 249);
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c);
        for (name, [zh, es, ar]) in LABELS.iter() {
            assert!(zh.contains(han), "{name}: {zh}");
            assert!(!es.contains(han) && !es.contains(arabic), "{name}: {es}");
            assert!(ar.contains(arabic), "{name}: {ar}");
            // Whichever it is written by, it is the same country.
            for called in [zh, es, ar] {
                assert_eq!(super::name(called), *name);
            }
        }
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
