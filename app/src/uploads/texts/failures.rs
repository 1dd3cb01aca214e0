//! Why a file could not be imported.

use super::{I18n, field};
use api::uploads::Failure;
use i18n::{Locale, format, t_string};

/// Why the file could not be imported, and what to do next.
pub fn failure(i18n: I18n, failure: &Failure) -> String {
    if let Some(text) = detailed(i18n, failure) {
        return text;
    }
    match failure.code.as_str() {
        // The server's own words are English and name what of the file is meant.
        code if i18n.get_locale() == Locale::en && has_details(code) => failure.message.clone(),
        "empty" => t_string!(i18n, uploads.failure.empty).to_string(),
        "not_a_table" => t_string!(i18n, uploads.failure.not_a_table).to_string(),
        "no_data" => t_string!(i18n, uploads.failure.no_data).to_string(),
        "truncated_gzip" => t_string!(i18n, uploads.failure.truncated_gzip).to_string(),
        "damaged_gzip" => t_string!(i18n, uploads.failure.damaged_gzip).to_string(),
        "another_data_set" => t_string!(i18n, uploads.failure.another_data_set).to_string(),
        "io" => t_string!(i18n, uploads.failure.io).to_string(),
        "binary" => t_string!(i18n, uploads.failure.binary).to_string(),
        "damaged" => t_string!(i18n, uploads.failure.damaged).to_string(),
        "damaged_zip" => t_string!(i18n, uploads.failure.damaged_zip).to_string(),
        "encrypted_zip" => t_string!(i18n, uploads.failure.encrypted_zip).to_string(),
        "archive" => t_string!(i18n, uploads.failure.archive).to_string(),
        "files_apart" => t_string!(i18n, uploads.failure.files_apart).to_string(),
        "too_heavy" => t_string!(i18n, uploads.failure.too_heavy).to_string(),
        "unsupported" => t_string!(i18n, uploads.failure.unsupported).to_string(),
        "too_large" => t_string!(i18n, uploads.failure.too_large).to_string(),
        "too_dense" => t_string!(i18n, uploads.failure.too_dense).to_string(),
        "too_many_columns" => t_string!(i18n, uploads.failure.too_many_columns).to_string(),
        "too_many_cells" => t_string!(i18n, uploads.failure.too_many_cells).to_string(),
        "missing_columns" => t_string!(i18n, uploads.failure.missing_columns).to_string(),
        "column_mapped_twice" => t_string!(i18n, uploads.failure.column_mapped_twice).to_string(),
        "bad_decision" => t_string!(i18n, uploads.failure.bad_decision).to_string(),
        "nothing_accepted" => t_string!(i18n, uploads.failure.nothing_accepted).to_string(),
        "gave_up" => t_string!(i18n, uploads.failure.gave_up).to_string(),
        "other_version" | "unknown_encoding" => {
            t_string!(i18n, uploads.failure.look_again).to_string()
        }
        _ => failure.message.clone(),
    }
}

/// With names and numbers of the file, where they are known.
fn detailed(i18n: I18n, failure: &Failure) -> Option<String> {
    let known = |name: &str| failure.params.get(name).cloned();
    let number = |name: &str| {
        let n = known(name)?.parse::<i64>().ok()?;
        Some(format::count(n, i18n.get_locale()))
    };
    Some(match failure.code.as_str() {
        "archive" => {
            t_string!(i18n, uploads.failure.of.archive, names = known("names")?).to_string()
        }
        "files_apart" => t_string!(
            i18n,
            uploads.failure.of.files_apart,
            names = known("names")?
        )
        .to_string(),
        "too_large" => {
            let (size, limit) = (number("size")?, number("limit")?);
            t_string!(
                i18n,
                uploads.failure.of.too_large,
                size = size,
                limit = limit
            )
            .to_string()
        }
        "too_dense" => {
            t_string!(i18n, uploads.failure.of.too_dense, limit = number("limit")?).to_string()
        }
        "too_many_columns" => {
            let (columns, limit) = (number("columns")?, number("limit")?);
            t_string!(
                i18n,
                uploads.failure.of.too_many_columns,
                columns = columns,
                limit = limit
            )
            .to_string()
        }
        "missing_columns" => {
            let fields = known("fields")?;
            let fields: Vec<String> = fields.split(',').map(|id| field(i18n, id)).collect();
            t_string!(
                i18n,
                uploads.failure.of.missing_columns,
                fields = fields.join(" · "),
                columns = known("columns")?
            )
            .to_string()
        }
        "column_mapped_twice" => t_string!(
            i18n,
            errors.column_mapped_twice,
            field = field(i18n, &known("field")?),
            first = known("first")?,
            second = known("second")?
        )
        .to_string(),
        "bad_decision" => t_string!(
            i18n,
            uploads.failure.of.bad_decision,
            answer = known("answer")?
        )
        .to_string(),
        "nothing_accepted" => t_string!(
            i18n,
            uploads.failure.of.nothing_accepted,
            n = number("records")?
        )
        .to_string(),
        "gave_up" => {
            t_string!(i18n, uploads.failure.of.gave_up, error = known("error")?).to_string()
        }
        _ => return None,
    })
}

/// Names and numbers of the file stand in the server's words.
fn has_details(code: &str) -> bool {
    matches!(
        code,
        "binary"
            | "damaged"
            | "archive"
            | "files_apart"
            | "too_heavy"
            | "unsupported"
            | "too_large"
            | "too_many_columns"
            | "missing_columns"
            | "column_mapped_twice"
            | "bad_decision"
            | "nothing_accepted"
            | "gave_up"
    )
}
