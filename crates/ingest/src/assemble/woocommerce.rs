//! WooCommerce: one row an order, its items side by side in columns, in one cell as text, or as JSON.

use super::order::{Totals, settle};
use super::status::{State, state};
use super::{Emit, base, code, magnitude, minus, plus, unit_price};
use crate::field::Field;
use crate::number::{self, Decimal};
use crate::record::{Kind, Line, RejectCode};
use crate::row::{Fault, Row};
use serde_json::Value;
use types::Micros;

#[derive(Debug, Default, PartialEq, Eq)]
struct Item {
    name: String,
    sku: String,
    id: String,
    quantity: Option<Micros>,
    total: Option<Micros>,
    subtotal: Option<Micros>,
}

pub(crate) fn take(row: Row<'_>, emit: &mut Emit) -> Result<(), Fault> {
    let mut head = base(row, emit)?;
    let zero =
        |field| -> Result<Micros, Fault> { Ok(magnitude(row.amount(field)?.unwrap_or_default())) };
    head.currency = row.currency(row.number(Field::OrderTotal)?)?;
    let total = row.amount(Field::OrderTotal)?;
    let mut totals = Totals {
        discount: zero(Field::OrderDiscount)?,
        tax: plus(zero(Field::OrderTax)?, zero(Field::ShippingTax)?),
        tax_included: false,
        shipping: zero(Field::OrderShipping)?,
        refund: zero(Field::Refund)?,
    };
    let items = items(row)?;
    let mut lines = Vec::with_capacity(items.len());
    let (mut sum, mut plain) = (Micros::ZERO, true);
    for item in items {
        let quantity = item.quantity.unwrap_or(Micros::ONE);
        let (gross, discount) = match (item.subtotal, item.total) {
            (Some(before), Some(after)) => {
                plain = false;
                (before, Micros(minus(before, after).0.max(0)))
            }
            (before, after) => (before.or(after).unwrap_or_default(), Micros::ZERO),
        };
        sum = plus(sum, gross);
        lines.push(Line {
            sku: if item.sku.is_empty() {
                code(&item.id)
            } else {
                code(&item.sku)
            },
            product_name: item.name.into(),
            quantity,
            unit_price: unit_price(gross, quantity),
            gross,
            discount,
            ..head.clone()
        });
    }
    if lines.is_empty() {
        let Some(total) = total else {
            return Err(row.fault(RejectCode::MissingAmount, Field::OrderTotal, ""));
        };
        let gross = plus(
            minus(minus(total, totals.tax), totals.shipping),
            totals.discount,
        );
        lines.push(Line {
            quantity: Micros::ONE,
            unit_price: gross,
            gross,
            ..head.clone()
        });
    } else if plain && totals.discount.0 > 0 {
        // One amount an item: before the discount, or after it? The order's total tells.
        let rest = plus(totals.tax, totals.shipping);
        let after = total.is_some_and(|t| minus(plus(sum, rest), t).0.saturating_abs() <= 20_000);
        if after {
            let weights: Vec<Micros> = lines.iter().map(|l| l.gross).collect();
            let shares = super::allocate::allocate(totals.discount, &weights, head.currency);
            for (line, share) in lines.iter_mut().zip(shares) {
                line.gross = plus(line.gross, share);
                line.discount = share;
                line.unit_price = unit_price(line.gross, line.quantity);
            }
        }
    }
    // Pending, failed, cancelled and draft orders are in no figure of WooCommerce's own; on hold is.
    let state = state(&row.text(Field::Status), true);
    let kind = match state {
        State::Cancelled => Kind::Cancelled,
        State::Test => Kind::Test,
        State::Live | State::Refunded => Kind::Sale,
    };
    if state == State::Refunded && totals.refund.0 == 0 {
        let gross = lines.iter().fold(Micros::ZERO, |s, l| plus(s, l.gross));
        let own = lines.iter().fold(Micros::ZERO, |s, l| plus(s, l.discount));
        totals.refund = minus(gross, Micros(own.0.max(totals.discount.0)));
    }
    settle(lines, &head, &totals, kind, emit);
    Ok(())
}

