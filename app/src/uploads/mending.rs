//! Records with something wrong or odd as a table to be edited. A plain form: it works before the WASM has loaded.

use super::{
    api::{CorrectUpload, MendRecords, records},
    texts as words,
};
use crate::{
    errors::Failed,
    forms::{self, Send},
    session::use_session,
    title::PageTitle,
};
use ::api::{
    ApiError, Code,
    uploads::{MendColumn, MendRow, MendTable, PAGE},
};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use types::UploadId;
use ui::{
    ButtonKind, Card, Cell, Checkbox, Column, DataTable, EmptyKind, EmptyState, LinkButton,
    PageHeader, Pagination, Row, Select, SelectOption, SkeletonTable, TextInput,
};

/// The records of one upload that can be mended.
#[component]
pub fn MendPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let params = use_params_map();
    let query = use_query_map();
    let id =
        Memo::new(move |_| params.with(|p| p.get("id").and_then(|id| id.parse::<UploadId>().ok())));
    let page = Memo::new(move |_| {
        let number = query.with(|q| q.get("page").and_then(|p| p.parse::<u64>().ok()));
        number.map_or(0, |n| n.clamp(1, 1_000) - 1)
    });
    let answer = Resource::new_blocking(
        move || (id.get(), page.get(), session.restored.get()),
        |(id, page, _)| async move {
            match id {
                Some(id) => records(id, page).await,
                None => {
                    #[cfg(not(target_arch = "wasm32"))]
                    crate::entry::page_not_found();
                    Err(ApiError::of(Code::NotFound))
                }
            }
        },
    );
    let back = Signal::derive(move || {
        id.get()
            .map_or_else(|| "/uploads".to_owned(), |id| format!("/uploads/{id}"))
    });
    view! {
        <PageTitle text=move || t_string!(i18n, uploads.mend.title).to_string() />
        <PageHeader
            title=move || t_string!(i18n, uploads.mend.title)
            subtitle=move || t_string!(i18n, uploads.fix.hint)
            actions=move || {
                view! {
                    <LinkButton href=back kind=ButtonKind::Secondary>
                        {t!(i18n, uploads.mend.back)}
                    </LinkButton>
                }
            }
        />
        <div class="grid gap-4" data-testid="mend">
            <Transition fallback=|| view! { <SkeletonTable rows=6 /> }>
                {move || {
                    answer
                        .get()
                        .map(|found| match (found, id.get()) {
                            (Ok(Some(table)), Some(id)) if table.rows.total > 0 => {
                                view! { <Mend id table back /> }.into_any()
                            }
                            (Ok(Some(_)), _) => {
                                view! { <Nothing text=move || t_string!(i18n, uploads.mend.none).to_string() /> }.into_any()
                            }
                            (Ok(None), _) => {
                                view! { <Nothing text=move || t_string!(i18n, uploads.mend.not_here).to_string() /> }.into_any()
                            }
                            (Err(error), _) => {
                                view! { <Failed error retry=move || answer.refetch() /> }.into_any()
                            }
                        })
                }}
            </Transition>
        </div>
    }
}

#[component]
fn Nothing(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <EmptyState
            kind=EmptyKind::NoMatch
            title=move || t_string!(i18n, uploads.mend.title)
            body=move || text.get()
        />
    }
}

#[component]
fn Mend(id: UploadId, table: MendTable, back: Signal<String>) -> impl IntoView {
    let columns = table.columns.clone();
    view! {
        <Edits id table back />
        <Replace id columns back />
    }
}

/// After its file is read again the upload's own page shows what that would bring.
fn leave_after<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + 'static,
    back: Signal<String>,
) {
    let navigate = use_navigate();
    let done = Callback::new(move |()| {
        navigate(&back.get_untracked(), NavigateOptions::default());
    });
    forms::refresh_after(answer, done);
}

