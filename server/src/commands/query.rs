use super::{Failed, ctx_of, open};
use crate::{config::Config, csv::field};
use backend::{
    Backend,
    analytics::{At, QueryError},
};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use metrics::{Cell, Dimension, Metric, OrderBy, SortKey, Table, WithoutRate};
use std::{fmt::Write, io::Write as _};
use types::{Currency, Day, Period};

/// Ask for figures: metrics, grouped by dimensions, over a period.
///
/// Money is written in major units, exact, with up to six decimals; ratios as parts of 1. Columns are
/// named by the ids. Months are written 2010-12, days 2010-12-01, weeks 2010-W48. An unknown figure is
/// empty (null in JSON), never 0. Amounts of different currencies are never added up: with several, a
/// column `currency` is added, or they are converted (`--in`); without a rate a converted amount is unknown. extra:Warehouse is the column of the files named so, which means nothing to the importer.
/// In CSV, a text that a spreadsheet would run as a formula has an apostrophe before it; figures are as they are.
#[derive(Clone, Debug, Args)]
pub struct Query {
    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Ids, separated by commas: net_sales,orders,aov
    #[arg(long, value_name = "METRICS", value_delimiter = ',', required = true, value_parser = metric)]
    metrics: Vec<Metric>,
    /// Dimensions to group by, separated by commas: month,country,extra:Warehouse
    #[arg(long, value_name = "DIMENSIONS", value_delimiter = ',', value_parser = dimension)]
    by: Vec<Dimension>,
    /// First day, as 2010-12-01
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// Last day, itself included
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// Only these: country=France. Given twice for one dimension, either; an empty value stands for "not known"
    #[arg(long, value_name = "DIMENSION=VALUE", value_parser = filter)]
    filter: Vec<(Dimension, String)>,
    /// Amounts in this currency, converted by the uploaded rates of each day: EUR
    #[arg(long = "in", value_name = "CURRENCY", value_parser = currency)]
    into: Option<Currency>,
    /// A metric or dimension of the query, and :asc (the default) or :desc; several separated by commas
    #[arg(long, value_name = "ID[:desc]", value_delimiter = ',', value_parser = order)]
    order: Vec<OrderBy>,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// As the figures were when this version was made known; versions older than a week may be gone
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    /// As the figures were at the end of this day in the tenant's time zone, or at this time: 2026-03-01, 2026-03-01T10:00:00Z
    #[arg(long, value_name = "DAY", value_parser = moment, conflicts_with = "version")]
    as_of: Option<AsOf>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug)]
enum AsOf {
    /// To its end.
    Day(Day),
    Time(Timestamp),
}

fn moment(text: &str) -> Result<AsOf, String> {
    match text.parse() {
        Ok(time) => Ok(AsOf::Time(time)),
        Err(_) => day(text).map(AsOf::Day),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    /// An array of one object a row
    Json,
    Table,
}

pub async fn run(config: Config, options: Query) -> Result<(), Failed> {
    let query = options.query()?;
    query.check().map_err(Failed::usage)?;
    let backend = open(&config).await?;
    let ctx = ctx_of(&backend, &options.tenant).await?;
    let table = match options.at(&backend).await? {
        None => backend.analytics.query(&ctx, &query).await,
        Some(at) => {
            let then = backend.analytics.query_then(&ctx, at, &query).await;
            then.map(|(version, table)| {
                eprintln!("figures at version {version}");
                table.into()
            })
        }
    };
    let table = table.map_err(|error| match error {
        QueryError::NoVersion(_) | QueryError::NothingYet(_) | QueryError::Gone(_) => {
            Failed::usage(error)
        }
        error => Failed::error(error),
    })?;
    for WithoutRate { currency, day } in &table.without_rate {
        let currency = if currency.is_empty() {
            "no currency"
        } else {
            currency
        };
        tracing::warn!(
            "amounts in {currency} are not known from {day} on: the tenant's table of rates has none for that day"
        );
    }
    let text = match options.format {
        Format::Csv => csv(&table),
        Format::Json => json(&table),
        Format::Table => aligned(&table),
    };
    // A reader that has seen enough (`| head`) is no failure.
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failed::error(error)),
        _ => Ok(()),
    }
}

impl Query {
    fn query(&self) -> Result<metrics::Query, Failed> {
        let mut query = metrics::Query::new(self.metrics.clone())
            .by(self.by.clone())
            .during(self.period()?);
        for (dimension, value) in &self.filter {
            match query.filters.iter_mut().find(|f| f.dimension == *dimension) {
                Some(filter) => filter.values.push(value.clone()),
                None => query = query.only(*dimension, [value.clone()]),
            }
        }
        query.into = self.into;
        query.order.clone_from(&self.order);
        query.limit = self.limit;
        Ok(query)
    }

