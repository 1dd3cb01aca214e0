//! What amounts in merchants' tables stand for: of a line or of its order, before or after the discount, with or
//! without tax and shipping. The sums were worked out by hand, or by the test while it writes the file.

use crate::support::{import, look};
use ingest::{Batch, Kind, RejectCode};
use std::fmt::Write as _;

/// Gross, discount, returns, tax and shipping, in cents.
fn sums(batch: &Batch) -> [i64; 5] {
    let mut sums = [0; 5];
    for line in &batch.lines {
        let amounts = [
            line.gross,
            line.discount,
            line.returns,
            line.tax,
            line.shipping,
        ];
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum += amount.0;
        }
    }
    sums.map(|sum| sum / 10_000)
}

#[track_caller]
fn check(text: &str, want: [i64; 5]) -> Batch {
    let batch = import(text.as_bytes(), &[("currency", "EUR")]);
    assert_eq!(sums(&batch), want, "{text}");
    batch
}

#[test]
fn amounts_of_an_order_count_once() {
    // By name, by what adds up, and by what lines of unequal worth have in common.
    for text in [
        "Order ID,Order Date,Product,Quantity,Unit Price,Order Shipping,Order Tax,Order Total\n\
         1,2026-01-04,Mug,2,10.00,5.00,2.00,57.00\n1,2026-01-04,Pot,1,30.00,5.00,2.00,57.00\n2,2026-01-05,Pot,1,30.00,5.00,1.00,36.00\n",
        "Order number,Date created,Item,Qty,Price,Shipping rate,Total tax,Total\n\
         1,2026-01-04,Mug,2,10.00,5.00,2.00,57.00\n1,2026-01-04,Pot,1,30.00,5.00,2.00,57.00\n2,2026-01-05,Pot,1,30.00,5.00,1.00,36.00\n",
        "Order ID,Date,Product,Quantity,Price,Shipping,Tax\n\
         1,2026-01-04,Mug,2,10.00,6.00,2.00\n1,2026-01-04,Pot,1,30.00,6.00,2.00\n\
         2,2026-01-05,Pot,1,25.00,4.00,1.00\n2,2026-01-05,Mug,1,5.00,4.00,1.00\n",
    ] {
        check(text, [8000, 0, 0, 300, 1000]);
    }
}

#[test]
fn the_total_of_an_order_is_shared_where_lines_have_no_price() {
    let text = "Order ID,Order Date,Product,Quantity,Order Total\n1,2026-01-04,Mug,2,50.00\n1,2026-01-04,Pot,1,50.00\n2,2026-01-05,Pot,1,30.00\n";
    let batch = check(text, [8000, 0, 0, 0, 0]);
    assert!(batch.lines.iter().all(|line| line.kind == Kind::Sale));
}

/// Orders of one to four lines; amounts are the order's or the line's.
fn orders(of_order: bool) -> (String, [i64; 5]) {
    let mut text =
        "Order ID,Order Date,Product,Quantity,Unit Price,Shipping,Tax,Total\n".to_owned();
    let mut want = [0; 5];
    let cents = |c: i64| format!("{}.{:02}", c / 100, c % 100);
    for order in 0..40_i64 {
        let lines: Vec<(i64, i64)> = (0..order % 4 + 1)
            .map(|n| {
                (
                    (order + n) % 3 + 1,
                    [500, 1250, 3000, 9900][((order * 7 + n * 3) % 4) as usize],
                )
            })
            .collect();
        let goods: i64 = lines.iter().map(|(q, p)| q * p).sum();
        let shipping = [0, 490, 490, 990][(order % 4) as usize];
        for (n, (quantity, price)) in lines.iter().enumerate() {
            let worth = if of_order { goods } else { quantity * price };
            let (shipping, tax) = (if of_order { shipping } else { worth / 20 }, worth / 5);
            if !of_order || n == 0 {
                want[3] += tax;
                want[4] += shipping;
            }
            want[0] += quantity * price;
            writeln!(
                text,
                "{},2026-01-{:02},P{price},{quantity},{},{},{},{}",
                1000 + order,
                order % 28 + 1,
                cents(*price),
                cents(shipping),
                cents(tax),
                cents(worth + shipping + tax),
            )
            .unwrap();
        }
    }
    (text, want)
}

