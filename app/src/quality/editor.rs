//! The form that makes a check, or changes one.

use super::{
    api::SaveRule,
    parts::{column, kind, severity},
};
use crate::{
    forms::{self, Faults},
    uploads::texts as upload_words,
};
use ::api::{
    quality::{OwnRule, RuleForm, Severity, What},
    uploads::DATA_SETS,
};
use i18n::{t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*, text_prop::TextProp};
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
    let faults = forms::faults_in(super::words::refusal, move || action.value().get());
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
    let has_column = Memo::new(move |_| data_set.with(|set| !what.get().columns(set).is_empty()));
    let of = Editing { what, rule, faults };
    let title = move || match is_new {
        true => t_string!(i18n, quality.add),
        false => t_string!(i18n, quality.edit),
    };
    view! {
        <Card title=title attr:data-testid="add-rule" attr:id="rule">
            <ActionForm action attr:class="grid gap-4">
                <FormError text=faults.whole() />
                <input type="hidden" name="id" value=id />
                <div class="grid gap-4 sm:grid-cols-2">
                    <TextInput
                        name="rule[name]"
                        id="rule-name"
                        label=move || t_string!(i18n, quality.name)
                        hint=move || t_string!(i18n, quality.name_hint)
                        value=name
                        on_input=Callback::new(move |text| name.set(text))
                        error=faults.of("name")
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
                                        error=faults.of("column")
                                    />
                                }
                            })
                    }}
                    <Part of=of name="min" pick=|rule| &rule.min label=move || t_string!(i18n, quality.min) />
                    <Part of=of name="max" pick=|rule| &rule.max label=move || t_string!(i18n, quality.max) />
                    <Part
                        of=of
                        name="values"
                        pick=|rule| &rule.values
                        label=move || t_string!(i18n, quality.values)
                        hint=move || t_string!(i18n, quality.values_hint)
                    />
                    <Part of=of name="days" pick=|rule| &rule.days label=move || t_string!(i18n, quality.days) />
                    <Part of=of name="from" pick=|rule| &rule.from label=move || t_string!(i18n, quality.from) />
                    <Part of=of name="ahead" pick=|rule| &rule.ahead label=move || t_string!(i18n, quality.ahead) />
                    <Part
                        of=of
                        name="factor"
                        pick=|rule| &rule.factor
                        label=move || t_string!(i18n, quality.factor)
                        hint=move || t_string!(i18n, quality.factor_hint)
                    />
                    <Part
                        of=of
                        name="tolerated"
                        pick=|rule| &rule.tolerated
                        label=move || t_string!(i18n, quality.tolerated)
                    />
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

/// What the parts of the form belong to.
#[derive(Clone, Copy)]
struct Editing {
    what: RwSignal<What>,
    rule: StoredValue<RuleForm>,
    faults: Faults,
}

/// Whether a kind of check has this field.
fn has(what: What, field: &str) -> bool {
    match field {
        "min" | "max" => what == What::Range,
        "values" => what == What::OneOf,
        "days" => what == What::Fresh,
        "from" | "ahead" => what == What::Days,
        "factor" => what == What::Volume,
        _ => what.is_of_lines(),
    }
}

/// A field that only some kinds of check have.
#[component]
fn Part(
    of: Editing,
    name: &'static str,
    pick: fn(&RuleForm) -> &String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] hint: Option<TextProp>,
) -> impl IntoView {
    let is_there = Memo::new(move |_| has(of.what.get(), name));
    let (type_, inputmode, placeholder) = match name {
        "from" => ("date", "", ""),
        "values" => ("text", "", ""),
        "days" => ("text", "numeric", ""),
        "ahead" => ("text", "numeric", "0"),
        "tolerated" => ("text", "decimal", "0"),
        _ => ("text", "decimal", ""),
    };
    move || {
        let (label, hint) = (label.clone(), hint.clone());
        let hint = TextProp::from(move || hint.as_ref().map(TextProp::get).unwrap_or_default());
        is_there.get().then(|| {
            view! {
                <TextInput
                    name=format!("rule[{name}]")
                    id=format!("rule-{name}")
                    type_
                    inputmode
                    placeholder
                    label
                    hint
                    value=Signal::stored(of.rule.with_value(|rule| pick(rule).clone()))
                    error=of.faults.of(name)
                />
            }
        })
    }
}