/// One row a record, one input a cell.
#[component]
fn Edits(id: UploadId, table: MendTable, back: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<MendRecords>::new();
    leave_after(move || action.value().get(), back);
    let failed = words::failed(move || action.value().get());
    let (offset, total) = (table.rows.offset, table.rows.total);
    let number =
        move |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale());
    let at = move |page: u64| format!("/uploads/{id}/records?page={}", page + 1);
    let page = offset / PAGE;
    let before = Signal::stored(page.checked_sub(1).map(at));
    let after = Signal::stored((offset + PAGE < total).then(|| at(page + 1)));
    let table = StoredValue::new(table);
    let heads = move || {
        let mut heads = vec![
            Column::new("record", t_string!(i18n, uploads.record).to_string()).end(),
            Column::new("reason", t_string!(i18n, uploads.reason).to_string()),
        ];
        table.with_value(|t| {
            heads.extend(
                t.columns
                    .iter()
                    .map(|c| Column::new(c.index.to_string(), c.name.clone())),
            );
        });
        heads.push(Column::new(
            "like",
            t_string!(i18n, uploads.mend.like).to_string(),
        ));
        heads
    };
    let rows = Signal::derive(move || {
        let locale = i18n.get_locale();
        table.with_value(|t| {
            let row = |row: &MendRow| {
                let reasons: Vec<String> = row
                    .faults
                    .iter()
                    .map(|f| words::reject(i18n, &f.code, &f.message))
                    .collect();
                let record = format::count(i64::try_from(row.record).unwrap_or(i64::MAX), locale);
                let mut cells = vec![Cell::number(record), Cell::text(reasons.join(" "))];
                cells.extend(
                    t.columns
                        .iter()
                        .zip(&row.cells)
                        .map(|(c, text)| cell(i18n, row, c, text)),
                );
                cells.push(like(i18n, row.record, row.text.is_none()));
                Row::new(row.record.to_string(), cells)
            };
            t.rows.items.iter().map(row).collect::<Vec<_>>()
        })
    });
    view! {
        <Card title=move || t_string!(i18n, uploads.mend.records) attr:data-testid="mend-table">
            <ActionForm action attr:class="grid gap-3">
                <input type="hidden" name="id" value=id.to_string() />
                {move || {
                    view! {
                        <DataTable
                            caption=move || t_string!(i18n, uploads.mend.records)
                            columns=heads()
                            rows=rows
                        />
                    }
                }}
                <Pagination summary=move || number(total) previous=before next=after />
                <Send
                    failed
                    busy=action.pending()
                    kind=ButtonKind::Primary
                    test_id="mend-apply"
                >
                    {t!(i18n, uploads.fix.apply)}
                </Send>
            </ActionForm>
        </Card>
    }
}

fn cell(i18n: I18nContext<Locale>, row: &MendRow, column: &MendColumn, text: &str) -> Cell {
    // Not cut into columns: what it says stands in the first one's place, and is mended in the file.
    if row.text.is_some() {
        return Cell::muted(text.to_owned());
    }
    let (record, index) = (row.record, column.index);
    let wrong = row
        .faults
        .iter()
        .any(|f| f.column.as_ref() == Some(&column.name));
    let (name, text) = (column.name.clone(), text.to_owned());
    Cell::view(move || {
        let name = name.clone();
        let label = move || {
            t_string!(
                i18n,
                uploads.mend.cell,
                column = name.clone(),
                record = record.to_string()
            )
            .to_string()
        };
        view! {
            <input
                class="input min-w-32"
                id=format!("cell-{record}-{index}")
                name=format!("cells[r{record}.{index}]")
                value=text.clone()
                aria-label=label
                aria-invalid=wrong.then_some("true")
                dir="auto"
                autocomplete="off"
            />
        }
    })
}

fn like(i18n: I18nContext<Locale>, record: u64, can: bool) -> Cell {
    if !can {
        return Cell::muted(format::DASH.to_owned());
    }
    Cell::view(move || {
        view! {
            <Checkbox
                id=format!("like-{record}")
                name=format!("like[r{record}]")
                label=move || t_string!(i18n, uploads.mend.like_record, record = record.to_string()).to_string()
            />
        }
    })
}

/// One value of a column, wherever it stands.
#[component]
fn Replace(id: UploadId, columns: Vec<MendColumn>, back: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<CorrectUpload>::new();
    leave_after(move || action.value().get(), back);
    let failed = words::failed(move || action.value().get());
    let options: Vec<SelectOption> = columns
        .into_iter()
        .map(|column| SelectOption::new(column.index.to_string(), column.name))
        .collect();
    view! {
        <Card
            title=move || t_string!(i18n, uploads.mend.replace)
            subtitle=move || t_string!(i18n, uploads.mend.replace_hint)
            attr:data-testid="mend-replace"
        >
            <ActionForm action attr:class="grid gap-3">
                <input type="hidden" name="id" value=id.to_string() />
                <div class="grid gap-3 sm:grid-cols-3">
                    <Select
                        name="fixes[0][index]"
                        id="replace-column"
                        label=move || t_string!(i18n, uploads.column)
                        options=Signal::stored(options)
                    />
                    <TextInput
                        name="fixes[0][from]"
                        id="replace-from"
                        label=move || t_string!(i18n, uploads.mend.find)
                        required=true
                    />
                    <TextInput
                        name="fixes[0][to]"
                        id="replace-to"
                        label=move || t_string!(i18n, uploads.mend.with)
                        required=true
                    />
                </div>
                <Send
                    failed
                    busy=action.pending()
                    kind=ButtonKind::Secondary
                    test_id="replace-apply"
                >
                    {t!(i18n, uploads.fix.apply)}
                </Send>
            </ActionForm>
        </Card>
    }
}
