//! One figure of the business: its value, what became of it, how it is calculated, how fresh it is.

use crate::{Icon, IconName, Tone, text::words};
use i18n::{format::Direction, t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};

/// A change, already in words. `tone` says whether it is good news: more refunds are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// `+12.3%`, from `i18n::format::change_text`.
    pub text: String,
    pub direction: Direction,
    pub tone: Tone,
    /// The value it is compared with, as text.
    pub before: Option<String>,
}

/// Arrow, sign and colour.
#[component]
pub fn ChangeTag(delta: Delta) -> impl IntoView {
    let icon = match delta.direction {
        Direction::Up => Some(IconName::ArrowUp),
        Direction::Down => Some(IconName::ArrowDown),
        Direction::Flat => Some(IconName::Minus),
        Direction::New => None,
    };
    view! {
        <span class=format!("change {}", delta.tone.class())>
            {icon.map(|name| view! { <Icon name /> })} <bdi class="figure">{delta.text}</bdi>
        </span>
    }
}

#[component]
pub fn KpiCard(
    /// Unique on the page: the formula's popover is named after it.
    #[prop(into)]
    id: String,
    #[prop(into)] label: TextProp,
    #[prop(into)] value: Signal<String>,
    #[prop(optional, into)] change: Signal<Option<Delta>>,
    /// Why there is no value.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    #[prop(optional, into)] formula: Option<TextProp>,
    /// Below the formula: where the figure comes from.
    #[prop(optional, into)]
    more: Option<ViewFn>,
    /// "Data through 3 Mar 2026".
    #[prop(optional, into)]
    data_through: Option<TextProp>,
    /// The report behind the figure.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let formula_id = format!("{id}-formula");
    let label_words = words(&label);
    let label_id = format!("{id}-label");
    let explain = formula.map(|formula| {
        let target = formula_id.clone();
        view! {
            <button
                type="button"
                class="kpi-explain"
                popovertarget=target
                aria-label=move || t_string!(i18n, ui.kpi.explain)
            >
                <Icon name=IconName::Info />
            </button>
            <div class="popover popover-note" popover="auto" id=formula_id>
                <p>{words(&formula)}</p>
                {more.map(|more| more.run())}
            </div>
        }
    });
    let head = match href {
        Some(href) => view! {
            <a class="kpi-label kpi-link" id=label_id.clone() href=href>
                {label_words}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="kpi-label" id=label_id.clone()>
                {label_words}
            </span>
        }
        .into_any(),
    };
    view! {
        <article class="kpi" aria-labelledby=label_id>
            <div class="kpi-head">{head} {explain}</div>
            <p class="kpi-value">
                <bdi class="figure">{move || value.get()}</bdi>
            </p>
            <div class="kpi-foot">
                {move || note.get().map(|note| view! { <span class="kpi-before">{note}</span> })}
                {move || {
                    change
                        .get()
                        .map(|delta| {
                            let before = delta.before.clone();
                            view! {
                                <ChangeTag delta />
                                {before
                                    .map(|value| {
                                        view! {
                                            <span class="kpi-before">
                                                {move || t_string!(i18n, ui.kpi.before, value = value.clone())}
                                            </span>
                                        }
                                    })}
                            }
                        })
                }}
            </div>
            {data_through.map(|text| view! { <p class="kpi-through">{words(&text)}</p> })}
        </article>
    }
}
