//! A table's current rows, page by page, as of any version that is kept.

use crate::{
    delta::{DataFile, Delta},
    error::LakeError,
    parquet::decode,
    schema::{Kind, MONTH, UPLOAD},
    store::Lake,
    tables::Table,
    zorder::CELL,
};
use ingest::{DataSet, Value, ValueKind, email_hash, is_address};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Page, TenantId};

/// What rows are put into the order of time by, where a file has them in another.
const AT: &str = "at";
const RECORD: &str = "record";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableColumn {
    pub name: &'static str,
    pub kind: ValueKind,
}

/// Values in the order of the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRows {
    pub columns: Vec<TableColumn>,
    pub page: Page<Cells>,
}

/// One row's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cells(pub Vec<Option<Value>>);

fn columns(table: Table) -> Vec<TableColumn> {
    use ValueKind::{Count, Currency, Day, Email, Flag, Moment, Money, Quantity, Text};
    let columns = match table {
        Table::Of(DataSet::Orders) => vec![
            ("order_id", Text),
            ("returned", Flag),
            ("at", Moment),
            ("day", Day),
            ("sku", Text),
            ("product_name", Text),
            ("category", Text),
            ("units", Quantity),
            ("gross", Money),
            ("discounts", Money),
            ("returns", Money),
            ("taxes", Money),
            ("shipping", Money),
            ("currency", Currency),
            ("customer", Text),
            ("country", Text),
            ("region", Text),
            ("city", Text),
            ("channel", Text),
            ("payment_method", Text),
            ("upload", Text),
        ],
        Table::Of(set) => {
            let own = set.fields().iter().map(|s| (s.name(), s.kind));
            own.chain([("extra", Text), ("upload", Text)]).collect()
        }
        Table::CustomerFeatures => vec![
            ("customer_id", Text),
            ("email_hash", Email),
            ("first_day", Day),
            ("last_day", Day),
            ("orders", Count),
            ("returning", Flag),
            ("recency", Count),
            ("frequency", Count),
            ("currency", Currency),
            ("net_sales", Money),
            ("monetary", Count),
        ],
        Table::Funnel => {
            let counts = table.schema().fields.iter().skip(1);
            let counts = counts.filter(|field| field.kind == Kind::Long);
            let counts = counts.map(|field| (field.name, Count));
            [("day", Day)].into_iter().chain(counts).collect()
        }
    };
    columns
        .into_iter()
        .map(|(name, kind)| TableColumn { name, kind })
        .collect()
}

pub(crate) async fn page(
    lake: &Lake,
    tenant: TenantId,
    table: Table,
    version: u64,
    text: &str,
    (offset, limit): (u64, u32),
) -> Result<TableRows, LakeError> {
    // Of an address that is looked for, what stands for it.
    let text = match text.trim() {
        address if is_address(address) => email_hash(address),
        text => text.to_lowercase(),
    };
    let schema = table.schema();
    let columns = columns(table);
    let mut files = match Delta::open_at(lake.table_url(tenant, schema)?, schema, version).await? {
        Some(delta) => delta.files()?,
        None => Vec::new(),
    };
    files.sort_unstable_by(|a, b| (a.month, &a.path).cmp(&(b.month, &b.path)));
    let end = offset.saturating_add(u64::from(limit));
    let ordered = (!schema.clustered.is_empty()).then_some(RECORD);
    let (mut total, mut items) = (0, Vec::new());
    for file in files {
        // Behind the page, only the number of rows matters.
        let names: Vec<&'static str> = if total < end || !text.is_empty() {
            columns.iter().map(|c| c.name).chain(ordered).collect()
        } else {
            vec![MONTH]
        };
        let mut frame = load(lake, tenant, table, &file, names, version).await?;
        if ordered.is_some() && frame.height() > CELL && frame.column(RECORD).is_ok() {
            // As things happened, and not as they stand in the file.
            let options = SortMultipleOptions::default().with_maintain_order(true);
            frame = frame.sort([AT, RECORD], options)?;
        }
        let found = match text.as_str() {
            "" => None,
            text => Some(matching(&frame, &columns, text)?),
        };
        let height = found.as_ref().map_or(frame.height(), Vec::len) as u64;
        let from = offset.saturating_sub(total).min(height);
        let to = end.saturating_sub(total).min(height);
        for at in from..to {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let row = found.as_ref().map_or(Some(&at), |rows| rows.get(at));
            if let Some(row) = row {
                items.push(cells(&frame, &columns, *row)?);
            }
        }
        total += height;
    }
    Ok(TableRows {
        columns,
        page: Page {
            items,
            total,
            offset,
        },
    })
}

/// The rows that have this text, in lower case, in one of their texts. Where a file stands is none of them.
fn matching(
    frame: &DataFrame,
    columns: &[TableColumn],
    text: &str,
) -> Result<Vec<usize>, LakeError> {
    let mut found = vec![false; frame.height()];
    for column in columns {
        if !column.kind.is_text() || column.name == UPLOAD {
            continue;
        }
        let texts = frame.column(column.name)?.str()?;
        for (found, value) in found.iter_mut().zip(texts.iter()) {
            *found |= value.is_some_and(|value| value.to_lowercase().contains(text));
        }
    }
    let rows = found.into_iter().enumerate();
    Ok(rows
        .filter(|(_, found)| *found)
        .map(|(row, _)| row)
        .collect())
}

async fn load(
    lake: &Lake,
    tenant: TenantId,
    table: Table,
    file: &DataFile,
    names: Vec<&'static str>,
    version: u64,
) -> Result<DataFrame, LakeError> {
    let folder = Lake::folder(tenant, table.schema());
    let path = format!("{folder}/{}", file.path);
    if !lake.objects.exists(&path).await? {
        return Err(LakeError::Gone(version));
    }
    let bytes = lake.objects.get(&path).await?;
    tokio::task::spawn_blocking(move || decode(bytes, Some(&names))).await?
}

fn cells(frame: &DataFrame, columns: &[TableColumn], row: usize) -> Result<Cells, LakeError> {
    let values = columns.iter().map(|column| {
        let series = frame.column(column.name)?;
        Ok(match column.kind {
            kind if kind.is_text() => series.str()?.get(row).map(|t| Value::Text(t.into())),
            ValueKind::Day | ValueKind::Flag => {
                series.i32()?.get(row).map(|n| Value::Number(n.into()))
            }
            _ => series.i64()?.get(row).map(Value::Number),
        })
    });
    Ok(Cells(values.collect::<Result<_, LakeError>>()?))
}
