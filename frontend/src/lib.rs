//! What the browser runs: it takes over the page the server rendered.

// As `app`: views are deeply nested generic types.
#![recursion_limit = "512"]

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
