//! The parts of a workbook: its sheets by name, the texts they share, the formats of their numbers.

use super::cell::{Style, built_in, custom};
use super::xml::{Xml, attribute, reference};
use crate::access::Shared;
use crate::compression::{UnpackError, Unpacked};
use crate::options::Limits;
use crate::zip::{Entry, directory};
use quick_xml::events::Event;
use rustc_hash::FxHashMap;

/// Unpacked bytes of the parts that are held whole.
const TEXTS: u64 = 96 << 20;
const SMALL: u64 = 16 << 20;
const SHEETS: usize = 1000;

pub(crate) fn is_workbook(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|e| e.name.eq_ignore_ascii_case("xl/workbook.xml"))
}

#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub name: String,
    pub hidden: bool,
    part: String,
}

/// Texts one behind the other, and where each ends.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}

pub(crate) struct Package {
    file: Shared,
    entries: Vec<Entry>,
    limits: Limits,
    pub sheets: Vec<Sheet>,
    pub texts: Texts,
    pub styles: Vec<Style>,
    pub from_1904: bool,
}

impl Package {
    pub fn open(file: Shared, limits: &Limits) -> Result<Self, UnpackError> {
        let entries = directory(&file).map_err(|_| UnpackError::DamagedEntry)?;
        let mut package = Self {
            file,
            entries,
            limits: *limits,
            sheets: Vec::new(),
            texts: Texts::default(),
            styles: Vec::new(),
            from_1904: false,
        };
        package.contents()?;
        package.styles()?;
        package.texts()?;
        Ok(package)
    }

    /// Events of a part; `None` where the workbook has no such part.
    pub fn part(&self, name: &str, most: u64) -> Result<Option<Xml>, UnpackError> {
        let Some(entry) = self
            .entries
            .iter()
            .find(|e| e.name.eq_ignore_ascii_case(name))
        else {
            return Ok(None);
        };
        if entry.encrypted {
            return Err(UnpackError::DamagedEntry);
        }
        let unpacked = Unpacked::entry(&self.file, entry)?;
        Ok(Some(Xml::new(unpacked, self.limits, most)))
    }

    pub fn sheet(&self, sheet: &Sheet) -> Result<Option<Xml>, UnpackError> {
        self.part(&sheet.part, self.limits.expanded_bytes)
    }

    fn contents(&mut self) -> Result<(), UnpackError> {
        let mut targets: FxHashMap<String, String> = FxHashMap::default();
        if let Some(mut xml) = self.part("xl/_rels/workbook.xml.rels", SMALL)? {
            loop {
                match xml.next()? {
                    Event::Start(tag) | Event::Empty(tag)
                        if tag.local_name().as_ref() == b"Relationship" =>
                    {
                        if let (Some(id), Some(target)) =
                            (attribute(&tag, "Id"), attribute(&tag, "Target"))
                        {
                            targets.insert(id, full(&target));
                        }
                    }
                    Event::Eof => break,
                    _ => {}
                }
            }
        }
        let Some(mut xml) = self.part("xl/workbook.xml", SMALL)? else {
            return Err(UnpackError::Broken("it lists no sheets".to_owned()));
        };
        let mut sheets = Vec::new();
        loop {
            match xml.next()? {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    b"workbookPr" => {
                        self.from_1904 = attribute(&tag, "date1904")
                            .is_some_and(|v| matches!(v.as_str(), "1" | "true"));
                    }
                    b"sheet" if sheets.len() < SHEETS => {
                        let n = sheets.len() + 1;
                        let part = tag
                            .attributes()
                            .with_checks(false)
                            .flatten()
                            // `r:id`, whatever the prefix; `sheetId` is another number.
                            .find(|a| {
                                a.key.local_name().as_ref() == b"id" && a.key.as_ref() != b"id"
                            })
                            .and_then(|a| {
                                targets
                                    .get(String::from_utf8_lossy(&a.value).as_ref())
                                    .cloned()
                            })
                            .unwrap_or_else(|| format!("xl/worksheets/sheet{n}.xml"));
                        sheets.push(Sheet {
                            name: attribute(&tag, "name").unwrap_or_else(|| format!("Sheet{n}")),
                            hidden: attribute(&tag, "state").is_some_and(|s| s != "visible"),
                            part,
                        });
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        // Charts and macros are sheets without cells.
        sheets.retain(|s| !s.part.contains("chartsheets/") && !s.part.contains("macrosheets/"));
        self.sheets = sheets;
        Ok(())
    }

    fn styles(&mut self) -> Result<(), UnpackError> {
        let Some(mut xml) = self.part("xl/styles.xml", SMALL)? else {
            return Ok(());
        };
        let mut formats: FxHashMap<u32, Style> = FxHashMap::default();
        let mut within = false;
        loop {
            match xml.next()? {
                Event::Start(tag) | Event::Empty(tag) => {
                    let number = |name| attribute(&tag, name).and_then(|v| v.parse::<u32>().ok());
                    match tag.local_name().as_ref() {
                        b"numFmt" => {
                            if let (Some(id), Some(code)) =
                                (number("numFmtId"), attribute(&tag, "formatCode"))
                            {
                                formats.insert(id, custom(&code));
                            }
                        }
                        b"cellXfs" => within = true,
                        b"xf" if within && self.styles.len() < 100_000 => {
                            let id = number("numFmtId").unwrap_or(0);
                            let style = formats.get(&id).copied().unwrap_or_else(|| built_in(id));
                            self.styles.push(style);
                        }
                        _ => {}
                    }
                }
                Event::End(tag) if tag.local_name().as_ref() == b"cellXfs" => within = false,
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn texts(&mut self) -> Result<(), UnpackError> {
        let Some(mut xml) = self.part("xl/sharedStrings.xml", TEXTS)? else {
            return Ok(());
        };
        let mut texts = Texts::default();
        let (mut open, mut phonetic) = (false, false);
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    b"t" => open = !phonetic,
                    // How a Japanese text is pronounced.
                    b"rPh" => phonetic = true,
                    _ => {}
                },
                Event::Empty(tag) if tag.local_name().as_ref() == b"si" => {
                    texts
                        .ends
                        .push(u32::try_from(texts.text.len()).unwrap_or(u32::MAX));
                }
                Event::Text(text) if open => texts.text.push_str(&decoded(&text)),
                Event::CData(text) if open => texts.text.push_str(&String::from_utf8_lossy(&text)),
                Event::GeneralRef(name) if open => reference(&name, &mut texts.text),
                Event::End(tag) => match tag.local_name().as_ref() {
                    b"t" => open = false,
                    b"rPh" => phonetic = false,
                    b"si" => texts
                        .ends
                        .push(u32::try_from(texts.text.len()).unwrap_or(u32::MAX)),
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        self.texts = texts;
        Ok(())
    }
}

/// Of a relationship's target, from the archive's root.
fn full(target: &str) -> String {
    match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{}", target.trim_start_matches("./")),
    }
}

pub(crate) fn decoded(text: &quick_xml::events::BytesText<'_>) -> String {
    match text.decode() {
        Ok(text) => text.into_owned(),
        Err(_) => String::from_utf8_lossy(text).into_owned(),
    }
}
