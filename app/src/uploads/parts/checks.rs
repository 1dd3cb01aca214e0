//! What the rules of quality said of an upload's lines.

use crate::uploads::texts as words;
use ::api::uploads::{Check, Upload};
use i18n::{Locale, format, t_string, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use ui::{Card, Cell, Column, DataTable, Row};

fn row(i18n: I18nContext<Locale>, check: &Check) -> Row {
    let locale = i18n.get_locale();
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    let (tone, outcome) = words::outcome(i18n, check);
    Row::new(
        check.rule.clone(),
        vec![
            Cell::text(words::rule(i18n, &check.rule)),
            Cell::badge(tone, outcome),
            Cell::number(count(check.failing)),
            Cell::number(count(check.checked)),
            Cell::muted(check.examples.join(" · ")),
        ],
    )
}

fn columns(i18n: I18nContext<Locale>) -> Vec<Column> {
    vec![
        Column::new("rule", t_string!(i18n, uploads.check.rule).to_string()),
        Column::new(
            "outcome",
            t_string!(i18n, uploads.check.outcome).to_string(),
        ),
        Column::new(
            "failing",
            t_string!(i18n, uploads.check.failing).to_string(),
        )
        .end(),
        Column::new(
            "checked",
            t_string!(i18n, uploads.check.checked).to_string(),
        )
        .end(),
        Column::new(
            "examples",
            t_string!(i18n, uploads.check.examples).to_string(),
        ),
    ]
}

/// The rules that failed; the others on demand.
#[component]
pub fn Checks(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let checks = move |failed: bool| {
        Memo::new(move |_| {
            upload.with(|u| {
                let all = u.as_ref().map(|u| u.checks.as_slice()).unwrap_or_default();
                let these = all.iter().filter(|c| (c.outcome == "failed") == failed);
                these.cloned().collect::<Vec<_>>()
            })
        })
    };
    let (failed, others) = (checks(true), checks(false));
    let rows = move |checks: Memo<Vec<Check>>| {
        Signal::derive(move || checks.with(|c| c.iter().map(|c| row(i18n, c)).collect::<Vec<_>>()))
    };
    let count = move |checks: Memo<Vec<Check>>| checks.with(Vec::len);
    let any = Memo::new(move |_| count(failed) + count(others) > 0);
    let any_failed = Memo::new(move |_| count(failed) > 0);
    let any_others = Memo::new(move |_| count(others) > 0);
    let table = move |checks| {
        view! {
            <DataTable
                caption=move || t_string!(i18n, uploads.check.title)
                columns=columns(i18n)
                rows=rows(checks)
            />
        }
    };
    let passed = move || {
        let n = others.with(|c| c.iter().filter(|c| c.outcome == "passed").count());
        let n = format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale());
        t_string!(i18n, uploads.check.passed_count, n = n).to_string()
    };
    move || {
        any.get().then(|| {
            view! {
                <Card title=move || t_string!(i18n, uploads.check.title) attr:data-testid="checks">
                    <div class="grid gap-3">
                        {move || any_failed.get().then(|| table(failed))}
                        {move || {
                            any_others
                                .get()
                                .then(|| {
                                    view! {
                                        <details>
                                            <summary class="text-muted">{passed}</summary>
                                            {table(others)}
                                        </details>
                                    }
                                })
                        }}
                    </div>
                </Card>
            }
        })
    }
}
