//! The lines behind a figure, a page at a time.

use super::api::lines;
use crate::{
    answered::Answered, live::use_live, scope::use_scope, session::use_session, texts,
    title::PageTitle,
};
use ::api::{
    dashboard::Scope,
    lineage::{LINES, Line, LineSort, Lines, LinesAsked},
};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::hooks::use_query_map;
use metrics::{ColumnKind, Metric, Unit};
use std::sync::Arc;
use types::{Currency, Micros};
use ui::{
    Badge, Banner, ButtonKind, Card, Cell, Column, DataTable, EmptyKind, EmptyState, Fact,
    FactList, IconName, LinkButton, PageHeader, Pagination, Row, SkeletonTable, SortHref, Tone,
};

type I18n = I18nContext<Locale>;

/// Columns that every figure's lines have; the figure itself is one more where it is none of these.
const COLUMNS: [Metric; 5] = [
    Metric::Units,
    Metric::GrossSales,
    Metric::Discounts,
    Metric::Returns,
    Metric::NetSales,
];

#[component]
pub fn LinesPage() -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let live = use_live();
    let session = use_session();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|map| LinesAsked::read(|name| map.get_str(name))));
    let answer = Resource::new_blocking(
        move || {
            (
                asked.get(),
                scope.get(),
                live.figures.get(),
                session.restored.get(),
            )
        },
        |(asked, scope, ..)| lines(asked, scope),
    );
    let file = Signal::derive(move || asked.with(|asked| asked.csv(&scope.get())));
    let back = move || {
        let link = scope.get().link("/lineage");
        let joint = if link.contains('?') { '&' } else { '?' };
        format!("{link}{joint}metric={}", asked.with(|a| a.metric))
    };
    view! {
        <PageTitle text=move || t_string!(i18n, lineage.behind).to_string() />
        <PageHeader
            title=move || t_string!(i18n, lineage.behind)
            subtitle=move || {
                asked.with(|a| a.metric.name(texts::language(i18n.get_locale()))).to_owned()
            }
            actions=move || {
                view! {
                    <LinkButton
                        href=file
                        download=true
                        kind=ButtonKind::Quiet
                        icon=IconName::Download
                        attr:data-testid="lines-csv"
                    >
                        {t!(i18n, lineage.download)}
                    </LinkButton>
                    <LinkButton href=back() kind=ButtonKind::Secondary>
                        {t!(i18n, lineage.title)}
                    </LinkButton>
                }
            }
        />
        <Transition fallback=|| view! { <SkeletonTable rows=12 /> }>
            <Answered answer let:found>
                {
                    let shown = Signal::derive(move || found.get().flatten());
                    let any = Memo::new(move |_| {
                        shown.with(|s| s.as_ref().is_some_and(|s| s.page.total > 0))
                    });
                    move || {
                        if any.get() {
                            view! { <Found shown asked scope /> }.into_any()
                        } else {
                            view! {
                                <EmptyState
                                    kind=EmptyKind::NoMatch
                                    body=move || t_string!(i18n, lineage.no_lines)
                                />
                            }
                                .into_any()
                        }
                    }
                }
            </Answered>
        </Transition>
    }
}

/// An amount of a metric; money without a known currency stands as a plain number.
fn amount(value: Micros, metric: Metric, currency: Option<Currency>, locale: Locale) -> String {
    match (metric.unit(), currency) {
        (Unit::Money, Some(currency)) => format::money(value, currency, locale, Style::Full),
        _ => format::quantity(value, locale),
    }
}

/// The figure, and what its lines add up to.
fn facts(i18n: I18n, lines: &Lines) -> Vec<Fact> {
    let locale = i18n.get_locale();
    let language = texts::language(locale);
    let value = texts::cell(
        &lines.value,
        ColumnKind::Metric(lines.metric),
        lines.currency,
        locale,
        format::DASH,
    );
    let mut facts = vec![
        Fact::new(lines.metric.name(language), value),
        Fact::new(
            t_string!(i18n, lineage.period).to_string(),
            format::period(lines.period, locale),
        ),
    ];
    if let Some(file) = &lines.file {
        facts.push(Fact::new(
            t_string!(i18n, uploads.file).to_string(),
            file.clone(),
        ));
    }
    for sums in &lines.sums {
        let sum = |metric: Metric, value| amount(value, metric, sums.currency, locale);
        let n = i64::try_from(sums.lines).unwrap_or(i64::MAX);
        let label = t_string!(i18n, lineage.sum_of, n = format::count(n, locale)).to_string();
        let of = &sums.amounts;
        let value = match of.asked {
            Some(value) => sum(lines.metric, value),
            None => [
                (Metric::GrossSales, of.gross),
                (Metric::Discounts, of.discounts),
                (Metric::Returns, of.returns),
            ]
            .map(|(metric, value)| format!("{}: {}", metric.name(language), sum(metric, value)))
            .join(" · "),
        };
        facts.push(Fact::new(label, value));
    }
    facts
}

