//! Each layout through the importer: recognised without a question, and the figures that the layout promises.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use ingest::{Inspection, Kind, Line, NotImportable, Options, Sample, Source, inspect, read_all};
use jiff::tz::TimeZone;
use samples::{Sales, Store, Summary, layouts};
use std::collections::HashSet;
use types::{Currency, Micros};

fn sales() -> Sales {
    Store::small(7, "2026-03-31".parse().unwrap()).sales()
}

fn options() -> Options {
    Options::new(TimeZone::get("Europe/Berlin").unwrap(), Currency::EUR)
}

fn looked_at(bytes: &[u8], name: &str, options: &Options) -> Result<Inspection, NotImportable> {
    inspect(&Sample::from_bytes(bytes), name, options)
}

/// What the importer makes of a file that `write` wrote, beside what it promised.
fn imported(
    source: Source,
    name: &str,
    write: impl FnOnce(&Sales, &mut Vec<u8>) -> std::io::Result<Summary>,
) -> (Summary, Summary) {
    let mut bytes = Vec::new();
    let promised = write(&sales(), &mut bytes).unwrap();
    let inspection = looked_at(&bytes, name, &options()).unwrap();
    assert_eq!(inspection.source, source);
    assert!(
        inspection.questions.is_empty(),
        "{:#?}",
        inspection.questions
    );
    let batch = read_all(&inspection.plan.unwrap(), bytes.as_slice()).unwrap();
    assert!(batch.rejects.is_empty(), "{:#?}", batch.rejects.first());
    assert_eq!(batch.counts.records, promised.records);
    (summed(&batch.lines, promised.records), promised)
}

fn summed(lines: &[Line], records: u64) -> Summary {
    let of = |kind: Kind| lines.iter().filter(move |line| line.kind == kind);
    let sum = |amount: fn(&Line) -> Micros| Micros(lines.iter().map(|line| amount(line).0).sum());
    let different =
        |texts: &mut dyn Iterator<Item = &str>| texts.collect::<HashSet<_>>().len() as u64;
    let days = || {
        lines
            .iter()
            .filter(|line| line.kind.in_figures())
            .map(|line| line.day)
    };
    Summary {
        records,
        orders: different(&mut of(Kind::Sale).map(|line| &*line.order_id)),
        lines: of(Kind::Sale).count() as u64,
        returned_lines: of(Kind::Return).count() as u64,
        cancelled_orders: different(&mut of(Kind::Cancelled).map(|line| &*line.order_id)),
        customers: different(
            &mut lines
                .iter()
                .filter(|line| line.kind.in_figures())
                .filter_map(|line| line.customer.as_deref()),
        ),
        units: Micros(of(Kind::Sale).map(|line| line.quantity.0).sum()),
        gross: sum(|line| line.gross),
        discounts: sum(|line| line.discount),
        returns: sum(|line| line.returns),
        tax: sum(|line| line.tax),
        shipping: sum(|line| line.shipping),
        first_day: days().min(),
        last_day: days().max(),
    }
}

#[test]
fn full() {
    let (got, promised) = imported(Source::Generic, "orders.csv", |s, out| {
        layouts::full(s, out)
    });
    assert_eq!(got, promised);
}

#[test]
fn shopify() {
    let (got, promised) = imported(Source::Shopify, "orders_export.csv", |s, out| {
        layouts::shopify(s, out)
    });
    assert_eq!(got, promised);
}

#[test]
fn uci() {
    let (got, promised) = imported(Source::UciOnlineRetail, "retail.csv", |s, out| {
        layouts::uci(s, out)
    });
    assert_eq!(got, promised);
}

#[test]
fn amazon() {
    let (got, promised) = imported(Source::Amazon, "orders.txt", |s, out| {
        layouts::amazon(s, out)
    });
    assert_eq!(got, promised);
}

#[test]
fn woocommerce() {
    let (got, promised) = imported(Source::WooCommerce, "orders.csv", |s, out| {
        layouts::woocommerce(s, out)
    });
    assert_eq!(got, promised);
}

#[test]
fn sheets() {
    for style in [
        layouts::Sheet::PLAIN,
        layouts::Sheet::GERMAN,
        layouts::Sheet::SPANISH,
    ] {
        let (got, promised) = imported(Source::Generic, "sheet.csv", |s, out| {
            layouts::sheet(s, style, out)
        });
        assert_eq!(got, promised, "{style:?}");
    }
}

#[test]
fn an_ambiguous_date_is_asked_and_the_answer_followed() {
    let mut bytes = Vec::new();
    let promised = layouts::sheet(&sales(), layouts::Sheet::AMBIGUOUS, &mut bytes).unwrap();
    let inspection = looked_at(&bytes, "sheet.csv", &options()).unwrap();
    let asked: Vec<&str> = inspection
        .questions
        .iter()
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!(asked, ["date_order"]);
    assert!(inspection.plan.is_none());

    let mut answered = options();
    answered
        .decisions
        .insert("date_order".to_owned(), "dmy".to_owned());
    let inspection = looked_at(&bytes, "sheet.csv", &answered).unwrap();
    let batch = read_all(&inspection.plan.unwrap(), bytes.as_slice()).unwrap();
    assert_eq!(summed(&batch.lines, batch.counts.records), promised);
}
