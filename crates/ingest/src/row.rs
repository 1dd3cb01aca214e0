//! One record seen through the plan: fields by meaning, typed, with a reason where a value does not fit.

use crate::assemble::without_address;
use crate::corrected::as_it_was;
use crate::correction::Corrected;
use crate::field::Field;
use crate::moment::{self, DateFormat, Placed};
use crate::number::{self, Decimal, Number};
use crate::plan::{Measure, Plan};
use crate::profile::{is_blank_value, is_null};
use crate::record::{Params, RejectCode, params};
use crate::split::{Cell, unescape};
use compact_str::CompactString;
use std::borrow::Cow;
use types::{Currency, Micros};

/// Where each field stands.
pub(crate) struct Layout {
    index: Vec<Option<usize>>,
    /// Fields that are said once an order. They are not among `index`: a row by itself does not have them.
    of_order: Vec<(Field, usize)>,
    /// Columns of repeated fields, in order.
    pub repeated: Vec<(Field, usize)>,
    /// Columns kept in `extra`, with their names as JSON.
    extra: Vec<(usize, String)>,
    /// Whether the file says any of a line's [`Details`](crate::Details).
    pub has_details: bool,
    corrected: Corrected,
    /// Values went out behind an apostrophe where a spreadsheet would have run them.
    protected: bool,
}

const DETAILS: [Field; 9] = [
    Field::CustomerName,
    Field::FirstName,
    Field::LastName,
    Field::Region,
    Field::BillingRegion,
    Field::City,
    Field::BillingCity,
    Field::Channel,
    Field::PaymentMethod,
];

impl Layout {
    pub fn new(plan: &Plan) -> Self {
        let mut index = vec![None; Field::ALL.len()];
        let (mut repeated, mut extra, mut of_order) = (Vec::new(), Vec::new(), Vec::new());
        for (at, column) in plan.columns.iter().enumerate() {
            match column.field {
                Some(field) if field.repeats() => repeated.push((field, at)),
                // The number itself is what holds the rows of an order together.
                Some(field) if column.measure == Measure::OfOrder && field != Field::OrderId => {
                    of_order.push((field, at));
                }
                Some(field) => {
                    if let Some(slot) = index.get_mut(field as usize) {
                        *slot = Some(at);
                    }
                }
                None if column.ignored => {}
                None => extra.push((at, json(&column.name))),
            }
        }
        let has_details = DETAILS.iter().any(|field| {
            let at = index.get(*field as usize);
            at.is_some_and(Option::is_some)
        });
        Self {
            has_details,
            index,
            of_order,
            repeated,
            extra,
            corrected: Corrected::new(&plan.corrections),
            protected: plan.reasons.is_some(),
        }
    }

    pub fn column(&self, field: Field) -> Option<usize> {
        self.index.get(field as usize).copied().flatten()
    }

    pub fn has(&self, field: Field) -> bool {
        self.column(field).is_some()
    }

    /// Whether values of this column may be read as something else than they are.
    fn altered(&self, at: usize) -> bool {
        self.protected || self.corrected.touches(at)
    }

    pub fn of_order(&self) -> &[(Field, usize)] {
        &self.of_order
    }
}

/// Most values have no blanks around them, which their first and last byte say.
fn trim(text: &str) -> &str {
    match (text.as_bytes().first(), text.as_bytes().last()) {
        (Some(b'!'..=b'~'), Some(b'!'..=b'~')) | (None, _) => text,
        _ => text.trim(),
    }
}

/// A JSON string.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What is wrong with a record.
#[derive(Debug)]
pub(crate) struct Fault {
    pub code: RejectCode,
    pub column: Option<usize>,
    pub params: Params,
    pub message: String,
    pub suggestion: String,
}

