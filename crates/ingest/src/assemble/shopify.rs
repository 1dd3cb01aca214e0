//! Shopify: one row a line item, with the order's own fields on its first row only.

use super::order::{Totals, settle};
use super::status::{State, state};
use super::{Emit, base, magnitude, minus, plain_id, plus};
use crate::assemble::allocate::allocate;
use crate::field::Field;
use crate::inspect::TEST_GATEWAY;
use crate::record::{Kind, Line, RejectCode, Warning, WarningCode, params};
use crate::row::{Fault, Row};
use types::Micros;

#[derive(Default)]
pub(crate) struct Orders {
    current: Option<Order>,
}

struct Order {
    id: Box<str>,
    /// Nothing when the first row was refused: the rows that follow have no date.
    open: Option<Open>,
}

struct Open {
    head: Line,
    line_no: u64,
    totals: Totals,
    subtotal: Option<Micros>,
    total: Option<Micros>,
    kind: Kind,
    priced: bool,
    lines: Vec<Line>,
}

/// No order has more lines; a file that repeats one number for ever must not fill the memory.
const LINES: usize = 50_000;

impl Orders {
    pub fn take(&mut self, row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
        let text = row.text(Field::OrderId);
        let id = plain_id(&text);
        let same = self.current.as_ref().is_some_and(|o| {
            (id.is_empty() || *o.id == *id) && o.open.as_ref().is_none_or(|o| o.lines.len() < LINES)
        });
        if !same {
            self.finish(emit);
            if id.is_empty() {
                return Err(row.fault(RejectCode::MissingOrderId, Field::OrderId, ""));
            }
            let order = self.current.insert(Order {
                id: id.into(),
                open: None,
            });
            order.open = Some(open(row, emit)?);
        }
        let Some(order) = &mut self.current else {
            return Ok(());
        };
        let Some(open) = &mut order.open else {
            // A later row may carry the order's fields, when the first was damaged.
            if row.text(Field::Date).is_empty() {
                return Err(Fault::of_record(
                    RejectCode::OrderIncomplete,
                    params([("order", &order.id)]),
                    format!(
                        "The first row of order {} was refused, so this row has no date.",
                        order.id
                    ),
                    "Mend the first row of the order and import both again.",
                ));
            }
            let mut opened = self::open(row, emit)?;
            if let Some(line) = item(row, emit, &opened)? {
                opened.lines.push(line);
            }
            order.open = Some(opened);
            return Ok(());
        };
        if let Some(line) = item(row, emit, open)? {
            open.lines.push(line);
        }
        Ok(())
    }

    pub fn finish(&mut self, emit: &mut Emit) {
        if let Some(open) = self.current.take().and_then(|o| o.open) {
            close(open, emit);
        }
    }
}

fn open(row: Row<'_>, emit: &mut Emit) -> Result<Open, Fault> {
    let mut head = base(row, emit)?;
    let zero =
        |field| -> Result<Micros, Fault> { Ok(magnitude(row.amount(field)?.unwrap_or_default())) };
    let price = row
        .number(Field::UnitPrice)?
        .or(row.number(Field::OrderTotal)?);
    head.currency = row.currency(price)?;
    let totals = Totals {
        discount: zero(Field::OrderDiscount)?,
        tax: zero(Field::OrderTax)?,
        tax_included: false,
        shipping: zero(Field::OrderShipping)?,
        refund: zero(Field::Refund)?,
    };
    let test =
        row.text(Field::PaymentMethod).starts_with(TEST_GATEWAY) && !row.plan.include_test_orders;
    let cancelled = !row.text(Field::CancelledAt).is_empty()
        || state(&row.text(Field::Status), false) == State::Cancelled;
    Ok(Open {
        line_no: emit.line_no,
        subtotal: row.amount(Field::Subtotal)?,
        total: row.amount(Field::OrderTotal)?,
        priced: row.layout.has(Field::UnitPrice),
        kind: if test {
            Kind::Test
        } else if cancelled {
            Kind::Cancelled
        } else {
            Kind::Sale
        },
        totals,
        head,
        lines: Vec::new(),
    })
}

