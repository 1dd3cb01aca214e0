//! Exact money: 64-bit integers counting millionths of a major unit, and ISO 4217 currencies.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// Millionths of a unit (10^-6): of a currency's major unit, of one piece sold, or of 1 for a ratio.
/// Sums are exact up to ±9.2 · 10^12 units.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    pub const ONE: Self = Self(1_000_000);
    pub const ZERO: Self = Self(0);

    /// `self * other` in the unit of `self`, rounded half away from zero. `None` when it does not fit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        const SCALE: i64 = 1_000_000;
        // Nearly every product fits 64 bits, which divide ten times as fast as 128.
        match self.0.checked_mul(other.0) {
            Some(product) => {
                let (whole, rest) = (product / SCALE, product % SCALE);
                Some(Self(
                    whole + i64::from(rest >= SCALE / 2) - i64::from(rest <= -SCALE / 2),
                ))
            }
            None => Self::round_div(i128::from(self.0) * i128::from(other.0), i128::from(SCALE)),
        }
    }

    /// `self / other` as a ratio in millionths, rounded half away from zero. `None` on zero or overflow.
    pub fn checked_ratio(self, other: Self) -> Option<Self> {
        Self::round_div(i128::from(self.0) * 1_000_000, i128::from(other.0))
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Rounds to `decimals` (0 to 6) places, half away from zero: what is done only where money is shown.
    pub fn round_to(self, decimals: u32) -> Self {
        let step = 10_i64.pow(6_u32.saturating_sub(decimals));
        let half = step / 2;
        let shifted = if self.0 >= 0 {
            self.0.saturating_add(half)
        } else {
            self.0.saturating_sub(half)
        };
        Self(shifted / step * step)
    }

    /// Lossy, for the geometry of charts only.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    fn round_div(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let (n, d) = if denominator < 0 {
            (-numerator, -denominator)
        } else {
            (numerator, denominator)
        };
        let half = d / 2;
        let rounded = if n >= 0 {
            (n + half) / d
        } else {
            (n - half) / d
        };
        i64::try_from(rounded).ok().map(Self)
    }
}

impl fmt::Display for Micros {
    /// Plain decimal, exact, with as many of the six decimals as are not trailing zeros: `12`, `-0.5`, `2.55`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / 1_000_000, magnitude % 1_000_000);
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction == 0 {
            return f.pad_integral(self.0 >= 0, "", &whole.to_string());
        }
        let digits = format!("{fraction:06}");
        f.pad(&format!("{sign}{whole}.{}", digits.trim_end_matches('0')))
    }
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a decimal number with at most six decimals")]
pub struct NotDecimal(pub String);

impl FromStr for Micros {
    type Err = NotDecimal;

    /// The exact inverse of [`fmt::Display`]: plain decimals only. Files from shops go through `ingest`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || NotDecimal(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 6 || !plain(whole) || !plain(fraction) {
            return Err(fail());
        }
        let micros = format!("{whole}{fraction:0<6}")
            .parse::<i128>()
            .map_err(|_| fail())?;
        i64::try_from(if negative { -micros } else { micros })
            .map(Self)
            .map_err(|_| fail())
    }
}

/// An ISO 4217 alphabetic code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    pub const EUR: Self = Self(*b"EUR");
    pub const GBP: Self = Self(*b"GBP");
    pub const USD: Self = Self(*b"USD");

    pub fn as_str(&self) -> &str {
        // Only ASCII letters get past `from_str`.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit (ISO 4217, list one of 2024): 2 for most.
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

/// Which amounts are looked at, of a shop that sells in several currencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrencyChoice {
    /// Those in this currency alone.
    Only(Currency),
    /// All, converted into the shop's own currency.
    All,
}

impl FromStr for CurrencyChoice {
    type Err = NotCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            code => code.parse().map(Self::Only),
        }
    }
}

impl fmt::Display for CurrencyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(currency) => currency.fmt(f),
            Self::All => f.pad("all"),
        }
    }
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a three-letter ISO 4217 currency code")]
pub struct NotCurrency(pub String);

impl FromStr for Currency {
    type Err = NotCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(NotCurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NotCurrency;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_round_trips(n in any::<i64>()) {
            prop_assert_eq!(Micros(n).to_string().parse(), Ok(Micros(n)));
        }

        #[test]
        fn rounding_moves_at_most_half_a_step(n in -1_000_000_000_000_i64..1_000_000_000_000, d in 0_u32..=6) {
            let rounded = Micros(n).round_to(d);
            prop_assert!((rounded.0 - n).abs() * 2 <= 10_i64.pow(6 - d));
        }
    }

    #[test]
    fn shown_without_trailing_zeros() {
        for (n, text) in [
            (0, "0"),
            (1, "0.000001"),
            (-500_000, "-0.5"),
            (2_550_000, "2.55"),
            (12_000_000, "12"),
            (-12_000_000, "-12"),
        ] {
            assert_eq!(Micros(n).to_string(), text);
        }
    }

    #[test]
    fn products_and_ratios_round_half_away_from_zero() {
        assert_eq!(
            Micros(2_550_000).checked_mul(Micros(6_000_000)),
            Some(Micros(15_300_000))
        );
        assert_eq!(Micros(1).checked_mul(Micros(500_000)), Some(Micros(1)));
        assert_eq!(Micros(-1).checked_mul(Micros(500_000)), Some(Micros(-1)));
        assert_eq!(
            Micros(1_000_000).checked_ratio(Micros(3_000_000)),
            Some(Micros(333_333))
        );
        assert_eq!(Micros(1).checked_ratio(Micros(0)), None);
    }

    #[test]
    fn currencies_are_three_letters() {
        assert_eq!("gbp".parse(), Ok(Currency::GBP));
        assert!("£".parse::<Currency>().is_err());
        assert_eq!("JPY".parse::<Currency>().map(Currency::exponent), Ok(0));
        assert_eq!("KWD".parse::<Currency>().map(Currency::exponent), Ok(3));
    }
}
