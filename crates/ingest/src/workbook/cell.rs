//! What a cell's number means: a day, a time, a number as the spreadsheet shows it.

use jiff::civil::Date;

/// What a number's format makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    #[default]
    Number,
    /// A day, with a time of day where it has a fraction.
    Date,
    /// Hours beyond a day: a length of time.
    Elapsed,
}

/// Formats that every workbook has without saying so.
pub(crate) fn built_in(id: u32) -> Style {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Style::Date,
        46 => Style::Elapsed,
        _ => Style::Number,
    }
}

/// A format as people write it: `dd/mm/yyyy`, `[$-409]d\-mmm\-yy;@`, `#,##0.00 "EUR"`.
pub(crate) fn custom(code: &str) -> Style {
    let mut chars = code.chars().peekable();
    let mut date = false;
    while let Some(ch) = chars.next() {
        match ch {
            '"' => {
                chars.by_ref().take_while(|c| *c != '"').for_each(drop);
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inner: String = chars
                    .by_ref()
                    .take_while(|c| *c != ']')
                    .flat_map(char::to_lowercase)
                    .collect();
                if !inner.is_empty() && inner.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    return Style::Elapsed;
                }
            }
            // Other sections are for negative numbers and text.
            ';' => break,
            '0' | '#' | '?' if !date => return Style::Number,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => date = true,
            'G' | 'g'
                if chars
                    .clone()
                    .collect::<String>()
                    .to_lowercase()
                    .starts_with("eneral") =>
            {
                return Style::Number;
            }
            _ => {}
        }
    }
    if date { Style::Date } else { Style::Number }
}

/// Days since 1899-12-30 as a date, with a time where there is one. Below 1: a time of day.
pub(crate) fn date(serial: f64, from_1904: bool) -> Option<String> {
    let serial = if from_1904 { serial + 1462.0 } else { serial };
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let (mut days, mut seconds) = (
        serial.floor() as i64,
        (serial.fract() * 86_400.0).round() as i64,
    );
    if seconds == 86_400 {
        (days, seconds) = (days + 1, 0);
    }
    let time = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if days == 0 {
        return Some(time);
    }
    // Spreadsheets believe that 1900 had a 29 February.
    let days = if days < 60 && !from_1904 {
        days + 1
    } else {
        days
    };
    let span = jiff::Span::new().try_days(days).ok()?;
    let day = Date::constant(1899, 12, 30).checked_add(span).ok()?;
    Some(if seconds == 0 {
        day.to_string()
    } else {
        format!("{day} {time}")
    })
}

/// Spreadsheets keep 15 digits, and files hold what binary arithmetic left of them.
pub(crate) fn number(text: &str) -> String {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    if plain && digits <= 15 {
        return text.to_owned();
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => format!("{n:.14e}")
            .parse::<f64>()
            .map_or_else(|_| text.to_owned(), |n| n.to_string()),
        _ => text.to_owned(),
    }
}

/// `BC12` is column 54 (from 0) of row 12.
pub(crate) fn place(reference: &str) -> Option<(usize, u64)> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let (column, row) = reference.split_at_checked(letters)?;
    if letters == 0 || letters > 3 {
        return None;
    }
    let column = column.bytes().fold(0_usize, |n, b| {
        n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1
    });
    Some((column - 1, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates() {
        for (code, want) in [
            ("General", Style::Number),
            ("0.00", Style::Number),
            ("#,##0.00 \"days\"", Style::Number),
            ("[$€-407] #,##0.00", Style::Number),
            ("dd/mm/yyyy", Style::Date),
            ("[$-409]d\\-mmm\\-yy;@", Style::Date),
            ("yyyy\\-mm\\-dd hh:mm", Style::Date),
            ("[h]:mm", Style::Elapsed),
            ("[Red]0.0", Style::Number),
            ("@", Style::Number),
            ("0%", Style::Number),
            ("mm:ss.0", Style::Date),
        ] {
            assert_eq!(custom(code), want, "{code}");
        }
    }

    #[test]
    fn numbers_as_shown() {
        assert_eq!(date(45_355.0, false).as_deref(), Some("2024-03-04"));
        assert_eq!(
            date(45_355.416_666_666_664, false).as_deref(),
            Some("2024-03-04 10:00:00")
        );
        assert_eq!(date(43_893.0, true).as_deref(), Some("2024-03-04"));
        assert_eq!(date(0.5, false).as_deref(), Some("12:00:00"));
        assert_eq!(date(1.0, false).as_deref(), Some("1900-01-01"));
        assert_eq!(date(-1.0, false), None);
        assert_eq!(number("19.989999999999998"), "19.99");
        assert_eq!(number("1.2345678901E10"), "12345678901");
        assert_eq!(number("4.50"), "4.50");
        assert_eq!(place("BC12"), Some((54, 12)));
        assert_eq!(place("12"), None);
    }
}
