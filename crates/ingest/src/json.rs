//! JSON as written: numbers keep every digit and repeated keys stay, which general parsers do not promise.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Deeper values are refused: no export nests so, and recursion must end.
pub(crate) const DEPTH: usize = 64;

/// A value that may hold others: of JSON, or of a Parquet row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written, in the notation of JSON.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(List<'a>),
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct List<'a> {
    pub items: Vec<Value<'a>>,
    /// Where each item ends in the text it was read from; empty where it was read from no text.
    pub ends: Vec<usize>,
}

impl<'a> Value<'a> {
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            Self::Number(n) => Value::Number(Cow::Owned(n.into_owned())),
            Self::Text(t) => Value::Text(Cow::Owned(t.into_owned())),
            Self::List(list) => Value::List(List {
                items: list.items.into_iter().map(Value::into_owned).collect(),
                ends: list.ends,
            }),
            Self::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(k, v)| (Cow::Owned(k.into_owned()), v.into_owned()))
                    .collect(),
            ),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Self::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    pub fn is_list_of_objects(&self) -> bool {
        matches!(self, Self::List(list) if matches!(list.items.first(), Some(Self::Object(_))))
    }

    /// Compact JSON.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(b) => {
                // Writing to a String does not fail.
                let _written = write!(out, "{b}");
            }
            Self::Number(n) => out.push_str(n),
            Self::Text(t) => quote(t, out),
            Self::List(list) => {
                out.push('[');
                for (at, item) in list.items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub at: usize,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The text ends within the value.
    Ends,
    Unexpected,
    TooDeep,
}

pub(crate) fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Where the next byte that is not blank stands.
pub(crate) fn skip_blank(bytes: &[u8], at: usize) -> usize {
    at + bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| blank(**b))
        .count()
}

/// One value at `at`, and where it ends.
pub(crate) fn parse(text: &str, at: usize) -> Result<(Value<'_>, usize), Malformed> {
    let mut parser = Parser { text, at };
    let value = parser.value(0)?;
    Ok((value, parser.at))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn peek(&mut self) -> Option<u8> {
        self.at = skip_blank(self.bytes(), self.at);
        self.bytes().get(self.at).copied()
    }

    fn wrong(&self) -> Malformed {
        Malformed {
            at: self.at,
            what: if self.at >= self.text.len() {
                What::Ends
            } else {
                What::Unexpected
            },
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        if depth > DEPTH {
            return Err(Malformed {
                at: self.at,
                what: What::TooDeep,
            });
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.wrong()),
        }
    }

    /// `NaN` and `Infinity` are no JSON, and data frames write them for nothing.
    fn word(&mut self) -> Result<Value<'a>, Malformed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Null),
            ("Infinity", Value::Null),
        ] {
            if let Some(after) = rest.strip_prefix(word) {
                if after.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                    break;
                }
                self.at += word.len();
                return Ok(value);
            }
            if word.starts_with(rest) {
                self.at = self.text.len();
                break;
            }
        }
        Err(self.wrong())
    }

    fn number(&mut self) -> Result<Value<'a>, Malformed> {
        let start = self.at;
        let rest = self.bytes().get(start..).unwrap_or_default();
        if rest.starts_with(b"-Infinity") {
            self.at += 9;
            return Ok(Value::Null);
        }
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let text = self.text.get(start..start + length).unwrap_or_default();
        // What Rust takes for a number here is what JSON does, and a leading zero or point more.
        if text.parse::<f64>().is_err() {
            let open = !text.ends_with(|c: char| c.is_ascii_digit());
            self.at = if length == rest.len() && open {
                self.text.len()
            } else {
                start
            };
            return Err(self.wrong());
        }
        self.at += length;
        Ok(Value::Number(Cow::Borrowed(text)))
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        self.at += 1;
        let mut list = List::default();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(list));
        }
        loop {
            list.items.push(self.value(depth + 1)?);
            list.ends.push(self.at);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(list));
                }
                _ => return Err(self.wrong()),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        self.at += 1;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong());
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.wrong());
            }
            self.at += 1;
            members.push((key, self.value(depth + 1)?));
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.wrong()),
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let start = self.at + 1;
        let mut from = start;
        let mut out: Option<String> = None;
        loop {
            let rest = self.bytes().get(from..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.text.len();
                return Err(self.wrong());
            };
            let plain = self.text.get(from..from + found).unwrap_or_default();
            let at = from + found;
            if self.bytes().get(at) == Some(&b'"') {
                self.at = at + 1;
                return Ok(match out {
                    None => Cow::Borrowed(plain),
                    Some(mut text) => {
                        text.push_str(plain);
                        Cow::Owned(text)
                    }
                });
            }
            let text = out.get_or_insert_default();
            text.push_str(plain);
            self.at = at + 1;
            from = self.escape(text)?;
        }
    }

    /// Behind the backslash. Returns where the text goes on.
    fn escape(&mut self, out: &mut String) -> Result<usize, Malformed> {
        let code = *self.bytes().get(self.at).ok_or_else(|| self.wrong())?;
        let ch = match code {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit(self.at + 1)?;
                self.at += 5;
                let high = (0xD800..0xDC00).contains(&unit);
                let pair = high && self.bytes().get(self.at..self.at + 2) == Some(b"\\u");
                let low = if pair {
                    self.unit(self.at + 2)
                        .ok()
                        .filter(|l| (0xDC00..0xE000).contains(l))
                } else {
                    None
                };
                let ch = match low {
                    Some(low) => {
                        self.at += 6;
                        char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
                    }
                    None => char::from_u32(unit),
                };
                // Half a character is all that was written.
                out.push(ch.unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(self.at);
            }
            _ => return Err(self.wrong()),
        };
        out.push(ch);
        self.at += 1;
        Ok(self.at)
    }

    fn unit(&self, at: usize) -> Result<u32, Malformed> {
        self.text
            .get(at..at + 4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or(Malformed {
                at: at.min(self.text.len()),
                what: if at + 4 > self.text.len() {
                    What::Ends
                } else {
                    What::Unexpected
                },
            })
    }
}

