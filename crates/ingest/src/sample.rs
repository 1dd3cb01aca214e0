//! The parts of a file that detection looks at: a file of any size costs a few megabytes.

use crate::access::{RandomAccess, Shared};
use crate::archive;
use crate::columnar::{Columnar, is_parquet};
use crate::compression::{Compression, UnpackError, Unpacked};
use crate::error::NotImportable;
use crate::json::Value;
use crate::options::Limits;
use crate::workbook_sample::{self, SheetSample};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

const HEAD: u64 = 1 << 20;
const BLOCK: u64 = 64 << 10;
const BLOCKS: u64 = 8;
/// Of a packed file only the beginning can be reached.
const UNPACKED_HEAD: usize = 4 << 20;

/// Head, blocks spread over the middle, and tail. Unpacked.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(crate) length: u64,
    pub(crate) compression: Compression,
    /// The file within a zip archive.
    pub(crate) entry: Option<String>,
    pub(crate) head: Vec<u8>,
    /// The head is the whole file.
    pub(crate) complete: bool,
    /// Blocks after the head, in order; each may start and end in the middle of a record.
    pub(crate) blocks: Vec<Vec<u8>>,
    /// The last block ends where the file does.
    pub(crate) has_tail: bool,
    /// The files of an archive that has several, by name.
    pub(crate) members: Vec<(String, Sample)>,
    /// Rows of formats that are no text.
    pub(crate) content: Content,
    /// What was found out while taking the sample.
    pub(crate) refusal: Option<NotImportable>,
}

/// What the file holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text,
    Parquet {
        values: Vec<Value<'static>>,
        rows: u64,
    },
    Workbook(Vec<SheetSample>),
}

impl Sample {
    pub fn from_bytes(bytes: &[u8]) -> Self {
        // Memory does not fail.
        Self::from_shared(&Shared::from_vec(bytes.to_vec()))
            .unwrap_or_else(|error| Self::refused(0, NotImportable::Io(error.to_string())))
    }

    /// Seeks about.
    pub fn from_read(source: impl RandomAccess) -> io::Result<Self> {
        Self::from_shared(&Shared::new(source)?)
    }

    /// `read` returns the bytes of a range of the file, for stores that answer ranged requests.
    pub fn from_ranges(
        length: u64,
        read: impl FnMut(Range<u64>) -> io::Result<Vec<u8>> + Send + 'static,
    ) -> io::Result<Self> {
        Self::from_read(Ranges {
            length,
            at: 0,
            read,
        })
    }

    fn from_shared(file: &Shared) -> io::Result<Self> {
        let length = file.length();
        let part = |range: Range<u64>| {
            file.bytes(
                range.start,
                usize::try_from(range.end - range.start).unwrap_or(usize::MAX),
            )
        };
        let head = part(0..length.min(HEAD))?;
        if archive::is_zip(&head) {
            return archive::sample(file);
        }
        if is_parquet(&head) {
            return Ok(Self::parquet(file));
        }
        let compression = Compression::of(&head);
        if compression == Compression::Gzip {
            return Ok(Self::unpacked(
                length,
                Unpacked::new(file.whole(), compression),
                compression,
            ));
        }
        let rest = length.saturating_sub(HEAD);
        let mut blocks = Vec::new();
        if rest > 0 && rest <= BLOCK * BLOCKS {
            blocks.push(part(HEAD..length)?);
        } else if rest > 0 {
            // Spread evenly: files are sorted by date, so every part of the year is seen.
            let step = rest / BLOCKS;
            for n in 0..BLOCKS - 1 {
                // Even, so that a unit of UTF-16 is not cut.
                let start = (HEAD + n * step + step / 2) & !1;
                blocks.push(part(start..start + BLOCK)?);
            }
            blocks.push(part((length - BLOCK) & !1..length)?);
        }
        Ok(Self {
            complete: rest == 0,
            has_tail: rest > 0,
            head,
            blocks,
            compression,
            ..Self::empty(length)
        })
    }

    pub(crate) fn workbook(file: &Shared) -> Self {
        let limits = Limits::default();
        match workbook_sample::sample(file.clone(), &limits) {
            Ok(sheets) => Self {
                head: b"PK".to_vec(),
                content: Content::Workbook(sheets),
                ..Self::empty(file.length())
            },
            Err(UnpackError::Broken(reason)) => Self::refused(
                file.length(),
                NotImportable::Damaged {
                    what: "The workbook",
                    reason,
                    next: "Open it in a spreadsheet program, save it again and upload that file.",
                },
            ),
            Err(UnpackError::DamagedEntry) => Self::refused(
                file.length(),
                NotImportable::Damaged {
                    what: "The workbook",
                    reason: "a part of it cannot be unpacked".to_owned(),
                    next: "Open it in a spreadsheet program, save it again and upload that file.",
                },
            ),
            Err(UnpackError::TooLarge) => Self::refused(
                file.length(),
                NotImportable::TooHeavy {
                    what: "The workbook unpacks to a very large size".to_owned(),
                    next: "Save the sheet as CSV and upload that file.",
                },
            ),
            Err(error) => Self::refused(file.length(), stopped(error, &limits)),
        }
    }

