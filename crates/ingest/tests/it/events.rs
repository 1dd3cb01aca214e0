//! Events: Retailrocket's log, GA4's export, a page log.

use crate::support::{options, shared};
use ingest::{DataSet, EventKind, RejectCode, Sample, read_events, table};
use std::collections::BTreeMap;
use std::io::Cursor;

fn read(bytes: &[u8], name: &str) -> ingest::EventBatch {
    let options = options(&[]);
    let table = table(&Sample::from_bytes(bytes), name, &options).unwrap();
    assert_eq!(table.data_set(), DataSet::Events);
    let mut events = read_events(&table, Cursor::new(bytes.to_vec()), &options).unwrap();
    let mut all = ingest::EventBatch::default();
    while let Some(mut batch) = events.next_batch(3).unwrap() {
        all.events.append(&mut batch.events);
        all.rejects.append(&mut batch.rejects);
        all.counts = batch.counts;
    }
    let counts = all.counts;
    assert_eq!(
        counts.accepted + counts.rejected + counts.blank,
        counts.records
    );
    assert_eq!(all.events.len() as u64, counts.accepted);
    all
}

#[test]
fn retailrocket() {
    let all = read(
        b"timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433224214164,992329,addtocart,248676,\n1433222276276,599528,transaction,356475,4000\n1433222276276,599528,transaction,15335,4000\n1433222276276,599528,transaction,356475,4000\nsoon,1,view,2,\n",
        "events.csv",
    );
    let kinds: Vec<_> = all.events.iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::ViewItem,
            EventKind::AddToCart,
            EventKind::Purchase,
            EventKind::Purchase
        ]
    );
    assert_eq!(all.events[0].at, 1_433_221_332_117_000);
    assert_eq!(all.events[0].day.to_string(), "2015-06-02");
    let codes: Vec<_> = all.rejects.iter().map(|r| r.code).collect();
    assert_eq!(codes, [RejectCode::Duplicate, RejectCode::BadDate]);
}

#[test]
fn ga4() {
    let all = read(
        br#"{"event_date":"20240304","event_timestamp":1709546400123456,"event_name":"purchase","user_pseudo_id":"1.2","ecommerce":{"transaction_id":"T1"},"value":12.5}
{"event_date":"20240304","event_timestamp":1709546400123999,"event_name":"page_view","user_pseudo_id":"1.2"}
{"event_date":"20240304","event_timestamp":1709546400999999,"event_name":"purchase","user_pseudo_id":"1.2","ecommerce":{"transaction_id":"T1"},"value":12.5}
"#,
        "events.ndjson",
    );
    assert_eq!(all.events.len(), 2);
    assert_eq!(all.events[0].at, 1_709_546_400_123_456);
    assert_eq!(all.events[0].value.unwrap().0, 12_500_000);
    assert_eq!(all.events[1].kind, EventKind::Other);
    assert_eq!(all.rejects[0].code, RejectCode::Duplicate);
}

#[test]
fn a_page_log_of_31106_events() {
    let Some(path) = shared("funnel_ecom/ecom.csv.gz") else {
        return;
    };
    let all = read(&std::fs::read(path).unwrap(), "ecom.csv.gz");
    assert_eq!(all.counts.records, 31_106);
    let mut kinds = BTreeMap::new();
    for event in &all.events {
        *kinds.entry(event.kind).or_insert(0) += 1;
    }
    println!("{kinds:?} {:?}", all.rejects.first());
    assert_eq!(all.counts.rejected, 0);
}
