//! Excel workbooks: the sheet with the orders, typed dates and numbers, notes above the table.

use crate::support::{import, look, messages, show, zip};
use expect_test::expect;
use ingest::{Format, Place};
use std::fmt::Write as _;

/// `=` before a number: it has the style of a date.
type Rows<'a> = &'a [&'a [&'a str]];

fn column(at: usize) -> char {
    char::from(b'A' + u8::try_from(at).unwrap())
}

fn sheet(rows: Rows<'_>, texts: &mut Vec<String>) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (y, row) in rows.iter().enumerate() {
        if row.is_empty() {
            continue;
        }
        write!(xml, r#"<row r="{}">"#, y + 1).unwrap();
        for (x, value) in row.iter().enumerate() {
            let place = format!("{}{}", column(x), y + 1);
            if value.is_empty() {
                continue;
            }
            if let Some(serial) = value.strip_prefix('=') {
                write!(xml, r#"<c r="{place}" s="1"><v>{serial}</v></c>"#).unwrap();
            } else if value.parse::<f64>().is_ok() {
                write!(xml, r#"<c r="{place}"><v>{value}</v></c>"#).unwrap();
            } else {
                write!(xml, r#"<c r="{place}" t="s"><v>{}</v></c>"#, texts.len()).unwrap();
                texts.push((*value).to_owned());
            }
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml
}

fn workbook(sheets: &[(&str, Rows<'_>)]) -> Vec<u8> {
    let mut texts = Vec::new();
    let mut list = String::new();
    let mut parts = Vec::new();
    for (n, (name, rows)) in sheets.iter().enumerate() {
        write!(
            list,
            r#"<sheet name="{name}" sheetId="{}" r:id="rId{}"/>"#,
            n + 1,
            n + 1
        )
        .unwrap();
        parts.push((
            format!("xl/worksheets/sheet{}.xml", n + 1),
            sheet(rows, &mut texts),
        ));
    }
    let mut shared = String::from("<sst>");
    for text in &texts {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        write!(shared, "<si><t>{text}</t></si>").unwrap();
    }
    shared.push_str("</sst>");
    let mut rels = String::from("<Relationships>");
    for n in 1..=sheets.len() {
        write!(
            rels,
            r#"<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>"#
        )
        .unwrap();
    }
    rels.push_str("</Relationships>");
    parts.extend([
        (
            "xl/workbook.xml".to_owned(),
            format!(r#"<workbook xmlns:r="x"><sheets>{list}</sheets></workbook>"#),
        ),
        ("xl/_rels/workbook.xml.rels".to_owned(), rels),
        ("xl/sharedStrings.xml".to_owned(), shared),
        (
            "xl/styles.xml".to_owned(),
            r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\ hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#.to_owned(),
        ),
    ]);
    let files: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, xml)| (name.as_str(), xml.as_bytes()))
        .collect();
    zip(&files, true)
}

const ORDERS: Rows<'_> = &[
    &["Sales of March, exported by Ann & Bob"],
    &[],
    &[
        "Order ID",
        "Order Date",
        "Product",
        "Quantity",
        "Unit Price",
        "Note",
    ],
    &["1001", "=45355.5", "Mug <red>", "2", "4.5"],
    &["1002", "=45356", "Cup", "1", "1.125", "ring twice"],
    &["1003", "25/03/2024", "Cup", "one", "3"],
    &["1004", "=45357.25", "Plate", "3", "19.989999999999998"],
    &["Total", "", "", "6", "29"],
];

#[test]
fn the_sheet_with_the_orders_is_read() {
    let notes: Rows<'_> = &[&["Read me"], &["Nothing", "to see"], &["here", "2"]];
    let bytes = workbook(&[("Notes", notes), ("Data", ORDERS)]);
    let batch = import(&bytes, &[]);
    expect![[r#"
        2024-03-04 12h 1001 [|Mug <red>]#1 Sale 2 x 4.5 gross 9 EUR
        2024-03-05 0h 1002 [|Cup]#1 Sale 1 x 1.125 gross 1.125 EUR
        2024-03-06 6h 1004 [|Plate]#1 Sale 3 x 19.99 gross 59.97 EUR
        line 6 bad_number: "one" in column "Quantity" is not a number. Write it like 1234.56.
        line 8 not_data: This row is a total, not an order. Nothing needs to be done.
    "#]]
    .assert_eq(&format!("{}{}", show(&batch.lines), messages(&batch)));
    assert_eq!(
        batch.rejects[0].place,
        Some(Place::Sheet {
            sheet: "Data".to_owned(),
            row: 6
        })
    );
    assert_eq!(
        batch.lines[1].extra.as_deref(),
        Some(r#"{"Note":"ring twice"}"#)
    );
    // Packed once more, as mail programs do.
    let packed = zip(&[("sales.xlsx", &bytes)], false);
    assert_eq!(show(&import(&packed, &[]).lines), show(&batch.lines));
}

#[test]
fn sheets_with_the_same_columns_are_one_table() {
    let other: Rows<'_> = &[
        &[
            "Order ID",
            "Order Date",
            "Product",
            "Quantity",
            "Unit Price",
            "Note",
        ],
        &["2001", "=45400", "Mug", "1", "4.5"],
    ];
    let batch = import(&workbook(&[("March", ORDERS), ("April", other)]), &[]);
    let ids: Vec<_> = batch.lines.iter().map(|l| &*l.order_id).collect();
    assert_eq!(ids, ["1001", "1002", "1004", "2001"]);
    let only = import(
        &workbook(&[("March", ORDERS), ("April", other)]),
        &[("sheet", "April")],
    );
    assert_eq!(only.lines.len(), 1);
}

#[test]
fn two_different_tables_of_orders_are_asked_about() {
    let other: Rows<'_> = &[
        &["Invoice", "Date", "Item", "Amount"],
        &["9", "=45400", "Mug", "4.5"],
        &["10", "=45400", "Mug", "4.5"],
    ];
    let bytes = workbook(&[("Data", ORDERS), ("Invoices", other)]);
    let inspection = look(&bytes, &[]).unwrap();
    assert_eq!(inspection.questions[0].id, "sheet");
    assert!(inspection.plan.is_none());
    let values: Vec<_> = inspection.questions[0]
        .options
        .iter()
        .map(|o| o.value.as_str())
        .collect();
    assert_eq!(values, ["Data", "Invoices"]);
    let answered = import(&bytes, &[("sheet", "Invoices")]);
    assert_eq!(answered.lines.len(), 2);
    let unknown = look(&bytes, &[("sheet", "Nowhere")]).unwrap_err();
    assert_eq!(unknown.code(), "bad_decision");
}

#[test]
fn a_table_away_from_the_corner() {
    let rows: Rows<'_> = &[
        &[],
        &["", "", "date", "item", "price"],
        &["", "", "=45355", "Mug", "4.5"],
        &["see", "", "=45356", "Cup", "2.5"],
    ];
    let bytes = workbook(&[("Sheet1", rows)]);
    let inspection = look(&bytes, &[]).unwrap();
    let names: Vec<_> = inspection.columns.iter().map(|c| c.name.as_str()).collect();
    println!("{names:?} {:?}", inspection.format);
    assert!(matches!(inspection.format, Format::Workbook { .. }));
    assert_eq!(import(&bytes, &[]).lines.len(), 2);
}

#[test]
fn damaged_and_dangerous_workbooks() {
    let good = workbook(&[("Data", ORDERS)]);
    // Everything that can be cut off or changed is refused or read, and never more than that.
    for n in (0..good.len()).step_by(7) {
        let cut = &good[..n];
        assert!(look(cut, &[]).is_err(), "{n}");
        let mut changed = good.clone();
        changed[n] ^= 0x55;
        if let Ok(inspection) = look(&changed, &[])
            && let Some(plan) = inspection.plan
        {
            let _read = ingest::read_all(&plan, &changed);
        }
    }
    let long = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(50_000_000));
    let bomb = zip(
        &[
            (
                "xl/workbook.xml",
                br#"<workbook><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>"#,
            ),
            (
                "xl/worksheets/sheet1.xml",
                b"<worksheet><sheetData/></worksheet>",
            ),
            ("xl/sharedStrings.xml", long.as_bytes()),
        ],
        true,
    );
    let refusal = look(&bomb, &[]).unwrap_err();
    assert!(
        ["too_heavy", "too_dense"].contains(&refusal.code()),
        "{refusal}"
    );
    // Two cells at the far ends of a sheet are two cells.
    let far = r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>"#;
    let sparse = zip(
        &[
            (
                "xl/workbook.xml",
                br#"<workbook><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>"#,
            ),
            ("xl/worksheets/sheet1.xml", far.as_bytes()),
        ],
        true,
    );
    assert!(look(&sparse, &[]).is_err());
}
