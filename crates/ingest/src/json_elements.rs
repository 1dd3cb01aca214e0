//! The elements of a JSON text, one after another, in constant memory: where each begins and ends, sound or not.

use crate::compression::UnpackError;
use crate::dialect::{Dialect, Newline};
use crate::json::{Extent, Malformed, What, blank, parse, skip_blank};
use crate::json_form::JsonForm;
use crate::options::Limits;
use crate::split::line_length;
use crate::splitter::Raw;
use crate::text::TextReader;
use encoding_rs::Encoding;

/// Values that take this much looking at and turn out to be damaged are not looked at so long any more.
const PATIENCE: usize = 256 << 10;

pub(crate) struct Elements {
    pub text: TextReader,
    pub limits: Limits,
    pub form: JsonForm,
    width: Width,
    dialect: Dialect,
    /// How a sound element begins: where the next one may be after a damaged one.
    prefix: Vec<u8>,
    /// Original offset and physical line of the text not yet taken.
    pub offset: u64,
    pub line_no: u64,
    /// Of the line at hand, what is left of it.
    line: usize,
    damaged: u32,
    ended: bool,
    /// Text behind the list that was not read, and how it begins.
    behind: (u64, String),
}

/// How long text is in the original.
#[derive(Clone, Copy)]
enum Width {
    Same,
    Utf16,
    Single,
}

impl Width {
    fn of(encoding: &'static Encoding) -> Self {
        if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
            Self::Utf16
        } else if encoding == encoding_rs::UTF_8 {
            Self::Same
        } else {
            Self::Single
        }
    }

    fn length(self, text: &[u8]) -> u64 {
        match self {
            Self::Same => text.len() as u64,
            Self::Utf16 => String::from_utf8_lossy(text).encode_utf16().count() as u64 * 2,
            Self::Single => String::from_utf8_lossy(text).chars().count() as u64,
        }
    }
}

/// A value in the text at hand: what was found, how far the record goes, where in it the value begins.
pub(crate) enum Found {
    Value {
        lead: usize,
        end: usize,
        length: usize,
    },
    Blank {
        length: usize,
    },
    Damaged {
        length: usize,
        why: Malformed,
    },
    TooLong,
    End,
}

impl Elements {
    pub fn new(
        text: TextReader,
        encoding: &'static Encoding,
        form: JsonForm,
        limits: Limits,
    ) -> Self {
        let offset = text.offset();
        Self {
            text,
            limits,
            form,
            width: Width::of(encoding),
            dialect: Dialect {
                newline: Newline::Mixed,
                ..crate::cells::dialect(0)
            },
            prefix: Vec::new(),
            offset,
            line_no: 1,
            line: 0,
            damaged: 0,
            ended: false,
            behind: (0, String::new()),
        }
    }

    /// Steps over what stands before the first element.
    pub fn begin(&mut self) -> Result<(), UnpackError> {
        let JsonForm::List { start, .. } = self.form else {
            return Ok(());
        };
        let mut left = usize::try_from(start).unwrap_or(usize::MAX);
        while left > 0 {
            if self.text.text().is_empty() {
                if self.text.at_end() {
                    break;
                }
                self.text.fill()?;
                continue;
            }
            let n = left.min(self.text.text().len());
            self.take(n);
            left -= n;
        }
        Ok(())
    }

    pub fn take(&mut self, n: usize) {
        let text = self.text.text().get(..n).unwrap_or_default();
        self.offset += self.width.length(text);
        let feeds = memchr::memchr_iter(b'\n', text).count();
        let alone = memchr::memchr_iter(b'\r', text)
            .filter(|at| text.get(at + 1).is_some_and(|b| *b != b'\n'))
            .count();
        self.line_no += (feeds + alone) as u64;
        self.line = self.line.saturating_sub(n);
        self.text.take(n);
    }

    pub fn find(&mut self) -> Result<Found, UnpackError> {
        if self.ended {
            return Ok(Found::End);
        }
        match self.form {
            JsonForm::Lines => self.find_in_line(),
            JsonForm::Values | JsonForm::List { .. } => self.find_element(),
        }
    }