impl Fault {
    /// About the record as a whole.
    pub fn of_record(
        code: RejectCode,
        params: Params,
        message: impl Into<String>,
        suggestion: &str,
    ) -> Self {
        Self {
            code,
            column: None,
            params,
            message: message.into(),
            suggestion: suggestion.to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// From 1.
    pub record: u64,
    pub text: &'a str,
    pub cells: &'a [Cell],
    pub layout: &'a Layout,
    pub plan: &'a Plan,
    /// Fields that have no column, by name.
    pub more: &'a [(String, Cell)],
    /// Rows of one nested value have the same number.
    pub group: u64,
}

impl<'a> Row<'a> {
    /// Trimmed, as corrected; empty where the record is too short.
    pub fn cell(&self, at: usize) -> Cow<'a, str> {
        let text = match self.cells.get(at) {
            None => Cow::Borrowed(""),
            // Nearly every value there is.
            Some(cell) if !cell.escaped && !self.layout.altered(at) => {
                let text = self.text.get(cell.start as usize..cell.end as usize);
                return Cow::Borrowed(literal(trim(text.unwrap_or_default())));
            }
            Some(cell) => match unescape(self.text, cell, &self.plan.dialect) {
                Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
                Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
            },
        };
        let text = match text {
            Cow::Borrowed(text) if self.layout.protected => Cow::Borrowed(as_it_was(text)),
            Cow::Owned(text) if self.layout.protected => Cow::Owned(as_it_was(&text).to_owned()),
            text => text,
        };
        // What keeps a spreadsheet from reading a code as a number: ="00123".
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(literal(text)),
            Cow::Owned(text) => match literal(&text) {
                inner if inner.len() == text.len() => Cow::Owned(text),
                inner => Cow::Owned(inner.to_owned()),
            },
        };
        match self.layout.corrected.of(at, self.record, &text) {
            Some(correct) => Cow::Borrowed(correct),
            None => text,
        }
    }

