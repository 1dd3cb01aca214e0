//! The frame every page stands in: navigation, top bar, content; on a phone a bar at the bottom.

use crate::{Icon, IconName, text::maybe, text::words};
use i18n::{t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub icon: IconName,
    pub current: bool,
    /// A count to see from afar.
    pub badge: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NavGroup {
    pub label: Option<String>,
    pub items: Vec<NavItem>,
}

/// `<main id="content">` with everything around it.
#[component]
pub fn Frame(
    #[prop(into)] sidebar: ViewFn,
    #[prop(into)] topbar: ViewFn,
    #[prop(into)] bottombar: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="frame">
            <SkipLink />
            {sidebar.run()}
            <div class="frame-column">
                {topbar.run()} <main class="frame-content" id="content" tabindex="-1">
                    {children()}
                </main>
            </div>
            {bottombar.run()}
        </div>
    }
}

#[component]
pub fn SkipLink() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <a class="skip-link" href="#content" rel="external">
            {move || t_string!(i18n, ui.skip_to_content)}
        </a>
    }
}

fn nav_link(item: NavItem) -> impl IntoView {
    view! {
        <a class="nav-item" href=item.href aria-current=item.current.then_some("page")>
            <Icon name=item.icon large=true />
            <span class="nav-words">{item.label}</span>
            {item.badge.map(|badge| view! { <span class="nav-badge figure">{badge}</span> })}
        </a>
    }
}

#[component]
pub fn Sidebar(
    #[prop(into)] label: TextProp,
    #[prop(into)] brand: ViewFn,
    #[prop(into)] groups: Signal<Vec<NavGroup>>,
    #[prop(optional, into)] footer: Option<ViewFn>,
) -> impl IntoView {
    let groups = move || {
        groups
            .get()
            .into_iter()
            .map(|group| {
                let items: Vec<_> = group
                    .items
                    .into_iter()
                    .map(|item| view! { <li>{nav_link(item)}</li> })
                    .collect();
                view! {
                    {group.label.map(|label| view! { <p class="nav-heading">{label}</p> })}
                    <ul class="nav-list">{items}</ul>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <aside class="sidebar">
            <div class="sidebar-brand">{brand.run()}</div>
            <nav class="sidebar-nav" id="sidebar-nav" aria-label=words(&label)>
                {groups}
            </nav>
            {footer.map(|footer| view! { <div class="sidebar-foot">{footer.run()}</div> })}
        </aside>
    }
}

/// Makes the navigation narrow, icons alone, and wide again.
#[component]
pub fn SidebarToggle(
    #[prop(into)] narrow: Signal<bool>,
    #[prop(into)] on_toggle: Callback<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button
            type="button"
            class="nav-item sidebar-toggle"
            aria-expanded=move || (!narrow.get()).to_string()
            aria-controls="sidebar-nav"
            on:click=move |_| on_toggle.run(!narrow.get_untracked())
        >
            <Icon name=IconName::Panel large=true />
            <span class="nav-words">
                {move || {
                    if narrow.get() {
                        t_string!(i18n, ui.sidebar.widen)
                    } else {
                        t_string!(i18n, ui.sidebar.narrow)
                    }
                }}
            </span>
        </button>
    }
}

#[component]
pub fn TopBar(#[prop(optional, into)] start: Option<ViewFn>, children: Children) -> impl IntoView {
    view! {
        <header class="topbar">
            <div class="topbar-start">{start.map(|start| start.run())}</div>
            <div class="topbar-end">{children()}</div>
        </header>
    }
}

/// At most five places, within reach of a thumb.
#[component]
pub fn BottomBar(
    #[prop(into)] label: TextProp,
    #[prop(into)] items: Signal<Vec<NavItem>>,
) -> impl IntoView {
    view! {
        <nav class="bottombar" aria-label=words(&label)>
            {move || items.get().into_iter().map(nav_link).collect::<Vec<_>>()}
        </nav>
    }
}

/// One title and one primary action.
#[component]
pub fn PageHeader(
    #[prop(into)] title: TextProp,
    #[prop(optional, into)] subtitle: Option<TextProp>,
    #[prop(optional, into)] actions: Option<ViewFn>,
) -> impl IntoView {
    let has_subtitle = subtitle.is_some();
    let subtitle = maybe(subtitle);
    view! {
        <header class="page-head">
            <div>
                <h1 class="page-title">{words(&title)}</h1>
                {has_subtitle
                    .then(|| {
                        view! {
                            <p class="page-subtitle">{move || subtitle().unwrap_or_default()}</p>
                        }
                    })}
            </div>
            {actions.map(|actions| view! { <div class="page-actions">{actions.run()}</div> })}
        </header>
    }
}

/// A narrow card in the middle of the page: signing in.
#[component]
pub fn AuthFrame(
    #[prop(optional, into)] brand: Option<ViewFn>,
    /// Below the card: language and theme.
    #[prop(optional, into)]
    footer: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="auth">
            <main class="auth-main" id="content">
                {brand.map(|brand| view! { <div class="auth-brand">{brand.run()}</div> })}
                <div class="auth-card">{children()}</div>
                {footer.map(|footer| view! { <div class="auth-foot">{footer.run()}</div> })}
            </main>
        </div>
    }
}