fn row(i18n: I18n, line: &Line, own: Option<Metric>) -> Row {
    let locale = i18n.get_locale();
    let number = |metric, value| Cell::number(amount(value, metric, line.currency, locale));
    let of = &line.amounts;
    let order = line.order.clone();
    let order = if line.returned {
        Cell::view(move || {
            view! {
                <span class="inline-flex items-center gap-2">
                    <bdi>{order.clone()}</bdi>
                    <Badge tone=Tone::Warn>{t!(i18n, lineage.returned)}</Badge>
                </span>
            }
        })
    } else {
        Cell::text(order)
    };
    let product = line.product.clone();
    let mut cells = vec![
        order,
        Cell::text(format::day(line.day, locale)),
        Cell::text(product.unwrap_or_else(|| format::DASH.to_owned())),
    ];
    if let Some(metric) = own {
        cells.push(number(metric, of.asked.unwrap_or(Micros::ZERO)));
    }
    cells.extend([
        number(Metric::Units, of.units),
        number(Metric::GrossSales, of.gross),
        number(Metric::Discounts, of.discounts),
        number(Metric::Returns, of.returns),
        number(Metric::NetSales, of.net),
    ]);
    let record = i64::try_from(line.record).unwrap_or(i64::MAX);
    let record = format::count(record, locale);
    let place = t_string!(i18n, lineage.record, n = record).to_string();
    let (href, file) = (format!("/uploads/{}", line.upload), line.file.clone());
    let source = format!("{href}/records/{}", line.record);
    cells.push(Cell::view(move || {
        view! {
            <a class="link" href=href.clone()>
                <bdi>{file.clone()}</bdi>
            </a>
            <span class="text-muted">" · "</span>
            <a class="link" href=source.clone() data-testid="to-record">
                {place.clone()}
            </a>
        }
    }));
    Row::new(
        format!("{}/{}/{}", line.upload, line.record, line.order),
        cells,
    )
}

/// The figure's own column, where it is one that lines add up to and none of the others.
fn own(metric: Metric) -> Option<Metric> {
    (metric.of_lines().is_some() && !COLUMNS.contains(&metric)).then_some(metric)
}

fn columns(i18n: I18n, metric: Metric) -> Vec<Column> {
    let language = texts::language(i18n.get_locale());
    let figure = |metric: Metric| {
        Column::new(metric.id(), metric.name(language))
            .end()
            .sortable()
    };
    let mut columns = vec![
        Column::new("order", t_string!(i18n, uploads.field.order_id).to_string()),
        Column::new("day", t_string!(i18n, uploads.field.day).to_string()).sortable(),
        Column::new(
            "product",
            t_string!(i18n, uploads.field.product_name).to_string(),
        ),
    ];
    columns.extend(own(metric).into_iter().chain(COLUMNS).map(figure));
    columns.push(Column::new(
        "place",
        t_string!(i18n, lineage.place).to_string(),
    ));
    columns
}

#[component]
fn Found(
    shown: Signal<Option<Lines>>,
    asked: Memo<LinesAsked>,
    scope: Memo<Scope>,
) -> impl IntoView {
    let i18n = use_i18n();
    let rows = Signal::derive(move || {
        shown.with(|s| {
            let lines = s.iter().flat_map(|s| {
                let own = own(s.metric);
                s.page.items.iter().map(move |line| row(i18n, line, own))
            });
            lines.collect::<Vec<_>>()
        })
    });
    let link = move |change: &dyn Fn(&mut LinesAsked)| {
        let mut asked = asked.get();
        change(&mut asked);
        asked.link(&scope.get())
    };
    let sort = Signal::derive(move || {
        asked.with(|a| {
            Some(ui::Sort {
                key: a.sort.as_str().to_owned(),
                descending: !a.ascending,
            })
        })
    });
    let sort_href: SortHref = Arc::new(move |key: &str, descending: bool| {
        link(&|asked| {
            asked.sort = LineSort::read(key).unwrap_or(asked.sort);
            asked.ascending = !descending;
            asked.page = 0;
        })
    });
    let total = move || shown.with(|s| s.as_ref().map_or(0, |s| s.page.total));
    let before = Signal::derive(move || {
        let page = asked.with(|a| a.page).checked_sub(1)?;
        Some(link(&|asked| asked.page = page))
    });
    let after = Signal::derive(move || {
        let page = asked.with(|a| a.page) + 1;
        (page * LINES < total()).then(|| link(&|asked| asked.page = page))
    });
    let converted = move || shown.with(|s| s.as_ref().is_some_and(|s| s.converted));
    view! {
        <div class="grid gap-4" data-testid="lines">
            {move || {
                converted()
                    .then(|| view! { <Banner tone=Tone::Accent>{t!(i18n, lineage.converted)}</Banner> })
            }}
            <Card>
                <FactList items=Signal::derive(move || {
                    shown.with(|s| s.as_ref().map(|s| facts(i18n, s)).unwrap_or_default())
                }) />
            </Card>
            {move || {
                view! {
                    <DataTable
                        caption=move || t_string!(i18n, lineage.behind)
                        columns=columns(i18n, asked.with(|a| a.metric))
                        rows=rows
                        sort=sort
                        sort_href=Arc::clone(&sort_href)
                    />
                }
            }}
            <Pagination
                summary=move || {
                    let locale = i18n.get_locale();
                    let of = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
                    let from = asked.with(|a| a.page) * LINES;
                    let here = shown.with(|s| s.as_ref().map_or(0, |s| s.page.items.len() as u64));
                    t_string!(
                        i18n,
                        tables.shown,
                        from = of(from + here.min(1)),
                        to = of(from + here),
                        total = of(total())
                    )
                        .to_string()
                }
                previous=before
                next=after
            />
        </div>
    }
}
