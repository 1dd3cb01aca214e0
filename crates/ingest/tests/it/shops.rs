//! Exports that are recognised by their columns.

use crate::support::{import, look, messages, shared, show};
use expect_test::{Expect, expect};
use ingest::Source;

fn check(source: Source, text: &str, want: Expect) {
    let inspection = look(text.as_bytes(), &[]).unwrap();
    assert_eq!(inspection.source, source);
    let batch = import(text.as_bytes(), &[]);
    want.assert_eq(&format!("{}{}", show(&batch.lines), messages(&batch)));
}

#[test]
fn online_retail() {
    check(
        Source::UciOnlineRetail,
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
         536365,85123A,WHITE HEART ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n\
         536366,85123a,white heart,6,2010-12-01 08:28:00,2.55,,United Kingdom\n\
         C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom\n\
         A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom\n\
         536589,21777,damages,-10,2010-12-01 16:50:00,0.0,,United Kingdom\n\
         536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n\
         536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France\n",
        expect![[r#"
            2010-12-01 8h 536365 [85123A|WHITE HEART]#1 Sale 6 x 2.55 gross 15.3 GBP by 17850
            2010-12-01 8h 536366 [85123A|white heart]#1 Sale 6 x 2.55 gross 15.3 GBP
            2010-12-01 9h C536379 [D|Discount]#1 Return -1 x 27.5 returns -27.5 GBP by 14527
            2011-08-12 14h A563185 [B|Adjust bad debt]#1 Adjustment 1 x 11062.06 GBP
            2010-12-01 16h 536589 [21777|damages]#1 StockCorrection -10 x 0 GBP
            2010-12-01 11h 536414 [22139|]#1 Free 56 x 0 GBP
            2010-12-01 8h 536370 [POST|POSTAGE]#1 Sale 3 x 18 gross 54 GBP by 12583
        "#]],
    );
}

const SHOPIFY: &str = "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Zip,Shipping Country,Cancelled at,Payment Method,Refunded Amount,Lineitem discount";

#[test]
fn shopify_order_fields_are_carried_and_shared() {
    check(
        Source::Shopify,
        &format!(
            "{SHOPIFY}\n\
             #1001,Ann@Example.com,paid,EUR,90.00,5.00,19.01,114.01,10.00,2025-10-07 23:50:26 +0000,2,Mug,25.00,mug-1,Ann A,'01234,DE,,card,0.00,4.00\n\
             #1001,,,,,,,,,,1,Cup,30.00,cup-1,,,,,,,0.00\n\
             #1001,,,,,,,,,,1,Cup,20.00,cup-1,,,,,,,0.00\n\
             #1002,bob@example.com,partially_refunded,EUR,50.00,0.00,0.00,50.00,0.00,2025-10-08 09:00:00 +0200,1,Pan,50.00,,Bob,,,,card,12.50,0.00\n\
             #1003,eve@example.com,voided,EUR,10.00,0.00,0.00,10.00,0.00,2025-10-08 10:00:00 +0200,1,Pan,10.00,,Eve,,,2025-10-09 10:00:00 +0200,card,10.00,0.00\n"
        ),
        expect![[r#"
            2025-10-08 1h #1001 [MUG-1|Mug]#1 Sale 2 x 25 gross 50 discount 6.88 tax 9.51 shipping 2.5 EUR by hash of ann@example.com
            2025-10-08 1h #1001 [CUP-1|Cup]#1 Sale 1 x 30 gross 30 discount 1.87 tax 5.7 shipping 1.5 EUR by hash of ann@example.com
            2025-10-08 1h #1001 [CUP-1|Cup]#2 Sale 1 x 20 gross 20 discount 1.25 tax 3.8 shipping 1 EUR by hash of ann@example.com
            2025-10-08 9h #1002 [|Pan]#1 Sale 1 x 50 gross 50 EUR by hash of bob@example.com
            2025-10-08 9h #1002 [|]#1 Return 0 x 0 returns -12.5 EUR by hash of bob@example.com
            2025-10-08 10h #1003 [|Pan]#1 Cancelled 1 x 10 EUR by hash of eve@example.com
        "#]],
    );
}

#[test]
fn shopify_rows_of_a_refused_order_are_refused_too() {
    check(
        Source::Shopify,
        &format!(
            "{SHOPIFY}\n\
             #1,a@b.c,paid,EUR,5.00,0,0,5.00,0,2025-13-45,1,Mug,5.00,,,,,,,0,0\n\
             #1,,,,,,,,,,1,Cup,5.00,,,,,,,,0\n\
             #2,a@b.c,paid,EUR,5.00,0,0,6.00,0,2025-10-08 10:00:00 +0200,1,Mug,x,,,,,,,0,0\n\
             #2,,,,,,,,,,1,Cup,5.00,,,,,,,,0\n\
             #3,a@b.c,paid,EUR,100.00,0,19.00,100.00,0,2025-10-08 10:00:00 +0200,1,Pot,100.00,,,,,,,0,0\n"
        ),
        expect![[r#"
            2025-10-08 10h #3 [|Pot]#1 Sale 1 x 81 gross 81 tax 19 EUR by hash of a@b.c
            line 2 bad_date: "2025-13-45" in column "Created at" is not a date written year, month, day. Write it like 2026-12-31.
            line 3 order_incomplete: The first row of order #1 was refused, so this row has no date. Mend the first row of the order and import both again.
            line 4 bad_number: "x" in column "Lineitem price" is not a number. Write it like 1234.56.
            line 5 order_incomplete: The first row of order #2 was refused, so this row has no date. Mend the first row of the order and import both again.
            warning line 0 tax_included: The prices of 1 order include tax. It was taken out of gross and net sales and of shipping in proportion, and counts once.
        "#]],
    );
}

#[test]
fn shopify_test_orders_are_none_unless_all_are() {
    let row = |id, method| {
        format!(
            "#{id},a@b.c,paid,EUR,5.00,0,0,5.00,0,2025-10-08 10:00:00 +0200,1,Mug,5.00,,,,,,{method},0,0\n"
        )
    };
    let mixed = format!(
        "{SHOPIFY}\n{}{}",
        row(1, "card"),
        row(2, "(for testing) Bogus Gateway")
    );
    check(
        Source::Shopify,
        &mixed,
        expect![[r#"
        2025-10-08 10h #1 [|Mug]#1 Sale 1 x 5 gross 5 EUR by hash of a@b.c
        2025-10-08 10h #2 [|Mug]#1 Test 1 x 5 EUR by hash of a@b.c
    "#]],
    );
    let only = format!("{SHOPIFY}\n{}", row(2, "(for testing) Bogus Gateway"));
    assert!(show(&import(only.as_bytes(), &[]).lines).contains("Sale"));
    assert!(show(&import(only.as_bytes(), &[("test_orders", "exclude")]).lines).contains("Test"));
}

#[test]
fn woocommerce_items_side_by_side() {
    check(
        Source::WooCommerce,
        "order_id,order_number,order_date,status,shipping_total,tax_total,discount_total,order_total,order_currency,payment_method_title,customer_id,customer_email,billing_country,total_refunded,line_item_1,line_item_2,Product Item 1 Name,Product Item 1 SKU,Product Item 1 Quantity,Product Item 1 Total,Product Item 1 Subtotal\n\
         71,71,2024-05-01 10:00:00,completed,4.00,3.00,2.00,25.00,USD,Card,0,Ann@Example.com,US,0,name:Ninja|product_id:37|sku:ninja|quantity:2|total:18.00|sub_total:20.00,name:Cap; red|product_id:38|sku:|quantity:1|total:0.00|sub_total:0.00,Ninja,ninja,2,18.00,20.00\n\
         72,72,2024-05-01 11:00:00,refunded,0,0,0,9.00,USD,Card,5,bob@example.com,US,0,name:Album|product_id:87|sku:a|quantity:1|total:9.00|sub_total:9.00,,Album,a,1,9.00,9.00\n\
         73,73,2024-05-01 12:00:00,wc-pending,0,0,0,9.00,USD,Card,5,bob@example.com,US,0,name:Album|quantity:1|total:9.00,,Album,a,1,9.00,9.00\n\
         74,74,2024-05-01 12:00:00,completed,0,0,0,9.00,USD,Card,5,bob@example.com,US,0,name:Album|quantity:one|total:9.00,,,,,,\n",
        expect![[r#"
            2024-05-01 10h 71 [NINJA|Ninja]#1 Sale 2 x 10 gross 20 discount 2 tax 3 shipping 4 USD by hash of ann@example.com
            2024-05-01 10h 71 [38|Cap; red]#1 Free 1 x 0 USD by hash of ann@example.com
            2024-05-01 11h 72 [A|Album]#1 Sale 1 x 9 gross 9 USD by 5
            2024-05-01 11h 72 [|]#1 Return 0 x 0 returns -9 USD by 5
            2024-05-01 12h 73 [|Album]#1 Cancelled 1 x 9 USD by 5
            line 5 bad_items: The items in column "line_item_1" cannot be read: "name:Album|quantity:one|total:9.00". Each item needs a quantity and a total, as in quantity:1|total:9.00.
        "#]],
    );
}

#[test]
fn woocommerce_items_in_product_columns() {
    check(
        Source::WooCommerce,
        "order_id,order_date,status,order_total,order_currency,Product Item 1 Name,Product Item 1 id,Product Item 1 SKU,Product Item 1 Quantity,Product Item 1 Total,Product Item 1 Subtotal,Product Item 2 Name,Product Item 2 id,Product Item 2 SKU,Product Item 2 Quantity,Product Item 2 Total,Product Item 2 Subtotal\n\
         1,2024-05-01,processing,27,EUR,Mug,5,m-1,2,18,20,Cup,6,,1,9,9\n\
         2,2024-05-02,processing,9,EUR,Cup,6,,1,9,9,,,,,,\n",
        expect![[r#"
            2024-05-01 0h 1 [M-1|Mug]#1 Sale 2 x 10 gross 20 discount 2 EUR
            2024-05-01 0h 1 [6|Cup]#1 Sale 1 x 9 gross 9 EUR
            2024-05-02 0h 2 [6|Cup]#1 Sale 1 x 9 gross 9 EUR
        "#]],
    );
}

#[test]
fn woocommerce_amounts_before_or_after_the_discount() {
    check(
        Source::WooCommerce,
        "id,order_number,created_at,status,total,total_shipping,cart_tax,shipping_tax,total_discount,currency,billing_email,line_items\n\
         1,1001,2016-04-17 21:13:47,on-hold,18.92,0,0.92,0,2,USD,a@b.c,product_id:224|sku:woo|total:20|quantity:1|name:Woo Ninja|meta:size=XL;product_id:1|name:Free|total:0|quantity:1\n\
         2,1002,2016-04-18 21:13:47,completed,18.00,0,0,0,2,USD,a@b.c,\"[{\"\"name\"\":\"\"Woo\"\",\"\"sku\"\":\"\"woo\"\",\"\"total\"\":\"\"18.00\"\",\"\"quantity\"\":2}]\"\n\
         3,1003,2016-04-18 21:13:47,completed,5.00,0,0,0,0,USD,a@b.c,\n",
        expect![[r#"
            2016-04-17 21h 1001 [WOO|Woo Ninja]#1 Sale 1 x 20 gross 20 discount 2 tax 0.92 USD by hash of a@b.c
            2016-04-17 21h 1001 [1|Free]#1 Free 1 x 0 USD by hash of a@b.c
            2016-04-18 21h 1002 [WOO|Woo]#1 Sale 2 x 10 gross 20 discount 2 USD by hash of a@b.c
            2016-04-18 21h 1003 [|]#1 Sale 1 x 5 gross 5 USD by hash of a@b.c
        "#]],
    );
}

#[test]
fn woocommerce_analytics_in_french() {
    check(
        Source::WooCommerceAnalytics,
        "Date,\"Commande n°\",État,Client,\"Type de client\",Produit(s),\"Articles vendus\",\"Code(s) promo\",\"Ventes nettes\",Attribution\n\
         2024-01-02,\"#1001\",Completed,John Doe,Guest,\"Product A x 1, Product B x 2\",3,\"NONE\",100.00,Direct\n\
         2024-01-03,\"#1002\",Annulée,Jane,Guest,\"Product A x 1\",1,\"NONE\",75.00,Direct\n\
         2024-01-04,\"#1003\",Completed,Jane,Guest,\"Product A\",1,\"NONE\",-75.00,Direct\n",
        expect![[r#"
            2024-01-02 0h 1001 [|Product A]#1 Sale 1 x 33.33 gross 33.33 EUR
            2024-01-02 0h 1001 [|Product B]#1 Sale 2 x 33.335 gross 66.67 EUR
            2024-01-03 0h 1002 [|Product A]#1 Cancelled 1 x 75 EUR
            2024-01-04 0h 1003 [|Product A]#1 Return -1 x 75 returns -75 EUR
        "#]],
    );
}

#[test]
fn amazon_has_no_customers() {
    check(
        Source::Amazon,
        "amazon-order-id\tpurchase-date\torder-status\tsales-channel\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-country\n\
         111-1\t2024-03-09T22:30:00+00:00\tShipped\tAmazon.de\t2\" Hook\tHK-1\tB01\tShipped\t2\tEUR\t20.00\t3.80\t4.99\t0.95\t2.00\t4.99\tBonn\t\tDE\n\
         111-2\t2024-03-10T00:30:00Z\tCancelled\tAmazon.de\tHook\tHK-1\tB01\tCancelled\t0\t\t\t\t\t\t\t\t\t\tDE\n\
         111-3\t2024-03-10T00:30:00Z\tPending\tAmazon.de\tHook\t\tB01\tUnshipped\t1\t\t\t\t\t\t\t\t\t\tDE\n",
        expect![[r#"
            2024-03-09 23h 111-1 [HK-1|2" Hook]#1 Sale 2 x 10 gross 20 discount 2 tax 4.75 EUR
            2024-03-10 1h 111-2 [HK-1|Hook]#1 Cancelled 0 x 0 EUR
            2024-03-10 1h 111-3 [B01|Hook]#1 Free 1 x 0 EUR
            warning line 4 missing_price: The order has no price yet: Amazon adds it when the payment is confirmed. Import a later export to fill it in.
        "#]],
    );
}

#[test]
fn real_exports_lose_nothing() {
    for (file, records, lines) in [
        ("shopify_orders_export_teststore.csv", 2, 2),
        ("shopify_orders_reduced_fixture.csv", 9, 10),
        ("woocommerce_analytics_orders_fr.csv", 208, 354),
        ("woocommerce_orders_json_columns.csv", 4, 6),
        ("woocommerce_orders_native.csv", 4, 6),
    ] {
        let Some(path) = shared(&format!("shop_exports/{file}")) else {
            return;
        };
        let batch = import(&std::fs::read(path).unwrap(), &[]);
        assert_eq!(
            (batch.counts.records, batch.counts.accepted),
            (records, records),
            "{file}"
        );
        assert_eq!(batch.counts.lines, lines, "{file}");
    }
}

#[test]
fn a_tax_that_prices_hold_counts_once() {
    // 120 and 30 less 15, and 10 of shipping, make 145; 24 of it are tax.
    let text = format!(
        "{SHOPIFY}\n\
         #1,a@b.c,paid,EUR,135.00,10.00,24.00,145.00,15.00,2025-10-08 10:00:00 +0200,1,Pot,120.00,,,,,,,0,0\n\
         #1,,,,,,,,,,1,Cup,30.00,,,,,,,,0\n\
         #2,a@b.c,paid,EUR,100.00,5.00,19.00,124.00,0,2025-10-08 10:00:00 +0200,1,Pot,100.00,,,,,,,0,0\n"
    );
    let batch = import(text.as_bytes(), &[]);
    let sum = |order: &str, amount: fn(&ingest::Line) -> i64| -> i64 {
        let lines = batch.lines.iter().filter(|l| l.order_id == order);
        lines.map(amount).sum()
    };
    for (order, net, tax, total) in [("#1", 112_655_173, 24, 145), ("#2", 100_000_000, 19, 124)] {
        let found = sum(order, |l| l.gross.0 - l.discount.0);
        assert!((found - net).abs() < 10_000, "{order}: {found}");
        assert_eq!(sum(order, |l| l.tax.0), tax * 1_000_000);
        let all = sum(order, |l| l.gross.0 - l.discount.0 + l.tax.0 + l.shipping.0);
        assert_eq!(all, total * 1_000_000, "{order}");
    }
    // Before the discount, without its tax.
    assert!((sum("#1", |l| l.gross.0) - 125_172_413).abs() < 20_000);
}
