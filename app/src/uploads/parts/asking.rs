//! What was found out about a file, and what has to be decided.
//! Plain forms: they work before the WASM has loaded.

use super::{id_of, reading::HowItIsRead, sending::CancelForm};
use crate::{
    forms,
    uploads::{
        api::{ChangeUpload, Decide},
        texts as words,
    },
};
use ::api::uploads::{Answer, Change, Column as FileColumn, DATA_SETS, Facts, Question, Upload};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{
    Badge, Button, ButtonKind, Card, Choice, ChoiceGroup, Fact, FactList, FormError, Select,
    SelectOption, Tone,
};

/// Detection facts, the questions, the mapping.
#[component]
pub fn Asking(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    view! {
        <FactsCard upload />
        <DecideForm upload changed asks=true />
        <AskAgain upload changed />
        <CancelForm upload changed />
    }
}

/// The mapping of a file about which nothing is left to ask: it can still be changed.
#[component]
pub fn ReadyForm(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    view! {
        <FactsCard upload />
        <DecideForm upload changed asks=false />
        <AskAgain upload changed />
        <CancelForm upload changed />
    }
}

fn facts_of(i18n: I18nContext<Locale>, facts: &Facts, bytes: u64) -> Vec<Fact> {
    let locale = i18n.get_locale();
    let fact = |label: String, value: String| Fact { label, value };
    let number = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    let mut list = vec![
        fact(
            t_string!(i18n, uploads.holds).to_string(),
            words::data_set(i18n, &facts.data_set),
        ),
        fact(
            t_string!(i18n, uploads.source).to_string(),
            words::source(i18n, &facts.source),
        ),
        fact(
            t_string!(i18n, uploads.size).to_string(),
            format::bytes(bytes, locale),
        ),
    ];
    if let Some(compression) = &facts.compression {
        list.push(fact(
            t_string!(i18n, uploads.compression).to_string(),
            compression.clone(),
        ));
    }
    if facts.skipped_lines > 0 {
        list.push(fact(
            t_string!(i18n, uploads.skipped_lines).to_string(),
            number(facts.skipped_lines),
        ));
    }
    list
}

