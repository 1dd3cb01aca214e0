//! The tables of data sets as they are, and as they were.

use crate::{Backend, publication, uploads::UploadError};
use access::{Action, Ctx, Resource, authorize};
use ingest::{DataSet, Value, ValueKind};
use jiff::Timestamp;
use lake::{GoldVersions, LakeError, RowsVersion, Table, TableRows};
use thiserror::Error;
use types::{Day, Micros};

/// Rows given at once.
const MOST: u32 = 10_000;

#[derive(Debug, Error)]
pub enum TableError {
    #[error("there is no version {0}")]
    NoVersion(i64),
    #[error("version {0} is no longer kept")]
    Gone(i64),
    #[error(transparent)]
    Other(#[from] UploadError),
}

/// A page of a table, and the version it is of.
#[derive(Clone, Debug)]
pub struct TableAt {
    pub version: i64,
    pub rows: TableRows,
}

/// A table's current rows, at most 10,000 at once. `version` asks for them as they were when that version was made known:
/// what is older than a week may be gone.
pub async fn rows(
    backend: &Backend,
    ctx: &Ctx,
    table: Table,
    version: Option<i64>,
    offset: u64,
    limit: u32,
) -> Result<TableAt, TableError> {
    found(backend, ctx, table, version, "", (offset, limit)).await
}

/// As [`rows`], of those that have this text somewhere in a text; every row where it is empty. The whole table is read
/// for it.
pub async fn found(
    backend: &Backend,
    ctx: &Ctx,
    table: Table,
    version: Option<i64>,
    text: &str,
    (offset, limit): (u64, u32),
) -> Result<TableAt, TableError> {
    let denied = |denied| TableError::Other(UploadError::Denied(denied));
    // A key that sends files does not read what others sent.
    authorize(ctx, Action::Read, Resource::Figures).map_err(denied)?;
    if names_persons(table) {
        authorize(ctx, Action::Read, Resource::Customers).map_err(denied)?;
    }
    let gold = {
        let mut tx = backend
            .storage
            .tenant_read(ctx)
            .await
            .map_err(UploadError::from)?;
        let gold = match version {
            None => Some(tx.gold(table.id()).await.map_err(UploadError::from)?),
            Some(version) => tx
                .gold_at(table.id(), version)
                .await
                .map_err(UploadError::from)?,
        };
        tx.commit().await.map_err(UploadError::from)?;
        gold.ok_or(TableError::NoVersion(version.unwrap_or_default()))?
    };
    let seen = match table {
        Table::Of(DataSet::Orders) => {
            publication::kept::<GoldVersions>(gold.tables).map(|v| v.lines)
        }
        _ => publication::kept::<RowsVersion>(gold.tables).map(|v| v.rows),
    }
    .map_err(UploadError::from)?;
    let rows = backend
        .lake
        .rows(ctx.tenant, table, seen, text, (offset, limit.min(MOST)))
        .await
        .map_err(|error| match error {
            LakeError::Gone(_) => TableError::Gone(gold.version),
            other => TableError::Other(other.into()),
        })?;
    Ok(TableAt {
        version: gold.version,
        rows,
    })
}

fn names_persons(table: Table) -> bool {
    matches!(
        table,
        Table::Of(DataSet::Orders | DataSet::Customers) | Table::CustomerFeatures
    )
}

/// A value as people and programs read it: money in major units, days as 2010-12-01, times in UTC.
pub fn text(kind: ValueKind, value: &Value) -> String {
    let number = match value {
        Value::Text(text) => return text.to_string(),
        Value::Number(number) => *number,
    };
    match kind {
        ValueKind::Money | ValueKind::Quantity => Micros(number).to_string(),
        ValueKind::Rate => billionths(number),
        ValueKind::Day => {
            i32::try_from(number).map_or_else(|_| number.to_string(), |day| Day(day).to_string())
        }
        ValueKind::Moment => Timestamp::from_microsecond(number)
            .map_or_else(|_| number.to_string(), |at| at.to_string()),
        ValueKind::Count => number.to_string(),
        ValueKind::Flag => (number != 0).to_string(),
        ValueKind::Text | ValueKind::Code | ValueKind::Email | ValueKind::Currency => {
            number.to_string()
        }
    }
}

fn billionths(number: i64) -> String {
    const ONE: u64 = 1_000_000_000;
    let (whole, rest) = (number.unsigned_abs() / ONE, number.unsigned_abs() % ONE);
    let sign = if number < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
