//! Broken rows cost themselves and nothing else.

use crate::support::{import, messages, plan, show};
use expect_test::{Expect, expect};
use ingest::{Limits, ReadError, RejectCode, read, read_all};
use std::fmt::Write as _;

const HEADER: &str = "order id,date,item,qty,price,note\n";

fn check(rows: &str, want: Expect) {
    // Enough good rows around, so that the damage does not decide what the table looks like.
    let mut text = HEADER.to_owned();
    for n in 1..=5 {
        writeln!(text, "{n},2024-03-04,Mug,1,4.50,").unwrap();
    }
    text.push_str(rows);
    for n in 91..=95 {
        writeln!(text, "{n},2024-03-04,\"Mug, red\",1,4.50,").unwrap();
    }
    let batch = import(text.as_bytes(), &[]);
    for reject in &batch.rejects {
        let start = usize::try_from(reject.byte_start).unwrap();
        let end = usize::try_from(reject.byte_end).unwrap();
        let span = &text[start..end];
        assert!(
            span.starts_with(&reject.raw) || reject.raw.is_empty(),
            "the span holds the record"
        );
        assert_eq!(
            text[..start].matches('\n').count() as u64 + 1,
            reject.line_no,
            "and the line is its line"
        );
    }
    for n in [1, 5, 91, 95] {
        assert!(
            batch.lines.iter().any(|l| *l.order_id == *n.to_string()),
            "order {n} is there"
        );
    }
    let odd: Vec<_> = batch
        .lines
        .iter()
        .filter(|l| l.order_id.len() > 2)
        .cloned()
        .collect();
    want.assert_eq(&format!("{}{}", show(&odd), messages(&batch)));
}

