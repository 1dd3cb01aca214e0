//! Lines that an order no longer has, because a later upload tells the order without them.
//!
//! An order is one by its number and its day: what was booked on another day under its number stays. Files that hold each
//! order whole replace it. Of others the end may stand in the middle of an order, so they replace what another upload told
//! of it only where the two have a line in common, of the same time.

use crate::error::LakeError;
use ingest::{StableHash, Telling};
use polars::prelude::*;

/// What one line of one upload tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    order: u64,
    day: i32,
    /// The upload's place among all.
    seq: i64,
    key: i64,
    at: i64,
    tells: i32,
    /// The file it stands in, and its row there.
    place: (usize, usize),
}

/// Columns of silver that are needed.
pub(super) const COLUMNS: &[&str] = &["order_id", "day", "upload_seq", "key", "at", "tells"];

/// What the rows of silver's `file`-th file tell.
pub(super) fn read(frame: &DataFrame, file: usize, into: &mut Vec<Told>) -> Result<(), LakeError> {
    let orders = frame.column("order_id")?.str()?;
    let long = |name: &str| Ok::<_, LakeError>(frame.column(name)?.i64()?);
    let int = |name: &str| Ok::<_, LakeError>(frame.column(name)?.i32()?);
    let (seqs, keys, times) = (long("upload_seq")?, long("key")?, long("at")?);
    let (days, tells) = (int("day")?, int("tells")?);
    into.extend((0..frame.height()).map(|row| Told {
        order: StableHash::default().optional(orders.get(row)).finish(),
        day: days.get(row).unwrap_or_default(),
        seq: seqs.get(row).unwrap_or_default(),
        key: keys.get(row).unwrap_or_default(),
        at: times.get(row).unwrap_or_default(),
        tells: tells.get(row).unwrap_or_default(),
        place: (file, row),
    }));
    Ok(())
}

/// Of each row of files of these heights, whether its order lost it.
pub(super) fn lost(mut lines: Vec<Told>, heights: &[usize]) -> Vec<Vec<bool>> {
    let mut lost: Vec<Vec<bool>> = heights.iter().map(|rows| vec![false; *rows]).collect();
    lines.sort_unstable();
    for order in lines.chunk_by(|a, b| (a.order, a.day) == (b.order, b.day)) {
        let uploads: Vec<&[Told]> = order.chunk_by(|a, b| a.seq == b.seq).collect();
        for (at, own) in uploads.iter().enumerate() {
            let mut later = uploads.iter().skip(at + 1);
            if !later.any(|later| replaces(later, own)) {
                continue;
            }
            for Told {
                place: (file, row), ..
            } in *own
            {
                if let Some(slot) = lost.get_mut(*file).and_then(|of| of.get_mut(*row)) {
                    *slot = true;
                }
            }
        }
    }
    lost
}

/// Whether what `later` tells of an order is told instead of what `own` does. Both stand by their keys.
fn replaces(later: &[Told], own: &[Told]) -> bool {
    let tells = later.first().map_or(0, |line| line.tells);
    if tells == Telling::Orders as i32 {
        return true;
    }
    tells == Telling::Parts as i32
        && own.iter().any(|line| {
            let same = later.binary_search_by_key(&(line.key, line.at), |l| (l.key, l.at));
            same.is_ok()
        })
}
