//! The parts of a file that detection looks at: a file of any size costs a few megabytes.

use crate::compression::{Compression, UnpackError, Unpacked};
use crate::error::NotImportable;
use crate::options::Limits;
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
    pub(crate) head: Vec<u8>,
    /// The head is the whole file.
    pub(crate) complete: bool,
    /// Blocks after the head, in order; each may start and end in the middle of a record.
    pub(crate) blocks: Vec<Vec<u8>>,
    /// The last block ends where the file does.
    pub(crate) has_tail: bool,
    pub(crate) damage: Option<Damage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    Truncated,
    Corrupt,
}

impl Sample {
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let length = bytes.len() as u64;
        let part = |range: Range<u64>| -> io::Result<Vec<u8>> {
            let start = usize::try_from(range.start).unwrap_or(usize::MAX);
            let end = usize::try_from(range.end).unwrap_or(usize::MAX);
            Ok(bytes
                .get(start..end.min(bytes.len()))
                .unwrap_or_default()
                .to_vec())
        };
        // Slices do not fail.
        Self::from_ranges(length, part).unwrap_or(Self {
            length,
            compression: Compression::None,
            head: bytes.to_vec(),
            complete: true,
            blocks: Vec::new(),
            has_tail: false,
            damage: None,
        })
    }

    /// Seeks about; the position afterwards is anywhere.
    pub fn from_read(mut source: impl Read + Seek) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        Self::from_ranges(length, |range| {
            source.seek(SeekFrom::Start(range.start))?;
            let mut bytes = Vec::new();
            source
                .by_ref()
                .take(range.end - range.start)
                .read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// `read` returns the bytes of a range of the file, for stores that answer ranged requests.
    pub fn from_ranges(
        length: u64,
        mut read: impl FnMut(Range<u64>) -> io::Result<Vec<u8>>,
    ) -> io::Result<Self> {
        let head = read(0..length.min(HEAD))?;
        let compression = Compression::of(&head);
        if compression == Compression::Gzip {
            return Ok(Self::unpacked(length, &head));
        }
        let rest = length.saturating_sub(HEAD);
        let mut blocks = Vec::new();
        if rest > 0 && rest <= BLOCK * BLOCKS {
            blocks.push(read(HEAD..length)?);
        } else if rest > 0 {
            // Spread evenly: files are sorted by date, so every part of the year is seen.
            let step = rest / BLOCKS;
            for n in 0..BLOCKS - 1 {
                // Even, so that a unit of UTF-16 is not cut.
                let start = (HEAD + n * step + step / 2) & !1;
                blocks.push(read(start..start + BLOCK)?);
            }
            blocks.push(read((length - BLOCK) & !1..length)?);
        }
        Ok(Self {
            length,
            compression,
            complete: rest == 0,
            has_tail: rest > 0,
            head,
            blocks,
            damage: None,
        })
    }

    fn unpacked(length: u64, packed: &[u8]) -> Self {
        let limits = Limits::default();
        let mut source = Unpacked::new(packed, Compression::Gzip);
        let mut head = vec![0; UNPACKED_HEAD];
        let (mut filled, mut damage, mut complete) = (0, None, false);
        let whole = packed.len() as u64 == length;
        while let Some(space) = head.get_mut(filled..).filter(|s| !s.is_empty()) {
            match source.read(space, filled as u64, &limits) {
                Ok(0) => {
                    complete = whole;
                    break;
                }
                Ok(n) => filled += n,
                // Cut off by the sample, not by the file.
                Err(UnpackError::Truncated) if !whole => break,
                Err(UnpackError::Truncated) => {
                    damage = Some(Damage::Truncated);
                    break;
                }
                Err(_) => {
                    damage = Some(Damage::Corrupt);
                    break;
                }
            }
        }
        head.truncate(filled);
        Self {
            length,
            compression: Compression::Gzip,
            head,
            complete,
            blocks: Vec::new(),
            has_tail: false,
            damage,
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
        match self.damage {
            Some(Damage::Truncated) => return Err(NotImportable::TruncatedGzip),
            Some(Damage::Corrupt) => return Err(NotImportable::DamagedGzip),
            None => {}
        }
        if self.head.is_empty() {
            return Err(NotImportable::Empty);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_file_costs_little() {
        let mut read = 0;
        let length = 3_000_000_000;
        let sample = Sample::from_ranges(length, |range| {
            assert!(range.end <= length);
            read += range.end - range.start;
            Ok(vec![
                b'a';
                usize::try_from(range.end - range.start).unwrap()
            ])
        })
        .unwrap();
        assert!(read < 2 << 20, "{read} bytes read");
        assert_eq!(sample.blocks.len(), 8);
        assert_eq!(
            sample.check(&Limits::default()).unwrap_err().code(),
            "too_large"
        );
    }
}
