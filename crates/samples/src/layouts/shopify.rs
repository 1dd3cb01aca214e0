use crate::{
    PAYMENTS, Summary,
    calendar::ahead_of_utc,
    cells::{Cells, moment},
    sales::{Order, Sales},
};
use std::io;
use types::Day;

/// As exported in 2026.
const COLUMNS: [&str; 79] = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
];

/// Shopify's orders export: one row a line item, what belongs to the order on its first row only, newest order
/// first. Refunds are one amount an order without a date, so they count on the order's day.
pub fn shopify(sales: &Sales, out: impl io::Write) -> io::Result<Summary> {
    let mut cells = Cells::comma(out);
    let mut summary = Summary::default();
    cells.texts(COLUMNS).end()?;
    for order in sales.orders.iter().rev() {
        for line in 0..order.lines.len() {
            row(&mut cells, sales, order, line)?;
            summary.records += 1;
        }
        if order.cancelled {
            summary.cancelled_orders += 1;
        } else {
            summary.add(order);
            let refunded = refunded(order);
            summary.returns.0 -= refunded * 10_000;
            summary.returned_lines += u64::from(refunded > 0);
        }
    }
    summary.count_customers(sales.orders.iter());
    cells.finish()?;
    Ok(summary)
}

fn refunded(order: &Order) -> i64 {
    let returned = order.lines.iter().filter_map(|line| line.returned.as_ref());
    returned.map(|back| back.quantity * back.price).sum()
}

fn row<W: io::Write>(
    cells: &mut Cells<W>,
    sales: &Sales,
    order: &Order,
    index: usize,
) -> io::Result<()> {
    let first = index == 0;
    let line = &order.lines[index];
    let product = &sales.products[line.product];
    let person = sales.addressee(order);
    let at = stamp(order.day, order.second);
    let email = match order.customer {
        Some(_) => person.email.as_str(),
        None => "",
    };
    cells.text(&format!("#{}", order.number)).text(email);
    if first {
        let gross = order.sum(|line| line.gross());
        let discount = order.sum(|line| line.discount);
        let (tax, shipping) = (order.sum(|line| line.tax), order.sum(|line| line.shipping));
        let back = refunded(order);
        cells
            .text(match back {
                _ if order.cancelled => "voided",
                0 => "paid",
                back if back >= gross - discount => "refunded",
                _ => "partially_refunded",
            })
            .text(if order.cancelled { "" } else { &at })
            .text(if order.cancelled {
                "unfulfilled"
            } else {
                "fulfilled"
            })
            .text(&if order.cancelled {
                String::new()
            } else {
                stamp(order.day.plus(2), 36_000)
            })
            .text(if order.number.is_multiple_of(3) {
                "yes"
            } else {
                "no"
            })
            .text(sales.currency().as_str())
            .money(gross - discount)
            .money(shipping)
            .money(tax)
            .money(gross - discount + shipping + tax)
            .text(order.discount_code.unwrap_or(""))
            .money(discount)
            .text("Standard");
    } else {
        cells.empty(13);
    }
    cells
        .text(&at)
        .int(line.quantity)
        .text(&product.name)
        .money(line.price)
        .empty(1)
        .text(&product.sku)
        .texts(["true", "true"])
        .text(if order.cancelled {
            "pending"
        } else {
            "fulfilled"
        });
    if first {
        let zip = format!("'{}", person.postcode());
        for _ in 0..2 {
            cells
                .text(&person.name)
                .text("Example Street 1")
                .text("Example Street 1")
                .empty(2)
                .text(person.city())
                .text(&zip)
                .text(person.region_code())
                .text(person.home().code)
                .empty(1);
        }
        cells
            .empty(2)
            .text(&if order.cancelled {
                stamp(order.day.plus(1), 43_200)
            } else {
                String::new()
            })
            .text(PAYMENTS[order.payment])
            .text(&format!("r{}", order.number * 7_919))
            .money(refunded(order));
    } else {
        cells.empty(26);
    }
    cells.text("Sample goods");
    if first {
        cells
            .money(0)
            .empty(3)
            .int(6_097_000_000_000 + order.number as i64)
            .empty(1)
            .text("Low")
            .text(if order.channel == "Online store" {
                "web"
            } else {
                order.channel
            });
    } else {
        cells.empty(8);
    }
    // Not filled by Shopify where the discount is a code on the whole order.
    cells.money(0);
    if first {
        let home = person.home();
        cells
            .text(&format!("VAT {}%", home.vat))
            .money(order.sum(|line| line.tax))
            .empty(11)
            .text(person.region())
            .text(person.region())
            .text(&format!("r{}", order.number * 7_919))
            .empty(2)
            .text(&format!("r{}", order.number * 7_919));
    } else {
        cells.empty(19);
    }
    cells.end()
}

/// `2026-03-31 18:05:09 +0200`
fn stamp(day: Day, second: u32) -> String {
    format!("{} +0{}00", moment(day, second), ahead_of_utc(day, second))
}
