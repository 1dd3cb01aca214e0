//! Lines that an order no longer has, because a later upload tells the order without them.
//!
//! An order is one by its number and its day: what was booked on another day under its number stays, and so do numbers
//! that begin anew. Files that hold each order whole replace it; where one of the lines that were told on a day stands on
//! another day now, the order moved, and all that was told on the day is gone with it. Of other files the end may stand
//! in the middle of an order, so they replace what another upload told of it only where the two have a line in common, of
//! the same time.

use crate::{error::LakeError, spread::Places};
use ingest::{StableHash, Telling};
use polars::prelude::*;

/// What one line of one upload tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub order: u64,
    pub day: i32,
    /// The upload's place among all.
    pub seq: i64,
    pub key: i64,
    pub at: i64,
    pub tells: i32,
    /// A later upload that holds each order whole has the line in another month.
    pub moved: bool,
    /// The file it stands in, and its row there.
    pub place: (usize, usize),
}

/// Columns of silver that are needed.
pub(crate) const COLUMNS: &[&str] = &["order_id", "day", "upload_seq", "key", "at", "tells"];

/// What stands for an order's number.
pub(crate) fn order(number: Option<&str>) -> u64 {
    StableHash::default().optional(number).finish()
}

/// What the rows of silver's `file`-th file of a month tell.
pub(crate) fn read(
    frame: &DataFrame,
    file: usize,
    (places, month): (&Places, i32),
    into: &mut Vec<Told>,
) -> Result<(), LakeError> {
    let orders = frame.column("order_id")?.str()?;
    let long = |name: &str| Ok::<_, LakeError>(frame.column(name)?.i64()?);
    let int = |name: &str| Ok::<_, LakeError>(frame.column(name)?.i32()?);
    let (seqs, keys, times) = (long("upload_seq")?, long("key")?, long("at")?);
    let (days, tells) = (int("day")?, int("tells")?);
    into.extend((0..frame.height()).map(|row| {
        let (key, seq) = (
            keys.get(row).unwrap_or_default(),
            seqs.get(row).unwrap_or_default(),
        );
        Told {
            order: order(orders.get(row)),
            day: days.get(row).unwrap_or_default(),
            seq,
            key,
            at: times.get(row).unwrap_or_default(),
            tells: tells.get(row).unwrap_or_default(),
            moved: places.moved(key, month, seq),
            place: (file, row),
        }
    }));
    Ok(())
}

/// Of each row of files of these heights, whether its order lost it.
pub(crate) fn lost(mut lines: Vec<Told>, heights: &[usize]) -> Vec<Vec<bool>> {
    let mut lost: Vec<Vec<bool>> = heights.iter().map(|rows| vec![false; *rows]).collect();
    lines.sort_unstable();
    for order in lines.chunk_by(|a, b| a.order == b.order) {
        let days: Vec<&[Told]> = order.chunk_by(|a, b| a.day == b.day).collect();
        let moves = days.len() > 1 && order.iter().any(tells_whole);
        for day in days {
            let uploads: Vec<&[Told]> = day.chunk_by(|a, b| a.seq == b.seq).collect();
            for (at, own) in uploads.iter().enumerate() {
                let mut later = uploads.iter().skip(at + 1);
                let gone = later.any(|later| replaces(later, own))
                    || own.iter().any(|line| line.moved)
                    || moves && order.iter().any(|line| moves_from(line, own));
                if !gone {
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
    }
    lost
}

fn tells_whole(line: &Told) -> bool {
    line.tells == Telling::Orders as i32
}

/// Whether `line` is one of `own`, which one upload told of a day, and stands on another day now.
fn moves_from(line: &Told, own: &[Told]) -> bool {
    own.first()
        .is_some_and(|first| line.day != first.day && line.seq > first.seq)
        && tells_whole(line)
        && own.binary_search_by_key(&line.key, |own| own.key).is_ok()
}

/// Whether what `later` tells of an order's day is told instead of what `own` does. Both stand by their keys.
fn replaces(later: &[Told], own: &[Told]) -> bool {
    if later.first().is_some_and(tells_whole) {
        return true;
    }
    let tells = later.first().map_or(0, |line| line.tells);
    tells == Telling::Parts as i32
        && own.iter().any(|line| {
            let same = later.binary_search_by_key(&(line.key, line.at), |l| (l.key, l.at));
            same.is_ok()
        })
}
