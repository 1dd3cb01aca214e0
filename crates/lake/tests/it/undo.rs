//! Whatever is uploaded, undone, brought back and read anew, in whatever order and with whatever interruptions:
//! of each line, the version of the latest upload that counts is what the figures are made of, and of an order that was
//! exported again, the lines of the later export.

use crate::store::{FIRST_DAY, Row, Store, csv, runtime, shopify, uuid};
use lake::engine::Key;
use lake::{GoldVersions, LakeError, Run, Source};
use metrics::{Dimension, Measure, Query};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use types::{Day, UploadId};

/// What happens to a store.
#[derive(Clone, Debug)]
enum Step {
    /// A file arrives. `place` decides where it stands among the uploads: files are imported in another order
    /// than they were begun.
    Upload { rows: Vec<Row>, place: u16 },
    /// The n-th upload no longer counts.
    Undo(usize),
    /// It counts again.
    Redo(usize),
    /// It is read again and gives other lines.
    Rerun(usize, Vec<Row>),
    /// As undo and redo, but the worker dies after its commits, before anybody hears of it.
    Lost(usize),
    /// A file is read, and then its import is given up.
    GivenUp(Vec<Row>),
}

/// How the files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A row a line: the end of a file may stand in the middle of an order.
    Lines,
    /// Each order whole.
    Orders,
}

