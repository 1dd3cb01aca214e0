use super::{
    api::figures,
    parts::{BreakdownMenu, CurrencyTabs, MetricCard, NoRate, NothingHere, PanelCard},
};
use crate::{
    errors::Failed,
    live::use_live,
    scope::{ScopePicker, use_link, use_scope},
    session::use_session,
    title::PageTitle,
    uploads::parts::RecentUploads,
};
use ::api::{ApiError, dashboard::Figures};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use metrics::Dimension;
use types::Period;
use ui::{
    ButtonKind, CardGrid, EmptyKind, EmptyState, LinkButton, PageHeader, SkeletonCard,
    SkeletonChart,
};

/// What the page shows; its parts are only rebuilt when this changes.
#[derive(Clone, Debug, PartialEq)]
enum Showing {
    Loading,
    Figures,
    NothingYet,
    Failed(ApiError),
}

#[component]
pub fn DashboardPage() -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let to_upload = use_link("/uploads/new");
    let live = use_live();
    let session = use_session();
    let asked = move || {
        (
            scope.get(),
            i18n.get_locale(),
            live.figures.get(),
            session.restored.get(),
        )
    };
    let answer = Resource::new_blocking(asked, |(scope, locale, _, _)| {
        figures(scope, crate::texts::language(locale))
    });
    let busy = RwSignal::new(false);
    view! {
        <PageTitle text=move || t_string!(i18n, dashboard.title).to_string() />
        <Transition
            fallback=|| {
                view! {
                    <Header shown=Signal::stored(None::<Period>) compared=Signal::stored(None::<Period>) />
                    <Loading />
                }
            }
            set_pending=busy
        >
            {
                let found = Memo::new(move |_| {
                    answer.with(|a| match a {
                        Some(Ok(Some(found))) => Some(found.clone()),
                        _ => None,
                    })
                });
                let showing = Memo::new(move |_| {
                    answer
                        .with(|a| match a {
                            None => Showing::Loading,
                            Some(Ok(Some(_))) => Showing::Figures,
                            Some(Ok(None)) => Showing::NothingYet,
                            Some(Err(error)) => Showing::Failed(error.clone()),
                        })
                });
                let shown = Signal::derive(move || found.with(|f| f.as_ref().map(|f| f.period)));
                let compared = Signal::derive(move || {
                    found.with(|f| f.as_ref().and_then(|f| f.comparison))
                });
                let body = move || match showing.get() {
                    Showing::Loading => view! { <Loading /> }.into_any(),
                    Showing::Figures => view! { <AllFigures figures=found busy=busy retry=move || answer.refetch() /> }.into_any(),
                    Showing::NothingYet => {
                        view! {
                            <div data-testid="no-data">
                                <EmptyState
                                    kind=EmptyKind::NoData
                                    title=move || t_string!(i18n, dashboard.no_data_title)
                                    body=move || t_string!(i18n, dashboard.no_data_body)
                                    action=move || {
                                        view! {
                                            <LinkButton href=to_upload kind=ButtonKind::Primary>
                                                {t!(i18n, common.actions.upload_file)}
                                            </LinkButton>
                                        }
                                    }
                                />
                            </div>
                        }
                            .into_any()
                    }
                    Showing::Failed(error) => {
                        view! {
                            <Failed
                                error
                                title=move || t_string!(i18n, dashboard.failed)
                                retry=move || answer.refetch()
                            />
                        }
                            .into_any()
                    }
                };
                view! {
                    <Header shown=shown compared=compared />
                    {body}
                }
            }
        </Transition>
        <RecentUploads />
    }
}

/// The title and the period; `shown` is absent until the figures are there.
#[component]
fn Header(
    #[prop(into)] shown: Signal<Option<Period>>,
    #[prop(into)] compared: Signal<Option<Period>>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <PageHeader
            title=move || t_string!(i18n, dashboard.title)
            actions=move || view! { <ScopePicker shown=shown compared=compared /> }
        />
    }
}

