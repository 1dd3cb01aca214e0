//! What the merchant says of a file's form, where detection was wrong about it.

use crate::error::NotImportable;
use crate::inspect::{choice, yes_no};
use crate::options::{Decisions, Options};
use encoding_rs::Encoding;

/// Decisions that change what the columns are called, and so what is remembered of files like this one.
const KEYS: [&str; 5] = ["encoding", "delimiter", "quote", "header", "sheet"];

/// Encodings that are offered; any of the WHATWG Encoding Standard is understood.
pub const ENCODINGS: [&str; 13] = [
    "UTF-8",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1254",
    "windows-1256",
    "GBK",
    "Big5",
    "Shift_JIS",
    "EUC-KR",
    "UTF-16LE",
    "UTF-16BE",
    "macintosh",
];

/// Delimiters by the word that stands for them in a decision.
const DELIMITERS: [(&str, u8); 5] = [
    ("comma", b','),
    ("semicolon", b';'),
    ("tab", b'\t'),
    ("bar", b'|'),
    ("space", b' '),
];

const QUOTES: [(&str, u8); 2] = [("double", b'"'), ("single", b'\'')];

/// Delimiters that are offered.
pub fn delimiters() -> impl Iterator<Item = &'static str> {
    DELIMITERS.into_iter().map(|(word, _)| word)
}

/// Quotation marks that are offered.
pub fn quotes() -> impl Iterator<Item = &'static str> {
    QUOTES.into_iter().map(|(word, _)| word)
}

/// A delimiter as it is written in a decision: `comma`, else the character, `0x1f` where it cannot be seen.
pub fn delimiter_word(delimiter: u8) -> String {
    match DELIMITERS.into_iter().find(|(_, byte)| *byte == delimiter) {
        Some((word, _)) => word.to_owned(),
        None if delimiter.is_ascii_graphic() => char::from(delimiter).to_string(),
        None => format!("0x{delimiter:02x}"),
    }
}

/// A quotation mark as it is written in a decision.
pub fn quote_word(quote: u8) -> &'static str {
    let mut known = QUOTES.into_iter();
    known
        .find(|(_, byte)| *byte == quote)
        .map_or("double", |(word, _)| word)
}

/// What is said of the form; `None` is left to detection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    pub encoding: Option<&'static Encoding>,
    pub delimiter: Option<u8>,
    pub quote: Option<u8>,
    pub header: Option<bool>,
}

impl Said {
    pub fn of(options: &Options) -> Result<Self, NotImportable> {
        let quotes: Vec<&str> = quotes().collect();
        let quote = choice(options, "quote", &quotes)?;
        Ok(Self {
            encoding: encoding(options)?,
            delimiter: delimiter(options)?,
            quote: quote
                .and_then(|said| QUOTES.into_iter().find(|(word, _)| *word == said))
                .map(|(_, byte)| byte),
            header: yes_no(options, "header")?,
        })
    }
}

fn encoding(options: &Options) -> Result<Option<&'static Encoding>, NotImportable> {
    let Some(said) = options.decisions.get("encoding") else {
        return Ok(None);
    };
    let known = Encoding::for_label_no_replacement(said.as_bytes());
    known.map(Some).ok_or_else(|| NotImportable::BadDecision {
        key: "encoding".to_owned(),
        value: said.clone(),
        expected: format!("Use the name of an encoding: {}.", ENCODINGS.join(", ")),
    })
}

fn delimiter(options: &Options) -> Result<Option<u8>, NotImportable> {
    let Some(said) = options.decisions.get("delimiter") else {
        return Ok(None);
    };
    let word = DELIMITERS.into_iter().find(|(word, _)| word == said);
    let byte = match (word, said.as_bytes()) {
        (Some((_, byte)), _) => Some(byte),
        (None, [byte]) => Some(*byte),
        (None, [b'0', b'x', digits @ ..]) => str::from_utf8(digits)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
        _ => None,
    };
    // What is part of values, or ends a line, separates nothing.
    byte.filter(|b| {
        b.is_ascii() && !b.is_ascii_alphanumeric() && !matches!(b, b'\n' | b'\r' | b'"' | b'\'')
    })
    .map(Some)
    .ok_or_else(|| NotImportable::BadDecision {
        key: "delimiter".to_owned(),
        value: said.clone(),
        expected: "Use comma, semicolon, tab, bar, space, or the character itself.".to_owned(),
    })
}

/// The decisions without those about the form: by them the file looks as it does to whoever has not decided anything.
/// `None`: there are none about it.
pub fn without_form(decisions: &Decisions) -> Option<Decisions> {
    let mut rest = decisions.clone();
    rest.retain(|key, _| !KEYS.contains(&key.as_str()));
    (rest.len() < decisions.len()).then_some(rest)
}
