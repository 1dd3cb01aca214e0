//! Values of Parquet's types as text: every digit of a decimal, times in ISO 8601.

use crate::json::Value;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::data_type::Int96;
use parquet::schema::types::ColumnDescriptor;
use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Unsigned(u32),
    Decimal {
        scale: u32,
    },
    Date,
    /// Units in a second.
    Time(i64),
    Timestamp {
        units: i64,
        utc: bool,
    },
    Float16,
    Uuid,
    Interval,
}

pub(crate) enum Scalar<'a> {
    Bool(bool),
    Int(i64),
    I96(&'a Int96),
    F32(f32),
    F64(f64),
    Bytes(&'a [u8]),
}

fn units(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

impl Kind {
    pub fn of(descr: &ColumnDescriptor) -> Self {
        let scale = || u32::try_from(descr.type_scale()).unwrap_or(0);
        let bytes = descr.physical_type() == Type::FIXED_LEN_BYTE_ARRAY;
        match descr.logical_type_ref() {
            Some(LogicalType::Decimal(d)) => {
                return Self::Decimal {
                    scale: u32::try_from(d.scale).unwrap_or(0),
                };
            }
            Some(LogicalType::Date) => return Self::Date,
            Some(LogicalType::Time(t)) => return Self::Time(units(t.unit)),
            Some(LogicalType::Timestamp(t)) => {
                return Self::Timestamp {
                    units: units(t.unit),
                    utc: t.is_adjusted_to_u_t_c,
                };
            }
            Some(LogicalType::Integer(i)) if !i.is_signed => {
                return Self::Unsigned(u32::try_from(i.bit_width).unwrap_or(64));
            }
            Some(LogicalType::Float16) if bytes => return Self::Float16,
            Some(LogicalType::Uuid) if bytes => return Self::Uuid,
            _ => {}
        }
        match descr.converted_type() {
            ConvertedType::DECIMAL => Self::Decimal { scale: scale() },
            ConvertedType::DATE => Self::Date,
            ConvertedType::TIME_MILLIS => Self::Time(1_000),
            ConvertedType::TIME_MICROS => Self::Time(1_000_000),
            ConvertedType::TIMESTAMP_MILLIS => Self::Timestamp {
                units: 1_000,
                utc: true,
            },
            ConvertedType::TIMESTAMP_MICROS => Self::Timestamp {
                units: 1_000_000,
                utc: true,
            },
            ConvertedType::UINT_8 => Self::Unsigned(8),
            ConvertedType::UINT_16 => Self::Unsigned(16),
            ConvertedType::UINT_32 => Self::Unsigned(32),
            ConvertedType::UINT_64 => Self::Unsigned(64),
            ConvertedType::INTERVAL if bytes => Self::Interval,
            _ => Self::Plain,
        }
    }

    pub fn render(self, scalar: Scalar<'_>) -> Value<'static> {
        let number = |text: String| Value::Number(Cow::Owned(text));
        let text = |text: String| Value::Text(Cow::Owned(text));
        match (self, scalar) {
            (_, Scalar::Bool(b)) => Value::Bool(b),
            (Self::Date, Scalar::Int(days)) => {
                date(days).map_or_else(|| number(days.to_string()), text)
            }
            (Self::Time(units), Scalar::Int(n)) => text(time(n, units)),
            (Self::Timestamp { units, utc }, Scalar::Int(n)) => {
                let nanos = i128::from(n) * i128::from(1_000_000_000 / units);
                stamp(nanos, utc).map_or_else(|| number(n.to_string()), text)
            }
            (Self::Decimal { scale }, Scalar::Int(n)) => number(decimal(i128::from(n), scale)),
            (Self::Decimal { scale }, Scalar::Bytes(bytes)) => match big_endian(bytes) {
                Some(n) => number(decimal(n, scale)),
                None => text(hex(bytes)),
            },
            // Of the bits that were stored, without their sign.
            (Self::Unsigned(64), Scalar::Int(n)) => number((n as u64).to_string()),
            (Self::Unsigned(_), Scalar::Int(n)) if n < 0 => number((n & 0xFFFF_FFFF).to_string()),
            (_, Scalar::Int(n)) => number(n.to_string()),
            (_, Scalar::I96(n)) => stamp(nanos(n), false).map_or_else(|| text(hex96(n)), text),
            (_, Scalar::F32(n)) if n.is_finite() => number(n.to_string()),
            (_, Scalar::F64(n)) if n.is_finite() => number(n.to_string()),
            (_, Scalar::F32(n)) => text(n.to_string()),
            (_, Scalar::F64(n)) => text(n.to_string()),
            (Self::Float16, Scalar::Bytes(&[low, high])) => {
                let n = half(u16::from_le_bytes([low, high]));
                if n.is_finite() {
                    number(n.to_string())
                } else {
                    text(n.to_string())
                }
            }
            (Self::Uuid, Scalar::Bytes(bytes)) if bytes.len() == 16 => text(uuid(bytes)),
            (Self::Interval, Scalar::Bytes(bytes)) if bytes.len() == 12 => text(interval(bytes)),
            (_, Scalar::Bytes(bytes)) => text(match std::str::from_utf8(bytes) {
                Ok(plain) => plain.to_owned(),
                Err(_) => hex(bytes),
            }),
        }
    }
}

fn decimal(n: i128, scale: u32) -> String {
    let digits = n.unsigned_abs().to_string();
    let scale = scale as usize;
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let sign = if n < 0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// Two's complement. `None`: more than 16 bytes of it.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first().is_some_and(|b| *b >= 0x80);
    let fill = if negative { 0xFF } else { 0 };
    let skip = bytes.len().saturating_sub(16);
    let (lead, rest) = bytes.split_at(skip);
    let fits = lead.iter().all(|b| *b == fill)
        && (skip == 0 || rest.first().is_some_and(|b| (*b >= 0x80) == negative));
    if !fits {
        return None;
    }
    let mut word = [fill; 16];
    let start = 16 - rest.len();
    word.get_mut(start..)?.copy_from_slice(rest);
    Some(i128::from_be_bytes(word))
}

fn date(days: i64) -> Option<String> {
    let epoch = Date::constant(1970, 1, 1);
    let span = jiff::Span::new().try_days(days).ok()?;
    Some(epoch.checked_add(span).ok()?.to_string())
}

fn time(n: i64, units: i64) -> String {
    let seconds = n.div_euclid(units);
    let rest = n.rem_euclid(units) * (1_000_000_000 / units);
    let mut out = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    fraction(rest, &mut out);
    out
}

fn fraction(nanos: i64, out: &mut String) {
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        // Writing to a String does not fail.
        let _written = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

fn stamp(nanos: i128, utc: bool) -> Option<String> {
    let stamp = Timestamp::from_nanosecond(nanos).ok()?;
    let civil = TimeZone::UTC.to_datetime(stamp);
    let mut out = civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    fraction(i64::from(civil.subsec_nanosecond()), &mut out);
    if utc {
        out.push('Z');
    }
    Some(out)
}

/// Nanoseconds of the day, and the Julian day.
fn nanos(n: &Int96) -> i128 {
    let [low, high, day] = match n.data() {
        [a, b, c] => [*a, *b, *c],
        _ => [0, 0, 2_440_588],
    };
    let of_day = i128::from(u64::from(high) << 32 | u64::from(low));
    (i128::from(day) - 2_440_588) * 86_400_000_000_000 + of_day
}

fn hex96(n: &Int96) -> String {
    let bytes: Vec<u8> = n.data().iter().flat_map(|w| w.to_le_bytes()).collect();
    hex(&bytes)
}

/// As PostgreSQL writes bytes that are no text.
fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 + bytes.len() * 2);
    out.push_str("\\x");
    for byte in bytes {
        // Writing to a String does not fail.
        let _written = write!(out, "{byte:02x}");
    }
    out
}

fn uuid(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let part = |from: usize, to: usize| digits.get(2 + from..2 + to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

fn interval(bytes: &[u8]) -> String {
    let word = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .map_or(0, u32::from_le_bytes)
    };
    let milliseconds = word(8);
    let mut out = format!("P{}M{}DT{}", word(0), word(4), milliseconds / 1000);
    fraction(i64::from(milliseconds % 1000) * 1_000_000, &mut out);
    out.push('S');
    out
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let mantissa = f32::from(bits & 1023);
    sign * match exponent {
        0 => mantissa * 2_f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_write_them() {
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(123_456, 2), "1234.56");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(big_endian(&[0xFF, 0x85]), Some(-123));
        assert_eq!(big_endian(&[0; 20]), Some(0));
        assert_eq!(big_endian(&[0x7F; 17]), None);
        assert_eq!(date(19_786), Some("2024-03-04".to_owned()));
        assert_eq!(date(i64::MAX), None);
        assert_eq!(time(36_610_500, 1000), "10:10:10.5");
        assert_eq!(
            stamp(1_709_546_400_123_000_000, true),
            Some("2024-03-04T10:00:00.123Z".to_owned())
        );
        assert_eq!(half(0x3C00), 1.0);
        assert_eq!(half(0xC000), -2.0);
        assert!(half(0x7E00).is_nan());
    }
}
