//! Merchants' own tables: names in several languages, formats, questions.

use crate::support::{import, look, messages, shared, show};
use expect_test::{Expect, expect};
use ingest::{ColumnKind, DateFormat, Field, Source};
use std::fmt::Write as _;

fn check(text: &str, decisions: &[(&str, &str)], want: Expect) {
    let batch = import(text.as_bytes(), decisions);
    want.assert_eq(&format!("{}{}", show(&batch.lines), messages(&batch)));
}

fn asked(text: &str, decisions: &[(&str, &str)]) -> String {
    let inspection = look(text.as_bytes(), decisions).unwrap();
    assert_eq!(inspection.plan.is_some(), inspection.questions.is_empty());
    let mut out = String::new();
    for q in &inspection.questions {
        writeln!(out, "{} ({:?}): {}", q.id, q.column, q.message).unwrap();
        for o in &q.options {
            let readings: Vec<_> = o
                .readings
                .iter()
                .map(|r| format!("{} = {}", r.raw, r.read))
                .collect();
            writeln!(out, "  {}: {}; {}", o.value, o.label, readings.join(", ")).unwrap();
        }
    }
    for a in &inspection.assumptions {
        writeln!(out, "assumed {}: {}", a.code, a.message).unwrap();
    }
    out
}

#[test]
fn the_plainest_sheet() {
    let text = "date,product,quantity,price\n2024-01-31,Mug,2,4.50\n2024-02-01,Cup,1,3\n2024-02-01,Cup,1,3\n2024-02-02,Cup,-1,3\n";
    check(
        text,
        &[],
        expect![[r#"
            2024-01-31 0h 2024-01-31-8d2d5f19 [|Mug]#1 Sale 2 x 4.5 gross 9 EUR
            2024-02-01 0h 2024-02-01-0841fca6 [|Cup]#1 Sale 1 x 3 gross 3 EUR
            2024-02-01 0h 2024-02-01-0841fca6-2 [|Cup]#1 Sale 1 x 3 gross 3 EUR
            2024-02-02 0h 2024-02-02-38f523f2 [|Cup]#1 Return -1 x 3 returns -3 EUR
            warning line 0 duplicates: 1 row is equal in every column to an earlier row. It is kept as a line of its own; such rows can be dropped by importing with that choice.
        "#]],
    );
    expect![[r#"
        assumed currency: Amounts are in EUR: the file names no currency, and this is your shop's.
        assumed order_per_row: The file has no order numbers: each row is an order of its own.
    "#]]
    .assert_eq(&asked(text, &[]));
}

#[test]
fn columns_in_other_languages() {
    for header in [
        "Bestellnummer;Datum;Artikel;Menge;Einzelpreis;Kunde;Land",
        "N° de commande;Date de commande;Produit;Quantité;Prix unitaire;Client;Pays",
        "Número de pedido;Fecha;Producto;Cantidad;Precio unitario;Cliente;País",
        "订单号;日期;商品名称;数量;单价;客户;国家",
        "رقم الطلب;التاريخ;اسم المنتج;الكمية;سعر الوحدة;العميل;الدولة",
    ] {
        let inspection = look(
            format!("{header}\n7;2024-05-01;Tasse;2;4,50;K-1;DE\n").as_bytes(),
            &[],
        )
        .unwrap();
        let fields: Vec<_> = inspection.columns.iter().map(|c| c.field).collect();
        assert_eq!(
            fields,
            [
                Field::OrderId,
                Field::Date,
                Field::ProductName,
                Field::Quantity,
                Field::UnitPrice,
                Field::CustomerId,
                Field::Country
            ]
            .map(Some),
            "{header}"
        );
        assert!(inspection.plan.is_some(), "{header}");
    }
}

#[test]
fn a_date_read_two_ways_is_asked() {
    let text = "order id,date,item,qty,price\n1,03/04/2024,Mug,1,4.50\n2,05/06/2024,Mug,1,4.50\n";
    expect![[r#"
        date_order (Some(1)): These dates can be read in more than one way. Which is right?
          dmy: The day comes first; 03/04/2024 = 3 April 2024, 05/06/2024 = 5 June 2024
          mdy: The month comes first; 03/04/2024 = 4 March 2024, 05/06/2024 = 6 May 2024
        assumed currency: Amounts are in EUR: the file names no currency, and this is your shop's.
    "#]]
    .assert_eq(&asked(text, &[]));
    check(
        text,
        &[("date_order", "dmy")],
        expect![[r#"
        2024-04-03 0h 1 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
        2024-06-05 0h 2 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
    "#]],
    );
    check(
        text,
        &[("date_order", "mdy")],
        expect![[r#"
        2024-03-04 0h 1 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
        2024-05-06 0h 2 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
    "#]],
    );
}

#[test]
fn a_day_beyond_12_anywhere_decides() {
    let mut text = "order id,date,item,qty,price\n".to_owned();
    for n in 0..60_000 {
        let day = if n == 59_998 { 13 } else { 1 + n % 12 };
        writeln!(text, "{n},{day:02}/05/2024,Mug,1,4.50").unwrap();
    }
    let inspection = look(text.as_bytes(), &[]).unwrap();
    assert_eq!(inspection.questions, [], "the 13th stands in the last rows");
    assert_eq!(
        inspection.plan.unwrap().columns[1].date,
        Some(DateFormat::Dmy)
    );
}

#[test]
fn dates_that_mean_one_thing_are_not_asked() {
    for (values, format) in [
        (["2024-03-04", "2024-05-06"], DateFormat::Iso),
        (["05/05/2024", "06/06/2024"], DateFormat::Dmy),
        (["3 Apr 2024", "5 Jun 2024"], DateFormat::Named),
        (["20240304", "20240506"], DateFormat::Compact),
        (["45355", "45418.5"], DateFormat::ExcelSerial),
        (["1709510400", "1714953600"], DateFormat::EpochSeconds),
        (["13/04/2024", "05/06/2024"], DateFormat::Dmy),
        (
            ["04/13/2024 9:05 PM", "05/06/2024 11:00 AM"],
            DateFormat::Mdy,
        ),
    ] {
        let text = format!(
            "order id,date,item,qty,price\n1,{},Mug,1,4.50\n2,{},Mug,1,4.50\n",
            values[0], values[1]
        );
        let inspection = look(text.as_bytes(), &[]).unwrap();
        assert_eq!(inspection.questions, [], "{values:?}");
        assert_eq!(
            inspection.plan.unwrap().columns[1].date,
            Some(format),
            "{values:?}"
        );
        assert_eq!(
            import(text.as_bytes(), &[]).counts.accepted,
            2,
            "{values:?}"
        );
    }
}

#[test]
fn a_number_read_two_ways_is_asked() {
    let text = "order id;date;item;qty;price\n1;2024-03-04;Mug;1;1.234\n2;2024-03-04;Mug;1;2.500\n";
    expect![[r#"
        decimal (Some(4)): Which mark stands before the decimals?
          point: A point: 1,234.56; 1.234 = 1.234, 2.500 = 2.5
          comma: A comma: 1.234,56; 1.234 = 1234, 2.500 = 2500
        assumed currency: Amounts are in EUR: the file names no currency, and this is your shop's.
    "#]]
    .assert_eq(&asked(text, &[]));
    check(
        text,
        &[("decimal", "comma")],
        expect![[r#"
        2024-03-04 0h 1 [|Mug]#1 Sale 1 x 1234 gross 1234 EUR
        2024-03-04 0h 2 [|Mug]#1 Sale 1 x 2500 gross 2500 EUR
    "#]],
    );
    // Another column's plain decimal comma settles it.
    let settled = "order id;date;item;qty;price;tax\n1;2024-03-04;Mug;1;1.234;0,19\n";
    assert_eq!(look(settled.as_bytes(), &[]).unwrap().questions, []);
}

#[test]
fn amounts_as_people_write_them() {
    check(
        "Order ID;Date;Item;Qty;Price;Total\n\
         1;2024-03-04;Mug;1;1.234,56 €;1.234,56 €\n\
         2;2024-03-04;Mug;2;€ 5,00;10,00\n\
         3;2024-03-04;Mug;-1;(5,00);(5,00)\n\
         4;2024-03-04;Mug;3;3,33;10,00\n\
         5;2024-03-04;Mug;3;3,33;12,00\n\
         6;2024-03-04;Mug;١٢;1,00;12,00\n\
         7;2024-03-04;Mug;1;gratis;0\n\
         8;2024-03-04;Mug;1;US$ 7,00;7\n",
        &[],
        expect![[r#"
            2024-03-04 0h 1 [|Mug]#1 Sale 1 x 1234.56 gross 1234.56 EUR
            2024-03-04 0h 2 [|Mug]#1 Sale 2 x 5 gross 10 EUR
            2024-03-04 0h 3 [|Mug]#1 Return -1 x -5 returns -5 EUR
            2024-03-04 0h 4 [|Mug]#1 Sale 3 x 3.33 gross 10 EUR
            2024-03-04 0h 5 [|Mug]#1 Sale 3 x 3.33 gross 12 EUR
            2024-03-04 0h 6 [|Mug]#1 Sale 12 x 1 gross 12 EUR
            2024-03-04 0h 8 [|Mug]#1 Sale 1 x 7 gross 7 USD
            line 8 bad_number: "gratis" in column "Price" is not a number. Write it like 1234,56.
            warning line 4 total_mismatch: The line amount -5 is not quantity times price, which is 5. The line amount was taken.
            warning line 6 total_mismatch: The line amount 12 is not quantity times price, which is 9.99. The line amount was taken.
        "#]],
    );
}

#[test]
fn order_lists_with_one_row_an_order() {
    check(
        "Order Number,Order Date,Customer Email,Order Total,Status,Payment Method\n\
         A-1,2024-03-04 10:00,ANN@example.com ,25.00,Completed,card\n\
         A-2,2024-03-05 10:00,bob@example.com,30.00,Cancelled,card\n\
         A-3,2024-03-06 10:00,bob@example.com,12.00,Refunded,card\n\
         ,2024-03-06 10:00,bob@example.com,12.00,Completed,card\n\
         Total,,,79.00,,\n",
        &[],
        expect![[r#"
            2024-03-04 10h A-1 [|]#1 Sale 1 x 25 gross 25 EUR by hash of ann@example.com
            2024-03-05 10h A-2 [|]#1 Cancelled 1 x 30 EUR by hash of bob@example.com
            2024-03-06 10h A-3 [|]#1 Sale 1 x 12 gross 12 EUR by hash of bob@example.com
            2024-03-06 10h A-3 [|]#1 Return -1 x 12 returns -12 EUR by hash of bob@example.com
            line 5 missing_order_id: The order number is missing: column "Order Number" is empty. Fill it in, or remove the row.
            line 6 not_data: This row is a total, not an order. Nothing needs to be done.
        "#]],
    );
}

#[test]
fn the_currency_of_a_sheet() {
    for (header, price, currency) in [
        ("price", "4.50", "EUR"),
        ("price", "£4.50", "GBP"),
        ("price (CHF)", "4.50", "CHF"),
        ("price_usd", "4.50", "USD"),
        ("price", "R$ 4.50", "BRL"),
    ] {
        let text =
            format!("date,item,qty,{header}\n2024-03-04,Mug,1,{price}\n2024-03-04,Cup,1,{price}\n");
        let batch = import(text.as_bytes(), &[]);
        assert_eq!(
            batch.lines[0].currency.as_str(),
            currency,
            "{header} {price}"
        );
    }
    let own = "date,item,qty,price,currency\n2024-03-04,Mug,1,4.50,usd\n2024-03-04,Mug,1,4.50,£\n2024-03-04,Mug,1,4.50,gold\n";
    check(
        own,
        &[],
        expect![[r#"
            2024-03-04 0h 2024-03-04-a5b9828b [|Mug]#1 Sale 1 x 4.5 gross 4.5 USD
            2024-03-04 0h 2024-03-04-71b47563 [|Mug]#1 Sale 1 x 4.5 gross 4.5 GBP
            line 4 bad_currency: "gold" in column "currency" is not a currency. Use a three-letter code such as EUR.
        "#]],
    );
}

#[test]
fn mapping_is_changed_and_remembered() {
    let text = "when,what,much,euros\n2024-03-04,Mug,1,4.50\n2024-03-05,Mug,2,4.50\n";
    expect![[r#"
        data_set (None): What does the file hold?
          orders: orders; 
          events: events; 
          products: products; 
          customers: customers; 
          inventory: inventory; 
          promotions: promotions; 
          costs: costs; 
          ad_spend: ad spend; 
          rates: rates; 
        mapping.date (None): Which column is the date of the order?
          0=date: when; 2024-03-04 = 4 March 2024, 2024-03-05 = 5 March 2024
        mapping.amount (None): Which column is the price or the amount?
          3=unit_price: euros is the unit price; 4.50 = 4.5
          3=line_total: euros is the line amount; 4.50 = 4.5
        mapping.quantity (None): Which column is the quantity?
          2=quantity: much; 1 = 1, 2 = 2
          none: None: each row is one piece; 
        assumed currency: Amounts are in EUR: the file names no currency, and this is your shop's.
        assumed order_per_row: The file has no order numbers: each row is an order of its own.
    "#]]
    .assert_eq(&asked(text, &[]));
    let decided = &[
        ("mapping.date", "0=date"),
        ("map.1", "product_name"),
        ("map.2", "quantity"),
        ("mapping.amount", "3=unit_price"),
    ];
    check(
        text,
        decided,
        expect![[r#"
        2024-03-04 0h 2024-03-04-c3b46b35 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
        2024-03-05 0h 2024-03-05-1e2e3714 [|Mug]#1 Sale 2 x 4.5 gross 9 EUR
    "#]],
    );
    let inspection = look(text.as_bytes(), decided).unwrap();
    assert_eq!(inspection.columns[3].kind, ColumnKind::Money);
    let other = look("a,b\n2024-01-01,3.5\n".as_bytes(), &[]).unwrap();
    assert_ne!(inspection.fingerprint, other.fingerprint);
    let renamed = look(
        text.replace("when,what", "When;What")
            .replace(',', ";")
            .as_bytes(),
        &[],
    )
    .unwrap();
    assert_eq!(
        inspection.fingerprint, renamed.fingerprint,
        "spelling does not matter"
    );
}

#[test]
fn unmapped_columns_are_kept() {
    let batch = import(b"date,item,qty,price,gift wrap,note\n2024-03-04,Mug,1,4.50,\"yes \"\"red\"\"\",\n2024-03-04,Cup,1,4.50,,\n", &[("map.5", "ignore")]);
    assert_eq!(
        batch.lines[0].extra.as_deref(),
        Some(r#"{"gift wrap":"yes \"red\""}"#)
    );
    assert_eq!(batch.lines[1].extra, None);
}

#[test]
fn ids_that_went_through_a_spreadsheet() {
    check(
        "order id,date,sku,qty,price\n1.23E+10,2024-03-04,8.71E+12,1,4.50\n'0012,2024-03-04,'007,1,4.50\n17850.0,2024-03-04,1E5,1,4.50\n",
        &[],
        expect![[r#"
            2024-03-04 0h 1.23E+10 [8.71E+12|]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 0012 [007|]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 17850 [1E5|]#1 Sale 1 x 4.5 gross 4.5 EUR
            warning line 2 scientific_id: "1.23E+10" is a number that a spreadsheet has shortened: its last digits are lost, and different numbers may now look the same. Export the file again without opening it in a spreadsheet.
            warning line 2 scientific_id: "8.71E+12" is a number that a spreadsheet has shortened: its last digits are lost, and different numbers may now look the same. Export the file again without opening it in a spreadsheet.
        "#]],
    );
}

#[test]
fn identical_lines_are_distinct() {
    let text = "order id,date,item,qty,price\n1,2024-03-04,Mug,1,4.50\n1,2024-03-04,Mug,1,4.50\n1,2024-03-04,Mug,2,4.50\n";
    check(
        text,
        &[],
        expect![[r#"
            2024-03-04 0h 1 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 1 [|Mug]#2 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-04 0h 1 [|Mug]#3 Sale 2 x 4.5 gross 9 EUR
            warning line 0 duplicates: 1 row is equal in every column to an earlier row. It is kept as a line of its own; such rows can be dropped by importing with that choice.
        "#]],
    );
    check(
        text,
        &[("drop_duplicates", "true")],
        expect![[r#"
        2024-03-04 0h 1 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
        2024-03-04 0h 1 [|Mug]#2 Sale 2 x 4.5 gross 9 EUR
        line 3 duplicate: This row is equal in every column to an earlier row, and such rows are dropped. Import without dropping duplicates to keep it.
    "#]],
    );
}

#[test]
fn without_a_header() {
    let text = "1,2024-03-04,Mug,1,4.50\n2,2024-03-05,Cup,2,3.50\n";
    expect![[r#"
        data_set (None): What does the file hold?
          orders: orders; 
          events: events; 
          products: products; 
          customers: customers; 
          inventory: inventory; 
          promotions: promotions; 
          costs: costs; 
          ad_spend: ad spend; 
          rates: rates; 
        mapping.date (None): Which column is the date of the order?
          1=date: column 2; 2024-03-04 = 4 March 2024, 2024-03-05 = 5 March 2024
        mapping.amount (None): Which column is the price or the amount?
          4=unit_price: column 5 is the unit price; 4.50 = 4.5, 3.50 = 3.5
          4=line_total: column 5 is the line amount; 4.50 = 4.5, 3.50 = 3.5
        mapping.quantity (None): Which column is the quantity?
          0=quantity: column 1; 1 = 1, 2 = 2
          3=quantity: column 4; 1 = 1, 2 = 2
          none: None: each row is one piece; 
        assumed no_header: The file has no header row: the first row is data, and columns are named by their place.
        assumed currency: Amounts are in EUR: the file names no currency, and this is your shop's.
        assumed order_per_row: The file has no order numbers: each row is an order of its own.
    "#]].assert_eq(&asked(text, &[]));
    check(
        text,
        &[
            ("map.0", "order_id"),
            ("map.1", "date"),
            ("map.2", "product_name"),
            ("map.3", "quantity"),
            ("map.4", "unit_price"),
        ],
        expect![[r#"
            2024-03-04 0h 1 [|Mug]#1 Sale 1 x 4.5 gross 4.5 EUR
            2024-03-05 0h 2 [|Cup]#1 Sale 2 x 3.5 gross 7 EUR
        "#]],
    );
}

#[test]
fn public_data_sets() {
    for (file, decisions, records, gross) in [
        // Published totals: 2,500,315.63 USD; 80 purchases of nothing.
        (
            "cdnow/CDNOW_master.txt",
            &[][..],
            69_659,
            Some("2500315.63"),
        ),
        (
            "completejourney/transactions_sample.csv.gz",
            &[],
            75_000,
            None,
        ),
    ] {
        let Some(path) = shared(file) else { return };
        let batch = import(&std::fs::read(path).unwrap(), decisions);
        assert_eq!(
            (batch.counts.records, batch.counts.rejected),
            (records, 0),
            "{file}"
        );
        if let Some(gross) = gross {
            let sum: i64 = batch.lines.iter().map(|l| l.gross.0).sum();
            assert_eq!(types::Micros(sum).to_string(), gross);
        }
    }
    let Some(path) = shared("adventureworks/AdventureWorks_Sales_2017.csv") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let asked = look(&bytes, &[]).unwrap().questions;
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].id.as_str(), asked[0].options.len()),
        ("mapping.amount", 0)
    );
    let inspection = look(&bytes, &[("map.6", "unit_price")]).unwrap();
    assert_eq!(inspection.source, Source::Generic);
    let mapped: Vec<_> = inspection
        .columns
        .iter()
        .filter_map(|c| c.field.map(|f| (f.id(), c.name.as_str())))
        .collect();
    assert_eq!(
        mapped,
        [
            ("date", "OrderDate"),
            ("order_id", "OrderNumber"),
            ("sku", "ProductKey"),
            ("customer_id", "CustomerKey"),
            ("unit_price", "OrderLineItem"),
            ("quantity", "OrderQuantity")
        ]
    );
}

/// An answer may have been given about another file.
#[test]
fn an_answer_that_the_values_contradict_is_not_taken() {
    let dated = |first: &str| {
        format!(
            "order id,date,item,qty,price\n1,{first}/04/2024,Mug,1,4.50\n2,05/06/2024,Mug,1,4.50\n"
        )
    };
    let day = |text: &str, order| {
        let lines = import(text.as_bytes(), &[("date_order", order)]).lines;
        lines[0].day.to_string()
    };
    assert_eq!(day(&dated("13"), "mdy"), "2024-04-13");
    assert_eq!(day(&dated("13"), "dmy"), "2024-04-13");
    assert_eq!(day(&dated("03"), "mdy"), "2024-03-04");
    // None of the ways in which it can be read: asked as if nothing had been said.
    let open = look(dated("03").as_bytes(), &[("date_order", "ymd")]).unwrap();
    assert_eq!(open.questions[0].id, "date_order");

    let priced = |price: &str| {
        format!(
            "order id;date;item;qty;price\n1;2024-03-04;Mug;1;{price}\n2;2024-03-05;Mug;1;{price}\n"
        )
    };
    let gross = |text: &str, mark| {
        let lines = import(text.as_bytes(), &[("decimal", mark)]).lines;
        lines[0].gross.to_string()
    };
    assert_eq!(gross(&priced("4,50"), "point"), "4.5");
    assert_eq!(gross(&priced("1,234"), "point"), "1234");
    assert_eq!(gross(&priced("1,234"), "comma"), "1.234");
}

#[test]
fn a_column_is_kept_or_left_out() {
    let text = "order id,date,item,qty,price,colour\n1,2024-03-04,Mug,1,4.50,red\n";
    let extra = |decisions: &[(&str, &str)]| {
        let lines = import(text.as_bytes(), decisions).lines;
        lines[0]
            .extra
            .as_deref()
            .unwrap_or_default()
            .contains("red")
    };
    let ignored =
        |decisions: &[(&str, &str)]| look(text.as_bytes(), decisions).unwrap().columns[5].ignored;
    for (decisions, kept) in [
        (&[][..], true),
        (&[("map.5", "extra")], true),
        (&[("map.5", "ignore")], false),
    ] {
        assert_eq!((extra(decisions), ignored(decisions)), (kept, !kept));
    }
    // Of a column that means something: no longer that, and still there.
    let kept = import(text.as_bytes(), &[("map.2", "extra")]).lines;
    assert!(kept[0].extra.as_deref().unwrap_or_default().contains("Mug"));
    assert_eq!(kept[0].product_name, "");
}

/// A report of sums by day counts orders: their count is no order's number.
#[test]
fn a_count_of_orders_is_no_order_number() {
    let text = "Day,Orders,Gross sales,Discounts,Returns,Net sales,Shipping,Tax,Total sales\n\
        2024-03-04,3,100.00,-5.00,0.00,95.00,9.00,10.00,114.00\n\
        2024-03-05,3,50.00,0.00,-10.00,40.00,5.00,4.00,49.00\n";
    let batch = import(text.as_bytes(), &[]);
    let orders: Vec<&str> = batch.lines.iter().map(|l| l.order_id.as_str()).collect();
    assert_ne!(orders[0], orders[1]);
    assert_eq!(
        batch.lines[0].extra.as_deref(),
        Some(r#"{"Orders":"3","Total sales":"114.00"}"#)
    );
    let numbered = text
        .replace("2024-03-04,3,", "2024-03-04,#1003,")
        .replace("2024-03-05,3,", "2024-03-05,#1004,");
    assert_eq!(import(numbered.as_bytes(), &[]).lines[0].order_id, "#1003");
}
