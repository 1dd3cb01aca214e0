//! Turns `locales/<lang>/<namespace>.json` into typed keys. A namespace is a file of `locales/en`;
//! a language without that file, or a key used in code that no file has, does not compile.

use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};
use std::{env, error::Error, fs, path::PathBuf};

const LANGUAGES: [&str; 4] = ["en", "zh", "es", "ar"];

fn main() -> Result<(), Box<dyn Error>> {
    let locales = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", locales.display());

    let mut namespaces = Vec::new();
    for entry in fs::read_dir(locales.join("en"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "json")
            && let Some(stem) = path.file_stem().and_then(|s| s.to_str())
        {
            namespaces.push(stem.to_owned());
        }
    }
    namespaces.sort();

    let config = Config::new(LANGUAGES[0])?
        .add_locales(&LANGUAGES[1..])?
        .add_namespaces(&namespaces)?
        .locales_path(PathBuf::from("../../locales"))
        // A test of its own compares the keys of all languages and says which one lacks what.
        .parse_options(
            ParseOptions::new()
                .suppress_key_warnings(true)
                .interpolate_display(true),
        );
    let translations = TranslationsInfos::parse(config)?;
    translations.emit_diagnostics();
    translations.rerun_if_locales_changed();
    translations.generate_i18n_module(PathBuf::from(env::var("OUT_DIR")?).join("i18n"))?;
    Ok(())
}