/// Finds where a value ends without keeping it, however long it is and in however many pieces it comes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    depth: u64,
    within: bool,
    escaped: bool,
    started: bool,
    /// Neither text nor brackets: it ends where such a thing cannot go on.
    bare: bool,
}

impl Extent {
    /// Bytes of `bytes` up to the value's end; `None` while it goes on.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.within {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.within = false;
                        if self.depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            if self.bare {
                if blank(*byte) || matches!(byte, b',' | b']' | b'}' | b'{' | b'[' | b'"') {
                    return Some(at);
                }
                continue;
            }
            match byte {
                b'"' => (self.within, self.started) = (true, true),
                b'{' | b'[' => {
                    self.depth += 1;
                    self.started = true;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ if self.depth > 0 || blank(*byte) => {}
                _ => (self.bare, self.started) = (true, true),
            }
        }
        None
    }

    /// Whether the end of the file ends it too.
    pub fn may_end(&self) -> bool {
        self.bare || !self.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(text: &str) -> String {
        let (value, end) = parse(text, 0).unwrap();
        assert_eq!(skip_blank(text.as_bytes(), end), text.len());
        let mut out = String::new();
        value.write(&mut out);
        out
    }

    #[test]
    fn nothing_is_rounded_and_no_key_is_lost() {
        for (text, want) in [
            (
                r#"{"a": 12345678901234567890.10, "a": 2}"#,
                r#"{"a":12345678901234567890.10,"a":2}"#,
            ),
            (
                r#"["\u00e9\ud83d\ude00\n", null, NaN, true]"#,
                "[\"é😀\\n\",null,null,true]",
            ),
            (r#" [ ] "#, "[]"),
            (r#""\ud800x""#, "\"\u{FFFD}x\""),
        ] {
            assert_eq!(back(text), want);
        }
    }

    #[test]
    fn what_is_no_json() {
        for (text, what) in [
            ("{\"a\":", What::Ends),
            ("[1,2", What::Ends),
            ("\"abc", What::Ends),
            ("tru", What::Ends),
            ("{a:1}", What::Unexpected),
            ("[1 2]", What::Unexpected),
            ("[1,]", What::Unexpected),
            ("nulls", What::Unexpected),
            ("1-2", What::Unexpected),
            ("\"\\x\"", What::Unexpected),
        ] {
            assert_eq!(parse(text, 0).unwrap_err().what, what, "{text}");
        }
        assert_eq!(
            parse(&"[".repeat(100_000), 0).unwrap_err().what,
            What::TooDeep
        );
    }

    proptest! {
        #[test]
        fn the_general_parser_agrees(text in "[\\[\\]{}\",:0-9a \\\\nu-]{0,40}") {
            if let Ok(want) = serde_json::from_str::<serde_json::Value>(&text) {
                let (value, _) = parse(&text, 0).unwrap();
                let mut out = String::new();
                value.write(&mut out);
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), want);
            }
        }

        #[test]
        fn the_extent_is_the_values(text in "[\\[\\]{}\",:0-9a \\\\-]{0,40}", cut in 0_usize..40) {
            let apart = |end: usize| text[end..].starts_with(|c: char| " ,]}{[\"".contains(c)) || end == text.len();
            if let Some((_, end)) = parse(&text, 0).ok().filter(|(_, end)| apart(*end)) {
                let bytes = text.as_bytes();
                let cut = cut.min(end);
                let mut extent = Extent::default();
                let found = extent.feed(&bytes[..cut]).or_else(|| extent.feed(&bytes[cut..]).map(|n| n + cut));
                match found {
                    Some(found) => prop_assert_eq!(found, end),
                    None => prop_assert!(extent.may_end() && end == text.len()),
                }
            }
        }
    }
}
