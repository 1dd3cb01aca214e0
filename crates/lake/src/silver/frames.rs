//! Lines and rows as silver keeps them: a column a field.

use crate::{
    columns::{self, Ready, Texts},
    error::LakeError,
    parquet::{self, Encoded, Statistics},
    schema::NO_HOUR,
    silver::Columns,
    store::ImportJob,
};
use ingest::{DataRow, Details, Line, Value, ValueKind};
use polars::prelude::*;

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Lines taken apart as they come: they are let go where they were made, and a file is nearly done when it is full.
#[derive(Default)]
pub(crate) struct LineColumns {
    record: Vec<i64>,
    key: Vec<i64>,
    order_id: Texts,
    line: Vec<i32>,
    kind: Vec<i32>,
    at: Vec<i64>,
    day: Vec<i32>,
    hour: Vec<i32>,
    sku: Texts,
    product_name: Texts,
    category: Texts,
    quantity: Vec<i64>,
    unit_price: Vec<i64>,
    gross: Vec<i64>,
    discount: Vec<i64>,
    returns: Vec<i64>,
    tax: Vec<i64>,
    shipping: Vec<i64>,
    currency: Texts,
    customer: Texts,
    country: Texts,
    details: DetailColumns,
    hash: Vec<i64>,
    extra: Texts,
}

impl Columns<Line> for LineColumns {
    fn with_room(rows: usize) -> Self {
        Self {
            record: Vec::with_capacity(rows),
            key: Vec::with_capacity(rows),
            order_id: Texts::with_room(rows),
            line: Vec::with_capacity(rows),
            kind: Vec::with_capacity(rows),
            at: Vec::with_capacity(rows),
            day: Vec::with_capacity(rows),
            hour: Vec::with_capacity(rows),
            sku: Texts::with_room(rows),
            product_name: Texts::with_room(rows),
            category: Texts::with_room(rows),
            quantity: Vec::with_capacity(rows),
            unit_price: Vec::with_capacity(rows),
            gross: Vec::with_capacity(rows),
            discount: Vec::with_capacity(rows),
            returns: Vec::with_capacity(rows),
            tax: Vec::with_capacity(rows),
            shipping: Vec::with_capacity(rows),
            currency: Texts::with_room(rows),
            customer: Texts::with_room(rows),
            country: Texts::with_room(rows),
            details: DetailColumns::default(),
            hash: Vec::with_capacity(rows),
            extra: Texts::with_room(rows),
        }
    }

    fn push(&mut self, line: &mut Line) {
        self.record
            .push(i64::try_from(line.record).unwrap_or(i64::MAX));
        self.key.push(line.key.cast_signed());
        self.order_id.push(Some(&line.order_id));
        self.line.push(i32::try_from(line.line).unwrap_or(i32::MAX));
        self.kind.push(line.kind as i32);
        self.at.push(line.at);
        self.day.push(line.day.0);
        self.hour.push(line.hour.map_or(NO_HOUR, i32::from));
        self.sku.push(known(&line.sku));
        self.product_name.push(known(&line.product_name));
        self.category.push(line.category.as_deref());
        self.quantity.push(line.quantity.0);
        self.unit_price.push(line.unit_price.0);
        self.gross.push(line.gross.0);
        self.discount.push(line.discount.0);
        self.returns.push(line.returns.0);
        self.tax.push(line.tax.0);
        self.shipping.push(line.shipping.0);
        self.currency.push(Some(line.currency.as_str()));
        self.customer.push(line.customer.as_deref());
        self.country.push(line.country.as_deref());
        self.details.push(line.details.as_deref());
        self.hash.push(line.hash.cast_signed());
        self.extra.push(line.extra.as_deref());
    }

    fn len(&self) -> usize {
        self.key.len()
    }

    fn keys(&self) -> Vec<i64> {
        self.key.clone()
    }

