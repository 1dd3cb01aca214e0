//! Text properties as what attributes and children take.

use leptos::{prelude::*, text_prop::TextProp};

/// The current words, as a function a view follows.
pub(crate) fn words(
    text: &TextProp,
) -> impl Fn() -> String + Clone + Send + Sync + 'static + use<> {
    let text = text.clone();
    move || text.get().to_string()
}

/// `None` where there are no words: the attribute is left out.
pub(crate) fn maybe(
    text: Option<TextProp>,
) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
    move || text.as_ref().map(|t| t.get().to_string())
}

/// Leaves an attribute out where the text is empty.
pub(crate) fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The text of `Signal<Option<String>>`, or nothing.
pub(crate) fn shown(text: Signal<Option<String>>) -> impl Fn() -> String + Copy + Send + Sync {
    move || text.get().unwrap_or_default()
}
