//! WooCommerce Analytics: one row an order, its products in one cell, its net amount in another.

use super::allocate::allocate;
use super::status::{State, state};
use super::{Emit, base, unit_price};
use crate::field::Field;
use crate::number::{self, Decimal};
use crate::record::{Kind, Line, RejectCode};
use crate::row::{Fault, Row};
use types::Micros;

pub(crate) fn take(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    let mut head = base(row, emit)?;
    if let Some(id) = head.order_id.strip_prefix('#') {
        head.order_id = id.into();
    }
    let Some(net) = row.number(Field::LineTotal)? else {
        return Err(row.fault(RejectCode::MissingAmount, Field::LineTotal, ""));
    };
    head.currency = row.currency(Some(net))?;
    let sold = row.amount(Field::Quantity)?;
    let text = row.text(Field::Products);
    let products =
        products(&text).unwrap_or_else(|| vec![(text.as_ref(), sold.unwrap_or(Micros::ONE))]);
    let weights: Vec<Micros> = products.iter().map(|(_, quantity)| *quantity).collect();
    let shares = allocate(net.micros, &weights, head.currency);
    let cancelled = state(&row.text(Field::Status), true) == State::Cancelled;
    for ((name, quantity), share) in products.into_iter().zip(shares) {
        let kind = match net.micros.0 {
            _ if cancelled => Kind::Cancelled,
            0 => Kind::Free,
            ..0 => Kind::Return,
            _ => Kind::Sale,
        };
        let (gross, returns) = if kind == Kind::Return {
            (Micros::ZERO, share)
        } else {
            (share, Micros::ZERO)
        };
        emit.line(Line {
            kind,
            product_name: name.into(),
            quantity: if kind == Kind::Return {
                Micros(-quantity.0)
            } else {
                quantity
            },
            unit_price: unit_price(share, quantity),
            gross,
            returns,
            ..head.clone()
        });
    }
    Ok(())
}

/// `Product A x 1, Product B x 2` or `1× Product A, 2× Product B`; names may hold commas. `None`: written in another way.
fn products(text: &str) -> Option<Vec<(&str, Micros)>> {
    let ends = || text.match_indices(", ").map(|(at, _)| at);
    let mut found = Vec::new();
    if count_first(text).is_some() {
        // A product ends where the next one's count begins.
        let mut start = 0;
        let borders = ends().filter(|at| text.get(at + 2..).and_then(count_first).is_some());
        for end in borders.chain([text.len()]) {
            found.push(count_first(text.get(start..end)?)?);
            start = end + 2;
        }
        return Some(found);
    }
    let mut start = 0;
    for end in ends().chain([text.len()]) {
        if let Some(product) = count_last(text.get(start..end)?) {
            found.push(product);
            start = (end + 2).min(text.len());
        }
    }
    (start == text.len() && !found.is_empty()).then_some(found)
}

fn whole(text: &str) -> Option<Micros> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number::parse(text, Decimal::Point)
        .filter(|n| digits && n.micros.0 > 0)
        .map(|n| n.micros)
}

fn count_first(text: &str) -> Option<(&str, Micros)> {
    ["× ", "x ", "×"].iter().find_map(|mark| {
        let (count, name) = text.trim().split_once(mark)?;
        Some((name.trim(), whole(count.trim())?))
    })
}

fn count_last(text: &str) -> Option<(&str, Micros)> {
    [" x ", " × ", " X ", " ×"].iter().find_map(|mark| {
        let (name, count) = text.trim().rsplit_once(mark)?;
        Some((name.trim(), whole(count.trim())?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_in_one_cell() {
        let read = |text| {
            products(text).map(|p| {
                p.into_iter()
                    .map(|(n, q)| format!("{q} {n}"))
                    .collect::<Vec<_>>()
                    .join("; ")
            })
        };
        assert_eq!(
            read("Product A x 1, Product B x 2").as_deref(),
            Some("1 Product A; 2 Product B")
        );
        assert_eq!(
            read("2× Helmet, red, 1× Bell").as_deref(),
            Some("2 Helmet, red; 1 Bell")
        );
        assert_eq!(read("Helmet, red x 2").as_deref(), Some("2 Helmet, red"));
        assert_eq!(read("Helmet"), None);
        assert_eq!(read(""), None);
    }
}
