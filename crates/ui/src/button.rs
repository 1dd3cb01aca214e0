//! Things to press: verbs on buttons, destinations on links.

use crate::{
    Icon, IconName,
    text::{filled, words},
};
use leptos::{prelude::*, text_prop::TextProp};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one main action of a page.
    Primary,
    #[default]
    Secondary,
    /// Without a border, inside other things.
    Quiet,
    Danger,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    Small,
    #[default]
    Medium,
}

pub(crate) fn class_of(kind: ButtonKind, size: Size, full: bool) -> String {
    let kind = match kind {
        ButtonKind::Primary => "button-primary",
        ButtonKind::Secondary => "button-secondary",
        ButtonKind::Quiet => "button-quiet",
        ButtonKind::Danger => "button-danger",
    };
    let size = match size {
        Size::Small => " button-small",
        Size::Medium => "",
    };
    let full = if full { " button-full" } else { "" };
    format!("button {kind}{size}{full}")
}

/// A `<button>`. While `busy` it shows a spinner and cannot be pressed again.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: Size,
    /// `button`, `submit` or `reset`.
    #[prop(default = "button")]
    type_: &'static str,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] icon: Option<IconName>,
    /// As wide as what it stands in.
    #[prop(optional)]
    full: bool,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=type_
            class=class_of(kind, size, full)
            name=filled(name)
            value=filled(value)
            disabled=move || disabled.get() || busy.get()
            aria-busy=move || busy.get().then_some("true")
        >
            {move || {
                busy.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })
            }}
            {icon.map(|name| view! { <Icon name /> })}
            <span class="button-words">{children()}</span>
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: Size,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional)] full: bool,
    /// The target is a file: the browser saves it, and the router leaves it alone.
    #[prop(optional)]
    download: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class=class_of(kind, size, full)
            href=move || href.get()
            download=download.then_some("")
            rel=download.then_some("external")
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span class="button-words">{children()}</span>
        </a>
    }
}

/// An icon alone; its name is read out and shown on hover.
#[component]
pub fn IconButton(
    icon: IconName,
    #[prop(into)] label: TextProp,
    #[prop(default = ButtonKind::Quiet)] kind: ButtonKind,
    #[prop(optional)] size: Size,
    #[prop(default = "button")] type_: &'static str,
    /// The id of the popover it opens.
    #[prop(optional, into)]
    popovertarget: String,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let label = words(&label);
    let title = label.clone();
    view! {
        <button
            type=type_
            class=format!("{} button-icon", class_of(kind, size, false))
            aria-label=label
            title=title
            popovertarget=filled(popovertarget)
            disabled=move || disabled.get()
        >
            <Icon name=icon />
        </button>
    }
}
