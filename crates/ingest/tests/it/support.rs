use ingest::{
    Batch, DataSet, Format, Inspection, Line, NotImportable, Options, Plan, Sample, WarningCode,
    email_hash, inspect, read, read_all,
};
use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use types::{Currency, Micros};

pub fn options(decisions: &[(&str, &str)]) -> Options {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("the system has timezones");
    let mut options = Options::new(zone, Currency::EUR);
    for (key, value) in decisions {
        options
            .decisions
            .insert((*key).to_owned(), (*value).to_owned());
    }
    options
}

pub fn look(bytes: &[u8], decisions: &[(&str, &str)]) -> Result<Inspection, NotImportable> {
    inspect(&Sample::from_bytes(bytes), "test.csv", &options(decisions))
}

/// The plan of a file about which nothing must be asked.
pub fn plan(bytes: &[u8], decisions: &[(&str, &str)]) -> Plan {
    let inspection = look(bytes, decisions).expect("importable");
    assert_eq!(inspection.questions, [], "nothing is asked");
    let plan = inspection.plan.expect("a plan without questions");
    // What is stored between the pages of the wizard is the same plan.
    let stored = serde_json::to_string(&plan).expect("plans serialise");
    serde_json::from_str(&stored).expect("and come back")
}

pub fn import(bytes: &[u8], decisions: &[(&str, &str)]) -> Batch {
    let plan = plan(bytes, decisions);
    let batch = read_all(&plan, bytes).expect("readable");
    check(&plan, bytes, &batch);
    batch
}

/// What holds for every file.
pub fn check(plan: &Plan, bytes: &[u8], all: &Batch) {
    let counts = all.counts;
    assert_eq!(
        counts.accepted + counts.rejected + counts.blank,
        counts.records
    );
    assert_eq!(all.rejects.len() as u64, counts.rejected);
    assert_eq!((all.lines.len() + all.rows.len()) as u64, counts.lines);
    if plan.data_set != DataSet::Orders {
        assert_eq!(all.rows.len() as u64, counts.accepted, "a row a record");
        for row in &all.rows {
            assert_eq!(row.values.len(), plan.data_set.fields().len());
        }
    }
    assert!(counts.warned <= counts.accepted);
    assert_eq!(counts.bytes, bytes.len() as u64, "all bytes are consumed");
    for line in &all.lines {
        assert!(line.discount >= Micros::ZERO && line.returns <= Micros::ZERO);
        assert!((1..=counts.records).contains(&line.record) && line.line >= 1 && line.hash != 0);
    }
    for reject in &all.rejects {
        assert!(reject.line_no >= 1 && !reject.message.is_empty() && !reject.suggestion.is_empty());
        assert!(reject.raw.len() <= 2048);
    }
    // In small batches, too, and the spans leave no byte out.
    let mut records = read(plan, Cursor::new(bytes.to_vec())).with_spans();
    let (mut lines, mut spans, mut rejects) = (0, Vec::new(), 0);
    while let Some(batch) = records.next_batch(3).expect("readable") {
        lines += batch.lines.len() + batch.rows.len();
        rejects += batch.rejects.len();
        spans.extend(batch.spans);
    }
    let taken = all.lines.len() + all.rows.len();
    assert_eq!((lines, rejects), (taken, all.rejects.len()));
    assert_eq!(spans.len() as u64, counts.records);
    if !plan.format.has_spans() {
        return;
    }
    let whole = unpacked(bytes);
    let mut at = records.data_start();
    for span in spans {
        assert_eq!(span.byte_start, at, "no byte between records");
        assert!(span.byte_end > at);
        at = span.byte_end;
    }
    if plan.format == Format::Delimited {
        assert_eq!(at, whole.len() as u64, "nor after them");
    } else {
        assert_eq!(at, records.data_end());
        let behind = &whole[usize::try_from(at).expect("a file in memory")..];
        let closed = behind
            .iter()
            .all(|b| b.is_ascii_whitespace() || matches!(b, b']' | b'}' | 0));
        let said = all.warnings.iter().any(|w| w.code == WarningCode::LeftOut);
        assert!(closed || said, "nor after them, in silence");
    }
}

