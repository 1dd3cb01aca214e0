//! The form that makes a check, or changes one.

use super::{
    api::SaveRule,
    parts::{column, kind, severity},
};
use crate::{errors, forms, uploads::texts as upload_words};
use ::api::{
    quality::{OwnRule, RuleForm, Severity, What},
    uploads::DATA_SETS,
};
use i18n::{t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_navigate;
use ui::{
    Button, ButtonKind, Card, FormError, IconName, LinkButton, Select, SelectOption, TextInput,
};

/// Which fields a kind of check has is shown as it is chosen; the server looks at those alone.
#[component]
pub fn RuleEditor(
    /// Absent: a new one.
    editing: Option<OwnRule>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<SaveRule>::new();
    let is_new = editing.is_none();
    let (id, rule) = match editing {
        Some(own) => (own.id, own.rule),
        None => (String::new(), RuleForm::default()),
    };
    let what = RwSignal::new(rule.what);
    let data_set = RwSignal::new(rule.data_set.clone());
    let name = RwSignal::new(rule.name.clone());
    let level = Signal::stored(rule.severity.as_str().to_owned());
    let rule = StoredValue::new(rule);
    forms::refresh_after(move || action.value().get(), changed);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            if is_new {
                name.set(String::new());
            } else {
                navigate("/quality", leptos_router::NavigateOptions::default());
            }
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
    let said = move |pick: fn(&RuleForm) -> &String| {
        Signal::derive(move || rule.with_value(|rule| pick(rule).clone()))
    };
    let sets = Signal::derive(move || {
        let set = |id: &&str| SelectOption::new(*id, upload_words::data_set(i18n, id));
        DATA_SETS.iter().map(set).collect::<Vec<_>>()
    });
    let kinds = Signal::derive(move || {
        let set = data_set.get();
        What::ALL
            .into_iter()
            .filter(|what| what.fits(&set))
            .map(|what| SelectOption::new(what.as_str(), kind(i18n, what)))
            .collect::<Vec<_>>()
    });
    let severities = Signal::derive(move || {
        Severity::ALL
            .map(|s| SelectOption::new(s.as_str(), severity(i18n, s)))
            .to_vec()
    });
    let columns = Signal::derive(move || {
        let ids = data_set.with(|set| what.get().columns(set));
        ids.iter()
            .map(|id| SelectOption::new(*id, column(i18n, id)))
            .collect::<Vec<_>>()
    });
    let choose = Callback::new(move |text: String| what.set(text.parse().unwrap_or_default()));
    let choose_set = Callback::new(move |set: String| {
        if !what.get_untracked().fits(&set) {
            what.set(What::default());
        }
        data_set.set(set);
    });
    let has = move |wanted: What| Memo::new(move |_| what.get() == wanted);
    let has_column = Memo::new(move |_| data_set.with(|set| !what.get().columns(set).is_empty()));
    let is_of_lines = Memo::new(move |_| what.get().is_of_lines());
    let (has_range, has_values) = (has(What::Range), has(What::OneOf));
    let (has_fresh, has_days, has_factor) = (has(What::Fresh), has(What::Days), has(What::Volume));
    let title = move || match is_new {
        true => t_string!(i18n, quality.add),
        false => t_string!(i18n, quality.edit),
    };
    view! {
        <Card title=title attr:data-testid="add-rule" attr:id="rule">
            <ActionForm action attr:class="grid gap-4">
                <FormError text=failed />
                <input type="hidden" name="id" value=id />
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
                        value=level
                    />
                    <Select
                        name="rule[data_set]"
                        id="rule-set"
                        label=move || t_string!(i18n, quality.data_set)
                        options=sets
                        value=data_set
                        on_change=choose_set
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
                                        value=said(|rule| &rule.column)
                                        error=wrong("column")
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
                                        value=said(|rule| &rule.min)
                                        error=wrong("min")
                                    />
                                    <TextInput
                                        name="rule[max]"
                                        id="rule-max"
                                        inputmode="decimal"
                                        label=move || t_string!(i18n, quality.max)
                                        value=said(|rule| &rule.max)
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
                                        value=said(|rule| &rule.values)
                                        error=wrong("values")
                                    />
                                }
                            })
                    }}
                    {move || {
                        has_fresh
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[days]"
                                        id="rule-days"
                                        inputmode="numeric"
                                        label=move || t_string!(i18n, quality.days)
                                        value=said(|rule| &rule.days)
                                        error=wrong("days")
                                    />
                                }
                            })
                    }}
                    {move || {
                        has_days
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[from]"
                                        id="rule-from"
                                        type_="date"
                                        label=move || t_string!(i18n, quality.from)
                                        value=said(|rule| &rule.from)
                                        error=wrong("from")
                                    />
                                    <TextInput
                                        name="rule[ahead]"
                                        id="rule-ahead"
                                        inputmode="numeric"
                                        label=move || t_string!(i18n, quality.ahead)
                                        placeholder="0"
                                        value=said(|rule| &rule.ahead)
                                        error=wrong("ahead")
                                    />
                                }
                            })
                    }}
                    {move || {
                        has_factor
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[factor]"
                                        id="rule-factor"
                                        inputmode="decimal"
                                        label=move || t_string!(i18n, quality.factor)
                                        hint=move || t_string!(i18n, quality.factor_hint)
                                        value=said(|rule| &rule.factor)
                                        error=wrong("factor")
                                    />
                                }
                            })
                    }}
                    {move || {
                        is_of_lines
                            .get()
                            .then(|| {
                                view! {
                                    <TextInput
                                        name="rule[tolerated]"
                                        id="rule-tolerated"
                                        inputmode="decimal"
                                        label=move || t_string!(i18n, quality.tolerated)
                                        placeholder="0"
                                        value=said(|rule| &rule.tolerated)
                                        error=wrong("tolerated")
                                    />
                                }
                            })
                    }}
                </div>
                <div class="flex gap-2">
                    <Button
                        type_="submit"
                        kind=ButtonKind::Primary
                        icon=if is_new { IconName::Plus } else { IconName::Check }
                        busy=action.pending()
                        attr:data-testid="add"
                    >
                        {move || match is_new {
                            true => t_string!(i18n, quality.add),
                            false => t_string!(i18n, common.actions.save),
                        }}
                    </Button>
                    {(!is_new)
                        .then(|| {
                            view! {
                                <LinkButton href="/quality" kind=ButtonKind::Quiet>
                                    {t!(i18n, common.actions.cancel)}
                                </LinkButton>
                            }
                        })}
                </div>
            </ActionForm>
        </Card>
    }
}
