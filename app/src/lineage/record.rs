//! One record of a file, as it stands there.

use super::api::record;
use crate::{
    answered::Answered, scope::use_scoped, session::use_session, title::PageTitle,
    uploads::texts as words,
};
use ::api::{
    ApiError, Code,
    lineage::{Record, RecordCell},
};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use types::UploadId;
use ui::{
    ButtonKind, Card, Cell, Column, DataTable, EmptyKind, EmptyState, Fact, FactList, LinkButton,
    PageHeader, Row, SkeletonTable,
};

#[component]
pub fn RecordPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let scoped = use_scoped();
    let params = use_params_map();
    let asked = Memo::new(move |_| {
        params.with(|p| {
            let id = p.get("id").and_then(|id| id.parse::<UploadId>().ok());
            id.zip(p.get("record").and_then(|n| n.parse::<u64>().ok()))
        })
    });
    let answer = Resource::new_blocking(
        move || (asked.get(), session.restored.get()),
        |(asked, _)| async move {
            match asked {
                Some((id, number)) => record(id, number).await,
                None => {
                    #[cfg(not(target_arch = "wasm32"))]
                    crate::entry::page_not_found();
                    Err(ApiError::of(Code::NotFound))
                }
            }
        },
    );
    let number = move || {
        let n = asked.get().map_or(0, |(_, number)| number);
        format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale())
    };
    let upload = Signal::derive(move || match asked.get() {
        Some((id, _)) => scoped(&format!("/uploads/{id}")),
        None => scoped("/uploads"),
    });
    view! {
        <PageTitle text=move || t_string!(i18n, lineage.of_record.title, n = number()).to_string() />
        <PageHeader
            title=move || t_string!(i18n, lineage.of_record.title, n = number()).to_string()
            subtitle=move || t_string!(i18n, lineage.of_record.hint)
            actions=move || {
                view! {
                    <LinkButton href=upload kind=ButtonKind::Secondary>
                        {t!(i18n, uploads.mend.back)}
                    </LinkButton>
                }
            }
        />
        <Transition fallback=|| view! { <SkeletonTable rows=12 /> }>
            <Answered answer let:found>
                {move || match found.get().flatten() {
                    Some(record) => view! { <Found record /> }.into_any(),
                    None => {
                        view! {
                            <EmptyState
                                kind=EmptyKind::NoMatch
                                body=move || t_string!(i18n, lineage.of_record.none)
                            />
                        }
                            .into_any()
                    }
                }}
            </Answered>
        </Transition>
    }
}

#[component]
fn Found(record: Record) -> impl IntoView {
    let i18n = use_i18n();
    let number =
        move |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), i18n.get_locale());
    let (file, at, line) = (record.file_name, record.record, record.line);
    let facts = Signal::derive(move || {
        let mut facts = vec![
            Fact::new(t_string!(i18n, uploads.file).to_string(), file.clone()),
            Fact::new(t_string!(i18n, uploads.record).to_string(), number(at)),
        ];
        if line > 0 {
            let label = t_string!(i18n, uploads.line).to_string();
            facts.push(Fact::new(label, number(line)));
        }
        facts
    });
    let corrected = record.cells.iter().any(|cell| cell.read.is_some());
    let columns = move || {
        let mut columns = vec![
            Column::new("column", t_string!(i18n, uploads.column).to_string()),
            Column::new("text", t_string!(i18n, lineage.of_record.text).to_string()),
        ];
        if corrected {
            let label = t_string!(i18n, lineage.of_record.read).to_string();
            columns.push(Column::new("read", label));
        }
        columns.push(Column::new(
            "field",
            t_string!(i18n, lineage.of_record.field).to_string(),
        ));
        columns
    };
    let cells = StoredValue::new(record.cells);
    let rows = Signal::derive(move || {
        let row = |(at, cell): (usize, &RecordCell)| {
            let field = cell.field.as_deref().map(|field| words::field(i18n, field));
            let mut row = vec![
                Cell::text(cell.column.clone()),
                Cell::text(cell.text.clone()),
            ];
            if corrected {
                row.push(Cell::text(cell.read.clone().unwrap_or_default()));
            }
            row.push(Cell::muted(
                field.unwrap_or_else(|| format::DASH.to_owned()),
            ));
            Row::new(at.to_string(), row)
        };
        cells.with_value(|cells| cells.iter().enumerate().map(row).collect::<Vec<_>>())
    });
    view! {
        <div class="grid gap-4" data-testid="source-record">
            <Card>
                <FactList items=facts />
            </Card>
            {match record.text {
                Some(text) => {
                    view! {
                        <Card>
                            <pre class="overflow-x-auto" dir="auto">{text}</pre>
                        </Card>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        {move || {
                            view! {
                                <DataTable
                                    caption=move || t_string!(i18n, lineage.of_record.caption)
                                    columns=columns()
                                    rows=rows
                                />
                            }
                        }}
                    }
                        .into_any()
                }
            }}
        </div>
    }
}
