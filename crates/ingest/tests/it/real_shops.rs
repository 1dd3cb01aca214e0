//! Public data sets, with figures that the tests compute from the text themselves: split at blanks or commas, and added
//! up, without this crate's reader.

use crate::support::{options, shared};
use flate2::read::GzDecoder;
use ingest::{Counts, Kind, Sample, inspect, read};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    gross: i64,
    net: i64,
    orders: usize,
    customers: usize,
    first: i32,
    last: i32,
}

fn imported(path: &Path) -> (Counts, Figures) {
    let sample = Sample::from_read(File::open(path).unwrap()).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let inspection = inspect(&sample, name, &options(&[])).unwrap();
    assert_eq!(inspection.questions, []);
    let mut figures = Figures {
        first: i32::MAX,
        last: i32::MIN,
        ..Figures::default()
    };
    let (mut orders, mut customers) = (BTreeSet::new(), BTreeSet::new());
    let mut counts = Counts::default();
    for batch in read(&inspection.plan.unwrap(), File::open(path).unwrap()) {
        let batch = batch.unwrap();
        assert_eq!(batch.rejects, []);
        counts = batch.counts;
        for line in batch.lines {
            figures.first = figures.first.min(line.day.0);
            figures.last = figures.last.max(line.day.0);
            figures.gross += line.gross.0;
            figures.net += line.gross.0 - line.discount.0 + line.returns.0;
            if line.kind == Kind::Sale {
                orders.insert(line.order_id);
                customers.extend(line.customer);
            }
        }
    }
    (figures.orders, figures.customers) = (orders.len(), customers.len());
    (counts, figures)
}

/// Micros; the last digits that a number's binary form adds are rounded away.
fn micros(text: &str) -> i64 {
    (text.parse::<f64>().unwrap() * 1e6).round() as i64
}

fn day(text: &str) -> i32 {
    let date: jiff::civil::Date = text.parse().unwrap();
    types::Day::from_date(date).0
}

/// Each row is a purchase of its own; those of value 0 are in no figure.
#[test]
fn cdnow() {
    let Some(path) = shared("cdnow/CDNOW_master.txt") else {
        return;
    };
    let mut expected = Figures {
        first: i32::MAX,
        last: i32::MIN,
        ..Figures::default()
    };
    let mut customers = BTreeSet::new();
    let text = fs::read_to_string(&path).unwrap();
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [customer, date, _, paid] = fields[..] else {
            panic!("{line}");
        };
        rows += 1;
        let date = day(&format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]));
        expected.first = expected.first.min(date);
        expected.last = expected.last.max(date);
        let paid = micros(paid);
        expected.gross += paid;
        if paid > 0 {
            expected.orders += 1;
            customers.insert(customer);
        }
    }
    expected.net = expected.gross;
    expected.customers = customers.len();
    assert_eq!((rows, expected.gross), (69_659, 2_500_315_630_000));
    let (counts, figures) = imported(&path);
    assert_eq!((counts.records, counts.accepted), (69_659, 69_659));
    assert_eq!(counts.duplicates, 255);
    assert_eq!(figures, expected);
}

/// `sales_value` is what was paid, after the retailer's discount beside it. A basket that cost nothing before the
/// discount is no sale.
#[test]
fn complete_journey() {
    let Some(path) = shared("completejourney/transactions_sample.csv.gz") else {
        return;
    };
    let mut text = String::new();
    GzDecoder::new(File::open(&path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,\
         coupon_match_disc,week,transaction_timestamp"
    );
    let mut expected = Figures {
        first: i32::MAX,
        last: i32::MIN,
        ..Figures::default()
    };
    let (mut baskets, mut households) = (BTreeSet::new(), BTreeSet::new());
    let mut rows = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        rows += 1;
        let date = day(&fields[10][..10]);
        expected.first = expected.first.min(date);
        expected.last = expected.last.max(date);
        let (paid, discount) = (micros(fields[5]), micros(fields[6]));
        expected.net += paid;
        expected.gross += paid + discount;
        if paid + discount > 0 {
            baskets.insert(fields[2]);
            households.insert(fields[0]);
        }
    }
    expected.orders = baskets.len();
    expected.customers = households.len();
    assert_eq!((rows, expected.net), (75_000, 233_935_240_000));
    let (counts, figures) = imported(&path);
    assert_eq!((counts.records, counts.accepted), (75_000, 75_000));
    assert_eq!(figures, expected);
}
