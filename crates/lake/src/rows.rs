//! A data set's current rows, page by page, as of any version that is kept.

use crate::{
    delta::{DataFile, Delta},
    error::LakeError,
    parquet::decode,
    store::Lake,
    tables,
};
use ingest::{DataSet, Value, ValueKind};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Page, TenantId};

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

pub(crate) fn columns(set: DataSet) -> Vec<TableColumn> {
    let column = |name, kind| TableColumn { name, kind };
    if set != DataSet::Orders {
        let own = set.fields().iter().map(|s| column(s.name(), s.kind));
        let behind = [
            column("extra", ValueKind::Text),
            column("upload", ValueKind::Text),
        ];
        return own.chain(behind).collect();
    }
    use ValueKind::{Currency, Day, Flag, Moment, Money, Quantity, Text};
    [
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
    ]
    .map(|(name, kind)| column(name, kind))
    .to_vec()
}

pub(crate) async fn page(
    lake: &Lake,
    tenant: TenantId,
    set: DataSet,
    version: u64,
    (offset, limit): (u64, u32),
) -> Result<TableRows, LakeError> {
    let schema = tables::gold(set);
    let columns = columns(set);
    let mut files = match Delta::open_at(lake.table_url(tenant, schema)?, schema, version).await? {
        Some(table) => table.files()?,
        None => Vec::new(),
    };
    files.sort_unstable_by(|a, b| (a.month, &a.path).cmp(&(b.month, &b.path)));
    let end = offset.saturating_add(u64::from(limit));
    let (mut total, mut items) = (0, Vec::new());
    for file in files {
        // Behind the page, only the number of rows matters.
        let names: Vec<&'static str> = if total < end {
            columns.iter().map(|c| c.name).collect()
        } else {
            vec!["record"]
        };
        let frame = load(lake, tenant, set, &file, names, version).await?;
        let height = frame.height() as u64;
        let from = offset.saturating_sub(total).min(height);
        let to = end.saturating_sub(total).min(height);
        for row in from..to {
            let row = usize::try_from(row).unwrap_or(usize::MAX);
            items.push(cells(&frame, &columns, row)?);
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

async fn load(
    lake: &Lake,
    tenant: TenantId,
    set: DataSet,
    file: &DataFile,
    names: Vec<&'static str>,
    version: u64,
) -> Result<DataFrame, LakeError> {
    let folder = Lake::folder(tenant, tables::gold(set));
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
