use super::{api::rows, words};
use crate::{
    answered::Answered, forms::use_go, live::use_live, scope::use_scope, session::use_session,
    texts, title::PageTitle,
};
use ::api::{
    dashboard::Scope,
    tables::{ROWS, TABLES, Table, TableAsked, Value, is_searched},
};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Cell, Column, DataTable, EmptyKind, EmptyState, LinkButton, PageHeader,
    Pagination, QueryForm, Row, SkeletonTable, TabLink, Tabs, TextInput,
};

type I18n = I18nContext<Locale>;

/// One table at a time, a page of its rows.
#[component]
pub fn TablesPage() -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let live = use_live();
    let session = use_session();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|map| TableAsked::read(|name| map.get_str(name))));
    // Every change of a table comes from an upload.
    let answer = Resource::new_blocking(
        move || (asked.get(), live.uploads.get(), session.restored.get()),
        |(asked, ..)| rows(asked),
    );
    let tabs = Signal::derive(move || {
        let (now, scope) = (asked.get(), scope.get());
        TABLES
            .into_iter()
            .map(|id| TabLink {
                href: TableAsked::of(id).link(&scope),
                label: words::table(i18n, id),
                current: now.table == id,
                count: None,
            })
            .collect::<Vec<_>>()
    });
    let title = move || asked.with(|a| words::table(i18n, &a.table));
    view! {
        <PageTitle text=title />
        <PageHeader
            title=move || t_string!(i18n, tables.title)
            subtitle=move || asked.with(|a| words::about(i18n, &a.table))
        />
        <div class="grid gap-4" data-testid="tables">
            <Tabs label=move || t_string!(i18n, tables.tabs) tabs=tabs />
            {move || asked.with(|a| is_searched(&a.table)).then(|| view! { <Find asked scope /> })}
            <Transition fallback=|| view! { <SkeletonTable rows=12 /> }>
                <Answered answer let:found>
                    {
                        let any = Memo::new(move |_| {
                            found.with(|f| f.as_ref().is_some_and(|f| f.page.total > 0))
                        });
                        move || {
                            if any.get() {
                                view! { <Rows found asked scope /> }.into_any()
                            } else {
                                view! { <Nothing asked scope /> }.into_any()
                            }
                        }
                    }
                </Answered>
            </Transition>
        </div>
    }
}

/// By a part of any text.
#[component]
fn Find(asked: Memo<TableAsked>, scope: Memo<Scope>) -> impl IntoView {
    let i18n = use_i18n();
    let table = move || asked.with(|a| a.table.clone());
    view! {
        <QueryForm action="/tables" go=Some(use_go()) attr:role="search" attr:class="flex flex-wrap items-end gap-2">
            <input type="hidden" name="table" value=table />
            {move || scope.with(crate::scope::kept)}
            <TextInput
                name="q"
                id="find-row"
                type_="search"
                label=move || t_string!(i18n, tables.find)
                value=Signal::derive(move || asked.with(|a| a.text.clone()))
            />
            <Button type_="submit" kind=ButtonKind::Secondary attr:data-testid="find-row">
                {t!(i18n, common.actions.search)}
            </Button>
        </QueryForm>
    }
}

/// What would fill the table, or that nothing was found in it.
#[component]
fn Nothing(asked: Memo<TableAsked>, scope: Memo<Scope>) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let asked = asked.get();
        let all = TableAsked::of(&asked.table);
        if asked == all {
            view! {
                <div data-testid="empty-table">
                    <EmptyState
                        kind=EmptyKind::NoData
                        body=move || words::fill(i18n, &asked.table)
                        action=move || {
                            view! {
                                <LinkButton href="/uploads/new" kind=ButtonKind::Primary>
                                    {t!(i18n, common.actions.upload_file)}
                                </LinkButton>
                            }
                        }
                    />
                </div>
            }
            .into_any()
        } else {
            let href = all.link(&scope.get());
            view! {
                <EmptyState
                    kind=EmptyKind::NoMatch
                    action=move || {
                        view! { <LinkButton href=href.clone()>{t!(i18n, tables.all)}</LinkButton> }
                    }
                />
            }
            .into_any()
        }
    }
}

