//! A question that must be answered first. Only for what cannot be undone.

use crate::{ButtonKind, IconButton, IconName, text::words};
use i18n::{t_string, use_i18n};
use leptos::{html, prelude::*, text_prop::TextProp};
use web_sys::HtmlDialogElement;

/// One that comes later than its page may be made before it is in the document, and cannot be shown until it is.
fn show(dialog: HtmlDialogElement, open: RwSignal<bool>) {
    if dialog.is_connected() {
        // Refused only where it is open already.
        let _ = dialog.show_modal();
        return;
    }
    request_animation_frame(move || {
        if open.try_get_untracked() == Some(true) {
            show(dialog, open);
        }
    });
}

/// A modal `<dialog>`: the browser keeps the focus inside, and Esc closes it.
#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: TextProp,
    open: RwSignal<bool>,
    /// The buttons; the main one last.
    #[prop(optional, into)]
    footer: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Dialog>::new();
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    Effect::new(move || {
        let wanted = open.get();
        if let Some(dialog) = node.get() {
            if wanted && !dialog.open() {
                show(dialog, open);
            } else if !wanted && dialog.open() {
                dialog.close();
            }
        }
    });
    view! {
        <dialog
            class="dialog"
            id=id
            node_ref=node
            aria-labelledby=labelled_by
            on:close=move |_| {
                // Told after the fact: meanwhile it may have been opened again.
                if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
                    open.set(false);
                }
            }
        >
            <header class="dialog-head">
                <h2 class="dialog-title" id=title_id>
                    {words(&title)}
                </h2>
                <IconButton
                    icon=IconName::Close
                    label=move || t_string!(i18n, common.actions.close)
                    kind=ButtonKind::Quiet
                    on:click=move |_| open.set(false)
                />
            </header>
            <div class="dialog-body">{children()}</div>
            {footer.map(|footer| view! { <footer class="dialog-foot">{footer.run()}</footer> })}
        </dialog>
    }
}
