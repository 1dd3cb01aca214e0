//! Rules of quality, their results, and lineage.

use crate::world::World;
use serde_json::json;
use storage::{NewLineage, NewQualityRule, QualityResult, StorageError};
use uuid::Uuid;

contract! {
    rules_are_kept_changed_and_removed
    results_of_a_run_are_replaced
    lineage_is_found_by_upload_and_by_version
}

fn rule(name: &str) -> NewQualityRule {
    NewQualityRule {
        data_set: "orders".to_owned(),
        name: name.to_owned(),
        severity: "critical".to_owned(),
        enabled: true,
        body: json!({"check": "freshness", "max_days": 3}),
    }
}

async fn rules_are_kept_changed_and_removed(w: World) {
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let second = tx.insert_quality_rule(&rule("second")).await.unwrap();
    let first = tx.insert_quality_rule(&rule("first")).await.unwrap();
    w.pass(5);
    let changed = NewQualityRule {
        enabled: false,
        severity: "info".to_owned(),
        ..rule("second")
    };
    tx.update_quality_rule(second, &changed).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let rules = tx.quality_rules("orders").await.unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(rules[0].body, rule("").body);
    assert_eq!(
        (rules[1].enabled, rules[1].severity.as_str()),
        (false, "info")
    );
    assert!(rules[1].updated_at > rules[1].created_at);
    assert_eq!(rules[0].created_by, w.a.principal.user());
    assert_eq!(tx.quality_rules("sessions").await.unwrap(), []);
    let missing = tx.update_quality_rule(Uuid::nil(), &changed).await;
    assert!(matches!(missing, Err(StorageError::NotFound)));
    assert!(tx.delete_quality_rule(first).await.unwrap());
    assert!(!tx.delete_quality_rule(first).await.unwrap());
    let taken = tx.insert_quality_rule(&rule("second")).await.unwrap_err();
    assert!(
        taken.is_conflict("quality_rules_tenant_id_data_set_name"),
        "{taken}"
    );
    drop(tx);

    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    assert_eq!(tx.quality_rules("orders").await.unwrap(), []);
    assert!(!tx.delete_quality_rule(second).await.unwrap());
    let foreign = tx.update_quality_rule(second, &changed).await;
    assert!(matches!(foreign, Err(StorageError::NotFound)));
    tx.insert_quality_rule(&rule("second")).await.unwrap();
}

async fn results_of_a_run_are_replaced(w: World) {
    let id = w.upload(&w.a).await;
    let result = |rule: &str, outcome: &str| QualityResult {
        rule: rule.to_owned(),
        severity: "warning".to_owned(),
        outcome: outcome.to_owned(),
        body: json!({"failing": 3}),
    };
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    let first = [result("b", "failed"), result("a", "passed")];
    tx.save_quality_results(id, 1, &first).await.unwrap();
    tx.save_quality_results(id, 2, &first[..1]).await.unwrap();
    let again = [result("a", "failed")];
    tx.save_quality_results(id, 1, &again).await.unwrap();
    assert_eq!(tx.quality_results(id, 1).await.unwrap(), again);
    assert_eq!(tx.quality_results(id, 2).await.unwrap(), first[..1]);
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.b).await.unwrap();
    assert_eq!(tx.quality_results(id, 1).await.unwrap(), []);
    tx.save_quality_results(id, 1, &[]).await.unwrap();
    let foreign = tx.save_quality_results(id, 1, &again).await;
    assert!(matches!(foreign, Err(StorageError::Reference)));
    drop(tx);
    let mut tx = w.storage.tenant_read(&w.a).await.unwrap();
    assert_eq!(tx.quality_results(id, 1).await.unwrap(), again);
}

async fn lineage_is_found_by_upload_and_by_version(w: World) {
    let id = w.upload(&w.a).await;
    let other = w.upload(&w.a).await;
    let begun = w.clock.now();
    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    for (kind, upload, version) in [("import", id, 1), ("import", other, 2), ("undo", id, 3)] {
        w.pass(2);
        tx.insert_lineage(&NewLineage {
            kind: kind.to_owned(),
            upload: Some(upload),
            upload_run: Some(1),
            gold_version: Some(version),
            started_at: begun,
            body: json!({"eventType": "COMPLETE"}),
        })
        .await
        .unwrap();
    }
    let kinds: Vec<String> = tx
        .lineage_of(id)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.kind)
        .collect();
    assert_eq!(kinds, ["undo", "import"]);
    let at = tx.lineage_at(2).await.unwrap().unwrap();
    assert_eq!((at.upload, at.upload_run), (Some(other), Some(1)));
    assert_eq!((at.started_at, at.ended_at > begun), (begun, true));
    assert_eq!(tx.lineage_at(9).await.unwrap(), None);
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant_read(&w.b).await.unwrap();
    assert_eq!(tx.lineage_of(id).await.unwrap(), []);
    assert_eq!(tx.lineage_at(2).await.unwrap(), None);
}
