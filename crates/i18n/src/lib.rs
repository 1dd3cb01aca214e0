//! The words of the interface in four languages, and how figures and dates are written in each.
//!
//! `locales/<lang>/<namespace>.json` become typed keys at build time: `t!(i18n, namespace.key)`.
//! Numbers and dates go through [`format`]: one table for the server and the browser, so that what
//! the server rendered is what hydration finds.

pub mod format;

#[allow(
    clippy::allow_attributes_without_reason,
    clippy::expect_used,
    reason = "generated, and not the same for every target: an expectation would fail on one of them"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));
}

pub use generated::i18n::*;

use leptos::prelude::*;
use leptos_i18n::context::CookieOptions;

/// The cookie that remembers the chosen language (`en`, `zh`, `es`, `ar`).
pub const LOCALE_COOKIE: &str = "lang";

const YEAR_IN_MILLISECONDS: i64 = 365 * 24 * 3600 * 1000;

/// Gives the language to everything inside: the cookie's, else the first the browser accepts, else
/// English. Sets `lang` and `dir` on `<html>`.
#[component]
pub fn Provider<Inner: IntoView + 'static>(children: TypedChildren<Inner>) -> impl IntoView {
    let options = CookieOptions::<Locale>::default()
        .path("/")
        .max_age(YEAR_IN_MILLISECONDS);
    view! {
        <I18nContextProvider cookie_name=LOCALE_COOKIE cookie_options=options children=children />
    }
}

/// What the speakers of a language call it.
pub fn locale_name(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "English",
        Locale::zh => "中文",
        Locale::es => "Español",
        Locale::ar => "العربية",
    }
}

/// Whether text runs from right to left.
pub fn is_rtl(locale: Locale) -> bool {
    matches!(locale, Locale::ar)
}
