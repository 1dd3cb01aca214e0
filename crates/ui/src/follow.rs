//! Controls that follow a signal without taking away what was typed before hydration.

use leptos::prelude::*;

/// Writes every value but the first: that one is in the markup already, and whoever was quicker than
/// the WebAssembly has typed over it.
pub(crate) fn follow<T>(value: Signal<T>, write: impl Fn(T) + 'static)
where
    T: Clone + Send + Sync + 'static,
{
    Effect::new(move |followed: Option<()>| {
        let value = value.get();
        if followed.is_some() {
            write(value);
        }
    });
}
