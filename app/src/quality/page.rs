use super::{
    api::rules,
    parts::{AddForm, BuiltInRules, OwnRules},
};
use crate::{errors::Failed, session::use_session};
use i18n::{t_string, use_i18n};
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{PageHeader, SkeletonTable};

/// What every file is checked for before it counts.
#[component]
pub fn QualityPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let own = RwSignal::new(0_u32);
    let changed = Callback::new(move |()| own.update(|n| *n += 1));
    let answer = Resource::new_blocking(
        move || (own.get(), session.restored.get()),
        |_| async move { rules().await },
    );
    view! {
        <Title text=move || t_string!(i18n, quality.title).to_string() />
        <PageHeader
            title=move || t_string!(i18n, quality.title)
            subtitle=move || t_string!(i18n, quality.subtitle)
        />
        <Transition fallback=|| view! { <SkeletonTable rows=6 /> }>
            {
                let found = Memo::new(move |_| answer.with(|a| a.clone().and_then(Result::ok)));
                let failed = Memo::new(move |_| answer.with(|a| a.clone().and_then(Result::err)));
                let may_change = Memo::new(move |_| {
                    found.with(|f| f.as_ref().is_some_and(|f| f.may_change))
                });
                let is_there = Memo::new(move |_| found.with(Option::is_some));
                move || match failed.get() {
                    Some(error) => {
                        view! { <Failed error retry=move || answer.refetch() /> }.into_any()
                    }
                    None => {
                        is_there
                            .get()
                            .then(|| {
                                view! {
                                    <div class="grid gap-4" data-testid="quality">
                                        <OwnRules rules=found changed />
                                        {move || {
                                            may_change.get().then(|| view! { <AddForm changed /> })
                                        }}
                                        <BuiltInRules rules=found />
                                    </div>
                                }
                            })
                            .into_any()
                    }
                }
            }
        </Transition>
    }
}