/// What a packed file holds.
pub fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes)
            .read_to_end(&mut out)
            .expect("gzip");
    } else if bytes.starts_with(b"PK\x03\x04") && bytes[8..10] == [8, 0] {
        let start = 30 + usize::from(bytes[26]) + usize::from(bytes[28]);
        flate2::read::DeflateDecoder::new(&bytes[start..])
            .read_to_end(&mut out)
            .expect("deflate");
    } else if bytes.starts_with(b"PK\x03\x04") {
        let start = 30 + usize::from(bytes[26]) + usize::from(bytes[28]);
        let length = u32::from_le_bytes(bytes[18..22].try_into().expect("four bytes"));
        out.extend_from_slice(&bytes[start..start + length as usize]);
    } else {
        out.extend_from_slice(bytes);
    }
    out
}

/// A zip archive: names and contents, stored or deflated.
pub fn zip(files: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut packed = Vec::new();
        if deflate {
            flate2::bufread::DeflateEncoder::new(*content, flate2::Compression::best())
                .read_to_end(&mut packed)
                .expect("memory does not fail");
        } else {
            packed.extend_from_slice(content);
        }
        let size = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
        let header = size(out.len());
        let name_length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let mut common = vec![20, 0, 0, 0, if deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend(size(packed.len()));
        common.extend(size(content.len()));
        common.extend(name_length);
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(header);
        directory.extend(name.as_bytes());
    }
    let (start, length) = (out.len(), directory.len());
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(u32::try_from(length).expect("small").to_le_bytes());
    out.extend(u32::try_from(start).expect("small").to_le_bytes());
    out.extend([0, 0]);
    out
}

const ADDRESSES: [&str; 4] = [
    "ann@example.com",
    "bob@example.com",
    "eve@example.com",
    "a@b.c",
];

/// One line of text an order line: what a person would compare.
pub fn show(lines: &[Line]) -> String {
    let mut out = String::new();
    for l in lines {
        write!(
            out,
            "{} {}h {} [{}|{}]#{} {:?} {} x {}",
            l.day,
            l.hour.unwrap_or_default(),
            l.order_id,
            l.sku,
            l.product_name,
            l.line,
            l.kind,
            l.quantity,
            l.unit_price
        )
        .expect("strings take text");
        for (name, amount) in [
            ("gross", l.gross),
            ("discount", l.discount),
            ("returns", l.returns),
            ("tax", l.tax),
            ("shipping", l.shipping),
        ] {
            if amount != Micros::ZERO {
                write!(out, " {name} {amount}").expect("strings take text");
            }
        }
        write!(out, " {}", l.currency).expect("strings take text");
        if let Some(customer) = &l.customer {
            // Whose hash it is can be seen of the addresses in these tests.
            match ADDRESSES.iter().find(|a| email_hash(a) == *customer) {
                Some(address) => write!(out, " by hash of {address}"),
                None => write!(out, " by {customer}"),
            }
            .expect("strings take text");
        }
        out.push('\n');
    }
    out
}

/// What people read: rejects, then warnings.
pub fn messages(batch: &Batch) -> String {
    let mut out = String::new();
    for r in &batch.rejects {
        let code = serde_json::to_value(r.code).expect("codes serialise");
        let code = code.as_str().unwrap_or_default();
        writeln!(
            out,
            "line {} {code}: {} {}",
            r.line_no, r.message, r.suggestion
        )
        .expect("strings take text");
    }
    for w in &batch.warnings {
        let code = serde_json::to_value(w.code).expect("codes serialise");
        let code = code.as_str().unwrap_or_default();
        writeln!(out, "warning line {} {code}: {}", w.line_no, w.message)
            .expect("strings take text");
    }
    out
}

/// Public data sets beside the checkout, where there are any.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SR360_SHARED_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: {} is not there", full.display());
    None
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    pack(bytes, flate2::Compression::fast())
}

/// As small as it gets.
pub fn dense(bytes: &[u8]) -> Vec<u8> {
    pack(bytes, flate2::Compression::best())
}

fn pack(bytes: &[u8], level: flate2::Compression) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = flate2::bufread::GzEncoder::new(bytes, level);
    encoder.read_to_end(&mut out).expect("memory does not fail");
    out
}
