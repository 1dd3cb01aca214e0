use super::api::origin;
use crate::{
    errors::Failed,
    live::use_live,
    scope::{use_scope, use_scoped},
    session::use_session,
    texts,
    title::PageTitle,
};
use ::api::{
    dashboard::Scope,
    lineage::{File, LinesAsked, Origin},
};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::hooks::use_query_map;
use metrics::{ColumnKind, Metric};
use types::UploadId;
use ui::{
    ButtonKind, Card, Cell, Column, DataTable, EmptyKind, EmptyState, LinkButton, PageHeader, Row,
    SkeletonTable,
};

/// Which figure, as the URL says: `?metric=net_sales`, with the dashboard's scope.
fn use_metric() -> Memo<Metric> {
    let query = use_query_map();
    Memo::new(move |_| {
        let named = query.with(|q| q.get("metric").and_then(|m| m.parse().ok()));
        named.unwrap_or(Metric::NetSales)
    })
}

#[component]
pub fn LineagePage() -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let metric = use_metric();
    let live = use_live();
    let session = use_session();
    let answer = Resource::new_blocking(
        move || {
            (
                metric.get(),
                scope.get(),
                live.figures.get(),
                session.restored.get(),
            )
        },
        |(metric, scope, ..)| origin(metric, scope),
    );
    let name = move || metric.get().name(texts::language(i18n.get_locale()));
    view! {
        <PageTitle text=move || t_string!(i18n, lineage.title).to_string() />
        <Transition fallback=|| view! { <SkeletonTable rows=6 /> }>
            {
                let found = Memo::new(move |_| {
                    answer.with(|a| a.clone().and_then(Result::ok).flatten())
                });
                let failed = Memo::new(move |_| answer.with(|a| a.clone().and_then(Result::err)));
                let is_there = Memo::new(move |_| found.with(Option::is_some));
                let subtitle = move || {
                    let locale = i18n.get_locale();
                    found
                        .with(|f| {
                            let f = f.as_ref()?;
                            let period = format::period(f.period, locale);
                            Some(
                                t_string!(i18n, lineage.subtitle, metric = name(), period = period)
                                    .to_string(),
                            )
                        })
                        .unwrap_or_default()
                };
                view! {
                    <PageHeader
                        title=move || t_string!(i18n, lineage.title)
                        subtitle=subtitle
                        actions=move || {
                            view! {
                                <LinkButton href=scope.get().link("/") kind=ButtonKind::Secondary>
                                    {t!(i18n, lineage.back)}
                                </LinkButton>
                            }
                        }
                    />
                    {move || match failed.get() {
                        Some(error) => {
                            view! { <Failed error retry=move || answer.refetch() /> }.into_any()
                        }
                        None if is_there.get() => view! { <Found origin=found /> }.into_any(),
                        None => {
                            view! {
                                <EmptyState
                                    kind=EmptyKind::NoData
                                    body=move || t_string!(i18n, lineage.none)
                                />
                            }
                                .into_any()
                        }
                    }}
                }
            }
        </Transition>
    }
}

fn table_name(i18n: I18nContext<Locale>, id: &str) -> String {
    match id {
        "daily" => t_string!(i18n, lineage.tables.daily).to_string(),
        "products" => t_string!(i18n, lineage.tables.products).to_string(),
        "orders" => t_string!(i18n, lineage.tables.orders).to_string(),
        "lines" => t_string!(i18n, lineage.tables.lines).to_string(),
        other => other.to_owned(),
    }
}

/// Where the figure's lines are shown; those of one file alone where one is named.
fn lines_link(scope: &Scope, metric: Metric, file: Option<UploadId>) -> String {
    let asked = LinesAsked {
        file,
        ..LinesAsked::of(metric)
    };
    asked.link(scope)
}

fn row(i18n: I18nContext<Locale>, file: &File, origin: &Origin, scope: &Scope) -> Row {
    let locale = i18n.get_locale();
    let lines = lines_link(scope, origin.metric, Some(file.id));
    let name = file.name.clone();
    let lines = Cell::view(move || {
        let label = t_string!(i18n, lineage.lines_of, file = name.clone()).to_string();
        view! {
            <a class="link" href=lines.clone() aria-label=label>
                {t!(i18n, lineage.of_file)}
            </a>
        }
    });
    let money = |amount| format::money(amount, origin.currency, locale, Style::Full);
    Row::new(
        file.id.to_string(),
        vec![
            Cell::link(format!("/uploads/{}", file.id), file.name.clone()),
            Cell::text(texts::moment(&file.at, locale)),
            Cell::number(format::count(file.orders, locale)),
            Cell::number(money(file.gross_sales)),
            Cell::number(money(file.net_sales)),
            lines,
        ],
    )
}

