//! The how manieth line of its order with its product a line is.
//!
//! The lines of an order mostly stand together: then only the order at hand and the numbers of those before need to be
//! looked at. An order that comes back after others is looked for among all lines so far; where that happens often, each
//! line is from then on.

use crate::corrected::Occurrences;
use crate::seen::Seen;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// Keys and how often each was met. Most are met once.
#[derive(Default)]
pub(crate) struct Met {
    once: Seen,
    again: FxHashMap<u64, u32>,
}

impl Met {
    /// The how manieth this one is, from 1.
    pub fn nth(&mut self, key: u64) -> u32 {
        if self.once.insert(key) {
            return 1;
        }
        let count = self.again.entry(key).or_insert(1);
        *count = count.saturating_add(1);
        *count
    }

    /// # Errors
    /// What must be remembered could not be kept.
    pub fn check(&mut self) -> io::Result<()> {
        self.once.check()
    }
}

/// How often all lines so far may be gone through before each is looked up instead.
const SEARCHES: u64 = 8;

/// What a line is numbered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub order: u64,
    /// Of order and product.
    pub line: u64,
}

#[derive(Default)]
pub(crate) struct Numbering {
    /// The order at hand, and how often it has each product.
    order: Option<u64>,
    here: FxHashMap<u64, u32>,
    begun: Seen,
    log: Log,
    /// Lines that were gone through for orders that came back.
    searched: u64,
    /// In use since that happened too often.
    all: Option<Met>,
    failed: Option<io::Error>,
}

impl Numbering {
    /// Lines of these orders and products have higher numbers.
    pub fn after(&mut self, met: &Occurrences) {
        if met.is_empty() {
            return;
        }
        let mut all = Met::default();
        for (key, times) in met.iter() {
            all.once.insert(key);
            all.again.insert(key, times);
        }
        self.all = Some(all);
    }

    /// The numbers of a batch's lines, in their order. Looked up one right after the other, they are waited for together.
    pub fn number(&mut self, keys: &[Key], mut told: impl FnMut(usize, u32)) {
        let mut from = 0;
        if self.all.is_none() {
            let orders: Vec<u64> = keys.iter().map(|key| key.order).collect();
            self.begun.expect(&orders);
            for (at, key) in keys.iter().enumerate() {
                if self.order != Some(key.order) {
                    self.here.clear();
                    if !self.begun.insert(key.order) {
                        self.searched += self.log.len;
                        if self.searched > SEARCHES * (self.log.len + HELD as u64) {
                            self.all = Some(self.everything());
                            break;
                        }
                        self.find(key.order);
                    }
                    self.order = Some(key.order);
                }
                let nth = self.here.entry(key.line).or_default();
                *nth = nth.saturating_add(1);
                told(at, *nth);
                from = at + 1;
                if let Err(error) = self.log.push(*key) {
                    self.failed.get_or_insert(error);
                }
            }
        }
        if let Some(all) = &mut self.all {
            let keys = keys.get(from..).unwrap_or_default();
            let lines: Vec<u64> = keys.iter().map(|key| key.line).collect();
            all.once.expect(&lines);
            for (at, key) in (from..).zip(lines) {
                told(at, all.nth(key));
            }
        }
    }

    /// How often the order had each product before it came back.
    fn find(&mut self, order: u64) {
        let here = &mut self.here;
        let found = self.log.each(|key| {
            if key.order == order {
                *here.entry(key.line).or_default() += 1;
            }
        });
        if let Err(error) = found {
            self.failed.get_or_insert(error);
        }
    }

    fn everything(&mut self) -> Met {
        let mut all = Met::default();
        let read = std::mem::take(&mut self.log).each(|key| {
            all.nth(key.line);
        });
        self.begun = Seen::default();
        self.here = FxHashMap::default();
        if let Err(error) = read {
            self.failed.get_or_insert(error);
        }
        all
    }

    /// # Errors
    /// What must be remembered could not be kept since the last call.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)?;
        self.begun.check()?;
        self.all.as_mut().map_or(Ok(()), Met::check)
    }
}

/// Keys in the order in which they came: the newest in memory, the others in a temporary file. An order is written once
/// for those of its lines that stand together, with their number and their keys behind it.
#[derive(Default)]
struct Log {
    newest: Vec<u64>,
    /// Where among `newest` the number of the last order's lines stands, and that order.
    last: Option<(usize, u64)>,
    file: Option<File>,
    /// Pieces of `HELD` words in the file.
    pieces: u64,
    /// Keys.
    len: u64,
}

