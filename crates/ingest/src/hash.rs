//! A fixed 64-bit hash: the same bytes give the same number in every build, on every machine, for ever.
//!
//! Hashes are stored beside the rows they describe, so neither the standard library's hasher (unspecified) nor a
//! dependency's (free to change) will do. Folded 64x64 multiplication, as wyhash does it; not cryptographic.

const K0: u64 = 0xa076_1d64_78bd_642f;
const K1: u64 = 0xe703_7ed1_a0b4_28db;
const K2: u64 = 0x8ebc_6af0_9c88_c6e3;

/// Feeds values one after another; each text is closed by its length, so `("ab", "c")` differs from `("a", "bc")`.
#[derive(Clone, Copy, Debug)]
pub struct StableHash(u64);

impl Default for StableHash {
    fn default() -> Self {
        Self(K2)
    }
}

impl StableHash {
    #[inline]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.0 = fold(self.0 ^ u64::from_le_bytes(word), K0);
        }
        self.0 = fold(self.0 ^ rest(chunks.remainder()), K1);
        self.0 = fold(self.0 ^ bytes.len() as u64, K2);
        self
    }

    #[inline]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Nothing is not the same as an empty text.
    #[inline]
    pub fn optional(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.int(1).text(text),
            None => self.int(0),
        }
    }

    #[inline]
    pub fn int(mut self, n: i64) -> Self {
        self.0 = fold(self.0 ^ n as u64, K1);
        self
    }

    pub fn finish(self) -> u64 {
        fold(self.0 ^ K1, K0)
    }
}

/// A hash that is kept nowhere, of a text of many bytes: two words at a time, as wyhash takes them.
pub(crate) fn passing(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<8>();
    let (pairs, odd) = words.as_chunks::<2>();
    let mut hash = K2 ^ bytes.len() as u64;
    for [a, b] in pairs {
        hash = fold(hash ^ u64::from_le_bytes(*a), K0 ^ u64::from_le_bytes(*b));
    }
    for word in odd {
        hash = fold(hash ^ u64::from_le_bytes(*word), K0);
    }
    fold(fold(hash ^ rest(tail), K1), K0)
}

/// Up to seven bytes as a number, the first the lowest: without a loop, since nearly every text ends in some.
fn rest(bytes: &[u8]) -> u64 {
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        return u64::from(head) | u64::from(tail) << (8 * (bytes.len() - 4));
    }
    let byte = |at: usize| bytes.get(at).map_or(0, |b| u64::from(*b) << (8 * at));
    byte(0) | byte(1) | byte(2)
}

fn fold(a: u64, b: u64) -> u64 {
    // A zero operand would swallow everything fed before it.
    let product = u128::from(if a == 0 { K2 } else { a }) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_for_ever() {
        let empty = StableHash::default().text("").finish();
        let line = StableHash::default()
            .text("536365")
            .text("85123A")
            .int(6_000_000)
            .finish();
        assert_eq!(
            (empty, line),
            (GOLDEN_EMPTY, GOLDEN_LINE),
            "stored hashes depend on this: never change it, add a second version instead"
        );
    }

    const GOLDEN_EMPTY: u64 = 8_484_052_383_995_078_176;
    const GOLDEN_LINE: u64 = 11_819_405_714_798_903_863;

    #[test]
    fn the_rest_of_a_text_is_its_bytes_and_nothing_else() {
        let bytes = [0x81, 2, 0xf3, 4, 5, 0x96, 7];
        for length in 0..=bytes.len() {
            let mut word = [0; 8];
            word[..length].copy_from_slice(&bytes[..length]);
            assert_eq!(rest(&bytes[..length]), u64::from_le_bytes(word), "{length}");
        }
    }

    #[test]
    fn borders_between_texts_count() {
        let of = |a: &str, b: &str| StableHash::default().text(a).text(b).finish();
        assert_ne!(of("ab", "c"), of("a", "bc"));
        assert_ne!(of("", "a"), of("a", ""));
        assert_ne!(
            StableHash::default().optional(None).finish(),
            StableHash::default().optional(Some("")).finish()
        );
    }
}
