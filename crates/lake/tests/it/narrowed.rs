//! Questions about few of many lines: only what can hold them is read, and the figures are the same.

use crate::store::{FIRST_DAY, Store, runtime};
use lake::engine::Key;
use lake::{
    Lake, Source,
    lines::{self, LineOrder},
};
use metrics::{Dimension, ExtraColumn, Filter, Measure, Query};
use std::collections::BTreeMap;
use types::{Day, Micros, Period};

/// Two months, each of several row groups.
const LINES: u32 = 60_000;
const DAYS: i32 = 60;

struct Line {
    day: i32,
    product: u32,
    customer: u32,
    warehouse: &'static str,
    pieces: i64,
}

fn generated() -> Vec<Line> {
    // No pattern between the columns, and the same each time.
    let mut state = 7_u64;
    let mut next = |values: u32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u32::try_from(state >> 33).unwrap() % values
    };
    let mut days: Vec<i32> = (0..LINES)
        .map(|_| FIRST_DAY + i32::try_from(next(DAYS.unsigned_abs())).unwrap())
        .collect();
    days.sort_unstable();
    days.into_iter()
        .map(|day| Line {
            day,
            product: next(800),
            customer: next(500),
            warehouse: ["north", "south", "east"][next(3) as usize],
            pieces: i64::from(next(9)) + 1,
        })
        .collect()
}

fn csv(lines: &[Line]) -> String {
    let mut text = String::from(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,Warehouse\n",
    );
    for (number, line) in lines.iter().enumerate() {
        text.push_str(&format!(
            "{},P{:04},A PRODUCT,{},{} 08:26:00,2.50,C{:04},France,{}\n",
            500_000 + number,
            line.product,
            line.pieces,
            Day(line.day),
            line.customer,
            line.warehouse,
        ));
    }
    text
}

fn product(line: &Line) -> String {
    format!("P{:04}", line.product)
}

fn customer(line: &Line) -> String {
    format!("C{:04}", line.customer)
}

type Case = (Query, Box<dyn Fn(&Line) -> bool>);

fn cases() -> Vec<Case> {
    let of = |dimension, values: &[String]| Filter {
        dimension,
        values: values.to_vec(),
    };
    let asked = |filters: Vec<Filter>, period| Query {
        by: vec![
            Dimension::Month,
            Dimension::Extra(ExtraColumn::new("Warehouse").unwrap()),
        ],
        filters,
        period,
        ..Query::default()
    };
    let (from, to) = (FIRST_DAY + 10, FIRST_DAY + 19);
    let days = Period::new(Day(from), Day(to));
    let text = |n: u32| format!("P{n:04}");
    vec![
        (
            asked(vec![of(Dimension::Product, &[text(3)])], None),
            Box::new(|line| line.product == 3),
        ),
        (
            asked(vec![of(Dimension::Product, &[text(400), text(401)])], days),
            Box::new(move |line| {
                (from..=to).contains(&line.day) && [400, 401].contains(&line.product)
            }),
        ),
        (
            asked(
                vec![
                    of(Dimension::Customer, &["C0077".to_owned()]),
                    of(Dimension::Product, &[text(5), text(700)]),
                ],
                None,
            ),
            Box::new(|line| line.customer == 77 && [5, 700].contains(&line.product)),
        ),
        (
            asked(vec![of(Dimension::Product, &["no such".to_owned()])], None),
            Box::new(|_| false),
        ),
        (
            asked(vec![of(Dimension::Product, &[String::new()])], None),
            Box::new(|_| false),
        ),
        (
            asked(Vec::new(), days),
            Box::new(move |line| (from..=to).contains(&line.day)),
        ),
    ]
}

#[test]
fn few_of_many_lines_give_the_same_figures_cold_and_warm() {
    runtime().block_on(async {
        let generated = generated();
        let mut store = Store::new();
        let versions = store.import(&csv(&generated)).await;
        for (query, meant) in cases() {
            let mut expected: BTreeMap<Vec<Key>, Vec<i64>> = BTreeMap::new();
            for line in generated.iter().filter(|line| meant(line)) {
                let month = metrics::calendar::key(Dimension::Month, Day(line.day)).unwrap();
                let key = vec![Key::Time(month), Key::Text(line.warehouse.to_owned())];
                let sums = expected.entry(key).or_insert_with(|| vec![0, 0, 0]);
                sums[0] += line.pieces * 2_500_000;
                sums[1] += line.pieces * 1_000_000;
                sums[2] += 1;
            }
            let measures = [Measure::Gross, Measure::Units, Measure::Orders];
            let warm = store.ask(versions, Source::Lines, &query, &measures).await;
            assert_eq!(warm, expected, "{query:?}");
            // Nothing is held in memory by this one yet.
            store.lake = Lake::new(&store.url, store.objects.clone()).unwrap();
            let cold = store.ask(versions, Source::Lines, &query, &measures).await;
            assert_eq!(cold, expected, "{query:?}");
            let all = store
                .ask(
                    versions,
                    Source::Lines,
                    &Query::default(),
                    &[Measure::Orders],
                )
                .await;
            assert_eq!(
                all.into_values().collect::<Vec<_>>(),
                [vec![i64::from(LINES)]]
            );
        }
    });
}

#[test]
fn the_lines_behind_a_figure_come_by_day_and_record() {
    runtime().block_on(async {
        let generated = generated();
        let mut store = Store::new();
        let versions = store.import(&csv(&generated)).await;
        for (query, meant) in cases() {
            let expected: Vec<(u64, String, String, Micros)> = generated
                .iter()
                .enumerate()
                .filter(|(_, line)| meant(line))
                .map(|(number, line)| {
                    let gross = Micros(line.pieces * 2_500_000);
                    (number as u64 + 1, product(line), customer(line), gross)
                })
                .collect();
            store.lake = Lake::new(&store.url, store.objects.clone()).unwrap();
            let snapshot = store.lake.snapshot(store.tenant, versions).await.unwrap();
            for (offset, limit) in [(0, 7), (5, 20), (20, 100_000), (200_000, 5)] {
                let page = lines::behind(
                    &store.lake,
                    &snapshot,
                    &query,
                    LineOrder::default(),
                    (offset, limit),
                )
                .await
                .unwrap()
                .page;
                let found: Vec<_> = page
                    .items
                    .into_iter()
                    .map(|line| {
                        let (sku, customer) = (line.sku.unwrap(), line.customer.unwrap());
                        (line.record, sku, customer, line.gross)
                    })
                    .collect();
                let rest = expected.iter().skip(usize::try_from(offset).unwrap());
                let wanted: Vec<_> = rest.take(limit as usize).cloned().collect();
                assert_eq!(found, wanted, "{query:?} from {offset}");
                assert_eq!(page.total, expected.len() as u64);
            }
        }
    });
}