/// Words in memory. Where the next order does not fit, zeros fill them up.
const HELD: usize = 1 << 15;
const WORD: usize = size_of::<u64>();

impl Log {
    fn push(&mut self, key: Key) -> io::Result<()> {
        self.len += 1;
        let together = self.last.filter(|(_, order)| *order == key.order);
        let needed = if together.is_some() { 1 } else { 3 };
        if self.newest.len() + needed > HELD {
            self.write()?;
            self.begin(key);
        } else if let Some((count, _)) = together {
            self.newest.push(key.line);
            if let Some(count) = self.newest.get_mut(count) {
                *count += 1;
            }
        } else {
            self.begin(key);
        }
        Ok(())
    }

    fn begin(&mut self, key: Key) {
        self.newest.extend([key.order, 1, key.line]);
        self.last = Some((self.newest.len() - 2, key.order));
    }

    fn write(&mut self) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        self.newest.resize(HELD, 0);
        let bytes: Vec<u8> = self.newest.drain(..).flat_map(u64::to_le_bytes).collect();
        self.last = None;
        file.write_all(&bytes)?;
        self.file = Some(file);
        self.pieces += 1;
        Ok(())
    }

    fn each(&self, mut take: impl FnMut(Key)) -> io::Result<()> {
        if let Some(file) = &self.file {
            let mut bytes = vec![0; HELD * WORD];
            let length = bytes.len() as u64;
            for piece in 0..self.pieces {
                file.read_exact_at(&mut bytes, piece * length)?;
                let words = bytes.as_chunks::<WORD>().0.iter();
                of_orders(words.map(|word| u64::from_le_bytes(*word)), &mut take);
            }
        }
        of_orders(self.newest.iter().copied(), &mut take);
        Ok(())
    }
}

fn of_orders(mut words: impl Iterator<Item = u64>, take: &mut impl FnMut(Key)) {
    while let (Some(order), Some(count)) = (words.next(), words.next()) {
        for _ in 0..count {
            let Some(line) = words.next() else { return };
            take(Key { order, line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Whether orders stand together, come back or are shuffled.
        #[test]
        fn as_counting_says(
            lines in proptest::collection::vec((0_u64..40, 0_u64..3), 1..200),
            together in 0_usize..200,
            batch in 1_usize..30,
        ) {
            let mut lines = lines;
            let end = together.min(lines.len());
            lines[..end].sort_unstable();
            let keys: Vec<Key> = lines
                .iter()
                .map(|(order, product)| Key { order: order + 1, line: order * 3 + product + 1 })
                .collect();
            let mut numbering = Numbering::default();
            let mut counts: HashMap<u64, u32> = HashMap::new();
            for batch in keys.chunks(batch) {
                let mut found = vec![0; batch.len()];
                numbering.number(batch, |at, nth| found[at] = nth);
                for (key, nth) in batch.iter().zip(found) {
                    let count = counts.entry(key.line).or_default();
                    *count += 1;
                    prop_assert_eq!(nth, *count);
                }
            }
            prop_assert!(numbering.check().is_ok());
        }
    }

    #[test]
    fn a_long_log_is_read_back_and_an_order_that_came_back_is_found_in_it() {
        let key = |n: u64| Key {
            order: n / 3 + 1,
            line: n / 3 * 2 + n % 2,
        };
        let count = HELD as u64 * 3 + 5;
        let keys: Vec<Key> = (0..count).map(key).collect();
        let mut log = Log::default();
        keys.iter().for_each(|key| log.push(*key).unwrap());
        let mut read = Vec::new();
        log.each(|key| read.push(key)).unwrap();
        assert!(read == keys);

        let mut numbering = Numbering::default();
        numbering.number(&keys, |_, _| {});
        let mut found = Vec::new();
        let back = [key(600), key(602), key(601), key(count + 9), key(9)];
        numbering.number(&back, |_, nth| found.push(nth));
        // Each order has its first product twice.
        assert_eq!(found, [3, 4, 2, 1, 3]);
        assert!(numbering.all.is_none());
        assert!(numbering.check().is_ok());
    }
}
