//! The UCI Online Retail file. The figures were computed with Python's csv and decimal modules from the definitions,
//! not with this crate.

use crate::support::{options, shared};
use ingest::{Kind, Sample, Source, inspect, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use types::Micros;

#[test]
fn all_541_909_lines_are_accounted_for() {
    let Some(path) = shared("online_retail/online_retail.csv.gz") else {
        return;
    };
    let sample = Sample::from_read(File::open(&path).unwrap()).unwrap();
    let inspection = inspect(&sample, "online_retail.csv.gz", &options(&[])).unwrap();
    assert_eq!(inspection.source, Source::UciOnlineRetail);
    assert_eq!(inspection.questions, []);
    let plan = inspection.plan.unwrap();
    let mut kinds = BTreeMap::<Kind, u64>::new();
    let (mut gross, mut returns, mut units) = (0_i64, 0_i64, 0_i64);
    let (mut orders, mut customers) = (BTreeSet::new(), BTreeSet::new());
    let (mut keys, mut counts) = (BTreeSet::new(), None);
    for batch in read(&plan, File::open(&path).unwrap()) {
        let batch = batch.unwrap();
        assert_eq!(batch.rejects, []);
        for line in batch.lines {
            *kinds.entry(line.kind).or_default() += 1;
            gross += line.gross.0;
            returns += line.returns.0;
            let product = if line.sku.is_empty() {
                line.product_name.clone()
            } else {
                line.sku.clone()
            };
            assert!(
                keys.insert((line.order_id.clone(), product, line.line)),
                "keys are unique"
            );
            if line.kind == Kind::Sale {
                units += line.quantity.0;
                orders.insert(line.order_id);
                customers.extend(line.customer);
            }
        }
        counts = Some(batch.counts);
    }
    let counts = counts.unwrap();
    assert_eq!(
        (
            counts.records,
            counts.accepted,
            counts.rejected,
            counts.blank
        ),
        (541_909, 541_909, 0, 0)
    );
    assert_eq!(counts.duplicates, 5_268);
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            (Kind::Sale, 530_103),
            (Kind::Return, 9_288),
            (Kind::Adjustment, 3),
            (Kind::StockCorrection, 1_336),
            (Kind::Free, 1_179)
        ]
    );
    assert_eq!(Micros(gross).to_string(), "10655622.484");
    assert_eq!(Micros(returns).to_string(), "-896812.49");
    assert_eq!(
        (orders.len(), customers.len(), units),
        (19_959, 4_338, 5_588_375_000_000)
    );
}

#[test]
fn non_product_lines_can_be_left_out() {
    let Some(path) = shared("online_retail/online_retail.csv.gz") else {
        return;
    };
    let sample = Sample::from_read(File::open(&path).unwrap()).unwrap();
    let decided = options(&[
        ("non_product_lines", "exclude"),
        ("drop_duplicates", "true"),
    ]);
    let plan = inspect(&sample, "online_retail.csv.gz", &decided)
        .unwrap()
        .plan
        .unwrap();
    let (mut rejected, mut odd) = (0, 0);
    for batch in read(&plan, File::open(&path).unwrap()) {
        let batch = batch.unwrap();
        rejected = batch.counts.rejected;
        odd += batch
            .lines
            .iter()
            .filter(|l| l.kind.in_figures() && !l.sku.bytes().take(5).all(|b| b.is_ascii_digit()))
            .count();
    }
    assert_eq!((rejected, odd), (5_268, 0));
}
