//! Errors as a person reads them: what happened and what to do next.

use crate::session::use_session;
use api::{ApiError, Code};
use i18n::{Locale, t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};
use leptos_i18n::I18nContext;
use ui::{ErrorState, Tone, use_toasts};

/// What the forms of some pages have to say about errors that only they meet: it comes with those pages.
pub type Words = fn(I18nContext<Locale>, &str, &ApiError) -> Option<String>;

/// Of pages that meet no errors of their own.
pub const NO_WORDS: Words = |_, _, _| None;

/// The message of an error in the reader's language.
pub fn message(i18n: I18nContext<Locale>, error: &ApiError) -> String {
    message_in(NO_WORDS, i18n, error)
}

/// As [`message`], in the page's own words where it has some.
pub fn message_in(words: Words, i18n: I18nContext<Locale>, error: &ApiError) -> String {
    text(words, i18n, &error.key, error).unwrap_or_else(|| {
        // A key of a newer server: what fits any error of the kind.
        text(words, i18n, error.code.key(), error).unwrap_or_default()
    })
}

/// What is wrong with one input field.
pub fn field_in(
    words: Words,
    i18n: I18nContext<Locale>,
    error: &ApiError,
    field: &str,
) -> Option<String> {
    let key = error.fields.get(field)?;
    Some(
        text(words, i18n, key, error)
            .unwrap_or_else(|| t_string!(i18n, errors.invalid).to_string()),
    )
}

fn text(words: Words, i18n: I18nContext<Locale>, key: &str, error: &ApiError) -> Option<String> {
    if let Some(text) = words(i18n, key, error) {
        return Some(text);
    }
    let p = |name: &str| error.param(name).to_owned();
    Some(match key {
        "invalid" => t_string!(i18n, errors.invalid).to_string(),
        "unauthenticated" => t_string!(i18n, errors.unauthenticated).to_string(),
        "forbidden" => t_string!(i18n, errors.forbidden).to_string(),
        "not_found" => t_string!(i18n, errors.not_found).to_string(),
        "conflict" => t_string!(i18n, errors.conflict).to_string(),
        "too_large" => t_string!(i18n, errors.too_large).to_string(),
        "too_many" => t_string!(i18n, errors.slow_down).to_string(),
        "unavailable" => t_string!(i18n, errors.unavailable).to_string(),
        "internal" => t_string!(i18n, errors.internal).to_string(),
        "network" => t_string!(i18n, errors.network).to_string(),
        "wrong_email_or_password" => t_string!(i18n, errors.wrong_email_or_password).to_string(),
        "too_many_attempts" => {
            t_string!(i18n, errors.too_many_attempts, seconds = p("seconds")).to_string()
        }
        "place_invalid" => t_string!(i18n, errors.place_invalid).to_string(),
        "place_not_allowed" => t_string!(i18n, errors.place_not_allowed).to_string(),
        "place_unreachable" => t_string!(i18n, errors.place_unreachable).to_string(),
        "place_watched" => t_string!(i18n, errors.place_watched).to_string(),
        "name_missing" => t_string!(i18n, errors.name_missing).to_string(),
        "name_too_long" => t_string!(i18n, errors.name_too_long).to_string(),
        _ => return None,
    })
}

/// Tells what went wrong with something that has no place of its own on the page.
pub fn use_tell() -> impl Fn(&ApiError) + Copy + Send + Sync + 'static {
    let (i18n, session, toasts) = (use_i18n(), use_session(), use_toasts());
    move |error| {
        session.notice(error);
        toasts.show(Tone::Bad, message(i18n, error));
    }
}

/// A part of a page that failed: says so in its place, with a way to try again.
#[component]
pub fn Failed(
    error: ApiError,
    #[prop(into)] retry: Callback<()>,
    #[prop(optional)] compact: bool,
    /// What is missing; "this part" where it is clear from its place.
    #[prop(optional, into)]
    title: Option<TextProp>,
) -> impl IntoView {
    let i18n = use_i18n();
    let title =
        title.unwrap_or_else(|| (move || t_string!(i18n, ui.error.title).to_string()).into());
    let session = use_session();
    let ended = error.code == Code::Unauthenticated;
    // Asked for in the browser only: on the server the page redirects to sign-in.
    Effect::new(move |_| {
        if ended {
            session.end();
        }
    });
    let id = error.id.clone();
    let detail = move || message(i18n, &error);
    view! {
        <div data-testid="error">
            {match id {
                Some(id) => {
                    view! { <ErrorState title detail=detail error_id=id on_retry=retry compact=compact /> }.into_any()
                }
                None => view! { <ErrorState title detail=detail on_retry=retry compact=compact /> }.into_any(),
            }}
        </div>
    }
}
