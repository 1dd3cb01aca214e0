//! The files against an independent reading of them.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use samples::{Sales, Store, Summary, layouts};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use types::{Day, Micros};

type Row = HashMap<String, String>;

fn end() -> Day {
    "2026-03-31".parse().unwrap()
}

fn small() -> Sales {
    Store::small(7, end()).sales()
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<Summary>) -> (Vec<u8>, Summary) {
    let mut bytes = Vec::new();
    let summary = write(&mut bytes).unwrap();
    (bytes, summary)
}

fn rows(bytes: &[u8], delimiter: u8) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(bytes);
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &Row, column: &str) -> i64 {
    let text = row[column].replace(',', ".");
    text.parse::<Micros>().unwrap().0
}

fn sum(rows: &[Row], value: impl Fn(&Row) -> i64) -> Micros {
    Micros(rows.iter().map(value).sum())
}

fn product(row: &Row, quantity: &str, price: &str) -> i64 {
    number(row, quantity) / 1_000_000 * number(row, price)
}

fn different<'a>(rows: impl Iterator<Item = &'a Row>, column: &str) -> u64 {
    rows.map(|row| row[column].as_str())
        .filter(|text| !text.is_empty())
        .collect::<HashSet<_>>()
        .len() as u64
}

#[test]
fn the_full_layout_says_what_it_holds() {
    let (bytes, summary) = written(|out| layouts::full(&small(), out));
    let rows = rows(&bytes, b',');
    let (sold, back): (Vec<Row>, Vec<Row>) = rows
        .iter()
        .cloned()
        .partition(|row| number(row, "quantity") > 0);
    assert!(summary.lines > 300 && back.len() > 5, "{summary:?}");
    let days: Vec<Day> = rows
        .iter()
        .map(|row| row["order_date"][..10].parse().unwrap())
        .collect();
    assert!(days.is_sorted());
    assert_eq!(
        summary,
        Summary {
            records: rows.len() as u64,
            orders: different(sold.iter(), "order_id"),
            lines: sold.len() as u64,
            returned_lines: back.len() as u64,
            cancelled_orders: 0,
            customers: different(sold.iter(), "customer_id"),
            units: sum(&sold, |row| number(row, "quantity")),
            gross: sum(&sold, |row| product(row, "quantity", "unit_price")),
            discounts: sum(&rows, |row| number(row, "discount")),
            returns: sum(&back, |row| product(row, "quantity", "unit_price")),
            tax: sum(&rows, |row| number(row, "tax")),
            shipping: sum(&rows, |row| number(row, "shipping")),
            first_day: days.first().copied(),
            last_day: days.last().copied(),
        }
    );
    assert_eq!(summary, Store::small(7, end()).summary());
    // A return belongs to an order that was there before, and is worth no more than was paid.
    let mut paid: HashMap<(&str, &str), i64> = HashMap::new();
    for row in &sold {
        let net = product(row, "quantity", "unit_price") - number(row, "discount");
        paid.insert((&row["order_id"], &row["sku"]), net);
    }
    for row in &back {
        let refund = -product(row, "quantity", "unit_price");
        assert!(refund <= paid[&(row["order_id"].as_str(), row["sku"].as_str())]);
    }
}

#[test]
fn shopify_tells_an_order_on_its_first_row() {
    let (bytes, summary) = written(|out| layouts::shopify(&small(), out));
    let rows = rows(&bytes, b',');
    let voided: HashSet<&str> = rows
        .iter()
        .filter(|row| row["Financial Status"] == "voided")
        .map(|row| row["Name"].as_str())
        .collect();
    let (orders, live): (Vec<Row>, Vec<Row>) = {
        let live: Vec<Row> = rows
            .iter()
            .filter(|r| !voided.contains(r["Name"].as_str()))
            .cloned()
            .collect();
        let orders = live
            .iter()
            .filter(|row| !row["Total"].is_empty())
            .cloned()
            .collect();
        (orders, live)
    };
    assert_eq!(summary.records, rows.len() as u64);
    assert_eq!(summary.cancelled_orders, voided.len() as u64);
    assert_eq!(summary.orders, orders.len() as u64);
    assert_eq!(summary.lines, live.len() as u64);
    assert_eq!(summary.customers, different(live.iter(), "Email"));
    assert_eq!(
        summary.gross,
        sum(&live, |row| product(
            row,
            "Lineitem quantity",
            "Lineitem price"
        ))
    );
    assert_eq!(
        summary.discounts,
        sum(&orders, |row| number(row, "Discount Amount"))
    );
    assert_eq!(
        Micros(-summary.returns.0),
        sum(&orders, |row| number(row, "Refunded Amount"))
    );
    assert_eq!(summary.tax, sum(&orders, |row| number(row, "Taxes")));
    assert_eq!(
        summary.shipping,
        sum(&orders, |row| number(row, "Shipping"))
    );
    assert_eq!(
        Micros(summary.net().0 - summary.returns.0 + summary.tax.0 + summary.shipping.0),
        sum(&orders, |row| number(row, "Total"))
    );
    assert!(rows.iter().all(|row| {
        let time = &row["Created at"];
        time.ends_with("+0100") || time.ends_with("+0200")
    }));
}

