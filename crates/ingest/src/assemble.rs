//! Records into order lines: what each source's columns mean together.

mod allocate;
mod amounts;
mod analytics;
mod grouped;
mod nested;
mod numbering;
mod order;
mod people;
mod retail;
mod rows;
mod sheet;
mod shopify;
mod status;
mod told_again;
mod woocommerce;

use crate::corrected::{Occurrences, Product};
use crate::data_set::DataSet;
use crate::field::Field;
use crate::hash::StableHash;
use crate::plan::{Measure, Plan};
use crate::record::{
    DataRow, Details, Kind, Line, Params, RejectCode, Warning, WarningCode, params,
};
use crate::row::{DateCache, Fault, Row, unprotected};
use crate::source::Source;
use compact_str::CompactString;
use numbering::{Key, Met, Numbering};
use people::People;
use rustc_hash::FxHashSet;
use types::Micros;

pub(crate) use people::without_address;
pub use people::{email_hash, is_address, is_email_hash};
pub(crate) use told_again::ToldAgain;

/// Takes records in order and emits lines; an order that spans records is held until it ends.
pub(crate) enum Assembler {
    Sheet,
    /// A sheet whose orders span rows.
    Grouped(Box<grouped::Orders>),
    Retail,
    Amazon,
    Shopify(Box<shopify::Orders>),
    /// Orders that hold their items.
    Nested(Box<nested::Orders>),
    WooCommerce,
    Analytics,
    /// Of a data set beside orders.
    Rows(Box<rows::Rows>),
}

impl Assembler {
    pub fn new(plan: &Plan) -> Self {
        match plan.source {
            _ if plan.data_set != DataSet::Orders => Self::Rows(Box::new(rows::Rows::new(plan))),
            _ if plan.format.nests() => Self::Nested(Box::default()),
            Source::Generic if plan.columns.iter().any(|c| c.measure == Measure::OfOrder) => {
                Self::Grouped(Box::default())
            }
            Source::Generic | Source::Olist => Self::Sheet,
            Source::UciOnlineRetail => Self::Retail,
            Source::Amazon => Self::Amazon,
            Source::Shopify => Self::Shopify(Box::default()),
            Source::WooCommerce => Self::WooCommerce,
            Source::WooCommerceAnalytics => Self::Analytics,
        }
    }

    pub fn take(&mut self, row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
        match self {
            Self::Sheet => sheet::take(row, emit),
            Self::Grouped(orders) => orders.take(row, emit),
            Self::Retail => retail::take(row, emit),
            Self::Amazon => sheet::take_amazon(row, emit),
            Self::Shopify(orders) => orders.take(row, emit),
            Self::Nested(orders) => orders.take(row, emit),
            Self::WooCommerce => woocommerce::take(row, emit),
            Self::Analytics => analytics::take(row, emit),
            Self::Rows(rows) => rows.take(row, emit),
        }
    }

    /// # Errors
    /// What must be remembered could not be kept.
    pub fn check(&mut self) -> std::io::Result<()> {
        match self {
            Self::Grouped(orders) => orders.check(),
            _ => Ok(()),
        }
    }

    /// After the last record.
    pub fn finish(&mut self, emit: &mut Emit) {
        match self {
            Self::Shopify(orders) => orders.finish(emit),
            Self::Grouped(orders) => orders.finish(emit),
            Self::Nested(orders) => orders.finish(emit),
            _ => {}
        }
    }
}

/// Where lines and warnings go, and what must be remembered from line to line.
#[derive(Default)]
pub(crate) struct Emit {
    pub lines: Vec<Line>,
    pub rows: Vec<DataRow>,
    pub warnings: Vec<Warning>,
    /// Of lines or rows.
    pub count: u64,
    pub dates: DateCache,
    pub people: People,
    pub told_again: Option<ToldAgain>,
    /// The record at hand.
    pub record: u64,
    pub line_no: u64,
    /// Hash of its fields.
    pub fingerprint: u64,
    pub warned: bool,
    /// Of the lines that have no number yet, the last ones of `lines`.
    unnumbered: Vec<Key>,
    /// Of the same lines what their hashes begin with: order, and product of it.
    begun: Vec<(StableHash, Product)>,
    numbering: Numbering,
    /// Rows that are told apart by what they say.
    rows_met: Met,
    /// Orders that have lines already, in an upload that this one completes.
    orders: FxHashSet<u64>,
    /// Warnings that would be the same on many lines are counted.
    pub tax_included: u64,
    pub said_twice: u64,
}

