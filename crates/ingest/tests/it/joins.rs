//! Several tables of one upload: Olist's files, AdventureWorks' sales and products, months of one table.

use crate::support::{messages, options, shared, show, zip};
use expect_test::expect;
use ingest::{
    Batch, DataSet, FileCount, Inspection, RejectCode, Role, Sample, Source, WarningCode, inspect,
    inspect_files, read_files,
};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

fn looked(files: &[(&str, &[u8])]) -> Inspection {
    let samples: Vec<(Sample, String)> = files
        .iter()
        .map(|(name, bytes)| (Sample::from_bytes(bytes), (*name).to_owned()))
        .collect();
    inspect_files(&samples, &options(&[])).unwrap()
}

fn read(inspection: &Inspection, files: Vec<Vec<u8>>) -> (Batch, Vec<FileCount>) {
    assert_eq!(inspection.questions, []);
    let plan = inspection.plan.as_ref().unwrap();
    let stored = serde_json::to_string(plan).unwrap();
    let plan = serde_json::from_str(&stored).unwrap();
    let mut records = read_files(&plan, files.into_iter().map(Cursor::new).collect());
    let mut all = Batch::default();
    while let Some(mut batch) = records.next_batch(100).unwrap() {
        all.lines.append(&mut batch.lines);
        all.rejects.append(&mut batch.rejects);
        all.warnings.append(&mut batch.warnings);
        all.counts = batch.counts;
    }
    let counts = all.counts;
    assert_eq!(
        counts.accepted + counts.rejected + counts.blank,
        counts.records
    );
    (all, records.files().to_vec())
}

const OLIST: &[(&str, &[u8])] = &[
    ("olist_customers_dataset.csv", b"\"customer_id\",\"customer_unique_id\",\"customer_zip_code_prefix\",\"customer_city\",\"customer_state\"\nc1,u1,01001,sao paulo,SP\nc2,u1,01001,sao paulo,SP\nc3,u2,20000,rio de janeiro,RJ\n"),
    ("olist_geolocation_dataset.csv", b"geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state\n01001,-23.5,-46.6,sao paulo,SP\n01002,-23.5,-46.6,sao paulo,SP\n"),
    ("olist_order_items_dataset.csv", b"order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\no1,1,p1,s1,2017-09-19 09:45:35,58.90,13.29\no1,2,p2,s1,2017-09-19 09:45:35,10.00,1.00\no2,1,p1,s1,2018-01-19 09:45:35,58.90,13.29\no9,1,p1,s1,2018-01-19 09:45:35,5.00,1.00\n"),
    ("olist_order_payments_dataset.csv", b"order_id,payment_sequential,payment_type,payment_installments,payment_value\no1,1,credit_card,8,99.33\no1,2,voucher,1,1.00\no2,1,boleto,1,72.19\n"),
    ("olist_order_reviews_dataset.csv", b"review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp\nr1,o1,4,,,2018-01-18 00:00:00,2018-01-18 21:46:59\nr2,o2,5,,,2018-01-18 00:00:00,2018-01-18 21:46:59\n"),
    ("olist_orders_dataset.csv", b"order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\no1,c1,delivered,2017-09-13 08:59:02,2017-09-13 09:45:35,,,2017-09-29 00:00:00\no2,c2,canceled,2018-01-14 08:59:02,,,,2018-01-29 00:00:00\no3,c3,unavailable,2018-01-15 08:59:02,,,,2018-01-29 00:00:00\no4,c3,delivered,2018-01-16 08:59:02,,,,2018-01-29 00:00:00\n"),
    ("olist_products_dataset.csv", b"product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm\np1,perfumaria,40,287,1,225,16,10,14\np2,artes,44,276,1,1000,30,18,20\n"),
    ("olist_sellers_dataset.csv", b"seller_id,seller_zip_code_prefix,seller_city,seller_state\ns1,13023,campinas,SP\ns2,13844,mogi guacu,SP\n"),
    ("product_category_name_translation.csv", b"product_category_name,product_category_name_english\nperfumaria,perfumery\nartes,art\n"),
];

