use super::api::{RemoveRule, SwitchRule};
use crate::{
    answered::Lines,
    forms::{self, OnLine},
    uploads::texts as upload_words,
};
use ::api::quality::{OwnRule, RuleForm, Rules, Severity, What};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{Badge, ButtonKind, Card, Tone};

type I18n = I18nContext<Locale>;

pub fn severity(i18n: I18n, severity: Severity) -> String {
    match severity {
        Severity::Info => t_string!(i18n, quality.severities.info),
        Severity::Warning => t_string!(i18n, quality.severities.warning),
        Severity::Critical => t_string!(i18n, quality.severities.critical),
    }
    .to_string()
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Accent,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    }
}

pub fn kind(i18n: I18n, what: What) -> String {
    match what {
        What::Filled => t_string!(i18n, quality.kind.filled),
        What::Range => t_string!(i18n, quality.kind.range),
        What::OneOf => t_string!(i18n, quality.kind.one_of),
        What::Seen => t_string!(i18n, quality.kind.seen),
        What::Unique => t_string!(i18n, quality.kind.unique),
        What::Fresh => t_string!(i18n, quality.kind.fresh),
        What::Days => t_string!(i18n, quality.kind.days),
        What::Volume => t_string!(i18n, quality.kind.volume),
    }
    .to_string()
}

pub fn column(i18n: I18n, id: &str) -> String {
    match id {
        "gross" => t_string!(i18n, quality.columns.gross).to_string(),
        "returns" => t_string!(i18n, quality.columns.returns).to_string(),
        "customer" => t_string!(i18n, quality.columns.customer).to_string(),
        id => upload_words::field(i18n, id),
    }
}

/// What a rule asks, in a sentence.
fn says(i18n: I18n, rule: &RuleForm) -> String {
    let column = column(i18n, &rule.column);
    let (min, max) = (rule.min.clone(), rule.max.clone());
    let asked = match rule.what {
        What::Filled => t_string!(i18n, quality.says.filled, column = column).to_string(),
        What::Range if max.is_empty() => {
            t_string!(i18n, quality.says.at_least, column = column, min = min).to_string()
        }
        What::Range if min.is_empty() => {
            t_string!(i18n, quality.says.at_most, column = column, max = max).to_string()
        }
        What::Range => t_string!(
            i18n,
            quality.says.between,
            column = column,
            min = min,
            max = max
        )
        .to_string(),
        What::OneOf => {
            let values = rule.values.clone();
            t_string!(i18n, quality.says.one_of, column = column, values = values).to_string()
        }
        What::Seen => t_string!(i18n, quality.says.seen, column = column).to_string(),
        What::Unique => t_string!(i18n, quality.says.unique, column = column).to_string(),
        What::Fresh => t_string!(i18n, quality.says.fresh, days = rule.days.clone()).to_string(),
        What::Days => {
            let locale = i18n.get_locale();
            let from = rule.from.parse().map(|day| format::day(day, locale));
            let (from, ahead) = (from.unwrap_or_default(), rule.ahead.clone());
            t_string!(i18n, quality.says.days, from = from, ahead = ahead).to_string()
        }
        What::Volume => {
            t_string!(i18n, quality.says.volume, factor = rule.factor.clone()).to_string()
        }
    };
    if rule.tolerated.is_empty() {
        return asked;
    }
    let percent = rule.tolerated.clone();
    let but = t_string!(i18n, quality.says.tolerated, percent = percent).to_string();
    format!("{asked} · {but}")
}

#[component]
pub fn OwnRules(
    #[prop(into)] rules: Signal<Option<Rules>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let lines = Signal::derive(move || {
        rules.with(|r| {
            let own = r
                .iter()
                .flat_map(|r| r.own.iter().cloned().map(|own| (own, r.may_change)));
            own.collect::<Vec<_>>()
        })
    });
    view! {
        <Card title=move || t_string!(i18n, quality.own) attr:data-testid="own-rules">
            <Lines
                of=lines
                none=move || t_string!(i18n, quality.none)
                line=move |(own, may_change)| view! { <OwnLine own may_change changed /> }
            />
        </Card>
    }
}

