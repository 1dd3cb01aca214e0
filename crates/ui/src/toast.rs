//! Short messages that come and go: something was done, and may be undone.

use crate::{Icon, IconName, Tone};
use i18n::{t_string, use_i18n};
use leptos::prelude::*;
use std::time::Duration;

/// Long enough to read, and to reach a button in it.
const SHOWN_FOR: Duration = Duration::from_secs(8);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    id: u32,
    pub tone: Tone,
    pub text: String,
    /// Label and address of what can be done about it.
    pub action: Option<(String, String)>,
}

/// The messages on screen. Copy it into event handlers.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    pub fn show(self, tone: Tone, text: impl Into<String>) {
        self.push(tone, text.into(), None);
    }

    pub fn show_action(
        self,
        tone: Tone,
        text: impl Into<String>,
        label: impl Into<String>,
        href: impl Into<String>,
    ) {
        self.push(tone, text.into(), Some((label.into(), href.into())));
    }

    pub fn dismiss(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn push(self, tone: Tone, text: String, action: Option<(String, String)>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| {
            shown.push(Toast {
                id,
                tone,
                text,
                action,
            });
        });
        // A problem stays until it has been seen.
        if tone != Tone::Bad && cfg!(target_arch = "wasm32") {
            set_timeout(move || self.dismiss(id), SHOWN_FOR);
        }
    }
}

/// Once, in the root component.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        shown: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// Those of the root component, or of nobody where it provides none.
pub fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_else(provide_toasts)
}

/// Where the messages appear. Once, in the frame of the page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    view! {
        <section
            class="toasts"
            aria-live="polite"
            aria-label=move || t_string!(i18n, ui.notifications)
        >
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class=format!("toast {}", toast.tone.class()) role="status">
                    <Icon name=toast.tone.icon() />
                    <p class="toast-text">{toast.text}</p>
                    {toast
                        .action
                        .map(|(label, href)| {
                            view! {
                                <a class="toast-action" href=href>
                                    {label}
                                </a>
                            }
                        })}
                    <button
                        type="button"
                        class="toast-close"
                        aria-label=move || t_string!(i18n, common.actions.close)
                        on:click=move |_| toasts.dismiss(toast.id)
                    >
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </For>
        </section>
    }
}
