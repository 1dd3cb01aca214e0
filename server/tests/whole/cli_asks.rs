//! What the command line does where a file leaves questions open, or is none.

use crate::cli::{Shell, online_retail};
use serde_json::Value;
use std::fmt::Write;

#[test]
fn ambiguous_dates_are_asked_and_answered() {
    let shell = Shell::new();
    let mut text = String::from("Order,Date,Product,Quantity,Price,Currency\n");
    for n in 1..=12 {
        writeln!(text, "A{n},{n:02}/{:02}/2025,Mug,1,5.00,EUR", 13 - n).unwrap();
    }
    let file = shell.file("ambiguous.csv", text);
    let import = ["import", file.as_str(), "--tenant", "shop", "--create"];
    let question = shell.fails(3, &import);
    assert!(question.contains("--set date_order=dmy"), "{question}");
    assert!(question.contains("--set date_order=mdy"), "{question}");
    let answered = shell.ok(&[&import[..], &["--set", "date_order=dmy", "--json"]].concat());
    let result: Value = serde_json::from_str(&answered).unwrap();
    assert_eq!(result["accepted"], 12);
    assert_eq!(result["first_day"], "2025-01-12");
}

#[test]
fn what_nobody_knows_is_asked_with_the_way_to_answer() {
    let shell = Shell::new();
    let text = "c1;c2;c3\n2024-03-04;2;4,50\n2024-03-05;1;3,25\n2024-03-06;3;12,00\n";
    let file = shell.file("unnamed.csv", text);
    let import = ["import", file.as_str(), "--tenant", "shop", "--create"];
    let question = shell.fails(3, &import);
    for expected in [
        "What does the file hold?",
        "--set data_set=products",
        "--set mapping.date=0=date  c1",
        "--set mapping.quantity=1=quantity  c2",
        "--set mapping.amount=2=unit_price",
        "  1  c2: 2, 1, 3",
        "Any column is named by its number: --set map.0=",
    ] {
        assert!(question.contains(expected), "{expected}: {question}");
    }
    let by_number = ["map.0=date", "map.1=quantity", "map.2=unit_price"];
    let answers = by_number.iter().flat_map(|answer| ["--set", answer]);
    let all: Vec<&str> = import
        .into_iter()
        .chain(answers)
        .chain(["--json"])
        .collect();
    let result: Value = serde_json::from_str(&shell.ok(&all)).unwrap();
    assert_eq!(result["totals"][0]["gross_sales"], 48.25);
    // Remembered: the next file like it is not asked.
    let next = shell.file("next.csv", text.replace("2024", "2025"));
    let next = shell.ok(&["import", &next, "--tenant", "shop", "--json"]);
    let next: Value = serde_json::from_str(&next).unwrap();
    assert_eq!(
        (&next["accepted"], &next["first_day"]),
        (&3.into(), &"2025-03-04".into())
    );
    // Nothing in it can be a date: it is said so.
    let dateless = shell.file("dateless.csv", "item,qty,price\nMug,1,4.50\nCup,2,3.00\n");
    let question = shell.fails(3, &["import", &dateless, "--tenant", "shop"]);
    assert!(question.contains("No column looks like it"), "{question}");
}

#[test]
fn an_answer_that_does_not_fit_is_a_usage_error() {
    let shell = Shell::new();
    let file = shell.file("orders.csv", online_retail());
    let set = |answers: &[&str]| {
        let mut arguments = vec!["import", file.as_str(), "--tenant", "shop", "--create"];
        arguments.extend(answers.iter().flat_map(|answer| ["--set", answer]));
        shell.fails(2, &arguments)
    };
    let unknown = set(&["date_oder=dmy"]);
    assert!(
        unknown.contains("there is no question `date_oder`"),
        "{unknown}"
    );
    assert!(unknown.contains("date_order, decimal"), "{unknown}");
    let wrong = set(&["data_set=people"]);
    assert!(
        wrong.contains("\"data_set=people\" is not an answer"),
        "{wrong}"
    );
    let twice = set(&["map.0=quantity", "map.3=quantity"]);
    assert!(twice.contains("is read from two columns"), "{twice}");
    set(&["map.99=quantity"]);
    set(&["encoding=latin-42"]);
    set(&["delimiter=x"]);
    set(&["timezone=Berlin"]);
    set(&["map.0"]);
}

#[test]
fn what_is_no_table_ends_with_4() {
    let shell = Shell::new();
    for (name, bytes) in [
        ("empty.csv", Vec::new()),
        (
            "image.csv",
            [&b"\x89PNG\r\n\x1a\n"[..], &[0_u8; 600]].concat(),
        ),
        (
            "truncated.csv.gz",
            vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b],
        ),
        (
            "prose.txt",
            b"Dear Sir or Madam, we would like to order.\n".to_vec(),
        ),
    ] {
        let file = shell.file(name, bytes);
        let text = shell.fails(4, &["import", &file, "--tenant", "shop", "--create"]);
        assert!(text.contains("cannot be imported:"), "{name}: {text}");
        assert!(!text.contains("panicked"), "{name}: {text}");
    }
}
