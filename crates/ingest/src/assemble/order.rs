//! An order whose discount, tax, shipping and refund stand on the order: shared among its lines.

use super::allocate::allocate;
use super::{Emit, minus, plus};
use crate::record::{Kind, Line};
use types::Micros;

#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// All discounts of the order, those of its lines included.
    pub discount: Micros,
    pub tax: Micros,
    pub shipping: Micros,
    /// Not negative.
    pub refund: Micros,
}

/// Shares the totals among `lines`, which carry gross and their own discounts, and emits them and the refund.
pub(crate) fn settle(
    mut lines: Vec<Line>,
    head: &Line,
    totals: &Totals,
    kind: Kind,
    emit: &mut Emit,
) {
    let own = lines
        .iter()
        .fold(Micros::ZERO, |sum, l| plus(sum, l.discount));
    let rest = minus(totals.discount, own);
    if lines.is_empty() {
        // Nothing to carry them but the order itself.
        lines.push(Line {
            quantity: Micros::ZERO,
            ..head.clone()
        });
    }
    let gross: Vec<Micros> = lines.iter().map(|l| l.gross).collect();
    let paid: Vec<Micros> = lines.iter().map(|l| minus(l.gross, l.discount)).collect();
    let discounts = if rest.0 > 0 {
        allocate(rest, &paid, head.currency)
    } else {
        Vec::new()
    };
    let taxes = allocate(totals.tax, &gross, head.currency);
    let shipping = allocate(totals.shipping, &gross, head.currency);
    for (at, line) in lines.iter_mut().enumerate() {
        let of = |shares: &[Micros]| shares.get(at).copied().unwrap_or_default();
        line.discount = plus(line.discount, of(&discounts));
        line.tax = of(&taxes);
        line.shipping = of(&shipping);
        line.kind = match kind {
            Kind::Sale if line.gross.0 < 0 => Kind::Return,
            Kind::Sale
                if line.gross.0 == 0
                    && line.tax.0 == 0
                    && line.shipping.0 == 0
                    && line.discount.0 == 0 =>
            {
                Kind::Free
            }
            kind => kind,
        };
        if line.kind == Kind::Return {
            line.returns = line.gross;
            line.gross = Micros::ZERO;
        }
    }
    for line in lines {
        emit.line(line);
    }
    if totals.refund.0 > 0 && kind == Kind::Sale {
        emit.line(refund(head, totals.refund));
    }
}

/// A refund of the order as a whole: no product, no pieces.
pub(crate) fn refund(head: &Line, amount: Micros) -> Line {
    Line {
        kind: Kind::Return,
        sku: Default::default(),
        product_name: Default::default(),
        category: None,
        quantity: Micros::ZERO,
        unit_price: Micros::ZERO,
        gross: Micros::ZERO,
        discount: Micros::ZERO,
        returns: Micros(-amount.0),
        tax: Micros::ZERO,
        shipping: Micros::ZERO,
        extra: None,
        ..head.clone()
    }
}
