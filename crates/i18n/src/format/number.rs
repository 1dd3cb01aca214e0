//! Numbers: grouping, decimals, short forms, money, percentages.

use super::{MINUS, NBSP, symbols};
use crate::Locale;
use types::{Currency, Micros};

/// All digits, or about three of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `€1,234.50`: with the currency's own decimals.
    Full,
    /// `€12.4k`: for axes and narrow places.
    Short,
}

struct Marks {
    decimal: char,
    group: char,
    /// Spanish writes 1234 but 12.345.
    ungrouped_up_to: usize,
}

fn marks(locale: Locale) -> Marks {
    match locale {
        Locale::en | Locale::zh | Locale::ar => Marks {
            decimal: '.',
            group: ',',
            ungrouped_up_to: 3,
        },
        Locale::es => Marks {
            decimal: ',',
            group: '.',
            ungrouped_up_to: 4,
        },
    }
}

/// What a short number is counted in: the factor and the word after it.
fn scales(locale: Locale) -> &'static [(i128, &'static str)] {
    match locale {
        Locale::en => &[
            (1_000, "k"),
            (1_000_000, "M"),
            (1_000_000_000, "B"),
            (1_000_000_000_000, "T"),
        ],
        Locale::zh => &[
            (10_000, "万"),
            (100_000_000, "亿"),
            (1_000_000_000_000, "万亿"),
        ],
        Locale::es => &[
            (1_000, "\u{a0}mil"),
            (1_000_000, "\u{a0}M"),
            (1_000_000_000, "\u{a0}mil\u{a0}M"),
            (1_000_000_000_000, "\u{a0}B"),
        ],
        Locale::ar => &[
            (1_000, "\u{a0}ألف"),
            (1_000_000, "\u{a0}مليون"),
            (1_000_000_000, "\u{a0}مليار"),
            (1_000_000_000_000, "\u{a0}تريليون"),
        ],
    }
}

/// `magnitude` millionths with `decimals` places (0 to 6), rounded half away from zero, without a sign.
fn digits(magnitude: i128, decimals: u32, trim: bool, locale: Locale) -> String {
    let marks = marks(locale);
    let step = 10_i128.pow(6 - decimals.min(6));
    let rounded = (magnitude + step / 2) / step;
    let unit = 10_i128.pow(decimals.min(6));
    let (whole, fraction) = (rounded / unit, rounded % unit);

    let whole = whole.to_string();
    let mut text = String::with_capacity(whole.len() + 8);
    for (i, digit) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left % 3 == 0 && whole.len() > marks.ungrouped_up_to {
            text.push(marks.group);
        }
        text.push(digit);
    }
    if decimals > 0 {
        let fraction = format!("{fraction:0width$}", width = decimals as usize);
        let fraction = if trim {
            fraction.trim_end_matches('0')
        } else {
            &fraction
        };
        if !fraction.is_empty() {
            text.push(marks.decimal);
            text.push_str(fraction);
        }
    }
    text
}

/// Whether a rounded text still shows anything but zero: `-0.00` is written `0.00`.
fn shows_something(text: &str) -> bool {
    text.bytes().any(|b| (b'1'..=b'9').contains(&b))
}

fn signed(negative: bool, text: String) -> String {
    if negative && shows_something(&text) {
        format!("{MINUS}{text}")
    } else {
        text
    }
}

/// About three digits and the scale word: `12.4k`, `3.4万`.
fn short_digits(magnitude: i128, locale: Locale) -> String {
    let mut chosen: Option<(i128, &str)> = None;
    for &(factor, word) in scales(locale) {
        let below = chosen.map_or(1, |(f, _)| f);
        // What rounds up to this scale belongs to it: 999,500 is 1M, not 1,000k.
        if magnitude >= factor * 1_000_000 - below * 500_000 {
            chosen = Some((factor, word));
        }
    }
    match chosen {
        Some((factor, word)) => {
            let scaled = (magnitude + factor / 2) / factor;
            let decimals = if scaled < 99_950_000 { 1 } else { 0 };
            format!("{}{word}", digits(scaled, decimals, true, locale))
        }
        None => {
            let decimals = if magnitude < 9_995_000 {
                2
            } else if magnitude < 99_950_000 {
                1
            } else {
                0
            };
            digits(magnitude, decimals, true, locale)
        }
    }
}

/// A whole number: `1,204`.
pub fn count(n: i64, locale: Locale) -> String {
    let text = digits(i128::from(n).abs() * 1_000_000, 0, false, locale);
    signed(n < 0, text)
}

