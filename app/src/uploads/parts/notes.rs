//! Records that were taken though something about them is odd.

use crate::uploads::texts as words;
use ::api::uploads::{Note, NotedRecord, Upload};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use ui::{Card, Cell, Column, DataTable, Row};

/// What is odd, how often, and the first records it is said of.
#[component]
pub fn Notes(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let notes = Memo::new(move |_| {
        upload.with(|u| {
            let outcome = u.as_ref().and_then(|u| u.outcome.as_ref());
            outcome.map(|o| o.notes.clone()).unwrap_or_default()
        })
    });
    move || {
        let notes = notes.get();
        (!notes.is_empty()).then(|| {
            view! {
                <Card
                    title=move || t_string!(i18n, uploads.notes.title)
                    subtitle=move || t_string!(i18n, uploads.notes.hint)
                    attr:data-testid="notes"
                >
                    <ul class="grid gap-4">
                        {notes
                            .into_iter()
                            .map(|note| view! { <li><NoteView note /></li> })
                            .collect_view()}
                    </ul>
                </Card>
            }
        })
    }
}

#[component]
fn NoteView(note: Note) -> impl IntoView {
    let i18n = use_i18n();
    let note = StoredValue::new(note);
    let number =
        move |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale());
    let of_file = note.with_value(|n| n.first.iter().all(|f| f.record == 0));
    let said = move || {
        note.with_value(|n| {
            let message = n.first.first().map_or("", |f| f.message.as_str());
            words::note(i18n, &n.code, message)
        })
    };
    let place = move || {
        note.with_value(|n| {
            n.column.as_ref().map(|column| {
                t_string!(i18n, uploads.notes.in_column, column = column.clone()).to_string()
            })
        })
    };
    let times = move || {
        let n = note.with_value(|n| n.times);
        (!of_file).then(|| t_string!(i18n, uploads.notes.times, n = number(n)).to_string())
    };
    let columns = move || {
        vec![
            Column::new("record", t_string!(i18n, uploads.record).to_string()).end(),
            Column::new("line", t_string!(i18n, uploads.line).to_string()).end(),
            Column::new("value", t_string!(i18n, uploads.notes.value).to_string()),
            Column::new(
                "expected",
                t_string!(i18n, uploads.notes.expected).to_string(),
            ),
        ]
    };
    let row = move |noted: &NotedRecord| {
        let text = |value: &Option<String>| {
            Cell::text(value.clone().unwrap_or_else(|| format::DASH.to_owned()))
        };
        Row::new(
            format!("{}-{}", noted.record, noted.line),
            vec![
                Cell::number(number(noted.record)),
                Cell::number(number(noted.line)),
                text(&noted.value),
                text(&noted.expected),
            ],
        )
    };
    let rows = Signal::derive(move || note.with_value(|n| n.first.iter().map(row).collect()));
    view! {
        <p>
            {said} " "
            <span class="text-muted">{place} " " <bdi class="tabular-nums">{times}</bdi></span>
        </p>
        {(!of_file)
            .then(|| {
                view! {
                    <details class="mt-1">
                        <summary class="cursor-pointer text-sm text-muted">
                            {t!(i18n, uploads.notes.first)}
                        </summary>
                        <DataTable caption=said columns=columns() rows />
                    </details>
                }
            })}
    }
}
