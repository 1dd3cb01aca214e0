//! What is wrong with a check, where only its form says so.

use ::api::ApiError;
use i18n::{Locale, t_string};
use leptos_i18n::I18nContext;

/// [`crate::errors::Words`] of the checks' page.
pub fn refusal(i18n: I18nContext<Locale>, key: &str, _: &ApiError) -> Option<String> {
    Some(
        match key {
            "rule_name_taken" => t_string!(i18n, errors.rule_name_taken),
            "rule_name_missing" => t_string!(i18n, errors.rule_name_missing),
            "rule_range" => t_string!(i18n, errors.rule_range),
            "rule_values" => t_string!(i18n, errors.rule_values),
            "rule_too_many" => t_string!(i18n, errors.rule_too_many),
            "rule_day" => t_string!(i18n, errors.rule_day),
            "rule_number" => t_string!(i18n, errors.rule_number),
            _ => return None,
        }
        .to_string(),
    )
}
