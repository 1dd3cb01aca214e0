//! `/dev/ui`: every component in every state.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::Gallery;

#[component]
pub fn GalleryPage() -> impl IntoView {
    view! {
        <Title text="Components" />
        <Gallery />
    }
}
