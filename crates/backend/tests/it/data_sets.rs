//! Data sets beside orders: their current rows, what a file changes in them, and that all of it can be taken back.

use crate::shop::{Shop, orders};
use access::{Ctx, Principal, Role};
use backend::{
    data_sets::{self, TableError},
    ingest::{DataSet, Decisions, email_hash},
    lake::{
        Table,
        quality::{Check, Number, Outcome, Rule, Severity},
    },
    quality::{self, QualityError},
    storage::uploads::UploadState,
    uploads,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use types::{KeyId, UploadId};

async fn rows_at(shop: &Shop, set: DataSet, version: Option<i64>) -> Vec<String> {
    shop.table(Table::Of(set), version).await
}

async fn rows(shop: &Shop, set: DataSet) -> Vec<String> {
    rows_at(shop, set, None).await
}

fn products(rows: &[(&str, &str, i64)]) -> String {
    let mut text = String::from("sku,product name,price,currency\n");
    for (sku, name, cents) in rows {
        text.push_str(&format!(
            "{sku},{name},{}.{:02},EUR\n",
            cents / 100,
            cents % 100
        ));
    }
    text
}

fn lamp(cents: &str) -> String {
    format!("sku=S1 product_name=Lamp price={cents} currency=EUR")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlapping_file_updates_by_key_and_undo_restores_the_rows() {
    let shop = Shop::new().await;
    let first = [("S1", "Lamp", 1_000), ("S2", "Desk", 20_000)];
    let first = shop.import("products.csv", products(&first)).await;
    assert_eq!(first.state, UploadState::Done, "{:?}", first.error);
    assert_eq!(first.data_set, "products");
    let result = uploads::result(&first).unwrap().unwrap();
    assert_eq!(
        (result.rows, result.accepted, result.totals.len()),
        (2, 2, 0)
    );
    let desk = "sku=S2 product_name=Desk price=200 currency=EUR".to_owned();
    let before = rows(&shop, DataSet::Products).await;
    assert_eq!(before, [lamp("10"), desk.clone()]);

    let second = [
        ("s1", "Lamp", 1_250),
        ("S2", "Desk", 20_000),
        ("S3", "Mug", 450),
    ];
    let sent = shop.send("more.csv", products(&second)).await;
    let preview = uploads::preview(&shop.backend, &shop.ctx, sent.id)
        .await
        .unwrap();
    assert_eq!(
        (preview.data_set, preview.lines, preview.data.len()),
        (DataSet::Products, 3, 3)
    );
    let lines = preview.effect.lines;
    assert_eq!((lines.added, lines.changed, lines.unchanged), (1, 1, 1));
    let second = shop.start(sent.id).await;
    let mug = "sku=S3 product_name=Mug price=4.5 currency=EUR".to_owned();
    let after = rows(&shop, DataSet::Products).await;
    assert_eq!(after, [lamp("12.5"), desk.clone(), mug.clone()]);

    shop.undo(second.id).await;
    assert_eq!(rows(&shop, DataSet::Products).await, before);
    uploads::redo(&shop.backend, &shop.ctx, second.id)
        .await
        .unwrap();
    shop.settled(second.id).await;
    assert_eq!(rows(&shop, DataSet::Products).await, after);
    shop.undo(first.id).await;
    assert_eq!(rows(&shop, DataSet::Products).await, after);
    shop.undo(second.id).await;
    assert_eq!(rows(&shop, DataSet::Products).await, Vec::<String>::new());

    // As it was: version by version.
    for (version, then) in [(1, &before), (2, &after), (3, &before), (4, &after)] {
        assert_eq!(
            rows_at(&shop, DataSet::Products, Some(version)).await,
            *then
        );
    }
    let page = async |version, offset| {
        let table = Table::Of(DataSet::Products);
        data_sets::rows(&shop.backend, &shop.ctx, table, Some(version), offset, 2).await
    };
    let none = page(99, 0).await;
    assert!(matches!(none, Err(TableError::NoVersion(99))));
    // Pages join without a gap.
    let (a, b) = (
        page(2, 0).await.unwrap().rows.page,
        page(2, 2).await.unwrap().rows.page,
    );
    assert_eq!(
        (a.items.len(), a.total, b.items.len(), b.total),
        (2, 3, 1, 3)
    );
    // Figures know nothing of it.
    assert_eq!(shop.figures().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_twice_a_rerun_and_another_data_set() {
    let shop = Shop::new().await;
    let file = products(&[("S1", "Lamp", 1_000)]);
    let first = shop.import("products.csv", file.clone()).await;
    let copy = shop.import("copy.csv", file.clone()).await;
    assert_eq!(
        (copy.state, copy.duplicate_of),
        (UploadState::Done, Some(first.id))
    );
    // Orders that share nothing with it go their own way.
    let order = shop
        .import("orders.csv", orders(&[(1, "2026-01-10", 1_000)]))
        .await;
    assert_eq!(
        (order.state, order.data_set.as_str()),
        (UploadState::Done, "orders")
    );
    assert_eq!(rows(&shop, DataSet::Products).await, [lamp("10")]);

    uploads::rerun(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    let again = shop.start(first.id).await;
    assert_eq!((again.state, again.live_run), (UploadState::Done, Some(2)));
    assert_eq!(rows(&shop, DataSet::Products).await, [lamp("10")]);

    // What counts as products is not read as costs before it is undone.
    let costs = Decisions::from([
        ("data_set".to_owned(), "costs".to_owned()),
        ("map.2".to_owned(), "cost".to_owned()),
    ]);
    uploads::rerun(&shop.backend, &shop.ctx, first.id)
        .await
        .unwrap();
    let refused = uploads::decide(&shop.backend, &shop.ctx, first.id, costs.clone()).await;
    assert!(matches!(refused, Err(uploads::UploadError::AnotherDataSet)));
    assert_eq!(shop.get(first.id).await.state, UploadState::Ready);
    // Who cannot be asked once more finds it as it was before it was read again.
    let refused = uploads::decide_for_good(&shop.backend, &shop.ctx, first.id, costs.clone())
        .await
        .unwrap();
    assert_eq!(refused.error.unwrap().code, "another_data_set");
    assert_eq!(
        (refused.state, refused.data_set.as_str()),
        (UploadState::Done, "products")
    );
    assert_eq!(rows(&shop, DataSet::Products).await, [lamp("10")]);
    let other = shop
        .send("another.csv", products(&[("S1", "Lamp", 1_001)]))
        .await;
    let other = uploads::decide(&shop.backend, &shop.ctx, other.id, costs)
        .await
        .unwrap();
    assert_eq!(
        (other.state, other.data_set.as_str()),
        (UploadState::Ready, "costs")
    );
    shop.start(other.id).await;
    assert_eq!(
        rows(&shop, DataSet::Costs).await,
        ["sku=S1 cost=10.01 currency=EUR extra={\"product name\":\"Lamp\"}"]
    );
    shop.undo(other.id).await;
    assert!(rows(&shop, DataSet::Costs).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_hashed_and_seen_by_those_who_may() {
    let shop = Shop::new().await;
    let file = "Customer ID,Name,Email,Country\n7,Ada Lovelace,ADA@example.com,GB\n,Bob,bob@example.com,FR\n";
    let upload = shop.import("customers.csv", file).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let seen = rows(&shop, DataSet::Customers).await;
    assert_eq!(
        seen,
        [
            format!(
                "customer_id=7 email_hash={} customer_name=Ada Lovelace country=GB",
                email_hash("ada@example.com")
            ),
            format!(
                "email_hash={} customer_name=Bob country=FR",
                email_hash("bob@example.com")
            ),
        ]
    );
    let gold = format!("{}/gold/rows/customers", shop.ctx.tenant);
    for entry in shop.backend.objects.list(&gold).await.unwrap() {
        let bytes = shop.backend.objects.get(&entry.path).await.unwrap();
        assert!(!bytes.windows(12).any(|w| w == b"@example.com"));
    }
    let analyst = shop.as_member(Role::Analyst);
    let customers = Table::Of(DataSet::Customers);
    let asked = data_sets::rows(&shop.backend, &analyst, customers, None, 0, 1).await;
    assert!(asked.is_ok());
    // A key that sends files reads no rows.
    let key = Ctx {
        principal: Principal::Key(KeyId(uuid::Uuid::nil())),
        ..shop.ctx.clone()
    };
    let products = Table::Of(DataSet::Products);
    let asked = data_sets::rows(&shop.backend, &key, products, None, 0, 1).await;
    assert!(matches!(
        asked,
        Err(TableError::Other(uploads::UploadError::Denied(_)))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_each_data_set_are_checked() {
    let shop = Shop::new().await;
    let file = "sku,product name,price\nS1,Lamp,-5\nS1,Lamp,7\nS2,,8\nS3,,9\nS4,,9\n";
    let upload = shop.import("products.csv", file).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let said = quality::results(&shop.backend, &shop.ctx, upload.id)
        .await
        .unwrap();
    let failed: Vec<_> = said
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::Failed)
        .map(|verdict| verdict.rule.id.as_str())
        .collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    for id in ["products_named", "products_once", "prices"] {
        assert!(failed.contains(&id), "{failed:?}");
    }
    // The last word on S1 counts.
    assert!(rows(&shop, DataSet::Products).await.contains(&lamp("7")));
    // Nearly all refused: nothing counts before somebody says so.
    let mut bad = String::from("sku,product name,price\nS9,Vase,1\n");
    for n in 0..20 {
        bad.push_str(&format!(",Vase {n},2\n"));
    }
    let held = shop.import("bad.csv", bad).await;
    assert_eq!(held.state, UploadState::Held);
    assert_eq!(rows(&shop, DataSet::Products).await.len(), 4);
    uploads::publish_anyway(&shop.backend, &shop.ctx, held.id)
        .await
        .unwrap();
    shop.settled(held.id).await;
    assert_eq!(rows(&shop, DataSet::Products).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_a_part_of_any_text() {
    let shop = Shop::new().await;
    let file = "sku,product name,brand,price\nS1,Lamp,Nord,5\nS2,NORDIC Chair,,7\nS3,Vase,Süd,9\n";
    shop.import("products.csv", file).await;
    let found = async |text: &str, page| {
        let table = Table::Of(DataSet::Products);
        let found = data_sets::found(&shop.backend, &shop.ctx, table, None, text, page).await;
        let page = found.unwrap().rows.page;
        (page.total, page.items.len())
    };
    assert_eq!(found("", (0, 2)).await, (3, 2));
    assert_eq!(found(" nord ", (0, 10)).await, (2, 2));
    assert_eq!(found("nord", (1, 10)).await, (2, 1));
    assert_eq!(found("SÜD", (0, 10)).await, (1, 1));
    assert_eq!(found("s3", (0, 10)).await, (1, 1));
    // The id of the upload is no text of the row.
    assert_eq!(found("-", (0, 10)).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_has_rules_of_its_own_for_each_data_set() {
    let shop = Shop::new().await;
    let (backend, ctx) = (&shop.backend, &shop.ctx);
    let rule = |id: &str, check| Rule {
        id: id.to_owned(),
        severity: Severity::Critical,
        check,
    };
    let most = |column, max: &str| Check::Range {
        column,
        min: None,
        max: Some(max.parse().unwrap()),
        max_share: 0.0,
    };
    let add = async |set, rule: &Rule| quality::add_rule(backend, ctx, set, rule).await;
    let dear = rule("nothing above 50", most(Number::Price, "50"));
    add(DataSet::Products, &dear).await.unwrap();
    // Counts and rates are kept in other units than amounts, and compared as people write them.
    add(DataSet::AdSpend, &rule("clicks", most(Number::Clicks, "5")))
        .await
        .unwrap();
    add(DataSet::Rates, &rule("rates", most(Number::Rate, "1.5")))
        .await
        .unwrap();
    let volume = rule("as ever", Check::VolumeDrift { max_factor: 2.0 });
    for (set, rule) in [
        (DataSet::Orders, &dear),
        (DataSet::Products, &volume),
        (DataSet::Customers, &dear),
    ] {
        let refused = add(set, rule).await;
        assert!(
            matches!(refused, Err(QualityError::Invalid("column"))),
            "{set:?}"
        );
    }
    let held = shop
        .import("dear.csv", products(&[("S1", "Lamp", 5_001)]))
        .await;
    assert_eq!(held.state, UploadState::Held);
    let fine = shop
        .import("fine.csv", products(&[("S1", "Lamp", 5_000)]))
        .await;
    assert_eq!(fine.state, UploadState::Done, "{:?}", fine.error);
    for (clicks, state) in [(5, UploadState::Done), (6, UploadState::Held)] {
        let file = format!(
            "day,channel,campaign,spend,clicks\n2026-01-0{clicks},ads,spring,1.00,{clicks}\n"
        );
        let upload = shop.import(&format!("ads{clicks}.csv"), file).await;
        assert_eq!(upload.state, state, "{clicks} clicks: {:?}", upload.error);
    }
    for (rate, state) in [
        ("1.5", UploadState::Done),
        ("1.500000001", UploadState::Held),
    ] {
        let file =
            format!("date,from currency,to currency,exchange rate\n2026-01-05,USD,EUR,{rate}\n");
        let upload = shop.import(&format!("rates{rate}.csv"), file).await;
        assert_eq!(upload.state, state, "{rate}: {:?}", upload.error);
    }
    let (_, own) = quality::rules(backend, ctx).await.unwrap();
    let sets: Vec<DataSet> = own.iter().map(|rule| rule.data_set).collect();
    assert_eq!(sets, [DataSet::AdSpend, DataSet::Products, DataSet::Rates]);
}

/// Events by kind, as an independent count of the file has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_events_by_month() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/funnel_ecom/ecom.csv.gz");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let shop = Shop::new().await;
    let upload = shop.import("ecom.csv.gz", bytes).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    assert_eq!(upload.data_set, "events");
    let mut kinds = BTreeMap::<String, u64>::new();
    let mut visitors = std::collections::BTreeSet::new();
    let mut total = 0;
    for offset in (0..).step_by(10_000) {
        let table = data_sets::rows(
            &shop.backend,
            &shop.ctx,
            Table::Of(DataSet::Events),
            None,
            offset,
            10_000,
        )
        .await
        .unwrap()
        .rows;
        let at = |name: &str| table.columns.iter().position(|c| c.name == name).unwrap();
        for row in &table.page.items {
            let text = |name: &str| {
                let kind = table.columns[at(name)].kind;
                data_sets::text(kind, row.0[at(name)].as_ref().unwrap())
            };
            *kinds.entry(text("event_name")).or_default() += 1;
            visitors.insert(text("visitor"));
            total += 1;
        }
        if offset + 10_000 >= table.page.total {
            break;
        }
    }
    assert_eq!((total, visitors.len()), (31_106, 600));
    assert_eq!(kinds.len(), 19, "{kinds:?}");
    println!("{kinds:?}");
    let before = rows(&shop, DataSet::Events).await.len();
    assert_eq!(before, 10_000);
}

/// Products and their prices in cents.
type Said = Vec<(u8, i64)>;

#[derive(Clone, Debug)]
enum Step {
    Import(Said),
    Undo(usize),
    Redo(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let row = (0_u8..4, 100_i64..104);
    let step = prop_oneof![
        3 => proptest::collection::vec(row, 1..4).prop_map(Step::Import),
        2 => (0_usize..4).prop_map(Step::Undo),
        1 => (0_usize..4).prop_map(Step::Redo),
    ];
    proptest::collection::vec(step, 1..8)
}

/// Whatever is imported, undone and brought back: the rows are those of a map that takes the live files in their order.
#[test]
fn any_sequence_equals_a_map() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    });
    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let shop = Shop::new().await;
                let mut files: Vec<(UploadId, Said, bool)> = Vec::new();
                for step in steps {
                    match step {
                        Step::Import(of) => {
                            let named: Vec<_> =
                                of.iter().map(|(s, c)| (format!("S{s}"), *c)).collect();
                            let of_rows: Vec<_> = named
                                .iter()
                                .map(|(s, c)| (s.as_str(), "Thing", *c))
                                .collect();
                            let upload = shop.import("p.csv", products(&of_rows)).await;
                            assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
                            // The same file while it counts is none.
                            if upload.duplicate_of.is_none() {
                                files.push((upload.id, of, true));
                            }
                        }
                        Step::Undo(n) => {
                            if let Some((id, _, live)) = files.get_mut(n) {
                                shop.undo(*id).await;
                                *live = false;
                            }
                        }
                        Step::Redo(n) => {
                            if let Some((id, _, live)) = files.get_mut(n)
                                && !*live
                            {
                                uploads::redo(&shop.backend, &shop.ctx, *id).await.unwrap();
                                shop.settled(*id).await;
                                *live = true;
                            }
                        }
                    }
                    let mut oracle = BTreeMap::new();
                    for (_, of, _) in files.iter().filter(|(_, _, live)| *live) {
                        oracle.extend(of.iter().copied());
                    }
                    let expected: Vec<String> = oracle
                        .iter()
                        .map(|(sku, cents)| {
                            let price = data_sets::text(
                                backend::ingest::ValueKind::Money,
                                &backend::ingest::Value::Number(cents * 10_000),
                            );
                            format!("sku=S{sku} product_name=Thing price={price} currency=EUR")
                        })
                        .collect();
                    assert_eq!(rows(&shop, DataSet::Products).await, expected);
                }
                shop.stop().await;
            });
            Ok(())
        })
        .unwrap();
}
