//! Rules of quality stop what is wrong, and somebody may decide otherwise.

use crate::shop::{Shop, day, orders};
use access::Role;
use backend::{
    ingest::DataSet,
    lake::quality::{Check, Known, Number, Outcome, Rule, Severity, Text, Verdict},
    quality::{self, QualityError},
    storage::uploads::UploadState,
    uploads::{self, Upload, UploadError},
};
use types::{Day, Micros};

const GOOD: [(u32, &str, i64); 2] = [(1, "2026-01-10", 1_000), (2, "2026-01-11", 2_000)];

fn verdict<'a>(verdicts: &'a [Verdict], rule: &str) -> &'a Verdict {
    let found = verdicts.iter().find(|v| v.rule.id == rule);
    found.unwrap_or_else(|| panic!("{rule} in {verdicts:?}"))
}

async fn verdicts(shop: &Shop, upload: &Upload) -> Vec<Verdict> {
    quality::results(&shop.backend, &shop.ctx, upload.id)
        .await
        .unwrap()
}

fn rule(name: &str, severity: Severity, check: Check) -> Rule {
    Rule {
        id: name.to_owned(),
        severity,
        check,
    }
}

fn no_price_above(cents: i64) -> Check {
    Check::Range {
        column: Number::UnitPrice,
        min: None,
        max: Some(Micros(cents * 10_000)),
        max_share: 0.0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_critical_rule_stops_the_publication_until_somebody_decides() {
    let shop = Shop::new().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    shop.import("good.csv", orders(&GOOD)).await;
    let before = shop.figures().await;
    let cheap = rule(
        "nothing above 50",
        Severity::Critical,
        no_price_above(5_000),
    );
    quality::add_rule(backend, ctx, DataSet::Orders, &cheap)
        .await
        .unwrap();

    let dear = orders(&[(3, "2026-01-12", 9_900), (4, "2026-01-13", 100)]);
    let held = shop.import("dear.csv", dear.clone()).await;
    assert_eq!((held.state, held.live_run), (UploadState::Held, None));
    assert_eq!(shop.figures().await, before, "nothing is published");
    let said = verdicts(&shop, &held).await;
    let failed = verdict(&said, "nothing above 50");
    assert_eq!(
        (
            failed.outcome,
            failed.checked,
            failed.failing,
            failed.stops()
        ),
        (Outcome::Failed, 2, 1, true)
    );
    assert_eq!(failed.examples, ["99"]);
    assert_eq!(verdict(&said, "another_currency").outcome, Outcome::Passed);

    // Others' imports are not held up, and do not bring it in.
    shop.import("more.csv", orders(&[(5, "2026-01-14", 500)]))
        .await;
    let before = [&before[..], &[day("2026-01-14", 500, 1)]].concat();
    assert_eq!(shop.figures().await, before);

    let analyst = shop.as_member(Role::Analyst);
    let refused = uploads::publish_anyway(backend, &analyst, held.id).await;
    assert!(matches!(refused, Err(UploadError::Denied(_))));
    uploads::publish_anyway(backend, ctx, held.id)
        .await
        .unwrap();
    let done = shop.settled(held.id).await;
    assert_eq!((done.state, done.live_run), (UploadState::Done, Some(1)));
    let totals = uploads::result(&done).unwrap().unwrap().totals;
    assert_eq!(totals[0].gross_sales, Micros(100_000_000));
    assert_eq!(
        shop.figures().await[2..],
        [
            day("2026-01-12", 9_900, 1),
            day("2026-01-13", 100, 1),
            day("2026-01-14", 500, 1)
        ]
    );

    // Or it is given up.
    shop.undo(held.id).await;
    let again = shop.import("dear again.csv", dear).await;
    assert_eq!(again.state, UploadState::Held);
    let gone = uploads::cancel(backend, ctx, again.id).await.unwrap();
    assert_eq!(gone.state, UploadState::Cancelled);
    assert_eq!(shop.figures().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_impossible_days_is_held() {
    let shop = Shop::new().await;
    let odd = orders(&[
        (1, "2062-01-10", 1_000),
        (2, "2062-01-11", 2_000),
        (3, "2026-01-12", 300),
    ]);
    let held = shop.import("odd.csv", odd).await;
    assert_eq!(held.state, UploadState::Held, "{:?}", held.error);
    let said = verdicts(&shop, &held).await;
    assert!(verdict(&said, "impossible_days").stops());
    assert_eq!(verdict(&said, "volume").outcome, Outcome::Skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_rule_says_what_it_found() {
    let shop = Shop::new().await;
    let mut first = Vec::new();
    let days: Vec<String> = (0..10)
        .map(|n| {
            Day::from_date(jiff::civil::date(2026, 1, 1))
                .plus(n)
                .to_string()
        })
        .collect();
    for (n, day) in days.iter().enumerate() {
        first.push((n as u32, day.as_str(), 100));
    }
    shop.import("first.csv", orders(&first)).await;
    let own = [
        (
            "customers named",
            Check::NotNull {
                column: Text::Country,
                max_share: 0.2,
            },
            Outcome::Failed,
        ),
        (
            "no order twice",
            Check::Unique {
                columns: vec![Text::OrderId],
                max_share: 0.0,
            },
            Outcome::Failed,
        ),
        (
            "known products",
            Check::Reference {
                column: Text::Sku,
                known: Known::These(vec!["S1".to_owned()]),
                max_share: 0.0,
            },
            Outcome::Passed,
        ),
        (
            "products as before",
            Check::Reference {
                column: Text::Sku,
                known: Known::Earlier,
                max_share: 0.0,
            },
            Outcome::Passed,
        ),
        (
            "customers as before",
            Check::Reference {
                column: Text::OrderId,
                known: Known::Earlier,
                max_share: 0.5,
            },
            Outcome::Failed,
        ),
        ("recent", Check::Freshness { max_days: 0 }, Outcome::Failed),
        (
            "as many as ever",
            Check::VolumeDrift { max_factor: 1.5 },
            Outcome::Failed,
        ),
        (
            "some days",
            Check::Days {
                from: Day::from_date(jiff::civil::date(2026, 1, 2)),
                ahead: 0,
                max_share: 0.9,
            },
            Outcome::Passed,
        ),
    ];
    for (name, check, _) in &own {
        let rule = rule(name, Severity::Warning, check.clone());
        quality::add_rule(&shop.backend, &shop.ctx, DataSet::Orders, &rule)
            .await
            .unwrap();
    }
    let mut second = Vec::new();
    for (n, day) in days.iter().enumerate() {
        let n = n as u32;
        second.push((100 + n, day.as_str(), 100));
        second.push((100 + n, day.as_str(), 300));
    }
    let done = shop.import("second.csv", orders(&second)).await;
    assert_eq!(done.state, UploadState::Done, "warnings stop nothing");
    let said = verdicts(&shop, &done).await;
    for (name, _, expected) in &own {
        assert_eq!(verdict(&said, name).outcome, *expected, "{name}");
    }
    assert_eq!(verdict(&said, "no order twice").failing, 10);
    assert_eq!(verdict(&said, "as many as ever").value, Some(2.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_rules_are_kept_changed_and_checked_for_sense() {
    let shop = Shop::without_workers().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let mine = rule("mine", Severity::Info, no_price_above(1));
    let id = quality::add_rule(backend, ctx, DataSet::Orders, &mine)
        .await
        .unwrap();
    assert!(matches!(
        quality::add_rule(backend, ctx, DataSet::Orders, &mine).await,
        Err(QualityError::NameTaken)
    ));
    let built_in = rule("volume", Severity::Info, no_price_above(1));
    assert!(matches!(
        quality::add_rule(backend, ctx, DataSet::Orders, &built_in).await,
        Err(QualityError::NameTaken)
    ));
    for nonsense in [
        Check::Range {
            column: Number::Tax,
            min: None,
            max: None,
            max_share: 0.0,
        },
        Check::NotNull {
            column: Text::Sku,
            max_share: 1.0,
        },
        Check::NotNull {
            column: Text::Sku,
            max_share: f64::NAN,
        },
        Check::Unique {
            columns: Vec::new(),
            max_share: 0.0,
        },
        Check::VolumeDrift { max_factor: 0.5 },
        Check::Freshness { max_days: -1 },
    ] {
        let rule = rule("nonsense", Severity::Info, nonsense.clone());
        let refused = quality::add_rule(backend, ctx, DataSet::Orders, &rule).await;
        assert!(
            matches!(refused, Err(QualityError::Invalid(_))),
            "{nonsense:?}"
        );
    }
    let changed = rule("mine", Severity::Critical, no_price_above(2));
    quality::change_rule(backend, ctx, id, (DataSet::Orders, &changed), false)
        .await
        .unwrap();
    let (_, own) = quality::rules(backend, ctx).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0].rule, own[0].enabled), (&changed, false));
    let analyst = shop.as_member(Role::Analyst);
    assert!(matches!(
        quality::remove_rule(backend, &analyst, id).await,
        Err(QualityError::Denied(_))
    ));
    quality::remove_rule(backend, ctx, id).await.unwrap();
    assert!(matches!(
        quality::remove_rule(backend, ctx, id).await,
        Err(QualityError::NotFound)
    ));
}
