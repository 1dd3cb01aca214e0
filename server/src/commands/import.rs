use super::{Failed, ctx_of, open, progress};
use crate::config::Config;
use access::Ctx;
use backend::{
    Backend,
    command_line::{self, ImportError, import_files},
    ingest::{self, Decisions, Inspection, Question},
    uploads::{self, ImportResult, Totals},
};
use clap::Args;
use metrics::{Cell, Dimension, Metric, Query};
use serde_json::json;
use std::{fmt::Write, path::PathBuf, sync::Arc};
use types::{Currency, Day, UploadId};

/// Import files from shops and tills: the way a file goes in the browser, in this process.
///
/// Exit codes: 0 done; 2 the command line or configuration is wrong; 3 a decision is needed: the question
/// and its options are printed, `--set` answers it; 4 the file cannot be imported, with the reason;
/// 1 anything else.
///
/// --json prints one object on standard output: upload_id, rows, accepted, warnings, rejected, blank,
/// duplicates, first_day, last_day, totals (of each currency: gross_sales, net_sales, orders, customers)
/// and seconds, from the file to the figures. With several uploads it speaks of all together: their ids separated by commas, their rows
/// added up, and the totals over all of them, an order in two files counted once.
///
/// Several files: those that complete each other (order lines, orders, customers, products, payments: what
/// Olist or AdventureWorks export) become one upload, in which the lines are completed from the other tables.
/// The others are imported one after the other: tables with the same columns, too, so that an order that
/// stands in two months' files is updated and not doubled. --join makes all files one upload.
#[derive(Clone, Debug, Args)]
pub struct Import {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Make all files one upload, whatever they are
    #[arg(long)]
    join: bool,
    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Make the tenant where there is none
    #[arg(long)]
    create: bool,
    /// With --create: the currency of files that name none
    #[arg(long, value_name = "CODE", default_value = "EUR", value_parser = currency)]
    currency: Currency,
    /// With --create: the shop's timezone
    #[arg(long, value_name = "NAME", default_value = "UTC")]
    timezone: String,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
    /// Answer a question: date_order=dmy, or map column 3: map.3=quantity
    #[arg(long, value_name = "KEY=VALUE", value_parser = decision)]
    set: Vec<(String, String)>,
}

fn currency(text: &str) -> Result<Currency, String> {
    text.parse()
        .map_err(|e: types::money::NotCurrency| e.to_string())
}

pub fn decision(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=');
    let (key, value) = parts.ok_or("an answer is written key=value")?;
    let key = key.trim();
    if !ingest::is_decision(key) {
        return Err(format!(
            "there is no question `{key}`; the keys are: {}",
            ingest::DECISIONS.join(", ")
        ));
    }
    Ok((key.to_owned(), value.to_owned()))
}

pub async fn run(config: Config, options: Import) -> Result<(), Failed> {
    // Before anything is made for them.
    for file in &options.files {
        let found = std::fs::metadata(file);
        let kind = found.map_err(|e| Failed::usage(format!("{}: {e}", file.display())))?;
        if !kind.is_file() {
            return Err(Failed::usage(format!("{} is no file", file.display())));
        }
    }
    let backend = open(&config).await?;
    let ctx = tenant(&backend, &options).await?;
    let decisions: Decisions = options.set.iter().cloned().collect();
    let mut done = Vec::new();
    let groups = if options.join {
        vec![options.files.clone()]
    } else {
        let grouped = command_line::groups(&backend, &ctx, &options.files).await;
        grouped.map_err(|error| failed("import", error))?
    };
    for files in &groups {
        done.push(one(&backend, &ctx, files, &decisions, options.json).await?);
    }
    if options.json {
        println!("{}", summary(&backend, &ctx, &done).await?);
    }
    Ok(())
}