impl Emit {
    pub fn new(plan: &Plan) -> Self {
        Self {
            told_again: ToldAgain::of(plan),
            ..Self::default()
        }
    }

    /// The line's number and hash come with [`Self::number`].
    #[inline]
    pub fn line(&mut self, line: Line) {
        self.lines.push(line);
        self.pushed();
    }

    /// A line of what every line has and what `fill` adds where it lies: lines are large, and moving them takes long.
    ///
    /// # Errors
    /// Those of `fill`, or what every line has is missing.
    #[inline]
    pub fn filled(
        &mut self,
        row: Row<'_>,
        fill: impl FnOnce(&mut Line) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let line = base(row, self)?;
        self.lines.push(line);
        if let Err(fault) = self.lines.last_mut().map_or(Ok(()), fill) {
            self.lines.pop();
            return Err(fault);
        }
        self.pushed();
        Ok(())
    }

    /// Takes in the last line.
    #[inline]
    fn pushed(&mut self) {
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        if self
            .told_again
            .as_mut()
            .is_some_and(|told| told.is_told(line))
        {
            self.lines.pop();
            return;
        }
        if !line.kind.in_figures() {
            for amount in [
                &mut line.gross,
                &mut line.discount,
                &mut line.returns,
                &mut line.tax,
                &mut line.shipping,
            ] {
                *amount = Micros::ZERO;
            }
        }
        self.count += 1;
        let order = StableHash::default().text(&line.order_id);
        let product = Product::of(line, order);
        self.unnumbered.push(Key {
            order: order.finish(),
            line: product.occurrence(),
        });
        self.begun.push((order, product));
    }

    /// Numbers the lines of a batch.
    pub fn number(&mut self) {
        let from = self.lines.len() - self.unnumbered.len();
        let new = self.lines.get_mut(from..).unwrap_or_default();
        self.numbering.number(&self.unnumbered, |at, nth| {
            if let Some(line) = new.get_mut(at) {
                line.line = nth;
            }
        });
        for (line, (order, product)) in new.iter_mut().zip(self.begun.drain(..)) {
            line.key = product.key(line.line);
            line.hash = line.content_hash(order);
        }
        self.unnumbered.clear();
    }

    /// These lines are there already, in an upload that this one completes.
    pub fn after(&mut self, met: &Occurrences) {
        self.orders = met.orders().clone();
        self.numbering.after(met);
    }

    /// # Errors
    /// What must be remembered could not be kept.
    pub fn check(&mut self) -> std::io::Result<()> {
        self.rows_met.check()?;
        self.numbering.check()
    }

    /// The how manieth row with this key this one is, from 1.
    fn nth(&mut self, key: u64) -> u32 {
        self.rows_met.nth(key)
    }

    pub fn warn(
        &mut self,
        code: WarningCode,
        column: Option<&str>,
        params: Params,
        message: String,
    ) {
        self.warned = true;
        self.warnings.push(Warning {
            record: self.record,
            line_no: self.line_no,
            column: column.map(str::to_owned),
            code,
            params,
            message,
        });
    }
}

/// What every line has: order, time, product, customer, place. Amounts are zero.
#[inline]
fn base(row: Row<'_>, emit: &mut Emit) -> Result<Line, Fault> {
    let order_id = order_id(row, emit)?;
    let placed = row.placed(&mut emit.dates)?;
    let order_id = match order_id {
        Some(id) => id,
        // The row's own content, so that the same row has the same key in every file.
        None => {
            let id = format!("{}-{:08x}", placed.day, emit.fingerprint >> 32);
            let nth = emit.nth(
                StableHash::default()
                    .text("row")
                    .int(emit.fingerprint as i64)
                    .finish(),
            );
            if nth == 1 {
                id.into()
            } else {
                format!("{id}-{nth}").into()
            }
        }
    };
    let sku = row.text(Field::Sku);
    let sku = if sku.is_empty() {
        row.text(Field::Asin)
    } else {
        sku
    };
    let sku = code(&sku);
    if scientific(&sku) {
        warn_scientific(row, emit, Field::Sku, &sku);
    }
    Ok(Line {
        record: emit.record,
        order_id,
        line: 0,
        key: 0,
        kind: Kind::Sale,
        at: placed.at,
        day: placed.day,
        hour: placed.hour,
        sku,
        product_name: row.optional(Field::ProductName).unwrap_or_default(),
        category: row.optional(Field::Category),
        quantity: Micros::ZERO,
        unit_price: Micros::ZERO,
        gross: Micros::ZERO,
        discount: Micros::ZERO,
        returns: Micros::ZERO,
        tax: Micros::ZERO,
        shipping: Micros::ZERO,
        currency: row.plan.currency,
        customer: customer(row, &mut emit.people),
        country: row.first(&[Field::Country, Field::BillingCountry]),
        details: details(row, &mut emit.people),
        hash: 0,
        extra: row.extra(),
    })
}

