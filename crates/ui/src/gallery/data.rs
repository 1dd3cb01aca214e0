//! The gallery's figures, charts, tables and notices.

use super::{GalleryChart, said};
use crate::{
    Badge, Banner, Button, ButtonKind, Card, CardGrid, Cell, Chart, Column, DataTable, Delta,
    EmptyKind, EmptyState, ErrorState, Fact, FactList, Icon, IconName, KpiCard, Pagination,
    Progress, Row, Size, Skeleton, SkeletonCard, SkeletonChart, SkeletonTable, Sort, SortHref,
    TabLink, Tabs, Tone, use_toasts,
};
use i18n::{
    Locale,
    format::{self, Direction, Style},
    t_string, use_i18n,
};
use leptos::prelude::*;
use std::sync::Arc;

/// Millionths, as `types::Micros` holds them, of a figure of the gallery.
fn euros(amount: i64, locale: Locale) -> String {
    format::money(
        types::Micros(amount * 10_000),
        types::Currency::EUR,
        locale,
        Style::Full,
    )
}

fn percent(millionths: i64, locale: Locale) -> String {
    format::ratio_percent(types::Micros(millionths), locale)
}

fn delta(text: String, direction: Direction, tone: Tone, before: Option<String>) -> Option<Delta> {
    Some(Delta {
        text,
        direction,
        tone,
        before,
    })
}

#[component]
pub(super) fn Figures() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let through = move || {
        let l = locale();
        format!(
            "{} {}",
            said::through(l),
            format::day(types::Day(20_515), l)
        )
    };
    view! {
        <CardGrid>
            <KpiCard
                id="kpi-net"
                label=move || said::net_sales(locale())
                value=Signal::derive(move || euros(4_821_035, locale()))
                change=Signal::derive(move || {
                    let l = locale();
                    let text = format!("+{}", percent(123_000, l));
                    delta(text, Direction::Up, Tone::Good, Some(euros(4_293_020, l)))
                })
                formula=move || said::formula(locale())
                data_through=through
                href="#"
            />
            <KpiCard
                id="kpi-orders"
                label=move || said::orders(locale())
                value=Signal::derive(move || format::count(1_204, locale()))
                change=Signal::derive(move || {
                    let l = locale();
                    let text = percent(-41_000, l);
                    delta(text, Direction::Down, Tone::Bad, Some(format::count(1_255, l)))
                })
                formula=move || said::formula(locale())
                data_through=through
            />
            <KpiCard
                id="kpi-refunds"
                label=move || said::refunds(locale())
                value=Signal::derive(move || percent(31_000, locale()))
                change=Signal::derive(move || {
                    let l = locale();
                    let text = format!("+{}", percent(200_000, l));
                    delta(text, Direction::Up, Tone::Bad, Some(percent(26_000, l)))
                })
                data_through=through
            />
            <KpiCard
                id="kpi-average"
                label=move || said::average(locale())
                value=Signal::derive(move || euros(4_004, locale()))
                change=Signal::derive(move || {
                    delta(percent(0, locale()), Direction::Flat, Tone::Neutral, None)
                })
                data_through=through
            />
            <KpiCard
                id="kpi-new"
                label=move || said::new_customers(locale())
                value=Signal::derive(move || format::count(312, locale()))
                change=Signal::derive(move || {
                    let change = format::change(types::Micros(0), types::Micros(1));
                    let text = format::change_text(&change, locale());
                    delta(text, Direction::New, Tone::Accent, None)
                })
                data_through=through
            />
            <KpiCard
                id="kpi-unknown"
                label=move || said::average(locale())
                value=format::DASH
                data_through=through
            />
        </CardGrid>
    }
}

#[component]
pub(super) fn Charts(charts: Vec<GalleryChart>) -> impl IntoView {
    let cards: Vec<_> = charts
        .into_iter()
        .enumerate()
        .map(|(nth, chart)| {
            let title = chart.title.clone();
            view! {
                <Card title=chart.title>
                    <Chart
                        id=format!("chart-{nth}")
                        title=title
                        svg=chart.svg
                        option_json=chart.option_json
                        table=|| view! { <Products /> }
                    />
                </Card>
            }
        })
        .collect();
    view! { <div class="grid gap-4 lg:grid-cols-2">{cards}</div> }
}

#[component]
fn Products() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let sort_href: SortHref =
        Arc::new(|key, descending| format!("?sort={key}&descending={descending}"));
    let rows = Signal::derive(move || {
        let l = locale();
        [
            (
                "WHITE HANGING HEART T-LIGHT HOLDER",
                1_204,
                482_103,
                Tone::Good,
            ),
            ("REGENCY CAKESTAND 3 TIER", 803, 391_240, Tone::Warn),
            ("كوب خزفي", 17, -12_050, Tone::Bad),
        ]
        .into_iter()
        .enumerate()
        .map(|(nth, (name, orders, sales, tone))| {
            let state = match tone {
                Tone::Good => said::done(l),
                Tone::Warn => said::running(l),
                _ => said::failed(l),
            };
            Row::new(
                nth.to_string(),
                vec![
                    Cell::link("#", name),
                    Cell::badge(tone, state),
                    Cell::muted(format::day(types::Day(20_515), l)),
                    Cell::number(format::count(orders, l)),
                    Cell::number(euros(sales, l)),
                ],
            )
        })
        .collect::<Vec<_>>()
    });
    let columns = vec![
        Column::new("product", move || said::product(locale())).sortable(),
        Column::new("state", move || said::state(locale())),
        Column::new("through", move || said::through(locale())).sortable(),
        Column::new("orders", move || said::orders(locale()))
            .end()
            .sortable(),
        Column::new("net", move || said::net_sales(locale()))
            .end()
            .sortable(),
    ];
    view! {
        <DataTable
            caption=move || said::product(locale())
            columns=columns
            rows=rows
            sort=Signal::derive(|| {
                Some(Sort {
                    key: "net".into(),
                    descending: true,
                })
            })
            sort_href=sort_href
            summary=move || t_string!(i18n, ui.table.rows, count = 3)
        />
    }
}

