//! Parquet files: types, lists of items, damage, and files that would unpack to gigabytes.

use crate::support::{import, look, shared, show};
use expect_test::expect;
use ingest::{Place, Sample, inspect, read_all, table};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::Cursor;
use std::sync::Arc;

/// Values and levels of a column.
enum Column {
    I32(Vec<i32>, Vec<i16>, Vec<i16>),
    I64(Vec<i64>, Vec<i16>, Vec<i16>),
    I96(Vec<Int96>),
    F64(Vec<f64>, Vec<i16>, Vec<i16>),
    Text(Vec<&'static str>, Vec<i16>, Vec<i16>),
    Fixed(Vec<Vec<u8>>),
}

/// `groups` row groups of the same columns.
fn write(schema: &str, columns: &[Column], packing: Compression, groups: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(packing).build();
    write_as(properties, schema, columns, groups)
}

fn write_as(
    properties: WriterProperties,
    schema: &str,
    columns: &[Column],
    groups: usize,
) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
    for _ in 0..groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut open = group.next_column().unwrap().unwrap();
            let levels = |levels: &[i16]| (!levels.is_empty()).then(|| levels.to_vec());
            match (open.untyped(), column) {
                (ColumnWriter::Int32ColumnWriter(w), Column::I32(v, d, r)) => {
                    w.write_batch(v, levels(d).as_deref(), levels(r).as_deref())
                        .unwrap();
                }
                (ColumnWriter::Int64ColumnWriter(w), Column::I64(v, d, r)) => {
                    w.write_batch(v, levels(d).as_deref(), levels(r).as_deref())
                        .unwrap();
                }
                (ColumnWriter::DoubleColumnWriter(w), Column::F64(v, d, r)) => {
                    w.write_batch(v, levels(d).as_deref(), levels(r).as_deref())
                        .unwrap();
                }
                (ColumnWriter::Int96ColumnWriter(w), Column::I96(v)) => {
                    w.write_batch(v, None, None).unwrap();
                }
                (ColumnWriter::ByteArrayColumnWriter(w), Column::Text(v, d, r)) => {
                    let v: Vec<ByteArray> = v.iter().map(|t| ByteArray::from(*t)).collect();
                    w.write_batch(&v, levels(d).as_deref(), levels(r).as_deref())
                        .unwrap();
                }
                (ColumnWriter::FixedLenByteArrayColumnWriter(w), Column::Fixed(v)) => {
                    let v: Vec<FixedLenByteArray> = v
                        .iter()
                        .map(|b| ByteArray::from(b.clone()).into())
                        .collect();
                    w.write_batch(&v, None, None).unwrap();
                }
                _ => panic!("the schema has another type"),
            }
            open.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    out
}

const FLAT: &str = "message orders {
    required int64 order_id;
    required int64 order_date (TIMESTAMP(MICROS, true));
    optional binary product_name (UTF8);
    required int32 quantity;
    required int64 unit_price (DECIMAL(12, 2));
    required fixed_len_byte_array(4) discount (DECIMAL(9, 3));
    optional double weight;
}";

fn flat() -> Vec<Column> {
    let day = 86_400_000_000;
    let start = 1_709_546_400_000_000;
    vec![
        Column::I64(vec![1, 2, 3], vec![], vec![]),
        Column::I64(vec![start, start + day, start + 2 * day], vec![], vec![]),
        Column::Text(vec!["Mug", "Cup, \"red\""], vec![1, 0, 1], vec![]),
        Column::I32(vec![2, 1, -1], vec![], vec![]),
        Column::I64(vec![450, 123_456, 999], vec![], vec![]),
        Column::Fixed(vec![vec![0, 0, 3, 0xE8], vec![0; 4], vec![0; 4]]),
        Column::F64(vec![0.1], vec![0, 1, 0], vec![]),
    ]
}

