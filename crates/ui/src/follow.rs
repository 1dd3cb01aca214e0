//! Controls that follow a signal without taking away what was typed before hydration.

use leptos::prelude::*;

/// Writes every value but the one that is in the markup already: whoever was quicker than the WebAssembly has typed
/// over it. In a page that answers, a new control may have the place of an earlier one, and of what was typed there:
/// its first value is written too.
pub(crate) fn follow<T>(value: Signal<T>, write: impl Fn(T) + 'static)
where
    T: Clone + Send + Sync + 'static,
{
    let is_new = answers();
    Effect::new(move |followed: Option<()>| {
        let value = value.get();
        if is_new || followed.is_some() {
            write(value);
        }
    });
}

/// Whether the browser has taken over the page that the server rendered: the root says so.
fn answers() -> bool {
    cfg!(target_arch = "wasm32")
        && document()
            .document_element()
            .is_some_and(|root| root.has_attribute("data-hydrated"))
}
