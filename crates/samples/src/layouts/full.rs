use super::{Movement, movements};
use crate::{
    CATEGORIES, PAYMENTS, Summary,
    cells::{Cells, moment},
    sales::{Order, Sales},
};
use std::io;

/// Every fact that the store knows, one row a line, returns as rows of their own day with a negative quantity.
/// Cancelled orders are left out. Times are the store's own (Central European).
pub fn full(sales: &Sales, out: impl io::Write) -> io::Result<Summary> {
    let mut cells = Cells::comma(out);
    cells
        .texts([
            "order_id",
            "order_date",
            "sku",
            "product",
            "category",
            "quantity",
            "unit_price",
            "discount",
            "coupon",
            "tax",
            "shipping",
            "currency",
            "customer_id",
            "customer_name",
            "country",
            "region",
            "city",
            "channel",
            "payment_method",
        ])
        .end()?;
    for movement in movements(sales) {
        let (order, line) = match movement {
            Movement::Sold(order, line) | Movement::Returned(order, line, _) => (order, line),
        };
        let product = &sales.products[line.product];
        let (day, second, quantity, price, discount, tax, shipping) = match movement {
            Movement::Sold(..) => (
                order.day,
                order.second,
                line.quantity,
                line.price,
                line.discount,
                line.tax,
                line.shipping,
            ),
            Movement::Returned(_, _, back) => {
                (back.day, back.second, -back.quantity, back.price, 0, 0, 0)
            }
        };
        cells
            .int(order.number as i64)
            .text(&moment(day, second))
            .text(&product.sku)
            .text(&product.name)
            .text(CATEGORIES[product.category].name)
            .int(quantity)
            .money(price)
            .money(discount)
            .text(order.discount_code.filter(|_| discount > 0).unwrap_or(""))
            .money(tax)
            .money(shipping)
            .text(sales.currency().as_str());
        buyer(&mut cells, sales, order);
        cells
            .text(order.channel)
            .text(PAYMENTS[order.payment])
            .end()?;
    }
    cells.finish()?;
    Ok(Summary::of(sales))
}

fn buyer<W: io::Write>(cells: &mut Cells<W>, sales: &Sales, order: &Order) {
    let addressee = sales.addressee(order);
    let known = order.customer.is_some();
    cells
        .text(if known { &addressee.id } else { "" })
        .text(if known { &addressee.name } else { "" })
        .text(addressee.home().name)
        .text(addressee.region())
        .text(addressee.city());
}
