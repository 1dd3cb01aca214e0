//! XML in pieces of limited size.

use crate::compression::{UnpackError, Unpacked};
use crate::options::Limits;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::{self, BufRead, Read};

/// One tag, or the text between two.
const PIECE: u64 = 4 << 20;

/// Unpacked bytes of a part, counted.
pub(crate) struct Part {
    source: Unpacked,
    limits: Limits,
    most: u64,
    buf: Vec<u8>,
    at: usize,
    end: usize,
    total: u64,
    /// Bytes since the last piece began.
    piece: u64,
    failed: Option<UnpackError>,
}

impl Part {
    fn fail(&mut self, error: UnpackError) -> io::Error {
        self.failed = Some(error);
        io::Error::other("stopped")
    }
}

impl Read for Part {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), available.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Part {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            if self.piece > PIECE || self.total > self.most {
                return Err(self.fail(UnpackError::TooLarge));
            }
            self.at = 0;
            self.end = match self.source.read(&mut self.buf, self.total, &self.limits) {
                Ok(n) => n,
                Err(error) => return Err(self.fail(error)),
            };
            self.total += self.end as u64;
        }
        Ok(self.buf.get(self.at..self.end).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        self.at += n;
        self.piece += n as u64;
    }
}

/// Events of a part of the workbook.
pub(crate) struct Xml {
    reader: Reader<Part>,
    buf: Vec<u8>,
}

impl Xml {
    /// `most`: unpacked bytes.
    pub fn new(source: Unpacked, limits: Limits, most: u64) -> Self {
        Self {
            reader: Reader::from_reader(Part {
                source,
                limits,
                most,
                buf: vec![0; 64 << 10],
                at: 0,
                end: 0,
                total: 0,
                piece: 0,
                failed: None,
            }),
            buf: Vec::new(),
        }
    }

    /// `Eof` at the end.
    pub fn next(&mut self) -> Result<Event<'_>, UnpackError> {
        self.buf.clear();
        self.reader.get_mut().piece = 0;
        match self.reader.read_event_into(&mut self.buf) {
            Ok(event) => Ok(event.into_owned()),
            Err(error) => Err(self.reader.get_mut().failed.take().unwrap_or_else(|| {
                UnpackError::Broken(format!("its XML makes no sense, {error}"))
            })),
        }
    }

    pub fn consumed(&self) -> u64 {
        self.reader.get_ref().source.consumed()
    }
}

pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name.as_bytes())
        .map(|a| {
            let raw = String::from_utf8_lossy(&a.value).into_owned();
            match quick_xml::escape::unescape(&raw) {
                Ok(text) => text.into_owned(),
                Err(_) => raw,
            }
        })
}

/// `&amp;`, `&#10;`
pub(crate) fn reference(reference: &BytesRef<'_>, out: &mut String) {
    match reference.resolve_char_ref() {
        Ok(Some(ch)) => out.push(ch),
        _ => {
            let name = String::from_utf8_lossy(reference).into_owned();
            match quick_xml::escape::resolve_predefined_entity(&name) {
                Some(text) => out.push_str(text),
                None => {
                    out.push('&');
                    out.push_str(&name);
                    out.push(';');
                }
            }
        }
    }
}
