//! What a form's answer leads to.

use crate::{errors, session::use_session};
use ::api::{ApiError, Code};
use i18n::{Locale, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;

/// After an answer the page asks for the new state. A conflict means that another tab was faster: the page shows what
/// is now. An ended session shows sign-in in place.
pub fn refresh_after<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + 'static,
    changed: Callback<()>,
) {
    let session = use_session();
    Effect::new(move |_| match answer() {
        Some(Ok(_)) => changed.run(()),
        Some(Err(error)) => {
            session.notice(&error);
            if error.code == Code::Conflict {
                changed.run(());
            }
        }
        None => {}
    });
}

/// Why the last answer was none, in the reader's language.
pub fn failed<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    let i18n: I18nContext<Locale> = use_i18n();
    Signal::derive(move || {
        let error = answer().and_then(Result::err)?;
        Some(errors::message(i18n, &error))
    })
}
