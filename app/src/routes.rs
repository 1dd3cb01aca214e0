use crate::{
    dashboard::DashboardPage,
    dev::GalleryPage,
    session::{SignInPage, SignUpPage, provide_session},
    uploads::{HistoryPage, NewUploadPage, UploadPage, provide_sender},
    workspace::Workspace,
};
use i18n::{t, t_string, use_i18n};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use ui::{EmptyKind, EmptyState, LinkButton, ToastRegion, provide_toasts};

/// Everything inside `<body>`. Runs once at start without a request, to list the routes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_toasts();
    view! {
        <i18n::Provider>
            <Title formatter=|text: String| {
                if text.is_empty() { "SmartRetail360".to_owned() } else { format!("{text} · SmartRetail360") }
            } />
            <Router>
                <Everything />
            </Router>
            <ToastRegion />
        </i18n::Provider>
    }
}

/// What needs both the language and the URL.
#[component]
fn Everything() -> impl IntoView {
    provide_session();
    provide_sender();
    // Every page waits for its figures: the first HTML holds them, and reads well without WASM.
    view! {
        <Routes fallback=NotFoundPage>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
            <Route path=path!("/sign-up") view=SignUpPage ssr=SsrMode::Async />
            <Route path=path!("/dev/ui") view=GalleryPage ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Workspace ssr=SsrMode::Async>
                <Route path=path!("/") view=DashboardPage ssr=SsrMode::Async />
                <Route path=path!("/uploads") view=HistoryPage ssr=SsrMode::Async />
                <Route path=path!("/uploads/new") view=NewUploadPage ssr=SsrMode::Async />
                <Route path=path!("/uploads/:id") view=UploadPage ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    #[cfg(not(target_arch = "wasm32"))]
    crate::entry::page_not_found();
    let i18n = use_i18n();
    view! {
        <Title text=move || t_string!(i18n, shell.not_found_title).to_string() />
        <main class="mx-auto max-w-xl p-8" data-testid="not-found">
            <h1 class="sr-only">{move || t_string!(i18n, shell.not_found_title).to_string()}</h1>
            <EmptyState
                kind=EmptyKind::NoMatch
                title=move || t_string!(i18n, shell.not_found_title)
                body=move || t_string!(i18n, shell.not_found_body)
                action=move || view! { <LinkButton href="/">{t!(i18n, shell.go_home)}</LinkButton> }
            />
        </main>
    }
}
