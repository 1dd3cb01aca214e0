//! Numbers and amounts of money as people write them: `1.234,56`, `1 234,56`, `(12.00)`, `€ 5`, `١٢٫٥`.

use serde::{Deserialize, Serialize};
use types::{Currency, Micros};

/// Which mark stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// The sign or code of a currency beside a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Known(Currency),
    /// `$`: a dozen countries write it.
    Dollar,
    /// `¥`: yen or yuan.
    Yen,
    /// `kr`: three Nordic countries.
    Krone,
    /// `Rs`: several rupees.
    Rupee,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub micros: Micros,
    pub mark: Option<Mark>,
    /// Written with digits after a decimal mark.
    pub fraction: bool,
    /// Written with an exponent (`1.23E+10`).
    pub scientific: bool,
}

impl Number {
    pub(crate) const ZERO: Self = Self {
        micros: Micros::ZERO,
        mark: None,
        fraction: false,
        scientific: false,
    };
}

/// `None`: not a number in this style, or one beyond ±9.2 · 10^12. More than six decimals are rounded half away from zero.
pub fn parse(text: &str, style: Decimal) -> Option<Number> {
    let text = text.trim();
    if let Some(micros) = plain(text.as_bytes(), style) {
        return Some(Number {
            micros: Micros(micros),
            mark: None,
            fraction: text.bytes().any(|b| b == b'.' || b == b','),
            scientific: false,
        });
    }
    slow(text, style)
}

/// Digits, at most one decimal mark, a leading minus: nearly every number there is.
fn plain(bytes: &[u8], style: Decimal) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    let point = match style {
        Decimal::Point => b'.',
        Decimal::Comma => b',',
    };
    let (mut value, mut decimals, mut seen) = (0_i64, 0_u32, false);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                decimals += u32::from(seen);
            }
            _ if byte == point && !seen => seen = true,
            _ => return None,
        }
    }
    if decimals > 6 || digits == [point] {
        return None;
    }
    let micros = value.checked_mul(10_i64.pow(6 - decimals))?;
    Some(if negative { -micros } else { micros })
}

fn slow(text: &str, style: Decimal) -> Option<Number> {
    if text.len() > 64 {
        return None;
    }
    // Spreadsheets write a leading apostrophe to keep a cell from being computed.
    let mut rest = text.strip_prefix('\'').unwrap_or(text).trim();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        (negative, rest) = (true, inner.trim());
    }
    let mut mark = None;
    // Sign and currency stand in any order on either side: `-€5`, `€-5`, `5-`, `5 EUR`.
    let mut signs = u32::from(negative);
    loop {
        let before = rest;
        if let Some(inner) =
            rest.strip_prefix(['-', '\u{2212}', '\u{2013}', '\u{FE63}', '\u{FF0D}'])
        {
            (negative, rest, signs) = (true, inner.trim_start(), signs + 1);
        } else if let Some(inner) = rest.strip_prefix('+') {
            (rest, signs) = (inner.trim_start(), signs + 1);
        } else if let Some(inner) = rest.strip_suffix(['-', '\u{2212}']) {
            (negative, rest, signs) = (true, inner.trim_end(), signs + 1);
        } else if mark.is_none()
            && let Some((found, inner)) = currency_mark(rest)
        {
            (mark, rest) = (Some(found), inner.trim());
        }
        if before == rest {
            break;
        }
    }
    if signs > 1 {
        return None;
    }
    let mut core = [0_u8; 64];
    let mut length = 0;
    for ch in rest.chars() {
        let byte = match ch {
            '0'..='9' | '.' | ',' | '\'' | 'e' | 'E' | '+' | '-' => ch as u8,
            '\u{2019}' => b'\'',
            ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}' => b' ',
            '\u{66B}' => b'.' | 0x80,
            '\u{66C}' => b',' | 0x80,
            '\u{660}'..='\u{669}' => b'0' + (ch as u32 - 0x660) as u8,
            '\u{6F0}'..='\u{6F9}' => b'0' + (ch as u32 - 0x6F0) as u8,
            '\u{FF10}'..='\u{FF19}' => b'0' + (ch as u32 - 0xFF10) as u8,
            '\u{FF0E}' => b'.',
            '\u{FF0C}' => b',',
            _ => return None,
        };
        *core.get_mut(length)? = byte;
        length += 1;
    }
    let core = core.get(..length)?;
    let (mantissa, exponent) = match core.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (core.get(..at)?, Some(exponent(core.get(at + 1..)?)?)),
        None => (core, None),
    };
    let (digits, decimals) = separated(mantissa, style)?;
    let power = 6 - i32::try_from(decimals).ok()? + exponent.unwrap_or(0);
    let magnitude = if power >= 0 {
        digits.checked_mul(10_i128.checked_pow(u32::try_from(power).ok()?)?)?
    } else {
        let divisor = 10_i128.checked_pow(power.unsigned_abs())?;
        (digits + divisor / 2) / divisor
    };
    let micros = i64::try_from(if negative { -magnitude } else { magnitude }).ok()?;
    Some(Number {
        micros: Micros(micros),
        mark,
        fraction: decimals > 0,
        scientific: exponent.is_some(),
    })
}

