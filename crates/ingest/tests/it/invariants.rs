//! Any bytes at all: nothing lost, nothing counted twice, no panic.

use crate::support::{check, gzip, look, options, show};
use ingest::{
    Compression, DataSet, DateFormat, Decimal, Dialect, Field, Limits, Measure, Newline,
    PLAN_VERSION, Plan, PlanColumn, Source, read_all,
};
use proptest::prelude::*;

/// A plan made without looking at the file.
fn any_plan() -> impl Strategy<Value = Plan> {
    let encodings = prop_oneof![
        4 => Just("UTF-8"),
        1 => Just("UTF-16LE"),
        1 => Just("UTF-16BE"),
        1 => Just("windows-1252"),
        1 => Just("GBK"),
        1 => Just("Shift_JIS"),
    ];
    let newlines = prop_oneof![
        Just(Newline::Lf),
        Just(Newline::CrLf),
        Just(Newline::Cr),
        Just(Newline::Mixed)
    ];
    let sources = prop_oneof![
        Just(Source::Generic),
        Just(Source::UciOnlineRetail),
        Just(Source::Shopify),
        Just(Source::WooCommerce),
        Just(Source::WooCommerceAnalytics),
        Just(Source::Amazon),
    ];
    let orders = proptest::sample::subsequence(Field::ALL.to_vec(), 2..8).prop_shuffle();
    let orders = orders.prop_map(|fields| (DataSet::Orders, fields));
    let others = proptest::sample::select(&DataSet::ALL[1..]).prop_flat_map(|set| {
        let fields: Vec<Field> = set.fields().iter().map(|spec| spec.field).collect();
        let most = fields.len() + 1;
        let some = proptest::sample::subsequence(fields, 1..most).prop_shuffle();
        some.prop_map(move |fields| (set, fields))
    });
    let fields = prop_oneof![orders, others];
    (
        encodings,
        newlines,
        sources,
        fields,
        prop_oneof![Just(b','), Just(b';'), Just(b' '), Just(b'|')],
        prop_oneof![Just(Some(b'"')), Just(Some(b'\'')), Just(None)],
        prop_oneof![3 => Just(None), 1 => Just(Some(b'\\'))],
        0_u64..2,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                encoding,
                newline,
                source,
                (data_set, fields),
                delimiter,
                quote,
                escape,
                preamble,
                header,
                drop,
                grouped,
            )| Plan {
                version: PLAN_VERSION,
                data_set,
                format: ingest::Format::Delimited,
                entry: None,
                compression: Compression::None,
                encoding: encoding.to_owned(),
                bom: 0,
                dialect: Dialect {
                    delimiter,
                    quote,
                    escape,
                    newline,
                    collapse: delimiter == b' ',
                    preamble_lines: preamble,
                    header_line: header.then_some(preamble + 1),
                    width: fields.len(),
                },
                columns: fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| PlanColumn {
                        name: format!("c{at}"),
                        field: (at != 1).then_some(*field),
                        ignored: false,
                        decimal: Decimal::Point,
                        date: (*field == Field::Date).then_some(DateFormat::Iso),
                        measure: match at % 4 {
                            3 if grouped => Measure::OfOrder,
                            _ => Measure::Plain,
                        },
                    })
                    .collect(),
                source,
                timezone: jiff::tz::TimeZone::UTC,
                clock: None,
                home_currency: types::Currency::EUR,
                currency: types::Currency::EUR,
                drop_duplicates: drop,
                exclude_non_product_lines: drop,
                corrections: Vec::new(),
                reasons: None,
                include_test_orders: header,
                limits: Limits {
                    field_bytes: 200,
                    record_bytes: 300,
                    ..Limits::default()
                },
            },
        )
}

