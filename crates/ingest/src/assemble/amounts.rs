//! Quantity, price and gross of a row from whichever of them it has, and which of its amounts hold what.

use super::{Emit, magnitude, minus, plus, unit_price};
use crate::field::Field;
use crate::number::Number;
use crate::record::{Line, RejectCode, WarningCode, params};
use crate::row::{Fault, Reduction, Row};
use crate::source::Source;
use types::Micros;

/// What stands beside the line's amounts.
#[derive(Default)]
pub(crate) struct Beside {
    pub tax: Micros,
    pub shipping: Micros,
    /// What is said of the order is said of the line: its total where the row has nothing else, its discount.
    pub order_total: bool,
    /// A row without an amount is refused.
    pub needed: bool,
}

pub(crate) struct Read {
    /// The number that bears the currency sign.
    pub marked: Option<Number>,
    /// Not negative.
    pub discount: Micros,
    pub priced: bool,
}

pub(crate) fn amounts(
    row: Row<'_>,
    emit: &mut Emit,
    line: &mut Line,
    beside: &Beside,
) -> Result<Read, Fault> {
    let too_large = |field| row.fault(RejectCode::AmountTooLarge, field, &row.text(field));
    line.quantity = match row.amount(Field::Quantity)? {
        Some(quantity) => quantity,
        None if row.layout.has(Field::Quantity) => {
            return Err(row.fault(RejectCode::MissingAmount, Field::Quantity, ""));
        }
        None => Micros::ONE,
    };
    let price = row.number(Field::UnitPrice)?;
    let before = row.number(Field::LineGross)?;
    let after = row.number(Field::LineTotal)?;
    let whole = match (price, before, after) {
        (None, None, None) if beside.order_total => row.number(Field::OrderTotal)?,
        _ => None,
    };
    let product = match price {
        Some(price) => Some(
            line.quantity
                .checked_mul(price.micros)
                .ok_or_else(|| too_large(Field::UnitPrice))?,
        ),
        None => None,
    };
    let reduction = match row.reduction(Field::Discount)? {
        None if beside.order_total => row.reduction(Field::OrderDiscount)?,
        found => found,
    };
    let micros = |number: Option<Number>| number.map(|n| n.micros);
    let stated = Stated {
        product,
        before: micros(before),
        after: micros(after),
        whole: micros(whole),
        reduction,
        quantity: line.quantity,
        tax: beside.tax,
        shipping: beside.shipping,
    };
    let read = |gross: Gross| Read {
        marked: price.or(after).or(before).or(whole),
        discount: gross.discount,
        priced: true,
    };
    let found = stated.gross();
    let Some(gross) = found else {
        // An order that was given up may have no lines; it is kept for what its status says.
        let given_up = row.plan.source == Source::Olist && super::cancels(&row.text(Field::Status));
        if given_up || !beside.needed {
            line.gross = Micros::ZERO;
            line.unit_price = Micros::ZERO;
            return Ok(Read {
                marked: None,
                discount: stated.discount_of(Micros::ZERO),
                priced: false,
            });
        }
        let field = [
            Field::UnitPrice,
            Field::LineTotal,
            Field::LineGross,
            Field::OrderTotal,
        ]
        .into_iter()
        .find(|f| row.layout.has(*f))
        .unwrap_or(Field::UnitPrice);
        return Err(row.fault(RejectCode::MissingAmount, field, ""));
    };
    line.gross = gross.amount;
    if let Some((total, product)) = gross.mismatch {
        let of = [Field::LineGross, Field::LineTotal];
        let of = of.into_iter().find(|f| row.layout.has(*f));
        let value = of.map(|f| row.text(f)).unwrap_or_default();
        emit.warn(
            WarningCode::TotalMismatch,
            of.and_then(|f| row.column_name(f)),
            params([
                ("value", &value),
                ("total", &total.to_string()),
                ("expected", &product.to_string()),
            ]),
            format!("The line amount {total} is not quantity times price, which is {product}. The line amount was taken."),
        );
    }
    line.unit_price = price.map_or_else(|| unit_price(line.gross, line.quantity), |p| p.micros);
    Ok(read(gross))
}

/// The amounts of a row, as far as it has them.
struct Stated {
    /// Quantity times price.
    product: Option<Micros>,
    before: Option<Micros>,
    after: Option<Micros>,
    /// What was paid for the order.
    whole: Option<Micros>,
    reduction: Option<Reduction>,
    quantity: Micros,
    tax: Micros,
    shipping: Micros,
}

struct Gross {
    amount: Micros,
    discount: Micros,
    /// The line amount, and what it should be.
    mismatch: Option<(Micros, Micros)>,
}

