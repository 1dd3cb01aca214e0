//! Records cut from JSON, in constant memory, with every byte accounted for: an element is a record, or as many as it
//! holds items.

use crate::cells::CellWriter;
use crate::compression::UnpackError;
use crate::json::{Value, parse};
use crate::json_elements::{Elements, Found};
use crate::json_form::JsonForm;
use crate::number::Decimal;
use crate::options::Limits;
use crate::record::{Place, RejectCode};
use crate::record_source::RecordSource;
use crate::splitter::Raw;
use crate::text::TextReader;
use crate::tree::{Columns, TreeLayout, write_row};
use encoding_rs::Encoding;

pub(crate) struct JsonRecords {
    elements: Elements,
    layout: TreeLayout,
    columns: Columns,
    decimals: Vec<Decimal>,
    writer: CellWriter,
    /// Elements met.
    met: u64,
    /// A value whose items are handed out one by one.
    open: Option<Open>,
    written: u64,
}

struct Open {
    value: Value<'static>,
    next: usize,
    count: usize,
    /// Ends of the items, in text counted from the value's own start.
    ends: Vec<usize>,
    /// Text of the whole record, and where the value begins in it.
    length: usize,
    lead: usize,
    /// Of which is handed out.
    taken: usize,
    element: u64,
}

impl JsonRecords {
    pub fn new(
        text: TextReader,
        encoding: &'static Encoding,
        form: JsonForm,
        layout: TreeLayout,
        columns: &[String],
        decimals: Vec<Decimal>,
        limits: Limits,
    ) -> Self {
        Self {
            elements: Elements::new(text, encoding, form, limits),
            layout,
            columns: Columns::new(columns),
            decimals,
            writer: CellWriter::default(),
            met: 0,
            open: None,
            written: 0,
        }
    }

    /// Steps over what stands before the first element.
    pub fn begin(&mut self) -> Result<(), UnpackError> {
        self.elements.begin()
    }

    /// The next value as it is, for those who only look. `None` at the end; `Some(None)`: a damaged one.
    pub fn look(&mut self) -> Result<Option<Option<Value<'static>>>, UnpackError> {
        loop {
            match self.elements.find()? {
                Found::End => return Ok(None),
                Found::Blank { length } => self.elements.take(length),
                Found::TooLong => {
                    self.elements.skip_long(&mut Raw::default())?;
                    return Ok(Some(None));
                }
                Found::Damaged { length, .. } => {
                    self.elements.take(length);
                    return Ok(Some(None));
                }
                Found::Value { lead, end, length } => {
                    let value = self
                        .elements
                        .text
                        .text()
                        .get(lead..end)
                        .and_then(|bytes| std::str::from_utf8(bytes).ok())
                        .and_then(|text| parse(text, 0).ok())
                        .map(|(value, _)| value.into_owned());
                    self.elements.take(length);
                    return Ok(Some(value));
                }
            }
        }
    }

    fn pointer(&self, element: u64, item: Option<usize>) -> Place {
        let mut pointer = String::new();
        let mut push = |token: &str| {
            pointer.push('/');
            pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        };
        if let JsonForm::List { path, .. } = &self.elements.form {
            path.iter().for_each(|key| push(key));
            push(&element.to_string());
        }
        if let (Some(item), Some(path)) = (item, &self.layout.items) {
            path.iter().for_each(|key| push(key));
            push(&item.to_string());
        }
        Place::Json { pointer }
    }

    /// The next row of the open value.
    fn hand_out(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        let leaves = self.layout.row(&open.value, open.next);
        write_row(&leaves, &self.columns, &self.decimals, &mut self.writer);
        let last = open.next + 1 == open.count;
        let end = if last {
            open.length
        } else {
            open.ends
                .get(open.next)
                .map_or(open.taken, |end| open.lead + end)
        };
        let length = end - open.taken;
        let (element, item) = (open.element, open.next);
        let several = self.layout.items.is_some();
        open.taken = end;
        open.next += 1;
        if last {
            self.open = None;
        }
        self.written += self.writer.text.len() as u64;
        if self.written > self.elements.limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        raw.place = Some(self.pointer(element, several.then_some(item)));
        raw.group = element;
        self.hold(raw, length);
        Ok(true)
    }

    fn hold(&mut self, raw: &mut Raw, length: usize) {
        raw.byte_start = self.elements.offset;
        raw.line_no = self.elements.line_no;
        self.elements.take(length);
        raw.byte_end = self.elements.offset;
        raw.sound = true;
        raw.end = self.writer.end;
        std::mem::swap(&mut raw.cells, &mut self.writer.cells);
        std::mem::swap(&mut raw.more, &mut self.writer.more);
    }
}

impl RecordSource for JsonRecords {
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError> {
        raw.clear();
        if self.hand_out(raw)? {
            return Ok(true);
        }
        self.writer.begin();
        match self.elements.find()? {
            Found::End => return Ok(false),
            Found::Blank { length } => {
                self.hold(raw, length);
                return Ok(true);
            }
            Found::TooLong => {
                raw.byte_start = self.elements.offset;
                raw.line_no = self.elements.line_no;
                self.elements.skip_long(raw)?;
                raw.byte_end = self.elements.offset;
                raw.sound = true;
                raw.end = 0;
                raw.place = Some(self.pointer(self.met, None));
                raw.damage = Some(RejectCode::FieldTooLong);
                self.met += 1;
                return Ok(raw.byte_end > raw.byte_start);
            }
            Found::Damaged { length, why } => {
                let text = self.elements.text.text().get(..length).unwrap_or_default();
                raw.sound = std::str::from_utf8(text).is_ok();
                let sound = raw.sound;
                raw.long.extend_from_slice(
                    text.trim_ascii()
                        .get(..text.trim_ascii().len().min(4096))
                        .unwrap_or_default(),
                );
                raw.why = Some(why);
                raw.place = Some(self.pointer(self.met, None));
                raw.damage = Some(if sound {
                    RejectCode::BadJson
                } else {
                    RejectCode::InvalidEncoding
                });
                self.met += 1;
                self.hold(raw, length);
                raw.sound = sound;
                return Ok(true);
            }
            Found::Value { lead, end, length } => {
                let value = self
                    .elements
                    .text
                    .text()
                    .get(lead..end)
                    .and_then(|bytes| std::str::from_utf8(bytes).ok())
                    .and_then(|text| parse(text, 0).ok())
                    .map(|(value, _)| value.into_owned())
                    .unwrap_or(Value::Null);
                self.open = Some(Open {
                    next: 0,
                    count: self.layout.count(&value),
                    ends: self.layout.ends(&value).to_vec(),
                    value,
                    length,
                    lead,
                    taken: 0,
                    element: self.met,
                });
                self.met += 1;
            }
        }
        self.hand_out(raw)
    }

    fn text(&self, _raw: &Raw) -> &[u8] {
        self.writer.text.as_bytes()
    }

    fn consumed(&self) -> u64 {
        self.elements.text.consumed()
    }

    fn offset(&self) -> u64 {
        self.elements.offset
    }

    fn left_out(&self) -> Option<(u64, String)> {
        self.elements.behind().map(|(bytes, text)| {
            let shown = text.trim_start_matches(|c: char| c.is_whitespace() || "]},".contains(c));
            (bytes, shown.chars().take(60).collect())
        })
    }
}
