//! Files that cannot be imported: what happened and what to do next.

use crate::support::{dense, gzip, look, options, plan};
use expect_test::expect;
use ingest::{Limits, Sample, inspect, read, read_all};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn every_refusal_says_what_to_do() {
    let table = "date,item,qty,price\n2024-03-04,Mug,1,4.50\n";
    let packed = gzip(table.repeat(50).as_bytes());
    let mut wide = "x,".repeat(3000);
    wide.push_str("y\n");
    let wide = wide.repeat(3);
    let mut noise: Vec<u8> = Vec::new();
    let mut state = 7_u32;
    for _ in 0..5000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8);
    }
    type Case<'a> = (&'a str, &'a [u8], &'a [(&'a str, &'a str)]);
    let cases: &[Case<'_>] = &[
        ("nothing", b"", &[]),
        ("blanks", b"  \n\n", &[]),
        ("noise", &noise, &[]),
        ("zip cut off", b"PK\x03\x04....", &[]),
        ("json", b"[{\"a\":1}]", &[]),
        ("broken json", b"{\"a\":", &[]),
        ("old workbook", b"\xD0\xCF\x11\xE0....", &[]),
        (
            "web page",
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            &[],
        ),
        ("prose", b"Dear all\nhere are the sales\nbest\n", &[]),
        ("header only", b"date,item,qty,price\n", &[]),
        ("cut gzip", &packed[..packed.len() - 9], &[]),
        ("wide", wide.as_bytes(), &[]),
        ("no date", b"item,qty,price\nMug,1,4.50\n", &[]),
        ("no amount", b"order id,date,item\n1,2024-03-04,Mug\n", &[]),
        (
            "twice",
            table.as_bytes(),
            &[("map.1", "sku"), ("map.2", "sku")],
        ),
        ("no such column", table.as_bytes(), &[("map.9", "sku")]),
        ("no such field", table.as_bytes(), &[("map.1", "colour")]),
        ("no such order", table.as_bytes(), &[("date_order", "myd")]),
        (
            "no such currency",
            table.as_bytes(),
            &[("currency", "gold")],
        ),
    ];
    let mut out = String::new();
    for (name, bytes, decisions) in cases {
        match look(bytes, decisions) {
            Ok(inspection) => writeln!(out, "{name}: taken as {:?}", inspection.source).unwrap(),
            Err(error) => writeln!(out, "{name}: {}: {error}", error.code()).unwrap(),
        }
    }
    expect![[r#"
        nothing: empty: The file is empty. Export it again from your shop and upload the new file.
        blanks: empty: The file is empty. Export it again from your shop and upload the new file.
        noise: binary: This is a binary file, not a table of text. Export the orders as CSV and upload that file.
        zip cut off: damaged_zip: The zip archive is damaged, or part of it is missing. Upload it again, or upload the file in it by itself.
        json: taken as Generic
        broken json: damaged: This file looks like JSON and is damaged: none of it can be read. Export it again and upload the new file.
        old workbook: binary: This is an old Excel workbook (.xls), not a table of text. Save it as .xlsx or CSV and upload that file.
        web page: binary: This is a web page, not a table of text. The download link may have led to a sign-in page: sign in to your shop and export again.
        prose: not_a_table: No table was found in this file: its lines have no columns in common. Upload a CSV file with one order line a row and a header row.
        header only: no_data: The file has a header row but no data below it. Check the date range of the export and upload it again.
        cut gzip: truncated_gzip: The gzip file ends too early: part of it is missing. Upload it again; if it fails once more, make a new export.
        wide: too_many_columns: The table has 3001 columns and an import takes at most 2000. Remove columns that are not about orders.
        no date: taken as Generic
        no amount: taken as Generic
        twice: column_mapped_twice: the product code (SKU) is read from two columns: "item" and "qty". Choose one of them and ignore the other.
        no such column: bad_decision: "map.9=sku" is not an answer this import understands. Columns are counted from 0 to 3.
        no such field: bad_decision: "map.1=colour" is not an answer this import understands. There is no such field.
        no such order: bad_decision: "date_order=myd" is not an answer this import understands. Use dmy (day first), mdy (month first) or ymd (year first).
        no such currency: bad_decision: "currency=gold" is not an answer this import understands. Use a three-letter code, for example EUR.
    "#]].assert_eq(&out);
}

#[test]
fn a_file_of_3_gigabytes() {
    let row = b"2024-03-04,Mug,1,4.50\n";
    let length = 3_000_000_000_u64;
    let asked = Arc::new(AtomicU64::new(0));
    let sample = || {
        let asked = Arc::clone(&asked);
        Sample::from_ranges(length, move |range| {
            asked.fetch_add(range.end - range.start, Ordering::Relaxed);
            let mut bytes: Vec<u8> = row
                .iter()
                .copied()
                .cycle()
                .skip((range.start % 22) as usize)
                .take((range.end - range.start) as usize)
                .collect();
            if range.start == 0 {
                bytes.splice(..22, *b"date,item ,qty, price\n");
            }
            Ok(bytes)
        })
        .unwrap()
    };
    let error = inspect(&sample(), "big.csv", &options(&[])).unwrap_err();
    expect!["The file has 3000 MB and an import takes at most 200 MB. Split it, for example by year, and upload the parts: orders are never counted twice."].assert_eq(&error.to_string());
    let mut roomy = options(&[]);
    roomy.limits = Limits {
        raw_bytes: u64::MAX,
        ..Limits::default()
    };
    let inspection = inspect(&sample(), "big.csv", &roomy).unwrap();
    assert!(inspection.plan.is_some());
    let asked = asked.load(Ordering::Relaxed);
    assert!(asked < 4 << 20, "{asked} bytes asked for");
}

#[test]
fn a_gzip_that_ends_too_early() {
    let mut text = "date,item,qty,price\n".to_owned();
    let mut state = 1_u64;
    for n in 0..200_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        writeln!(
            text,
            "2024-03-{:02},Mug {},{},{}.50",
            1 + n % 28,
            state >> 40,
            1 + state % 9,
            state >> 54
        )
        .unwrap();
    }
    let packed = gzip(text.as_bytes());
    let cut = &packed[..packed.len() / 2 + (1 << 20)];
    assert!(
        cut.len() > 1 << 20 && cut.len() < packed.len(),
        "the damage lies beyond the head"
    );
    let plan = plan(cut, &[]);
    let mut records = read(&plan, std::io::Cursor::new(cut.to_vec()));
    let mut lines = 0;
    let error = loop {
        match records.next_batch(4096) {
            Ok(Some(batch)) => lines += batch.lines.len(),
            Ok(None) => panic!("the damage was not noticed"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "truncated_gzip");
    assert!(lines > 50_000, "{lines} lines before the damage");
    let mut damaged = packed.clone();
    let at = packed.len() - 2000;
    damaged[at..at + 64].fill(0xFF);
    assert!(
        ["damaged_gzip", "truncated_gzip"]
            .contains(&read_all(&plan, &damaged[..]).unwrap_err().code())
    );
}

#[test]
fn a_gzip_bomb() {
    let bomb = dense(&b"2024-03-04,Mug,1,4.50\n".repeat(5_000_000));
    let plan = plan(
        &gzip(b"date,item,qty,price\n2024-03-04,Mug,1,4.50\n2024-03-04,Mug,1,4.50\n"),
        &[],
    );
    assert!(bomb.len() < 500_000, "{} bytes", bomb.len());
    assert_eq!(read_all(&plan, &bomb[..]).unwrap_err().code(), "too_dense");
}
