//! Zip archives: the one file in them is read; anything else is refused with a reason.

use crate::support::{dense, gzip, import, look, plan, show, zip};
use expect_test::expect;
use ingest::read_all;
use std::fmt::Write as _;

const TABLE: &[u8] =
    b"order,date,item,qty,price\n1,2024-03-04,Mug,1,4.50\n2,2024-03-04,Cup,2,1.50\n";

#[test]
fn one_file_is_that_file() {
    let want = show(&import(TABLE, &[]).lines);
    for deflate in [false, true] {
        let packed = zip(&[("orders.csv", TABLE)], deflate);
        assert_eq!(show(&import(&packed, &[]).lines), want);
        let cluttered = zip(
            &[
                ("export/", b""),
                ("export/orders.csv", TABLE),
                ("__MACOSX/export/._orders.csv", b"\0\0"),
                (".DS_Store", b"\0"),
            ],
            deflate,
        );
        let plan = plan(&cluttered, &[]);
        assert_eq!(plan.entry.as_deref(), Some("export/orders.csv"));
        assert_eq!(show(&read_all(&plan, &cluttered).unwrap().lines), want);
        let json = br#"[{"order":"1","date":"2024-03-04","item":"Mug","price":4.5}]"#;
        let packed = zip(&[("orders.json", json)], deflate);
        assert_eq!(import(&packed, &[]).lines.len(), 1);
    }
}

#[test]
fn what_is_refused() {
    let good = zip(&[("orders.csv", TABLE)], true);
    let mut encrypted = good.clone();
    let at = encrypted
        .windows(4)
        .position(|w| w == b"PK\x01\x02")
        .unwrap();
    encrypted[at + 8] |= 1;
    let mut changed = zip(&[("orders.csv", TABLE)], false);
    changed[30 + 10 + 30] ^= 1;
    let bomb = vec![b'a'; 60_000_000];
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", zip(&[], true)),
        ("nested", zip(&[("inner.zip", &good)], true)),
        ("gzip inside", zip(&[("orders.csv.gz", &gzip(TABLE))], true)),
        ("encrypted", encrypted),
        ("cut off", good[..good.len() - 30].to_vec()),
        ("a byte changed", changed),
        ("bomb", zip(&[("orders.csv", &bomb)], true)),
        (
            "ods",
            zip(&[("mimetype", b"x"), ("content.xml", b"x")], true),
        ),
        ("bomb in gzip", dense(&bomb)),
    ];
    let mut out = String::new();
    for (name, bytes) in cases {
        match look(&bytes, &[]) {
            Ok(inspection) => writeln!(out, "{name}: taken as {:?}", inspection.source).unwrap(),
            Err(error) => writeln!(out, "{name}: {}: {error}", error.code()).unwrap(),
        }
    }
    expect![[r#"
        nothing: archive: The zip archive holds no files. Pack the export again and upload the new archive.
        nested: archive: The zip archive holds another packed file, inner.zip. Unpack it and upload the files in it by themselves.
        gzip inside: archive: The zip archive holds another packed file, orders.csv.gz. Unpack it and upload the files in it by themselves.
        encrypted: encrypted_zip: The zip archive is encrypted. Unpack it with its password and upload the file in it.
        cut off: damaged_zip: The zip archive is damaged, or part of it is missing. Upload it again, or upload the file in it by itself.
        a byte changed: damaged_zip: The zip archive is damaged, or part of it is missing. Upload it again, or upload the file in it by itself.
        bomb: not_a_table: No table was found in this file: its lines have no columns in common. Upload a CSV file with one order line a row and a header row.
        ods: unsupported: An OpenDocument file (.ods) cannot be read by this import. Save it as .xlsx or CSV and upload that file.
        bomb in gzip: not_a_table: No table was found in this file: its lines have no columns in common. Upload a CSV file with one order line a row and a header row.
    "#]].assert_eq(&out);
}