/// Bytes that look like tables gone wrong.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => Just(b",".to_vec()),
        2 => Just(b";".to_vec()),
        4 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        4 => Just(b"\"".to_vec()),
        1 => Just(b"\\".to_vec()),
        2 => Just(b" ".to_vec()),
        1 => Just(b"|".to_vec()),
        3 => Just(b"2024-03-04".to_vec()),
        3 => "[0-9]{1,4}(\\.[0-9]{1,2})?".prop_map(String::into_bytes),
        2 => "[a-z]{1,5}".prop_map(String::into_bytes),
        1 => Just("ß€杯".as_bytes().to_vec()),
        1 => Just(vec![0xFF]),
        1 => Just(vec![0]),
        1 => proptest::collection::vec(any::<u8>(), 1..6),
        1 => Just(vec![b'x'; 250]),
    ];
    proptest::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn every_byte_belongs_to_one_record(plan in any_plan(), bytes in garbage()) {
        let all = read_all(&plan, &bytes[..]).unwrap();
        check(&plan, &bytes, &all);
    }

    #[test]
    fn packing_changes_nothing(plan in any_plan(), bytes in garbage()) {
        let packed = gzip(&bytes);
        let packed_plan = Plan { compression: Compression::Gzip, ..plan.clone() };
        let (a, b) = (read_all(&plan, &bytes[..]).unwrap(), read_all(&packed_plan, &packed[..]).unwrap());
        prop_assert_eq!(a.lines, b.lines);
        prop_assert_eq!(a.rejects, b.rejects);
    }

    #[test]
    fn any_bytes_are_looked_at(bytes in garbage()) {
        let header = [&b"order id,date,item,qty,price\n1,2024-03-04,Mug,1,4.50\n"[..], &bytes].concat();
        for bytes in [bytes, header] {
            if let Ok(inspection) = look(&bytes, &[])
                && let Some(plan) = inspection.plan
            {
                let all = read_all(&plan, &bytes[..]).unwrap();
                check(&plan, &bytes, &all);
            }
        }
    }
}

/// An order line as any shop could have it.
#[derive(Clone, Debug)]
struct Sold {
    order: u32,
    day: i32,
    item: String,
    quantity: u8,
    cents: u32,
}

fn sold() -> impl Strategy<Value = Sold> {
    (
        1_u32..99_999,
        10_000_i32..20_000,
        "[a-zA-Zäöüß€,;|\"'\n\t. ]{0,12}",
        1_u8..50,
        1_u32..1_000_000,
    )
        .prop_map(|(order, day, item, quantity, cents)| Sold {
            order,
            day,
            item,
            quantity,
            cents,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Written in any dialect and read back, the figures are the same to the cent.
    #[test]
    fn what_is_written_is_read(
        rows in proptest::collection::vec(sold(), 1..30),
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
        newline in prop_oneof![Just("\n"), Just("\r\n")],
        (quote, escape) in prop_oneof![Just(('"', '"')), Just(('\'', '\'')), Just(('"', '\\')), Just(('\'', '\\'))],
        comma in any::<bool>(),
        utf16 in any::<bool>(),
    ) {
        let mut text = ["Order ID", "Order Date", "Product Name", "Quantity", "Unit Price"].join(&delimiter.to_string());
        text.push_str(newline);
        for row in &rows {
            let mut price = format!("{}.{:02}", row.cents / 100, row.cents % 100);
            if comma {
                price = price.replace('.', ",");
            }
            let cells = [row.order.to_string(), types::Day(row.day).to_string(), row.item.clone(), row.quantity.to_string(), price];
            let inside = |c: &String| c.replace(quote, &format!("{escape}{quote}"));
            let quoted: Vec<_> = cells.iter().map(|c| format!("{quote}{}{quote}", inside(c))).collect();
            text.push_str(&quoted.join(&delimiter.to_string()));
            text.push_str(newline);
        }
        let bytes = if utf16 {
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        };
        let inspection = look(&bytes, &[]).unwrap();
        prop_assert_eq!(&inspection.questions, &[]);
        let plan = inspection.plan.unwrap();
        let all = read_all(&plan, &bytes[..]).unwrap();
        check(&plan, &bytes, &all);
        prop_assert_eq!(all.lines.len(), rows.len(), "{}", show(&all.lines));
        for (line, row) in all.lines.iter().zip(&rows) {
            prop_assert_eq!(&*line.order_id, row.order.to_string());
            prop_assert_eq!(line.day.0, row.day);
            prop_assert_eq!(line.gross.0, i64::from(row.cents) * 10_000 * i64::from(row.quantity));
            prop_assert_eq!(&*line.product_name, row.item.trim());
        }
    }
}

#[test]
fn the_same_content_has_the_same_hash_for_ever() {
    let text = b"order id,date,item,qty,price\n1,2024-03-04 10:00,Mug,1,4.50\n";
    let plan = ingest::inspect(&ingest::Sample::from_bytes(text), "a.csv", &options(&[]))
        .unwrap()
        .plan
        .unwrap();
    let all = read_all(&plan, &text[..]).unwrap();
    assert_eq!(
        all.lines[0].hash, 11_224_369_076_927_028_891,
        "stored beside every line: a change makes every stored line look changed"
    );
}