/// The tenant's context, the tenant made first if asked.
async fn tenant(backend: &Backend, options: &Import) -> Result<Ctx, Failed> {
    let known = backend
        .tenant_by_slug(&options.tenant)
        .await
        .map_err(Failed::error)?;
    if known.is_none() && options.create {
        backend
            .create_tenant(
                &options.tenant,
                &options.tenant,
                options.currency,
                &options.timezone,
                false,
            )
            .await
            .map_err(Failed::usage)?;
    }
    ctx_of(backend, &options.tenant).await
}

/// What became of one file.
struct Done {
    upload: UploadId,
    result: ImportResult,
    /// From the files to their figures, as whoever waits for it counts.
    seconds: f64,
}

async fn one(
    backend: &Arc<Backend>,
    ctx: &Ctx,
    files: &[PathBuf],
    decisions: &Decisions,
    quiet: bool,
) -> Result<Done, Failed> {
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let name = names.join(", ");
    let begun = backend.clock.now();
    let bar = progress::bar(files)?;
    let imported = import_files(backend, ctx, files, decisions, |step| {
        progress::show(&bar, step)
    })
    .await;
    bar.finish_and_clear();
    let upload = imported.map_err(|error| failed(&name, error))?;
    let result = uploads::result(&upload)
        .map_err(Failed::error)?
        .ok_or_else(|| Failed::error(format!("{name}: the import ended without a result")))?;
    let seconds = backend.clock.now().duration_since(begun).as_secs_f64();
    if !quiet {
        report(&name, &result, seconds);
    }
    Ok(Done {
        upload: upload.id,
        result,
        seconds,
    })
}

/// For people.
fn report(name: &str, result: &ImportResult, seconds: f64) {
    if let Some(earlier) = result.duplicate_of {
        println!("{name}: imported before, as {earlier}; nothing was changed");
    }
    let days = match (result.first_day, result.last_day) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    println!(
        "{name}: {} rows: {} accepted, {} rejected, {} blank{days}, in {seconds:.1} s",
        result.rows, result.accepted, result.rejected, result.blank
    );
    for file in &result.files {
        println!(
            "  {}: {} rows, {} that match none, {} set aside",
            file.name, file.records, file.unmatched, file.set_aside
        );
    }
    for total in &result.totals {
        println!(
            "  {} {} gross, {} net, {} orders",
            total.currency, total.gross_sales, total.net_sales, total.orders
        );
    }
}

/// The one object of `--json`.
async fn summary(backend: &Backend, ctx: &Ctx, done: &[Done]) -> Result<String, Failed> {
    let ids: Vec<String> = done.iter().map(|d| d.upload.to_string()).collect();
    let sum = |count: fn(&ImportResult) -> u64| done.iter().map(|d| count(&d.result)).sum::<u64>();
    let days =
        |day: fn(&ImportResult) -> Option<Day>| done.iter().filter_map(move |d| day(&d.result));
    let totals = match done {
        [one] => one.result.totals.clone(),
        several => totals_of(backend, ctx, several).await?,
    };
    let totals: Vec<String> = totals.iter().map(total).collect();
    let fields = [
        ("upload_id", json!(ids.join(",")).to_string()),
        ("rows", sum(|r| r.rows).to_string()),
        ("accepted", sum(|r| r.accepted).to_string()),
        ("warnings", sum(|r| r.warnings).to_string()),
        ("rejected", sum(|r| r.rejected).to_string()),
        ("blank", sum(|r| r.blank).to_string()),
        ("duplicates", sum(|r| r.duplicates).to_string()),
        ("first_day", json!(days(|r| r.first_day).min()).to_string()),
        ("last_day", json!(days(|r| r.last_day).max()).to_string()),
        ("totals", format!("[{}]", totals.join(", "))),
        (
            "seconds",
            format!("{:.3}", done.iter().map(|d| d.seconds).sum::<f64>()),
        ),
    ];
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .collect();
    Ok(format!("{{{}}}", fields.join(", ")))
}

/// Money as a JSON number with all its decimals, never through a float.
fn total(total: &Totals) -> String {
    let customers = total
        .customers
        .map_or_else(|| "null".to_owned(), |n| n.to_string());
    format!(
        "{{\"currency\": \"{}\", \"gross_sales\": {}, \"net_sales\": {}, \"orders\": {}, \"customers\": {customers}}}",
        total.currency, total.gross_sales, total.net_sales, total.orders
    )
}

