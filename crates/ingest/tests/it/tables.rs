//! Files that hold more than one table.

use crate::support::{import, look};
use ingest::{Batch, RejectCode};
use std::fmt::Write as _;

const ORDERS: &str = "Order ID,Date,Product,Quantity,Price,Amount\n1,2026-01-04,Mug,2,10.00,20.00\n2,2026-01-05,Pot,1,30.00,30.00\n";

fn gross(batch: &Batch) -> i64 {
    batch.lines.iter().map(|line| line.gross.0).sum::<i64>() / 10_000
}

/// How many rows are said to be of another table.
fn other(batch: &Batch) -> usize {
    let of = batch
        .rejects
        .iter()
        .filter(|r| r.code == RejectCode::OtherTable);
    of.count()
}

#[track_caller]
fn check(text: &str, cents: i64, others: usize) {
    let batch = import(text.as_bytes(), &[]);
    assert_eq!((gross(&batch), other(&batch)), (cents, others), "{text}");
}

#[test]
fn below_the_orders() {
    check(
        &format!(
            "{ORDERS}\n\nProduct,Pieces,Revenue,Share,Rank,Trend\nMug,2,20.00,40%,2,up\nPot,1,30.00,60%,1,down\n"
        ),
        5000,
        3,
    );
    // Its rows have dates and amounts in the same places.
    check(
        "Bestellnummer;Datum;Artikel;Menge;Betrag\n1;04.01.2026;Tasse;2;20,00\n2;25.01.2026;Topf;1;30,00\n\nTag;Datum;Bestellungen;Menge;Betrag\nSonntag;04.01.2026;1;2;20,00\nSonntag;25.01.2026;1;1;30,00\n",
        5000,
        3,
    );
    let mut text = "Order ID,Date,Product,Quantity,Price,Amount\n".to_owned();
    for day in 1..=20 {
        writeln!(text, "{day},2026-01-{day:02},Mug,2,10.00,20.00").unwrap();
    }
    text.push_str("\nDate,Orders,Quantity,Average,Price,Amount\n");
    for day in 1..=20 {
        writeln!(text, "2026-01-{day:02},1,2,20.00,10.00,20.00").unwrap();
    }
    check(&text, 40_000, 21);
}

#[test]
fn above_the_orders() {
    for rows in [2, 60] {
        let mut text = "Product,Pieces,Revenue\n".to_owned();
        for n in 0..rows {
            writeln!(text, "P{n},{n},{n}.00").unwrap();
        }
        text.push('\n');
        text.push_str(ORDERS);
        check(&text, 5000, 0);
        let inspection = look(text.as_bytes(), &[]).unwrap();
        let said = inspection.assumptions.iter().find(|a| a.code == "preamble");
        assert!(said.unwrap().message.contains("another table"));
        assert_eq!(inspection.dialect.preamble_lines, rows + 2);
    }
}

#[test]
fn the_same_columns_again() {
    check(&format!("{ORDERS}\nFebruary\n{ORDERS}"), 10_000, 0);
    check(&format!("{ORDERS}{ORDERS}"), 10_000, 0);
    // In another order, with one more and one that is not needed missing.
    let batch = import(
        format!("{ORDERS}\nReturns\nDate,Order ID,Amount,Quantity,Price,Reason\n2026-01-06,1,-10.00,-1,10.00,broken\n").as_bytes(),
        &[],
    );
    assert_eq!((gross(&batch), other(&batch)), (5000, 0));
    let returned = batch.lines.last().unwrap();
    assert_eq!(
        (&*returned.order_id, returned.returns.0),
        ("1", -10_000_000)
    );
    assert_eq!(returned.extra.as_deref(), Some(r#"{"Reason":"broken"}"#));
}

#[test]
fn a_bad_row_is_no_header() {
    let bad = "A2,pending,Mug,unknown,tbd,open\n";
    let (header, rows) = ORDERS.split_at(ORDERS.find('\n').unwrap() + 1);
    for text in [
        format!("{ORDERS}{bad}3,2026-01-06,Pot,1,30.00,30.00\n"),
        format!(
            "{header}{rows}\n{}3,2026-01-06,Pot,1,30.00,30.00\n",
            bad.replace("A2", "A")
        ),
    ] {
        let batch = import(text.as_bytes(), &[]);
        assert_eq!(gross(&batch), 8000, "{text}");
        assert_eq!(batch.rejects.len(), 1);
    }
}

#[test]
fn single_quotes_are_quotes_where_there_are_no_others() {
    let batch = import(
        b"'Order ID','Date','Product','Quantity','Price'\n'1','2026-01-04','Mug','2','10.00'\n'2','2026-01-05','Pot','1','30.00'\n",
        &[],
    );
    assert_eq!(
        (gross(&batch), &*batch.lines[1].product_name),
        (5000, "Pot")
    );
}
