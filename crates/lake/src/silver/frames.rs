//! Lines and rows as silver keeps them: a column a field.

use crate::{
    error::LakeError,
    silver::{Kept, key},
    store::ImportJob,
};
use ingest::{DataRow, Line, Value, ValueKind};
use polars::prelude::*;
use types::Micros;

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

pub(super) fn frame(lines: &[Line], month: i32, job: &ImportJob) -> Result<DataFrame, LakeError> {
    let upload = job.run.upload.to_string();
    let height = lines.len();
    let text = |name: &str, get: fn(&Line) -> Option<&str>| {
        Column::from(
            StringChunked::from_iter_options(name.into(), lines.iter().map(get)).into_series(),
        )
    };
    let long = |name: &str, get: fn(&Line) -> i64| {
        Column::new(name.into(), lines.iter().map(get).collect::<Vec<_>>())
    };
    let int = |name: &str, get: fn(&Line) -> i32| {
        Column::new(name.into(), lines.iter().map(get).collect::<Vec<_>>())
    };
    let money = |name: &str, get: fn(&Line) -> Micros| {
        Column::new(
            name.into(),
            lines.iter().map(|l| get(l).0).collect::<Vec<_>>(),
        )
    };
    let columns = vec![
        Column::new_scalar(
            "upload".into(),
            PlSmallStr::from_str(&upload).into(),
            height,
        ),
        Column::new_scalar("run".into(), job.run.run.into(), height),
        Column::new_scalar("upload_seq".into(), job.seq.into(), height),
        long("record", |l| i64::try_from(l.record).unwrap_or(i64::MAX)),
        long("key", key),
        text("order_id", |l| Some(&l.order_id)),
        int("line", |l| i32::try_from(l.line).unwrap_or(i32::MAX)),
        int("kind", |l| l.kind as i32),
        long("at", |l| l.at),
        int("day", |l| l.day.0),
        int("hour", |l| i32::from(l.hour)),
        Column::new_scalar("month".into(), month.into(), height),
        text("sku", |l| known(&l.sku)),
        text("product_name", |l| known(&l.product_name)),
        text("category", |l| l.category.as_deref()),
        money("quantity", |l| l.quantity),
        money("unit_price", |l| l.unit_price),
        money("gross", |l| l.gross),
        money("discount", |l| l.discount),
        money("returns", |l| l.returns),
        money("tax", |l| l.tax),
        money("shipping", |l| l.shipping),
        text("currency", |l| Some(l.currency.as_str())),
        text("customer", |l| l.customer.as_deref()),
        text("customer_name", |l| l.customer_name.as_deref()),
        text("country", |l| l.country.as_deref()),
        text("region", |l| l.region.as_deref()),
        text("city", |l| l.city.as_deref()),
        text("channel", |l| l.channel.as_deref()),
        text("payment_method", |l| l.payment_method.as_deref()),
        long("hash", |l| l.hash.cast_signed()),
        text("extra", |l| l.extra.as_deref()),
    ];
    Ok(DataFrame::new(height, columns)?)
}

pub(super) fn rows_frame(
    rows: &[DataRow],
    month: i32,
    job: &ImportJob,
) -> Result<DataFrame, LakeError> {
    let set = job.plan.data_set;
    let upload = job.run.upload.to_string();
    let height = rows.len();
    let long = |name: &str, get: fn(&DataRow) -> i64| {
        Column::new(name.into(), rows.iter().map(get).collect::<Vec<_>>())
    };
    let mut columns = vec![
        Column::new_scalar(
            "upload".into(),
            PlSmallStr::from_str(&upload).into(),
            height,
        ),
        Column::new_scalar("run".into(), job.run.run.into(), height),
        Column::new_scalar("upload_seq".into(), job.seq.into(), height),
        long("record", |r| i64::try_from(r.record).unwrap_or(i64::MAX)),
        long("key", <DataRow as Kept>::key),
        Column::new_scalar("month".into(), month.into(), height),
    ];
    for (at, spec) in set.fields().iter().enumerate() {
        let values = || rows.iter().map(move |row| row.values.get(at)?.as_ref());
        let number = |value: Option<&Value>| match value {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        columns.push(match spec.kind {
            kind if kind.is_text() => {
                let texts = values().map(|value| match value {
                    Some(Value::Text(text)) => Some(&**text),
                    _ => None,
                });
                let texts = StringChunked::from_iter_options(spec.name().into(), texts);
                Column::from(texts.into_series())
            }
            ValueKind::Day | ValueKind::Flag => {
                let numbers = values().map(|v| i32::try_from(number(v)?).ok());
                Column::new(spec.name().into(), numbers.collect::<Vec<_>>())
            }
            _ => Column::new(spec.name().into(), values().map(number).collect::<Vec<_>>()),
        });
    }
    columns.push(long("hash", |r| r.hash.cast_signed()));
    let extra = rows.iter().map(|r| r.extra.as_deref());
    columns.push(Column::from(
        StringChunked::from_iter_options("extra".into(), extra).into_series(),
    ));
    Ok(DataFrame::new(height, columns)?)
}
