//! An order whose discount, tax, shipping and refund stand on the order: shared among its lines.

use super::allocate::allocate;
use super::{Emit, minus, plus, unit_price};
use crate::record::{Kind, Line};
use types::{Currency, Micros};

#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// All discounts of the order, those of its lines included.
    pub discount: Micros,
    pub tax: Micros,
    /// Prices, discounts and shipping hold the tax: it is taken out of them, so that it counts once.
    pub tax_included: bool,
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
    if rest.0 > 0 {
        let paid: Vec<Micros> = lines.iter().map(|l| minus(l.gross, l.discount)).collect();
        let discounts = allocate(rest, &paid, head.currency);
        for (line, discount) in lines.iter_mut().zip(discounts) {
            line.discount = plus(line.discount, discount);
        }
    }
    let mut shipping = totals.shipping;
    if totals.tax_included {
        take_out(totals.tax, &mut lines, &mut shipping, head.currency);
    }
    let gross: Vec<Micros> = lines.iter().map(|l| l.gross).collect();
    let taxes = allocate(totals.tax, &gross, head.currency);
    let shipping = allocate(shipping, &gross, head.currency);
    for (at, line) in lines.iter_mut().enumerate() {
        let of = |shares: &[Micros]| shares.get(at).copied().unwrap_or_default();
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

/// Takes the tax out of what was paid for the lines and for shipping, in proportion: the file says one tax for all of them.
fn take_out(tax: Micros, lines: &mut [Line], shipping: &mut Micros, currency: Currency) {
    let paid = |line: &Line| minus(line.gross, line.discount);
    let weights: Vec<Micros> = lines.iter().map(paid).chain([*shipping]).collect();
    let shares = allocate(tax, &weights, currency);
    if let Some(share) = shares.last() {
        *shipping = minus(*shipping, *share);
    }
    for (line, share) in lines.iter_mut().zip(shares) {
        let net = minus(paid(line), share);
        // The discount had its part of the tax as well.
        let gross = match paid(line).0 {
            0 => i128::from(line.gross.0),
            paid => i128::from(line.gross.0) * i128::from(net.0) / i128::from(paid),
        };
        line.gross = Micros(i64::try_from(gross).unwrap_or(line.gross.0));
        line.discount = minus(line.gross, net);
        line.unit_price = unit_price(line.gross, line.quantity);
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
