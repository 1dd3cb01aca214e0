//! Choosing: a list, a tick, or cards side by side.

use crate::{
    Field, Icon, IconName, described_by,
    follow::follow,
    text::{filled, maybe, shown, words},
};
use leptos::{html, prelude::*, text_prop::TextProp};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectOption {
    pub value: String,
    pub label: String,
    pub disabled: bool,
    /// Options of one group stand together under its name.
    pub group: Option<String>,
}

impl SelectOption {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            ..Self::default()
        }
    }

    pub fn group(self, group: impl Into<String>) -> Self {
        Self {
            group: Some(group.into()),
            ..self
        }
    }
}

fn option_view(option: SelectOption, selected: &str) -> impl IntoView + use<> {
    let is_selected = option.value == selected;
    view! {
        <option value=option.value selected=is_selected disabled=option.disabled>
            {option.label}
        </option>
    }
}

/// A real `<select>`.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] id: String,
    #[prop(into)] options: Signal<Vec<SelectOption>>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] hide_label: bool,
    #[prop(optional)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = if id.is_empty() { name.clone() } else { id };
    let node = NodeRef::<html::Select>::new();
    let set = move |value: &str| {
        // What is no option would leave it without any.
        let is_there = options.with_untracked(|all| all.iter().any(|o| o.value == value));
        if let Some(select) = node.get_untracked().filter(|_| is_there) {
            select.set_value(value);
        }
    };
    let picked = StoredValue::new(None::<String>);
    follow(value, move |value| {
        picked.set_value(None);
        set(&value);
    });
    // Where others come, the browser keeps the place of what was picked, not what it is.
    Effect::new(move |_| {
        options.track();
        if let Some(value) = picked.get_value() {
            set(&value);
        }
    });
    let entries = move || {
        let chosen = value.get();
        let mut groups: Vec<(Option<String>, Vec<SelectOption>)> = Vec::new();
        for option in options.get() {
            match groups.last_mut() {
                Some((group, members)) if *group == option.group => members.push(option),
                _ => groups.push((option.group.clone(), vec![option])),
            }
        }
        groups
            .into_iter()
            .map(|(group, members)| {
                let members: Vec<_> = members
                    .into_iter()
                    .map(|option| option_view(option, &chosen))
                    .collect();
                match group {
                    Some(group) => view! { <optgroup label=group>{members}</optgroup> }.into_any(),
                    None => members.into_any(),
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Field id=id.clone() label hint=hint.unwrap_or_default() error required hide_label>
            <div class="select">
                <select
                    class="input"
                    id=id.clone()
                    name=filled(name)
                    required=required
                    disabled=move || disabled.get()
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=described_by(&id)
                    node_ref=node
                    on:change=move |event| {
                        picked.set_value(Some(event_target_value(&event)));
                        if let Some(on_change) = on_change {
                            on_change.run(event_target_value(&event));
                        }
                    }
                >
                    {entries}
                </select>
                <Icon name=IconName::ChevronDown />
            </div>
        </Field>
    }
}

#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] id: String,
    #[prop(default = "on".into(), into)] value: String,
    #[prop(optional, into)] checked: Signal<bool>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    let id = if id.is_empty() { name.clone() } else { id };
    let has_hint = hint.is_some();
    let hint = maybe(hint);
    let node = NodeRef::<html::Input>::new();
    follow(checked, move |checked| {
        if let Some(input) = node.get_untracked() {
            input.set_checked(checked);
        }
    });
    view! {
        <div class="checkbox">
            <input
                type="checkbox"
                id=id.clone()
                name=name
                value=value
                node_ref=node
                checked=move || checked.get()
                disabled=move || disabled.get()
                aria-describedby=has_hint.then(|| format!("{id}-hint"))
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_checked(&event));
                    }
                }
            />
            <div>
                <label for=id.clone()>{words(&label)}</label>
                <p class="field-hint" id=format!("{id}-hint") hidden=!has_hint>
                    {move || hint().unwrap_or_default()}
                </p>
            </div>
        </div>
    }
}

/// One of a few answers, with what it would mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// Lines of examples.
    pub detail: Vec<String>,
}

/// Radio buttons as cards side by side.
#[component]
pub fn ChoiceGroup(
    #[prop(into)] name: String,
    #[prop(into)] legend: TextProp,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let has_hint = hint.is_some();
    let hint = maybe(hint);
    let described = described_by(&name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    // Kept here, so that cards that are made anew, in another language, have the answer that was chosen.
    let chosen = RwSignal::new(value.get_untracked());
    follow(value, move |value| chosen.set(value));
    let cards = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let (mine, given) = (choice.value.clone(), choice.value.clone());
                let is_chosen = Memo::new(move |_| chosen.with(|chosen| *chosen == mine));
                let node = NodeRef::<html::Input>::new();
                follow(is_chosen.into(), move |is_chosen| {
                    if let Some(input) = node.get_untracked() {
                        input.set_checked(is_chosen);
                    }
                });
                let detail: Vec<_> = choice
                    .detail
                    .into_iter()
                    .map(|line| view! { <span class="choice-line">{line}</span> })
                    .collect();
                view! {
                    <label class="choice">
                        <input
                            type="radio"
                            name=name.clone()
                            value=choice.value
                            node_ref=node
                            checked=move || is_chosen.get()
                            on:change=move |_| {
                                chosen.set(given.clone());
                                if let Some(on_change) = on_change {
                                    on_change.run(given.clone());
                                }
                            }
                        />
                        <span class="choice-body">
                            <span class="choice-label">{choice.label}</span>
                            {detail}
                        </span>
                    </label>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <fieldset class="choices" aria-describedby=described>
            <legend class="field-label">{words(&legend)}</legend>
            <p class="field-hint" id=hint_id hidden=!has_hint>
                {move || hint().unwrap_or_default()}
            </p>
            <div class="choice-grid">{cards}</div>
            <p
                class="field-error"
                id=error_id
                aria-live="polite"
                hidden=move || error.get().is_none()
            >
                {shown(error)}
            </p>
        </fieldset>
    }
}