/// Over all of the files: an order that stands in two of them is one order.
async fn totals_of(backend: &Backend, ctx: &Ctx, done: &[Done]) -> Result<Vec<Totals>, Failed> {
    let uploads: Vec<String> = done
        .iter()
        .map(|d| d.result.duplicate_of.unwrap_or(d.upload).to_string())
        .collect();
    let query = Query::new([
        Metric::GrossSales,
        Metric::NetSales,
        Metric::Orders,
        Metric::Customers,
    ])
    .by([Dimension::Currency])
    .only(Dimension::Upload, uploads);
    let table = backend
        .analytics
        .query(ctx, &query)
        .await
        .map_err(Failed::error)?;
    let money = |row, metric| {
        table
            .metric(row, metric)
            .and_then(Cell::micros)
            .unwrap_or_default()
    };
    let count = |row, metric| match table.metric(row, metric) {
        Some(Cell::Count(n)) => Some(*n),
        _ => None,
    };
    Ok((0..table.rows.len())
        .filter_map(|row| {
            Some(Totals {
                currency: table.text(row, 0).parse().ok()?,
                gross_sales: money(row, Metric::GrossSales),
                net_sales: money(row, Metric::NetSales),
                orders: count(row, Metric::Orders).unwrap_or(0),
                customers: count(row, Metric::Customers),
            })
        })
        .collect())
}

/// What is printed, and the exit code.
fn failed(name: &str, error: ImportError) -> Failed {
    match error {
        ImportError::DecisionNeeded(seen) => Failed::DecisionNeeded(ask(name, seen.as_deref())),
        // Only `--set` brings an answer that does not fit.
        ImportError::NotImportable { code, message }
            if matches!(code.as_str(), "bad_decision" | "column_mapped_twice") =>
        {
            Failed::usage(format!("{name}: {message}"))
        }
        ImportError::NotImportable { code, message } => {
            Failed::NotImportable(format!("{name} cannot be imported: {message} ({code})"))
        }
        ImportError::File { .. } => Failed::usage(error),
        ImportError::Cancelled => Failed::error(format!("{name}: {error}")),
        ImportError::Upload(error) => Failed::error(format!("{name}: {error}")),
    }
}

/// Each question with its options, and how to answer it.
fn ask(name: &str, seen: Option<&Inspection>) -> String {
    let mut text = format!("{name}: a decision is needed");
    let Some(seen) = seen else {
        return text;
    };
    for question in &seen.questions {
        let _written = write!(text, "\n\n{}", question.message);
        for option in &question.options {
            let _written = write!(
                text,
                "\n  --set {}={}  {}",
                question.id, option.value, option.label
            );
            for reading in &option.readings {
                let _written = write!(text, "\n      {} is read as {}", reading.raw, reading.read);
            }
        }
        if question.options.is_empty() {
            text.push_str(
                "\n  No column looks like it: name one of those below, or add it to the file.",
            );
        }
    }
    let columns = |question: &Question| question.id.starts_with("mapping.");
    if seen.questions.iter().any(columns) {
        text.push_str("\n\nThe columns, each with some of its values:");
        for column in &seen.columns {
            let values = column.samples.join(", ");
            let _written = write!(text, "\n  {}  {}: {values}", column.index, column.name);
        }
        let fields = seen.data_set.fields().iter().map(|spec| spec.field.id());
        let mut fields: Vec<&str> = fields.collect();
        if fields.is_empty() {
            fields = vec![
                "date",
                "order_id",
                "sku",
                "product_name",
                "quantity",
                "unit_price",
                "line_total",
            ];
        }
        let _written = write!(
            text,
            "\n\nAny column is named by its number: --set map.0={}\nFields: {}",
            fields.first().copied().unwrap_or("date"),
            fields.join(", ")
        );
    }
    text
}
