//! Randomness that is the same on every machine and in every version: xoshiro256++ (Blackman, Vigna 2019),
//! seeded by SplitMix64, and integer arithmetic only (logarithms differ in the last bit between platforms).

#[derive(Clone, Debug)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// Streams of one seed are independent of each other: more draws for one purpose change no other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut state = seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Self([next(), next(), next(), next()])
    }

    pub(crate) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// `0..n`, by multiplication (the bias of 2^-64 n is of no matter here).
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// True in `per_mille` of 1000 cases.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// An index by weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut at = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            match at.checked_sub(u64::from(*weight)) {
                Some(rest) => at = rest,
                None => return index,
            }
        }
        weights.len().saturating_sub(1)
    }

    /// An index by cumulated weights (the last is the total).
    pub(crate) fn cumulated(&mut self, sums: &[u64]) -> usize {
        let total = sums.last().copied().unwrap_or_default();
        let at = self.below(total);
        sums.partition_point(|sum| *sum <= at)
    }

    /// Exponentially distributed with this mean, at least 1.
    pub(crate) fn exponential(&mut self, mean: u64) -> u64 {
        (EXPONENTIAL[self.index(EXPONENTIAL.len())] * mean / 1000 + self.below(1 + mean / 16))
            .max(1)
    }
}

/// -ln(1 - (i + 1/2) / 64) in thousandths.
const EXPONENTIAL: [u64; 64] = [
    8, 24, 40, 56, 73, 90, 107, 125, 143, 161, 179, 198, 217, 237, 257, 277, 298, 319, 341, 363,
    386, 409, 433, 458, 483, 508, 535, 562, 589, 618, 647, 678, 709, 741, 774, 809, 845, 882, 920,
    960, 1002, 1045, 1091, 1138, 1188, 1241, 1297, 1356, 1418, 1485, 1556, 1633, 1717, 1808, 1908,
    2019, 2144, 2287, 2454, 2655, 2906, 3243, 3753, 4852,
];
