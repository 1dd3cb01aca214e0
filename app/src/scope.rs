//! The date range, comparison and currency every page shares: they live in the URL and nowhere else.

use crate::forms::use_go;
use api::dashboard::{Scope, comparison_text};
use i18n::{Locale, format, t_string, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::hooks::{use_location, use_query_map};
use types::{Comparison, Period, PeriodChoice};
use ui::{DateRangePicker, SelectOption};

/// What the URL says now.
pub fn use_scope() -> Memo<Scope> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|map| Scope::read(|name| map.get_str(name))))
}

/// Paths with what the URL says now in their query: for every link to a page of ours, and for `navigate`.
pub fn use_scoped() -> impl Fn(&str) -> String + Copy + Send + Sync + 'static {
    let scope = use_scope();
    move |path| scope.with(|scope| scope.link(path))
}

/// As [`use_scoped`], for a link that is always the same.
pub fn use_link(path: &'static str) -> Signal<String> {
    let scoped = use_scoped();
    Signal::derive(move || scoped(path))
}

/// The scope as hidden fields, for a plain form that leads to a page of its own.
pub fn kept(scope: &Scope) -> impl IntoView + use<> {
    let (period, comparison) = (scope.period, scope.comparison);
    let usual = Scope::default();
    [
        (
            "period",
            (period != usual.period).then(|| period.to_string()),
        ),
        (
            "compare",
            (comparison != usual.comparison).then(|| comparison_text(comparison)),
        ),
        ("currency", scope.currency.map(|c| c.to_string())),
        ("by", scope.by.map(|by| by.id().to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        value.map(|value| view! { <input type="hidden" name=name value=value /> })
    })
    .collect_view()
}

pub fn period_name(i18n: I18nContext<Locale>, period: PeriodChoice) -> String {
    match period {
        PeriodChoice::Last7 => t_string!(i18n, common.period.last7).to_string(),
        PeriodChoice::Last30 => t_string!(i18n, common.period.last30).to_string(),
        PeriodChoice::Last90 => t_string!(i18n, common.period.last90).to_string(),
        PeriodChoice::Last365 => t_string!(i18n, common.period.last365).to_string(),
        PeriodChoice::MonthToDate => t_string!(i18n, common.period.month_to_date).to_string(),
        PeriodChoice::YearToDate => t_string!(i18n, common.period.year_to_date).to_string(),
        PeriodChoice::All => t_string!(i18n, common.period.all).to_string(),
        PeriodChoice::Custom(period) => format::period(period, i18n.get_locale()),
    }
}

pub fn comparison_name(i18n: I18nContext<Locale>, comparison: Comparison) -> String {
    match comparison {
        Comparison::None => t_string!(i18n, common.comparison.none).to_string(),
        Comparison::Previous => t_string!(i18n, common.comparison.previous).to_string(),
        Comparison::SameWeekdays => t_string!(i18n, common.comparison.same_weekdays).to_string(),
        Comparison::LastYear => t_string!(i18n, common.comparison.last_year).to_string(),
        Comparison::Custom(period) => format::period(period, i18n.get_locale()),
    }
}

/// The picker at the head of a page. `shown` is what the choice came out as, once it is known.
#[component]
pub fn ScopePicker(
    #[prop(into)] shown: Signal<Option<Period>>,
    #[prop(into)] compared: Signal<Option<Period>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let path = use_location().pathname.get_untracked();
    let presets = Signal::derive(move || {
        PeriodChoice::PRESETS
            .into_iter()
            .map(|p| SelectOption::new(p.to_string(), period_name(i18n, p)))
            .collect::<Vec<_>>()
    });
    let comparisons = Signal::derive(move || {
        let kinds = [
            Comparison::Previous,
            Comparison::SameWeekdays,
            Comparison::LastYear,
            Comparison::None,
        ];
        // Days of one's own come by the URL alone; they stay a choice as long as they are chosen.
        let chosen = scope.get().comparison;
        let custom = matches!(chosen, Comparison::Custom(_)).then_some(chosen);
        kinds
            .into_iter()
            .chain(custom)
            .map(|c| SelectOption::new(comparison_text(c), comparison_name(i18n, c)))
            .collect::<Vec<_>>()
    });
    let label = move || match shown.get() {
        Some(period) => format::period(period, i18n.get_locale()),
        None => period_name(i18n, scope.get().period),
    };
    let compares = Memo::new(move |_| scope.get().comparison != Comparison::None);
    let compared_text = move || match compared.get() {
        Some(period) => format::period(period, i18n.get_locale()),
        None => comparison_name(i18n, scope.get().comparison),
    };
    let edge = move |pick: fn(Period) -> types::Day| {
        Signal::derive(move || {
            shown
                .get()
                .map(pick)
                .map_or_else(String::new, |d| d.to_string())
        })
    };
    let keep = Signal::derive(move || {
        let scope = scope.get();
        let currency = scope.currency.map(|c| ("currency", c.to_string()));
        let by = scope.by.map(|by| ("by", by.id().to_owned()));
        currency
            .into_iter()
            .chain(by)
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Vec<_>>()
    });
    let period = Signal::derive(move || match scope.get().period {
        PeriodChoice::Custom(_) => "custom".to_owned(),
        preset => preset.to_string(),
    });
    let comparison = Signal::derive(move || comparison_text(scope.get().comparison));
    let (from, to) = (edge(|p| p.from), edge(|p| p.to));
    let action = Signal::stored(path);
    let go = use_go();
    // Two pickers rather than one: "compared with nothing" is not written on the button at all.
    move || {
        if compares.get() {
            view! {
                <DateRangePicker
                    action label compared=compared_text presets period from to comparisons comparison keep go
                />
            }
            .into_any()
        } else {
            view! { <DateRangePicker action label presets period from to comparisons comparison keep go /> }
                .into_any()
        }
    }
}
