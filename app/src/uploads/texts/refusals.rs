//! Why what was asked of an upload was refused, where only these pages meet it.

use super::{I18n, field};
use crate::{errors, forms};
use api::ApiError;
use i18n::t_string;
use leptos::prelude::Signal;

/// [`errors::Words`] of the upload's pages.
pub fn refusal(i18n: I18n, key: &str, error: &ApiError) -> Option<String> {
    let p = |name: &str| error.param(name).to_owned();
    Some(match key {
        "upload_state" => t_string!(i18n, errors.upload_state).to_string(),
        "upload_offset" => t_string!(i18n, errors.upload_offset).to_string(),
        "file_empty" => t_string!(i18n, errors.file_empty).to_string(),
        "file_too_large" => t_string!(i18n, errors.file_too_large, max = p("max")).to_string(),
        "file_name_invalid" => t_string!(i18n, errors.file_name_invalid).to_string(),
        "file_unreadable" => t_string!(i18n, errors.file_unreadable).to_string(),
        "decision_invalid" => t_string!(i18n, errors.decision_invalid).to_string(),
        "another_data_set" => t_string!(i18n, uploads.failure.another_data_set).to_string(),
        "column_mapped_twice" => t_string!(
            i18n,
            errors.column_mapped_twice,
            field = field(i18n, error.param("field")),
            first = p("first"),
            second = p("second")
        )
        .to_string(),
        "columns_needed" => {
            let fields: Vec<String> = error
                .param("fields")
                .split(',')
                .map(|id| field(i18n, id))
                .collect();
            t_string!(i18n, errors.columns_needed, fields = fields.join(" · ")).to_string()
        }
        _ => return None,
    })
}

/// The message of an error in the reader's language.
pub fn message(i18n: I18n, error: &ApiError) -> String {
    errors::message_in(refusal, i18n, error)
}

/// Why the last answer to a form was none.
pub fn failed<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    forms::failed_in(refusal, answer)
}
