use crate::{
    PAYMENTS, Summary,
    cells::{Cells, moment, money},
    sales::{Order, Sales},
};
use std::io;

const BEFORE: [&str; 50] = [
    "order_id",
    "order_number",
    "order_date",
    "paid_date",
    "status",
    "shipping_total",
    "shipping_tax_total",
    "fee_total",
    "fee_tax_total",
    "tax_total",
    "cart_discount",
    "order_discount",
    "discount_total",
    "order_total",
    "order_subtotal",
    "order_currency",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "customer_ip_address",
    "customer_user_agent",
    "shipping_method",
    "customer_id",
    "customer_user",
    "customer_email",
    "billing_first_name",
    "billing_last_name",
    "billing_company",
    "billing_email",
    "billing_phone",
    "billing_address_1",
    "billing_postcode",
    "billing_city",
    "billing_state",
    "billing_country",
    "shipping_first_name",
    "shipping_last_name",
    "shipping_postcode",
    "shipping_city",
    "shipping_state",
    "shipping_country",
    "customer_note",
    "wt_import_key",
    "shipping_items",
    "fee_items",
    "tax_items",
    "coupon_items",
    "refund_items",
    "order_notes",
    "download_permissions",
];

/// As many as the longest order has.
fn width(sales: &Sales) -> usize {
    sales
        .orders
        .iter()
        .map(|order| order.lines.len())
        .max()
        .unwrap_or(1)
}

/// WooCommerce's wide export: one row an order, line items side by side, both packed (`line_item_N`) and spread
/// (`Product Item N Name` and so on; `Total` is after the discount, `Subtotal` before). Returns are not told.
pub fn woocommerce(sales: &Sales, out: impl io::Write) -> io::Result<Summary> {
    let mut cells = Cells::comma(out);
    let mut summary = Summary::default();
    let width = width(sales);
    cells.texts(BEFORE);
    for n in 1..=width {
        cells.text(&format!("line_item_{n}"));
    }
    for n in 1..=width {
        for part in ["Name", "id", "SKU", "Quantity", "Total", "Subtotal"] {
            cells.text(&format!("Product Item {n} {part}"));
        }
    }
    cells.end()?;
    for order in &sales.orders {
        row(&mut cells, sales, order, width)?;
        summary.records += 1;
        if order.cancelled {
            summary.cancelled_orders += 1;
        } else {
            summary.add(order);
        }
    }
    summary.count_customers(sales.orders.iter());
    cells.finish()?;
    Ok(summary)
}

fn row<W: io::Write>(
    cells: &mut Cells<W>,
    sales: &Sales,
    order: &Order,
    width: usize,
) -> io::Result<()> {
    let person = sales.addressee(order);
    let (gross, discount) = (order.sum(|l| l.gross()), order.sum(|l| l.discount));
    let (tax, shipping) = (order.sum(|l| l.tax), order.sum(|l| l.shipping));
    let at = moment(order.day, order.second);
    let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let known = order.customer.is_some();
    let payment = PAYMENTS[order.payment];
    let id = order.number.to_string();
    cells
        .texts([
            id.as_str(),
            &id,
            &at,
            if order.cancelled { "" } else { &at },
        ])
        .text(if order.cancelled {
            "cancelled"
        } else {
            "completed"
        })
        .money(shipping)
        .money(0)
        .money(0)
        .money(0)
        .money(tax)
        .money(discount)
        .money(0)
        .money(discount)
        .money(gross - discount + shipping + tax)
        .money(gross)
        .text(sales.currency().as_str())
        .text(&payment.to_lowercase().replace(' ', "_"))
        .text(payment)
        .empty(3)
        .text("Standard")
        .text(if known {
            person.id.trim_start_matches('C')
        } else {
            "0"
        })
        .text(if known { &person.email } else { "" })
        .text(if known { &person.email } else { "" })
        .texts([given, family, ""])
        .text(if known { &person.email } else { "" })
        .texts(["", "Example Street 1", person.postcode(), person.city()])
        .texts([person.region_code(), person.home().code, given, family])
        .texts([
            person.postcode(),
            person.city(),
            person.region_code(),
            person.home().code,
        ])
        .empty(2)
        .text(&format!(
            "method_id:flat_rate|method_title:Standard|total:{}",
            money(shipping, '.')
        ))
        .empty(1)
        .text(&format!("code:VAT|total:{}", money(tax, '.')))
        .text(&match order.discount_code {
            Some(code) => format!("code:{code}|amount:{}", money(discount, '.')),
            None => String::new(),
        })
        .empty(2)
        .text("1");
    for line in &order.lines {
        let product = &sales.products[line.product];
        cells.text(&format!(
            "name:{}|product_id:{}|sku:{}|quantity:{}|total:{}|sub_total:{}",
            product.name,
            line.product + 1,
            product.sku,
            line.quantity,
            money(line.gross() - line.discount, '.'),
            money(line.gross(), '.'),
        ));
    }
    cells.empty(width - order.lines.len());
    for line in &order.lines {
        let product = &sales.products[line.product];
        cells
            .text(&product.name)
            .int(line.product as i64 + 1)
            .text(&product.sku)
            .int(line.quantity)
            .money(line.gross() - line.discount)
            .money(line.gross());
    }
    cells.empty(6 * (width - order.lines.len())).end()
}
