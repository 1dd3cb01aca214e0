//! Which encoding the bytes are in.

use crate::error::NotImportable;
use crate::sample::Sample;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

pub(crate) struct Detected {
    pub encoding: &'static Encoding,
    /// Bytes of the mark at the start.
    pub bom: usize,
    /// 0 to 1.
    pub confidence: f32,
}

/// Formats that are not text, by their first bytes.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel workbook (.xls)",
        "Save it as .xlsx or CSV and upload that file.",
    ),
    (
        b"%PDF",
        "a PDF document",
        "Export the orders as CSV and upload that file.",
    ),
    (
        b"PAR1",
        "a Parquet file",
        "Unpack it and upload the Parquet file by itself.",
    ),
    (
        b"\x28\xB5\x2F\xFD",
        "a Zstandard archive",
        "Unpack it, or pack it with gzip, and upload it again.",
    ),
    (
        b"BZh",
        "a bzip2 archive",
        "Unpack it, or pack it with gzip, and upload it again.",
    ),
    (
        b"\xFD7zXZ",
        "an xz archive",
        "Unpack it, or pack it with gzip, and upload it again.",
    ),
    (
        b"7z\xBC\xAF",
        "a 7-Zip archive",
        "Unpack it and upload the CSV file.",
    ),
    (
        b"Rar!",
        "a RAR archive",
        "Unpack it and upload the CSV file.",
    ),
    (
        b"\x89PNG",
        "a picture",
        "Export the orders as CSV and upload that file.",
    ),
    (
        b"\xFF\xD8\xFF",
        "a picture",
        "Export the orders as CSV and upload that file.",
    ),
    (
        b"SQLite format 3\0",
        "a database",
        "Export the orders as CSV and upload that file.",
    ),
];

/// `said`: by the merchant, who knows it where the file does not say it itself.
pub(crate) fn detect(
    sample: &Sample,
    said: Option<&'static Encoding>,
) -> Result<Detected, NotImportable> {
    let head = sample.head.as_slice();
    if let Some((_, what, next)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(NotImportable::Binary { what, next });
    }
    let certain = |encoding, bom| {
        Ok(Detected {
            encoding,
            bom,
            confidence: 1.0,
        })
    };
    if head.starts_with(b"\xEF\xBB\xBF") {
        return certain(encoding_rs::UTF_8, 3);
    }
    if head.starts_with(b"\xFF\xFE") && !head.starts_with(b"\xFF\xFE\0\0") {
        return certain(encoding_rs::UTF_16LE, 2);
    }
    if head.starts_with(b"\xFE\xFF") {
        return certain(encoding_rs::UTF_16BE, 2);
    }
    if let Some(said) = said {
        return certain(said, 0);
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return Ok(Detected {
            encoding,
            bom: 0,
            confidence: 0.9,
        });
    }
    let look = head.get(..head.len().min(64 << 10)).unwrap_or(head);
    let control = look
        .iter()
        .filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x01 | 0x1c..=0x1f))
        .count();
    // A stray NUL in a text is damage; many are another kind of file.
    if control > 3 && control * 100 > look.len() {
        return Err(NotImportable::Binary {
            what: "a binary file",
            next: "Export the orders as CSV and upload that file.",
        });
    }
    let parts = || std::iter::once(head).chain(sample.blocks.iter().map(Vec::as_slice));
    let (mut good, mut bad) = (0, 0);
    for (index, part) in parts().enumerate() {
        let whole = index == 0 && sample.complete;
        let (g, b) = utf8_sequences(part, index > 0, !whole);
        good += g;
        bad += b;
    }
    if bad == 0 || good >= bad * 20 {
        return Ok(Detected {
            encoding: encoding_rs::UTF_8,
            bom: 0,
            confidence: if bad == 0 { 1.0 } else { 0.9 },
        });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for part in parts() {
        detector.feed(part, false);
    }
    detector.feed(&[], true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let certain_enough = bad >= 20;
    Ok(Detected {
        encoding,
        bom: 0,
        confidence: if certain_enough { 0.8 } else { 0.6 },
    })
}

/// Text in UTF-16 has a zero in nearly every second byte, when it is mostly ASCII.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let look = head.get(..head.len().min(4096) & !1)?;
    if look.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| {
        look.chunks_exact(2)
            .filter(|pair| pair.get(odd) == Some(&0))
            .count()
            * 10
            / (look.len() / 2)
    };
    match (zeros(0), zeros(1)) {
        (0, 7..) => Some(encoding_rs::UTF_16LE),
        (7.., 0) => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// Well-formed and ill-formed sequences beyond ASCII. A block cut out of the middle may begin or end within one.
fn utf8_sequences(mut bytes: &[u8], cut_start: bool, cut_end: bool) -> (usize, usize) {
    if cut_start {
        let skip = bytes
            .iter()
            .take(3)
            .take_while(|&&b| b & 0xC0 == 0x80)
            .count();
        bytes = bytes.get(skip..).unwrap_or_default();
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    let tail = bytes
        .get(bytes.len().saturating_sub(3)..)
        .unwrap_or_default();
    let ends_within = tail
        .utf8_chunks()
        .last()
        .is_some_and(|c| c.invalid().first().is_some_and(|b| *b >= 0xC2));
    if cut_end && ends_within && bad > 0 {
        bad -= 1;
    }
    (good, bad)
}
