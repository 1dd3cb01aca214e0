//! Several tables of one upload: Olist's files, AdventureWorks' sales and products, months of one table.

use crate::support::{messages, options, shared, show, zip};
use expect_test::expect;
use ingest::{
    Batch, FileCount, Inspection, RejectCode, Role, Sample, Source, inspect, inspect_files,
    read_files,
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
    assert_eq!(
        batch.lines[0].payment_method.as_deref(),
        Some("credit_card")
    );
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

#[test]
fn files_without_orders_are_refused() {
    let files: &[(&str, &[u8])] = &[OLIST[6], OLIST[7]];
    let samples: Vec<(Sample, String)> = files
        .iter()
        .map(|(name, bytes)| (Sample::from_bytes(bytes), (*name).to_owned()))
        .collect();
    let error = inspect_files(&samples, &options(&[])).unwrap_err();
    assert_eq!(error.code(), "archive");
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