#[test]
fn uci_marks_returns_by_the_invoice() {
    let (bytes, summary) = written(|out| layouts::uci(&small(), out));
    let rows = rows(&bytes, b',');
    let (back, sold): (Vec<Row>, Vec<Row>) = rows
        .iter()
        .cloned()
        .partition(|row| row["InvoiceNo"].starts_with('C'));
    assert_eq!(summary.records, rows.len() as u64);
    assert_eq!(summary.lines, sold.len() as u64);
    assert_eq!(summary.orders, different(sold.iter(), "InvoiceNo"));
    assert_eq!(summary.customers, different(rows.iter(), "CustomerID"));
    assert_eq!(
        summary.gross,
        sum(&sold, |row| product(row, "Quantity", "UnitPrice"))
    );
    assert_eq!(
        summary.returns,
        sum(&back, |row| product(row, "Quantity", "UnitPrice"))
    );
    assert_eq!(summary.units, sum(&sold, |row| number(row, "Quantity")));
}

#[test]
fn amazon_prices_whole_lines() {
    let (bytes, summary) = written(|out| layouts::amazon(&small(), out));
    let rows = rows(&bytes, b'\t');
    let live: Vec<Row> = rows
        .iter()
        .filter(|row| row["order-status"] == "Shipped")
        .cloned()
        .collect();
    assert_eq!(summary.records, rows.len() as u64);
    assert_eq!(summary.orders, different(live.iter(), "amazon-order-id"));
    assert_eq!(summary.gross, sum(&live, |row| number(row, "item-price")));
    assert_eq!(
        summary.discounts,
        sum(&live, |row| number(row, "item-promotion-discount"))
    );
    assert_eq!(
        summary.shipping,
        sum(&live, |row| number(row, "shipping-price"))
    );
    assert_eq!(summary.tax, sum(&live, |row| number(row, "item-tax")));
    assert_eq!((summary.returns, summary.customers), (Micros::ZERO, 0));
}

#[test]
fn woocommerce_puts_an_order_on_one_row() {
    let (bytes, summary) = written(|out| layouts::woocommerce(&small(), out));
    let rows = rows(&bytes, b',');
    let live: Vec<Row> = rows
        .iter()
        .filter(|row| row["status"] == "completed")
        .cloned()
        .collect();
    assert_eq!(summary.records, rows.len() as u64);
    assert_eq!(summary.orders, live.len() as u64);
    assert_eq!(summary.cancelled_orders, (rows.len() - live.len()) as u64);
    let items = |kind: &str, row: &Row| -> i64 {
        (1..)
            .map_while(|n| row.get(&format!("Product Item {n} {kind}")))
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.parse::<Micros>().unwrap().0)
            .sum()
    };
    assert_eq!(summary.gross, sum(&live, |row| items("Subtotal", row)));
    assert_eq!(
        Micros(summary.gross.0 - summary.discounts.0),
        sum(&live, |row| items("Total", row))
    );
    assert_eq!(
        summary.gross,
        sum(&live, |row| number(row, "order_subtotal"))
    );
    assert_eq!(
        Micros(summary.net().0 + summary.tax.0 + summary.shipping.0),
        sum(&live, |row| number(row, "order_total"))
    );
}

#[test]
fn sheets_are_written_in_their_own_way() {
    let (bytes, summary) = written(|out| layouts::sheet(&small(), layouts::Sheet::GERMAN, out));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("\u{feff}Datum;Bestellnummer;"));
    let rows = rows(text.trim_start_matches('\u{feff}').as_bytes(), b';');
    assert_eq!(summary.records, rows.len() as u64);
    assert!(rows.iter().all(|row| row["Einzelpreis"].contains(',')));
    assert_eq!(
        Micros(summary.gross.0 + summary.returns.0),
        sum(&rows, |row| product(row, "Menge", "Einzelpreis"))
    );

    let (bytes, summary) = written(|out| layouts::sheet(&small(), layouts::Sheet::AMBIGUOUS, out));
    let days: HashSet<String> = self::rows(&bytes, b',')
        .iter()
        .map(|row| row["Date"].clone())
        .collect();
    assert!(summary.records > 50 && days.len() > 15);
    assert!(days.iter().all(|day| day[..2].parse::<u8>().unwrap() <= 12));
    assert!(days.iter().any(|day| day[..2] != day[3..5]));
}

