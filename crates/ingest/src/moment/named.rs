//! Dates with the month's name, in the languages shops export in.

use super::{Moment, date_of, digit, full_year, take_digits, with_time};

const MONTHS: [&[&str]; 12] = [
    &[
        "jan",
        "ene",
        "janv",
        "januar",
        "january",
        "enero",
        "janvier",
        "jän",
        "janeiro",
        "gen",
        "ينا",
        "يناير",
    ],
    &[
        "feb",
        "febr",
        "février",
        "fevr",
        "févr",
        "februar",
        "february",
        "febrero",
        "fév",
        "fevereiro",
        "فبر",
        "فبراير",
    ],
    &[
        "mar", "mär", "mrz", "mars", "march", "marzo", "märz", "março", "مار", "مارس",
    ],
    &[
        "apr",
        "abr",
        "avr",
        "april",
        "abril",
        "avril",
        "أبر",
        "أبريل",
        "ابريل",
    ],
    &["may", "mai", "mayo", "maio", "mag", "ماي", "مايو"],
    &[
        "jun",
        "june",
        "juni",
        "junio",
        "juin",
        "junho",
        "giu",
        "يون",
        "يونيو",
    ],
    &[
        "jul",
        "july",
        "juli",
        "julio",
        "juil",
        "juillet",
        "julho",
        "lug",
        "يول",
        "يوليو",
    ],
    &[
        "aug",
        "ago",
        "août",
        "aout",
        "august",
        "agosto",
        "أغس",
        "أغسطس",
        "اغسطس",
    ],
    &[
        "sep",
        "sept",
        "set",
        "september",
        "septiembre",
        "septembre",
        "setembro",
        "سبت",
        "سبتمبر",
    ],
    &[
        "oct",
        "okt",
        "out",
        "october",
        "oktober",
        "octubre",
        "octobre",
        "outubro",
        "ott",
        "أكت",
        "أكتوبر",
        "اكتوبر",
    ],
    &[
        "nov",
        "november",
        "noviembre",
        "novembre",
        "novembro",
        "نوف",
        "نوفمبر",
    ],
    &[
        "dec",
        "dic",
        "dez",
        "déc",
        "december",
        "dezember",
        "diciembre",
        "décembre",
        "dezembro",
        "ديس",
        "ديسمبر",
    ],
];

fn month(word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS
        .iter()
        .position(|names| names.contains(&word.as_str()))?;
    i64::try_from(at + 1).ok()
}

pub(super) fn named(text: &str) -> Option<Moment> {
    if !text.contains(char::is_alphabetic) {
        return None;
    }
    let (mut found, mut before, mut after) = (None, Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '-', '/', ',', '.', '\u{A0}']);
        let Some(ch) = rest.chars().next() else { break };
        if digit(ch).is_some() {
            let (value, width, next) = take_digits(rest)?;
            // A clock begins here.
            if next.starts_with(':') {
                break;
            }
            let next = ["st", "nd", "rd", "th", "º", "°"]
                .iter()
                .find_map(|suffix| next.strip_prefix(suffix))
                .unwrap_or(next);
            if found.is_some() {
                &mut after
            } else {
                &mut before
            }
            .push((value, width));
            rest = next;
            if before.len() + after.len() == 2 && found.is_some() {
                break;
            }
        } else if ch.is_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(rest.len());
            let (word, next) = rest.split_at(end);
            match month(word) {
                Some(month) if found.is_none() => found = Some(month),
                // A weekday in front, `de` between.
                _ if found.is_none() && before.is_empty()
                    || matches!(word, "de" | "of" | "del") => {}
                _ => return None,
            }
            rest = next;
        } else {
            return None;
        }
    }
    let month = found?;
    let (day, year) = match (before.as_slice(), after.as_slice()) {
        ([(year, 4)], [(day, _)]) => (*day, *year),
        ([(day, _)], [(year, width)]) | ([], [(day, _), (year, width)]) => {
            (*day, full_year(*year, *width)?)
        }
        _ => return None,
    };
    with_time(date_of(year, month, day)?, rest)
}