    /// Trimmed; empty where the field is not mapped or says nothing.
    pub fn text(&self, field: Field) -> Cow<'a, str> {
        let text = match self.layout.column(field) {
            Some(at) => self.cell(at),
            None => return Cow::Borrowed(""),
        };
        if is_null(&text) {
            Cow::Borrowed("")
        } else {
            text
        }
    }

    pub fn optional(&self, field: Field) -> Option<CompactString> {
        self.layout.column(field)?;
        let text = self.text(field);
        let text = unprotected(&text);
        (!text.is_empty()).then(|| text.into())
    }

    /// Of the field's column in the file; `None` where it is not mapped.
    pub fn column_name(&self, field: Field) -> Option<&'a str> {
        let at = self.layout.column(field)?;
        self.plan.columns.get(at).map(|c| c.name.as_str())
    }

    /// The first of the fields that says something.
    pub fn first(&self, fields: &[Field]) -> Option<CompactString> {
        fields.iter().find_map(|f| self.optional(*f))
    }

    pub fn fault(&self, code: RejectCode, field: Field, value: &str) -> Fault {
        self.fault_at(code, field, self.layout.column(field), value)
    }

    /// For a field that stands in several columns.
    pub fn fault_at(
        &self,
        code: RejectCode,
        field: Field,
        column: Option<usize>,
        value: &str,
    ) -> Fault {
        let name = column
            .and_then(|at| self.plan.columns.get(at))
            .map_or(field.name(), |c| c.name.as_str());
        let shown: String = value.chars().take(60).collect();
        let mut params = params([("column", name), ("value", &shown), ("field", field.id())]);
        match code {
            RejectCode::BadDate => {
                let format = self.date_format(column);
                params.insert("format".to_owned(), format.id().to_owned());
                params.insert("example".to_owned(), date_example(format).to_owned());
            }
            RejectCode::BadNumber => {
                let example = match self.plan_decimal() {
                    Decimal::Point => "1234.56",
                    Decimal::Comma => "1234,56",
                };
                params.insert("example".to_owned(), example.to_owned());
            }
            _ => {}
        }
        let (message, suggestion) = match code {
            RejectCode::BadDate => (
                format!(
                    "\"{shown}\" in column \"{name}\" is not a date written {}.",
                    date_words(self.date_format(column))
                ),
                format!("Write it like {}.", date_example(self.date_format(column))),
            ),
            RejectCode::BadNumber => (
                format!("\"{shown}\" in column \"{name}\" is not a number."),
                match self.plan_decimal() {
                    Decimal::Point => "Write it like 1234.56.".to_owned(),
                    Decimal::Comma => "Write it like 1234,56.".to_owned(),
                },
            ),
            RejectCode::BadCurrency => (
                format!("\"{shown}\" in column \"{name}\" is not a currency."),
                "Use a three-letter code such as EUR.".to_owned(),
            ),
            RejectCode::AmountTooLarge => (
                format!(
                    "The amount of this record is larger than any that can be kept: \"{shown}\" in column \"{name}\"."
                ),
                "Check quantity and price.".to_owned(),
            ),
            RejectCode::BadItems => (
                format!("The items in column \"{name}\" cannot be read: \"{shown}\"."),
                "Each item needs a quantity and a total, as in quantity:1|total:9.00.".to_owned(),
            ),
            _ => (
                format!(
                    "{} is missing: column \"{name}\" is empty.",
                    capital(field.name())
                ),
                "Fill it in, or remove the row.".to_owned(),
            ),
        };
        Fault {
            code,
            column,
            params,
            message,
            suggestion,
        }
    }

    fn plan_decimal(&self) -> Decimal {
        self.plan
            .columns
            .first()
            .map_or(Decimal::Point, |c| c.decimal)
    }

    /// Of the column, else of the order's date.
    fn date_format(&self, column: Option<usize>) -> DateFormat {
        let of = |at: usize| self.plan.columns.get(at)?.date;
        column
            .and_then(of)
            .or_else(|| self.layout.column(Field::Date).and_then(of))
            .unwrap_or(DateFormat::Iso)
    }

    /// `None`: not mapped, or empty.
    pub fn number(&self, field: Field) -> Result<Option<Number>, Fault> {
        let Some(at) = self.layout.column(field) else {
            return Ok(None);
        };
        self.number_at(field, at)
    }

    /// Of this column, whatever it is mapped to.
    pub fn number_at(&self, field: Field, at: usize) -> Result<Option<Number>, Fault> {
        let text = self.cell(at);
        if is_blank_value(&text) {
            return Ok(None);
        }
        if field.costs_nothing() && FREE.contains(&text.to_lowercase().as_str()) {
            return Ok(Some(Number::ZERO));
        }
        number::parse(&text, self.style(at))
            .map(Some)
            .ok_or_else(|| self.fault_at(RejectCode::BadNumber, field, Some(at), &text))
    }

    fn style(&self, at: usize) -> Decimal {
        let column = self.plan.columns.get(at);
        column.map_or(Decimal::Point, |c| c.decimal)
    }

    /// What a row takes off its price.
    pub fn reduction(&self, field: Field) -> Result<Option<Reduction>, Fault> {
        let Some(at) = self.layout.column(field) else {
            return Ok(None);
        };
        let text = self.cell(at);
        let measure = self.plan.columns.get(at).map(|c| c.measure);
        let (text, percent) = match text.strip_suffix(['%', '％', '٪']) {
            Some(number) => (number.trim_end(), true),
            None => (text.as_ref(), measure == Some(Measure::Percent)),
        };
        if !percent && measure != Some(Measure::Share) {
            let amount = self.amount(field)?;
            return Ok(amount.map(|a| Reduction::Amount(Micros(a.0.saturating_abs()))));
        }
        if is_blank_value(text) {
            return Ok(None);
        }
        let share = number::parse(text, self.style(at))
            .map(|n| n.micros.0.saturating_abs() / if percent { 100 } else { 1 })
            .filter(|share| *share <= Micros::ONE.0)
            .ok_or_else(|| self.fault(RejectCode::BadNumber, field, &self.cell(at)))?;
        Ok(Some(Reduction::Share(Micros(share))))
    }

    pub fn amount(&self, field: Field) -> Result<Option<Micros>, Fault> {
        Ok(self.number(field)?.map(|n| n.micros))
    }

    /// Code in the currency column, else the sign beside the amount, else what the plan says.
    pub fn currency(&self, amount: Option<Number>) -> Result<Currency, Fault> {
        let text = self.text(Field::Currency);
        if !text.is_empty() {
            if number::is_code(&text)
                && let Ok(currency) = text.parse()
            {
                return Ok(currency);
            }
            return match number::sign(&text) {
                Some(mark) => Ok(number::resolve(mark, self.plan.home_currency)),
                None => Err(self.fault(RejectCode::BadCurrency, Field::Currency, &text)),
            };
        }
        Ok(match amount.and_then(|n| n.mark) {
            Some(mark) => number::resolve(mark, self.plan.home_currency),
            None => self.plan.currency,
        })
    }

    pub fn placed(&self, dates: &mut DateCache) -> Result<Placed, Fault> {
        let text = self.text(Field::Date);
        let time = self.text(Field::Time);
        if is_blank_value(&text) {
            return Err(self.fault(RejectCode::MissingDate, Field::Date, ""));
        }
        if let Some(placed) = dates.get(&text, &time) {
            return Ok(placed);
        }
        let bad = || self.fault(RejectCode::BadDate, Field::Date, &text);
        // A year of four digits first can be read in one way only.
        let mut moment = moment::parse(&text, self.date_format(self.layout.column(Field::Date)))
            .or_else(|| moment::parse(&text, DateFormat::Iso))
            .ok_or_else(bad)?;
        if !moment.timed && !is_blank_value(&time) {
            moment.time = moment::parse_time(&time).ok_or_else(|| {
                let mut fault = self.fault(RejectCode::BadDate, Field::Time, &time);
                fault.message = format!("\"{time}\" is not a time of day.");
                fault.suggestion = "Write it like 14:05.".to_owned();
                fault
            })?;
            moment.timed = true;
        }
        let placed = self.place(&moment).ok_or_else(bad)?;
        dates.set(&text, &time, placed);
        Ok(placed)
    }

    /// A time of day without an offset is one of the clock that the file was written by.
    fn place(&self, moment: &moment::Moment) -> Option<Placed> {
        let shop = &self.plan.timezone;
        moment.place(self.plan.clock.as_ref().unwrap_or(shop), shop)
    }

    /// When, by a column that holds days or times. `None`: not mapped, or empty.
    pub fn moment(&self, field: Field) -> Result<Option<Placed>, Fault> {
        let Some(at) = self.layout.column(field) else {
            return Ok(None);
        };
        let text = self.cell(at);
        if is_blank_value(&text) {
            return Ok(None);
        }
        moment::parse(&text, self.date_format(Some(at)))
            .or_else(|| moment::parse(&text, DateFormat::Iso))
            .and_then(|moment| self.place(&moment))
            .map(Some)
            .ok_or_else(|| self.fault(RejectCode::BadDate, field, &text))
    }

    /// JSON object of the columns without a meaning, without the empty ones. No address of a person is kept.
    pub fn extra(&self) -> Option<Box<str>> {
        self.extra_as(without_address)
    }

    /// As [`Self::extra`], with each value as `shown` has it.
    pub fn extra_as(&self, shown: impl Fn(&str) -> Cow<'_, str>) -> Option<Box<str>> {
        let mut out = String::new();
        let mut add = |name: &str, value: &str| {
            if is_null(value) {
                return;
            }
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push_str(name);
            out.push(':');
            out.push_str(&json(&shown(value)));
        };
        for (at, name) in &self.layout.extra {
            add(name, &self.cell(*at));
        }
        for (name, cell) in self.more {
            let value = unescape(self.text, cell, &self.plan.dialect);
            add(&json(name), value.trim());
        }
        if out.is_empty() {
            return None;
        }
        out.push('}');
        Some(out.into())
    }
}

