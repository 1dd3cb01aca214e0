use crate::{
    Summary,
    calendar::ahead_of_utc,
    cells::{Cells, clock},
    sales::Sales,
};
use std::io;
use types::Day;

/// Amazon's "All Orders" report, tab separated: `item-price` is the whole line, times are UTC, and neither who
/// bought nor what came back is told.
pub fn amazon(sales: &Sales, out: impl io::Write) -> io::Result<Summary> {
    let mut cells = Cells::new(out, '\t', '.', "\r\n");
    let mut summary = Summary::default();
    cells
        .texts([
            "amazon-order-id",
            "merchant-order-id",
            "purchase-date",
            "last-updated-date",
            "order-status",
            "fulfillment-channel",
            "sales-channel",
            "order-channel",
            "url",
            "ship-service-level",
            "product-name",
            "sku",
            "asin",
            "item-status",
            "quantity",
            "currency",
            "item-price",
            "item-tax",
            "shipping-price",
            "shipping-tax",
            "gift-wrap-price",
            "gift-wrap-tax",
            "item-promotion-discount",
            "ship-promotion-discount",
            "ship-city",
            "ship-state",
            "ship-postal-code",
            "ship-country",
            "promotion-ids",
        ])
        .end()?;
    for order in &sales.orders {
        let id = format!(
            "302-{:07}-{:07}",
            order.number * 7_919 % 10_000_000,
            order.number
        );
        let at = utc(order.day, order.second);
        let status = if order.cancelled {
            "Cancelled"
        } else {
            "Shipped"
        };
        let person = sales.addressee(order);
        for line in &order.lines {
            let product = &sales.products[line.product];
            cells
                .text(&id)
                .text(&order.number.to_string())
                .texts([at.as_str(), at.as_str(), status, "Merchant"])
                .text(&format!(
                    "Amazon.{}",
                    person.home().code.to_ascii_lowercase()
                ))
                .empty(2)
                .text("Standard")
                .text(&product.name)
                .text(&product.sku)
                .text(&format!("B0{:08}", line.product * 7_919 + 1_000_000))
                .text(status)
                .int(line.quantity)
                .text(sales.currency().as_str())
                .money(line.gross())
                .money(line.tax)
                .money(line.shipping)
                .money(0)
                .empty(2)
                .money(line.discount)
                .empty(1)
                .text(person.city())
                .text(person.region())
                .text(person.postcode())
                .text(person.home().code)
                .text(order.discount_code.unwrap_or(""))
                .end()?;
            summary.records += 1;
        }
        if order.cancelled {
            summary.cancelled_orders += 1;
        } else {
            summary.add(order);
        }
    }
    cells.finish()?;
    Ok(summary)
}

/// `2026-03-31T16:05:09+00:00`
fn utc(day: Day, second: u32) -> String {
    let second = i64::from(second) - 3600 * ahead_of_utc(day, second);
    let day = day.plus(second.div_euclid(86_400) as i32);
    format!("{day}T{}+00:00", clock(second.rem_euclid(86_400) as u32))
}
