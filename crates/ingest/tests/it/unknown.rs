//! Tables in which nothing is recognised, and forms that are said rather than found.

use crate::support::{gzip, import, look, options, plan, show};
use expect_test::expect;
use ingest::{DataSet, Decisions, Inspection, Sample, inspect_files};
use std::fmt::Write as _;

const UNNAMED: &[u8] =
    b"c1;c2;c3\n2024-03-04;2;4,50\n2024-03-05;1;3,25\n2024-03-06;3;12,00\n2024-03-07;5;0,99\n";

fn asked(inspection: &Inspection) -> String {
    assert!(inspection.plan.is_none());
    let mut out = String::new();
    for q in &inspection.questions {
        let options: Vec<&str> = q.options.iter().map(|o| o.value.as_str()).collect();
        writeln!(out, "{}: {}", q.id, options.join(" ")).unwrap();
    }
    out
}

#[test]
fn what_nobody_knows_is_asked_with_its_columns() {
    let seen = look(UNNAMED, &[]).unwrap();
    let columns: Vec<_> = seen
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.field))
        .collect();
    assert_eq!(columns, [("c1", None), ("c2", None), ("c3", None)]);
    assert_eq!(seen.columns[2].samples, ["4,50", "3,25", "12,00", "0,99"]);
    expect![[r#"
        data_set: orders events products customers inventory promotions costs ad_spend rates
        mapping.date: 0=date
        mapping.amount: 2=unit_price 2=line_total
        mapping.quantity: 1=quantity none
    "#]]
    .assert_eq(&asked(&seen));
    let by_question = [
        ("mapping.date", "0=date"),
        ("mapping.amount", "2=unit_price"),
        ("mapping.quantity", "1=quantity"),
    ];
    let by_hand = [
        ("map.0", "date"),
        ("map.1", "quantity"),
        ("map.2", "unit_price"),
    ];
    for answers in [&by_question, &by_hand] {
        let all = import(UNNAMED, answers);
        let gross: i64 = all.lines.iter().map(|line| line.gross.0).sum();
        assert_eq!((all.lines.len(), gross), (4, 53_200_000), "{answers:?}");
    }
    // Whole numbers are not taken for pieces, nor for none, in silence.
    let open = look(UNNAMED, &by_question[..2]).unwrap();
    assert_eq!(asked(&open), "mapping.quantity: 1=quantity none\n");
    let none = [by_question[0], by_question[1], ("mapping.quantity", "none")];
    let all = import(UNNAMED, &none);
    assert_eq!(
        all.lines.iter().map(|line| line.quantity.0).sum::<i64>(),
        4_000_000
    );
}

#[test]
fn an_unknown_language_and_what_has_no_date_are_asked_too() {
    let georgian = "თარიღი,დასახელება,რაოდენობა,ფასი\n2024-03-04,ფინჯანი,2,4.50\n2024-03-05,ჩაიდანი,1,20.25\n2024-03-09,თეფში,4,3.00\n";
    let seen = look(georgian.as_bytes(), &[]).unwrap();
    expect![[r#"
        data_set: orders events products customers inventory promotions costs ad_spend rates
        mapping.date: 0=date
        mapping.amount: 3=unit_price 3=line_total
        mapping.quantity: 2=quantity none
    "#]]
    .assert_eq(&asked(&seen));
    // No column is a date: it is said so, and can be something else.
    let seen = look(b"item,qty,price\nMug,1,4.50\n", &[]).unwrap();
    assert!(
        asked(&seen).starts_with("data_set: orders"),
        "{}",
        asked(&seen)
    );
    assert!(
        asked(&seen).contains("mapping.date: \n"),
        "{}",
        asked(&seen)
    );
    let products = look(
        b"item,qty,price\nMug,1,4.50\n",
        &[("data_set", "products"), ("map.0", "sku")],
    );
    assert_eq!(products.unwrap().plan.unwrap().data_set, DataSet::Products);
}

#[test]
fn a_letter_is_no_table() {
    for letter in [
        "Dear customer,\n\nthank you for your order.\n",
        "Dear all,\n\nhere are, as promised, the figures.\nBest\n",
        "one two three\nfour five\nsix seven eight nine\n",
    ] {
        let refused = look(letter.as_bytes(), &[]).map(|seen| asked(&seen));
        assert_eq!(refused.unwrap_err().code(), "not_a_table", "{letter}");
    }
    // Words in columns are one.
    assert!(asked(&look(b"x1;x2\nM-1;Mug\nC-1;Cup\n", &[]).unwrap()).starts_with("data_set"));
}

#[test]
fn parts_of_one_unknown_table_are_asked_together() {
    let files: Vec<(Sample, String)> = ["a.csv", "b.csv"]
        .map(|name| (Sample::from_bytes(UNNAMED), name.to_owned()))
        .into();
    let seen = inspect_files(&files, &options(&[])).unwrap();
    assert!(asked(&seen).contains("mapping.date: 0=date"));
    let answers = [
        ("map.0", "date"),
        ("map.1", "quantity"),
        ("map.2", "unit_price"),
    ];
    let seen = inspect_files(&files, &options(&answers)).unwrap();
    assert!(seen.plan.is_some());
    // Files that have nothing to do with each other are no archive.
    let other = (
        Sample::from_bytes(b"x1;x2\n7;8\n9;10\n11;12\n"),
        "c.csv".to_owned(),
    );
    let apart = inspect_files(&[files[0].clone(), other], &options(&[])).unwrap_err();
    assert_eq!(apart.code(), "files_apart");
    expect!["These are 2 files, and none of them is a table of orders: a.csv, c.csv. Add the table that has one row an order line, with a date and an amount."]
        .assert_eq(&apart.to_string());
}

const DOLLARS: &str =
    "order id,date,item,qty,price\n1,2024-03-04,Mug,1,$4.50\n2,2024-03-05,Cup,2,$3.00\n";

#[test]
fn a_sign_of_several_currencies_is_asked_unless_it_is_the_shops() {
    let seen = look(DOLLARS.as_bytes(), &[]).unwrap();
    assert_eq!(
        asked(&seen),
        "currency: USD CAD AUD NZD SGD HKD TWD MXN COP ARS\n"
    );
    let first = &seen.questions[0].options[0];
    assert_eq!(
        (
            first.readings[0].raw.as_str(),
            first.readings[0].read.as_str()
        ),
        ("$4.50", "4.5 USD")
    );
    let currencies = |text: &str, answers: &[(&str, &str)]| {
        let all = import(text.as_bytes(), answers);
        let all: Vec<String> = all.lines.iter().map(|l| l.currency.to_string()).collect();
        all.join(" ")
    };
    assert_eq!(currencies(DOLLARS, &[("currency", "CAD")]), "CAD CAD");
    // Said by the header, or beside another amount.
    assert_eq!(
        currencies(&DOLLARS.replace("price", "price (AUD)"), &[]),
        "AUD AUD"
    );
    assert_eq!(
        currencies(&DOLLARS.replace("$3.00", "CA$3.00"), &[]),
        "CAD CAD"
    );
    // The countries that orders went to come first.
    let countries = DOLLARS
        .replace("price", "price,country")
        .replace(".50", ".50,New Zealand")
        .replace(".00", ".00,NZ");
    let seen = look(countries.as_bytes(), &[]).unwrap();
    assert!(
        asked(&seen).starts_with("currency: NZD USD"),
        "{}",
        asked(&seen)
    );
    // The shop's own currency is taken, and said.
    let mut own = options(&[]);
    own.currency = "CAD".parse().unwrap();
    let seen = ingest::inspect(&Sample::from_bytes(DOLLARS.as_bytes()), "a.csv", &own).unwrap();
    let codes: Vec<&str> = seen.assumptions.iter().map(|a| a.code.as_str()).collect();
    assert_eq!(codes, ["currency_sign"]);
    assert_eq!(seen.plan.unwrap().currency, own.currency);
    // Amounts with cents are in no currency that has none.
    assert_eq!(currencies(&DOLLARS.replace('$', "¥"), &[]), "CNY CNY");
    let whole = DOLLARS.replace(".50", "").replace(".00", "");
    for (text, sign, wanted) in [
        (whole.as_str(), "¥", "currency: JPY CNY\n"),
        (whole.as_str(), "kr ", "currency: SEK NOK DKK ISK\n"),
        (DOLLARS, "kr ", "currency: SEK NOK DKK\n"),
    ] {
        let seen = look(text.replace('$', sign).as_bytes(), &[]).unwrap();
        assert_eq!(asked(&seen), wanted);
    }
}

#[test]
fn times_are_of_the_clock_that_is_said() {
    // The shop is in Berlin.
    let text = b"order id,date,item,qty,price\n1,2024-03-04 23:30:00,Mug,1,4.50\n2,2024-03-05 09:00:00,Mug,1,4.50\n";
    let seen = look(text, &[]).unwrap();
    assert_eq!(seen.clock.as_deref(), Some("Europe/Berlin"));
    assert!(seen.assumptions.iter().any(|a| a.code == "timezone"));
    let days = |answers: &[(&str, &str)]| {
        let all = import(text, answers);
        let days: Vec<String> = all
            .lines
            .iter()
            .map(|l| format!("{} {:?}", l.day, l.hour))
            .collect();
        days.join(", ")
    };
    let own = days(&[]);
    assert_eq!(own, "2024-03-04 Some(23), 2024-03-05 Some(9)");
    assert_eq!(days(&[("timezone", "Europe/Berlin")]), own);
    assert_eq!(
        days(&[("timezone", "UTC")]),
        "2024-03-05 Some(0), 2024-03-05 Some(10)"
    );
    let said = look(text, &[("timezone", "America/New_York")]).unwrap();
    assert_eq!(said.clock.as_deref(), Some("America/New_York"));
    assert!(!said.assumptions.iter().any(|a| a.code == "timezone"));
    for wrong in ["Berlin", "+02:00", "CEST-1", ""] {
        let refused = look(text, &[("timezone", wrong)]).unwrap_err();
        assert_eq!(refused.code(), "bad_decision", "{wrong}");
    }
    // A day without a time is the shop's day; an offset in the file is believed.
    let untimed = b"order id,date,item,qty,price\n1,2024-03-04,Mug,1,4.50\n";
    let answers = [("timezone", "Pacific/Kiritimati")];
    assert_eq!(
        import(untimed, &answers).lines[0].day.to_string(),
        "2024-03-04"
    );
    assert_eq!(look(untimed, &[]).unwrap().clock, None);
    let offset = b"order id,date,item,qty,price\n1,2024-03-04T23:30:00-05:00,Mug,1,4.50\n";
    assert_eq!(
        import(offset, &answers).lines[0].day.to_string(),
        "2024-03-05"
    );
}

#[test]
fn the_form_can_be_said() {
    let text = "order id,date,item,qty,price\n1,2024-03-04,Tasse gr\u{fc}n,1,4.50\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let item = |bytes: &[u8], answers: &[(&str, &str)]| {
        import(bytes, answers).lines[0].product_name.to_string()
    };
    assert_eq!(item(&bytes, &[("encoding", "windows-1252")]), "Tasse grün");
    assert_eq!(item(&bytes, &[("encoding", "windows-1251")]), "Tasse grьn");
    assert_eq!(
        item(&gzip(&bytes), &[("encoding", "windows-1251")]),
        "Tasse grьn"
    );
    // A mark at the start says it for good.
    let marked = format!("\u{feff}{text}");
    assert_eq!(
        item(marked.as_bytes(), &[("encoding", "windows-1251")]),
        "Tasse grün"
    );

    let bars =
        "order id|date|item|qty|price\n1|2024-03-04|a;b;c|1|4.50\n2|2024-03-04|a;b;c|1|4.50\n";
    let width =
        |answers: &[(&str, &str)]| look(bars.as_bytes(), answers).map(|seen| seen.columns.len());
    assert_eq!(width(&[]).unwrap(), 5);
    for (said, columns) in [("bar", 5), ("|", 5), ("semicolon", 3), ("0x7c", 5)] {
        assert_eq!(width(&[("delimiter", said)]).unwrap(), columns, "{said}");
    }
    let quoted =
        "order id,date,item,qty,price\n1,2024-03-04,'Mug',1,4.50\n2,2024-03-04,'Cup',1,4.50\n";
    assert_eq!(item(quoted.as_bytes(), &[]), "Mug");
    assert_eq!(item(quoted.as_bytes(), &[("quote", "double")]), "'Mug'");
    let headless = look(text.as_bytes(), &[("header", "no")]).unwrap();
    assert_eq!(headless.columns[0].name, "column 1");
    for (key, wrong) in [
        ("encoding", "latin-42"),
        ("delimiter", "a"),
        ("delimiter", "\n"),
        ("delimiter", "commas"),
        ("quote", "«"),
        ("header", "maybe"),
    ] {
        let refused = look(text.as_bytes(), &[(key, wrong)]).unwrap_err();
        assert_eq!(refused.code(), "bad_decision", "{key}={wrong}");
    }
    let plan = plan(bars.as_bytes(), &[("delimiter", "bar")]);
    assert_eq!(ingest::delimiter_word(plan.dialect.delimiter), "bar");
    let said: Decisions = [("delimiter", "bar"), ("date_order", "dmy")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    assert_eq!(ingest::without_form(&said).unwrap().len(), 1);
    assert!(ingest::without_form(&Decisions::new()).is_none());
    assert!(!show(&import(bars.as_bytes(), &[]).lines).is_empty());
}
