//! How many of a file's records were there before, counted when it ends: whoever need not know it of each record at once
//! need not look each up. Sorted pieces lie in a temporary file and are merged by parts of the range of hashes, as a
//! Grace hash join divides its tables (Kitsuregawa et al. 1983). Memory: 4 MB, and a part of what was met.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// Hashes of a piece.
const PIECE: usize = 1 << 18;
/// Parts that the hashes are divided into by their first bits, as a power of two.
const PARTS: u32 = 8;

#[derive(Default)]
pub(crate) struct Copies {
    newest: Vec<u64>,
    pieces: Vec<Piece>,
    file: Option<File>,
    /// Hashes in the file.
    written: u64,
    /// Met within the pieces.
    copies: u64,
    failed: Option<io::Error>,
    length: Option<usize>,
}

/// Different hashes, in order.
struct Piece {
    /// Where each part begins in the file, and where the last one ends, in hashes.
    begins: Vec<u64>,
}

fn part(hash: u64) -> u64 {
    hash >> (u64::BITS - PARTS)
}

impl Copies {
    pub fn push(&mut self, hash: u64) {
        self.newest.push(hash);
        if self.newest.len() >= self.length.unwrap_or(PIECE)
            && let Err(error) = self.spill()
        {
            self.failed.get_or_insert(error);
        }
    }

    /// # Errors
    /// The temporary file could not be written since the last call.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn sort(&mut self) {
        self.newest.sort_unstable();
        let before = self.newest.len();
        self.newest.dedup();
        self.copies += (before - self.newest.len()) as u64;
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let bytes: Vec<u8> = self.newest.iter().flat_map(|h| h.to_le_bytes()).collect();
        let begins = (0..1 << PARTS).map(|number| {
            let before = self.newest.partition_point(|hash| part(*hash) < number);
            self.written + before as u64
        });
        let end = self.written + self.newest.len() as u64;
        let begins = begins.chain([end]).collect();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        file.write_all(&bytes)?;
        self.file = Some(file);
        self.pieces.push(Piece { begins });
        self.written = end;
        self.newest.clear();
        Ok(())
    }

    /// Hashes so far that were met before.
    ///
    /// # Errors
    /// The temporary file could not be read.
    pub fn count(&mut self) -> io::Result<u64> {
        self.sort();
        let Some(file) = &self.file else {
            return Ok(self.copies);
        };
        let mut copies = self.copies;
        let mut all: Vec<u64> = Vec::new();
        let mut bytes = Vec::new();
        for number in 0..1_u64 << PARTS {
            all.clear();
            for piece in &self.pieces {
                let at = usize::try_from(number).unwrap_or(0);
                let (Some(from), Some(to)) = (piece.begins.get(at), piece.begins.get(at + 1))
                else {
                    continue;
                };
                const HASH: u64 = size_of::<u64>() as u64;
                bytes.resize(usize::try_from((to - from) * HASH).unwrap_or(0), 0);
                file.read_exact_at(&mut bytes, from * HASH)?;
                all.extend(bytes.as_chunks().0.iter().map(|b| u64::from_le_bytes(*b)));
            }
            let from = self.newest.partition_point(|hash| part(*hash) < number);
            let to = self.newest.partition_point(|hash| part(*hash) <= number);
            all.extend_from_slice(self.newest.get(from..to).unwrap_or_default());
            // Not the unstable one: this one merges pieces that are in order.
            all.sort();
            copies += all.array_windows().filter(|[a, b]| a == b).count() as u64;
        }
        Ok(copies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn as_a_set_says(
            numbers in proptest::collection::vec(0_u64..900, 0..2_000),
            even: bool,
            look in 0_usize..2_000,
        ) {
            let mut copies = Copies { length: Some(300), ..Copies::default() };
            let (mut set, mut expected) = (HashSet::new(), 0);
            for (at, number) in numbers.into_iter().enumerate() {
                let hash = if even { number.wrapping_mul(0x9e37_79b9_7f4a_7c15) } else { number };
                copies.push(hash);
                expected += u64::from(!set.insert(hash));
                if at == look {
                    prop_assert_eq!(copies.count().unwrap(), expected);
                }
            }
            prop_assert_eq!(copies.count().unwrap(), expected);
            prop_assert!(copies.check().is_ok());
        }
    }
}