#[component]
fn FactsCard(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let facts = Signal::derive(move || {
        upload.with(|u| {
            u.as_ref()
                .and_then(|u| Some(facts_of(i18n, u.facts.as_ref()?, u.size)))
                .unwrap_or_default()
        })
    });
    let assumed = Signal::derive(move || {
        upload.with(|u| {
            let list = u
                .as_ref()
                .map(|u| u.assumptions.as_slice())
                .unwrap_or_default();
            list.iter()
                .map(|a| words::assumption(i18n, a))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Card title=move || t_string!(i18n, uploads.found) attr:data-testid="facts">
            <div class="grid gap-4">
                <FactList items=facts />
                {move || {
                    let assumed = assumed.get();
                    (!assumed.is_empty())
                        .then(|| {
                            view! {
                                <div data-testid="assumptions">
                                    <p class="font-medium">{t!(i18n, uploads.assumptions)}</p>
                                    <ul class="list-disc ps-6 text-sm text-muted">
                                        {assumed.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}
                                    </ul>
                                </div>
                            }
                        })
                }}
            </div>
        </Card>
    }
}

fn choices_of(i18n: I18nContext<Locale>, question: &Question) -> Vec<Choice> {
    question
        .choices
        .iter()
        .map(|choice| Choice {
            value: choice.value.clone(),
            label: words::choice(i18n, question, choice),
            // The sample as it stands in the file, and what it would mean.
            detail: choice
                .readings
                .iter()
                .map(|reading| words::raw_and_read(i18n, reading))
                .collect(),
        })
        .collect()
}

/// The question what the file holds: as long as it is open, it is asked nowhere else.
const DATA_SET: &str = "data_set";

/// Questions side by side with their readings, and the column table. `asks`: something must be decided.
#[component]
fn DecideForm(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
    asks: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<Decide>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = words::failed(move || action.value().get());
    let id = id_of(upload);
    // Compared: an answer that changes neither leaves what is being chosen alone.
    let questions = Memo::new(move |_| {
        upload.with(|u| u.as_ref().map(|u| u.questions.clone()).unwrap_or_default())
    });
    let answers = Memo::new(move |_| {
        upload.with(|u| u.as_ref().map(|u| u.answers.clone()).unwrap_or_default())
    });
    let reading = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.reading.clone())));
    let columns = Memo::new(move |_| {
        upload.with(|u| u.as_ref().map(|u| u.columns.clone()).unwrap_or_default())
    });
    let generic = Memo::new(move |_| {
        upload.with(|u| {
            u.as_ref()
                .and_then(|u| u.facts.as_ref())
                .is_none_or(|f| f.source == "generic")
        })
    });
    let facts = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.facts.clone())));
    let header_line = Memo::new(move |_| facts.with(|f| f.as_ref().and_then(|f| f.header_line)));
    let asks_what = Memo::new(move |_| questions.with(|all| all.iter().any(|q| q.id == DATA_SET)));
    let sets = Signal::derive(move || {
        let option = |id: &&str| SelectOption::new(*id, words::data_set(i18n, id));
        DATA_SETS.iter().map(option).collect::<Vec<_>>()
    });
    view! {
        <ActionForm action attr:class="grid gap-4" attr:data-testid="decide-form">
            <input type="hidden" name="id" value=id />
            <FormError text=failed />
            {move || {
                questions
                    .get()
                    .into_iter()
                    .map(|question| {
                        // Taken for orders, unless it is said otherwise.
                        let guess = facts.get().filter(|_| question.id == DATA_SET);
                        let value = guess.map(|f| f.data_set).unwrap_or_default();
                        view! { <QuestionCard question value remembered=false /> }
                    })
                    .collect_view()
            }}
            {move || {
                answers
                    .get()
                    .into_iter()
                    .map(|Answer { question, value, remembered }| {
                        view! { <QuestionCard question value remembered /> }
                    })
                    .collect_view()
            }}
            {move || reading.get().map(|read| view! { <HowItIsRead read header_line=header_line.get() /> })}
            <Card title=move || t_string!(i18n, uploads.columns) attr:data-testid="mapping">
                <details open=move || asks || generic.get()>
                    <summary class="cursor-pointer text-sm text-muted">{t!(i18n, uploads.columns_hint)}</summary>
                    <div class="grid gap-3 pt-3">
                        {move || {
                            let facts = facts.get().filter(|_| !asks_what.get())?;
                            Some(
                                view! {
                                    <div class="max-w-sm border-b border-line pb-3">
                                        <Select
                                            name="decisions[data_set]"
                                            id="data-set"
                                            label=move || t_string!(i18n, uploads.holds).to_string()
                                            options=sets
                                            value=Signal::stored(facts.data_set)
                                        />
                                    </div>
                                },
                            )
                        }}
                        {move || {
                            let fields = facts.get().map(|f| f.fields).unwrap_or_default();
                            columns
                                .get()
                                .into_iter()
                                .map(|column| {
                                    let fields = fields.clone();
                                    view! { <ColumnRow column fields /> }
                                })
                                .collect_view()
                        }}
                    </div>
                </details>
            </Card>
            <div>
                <Button
                    kind=if asks { ButtonKind::Primary } else { ButtonKind::Secondary }
                    type_="submit"
                    busy=action.pending()
                    attr:data-testid="decide"
                >
                    {move || {
                        if asks {
                            t_string!(i18n, uploads.go_on).to_string()
                        } else {
                            t_string!(i18n, uploads.apply_mapping).to_string()
                        }
                    }}
                </Button>
            </div>
        </ActionForm>
    }
}

#[component]
fn QuestionCard(question: Question, value: String, remembered: bool) -> impl IntoView {
    let i18n = use_i18n();
    let name = format!("decisions[{}]", question.id);
    let test_id = format!("question-{}", question.id);
    let question = StoredValue::new(question);
    let choices = Signal::derive(move || question.with_value(|q| choices_of(i18n, q)));
    if question.with_value(|q| q.choices.is_empty()) {
        return view! {
            <Card attr:data-testid=test_id>
                <p class="font-medium">{move || question.with_value(|q| words::question(i18n, q))}</p>
                <p class="pt-1 text-sm text-muted">{t!(i18n, uploads.ask.none_fits)}</p>
            </Card>
        }
        .into_any();
    }
    view! {
        <Card attr:data-testid=test_id>
            <ChoiceGroup
                name=name
                legend=move || question.with_value(|q| words::question(i18n, q))
                choices=choices
                value=Signal::stored(value)
            />
            {remembered
                .then(|| {
                    view! {
                        <p class="pt-2" data-testid="remembered">
                            <Badge tone=Tone::Accent>{t!(i18n, uploads.decided_earlier)}</Badge>
                        </p>
                    }
                })}
        </Card>
    }
    .into_any()
}

