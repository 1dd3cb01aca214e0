//! Tables beside orders: each record one row, its values typed as the data set's fields say.

use super::people::{is_address, without_address};
use super::{Emit, code, plain_id, scientific, warn_scientific};
use crate::data_set::DataSet;
use crate::events::EventKind;
use crate::field::Field;
use crate::hash::StableHash;
use crate::number::{self, Decimal, Number};
use crate::plan::Plan;
use crate::profile::is_blank_value;
use crate::record::{DataRow, RejectCode, Value, WarningCode, params};
use crate::row::{Fault, Row};
use crate::specs::{FieldSpec, ValueKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use types::Micros;

pub(crate) struct Rows {
    data_set: DataSet,
    specs: &'static [FieldSpec],
    /// What was said of each thing so far, by key.
    said: FxHashMap<u64, u64>,
    /// Purchases met, by order and item.
    bought: FxHashSet<u64>,
    /// The nested value whose rows are being read.
    group: u64,
}

type Values = Vec<Option<Value>>;

impl Rows {
    pub fn new(plan: &Plan) -> Self {
        Self {
            data_set: plan.data_set,
            specs: plan.data_set.fields(),
            said: FxHashMap::default(),
            bought: FxHashSet::default(),
            group: 0,
        }
    }

    pub fn take(&mut self, row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
        let mut values = self
            .specs
            .iter()
            .map(|spec| value(row, spec, emit))
            .collect::<Result<Values, Fault>>()?;
        match self.data_set {
            DataSet::Customers => self.name(&mut values),
            DataSet::Events => self.event(row, &mut values)?,
            _ => {}
        }
        self.complete(row, &values)?;
        if self.data_set == DataSet::Events {
            self.bought(row, &values, emit)?;
        }
        self.currency(row, &mut values)?;
        let extra = row.extra_as(|value| match self.data_set {
            // No address of a person is kept, whatever its column is called.
            DataSet::Customers | DataSet::Events => without_address(value),
            _ => Cow::Borrowed(value),
        });
        let hash = self.hash(&values, extra.as_deref());
        let mut key = self.key(&values);
        if self.data_set.happens() {
            let nth = emit.nth(key);
            key = StableHash::default()
                .int(key.cast_signed())
                .int(i64::from(nth))
                .finish();
        } else if self
            .said
            .insert(key, hash)
            .is_some_and(|before| before != hash)
        {
            emit.said_twice += 1;
        }
        if self.data_set == DataSet::Customers
            && let Some(number) = self.text(&values, Field::CustomerId)
            && let Some(hash) = self.text(&values, Field::CustomerEmail)
        {
            emit.people.link(number, hash);
        }
        emit.count += 1;
        emit.rows.push(DataRow {
            record: emit.record,
            key,
            values,
            hash,
            extra,
        });
        Ok(())
    }

    fn at(&self, field: Field) -> Option<usize> {
        self.specs.iter().position(|spec| spec.field == field)
    }

    fn get<'a>(&self, values: &'a Values, field: Field) -> Option<&'a Value> {
        values.get(self.at(field)?)?.as_ref()
    }

    fn text<'a>(&self, values: &'a Values, field: Field) -> Option<&'a str> {
        match self.get(values, field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn set(&self, values: &mut Values, field: Field, value: Option<Value>) {
        if let Some(slot) = self.at(field).and_then(|at| values.get_mut(at)) {
            *slot = value;
        }
    }

    fn name(&self, values: &mut Values) {
        if self.get(values, Field::CustomerName).is_some() {
            return;
        }
        let part = |field| self.text(values, field).unwrap_or_default();
        let name = format!("{} {}", part(Field::FirstName), part(Field::LastName));
        if !name.trim().is_empty() {
            let name = Value::Text(name.trim().into());
            self.set(values, Field::CustomerName, Some(name));
        }
    }

    /// What is known of an event by its time and its name.
    fn event(&mut self, row: Row<'_>, values: &mut Values) -> Result<(), Fault> {
        let day = row.moment(Field::At)?.map(|p| i64::from(p.day.0));
        self.set(values, Field::Day, day.map(Value::Number));
        if self.get(values, Field::Visitor).is_none() {
            let session = self.get(values, Field::Session).cloned();
            self.set(values, Field::Visitor, session);
        }
        let kind = self
            .text(values, Field::EventName)
            .map(|name| Value::Text(EventKind::of(name).id().into()));
        self.set(values, Field::EventKind, kind);
        // The items of one event stand in rows of their own, and its value in each of them.
        if row.group != 0 && row.group == self.group {
            self.set(values, Field::EventValue, None);
        }
        self.group = row.group;
        Ok(())
    }

    /// A purchase is sent once for each time the page is loaded, and counts once.
    fn bought(&mut self, row: Row<'_>, values: &Values, emit: &mut Emit) -> Result<(), Fault> {
        if self.text(values, Field::EventKind) != Some(EventKind::Purchase.id()) {
            return Ok(());
        }
        let Some(order) = self.text(values, Field::OrderId) else {
            return Ok(());
        };
        let key = StableHash::default()
            .text(order)
            .optional(self.text(values, Field::Sku))
            .finish();
        if self.bought.insert(key) {
            return Ok(());
        }
        emit.warned = false;
        let mut fault = Fault::of_record(
            RejectCode::Duplicate,
            params([("value", order)]),
            format!("The purchase {order} was sent before."),
            "Nothing needs to be done: it is counted once.",
        );
        fault.column = row.layout.column(Field::OrderId);
        Err(fault)
    }

    fn complete(&self, row: Row<'_>, values: &Values) -> Result<(), Fault> {
        for part in self.data_set.required() {
            if part.iter().any(|field| self.get(values, *field).is_some()) {
                continue;
            }
            let mapped = part.iter().find(|field| row.layout.has(**field));
            let Some(field) = mapped.or(part.first()) else {
                continue;
            };
            let code = match self.data_set.field(*field).map(|spec| spec.kind) {
                Some(ValueKind::Day | ValueKind::Moment) => RejectCode::MissingDate,
                Some(ValueKind::Money) => RejectCode::MissingAmount,
                _ => RejectCode::MissingValue,
            };
            return Err(row.fault(code, *field, ""));
        }
        Ok(())
    }

    /// Of the amounts beside it, where there are any.
    fn currency(&self, row: Row<'_>, values: &mut Values) -> Result<(), Fault> {
        if self.at(Field::Currency).is_none() {
            return Ok(());
        }
        let money = self.specs.iter().filter(|s| s.kind == ValueKind::Money);
        let mut amount = None;
        for spec in money {
            if self.get(values, spec.field).is_some() {
                amount = amount.or(row.number(spec.field)?);
            }
        }
        if amount.is_some() || !row.text(Field::Currency).is_empty() {
            let currency = row.currency(amount)?;
            let text = Value::Text(currency.as_str().into());
            self.set(values, Field::Currency, Some(text));
        }
        Ok(())
    }

    fn hash(&self, values: &Values, extra: Option<&str>) -> u64 {
        // A field that joins later does not change what is without it.
        let filled = self.specs.iter().zip(values);
        filled
            .filter_map(|(spec, value)| Some((spec, value.as_ref()?)))
            .fold(StableHash::default(), |hash, (spec, value)| {
                feed(hash.text(spec.name()), value)
            })
            .optional(extra)
            .finish()
    }

    fn key(&self, values: &Values) -> u64 {
        let mut hash = StableHash::default();
        for part in self.data_set.key() {
            let found = part
                .iter()
                .find_map(|field| Some((*field, self.get(values, *field)?)));
            hash = match found {
                Some((field, value)) => feed(hash.text(field.id()), value),
                None => hash.int(0),
            };
        }
        hash.finish()
    }
}

