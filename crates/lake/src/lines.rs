//! The lines behind a figure.

use crate::{
    engine,
    error::LakeError,
    extra,
    hot::UNKNOWN,
    rollup::Source,
    schema::{SUM_COLUMNS, SUMS},
    snapshot::Snapshot,
    store::Lake,
};
use metrics::{Measure, Metric, Query};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Day, Micros, Page, UploadId};

/// A current line of a sale or return, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BehindLine {
    /// Whose file it stands in; `record` is the number of the data record there, from 1.
    pub upload: UploadId,
    pub record: u64,
    pub order_id: String,
    pub returned: bool,
    pub day: Day,
    pub sku: Option<String>,
    pub product_name: Option<String>,
    pub category: Option<String>,
    /// Pieces sold, in millionths.
    pub units: Micros,
    pub gross: Micros,
    pub discounts: Micros,
    pub returns: Micros,
    /// `None`, as of shipping: its file does not say.
    pub taxes: Option<Micros>,
    pub shipping: Option<Micros>,
    pub currency: String,
    pub customer: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub channel: Option<String>,
    pub payment_method: Option<String>,
}

impl BehindLine {
    /// What it brings to a figure that lines add up to; `None` for other figures, and where its file does not say it.
    pub fn value(&self, metric: Metric) -> Option<Micros> {
        let sums = [
            Some(self.gross),
            Some(self.discounts),
            Some(self.returns),
            self.taxes,
            self.shipping,
            Some(self.units),
        ];
        value(&sums.map(|micros| Some(micros?.0)), metric)
    }
}

/// What lines of one currency add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSums {
    pub currency: String,
    pub lines: u64,
    /// In the order of the columns of sums.
    sums: [Option<i64>; SUMS.len()],
}

impl LineSums {
    /// As [`BehindLine::value`].
    pub fn value(&self, metric: Metric) -> Option<Micros> {
        value(&self.sums, metric)
    }
}

/// What no file says is left out of a sum with other parts, as in the figure.
fn value(sums: &[Option<i64>; SUMS.len()], metric: Metric) -> Option<Micros> {
    let terms = metric.of_lines()?;
    let value = |(measure, sign): &(Measure, i64)| {
        let at = SUMS.iter().position(|m| m == measure)?;
        let left_out = terms.len() > 1 && measure.may_be_unsaid();
        Some(sign * sums.get(at).copied()?.or(left_out.then_some(0))?)
    };
    terms.iter().map(value).sum::<Option<i64>>().map(Micros)
}

/// What lines are sorted by; those alike by day and record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineOrder {
    /// A figure that lines add up to. The day where absent.
    pub by: Option<Metric>,
    pub descending: bool,
}

/// Lines behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    pub page: Page<BehindLine>,
    /// Of all of them, by currency.
    pub sums: Vec<LineSums>,
}

/// The lines that the query's filters and period mean; its metrics, dimensions, order and conversion are of no matter.
pub async fn behind(
    lake: &Lake,
    snapshot: &Snapshot,
    query: &Query,
    order: LineOrder,
    (offset, limit): (u64, u32),
) -> Result<Behind, LakeError> {
    let frame = extra::frame(lake, snapshot, Source::Lines, query).await?;
    let selected = match engine::mask(snapshot, &frame, query)? {
        Some(mask) => frame.filter(&mask)?,
        None => frame,
    };
    let total = selected.height() as u64;
    let sums = sums(snapshot, &selected)?;
    let page = page(&selected, order, offset, limit)?;
    let items = (0..page.height())
        .map(|row| line(snapshot, &page, row))
        .collect::<Result<_, _>>()?;
    Ok(Behind {
        page: Page {
            items,
            total,
            offset,
        },
        sums,
    })
}

