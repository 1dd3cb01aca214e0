//! How many of a file's records were there before, counted when it ends: whoever need not know it of each record at once
//! need not look each up. Hashes lie in a temporary file, in parts of their range, and each part is counted by itself, as a
//! Grace hash join divides its tables (Kitsuregawa et al. 1983). Memory: 4 MB, and a part of what was met.

use rustc_hash::FxHashSet;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// Hashes of a piece.
const PIECE: usize = 1 << 18;
/// By their first byte.
const PARTS: usize = 1 << u8::BITS;
const HASH: usize = size_of::<u64>();

#[derive(Default)]
pub(crate) struct Copies {
    newest: Vec<u64>,
    pieces: Vec<Piece>,
    file: Option<File>,
    /// Hashes in the file.
    written: usize,
    failed: Option<io::Error>,
    length: Option<usize>,
}

/// Hashes in the order of their parts.
struct Piece {
    /// Of the piece in the file, in hashes.
    start: usize,
    /// Where each part begins in the piece, and where the last one ends.
    begins: Vec<usize>,
}

fn part(hash: u64) -> usize {
    let [first, ..] = hash.to_be_bytes();
    first.into()
}

/// The hashes by their parts, and where each part begins.
fn parted(hashes: &[u64]) -> (Vec<u64>, Vec<usize>) {
    let mut begins = vec![0; PARTS + 1];
    for hash in hashes {
        if let Some(next) = begins.get_mut(part(*hash) + 1) {
            *next += 1;
        }
    }
    let mut sum = 0;
    for begin in &mut begins {
        sum += *begin;
        *begin = sum;
    }
    let mut free = begins.clone();
    let mut parted = vec![0; hashes.len()];
    for hash in hashes {
        let Some(at) = free.get_mut(part(*hash)) else {
            continue;
        };
        if let Some(place) = parted.get_mut(*at) {
            *place = *hash;
        }
        *at += 1;
    }
    (parted, begins)
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

    fn spill(&mut self) -> io::Result<()> {
        let (hashes, begins) = parted(&self.newest);
        let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.to_le_bytes()).collect();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        file.write_all(&bytes)?;
        self.file = Some(file);
        self.pieces.push(Piece {
            start: self.written,
            begins,
        });
        self.written += hashes.len();
        self.newest.clear();
        Ok(())
    }

    /// Hashes so far that were met before.
    ///
    /// # Errors
    /// The temporary file could not be read.
    pub fn count(&self) -> io::Result<u64> {
        let (newest, newest_begins) = parted(&self.newest);
        let mut copies = 0;
        let mut different = FxHashSet::default();
        let mut bytes = Vec::new();
        for part in 0..PARTS {
            different.clear();
            let mut add = |hash| copies += u64::from(!different.insert(hash));
            let of = |begins: &[usize]| Some(*begins.get(part)?..*begins.get(part + 1)?);
            for piece in &self.pieces {
                let (Some(file), Some(own)) = (&self.file, of(&piece.begins)) else {
                    continue;
                };
                bytes.resize(own.len() * HASH, 0);
                file.read_exact_at(&mut bytes, ((piece.start + own.start) * HASH) as u64)?;
                let hashes = bytes.as_chunks().0.iter();
                hashes.for_each(|hash| add(u64::from_le_bytes(*hash)));
            }
            let own = of(&newest_begins).and_then(|own| newest.get(own));
            own.unwrap_or_default().iter().for_each(|hash| add(*hash));
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