#[component]
pub(super) fn Tables() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let tabs = Signal::derive(move || {
        let tab = |label: &str, current, count: Option<&str>| TabLink {
            href: "#".into(),
            label: label.to_owned(),
            current,
            count: count.map(str::to_owned),
        };
        let l = locale();
        vec![
            tab(said::done(l), true, Some("12")),
            tab(said::running(l), false, Some("1")),
            tab(said::failed(l), false, None),
        ]
    });
    view! {
        <Tabs label=move || said::state(locale()) tabs=tabs />
        <div class="mt-4 grid gap-4">
            <Card
                title=move || said::product(locale())
                subtitle=move || said::formula(locale())
                flush=true
            >
                <Products />
            </Card>
            <Pagination
                summary=move || {
                    format!("1–50 / {}", format::count(1_204, locale()))
                }
                previous=None
                next=Some("#".to_owned())
            />
        </div>
    }
}

#[component]
pub(super) fn Notices() -> impl IntoView {
    let i18n = use_i18n();
    let text = move || said::notice(i18n.get_locale());
    let tones = [
        Tone::Neutral,
        Tone::Accent,
        Tone::Good,
        Tone::Warn,
        Tone::Bad,
    ];
    let banners: Vec<_> = tones
        .into_iter()
        .map(|tone| {
            view! {
                <Banner
                    tone=tone
                    title=move || said::running(i18n.get_locale())
                    actions=move || {
                        view! {
                            <Button size=Size::Small>
                                {move || t_string!(i18n, common.actions.open)}
                            </Button>
                        }
                    }
                >
                    {text}
                </Banner>
            }
        })
        .collect();
    let toasts = use_toasts();
    view! {
        <div class="grid gap-3">
            {banners}
            <div>
                <Button on:click=move |_| {
                    toasts.show(Tone::Good, said::done(i18n.get_locale_untracked()));
                }>
                    "Toast"
                </Button>
            </div>
        </div>
    }
}

#[component]
pub(super) fn Empties() -> impl IntoView {
    let i18n = use_i18n();
    let upload = move || {
        view! {
            <Button kind=ButtonKind::Primary icon=IconName::Upload>
                {move || t_string!(i18n, common.actions.upload_file)}
            </Button>
        }
    };
    view! {
        <div class="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            <Card>
                <EmptyState kind=EmptyKind::NoData action=upload />
            </Card>
            <Card>
                <EmptyState kind=EmptyKind::NoMatch />
            </Card>
            <Card>
                <EmptyState kind=EmptyKind::NoPermission />
            </Card>
            <Card>
                <EmptyState kind=EmptyKind::MissingColumn />
            </Card>
            <Card>
                <ErrorState error_id="7f3a91c2".to_owned() on_retry=Callback::new(|()| ()) />
            </Card>
            <Card>
                <ErrorState
                    compact=true
                    error_id="7f3a91c2".to_owned()
                    retry_href="#".to_owned()
                />
            </Card>
        </div>
    }
}

#[component]
pub(super) fn Waiting() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    view! {
        <div class="grid gap-4 md:grid-cols-2">
            <Card>
                <div class="grid gap-6">
                    <Progress
                        value=Some(0.42)
                        label=move || said::running(locale())
                        detail=move || {
                            let l = locale();
                            format!(
                                "{} / {}",
                                format::count(504_000, l),
                                format::count(1_200_000, l),
                            )
                        }
                    />
                    <Progress value=None label=move || said::running(locale()) />
                    <Skeleton lines=3 />
                </div>
            </Card>
            <Card flush=true>
                <SkeletonTable rows=4 />
            </Card>
            <Card>
                <SkeletonChart />
            </Card>
            <CardGrid>
                <SkeletonCard />
                <SkeletonCard />
            </CardGrid>
        </div>
    }
}

#[component]
pub(super) fn Small() -> impl IntoView {
    let i18n = use_i18n();
    let locale = move || i18n.get_locale();
    let facts = Signal::derive(move || {
        let l = locale();
        vec![
            Fact::new("UTF-8", format::bytes(4_210_000, l)),
            Fact::new(said::orders(l), format::count(1_204, l)),
            Fact::new(
                said::through(l),
                format::period(
                    types::Period {
                        from: types::Day(20_484),
                        to: types::Day(20_515),
                    },
                    l,
                ),
            ),
            Fact::new(said::net_sales(l), euros(4_821_000, l)),
        ]
    });
    let badges: Vec<_> = [
        Tone::Neutral,
        Tone::Accent,
        Tone::Good,
        Tone::Warn,
        Tone::Bad,
    ]
    .into_iter()
    .map(|tone| view! { <Badge tone>{move || said::done(locale())}</Badge> })
    .collect();
    let icons: Vec<_> = IconName::ALL
        .iter()
        .map(|name| view! { <Icon name=*name large=true /> })
        .collect();
    view! {
        <Card>
            <div class="grid gap-5">
                <FactList items=facts />
                <div class="flex flex-wrap gap-2">{badges}</div>
                <div class="flex flex-wrap gap-3 text-muted">{icons}</div>
            </div>
        </Card>
    }
}