/// Spreadsheets and shops put an apostrophe before codes that look like numbers, and before formulas. `'s-Hertogenbosch`
/// is a town.
pub(crate) fn unprotected(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '=' | '+' | '-' | '@'))
        })
        .unwrap_or(text)
}

fn literal(text: &str) -> &str {
    text.strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains('"'))
        .unwrap_or(text)
}

fn date_words(format: DateFormat) -> &'static str {
    match format {
        DateFormat::Iso | DateFormat::ShortYmd => "year, month, day",
        DateFormat::Compact => "as eight digits",
        DateFormat::Named => "with the month's name",
        DateFormat::Dmy => "day, month, year",
        DateFormat::Mdy => "month, day, year",
        DateFormat::ExcelSerial => "as a spreadsheet's day number",
        DateFormat::EpochSeconds | DateFormat::EpochMillis | DateFormat::EpochMicros => {
            "as a timestamp"
        }
    }
}

fn date_example(format: DateFormat) -> &'static str {
    match format {
        DateFormat::Iso => "2026-12-31",
        DateFormat::ShortYmd => "26-12-31",
        DateFormat::Compact => "20261231",
        DateFormat::Named => "31 Dec 2026",
        DateFormat::Dmy => "31/12/2026",
        DateFormat::Mdy => "12/31/2026",
        DateFormat::ExcelSerial => "46387",
        DateFormat::EpochSeconds => "1798675200",
        DateFormat::EpochMillis => "1798675200000",
        DateFormat::EpochMicros => "1798675200000000",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// What is written where nothing is charged.
const FREE: [&str; 9] = [
    "free",
    "gratis",
    "kostenlos",
    "frei",
    "gratuit",
    "offert",
    "免费",
    "免運",
    "مجاني",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Amount(Micros),
    /// 1 being all of it.
    Share(Micros),
}

/// Of short texts that are mostly equal: quicker than a call.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let ((one, rest), (other, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    one.len() == other.len()
        && rest.len() == other_rest.len()
        && one.iter().zip(other).all(|(one, other)| one == other)
        && rest.iter().zip(other_rest).all(|(one, other)| one == other)
}

/// The lines of an order share their date: parsed and placed once.
#[derive(Default)]
pub(crate) struct DateCache {
    text: String,
    time: String,
    placed: Option<Placed>,
}

impl DateCache {
    fn get(&self, text: &str, time: &str) -> Option<Placed> {
        let same = same(self.text.as_bytes(), text.as_bytes())
            && same(self.time.as_bytes(), time.as_bytes());
        self.placed.filter(|_| same)
    }

    fn set(&mut self, text: &str, time: &str, placed: Placed) {
        self.text.clear();
        self.text.push_str(text);
        self.time.clear();
        self.time.push_str(time);
        self.placed = Some(placed);
    }
}
