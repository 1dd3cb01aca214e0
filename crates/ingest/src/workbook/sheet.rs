//! The rows of a sheet, one after another.

use super::cell::{Style, date, number, place};
use super::package::{Package, Sheet, decoded};
use super::xml::{Xml, attribute, reference};
use crate::compression::UnpackError;
use crate::options::Limits;
use quick_xml::events::{BytesStart, Event};

/// A sheet's last column is XFD.
const COLUMNS: usize = 16_384;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SheetRow {
    /// From 1.
    pub row: u64,
    pub cells: Vec<SheetCell>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SheetCell {
    pub text: String,
    /// A number, with a decimal point.
    pub number: bool,
}

pub(crate) struct SheetRows {
    xml: Option<Xml>,
    row: u64,
    within: bool,
    limits: Limits,
}

impl SheetRows {
    pub fn new(package: &Package, sheet: &Sheet, limits: Limits) -> Result<Self, UnpackError> {
        Ok(Self {
            xml: package.sheet(sheet)?,
            row: 0,
            within: false,
            limits,
        })
    }

    pub fn consumed(&self) -> u64 {
        self.xml.as_ref().map_or(0, Xml::consumed)
    }

    /// The next row that the sheet has cells in. `None` after the last.
    pub fn next(&mut self, package: &Package) -> Result<Option<SheetRow>, UnpackError> {
        let Some(xml) = &mut self.xml else {
            return Ok(None);
        };
        let mut row: Option<SheetRow> = None;
        let mut cell: Option<Open> = None;
        let mut text_bytes = 0;
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    b"sheetData" => self.within = true,
                    b"row" if self.within => row = Some(begin(&mut self.row, &tag)),
                    b"c" => cell = Some(Open::of(&tag)),
                    b"v" | b"t" => {
                        if let Some(cell) = &mut cell {
                            cell.open = !cell.phonetic;
                        }
                    }
                    b"rPh" => {
                        if let Some(cell) = &mut cell {
                            cell.phonetic = true;
                        }
                    }
                    _ => {}
                },
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    b"row" if self.within => {
                        begin(&mut self.row, &tag);
                    }
                    b"c" => {
                        if let Some(row) = &mut row {
                            Open::of(&tag).close(row, package);
                        }
                    }
                    _ => {}
                },
                Event::Text(text) => {
                    if let Some(cell) = cell.as_mut().filter(|c| c.open) {
                        cell.text.push_str(&decoded(&text));
                    }
                }
                Event::CData(text) => {
                    if let Some(cell) = cell.as_mut().filter(|c| c.open) {
                        cell.text.push_str(&String::from_utf8_lossy(&text));
                    }
                }
                Event::GeneralRef(name) => {
                    if let Some(cell) = cell.as_mut().filter(|c| c.open) {
                        reference(&name, &mut cell.text);
                    }
                }
                Event::End(tag) => match tag.local_name().as_ref() {
                    b"v" | b"t" => {
                        if let Some(cell) = &mut cell {
                            cell.open = false;
                        }
                    }
                    b"rPh" => {
                        if let Some(cell) = &mut cell {
                            cell.phonetic = false;
                        }
                    }
                    b"c" => {
                        if let (Some(cell), Some(row)) = (cell.take(), &mut row) {
                            text_bytes += cell.close(row, package);
                            if text_bytes > self.limits.record_bytes * 4 {
                                return Err(UnpackError::TooLarge);
                            }
                        }
                    }
                    b"row" => {
                        if let Some(row) = row.take() {
                            self.row = row.row;
                            return Ok(Some(row));
                        }
                    }
                    b"sheetData" => {
                        self.xml = None;
                        return Ok(None);
                    }
                    _ => {}
                },
                Event::Eof => {
                    let cut = row.is_some() || self.within;
                    self.xml = None;
                    return if cut {
                        Err(UnpackError::Broken("a sheet ends too early".to_owned()))
                    } else {
                        Ok(None)
                    };
                }
                _ => {}
            }
        }
    }
}

/// Rows without a number follow the one before.
fn begin(last: &mut u64, tag: &BytesStart<'_>) -> SheetRow {
    let row = attribute(tag, "r")
        .and_then(|r| r.parse().ok())
        .unwrap_or(*last + 1);
    *last = row;
    SheetRow {
        row,
        cells: Vec::new(),
    }
}

/// A cell that is being read.
#[derive(Debug, Default)]
struct Open {
    column: Option<usize>,
    kind: String,
    style: usize,
    text: String,
    open: bool,
    phonetic: bool,
}

impl Open {
    fn of(tag: &BytesStart<'_>) -> Self {
        Self {
            column: attribute(tag, "r")
                .and_then(|r| place(&r))
                .map(|(column, _)| column),
            kind: attribute(tag, "t").unwrap_or_default(),
            style: attribute(tag, "s")
                .and_then(|s| s.parse().ok())
                .unwrap_or(0),
            ..Self::default()
        }
    }

    /// Adds the cell to its row. Returns how many bytes it has.
    fn close(self, row: &mut SheetRow, package: &Package) -> usize {
        let column = self.column.unwrap_or(row.cells.len());
        if column >= COLUMNS {
            return 0;
        }
        let text = self.text.as_str();
        let cell = match self.kind.as_str() {
            "s" => SheetCell {
                text: text
                    .trim()
                    .parse()
                    .ok()
                    .and_then(|at| package.texts.get(at))
                    .unwrap_or_default()
                    .to_owned(),
                number: false,
            },
            "str" | "inlineStr" | "e" => SheetCell {
                text: unescaped(text),
                number: false,
            },
            "b" => SheetCell {
                text: if text.trim() == "1" { "true" } else { "false" }.to_owned(),
                number: false,
            },
            "d" => SheetCell {
                text: text.trim().to_owned(),
                number: false,
            },
            _ if text.trim().is_empty() => SheetCell::default(),
            _ => {
                let style = package.styles.get(self.style).copied().unwrap_or_default();
                let day = (style == Style::Date)
                    .then(|| date(text.trim().parse().ok()?, package.from_1904))
                    .flatten();
                SheetCell {
                    number: day.is_none(),
                    text: day.unwrap_or_else(|| number(text)),
                }
            }
        };
        if cell.text.is_empty() && self.column.is_some() {
            return 0;
        }
        let length = cell.text.len();
        if row.cells.len() <= column {
            row.cells.resize(column + 1, SheetCell::default());
        }
        if let Some(slot) = row.cells.get_mut(column) {
            *slot = cell;
        }
        // Empty cells before it take memory too.
        length + 32
    }
}

/// `_x000D_`: what XML cannot say.
fn unescaped(text: &str) -> String {
    if !text.contains("_x") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let code = after.get(2..6).filter(|_| after.get(6..7) == Some("_"));
        match code
            .and_then(|c| u32::from_str_radix(c, 16).ok())
            .and_then(char::from_u32)
        {
            Some(ch) => {
                out.push(ch);
                rest = after.get(7..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = after.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}