/// The graph, and the same in figures.
#[component]
fn Found(#[prop(into)] origin: Signal<Option<Origin>>) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let rows = Signal::derive(move || {
        let scope = scope.get();
        origin.with(|o| {
            o.iter()
                .flat_map(|o| o.files.iter().map(|file| row(i18n, file, o, &scope)))
                .collect::<Vec<_>>()
        })
    });
    let columns = move || {
        vec![
            Column::new("file", t_string!(i18n, uploads.file).to_string()),
            Column::new("when", t_string!(i18n, uploads.when).to_string()),
            Column::new("orders", t_string!(i18n, uploads.orders).to_string()).end(),
            Column::new("gross", t_string!(i18n, uploads.gross).to_string()).end(),
            Column::new("net", t_string!(i18n, uploads.net_sales).to_string()).end(),
            Column::new("lines", t_string!(i18n, lineage.lines).to_string()),
        ]
    };
    view! {
        <div class="grid gap-4" data-testid="lineage">
            <Card title=move || t_string!(i18n, lineage.graph)>
                {move || origin.get().map(|origin| view! { <Graph origin /> })}
            </Card>
            <Card title=move || t_string!(i18n, lineage.brought) flush=true>
                {move || {
                    view! {
                        <DataTable
                            caption=move || t_string!(i18n, lineage.brought)
                            columns=columns()
                            rows=rows
                        />
                    }
                }}
            </Card>
        </div>
    }
}

/// Four steps from left to right (from right to left in Arabic, from top to bottom on a phone).
#[component]
fn Graph(origin: Origin) -> impl IntoView {
    let i18n = use_i18n();
    let scoped = use_scoped();
    let scope = use_scope();
    let metric = origin.metric;
    let lines = move || lines_link(&scope.get(), metric, None);
    let locale = i18n.get_locale();
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    let files = origin
        .files
        .iter()
        .map(|file| {
            let records = file
                .records
                .map(|n| t_string!(i18n, lineage.records, n = count(n)).to_string());
            view! {
                <li class="lineage-node">
                    <a class="lineage-name" href=scoped(&format!("/uploads/{}", file.id))>
                        <bdi>{file.name.clone()}</bdi>
                    </a>
                    <span class="lineage-note">{records}</span>
                </li>
            }
        })
        .collect_view();
    let value = texts::cell(
        &origin.value,
        ColumnKind::Metric(origin.metric),
        origin.currency,
        locale,
        format::DASH,
    );
    let version = t_string!(i18n, lineage.version, n = count(origin.table_version)).to_string();
    let version_of_all = u64::try_from(origin.gold_version).unwrap_or_default();
    let state = t_string!(i18n, lineage.state, n = count(version_of_all)).to_string();
    let none = origin.files.is_empty().then(|| {
        view! { <li class="lineage-node lineage-note">{t!(i18n, lineage.none)}</li> }
    });
    view! {
        <ol class="lineage">
            <li class="lineage-step">
                <p class="lineage-head">{t!(i18n, lineage.files)}</p>
                <ul class="lineage-files">{files} {none}</ul>
            </li>
            <li class="lineage-step">
                <p class="lineage-head">{t!(i18n, lineage.lines)}</p>
                <div class="lineage-node">
                    <span class="lineage-note">{t!(i18n, lineage.lines_text)}</span>
                    <a class="link" href=lines data-testid="to-lines">
                        {t!(i18n, lineage.behind_link)}
                    </a>
                </div>
            </li>
            <li class="lineage-step">
                <p class="lineage-head">{t!(i18n, lineage.table)}</p>
                <div class="lineage-node">
                    <span class="lineage-name">{table_name(i18n, &origin.table)}</span>
                    <span class="lineage-note">{version}</span>
                </div>
            </li>
            <li class="lineage-step">
                <p class="lineage-head">{t!(i18n, lineage.figure)}</p>
                <div class="lineage-node lineage-figure">
                    <span class="lineage-note">
                        {origin.metric.name(texts::language(locale))}
                    </span>
                    <bdi class="figure lineage-value" data-testid="lineage-value">{value}</bdi>
                    <span class="lineage-note">{state}</span>
                </div>
            </li>
        </ol>
    }
}
