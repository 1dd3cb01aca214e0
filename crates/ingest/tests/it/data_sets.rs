//! Products, customers, stock, promotions, costs, ad spend, exchange rates.

use crate::support::{import, look, messages, plan, shared};
use expect_test::expect;
use ingest::{Batch, DataSet, RejectCode, Value, ValueKind, WarningCode, email_hash};
use std::fmt::Write as _;
use types::{Day, Micros};

/// Each row as its filled values by name.
fn show(set: DataSet, all: &Batch) -> String {
    let mut out = String::new();
    for row in &all.rows {
        for (spec, value) in set.fields().iter().zip(&row.values) {
            let shown = match (value, spec.kind) {
                (None, _) => continue,
                (Some(Value::Text(text)), _) => text.to_string(),
                (Some(Value::Number(n)), ValueKind::Day) => Day(*n as i32).to_string(),
                (Some(Value::Number(n)), ValueKind::Money | ValueKind::Quantity) => {
                    Micros(*n).to_string()
                }
                (Some(Value::Number(n)), _) => n.to_string(),
            };
            write!(out, "{}={shown} ", spec.name()).unwrap();
        }
        if let Some(extra) = &row.extra {
            write!(out, "{extra}").unwrap();
        }
        out = out.trim_end().to_owned() + "\n";
    }
    out
}

fn read(set: DataSet, text: &str) -> (String, Batch) {
    let found = plan(text.as_bytes(), &[]).data_set;
    assert_eq!(found, set, "{text}");
    let all = import(text.as_bytes(), &[]);
    (show(set, &all), all)
}

