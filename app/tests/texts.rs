//! Every code that a person may meet has a text of its own in each language.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use api::{
    ApiError, Code,
    uploads::{Assumption, Choice, Failure, Question, Reading},
};
use app::{errors, quality, session, uploads::texts};
use i18n::{I18nLocaleTrait, Locale};
use leptos::prelude::*;
use leptos_i18n::{I18nContext, context::init_i18n_subcontext};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What the server says where the page has no words of its own.
const SERVERS_WORDS: &str = "§";

/// Texts between quotation marks that follow `before` at once, spaces and line ends aside.
fn named_after(before: &str, source: &str) -> BTreeSet<String> {
    source
        .split(before)
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"'))
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

fn sources(folder: &str) -> String {
    let mut all = String::new();
    let mut folders = vec![
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

/// The variants of an enum as the wire writes them.
fn variants(name: &str, source: &str) -> BTreeSet<String> {
    let body = source.split(&format!("pub enum {name} {{")).nth(1).unwrap();
    let body = body.split_once('}').unwrap().0;
    body.lines()
        .map(str::trim)
        .filter_map(|line| line.strip_suffix(','))
        .map(|variant| {
            let mut text = String::new();
            for c in variant.chars() {
                if c.is_ascii_uppercase() && !text.is_empty() {
                    text.push('_');
                }
                text.push(c.to_ascii_lowercase());
            }
            text
        })
        .collect()
}

struct Idle;

impl CustomExecutor for Idle {
    fn spawn(&self, _: PinnedFuture<()>) {}
    fn spawn_local(&self, _: PinnedLocalFuture<()>) {}
    fn poll_local(&self) {}
}

/// The codes that `text` has no words for, in any language.
fn wordless(
    codes: &BTreeSet<String>,
    text: impl Fn(I18nContext<Locale>, &str) -> String,
) -> Vec<String> {
    // Set by whichever test is first: the others find it set.
    let _ = Executor::init_custom_executor(Idle);
    let mut missing = Vec::new();
    for locale in Locale::get_all() {
        Owner::new().with(|| {
            let i18n = init_i18n_subcontext(Some(Signal::stored(*locale)));
            for code in codes {
                let said = text(i18n, code);
                // English has the server's words where they name what of the file is meant.
                let is_servers = said.contains(SERVERS_WORDS) && *locale != Locale::en;
                if said.is_empty() || said == *code || is_servers {
                    missing.push(format!("{}: {code}", locale.as_str()));
                }
            }
        });
    }
    missing
}

const NONE: [&str; 0] = [];

#[test]
fn refusals() {
    let english = Path::new(env!("CARGO_MANIFEST_DIR")).join("../locales/en/errors.json");
    let texts: BTreeMap<String, String> =
        serde_json::from_str(&fs::read_to_string(english).unwrap()).unwrap();
    let mut keys: BTreeSet<String> = texts.into_keys().collect();
    // Said by the server before any page, and called otherwise on the wire.
    assert!(keys.remove("not_our_name") && keys.remove("slow_down"));
    keys.insert("too_many".to_owned());
    let said_by = |words: &[errors::Words], i18n, key: &str| {
        let error = ApiError::new(Code::Invalid, key);
        let any = errors::message(i18n, &ApiError::of(Code::Invalid));
        let mut said = words
            .iter()
            .map(|words| errors::message_in(*words, i18n, &error));
        said.find(|said| *said != any || key == "invalid")
            .unwrap_or_default()
    };
    let all: [errors::Words; 4] = [
        errors::NO_WORDS,
        texts::refusal,
        quality::words::refusal,
        session::words::refusal,
    ];
    let any = |i18n, key: &str| said_by(&all, i18n, key);
    assert_eq!(wordless(&keys, any), NONE);
    // What only one feature refuses is said where that is read.
    for (folder, words, known) in [
        ("app/src/uploads", all[1], "columns_needed"),
        ("app/src/session", all[3], "currency_invalid"),
    ] {
        let source = sources(folder);
        let mut own = BTreeSet::new();
        for code in ["Invalid", "Conflict", "TooLarge"] {
            own.extend(named_after(
                &format!("ApiError::new(Code::{code},"),
                &source,
            ));
        }
        assert!(own.contains(known), "{own:?}");
        let own_words = |i18n, key: &str| said_by(&[words], i18n, key);
        assert_eq!(wordless(&own, own_words), NONE);
    }
}

#[test]
fn failures() {
    let errors = sources("crates/ingest/src");
    let mut codes = BTreeSet::new();
    for part in errors.split("pub fn code(&self) -> &'static str {").skip(1) {
        let part = part.split("\n    }\n").next().unwrap_or_default();
        codes.extend(named_after("=>", part));
    }
    assert!(
        codes.contains("too_dense") && codes.contains("too_many_cells"),
        "{codes:?}"
    );
    let backend = sources("crates/backend/src");
    codes.extend(named_after("const ANOTHER_DATA_SET: &str =", &backend));
    codes.extend(["nothing_accepted", "gave_up"].map(str::to_owned));
    assert!(
        codes.contains("gave_up") && codes.contains("another_data_set"),
        "{codes:?}"
    );
    let failure = |i18n, code: &str| {
        let (code, message) = (code.to_owned(), SERVERS_WORDS.to_owned());
        texts::failure(
            i18n,
            &Failure {
                code,
                message,
                params: BTreeMap::new(),
            },
        )
    };
    assert_eq!(wordless(&codes, failure), NONE);
    // Where names and numbers of the file are known, every language says them.
    let backend = sources("crates/backend/src");
    assert!(backend.contains("params: [(\"records\""), "they are kept");
    for (code, params) in [
        ("archive", &["names"][..]),
        ("files_apart", &["names"]),
        ("too_large", &["size", "limit"]),
        ("too_dense", &["limit"]),
        ("too_many_columns", &["columns", "limit"]),
        ("missing_columns", &["fields", "columns"]),
        ("column_mapped_twice", &["field", "first", "second"]),
        ("bad_decision", &["answer"]),
        ("nothing_accepted", &["records"]),
        ("gave_up", &["error"]),
    ] {
        let numbers = (31..).map(|n: u32| n.to_string());
        let params: BTreeMap<String, String> = params
            .iter()
            .map(|p| (*p).to_owned())
            .zip(numbers)
            .collect();
        let said = |i18n, code: &str| {
            let failure = Failure {
                code: code.to_owned(),
                message: SERVERS_WORDS.to_owned(),
                params: params.clone(),
            };
            let text = texts::failure(i18n, &failure);
            match params.values().all(|value| text.contains(value)) {
                true => text,
                false => SERVERS_WORDS.to_owned(),
            }
        };
        assert_eq!(wordless(&BTreeSet::from([code.to_owned()]), said), NONE);
    }
}

#[test]
fn assumptions() {
    let ingest = sources("crates/ingest/src");
    let mut codes = named_after("assume(", &ingest);
    codes.extend(named_after("Assumption {\n                code:", &ingest));
    codes.extend(named_after(
        "Assumption {\n                    code:",
        &ingest,
    ));
    codes.extend(named_after("Assumption {\n            code:", &ingest));
    assert!(
        codes.contains("joined") && codes.contains("discount_share"),
        "{codes:?}"
    );
    let assumption = |i18n, code: &str| {
        let assumption = Assumption {
            code: code.to_owned(),
            value: Some("EUR".to_owned()),
            message: SERVERS_WORDS.to_owned(),
        };
        texts::assumption(i18n, &assumption)
    };
    assert_eq!(wordless(&codes, assumption), NONE);
}

#[test]
fn questions_and_their_choices() {
    let ingest = sources("crates/ingest/src");
    let codes = named_after("Question {\n        id:", &ingest)
        .into_iter()
        .chain(named_after("Question {\n            id:", &ingest))
        .chain(named_after("Question {\n                id:", &ingest))
        .collect::<BTreeSet<_>>();
    for known in ["sheet", "decimal", "date_order", "mapping.amount"] {
        assert!(codes.contains(known), "{known}: {codes:?}");
    }
    let asked = |id: &str| Question {
        id: id.to_owned(),
        message: SERVERS_WORDS.to_owned(),
        column: Some("Date".to_owned()),
        choices: Vec::new(),
    };
    let question = |i18n, id: &str| texts::question(i18n, &asked(id));
    assert_eq!(wordless(&codes, question), NONE);

    let choice = |i18n, value: &str| {
        let choice = Choice {
            value: format!("3={value}"),
            label: format!("Betrag is {SERVERS_WORDS}"),
            readings: Vec::new(),
        };
        texts::choice(i18n, &asked("mapping.amount"), &choice)
    };
    let amounts = ["unit_price", "line_total"].map(str::to_owned);
    assert_eq!(wordless(&amounts.into(), choice), NONE);

    let unread = named_after("|| ", &ingest);
    let unread: BTreeSet<String> = unread
        .into_iter()
        .filter(|t| t.starts_with("not a "))
        .collect();
    assert_eq!(unread.len(), 2, "{unread:?}");
    let reading = |i18n, text: &str| {
        let reading = Reading {
            raw: String::new(),
            day: None,
            text: text.to_owned(),
        };
        match texts::reading(i18n, &reading) {
            said if said == text && i18n.get_locale() != Locale::en => SERVERS_WORDS.to_owned(),
            said => format!("{said}."),
        }
    };
    assert_eq!(wordless(&unread, reading), NONE);
}

#[test]
fn refused_records_and_notes() {
    let records = sources("crates/ingest/src");
    let mut rejects = variants("RejectCode", &records);
    assert!(rejects.contains("items_missing"), "{rejects:?}");
    let advice = |i18n, code: &str| texts::advice(i18n, code, Some("1"), SERVERS_WORDS);
    assert_eq!(wordless(&rejects, advice), NONE);
    rejects.insert(texts::WITH_ORDER.to_owned());
    let reject = |i18n, code: &str| texts::reject(i18n, code, SERVERS_WORDS);
    assert_eq!(wordless(&rejects, reject), NONE);
    let notes = variants("WarningCode", &records);
    assert!(notes.contains("left_out"), "{notes:?}");
    assert_eq!(
        wordless(&notes, |i18n, code| texts::note(i18n, code, SERVERS_WORDS)),
        NONE
    );
}

#[test]
fn rules_of_quality() {
    let lake = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lake/src/quality.rs"),
    )
    .unwrap();
    let mut rules = BTreeSet::new();
    for maker in ["rule(", "once(", "named(", "range(", ".warn("] {
        rules.extend(named_after(maker, &lake));
    }
    for known in [
        "mostly_rejected",
        "stock",
        "promotions_once",
        "some_impossible_days",
    ] {
        assert!(rules.contains(known), "{known}: {rules:?}");
    }
    assert_eq!(wordless(&rules, texts::rule), NONE);
}