#[test]
fn visits_agree_with_the_orders() {
    let sales = small();
    let mut bytes = Vec::new();
    let visits = sales.sessions_csv(30, &mut bytes).unwrap();
    let rows = rows(&bytes, b',');
    let since = end().plus(-29);
    let mut orders = BTreeMap::new();
    for order in &sales.orders {
        if order.day >= since
            && !order.cancelled
            && ["Online store", "Mobile app"].contains(&order.channel)
        {
            let value = order.sum(|line| line.gross() - line.discount) * 10_000;
            orders.insert(order.number.to_string(), value);
        }
    }
    let purchases: BTreeMap<String, i64> = rows
        .iter()
        .filter(|row| row["event_name"] == "purchase")
        .map(|row| (row["transaction_id"].clone(), number(row, "value")))
        .collect();
    assert_eq!(purchases, orders);
    assert_eq!(visits, different(rows.iter(), "ga_session_id"));
    let reached = |step: &str| {
        different(
            rows.iter().filter(|row| row["event_name"] == step),
            "ga_session_id",
        )
    };
    let steps = [
        "view_item_list",
        "view_item",
        "add_to_cart",
        "begin_checkout",
        "add_payment_info",
        "purchase",
    ];
    let funnel: Vec<u64> = steps.iter().map(|step| reached(step)).collect();
    assert!(
        funnel.windows(2).all(|pair| pair[0] > pair[1]),
        "{funnel:?}"
    );
    assert!(
        (20..=40).contains(&(1000 * funnel[5] / funnel[0])),
        "{funnel:?}"
    );
}

#[test]
fn the_demo_is_a_believable_store() {
    let store = Store::demo(end());
    let sales = store.sales();
    let summary = store.summary();
    assert!((110_000..=130_000).contains(&summary.lines), "{summary:?}");
    assert_eq!(
        (summary.first_day, summary.last_day),
        (Some(store.start), Some(end()))
    );
    let per_mille = |part: Micros, whole: Micros| part.checked_ratio(whole).unwrap().0 / 1000;
    let returned = -per_mille(summary.returns, summary.gross);
    assert!((30..=60).contains(&returned), "{returned}");
    let discounted = per_mille(summary.discounts, summary.gross);
    assert!((15..=60).contains(&discounted), "{discounted}");
    let orders_a_customer = summary.orders * 10 / summary.customers;
    assert!(
        (22..=38).contains(&orders_a_customer),
        "{orders_a_customer}"
    );

    // A fifth of the range makes more than half of the sales.
    let mut by_product = vec![0; sales.products.len()];
    let mut countries = HashSet::new();
    for order in &sales.orders {
        countries.insert(sales.addressee(order).country);
        for line in &order.lines {
            by_product[line.product] += line.gross();
        }
    }
    by_product.sort_unstable_by(|a, b| b.cmp(a));
    let (top, all): (i64, i64) = (by_product[..60].iter().sum(), by_product.iter().sum());
    assert!(top * 2 > all);
    // What comes into the range last may not have sold yet.
    assert!(by_product.iter().filter(|gross| **gross > 0).count() >= 290);
    assert_eq!(countries.len(), 6);
    for customer in &sales.customers {
        let (_, domain) = customer.email.split_once('@').unwrap();
        assert!(["example.com", "example.org", "example.net"].contains(&domain));
        assert!(customer.email.is_ascii());
    }
}

#[test]
fn another_seed_is_another_store() {
    let of = |seed| written(|out| layouts::full(&Store::small(seed, end()).sales(), out)).0;
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

/// These change only when the generator is changed on purpose.
#[test]
fn the_same_seed_gives_the_same_bytes_for_ever() {
    let sales = small();
    let mut sessions = Vec::new();
    sales.sessions_csv(10, &mut sessions).unwrap();
    let files = [
        ("full", written(|out| layouts::full(&sales, out)).0),
        ("shopify", written(|out| layouts::shopify(&sales, out)).0),
        ("uci", written(|out| layouts::uci(&sales, out)).0),
        ("amazon", written(|out| layouts::amazon(&sales, out)).0),
        (
            "woocommerce",
            written(|out| layouts::woocommerce(&sales, out)).0,
        ),
        (
            "spanish",
            written(|out| layouts::sheet(&sales, layouts::Sheet::SPANISH, out)).0,
        ),
        ("sessions", sessions),
        ("demo", written(|out| Store::demo(end()).orders_csv(out)).0),
    ];
    let hashes: Vec<String> = files
        .iter()
        .map(|(name, bytes)| {
            let digest = Sha256::digest(bytes);
            let hex: String = digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("{name} {hex}")
        })
        .collect();
    assert_eq!(
        hashes,
        [
            "full 7283c2e6e20ef5ec",
            "shopify 01d529bb76e0b776",
            "uci 7911d4dcf815f778",
            "amazon 4d6ff9e0c70716a0",
            "woocommerce cdad119b909c5281",
            "spanish b9c0d587be719438",
            "sessions 792467a75acc54a5",
            "demo 6902808d7c4dada9"
        ]
    );
}
