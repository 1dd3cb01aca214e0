//! Text fields: a label that is always there, a hint before, an error after, all tied to the control.

use crate::{
    Icon, IconName, Tone,
    follow::follow,
    text::{filled, maybe, shown, words},
};
use i18n::{t_string, use_i18n};
use leptos::{html, prelude::*, text_prop::TextProp};

/// The value of `aria-describedby` for the control with this id inside a [`Field`].
pub fn described_by(id: &str) -> String {
    format!("{id}-hint {id}-error")
}

/// Label, hint and error around one control. The control carries `id` and
/// `aria-describedby=described_by(&id)`.
#[component]
pub fn Field(
    #[prop(into)] id: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    /// Read out, not shown.
    #[prop(optional)]
    hide_label: bool,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let label_class = if hide_label { "sr-only" } else { "field-label" };
    let hint = maybe(hint);
    let no_hint = {
        let hint = hint.clone();
        move || hint().unwrap_or_default().is_empty()
    };
    view! {
        <div class="field" data-invalid=move || error.get().map(|_| "true")>
            <label class=label_class for=id.clone()>
                {words(&label)}
                {required
                    .then(|| {
                        view! {
                            <span class="field-required" aria-hidden="true">
                                "*"
                            </span>
                            <span class="sr-only">
                                {move || format!(" ({})", t_string!(i18n, ui.required))}
                            </span>
                        }
                    })}
            </label>
            {children()}
            <p class="field-hint" id=format!("{id}-hint") hidden=no_hint>
                {move || hint().unwrap_or_default()}
            </p>
            <p
                class="field-error"
                id=format!("{id}-error")
                aria-live="polite"
                hidden=move || error.get().is_none()
            >
                {shown(error)}
            </p>
        </div>
    }
}

/// One line of text. `value` fills it; what is typed comes through `on_input` and the form.
#[component]
pub fn TextInput(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    /// The name, where none is given.
    #[prop(optional, into)]
    id: String,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(default = "text")] type_: &'static str,
    #[prop(optional, into)] autocomplete: String,
    #[prop(optional, into)] placeholder: Option<TextProp>,
    #[prop(optional, into)] inputmode: String,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] hide_label: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] min: Signal<String>,
    #[prop(optional, into)] max: Signal<String>,
    #[prop(optional)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = if id.is_empty() { name.clone() } else { id };
    let placeholder = maybe(placeholder);
    let node = NodeRef::<html::Input>::new();
    follow(value, move |value| {
        // Setting what is there already would move the cursor.
        if let Some(input) = node.get_untracked()
            && input.value() != value
        {
            input.set_value(&value);
        }
    });
    view! {
        <Field id=id.clone() label hint=hint.unwrap_or_default() error required hide_label>
            <input
                class="input"
                id=id.clone()
                name=name
                type=type_
                node_ref=node
                value=move || filled(value.get())
                autocomplete=filled(autocomplete)
                placeholder=placeholder
                inputmode=filled(inputmode)
                min=move || filled(min.get())
                max=move || filled(max.get())
                required=required
                autofocus=autofocus
                disabled=move || disabled.get()
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by(&id)
                on:input=move |event| {
                    if let Some(on_input) = on_input {
                        on_input.run(event_target_value(&event));
                    }
                }
            />
        </Field>
    }
}

/// A password, with a button that shows what was typed.
#[component]
pub fn PasswordInput(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] id: String,
    /// `current-password` or `new-password`.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = if id.is_empty() { name.clone() } else { id };
    let visible = RwSignal::new(false);
    let toggle_label = move || {
        if visible.get() {
            t_string!(i18n, ui.password.hide)
        } else {
            t_string!(i18n, ui.password.show)
        }
    };
    view! {
        <Field id=id.clone() label hint=hint.unwrap_or_default() error required>
            <div class="input-group">
                <input
                    class="input"
                    id=id.clone()
                    name=name
                    type=move || if visible.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=required
                    disabled=move || disabled.get()
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=described_by(&id)
                    on:input=move |event| {
                        if let Some(on_input) = on_input {
                            on_input.run(event_target_value(&event));
                        }
                    }
                />
                <button
                    type="button"
                    class="input-action"
                    aria-label=toggle_label
                    aria-pressed=move || if visible.get() { "true" } else { "false" }
                    aria-controls=id.clone()
                    on:click=move |_| visible.update(|v| *v = !*v)
                >
                    {move || {
                        let name = if visible.get() { IconName::EyeOff } else { IconName::Eye };
                        view! { <Icon name /> }
                    }}
                </button>
            </div>
        </Field>
    }
}

/// What went wrong with the whole form, at its head.
#[component]
pub fn FormError(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert" class="form-error-slot">
            {move || {
                text.get()
                    .map(|text| {
                        view! {
                            <div class=format!("banner {}", Tone::Bad.class())>
                                <Icon name=IconName::Problem />
                                <p class="banner-body">{text}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
