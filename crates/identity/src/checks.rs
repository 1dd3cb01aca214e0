//! What is taken as an e-mail address or a name.

use crate::Problem;

const LONGEST_NAME: usize = 100;

/// Trimmed and in lower case, or `None` where no mail could reach it.
///
/// Deliberately shallow: only sending mail tells whether an address exists.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let local_fits = !local.is_empty() && local.len() <= 64 && !local.contains('@');
    let domain_fits = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| c == '-' || c.is_ascii_alphanumeric() || !c.is_ascii())
        });
    let printable = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    (local_fits && domain_fits && printable && text.len() <= 254).then_some(text)
}

/// Trimmed, or the key of what is wrong.
pub(crate) fn name(text: &str, missing: &'static str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().all(char::is_control) {
        Err(missing)
    } else if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        Err("name_too_long")
    } else {
        Ok(text.to_owned())
    }
}

/// Notes a problem and goes on, so that a form shows all of them at once.
pub(crate) fn noted<T: Default>(
    problems: &mut Vec<Problem>,
    field: &'static str,
    result: Result<T, &'static str>,
) -> T {
    result.unwrap_or_else(|key| {
        problems.push(Problem { field, key });
        T::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            (" Ana.Lopez@Example.COM ", Some("ana.lopez@example.com")),
            ("a+b@x.co", Some("a+b@x.co")),
            ("用户@例子.中国", Some("用户@例子.中国")),
            (
                "demo@smartretail360.invalid",
                Some("demo@smartretail360.invalid"),
            ),
            ("ana", None),
            ("@example.com", None),
            ("ana@", None),
            ("ana@localhost", None),
            ("ana@@example.com", None),
            ("ana@exa mple.com", None),
            ("ana@-example.com", None),
            ("ana@example..com", None),
            ("ana\0@example.com", None),
            ("ana@example.com\r\nBcc: x@y.z", None),
        ] {
            assert_eq!(email(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(email(&format!("{}@x.co", "a".repeat(65))), None);
    }

    #[test]
    fn names() {
        assert_eq!(name(" Ana ", "name_missing"), Ok("Ana".to_owned()));
        assert_eq!(name(" \t", "name_missing"), Err("name_missing"));
        assert_eq!(name(&"a".repeat(101), "name_missing"), Err("name_too_long"));
        assert!(name("店", "name_missing").is_ok());
    }
}
