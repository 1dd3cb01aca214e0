//! What became of a figure since the period it is compared with.

use super::number::ratio_percent;
use crate::Locale;
use types::Micros;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    Flat,
    /// Compared with nothing: there is no percentage of zero.
    New,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub direction: Direction,
    /// `(now - before) / |before|`; `None` when `before` is zero, or the ratio fits no number.
    pub ratio: Option<Micros>,
}

pub fn change(before: Micros, now: Micros) -> Change {
    let direction = match () {
        () if now == before => Direction::Flat,
        () if before == Micros::ZERO => Direction::New,
        () if now > before => Direction::Up,
        () => Direction::Down,
    };
    let ratio = match direction {
        Direction::Flat => Some(Micros::ZERO),
        Direction::New => None,
        Direction::Up | Direction::Down => now
            .0
            .checked_sub(before.0)
            .zip(before.0.checked_abs())
            .and_then(|(difference, base)| Micros(difference).checked_ratio(Micros(base))),
    };
    Change { direction, ratio }
}

/// `+12.3%`, `−4.0%`, `0.0%`, or the word for "new".
pub fn change_text(change: &Change, locale: Locale) -> String {
    match (change.direction, change.ratio) {
        (Direction::New, _) => match locale {
            Locale::en => "new",
            Locale::zh => "新增",
            Locale::es => "nuevo",
            Locale::ar => "جديد",
        }
        .to_owned(),
        (Direction::Up, Some(ratio)) => format!("+{}", ratio_percent(ratio, locale)),
        (_, Some(ratio)) => ratio_percent(ratio, locale),
        (_, None) => super::DASH.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_sign_of_the_ratio_is_the_direction(before in any::<i64>(), now in any::<i64>()) {
            let c = change(Micros(before), Micros(now));
            let agrees = match (c.direction, c.ratio) {
                // A change of less than half a millionth rounds to none.
                (Direction::Up, Some(r)) => r.0 >= 0,
                (Direction::Down, Some(r)) => r.0 <= 0,
                (Direction::Flat, Some(r)) => r.0 == 0,
                (Direction::New, None) => before == 0,
                // Too large for a number: never for amounts a shop has.
                (_, None) => before.unsigned_abs() > 1_000_000 || now.unsigned_abs() > 1_000_000,
                (Direction::New, Some(_)) => false,
            };
            prop_assert!(agrees, "{:?}", c);
        }

        #[test]
        fn adding_the_ratio_gives_what_is_now(before in 1_i64..1_000_000_000, now in 0_i64..1_000_000_000) {
            let c = change(Micros(before), Micros(now));
            let r = c.ratio.map(|r| i128::from(r.0)).unwrap_or_default();
            let back = i128::from(before) + i128::from(before) * r / 1_000_000;
            prop_assert!((back - i128::from(now)).abs() <= i128::from(before) / 1_000_000 + 1);
        }
    }

    #[test]
    fn said_in_words() {
        let text = |before: i64, now: i64, l| change_text(&change(Micros(before), Micros(now)), l);
        assert_eq!(text(1_000, 1_123, Locale::en), "+12.3%");
        assert_eq!(text(1_000, 960, Locale::es), "−4,0\u{a0}%");
        assert_eq!(text(0, 5, Locale::en), "new");
        assert_eq!(text(0, 0, Locale::en), "0.0%");
        assert_eq!(text(-1_000, -500, Locale::en), "+50.0%");
    }
}
