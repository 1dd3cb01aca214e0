//! The page's name in the browser's tab.

use leptos::prelude::*;
use leptos_meta::Title;

/// On the server the text is taken while the page is rendered. The head is written after that, when the thread may be at
/// work on another request: the page's signals are gone then, or those under their numbers are the other request's.
#[component]
pub fn PageTitle(text: impl Fn() -> String + Send + Sync + 'static) -> impl IntoView {
    #[cfg(not(target_arch = "wasm32"))]
    let text = text();
    view! { <Title text /> }
}