#[component]
fn OwnLine(own: OwnRule, may_change: bool, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let OwnRule { id, enabled, rule } = own;
    let name = rule.name.clone();
    let set = StoredValue::new(rule.data_set.clone());
    let level = rule.severity;
    let rule = StoredValue::new(rule);
    view! {
        <li
            class="flex flex-wrap items-center justify-between gap-3 border-b border-line pb-3"
            data-testid="own-rule"
        >
            <div class="min-w-0">
                <p class="flex flex-wrap items-center gap-2 font-medium">
                    <bdi>{name.clone()}</bdi>
                    <Badge>{move || set.with_value(|s| upload_words::data_set(i18n, s))}</Badge>
                    <Badge tone=tone(level)>{move || severity(i18n, level)}</Badge>
                    {(!enabled).then(|| view! { <Badge>{t!(i18n, quality.off)}</Badge> })}
                </p>
                <p class="text-sm text-muted">{move || rule.with_value(|r| says(i18n, r))}</p>
            </div>
            {may_change.then(|| view! { <OwnActions id name enabled changed /> })}
        </li>
    }
}

#[component]
fn OwnActions(id: String, name: String, enabled: bool, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let switch = ServerAction::<SwitchRule>::new();
    let remove = ServerAction::<RemoveRule>::new();
    forms::refresh_after(move || switch.value().get(), changed);
    forms::refresh_after(move || remove.value().get(), changed);
    let label = move || {
        if enabled {
            t_string!(i18n, quality.turn_off)
        } else {
            t_string!(i18n, quality.turn_on)
        }
        .to_string()
    };
    let (switched, edited, removed) = (name.clone(), name.clone(), name);
    let same_id = id.clone();
    let edit = format!("/quality?edit={id}#rule");
    view! {
        <div class="flex gap-2">
            <a
                class="button button-secondary button-small"
                href=edit
                aria-label=move || format!("{}: {edited}", t_string!(i18n, common.actions.edit))
                data-testid="edit-rule"
            >
                {t!(i18n, common.actions.edit)}
            </a>
            <ActionForm action=switch>
                <input type="hidden" name="enabled" value=(!enabled).to_string() />
                <OnLine
                    failed=forms::failed(move || switch.value().get())
                    busy=switch.pending()
                    kind=ButtonKind::Secondary
                    id=same_id
                    label
                    named=switched
                    test_id="switch-rule"
                />
            </ActionForm>
            <ActionForm action=remove>
                <OnLine
                    failed=forms::failed(move || remove.value().get())
                    busy=remove.pending()
                    id
                    label=move || t_string!(i18n, quality.remove)
                    named=removed
                    test_id="remove-rule"
                />
            </ActionForm>
        </div>
    }
}

/// What a built-in rule asks.
fn built_in(i18n: I18n, id: &str) -> String {
    match id {
        "products_once" => t_string!(i18n, quality.rules.products_once).to_string(),
        "prices" => t_string!(i18n, quality.rules.prices).to_string(),
        "costs" => t_string!(i18n, quality.rules.costs).to_string(),
        "customers_named" => t_string!(i18n, quality.rules.customers_named).to_string(),
        "stock" => t_string!(i18n, quality.rules.stock).to_string(),
        "promotions_once" => t_string!(i18n, quality.rules.promotions_once).to_string(),
        "campaigns_named" => t_string!(i18n, quality.rules.campaigns_named).to_string(),
        "spend" => t_string!(i18n, quality.rules.spend).to_string(),
        other => upload_words::rule(i18n, other),
    }
}

#[component]
pub fn BuiltInRules(#[prop(into)] rules: Signal<Option<Rules>>) -> impl IntoView {
    let i18n = use_i18n();
    let shown = Memo::new(move |_| {
        rules.with(|r| r.as_ref().map(|r| r.built_in.clone()).unwrap_or_default())
    });
    view! {
        <Card title=move || t_string!(i18n, quality.built_in) attr:data-testid="built-in-rules">
            <ul class="grid gap-3">
                {move || {
                    shown
                        .get()
                        .into_iter()
                        .map(|rule| {
                            let level = rule.severity;
                            view! {
                                <li class="flex items-center justify-between gap-3">
                                    <span>
                                        {move || {
                                            let set = upload_words::data_set(i18n, &rule.data_set);
                                            format!("{set}: {}", built_in(i18n, &rule.id))
                                        }}
                                    </span>
                                    <Badge tone=tone(level)>{move || severity(i18n, level)}</Badge>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </Card>
    }
}
