//! What the browser runs: it takes over the page the server rendered.

// As `app`: views are deeply nested generic types.
#![recursion_limit = "512"]

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    use leptos::{mount::hydrate_from_async, prelude::document};

    wasm_bindgen_futures::spawn_local(async {
        let Some(body) = document().body() else {
            return;
        };
        hydrate_from_async(body, app::App).await.forget();
        // From here on the page answers: tests and screenshots wait for it.
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
}
