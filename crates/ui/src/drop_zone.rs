//! Where a file is dropped or chosen: a real file input, so that a plain form works too.

use crate::{Icon, IconName, text::filled, text::maybe, text::words};
use i18n::{t_string, use_i18n};
use leptos::{ev, prelude::*, text_prop::TextProp};
use wasm_bindgen::JsCast;

/// `on_files` gets what was dropped or chosen: one file, unless `multiple`.
#[component]
pub fn DropZone(
    #[prop(into)] id: String,
    #[prop(into)] name: String,
    /// As the `accept` of a file input: `.csv,.tsv,text/csv`.
    #[prop(optional, into)]
    accept: String,
    #[prop(optional, into)] title: Option<TextProp>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] multiple: bool,
    #[prop(optional)] on_files: Option<Callback<Vec<web_sys::File>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let is_over = RwSignal::new(false);
    let title = move || match &title {
        Some(title) => words(title)(),
        None => t_string!(i18n, ui.drop.title).to_owned(),
    };
    let hint = maybe(hint);
    let hint_id = format!("{id}-hint");
    let take = move |files: Option<web_sys::FileList>| {
        let (Some(on_files), Some(files)) = (on_files, files) else {
            return;
        };
        let most = if multiple { files.length() } else { 1 };
        let files: Vec<_> = (0..most).filter_map(|n| files.get(n)).collect();
        if !files.is_empty() {
            on_files.run(files);
        }
    };
    let on_drop = move |event: ev::DragEvent| {
        event.prevent_default();
        is_over.set(false);
        if !disabled.get_untracked() {
            take(event.data_transfer().and_then(|d| d.files()));
        }
    };
    let on_change = move |event: ev::Event| {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input {
            take(input.files());
            if on_files.is_some() {
                // So that choosing the same file again is a change again.
                input.set_value("");
            }
        }
    };
    view! {
        <div
            class="drop"
            data-over=move || is_over.get().then_some("true")
            on:dragover=move |event| {
                event.prevent_default();
                is_over.set(true);
            }
            on:dragleave=move |_| is_over.set(false)
            on:drop=on_drop
        >
            <span class="drop-icon" aria-hidden="true">
                <Icon name=IconName::Upload large=true />
            </span>
            <p class="drop-title">{title}</p>
            <p class="drop-or">{move || t_string!(i18n, ui.drop.or)}</p>
            <label class="button button-secondary" for=id.clone()>
                {move || t_string!(i18n, common.actions.choose_file)}
            </label>
            <input
                class="drop-input"
                type="file"
                id=id
                name=name
                accept=filled(accept)
                multiple=multiple
                disabled=move || disabled.get()
                aria-describedby=hint_id.clone()
                on:change=on_change
            />
            <p class="field-hint" id=hint_id>
                {move || hint().unwrap_or_default()}
            </p>
        </div>
    }
}
