//! Events and the doorbell.

use crate::world::World;
use serde_json::json;
use storage::{EventHead, NewJob};

contract! {
    events_count_without_gaps
    events_of_parallel_transactions_count_without_gaps
    a_commit_rings
}

async fn events_count_without_gaps(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    assert_eq!(tx.last_event_seq().await.unwrap(), 0);
    tx.append_event("lost", &json!({})).await.unwrap();
    drop(tx);
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for n in 1..=3 {
        assert_eq!(tx.append_event("x", &json!({ "n": n })).await.unwrap(), n);
    }
    assert_eq!(tx.commit().await.unwrap().last_event, Some(3));
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let events = tx.events_after(1, 10).await.unwrap();
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [2, 3]);
    assert_eq!(events[0].payload, json!({"n": 2}));
    assert_eq!(tx.events_after(0, 1).await.unwrap().len(), 1);
    assert_eq!(tx.last_event_seq().await.unwrap(), 3);
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let head = EventHead {
        tenant: w.a.tenant,
        seq: 3,
    };
    assert_eq!(tx.event_heads().await.unwrap(), [head]);
    assert_eq!(tx.events_to_relay(10).await.unwrap().len(), 3);
    tx.mark_relayed(w.a.tenant, 1).await.unwrap();
    assert_eq!(tx.events_to_relay(10).await.unwrap()[0].seq, 2);
}

async fn events_of_parallel_transactions_count_without_gaps(w: World) {
    let mut tasks = Vec::new();
    for n in 0..40 {
        let (storage, ctx) = (w.storage.clone(), w.a.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.tenant(&ctx).await.unwrap();
            tx.append_event("x", &json!({})).await.unwrap();
            if n % 3 == 0 {
                tx.rollback().await.unwrap();
            } else {
                tx.commit().await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    let seqs: Vec<i64> = tx
        .events_after(0, 100)
        .await
        .unwrap()
        .iter()
        .map(|event| event.seq)
        .collect();
    assert_eq!(seqs, (1..=26).collect::<Vec<_>>());
}

async fn a_commit_rings(w: World) {
    let mut doorbell = w.storage.signals().events();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.append_event("x", &json!({})).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(doorbell.try_recv().is_err());
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.append_event("x", &json!({})).await.unwrap();
    tx.append_event("y", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(doorbell.recv().await.unwrap(), (w.a.tenant, 2));
    w.enqueue(&w.a, NewJob::new("import", json!({}))).await;
    w.storage.signals().jobs().notified().await;
}
