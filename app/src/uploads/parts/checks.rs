//! What the rules of quality said of an upload's lines.

use crate::uploads::texts as words;
use ::api::uploads::{Check, Upload};
use i18n::{Locale, format, t_string, use_i18n};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use ui::{Card, Cell, Column, DataTable, Row, Tone};

fn row(i18n: I18nContext<Locale>, check: &Check) -> Row {
    let locale = i18n.get_locale();
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    let tone = match (check.outcome.as_str(), check.severity.as_str()) {
        ("passed", _) => Tone::Good,
        ("failed", "critical") => Tone::Bad,
        ("failed", _) => Tone::Warn,
        _ => Tone::Neutral,
    };
    Row::new(
        check.rule.clone(),
        vec![
            Cell::text(words::rule(i18n, &check.rule)),
            Cell::badge(tone, words::outcome(i18n, &check.outcome)),
            Cell::number(count(check.failing)),
            Cell::number(count(check.checked)),
            Cell::muted(check.examples.join(" · ")),
        ],
    )
}

/// The rules that failed first.
#[component]
pub fn Checks(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let checks = Memo::new(move |_| {
        let mut checks = upload.with(|u| u.as_ref().map(|u| u.checks.clone()).unwrap_or_default());
        checks.sort_by_key(|check| check.outcome != "failed");
        checks
    });
    let any = Memo::new(move |_| checks.with(|c| !c.is_empty()));
    let rows = Signal::derive(move || {
        checks.with(|c| c.iter().map(|check| row(i18n, check)).collect::<Vec<_>>())
    });
    let columns = move || {
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
    };
    move || {
        any.get().then(|| {
            view! {
                <Card title=move || t_string!(i18n, uploads.check.title) attr:data-testid="checks">
                    <DataTable
                        caption=move || t_string!(i18n, uploads.check.title)
                        columns=columns()
                        rows=rows
                    />
                </Card>
            }
        })
    }
}