#[test]
fn many_orders_of_either_kind() {
    for of_order in [true, false] {
        let (text, want) = orders(of_order);
        check(&text, want);
        let said = look(text.as_bytes(), &[]).unwrap().assumptions;
        assert_eq!(said.iter().any(|a| a.code == "once_an_order"), of_order);
    }
}

#[test]
fn lines_of_one_price_are_no_amounts_of_the_order() {
    let mut text = "Order ID,Date,Product,Quantity,Amount\n".to_owned();
    for order in 1..=30 {
        for _ in 0..2 {
            writeln!(
                text,
                "{order},2026-01-{:02},T-shirt,1,10.00",
                order % 28 + 1
            )
            .unwrap();
        }
    }
    check(&text, [60_000, 0, 0, 0, 0]);
}

#[test]
fn the_order_stands_on_its_first_row_only() {
    let text = "Order ID,Order Date,Customer Email,Product,Quantity,Unit Price,Shipping\n1,2026-01-04,a@x.com,Mug,2,10.00,5.00\n,,,Pot,1,30.00,\n2,2026-01-05,b@x.com,Pot,1,30.00,5.00\n,,,,3,80.00,\n";
    let batch = check(text, [8000, 0, 0, 0, 1000]);
    let orders: Vec<_> = batch.lines.iter().map(|line| &*line.order_id).collect();
    assert_eq!(orders, ["1", "1", "2"]);
    let customer = batch.lines[1].customer.as_deref();
    assert_eq!(customer, Some(&*ingest::email_hash("a@x.com")));
    // A sum without a product is no line of the order above it.
    assert_eq!(batch.rejects.len(), 1);
    // Nor is a line whose order was refused one of the order before.
    let refused = "Order ID,Order Date,Product,Quantity,Unit Price\n1,2026-01-04,Mug,2,10.00\n,,Pot,1,30.00\n2,soon,Pot,1,30.00\n,,Cup,1,5.00\n";
    assert_eq!(check(refused, [5000, 0, 0, 0, 0]).rejects.len(), 2);
}

#[test]
fn totals_that_hold_tax_and_shipping() {
    // What was paid, and no line amount.
    check(
        "Sale Date,Order ID,Number of Items,Order Value,Discount Amount,Shipping,Sales Tax,Order Total\n\
         2026-01-04,2001,2,40.00,4.00,5.00,3.20,44.20\n2026-01-25,2002,1,20.00,0.00,5.00,0.00,25.00\n",
        [6000, 400, 0, 320, 1000],
    );
    // Beside the price, also with a tax that is not listed.
    check(
        "Order Number,Sale Date,Item Title,Quantity,Sold For,Shipping And Handling,Total Price\n\
         1,2026-01-04,Camera,2,$25.00,$5.00,$59.00\n2,2026-01-05,Lens,1,$100.00,$5.00,$113.00\n",
        [15_000, 0, 0, 0, 1000],
    );
    // Net and gross are those of the tax.
    check(
        "Rechnungsnummer;Datum;Artikel;Menge;Netto;MwSt;Brutto\n1;04.01.2026;Tasse;2;20,00;3,80;23,80\n2;25.01.2026;Topf;1;30,00;5,70;35,70\n",
        [5000, 0, 0, 950, 0],
    );
}

#[test]
fn a_subtotal_after_the_discount() {
    check(
        "Sale ID,Date,Item,Qty,Discount,Subtotal,Tax,Total\n1,2026-01-04,Bike,1,$50.00,$450.00,$36.00,$486.00\n2,2026-01-05,Tube,3,$0.00,$18.00,$1.44,$19.44\n",
        [51_800, 5000, 0, 3744, 0],
    );
}

