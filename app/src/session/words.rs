//! What is wrong with a sign-up, where only its form says so.

use ::api::ApiError;
use i18n::{Locale, t_string};
use leptos_i18n::I18nContext;

/// [`crate::errors::Words`] of the page to sign up.
pub fn refusal(i18n: I18nContext<Locale>, key: &str, _: &ApiError) -> Option<String> {
    Some(
        match key {
            "email_invalid" => t_string!(i18n, errors.email_invalid),
            "email_taken" => t_string!(i18n, errors.email_taken),
            "password_too_short" => t_string!(i18n, errors.password_too_short),
            "password_too_long" => t_string!(i18n, errors.password_too_long),
            "password_too_weak" => t_string!(i18n, errors.password_too_weak),
            "shop_name_missing" => t_string!(i18n, errors.shop_name_missing),
            "currency_invalid" => t_string!(i18n, errors.currency_invalid),
            "timezone_invalid" => t_string!(i18n, errors.timezone_invalid),
            "link_used" => t_string!(i18n, errors.link_used),
            _ => return None,
        }
        .to_string(),
    )
}
