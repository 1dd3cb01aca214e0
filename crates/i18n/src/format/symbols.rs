//! Currency signs as each language writes them. A code without a sign here is shown as its code.

use crate::Locale;
use types::Currency;

/// Borrowed from the table, or the code itself.
pub(super) fn sign(currency: &Currency, locale: Locale) -> &str {
    let code = currency.as_str();
    let own = match (locale, code) {
        (Locale::en, "USD") => "$",
        (Locale::zh, "CNY") => "¥",
        (Locale::ar, "AED") => "د.إ.",
        (Locale::ar, "BHD") => "د.ب.",
        (Locale::ar, "DZD") => "د.ج.",
        (Locale::ar, "EGP") => "ج.م.",
        (Locale::ar, "IQD") => "د.ع.",
        (Locale::ar, "JOD") => "د.أ.",
        (Locale::ar, "KWD") => "د.ك.",
        (Locale::ar, "LBP") => "ل.ل.",
        (Locale::ar, "LYD") => "د.ل.",
        (Locale::ar, "MAD") => "د.م.",
        (Locale::ar, "OMR") => "ر.ع.",
        (Locale::ar, "QAR") => "ر.ق.",
        (Locale::ar, "SAR") => "ر.س.",
        (Locale::ar, "TND") => "د.ت.",
        (Locale::en, "JPY") => "¥",
        _ => "",
    };
    if !own.is_empty() {
        return own;
    }
    match code {
        "AUD" => "A$",
        "BRL" => "R$",
        "CAD" => "CA$",
        "CNY" => "CN¥",
        "EUR" => "€",
        "GBP" => "£",
        "HKD" => "HK$",
        "ILS" => "₪",
        "INR" => "₹",
        "JPY" => "JP¥",
        "KRW" => "₩",
        "MXN" => "MX$",
        "NZD" => "NZ$",
        "PHP" => "₱",
        "TWD" => "NT$",
        "USD" => "US$",
        "VND" => "₫",
        _ => code,
    }
}
