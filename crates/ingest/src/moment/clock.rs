//! The time of day and the offset behind a date.

use super::take_digits;

/// `8:26`, `08:26:00.000`, `8:26 PM`, each with or without an offset: microseconds, offset, what follows.
pub(super) fn clock(text: &str) -> Option<(i64, Option<i32>, &str)> {
    let (morning, text) = match text.strip_prefix("上午") {
        Some(rest) => (Some(true), rest),
        None => match text.strip_prefix("下午") {
            Some(rest) => (Some(false), rest),
            None => (None, text),
        },
    };
    let (mut hour, width, rest) = take_digits(text)?;
    let mark = rest.chars().next()?;
    if width > 2 || !matches!(mark, ':' | 'h' | '.' | '時' | '时') {
        return None;
    }
    let (minute, width, rest) = take_digits(rest.get(mark.len_utf8()..)?)?;
    if width != 2 {
        return None;
    }
    let (mut second, mut micros, mut rest) = (0, 0, rest);
    if let Some(after) = rest.strip_prefix([':', '.'])
        && let Some((value, 2, after)) = take_digits(after)
    {
        (second, rest) = (value, after);
        if let Some(after) = rest.strip_prefix(['.', ','])
            && let Some((value, width, after)) = take_digits(after)
        {
            micros = match u32::try_from(width).ok()? {
                width @ 0..=6 => value * 10_i64.pow(6 - width),
                width => value / 10_i64.pow(width - 6),
            };
            rest = after;
        }
    }
    let mut rest = rest.trim_start();
    let mut morning = morning;
    for (word, is_morning) in [
        ("AM", true),
        ("PM", false),
        ("am", true),
        ("pm", false),
        ("a.m.", true),
        ("p.m.", false),
        ("a. m.", true),
        ("p. m.", false),
        ("Am", true),
        ("Pm", false),
        ("ص", true),
        ("م", false),
    ] {
        if let Some(after) = rest.strip_prefix(word) {
            (morning, rest) = (Some(is_morning), after.trim_start());
            break;
        }
    }
    if let Some(morning) = morning {
        if !(1..=12).contains(&hour) {
            // `13:05 PM` is what some shops write; the hour already says it.
            if hour > 23 || morning {
                return None;
            }
        } else {
            hour = hour % 12 + if morning { 0 } else { 12 };
        }
    }
    // Day's end written as 24:00 is not a time anyone books a sale at.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (offset, rest) = offset(rest)?;
    let time = ((hour * 60 + minute) * 60 + second.min(59)) * 1_000_000 + micros;
    Some((time, offset, rest))
}

const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("z", 0),
    ("PST", -8),
    ("PDT", -7),
    ("MST", -7),
    ("MDT", -6),
    ("CST", -6),
    ("CDT", -5),
    ("EST", -5),
    ("EDT", -4),
    ("BST", 1),
    ("CEST", 2),
    ("CET", 1),
    ("EEST", 3),
    ("EET", 2),
    ("WEST", 1),
    ("WET", 0),
    ("MESZ", 2),
    ("MEZ", 1),
    ("JST", 9),
    ("IST", 0),
];

fn offset(text: &str) -> Option<(Option<i32>, &str)> {
    let text = text.trim();
    if text.is_empty() {
        return Some((None, text));
    }
    let mut base = None;
    let mut rest = text;
    if let Some((name, hours)) = ZONES.iter().find(|(name, _)| {
        text.strip_prefix(name)
            .is_some_and(|after| !after.starts_with(char::is_alphabetic))
    }) {
        // India's and Israel's clocks share these letters.
        if *name == "IST" {
            return None;
        }
        base = Some(hours * 3600);
        rest = text.get(name.len()..)?;
    }
    let sign = match rest.chars().next() {
        Some('+') => 1,
        Some('-' | '\u{2212}') => -1,
        None => return Some((base, rest)),
        _ => return None,
    };
    let rest = rest.trim_start_matches(['+', '-', '\u{2212}']);
    let (value, width, rest) = take_digits(rest)?;
    let (hours, minutes, rest) = match (width, rest.strip_prefix(':')) {
        (1 | 2, Some(after)) => {
            let (minutes, 2, after) = take_digits(after)? else {
                return None;
            };
            (value, minutes, after)
        }
        (1 | 2, None) => (value, 0, rest),
        (4, None) => (value / 100, value % 100, rest),
        _ => return None,
    };
    if hours > 14 || minutes > 59 || base.is_some_and(|b| b != 0) {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((Some(sign * seconds), rest.trim()))
}
