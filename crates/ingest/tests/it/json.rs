//! JSON: a record a line, lists, lists within objects, orders that hold their items.

use crate::support::{import, look, messages, show};
use expect_test::{Expect, expect};
use ingest::{Format, JsonForm, Place, WarningCode, read_all};

fn check(text: &str, want: Expect) {
    let batch = import(text.as_bytes(), &[]);
    want.assert_eq(&format!("{}{}", show(&batch.lines), messages(&batch)));
}

const FLAT: [&str; 3] = [
    r#"{"order_id":1,"date":"2024-03-04T10:00:00Z","sku":"m1","product":"Mug","quantity":2,"unit_price":4.50,"customer":{"email":"Ann@Example.com","address":{"country":"DE"}}}"#,
    r#"{"order_id":2,"date":"2024-03-05T10:00:00Z","sku":"c1","product":"Cup, \"red\"","quantity":1,"unit_price":1.125,"customer":{"email":"bob@example.com","address":{"country":"FR"}},"gift":true}"#,
    r#"{"order_id":3,"date":"2024-03-06T10:00:00Z","sku":"c2","product":"Tasse\nbleue","quantity":1,"unit_price":1e1,"customer":null}"#,
];

#[test]
fn every_form_of_a_list_reads_the_same() {
    let want = |batch: &ingest::Batch| {
        let read = expect![[r#"
        2024-03-04 11h 1 [M1|Mug]#1 Sale 2 x 4.5 gross 9 EUR by hash of ann@example.com
        2024-03-05 11h 2 [C1|Cup, "red"]#1 Sale 1 x 1.125 gross 1.125 EUR by hash of bob@example.com
        2024-03-06 11h 3 [C2|Tasse
        bleue]#1 Sale 1 x 10 gross 10 EUR
    "#]];
        read.assert_eq(&show(&batch.lines));
    };
    let lines = FLAT.join("\n") + "\n";
    let crlf = FLAT.join("\r\n");
    let close = FLAT.concat();
    let list = format!("[{}]", FLAT.join(","));
    let pretty = format!(" [\n  {}\n]\n", FLAT.join(",\n  "));
    let within = format!(
        r#"{{"page":1,"data":{{"orders":[{}]}},"next":null}}"#,
        FLAT.join(", ")
    );
    let bom = format!("\u{FEFF}{lines}");
    for text in [&lines, &crlf, &close, &list, &pretty, &bom] {
        want(&import(text.as_bytes(), &[]));
    }
    let batch = import(within.as_bytes(), &[]);
    want(&batch);
    assert_eq!(batch.warnings[0].code, WarningCode::LeftOut, "of \"next\"");
    let utf16: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(list.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    want(&import(&utf16, &[]));
    assert_eq!(
        batch.lines[1].extra.as_deref(),
        Some(r#"{"gift":"true"}"#),
        "what has no meaning is kept"
    );
    assert_eq!(batch.lines[1].country.as_deref(), Some("FR"));
}

#[test]
fn orders_hold_their_items() {
    let orders = r#"{"orders": [
      {"id": 450, "created_at": "2024-03-04T10:00:00+01:00", "currency": "EUR", "total_price": "23.00", "total_tax": 2, "total_discounts": "1.00",
       "shipping_cost": 3, "financial_status": "paid", "customer": {"id": 7, "email": "a@b.c"}, "note": "ring twice",
       "line_items": [
         {"sku": "A-1", "name": "Mug", "quantity": 2, "price": "5.00", "colour": "red"},
         {"sku": "B-1", "name": "Cup", "quantity": 1, "price": 10}
       ]},
      {"id": 451, "created_at": "2024-03-05T10:00:00+01:00", "currency": "EUR", "total_price": "5.00", "total_tax": 0, "total_discounts": "0.00",
       "financial_status": "voided", "customer": {"id": 8, "email": "x@y.z"},
       "line_items": [ {"sku": "A-1", "name": "Mug", "quantity": 1, "price": "5.00"} ]},
      {"id": 452, "created_at": "2024-03-06T10:00:00+01:00", "currency": "EUR", "total_price": "7.00", "customer": {"id": 8}, "line_items": []}
    ]}"#;
    check(
        orders,
        expect![[r#"
            2024-03-04 10h 450 [A-1|Mug]#1 Sale 2 x 5 gross 10 discount 0.5 tax 1 shipping 1.5 EUR by 7
            2024-03-04 10h 450 [B-1|Cup]#1 Sale 1 x 10 gross 10 discount 0.5 tax 1 shipping 1.5 EUR by 7
            2024-03-05 10h 451 [A-1|Mug]#1 Cancelled 1 x 5 EUR by 8
            2024-03-06 10h 452 [|]#1 Sale 1 x 7 gross 7 EUR by 8
        "#]],
    );
    let batch = import(orders.as_bytes(), &[]);
    assert_eq!(batch.counts.records, 4, "a record an item");
    let extra = batch.lines[0].extra.as_deref().unwrap();
    assert!(
        extra.contains("ring twice") && extra.contains("red"),
        "{extra}"
    );
}

#[test]
fn an_order_a_line_with_items() {
    check(
        concat!(
            r#"{"order_number":"A1","date":"2024-03-04","items":[{"sku":"x","qty":1,"price":2},{"sku":"y","qty":3,"price":1.5}]}"#,
            "\n",
            r#"{"order_number":"A2","date":"2024-03-05","items":[{"sku":"x","qty":"two","price":2},{"sku":"y","qty":1,"price":1.5}]}"#,
            "\n",
        ),
        expect![[r#"
            2024-03-04 0h A1 [X|]#1 Sale 1 x 2 gross 2 EUR
            2024-03-04 0h A1 [Y|]#1 Sale 3 x 1.5 gross 4.5 EUR
            2024-03-05 0h A2 [Y|]#1 Sale 1 x 1.5 gross 1.5 EUR
            line 2 bad_number: "two" in column "items.qty" is not a number. Write it like 1234.56.
        "#]],
    );
}

fn row(n: u32) -> String {
    format!(r#"{{"order":"{n}","date":"2024-03-04","item":"Mug","price":4.5}}"#)
}

#[test]
fn a_damaged_line_costs_itself() {
    let text = format!(
        "{}\n{}\n{{\"order\":\"3\",\"date\":\"2024-03-04\",\"item\":\"Mug,\"price\":4.5}}\n{}\n\n{}TRAILER\n{{\"order\":\"7\n{}\n",
        row(1),
        row(2),
        row(4),
        row(5),
        row(8)
    );
    let batch = import(text.as_bytes(), &[]);
    expect![[r#"
        line 3 bad_json: This is no JSON: it goes wrong after "te":"2024-03-04","item":"Mug,"". Write it as JSON, with every text in quotation marks and every bracket closed.
        line 6 bad_json: This is no JSON: it goes wrong after "-04","item":"Mug","price":4.5}". Write it as JSON, with every text in quotation marks and every bracket closed.
        line 7 bad_json: This record ends too early: a quotation mark or a bracket is never closed. Write it as JSON, with every text in quotation marks and every bracket closed.
    "#]]
    .assert_eq(&messages(&batch));
    let orders: Vec<_> = batch.lines.iter().map(|l| &*l.order_id).collect();
    assert_eq!(orders, ["1", "2", "4", "8"]);
    assert_eq!(batch.counts.blank, 1);
}

#[test]
fn a_damaged_element_costs_itself() {
    for separator in [",", ",\n  "] {
        let mut rows: Vec<String> = (1..=9).map(row).collect();
        rows[3] = r#"{"order":"4","date":"2024-03-04","item":"Mug,"price":4.5}"#.to_owned();
        rows[5] = r#"{"order":"6","date":"2024-03-04","item":[1,"price":4.5}"#.to_owned();
        rows[7] = r#"{"order":"8","date":2024-03-04,"item":"Mug","price":4.5}"#.to_owned();
        let text = format!("[{}]", rows.join(separator));
        let batch = import(text.as_bytes(), &[]);
        let orders: Vec<_> = batch.lines.iter().map(|l| &*l.order_id).collect();
        assert_eq!(
            orders,
            ["1", "2", "3", "5", "7", "9"],
            "{}",
            messages(&batch)
        );
        assert_eq!(
            batch.rejects[0].place,
            Some(Place::Json {
                pointer: "/3".to_owned()
            })
        );
        for (reject, row) in batch.rejects.iter().zip([&rows[3], &rows[5], &rows[7]]) {
            let span = &text[usize::try_from(reject.byte_start).unwrap()
                ..usize::try_from(reject.byte_end).unwrap()];
            assert!(span.contains(row.as_str()), "{span}");
            assert!(!span.contains("\"9\""));
        }
    }
}

#[test]
fn a_list_that_is_cut_off() {
    let rows: Vec<String> = (1..=9).map(row).collect();
    let whole = format!("[{}]", rows.join(","));
    let cut = &whole[..whole.len() - 20];
    let batch = import(cut.as_bytes(), &[]);
    assert_eq!((batch.lines.len(), batch.rejects.len()), (8, 1));
    assert!(batch.rejects[0].message.contains("ends too early"));
}

#[test]
fn keys_that_come_later_are_kept() {
    let mut text = String::new();
    for n in 0..30_000 {
        text.push_str(&row(n));
        text.push('\n');
    }
    text.push_str(r#"{"order":"x","date":"2024-03-04","item":"Mug","price":4.5,"surprise":{"a":1},"item":"twice"}"#);
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(batch.counts.accepted, 30_001);
    assert_eq!(
        batch.lines.last().unwrap().extra.as_deref(),
        Some(r#"{"surprise.a":"1","item (2)":"twice"}"#)
    );
}

#[test]
fn deep_and_long_values_are_refused() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let long = format!(
        r#"{{"order":"3","date":"2024-03-04","item":"{}","price":1}}"#,
        "x".repeat(5_000_000)
    );
    let text = format!("{}\n{deep}\n{}\n{long}\n{}\n", row(1), row(2), row(4));
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(batch.counts.accepted, 3);
    expect![[r#"
        line 2 bad_json: This record nests more than 64 levels deep. Write it as JSON, with every text in quotation marks and every bracket closed.
        line 4 field_too_long: A field of this row is longer than 1 MB. Perhaps a quotation mark was never closed, or the line ends are missing.
    "#]]
    .assert_eq(&messages(&batch));
}

#[test]
fn what_is_no_json_stays_a_table() {
    let csv = "[date],{price}\n2024-03-04,1.5\n2024-03-05,2.5\n";
    let inspection = look(csv.as_bytes(), &[]).unwrap();
    assert_eq!(inspection.format, Format::Delimited);
    let json = look(format!("[{}]", row(1)).as_bytes(), &[]).unwrap();
    assert!(matches!(
        json.format,
        Format::Json {
            form: JsonForm::List { .. },
            ..
        }
    ));
}

#[test]
fn a_list_of_lists_is_a_table() {
    let text = r#"[["1","2024-03-04",4.5],["2","2024-03-05",5.5]]"#;
    let plan = look(
        text.as_bytes(),
        &[
            ("map.0", "order_id"),
            ("map.1", "date"),
            ("map.2", "unit_price"),
        ],
    )
    .unwrap()
    .plan
    .unwrap();
    assert_eq!(read_all(&plan, text.as_bytes()).unwrap().lines.len(), 2);
}

/// Found by the fuzz target.
#[test]
fn what_stands_between_two_lists_belongs_to_a_record() {
    let text = format!("[{}, {}]\n[{}]lusion\n[{}", row(1), row(2), row(3), row(4));
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(batch.lines.len(), 4);
    assert_eq!(batch.rejects.len(), 2);
}

/// As Shopify's and WooCommerce's interfaces write orders: prices that hold the tax count it once, refunds are lists.
#[test]
fn orders_of_interfaces_add_up_to_their_totals() {
    check(
        r##"{"orders": [
          {"id": 1, "name": "#1001", "created_at": "2024-03-04T10:11:12+01:00", "currency": "EUR", "total_price": "34.00",
           "subtotal_price": "29.00", "total_tax": "5.42", "taxes_included": true, "total_discounts": "0.00",
           "total_shipping_price_set": {"shop_money": {"amount": "5.00", "currency_code": "EUR"}},
           "financial_status": "paid", "cancelled_at": null, "refunds": [],
           "line_items": [{"id": 11, "sku": "MUG", "title": "Mug", "quantity": 2, "price": "14.50", "total_discount": "0.00"}]},
          {"id": 2, "name": "#1002", "created_at": "2024-03-15T10:11:12+01:00", "currency": "EUR", "total_price": "20.00",
           "subtotal_price": "20.00", "total_tax": "0.00", "taxes_included": true, "total_discounts": "0.00",
           "financial_status": "partially_refunded", "cancelled_at": null,
           "refunds": [{"id": 21, "refund_line_items": [{"quantity": 1, "subtotal": 10.0}], "transactions": [
             {"amount": "10.00", "kind": "refund", "status": "success"},
             {"amount": "4.00", "kind": "refund", "status": "failure"}]}],
           "line_items": [{"id": 22, "sku": "CUP", "title": "Cup", "quantity": 2, "price": "10.00", "total_discount": "0.00"}]}
        ]}"##,
        expect![[r#"
            2024-03-04 10h 1 [MUG|Mug]#1 Sale 2 x 12.19 gross 24.38 tax 5.42 shipping 4.2 EUR
            2024-03-15 10h 2 [CUP|Cup]#1 Sale 2 x 10 gross 20 EUR
            2024-03-15 10h 2 [|]#1 Return 0 x 0 returns -10 EUR
            warning line 0 tax_included: The prices of 1 order include tax. It was taken out of gross and net sales and of shipping in proportion, and counts once.
        "#]],
    );
    check(
        r#"[{"id": 727, "status": "processing", "currency": "USD", "date_created": "2024-03-04T10:11:12", "discount_total": "0.00",
          "shipping_total": "10.00", "total": "29.35", "total_tax": "1.35", "prices_include_tax": false,
          "line_items": [{"id": 315, "name": "Single", "quantity": 2, "subtotal": "6.00", "total": "6.00", "sku": "", "price": 3},
            {"id": 316, "name": "Ship", "quantity": 1, "subtotal": "12.00", "total": "12.00", "sku": "Bar3", "price": 12}],
          "refunds": [{"id": 726, "reason": "", "total": "-10.00"}, {"id": 724, "reason": "", "total": "-9.00"}]}]"#,
        expect![[r#"
            2024-03-04 10h 727 [|Single]#1 Sale 2 x 3 gross 6 tax 0.45 shipping 3.33 USD
            2024-03-04 10h 727 [BAR3|Ship]#1 Sale 1 x 12 gross 12 tax 0.9 shipping 6.67 USD
            2024-03-04 10h 727 [|]#1 Return 0 x 0 returns -19 USD
        "#]],
    );
}
