//! The directory of a zip archive, and where its entries' bytes stand.

use crate::access::{Shared, Slice};
use std::io;

/// What an entry is called and how it is packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub method: u16,
    pub encrypted: bool,
    pub crc: u32,
    pub packed: u64,
    /// As the directory says: believed only after it was counted.
    pub unpacked: u64,
    header: u64,
}

pub(crate) const STORED: u16 = 0;
pub(crate) const DEFLATED: u16 = 8;

/// The end of the directory stands within a comment's length of the file's end.
const END: usize = 22;
const SEARCH: usize = 65_535 + END + 20;
const DIRECTORY_BYTES: u64 = 32 << 20;
const ENTRIES: usize = 20_000;

impl Entry {
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(['/', '\\'])
    }

    /// What operating systems add to archives by themselves.
    pub fn is_clutter(&self) -> bool {
        let base = self.base();
        self.name.starts_with("__MACOSX/")
            || base.starts_with("._")
            || matches!(base, ".DS_Store" | "Thumbs.db" | "desktop.ini" | "")
    }

    /// Without its folders.
    pub fn base(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    /// The packed bytes.
    pub fn slice(&self, file: &Shared) -> io::Result<Slice> {
        let bytes = file.bytes(self.header, 30)?;
        let local = Bytes(&bytes);
        if local.u32(0) != Some(0x0403_4b50) {
            return Err(damaged());
        }
        let (name, extra) = (
            local.u16(26).unwrap_or_default(),
            local.u16(28).unwrap_or_default(),
        );
        let start = self.header + 30 + u64::from(name) + u64::from(extra);
        let end = start.checked_add(self.packed).ok_or_else(damaged)?;
        if end > file.length() {
            return Err(damaged());
        }
        Ok(file.slice(start, end))
    }
}

fn damaged() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.0.get(at..at + 2)?.try_into().ok()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.0.get(at..at + 4)?.try_into().ok()?))
    }

    fn u64(&self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.0.get(at..at + 8)?.try_into().ok()?))
    }
}

/// Entries in the directory's order. An archive without a directory was cut off.
pub(crate) fn directory(file: &Shared) -> io::Result<Vec<Entry>> {
    let tail_length = usize::try_from(file.length()).unwrap_or(SEARCH).min(SEARCH);
    let tail_start = file.length() - tail_length as u64;
    let bytes = file.bytes(tail_start, tail_length)?;
    let tail = Bytes(&bytes);
    let at = (0..bytes.len().saturating_sub(END - 1))
        .rev()
        .find(|at| tail.u32(*at) == Some(0x0605_4b50))
        .ok_or_else(damaged)?;
    let mut size = u64::from(tail.u32(at + 12).ok_or_else(damaged)?);
    let mut start = u64::from(tail.u32(at + 16).ok_or_else(damaged)?);
    let mut end = tail_start + at as u64;
    let large = at
        .checked_sub(20)
        .filter(|locator| tail.u32(*locator) == Some(0x0706_4b50));
    if let Some(locator) = large {
        let record = tail.u64(locator + 8).ok_or_else(damaged)?;
        let bytes = file.bytes(record, 56)?;
        let record_bytes = Bytes(&bytes);
        if record_bytes.u32(0) != Some(0x0606_4b50) {
            return Err(damaged());
        }
        size = record_bytes.u64(40).ok_or_else(damaged)?;
        start = record_bytes.u64(48).ok_or_else(damaged)?;
        end = record;
    }
    if size > DIRECTORY_BYTES || size > end {
        return Err(damaged());
    }
    // Something may stand before the archive: a program that unpacks itself, for example.
    let before = (end - size).checked_sub(start).ok_or_else(damaged)?;
    start += before;
    let bytes = file.bytes(start, usize::try_from(size).map_err(|_| damaged())?)?;
    entries(&bytes, before)
}

fn entries(bytes: &[u8], before: u64) -> io::Result<Vec<Entry>> {
    let directory = Bytes(bytes);
    let mut found = Vec::new();
    let mut at = 0;
    while directory.u32(at) == Some(0x0201_4b50) && found.len() < ENTRIES {
        let field = |offset: usize| directory.u32(at + offset).ok_or_else(damaged);
        let short = |offset: usize| directory.u16(at + offset).ok_or_else(damaged);
        let (name_length, extra_length, comment) = (
            usize::from(short(28)?),
            usize::from(short(30)?),
            usize::from(short(32)?),
        );
        let name_start = at + 46;
        let name = bytes
            .get(name_start..name_start + name_length)
            .ok_or_else(damaged)?;
        let extra = bytes
            .get(name_start + name_length..name_start + name_length + extra_length)
            .ok_or_else(damaged)?;
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            encrypted: short(8)? & 1 == 1,
            method: short(10)?,
            crc: field(16)?,
            packed: u64::from(field(20)?),
            unpacked: u64::from(field(24)?),
            header: u64::from(field(42)?),
        };
        enlarge(&mut entry, extra);
        entry.header = entry.header.checked_add(before).ok_or_else(damaged)?;
        found.push(entry);
        at = name_start + name_length + extra_length + comment;
    }
    Ok(found)
}

/// Sizes beyond 4 GB stand in an extra field.
fn enlarge(entry: &mut Entry, extra: &[u8]) {
    let fields = Bytes(extra);
    let mut at = 0;
    while let (Some(id), Some(length)) = (fields.u16(at), fields.u16(at + 2)) {
        if id == 1 {
            let mut value = at + 4;
            for slot in [&mut entry.unpacked, &mut entry.packed, &mut entry.header] {
                if *slot == u64::from(u32::MAX)
                    && let Some(large) = fields.u64(value)
                {
                    *slot = large;
                    value += 8;
                }
            }
            return;
        }
        at += 4 + usize::from(length);
    }
}
