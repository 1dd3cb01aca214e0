//! How a person likes the pages: kept in cookies that a page may read. They say how it looks, never who it is.

use crate::session::api::{set_language, set_theme};
use ::api::{ApiError, session::Theme};
use i18n::{I18nLocaleTrait, Locale};
use leptos::task::spawn_local;

/// Keeps how wide the navigation is; the document says it in `data-sidebar`.
pub const SIDEBAR: &str = "sidebar";
/// Icons alone.
pub const NARROW: &str = "narrow";
/// Icons and words.
pub const WIDE: &str = "wide";

/// The text of a cookie that is kept for a year.
pub fn cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax")
}

/// For the next page, and with the user where someone is signed in. `tell` is told where that fails.
pub fn keep_theme(theme: Theme, tell: impl Fn(&ApiError) + 'static) {
    spawn_local(async move {
        if let Err(error) = set_theme(theme.as_str().to_owned()).await {
            tell(&error);
        }
    });
}

/// As [`keep_theme`].
pub fn keep_language(locale: Locale, tell: impl Fn(&ApiError) + 'static) {
    spawn_local(async move {
        if let Err(error) = set_language(locale.as_str().to_owned()).await {
            tell(&error);
        }
    });
}