fn olist(inspection: &Inspection, files: Vec<Vec<u8>>) {
    assert_eq!(inspection.source, Source::Olist);
    let (batch, counts) = read(inspection, files);
    expect![[r#"
        2017-09-13 8h o1 [P1|]#1 Sale 1 x 58.9 gross 58.9 shipping 13.29 BRL by u1
        2017-09-13 8h o1 [P2|]#1 Sale 1 x 10 gross 10 shipping 1 BRL by u1
        2018-01-14 8h o2 [P1|]#1 Cancelled 1 x 58.9 BRL by u1
        2018-01-15 8h o3 [|]#1 Cancelled 1 x 0 BRL by u2
        line 5 order_missing: The order of this line is not in olist_orders_dataset.csv. Export both tables again at the same time, and upload them together.
        line 5 items_missing: This order has no lines in the table of lines. Export both tables again at the same time, and upload them together.
    "#]].assert_eq(&format!("{}{}", show(&batch.lines), messages(&batch)));
    assert_eq!(batch.lines[0].category.as_deref(), Some("perfumery"));
    let details = batch.lines[0].details.as_deref().unwrap();
    assert_eq!(details.payment_method.as_deref(), Some("credit_card"));
    assert_eq!(batch.lines[0].currency.as_str(), "BRL");
    assert_eq!(batch.rejects[0].code, RejectCode::OrderMissing);
    assert_eq!(batch.rejects[1].code, RejectCode::ItemsMissing);
    assert!(
        batch.rejects[1]
            .file
            .as_deref()
            .unwrap()
            .contains("orders_dataset")
    );
    let by_role: BTreeMap<Role, (u64, u64, u64)> = counts
        .iter()
        .filter(|c| c.role != Role::Unused)
        .map(|c| (c.role, (c.records, c.unmatched, c.set_aside)))
        .collect();
    assert_eq!(
        by_role.into_iter().collect::<Vec<_>>(),
        [
            (Role::Items, (4, 1, 0)),
            (Role::Orders, (4, 2, 0)),
            (Role::Payments, (3, 0, 1)),
            (Role::Customers, (3, 0, 0)),
            (Role::Products, (2, 0, 0)),
            (Role::Categories, (2, 0, 0)),
        ]
    );
}

#[test]
fn nine_files_join_themselves() {
    let bytes = || OLIST.iter().map(|(_, b)| b.to_vec()).collect::<Vec<_>>();
    olist(&looked(OLIST), bytes());
    let mut back: Vec<(&str, &[u8])> = OLIST.to_vec();
    back.reverse();
    let reversed = back.iter().map(|(_, b)| b.to_vec()).collect();
    olist(&looked(&back), reversed);
    let mut packed = OLIST.to_vec();
    packed.push(("README.txt", b"Dear all\nhere is the data\nbest\n"));
    let archive = zip(&packed, true);
    let inspection = inspect(&Sample::from_bytes(&archive), "olist.zip", &options(&[])).unwrap();
    let said = &inspection.assumptions;
    assert!(
        said.iter()
            .any(|a| a.code == "unused_files" && a.message.contains("README.txt"))
    );
    olist(&inspection, vec![archive]);
}

#[test]
fn months_of_one_table_are_one_table() {
    let month = |m: u32| {
        format!(
            "order,date,item,qty,price\n{m}1,2024-{m:02}-04,Mug,1,4.50\n{m}2,2024-{m:02}-15,Cup,2,1.50\n"
        )
    };
    let files = [month(1), month(2), month(3)];
    let named: Vec<(&str, &[u8])> = ["january.csv", "february.csv", "march.csv"]
        .into_iter()
        .zip(files.iter().map(String::as_bytes))
        .collect();
    let (batch, counts) = read(
        &looked(&named),
        files.iter().map(|f| f.clone().into_bytes()).collect(),
    );
    assert_eq!((batch.lines.len(), batch.rejects.len()), (6, 0));
    assert!(
        counts
            .iter()
            .all(|c| c.records == 2 && c.role == Role::Items)
    );
}

fn refused(files: &[(&str, &[u8])]) -> String {
    let samples: Vec<(Sample, String)> = files
        .iter()
        .map(|(name, bytes)| (Sample::from_bytes(bytes), (*name).to_owned()))
        .collect();
    let error = inspect_files(&samples, &options(&[])).unwrap_err();
    assert_eq!(error.code(), "files_apart");
    error.to_string()
}

#[test]
fn rows_that_cannot_be_looked_up_are_refused_and_said() {
    let items: &[u8] =
        b"order_id,order_item_id,product_id,price,freight_value\no1,1,p1,10.00,1.00\n";
    let orders: &[u8] = b"order_id,customer_id,order_status,order_purchase_timestamp\n\
        o1,c1,delivered,2025-03-01 10:00:00\no1,c2,delivered,2025-03-02 10:00:00\n";
    let products: &[u8] =
        b"product_id,product_category_name\np1,toys\n,books\n\np1,b\xffooks\np1,books\n";
    let named = [
        ("items.csv", items),
        ("orders.csv", orders),
        ("products.csv", products),
    ];
    let bytes = named.iter().map(|(_, bytes)| bytes.to_vec()).collect();
    let (batch, counts) = read(&looked(&named), bytes);
    assert_eq!(batch.lines.len(), 1);
    assert_eq!(batch.lines[0].category.as_deref(), Some("toys"));
    let said: Vec<(&str, u64, RejectCode, &str)> = batch
        .rejects
        .iter()
        .map(|r| {
            (
                r.file.as_deref().unwrap(),
                r.line_no,
                r.code,
                r.raw.trim_end(),
            )
        })
        .collect();
    let second = "o1,c2,delivered,2025-03-02 10:00:00";
    assert_eq!(said[0], ("orders.csv", 3, RejectCode::SaidBefore, second));
    assert_eq!(
        said[1],
        ("products.csv", 3, RejectCode::MissingValue, ",books")
    );
    assert_eq!((said[2].0, said[2].1), ("products.csv", 5));
    assert_eq!(
        said[3],
        ("products.csv", 6, RejectCode::SaidBefore, "p1,books")
    );
    assert_eq!(said.len(), 4);
    let set_aside: u64 = counts.iter().map(|c| c.set_aside).sum();
    assert_eq!(set_aside, 4);
    // One line, and the four.
    assert_eq!((batch.counts.records, batch.counts.rejected), (5, 4));
}

/// A shop adds a column between two exports, and a sheet gets one more.
#[test]
fn months_with_further_columns_are_one_table_too() {
    let shopify: [&[u8]; 2] = [
        b"Name,Currency,Subtotal,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n\
          #1,EUR,9.00,2026-03-01 10:00:00 +0100,2,Mug,4.50,M1\n",
        b"Name,Email,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Source\n\
          #2,ann@example.com,EUR,4.50,2.00,1.00,7.50,2026-04-01 10:00:00 +0200,1,Mug,4.50,M1,web\n\
          #3,bob@example.com,EUR,5.00,0,0,5.00,2026-04-02 10:00:00 +0200,1,Cup,5.00,C1,pos\n",
    ];
    let sheets: [&[u8]; 2] = [
        b"order;date;item;qty;price\n1;2026-03-01;Mug;2;4,50\n",
        b"date;order;item;price;qty;shipping;city\n2026-04-01;2;Mug;4,50;1;2,00;Lima\n2026-04-02;3;Cup;5,00;1;0;Lima\n",
    ];
    for files in [shopify, sheets] {
        for reversed in [false, true] {
            let mut named = vec![("march.csv", files[0]), ("april.csv", files[1])];
            if reversed {
                named.reverse();
            }
            let bytes = named.iter().map(|(_, bytes)| bytes.to_vec()).collect();
            let (batch, counts) = read(&looked(&named), bytes);
            assert_eq!(batch.rejects, []);
            let sum =
                |amount: fn(&ingest::Line) -> i64| batch.lines.iter().map(amount).sum::<i64>();
            assert_eq!(sum(|l| l.gross.0), 18_500_000);
            assert_eq!(sum(|l| l.shipping.0), 2_000_000);
            let of_file = |name: &str| {
                let count = counts.iter().find(|c| c.name == name).unwrap();
                (count.role, count.records, count.set_aside)
            };
            assert_eq!(of_file("march.csv"), (Role::Items, 1, 0));
            assert_eq!(of_file("april.csv"), (Role::Items, 2, 0));
        }
    }
}

/// Two exports of months that overlap, dropped together: of an order that both hold, the newer one counts, in whichever
/// order they are given. By name, where both are as new.
#[test]
fn an_order_in_two_files_is_what_the_newer_one_says() {
    let head =
        "Name,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n";
    let march = format!(
        "{head}#2,EUR,2026-03-31 10:00:00 +0200,1,Mug,4.50,M1\n#2,,,1,Pot,9.00,P1\n#1,EUR,2026-03-01 10:00:00 +0100,2,Mug,4.50,M1\n"
    );
    let april = format!(
        "{head}#3,EUR,2026-04-02 10:00:00 +0200,1,Cup,5.00,C1\n#2,EUR,2026-03-31 10:00:00 +0200,3,Mug,4.50,M1\n"
    );
    let again = april.replace(",3,Mug", ",7,Mug");
    for (files, mugs) in [
        (vec![("march.csv", &march), ("april.csv", &april)], 3),
        (vec![("april.csv", &april), ("march.csv", &march)], 3),
        (vec![("a.csv", &april), ("b.csv", &again)], 7),
        (vec![("b.csv", &again), ("a.csv", &april)], 7),
    ] {
        let named: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(n, text)| (*n, text.as_bytes()))
            .collect();
        let bytes = named.iter().map(|(_, bytes)| bytes.to_vec()).collect();
        let (batch, _) = read(&looked(&named), bytes);
        assert_eq!(batch.rejects, []);
        let of_order: Vec<(&str, i64)> = batch
            .lines
            .iter()
            .filter(|line| line.order_id == "#2")
            .map(|line| (&*line.sku, line.quantity.0 / 1_000_000))
            .collect();
        assert_eq!(of_order, [("M1", mugs)], "{named:?}");
        let rows = named
            .iter()
            .map(|(_, b)| b.iter().filter(|b| **b == b'\n').count() as u64 - 1);
        assert_eq!(batch.counts.accepted, rows.sum::<u64>());
        let said = batch
            .warnings
            .iter()
            .find(|w| w.code == WarningCode::ToldAgain);
        assert!(said.is_some_and(|w| w.record == 0));
    }
}

/// Two days of events are events, and two lists of products are products.
#[test]
fn files_of_another_data_set_are_what_they_are() {
    let days: [&[u8]; 2] = [
        b"event_date,event_timestamp,event_name,user_pseudo_id,item_id,price,value\n20260301,1772355600000000,view_item,u1,M1,4.50,4.50\n",
        b"event_date,event_timestamp,event_name,user_pseudo_id,item_id,price,value\n20260302,1772442000000000,purchase,u1,M1,4.50,4.50\n",
    ];
    let lists: [&[u8]; 2] = [
        b"sku,product name,category,brand\nM1,Mug,Kitchen,Ours\n",
        b"sku,product name,category,brand\nC1,Cup,Kitchen,Ours\n",
    ];
    for (set, files) in [(DataSet::Events, days), (DataSet::Products, lists)] {
        let named = [("1.csv", files[0]), ("2.csv", files[1])];
        let inspection = looked(&named);
        assert_eq!(inspection.data_set, set);
        let plan = inspection.plan.unwrap();
        let files = named.iter().map(|(_, b)| Cursor::new(b.to_vec())).collect();
        let mut records = read_files(&plan, files);
        let batch = records.next_batch(100).unwrap().unwrap();
        assert_eq!((batch.rows.len(), batch.rejects.len()), (2, 0), "{set:?}");
    }
}

/// What could be imported by itself is not left out in silence.
#[test]
fn tables_that_do_not_belong_together_are_refused_by_name() {
    let orders: &[u8] = b"order,date,sku,qty,price\n1,2026-03-01,M1,2,4.50\n";
    let stock: &[u8] = b"sku,location,on hand\nM1,Lima,7\n";
    let said = refused(&[("orders.csv", orders), ("stock.csv", stock)]);
    assert!(
        said.contains("stock.csv") && !said.contains("orders.csv"),
        "{said}"
    );
}

#[test]
fn files_without_orders_are_refused() {
    let files: &[(&str, &[u8])] = &[OLIST[1], OLIST[7]];
    let samples: Vec<(Sample, String)> = files
        .iter()
        .map(|(name, bytes)| (Sample::from_bytes(bytes), (*name).to_owned()))
        .collect();
    let error = inspect_files(&samples, &options(&[])).unwrap_err();
    assert_eq!(error.code(), "files_apart");
    println!("{error}");
}

/// Sales without prices, products with them, customers: figures against an independent computation.
#[test]
fn adventure_works() {
    let names = [
        "AdventureWorks_Sales_2017.csv",
        "AdventureWorks_Sales_2018.csv.gz",
        "AdventureWorks_Sales_2019.csv.gz",
        "AdventureWorks_Products.csv",
        "AdventureWorks_Customers.csv.gz",
    ];
    let mut files = Vec::new();
    for name in names {
        let Some(path) = shared(&format!("adventureworks/{name}")) else {
            return;
        };
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        files.push(bytes);
    }
    let named: Vec<(&str, &[u8])> = names
        .into_iter()
        .zip(files.iter().map(Vec::as_slice))
        .collect();
    let inspection = looked(&named);
    let (batch, counts) = read(&inspection, files.clone());
    println!("{counts:?} {:?}", batch.counts);
    let gross: i128 = batch.lines.iter().map(|l| i128::from(l.gross.0)).sum();
    let orders: std::collections::BTreeSet<&str> =
        batch.lines.iter().map(|l| &*l.order_id).collect();
    assert_eq!(batch.lines.len(), 56_046);
    assert_eq!(batch.rejects.len(), 0);
    assert_eq!(orders.len(), 25_162);
    assert_eq!(gross, 24_914_586_819_300);
}