#[test]
fn discounts_as_shares() {
    let want = [12_500, 2700, 0, 0, 0];
    for text in [
        "Order ID,Date,Product,Quantity,Price,Discount,Total\n1,2026-01-04,Mug,2,10.00,10%,18.00\n2,2026-01-05,Pot,1,100.00,25%,75.00\n3,2026-01-06,Cup,1,5.00,0%,5.00\n",
        "Order ID,Date,Product,Quantity,Price,Discount %\n1,2026-01-04,Mug,2,10.00,10\n2,2026-01-05,Pot,1,100.00,25\n3,2026-01-06,Cup,1,5.00,0\n",
        "Order ID,Date,Product,Sales,Quantity,Discount\n1,2026-01-04,Mug,18.00,2,0.1\n2,2026-01-05,Pot,75.00,1,0.25\n3,2026-01-06,Cup,5,1,0\n",
        "Order ID,Date,Product,Quantity,Price,Discount,Total\n1,2026-01-04,Mug,2,10.00,0.1,18.00\n2,2026-01-05,Pot,1,100.00,0.25,75.00\n3,2026-01-06,Cup,1,5.00,0,5.00\n",
    ] {
        check(text, want);
    }
    // Cents off are cents off.
    check(
        "Order ID,Date,Product,Quantity,Price,Discount,Total\n1,2026-01-04,Mug,2,10.00,0.50,19.50\n2,2026-01-05,Pot,1,100.00,0.25,99.75\n",
        [12_000, 75, 0, 0, 0],
    );
}

#[test]
fn returns_beside_sales() {
    let batch = check(
        "Day,Order name,Product title,Net items sold,Gross sales,Discounts,Returns,Net sales\n2026-01-04,#1,Mug,2,20.00,-5.00,0.00,15.00\n2026-01-05,#1,Mug,-1,0.00,0.00,-7.50,-7.50\n2026-01-05,#2,Pot,1,80.00,0.00,0.00,80.00\n",
        [10_000, 500, -750, 0, 0],
    );
    assert_eq!(batch.lines.len(), 3);
}

#[test]
fn totals_among_the_lines_are_no_lines() {
    for text in [
        "Order ID,Date,Product,Quantity,Amount\n1,2026-01-04,Mug,2,20.00\n2,2026-01-04,Pot,1,30.00\nSubtotal,2026-01-04,,3,50.00\n3,2026-01-05,Pot,1,30.00\nSubtotal:,2026-01-05,,1,30.00\n",
        "Date,Product,Quantity,Amount\n2026-01-04,Mug,2,20.00\n2026-01-04,Pot,1,30.00\n2026-01-04,Total,3,50.00\n2026-01-05,Pot,1,30.00\n2026-01-05,TOTAL,1,30.00\n",
    ] {
        let batch = check(text, [8000, 0, 0, 0, 0]);
        assert!(batch.rejects.iter().all(|r| r.code == RejectCode::NotData));
        assert_eq!(batch.rejects.len(), 2);
    }
    // A product of that name has an order.
    let named = "Order ID,Date,Product,Quantity,Amount\n1,2026-01-04,Total,1,4.00\n";
    check(named, [400, 0, 0, 0, 0]);
}

#[test]
fn nothing_is_charged_in_words() {
    check(
        "Order ID,Date,Product,Amount,Shipping\n1,2026-01-04,Mug,20.00,Free\n2,2026-01-05,Pot,30.00,5.00\n3,2026-01-05,Pot,30.00,5.00\n",
        [8000, 0, 0, 0, 1000],
    );
}

#[test]
fn codes_that_a_spreadsheet_must_not_read() {
    let batch = check(
        "Order ID,Date,SKU,Amount\n=\"0001\",2026-01-04,=\"007\",20.00\n",
        [2000, 0, 0, 0, 0],
    );
    assert_eq!(
        (&*batch.lines[0].order_id, &*batch.lines[0].sku),
        ("0001", "007")
    );
}
