//! Pages and cards made of one answer of the server.

use crate::errors::Failed;
use ::api::ApiError;
use leptos::{prelude::*, text_prop::TextProp};
use serde::{Serialize, de::DeserializeOwned};

/// `children` with the answer once there is one; else why there is none, with a way to ask again. To stand in a
/// `Transition`. What is inside is only built anew when that changes, and follows the answer by its signal.
#[component]
pub fn Answered<T, V>(
    answer: Resource<Result<T, ApiError>>,
    children: impl Fn(Signal<Option<T>>) -> V + Send + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let found = Memo::new(move |_| answer.with(|a| a.clone().and_then(Result::ok)));
    let failed = Memo::new(move |_| answer.with(|a| a.clone().and_then(Result::err)));
    let is_there = Memo::new(move |_| found.with(Option::is_some));
    move || match failed.get() {
        Some(error) => view! { <Failed error retry=move || answer.refetch() /> }.into_any(),
        None => is_there.get().then(|| children(found.into())).into_any(),
    }
}

/// One line below the other, or a sentence where there is none.
#[component]
pub fn Lines<T, V>(
    #[prop(into)] of: Signal<Vec<T>>,
    #[prop(into)] none: TextProp,
    line: impl Fn(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    move || {
        let of = of.get();
        if of.is_empty() {
            let none = none.clone();
            return view! { <p class="text-muted">{move || none.get()}</p> }.into_any();
        }
        let lines = of.into_iter().map(&line).collect_view();
        view! { <ul class="grid gap-3">{lines}</ul> }.into_any()
    }
}