#[test]
fn values_that_do_not_fit() {
    check(
        "101,2024-02-30,Mug,1,4.50,\n102,yesterday,Mug,1,4.50,\n103,,Mug,1,4.50,\n104,2024-03-04,Mug,one,4.50,\n105,2024-03-04,Mug,,4.50,\n106,2024-03-04,Mug,1,,\n,2024-03-04,Mug,1,4.50,\n107,2024-03-04,Mug,9000000000,9000000000,\n",
        expect![[r#"
            line 7 bad_date: "2024-02-30" in column "date" is not a date written year, month, day. Write it like 2026-12-31.
            line 8 bad_date: "yesterday" in column "date" is not a date written year, month, day. Write it like 2026-12-31.
            line 9 missing_date: The order date is missing: column "date" is empty. Fill it in, or remove the row.
            line 10 bad_number: "one" in column "qty" is not a number. Write it like 1234.56.
            line 11 missing_amount: The quantity is missing: column "qty" is empty. Fill it in, or remove the row.
            line 12 missing_amount: The unit price is missing: column "price" is empty. Fill it in, or remove the row.
            line 13 missing_order_id: The order number is missing: column "order id" is empty. Fill it in, or remove the row.
            line 14 amount_too_large: The amount of this record is larger than any that can be kept: "9000000000" in column "price". Check quantity and price.
        "#]],
    );
}

#[test]
fn too_few_and_too_many_fields() {
    check(
        "101,2024-03-04,Mug,1,4.50\n102,2024-03-04,Mug,1\n103\n104,2024-03-04,Mug,1,4.50,x,y\n105,2024-03-04,Mug,1,4.50,x,,\n",
        expect![[r#"
            2024-03-04 0h 101 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 105 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            line 8 too_few_fields: This row has 4 fields, the table has 6. Add the missing separators, so that each value stands in its column.
            line 9 too_few_fields: This row has 1 field, the table has 6. Add the missing separators, so that each value stands in its column.
            line 10 too_many_fields: This row has 7 fields, the table has 6. Put quotation marks around values that contain the separator, or remove the extra ones.
            warning line 7 short_row: This row has 5 fields, the table has 6. The missing ones were taken as empty.
            warning line 11 extra_empty_fields: This row has 8 fields, the table has 6. The extra ones are empty.
        "#]],
    );
}

#[test]
fn rows_that_are_no_orders() {
    check(
        "\n  \n,,,,,\norder id,date,item,qty,price,note\nTotal,,,10,45.00,\n,,,,,seen by Bob\n",
        expect![[r#"
            line 10 not_data: This row repeats the header. Nothing needs to be done.
            line 11 not_data: This row is a total, not an order. Nothing needs to be done.
            line 12 not_data: This row holds a note, not an order. Nothing needs to be done.
        "#]],
    );
}

#[test]
fn stray_quotes_are_kept_with_a_warning() {
    check(
        "101,2024-03-04,5\" pipe,1,4.50,\n102,2024-03-04,\"The \"best\" mug\",1,4.50,\n103,2024-03-04,\"Mug,1,4.50,\n104,2024-03-04,Mug\",1,4.50,\n",
        expect![[r#"
            2024-03-04 0h 101 [|5" pipe]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 102 [|The "best" mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 103 [|"Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 104 [|Mug"]#1 Sale 1 x 4.5 gross 4.5 EUR
            warning line 8 stray_quote: A quotation mark stands where none belongs. The row was read by its separators; check its text.
            warning line 9 stray_quote: A quotation mark stands where none belongs. The row was read by its separators; check its text.
        "#]],
    );
}

#[test]
fn an_unclosed_quote_costs_its_row() {
    check(
        "101,2024-03-04,\"Mug, red,1,4.50,\n102,2024-03-04,Mug,1,4.50,\n103,2024-03-04,\"Mug, blue\",1,4.50,\n",
        expect![[r#"
            2024-03-04 0h 102 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 103 [|Mug, blue]#1 Sale 1 x 4.5 gross 4.5 EUR
            line 7 unclosed_quote: A quotation mark in this row is never closed, so its columns cannot be told apart. Close the quotation mark, or double it if it belongs to the text.
        "#]],
    );
}

#[test]
fn fields_over_several_lines() {
    check(
        "101,2024-03-04,\"Mug\nwith \"\"lid\"\"\n\",1,4.50,\n102,2024-03-04,\"Mug\nwith \"a\" lid\",1,4.50,\n103,2024-03-04,\"Mug\nred\",1,4.50,x,y\n",
        expect![[r#"
            2024-03-04 0h 101 [|Mug
            with "lid"]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 102 [|Mug
            with "a" lid]#1 Sale 1 x 4.5 gross 4.5 EUR
            line 12 too_many_fields: This row has 7 fields, the table has 6. Put quotation marks around values that contain the separator, or remove the extra ones.
            warning line 10 stray_quote: A quotation mark stands where none belongs. The row was read by its separators; check its text.
        "#]],
    );
}

#[test]
fn an_unclosed_quote_at_the_end() {
    let text = format!(
        "{HEADER}1,2024-03-04,Mug,1,4.50,\n2,2024-03-04,Mug,1,4.50,\n3,2024-03-04,\"Mug, red,1,4.50,\n"
    );
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(
        (batch.counts.accepted, batch.rejects[0].code),
        (2, RejectCode::UnclosedQuote)
    );
}

#[test]
fn bytes_that_are_no_text() {
    let mut bytes = HEADER.as_bytes().to_vec();
    for n in 0..50 {
        bytes.extend(format!("{n},2024-03-04,Becher groß,1,4.50,\n").bytes());
    }
    bytes.extend(b"77,2024-03-04,Becher gro\xDF,1,4.50,\n78,2024-03-04,Mug,1,4.50,\n");
    let batch = import(&bytes, &[]);
    assert_eq!((batch.counts.accepted, batch.counts.rejected), (51, 1));
    expect![[r#"
        line 52 invalid_encoding: This row holds bytes that are no text in UTF-8, the encoding of the rest of the file. Save the file as UTF-8 and import it again.
    "#]].assert_eq(&messages(&batch));
}

#[test]
fn a_field_without_end() {
    let mut text = HEADER.to_owned();
    for n in 0..20 {
        writeln!(text, "{n},2024-03-04,Mug,1,4.50,").unwrap();
    }
    let plan = plan(text.as_bytes(), &[]);
    writeln!(text, "20,2024-03-04,{},1,4.50,", "x".repeat(6_000_000)).unwrap();
    writeln!(text, "21,2024-03-04,\"{},1,4.50,", "y\n".repeat(1_000_000)).unwrap();
    writeln!(text, "22,2024-03-04,Mug,1,4.50,").unwrap();
    let batch = read_all(&plan, text.as_bytes()).unwrap();
    assert_eq!(batch.rejects[0].code, RejectCode::FieldTooLong);
    assert_eq!(batch.rejects[0].line_no, 22);
    assert_eq!(batch.lines.last().map(|l| &*l.order_id), Some("22"));
    assert_eq!(batch.counts.accepted, 21);
}

#[test]
fn limits_stop_the_reading() {
    let text = format!("{HEADER}{}", "1,2024-03-04,Mug,1,4.50,\n".repeat(1000));
    let mut plan = plan(text.as_bytes(), &[]);
    plan.limits = Limits {
        expanded_bytes: 10_000,
        ..Limits::default()
    };
    assert_eq!(
        read_all(&plan, text.as_bytes()).unwrap_err().code(),
        "too_large"
    );
    plan.limits = Limits {
        cells: 100,
        ..Limits::default()
    };
    let mut records = read(&plan, std::io::Cursor::new(text.clone().into_bytes()));
    // What is within the limit is handed out first.
    assert_eq!(
        records.next_batch(1000).unwrap().map(|b| b.counts.accepted),
        Some(16)
    );
    assert!(matches!(
        records.next_batch(1000),
        Err(ReadError::TooManyCells { limit: 100 })
    ));
    assert!(records.next_batch(1000).unwrap().is_none());
    plan.version += 1;
    assert_eq!(
        read_all(&plan, text.as_bytes()).unwrap_err().code(),
        "other_version"
    );
}

/// Quotes are no part of a value, and what they hold together is one.
#[test]
fn records_are_equal_by_their_fields_however_they_are_quoted() {
    let file = "\
Order ID,Order Date,Product,Note,Price
1,2026-02-01,Cup,left,5.00
1,2026-02-01,\"Cup\",left,5.00
1,2026-02-01,\"Cup\",\"left\",\"5.00\"
2,2026-02-01,\"Cup,left\",x,5.00
2,2026-02-01,Cup,\"left,x\",5.00
2,2026-02-01,\"Cup,left\",\"x\",5.00
";
    assert_eq!(import(file.as_bytes(), &[]).counts.duplicates, 3);
}
