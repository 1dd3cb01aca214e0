//! The period of the page and what it is compared with: links and a GET form in a popover, so that the
//! choice is in the address and works before WebAssembly.

use crate::{
    Button, ButtonKind, Icon, IconName, QueryForm, Select, SelectOption, Size, TextInput,
    button::class_of,
    text::{maybe, words},
};
use i18n::{t_string, use_i18n};
use leptos::{html, prelude::*, text_prop::TextProp};
use leptos_router::params::ParamsMap;

/// Submits `period=<preset>&compare=<comparison>`, or `period=custom&from=…&to=…&compare=…`, beside
/// the pairs in `keep`.
#[component]
pub fn DateRangePicker(
    /// The page's own path.
    #[prop(into)]
    action: Signal<String>,
    /// The period in words, on the button: `1–30 Mar 2026`.
    #[prop(into)]
    label: TextProp,
    /// The comparison in words: `30 Jan – 28 Feb 2026`.
    #[prop(optional, into)]
    compared: Option<TextProp>,
    #[prop(into)] presets: Signal<Vec<SelectOption>>,
    /// Which preset holds; none for own dates.
    #[prop(into)]
    period: Signal<String>,
    /// `2026-03-01`.
    #[prop(into)]
    from: Signal<String>,
    #[prop(into)] to: Signal<String>,
    #[prop(optional, into)] min: Signal<String>,
    #[prop(optional, into)] max: Signal<String>,
    #[prop(into)] comparisons: Signal<Vec<SelectOption>>,
    #[prop(into)] comparison: Signal<String>,
    #[prop(optional, into)] keep: Signal<Vec<(String, String)>>,
    /// As of [`QueryForm`].
    #[prop(optional)]
    go: Option<Callback<String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Div>::new();
    let close = move || {
        if let Some(choices) = node.get_untracked() {
            // Refused only where it is closed already.
            let _ = choices.hide_popover();
        }
    };
    let go = go.map(|go| {
        Callback::new(move |address| {
            close();
            go.run(address);
        })
    });
    let has_comparison = compared.is_some();
    let compared = maybe(compared);
    let hidden = move || {
        keep.get()
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect::<Vec<_>>()
    };
    let preset_links = move || {
        let (path, chosen, compare) = (action.get(), period.get(), comparison.get());
        presets
            .get()
            .into_iter()
            .map(|preset| {
                let is_current = preset.value == chosen;
                let query: ParamsMap = keep
                    .get()
                    .into_iter()
                    .chain([
                        ("period".to_owned(), preset.value),
                        ("compare".to_owned(), compare.clone()),
                    ])
                    .collect();
                view! {
                    <a
                        class="menu-item"
                        href=format!("{path}{}", query.to_query_string())
                        aria-current=is_current.then_some("true")
                        on:click=move |_| close()
                    >
                        <span class="menu-item-words">{preset.label}</span>
                        {is_current.then(|| view! { <Icon name=IconName::Check /> })}
                    </a>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="menu date-range" data-testid="date-range">
            <button
                type="button"
                class=format!("{} menu-button", class_of(ButtonKind::Secondary, Size::Medium, false))
                popovertarget="date-range-choices"
                aria-haspopup="dialog"
                title=move || t_string!(i18n, ui.period.open)
            >
                <Icon name=IconName::Calendar />
                <span class="date-range-words">
                    <bdi class="figure">{words(&label)}</bdi>
                    {has_comparison
                        .then(|| {
                            view! {
                                <span class="date-range-compared">
                                    {move || {
                                        let period = compared().unwrap_or_default();
                                        t_string!(i18n, ui.period.compared_with, period = period)
                                    }}
                                </span>
                            }
                        })}
                </span>
                <Icon name=IconName::ChevronDown />
            </button>
            <div
                class="popover date-range-choices menu-end"
                popover="auto"
                id="date-range-choices"
                node_ref=node
                role="dialog"
                aria-label=move || t_string!(i18n, ui.period.open)
            >
                <nav
                    class="date-range-presets"
                    aria-label=move || t_string!(i18n, common.period.label)
                >
                    {preset_links}
                </nav>
                <div class="date-range-custom">
                <QueryForm action go>
                    {hidden}
                    <input type="hidden" name="period" value="custom" />
                    <div class="date-range-days">
                        <TextInput
                            name="from"
                            id="date-range-from"
                            type_="date"
                            label=move || t_string!(i18n, ui.period.from)
                            value=from
                            min=min
                            max=max
                            required=true
                        />
                        <TextInput
                            name="to"
                            id="date-range-to"
                            type_="date"
                            label=move || t_string!(i18n, ui.period.to)
                            value=to
                            min=min
                            max=max
                            required=true
                        />
                    </div>
                    <Select
                        name="compare"
                        id="date-range-compare"
                        label=move || t_string!(i18n, common.comparison.label)
                        options=comparisons
                        value=comparison
                    />
                    <Button kind=ButtonKind::Primary type_="submit" full=true>
                        {move || t_string!(i18n, common.actions.apply)}
                    </Button>
                </QueryForm>
                </div>
            </div>
        </div>
    }
}