fn items(row: Row<'_>) -> Result<Vec<Item>, Fault> {
    let bad = |at, text: &str| row.fault_at(RejectCode::BadItems, Field::LineItems, at, text);
    let text = row.text(Field::LineItems);
    if !text.is_empty() {
        return parse(&text).ok_or_else(|| bad(row.layout.column(Field::LineItems), &text));
    }
    let mut found = Vec::new();
    for (field, at) in &row.layout.repeated {
        let text = row.cell(*at);
        if *field == Field::LineItem && !text.is_empty() {
            found.extend(parse(&text).ok_or_else(|| bad(Some(*at), &text))?);
        }
    }
    if found.is_empty() {
        found = side_by_side(row)?;
    }
    Ok(found)
}

/// `Product Item 1 Name`, `Product Item 1 SKU`, ...: a new item begins where the part repeats.
fn side_by_side(row: Row<'_>) -> Result<Vec<Item>, Fault> {
    let mut groups: Vec<(String, Item)> = Vec::new();
    for (field, at) in &row.layout.repeated {
        let value = row.cell(*at);
        if value.is_empty() || *field == Field::LineItem {
            continue;
        }
        let name = row.plan.columns.get(*at).map_or("", |c| c.name.as_str());
        let count: String = name.chars().filter(char::is_ascii_digit).collect();
        let known = groups.iter().position(|(c, _)| *c == count);
        let slot = known.unwrap_or(groups.len());
        if known.is_none() {
            groups.push((count, Item::default()));
        }
        let Some((_, item)) = groups.get_mut(slot) else {
            continue;
        };
        let number = || {
            amount(&value)
                .map(Some)
                .ok_or_else(|| row.fault_at(RejectCode::BadNumber, *field, Some(*at), &value))
        };
        match field {
            Field::ItemQuantity => item.quantity = number()?,
            Field::ItemTotal => item.total = number()?,
            Field::ItemSubtotal => item.subtotal = number()?,
            Field::ItemName => item.name = value.into_owned(),
            Field::ItemId => item.id = value.into_owned(),
            Field::ItemSku => item.sku = value.into_owned(),
            _ => {}
        }
    }
    Ok(groups.into_iter().map(|(_, item)| item).collect())
}

/// Machines write these, with a point; some shops' locales slip in.
fn amount(text: &str) -> Option<Micros> {
    number::parse(text, Decimal::Point)
        .or_else(|| number::parse(text, Decimal::Comma))
        .map(|n| n.micros)
}

fn parse(text: &str) -> Option<Vec<Item>> {
    if text.starts_with(['[', '{']) {
        return from_json(text);
    }
    let mut items: Vec<Item> = Vec::new();
    for chunk in chunks(text) {
        let mut item = Item::default();
        let mut known = false;
        for part in chunk.split('|') {
            let Some((key, value)) = part.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match key.trim() {
                "name" | "product_name" => item.name = value.to_owned(),
                "sku" => item.sku = value.to_owned(),
                "product_id" => item.id = value.to_owned(),
                "quantity" | "qty" => item.quantity = Some(amount(value)?),
                "total" => item.total = Some(amount(value)?),
                "sub_total" | "subtotal" => item.subtotal = Some(amount(value)?),
                _ => continue,
            }
            known = true;
        }
        if !known || item.total.is_none() && item.subtotal.is_none() {
            return None;
        }
        items.push(item);
    }
    Some(items)
}

/// Items are separated by `;`, which may also stand within a value.
fn chunks(text: &str) -> Vec<&str> {
    const KEYS: &[&str] = &[
        "product_id:",
        "name:",
        "sku:",
        "id:",
        "quantity:",
        "product_name:",
        "total:",
    ];
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(';') {
        let after = text.get(at + 1..).unwrap_or_default().trim_start();
        if KEYS.iter().any(|key| after.starts_with(key)) {
            found.push(text.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    found.push(text.get(start..).unwrap_or_default().trim_end_matches(';'));
    found
}

fn from_json(text: &str) -> Option<Vec<Item>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let list = match value {
        Value::Array(list) => list,
        object => vec![object],
    };
    let text_of = |item: &Value, key: &str| match item.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    list.iter()
        .map(|item| {
            let money = |key| match text_of(item, key) {
                Some(text) if !text.is_empty() => Some(Some(amount(&text)?)),
                _ => Some(None),
            };
            let (total, subtotal) = (money("total")?, money("subtotal")?);
            if total.is_none() && subtotal.is_none() {
                return None;
            }
            Some(Item {
                name: text_of(item, "name").unwrap_or_default(),
                sku: text_of(item, "sku").unwrap_or_default(),
                id: text_of(item, "product_id").unwrap_or_default(),
                quantity: money("quantity")?,
                total,
                subtotal,
            })
        })
        .collect()
}
