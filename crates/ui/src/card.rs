//! Surfaces and the small things on them.

use crate::{Tone, text::maybe, text::words};
use leptos::{prelude::*, text_prop::TextProp};

/// A bordered surface with an optional head. While `busy` its content stays, dimmed.
#[component]
pub fn Card(
    #[prop(optional, into)] title: Option<TextProp>,
    #[prop(optional, into)] subtitle: Option<TextProp>,
    #[prop(optional, into)] actions: Option<ViewFn>,
    #[prop(optional, into)] busy: Signal<bool>,
    /// The content reaches the border: tables.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    let head = (title.is_some() || actions.is_some()).then(|| {
        let subtitle_is_given = subtitle.is_some();
        let subtitle = maybe(subtitle);
        view! {
            <header class="card-head">
                <div class="card-titles">
                    {title.map(|title| view! { <h2 class="card-title">{words(&title)}</h2> })}
                    {subtitle_is_given
                        .then(|| {
                            view! {
                                <p class="card-subtitle">{move || subtitle().unwrap_or_default()}</p>
                            }
                        })}
                </div>
                {actions.map(|actions| view! { <div class="card-actions">{actions.run()}</div> })}
            </header>
        }
    });
    view! {
        <section class="card" aria-busy=move || busy.get().then_some("true")>
            {head}
            <div class=if flush { "card-flush" } else { "card-body" }>{children()}</div>
        </section>
    }
}

/// Cards side by side, as many as fit.
#[component]
pub fn CardGrid(children: Children) -> impl IntoView {
    view! { <div class="card-grid">{children()}</div> }
}

#[component]
pub fn Badge(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{children()}</span> }
}

/// A figure inside text of either direction: it keeps its own.
#[component]
pub fn Figure(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! { <bdi class="figure">{move || text.get()}</bdi> }
}

/// What is known about something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

impl Fact {
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
        }
    }
}

#[component]
pub fn FactList(#[prop(into)] items: Signal<Vec<Fact>>) -> impl IntoView {
    view! {
        <dl class="facts">
            {move || {
                items
                    .get()
                    .into_iter()
                    .map(|fact| {
                        view! {
                            <div class="fact">
                                <dt>{fact.label}</dt>
                                <dd>
                                    <bdi>{fact.value}</bdi>
                                </dd>
                            </div>
                        }
                    })
                    .collect::<Vec<_>>()
            }}
        </dl>
    }
}
