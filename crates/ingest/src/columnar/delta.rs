//! Texts written as what they add to the one before: how many a page says it has, before room is made for them.
//!
//! The decoders take the number from the bytes and make room for all at once; a failed allocation ends the process.
//! Layout: <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use super::thrift::{Compact, Wrong};

/// Delta-encoded lengths, and behind them the bytes of the texts.
pub(crate) const LENGTHS: i32 = 6;
/// As [`LENGTHS`], before them how much each text shares with the one before.
pub(crate) const PREFIXES: i32 = 7;

/// Whether no list of lengths in `values`, a page's without its levels, says that it has more than `most`.
pub(crate) fn holds(values: &[u8], encoding: i32, most: u64) -> bool {
    let lists = match encoding {
        LENGTHS => 1,
        PREFIXES => 2,
        _ => return true,
    };
    let mut compact = Compact::new(values);
    (0..lists).all(|_| numbers(&mut compact, most).is_ok())
}

/// Steps over numbers in DELTA_BINARY_PACKED.
fn numbers(compact: &mut Compact<'_>, most: u64) -> Result<(), Wrong> {
    let block = compact.varint()?;
    let parts = compact.varint()?;
    let count = compact.varint()?;
    compact.varint()?;
    if count > most || parts == 0 || parts > block || !block.is_multiple_of(parts) {
        return Err(Wrong::Malformed);
    }
    let of_part = block / parts;
    // The first stands in the header.
    let mut left = count.saturating_sub(1);
    while left > 0 {
        compact.varint()?;
        let widths = compact.take(parts)?;
        for bits in widths {
            if left == 0 {
                break;
            }
            left = left.saturating_sub(of_part);
            let bits = of_part.checked_mul(u64::from(*bits));
            compact.step(bits.ok_or(Wrong::Malformed)? / 8)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unsigned LEB128.
    fn varint(mut n: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while n > 0x7f {
            bytes.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        bytes.push(n as u8);
        bytes
    }

    /// So many numbers that are all equal: parts of no bits.
    fn equal(count: u64) -> Vec<u8> {
        let mut bytes = [varint(128), varint(4), varint(count), varint(6)].concat();
        for _ in 0..count.saturating_sub(1).div_ceil(128) {
            bytes.extend([0; 5]);
        }
        bytes
    }

    #[test]
    fn a_list_is_as_long_as_it_says_or_is_refused() {
        let lengths = [equal(300), vec![b'x'; 900]].concat();
        assert!(holds(&lengths, LENGTHS, 300));
        assert!(!holds(&lengths, LENGTHS, 299));
        assert!(!holds(&lengths[..8], LENGTHS, 300));
        let prefixes = [equal(300), lengths].concat();
        assert!(holds(&prefixes, PREFIXES, 300));
        let lie = [equal(1), varint(128), varint(4), varint(24_734_775_570)].concat();
        assert!(!holds(&lie, PREFIXES, 300));
        assert!(holds(&lie, 0, 300));
    }
}
