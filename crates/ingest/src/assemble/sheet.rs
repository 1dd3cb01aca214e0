//! Tables with one line a row: a merchant's own sheet, and Amazon's report.

use super::order::refund;
use super::status::{State, state};
use super::{Emit, base, magnitude, minus, plus, unit_price};
use crate::field::Field;
use crate::number::Number;
use crate::record::{Kind, Line, Params, RejectCode, WarningCode, params};
use crate::row::{Fault, Row};
use crate::source::Source;
use types::Micros;

pub(crate) fn take(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    let mut line = base(row, emit)?;
    let discount = magnitude(
        row.amount(Field::Discount)?
            .or(row.amount(Field::OrderDiscount)?)
            .unwrap_or_default(),
    );
    line.tax = row
        .amount(Field::Tax)?
        .or(row.amount(Field::OrderTax)?)
        .unwrap_or_default();
    line.shipping = row
        .amount(Field::Shipping)?
        .or(row.amount(Field::OrderShipping)?)
        .unwrap_or_default();
    let refunded = magnitude(row.amount(Field::Refund)?.unwrap_or_default());
    let marked = amounts(row, emit, &mut line, discount, Some(Field::OrderTotal))?;
    line.currency = row.currency(marked)?;
    let state = state(&row.text(Field::Status), false);
    if line.quantity.0 < 0 || line.gross.0 < 0 {
        line.kind = Kind::Return;
        line.returns = Micros(-minus(magnitude(line.gross), discount).0.max(0));
        line.gross = Micros::ZERO;
    } else {
        line.discount = discount;
        line.kind = match state {
            State::Cancelled => Kind::Cancelled,
            State::Test => Kind::Test,
            State::Refunded | State::Live if line.gross.0 == 0 => Kind::Free,
            State::Refunded | State::Live => Kind::Sale,
        };
    }
    let back = match state {
        _ if line.kind != Kind::Sale => Micros::ZERO,
        _ if refunded.0 > 0 => refunded,
        // Sold, and taken back: both are kept.
        State::Refunded => minus(line.gross, line.discount),
        _ => Micros::ZERO,
    };
    let returned = (back.0 > 0).then(|| {
        let mut returned = refund(&line, back);
        returned.sku = line.sku.clone();
        returned.product_name = line.product_name.clone();
        returned.category = line.category.clone();
        if state == State::Refunded && refunded.0 == 0 {
            returned.quantity = Micros(-line.quantity.0);
            returned.unit_price = line.unit_price;
        }
        returned
    });
    emit.line(line);
    if let Some(returned) = returned {
        emit.line(returned);
    }
    Ok(())
}

/// Quantity, price and gross from whichever of them the row has, `total_field` being the line's where it has none of its
/// own. Returns the number that bears the currency sign.
pub(crate) fn amounts(
    row: Row<'_>,
    emit: &mut Emit,
    line: &mut Line,
    discount: Micros,
    total_field: Option<Field>,
) -> Result<Option<Number>, Fault> {
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
    let after = match (row.number(Field::LineTotal)?, total_field) {
        (None, Some(field)) => row.number(field)?,
        (after, _) => after,
    };
    let product = match price {
        Some(price) => Some(
            line.quantity
                .checked_mul(price.micros)
                .ok_or_else(|| too_large(Field::UnitPrice))?,
        ),
        None => None,
    };
    // A price rounded to cents is off by half a cent a piece.
    let tolerance = (magnitude(line.quantity).0 / 200)
        .saturating_add(5_000)
        .max(10_000);
    let near = |a: Micros, b: Micros| minus(a, b).0.saturating_abs() <= tolerance;
    let mut mismatch = None;
    line.gross = match (before, after, product) {
        (Some(before), _, product) => {
            if let Some(product) = product.filter(|p| !near(*p, before.micros)) {
                mismatch = Some((before.micros, product));
            }
            before.micros
        }
        (None, Some(after), None) => plus(after.micros, discount),
        (None, Some(after), Some(product)) => {
            if near(after.micros, product) {
                after.micros
            } else if near(after.micros, minus(product, discount)) {
                plus(after.micros, discount)
            } else {
                mismatch = Some((after.micros, product));
                plus(after.micros, discount)
            }
        }
        (None, None, Some(product)) => product,
        // An order that was given up may have no lines; it is kept for what its status says.
        (None, None, None)
            if row.plan.source == Source::Olist && super::cancels(&row.text(Field::Status)) =>
        {
            Micros::ZERO
        }
        (None, None, None) => {
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
        }
    };
    if let Some((total, product)) = mismatch {
        let of = [Some(Field::LineGross), Some(Field::LineTotal), total_field];
        let of = of.into_iter().flatten().find(|f| row.layout.has(*f));
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
    Ok(price.or(after).or(before))
}

/// `item-price` is the line's total; cancelled orders often have none.
pub(crate) fn take_amazon(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    let mut line = base(row, emit)?;
    let zero = |field| -> Result<Micros, Fault> { Ok(row.amount(field)?.unwrap_or_default()) };
    line.quantity = zero(Field::Quantity)?;
    let price = row.number(Field::LineGross)?;
    line.gross = price.map_or(Micros::ZERO, |p| p.micros);
    line.discount = magnitude(zero(Field::Discount)?);
    line.tax = plus(zero(Field::Tax)?, zero(Field::ShippingTax)?);
    line.shipping = minus(
        zero(Field::Shipping)?,
        magnitude(zero(Field::ShippingDiscount)?),
    );
    line.unit_price = unit_price(line.gross, line.quantity);
    line.currency = row.currency(price)?;
    let cancelled = [Field::Status, Field::ItemStatus]
        .iter()
        .any(|f| state(&row.text(*f), false) == State::Cancelled);
    line.kind = if cancelled {
        Kind::Cancelled
    } else if line.gross.0 < 0 || line.quantity.0 < 0 {
        Kind::Return
    } else if line.gross.0 == 0 {
        Kind::Free
    } else {
        Kind::Sale
    };
    if line.kind == Kind::Return {
        line.returns = Micros(-magnitude(line.gross).0);
        (line.gross, line.discount) = (Micros::ZERO, Micros::ZERO);
    }
    if price.is_none() && !cancelled {
        emit.warn(
            WarningCode::MissingPrice,
            None,
            Params::new(),
            "The order has no price yet: Amazon adds it when the payment is confirmed. Import a later export to fill it in.".to_owned(),
        );
    }
    emit.line(line);
    Ok(())
}
