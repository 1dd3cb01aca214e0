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

fn text(row: &ingest::DataRow, field: Field) -> &str {
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
    let kinds: Vec<_> = all.rows.iter().map(|e| text(e, Field::EventKind)).collect();
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
    assert_eq!(text(&all.rows[0], Field::OrderId), "T1");
    assert_eq!(text(&all.rows[1], Field::EventKind), "other");
    assert_eq!(text(&all.rows[1], Field::EventName), "page_view");
    assert_eq!(all.rejects[0].code, RejectCode::Duplicate);
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
        *kinds.entry(text(event, Field::EventKind)).or_insert(0) += 1;
    }
    println!("{kinds:?} {:?}", all.rejects.first());
    assert_eq!(all.counts.rejected, 0);
}
