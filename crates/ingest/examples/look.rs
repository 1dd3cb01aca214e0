//! `look FILE [key=value]...`: what the importer makes of a file, and how long it takes.

use ingest::{Kind, Options, Sample, inspect, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: look FILE [key=value]...")?;
    let mut options = Options::new(
        jiff::tz::TimeZone::get("Europe/London")?,
        types::Currency::EUR,
    );
    for pair in args {
        let (key, value) = pair
            .split_once('=')
            .ok_or("decisions are written key=value")?;
        options.decisions.insert(key.to_owned(), value.to_owned());
    }
    let start = Instant::now();
    let sample = Sample::from_read(File::open(&path)?)?;
    let inspection = match inspect(&sample, &path, &options) {
        Ok(inspection) => inspection,
        Err(error) => {
            println!("{}: {error}", error.code());
            return Ok(());
        }
    };
    let looked = start.elapsed();
    println!(
        "{:?} {} {:?} delimiter {:?} header {:?} width {} confidence {:.2}",
        inspection.source,
        inspection.encoding,
        inspection.dialect.newline,
        char::from(inspection.dialect.delimiter),
        inspection.dialect.header_line,
        inspection.dialect.width,
        inspection.dialect_confidence,
    );
    for column in &inspection.columns {
        if let Some(field) = column.field {
            println!(
                "  {} <- {:?} {:?} {:.2}",
                field.id(),
                column.name,
                column.kind,
                column.confidence
            );
        }
    }
    for column in inspection
        .columns
        .iter()
        .filter(|c| c.field.is_none() && !c.alternatives.is_empty())
    {
        println!(
            "  {:?} {:?} could be {:?}",
            column.name, column.kind, column.alternatives
        );
    }
    for assumption in &inspection.assumptions {
        println!("  assumed: {}", assumption.message);
    }
    for question in &inspection.questions {
        println!("  asked: {} {}", question.id, question.message);
        for option in &question.options {
            println!(
                "    {}: {} {:?}",
                option.value,
                option.label,
                option.readings.first()
            );
        }
    }
    let Some(plan) = inspection.plan else {
        return Ok(());
    };
    let start = Instant::now();
    let mut kinds = BTreeMap::<Kind, u64>::new();
    let mut sums = BTreeMap::<&str, i128>::new();
    let mut orders = BTreeSet::new();
    let mut days = BTreeSet::new();
    let (mut rows, mut counts) = (0, None);
    let mut codes = BTreeMap::new();
    let mut shown = 0;
    for batch in read(&plan, File::open(&path)?) {
        let batch = batch?;
        for line in &batch.lines {
            *kinds.entry(line.kind).or_default() += 1;
            for (name, amount) in [
                ("gross", line.gross),
                ("discount", line.discount),
                ("returns", line.returns),
                ("tax", line.tax),
                ("shipping", line.shipping),
                ("quantity", line.quantity),
            ] {
                *sums.entry(name).or_default() += i128::from(amount.0);
            }
            orders.insert(line.order_id.clone());
            days.insert(line.day);
            if shown < 2 {
                shown += 1;
                println!("  {line:?}");
            }
        }
        for row in &batch.rows {
            rows += 1;
            if rows <= 2 {
                println!("  {row:?}");
            }
        }
        for reject in batch.rejects {
            let (count, first) = codes
                .entry(format!("{:?}", reject.code))
                .or_insert((0_u64, String::new()));
            *count += 1;
            if first.is_empty() {
                *first = format!(
                    "line {}: {} | {}",
                    reject.line_no,
                    reject.message,
                    reject.raw.chars().take(80).collect::<String>()
                );
            }
        }
        for warning in batch.warnings {
            codes
                .entry(format!("warning {:?}", warning.code))
                .or_insert((0, warning.message))
                .0 += 1;
        }
        counts = Some(batch.counts);
    }
    println!("  {counts:?}");
    println!("  {kinds:?} rows {rows} orders {}", orders.len());
    for (name, sum) in sums {
        println!("  {name} {:.6}", sum as f64 / 1e6);
    }
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        println!("  from {first} to {last}");
    }
    for (code, (count, first)) in codes {
        println!("  {code} {count}: {first}");
    }
    println!("  inspected in {looked:?}, read in {:?}", start.elapsed());
    Ok(())
}