fn exponent(bytes: &[u8]) -> Option<i32> {
    let (sign, digits) = match bytes {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => (1, bytes),
    };
    if digits.is_empty() || digits.len() > 2 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    Some(sign * value)
}

/// Digits without their marks, and how many of them are decimals. Groups must be groups: `12,34` is not 1234.
fn separated(bytes: &[u8], style: Decimal) -> Option<(i128, usize)> {
    let (decimal, other) = match style {
        Decimal::Point => (b'.', b','),
        Decimal::Comma => (b',', b'.'),
    };
    let at = bytes
        .iter()
        .rposition(|&b| b == decimal || b == b'.' | 0x80);
    let (whole, fraction) = match at {
        Some(at) => (bytes.get(..at)?, bytes.get(at + 1..)?),
        None => (bytes, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut value = 0_i128;
    let mut mark = None;
    let mut groups = Vec::new();
    let mut run = 0_usize;
    for &byte in whole {
        if byte.is_ascii_digit() {
            value = value
                .checked_mul(10)?
                .checked_add(i128::from(byte - b'0'))?;
            run += 1;
        } else if byte == other || matches!(byte, b' ' | b'\'') || byte == b',' | 0x80 {
            if mark.is_some_and(|m| m != byte) {
                return None;
            }
            mark = Some(byte);
            groups.push(run);
            run = 0;
        } else {
            return None;
        }
    }
    if mark.is_some() {
        let first = groups.first().copied().unwrap_or(0);
        // Thousands everywhere, lakhs and crores (12,34,567) in India.
        let thousands = groups.get(1..).is_some_and(|g| g.iter().all(|&n| n == 3));
        let lakhs = first <= 2 && groups.get(1..).is_some_and(|g| g.iter().all(|&n| n == 2));
        if run != 3 || first == 0 || first > 3 || !(thousands || lakhs) {
            return None;
        }
    }
    for &byte in fraction {
        value = value
            .checked_mul(10)?
            .checked_add(i128::from(byte - b'0'))?;
    }
    Some((value, fraction.len()))
}

const SIGNS: &[(&str, Mark)] = &[
    ("US$", Mark::Known(Currency::USD)),
    ("€", Mark::Known(Currency::EUR)),
    ("£", Mark::Known(Currency::GBP)),
    ("￡", Mark::Known(Currency::GBP)),
    ("$", Mark::Dollar),
    ("¥", Mark::Yen),
    ("￥", Mark::Yen),
];

/// Signs of currencies that have no constant: (sign, ISO code).
const CODES: &[(&str, &str)] = &[
    ("R$", "BRL"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("S$", "SGD"),
    ("MX$", "MXN"),
    ("NT$", "TWD"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("lei", "RON"),
    ("лв", "BGN"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("₴", "UAH"),
    ("₦", "NGN"),
    ("₱", "PHP"),
    ("₸", "KZT"),
    ("Fr.", "CHF"),
    ("SFr.", "CHF"),
    ("元", "CNY"),
    ("人民币", "CNY"),
    ("円", "JPY"),
    ("원", "KRW"),
    ("TL", "TRY"),
    ("руб.", "RUB"),
    ("руб", "RUB"),
    ("грн", "UAH"),
    ("د.إ", "AED"),
    ("ر.س", "SAR"),
    ("﷼", "SAR"),
    ("د.ك", "KWD"),
    ("ج.م", "EGP"),
    ("د.م.", "MAD"),
];

/// A sign or code at either end, and what is left.
fn currency_mark(text: &str) -> Option<(Mark, &str)> {
    let longer = CODES.iter().find_map(|(sign, code)| {
        let rest = text
            .strip_prefix(sign)
            .or_else(|| text.strip_suffix(sign))?;
        Some((Mark::Known(code.parse().ok()?), rest))
    });
    if longer.is_some() {
        return longer;
    }
    for (sign, mark) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((*mark, rest));
        }
    }
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let start = text
        .char_indices()
        .rev()
        .find(|(_, c)| !c.is_alphabetic())
        .map_or(0, |(at, c)| at + c.len_utf8());
    if end > 0 {
        let (word, rest) = text.split_at(end);
        let rest = rest
            .strip_prefix('.')
            .filter(|_| word.len() < 3)
            .unwrap_or(rest);
        return Some((word_mark(word)?, rest));
    }
    if start < text.len() {
        let (rest, word) = text.split_at(start);
        return Some((word_mark(word)?, rest));
    }
    None
}

fn word_mark(word: &str) -> Option<Mark> {
    match word {
        "kr" | "Kr" => return Some(Mark::Krone),
        "Rs" | "rs" => return Some(Mark::Rupee),
        _ => {}
    }
    is_code(word)
        .then(|| word.parse().ok().map(Mark::Known))
        .flatten()
}

/// Whether this is the code of a currency in use (ISO 4217), in any letter case.
pub fn is_code(text: &str) -> bool {
    let mut upper = [0_u8; 3];
    if text.len() != 3 || !text.is_ascii() {
        return false;
    }
    for (to, from) in upper.iter_mut().zip(text.bytes()) {
        *to = from.to_ascii_uppercase();
    }
    IN_USE
        .as_bytes()
        .chunks(4)
        .any(|code| code.starts_with(&upper))
}

const IN_USE: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

/// A code or a sign by itself: `EUR`, `€`, `kr`.
pub fn is_currency(text: &str) -> bool {
    is_code(text) || text.chars().count() <= 4 && sign(text).is_some()
}

/// The currency that a sign by itself stands for.
pub fn sign(text: &str) -> Option<Mark> {
    parse(&format!("{text}1"), Decimal::Point).and_then(|n| n.mark)
}

/// What a sign can stand for, as often as it is met.
pub fn meanings(mark: Mark) -> Vec<Currency> {
    let codes: &[&str] = match mark {
        Mark::Known(currency) => return vec![currency],
        Mark::Dollar => &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS",
        ],
        Mark::Yen => &["JPY", "CNY"],
        Mark::Krone => &["SEK", "NOK", "DKK", "ISK"],
        Mark::Rupee => &["INR", "PKR", "LKR", "NPR", "MUR"],
    };
    codes.iter().filter_map(|code| code.parse().ok()).collect()
}

/// What an ambiguous sign means where one of its meanings is `home`; else its commonest meaning.
pub fn resolve(mark: Mark, home: Currency) -> Currency {
    let otherwise = match mark {
        Mark::Known(currency) => return currency,
        Mark::Dollar => Some(Currency::USD),
        Mark::Yen => "JPY".parse().ok(),
        Mark::Krone => "SEK".parse().ok(),
        Mark::Rupee => "INR".parse().ok(),
    };
    if meanings(mark).contains(&home) {
        home
    } else {
        otherwise.unwrap_or(home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, style: Decimal) -> Option<String> {
        parse(text, style).map(|n| n.micros.to_string())
    }

    #[test]
    fn the_ways_people_write_numbers() {
        use Decimal::{Comma, Point};
        for (text, style, want) in [
            ("2.55", Point, Some("2.55")),
            ("2,55", Comma, Some("2.55")),
            ("1.234,56", Comma, Some("1234.56")),
            ("1,234.56", Point, Some("1234.56")),
            ("1 234,56", Comma, Some("1234.56")),
            ("1\u{202F}234,56", Comma, Some("1234.56")),
            ("1'234.50", Point, Some("1234.5")),
            ("12,34,567.00", Point, Some("1234567")),
            ("(12.00)", Point, Some("-12")),
            ("($1,234.50)", Point, Some("-1234.5")),
            ("12.00-", Point, Some("-12")),
            ("-€5", Point, Some("-5")),
            ("€ -5", Point, Some("-5")),
            ("12,50 €", Comma, Some("12.5")),
            ("R$ 5,00", Comma, Some("5")),
            ("EUR 5", Point, Some("5")),
            ("5.00 usd", Point, Some("5")),
            ("Rs. 100", Point, Some("100")),
            ("١٢٫٥", Point, Some("12.5")),
            ("١٬٢٣٤٫٥", Comma, Some("1234.5")),
            ("１２．５", Point, Some("12.5")),
            ("1.5E+3", Point, Some("1500")),
            ("1,5E3", Comma, Some("1500")),
            ("'-5", Point, Some("-5")),
            (".5", Point, Some("0.5")),
            ("5.", Point, Some("5")),
            ("0.1234567", Point, Some("0.123457")),
            ("$74.69", Point, Some("74.69")),
            ("1.234,56", Point, None),
            ("12,34", Point, None),
            ("1,2345", Point, None),
            ("1,234,56", Point, None),
            ("1.2.3", Point, None),
            ("--5", Point, None),
            ("(-5)", Point, None),
            ("5 apples", Point, None),
            ("", Point, None),
            (".", Point, None),
            ("-", Point, None),
            ("99999999999999", Point, None),
            ("2010-12-01", Point, None),
        ] {
            assert_eq!(read(text, style).as_deref(), want, "{text} as {style:?}");
        }
    }

    #[test]
    fn a_three_digit_tail_reads_two_ways() {
        assert_eq!(read("1.234", Decimal::Point).as_deref(), Some("1.234"));
        assert_eq!(read("1.234", Decimal::Comma).as_deref(), Some("1234"));
    }

    #[test]
    fn signs_of_currencies() {
        let mark = |text: &str| parse(text, Decimal::Point).and_then(|n| n.mark);
        assert_eq!(mark("£5"), Some(Mark::Known(Currency::GBP)));
        assert_eq!(mark("US$5"), Some(Mark::Known(Currency::USD)));
        assert_eq!(mark("$5"), Some(Mark::Dollar));
        assert_eq!(mark("5 kr"), Some(Mark::Krone));
        let home = "CAD".parse().unwrap();
        assert_eq!(resolve(Mark::Dollar, home), home);
        assert_eq!(resolve(Mark::Dollar, Currency::EUR), Currency::USD);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            parse(&text, Decimal::Point);
            parse(&text, Decimal::Comma);
        }

        #[test]
        fn what_micros_prints_is_read_back(n in -1_000_000_000_000_000_i64..1_000_000_000_000_000) {
            let text = Micros(n).to_string();
            prop_assert_eq!(parse(&text, Decimal::Point).map(|r| r.micros), Some(Micros(n)));
            let comma = text.replace('.', ",");
            prop_assert_eq!(parse(&comma, Decimal::Comma).map(|r| r.micros), Some(Micros(n)));
        }
    }
}