    fn encode(self, month: i32, job: &ImportJob) -> Result<Encoded, LakeError> {
        let rows = self.len();
        let statistics = Statistics::default()
            .with("day", &self.day)
            .with("hour", &self.hour);
        let [customer_name, region, city, channel, payment_method] = self.details.ready(rows)?;
        let columns = vec![
            (
                "upload",
                Ready::one_text(Some(&job.run.upload.to_string()), rows),
            ),
            ("run", Ready::one_int(job.run.run, rows)),
            ("upload_seq", Ready::one_long(job.seq, rows)),
            ("tells", Ready::one_int(job.tells() as i32, rows)),
            ("has_tax", Ready::one_int(job.plan.has_tax().into(), rows)),
            (
                "has_shipping",
                Ready::one_int(job.plan.has_shipping().into(), rows),
            ),
            ("record", Ready::steps(self.record)),
            ("key", Ready::longs(self.key)),
            ("order_id", self.order_id.ready()?),
            ("line", Ready::small_ints(self.line)?),
            ("kind", Ready::small_ints(self.kind)?),
            ("at", Ready::steps(self.at)),
            ("day", Ready::small_ints(self.day)?),
            ("hour", Ready::small_ints(self.hour)?),
            ("month", Ready::one_int(month, rows)),
            ("sku", self.sku.ready()?),
            ("product_name", self.product_name.ready()?),
            ("category", self.category.ready()?),
            ("quantity", Ready::repeated_longs(self.quantity)?),
            ("unit_price", Ready::repeated_longs(self.unit_price)?),
            ("gross", Ready::repeated_longs(self.gross)?),
            ("discount", Ready::repeated_longs(self.discount)?),
            ("returns", Ready::repeated_longs(self.returns)?),
            ("tax", Ready::repeated_longs(self.tax)?),
            ("shipping", Ready::repeated_longs(self.shipping)?),
            ("currency", self.currency.ready()?),
            ("customer", self.customer.ready()?),
            ("customer_name", customer_name),
            ("country", self.country.ready()?),
            ("region", region),
            ("city", city),
            ("channel", channel),
            ("payment_method", payment_method),
            ("hash", Ready::longs(self.hash)),
            ("extra", self.extra.ready()?),
        ];
        columns::encode(rows, columns, statistics)
    }
}

/// Columns of [`Details`], made when a line has some: in most files none has.
#[derive(Default)]
struct DetailColumns {
    /// Lines before.
    without: usize,
    columns: Option<Box<[Texts; 5]>>,
}

impl DetailColumns {
    fn push(&mut self, details: Option<&Details>) {
        let columns = match (&mut self.columns, details) {
            (None, None) => {
                self.without += 1;
                return;
            }
            (columns, _) => columns.get_or_insert_with(|| {
                Box::new(std::array::from_fn(|_| Texts::missing(self.without)))
            }),
        };
        let texts = details.map(Details::texts).unwrap_or_default();
        for (column, text) in columns.iter_mut().zip(texts) {
            column.push(text);
        }
    }

    fn ready(self, rows: usize) -> Result<[Ready; 5], LakeError> {
        let Some(columns) = self.columns else {
            return Ok(std::array::from_fn(|_| Ready::one_text(None, rows)));
        };
        let [a, b, c, d, e] = *columns;
        Ok([a.ready()?, b.ready()?, c.ready()?, d.ready()?, e.ready()?])
    }
}

impl Columns<DataRow> for Vec<DataRow> {
    fn with_room(rows: usize) -> Self {
        Self::with_capacity(rows)
    }

    fn push(&mut self, row: &mut DataRow) {
        self.push(DataRow {
            values: std::mem::take(&mut row.values),
            extra: row.extra.take(),
            ..*row
        });
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn keys(&self) -> Vec<i64> {
        self.iter().map(|row| row.key.cast_signed()).collect()
    }

    fn encode(self, month: i32, job: &ImportJob) -> Result<Encoded, LakeError> {
        parquet::encode(&mut rows_frame(&self, month, job)?)
    }
}

fn rows_frame(rows: &[DataRow], month: i32, job: &ImportJob) -> Result<DataFrame, LakeError> {
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
        long("key", |r| r.key.cast_signed()),
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
