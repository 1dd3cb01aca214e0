//! Column names in one normal form, so that `Order_ID`, `orderId` and `ORDER ID` are one name.

use crate::hash::StableHash;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, without accents, words separated by one blank.
pub(crate) fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut previous: Option<char> = None;
    let mut chars = name.trim_start_matches('\u{FEFF}').chars().peekable();
    while let Some(ch) = chars.next() {
        let next_lower = chars.peek().is_some_and(|c| c.is_lowercase());
        let boundary = previous.is_some_and(|p| {
            ch.is_uppercase()
                && (p.is_lowercase() || p.is_ascii_digit() || p.is_uppercase() && next_lower)
        });
        if boundary && !out.ends_with(' ') {
            out.push(' ');
        }
        match ch {
            '#' | '№' => out.push_str(" number "),
            '%' | '％' | '٪' => out.push_str(" percent "),
            '°' | 'º' => {}
            _ if ch.is_alphanumeric() || is_combining_mark(ch) => out.push(ch),
            _ => out.push(' '),
        }
        previous = Some(ch);
    }
    let plain: String = out
        .nfd()
        // Marks of Latin letters are spelling; those of Arabic letters can be the letter.
        .filter(|c| !('\u{300}'..='\u{36F}').contains(c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Identifies a layout: the same columns in the same order have the same fingerprint.
pub(crate) fn fingerprint(names: &[String]) -> String {
    let hash = names.iter().fold(StableHash::default(), |hash, name| {
        hash.text(&normalise(name))
    });
    format!("{:016x}", hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_for_one_thing() {
        for (name, want) in [
            ("InvoiceNo", "invoice no"),
            ("CustomerID", "customer id"),
            ("order_id", "order id"),
            ("amazon-order-id", "amazon order id"),
            ("\u{FEFF}Order #", "order number"),
            ("Commande n°", "commande n"),
            ("État", "etat"),
            ("Discount %", "discount percent"),
            ("Produit(s)", "produit s"),
            ("  Lineitem   price ", "lineitem price"),
            ("SKUCode", "sku code"),
            ("商品名称", "商品名称"),
            ("تاريخ الطلب", "تاريخ الطلب"),
            ("ＰＲＩＣＥ", "price"),
        ] {
            assert_eq!(normalise(name), want);
        }
    }
}
