//! A tenant's name as part of an address.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

const LONGEST: usize = 40;
/// Tenants and addresses of the product's own.
const RESERVED: [&str; 6] = ["admin", "api", "demo", "platform", "sample", "system"];

/// Lower-case ASCII letters, digits and single hyphens; `shop` where nothing of that is in the name.
/// The second and later candidates carry a number.
pub(crate) fn slug(name: &str, candidate: u32) -> String {
    let mut slug = String::new();
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)) {
        for c in c.to_lowercase() {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if c != '\'' && c != '’' && !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
    }
    slug.truncate(LONGEST);
    let slug = match slug.trim_end_matches('-') {
        "" => "shop",
        slug => slug,
    };
    match candidate {
        1 if !RESERVED.contains(&slug) => slug.to_owned(),
        1 => format!("{slug}-shop"),
        n => format!("{slug}-{n}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        for (name, expected) in [
            ("Ana's Tea & Coffee", "anas-tea-coffee"),
            ("Café Zoë — Málaga", "cafe-zoe-malaga"),
            ("  --  ", "shop"),
            ("متجر", "shop"),
            ("茶店 24", "24"),
            ("Demo", "demo-shop"),
            ("ﬁne ① goods", "fine-1-goods"),
        ] {
            assert_eq!(slug(name, 1), expected, "{name}");
        }
        assert_eq!(slug("Tea", 2), "tea-2");
        assert_eq!(slug(&"tea ".repeat(30), 1).len(), 39);
    }
}
