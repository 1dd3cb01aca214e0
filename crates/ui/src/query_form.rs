//! Forms whose fields become the query of a page.

use leptos::{ev, html, prelude::*};
use web_sys::{FormData, UrlSearchParams};

/// A GET form. `go` goes to the address without loading the document anew; without it, and before WebAssembly, the
/// browser goes there by itself.
#[component]
pub fn QueryForm(
    /// The page's path.
    #[prop(into)]
    action: Signal<String>,
    #[prop(optional_no_strip)] go: Option<Callback<String>>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Form>::new();
    let send = move |event: ev::SubmitEvent| {
        let Some(go) = go.filter(|_| !event.default_prevented()) else {
            return;
        };
        let query = node
            .get_untracked()
            .and_then(|form| FormData::new_with_form(&form).ok())
            .and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
        if let Some(query) = query {
            event.prevent_default();
            let query = String::from(query.to_string());
            go.run(format!("{}?{query}", action.get_untracked()));
        }
    };
    view! {
        <form method="GET" action=move || action.get() node_ref=node on:submit=send>
            {children()}
        </form>
    }
}