    fn find_in_line(&mut self) -> Result<Found, UnpackError> {
        while self.line == 0 {
            let text = self.text.text();
            if text.is_empty() && self.text.at_end() {
                self.ended = true;
                return Ok(Found::End);
            }
            let length = if text.is_empty() {
                None
            } else {
                line_length(text, self.text.at_end(), &self.dialect)
            };
            match length {
                Some(length) => self.line = length,
                None if text.len() > self.limits.record_bytes => return Ok(Found::TooLong),
                None => self.text.fill()?,
            }
        }
        let line = self.text.text().get(..self.line).unwrap_or_default();
        if line.len() > self.limits.record_bytes {
            return Ok(Found::TooLong);
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Ok(Found::Damaged {
                length: line.len(),
                why: encoding_fault(line),
            });
        };
        let lead = skip_blank(line, 0);
        if lead == line.len() {
            return Ok(Found::Blank { length: line.len() });
        }
        Ok(match parse(text, lead) {
            Ok((_, end)) => {
                let next = skip_blank(line, end);
                // Values written close together are as many records; a comma between them does no harm.
                let next = if line.get(next) == Some(&b',') {
                    skip_blank(line, next + 1)
                } else {
                    next
                };
                let more = next < line.len();
                let apart = line
                    .get(next)
                    .is_none_or(|b| matches!(b, b'{' | b'[' | b'"') || next > end);
                if more && !apart {
                    Found::Damaged {
                        length: line.len(),
                        why: Malformed {
                            at: end,
                            what: What::Unexpected,
                        },
                    }
                } else {
                    Found::Value {
                        lead,
                        end,
                        length: if more { end } else { line.len() },
                    }
                }
            }
            Err(why) => Found::Damaged {
                length: line.len(),
                why,
            },
        })
    }

    fn find_element(&mut self) -> Result<Found, UnpackError> {
        let mut list = matches!(self.form, JsonForm::List { .. });
        let mut lead = 0;
        // What separates elements belongs to the one that follows.
        loop {
            let text = self.text.text();
            match text.get(lead) {
                Some(byte) if blank(*byte) || matches!(byte, b',' | 0x1e) => lead += 1,
                Some(b']') if list => match self.close(lead)? {
                    Some(next) => {
                        list = matches!(self.form, JsonForm::List { .. });
                        lead = next;
                    }
                    None => return Ok(Found::End),
                },
                Some(_) => break,
                None if !self.text.at_end() => self.text.fill()?,
                None => {
                    self.ended = true;
                    return Ok(if lead == 0 {
                        Found::End
                    } else {
                        Found::Blank { length: lead }
                    });
                }
            }
        }
        let patience = if self.damaged > 16 {
            PATIENCE.min(self.limits.record_bytes)
        } else {
            self.limits.record_bytes
        };
        let mut extent = Extent::default();
        let mut seen = lead;
        let end = loop {
            let text = self.text.text();
            let rest = text.get(seen..).unwrap_or_default();
            if let Some(n) = extent.feed(rest) {
                break Some(seen + n);
            }
            seen = text.len();
            if seen - lead > patience {
                break None;
            }
            if self.text.at_end() {
                break extent.may_end().then_some(seen);
            }
            self.text.fill()?;
        };
        let text = self.text.text();
        let looked = text
            .get(lead..end.unwrap_or(text.len()))
            .unwrap_or_default();
        let result = match std::str::from_utf8(looked) {
            Ok(value) => match parse(value, 0) {
                Ok((_, n)) if lead + n == end.unwrap_or(0) => Ok(lead + n),
                Ok((_, n)) => Err(Malformed {
                    at: n,
                    what: What::Unexpected,
                }),
                Err(why) => Err(why),
            },
            Err(_) => Err(encoding_fault(looked)),
        };
        match result {
            Ok(end) => {
                if self.prefix.is_empty() {
                    self.prefix = prefix(looked);
                }
                let length = self.absorb_blanks(end)?;
                Ok(Found::Value { lead, end, length })
            }
            Err(why) => {
                self.damaged = self.damaged.saturating_add(1);
                // The next element begins as they all do.
                let again = (self.prefix.len() > 2)
                    .then(|| memchr::memmem::find(looked.get(1..)?, &self.prefix))
                    .flatten();
                match (again, end) {
                    (Some(at), _) => Ok(Found::Damaged {
                        length: lead + 1 + at,
                        why,
                    }),
                    // A bracket that nothing opened must not stop everything.
                    (None, Some(end)) => Ok(Found::Damaged {
                        length: end.max(lead + 1),
                        why,
                    }),
                    (None, None) if self.text.at_end() && looked.len() <= patience => {
                        Ok(Found::Damaged {
                            length: text.len(),
                            why,
                        })
                    }
                    (None, None) => Ok(Found::TooLong),
                }
            }
        }
    }