/// The line item of a row. `None`: the row has none.
fn item(row: Row<'_>, emit: &Emit, open: &Open) -> Result<Option<Line>, Fault> {
    let name = row.optional(Field::ProductName);
    let sku = super::code(&row.text(Field::Sku));
    let price = row.amount(Field::UnitPrice)?;
    let quantity = row.amount(Field::Quantity)?;
    if name.is_none() && sku.is_empty() && price.is_none() {
        return Ok(None);
    }
    let missing = |field| row.fault(RejectCode::MissingAmount, field, "");
    let quantity = match quantity {
        Some(quantity) => quantity,
        None if row.layout.has(Field::Quantity) => return Err(missing(Field::Quantity)),
        None => Micros::ONE,
    };
    let unit_price = match price {
        Some(price) => price,
        None if open.priced => return Err(missing(Field::UnitPrice)),
        None => Micros::ZERO,
    };
    let gross = quantity.checked_mul(unit_price).ok_or_else(|| {
        row.fault(
            RejectCode::AmountTooLarge,
            Field::UnitPrice,
            &row.text(Field::UnitPrice),
        )
    })?;
    Ok(Some(Line {
        record: emit.record,
        sku,
        product_name: name.unwrap_or_default(),
        quantity,
        unit_price,
        gross,
        discount: magnitude(row.amount(Field::Discount)?.unwrap_or_default()),
        extra: row.extra(),
        ..open.head.clone()
    }))
}

fn close(mut open: Open, emit: &mut Emit) {
    let gross = || {
        open.lines
            .iter()
            .fold(Micros::ZERO, |sum, l| plus(sum, l.gross))
    };
    let mut warn = |code, params, message| {
        emit.warnings.push(Warning {
            record: open.head.record,
            line_no: open.line_no,
            column: None,
            code,
            params,
            message,
        });
    };
    if !open.priced {
        let amount = match (open.subtotal, open.total) {
            (Some(subtotal), _) => plus(subtotal, open.totals.discount),
            (None, Some(total)) => {
                // Tax and shipping are in the total already.
                open.totals.tax = Micros::ZERO;
                open.totals.shipping = Micros::ZERO;
                open.totals.discount = Micros::ZERO;
                total
            }
            (None, None) => Micros::ZERO,
        };
        let shares = allocate(
            amount,
            &vec![Micros::ONE; open.lines.len()],
            open.head.currency,
        );
        for (line, share) in open.lines.iter_mut().zip(shares) {
            line.gross = share;
            line.unit_price = super::unit_price(share, line.quantity);
        }
    } else if let Some(subtotal) = open.subtotal {
        let own = open
            .lines
            .iter()
            .fold(Micros::ZERO, |sum, l| plus(sum, l.discount));
        let discount = Micros(open.totals.discount.0.max(own.0));
        let expected = minus(gross(), discount);
        if minus(expected, subtotal).0.saturating_abs() > 20_000 && open.totals.refund.0 == 0 {
            warn(
                WarningCode::TotalMismatch,
                params([
                    ("order", &open.head.order_id),
                    ("total", &subtotal.to_string()),
                    ("expected", &expected.to_string()),
                ]),
                format!(
                    "The lines of order {} come to {expected}, its subtotal says {subtotal}: the order was edited, or rows are missing. The lines were taken.",
                    open.head.order_id
                ),
            );
        }
    }
    // Shopify's own arithmetic: subtotal and shipping alone make the total where prices hold the tax.
    let without = open.subtotal.map(|s| plus(s, open.totals.shipping));
    if open.totals.tax.0 > 0 && without.is_some() && open.total == without {
        open.totals.tax_included = true;
        emit.tax_included += 1;
    }
    settle(open.lines, &open.head, &open.totals, open.kind, emit);
}
