//! What a text of JSON is made of: a value a line, values one after another, or a list within an object.

use crate::json::{What, parse, skip_blank};
use crate::tree::names_items;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonForm {
    /// A record a line. A damaged line costs itself.
    Lines,
    /// One value after another, over as many lines as they like.
    Values,
    /// The elements of a list.
    List {
        /// Keys that lead to it from the outermost object.
        path: Vec<String>,
        /// Bytes of text before its first element.
        start: u64,
    },
}

/// Lines looked at.
const LINES: usize = 200;

/// Whether the file's name says that it is JSON.
pub(crate) fn by_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".json", ".ndjson", ".jsonl", ".geojson", ".geojsonl"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// `None`: no JSON. `cut`: the text goes on.
pub(crate) fn form(text: &str, cut: bool, name: &str) -> Option<JsonForm> {
    let bytes = text.as_bytes();
    let start = skip_blank(bytes, 0);
    let second = bytes.get(skip_blank(bytes, start + 1));
    let likely = match (bytes.get(start)?, second) {
        (b'{', Some(b'"' | b'}') | None) => true,
        (
            b'[',
            Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N') | None,
        ) => true,
        _ => by_name(name),
    };
    if !likely {
        return None;
    }
    let (good, seen) = lines(text, cut);
    let first = parse(text, start);
    let list = bytes.get(start) == Some(&b'[');
    // One line alone is a list or an object that holds one as likely as a record.
    if good * 2 > seen && seen > 1 {
        return Some(JsonForm::Lines);
    }
    let begins = matches!(&first, Err(e) if e.what == What::Ends && cut);
    if list {
        let element = parse(text, skip_blank(bytes, start + 1));
        let sound = first.is_ok() || element.is_ok() || begins || by_name(name);
        return sound.then_some(JsonForm::List {
            path: Vec::new(),
            start: start as u64 + 1,
        });
    }
    let mut found = Vec::new();
    if bytes.get(start) == Some(&b'{') {
        Search {
            text,
            cut,
            found: &mut found,
        }
        .object(start + 1, &mut Vec::new());
    }
    let whole = first
        .as_ref()
        .is_ok_and(|(_, end)| skip_blank(bytes, *end) == bytes.len())
        || first.is_err();
    let holder = found
        .into_iter()
        .filter(|list| whole && !list.of_record)
        .max_by_key(|list| list.length);
    if let Some(list) = holder {
        return Some(JsonForm::List {
            path: list.path,
            start: list.start as u64,
        });
    }
    // A key and a colon: nothing else begins so, and what is damaged is said to be.
    let keyed = bytes.get(start) == Some(&b'{')
        && parse(text, skip_blank(bytes, start + 1)).is_ok_and(|(key, end)| {
            matches!(key, crate::json::Value::Text(_))
                && bytes.get(skip_blank(bytes, end)) == Some(&b':')
        });
    (first.is_ok() || begins || keyed || good > 0 || by_name(name)).then_some(
        if good > 0 && (first.is_err() || seen == 1) {
            JsonForm::Lines
        } else {
            JsonForm::Values
        },
    )
}

/// Physical lines that are whole values, of all that are not blank.
fn lines(text: &str, cut: bool) -> (usize, usize) {
    let (mut good, mut seen) = (0, 0);
    let values_alone = text.trim_start().starts_with('"');
    let mut rest = text;
    while !rest.is_empty() && seen < LINES {
        let end = rest.find(['\n', '\r']);
        if end.is_none() && cut {
            break;
        }
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        if line.trim().is_empty() {
            continue;
        }
        seen += 1;
        let mut at = 0;
        let mut values = 0;
        while let Ok((_, end)) = parse(line, at) {
            values += 1;
            at = skip_blank(line.as_bytes(), end);
            if at == line.len() {
                break;
            }
        }
        let opens = line.trim_start().starts_with(['{', '[']) || values_alone;
        good += usize::from(values > 0 && at == line.len() && opens);
    }
    (good, seen)
}

struct Found {
    path: Vec<String>,
    /// Behind the bracket.
    start: usize,
    length: usize,
    /// The object around it is a record by itself, and the list its items.
    of_record: bool,
}

struct Search<'a> {
    text: &'a str,
    cut: bool,
    found: &'a mut Vec<Found>,
}

impl Search<'_> {
    /// Members from `at` on. Returns where the object ends, if it does.
    fn object(&mut self, mut at: usize, path: &mut Vec<String>) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (mut scalars, first) = (0, self.found.len());
        let end = loop {
            at = skip_blank(bytes, at);
            match bytes.get(at) {
                Some(b'}') => break Some(at + 1),
                Some(b',') => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Ok((crate::json::Value::Text(key), after)) = parse(self.text, at) else {
                break None;
            };
            at = skip_blank(bytes, after);
            if bytes.get(at) != Some(&b':') {
                break None;
            }
            at = skip_blank(bytes, at + 1);
            path.push(key.into_owned());
            let next = match bytes.get(at) {
                Some(b'[') => self.list(at, path),
                Some(b'{') if path.len() < 4 => self.object(at + 1, path),
                _ => {
                    scalars += 1;
                    parse(self.text, at).ok().map(|(_, end)| end)
                }
            };
            path.pop();
            match next {
                Some(next) => at = next,
                None => break None,
            }
        };
        for list in self.found.iter_mut().skip(first) {
            let own = list.path.len() == path.len() + 1;
            list.of_record =
                own && scalars >= 3 && list.path.last().is_some_and(|name| names_items(name));
        }
        end
    }

    fn list(&mut self, at: usize, path: &[String]) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let inner = skip_blank(bytes, at + 1);
        let parsed = parse(self.text, at);
        let end = parsed.as_ref().ok().map(|(_, end)| *end);
        let objects = bytes.get(inner) == Some(&b'{') || bytes.get(inner).is_none() && self.cut;
        if objects {
            self.found.push(Found {
                path: path.to_vec(),
                start: at + 1,
                length: end.unwrap_or(self.text.len()) - at,
                of_record: false,
            });
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, cut: bool, want: &str) {
        let found = match form(text, cut, "file") {
            None => "none".to_owned(),
            Some(JsonForm::Lines) => "lines".to_owned(),
            Some(JsonForm::Values) => "values".to_owned(),
            Some(JsonForm::List { path, start }) => format!("/{} {start}", path.join("/")),
        };
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn what_a_text_is_made_of() {
        check("{\"a\":1}\n{\"a\":2}\n", false, "lines");
        check("{\"a\":1}\n{\"a\":2}TRAILER\n{\"a\":3}\n", false, "lines");
        check("{\n \"a\":1\n}\n{\n \"a\":2\n}\n", false, "values");
        check("[{\"a\":1},{\"a\":2}]", false, "/ 1");
        check("[\n {\"a\":1},\n {\"a\":", true, "/ 1");
        check("{\"orders\":[{\"id\":1}]}", false, "/orders 11");
        check(
            "{\"meta\":{\"n\":2},\"data\":{\"orders\":[{\"id\":1},{\"id\"",
            true,
            "/data/orders 34",
        );
        check(
            "{\"id\":1,\"date\":\"2024-03-04\",\"total\":9,\"line_items\":[{\"sku\":\"A\"}]}",
            false,
            "lines",
        );
        check("{\n\"a\": [\n\"x\"\n]\n}\n", false, "values");
        check("{name}, hello\n", false, "none");
        check("[orders]\ndate,price\n", false, "none");
        check("a,b\n1,2\n", false, "none");
    }
}
