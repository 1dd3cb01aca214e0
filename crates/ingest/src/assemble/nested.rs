//! Orders that hold their items: one row an item, each with the order's own fields around it.

use super::amounts::{Beside, amounts};
use super::order::{Totals, settle};
use super::status::{State, state};
use super::{Emit, base, magnitude, minus, plus};
use crate::field::Field;
use crate::json::{self, Value};
use crate::number::{self, Decimal};
use crate::record::{Kind, Line, RejectCode};
use crate::row::{Fault, Reduction, Row};
use types::Micros;

#[derive(Default)]
pub(crate) struct Orders {
    current: Option<Open>,
}

struct Open {
    group: u64,
    head: Line,
    totals: Totals,
    /// What the whole order came to.
    total: Option<Micros>,
    kind: Kind,
    refunded: bool,
    lines: Vec<Line>,
}

/// No order has more lines; one that does is settled in parts.
const LINES: usize = 50_000;

impl Orders {
    pub fn take(&mut self, row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
        if self
            .current
            .as_ref()
            .is_some_and(|open| open.group != row.group || open.lines.len() >= LINES)
        {
            self.finish(emit);
        }
        let mut line = base(row, emit)?;
        if let Some(open) = &self.current {
            // Without an order number each row would get one of its own.
            line.order_id = open.head.order_id.clone();
        }
        let before = open_totals(row)?;
        if let Some(Reduction::Amount(discount)) = row.reduction(Field::Discount)? {
            line.discount = discount;
        }
        line.tax = magnitude(row.amount(Field::Tax)?.unwrap_or_default());
        line.shipping = magnitude(row.amount(Field::Shipping)?.unwrap_or_default());
        let own = [
            Field::UnitPrice,
            Field::LineTotal,
            Field::LineGross,
            Field::Quantity,
        ];
        let has_item = own.iter().any(|field| !row.text(*field).is_empty())
            || !line.sku.is_empty()
            || !line.product_name.is_empty();
        let total = row.number(Field::OrderTotal)?;
        let mut item = line.clone();
        let marked = if has_item {
            let beside = Beside {
                needed: true,
                ..Beside::default()
            };
            let read = amounts(row, emit, &mut item, &beside)?;
            item.discount = read.discount;
            read.marked
        } else {
            total
        };
        line.currency = row.currency(marked.or(total))?;
        item.currency = line.currency;
        let state = state(&row.text(Field::Status), false);
        let cancelled = !row.text(Field::CancelledAt).is_empty() || state == State::Cancelled;
        let open = self.current.get_or_insert_with(|| Open {
            group: row.group,
            totals: before,
            total: total.map(|total| total.micros),
            kind: match state {
                State::Test => Kind::Test,
                _ if cancelled => Kind::Cancelled,
                _ => Kind::Sale,
            },
            refunded: state == State::Refunded,
            head: Line {
                extra: None,
                discount: Micros::ZERO,
                sku: Default::default(),
                product_name: Default::default(),
                category: None,
                ..line
            },
            lines: Vec::new(),
        });
        if has_item {
            open.lines.push(item);
        } else if let Some(total) = total {
            // An order without items is worth its total, which holds tax and shipping.
            let gross = plus(
                minus(minus(total.micros, open.totals.tax), open.totals.shipping),
                open.totals.discount,
            );
            open.lines.push(Line {
                quantity: Micros::ONE,
                unit_price: gross,
                gross,
                ..item
            });
        } else {
            self.current = None;
            return Err(row.fault(RejectCode::MissingAmount, Field::OrderTotal, ""));
        }
        Ok(())
    }

    pub fn finish(&mut self, emit: &mut Emit) {
        let Some(mut open) = self.current.take() else {
            return;
        };
        if open.refunded && open.totals.refund.0 == 0 {
            let sum = |amount: fn(&Line) -> Micros| {
                open.lines
                    .iter()
                    .fold(Micros::ZERO, |sum, line| plus(sum, amount(line)))
            };
            let discount = Micros(sum(|l| l.discount).0.max(open.totals.discount.0));
            open.totals.refund = minus(sum(|l| l.gross), discount);
        }
        let own = |amount: fn(&Line) -> Micros| {
            open.lines
                .iter()
                .fold(Micros::ZERO, |sum, line| plus(sum, amount(line)))
        };
        // Where the order says nothing, its items may.
        if open.totals.tax.0 == 0 {
            open.totals.tax = own(|l| l.tax);
        }
        if open.totals.shipping.0 == 0 {
            open.totals.shipping = own(|l| l.shipping);
        }
        // Prices that hold the tax make the total without it.
        let discount = Micros(own(|l| l.discount).0.max(open.totals.discount.0));
        let paid = plus(minus(own(|l| l.gross), discount), open.totals.shipping);
        if open.totals.tax.0 > 0 && open.total == Some(paid) {
            open.totals.tax_included = true;
            emit.tax_included += 1;
        }
        settle(open.lines, &open.head, &open.totals, open.kind, emit);
    }
}

fn open_totals(row: Row<'_>) -> Result<Totals, Fault> {
    let zero =
        |field| -> Result<Micros, Fault> { Ok(magnitude(row.amount(field)?.unwrap_or_default())) };
    Ok(Totals {
        discount: zero(Field::OrderDiscount)?,
        tax: plus(zero(Field::OrderTax)?, zero(Field::ShippingTax)?),
        tax_included: false,
        shipping: zero(Field::OrderShipping)?,
        refund: match zero(Field::Refund)? {
            Micros::ZERO => paid_back(&row.text(Field::Refunds)),
            refund => refund,
        },
    })
}

/// By an order's list of refunds as JSON: nothing where it is none.
fn paid_back(refunds: &str) -> Micros {
    match json::parse(refunds, 0) {
        Ok((Value::List(list), _)) => sum(&list.items, refund_of),
        _ => Micros::ZERO,
    }
}

/// Shopify lists the payments of a refund, WooCommerce says its total:
/// <https://shopify.dev/docs/api/admin-rest/latest/resources/refund>,
/// <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties>.
fn refund_of(refund: &Value<'_>) -> Micros {
    if let Some(Value::List(payments)) = refund.get("transactions") {
        return sum(&payments.items, |payment| {
            let is = |key: &str, wanted: &str| match payment.get(key) {
                Some(Value::Text(text)) => text.eq_ignore_ascii_case(wanted),
                _ => true,
            };
            if is("kind", "refund") && is("status", "success") {
                amount_of(payment, "amount")
            } else {
                Micros::ZERO
            }
        });
    }
    match amount_of(refund, "total") {
        Micros::ZERO => amount_of(refund, "amount"),
        total => total,
    }
}

/// Not negative.
fn amount_of(value: &Value<'_>, key: &str) -> Micros {
    match value.get(key) {
        Some(Value::Number(text) | Value::Text(text)) => number::parse(text, Decimal::Point)
            .map_or(Micros::ZERO, |number| magnitude(number.micros)),
        _ => Micros::ZERO,
    }
}

fn sum<'v>(values: &[Value<'v>], of: impl Fn(&Value<'v>) -> Micros) -> Micros {
    let add = |sum, value| plus(sum, of(value));
    values.iter().fold(Micros::ZERO, add)
}