#[test]
fn types_are_read_to_the_last_digit() {
    for packing in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::BROTLI(parquet::basic::BrotliLevel::default()),
    ] {
        let bytes = write(FLAT, &flat(), packing, 2);
        let batch = import(&bytes, &[]);
        expect![[r#"
            2024-03-04 11h 1 [|Mug]#1 Sale 2 x 4.5 gross 9 discount 1 EUR
            2024-03-05 11h 2 [|]#1 Sale 1 x 1234.56 gross 1234.56 EUR
            2024-03-06 11h 3 [|Cup, "red"]#1 Return -1 x 9.99 returns -9.99 EUR
            2024-03-04 11h 1 [|Mug]#2 Sale 2 x 4.5 gross 9 discount 1 EUR
            2024-03-05 11h 2 [|]#2 Sale 1 x 1234.56 gross 1234.56 EUR
            2024-03-06 11h 3 [|Cup, "red"]#2 Return -1 x 9.99 returns -9.99 EUR
        "#]]
        .assert_eq(&show(&batch.lines));
        assert_eq!(batch.lines[1].extra.as_deref(), Some(r#"{"weight":"0.1"}"#));
        assert_eq!(batch.counts.records, 6);
    }
}

#[test]
fn old_timestamps_are_read_and_the_place_of_a_reject_is_its_row() {
    let mut old = Int96::new();
    // 2024-03-04 10:00:00, as a Julian day and nanoseconds of it.
    let nanos = 36_000_000_000_000_u64;
    old.set_data(nanos as u32, (nanos >> 32) as u32, 2_440_588 + 19_786);
    let bytes = write(
        "message m { required int96 date; required binary item (UTF8); required binary price (UTF8); }",
        &[
            Column::I96(vec![old, old]),
            Column::Text(vec!["Mug", "Cup"], vec![], vec![]),
            Column::Text(vec!["4.50", "much"], vec![], vec![]),
        ],
        Compression::SNAPPY,
        2,
    );
    let batch = import(&bytes, &[]);
    assert_eq!(batch.lines[0].day.to_string(), "2024-03-04");
    assert_eq!(batch.lines[0].hour, Some(10));
    let places: Vec<_> = batch.rejects.iter().map(|r| r.place.clone()).collect();
    let place = |row_group| Some(Place::Parquet { row_group, row: 1 });
    assert_eq!(places, [place(0), place(1)]);
    assert_eq!(batch.rejects[1].line_no, 4);
    assert_eq!(batch.rejects[0].raw, "2024-03-04T10:00:00,Cup,much");
}

/// Three orders: two items, none, one.
#[test]
fn lists_of_items_become_a_record_an_item() {
    let schema = "message m {
        required binary order_id (UTF8);
        required int32 date (DATE);
        optional group line_items (LIST) { repeated group list { optional group element {
            required binary sku (UTF8);
            optional int32 quantity;
            required double price;
        } } }
        required double total_price;
    }";
    let (def, rep) = (vec![3, 3, 0, 3], vec![0, 1, 0, 0]);
    let bytes = write(
        schema,
        &[
            Column::Text(vec!["A", "B", "C"], vec![], vec![]),
            Column::I32(vec![19_786, 19_787, 19_788], vec![], vec![]),
            Column::Text(vec!["x", "y", "z"], def.clone(), rep.clone()),
            Column::I32(vec![2, 1], vec![4, 3, 0, 4], rep.clone()),
            Column::F64(vec![1.5, 2.5, 3.5], def, rep),
            Column::F64(vec![5.5, 7.0, 3.5], vec![], vec![]),
        ],
        Compression::SNAPPY,
        1,
    );
    let batch = import(&bytes, &[]);
    expect![[r#"
        2024-03-04 0h A [X|]#1 Sale 2 x 1.5 gross 3 EUR
        2024-03-05 0h B [|]#1 Sale 1 x 7 gross 7 EUR
        2024-03-06 0h C [Z|]#1 Sale 1 x 3.5 gross 3.5 EUR
        line 1 missing_amount: The quantity is missing: column "line_items.quantity" is empty. Fill it in, or remove the row.
    "#]].assert_eq(&format!(
        "{}{}",
        show(&batch.lines),
        crate::support::messages(&batch)
    ));
}

/// Two events of Google Analytics with their parameters, as BigQuery exports them.
#[test]
fn lists_of_keys_and_values_become_columns() {
    let schema = "message m {
        optional binary event_date (UTF8);
        optional int64 event_timestamp;
        optional binary event_name (UTF8);
        optional group event_params (LIST) { repeated group list { optional group element {
            optional binary key (UTF8);
            optional group value {
                optional binary string_value (UTF8);
                optional int64 int_value;
                optional double double_value;
            }
        } } }
        optional binary user_pseudo_id (UTF8);
    }";
    let (there, rep) = (vec![1, 1], vec![0, 1, 0, 1, 1]);
    let keys = vec![
        "ga_session_id",
        "page_location",
        "ga_session_id",
        "value",
        "currency",
    ];
    let bytes = write(
        schema,
        &[
            Column::Text(vec!["20240304", "20240304"], there.clone(), vec![]),
            Column::I64(
                vec![1_709_546_400_123_456, 1_709_546_401_123_456],
                there.clone(),
                vec![],
            ),
            Column::Text(vec!["page_view", "purchase"], there.clone(), vec![]),
            Column::Text(keys, vec![4; 5], rep.clone()),
            Column::Text(
                vec!["https://shop.example/", "EUR"],
                vec![4, 5, 4, 4, 5],
                rep.clone(),
            ),
            Column::I64(vec![7, 8], vec![5, 4, 5, 4, 4], rep.clone()),
            Column::F64(vec![12.5], vec![4, 4, 4, 5, 4], rep),
            Column::Text(vec!["1.2", "1.2"], there, vec![]),
        ],
        Compression::SNAPPY,
        1,
    );
    let batch = import(&bytes, &[]);
    let fields = ingest::DataSet::Events.fields();
    let shown: Vec<String> = batch
        .rows
        .iter()
        .map(|row| {
            let values = fields.iter().zip(&row.values);
            let values = values.filter_map(|(spec, value)| match value.as_ref()? {
                ingest::Value::Text(text) => Some(format!("{}={text}", spec.name())),
                ingest::Value::Number(number) => Some(format!("{}={number}", spec.name())),
            });
            values.collect::<Vec<_>>().join(" ")
        })
        .collect();
    for (row, says) in shown.iter().zip([
        "session=7 event_name=page_view page=https://shop.example/",
        "session=8 event_name=purchase event_value=12500000 currency=EUR",
    ]) {
        for said in says.split(' ') {
            assert!(row.split(' ').any(|cell| cell == said), "{said} in {row}");
        }
    }
}

#[test]
fn damage_is_refused_and_never_more() {
    let encoded = |encoding, version| {
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_dictionary_enabled(false)
            .set_column_encoding("product_name".into(), encoding);
        write_as(properties.build(), FLAT, &flat(), 1)
    };
    let pages = |file: &[u8]| {
        let footer = u32::from_le_bytes(*file[..file.len() - 4].last_chunk().unwrap());
        file.len() - 8 - footer as usize
    };
    let plain = write(FLAT, &flat(), Compression::SNAPPY, 1);
    // A list of lengths says how long it is, and a lie must not cost memory.
    let prefixes = encoded(Encoding::DELTA_BYTE_ARRAY, WriterVersion::PARQUET_1_0);
    let lengths = encoded(
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        WriterVersion::PARQUET_2_0,
    );
    for (good, damaged) in [
        (&plain, plain.len()),
        (&prefixes, pages(&prefixes)),
        (&lengths, pages(&lengths)),
    ] {
        assert_eq!(import(good, &[]).counts.accepted, 3);
        let cut = &good[..good.len() - 1];
        assert_eq!(look(cut, &[]).unwrap_err().code(), "damaged");
        for n in 0..damaged {
            for with in [0x01, 0x80, 0xFF] {
                let mut changed = good.clone();
                changed[n] ^= with;
                if let Ok(inspection) = look(&changed, &[])
                    && let Some(plan) = inspection.plan
                {
                    let _read = read_all(&plan, &changed);
                }
            }
        }
    }
}

/// 4 KB that unpack to strings of 2 GB.
#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let Some(path) = shared("parquet_ok/large_string_map.brotli.parquet") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let error = look(&bytes, &[]).unwrap_err();
    assert_eq!(error.code(), "too_heavy");
    expect!["The Parquet file unpacks to 3072 MB at a time, which takes more memory than an import may use. Write the table with smaller pages, or export it as CSV, and upload that file."].assert_eq(&error.to_string());
}

#[test]
fn files_that_follow_the_format_are_read() {
    let Some(root) = shared("parquet_ok") else {
        return;
    };
    let mut refused = Vec::new();
    let mut read = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let sample = Sample::from_bytes(&bytes);
        match table(&sample, &name, &crate::support::options(&[])) {
            Ok(table) => {
                for row in table.rows(Cursor::new(bytes.clone())).unwrap() {
                    row.unwrap();
                }
                read += 1;
            }
            Err(error) => refused.push(format!("{name}: {}", error.code())),
        }
        let _inspected = inspect(&sample, &name, &crate::support::options(&[]));
    }
    refused.sort();
    assert_eq!(
        refused,
        [
            "column_chunk_key_value_metadata.parquet: no_data",
            "dict-page-offset-zero.parquet: damaged",
            "large_string_map.brotli.parquet: too_heavy",
        ]
    );
    assert_eq!(read, 58);
}
