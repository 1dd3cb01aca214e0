use super::api::{AddRule, RemoveRule, SwitchRule};
use crate::{answered::Lines, errors, forms, uploads::texts as upload_words};
use ::api::quality::{OwnRule, RuleForm, Rules, Severity, What};
use i18n::{Locale, t, t_string, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use ui::{
    Badge, Button, ButtonKind, Card, FormError, IconName, Select, SelectOption, Size, TextInput,
    Tone,
};

type I18n = I18nContext<Locale>;

fn severity(i18n: I18n, severity: Severity) -> String {
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

fn kind(i18n: I18n, what: What) -> String {
    match what {
        What::Filled => t_string!(i18n, quality.kind.filled),
        What::Range => t_string!(i18n, quality.kind.range),
        What::OneOf => t_string!(i18n, quality.kind.one_of),
        What::Seen => t_string!(i18n, quality.kind.seen),
        What::Unique => t_string!(i18n, quality.kind.unique),
        What::Fresh => t_string!(i18n, quality.kind.fresh),
    }
    .to_string()
}

fn column(i18n: I18n, id: &str) -> String {
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
    let (switched, removed) = (name.clone(), name);
    let same_id = id.clone();
    view! {
        <div class="flex gap-2">
            <ActionForm action=switch>
                <input type="hidden" name="id" value=same_id />
                <input type="hidden" name="enabled" value=(!enabled).to_string() />
                <Button
                    type_="submit"
                    size=Size::Small
                    kind=ButtonKind::Secondary
                    busy=switch.pending()
                    attr:aria-label=move || format!("{}: {switched}", label())
                    attr:data-testid="switch-rule"
                >
                    {label}
                </Button>
            </ActionForm>
            <ActionForm action=remove>
                <input type="hidden" name="id" value=id />
                <Button
                    type_="submit"
                    size=Size::Small
                    kind=ButtonKind::Quiet
                    busy=remove.pending()
                    attr:aria-label=move || {
                        format!("{}: {removed}", t_string!(i18n, quality.remove))
                    }
                    attr:data-testid="remove-rule"
                >
                    {t!(i18n, quality.remove)}
                </Button>
            </ActionForm>
        </div>
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
                                    <span>{move || upload_words::rule(i18n, &rule.id)}</span>
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

/// Which fields a kind of check has is shown as it is chosen; the server looks at those alone.
#[component]
pub fn AddForm(#[prop(into)] changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<AddRule>::new();
    let what = RwSignal::new(What::default());
    let name = RwSignal::new(String::new());
    forms::refresh_after(move || action.value().get(), changed);
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            name.set(String::new());
        }
    });
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let failed = Signal::derive(move || {
        let error = error.get().filter(|e| e.fields.is_empty());
        error.map(|e| errors::message(i18n, &e))
    });
    let wrong = move |field: &'static str| {
        Signal::derive(move || error.get().and_then(|e| errors::field(i18n, &e, field)))
    };
    let kinds = Signal::derive(move || {
        What::ALL
            .map(|w| SelectOption::new(w.as_str(), kind(i18n, w)))
            .to_vec()
    });
    let severities = Signal::derive(move || {
        Severity::ALL
            .map(|s| SelectOption::new(s.as_str(), severity(i18n, s)))
            .to_vec()
    });
    let columns = Signal::derive(move || {
        let ids = what.get().columns();
        ids.iter()
            .map(|id| SelectOption::new(*id, column(i18n, id)))
            .collect::<Vec<_>>()
    });
    let choose = Callback::new(move |text: String| what.set(text.parse().unwrap_or_default()));
    let has = move |kinds: &'static [What]| Memo::new(move |_| kinds.contains(&what.get()));
    let has_column = Memo::new(move |_| !what.get().columns().is_empty());
    let (has_range, has_values, has_days) = (
        has(&[What::Range]),
        has(&[What::OneOf]),
        has(&[What::Fresh]),
    );
    view! {
        <Card title=move || t_string!(i18n, quality.add) attr:data-testid="add-rule">
            <ActionForm action attr:class="grid gap-4">
                <FormError text=failed />
                <div class="grid gap-4 sm:grid-cols-2">
                    <TextInput
                        name="rule[name]"
                        id="rule-name"
                        label=move || t_string!(i18n, quality.name)
                        hint=move || t_string!(i18n, quality.name_hint)
                        value=name
                        on_input=Callback::new(move |text| name.set(text))
                        error=wrong("name")
                        required=true
                    />
                    <Select
                        name="rule[severity]"
                        id="rule-severity"
                        label=move || t_string!(i18n, quality.severity)
                        options=severities
                        value=Signal::stored(Severity::default().as_str().to_owned())
                    />
                    <Select
                        name="rule[what]"
                        id="rule-what"
                        label=move || t_string!(i18n, quality.what)
                        options=kinds
                        value=Signal::derive(move || what.get().to_string())
                        on_change=choose
                    />
                    {move || {
                        has_column
                            .get()
                            .then(|| {
                                view! {
                                    <Select
                                        name="rule[column]"
                                        id="rule-column"
                                        label=move || t_string!(i18n, quality.column)
                                        options=columns
                                    />
                                }
                            })
                    }}
                    {move || {
                        has_range
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[min]"
                                        id="rule-min"
                                        inputmode="decimal"
                                        label=move || t_string!(i18n, quality.min)
                                        error=wrong("min")
                                    />
                                    <TextInput
                                        name="rule[max]"
                                        id="rule-max"
                                        inputmode="decimal"
                                        label=move || t_string!(i18n, quality.max)
                                        error=wrong("max")
                                    />
                                }
                            })
                    }}
                    {move || {
                        has_values
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[values]"
                                        id="rule-values"
                                        label=move || t_string!(i18n, quality.values)
                                        hint=move || t_string!(i18n, quality.values_hint)
                                        error=wrong("values")
                                    />
                                }
                            })
                    }}
                    {move || {
                        if has_days.get() {
                            view! {
                                <TextInput
                                    name="rule[days]"
                                    id="rule-days"
                                    inputmode="numeric"
                                    label=move || t_string!(i18n, quality.days)
                                    error=wrong("days")
                                />
                            }
                                .into_any()
                        } else {
                            view! {
                                <TextInput
                                    name="rule[tolerated]"
                                    id="rule-tolerated"
                                    inputmode="decimal"
                                    label=move || t_string!(i18n, quality.tolerated)
                                    placeholder="0"
                                    error=wrong("tolerated")
                                />
                            }
                                .into_any()
                        }
                    }}
                </div>
                <div>
                    <Button
                        type_="submit"
                        kind=ButtonKind::Primary
                        icon=IconName::Plus
                        busy=action.pending()
                        attr:data-testid="add"
                    >
                        {t!(i18n, quality.add)}
                    </Button>
                </div>
            </ActionForm>
        </Card>
    }
}
