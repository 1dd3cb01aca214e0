//! Answers and mapping of the wizard's form.

use super::{
    Stored, inspection,
    uploads::{self, UploadError},
};
use crate::entry::Entered;
use api::{ApiError, Code};
use backend::ingest::{self, Decisions, Inspection, NotImportable};
use std::collections::BTreeMap;
use types::UploadId;

/// Of the form's mapping only what differs from what was found: the rest stays detection's own, so that
/// an untouched column is not nailed down for the next file.
pub async fn decide(
    on: &Entered,
    id: UploadId,
    mut decisions: BTreeMap<String, String>,
) -> Result<Stored, UploadError> {
    let stored = uploads::get(&on.backend, &on.ctx, id).await?;
    if let Some(inspection) = uploads::inspection(&stored)? {
        keep_changes(&mut decisions, &inspection);
    }
    uploads::decide(&on.backend, &on.ctx, id, decisions).await
}

fn keep_changes(decisions: &mut Decisions, inspection: &Inspection) {
    for column in &inspection.columns {
        let key = format!("map.{}", column.index);
        let found = match column.field {
            Some(field) => field.id(),
            None if column.ignored => ingest::IGNORE,
            None => ingest::EXTRA,
        };
        if decisions.get(&key).is_some_and(|chosen| chosen == found) {
            decisions.remove(&key);
        }
    }
    let asks = |id: &str| {
        inspection
            .questions
            .iter()
            .any(|question| question.id == id)
    };
    if decisions.get("data_set").map(String::as_str) == Some(inspection.data_set.id())
        && !asks("data_set")
    {
        decisions.remove("data_set");
    }
    for answered in &inspection.answered {
        if decisions.get(&answered.question.id) == Some(&answered.value) {
            decisions.remove(&answered.question.id);
        }
    }
    if let Some(read) = inspection::how_read(inspection) {
        let include = |count: bool| if count { "include" } else { "exclude" };
        let now = [
            (
                "drop_duplicates",
                read.drop_duplicates.map(|drop| drop.to_string()),
            ),
            (
                "non_product_lines",
                read.non_product_lines
                    .map(|count| include(count).to_owned()),
            ),
            (
                "test_orders",
                read.test_orders.map(|count| include(count).to_owned()),
            ),
            ("currency", read.currency.map(|c| c.to_string())),
        ];
        let form = read.form.into_iter().map(|set| (set.id, Some(set.value)));
        let now = now.map(|(key, value)| (key.to_owned(), value));
        for (key, value) in now.into_iter().chain(form) {
            if decisions.get(&key).map(|said| said.trim().to_uppercase())
                == value.map(|value| value.to_uppercase())
            {
                decisions.remove(&key);
            }
        }
    }
    if let Some(currency) = decisions.get_mut("currency") {
        *currency = currency.trim().to_uppercase();
    }
    decisions.retain(|_, value| !value.is_empty());
}

/// What was answered does not fit the file: said at the form.
pub fn refused(refused: &NotImportable) -> ApiError {
    match refused {
        NotImportable::ColumnMappedTwice {
            field,
            first,
            second,
        } => ApiError::new(Code::Invalid, "column_mapped_twice")
            .with("field", field.id())
            .with("first", first)
            .with("second", second),
        NotImportable::MissingColumns { fields, .. } => {
            let fields: Vec<&str> = fields.iter().map(|field| field.id()).collect();
            ApiError::new(Code::Invalid, "columns_needed").with("fields", fields.join(","))
        }
        _ => ApiError::new(Code::Invalid, "decision_invalid"),
    }
}
