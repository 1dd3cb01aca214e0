//! The same sales as different programs export them. Each function writes the file and returns what a right
//! import of exactly this file reports: a layout that has no place for discounts has none in its summary.

mod amazon;
mod full;
mod sheet;
mod shopify;
mod uci;
mod woocommerce;

pub use amazon::amazon;
pub use full::full;
pub use sheet::{Dates, Headers, Sheet, sheet};
pub use shopify::shopify;
pub use uci::uci;
pub use woocommerce::woocommerce;

use crate::sales::{Order, OrderLine, Returned, Sales};

/// A line sold or a line that came back, with its order.
enum Movement<'a> {
    Sold(&'a Order, &'a OrderLine),
    Returned(&'a Order, &'a OrderLine, &'a Returned),
}

/// All that count in sales figures, in order of time.
fn movements(sales: &Sales) -> Vec<Movement<'_>> {
    let mut movements = Vec::new();
    for order in sales.orders.iter().filter(|order| !order.cancelled) {
        for line in &order.lines {
            movements.push((order.day, order.second, Movement::Sold(order, line)));
            if let Some(back) = &line.returned {
                movements.push((back.day, back.second, Movement::Returned(order, line, back)));
            }
        }
    }
    // Stable: the lines of an order stay together and in their order.
    movements.sort_by_key(|(day, second, _)| (*day, *second));
    movements
        .into_iter()
        .map(|(_, _, movement)| movement)
        .collect()
}