fn feed(hash: StableHash, value: &Value) -> StableHash {
    match value {
        Value::Number(number) => hash.int(*number),
        Value::Text(text) => hash.text(text),
    }
}

fn value(row: Row<'_>, spec: &FieldSpec, emit: &mut Emit) -> Result<Option<Value>, Fault> {
    let field = spec.field;
    if !row.layout.has(field) {
        return Ok(None);
    }
    let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.into()));
    Ok(match spec.kind {
        ValueKind::Text if matches!(field, Field::CustomerId | Field::OrderId) => {
            let id = row.text(field);
            let id = plain_id(&id);
            check_id(row, field, id, emit);
            if field == Field::CustomerId && is_address(id) {
                return Ok(text(&emit.people.hash(id)));
            }
            // Shops number their guests 0.
            text(id).filter(|_| id != "0" || field != Field::CustomerId)
        }
        ValueKind::Text => row
            .optional(field)
            .map(|text| Value::Text(text.as_str().into())),
        ValueKind::Code => {
            let id = row.text(field);
            let id = plain_id(&id);
            check_id(row, field, id, emit);
            text(&code(id))
        }
        ValueKind::Email => {
            let address = row.text(field);
            (!address.is_empty()).then(|| Value::Text(emit.people.hash(&address).as_str().into()))
        }
        // Beside amounts: found with them.
        ValueKind::Currency if field == Field::Currency => None,
        ValueKind::Currency => {
            let name = row.text(field);
            if name.is_empty() {
                None
            } else if number::is_code(&name.to_uppercase()) {
                text(&name.to_uppercase())
            } else {
                return Err(row.fault(RejectCode::BadCurrency, field, &name));
            }
        }
        ValueKind::Money => row.amount(field)?.map(|n| Value::Number(n.0)),
        ValueKind::Quantity => parsed(row, field, |text, style| {
            number::parse(text.strip_suffix('%').map_or(text, str::trim_end), style)
        })?
        .map(|n| Value::Number(n.micros.0)),
        ValueKind::Count => parsed(row, field, count)?.map(Value::Number),
        ValueKind::Rate => parsed(row, field, rate)?.map(Value::Number),
        ValueKind::Day => row
            .moment(field)?
            .map(|p| Value::Number(i64::from(p.day.0))),
        ValueKind::Moment => row.moment(field)?.map(|p| Value::Number(p.at)),
        ValueKind::Flag => flag(row, field, emit).map(|yes| Value::Number(i64::from(yes))),
    })
}

