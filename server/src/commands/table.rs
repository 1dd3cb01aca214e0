use super::{Failed, ctx_of, open, query::in_columns};
use crate::{config::Config, csv::field};
use backend::{
    data_sets::{self, TableError, text},
    ingest::ValueKind,
    lake::{self, TableRows},
};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use std::io::Write as _;

/// Print a table: what the imported files say now, or said at an earlier version.
///
/// Money is in major units, exact; days are written 2010-12-01, times in UTC. The version is printed on standard error.
#[derive(Clone, Debug, Args)]
pub struct Table {
    /// orders, events, products, customers, inventory, promotions, costs, ad_spend, rates; customer_features, funnel
    #[arg(value_name = "TABLE", value_parser = table)]
    table: lake::Table,
    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// As it was when this version was made known; versions older than a week may be gone
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    /// Rows to leave out at the beginning
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    /// One object a row, a line each
    Json,
    Table,
}

/// Rows asked for at once.
const PAGE: u32 = 10_000;

fn table(text: &str) -> Result<lake::Table, String> {
    lake::Table::from_id(text).ok_or_else(|| {
        let ids: Vec<_> = lake::Table::all().map(lake::Table::id).collect();
        format!("there is no table `{text}`: one of {}", ids.join(", "))
    })
}

pub async fn run(config: Config, options: Table) -> Result<(), Failed> {
    let backend = open(&config).await?;
    let ctx = ctx_of(&backend, &options.tenant).await?;
    let mut left = options.limit.unwrap_or(u64::MAX);
    let (mut offset, mut version, mut first) = (options.offset, options.version, true);
    loop {
        let most = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let table = data_sets::rows(&backend, &ctx, options.table, version, offset, most).await;
        let table = table.map_err(|error| match error {
            TableError::NoVersion(_) | TableError::Gone(_) => Failed::usage(error),
            TableError::Other(_) => Failed::error(error),
        })?;
        if first {
            eprintln!("{} at version {}", options.table.id(), table.version);
        }
        // Further pages are of the version of the first, whatever is imported meanwhile.
        if table.version > 0 {
            version = Some(table.version);
        }
        let got = table.rows.page.items.len() as u64;
        let shown = match options.format {
            Format::Csv => csv(&table.rows, first),
            Format::Json => json(&table.rows),
            Format::Table => aligned(&table.rows),
        };
        match std::io::stdout().write_all(shown.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(Failed::error)?,
        }
        first = false;
        offset += got;
        left = left.saturating_sub(got);
        if got == 0 || left == 0 || offset >= table.rows.page.total {
            return Ok(());
        }
    }
}

fn texts(rows: &TableRows) -> Vec<Vec<String>> {
    let row = |cells: &lake::Cells| {
        let cells = rows.columns.iter().zip(&cells.0);
        cells
            .map(|(column, value)| {
                value
                    .as_ref()
                    .map_or_else(String::new, |v| text(column.kind, v))
            })
            .collect()
    };
    rows.page.items.iter().map(row).collect()
}

/// RFC 4180 with LF; what a spreadsheet would run as a formula is text.
fn csv(rows: &TableRows, with_header: bool) -> String {
    let mut out = String::new();
    if with_header {
        let names: Vec<&str> = rows.columns.iter().map(|c| c.name).collect();
        out.push_str(&names.join(","));
        out.push('\n');
    }
    for row in texts(rows) {
        let fields: Vec<_> = row.iter().map(|cell| field(cell)).collect();
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

/// Amounts are texts: exact, whatever reads them.
fn json(rows: &TableRows) -> String {
    let mut out = String::new();
    for cells in &rows.page.items {
        let mut object = Map::new();
        for (column, value) in rows.columns.iter().zip(&cells.0) {
            let value = match (value, column.kind) {
                (None, _) => Value::Null,
                (Some(value), ValueKind::Flag) => Value::Bool(text(column.kind, value) == "true"),
                (Some(value), kind) => Value::String(text(kind, value)),
            };
            object.insert(column.name.to_owned(), value);
        }
        out.push_str(&Value::Object(object).to_string());
        out.push('\n');
    }
    out
}

fn aligned(rows: &TableRows) -> String {
    let names: Vec<&str> = rows.columns.iter().map(|c| c.name).collect();
    let right: Vec<bool> = rows
        .columns
        .iter()
        .map(|c| {
            matches!(
                c.kind,
                ValueKind::Money | ValueKind::Quantity | ValueKind::Count | ValueKind::Rate
            )
        })
        .collect();
    in_columns(&names, &right, &texts(rows))
}