/// Where something was answered: forgets it, here and for the next file like this one.
#[component]
fn AskAgain(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<ChangeUpload>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = words::failed(move || action.value().get());
    let id = id_of(upload);
    let decided = Memo::new(move |_| {
        let own = |key: &String| !key.starts_with("correct.");
        upload.with(|u| u.as_ref().is_some_and(|u| u.decisions.keys().any(own)))
    });
    move || {
        decided.get().then(|| {
            view! {
                <ActionForm action attr:class="grid gap-2">
                    <input type="hidden" name="id" value=id />
                    <FormError text=failed />
                    <div>
                        <Button
                            kind=ButtonKind::Secondary
                            type_="submit"
                            name="what"
                            value=Change::AskAgain.as_str()
                            busy=action.pending()
                            attr:data-testid="ask-again"
                        >
                            {t!(i18n, uploads.ask_again)}
                        </Button>
                    </div>
                    <p class="text-sm text-muted">{t!(i18n, uploads.ask_again_hint)}</p>
                </ActionForm>
            }
        })
    }
}

/// The decision that leaves a column out.
const IGNORE: &str = "ignore";
/// The decision that keeps a column as one of the shop's own.
const EXTRA: &str = "extra";

#[component]
fn ColumnRow(column: FileColumn, fields: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = match &column.field {
        Some(field) => field.clone(),
        None if column.ignored => IGNORE.to_owned(),
        None => EXTRA.to_owned(),
    };
    let own = chosen.clone();
    let options = Signal::derive(move || {
        let mut options = vec![
            SelectOption::new(EXTRA, t_string!(i18n, uploads.keep_extra).to_string()),
            SelectOption::new(IGNORE, t_string!(i18n, uploads.ignore).to_string()),
        ];
        let fields: Vec<&str> = if fields.is_empty() {
            words::FIELDS.to_vec()
        } else {
            fields.iter().map(String::as_str).collect()
        };
        options.extend(
            fields
                .iter()
                .map(|id| SelectOption::new(*id, words::field(i18n, id))),
        );
        // A field that belongs to one source's layout only.
        if own != IGNORE && own != EXTRA && !fields.contains(&own.as_str()) {
            options.push(SelectOption::new(own.clone(), words::field(i18n, &own)));
        }
        options
    });
    let samples = column.samples.join(" · ");
    let name = column.name.clone();
    let sure = column.field.is_some().then_some(column.confidence);
    let remembered = column.remembered;
    view! {
        <div
            class="grid gap-1 border-b border-line pb-3 sm:grid-cols-2 sm:items-center"
            data-testid=format!("column-{}", column.index)
        >
            <div class="min-w-0">
                <p class="font-medium">
                    <bdi>{column.name.clone()}</bdi>
                    {sure
                        .map(|percent| {
                            view! {
                                <span class="ms-2">
                                    <Badge tone={if percent >= 80 { Tone::Good } else { Tone::Warn }}>
                                        {move || {
                                            t_string!(i18n, uploads.sure, percent = percent).to_string()
                                        }}
                                    </Badge>
                                </span>
                            }
                        })}
                    {remembered
                        .then(|| {
                            view! {
                                <span class="ms-2">
                                    <Badge tone=Tone::Accent>{t!(i18n, uploads.decided_earlier)}</Badge>
                                </span>
                            }
                        })}
                </p>
                <p class="truncate text-sm text-muted">
                    <bdi>{samples}</bdi>
                </p>
            </div>
            <Select
                name=format!("decisions[map.{}]", column.index)
                id=format!("map-{}", column.index)
                label=move || t_string!(i18n, uploads.column_is, column = name.clone()).to_string()
                hide_label=true
                options=options
                value=Signal::stored(chosen)
            />
        </div>
    }
}
