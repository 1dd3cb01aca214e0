//! Zip archives: the one file in them, or a clear refusal.

use crate::access::Shared;
use crate::columnar::is_parquet;
use crate::compression::{Compression, Unpacked};
use crate::error::NotImportable;
use crate::open::PACKED_BYTES;
use crate::options::Limits;
use crate::sample::{Sample, stopped};
use crate::workbook::is_workbook;
use crate::zip::{DEFLATED, Entry, STORED, directory};
use std::io;

pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Beginnings of files that are packed once more.
const PACKED: &[&[u8]] = &[
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"7z\xBC\xAF",
    b"Rar!",
    b"BZh",
    b"\xFD7zXZ",
    b"\x28\xB5\x2F\xFD",
];

pub(crate) fn sample(file: &Shared) -> io::Result<Sample> {
    let refused = |why| Ok(Sample::refused(file.length(), why));
    let entries = match directory(file) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return refused(NotImportable::DamagedZip);
        }
        Err(error) => return Err(error),
    };
    if is_workbook(&entries) {
        return Ok(Sample::workbook(file));
    }
    if let Some(why) = other_document(&entries) {
        return refused(why);
    }
    let files: Vec<&Entry> = entries
        .iter()
        .filter(|e| !e.is_folder() && !e.is_clutter())
        .collect();
    if files.iter().any(|e| e.encrypted) {
        return refused(NotImportable::EncryptedZip);
    }
    match files.as_slice() {
        [entry] => one(file, entry),
        [] => refused(NotImportable::Archive {
            what: "no files".to_owned(),
            names: Vec::new(),
            next: "Pack the export again and upload the new archive.",
        }),
        entries if entries.len() > FILES => refused(several(entries)),
        entries => {
            let mut members = Vec::new();
            for entry in entries {
                members.push((entry.name.clone(), one(file, entry)?));
            }
            Ok(Sample::of_members(file.length(), members))
        }
    }
}

/// Files of one archive that may belong together.
const FILES: usize = 40;

fn one(file: &Shared, entry: &Entry) -> io::Result<Sample> {
    let refused = |why| Ok(Sample::refused(file.length(), why));
    if !matches!(entry.method, STORED | DEFLATED) {
        return refused(NotImportable::Unsupported {
            what: "The way the zip archive is packed".to_owned(),
            next: "Pack it in the usual way, or upload the file in it by itself.",
        });
    }
    let limits = Limits::default();
    let unpacked = match Unpacked::entry(file, entry) {
        Ok(unpacked) => unpacked,
        Err(error) => return refused(stopped(error, &limits)),
    };
    let mut sample = Sample::unpacked(file.length(), unpacked, Compression::Zip);
    if sample.refusal.is_none() && is_parquet(&sample.head) {
        let whole = Unpacked::entry(file, entry).and_then(|u| u.all(PACKED_BYTES, &limits));
        sample = match whole {
            Ok(bytes) => Sample::parquet(&Shared::from_vec(bytes)),
            Err(error) => return refused(stopped(error, &limits)),
        };
        sample.length = file.length();
        sample.compression = Compression::Zip;
    }
    if sample.refusal.is_none() && is_zip(&sample.head) {
        let whole = Unpacked::entry(file, entry).and_then(|u| u.all(PACKED_BYTES, &limits));
        let inner = match whole {
            Ok(bytes) => Shared::from_vec(bytes),
            Err(error) => return refused(stopped(error, &limits)),
        };
        if directory(&inner).is_ok_and(|entries| is_workbook(&entries)) {
            sample = Sample::workbook(&inner);
            sample.length = file.length();
            sample.compression = Compression::Zip;
            sample.entry = Some(entry.name.clone());
            return Ok(sample);
        }
    }
    if PACKED.iter().any(|magic| sample.head.starts_with(magic)) {
        return refused(NotImportable::Archive {
            what: format!("another packed file, {}", entry.name),
            names: vec![entry.name.clone()],
            next: "Unpack it and upload the files in it by themselves.",
        });
    }
    sample.entry = Some(entry.name.clone());
    Ok(sample)
}

fn several(files: &[&Entry]) -> NotImportable {
    let mut names: Vec<&str> = files.iter().take(5).map(|e| e.base()).collect();
    if files.len() > 5 {
        names.push("...");
    }
    NotImportable::Archive {
        what: format!("{} files: {}", files.len(), names.join(", ")),
        names: names.into_iter().map(str::to_owned).collect(),
        next: "Upload the files in it by themselves.",
    }
}

/// Documents that are zip archives inside.
fn other_document(entries: &[Entry]) -> Option<NotImportable> {
    let has = |name: &str| entries.iter().any(|e| e.name.eq_ignore_ascii_case(name));
    let unsupported = |what: &str| {
        Some(NotImportable::Unsupported {
            what: what.to_owned(),
            next: "Save it as .xlsx or CSV and upload that file.",
        })
    };
    if has("xl/workbook.bin") {
        unsupported("A binary Excel workbook (.xlsb)")
    } else if has("content.xml") && has("mimetype") {
        unsupported("An OpenDocument file (.ods)")
    } else if has("word/document.xml") || has("ppt/presentation.xml") {
        unsupported("A Word or PowerPoint document")
    } else if has("Index/Document.iwa") {
        unsupported("A Numbers document")
    } else {
        None
    }
}
