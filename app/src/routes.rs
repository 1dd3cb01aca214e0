use crate::{
    dashboard::DashboardPage,
    dev::GalleryPage,
    lineage::{LineagePage, LinesPage, RecordPage},
    quality::QualityPage,
    session::{SignInPage, SignUpPage, provide_session},
    sources::SourcesPage,
    tables::TablesPage,
    title::PageTitle,
    uploads::{HistoryPage, MendPage, NewUploadPage, UploadPage, provide_sender},
    workspace::Workspace,
};
use i18n::{t, t_string, use_i18n};
use leptos::{prelude::*, wasm_split::wasm_split};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    ChooseView, SsrMode,
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
            <Route path=path!("/sign-in") view=Place::SignIn ssr=SsrMode::Async />
            <Route path=path!("/sign-up") view=Place::SignUp ssr=SsrMode::Async />
            <Route path=path!("/dev/ui") view=Place::Gallery ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Workspace ssr=SsrMode::Async>
                <Route path=path!("/") view=Place::Dashboard ssr=SsrMode::Async />
                <Route path=path!("/uploads") view=Place::History ssr=SsrMode::Async />
                <Route path=path!("/uploads/new") view=Place::NewUpload ssr=SsrMode::Async />
                <Route path=path!("/uploads/:id") view=Place::Upload ssr=SsrMode::Async />
                <Route path=path!("/uploads/:id/records") view=Place::Mend ssr=SsrMode::Async />
                <Route path=path!("/uploads/:id/records/:record") view=Place::Record ssr=SsrMode::Async />
                <Route path=path!("/quality") view=Place::Quality ssr=SsrMode::Async />
                <Route path=path!("/sources") view=Place::Sources ssr=SsrMode::Async />
                <Route path=path!("/lineage") view=Place::Lineage ssr=SsrMode::Async />
                <Route path=path!("/lineage/lines") view=Place::Lines ssr=SsrMode::Async />
                <Route path=path!("/tables") view=Place::Tables ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}

/// The pages.
#[derive(Clone, Copy)]
enum Place {
    SignIn,
    SignUp,
    Gallery,
    Dashboard,
    History,
    NewUpload,
    Upload,
    Mend,
    Quality,
    Sources,
    Lineage,
    Lines,
    Record,
    Tables,
}

impl ChooseView for Place {
    async fn choose(self) -> AnyView {
        match self {
            Self::SignIn | Self::SignUp => session_pages(self).await,
            Self::Gallery => gallery_page().await,
            Self::Dashboard => dashboard_page().await,
            Self::History | Self::NewUpload | Self::Upload | Self::Mend => upload_pages(self).await,
            Self::Quality
            | Self::Sources
            | Self::Lineage
            | Self::Lines
            | Self::Record
            | Self::Tables => data_pages(self).await,
        }
    }

    async fn preload(&self) {
        #[cfg(target_arch = "wasm32")]
        match self {
            Self::SignIn | Self::SignUp => __preload_session_pages().await,
            Self::Gallery => __preload_gallery_page().await,
            Self::Dashboard => __preload_dashboard_page().await,
            Self::History | Self::NewUpload | Self::Upload | Self::Mend => {
                __preload_upload_pages().await;
            }
            Self::Quality
            | Self::Sources
            | Self::Lineage
            | Self::Lines
            | Self::Record
            | Self::Tables => __preload_data_pages().await,
        }
    }
}

// Each function's WebAssembly is a file of its own, fetched when one of its pages is first opened: pages
// that are visited together come together.

// As `#[lazy]`, with a name that what signs in over an open page has too: both are one file.
#[wasm_split(session_pages, wasm_split_path = leptos::wasm_split, preload(__preload_session_pages))]
fn session_pages(page: Place) -> AnyView {
    #[cfg(not(target_arch = "wasm32"))]
    leptos::prefetch_lazy_fn_on_server("session_pages");
    match page {
        Place::SignUp => view! { <SignUpPage /> }.into_any(),
        _ => view! { <SignInPage /> }.into_any(),
    }
}

#[lazy]
fn dashboard_page() -> AnyView {
    view! { <DashboardPage /> }.into_any()
}

#[lazy]
fn upload_pages(page: Place) -> AnyView {
    match page {
        Place::NewUpload => view! { <NewUploadPage /> }.into_any(),
        Place::Upload => view! { <UploadPage /> }.into_any(),
        Place::Mend => view! { <MendPage /> }.into_any(),
        _ => view! { <HistoryPage /> }.into_any(),
    }
}

#[lazy]
fn data_pages(page: Place) -> AnyView {
    match page {
        Place::Lineage => view! { <LineagePage /> }.into_any(),
        Place::Lines => view! { <LinesPage /> }.into_any(),
        Place::Record => view! { <RecordPage /> }.into_any(),
        Place::Tables => view! { <TablesPage /> }.into_any(),
        Place::Sources => view! { <SourcesPage /> }.into_any(),
        _ => view! { <QualityPage /> }.into_any(),
    }
}

#[lazy]
fn gallery_page() -> AnyView {
    view! { <GalleryPage /> }.into_any()
}

#[component]
fn NotFoundPage() -> impl IntoView {
    #[cfg(not(target_arch = "wasm32"))]
    crate::entry::page_not_found();
    let i18n = use_i18n();
    view! {
        <PageTitle text=move || t_string!(i18n, shell.not_found_title).to_string() />
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
