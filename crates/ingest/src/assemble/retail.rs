//! UCI Online Retail: the invoice's first letter says what a line is.

use super::{Emit, magnitude};
use crate::field::Field;
use crate::record::{Kind, Line, RejectCode};
use crate::row::{Fault, Row};
use types::Micros;

pub(crate) fn take(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    emit.filled(row, |line| fill(row, line))
}

fn fill(row: Row<'_>, line: &mut Line) -> Result<(), Fault> {
    let missing = |field| row.fault(RejectCode::MissingAmount, field, "");
    line.quantity = row
        .amount(Field::Quantity)?
        .ok_or_else(|| missing(Field::Quantity))?;
    let price = row
        .number(Field::UnitPrice)?
        .ok_or_else(|| missing(Field::UnitPrice))?;
    line.unit_price = price.micros;
    line.currency = row.currency(Some(price))?;
    let amount = line.quantity.checked_mul(line.unit_price).ok_or_else(|| {
        row.fault(
            RejectCode::AmountTooLarge,
            Field::UnitPrice,
            &row.text(Field::UnitPrice),
        )
    })?;
    let product = line.sku.len() >= 5 && line.sku.bytes().take(5).all(|b| b.is_ascii_digit());
    line.kind = match line.order_id.as_bytes().first() {
        Some(b'C' | b'c') => Kind::Return,
        Some(b'A' | b'a') => Kind::Adjustment,
        _ if line.quantity.0 < 0 => Kind::StockCorrection,
        _ if line.unit_price.0 == 0 || line.quantity.0 == 0 => Kind::Free,
        _ if line.unit_price.0 < 0 => Kind::Adjustment,
        _ => Kind::Sale,
    };
    if row.plan.exclude_non_product_lines && !product && line.kind.in_figures() {
        line.kind = Kind::Adjustment;
    }
    match line.kind {
        Kind::Sale => line.gross = amount,
        Kind::Return => line.returns = Micros(-magnitude(amount).0),
        _ => {}
    }
    Ok(())
}
