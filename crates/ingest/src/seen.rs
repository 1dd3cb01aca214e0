//! A set of hashes that takes little memory however many it holds.
//!
//! The newest are kept in memory. Older ones lie sorted in temporary files ("runs"), with a Bloom filter before each,
//! so that a hash that was not seen hardly ever needs a look at the disk. Runs of one length are merged, as in a
//! log-structured merge tree (O'Neil et al. 1996): n hashes lie in at most log2(n / `HELD`) runs. Memory: 8 MB for
//! the newest and 11 bits for each of the others.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

/// Slots of the newest hashes.
const SLOTS: usize = 1 << 20;
/// Hashes in memory: fuller, a table by linear probing is slow.
const HELD: usize = SLOTS / 4 * 3;
/// Hashes read from a run at a time.
const PAGE: usize = 512;

#[derive(Default)]
pub struct Seen {
    newest: Newest,
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

    /// Asks the memory for what [`Self::insert`] of these will look at. It comes for all of them at once; asked one by
    /// one, where each answer decides what is done next, the processor would wait for each.
    pub fn expect(&self, hashes: &[u64]) {
        let touched = hashes.iter().fold(0, |touched, hash| {
            let runs = self.runs.iter();
            runs.fold(touched ^ self.newest.touch(*hash), |touched, run| {
                touched ^ run.filter.touch(*hash)
            })
        });
        std::hint::black_box(touched);
    }

    /// # Errors
    /// The temporary files could not be written or read since the last call.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn try_insert(&mut self, hash: u64) -> io::Result<bool> {
        let Some(free) = self.newest.free(hash) else {
            return Ok(false);
        };
        for run in &self.runs {
            if run.contains(hash)? {
                return Ok(false);
            }
        }
        self.newest.put(hash, free);
        if self.newest.len >= self.held.unwrap_or(HELD) {
            self.spill()?;
        }
        Ok(true)
    }

    fn spill(&mut self) -> io::Result<()> {
        let hashes = self.newest.sorted();
        self.newest = Newest::with_slots(self.newest.home.len());
        let mut run = Run::write(hashes.len(), hashes.into_iter().map(Ok))?;
        while self.runs.last().is_some_and(|last| last.len <= run.len) {
            let Some(last) = self.runs.pop() else { break };
            run = Run::write(last.len + run.len, merged(last.iter(), run.iter()))?;
        }
        self.runs.push(run);
        Ok(())
    }
}

/// A table by linear probing that never wraps around: a hash stands behind all smaller ones but those it touches,
/// so that the table is nearly sorted.
#[derive(Default)]
struct Newest {
    /// 0 is a free slot. Longer than the number of homes where the last ones are full.
    slots: Vec<u64>,
    home: Homes,
    len: usize,
    /// Whether the hash 0 is in the set.
    zero: bool,
}

/// The number of slots as a power of two.
#[derive(Clone, Copy, Default)]
struct Homes(u32);

impl Homes {
    fn len(self) -> usize {
        1 << self.0
    }

    /// Where a hash should stand. Hashes are spread evenly; the larger of two never stands before the smaller.
    fn of(self, hash: u64) -> usize {
        let at = u128::from(hash) << self.0 >> 64;
        usize::try_from(at).unwrap_or(0)
    }
}

impl Newest {
    /// `slots` is a power of two.
    fn with_slots(slots: usize) -> Self {
        Self {
            slots: vec![0; slots],
            home: Homes(slots.trailing_zeros()),
            len: 0,
            zero: false,
        }
    }

    fn touch(&self, hash: u64) -> u64 {
        let slot = self.slots.get(self.home.of(hash));
        slot.copied().unwrap_or_default()
    }

    /// Where `hash` can be put; `None`: it is there already.
    fn free(&self, hash: u64) -> Option<usize> {
        if hash == 0 {
            return (!self.zero).then_some(0);
        }
        let home = self.home.of(hash);
        let behind = self.slots.get(home..).unwrap_or_default();
        for (at, slot) in behind.iter().enumerate() {
            if *slot == hash {
                return None;
            }
            if *slot == 0 {
                return Some(home + at);
            }
        }
        Some(self.slots.len())
    }

    fn put(&mut self, hash: u64, free: usize) {
        self.len += 1;
        if hash == 0 {
            self.zero = true;
            return;
        }
        match self.slots.get_mut(free) {
            Some(slot) => *slot = hash,
            None => self.slots.push(hash),
        }
        if self.len * 4 >= self.home.len() * 3 && self.home.len() < SLOTS {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let mut larger = Self::with_slots((self.home.len() * 8).clamp(1 << 10, SLOTS));
        for hash in self.sorted() {
            if let Some(free) = larger.free(hash) {
                larger.put(hash, free);
            }
        }
        *self = larger;
    }

    fn sorted(&self) -> Vec<u64> {
        let mut sorted = Vec::with_capacity(self.len);
        sorted.extend(self.zero.then_some(0));
        for together in self.slots.split(|slot| *slot == 0) {
            let from = sorted.len();
            sorted.extend_from_slice(together);
            sorted.get_mut(from..).unwrap_or_default().sort_unstable();
        }
        sorted
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
    filter: Filter,
}

impl Run {
    fn write(len: usize, sorted: impl Iterator<Item = io::Result<u64>>) -> io::Result<Self> {
        let mut filter = Filter::with_capacity(len);
        let mut out = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        for hash in sorted {
            let hash = hash?;
            filter.insert(hash);
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
        if !self.filter.contains(hash) {
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

/// A Bloom filter whose bits of one hash lie in one line of the processor's cache (Putze et al. 2007): asked about
/// each record of a file, it costs one look at memory. Of 11 bits a hash, one answer in a hundred is wrong.
struct Filter(Vec<[u64; 8]>);

impl Filter {
    const BITS: usize = 11;

    fn with_capacity(hashes: usize) -> Self {
        Self(vec![[0; 8]; (hashes * Self::BITS).div_ceil(512).max(1)])
    }

    /// The block, and what chooses one bit in each of its eight words.
    fn place(&self, hash: u64) -> (usize, u64) {
        // Runs hold hashes in order: the block must not follow it, or the bits would say nothing beside it.
        let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = (u128::from(mixed) * self.0.len() as u128) >> 64;
        let bits = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        (usize::try_from(at).unwrap_or(0), bits >> 16)
    }

    fn touch(&self, hash: u64) -> u64 {
        let block = self.0.get(self.place(hash).0);
        block.map_or(0, |block| block[0])
    }

    fn insert(&mut self, hash: u64) {
        let (at, bits) = self.place(hash);
        if let Some(block) = self.0.get_mut(at) {
            for (n, word) in block.iter_mut().enumerate() {
                *word |= 1 << ((bits >> (6 * n)) & 63);
            }
        }
    }

    fn contains(&self, hash: u64) -> bool {
        let (at, bits) = self.place(hash);
        self.0.get(at).is_some_and(|block| {
            let all = block.iter().enumerate();
            all.fold(1, |all, (n, word)| all & (word >> ((bits >> (6 * n)) & 63))) & 1 == 1
        })
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

    #[test]
    fn a_filter_knows_what_it_holds_and_little_else() {
        let mut filter = Filter::with_capacity(10_000);
        (0..10_000).for_each(|n| filter.insert(hash(n)));
        assert!((0..10_000).all(|n| filter.contains(hash(n))));
        let wrong = (10_000..110_000).filter(|n| filter.contains(hash(*n)));
        assert!(wrong.count() < 1_500);
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
