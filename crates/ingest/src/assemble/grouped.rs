//! A merchant's own sheet whose orders span rows: what is said about an order as a whole is repeated on each of its
//! rows, or stands on the first alone, and counts once.

use super::allocate::allocate;
use super::order::refund;
use super::sheet::{Read, line_of};
use super::{Emit, base, code, minus, plain_id, plus, unit_price};
use crate::field::Field;
use crate::hash::StableHash;
use crate::judge::total;
use crate::number::Number;
use crate::profile::is_blank_value;
use crate::record::{Kind, Line};
use crate::row::{Fault, Row};
use crate::seen::Seen;
use types::Micros;

#[derive(Default)]
pub(crate) struct Orders {
    current: Option<Open>,
    /// What was counted of orders that ended: they may go on further down.
    counted: Seen,
}

struct Open {
    /// Of the first row, without product and amounts.
    head: Line,
    lines: Vec<Read>,
    said: Vec<Said>,
    /// The last record that belongs to it.
    last: u64,
}

/// What the rows of an order say in one column.
#[derive(Clone, Copy)]
struct Said {
    field: Field,
    first: Option<Number>,
    sum: Micros,
    same: bool,
}

/// As of Shopify's orders.
const LINES: usize = 50_000;

impl Orders {
    pub fn take(&mut self, row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
        if let Some(fault) = total(row) {
            return Err(fault);
        }
        let text = row.text(Field::OrderId);
        let id = plain_id(&text);
        let dated = !is_blank_value(&row.text(Field::Date));
        // A row without number and date goes on with the order of the row just before it, if it names a product.
        let names = !row.text(Field::ProductName).is_empty() || !row.text(Field::Sku).is_empty();
        let goes_on = |open: &Open| {
            let same = if id.is_empty() {
                !dated && names && open.last + 1 == emit.record
            } else {
                *open.head.order_id == *id
            };
            same && open.lines.len() < LINES
        };
        let same = self.current.as_ref().is_some_and(goes_on);
        if !same {
            self.finish(emit);
        }
        let line = match &self.current {
            Some(open) if !dated => continued(row, &open.head, emit),
            _ => base(row, emit)?,
        };
        let numbers = row
            .layout
            .of_order()
            .iter()
            .map(|(field, at)| Ok((*field, row.number_at(*field, *at)?)))
            .collect::<Result<Vec<_>, Fault>>()?;
        let mut read = line_of(row, emit, line, !says_total(&numbers))?;
        if !read.priced {
            let marked = numbers.iter().find_map(|(_, n)| (*n)?.mark.and(*n));
            read.line.currency = row.currency(marked)?;
        }
        let head = || Line {
            extra: None,
            sku: Default::default(),
            product_name: Default::default(),
            category: None,
            quantity: Micros::ZERO,
            unit_price: Micros::ZERO,
            gross: Micros::ZERO,
            discount: Micros::ZERO,
            returns: Micros::ZERO,
            tax: Micros::ZERO,
            shipping: Micros::ZERO,
            ..read.line.clone()
        };
        let open = self.current.get_or_insert_with(|| Open {
            head: head(),
            lines: Vec::new(),
            said: numbers.iter().map(|(field, _)| Said::of(*field)).collect(),
            last: 0,
        });
        for (said, (_, number)) in open.said.iter_mut().zip(numbers) {
            said.hear(number);
        }
        open.last = emit.record;
        open.lines.push(read);
        Ok(())
    }

    pub fn finish(&mut self, emit: &mut Emit) {
        if let Some(open) = self.current.take() {
            let counted = &mut self.counted;
            let id = open.head.order_id.clone();
            // What is said of the order as a whole was counted with its other lines.
            let known = emit.orders.contains(&crate::corrected::order(&id));
            let once = |field: Field, amount: Micros| {
                let hash = StableHash::default()
                    .text(&id)
                    .int(field as i64)
                    .int(amount.0);
                !known && counted.insert(hash.finish())
            };
            close(open, once, emit);
        }
    }

    /// # Errors
    /// What must be remembered could not be kept.
    pub fn check(&mut self) -> std::io::Result<()> {
        self.counted.check()
    }
}

impl Said {
    fn of(field: Field) -> Self {
        Self {
            field,
            first: None,
            sum: Micros::ZERO,
            same: true,
        }
    }

    fn hear(&mut self, number: Option<Number>) {
        let Some(number) = number else { return };
        self.same &= self.first.is_none_or(|f| f.micros == number.micros);
        self.sum = plus(self.sum, number.micros);
        self.first = self.first.or(Some(number));
    }

    /// Said on each row alike it is said once; else it was divided among them.
    fn amount(&self) -> Option<Micros> {
        let first = self.first?;
        Some(if self.same { first.micros } else { self.sum })
    }
}

/// Whether the order as a whole has an amount, so that its rows need none.
fn says_total(numbers: &[(Field, Option<Number>)]) -> bool {
    let total = |field| {
        matches!(
            field,
            Field::OrderTotal | Field::LineTotal | Field::LineGross
        )
    };
    numbers.iter().any(|(field, _)| total(*field))
}