/// Few orders, products and days over three months, so that files overlap, orders are told again, and lines change
/// their month.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let day = prop::sample::select(vec![0_i32, 1, 30, 31, 62]);
    let order = (0_u8..5, day, prop::bool::weighted(0.2), 1_usize..4);
    let line = (0_u8..3, 1_i64..9, 1_i64..5_000);
    prop::collection::vec((order, prop::collection::vec(line, 3)), 1..7).prop_map(|orders| {
        let mut seen = BTreeSet::new();
        orders
            .into_iter()
            .filter(|((order, ..), _)| seen.insert(*order))
            .flat_map(|((order, day, returned, count), lines)| {
                lines
                    .into_iter()
                    .take(count)
                    .map(move |(product, quantity, cents)| Row {
                        order,
                        returned,
                        product,
                        quantity,
                        day: FIRST_DAY + day,
                        cents,
                        customer: Some(order % 4),
                        country: "France",
                    })
            })
            .collect()
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = 0_usize..6;
    let step = prop_oneof![
        5 => (rows(), any::<u16>()).prop_map(|(rows, place)| Step::Upload { rows, place }),
        3 => which.clone().prop_map(Step::Undo),
        2 => which.clone().prop_map(Step::Redo),
        2 => (which.clone(), rows()).prop_map(|(n, rows)| Step::Rerun(n, rows)),
        2 => which.prop_map(Step::Lost),
        1 => rows().prop_map(Step::GivenUp),
    ];
    prop::collection::vec(step, 2..10)
}

/// An upload as the oracle sees it.
struct Upload {
    run: Run,
    seq: i64,
    rows: Vec<Row>,
    counts: bool,
}

const MEASURES: [Measure; 5] = [
    Measure::Gross,
    Measure::Returns,
    Measure::Units,
    Measure::Orders,
    Measure::ReturnedOrders,
];

type Figures = BTreeMap<Vec<Key>, Vec<i64>>;

/// A line: of its order's lines with this product, the n-th.
type Line = (bool, u8, u8, u32);

impl Upload {
    fn lines(&self) -> Vec<(Line, &Row)> {
        let mut nth: BTreeMap<(bool, u8, u8), u32> = BTreeMap::new();
        let rows = self.rows.iter().map(|row| {
            let n = nth
                .entry((row.returned, row.order, row.product))
                .or_default();
            *n += 1;
            ((row.returned, row.order, row.product, *n), row)
        });
        rows.collect()
    }

    /// Its lines of one order on one day.
    fn order(&self, of: &Row) -> BTreeSet<Line> {
        let same =
            |row: &Row| (row.returned, row.order, row.day) == (of.returned, of.order, of.day);
        let lines = self.lines().into_iter();
        lines
            .filter(|(_, row)| same(row))
            .map(|(line, _)| line)
            .collect()
    }
}

/// The last upload that counts wins each line. A later one also takes away the lines that an order of the day no longer
/// has: of whole orders always, and where one of them stands on another day now; else where it has one of the lines that
/// the earlier one had of it.
fn oracle(form: Form, uploads: &[Upload]) -> Figures {
    let counting: Vec<&Upload> = uploads.iter().filter(|u| u.counts).collect();
    let mut current: Vec<&Row> = Vec::new();
    for upload in &counting {
        let later: Vec<&&Upload> = counting.iter().filter(|u| u.seq > upload.seq).collect();
        for (line, row) in upload.lines() {
            let has_line = |u: &&&Upload| u.lines().iter().any(|(other, _)| *other == line);
            let has_order = |u: &&&Upload| match form {
                Form::Orders => {
                    let own = upload.order(row);
                    !u.order(row).is_empty()
                        || u.lines().iter().any(|(other, _)| own.contains(other))
                }
                Form::Lines => !u.order(row).is_disjoint(&upload.order(row)),
            };
            if !later.iter().any(has_line) && !later.iter().any(has_order) {
                current.push(row);
            }
        }
    }
    let mut days: BTreeMap<i32, Vec<&Row>> = BTreeMap::new();
    for row in current {
        days.entry(row.day).or_default().push(row);
    }
    let orders = |rows: &[&Row], returned: bool| {
        let of_kind = rows.iter().filter(|r| r.returned == returned);
        of_kind.map(|r| r.order).collect::<BTreeSet<_>>().len() as i64
    };
    days.into_iter()
        .map(|(day, rows)| {
            let sum = |returned: bool, value: fn(&Row) -> i64| {
                let of_kind = rows.iter().filter(|r| r.returned == returned);
                of_kind.map(|r| value(r)).sum::<i64>()
            };
            let value = |r: &Row| r.quantity * r.cents * 10_000;
            let values = vec![
                sum(false, value),
                -sum(true, value),
                sum(false, |r| r.quantity * 1_000_000),
                orders(&rows, false),
                orders(&rows, true),
            ];
            (vec![Key::Time(day)], values)
        })
        .collect()
}

async fn figures(store: &Store, versions: GoldVersions) -> Figures {
    let by_day = Query::new([]).by([Dimension::Day]);
    store
        .ask(versions, Source::Orders, &by_day, &MEASURES)
        .await
}

/// The oracle's uploads and the store, side by side.
struct Both {
    store: Store,
    form: Form,
    uploads: Vec<Upload>,
    begun: u128,
}

impl Both {
    async fn read(&mut self, run: Run, seq: i64, rows: &[Row]) {
        let file = match self.form {
            Form::Lines => csv(rows),
            Form::Orders => shopify(rows),
        };
        let job = self.store.job_of(run, seq, file.as_bytes()).await;
        self.store.lake.import(job, |_| true).await.unwrap();
    }

    fn next(&mut self) -> Run {
        self.begun += 1;
        Run {
            upload: UploadId(uuid(1_000 + self.begun)),
            run: 1,
        }
    }

    /// As the uploads stand, made known.
    async fn publish(&mut self, changed: &[Run]) {
        self.store.live = self.live();
        self.store.make_known(changed).await;
    }

    fn live(&self) -> Vec<Run> {
        let counting = self.uploads.iter().filter(|u| u.counts);
        counting.map(|u| u.run).collect()
    }

    async fn take(&mut self, step: Step) {
        let at = |n: usize, of: &Vec<Upload>| (!of.is_empty()).then(|| n % of.len().max(1));
        match step {
            Step::Upload { rows, place } => {
                let run = self.next();
                let seq = i64::from(place) * 1_000 + self.begun as i64;
                self.read(run, seq, &rows).await;
                self.uploads.push(Upload {
                    run,
                    seq,
                    rows,
                    counts: true,
                });
                self.publish(&[run]).await;
            }
            Step::Undo(n) | Step::Redo(n) => {
                let Some(n) = at(n, &self.uploads) else {
                    return;
                };
                self.uploads[n].counts = matches!(step, Step::Redo(_));
                self.publish(&[self.uploads[n].run]).await;
            }
            Step::Rerun(n, rows) => {
                let Some(n) = at(n, &self.uploads) else {
                    return;
                };
                let old = self.uploads[n].run;
                let new = Run {
                    run: old.run + 1,
                    ..old
                };
                self.read(new, self.uploads[n].seq, &rows).await;
                self.uploads[n] = Upload {
                    run: new,
                    rows,
                    counts: true,
                    ..self.uploads[n]
                };
                self.publish(&[old, new]).await;
            }
            Step::Lost(n) => {
                let Some(n) = at(n, &self.uploads) else {
                    return;
                };
                let run = self.uploads[n].run;
                let mut live = self.live();
                match live.iter().position(|r| *r == run) {
                    Some(there) => drop(live.remove(there)),
                    None => live.push(run),
                }
                let name = format!("lost-{}-{}", self.begun, self.store.published.lines);
                self.store.publish(&name, &live, &[run]).await;
            }
            Step::GivenUp(rows) => {
                let run = self.next();
                self.read(run, 1_000_000_000, &rows).await;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_last_upload_that_counts_wins_each_line(steps in steps()) {
        runtime().block_on(taken(Form::Lines, steps))?;
    }

    #[test]
    fn the_last_upload_that_counts_wins_each_order(steps in steps()) {
        runtime().block_on(taken(Form::Orders, steps))?;
    }
}

async fn taken(form: Form, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut both = Both {
        store: Store::new(),
        form,
        uploads: Vec::new(),
        begun: 0,
    };
    for step in steps {
        let told = format!("{step:?}");
        both.take(step).await;
        let seen = figures(&both.store, both.store.published).await;
        prop_assert_eq!(seen, oracle(form, &both.uploads), "after {}", told);
    }
    // All undone: nothing is left, however it came to be.
    for n in 0..both.uploads.len() {
        both.take(Step::Undo(n)).await;
    }
    let seen = figures(&both.store, both.store.published).await;
    prop_assert_eq!(seen, Figures::new());
    Ok(())
}

fn row(order: u8, day: i32, cents: i64) -> Row {
    Row {
        order,
        returned: false,
        product: 1,
        quantity: 1,
        day: FIRST_DAY + day,
        cents,
        customer: Some(1),
        country: "France",
    }
}

fn day(day: i32, gross_cents: i64) -> (Vec<Key>, Vec<i64>) {
    (
        vec![Key::Time(Day(FIRST_DAY + day).0)],
        vec![gross_cents * 10_000, 0, 1_000_000, 1, 0],
    )
}

#[test]
fn a_line_that_moved_to_another_month_stands_there_alone_and_undo_moves_it_back() {
    runtime().block_on(async {
        let mut store = Store::new();
        let before = store.import(&csv(&[row(1, 3, 100), row(2, 4, 200)])).await;
        let after = store.import(&csv(&[row(1, 40, 150)])).await;
        assert_eq!(
            figures(&store, before).await,
            [day(3, 100), day(4, 200)].into()
        );
        assert_eq!(
            figures(&store, after).await,
            [day(4, 200), day(40, 150)].into()
        );
        let second = store.live.pop().unwrap();
        let undone = store.make_known(&[second]).await;
        assert_eq!(figures(&store, undone).await, figures(&store, before).await);
    });
}

#[test]
fn the_same_file_in_another_compression_changes_no_figure() {
    runtime().block_on(async {
        let mut store = Store::new();
        let file = csv(&[row(1, 3, 100), row(1, 3, 100), row(2, 40, 200)]);
        let before = store.import(&file).await;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(file.as_bytes()).unwrap();
        let job = store
            .job_of(
                Run {
                    upload: UploadId(uuid(50)),
                    run: 1,
                },
                50,
                &packed.finish().unwrap(),
            )
            .await;
        store.lake.import(job.clone(), |_| true).await.unwrap();
        store.live.push(job.run);
        let after = store.make_known(&[job.run]).await;
        assert_eq!(figures(&store, after).await, figures(&store, before).await);
    });
}

#[test]
fn a_worker_that_wakes_after_another_finished_its_import_destroys_nothing() {
    runtime().block_on(async {
        let mut store = Store::new();
        let first = store.job(&csv(&[row(1, 3, 100), row(2, 40, 200)])).await;
        // Looked for earlier work before the other began, and read on after the other was done: `progress` is
        // asked once the attempt is under way.
        let second = lake::ImportJob {
            attempt: 2,
            ..first.clone()
        };
        let (lake, runtime) = (store.lake.clone(), tokio::runtime::Handle::current());
        let slow = store
            .lake
            .import(first.clone(), move |_| {
                let (lake, second) = (lake.clone(), second.clone());
                runtime.block_on(async move { lake.import(second, |_| true).await.unwrap() });
                true
            })
            .await
            .unwrap();
        assert_eq!(slow.counts.accepted, 2);
        store.live.push(first.run);
        let versions = store.make_known(&[first.run]).await;
        assert_eq!(
            figures(&store, versions).await,
            [day(3, 100), day(40, 200)].into()
        );
        let silver = format!("{}/silver/orders", store.tenant);
        let files = store.objects.list(&silver).await.unwrap();
        let files: Vec<_> = files
            .iter()
            .filter(|f| f.path.ends_with(".parquet"))
            .collect();
        assert_eq!(
            files.len(),
            2,
            "the slow attempt's files are gone: {files:?}"
        );
    });
}

#[test]
fn a_lake_of_another_layout_is_refused_and_says_what_to_do() {
    runtime().block_on(async {
        let mut store = Store::new();
        let job = store.job(&csv(&[row(1, 3, 100)])).await;
        let log = format!("{}/silver/orders/_delta_log/00000000000000000000.json", store.tenant);
        store
            .lake
            .import(job.clone(), |_| false)
            .await
            .unwrap_err();
        let text = store.objects.get(&log).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        let old = text.replace(r#"["month","upload","run"]"#, r#"["month"]"#);
        assert_ne!(old, text);
        store.objects.put(&log, old.into_bytes().into()).await.unwrap();
        let again = store.lake.import(job, |_| true).await;
        assert!(
            matches!(&again, Err(error @ LakeError::Outdated(_)) if error.to_string().contains("import the files again")),
            "{again:?}"
        );
    });
}
