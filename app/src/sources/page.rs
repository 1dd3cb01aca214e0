use super::{
    api::sources,
    keys::Keys,
    parts::{GivenUpWork, Watches},
};
use crate::{answered::Answered, live::use_live, session::use_session, title::PageTitle};
use i18n::{t_string, use_i18n};
use leptos::prelude::*;
use ui::{PageHeader, SkeletonTable};

/// Watched folders, and work that was given up.
#[component]
pub fn SourcesPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let live = use_live();
    let own = RwSignal::new(0_u32);
    let changed = Callback::new(move |()| own.update(|n| *n += 1));
    let answer = Resource::new_blocking(
        move || (own.get(), live.uploads.get(), session.restored.get()),
        |_| async move { sources().await },
    );
    view! {
        <PageTitle text=move || t_string!(i18n, sources.title).to_string() />
        <PageHeader
            title=move || t_string!(i18n, sources.title)
            subtitle=move || t_string!(i18n, sources.subtitle)
        />
        <Transition fallback=|| view! { <SkeletonTable rows=4 /> }>
            <Answered answer let:found>
                <div class="grid gap-4" data-testid="sources">
                    <Watches sources=found changed />
                    <Keys sources=found changed />
                    <GivenUpWork sources=found changed />
                </div>
            </Answered>
        </Transition>
    }
}
