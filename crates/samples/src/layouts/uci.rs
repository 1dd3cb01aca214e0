use super::{Movement, movements};
use crate::{
    Summary,
    cells::{Cells, moment},
    sales::{Order, Sales},
};
use std::io;

/// The columns of the UCI "Online Retail" data set. Returns are invoices that begin with C, on their own day;
/// shipping is a line `POST`; there are no discounts, taxes or cancelled orders.
pub fn uci(sales: &Sales, out: impl io::Write) -> io::Result<Summary> {
    let mut cells = Cells::comma(out);
    let mut summary = Summary::default();
    cells
        .texts([
            "InvoiceNo",
            "StockCode",
            "Description",
            "Quantity",
            "InvoiceDate",
            "UnitPrice",
            "CustomerID",
            "Country",
        ])
        .end()?;
    let mut last = None;
    for movement in movements(sales) {
        let (order, line) = match movement {
            Movement::Sold(order, line) | Movement::Returned(order, line, _) => (order, line),
        };
        let product = &sales.products[line.product];
        let name = product.name.to_uppercase();
        match movement {
            Movement::Sold(..) => {
                let invoice = order.number.to_string();
                let at = moment(order.day, order.second);
                let shipping = order.sum(|line| line.shipping);
                if last != Some(order.number) && shipping > 0 {
                    cells
                        .texts([invoice.as_str(), "POST", "POSTAGE", "1", at.as_str()])
                        .money(shipping);
                    buyer(&mut cells, sales, order);
                    cells.end()?;
                    summary.records += 1;
                    summary.lines += 1;
                    summary.gross.0 += shipping * 10_000;
                    summary.units.0 += 1_000_000;
                }
                last = Some(order.number);
                cells
                    .texts([invoice.as_str(), &product.sku, &name])
                    .int(line.quantity)
                    .text(&at)
                    .money(line.price);
            }
            Movement::Returned(_, _, back) => {
                cells
                    .text(&format!("C{}", order.number))
                    .texts([product.sku.as_str(), &name])
                    .int(-back.quantity)
                    .text(&moment(back.day, back.second))
                    .money(back.price);
            }
        }
        buyer(&mut cells, sales, order);
        cells.end()?;
        summary.records += 1;
    }
    for order in sales.orders.iter().filter(|order| !order.cancelled) {
        summary.add(order);
        summary.add_returns_on_their_day(order);
    }
    summary.count_customers(sales.orders.iter());
    summary.discounts.0 = 0;
    summary.tax.0 = 0;
    summary.shipping.0 = 0;
    cells.finish()?;
    Ok(summary)
}

fn buyer<W: io::Write>(cells: &mut Cells<W>, sales: &Sales, order: &Order) {
    let addressee = sales.addressee(order);
    let number = match order.customer {
        Some(_) => addressee.id.trim_start_matches('C'),
        None => "",
    };
    cells.text(number).text(addressee.home().name);
}
