//! Which files of a place are meant.

/// Names that programs give to what they are still writing.
const UNFINISHED: &[&str] = &[".part", ".partial", ".tmp", ".crdownload", ".filepart", "~"];

/// Whether a name fits one of the patterns, which are separated by commas: `*` stands for any characters, `?` for one;
/// letters fit in either case. Hidden files, and those that are named as being written, fit none.
pub(super) fn fits(patterns: &str, name: &str) -> bool {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let text: String = name.iter().collect();
    if text.starts_with('.') || UNFINISHED.iter().any(|end| text.ends_with(end)) {
        return false;
    }
    patterns.split(',').any(|pattern| {
        let pattern: Vec<char> = pattern.trim().to_lowercase().chars().collect();
        matches(&pattern, &name)
    })
}

/// Goes back to the last `*` only: never more steps than the lengths' product.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else {
                    return false;
                };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn names_and_patterns() {
        for (pattern, name, fit) in [
            ("*", "orders.csv", true),
            ("*.csv", "orders.csv", true),
            ("*.csv", "ORDERS.CSV", true),
            ("*.csv", "orders.csv.gz", false),
            ("*.csv, *.xlsx", "orders.xlsx", true),
            ("orders-????.csv", "orders-2025.csv", true),
            ("orders-????.csv", "orders-25.csv", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("*", ".hidden.csv", false),
            ("*", "orders.csv.part", false),
            ("*", "orders.csv~", false),
            ("", "orders.csv", false),
            ("*é*", "Café.csv", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }
}