#[test]
fn products_in_four_languages() {
    let (english, all) = read(
        DataSet::Products,
        "Handle,Title,Vendor,Type,Variant SKU,Variant Price,Cost per item,Variant Barcode,Status,Colour\nmug,Mug,Acme,Kitchen,m-1,4.50,1.20,0401,active,red\n,,,,m-2,4.75,,,,\n,Cup,,,,1.00,,,,\n,,,,m-3,,,,,\nMade by hand,,,,,,,,,\n",
    );
    expect![[r#"
        sku=M-1 product_name=Mug category=Kitchen brand=Acme price=4.5 cost=1.2 currency=EUR barcode=0401 product_status=active {"Handle":"mug","Colour":"red"}
        sku=M-2 price=4.75 currency=EUR
        sku=M-3
    "#]]
    .assert_eq(&english);
    assert_eq!(all.rejects[0].code, RejectCode::MissingValue);
    expect![[r#"
        line 4 missing_value: The product code (SKU) is missing: column "Variant SKU" is empty. Fill it in, or remove the row.
        line 6 not_data: This row holds a note, not data. Nothing needs to be done.
    "#]]
    .assert_eq(&messages(&all));
    let (german, _) = read(
        DataSet::Products,
        "Artikelnummer;Bezeichnung;Marke;Warengruppe;Verkaufspreis;Einkaufspreis\nA1;Tasse;Acme;Küche;4,50;1,20\n",
    );
    let (spanish, _) = read(
        DataSet::Products,
        "Código;Producto;Marca;Categoría;Precio;Costo\nA1;Tasse;Acme;Küche;4,50;1,20\n",
    );
    let (chinese, _) = read(
        DataSet::Products,
        "商品编码,商品名称,品牌,分类,售价,成本价\nA1,Tasse,Acme,Küche,4.50,1.20\n",
    );
    let (arabic, _) = read(
        DataSet::Products,
        "رمز المنتج,اسم المنتج,العلامة التجارية,الفئة,السعر,التكلفة\nA1,Tasse,Acme,Küche,4.50,1.20\n",
    );
    assert_eq!(
        german,
        "sku=A1 product_name=Tasse category=Küche brand=Acme price=4.5 cost=1.2 currency=EUR\n"
    );
    assert_eq!([&spanish, &chinese, &arabic], [&german; 3]);
}

#[test]
fn customers_without_their_addresses() {
    let (shown, all) = read(
        DataSet::Customers,
        "Customer ID,First Name,Last Name,Email,Country,City,Created At,Accepts Email Marketing,Second Email\n7,Ada,Lovelace, ADA@example.com ,GB,London,2024-01-02,yes,ada@home.example\n,Bob,,bob@example.com,,,,perhaps,\n,Eve,,,FR,,,,\n",
    );
    let ada = email_hash("ada@example.com");
    let home = email_hash("ada@home.example");
    assert_eq!(
        shown.lines().next().unwrap(),
        format!(
            "customer_id=7 email_hash={ada} customer_name=Ada Lovelace first_name=Ada last_name=Lovelace country=GB city=London created_day=2024-01-02 accepts_marketing=1 {{\"Second Email\":\"{home}\"}}"
        )
    );
    assert!(!shown.contains('@'), "{shown}");
    assert_eq!(email_hash(" ADA@Example.com"), ada);
    assert_eq!(
        ada,
        "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
    );
    assert_eq!(all.rejects[0].code, RejectCode::MissingValue);
    assert_eq!(all.warnings[0].code, WarningCode::NeitherYesNorNo);
}

#[test]
fn stock_promotions_costs_ads_and_rates() {
    for (set, file, want) in [
        (
            DataSet::Inventory,
            "sku,warehouse,on hand,date\na1,North,12,2024-03-04\na1,South,-2,2024-03-04\n",
            "sku=A1 location=North on_hand=12 day=2024-03-04\nsku=A1 location=South on_hand=-2 day=2024-03-04\n",
        ),
        (
            DataSet::Promotions,
            "code,discount_type,coupon_amount,start date,expiry_date\nspring,percent,10%,2024-03-01,2024-03-31\n",
            "code=SPRING promotion_kind=percent promotion_value=10 starts=2024-03-01 ends=2024-03-31\n",
        ),
        (
            DataSet::Costs,
            "sku,unit_cost,currency,valid_from\na1,1.25,USD,2024-01-01\n",
            "sku=A1 cost=1.25 currency=USD valid_from=2024-01-01\n",
        ),
        (
            DataSet::AdSpend,
            "Day,Platform,Campaign name,Amount spent,Impressions,Clicks\n2024-03-04,meta,Spring,US$12.50,\"1,000\",25\n2024-03-05,meta,Spring,US$12.50,10,2.5\n",
            "day=2024-03-04 channel=meta campaign=Spring spend=12.5 currency=USD impressions=1000 clicks=25\n",
        ),
        (
            DataSet::Rates,
            "Date,From,To,Rate\n2024-03-04,jpy,EUR,0.006131847\n2024-03-04,USD,EUR,0.92\n",
            "day=2024-03-04 from_currency=JPY to_currency=EUR rate=6131847\nday=2024-03-04 from_currency=USD to_currency=EUR rate=920000000\n",
        ),
    ] {
        assert_eq!(read(set, file).0, want);
    }
}

#[test]
fn what_is_refused_of_them() {
    let (_, all) = read(
        DataSet::Rates,
        "Date,From,To,Rate\n2024-03-04,gold,EUR,0.9\n2024-03-04,USD,EUR,0\n2024-03-04,USD,EUR,much\nsoon,USD,EUR,0.9\n,USD,EUR,0.9\n2024-03-04,USD,EUR,0.91\n2024-03-05,USD,EUR,0.92\n2024-03-06,USD,EUR,0.93\n2024-03-07,USD,EUR,0.94\n",
    );
    expect![[r#"
        line 2 bad_currency: "gold" in column "From" is not a currency. Use a three-letter code such as EUR.
        line 3 bad_number: "0" in column "Rate" is not a number. Write it like 1234.56.
        line 4 bad_number: "much" in column "Rate" is not a number. Write it like 1234.56.
        line 5 bad_date: "soon" in column "Date" is not a date written year, month, day. Write it like 2026-12-31.
        line 6 missing_date: The day is missing: column "Date" is empty. Fill it in, or remove the row.
    "#]]
    .assert_eq(&messages(&all));
}

#[test]
fn the_last_of_two_words_about_one_thing_counts() {
    let (_, all) = read(
        DataSet::Products,
        "sku,name,price\na1,Mug,1\nA1,Mug,2\na2,Cup,1\na2,Cup,1\n",
    );
    assert_eq!(all.rows[0].key, all.rows[1].key);
    assert_ne!(all.rows[0].hash, all.rows[1].hash);
    assert_eq!(all.rows[2].hash, all.rows[3].hash);
    let said: Vec<_> = all
        .warnings
        .iter()
        .map(|w| (w.code, w.params.get("count").cloned()))
        .collect();
    assert!(
        said.contains(&(WarningCode::SaidTwice, Some("1".to_owned()))),
        "{said:?}"
    );
    // Spend of one campaign in two rows is spent twice.
    let (_, ads) = read(
        DataSet::AdSpend,
        "date,campaign,clicks,cost\n2024-03-04,Spring,1,5\n2024-03-04,Spring,2,6\n",
    );
    assert_ne!(ads.rows[0].key, ads.rows[1].key);
}

#[test]
fn two_readings_are_asked_once_and_the_data_set_can_be_said() {
    let file = b"code,type,value,starts,ends\nA,percent,5,01/02/2024,03/02/2024\n";
    let inspection = look(file, &[]).unwrap();
    assert_eq!(inspection.data_set, DataSet::Promotions);
    let asked: Vec<_> = inspection.questions.iter().map(|q| q.id.as_str()).collect();
    assert_eq!(asked, ["date_order"]);
    let days = |order| show(DataSet::Promotions, &import(file, &[("date_order", order)]));
    assert!(days("dmy").contains("starts=2024-02-01 ends=2024-02-03"));
    assert!(days("mdy").contains("starts=2024-01-02 ends=2024-03-02"));

    // Nothing in the names says what this is.
    let file = b"article,what,worth\nA,Mug,5\n";
    assert_eq!(look(file, &[]).unwrap().questions[0].id, "data_set");
    let asked = look(file, &[("data_set", "products")]).unwrap();
    assert_eq!(asked.questions[0].id, "mapping.sku");
    let all = import(
        file,
        &[
            ("data_set", "products"),
            ("map.0", "sku"),
            ("map.2", "price"),
        ],
    );
    assert_eq!(
        show(DataSet::Products, &all),
        "sku=A price=5 currency=EUR {\"what\":\"Mug\"}\n"
    );
    let wrong = look(file, &[("data_set", "products"), ("map.1", "clicks")]);
    assert_eq!(wrong.unwrap_err().code(), "bad_decision");
    assert_eq!(
        look(file, &[("data_set", "people")]).unwrap_err().code(),
        "bad_decision"
    );
}

#[test]
fn orders_stay_orders() {
    for file in [
        "customer id,date,number of cds,dollar value\n1,2024-03-04,2,10.50\n",
        "date,product,quantity,price,coupon\n2024-03-04,Mug,1,4.50,SPRING\n",
        "sku,amount,created at\nA,4.50,2024-03-04\n",
        "order id,created at,sku,price,status\n1,2024-03-04,A,4.50,paid\n",
    ] {
        assert_eq!(
            plan(file.as_bytes(), &[]).data_set,
            DataSet::Orders,
            "{file}"
        );
    }
    // A plan made before there were other data sets is the same plan.
    let plan = plan(b"date,sku,quantity,price\n2024-03-04,A,1,4.50\n", &[]);
    assert!(
        serde_json::to_value(plan)
            .unwrap()
            .get("data_set")
            .is_none()
    );
}

#[test]
fn corrections_and_dropped_rows_work_as_for_orders() {
    let file = b"sku,name,price\na1,Mug,one\na2,Cup,2\na2,Cup,2\n";
    let all = import(
        file,
        &[
            ("correct.2.1.one", "1"),
            ("drop_duplicates", "true"),
            ("data_set", "products"),
        ],
    );
    assert_eq!(
        show(DataSet::Products, &all),
        "sku=A1 product_name=Mug price=1 currency=EUR\nsku=A2 product_name=Cup price=2 currency=EUR\n"
    );
    assert_eq!(all.rejects[0].code, RejectCode::Duplicate);
}

#[test]
fn public_tables_of_products_and_customers() {
    for (path, set, records, fields) in [
        (
            "completejourney/products.csv.gz",
            DataSet::Products,
            92_331,
            3,
        ),
        (
            "adventureworks/AdventureWorks_Products.csv",
            DataSet::Products,
            293,
            4,
        ),
        (
            "adventureworks/AdventureWorks_Customers.csv.gz",
            DataSet::Customers,
            18_148,
            3,
        ),
        (
            "completejourney/demographics.csv",
            DataSet::Customers,
            801,
            1,
        ),
        (
            "shop_exports/woocommerce_coupons.csv",
            DataSet::Promotions,
            4,
            3,
        ),
        (
            "shop_exports/woocommerce_customers_minimum.csv",
            DataSet::Customers,
            6,
            1,
        ),
    ] {
        let Some(path) = shared(path) else { continue };
        let bytes = std::fs::read(&path).unwrap();
        let inspection = match look(&bytes, &[]) {
            Ok(inspection) => inspection,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        assert_eq!(inspection.data_set, set, "{}", path.display());
        let order = [("date_order", "mdy")];
        let asked = inspection.questions.iter().any(|q| q.id == "date_order");
        let all = import(&bytes, if asked { &order } else { &[] });
        let mapped = inspection
            .columns
            .iter()
            .filter(|c| c.field.is_some())
            .count();
        println!(
            "{}: {:?} {mapped} columns mapped {:?}",
            path.display(),
            all.counts,
            all.rejects.first()
        );
        assert_eq!(all.counts.records, records);
        assert!(mapped >= fields, "{mapped} columns of {}", path.display());
        assert!(
            all.counts.rejected * 50 <= records,
            "{:?}",
            all.rejects.first()
        );
    }
}
