use super::{
    api::get,
    parts::{
        Asking, CameAs, Changes, Checks, Corrections, Failure, Importing, Looking, NeedsScript,
        NotFinished, Notes, OutcomeView, Pieces, PreviewCard, Read, ReadyForm, Receiving, Steps,
    },
    send::{self, Chosen, use_sender},
};
use crate::{
    errors::Failed,
    live::use_live,
    scope::{use_link, use_scoped},
    session::use_session,
    title::PageTitle,
};
use ::api::{
    ApiError, Code,
    session::Viewer,
    uploads::{State, Upload},
};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use std::time::Duration;
use types::UploadId;
use ui::{ButtonKind, EmptyKind, EmptyState, FormError, LinkButton, PageHeader, SkeletonTable};
use web_sys::File;

/// Choosing a file. Nothing is on the server before one is chosen.
#[component]
pub fn NewUploadPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let sender = use_sender();
    let navigate = use_navigate();
    let scoped = use_scoped();
    let failed = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    // On the server no file is ever chosen.
    let begun = Callback::new(move |(id, files, offset): (UploadId, Chosen, u64)| {
        sender.send(id, files, offset);
        navigate(
            &scoped(&format!("/uploads/{id}")),
            NavigateOptions::default(),
        );
    });
    let choose = Callback::new(move |files: Vec<File>| {
        let Some(files) = Chosen::of(files).filter(|_| !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        failed.set(None);
        start(files, begun, move |error: ApiError| {
            session.notice(&error);
            failed.set(Some(error));
            busy.set(false);
        });
    });
    let limit = use_context::<Viewer>().map_or(0, |viewer| viewer.upload_max_bytes);
    let most = move || format::bytes(limit, i18n.get_locale());
    let message = Signal::derive(move || failed.get().map(|e| super::texts::message(i18n, &e)));
    view! {
        <PageTitle text=move || t_string!(i18n, uploads.new_title).to_string() />
        <PageHeader title=move || t_string!(i18n, uploads.new_title) />
        <div class="grid gap-4" data-testid="new-upload">
            <Steps state=Signal::stored(None::<State>) />
            <FormError text=message />
            <ui::DropZone
                id="file"
                name="file"
                accept=".csv,.tsv,.txt,.xlsx,.json,.ndjson,.jsonl,.parquet,.gz,.zip,text/csv,text/tab-separated-values,application/json,application/gzip,application/zip"
                title=move || t_string!(i18n, uploads.drop_title)
                hint=move || t_string!(i18n, uploads.drop_hint, max = most())
                disabled=busy
                multiple=true
                on_files=choose
            />
            <NeedsScript />
        </div>
    }
}

/// Finds the upload these files belong to, or makes one.
fn start(
    files: Chosen,
    begun: Callback<(UploadId, Chosen, u64)>,
    failed: impl Fn(ApiError) + Clone + 'static,
) {
    #[cfg(target_arch = "wasm32")]
    leptos::task::spawn_local(async move {
        // Chosen before and not finished: goes on where it was.
        if let Some(id) = send::memory::find(&files) {
            match get(id, 0).await {
                Ok(known) if known.state == State::Receiving && known.size == files.size() => {
                    begun.run((id, files, known.received));
                    return;
                }
                Err(error) if error.code == Code::Unauthenticated => {
                    failed(error);
                    return;
                }
                // Finished or gone: a new one.
                _ => send::memory::forget(id),
            }
        }
        match super::api::begin(files.parts(), None).await {
            Ok(upload) => begun.run((upload.id, files, upload.received)),
            Err(error) => failed(error),
        }
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (files, begun, failed);
}

/// What the page shows; its parts are only rebuilt when this changes, so that a hint from the server
/// never takes away what is being typed.
#[derive(Clone, Debug, PartialEq)]
enum Showing {
    Loading,
    Failed(ApiError),
    State(State),
}

/// One upload, from its first byte to its result. The page can be left and opened again.
#[component]
pub fn UploadPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let sender = use_sender();
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|p| p.get("id").and_then(|id| id.parse::<UploadId>().ok())));
    // Moved by what this page does itself: the live connection may be down.
    let own = RwSignal::new(0_u32);
    let changed = Callback::new(move |()| own.update(|n| *n += 1));
    let sent = Memo::new(move |_| {
        let sending = id.get().and_then(|id| sender.of(id));
        sending.is_some_and(|s| s.state == send::State::Done)
    });
    let query = use_query_map();
    let page = Memo::new(move |_| {
        let number = query.with(|q| q.get("page").and_then(|p| p.parse::<u64>().ok()));
        number.map_or(0, |n| n.clamp(1, 1_000) - 1)
    });
    let answer = Resource::new_blocking(
        move || {
            let version = id.get().map_or(0, |id| live.version(id));
            (
                id.get(),
                page.get(),
                version,
                own.get(),
                sent.get(),
                session.restored.get(),
            )
        },
        |(id, page, ..)| async move {
            match id {
                Some(id) => get(id, page).await,
                None => {
                    #[cfg(not(target_arch = "wasm32"))]
                    crate::entry::page_not_found();
                    Err(ApiError::of(Code::NotFound))
                }
            }
        },
    );
    // While the server works the page looks by itself too, in case a hint is lost.
    Effect::new(move |_| {
        let busy = answer.with(|a| matches!(a, Some(Ok(upload)) if upload.state.is_busy()));
        if busy {
            let timer =
                set_interval_with_handle(move || changed.run(()), Duration::from_secs(3)).ok();
            on_cleanup(move || {
                if let Some(timer) = timer {
                    timer.clear();
                }
            });
        }
    });
    view! {
        <PageTitle text=move || t_string!(i18n, uploads.page_title).to_string() />
        <Transition fallback=|| view! { <SkeletonTable rows=6 /> }>
            {
                let upload = Memo::new(move |before: Option<&Option<Upload>>| {
                    answer
                        .with(|a| match a {
                            Some(Ok(found)) => Some(found.clone()),
                            // What was shown stays beside the sign-in dialog.
                            Some(Err(e)) if e.code == Code::Unauthenticated => before.cloned().flatten(),
                            _ => None,
                        })
                });
                // One signal for all stages: made in a stage it would end with it, while the stage's
                // attributes still look once more.
                let upload: Signal<Option<Upload>> = upload.into();
                let showing = Memo::new(move |_| {
                    answer
                        .with(|a| match a {
                            None => Showing::Loading,
                            Some(Ok(found)) => Showing::State(found.state),
                            Some(Err(e)) => {
                                match upload.get_untracked() {
                                    Some(kept) if e.code == Code::Unauthenticated => Showing::State(kept.state),
                                    _ => Showing::Failed(e.clone()),
                                }
                            }
                        })
                });
                Effect::new(move |_| {
                    answer
                        .with(|a| {
                            if let Some(Err(error)) = a {
                                session.notice(error);
                            }
                        });
                });
                move || match showing.get() {
                    Showing::Loading => view! { <SkeletonTable rows=6 /> }.into_any(),
                    Showing::Failed(error) if error.code == Code::NotFound => view! { <Missing /> }.into_any(),
                    Showing::Failed(error) => {
                        view! { <Failed error retry=move || answer.refetch() /> }.into_any()
                    }
                    Showing::State(state) => view! { <Stage state upload changed /> }.into_any(),
                }
            }
        </Transition>
    }
}