/// A further row of an order: who bought, when and where stands on the first.
fn continued(row: Row<'_>, head: &Line, emit: &Emit) -> Line {
    Line {
        record: emit.record,
        sku: code(&row.text(Field::Sku)),
        product_name: row.optional(Field::ProductName).unwrap_or_default(),
        category: row.optional(Field::Category),
        extra: row.extra(),
        ..head.clone()
    }
}

fn close(mut open: Open, mut once: impl FnMut(Field, Micros) -> bool, emit: &mut Emit) {
    let mut of = |fields: &[Field]| {
        let mut sum: Option<Micros> = None;
        for said in open.said.iter().filter(|said| fields.contains(&said.field)) {
            if let Some(amount) = said.amount()
                && once(said.field, amount)
            {
                sum = Some(plus(sum.unwrap_or_default(), amount));
            }
        }
        sum
    };
    let positive = |amount: Option<Micros>| Micros(amount.unwrap_or_default().0.saturating_abs());
    let discount = positive(of(&[Field::Discount, Field::OrderDiscount]));
    let tax = of(&[Field::Tax, Field::OrderTax, Field::ShippingTax]).unwrap_or_default();
    let shipping = of(&[Field::Shipping, Field::OrderShipping]).unwrap_or_default();
    let refunded = positive(of(&[Field::Refund]));
    let before = of(&[Field::LineGross, Field::Subtotal]);
    let whole = of(&[Field::OrderTotal, Field::LineTotal]);
    let currency = open.head.currency;
    let own = |lines: &[Read], amount: fn(&Line) -> Micros| {
        lines
            .iter()
            .fold(Micros::ZERO, |sum, read| plus(sum, amount(&read.line)))
    };
    // What the lines say themselves is not said a second time by the order.
    let (own_tax, own_shipping) = (
        own(&open.lines, |l| l.tax),
        own(&open.lines, |l| l.shipping),
    );
    let tax = if own_tax.0 == 0 { tax } else { Micros::ZERO };
    let shipping = if own_shipping.0 == 0 {
        shipping
    } else {
        Micros::ZERO
    };
    let discount = if own(&open.lines, |l| l.discount) == discount {
        Micros::ZERO
    } else {
        discount
    };
    if open.lines.iter().all(|read| !read.priced) {
        let held = plus(plus(tax, own_tax), plus(shipping, own_shipping));
        let gross = before.or_else(|| Some(plus(minus(whole?, held), discount)));
        let gross = gross.unwrap_or_default();
        let shares = allocate(gross, &vec![Micros::ONE; open.lines.len()], currency);
        for (read, share) in open.lines.iter_mut().zip(shares) {
            let line = &mut read.line;
            line.unit_price = unit_price(share, line.quantity);
            if share.0 < 0 {
                line.kind = kind(line.kind, Kind::Return);
                line.returns = share;
            } else {
                line.gross = share;
            }
        }
    }
    let sold = |read: &Read| read.line.kind != Kind::Return;
    let any_sold = open.lines.iter().any(sold);
    // Shares go to what was sold; of an order that holds returns alone, to those.
    let takers: Vec<usize> = (0..open.lines.len())
        .filter(|at| !any_sold || open.lines.get(*at).is_some_and(sold))
        .collect();
    let weights = |amount: fn(&Line) -> Micros| -> Vec<Micros> {
        let of = |at: &usize| open.lines.get(*at).map(|read| amount(&read.line));
        takers.iter().filter_map(of).collect()
    };
    let gross = weights(|l| l.gross);
    let paid = weights(|l| minus(l.gross, l.discount));
    let discounts = allocate(
        if any_sold { discount } else { Micros::ZERO },
        &paid,
        currency,
    );
    let taxes = allocate(tax, &gross, currency);
    let shippings = allocate(shipping, &gross, currency);
    let shares = discounts.into_iter().zip(taxes).zip(shippings);
    for (at, ((discount, tax), shipping)) in takers.iter().zip(shares) {
        let Some(read) = open.lines.get_mut(*at) else {
            continue;
        };
        let line = &mut read.line;
        line.discount = plus(line.discount, discount);
        line.tax = plus(line.tax, tax);
        line.shipping = plus(line.shipping, shipping);
        if line.gross.0 != 0 || line.tax.0 != 0 || line.shipping.0 != 0 || line.discount.0 != 0 {
            line.kind = kind(line.kind, Kind::Sale);
        }
    }
    let back = refunded.0 > 0 && open.lines.iter().any(|read| read.line.kind == Kind::Sale);
    for read in open.lines {
        emit.line(read.line);
        // The order's own refund says it for all its lines.
        if let Some(returned) = read.returned.filter(|_| !back) {
            emit.line(returned);
        }
    }
    if back {
        emit.line(refund(&open.head, refunded));
    }
}

/// What a line without an amount becomes when it gets one.
fn kind(now: Kind, then: Kind) -> Kind {
    if now == Kind::Free { then } else { now }
}
