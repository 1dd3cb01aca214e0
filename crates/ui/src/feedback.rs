//! What a page says instead of, or beside, its figures.

use crate::{
    Button, ButtonKind, Icon, IconName, LinkButton, Size, Tone,
    text::{maybe, words},
};
use i18n::{t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};

/// A notice in the flow of the page.
#[component]
pub fn Banner(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: Option<TextProp>,
    #[prop(optional, into)] actions: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    let role = match tone {
        Tone::Bad => "alert",
        _ => "status",
    };
    view! {
        <div class=format!("banner {}", tone.class()) role=role>
            <Icon name=tone.icon() />
            <div class="banner-body">
                {title.map(|title| view! { <p class="banner-title">{words(&title)}</p> })}
                <div class="banner-text">{children()}</div>
            </div>
            {actions.map(|actions| view! { <div class="banner-actions">{actions.run()}</div> })}
        </div>
    }
}

/// Why there is nothing. Each says another thing, and asks for another step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyKind {
    #[default]
    NoData,
    /// The filter leaves nothing.
    NoMatch,
    NoPermission,
    /// The files that were uploaded have no such column.
    MissingColumn,
}

#[component]
pub fn EmptyState(
    #[prop(optional)] kind: EmptyKind,
    /// Instead of the words this kind has by itself.
    #[prop(optional, into)]
    title: Option<TextProp>,
    #[prop(optional, into)] body: Option<TextProp>,
    /// One button.
    #[prop(optional, into)]
    action: Option<ViewFn>,
) -> impl IntoView {
    let i18n = use_i18n();
    let icon = match kind {
        EmptyKind::NoData => IconName::Inbox,
        EmptyKind::NoMatch => IconName::Filter,
        EmptyKind::NoPermission => IconName::Lock,
        EmptyKind::MissingColumn => IconName::Columns,
    };
    let (title, body) = (maybe(title), maybe(body));
    let title = move || {
        title().unwrap_or_else(|| {
            match kind {
                EmptyKind::NoData => t_string!(i18n, ui.empty.no_data.title),
                EmptyKind::NoMatch => t_string!(i18n, ui.empty.no_match.title),
                EmptyKind::NoPermission => t_string!(i18n, ui.empty.no_permission.title),
                EmptyKind::MissingColumn => t_string!(i18n, ui.empty.missing_column.title),
            }
            .to_owned()
        })
    };
    let body = move || {
        body().unwrap_or_else(|| {
            match kind {
                EmptyKind::NoData => t_string!(i18n, ui.empty.no_data.body),
                EmptyKind::NoMatch => t_string!(i18n, ui.empty.no_match.body),
                EmptyKind::NoPermission => t_string!(i18n, ui.empty.no_permission.body),
                EmptyKind::MissingColumn => t_string!(i18n, ui.empty.missing_column.body),
            }
            .to_owned()
        })
    };
    view! {
        <div class="empty">
            <span class="empty-icon" aria-hidden="true">
                <Icon name=icon large=true />
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-body">{body}</p>
            {action.map(|action| view! { <div class="empty-action">{action.run()}</div> })}
        </div>
    }
}

/// One part of a page failed; the rest stands.
#[component]
pub fn ErrorState(
    #[prop(optional, into)] title: Option<TextProp>,
    /// What happened and what to do next.
    #[prop(optional, into)]
    detail: Option<TextProp>,
    #[prop(optional, into)] error_id: Option<String>,
    #[prop(optional)] on_retry: Option<Callback<()>>,
    /// Retry without WebAssembly: the page's own address.
    #[prop(optional, into)]
    retry_href: Option<String>,
    /// Inside a card of figures.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let (title, detail) = (maybe(title), maybe(detail));
    let title = move || title().unwrap_or_else(|| t_string!(i18n, ui.error.title).to_owned());
    let detail = move || detail().unwrap_or_else(|| t_string!(i18n, ui.error.body).to_owned());
    let retry_words = move || t_string!(i18n, common.actions.retry);
    let retry = match (on_retry, retry_href) {
        (Some(on_retry), _) => Some(
            view! {
                <Button size=Size::Small icon=IconName::Retry on:click=move |_| on_retry.run(())>
                    {retry_words}
                </Button>
            }
            .into_any(),
        ),
        (None, Some(href)) => Some(
            view! {
                <LinkButton
                    href=href
                    kind=ButtonKind::Secondary
                    size=Size::Small
                    icon=IconName::Retry
                    attr:rel="external"
                >
                    {retry_words}
                </LinkButton>
            }
            .into_any(),
        ),
        (None, None) => None,
    };
    let class = if compact {
        "error-state error-state-compact"
    } else {
        "error-state"
    };
    view! {
        <div class=class role="alert">
            <span class="error-icon" aria-hidden="true">
                <Icon name=IconName::Problem large=true />
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-body">{detail}</p>
            {retry.map(|retry| view! { <div class="empty-action">{retry}</div> })}
            {error_id
                .map(|id| {
                    view! {
                        <p class="error-id">
                            {move || t_string!(i18n, ui.error.id, id = id.clone())}
                        </p>
                    }
                })}
        </div>
    }
}