fn sums(snapshot: &Snapshot, lines: &DataFrame) -> Result<Vec<LineSums>, LakeError> {
    if lines.height() == 0 {
        return Ok(Vec::new());
    }
    let mut wanted = engine::aggregates(&SUMS);
    wanted.push(len().cast(DataType::Int64).alias("lines"));
    let found = engine::grouped(lines, &["currency"], wanted)?;
    let currencies = found.column("currency")?.u32()?;
    let counts = found.column("lines")?.i64()?;
    let mut sums = (0..found.height())
        .map(|row| {
            let mut values = [None; SUMS.len()];
            for (value, measure) in values.iter_mut().zip(SUMS) {
                let column = found.column(&format!("m{}", measure as usize))?.i64()?;
                *value = column.get(row);
            }
            let code = currencies.get(row).unwrap_or(UNKNOWN);
            Ok(LineSums {
                currency: match code {
                    UNKNOWN => String::new(),
                    known => snapshot.text(known),
                },
                lines: u64::try_from(counts.get(row).unwrap_or(0)).unwrap_or(0),
                sums: values,
            })
        })
        .collect::<Result<Vec<_>, LakeError>>()?;
    sums.sort_unstable_by(|a, b| (b.lines, &a.currency).cmp(&(a.lines, &b.currency)));
    Ok(sums)
}

/// Rows of a page of the lines in this order. Not all of them are sorted: they may be millions.
fn page(
    lines: &DataFrame,
    order: LineOrder,
    offset: u64,
    limit: u32,
) -> Result<DataFrame, LakeError> {
    let (days, records) = (lines.column("day")?.i32()?, lines.column("record")?.i64()?);
    let mut keys = vec![0_i64; lines.height()];
    match order.by.and_then(Metric::of_lines) {
        Some(terms) => {
            for (measure, sign) in terms {
                let at = SUMS.iter().position(|m| m == measure);
                let Some(name) = at.and_then(|at| SUM_COLUMNS.get(at)) else {
                    continue;
                };
                let values = lines.column(name)?.i64()?;
                for (key, value) in keys.iter_mut().zip(values.iter()) {
                    *key += sign * value.unwrap_or(0);
                }
            }
        }
        None => {
            for (key, day) in keys.iter_mut().zip(days.iter()) {
                *key = day.unwrap_or(0).into();
            }
        }
    }
    if order.descending {
        keys.iter_mut().for_each(|key| *key = -*key);
    }
    let places = keys.into_iter().zip(days.iter()).zip(records.iter());
    let mut places: Vec<_> = places
        .zip(0 as IdxSize..)
        .map(|(((key, day), record), row)| (key, day, record, row))
        .collect();
    let from = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .min(places.len());
    if (1..places.len()).contains(&from) {
        places.select_nth_unstable(from);
    }
    let rest = places.get_mut(from..).unwrap_or_default();
    let count = usize::try_from(limit).unwrap_or(usize::MAX).min(rest.len());
    if count < rest.len() {
        rest.select_nth_unstable(count);
    }
    let page = rest.get_mut(..count).unwrap_or_default();
    page.sort_unstable();
    let rows: Vec<IdxSize> = page.iter().map(|(.., row)| *row).collect();
    Ok(lines.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?)
}

fn line(snapshot: &Snapshot, page: &DataFrame, row: usize) -> Result<BehindLine, LakeError> {
    let text = |name: &str| -> Result<Option<String>, LakeError> {
        let code = page.column(name)?.u32()?.get(row).unwrap_or(UNKNOWN);
        Ok((code != UNKNOWN).then(|| snapshot.text(code)))
    };
    let long = |name: &str| -> Result<i64, LakeError> {
        Ok(page.column(name)?.i64()?.get(row).unwrap_or(0))
    };
    let said = |name: &str| -> Result<Option<Micros>, LakeError> {
        Ok(page.column(name)?.i64()?.get(row).map(Micros))
    };
    let int = |name: &str| -> Result<i32, LakeError> {
        Ok(page.column(name)?.i32()?.get(row).unwrap_or(0))
    };
    let upload = text("upload")?.unwrap_or_default();
    Ok(BehindLine {
        upload: upload
            .parse()
            .map_err(|_| LakeError::Corrupt(format!("a line of upload `{upload}`")))?,
        record: u64::try_from(long("record")?).unwrap_or(0),
        order_id: text("order_id")?.unwrap_or_default(),
        returned: int("returned")? == 1,
        day: Day(int("day")?),
        sku: text("sku")?,
        product_name: text("product_name")?,
        category: text("category")?,
        units: Micros(long("units")?),
        gross: Micros(long("gross")?),
        discounts: Micros(long("discounts")?),
        returns: Micros(long("returns")?),
        taxes: said("taxes")?,
        shipping: said("shipping")?,
        currency: text("currency")?.unwrap_or_default(),
        customer: text("customer")?,
        country: text("country")?,
        region: text("region")?,
        city: text("city")?,
        channel: text("channel")?,
        payment_method: text("payment_method")?,
    })
}
