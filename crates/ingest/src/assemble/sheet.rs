//! Tables with one line a row: a merchant's own sheet, and Amazon's report.

use super::amounts::{Beside, amounts};
use super::order::refund;
use super::status::{State, state};
use super::{Emit, base, magnitude, minus, plus, unit_price};
use crate::field::Field;
use crate::judge::total;
use crate::record::{Kind, Line, Params, WarningCode};
use crate::row::{Fault, Row};
use types::Micros;

pub(crate) fn take(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    if let Some(fault) = total(row) {
        return Err(fault);
    }
    let line = base(row, emit)?;
    let read = line_of(row, emit, line, true)?;
    emit.line(read.line);
    if let Some(returned) = read.returned {
        emit.line(returned);
    }
    Ok(())
}

/// What a row says about its line.
pub(crate) struct Read {
    pub line: Line,
    /// What came back of it.
    pub returned: Option<Line>,
    /// The row has an amount of its own.
    pub priced: bool,
}

/// `needed`: a row without an amount is refused.
pub(crate) fn line_of(
    row: Row<'_>,
    emit: &mut Emit,
    mut line: Line,
    needed: bool,
) -> Result<Read, Fault> {
    line.tax = row
        .amount(Field::Tax)?
        .or(row.amount(Field::OrderTax)?)
        .unwrap_or_default();
    line.shipping = row
        .amount(Field::Shipping)?
        .or(row.amount(Field::OrderShipping)?)
        .unwrap_or_default();
    let refunded = magnitude(row.amount(Field::Refund)?.unwrap_or_default());
    let beside = Beside {
        tax: line.tax,
        shipping: line.shipping,
        order_total: true,
        needed,
    };
    let read = amounts(row, emit, &mut line, &beside)?;
    let discount = read.discount;
    line.currency = row.currency(read.marked)?;
    let state = state(&row.text(Field::Status), false);
    let dead = matches!(state, State::Cancelled | State::Test);
    if line.gross.0 == 0 && refunded.0 > 0 && !dead {
        // Nothing was sold by this row, something came back.
        line.kind = Kind::Return;
        line.returns = Micros(-refunded.0);
    } else if line.quantity.0 < 0 || line.gross.0 < 0 {
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
    Ok(Read {
        line,
        returned,
        priced: read.priced,
    })
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
