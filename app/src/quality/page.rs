use super::{
    api::rules,
    editor::RuleEditor,
    parts::{BuiltInRules, OwnRules},
};
use crate::{answered::Answered, session::use_session, title::PageTitle};
use i18n::{t_string, use_i18n};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{PageHeader, SkeletonTable};

/// What every file is checked for before it counts.
#[component]
pub fn QualityPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let query = use_query_map();
    let own = RwSignal::new(0_u32);
    let changed = Callback::new(move |()| own.update(|n| *n += 1));
    let answer = Resource::new_blocking(
        move || (own.get(), session.restored.get()),
        |_| async move { rules().await },
    );
    view! {
        <PageTitle text=move || t_string!(i18n, quality.title).to_string() />
        <PageHeader
            title=move || t_string!(i18n, quality.title)
            subtitle=move || t_string!(i18n, quality.subtitle)
        />
        <Transition fallback=|| view! { <SkeletonTable rows=6 /> }>
            <Answered answer let:found>
                <div class="grid gap-4" data-testid="quality">
                    <OwnRules rules=found changed />
                    {
                        let may_change = Memo::new(move |_| {
                            found.with(|f| f.as_ref().is_some_and(|f| f.may_change))
                        });
                        // The one that the URL names: `?edit=…`.
                        let editing = Memo::new(move |_| {
                            let id = query.with(|q| q.get("edit"))?;
                            found
                                .with(|f| f.as_ref()?.own.iter().find(|own| own.id == id).cloned())
                        });
                        move || {
                            let editing = editing.get();
                            may_change.get().then(|| view! { <RuleEditor editing changed /> })
                        }
                    }
                    <BuiltInRules rules=found />
                </div>
            </Answered>
        </Transition>
    }
}
