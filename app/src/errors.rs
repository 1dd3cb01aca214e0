//! Errors as a person reads them: what happened and what to do next.

use crate::{session::use_session, uploads::texts as uploads};
use api::{ApiError, Code};
use i18n::{Locale, t_string, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use ui::ErrorState;

/// The message of an error in the reader's language.
pub fn message(i18n: I18nContext<Locale>, error: &ApiError) -> String {
    text(i18n, &error.key, error).unwrap_or_else(|| {
        // A key of a newer server: what fits any error of the kind.
        text(i18n, error.code.key(), error).unwrap_or_default()
    })
}

/// What is wrong with one input field.
pub fn field(i18n: I18nContext<Locale>, error: &ApiError, field: &str) -> Option<String> {
    let key = error.fields.get(field)?;
    Some(text(i18n, key, error).unwrap_or_else(|| t_string!(i18n, errors.invalid).to_string()))
}

fn text(i18n: I18nContext<Locale>, key: &str, error: &ApiError) -> Option<String> {
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
        "email_invalid" => t_string!(i18n, errors.email_invalid).to_string(),
        "email_taken" => t_string!(i18n, errors.email_taken).to_string(),
        "password_too_short" => t_string!(i18n, errors.password_too_short).to_string(),
        "password_too_long" => t_string!(i18n, errors.password_too_long).to_string(),
        "password_too_weak" => t_string!(i18n, errors.password_too_weak).to_string(),
        "name_missing" => t_string!(i18n, errors.name_missing).to_string(),
        "name_too_long" => t_string!(i18n, errors.name_too_long).to_string(),
        "shop_name_missing" => t_string!(i18n, errors.shop_name_missing).to_string(),
        "currency_invalid" => t_string!(i18n, errors.currency_invalid).to_string(),
        "timezone_invalid" => t_string!(i18n, errors.timezone_invalid).to_string(),
        "link_used" => t_string!(i18n, errors.link_used).to_string(),
        "upload_state" => t_string!(i18n, errors.upload_state).to_string(),
        "upload_offset" => t_string!(i18n, errors.upload_offset).to_string(),
        "file_empty" => t_string!(i18n, errors.file_empty).to_string(),
        "file_too_large" => t_string!(i18n, errors.file_too_large, max = p("max")).to_string(),
        "file_name_invalid" => t_string!(i18n, errors.file_name_invalid).to_string(),
        "rule_name_taken" => t_string!(i18n, errors.rule_name_taken).to_string(),
        "rule_name_missing" => t_string!(i18n, errors.rule_name_missing).to_string(),
        "rule_range" => t_string!(i18n, errors.rule_range).to_string(),
        "rule_values" => t_string!(i18n, errors.rule_values).to_string(),
        "rule_too_many" => t_string!(i18n, errors.rule_too_many).to_string(),
        "rule_day" => t_string!(i18n, errors.rule_day).to_string(),
        "place_invalid" => t_string!(i18n, errors.place_invalid).to_string(),
        "place_not_allowed" => t_string!(i18n, errors.place_not_allowed).to_string(),
        "place_unreachable" => t_string!(i18n, errors.place_unreachable).to_string(),
        "place_watched" => t_string!(i18n, errors.place_watched).to_string(),
        "rule_number" => t_string!(i18n, errors.rule_number).to_string(),
        "column_mapped_twice" => {
            let field = uploads::field(i18n, error.param("field"));
            t_string!(
                i18n,
                errors.column_mapped_twice,
                field = field,
                first = p("first"),
                second = p("second")
            )
            .to_string()
        }
        "columns_needed" => {
            let fields: Vec<String> = error
                .param("fields")
                .split(',')
                .map(|id| uploads::field(i18n, id))
                .collect();
            t_string!(i18n, errors.columns_needed, fields = fields.join(" · ")).to_string()
        }
        "another_data_set" => t_string!(i18n, uploads.failure.another_data_set).to_string(),
        "file_unreadable" => t_string!(i18n, errors.file_unreadable).to_string(),
        "decision_invalid" => t_string!(i18n, errors.decision_invalid).to_string(),
        _ => return None,
    })
}

/// A part of a page that failed: says so in its place, with a way to try again.
#[component]
pub fn Failed(
    error: ApiError,
    #[prop(into)] retry: Callback<()>,
    #[prop(optional)] compact: bool,
) -> impl IntoView {
    let i18n = use_i18n();
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
                    view! { <ErrorState detail=detail error_id=id on_retry=retry compact=compact /> }.into_any()
                }
                None => view! { <ErrorState detail=detail on_retry=retry compact=compact /> }.into_any(),
            }}
        </div>
    }
}
