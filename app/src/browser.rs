//! What only a browser can do. On the server each of these does nothing.

use crate::preferences;

/// Leaves for `path` with a full page load: everything that hangs on who is signed in starts anew.
pub fn load(path: &str) {
    #[cfg(target_arch = "wasm32")]
    if let Some(window) = web_sys::window() {
        // A refused navigation leaves the page as it is: nothing to do about it.
        let _ = window.location().assign(path);
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = path;
}

/// Sets `data-theme` of the document.
pub fn set_theme(theme: api::session::Theme) {
    #[cfg(target_arch = "wasm32")]
    if let Some(root) = leptos::prelude::document().document_element() {
        let _ = root.set_attribute("data-theme", theme.as_str());
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = theme;
}

/// `data-theme` of the document.
pub fn theme() -> api::session::Theme {
    #[cfg(target_arch = "wasm32")]
    {
        let root = leptos::prelude::document().document_element();
        let text = root.and_then(|r| r.get_attribute("data-theme"));
        api::session::Theme::read(&text.unwrap_or_default())
    }
    #[cfg(not(target_arch = "wasm32"))]
    crate::entry::theme()
}

/// Whether the navigation is of icons alone, by `data-sidebar` of the document.
pub fn is_narrow() -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        let root = leptos::prelude::document().document_element();
        let said = root.and_then(|r| r.get_attribute("data-sidebar"));
        said.is_some_and(|value| value == preferences::NARROW)
    }
    #[cfg(not(target_arch = "wasm32"))]
    crate::entry::is_narrow()
}

/// Sets `data-sidebar` of the document, and keeps it for the next page.
pub fn set_narrow(narrow: bool) {
    let width = match narrow {
        true => preferences::NARROW,
        false => preferences::WIDE,
    };
    #[cfg(target_arch = "wasm32")]
    {
        use wasm_bindgen::JsCast;
        let document = leptos::prelude::document();
        if let Some(root) = document.document_element() {
            let _ = root.set_attribute("data-sidebar", width);
        }
        // Refused where cookies are: then it holds for this page.
        let document = document.unchecked_into::<web_sys::HtmlDocument>();
        let _ = document.set_cookie(&preferences::cookie(preferences::SIDEBAR, width));
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = width;
}

/// Whether a dialog is open.
pub fn has_dialog() -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        let found = leptos::prelude::document().query_selector("dialog[open]");
        found.is_ok_and(|dialog| dialog.is_some())
    }
    #[cfg(not(target_arch = "wasm32"))]
    false
}

/// Whether what is pressed goes into a field.
pub fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        use wasm_bindgen::JsCast;
        let target = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        target.is_some_and(|element| {
            let field = element.closest("input, textarea, select, [contenteditable]");
            field.is_ok_and(|field| field.is_some())
        })
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = event;
        false
    }
}

/// Whether the device's keyboard says Command where others say Control.
pub fn is_apple() -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        let platform = web_sys::window().and_then(|window| window.navigator().platform().ok());
        platform.is_some_and(|name| name.starts_with("Mac") || name.starts_with("iP"))
    }
    #[cfg(not(target_arch = "wasm32"))]
    false
}

/// Loads the page anew.
#[cfg(target_arch = "wasm32")]
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // As of `load`.
        let _ = window.location().reload();
    }
}