/// Everything in its final size, so that nothing jumps.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <CardGrid>
            {(0..8).map(|_| view! { <SkeletonCard /> }).collect_view()}
        </CardGrid>
        <SkeletonChart />
    }
}

#[component]
pub fn AllFigures(
    #[prop(into)] figures: Signal<Option<Figures>>,
    #[prop(into)] busy: Signal<bool>,
    /// Asks again for what failed.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let metrics = Memo::new(move |_| {
        figures.with(|f| {
            let cards = f
                .as_ref()
                .map_or_else(|| Ok(Vec::new()), |f| f.cards.clone());
            cards.map(|cards| cards.iter().map(|c| c.metric).collect::<Vec<_>>())
        })
    });
    let through = move || {
        let day = figures.with(|f| f.as_ref().map(|f| f.data_through));
        day.map_or_else(String::new, |day| {
            t_string!(
                i18n,
                dashboard.data_through,
                day = format::day(day, i18n.get_locale())
            )
            .to_string()
        })
    };
    let panel = move |pick: fn(&Figures) -> Option<::api::dashboard::Panel>| {
        Memo::new(move |_| figures.with(|f| f.as_ref().and_then(pick)))
    };
    let (trend, categories, products, breakdown, customers) = (
        panel(|f| Some(f.trend.clone())),
        panel(|f| Some(f.categories.clone())),
        panel(|f| Some(f.products.clone())),
        panel(|f| Some(f.breakdown.clone())),
        panel(|f| f.customers.clone()),
    );
    let unfinished = Signal::derive(move || {
        let (what, last) = figures.with(|f| {
            let f = f.as_ref()?;
            Some((f.unfinished?, f.period.to.min(f.data_through)))
        })?;
        let day = format::day(last, i18n.get_locale());
        Some(match what {
            Dimension::Week => t_string!(i18n, dashboard.unfinished_week, day = day).to_string(),
            _ => t_string!(i18n, dashboard.unfinished_month, day = day).to_string(),
        })
    });
    let by = Memo::new(move |_| figures.with(|f| f.as_ref().map(|f| f.by)));
    let breakdown_title = move || {
        let locale = i18n.get_locale();
        let dimension = by.get().map(|by| crate::texts::inside(by, locale));
        t_string!(
            i18n,
            dashboard.breakdown,
            dimension = dimension.unwrap_or_default()
        )
        .to_string()
    };
    view! {
        <div class="grid gap-4" data-testid="figures" aria-busy=move || busy.get().to_string()>
            <div class="flex flex-wrap items-center gap-4">
                <p class="text-sm text-muted" data-testid="data-through">
                    {through}
                </p>
                <CurrencyTabs figures=figures />
            </div>
            <NoRate figures=figures />
            <NothingHere figures=figures />
            {move || match metrics.get() {
                Ok(metrics) => {
                    view! {
                        <CardGrid>
                            {metrics
                                .into_iter()
                                .map(|metric| view! { <MetricCard metric figures=figures /> })
                                .collect_view()}
                        </CardGrid>
                    }
                        .into_any()
                }
                Err(error) => view! { <Failed error retry compact=true /> }.into_any(),
            }}
            <PanelCard
                id="trend"
                title=move || t_string!(i18n, dashboard.trend)
                note=unfinished
                panel=trend
                busy
                retry
            />
            <div class="grid gap-4 lg:grid-cols-2">
                <PanelCard
                    id="categories"
                    title=move || t_string!(i18n, dashboard.categories)
                    panel=categories
                    busy
                    retry
                />
                <PanelCard
                    id="products"
                    title=move || t_string!(i18n, dashboard.products)
                    panel=products
                    busy
                    retry
                />
                <PanelCard
                    id="breakdown"
                    title=breakdown_title
                    actions=move || view! { <BreakdownMenu figures=figures /> }
                    panel=breakdown
                    busy
                    retry
                />
                <PanelCard
                    id="customers"
                    title=move || t_string!(i18n, dashboard.customers)
                    note=unfinished
                    panel=customers
                    busy
                    retry
                />
            </div>
        </div>
    }
}