    /// `None`: the figures of now.
    async fn at(&self, backend: &Backend) -> Result<Option<At>, Failed> {
        if let Some(version) = self.version {
            return Ok(Some(At::Version(version)));
        }
        let day = match self.as_of {
            None => return Ok(None),
            Some(AsOf::Time(time)) => return Ok(Some(At::Time(time))),
            Some(AsOf::Day(day)) => day,
        };
        let tenant = backend
            .tenant_by_slug(&self.tenant)
            .await
            .map_err(Failed::error)?;
        let zone = tenant.and_then(|tenant| TimeZone::get(&tenant.timezone).ok());
        let next = day.date().tomorrow().map_err(Failed::usage)?;
        let zone = zone.unwrap_or(TimeZone::UTC);
        let end = zone
            .to_timestamp(next.at(0, 0, 0, 0))
            .and_then(|start| start.checked_sub(SignedDuration::from_micros(1)));
        Ok(Some(At::Time(end.map_err(Failed::usage)?)))
    }

    /// One end alone leaves the other open, as far as the calendar goes.
    fn period(&self) -> Result<Option<Period>, Failed> {
        if self.from.is_none() && self.to.is_none() {
            return Ok(None);
        }
        let from = self
            .from
            .unwrap_or(Day::from_date(jiff::civil::date(1900, 1, 1)));
        let to = self
            .to
            .unwrap_or(Day::from_date(jiff::civil::date(2199, 12, 31)));
        Period::new(from, to).map(Some).ok_or_else(|| {
            Failed::usage(format!("the period ends ({to}) before it begins ({from})"))
        })
    }
}

fn metric(text: &str) -> Result<Metric, String> {
    text.trim()
        .parse()
        .map_err(|e: metrics::catalogue::UnknownMetric| e.to_string())
}

fn dimension(text: &str) -> Result<Dimension, String> {
    text.trim()
        .parse()
        .map_err(|e: metrics::dimension::UnknownDimension| e.to_string())
}

fn currency(text: &str) -> Result<Currency, String> {
    text.parse()
        .map_err(|e: types::money::NotCurrency| e.to_string())
}

fn day(text: &str) -> Result<Day, String> {
    text.parse()
        .map_err(|e: types::period::NotDay| e.to_string())
}

fn filter(text: &str) -> Result<(Dimension, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a filter is written dimension=value")?;
    Ok((dimension(name)?, value.to_owned()))
}

fn order(text: &str) -> Result<OrderBy, String> {
    let text = text.trim();
    // From the end: `extra:Column` has a colon of its own.
    let (id, descending) = match text.strip_suffix(":desc") {
        Some(id) => (id, true),
        None => (text.strip_suffix(":asc").unwrap_or(text), false),
    };
    let key = id
        .parse()
        .map(SortKey::Metric)
        .or_else(|_| id.parse().map(SortKey::Dimension))
        .map_err(|_| {
            format!("`{id}` is neither a metric nor a dimension, with :asc or :desc behind it")
        })?;
    Ok(OrderBy { key, descending })
}

/// RFC 4180, with a header and LF; what a spreadsheet would run as a formula is text.
fn csv(table: &Table) -> String {
    let mut text = String::new();
    let ids: Vec<String> = table.columns.iter().map(|c| field(c.id())).collect();
    text.push_str(&ids.join(","));
    text.push('\n');
    for row in 0..table.rows.len() {
        let fields: Vec<String> = (0..table.columns.len())
            .map(|column| field(&table.text(row, column)))
            .collect();
        let line = fields.join(",");
        // An empty line is no row to who reads CSV.
        text.push_str(if line.is_empty() { "\"\"" } else { &line });
        text.push('\n');
    }
    text
}

/// Figures are JSON numbers with all their decimals: written as text, never through a float.
fn json(table: &Table) -> String {
    let value = |row: usize, column: usize| match table.rows.get(row).and_then(|r| r.get(column)) {
        None | Some(Cell::Unknown) => "null".to_owned(),
        Some(Cell::Count(_) | Cell::Micros(_)) => table.text(row, column),
        Some(Cell::Text(_) | Cell::Key(_)) => {
            serde_json::Value::String(table.text(row, column)).to_string()
        }
    };
    let rows: Vec<String> = (0..table.rows.len())
        .map(|row| {
            let fields: Vec<String> = table
                .columns
                .iter()
                .enumerate()
                .map(|(column, head)| {
                    let id = serde_json::Value::from(head.id());
                    format!("{id}: {}", value(row, column))
                })
                .collect();
            format!("  {{{}}}", fields.join(", "))
        })
        .collect();
    if rows.is_empty() {
        return "[]\n".to_owned();
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// For people: texts to the left, figures to the right.
fn aligned(table: &Table) -> String {
    let heads: Vec<&str> = table.columns.iter().map(metrics::Column::id).collect();
    let rows: Vec<Vec<String>> = (0..table.rows.len())
        .map(|row| {
            (0..heads.len())
                .map(|column| table.text(row, column))
                .collect()
        })
        .collect();
    let figures: Vec<bool> = table.columns.iter().map(|c| c.unit().is_some()).collect();
    in_columns(&heads, &figures, &rows)
}

/// Rows below their heads, `right` ones to the right.
pub fn in_columns(heads: &[&str], right: &[bool], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .chain([head.chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    let mut line = |cells: &[&str]| {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            let width = widths[column];
            // Writing to a String does not fail.
            let _written = if right[column] {
                write!(line, "{gap}{cell:>width$}")
            } else {
                write!(line, "{gap}{cell:<width$}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line(heads);
    line(
        &widths
            .iter()
            .map(|w| "─".repeat(*w))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    for row in rows {
        line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}
