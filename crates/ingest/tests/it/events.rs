//! Events: Retailrocket's log, GA4's export, a page log.

use crate::support::{import, plan, shared};
use ingest::{DataSet, Field, RejectCode, Value};
use std::collections::BTreeMap;

fn events(bytes: &[u8]) -> ingest::Batch {
    assert_eq!(plan(bytes, &[]).data_set, DataSet::Events);
    import(bytes, &[])
}

fn at(field: Field) -> usize {
    let fields = DataSet::Events.fields();
    fields.iter().position(|spec| spec.field == field).unwrap()
}

fn text_of(row: &ingest::DataRow, field: Field) -> &str {
    match &row.values[at(field)] {
        Some(Value::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn number(row: &ingest::DataRow, field: Field) -> i64 {
    match &row.values[at(field)] {
        Some(Value::Number(number)) => *number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn retailrocket() {
    let all = events(
        b"timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433224214164,992329,addtocart,248676,\n1433222276276,599528,transaction,356475,4000\n1433222276276,599528,transaction,15335,4000\n1433222276276,599528,transaction,356475,4000\nsoon,1,view,2,\n",
    );
    let kinds: Vec<_> = all
        .rows
        .iter()
        .map(|e| text_of(e, Field::EventKind))
        .collect();
    assert_eq!(kinds, ["view_item", "add_to_cart", "purchase", "purchase"]);
    assert_eq!(number(&all.rows[0], Field::At), 1_433_221_332_117_000);
    let day = number(&all.rows[0], Field::Day);
    assert_eq!(types::Day(day as i32).to_string(), "2015-06-02");
    let codes: Vec<_> = all.rejects.iter().map(|r| r.code).collect();
    assert_eq!(codes, [RejectCode::Duplicate, RejectCode::BadDate]);
}

#[test]
fn ga4() {
    let all = events(
        br#"{"event_date":"20240304","event_timestamp":1709546400123456,"event_name":"purchase","user_pseudo_id":"1.2","ecommerce":{"transaction_id":"T1"},"value":12.5}
{"event_date":"20240304","event_timestamp":1709546400123999,"event_name":"page_view","user_pseudo_id":"1.2"}
{"event_date":"20240304","event_timestamp":1709546400999999,"event_name":"purchase","user_pseudo_id":"1.2","ecommerce":{"transaction_id":"T1"},"value":12.5}
"#,
    );
    assert_eq!(all.rows.len(), 2);
    assert_eq!(number(&all.rows[0], Field::At), 1_709_546_400_123_456);
    assert_eq!(number(&all.rows[0], Field::EventValue), 12_500_000);
    assert_eq!(text_of(&all.rows[0], Field::OrderId), "T1");
    assert_eq!(text_of(&all.rows[1], Field::EventKind), "other");
    assert_eq!(text_of(&all.rows[1], Field::EventName), "page_view");
    assert_eq!(all.rejects[0].code, RejectCode::Duplicate);
}

/// A day as BigQuery exports it: whole numbers are texts, parameters are lists of keys and values.
#[test]
fn ga4_from_bigquery() {
    let param = |key: &str, kind: &str, value: &str| {
        let kinds = ["string_value", "int_value", "float_value", "double_value"];
        let value = kinds.map(|k| format!("{k:?}:{}", if k == kind { value } else { "null" }));
        format!(r#"{{"key":{key:?},"value":{{{}}}}}"#, value.join(","))
    };
    let event = |at: u64, name: &str, params: &[String], rest: &str| {
        format!(
            r#"{{"event_date":"20240304","event_timestamp":"17095464{at:02}123456","event_name":{name:?},"event_params":[{}],"event_previous_timestamp":null,"event_value_in_usd":null,"user_id":null,"user_pseudo_id":"1234567890.1700000000","user_properties":[{{"key":"tier","value":{{"string_value":"gold","int_value":null,"float_value":null,"double_value":null,"set_timestamp_micros":"1709546400123456"}}}}],"device":{{"category":"mobile","language":"de-de"}},"geo":{{"country":"Germany","city":"Berlin"}},"traffic_source":{{"name":"(direct)","medium":"(none)"}},"platform":"WEB",{rest}}}"#,
            params.join(",")
        )
    };
    let session = param("ga_session_id", "int_value", r#""1709546400""#);
    let page = |path: &str| {
        let url = format!(r#""https://shop.example{path}""#);
        param("page_location", "string_value", &url)
    };
    let money = [
        param("value", "double_value", "41.5"),
        param("currency", "string_value", r#""EUR""#),
    ];
    let none = r#""ecommerce":{"transaction_id":null,"purchase_revenue":null},"items":[]"#;
    let item = |id: &str| {
        format!(r#"{{"item_id":{id:?},"item_name":"Thing {id}","price":20.75,"quantity":"1"}}"#)
    };
    let bought = format!(
        r#""ecommerce":{{"transaction_id":"T1","purchase_revenue":41.5}},"items":[{},{}]"#,
        item("M1"),
        item("C1")
    );
    let mut purchase = vec![session.clone(), page("/thanks")];
    purchase.extend(money);
    let viewed = format!(
        r#""ecommerce":{{"transaction_id":null}},"items":[{}]"#,
        item("M1")
    );
    let text = [
        event(0, "session_start", &[session.clone(), page("/")], none),
        event(1, "page_view", &[page("/mug"), session.clone()], none),
        event(2, "view_item", &[page("/mug"), session], &viewed),
        event(3, "purchase", &purchase, &bought),
    ]
    .join("\n");
    let all = events(text.as_bytes());
    assert_eq!(all.rejects, []);
    let kinds: Vec<_> = all
        .rows
        .iter()
        .map(|e| text_of(e, Field::EventKind))
        .collect();
    assert_eq!(
        kinds,
        ["other", "other", "view_item", "purchase", "purchase"]
    );
    for row in &all.rows {
        assert_eq!(text_of(row, Field::Session), "1709546400");
        assert_eq!(text_of(row, Field::Visitor), "1234567890.1700000000");
        assert!(text_of(row, Field::Page).starts_with("https://shop.example/"));
        let extra = row.extra.as_deref().unwrap_or_default();
        assert!(
            extra.contains(r#""user_properties.tier":"gold""#),
            "{extra}"
        );
    }
    assert_eq!(number(&all.rows[0], Field::At), 1_709_546_400_123_456);
    let [first, second] = [&all.rows[3], &all.rows[4]];
    assert_eq!(
        (text_of(first, Field::Sku), text_of(second, Field::Sku)),
        ("M1", "C1")
    );
    assert_eq!(text_of(first, Field::OrderId), "T1");
    // Once for the purchase, not for each of its items.
    assert_eq!(number(first, Field::EventValue), 41_500_000);
    assert_eq!(second.values[at(Field::EventValue)], None);
    assert_eq!(text_of(first, Field::Currency), "EUR");
}

#[test]
fn equal_events_are_several_and_keep_their_keys() {
    let log = "timestamp,visitorid,event,itemid\n";
    let view = "2024-03-04 10:00:00,1,view,A\n";
    let all = events(format!("{log}{view}{view}").as_bytes());
    let again = events(format!("{log}{view}{view}{view}").as_bytes());
    let keys = |all: &ingest::Batch| all.rows.iter().map(|r| r.key).collect::<Vec<_>>();
    assert_eq!(keys(&all), keys(&again)[..2]);
    let distinct: std::collections::BTreeSet<_> = keys(&again).into_iter().collect();
    assert_eq!(distinct.len(), 3);
}

#[test]
fn a_page_log_of_31106_events() {
    let Some(path) = shared("funnel_ecom/ecom.csv.gz") else {
        return;
    };
    let all = events(&std::fs::read(path).unwrap());
    assert_eq!(all.counts.records, 31_106);
    let mut kinds = BTreeMap::new();
    for event in &all.rows {
        *kinds.entry(text_of(event, Field::EventKind)).or_insert(0) += 1;
    }
    println!("{kinds:?} {:?}", all.rejects.first());
    assert_eq!(all.counts.rejected, 0);
}
