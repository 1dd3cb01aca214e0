use crate::browser;
use i18n::{t_string, use_i18n};
use leptos::prelude::*;
use ui::Dialog;

/// Which keys do what.
#[component]
pub fn Shortcuts(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let command = if browser::is_apple() { "⌘" } else { "Ctrl" };
    let lines = move || {
        [
            (vec![command, "K"], t_string!(i18n, commands.keys.find)),
            (vec!["?"], t_string!(i18n, commands.keys.list)),
            (vec!["↑", "↓"], t_string!(i18n, commands.keys.step)),
            (vec!["Enter"], t_string!(i18n, commands.keys.choose)),
            (vec!["Esc"], t_string!(i18n, commands.keys.close)),
        ]
        .into_iter()
        .map(|(keys, does)| {
            let keys = keys
                .into_iter()
                .map(|key| view! { <kbd class="key">{key}</kbd> });
            view! {
                <div class="keys-line">
                    <dt>{does}</dt>
                    <dd dir="ltr">{keys.collect_view()}</dd>
                </div>
            }
        })
        .collect_view()
    };
    view! {
        <Dialog id="shortcuts" title=move || t_string!(i18n, commands.shortcuts) open>
            <dl class="keys" data-testid="shortcuts">
                {lines}
            </dl>
        </Dialog>
    }
}
