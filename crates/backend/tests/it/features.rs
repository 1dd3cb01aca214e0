//! Tables made of data sets: what customers bought, conversion by day.

use crate::shop::Shop;
use backend::{
    ingest::{DataSet, email_hash},
    lake::Table,
    storage::uploads::UploadState,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ORDERS: &str = "Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Customer ID,Email
1,2026-01-10,S1,1,10.00,EUR,C1,
2,2026-02-10,S1,1,5.00,EUR,,Ada@example.com
3,2026-02-11,S1,1,7.00,USD,C1,
4,2026-03-01,S1,1,4.00,EUR,C2,
";

async fn features(shop: &Shop) -> Vec<String> {
    shop.table(Table::CustomerFeatures, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_by_what_they_bought() {
    let shop = Shop::new().await;
    assert!(features(&shop).await.is_empty());
    let orders = shop.import("orders.csv", ORDERS).await;
    assert_eq!(orders.state, UploadState::Done, "{:?}", orders.error);
    let ada = email_hash("ada@example.com");
    let c2 = "customer_id=C2 first_day=2026-03-01 last_day=2026-03-01 orders=1 returning=false recency=4 frequency=1 currency=EUR net_sales=4 monetary=1";
    let apart = [
        "customer_id=C1 first_day=2026-01-10 last_day=2026-02-11 orders=2 returning=true recency=2 frequency=4 currency=EUR net_sales=10 monetary=4".to_owned(),
        "customer_id=C1 first_day=2026-01-10 last_day=2026-02-11 orders=2 returning=true recency=2 frequency=4 currency=USD net_sales=7 monetary=1".to_owned(),
        c2.to_owned(),
        format!("email_hash={ada} first_day=2026-02-10 last_day=2026-02-10 orders=1 returning=false recency=1 frequency=1 currency=EUR net_sales=5 monetary=2"),
    ];
    assert_eq!(features(&shop).await, apart);

    // Whose the address is, a table of customers says.
    let file = "Customer ID,Name,Email\nC1,Ada,ada@example.com\n";
    let customers = shop.import("customers.csv", file).await;
    assert_eq!(customers.data_set, "customers");
    let whole = format!(
        "customer_id=C1 email_hash={ada} first_day=2026-01-10 last_day=2026-02-11 orders=3 returning=true recency=1 frequency=3"
    );
    let together = [
        format!("{whole} currency=EUR net_sales=15 monetary=3"),
        format!("{whole} currency=USD net_sales=7 monetary=1"),
        c2.replace("recency=4", "recency=3"),
    ];
    assert_eq!(features(&shop).await, together);
    shop.undo(customers.id).await;
    assert_eq!(features(&shop).await, apart);

    let more = "Order ID,Order Date,SKU,Quantity,Unit Price,Currency,Customer ID\n5,2026-03-02,S1,1,1.00,EUR,C3\n";
    let more = shop.import("more.csv", more).await;
    assert_eq!(features(&shop).await.len(), 5);
    shop.undo(more.id).await;
    assert_eq!(features(&shop).await, apart);
    shop.undo(orders.id).await;
    assert!(features(&shop).await.is_empty());
    // As it was.
    let first = shop.table(Table::CustomerFeatures, Some(1)).await;
    let second = shop.table(Table::CustomerFeatures, Some(2)).await;
    assert_eq!((first, second), (apart.to_vec(), together.to_vec()));
}

fn shared(path: &str) -> Option<Vec<u8>> {
    let shared = std::env::var_os("SR360_SHARED_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let bytes = std::fs::read(shared.join(path)).ok();
    if bytes.is_none() {
        println!("skipped: {path} is not there");
    }
    bytes
}

/// Of a published data set: 23,570 customers, 69,659 purchases, 2,500,315.63 in all.
#[tokio::test(flavor = "multi_thread")]
async fn customers_of_a_published_data_set() {
    let Some(bytes) = shared("cdnow/CDNOW_master.txt") else {
        return;
    };
    let shop = Shop::new().await;
    let upload = shop.import("cdnow.txt", bytes).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let (mut customers, mut net, mut fifths) = (0, 0, [[0_u64; 6]; 3]);
    for offset in (0..).step_by(10_000) {
        let table = Table::CustomerFeatures;
        let read = backend::data_sets::rows(&shop.backend, &shop.ctx, table, None, offset, 10_000);
        let rows = read.await.unwrap().rows;
        let number = |row: &backend::lake::Cells, name: &str| {
            let at = rows.columns.iter().position(|c| c.name == name).unwrap();
            match &row.0[at] {
                Some(backend::ingest::Value::Number(number)) => *number,
                other => panic!("{name} is {other:?}"),
            }
        };
        for row in &rows.page.items {
            customers += 1;
            net += number(row, "net_sales");
            for (sizes, name) in fifths.iter_mut().zip(["recency", "frequency", "monetary"]) {
                sizes[number(row, name) as usize] += 1;
            }
        }
        if offset + 10_000 >= rows.page.total {
            break;
        }
    }
    // 68 of them were given things only.
    assert_eq!((customers, net), (23_570 - 68, 2_500_315_630_000));
    // Hardly any two customers spent the same: the fifths are fifths.
    for size in &fifths[2][1..] {
        assert!(size.abs_diff(23_570 / 5) < 100, "{fifths:?}");
    }
    // About half bought once, and are in the lowest.
    assert!(fifths[1][1] > 10_000 && fifths[1][5] > 3_000, "{fifths:?}");
}

/// As an independent count of the file has it.
#[tokio::test(flavor = "multi_thread")]
async fn conversion_by_day() {
    let Some(bytes) = shared("funnel_ecom/ecom.csv.gz") else {
        return;
    };
    let shop = Shop::new().await;
    let upload = shop.import("ecom.csv.gz", bytes).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let days = shop.table(Table::Funnel, None).await;
    assert_eq!(days.len(), 177);
    assert!(
        days.contains(
            &"day=2024-03-15 visitors=17 visitors_viewed=12 visitors_added=4 visitors_checked_out=4 visitors_bought=3 sessions=17 sessions_viewed=12 sessions_added=4 sessions_checked_out=4 sessions_bought=3".to_owned()
        ),
        "{days:?}"
    );
    let sum = |name: &str| -> u64 {
        let cells = days.iter().flat_map(|row| row.split(' '));
        let values = cells.filter_map(|cell| cell.strip_prefix(name)?.strip_prefix('='));
        values.map(|value| value.parse::<u64>().unwrap()).sum()
    };
    let sums = ["", "_viewed", "_added", "_checked_out", "_bought"]
        .map(|step| sum(&format!("sessions{step}")));
    assert_eq!(sums, [3_605, 2_868, 1_213, 798, 470]);
    shop.undo(upload.id).await;
    assert!(shop.table(Table::Funnel, None).await.is_empty());
    assert!(
        shop.table(Table::Of(DataSet::Events), None)
            .await
            .is_empty()
    );
}

/// Two days of visits as BigQuery exports them, a visit a few events, a purchase of two things as one event.
fn bigquery() -> String {
    // A sequence without pattern, and the same each time.
    let mut state = 5_u64;
    let mut next = |values: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % values
    };
    let begin = 1_709_510_400_000_000_u64; // 2024-03-04, midnight.
    let names = [
        "page_view",
        "view_item",
        "view_item",
        "add_to_cart",
        "begin_checkout",
        "add_shipping_info",
        "add_payment_info",
        "purchase",
    ];
    let mut events = Vec::new();
    for visit in 0..400_u64 {
        // Some come again, on the same day or the other one; sessions are numbered by their second.
        let visitor = format!("{}.170", next(150));
        let mut at = begin + next(2 * 86_400 - 4_000) * 1_000_000;
        let session = at / 1_000_000;
        for event in 0..next(6) + 1 {
            let name = match event {
                0 => "session_start",
                _ => names[next(names.len() as u64) as usize],
            };
            let item = json!({"item_id": format!("M{}", next(9)), "item_name": "Mug", "price": 4.5, "quantity": "1"});
            let bought = name == "purchase";
            let mut params = vec![
                json!({"key": "ga_session_id", "value": {"string_value": null, "int_value": session.to_string()}}),
            ];
            // One event of the second day says no session.
            if visit == 399 {
                at = at.max(begin + 90_000 * 1_000_000);
                params.clear();
            }
            if bought {
                params.push(json!({"key": "value", "value": {"double_value": 9.0}}));
                params.push(json!({"key": "currency", "value": {"string_value": "EUR"}}));
            }
            events.push(json!({
                "event_date": if at < begin + 86_400 * 1_000_000 { "20240304" } else { "20240305" },
                "event_timestamp": at.to_string(),
                "event_name": name,
                "event_params": params,
                "user_pseudo_id": visitor,
                "geo": {"country": "Germany"},
                "ecommerce": {"transaction_id": bought.then(|| format!("T{visit}-{event}"))},
                "items": match (bought, name) {
                    (true, _) => json!([item.clone(), item]),
                    (_, "session_start" | "page_view") => json!([]),
                    _ => json!([item]),
                },
            }));
            at += next(600) * 1_000_000 + 1;
        }
    }
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Of each day, visitors and sessions of each step: counted from the file's own words.
fn counted(file: &str) -> Vec<String> {
    type Who = BTreeSet<(String, String)>;
    let steps = |name: &str| match name {
        "view_item" => Some(1),
        "add_to_cart" => Some(2),
        "begin_checkout" | "add_shipping_info" | "add_payment_info" => Some(3),
        "purchase" => Some(4),
        _ => None,
    };
    let mut days: BTreeMap<String, ([Who; 5], [Who; 5], bool)> = BTreeMap::new();
    for line in file.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let micros: i64 = event["event_timestamp"].as_str().unwrap().parse().unwrap();
        let day = jiff::Timestamp::from_microsecond(micros).unwrap();
        let day = day.strftime("%Y-%m-%d").to_string();
        let (visitors, sessions, unsaid) = days.entry(day).or_default();
        let visitor = event["user_pseudo_id"].as_str().unwrap().to_owned();
        let params = event["event_params"].as_array().unwrap();
        let session = params.iter().find(|p| p["key"] == "ga_session_id");
        let session = session.map(|p| p["value"]["int_value"].as_str().unwrap().to_owned());
        for at in [Some(0), steps(event["event_name"].as_str().unwrap())] {
            let Some(at) = at else { continue };
            visitors[at].insert((visitor.clone(), String::new()));
            match &session {
                Some(session) => {
                    sessions[at].insert((visitor.clone(), session.clone()));
                }
                None => *unsaid = true,
            }
        }
    }
    let names = ["", "_viewed", "_added", "_checked_out", "_bought"];
    let row = |(day, (visitors, sessions, unsaid)): (String, ([Who; 5], [Who; 5], bool))| {
        let of = |what: &str, who: &[Who; 5]| {
            let each = names.iter().zip(who);
            let each = each.map(|(name, who)| format!(" {what}{name}={}", who.len()));
            each.collect::<String>()
        };
        let sessions = match unsaid {
            true => String::new(),
            false => of("sessions", &sessions),
        };
        format!("day={day}{}{sessions}", of("visitors", &visitors))
    };
    days.into_iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn conversion_of_googles_export() {
    let file = bigquery();
    let expected = counted(&file);
    assert_eq!(expected.len(), 2);
    assert!(expected[0].contains(" sessions_bought="), "{expected:?}");
    assert!(!expected[1].contains(" sessions"), "{expected:?}");
    let shop = Shop::new().await;
    let upload = shop.import("events_20240304.json", file.clone()).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    assert_eq!(upload.data_set, "events");
    assert_eq!(shop.table(Table::Funnel, None).await, expected);

    // Exported once more, with what came since: nothing counts twice.
    let more = r#"{"event_date":"20240306","event_timestamp":"1709719200000000","event_name":"view_item","event_params":[{"key":"ga_session_id","value":{"int_value":"1709719200"}}],"user_pseudo_id":"new.170","items":[]}"#;
    let longer = format!("{file}\n{more}\n");
    let expected = counted(&longer);
    let upload = shop.import("events_2.json", longer).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    assert_eq!(shop.table(Table::Funnel, None).await, expected);
}

/// In their file they stand by visitor and product.
#[tokio::test(flavor = "multi_thread")]
async fn many_events_are_shown_in_the_order_in_which_they_happened() {
    let mut file = String::from("timestamp,visitorid,event,itemid\n");
    for n in 0..20_000_u32 {
        let (hour, minute, second) = (n / 3_600, n / 60 % 60, n % 60);
        let visitor = n * 7_919 % 1_009;
        file.push_str(&format!(
            "2024-03-04 {hour:02}:{minute:02}:{second:02},v{visitor},view,A{}\n",
            n % 97
        ));
    }
    let shop = Shop::new().await;
    let upload = shop.import("events.csv", file).await;
    assert_eq!(upload.state, UploadState::Done, "{:?}", upload.error);
    let table = Table::Of(DataSet::Events);
    let mut moments = Vec::new();
    for offset in [0, 10_000] {
        let read =
            backend::data_sets::rows(&shop.backend, &shop.ctx, table, None, offset, 10_000).await;
        let rows = read.unwrap().rows;
        assert_eq!(rows.page.total, 20_000);
        let at = rows.columns.iter().position(|c| c.name == "at").unwrap();
        moments.extend(rows.page.items.iter().map(|row| match &row.0[at] {
            Some(backend::ingest::Value::Number(at)) => *at,
            other => panic!("{other:?}"),
        }));
    }
    assert_eq!(moments.len(), 20_000);
    assert!(moments.is_sorted(), "{:?}", &moments[..20]);
}