fn check_id(row: Row<'_>, field: Field, id: &str, emit: &mut Emit) {
    if scientific(id) {
        warn_scientific(row, emit, field, id);
    }
}

fn parsed<T>(
    row: Row<'_>,
    field: Field,
    parse: impl Fn(&str, Decimal) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let Some(at) = row.layout.column(field) else {
        return Ok(None);
    };
    let text = row.cell(at);
    if is_blank_value(&text) {
        return Ok(None);
    }
    let style = row
        .plan
        .columns
        .get(at)
        .map_or(Decimal::Point, |c| c.decimal);
    parse(&text, style)
        .map(Some)
        .ok_or_else(|| row.fault(RejectCode::BadNumber, field, &text))
}

fn count(text: &str, style: Decimal) -> Option<i64> {
    let micros = number::parse(text, style)?.micros.0;
    (micros % Micros::ONE.0 == 0).then_some(micros / Micros::ONE.0)
}

/// Billionths: six decimals are too few for a hundredth of a cent. Nothing is worth nothing.
fn rate(text: &str, style: Decimal) -> Option<i64> {
    let thousandfold = number::parse(&format!("{text}e3"), style).or_else(|| {
        let Number { micros, .. } = number::parse(text, style)?;
        let thousandfold = micros.0.checked_mul(1_000)?;
        Some(Number {
            micros: Micros(thousandfold),
            mark: None,
            fraction: true,
            scientific: true,
        })
    })?;
    (thousandfold.micros.0 > 0).then_some(thousandfold.micros.0)
}

fn flag(row: Row<'_>, field: Field, emit: &mut Emit) -> Option<bool> {
    let text = row.text(field);
    match text.to_lowercase().as_str() {
        "" => None,
        "true" | "yes" | "y" | "t" | "1" | "subscribed" | "on" | "ja" | "si" | "sí" | "oui"
        | "是" | "نعم" => Some(true),
        "false" | "no" | "n" | "f" | "0" | "unsubscribed" | "not subscribed" | "not_subscribed"
        | "off" | "nein" | "non" | "否" | "لا" => Some(false),
        _ => {
            let name = row
                .layout
                .column(field)
                .and_then(|at| row.plan.columns.get(at))
                .map(|c| c.name.as_str());
            emit.warn(
                WarningCode::NeitherYesNorNo,
                name,
                params([("value", &text)]),
                format!("\"{text}\" is neither yes nor no, and was left out."),
            );
            None
        }
    }
}
