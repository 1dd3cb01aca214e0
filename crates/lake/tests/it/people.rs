//! Somebody who is known by a number in one file and by an e-mail address in another is one customer, whichever uploads
//! come and go.

use crate::store::{Store, runtime};
use ingest::{DataSet, Value};
use lake::engine::Key;
use lake::{Source, Table};
use metrics::{Dimension, Measure, Query};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[derive(Clone, Debug)]
struct Order {
    february: bool,
    number: Option<u8>,
    address: Option<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Upload(Vec<Order>),
    /// The n-th upload no longer counts, or counts again.
    Turn(usize),
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let name = || prop::option::weighted(0.6, 0_u8..5);
    let order = (any::<bool>(), name(), name()).prop_map(|(february, number, address)| Order {
        february,
        number,
        address,
    });
    prop::collection::vec(order, 1..7).prop_map(|mut orders| {
        // Some of each, so that nothing must be asked about the columns.
        for (number, address) in [(Some(8), None), (None, Some(9))] {
            orders.push(Order {
                february: false,
                number,
                address,
            });
        }
        orders
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => orders().prop_map(Step::Upload),
        2 => (0_usize..5).prop_map(Step::Turn),
    ];
    prop::collection::vec(step, 1..8)
}

fn csv(upload: usize, orders: &[Order]) -> String {
    let mut text =
        String::from("Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Customer ID,Email\n");
    for (at, order) in orders.iter().enumerate() {
        let month = if order.february { 2 } else { 1 };
        let number = order.number.map(|n| format!("C{n}")).unwrap_or_default();
        let address = order.address.map(address).unwrap_or_default();
        writeln!(
            text,
            "{upload}-{at},2026-{month:02}-10 {upload:02}:{at:02}:00,S1,1,10.00,EUR,{number},{address}"
        )
        .unwrap();
    }
    text
}

fn address(n: u8) -> String {
    // Everybody writes it differently.
    let name = if n.is_multiple_of(2) {
        "Person"
    } else {
        "person"
    };
    format!("{name}{n}@example.com")
}

/// A number or an address.
type Name = (bool, u8);

/// Sets of names that mean one person, by merging whatever overlaps until nothing does.
fn together(orders: &[&Order]) -> Vec<BTreeSet<Name>> {
    let both: BTreeSet<(u8, u8)> = orders
        .iter()
        .filter_map(|order| order.number.zip(order.address))
        .collect();
    let few = |n: usize| n <= 3;
    let mut people: Vec<BTreeSet<Name>> = both
        .iter()
        .filter(|(number, _)| few(both.iter().filter(|(n, _)| n == number).count()))
        .filter(|(_, address)| few(both.iter().filter(|(_, a)| a == address).count()))
        .map(|(number, address)| [(true, *number), (false, *address)].into())
        .collect();
    while let Some((one, other)) = (0..people.len())
        .flat_map(|one| (0..one).map(move |other| (one, other)))
        .find(|(one, other)| !people[*one].is_disjoint(&people[*other]))
    {
        let names = people.remove(one);
        people[other].extend(names);
    }
    people
}

/// Whom an order is of.
fn who(people: &[BTreeSet<Name>], order: &Order) -> Option<BTreeSet<Name>> {
    let own = order.number.map(|n| (true, n));
    let name = own.or(order.address.map(|a| (false, a)))?;
    let person = people.iter().find(|names| names.contains(&name));
    Some(person.cloned().unwrap_or_else(|| [name].into()))
}

const MEASURES: [Measure; 4] = [
    Measure::Orders,
    Measure::Customers,
    Measure::NewCustomers,
    Measure::ReturningCustomers,
];

/// By month, and in all.
fn oracle(uploads: &[(bool, Vec<Order>)]) -> (BTreeMap<Vec<Key>, Vec<i64>>, Vec<i64>) {
    let live: Vec<(usize, &Vec<Order>)> = uploads
        .iter()
        .enumerate()
        .filter(|(_, (counts, _))| *counts)
        .map(|(at, (_, orders))| (at, orders))
        .collect();
    let all: Vec<&Order> = live.iter().flat_map(|(_, orders)| orders.iter()).collect();
    let people = together(&all);
    let mut bought: BTreeMap<BTreeSet<Name>, Vec<(bool, usize, usize)>> = BTreeMap::new();
    for (upload, orders) in &live {
        for (at, order) in orders.iter().enumerate() {
            if let Some(person) = who(&people, order) {
                let when = (order.february, *upload, at);
                bought.entry(person).or_default().push(when);
            }
        }
    }
    for times in bought.values_mut() {
        times.sort_unstable();
    }
    let count = |of: &dyn Fn(&bool) -> bool| {
        let orders = all.iter().filter(|order| of(&order.february)).count();
        let mut counts = vec![i64::try_from(orders).unwrap(), 0, 0, 0];
        for times in bought.values() {
            let here: Vec<_> = times.iter().filter(|(month, ..)| of(month)).collect();
            let Some(first) = here.first() else { continue };
            let began = **first == times[0];
            counts[1] += 1;
            counts[2] += i64::from(began);
            counts[3] += i64::from(here.len() > 1 || !began);
        }
        counts
    };
    let mut months = BTreeMap::new();
    for february in [false, true] {
        let counts = count(&|month| *month == february);
        if counts[0] > 0 {
            let key = 2026 * 12 + i32::from(february);
            months.insert(vec![Key::Time(key)], counts);
        }
    }
    (months, count(&|_| true))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_customer_with_several_names_is_one(steps in steps()) {
        runtime().block_on(taken(steps))?;
    }
}

async fn taken(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut store = Store::new();
    let mut uploads: Vec<(bool, Vec<Order>)> = Vec::new();
    let mut runs = Vec::new();
    for step in steps {
        let told = format!("{step:?}");
        match step {
            Step::Upload(orders) => {
                let job = store.job(&csv(uploads.len(), &orders)).await;
                store.lake.import(job.clone(), |_| true).await.unwrap();
                runs.push(job.run);
                uploads.push((true, orders));
                store.live.push(job.run);
                store.make_known(&[job.run]).await;
            }
            Step::Turn(n) => {
                let Some((counts, _)) = uploads.get_mut(n) else {
                    continue;
                };
                *counts = !*counts;
                match *counts {
                    true => store.live.push(runs[n]),
                    false => store.live.retain(|run| *run != runs[n]),
                }
                store.make_known(&[runs[n]]).await;
            }
        }
        let (months, all) = oracle(&uploads);
        let by_month = Query::new([]).by([Dimension::Month]);
        let seen = store
            .ask(store.published, Source::Orders, &by_month, &MEASURES)
            .await;
        prop_assert_eq!(seen, months, "by month after {}", told);
        let seen = store
            .ask(store.published, Source::Orders, &Query::new([]), &MEASURES)
            .await;
        prop_assert_eq!(&seen[&vec![]], &all, "after {}", told);
        let customers = [Measure::Customers];
        let seen = store
            .ask(store.published, Source::Lines, &Query::new([]), &customers)
            .await;
        prop_assert_eq!(&seen[&vec![]], &all[1..2], "of lines, after {}", told);
    }
    Ok(())
}

fn order(number: Option<u8>, address: Option<u8>) -> Order {
    Order {
        february: false,
        number,
        address,
    }
}

#[test]
fn a_customer_is_found_by_any_name_and_no_month_is_rebuilt_for_it() {
    runtime().block_on(async {
        let mut store = Store::new();
        store
            .import(&csv(1, &[order(Some(1), None), order(Some(2), None)]))
            .await;
        let apart = store
            .import(&csv(2, &[order(None, Some(1)), order(None, Some(2))]))
            .await;
        // One order more, which says who is who.
        let linking = Order {
            february: true,
            ..order(Some(1), Some(1))
        };
        let together = store.import(&csv(3, &[linking])).await;
        let again = lake::Publication {
            name: "again".to_owned(),
            live: store.live.clone(),
            changed: vec![store.live[2]],
            now_millis: 0,
        };
        let months = store.lake.publish(store.tenant, &again, together);
        assert_eq!(months.await.unwrap().months, [2026 * 12 + 1]);
        for (source, measure) in [
            (Source::Orders, Measure::Orders),
            (Source::Lines, Measure::Units),
        ] {
            for name in ["C1", "person1@example.com", "PERSON1@example.com"] {
                let query = Query::new([]).only(Dimension::Customer, [name.to_owned()]);
                for (versions, count) in [(apart, 1), (together, 3)] {
                    let seen = store.ask(versions, source, &query, &[measure]).await;
                    let unit = if measure == Measure::Units {
                        1_000_000
                    } else {
                        1
                    };
                    assert_eq!(
                        seen[&vec![]],
                        [count * unit],
                        "{source:?} {name} {versions:?}"
                    );
                }
            }
        }
        let rows = store
            .lake
            .rows(
                store.tenant,
                Table::Of(DataSet::Orders),
                together.lines,
                "",
                (0, 10),
            )
            .await
            .unwrap();
        let cells = rows
            .page
            .items
            .iter()
            .flat_map(|row| row.0.iter().flatten());
        let texts: Vec<&str> = cells
            .filter_map(|cell| match cell {
                Value::Text(text) => Some(&**text),
                Value::Number(_) => None,
            })
            .collect();
        let hash = ingest::email_hash("person1@example.com");
        assert!(texts.contains(&hash.as_str()));
        assert!(texts.iter().all(|text| !text.contains('@')), "{texts:?}");
        let found = store.lake.rows(
            store.tenant,
            Table::Of(DataSet::Orders),
            together.lines,
            "Person1@Example.com",
            (0, 10),
        );
        assert_eq!(found.await.unwrap().page.total, 1);
    });
}