/// A whole number in about three digits: `12.4k`.
pub fn count_short(n: i64, locale: Locale) -> String {
    let text = short_digits(i128::from(n).abs() * 1_000_000, locale);
    signed(n < 0, text)
}

/// Pieces, kilos, days: at most three decimals, no trailing zeros: `2.5`.
pub fn quantity(value: Micros, locale: Locale) -> String {
    let text = digits(i128::from(value.0).abs(), 3, true, locale);
    signed(value.0 < 0, text)
}

/// A ratio as a percentage with one decimal: 0.031 is `3.1%`.
pub fn ratio_percent(ratio: Micros, locale: Locale) -> String {
    let text = digits(i128::from(ratio.0).abs() * 100, 1, false, locale);
    let space = if locale == Locale::es { NBSP } else { "" };
    format!("{}{space}%", signed(ratio.0 < 0, text))
}

/// An amount of money. Rounding happens here and nowhere before.
pub fn money(amount: Micros, currency: Currency, locale: Locale, style: Style) -> String {
    let magnitude = i128::from(amount.0).abs();
    let number = match style {
        Style::Full => digits(magnitude, currency.exponent(), false, locale),
        Style::Short => short_digits(magnitude, locale),
    };
    let sign = symbols::sign(&currency, locale);
    let minus = if amount.0 < 0 && shows_something(&number) {
        MINUS
    } else {
        ""
    };
    match locale {
        // A sign of letters alone (CHF, SEK) stands off its number.
        Locale::en | Locale::zh if sign.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("{minus}{sign}{NBSP}{number}")
        }
        Locale::en | Locale::zh => format!("{minus}{sign}{number}"),
        Locale::es if number.ends_with('M') => format!("{minus}{number}{sign}"),
        Locale::es | Locale::ar => format!("{minus}{number}{NBSP}{sign}"),
    }
}

/// A file's size in decimal units: `4.2 MB`.
pub fn bytes(n: u64, locale: Locale) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (factor, unit) in UNITS {
        if n >= factor {
            let micros = i128::from(n) * 1_000_000 / i128::from(factor);
            let decimals = if micros < 100_000_000 { 1 } else { 0 };
            return format!("{}{NBSP}{unit}", digits(micros, decimals, true, locale));
        }
    }
    format!("{n}{NBSP}B")
}

