//! Values that keep records out, to be corrected in place.

use crate::{
    forms::{self, Send},
    uploads::{api::CorrectUpload, parts::id_of, texts as words},
};
use ::api::uploads::{Problem, Upload};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use ui::{ButtonKind, Card, LinkButton, TextInput};

/// A line for each value at fault: what stands in the file, why it does not fit, and what to read instead.
#[component]
pub fn Corrections(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let problems = Memo::new(move |_| {
        upload.with(|u| u.as_ref().map(|u| u.problems.clone()).unwrap_or_default())
    });
    move || {
        let problems = problems.get();
        (!problems.is_empty()).then(|| view! { <CorrectionForm problems upload changed /> })
    }
}

#[component]
fn CorrectionForm(
    problems: Vec<Problem>,
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<CorrectUpload>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = words::failed(move || action.value().get());
    let id = id_of(upload);
    let table = Signal::derive(move || format!("/uploads/{}/records", id()));
    let lines = problems
        .into_iter()
        .enumerate()
        .map(|(n, problem)| view! { <Line n problem /> })
        .collect_view();
    view! {
        <Card
            title=move || t_string!(i18n, uploads.fix.title)
            subtitle=move || t_string!(i18n, uploads.fix.hint)
            attr:data-testid="corrections"
            actions=move || {
                view! {
                    <LinkButton href=table size=ui::Size::Small attr:data-testid="to-mend">
                        {t!(i18n, uploads.mend.open)}
                    </LinkButton>
                }
            }
        >
            <ActionForm action attr:class="grid gap-3">
                <input type="hidden" name="id" value=id />
                {lines}
                <Send
                    failed
                    busy=action.pending()
                    kind=ButtonKind::Secondary
                    test_id="correct"
                >
                    {t!(i18n, uploads.fix.apply)}
                </Send>
            </ActionForm>
        </Card>
    }
}

#[component]
fn Line(n: usize, problem: Problem) -> impl IntoView {
    let i18n = use_i18n();
    let name = |part: &str| format!("fixes[{n}][{part}]");
    let hidden =
        |part: &str, value: String| view! { <input type="hidden" name=name(part) value=value /> };
    let index = hidden("index", problem.index.to_string());
    let from = hidden("from", problem.value.clone());
    let record = problem
        .record
        .map(|record| hidden("record", record.to_string()));
    let column = problem.column.clone();
    let shown = if problem.value.is_empty() {
        format::DASH.to_owned()
    } else {
        problem.value.clone()
    };
    let problem = StoredValue::new(problem);
    let place = move || {
        let locale = i18n.get_locale();
        let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
        problem.with_value(|p| match p.record {
            Some(record) => t_string!(i18n, uploads.fix.record, record = count(record)).to_string(),
            None => t_string!(i18n, uploads.fix.records, n = count(p.records)).to_string(),
        })
    };
    let label = move || {
        problem.with_value(|p| {
            let (column, value) = (p.column.clone(), p.value.clone());
            t_string!(i18n, uploads.fix.instead, column = column, value = value).to_string()
        })
    };
    view! {
        <div class="grid gap-2 border-b border-line pb-3 sm:grid-cols-2 sm:items-center">
            <div class="min-w-0">
                <p class="font-medium">
                    <bdi>{column}</bdi>
                    ": "
                    <bdi>{shown}</bdi>
                    <span class="ms-2 text-sm font-normal text-muted">{place}</span>
                </p>
                <p class="text-sm text-muted">
                    {move || problem.with_value(|p| words::reject(i18n, &p.code, &p.reason))}
                </p>
            </div>
            {index}
            {record}
            {from}
            <TextInput
                name=name("to")
                id=format!("fix-{n}")
                label=label
                hide_label=true
                placeholder=move || t_string!(i18n, uploads.fix.placeholder)
            />
        </div>
    }
}