#[component]
fn Missing() -> impl IntoView {
    let i18n = use_i18n();
    let history = use_link("/uploads");
    view! {
        <div data-testid="upload-missing">
            <EmptyState
                kind=EmptyKind::NoMatch
                title=move || t_string!(i18n, uploads.missing_title)
                body=move || t_string!(i18n, uploads.missing_body)
                action=move || {
                    view! { <LinkButton href=history>{t!(i18n, uploads.to_history)}</LinkButton> }
                }
            />
        </div>
    }
}

/// The page for one state of an upload. `changed` asks the server again.
#[component]
pub fn Stage(
    state: State,
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let another = use_link("/uploads/new");
    let name = move || upload.with(|u| u.as_ref().map(|u| u.file_name.clone()).unwrap_or_default());
    let body = match state {
        State::Receiving => view! { <Receiving upload changed /> }.into_any(),
        State::Received | State::Inspecting => view! { <Looking upload changed /> }.into_any(),
        State::Question => view! { <Asking upload changed /> }.into_any(),
        State::Ready => view! { <Ready upload changed /> }.into_any(),
        State::Importing => view! { <Importing upload changed /> }.into_any(),
        State::Done => view! { <OutcomeView upload changed /> }.into_any(),
        State::Failed => view! {
            <Failure upload />
            <Read upload changed />
        }
        .into_any(),
        State::Held => view! {
            <NotFinished state upload />
            <Changes state upload changed />
            <Read upload changed />
        }
        .into_any(),
        State::Split => view! { <Pieces upload /> }.into_any(),
        State::Cancelled | State::Undone => view! { <NotFinished state upload /> }.into_any(),
    };
    view! {
        <PageHeader
            title=name
            subtitle=move || super::texts::state(i18n, state)
            actions=move || {
                view! {
                    {state
                        .is_final()
                        .then(|| {
                            view! {
                                <LinkButton href=another kind=ButtonKind::Secondary>
                                    {t!(i18n, uploads.another)}
                                </LinkButton>
                            }
                        })}
                }
            }
        />
        <div class="grid gap-4" data-testid="upload" data-state=state.as_str()>
            <Steps state=Signal::stored(Some(state)) />
            <CameAs upload />
            {body}
            {matches!(state, State::Held | State::Done).then(|| view! { <Checks upload /> })}
            {matches!(state, State::Held | State::Done).then(|| view! { <Notes upload /> })}
            {state.is_final().then(|| view! { <Changes state upload changed /> })}
        </div>
    }
}

/// Nothing is left to ask: what an import would bring, and the button that starts it.
#[component]
fn Ready(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let preview = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.preview.clone())));
    view! {
        {move || {
            preview
                .get()
                .map(|result| match result {
                    Ok(preview) => view! { <PreviewCard preview upload changed /> }.into_any(),
                    Err(error) => view! { <Failed error retry=move || changed.run(()) /> }.into_any(),
                })
        }}
        <Corrections upload changed />
        <ReadyForm upload changed />
    }
}