/// How long something took, in whole units that fit: `0.8 s`, `42 s`, `2 min 5 s`.
pub fn seconds(s: f64, locale: Locale) -> String {
    let s = if s.is_finite() {
        s.clamp(0.0, 1e9)
    } else {
        0.0
    };
    let (sec, min) = match locale {
        Locale::en | Locale::es => ("\u{a0}s", "\u{a0}min"),
        Locale::zh => ("\u{a0}秒", "\u{a0}分"),
        Locale::ar => ("\u{a0}ث", "\u{a0}د"),
    };
    if s < 9.95 {
        return format!("{}{sec}", digits((s * 1e6) as i128, 1, false, locale));
    }
    let whole = s.round() as i64;
    if whole < 60 {
        return format!("{whole}{sec}");
    }
    format!("{}{min} {}{sec}", count(whole / 60, locale), whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Locale; 4] = [Locale::en, Locale::zh, Locale::es, Locale::ar];

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    /// Reads a number back from what was shown.
    fn read(text: &str, locale: Locale) -> i128 {
        let m = marks(locale);
        let negative = text.starts_with(MINUS);
        let (mut whole, mut fraction, mut after) = (0_i128, 0_i128, 0_u32);
        let mut seen = false;
        for c in text.chars() {
            if let Some(d) = c.to_digit(10) {
                if seen {
                    fraction = fraction * 10 + i128::from(d);
                    after += 1;
                } else {
                    whole = whole * 10 + i128::from(d);
                }
            } else if c == m.decimal {
                seen = true;
            }
        }
        let value = whole * 1_000_000 + fraction * 10_i128.pow(6 - after);
        if negative { -value } else { value }
    }

    proptest! {
        #[test]
        fn full_money_is_the_amount_to_half_a_minor_unit(n in any::<i64>(), code in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF", "SAR"]), l in 0_usize..4) {
            let c = currency(code);
            let text = money(Micros(n), c, ALL[l], Style::Full);
            // Arabic signs hold dots: the number ends at the no-break space.
            let number = if matches!(ALL[l], Locale::es | Locale::ar) { text.split(NBSP).next().unwrap() } else { &text };
            let off = (read(number, ALL[l]) - i128::from(n)).abs() * 2;
            prop_assert!(off <= 10_i128.pow(6 - c.exponent()), "{} {}", n, text);
        }

        #[test]
        fn counts_read_back(n in any::<i64>(), l in 0_usize..4) {
            prop_assert_eq!(read(&count(n, ALL[l]), ALL[l]), i128::from(n) * 1_000_000);
        }

        #[test]
        fn short_is_short(n in -9_000_000_000_000_000_000_i64..9_000_000_000_000_000_000, l in 0_usize..4) {
            let text = count_short(n / 1_000_000, ALL[l]);
            let figures = text.chars().filter(char::is_ascii_digit).count();
            prop_assert!(figures <= 4, "{}", text);
        }

        #[test]
        fn short_is_within_six_percent(n in 1_i64..9_000_000_000_000, l in 0_usize..4) {
            let text = count_short(n, ALL[l]);
            let number: String = text.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
            let word: String = text.chars().skip(number.chars().count()).collect();
            let factor = scales(ALL[l]).iter().find(|(_, w)| *w == word).map_or(1, |(f, _)| *f);
            let shown = read(&number, ALL[l]) * factor;
            let real = i128::from(n) * 1_000_000;
            prop_assert!((shown - real).abs() * 100 <= real * 6, "{} {}", n, text);
        }
    }

    #[test]
    fn money_in_each_language() {
        let full = |l| money(Micros(-1_234_500_000), Currency::EUR, l, Style::Full);
        assert_eq!(full(Locale::en), "−€1,234.50");
        assert_eq!(full(Locale::zh), "−€1,234.50");
        assert_eq!(full(Locale::es), "−1234,50\u{a0}€");
        assert_eq!(full(Locale::ar), "−1,234.50\u{a0}€");
        let short = |l| money(Micros(12_410_000_000), Currency::USD, l, Style::Short);
        assert_eq!(short(Locale::en), "$12.4k");
        assert_eq!(short(Locale::zh), "US$1.2万");
        assert_eq!(short(Locale::es), "12,4\u{a0}mil\u{a0}US$");
        assert_eq!(short(Locale::ar), "12.4\u{a0}ألف\u{a0}US$");
        assert_eq!(
            money(
                Micros(1_200_000_000_000),
                Currency::EUR,
                Locale::es,
                Style::Short
            ),
            "1,2\u{a0}M€"
        );
        assert_eq!(
            money(Micros(5_000_000), currency("CHF"), Locale::en, Style::Full),
            "CHF\u{a0}5.00"
        );
        assert_eq!(
            money(
                Micros(1_234_000_000),
                currency("JPY"),
                Locale::en,
                Style::Full
            ),
            "¥1,234"
        );
    }

    #[test]
    fn edges() {
        assert_eq!(
            money(Micros(-1), Currency::EUR, Locale::en, Style::Full),
            "€0.00"
        );
        assert_eq!(count(999, Locale::es), "999");
        assert_eq!(count(1_234, Locale::es), "1234");
        assert_eq!(count(12_345, Locale::es), "12.345");
        assert_eq!(count_short(999, Locale::en), "999");
        assert_eq!(count_short(1_000, Locale::en), "1k");
        assert_eq!(count_short(12_449, Locale::en), "12.4k");
        assert_eq!(count_short(999_499, Locale::en), "999k");
        assert_eq!(count_short(999_500, Locale::en), "1M");
        assert_eq!(count_short(9_999, Locale::zh), "9,999");
        assert_eq!(count_short(123_456_789, Locale::zh), "1.2亿");
        assert_eq!(quantity(Micros(2_500_000), Locale::es), "2,5");
        assert_eq!(quantity(Micros(2_000_000), Locale::en), "2");
        assert_eq!(ratio_percent(Micros(31_000), Locale::en), "3.1%");
        assert_eq!(ratio_percent(Micros(-31_000), Locale::es), "−3,1\u{a0}%");
        assert_eq!(bytes(4_210_000, Locale::en), "4.2\u{a0}MB");
        assert_eq!(bytes(12, Locale::en), "12\u{a0}B");
        assert_eq!(seconds(0.84, Locale::en), "0.8\u{a0}s");
        assert_eq!(seconds(125.2, Locale::en), "2\u{a0}min 5\u{a0}s");
    }
}
