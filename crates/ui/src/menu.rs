//! Menus: a button and a popover the browser opens by itself, with or without WebAssembly.

use crate::{
    ButtonKind, Icon, IconName, Size,
    button::class_of,
    text::{filled, words},
};
use leptos::{html, prelude::*, text_prop::TextProp};

#[component]
pub fn Menu(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The name of the button; shown unless `trigger` is.
    #[prop(into)]
    label: TextProp,
    #[prop(optional)] icon: Option<IconName>,
    /// Instead of icon and label.
    #[prop(optional, into)]
    trigger: Option<ViewFn>,
    #[prop(default = ButtonKind::Quiet)] kind: ButtonKind,
    /// The menu ends where the button ends.
    #[prop(optional)]
    align_end: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let name = words(&label);
    let face = match trigger {
        Some(trigger) => trigger.run(),
        None => {
            let shown = name.clone();
            view! {
                {icon.map(|name| view! { <Icon name /> })}
                <span class="menu-words">{shown}</span>
                <Icon name=IconName::ChevronDown />
            }
            .into_any()
        }
    };
    let class = if align_end {
        "popover menu-items menu-end"
    } else {
        "popover menu-items"
    };
    view! {
        <div class="menu">
            <button
                type="button"
                class=format!("{} menu-button", class_of(kind, Size::Medium, false))
                popovertarget=id.clone()
                aria-label=name
                aria-haspopup="true"
            >
                {face}
            </button>
            <div
                class=class
                popover="auto"
                id=id
                node_ref=node
                on:click=move |_| {
                    if let Some(items) = node.get_untracked() {
                        // Refused only where it is closed already.
                        let _ = items.hide_popover();
                    }
                }
            >
                {children()}
            </div>
        </div>
    }
}

#[component]
pub fn MenuLink(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional, into)] current: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class="menu-item"
            href=move || href.get()
            aria-current=move || current.get().then_some("true")
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span class="menu-item-words">{children()}</span>
            {move || current.get().then(|| view! { <Icon name=IconName::Check /> })}
        </a>
    }
}

/// A choice that acts, or submits the form around it.
#[component]
pub fn MenuButton(
    #[prop(optional)] icon: Option<IconName>,
    #[prop(default = "button")] type_: &'static str,
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] current: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="menu-item"
            type=type_
            name=filled(name)
            value=filled(value)
            aria-current=move || current.get().then_some("true")
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span class="menu-item-words">{children()}</span>
            {move || current.get().then(|| view! { <Icon name=IconName::Check /> })}
        </button>
    }
}

#[component]
pub fn MenuHeading(children: Children) -> impl IntoView {
    view! { <p class="menu-heading">{children()}</p> }
}

#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <hr class="menu-separator" /> }
}
