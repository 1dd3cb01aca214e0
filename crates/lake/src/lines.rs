//! The lines behind a figure.

use crate::{
    engine, error::LakeError, extra, hot::UNKNOWN, rollup::Source, snapshot::Snapshot, store::Lake,
};
use metrics::Query;
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

/// The lines that the query's filters and period mean, by day and record; its metrics, dimensions and order
/// are of no matter.
pub async fn behind(
    lake: &Lake,
    snapshot: &Snapshot,
    query: &Query,
    offset: u64,
    limit: u32,
) -> Result<Page<BehindLine>, LakeError> {
    let frame = extra::frame(lake, snapshot, Source::Lines, query).await?;
    let selected = match engine::mask(snapshot, &frame, query)? {
        Some(mask) => frame.filter(&mask)?,
        None => frame,
    };
    let total = selected.height() as u64;
    let page = page(&selected, offset, limit)?;
    let items = (0..page.height())
        .map(|row| line(snapshot, &page, row))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        offset,
    })
}

/// Rows of a page, of lines by day and record. Not all of them are sorted: they may be millions.
fn page(lines: &DataFrame, offset: u64, limit: u32) -> Result<DataFrame, LakeError> {
    let (days, records) = (lines.column("day")?.i32()?, lines.column("record")?.i64()?);
    let places = days.iter().zip(records.iter()).zip(0 as IdxSize..);
    let mut places: Vec<_> = places
        .map(|((day, record), row)| (day, record, row))
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
