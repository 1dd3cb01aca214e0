//! A set of hashes that takes little memory however many it holds.
//!
//! The newest are kept in memory. Older ones lie sorted in temporary files ("runs"), with a Bloom filter before each,
//! so that a hash that was not seen hardly ever needs a look at the disk. Runs of one length are merged, as in a
//! log-structured merge tree (O'Neil et al. 1996): n hashes lie in at most log2(n / `HELD`) runs. Memory: 9 MB for
//! the newest and 10 bits for each of the others.

use fastbloom::BloomFilter;
use rustc_hash::FxHashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

/// Hashes in memory: just under what a table of 2^20 slots takes without growing.
const HELD: usize = (1 << 20) / 8 * 7;
/// Hashes read from a run at a time.
const PAGE: usize = 512;
const FALSE_POSITIVES: f64 = 0.01;

#[derive(Default)]
pub struct Seen {
    newest: FxHashSet<u64>,
    /// The longest first.
    runs: Vec<Run>,
    failed: Option<io::Error>,
    held: Option<usize>,
}

impl Seen {
    /// Whether `hash` is new. After a failure of the disk, which [`Self::check`] tells, every hash is.
    pub fn insert(&mut self, hash: u64) -> bool {
        match self.try_insert(hash) {
            Ok(new) => new,
            Err(error) => {
                self.failed.get_or_insert(error);
                true
            }
        }
    }

    /// # Errors
    /// The temporary files could not be written or read since the last call.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn try_insert(&mut self, hash: u64) -> io::Result<bool> {
        if self.newest.contains(&hash) {
            return Ok(false);
        }
        for run in &self.runs {
            if run.contains(hash)? {
                return Ok(false);
            }
        }
        self.newest.insert(hash);
        if self.newest.len() >= self.held.unwrap_or(HELD) {
            self.spill()?;
        }
        Ok(true)
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut hashes: Vec<u64> = self.newest.drain().collect();
        hashes.sort_unstable();
        let mut run = Run::write(hashes.len(), hashes.into_iter().map(Ok))?;
        while self.runs.last().is_some_and(|last| last.len <= run.len) {
            let Some(last) = self.runs.pop() else { break };
            run = Run::write(last.len + run.len, merged(last.iter(), run.iter()))?;
        }
        self.runs.push(run);
        Ok(())
    }
}

/// Both are sorted, and no hash stands in both.
fn merged(
    one: impl Iterator<Item = io::Result<u64>>,
    other: impl Iterator<Item = io::Result<u64>>,
) -> impl Iterator<Item = io::Result<u64>> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(Ok(a)), Some(Ok(b))) if a > b => other.next(),
        (None, _) => other.next(),
        _ => one.next(),
    })
}

struct Run {
    file: File,
    len: usize,
    filter: BloomFilter,
}

impl Run {
    fn write(len: usize, sorted: impl Iterator<Item = io::Result<u64>>) -> io::Result<Self> {
        let mut filter = BloomFilter::with_false_pos(FALSE_POSITIVES)
            .seed(&0)
            .expected_items(len);
        let mut out = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        for hash in sorted {
            let hash = hash?;
            filter.insert_hash(hash);
            out.write_all(&hash.to_le_bytes())?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Self { file, len, filter })
    }

    /// The page's hashes.
    fn page(&self, number: usize) -> io::Result<Vec<u64>> {
        let from = number * PAGE;
        let count = PAGE.min(self.len.saturating_sub(from));
        let mut bytes = vec![0; count * size_of::<u64>()];
        self.file
            .read_exact_at(&mut bytes, (from * size_of::<u64>()) as u64)?;
        let hashes = bytes.as_chunks().0.iter().map(|b| u64::from_le_bytes(*b));
        Ok(hashes.collect())
    }

    fn iter(&self) -> impl Iterator<Item = io::Result<u64>> {
        (0..self.len.div_ceil(PAGE)).flat_map(|number| match self.page(number) {
            Ok(hashes) => hashes.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    }

    fn contains(&self, hash: u64) -> io::Result<bool> {
        if !self.filter.contains_hash(hash) {
            return Ok(false);
        }
        let (mut from, mut to) = (0, self.len.div_ceil(PAGE));
        // Hashes are spread evenly: the page is nearly always the one where it should stand, or a neighbour.
        let mut at = usize::try_from((u128::from(hash) * to as u128) >> 64).unwrap_or(0);
        while from < to {
            let page = self.page(at)?;
            match (page.first(), page.last()) {
                (Some(first), _) if hash < *first => to = at,
                (_, Some(last)) if hash > *last => from = at + 1,
                _ => return Ok(page.binary_search(&hash).is_ok()),
            }
            at = if from < to {
                at.clamp(from, to - 1)
            } else {
                from
            };
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn small() -> Seen {
        Seen {
            held: Some(700),
            ..Seen::default()
        }
    }

    /// Spreads small numbers as a hash does.
    fn hash(n: u64) -> u64 {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn each_is_new_once() {
        let mut seen = small();
        for n in 0..20_000 {
            assert!(seen.insert(hash(n)), "{n}");
        }
        assert!(seen.runs.len() > 2);
        for n in 0..20_000 {
            assert!(!seen.insert(hash(n)), "{n}");
        }
        seen.check().unwrap();
    }

    proptest! {
        /// Also of hashes that are not spread evenly.
        #[test]
        fn as_a_set_says(numbers in proptest::collection::vec(0_u64..3_000, 0..6_000), even: bool) {
            let (mut seen, mut set) = (small(), HashSet::new());
            for n in numbers {
                let n = if even { hash(n) } else { n };
                prop_assert_eq!(seen.insert(n), set.insert(n));
            }
            prop_assert!(seen.check().is_ok());
        }
    }
}