fn details(row: Row<'_>, people: &mut People) -> Option<Box<Details>> {
    if !row.layout.has_details {
        return None;
    }
    let details = Details {
        customer_name: customer_name(row, people),
        region: row.first(&[Field::Region, Field::BillingRegion]),
        city: row.first(&[Field::City, Field::BillingCity]),
        channel: row.optional(Field::Channel),
        payment_method: row.optional(Field::PaymentMethod),
    };
    (details != Details::default()).then(|| Box::new(details))
}

/// `None`: the file has no order numbers.
fn order_id(row: Row<'_>, emit: &mut Emit) -> Result<Option<CompactString>, Fault> {
    if !row.layout.has(Field::OrderId) {
        return Ok(None);
    }
    let text = row.text(Field::OrderId);
    let id = plain_id(&text);
    if id.is_empty() {
        return Err(row.fault(RejectCode::MissingOrderId, Field::OrderId, ""));
    }
    if scientific(id) {
        warn_scientific(row, emit, Field::OrderId, id);
    }
    Ok(Some(id.into()))
}

fn warn_scientific(row: Row<'_>, emit: &mut Emit, field: Field, id: &str) {
    emit.warn(
        WarningCode::ScientificId,
        row.column_name(field),
        params([("value", id)]),
        format!(
            "\"{id}\" is a number that a spreadsheet has shortened: its last digits are lost, and different numbers may now look the same. Export the file again without opening it in a spreadsheet."
        ),
    );
}

/// Without the apostrophe that protects it and the `.0` that data frames add to whole numbers.
fn plain_id(text: &str) -> &str {
    let text = unprotected(text);
    match text.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => text,
    }
}

/// `1.23E+10`: what is left of a long number that went through a spreadsheet.
fn scientific(text: &str) -> bool {
    if !text.bytes().any(|b| b == b'+') {
        return false;
    }
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    exponent.strip_prefix('+').is_some_and(digits)
        && mantissa.len() > 1
        && mantissa.split(['.', ',']).all(digits)
}

fn code(text: &str) -> CompactString {
    let text = text.strip_prefix('\'').unwrap_or(text);
    if text
        .bytes()
        .any(|b| b.is_ascii_lowercase() || !b.is_ascii())
    {
        text.to_uppercase().into()
    } else {
        text.into()
    }
}

fn customer(row: Row<'_>, people: &mut People) -> Option<CompactString> {
    let id = row.text(Field::CustomerId);
    let id = plain_id(&id);
    let email = row.text(Field::CustomerEmail);
    // Shops number their guests 0.
    if id.is_empty() || id == "0" {
        return (!email.is_empty()).then(|| people.hash(&email));
    }
    if is_address(id) {
        return Some(people.hash(id));
    }
    if !email.is_empty() {
        let hash = people.hash(&email);
        people.link(id, &hash);
    }
    Some(id.into())
}

fn customer_name(row: Row<'_>, people: &mut People) -> Option<CompactString> {
    let name = row.optional(Field::CustomerName).or_else(|| {
        let (first, last) = (row.text(Field::FirstName), row.text(Field::LastName));
        if first.is_empty() && last.is_empty() {
            return None;
        }
        let name = format!("{first} {last}");
        (!name.trim().is_empty()).then(|| name.trim().into())
    })?;
    Some(if is_address(&name) {
        people.hash(&name)
    } else {
        name
    })
}

/// Whether an order with this status is in no sales figure.
pub(crate) fn cancels(text: &str) -> bool {
    status::state(text, false) == status::State::Cancelled
}

fn magnitude(amount: Micros) -> Micros {
    Micros(amount.0.saturating_abs())
}

fn minus(a: Micros, b: Micros) -> Micros {
    Micros(a.0.saturating_sub(b.0))
}

fn plus(a: Micros, b: Micros) -> Micros {
    Micros(a.0.saturating_add(b.0))
}

/// Price of a piece when only the amount is known.
fn unit_price(gross: Micros, quantity: Micros) -> Micros {
    gross.checked_ratio(quantity).map_or(gross, magnitude)
}