impl Stated {
    /// The discount in money, where `base` is what it is taken off.
    fn discount_of(&self, base: Micros) -> Micros {
        match self.reduction {
            None => Micros::ZERO,
            Some(Reduction::Amount(amount)) => amount,
            Some(Reduction::Share(share)) => {
                magnitude(base).checked_mul(share).unwrap_or(Micros::ZERO)
            }
        }
    }

    /// What the line was before its discount, given what was left.
    fn restored(&self, left: Micros) -> (Micros, Micros) {
        match self.reduction {
            Some(Reduction::Share(share)) if share.0 < Micros::ONE.0 => {
                let rest = minus(Micros::ONE, share);
                let gross = left.checked_ratio(rest).unwrap_or(left);
                (gross, magnitude(minus(gross, left)))
            }
            Some(Reduction::Amount(amount)) => (plus(left, amount), amount),
            _ => (left, Micros::ZERO),
        }
    }

    /// What a total may hold besides the goods.
    fn extras(&self) -> [Micros; 4] {
        let both = plus(self.tax, self.shipping);
        [Micros::ZERO, self.tax, self.shipping, both]
    }

    /// Whether a total above the goods holds shipping or tax and something that the table does not have, such as the
    /// tax on both.
    fn holds_more(&self, goods: Micros, total: Micros) -> bool {
        let [_, _, _, extras] = self.extras();
        let more = minus(minus(total, goods), extras).0;
        extras.0 > 0 && more > 0 && more <= goods.0 / 10 * 3
    }

    /// Gross, discount, and the two amounts that contradict each other. `None`: the row has no amount.
    fn gross(&self) -> Option<Gross> {
        // A price rounded to cents is off by half a cent a piece.
        let tolerance = (magnitude(self.quantity).0 / 200)
            .saturating_add(5_000)
            .max(10_000);
        let near = |a: Micros, b: Micros| minus(a, b).0.saturating_abs() <= tolerance;
        // `total` is `goods`, with or without tax and shipping.
        let makes = |goods: Micros, total: Micros| {
            let extras = self.extras();
            extras.iter().any(|extra| near(plus(goods, *extra), total))
        };
        let exact = |amount: Micros, discount: Micros| Gross {
            amount,
            discount,
            mismatch: None,
        };
        let off = |amount: Micros| self.discount_of(amount);
        let found = match (self.before, self.after, self.product) {
            (Some(before), _, Some(product)) => {
                let discount = off(product);
                if !near(product, before) && near(minus(product, discount), before) {
                    // What is called gross is after the discount.
                    exact(plus(before, discount), discount)
                } else if !near(product, before) && near(plus(product, self.tax), before) {
                    // What is called gross holds the tax.
                    exact(product, discount)
                } else {
                    let mismatch = (!near(product, before)).then_some((before, product));
                    Gross {
                        amount: before,
                        discount: off(before),
                        mismatch,
                    }
                }
            }
            (Some(before), Some(after), None) => {
                let discount = off(before);
                if discount.0 == 0 && !near(before, after) && near(plus(after, self.tax), before) {
                    exact(after, discount)
                } else if discount.0 > 0
                    && !makes(minus(before, discount), after)
                    && makes(before, after)
                {
                    let (gross, discount) = self.restored(before);
                    exact(gross, discount)
                } else {
                    exact(before, discount)
                }
            }
            (Some(before), None, None) => exact(before, off(before)),
            (None, Some(after), Some(product)) => {
                let discount = off(product);
                if near(after, product) {
                    exact(after, off(after))
                } else if near(after, minus(product, discount)) {
                    exact(plus(after, discount), discount)
                } else if makes(minus(product, discount), after) || makes(product, after) {
                    // The total holds tax or shipping, which stand beside it.
                    exact(product, discount)
                } else if product.0 < 0 && near(magnitude(product), after)
                    || self.holds_more(product, after)
                {
                    exact(product, discount)
                } else {
                    let (gross, discount) = self.restored(after);
                    Gross {
                        amount: gross,
                        discount,
                        mismatch: Some((after, product)),
                    }
                }
            }
            (None, Some(after), None) => {
                let (gross, discount) = self.restored(after);
                exact(gross, discount)
            }
            (None, None, Some(product)) => exact(product, off(product)),
            (None, None, None) => {
                let whole = self.whole?;
                let goods = minus(minus(whole, self.tax), self.shipping);
                // A total below its own tax and shipping is no sum of them.
                let goods = if goods.0.signum() == whole.0.signum() {
                    goods
                } else {
                    whole
                };
                let (gross, discount) = self.restored(goods);
                exact(gross, discount)
            }
        };
        Some(found)
    }
}
