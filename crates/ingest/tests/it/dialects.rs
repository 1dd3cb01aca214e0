//! Delimiters, quotes, line ends, encodings, packing, preambles: the same orders, however they are written.

use crate::support::{gzip, import, look, show};
use ingest::{Compression, Newline};

const ROWS: [[&str; 5]; 6] = [
    ["order id", "date", "item", "qty", "price"],
    ["1", "2024-03-04", "Café crème, großer Becher", "1", "4.50"],
    ["2", "2024-03-05", "Cup \"small\"", "2", "3.50"],
    ["3", "2024-03-06", "two\nlines; here", "1", "12.00"],
    ["4", "2024-03-07", "", "1", "1.00"],
    ["5", "2024-03-08", "Teller", "1", "9.00"],
];

fn write(delimiter: char, quote: char, newline: &str) -> String {
    let mut out = String::new();
    for row in ROWS {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                out.push(delimiter);
            }
            if cell.contains([delimiter, quote, '\n']) {
                out.push(quote);
                out.push_str(&cell.replace(quote, &format!("{quote}{quote}")));
                out.push(quote);
            } else {
                out.push_str(cell);
            }
        }
        out.push_str(newline);
    }
    out
}

fn expected() -> String {
    show(&import(write(',', '"', "\n").as_bytes(), &[]).lines)
}

#[test]
fn every_delimiter_and_line_end() {
    let want = expected();
    assert_eq!(want.lines().count(), 6, "five lines, one of them over two");
    for delimiter in [',', ';', '\t', '|', '^', '~', '\u{1f}'] {
        for (newline, kind) in [
            ("\n", Newline::Lf),
            ("\r\n", Newline::CrLf),
            ("\r", Newline::Cr),
        ] {
            let text = write(delimiter, '"', newline);
            let inspection = look(text.as_bytes(), &[]).unwrap();
            assert_eq!(inspection.dialect.delimiter, delimiter as u8, "{text}");
            if newline != "\r" {
                // A line feed within a field makes a file of carriage returns mixed.
                assert_eq!(inspection.dialect.newline, kind, "{text}");
            }
            assert_eq!(show(&import(text.as_bytes(), &[]).lines), want, "{text}");
        }
    }
}

#[test]
fn single_quotes_and_escapes() {
    let text = write(';', '\'', "\n");
    assert_eq!(show(&import(text.as_bytes(), &[]).lines), expected());
    let escaped = write(',', '"', "\n").replace("\"\"", "\\\"");
    assert_eq!(show(&import(escaped.as_bytes(), &[]).lines), expected());
}

#[test]
fn the_last_line_needs_no_end() {
    let text = write(',', '"', "\n");
    assert_eq!(
        show(&import(text.trim_end().as_bytes(), &[]).lines),
        expected()
    );
}

#[test]
fn every_encoding() {
    let want = expected();
    let text = write(';', '"', "\r\n");
    let utf16 = |big: bool, bom: bool| -> Vec<u8> {
        let mut out = Vec::new();
        let units = bom.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        for unit in units {
            out.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        out
    };
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    for (name, bytes) in [
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8", format!("\u{FEFF}{text}").into_bytes()),
        ("UTF-16LE", utf16(false, true)),
        ("UTF-16BE", utf16(true, true)),
        ("UTF-16LE", utf16(false, false)),
        ("UTF-16BE", utf16(true, false)),
        ("windows-1252", latin.into_owned()),
    ] {
        assert_eq!(look(&bytes, &[]).unwrap().encoding, name);
        assert_eq!(show(&import(&bytes, &[]).lines), want, "{name}");
        let packed = gzip(&bytes);
        assert_eq!(look(&packed, &[]).unwrap().compression, Compression::Gzip);
        assert_eq!(show(&import(&packed, &[]).lines), want, "{name} packed");
    }
}

#[test]
fn chinese_in_gbk() {
    let text = "订单号,日期,商品名称,数量,单价,城市\n1001,2024-03-04,陶瓷马克杯|大号,2,45.50,北京\n1002,2024-03-05,玻璃杯,1,12.00,上海市浦东新区\n1003,2024-03-06,茶壶和茶杯套装,1,199.00,广州\n";
    let (bytes, encoding, _) = encoding_rs::GBK.encode(text);
    let inspection = look(&bytes, &[]).unwrap();
    assert_eq!(inspection.encoding, encoding.name());
    let batch = import(&bytes, &[]);
    assert_eq!(
        show(&batch.lines),
        show(&import(text.as_bytes(), &[]).lines)
    );
    assert_eq!(&*batch.lines[1].product_name, "玻璃杯");
}

#[test]
fn several_gzip_members_are_one_file() {
    let text = write(',', '"', "\n");
    let (first, second) = text.as_bytes().split_at(60);
    let packed = [gzip(first), gzip(second)].concat();
    assert_eq!(show(&import(&packed, &[]).lines), expected());
}

#[test]
fn lines_before_and_after_the_table() {
    let table = write(',', '"', "\n");
    let text = format!(
        "Sales report\n\nPeriod: March 2024, all shops\n{table}\nTotal,,,6,30.00\nSource: till\n"
    );
    let inspection = look(text.as_bytes(), &[]).unwrap();
    assert_eq!(
        (
            inspection.dialect.preamble_lines,
            inspection.dialect.header_line
        ),
        (3, Some(4))
    );
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(show(&batch.lines), expected());
    assert_eq!(
        (
            batch.counts.accepted,
            batch.counts.blank,
            batch.counts.rejected
        ),
        (5, 1, 2)
    );
}

#[test]
fn columns_aligned_with_blanks() {
    let text = " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n 00002 19970112  5   77.00 \r\n";
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(batch.counts.accepted, 3);
    assert_eq!(batch.lines[2].customer.as_deref(), Some("00002"));
    assert_eq!(batch.lines[2].gross.to_string(), "77");
}

#[test]
fn decimal_commas_do_not_make_commas_delimiters() {
    let text = "Bestellnummer;Datum;Artikel;Menge;Preis\n1;04.03.2024;Becher, groß;1;4,50\n2;15.03.2024;Tasse, klein;2;3,50\n";
    let inspection = look(text.as_bytes(), &[]).unwrap();
    assert_eq!(inspection.dialect.delimiter, b';');
    let batch = import(text.as_bytes(), &[]);
    assert_eq!(batch.lines[1].gross.to_string(), "7");
}