    /// Blanks at the end of the file belong to the last record.
    fn absorb_blanks(&mut self, end: usize) -> Result<usize, UnpackError> {
        loop {
            let text = self.text.text();
            let next = skip_blank(text, end);
            if next < text.len() {
                return Ok(end);
            }
            if self.text.at_end() {
                return Ok(next);
            }
            self.text.fill()?;
        }
    }

    /// The list ends at `at`: another may follow at once, or what stands around it. Returns where elements go on.
    fn close(&mut self, at: usize) -> Result<Option<usize>, UnpackError> {
        let JsonForm::List { path, .. } = &self.form else {
            return Ok(None);
        };
        let inner = !path.is_empty();
        let mut next = at + 1;
        loop {
            let text = self.text.text();
            next = skip_blank(text, next);
            if text.get(next).is_none() && !self.text.at_end() {
                self.text.fill()?;
                continue;
            }
            break;
        }
        if inner {
            // Other members of the object around it.
            self.ended = true;
            while !self.text.text().is_empty() || !self.text.at_end() {
                let text = self.text.text();
                self.behind.0 += text
                    .iter()
                    .filter(|b| !blank(**b) && !matches!(b, b']' | b'}' | b','))
                    .count() as u64;
                if self.behind.1.len() < 200 {
                    let shown = String::from_utf8_lossy(
                        text.get(..text.len().min(400)).unwrap_or_default(),
                    );
                    self.behind.1.push_str(&shown);
                }
                let n = text.len();
                // The offset stays: it is where the records end.
                self.text.take(n);
                self.text.fill()?;
            }
            return Ok(None);
        }
        // What closes one list and opens the next belongs to the record that follows.
        Ok(match self.text.text().get(next) {
            None => {
                self.ended = true;
                None
            }
            Some(b'[') => Some(next + 1),
            Some(_) => {
                self.form = JsonForm::Values;
                Some(at + 1)
            }
        })
    }

    /// What stands behind the list and was not read: bytes, and how it begins.
    pub fn behind(&self) -> Option<(u64, &str)> {
        (self.behind.0 > 0).then_some((self.behind.0, self.behind.1.as_str()))
    }

    /// Lets a value go that is longer than any record may be.
    pub fn skip_long(&mut self, raw: &mut Raw) -> Result<(), UnpackError> {
        let text = self.text.text();
        raw.long
            .extend_from_slice(text.get(..text.len().min(4096)).unwrap_or_default());
        let lines = self.form == JsonForm::Lines;
        let mut first = true;
        loop {
            let text = self.text.text();
            let found = if lines {
                line_length(text, self.text.at_end(), &self.dialect)
            } else {
                let from = usize::from(first);
                (self.prefix.len() > 2)
                    .then(|| memchr::memmem::find(text.get(from..)?, &self.prefix))
                    .flatten()
                    .map(|at| at + from)
            };
            first = false;
            if let Some(length) = found {
                self.take(length);
                self.line = 0;
                return Ok(());
            }
            let keep = if self.text.at_end() {
                0
            } else {
                self.prefix.len().max(1).min(text.len())
            };
            self.take(text.len() - keep);
            if self.text.at_end() && self.text.text().is_empty() {
                return Ok(());
            }
            self.text.fill()?;
        }
    }
}

fn encoding_fault(bytes: &[u8]) -> Malformed {
    let at = match std::str::from_utf8(bytes) {
        Ok(_) => 0,
        Err(e) => e.valid_up_to(),
    };
    Malformed {
        at,
        what: What::Unexpected,
    }
}

/// An element up to the end of its first key.
fn prefix(element: &[u8]) -> Vec<u8> {
    let start = skip_blank(element, 1);
    if element.first() != Some(&b'{') || element.get(start) != Some(&b'"') {
        return Vec::new();
    }
    let rest = element.get(start + 1..).unwrap_or_default();
    match memchr::memchr(b'"', rest) {
        Some(n) if n < 200 => element.get(..start + n + 2).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}
