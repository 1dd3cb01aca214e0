//! Some of a file's nested values, their layout as a table, and what its columns hold.

use crate::access::Shared;
use crate::compression::{Compression, Unpacked};
use crate::detect::ROWS;
use crate::error::NotImportable;
use crate::format::Format;
use crate::json::Value;
use crate::json_form::JsonForm;
use crate::json_records::JsonRecords;
use crate::measures;
use crate::options::Options;
use crate::profile::Profile;
use crate::sample::{Sample, stopped};
use crate::text::TextReader;
use crate::tree::{Columns, Plain, TreeLayout, plain};
use encoding_rs::Encoding;

/// Values kept while looking.
const VALUES: usize = 5000;

pub(crate) struct Trees {
    pub format: Format,
    pub names: Vec<String>,
    pub profiles: Vec<Profile>,
    /// The first rows, as text, of values that hold no others.
    pub kept: Vec<Vec<String>>,
    /// Rows looked at.
    pub rows: usize,
}

pub(crate) fn json(
    sample: &Sample,
    head: &str,
    bom: usize,
    encoding: &'static Encoding,
    form: JsonForm,
    options: &Options,
) -> Result<Trees, NotImportable> {
    let mut values = Vec::new();
    let (bytes, encoding) = if encoding == encoding_rs::UTF_8 {
        (sample.head.get(bom..).unwrap_or_default(), encoding)
    } else {
        (head.as_bytes(), encoding_rs::UTF_8)
    };
    let mut damaged = look(
        bytes,
        encoding,
        &form,
        !sample.complete,
        &mut values,
        options,
    )?;
    if form == JsonForm::Lines {
        for (at, block) in sample.blocks.iter().enumerate() {
            // The block begins somewhere within a line.
            let start = memchr::memchr(b'\n', block).map_or(block.len(), |at| at + 1);
            let last = sample.has_tail && at + 1 == sample.blocks.len();
            let block = block.get(start..).unwrap_or_default();
            damaged += look(block, encoding, &form, !last, &mut values, options)?;
        }
    }
    if values.is_empty() && damaged > 0 && sample.complete {
        return Err(NotImportable::Damaged {
            what: "This file looks like JSON and",
            reason: "none of it can be read".to_owned(),
            next: "Export it again and upload the new file.",
        });
    }
    let (layout, names) = TreeLayout::of(&values);
    let (profiles, rows) = profiles(&values, &layout, &names);
    let kept = kept(&values, &layout, &names);
    Ok(Trees {
        format: Format::Json { form, layout },
        names,
        profiles,
        kept,
        rows,
    })
}

pub(crate) fn parquet(values: &[Value<'_>], rows: u64) -> Trees {
    let (layout, names) = TreeLayout::of(values);
    let (profiles, _) = profiles(values, &layout, &names);
    let kept = kept(values, &layout, &names);
    Trees {
        format: Format::Parquet { layout },
        names,
        profiles,
        kept,
        rows: usize::try_from(rows).unwrap_or(usize::MAX),
    }
}

/// Adds the values of a part of the file. Returns how many were damaged.
fn look(
    bytes: &[u8],
    encoding: &'static Encoding,
    form: &JsonForm,
    cut: bool,
    values: &mut Vec<Value<'static>>,
    options: &Options,
) -> Result<usize, NotImportable> {
    let text = TextReader::new(
        Unpacked::new(Shared::from_vec(bytes.to_vec()).whole(), Compression::None),
        encoding,
        0,
        options.limits,
    );
    let mut records = JsonRecords::new(
        text,
        encoding,
        form.clone(),
        TreeLayout::default(),
        &[],
        Vec::new(),
        options.limits,
    );
    let stop = |error| stopped(error, &options.limits);
    records.begin().map_err(stop)?;
    let (mut damaged, mut last_damaged) = (0, false);
    let room = values.len() + VALUES;
    while values.len() < room {
        match records.look().map_err(stop)? {
            None => break,
            Some(Some(value)) => {
                values.push(value);
                last_damaged = false;
            }
            Some(None) => {
                damaged += 1;
                last_damaged = true;
            }
        }
    }
    // Cut off by the sample, not by the file.
    Ok(damaged - usize::from(cut && last_damaged))
}

fn kept(values: &[Value<'_>], layout: &TreeLayout, names: &[String]) -> Vec<Vec<String>> {
    if layout.items.is_some() {
        return Vec::new();
    }
    let columns = Columns::new(names);
    let row = |value: &Value<'_>| {
        let mut row = vec![String::new(); names.len()];
        for leaf in layout.row(value, 0) {
            if let Some(slot) = columns.get(&leaf.name).and_then(|at| row.get_mut(at)) {
                *slot = match plain(leaf.value) {
                    Plain::Text(text) => text.into_owned(),
                    Plain::Number(number) => number.to_owned(),
                };
            }
        }
        row
    };
    let single = values.iter().filter(|value| layout.count(value) == 1);
    single.take(measures::ROWS).map(row).collect()
}

pub(crate) fn profiles(
    values: &[Value<'_>],
    layout: &TreeLayout,
    names: &[String],
) -> (Vec<Profile>, usize) {
    let columns = Columns::new(names);
    let mut profiles = vec![Profile::default(); names.len()];
    let mut rows = 0;
    for value in values {
        for n in 0..layout.count(value) {
            rows += 1;
            for leaf in layout.row(value, n) {
                let Some(profile) = columns.get(&leaf.name).and_then(|at| profiles.get_mut(at))
                else {
                    continue;
                };
                match plain(leaf.value) {
                    Plain::Text(text) => profile.feed(&text),
                    Plain::Number(number) => profile.feed_number(number),
                }
            }
            if rows >= ROWS {
                return (profiles, rows);
            }
        }
    }
    (profiles, rows)
}