    /// Of a file that is not read from its beginning.
    pub(crate) fn parquet(file: &Shared) -> Self {
        let look = || {
            let columnar = Columnar::open(file.clone(), &Limits::default())?;
            let rows = (0..columnar.row_groups()).map(|g| columnar.rows(g)).sum();
            let mut values = columnar.sample()?;
            if values.is_empty() {
                values.push(columnar.empty());
            }
            Ok(Content::Parquet { values, rows })
        };
        match look() {
            Ok(content) => Self {
                head: b"PAR1".to_vec(),
                content,
                ..Self::empty(file.length())
            },
            Err(why) => Self::refused(file.length(), why),
        }
    }

    fn empty(length: u64) -> Self {
        Self {
            length,
            compression: Compression::None,
            entry: None,
            head: Vec::new(),
            complete: true,
            blocks: Vec::new(),
            has_tail: false,
            members: Vec::new(),
            content: Content::Text,
            refusal: None,
        }
    }

    pub(crate) fn refused(length: u64, why: NotImportable) -> Self {
        Self {
            refusal: Some(why),
            ..Self::empty(length)
        }
    }

    /// Of an archive with several files.
    pub(crate) fn of_members(length: u64, members: Vec<(String, Self)>) -> Self {
        Self {
            complete: members.iter().all(|(_, m)| m.complete),
            compression: Compression::Zip,
            members,
            ..Self::empty(length)
        }
    }

    /// Of what can only be read from its beginning.
    pub(crate) fn unpacked(length: u64, mut source: Unpacked, compression: Compression) -> Self {
        let limits = Limits::default();
        let mut head = vec![0; UNPACKED_HEAD];
        let (mut filled, mut refusal, mut complete) = (0, None, false);
        while let Some(space) = head.get_mut(filled..).filter(|s| !s.is_empty()) {
            match source.read(space, filled as u64, &limits) {
                Ok(0) => {
                    complete = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(error) => {
                    refusal = Some(stopped(error, &limits));
                    break;
                }
            }
        }
        head.truncate(filled);
        Self {
            compression,
            head,
            complete,
            refusal,
            ..Self::empty(length)
        }
    }

    /// What makes any further look useless.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), NotImportable> {
        if self.length > limits.raw_bytes {
            return Err(NotImportable::TooLarge {
                bytes: self.length,
                limit: limits.raw_bytes,
            });
        }
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        if self.head.is_empty() && self.members.is_empty() {
            return Err(NotImportable::Empty);
        }
        Ok(())
    }
}

pub(crate) fn stopped(error: UnpackError, limits: &Limits) -> NotImportable {
    match error {
        UnpackError::Truncated => NotImportable::TruncatedGzip,
        UnpackError::Damaged => NotImportable::DamagedGzip,
        UnpackError::DamagedEntry => NotImportable::DamagedZip,
        UnpackError::TooLarge => NotImportable::TooLarge {
            bytes: limits.expanded_bytes,
            limit: limits.expanded_bytes,
        },
        UnpackError::TooDense => NotImportable::TooDense {
            limit: limits.ratio,
        },
        UnpackError::Broken(reason) => NotImportable::Damaged {
            what: "The file",
            reason,
            next: "Export it again and upload the new file.",
        },
        UnpackError::Io(error) => NotImportable::Io(error.to_string()),
    }
}

/// A store that answers ranged requests, as a file.
struct Ranges<F> {
    length: u64,
    at: u64,
    read: F,
}

impl<F: FnMut(Range<u64>) -> io::Result<Vec<u8>>> Read for Ranges<F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end = self.length.min(self.at.saturating_add(buf.len() as u64));
        if end <= self.at {
            return Ok(0);
        }
        let bytes = (self.read)(self.at..end)?;
        let n = bytes.len().min(buf.len());
        let (Some(to), Some(from)) = (buf.get_mut(..n), bytes.get(..n)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.at += n as u64;
        Ok(n)
    }
}

impl<F> Seek for Ranges<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_file_costs_little() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU64, Ordering};
        let read = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&read);
        let length = 3_000_000_000;
        let sample = Sample::from_ranges(length, move |range| {
            assert!(range.end <= length);
            counter.fetch_add(range.end - range.start, Ordering::Relaxed);
            Ok(vec![
                b'a';
                usize::try_from(range.end - range.start).unwrap()
            ])
        })
        .unwrap();
        let read = read.load(Ordering::Relaxed);
        assert!(read < 2 << 20, "{read} bytes read");
        assert_eq!(sample.blocks.len(), 8);
        assert_eq!(
            sample.check(&Limits::default()).unwrap_err().code(),
            "too_large"
        );
    }
}
