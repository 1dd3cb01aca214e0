//! What only a browser can do. On the server each of these does nothing.

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

/// Loads the page anew.
#[cfg(target_arch = "wasm32")]
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // As of `load`.
        let _ = window.location().reload();
    }
}