fn cell(i18n: I18n, value: Option<&Value>) -> Cell {
    let locale = i18n.get_locale();
    let Some(value) = value else {
        return Cell::muted(format::DASH);
    };
    match value {
        Value::Text(text) => Cell::text(text.clone()),
        Value::Count(n) => Cell::number(format::count(*n, locale)),
        Value::Quantity(n) => Cell::number(format::quantity(*n, locale)),
        Value::Money { amount, currency } => Cell::number(match currency {
            Some(currency) => format::money(*amount, *currency, locale, Style::Full),
            None => format::quantity(*amount, locale),
        }),
        Value::Rate(rate) => Cell::number(rate.clone()),
        Value::Day(day) => Cell::text(format::day(*day, locale)),
        Value::Moment(at) => Cell::text(texts::moment(at, locale)),
        Value::Flag(true) => Cell::text(t_string!(i18n, common.yes).to_string()),
        Value::Flag(false) => Cell::text(t_string!(i18n, common.no).to_string()),
        Value::File { id, name } => Cell::link(format!("/uploads/{id}"), name.clone()),
    }
}

/// Columns that no row of the page has a value in are left out: a file seldom says all there is to say.
fn filled(table: &Table) -> Vec<usize> {
    let has = |at: usize| {
        let mut rows = table.page.items.iter();
        rows.any(|row| row.get(at).is_some_and(Option::is_some))
    };
    (0..table.columns.len()).filter(|at| has(*at)).collect()
}

#[component]
fn Rows(
    #[prop(into)] found: Signal<Option<Table>>,
    asked: Memo<TableAsked>,
    scope: Memo<Scope>,
) -> impl IntoView {
    let i18n = use_i18n();
    let rows = Signal::derive(move || {
        found.with(|f| {
            let Some(table) = f else {
                return Vec::new();
            };
            let shown = filled(table);
            let row = |(at, values): (usize, &Vec<Option<Value>>)| {
                let cells = shown.iter();
                let cells = cells.map(|at| cell(i18n, values.get(*at).and_then(Option::as_ref)));
                Row::new((table.page.offset + at as u64).to_string(), cells.collect())
            };
            table.page.items.iter().enumerate().map(row).collect()
        })
    });
    let columns = move || {
        found.with(|f| {
            let Some(table) = f else {
                return Vec::new();
            };
            let named = |column: &::api::tables::Column| {
                let named = Column::new(column.id.clone(), words::column(i18n, &column.id));
                if column.is_figure { named.end() } else { named }
            };
            let shown = filled(table);
            let columns = shown.iter().filter_map(|at| table.columns.get(*at));
            columns.map(named).collect::<Vec<_>>()
        })
    };
    let total = move || found.with(|f| f.as_ref().map_or(0, |f| f.page.total));
    let at = move |page: u64| {
        let asked = TableAsked {
            page,
            ..asked.get()
        };
        asked.link(&scope.get())
    };
    let before = Signal::derive(move || asked.with(|a| a.page).checked_sub(1).map(at));
    let after = Signal::derive(move || {
        let page = asked.with(|a| a.page) + 1;
        (page * ROWS < total()).then(|| at(page))
    });
    view! {
        {move || {
            view! {
                <DataTable
                    caption=move || asked.with(|a| words::table(i18n, &a.table))
                    columns=columns()
                    rows=rows
                />
            }
        }}
        <Pagination
            summary=move || {
                let locale = i18n.get_locale();
                let of = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
                found
                    .with(|f| {
                        let Some(table) = f else {
                            return String::new();
                        };
                        let (from, here) = (table.page.offset, table.page.items.len() as u64);
                        let shown = t_string!(
                            i18n,
                            tables.shown,
                            from = of(from + here.min(1)),
                            to = of(from + here),
                            total = of(table.page.total)
                        )
                            .to_string();
                        let version = u64::try_from(table.version).unwrap_or(0);
                        let version = t_string!(i18n, lineage.version, n = of(version)).to_string();
                        format!("{shown} · {version}")
                    })
            }
            previous=before
            next=after
        />
    }
}
