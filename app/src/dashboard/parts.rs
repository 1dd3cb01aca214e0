use crate::{
    errors::Failed,
    scope::{use_link, use_scope},
    texts,
};
use ::api::{
    ApiError,
    dashboard::{Card as CardView, Chart as ChartView, Figures, Panel, Scope},
};
use i18n::{
    Locale,
    format::{self, Direction},
    t, t_string, use_i18n,
};
use leptos::{prelude::*, text_prop::TextProp};
use metrics::{Cell, ColumnKind, Dimension, Metric, catalogue};
use types::{Currency, CurrencyChoice, PeriodChoice};
use ui::{
    Banner, Card, Chart, Column, DataTable, Delta, EmptyKind, EmptyState, Icon, IconName, KpiCard,
    LinkButton, Menu, MenuHeading, MenuLink, MenuSeparator, Row, Size, TabLink, Tabs, Tone,
};

/// How a figure moved, coloured by what the move means for the shop.
pub fn delta(card: &CardView, currency: Currency, locale: Locale) -> Option<Delta> {
    let (before, now) = (card.before.as_ref()?.micros()?, card.value.micros()?);
    let change = format::change(before, now);
    let meaning = card.metric.definition().direction;
    let tone = match (change.direction, meaning) {
        (Direction::Flat | Direction::New, _) | (_, catalogue::Direction::Neutral) => Tone::Neutral,
        (Direction::Up, catalogue::Direction::Up)
        | (Direction::Down, catalogue::Direction::Down) => Tone::Good,
        (Direction::Up, catalogue::Direction::Down)
        | (Direction::Down, catalogue::Direction::Up) => Tone::Bad,
    };
    Some(Delta {
        text: format::change_text(&change, locale),
        direction: change.direction,
        tone,
        before: Some(texts::amount(before, card.metric.unit(), currency, locale)),
    })
}

#[component]
pub fn MetricCard(metric: Metric, #[prop(into)] figures: Signal<Option<Figures>>) -> impl IntoView {
    let i18n = use_i18n();
    let card = Memo::new(move |_| {
        figures.with(|f| {
            let f = f.as_ref()?;
            let card = f.cards.as_ref().ok()?.iter().find(|c| c.metric == metric)?;
            Some((card.clone(), f.currency))
        })
    });
    let kind = ColumnKind::Metric(metric);
    let value = Signal::derive(move || {
        let locale = i18n.get_locale();
        card.get().map_or_else(String::new, |(c, currency)| {
            texts::cell(&c.value, kind, currency, locale, format::DASH)
        })
    });
    let change = Signal::derive(move || {
        let locale = i18n.get_locale();
        card.get()
            .and_then(|(c, currency)| delta(&c, currency, locale))
    });
    let note = Signal::derive(move || {
        let absent = card.with(|c| c.as_ref().is_some_and(|(c, _)| c.is_not_in_source));
        absent.then(|| t_string!(i18n, dashboard.not_in_source).to_string())
    });
    // The figure as programs read it: exact, without a language.
    let plain = move || {
        card.get()
            .map_or_else(String::new, |(c, ..)| match c.value {
                Cell::Count(n) => n.to_string(),
                other => other.micros().map_or_else(String::new, |m| m.to_string()),
            })
    };
    let scope = use_scope();
    let origin = Signal::derive(move || {
        scope
            .get()
            .link(&format!("/lineage?metric={}", metric.id()))
    });
    view! {
        <KpiCard
            id=format!("kpi-{}", metric.id())
            label=move || metric.name(texts::language(i18n.get_locale()))
            value=value
            change=change
            note=note
            formula=move || metric.explanation(texts::language(i18n.get_locale()))
            more=move || view! { <a class="link" href=origin>{t!(i18n, lineage.link)}</a> }
            attr:data-testid=format!("kpi-{}", metric.id())
            attr:data-value=plain
        />
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Showing {
    Chart,
    Empty(EmptyKind),
    Failed(ApiError),
}

/// One chart with its table, or why there is none. A failure here leaves the other panels alone.
#[component]
pub fn PanelCard(
    id: &'static str,
    #[prop(into)] title: TextProp,
    /// Absent where the viewer may not see it.
    #[prop(into)]
    panel: Signal<Option<Panel>>,
    #[prop(optional, into)] actions: Option<ViewFn>,
    /// What to know when reading the chart.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    #[prop(into)] busy: Signal<bool>,
    /// Asks again where the panel failed.
    retry: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let showing = Memo::new(move |_| {
        panel.with(|p| match p {
            None => Showing::Empty(EmptyKind::NoPermission),
            Some(Err(error)) => Showing::Failed(error.clone()),
            Some(Ok(chart)) if chart.rows.is_empty() => Showing::Empty(EmptyKind::NoMatch),
            Some(Ok(chart)) if chart.lacks_column => Showing::Empty(EmptyKind::MissingColumn),
            Some(Ok(_)) => Showing::Chart,
        })
    });
    let part = move |pick: fn(&ChartView) -> String| {
        Signal::derive(move || {
            panel.with(|p| match p {
                Some(Ok(chart)) => pick(chart),
                _ => String::new(),
            })
        })
    };
    let heading = title.clone();
    view! {
        <Card
            title=move || heading.get()
            actions=actions.unwrap_or_default()
            busy=busy
            attr:data-testid=format!("panel-{id}")
        >
            {move || {
                let title = title.clone();
                match showing.get() {
                    Showing::Chart => {
                        view! {
                            <Chart
                                id=format!("chart-{id}")
                                title=move || title.get()
                                svg=part(|c| c.svg.clone())
                                option_json=part(|c| c.option.clone())
                                table=move || view! { <PanelTable panel=panel /> }
                                busy=busy
                                file_name=id.to_owned()
                            />
                            {move || {
                                note.get()
                                    .map(|note| {
                                        view! {
                                            <p class="text-sm text-muted" data-testid=format!("note-{id}")>
                                                {note}
                                            </p>
                                        }
                                    })
                            }}
                        }
                            .into_any()
                    }
                    Showing::Empty(EmptyKind::MissingColumn) => {
                        view! {
                            <EmptyState
                                kind=EmptyKind::MissingColumn
                                title=move || t_string!(i18n, dashboard.not_in_source)
                            />
                        }
                            .into_any()
                    }
                    Showing::Empty(kind) => view! { <EmptyState kind=kind /> }.into_any(),
                    Showing::Failed(error) => {
                        view! { <Failed error retry compact=true /> }.into_any()
                    }
                }
            }}
        </Card>
    }
}

/// The chart's figures as a table: for who does not see the drawing, and before it is alive.
#[component]
fn PanelTable(panel: Signal<Option<Panel>>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = Signal::derive(move || {
        panel.with(|p| match p {
            Some(Ok(chart)) => chart.rows.iter().enumerate().map(table_row).collect(),
            _ => Vec::new(),
        })
    });
    // Headings hang on the language and the grain.
    let head = Memo::new(move |_| {
        panel.with(|p| match p {
            Some(Ok(chart)) => chart.headings.clone(),
            _ => Vec::new(),
        })
    });
    move || {
        let columns = head
            .get()
            .into_iter()
            .enumerate()
            .map(|(n, text)| {
                let column = Column::new(n.to_string(), text);
                if n == 0 { column } else { column.end() }
            })
            .collect::<Vec<_>>();
        view! {
            <DataTable caption=move || t_string!(i18n, dashboard.chart_data) columns=columns rows=rows max_height=true />
        }
    }
}

/// The first cell names the row, the others are figures.
fn table_row((n, texts): (usize, &Vec<String>)) -> Row {
    let cells = texts
        .iter()
        .enumerate()
        .map(|(column, text)| match column {
            0 => ui::Cell::text(text.clone()),
            _ => ui::Cell::number(text.clone()),
        })
        .collect::<Vec<_>>();
    Row::new(n.to_string(), cells)
}

/// What sales are broken down by.
#[component]
pub fn BreakdownMenu(#[prop(into)] figures: Signal<Option<Figures>>) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let known =
        Memo::new(move |_| figures.with(|f| f.as_ref().map(|f| (f.dimensions.clone(), f.by))));
    let name = move |dimension: Dimension| {
        let language = texts::language(i18n.get_locale());
        dimension.name(language).to_owned()
    };
    let current = Signal::derive(move || known.get().map(|(_, by)| name(by)).unwrap_or_default());
    let link = move |dimension: Dimension| {
        let href = Signal::derive(move || {
            Scope {
                by: Some(dimension),
                ..scope.get()
            }
            .link("/")
        });
        let current =
            Signal::derive(move || known.with(|k| k.as_ref().is_some_and(|k| k.1 == dimension)));
        view! {
            <MenuLink href=href current=current>
                <bdi>{move || name(dimension)}</bdi>
            </MenuLink>
        }
    };
    let others = Memo::new(move |_| {
        known.with(|k| {
            k.as_ref()
                .is_some_and(|(all, by)| all.iter().any(|d| d != by))
        })
    });
    let items = move || {
        let dimensions = known.get().map(|k| k.0).unwrap_or_default();
        let (of_files, of_all): (Vec<_>, Vec<_>) =
            dimensions.into_iter().partition(|d| d.is_extra());
        let heading = (!of_files.is_empty() && !of_all.is_empty()).then(|| {
            view! {
                <MenuSeparator />
                <MenuHeading>{t!(i18n, dashboard.of_your_files)}</MenuHeading>
            }
        });
        view! {
            {of_all.into_iter().map(link).collect_view()}
            {heading}
            {of_files.into_iter().map(link).collect_view()}
        }
    };
    move || {
        others.get().then(|| {
            view! {
                <Menu
                    id="breakdown-by"
                    // What the button shows is part of its name.
                    label=move || {
                        format!("{}: {}", t_string!(i18n, dashboard.breakdown_by), current.get())
                    }
                    trigger=move || {
                        view! {
                            <bdi>{move || current.get()}</bdi>
                            <Icon name=IconName::ChevronDown />
                        }
                    }
                    align_end=true
                >
                    {items}
                </Menu>
            }
        })
    }
}

/// A choice of currency where there are several: they are added up only when they are converted.
#[component]
pub fn CurrencyTabs(#[prop(into)] figures: Signal<Option<Figures>>) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let known = Memo::new(move |_| {
        figures.with(|f| {
            let f = f.as_ref()?;
            Some((f.currencies.clone(), f.choice?, f.home))
        })
    });
    let tabs = Signal::derive(move || {
        let Some((currencies, current, home)) = known.get() else {
            return Vec::new();
        };
        let tab = |choice, label| {
            let target = Scope {
                currency: Some(choice),
                ..scope.get()
            };
            TabLink {
                href: target.link("/"),
                label,
                current: choice == current,
                count: None,
            }
        };
        let converted = t_string!(i18n, dashboard.all_in, currency = home.to_string()).to_string();
        currencies
            .into_iter()
            .map(|currency| tab(CurrencyChoice::Only(currency), currency.to_string()))
            .chain([tab(CurrencyChoice::All, converted)])
            .collect::<Vec<_>>()
    });
    let several = Memo::new(move |_| known.with(Option::is_some));
    move || {
        several.get().then(|| {
            view! { <Tabs label=move || t_string!(i18n, dashboard.currencies) tabs=tabs /> }
        })
    }
}

/// Amounts could not be converted: says which rates are missing, and how to bring them.
#[component]
pub fn NoRate(#[prop(into)] figures: Signal<Option<Figures>>) -> impl IntoView {
    let i18n = use_i18n();
    let to_upload = use_link("/uploads/new");
    let missing =
        Memo::new(move |_| figures.with(|f| f.as_ref().map(|f| (f.without_rate.clone(), f.home))));
    let text = move || {
        let locale = i18n.get_locale();
        let (missing, home) = missing.get()?;
        let first = missing.iter().map(|m| m.day).min()?;
        let from: Vec<String> = missing
            .into_iter()
            .map(|m| match m.currency.is_empty() {
                true => t_string!(i18n, common.unknown).to_string(),
                false => m.currency,
            })
            .collect();
        let text = t_string!(
            i18n,
            dashboard.no_rate,
            from = from.join(", "),
            into = home.to_string(),
            day = format::day(first, locale)
        );
        Some(text.to_string())
    };
    move || {
        text().map(|text| {
            view! {
                <div data-testid="no-rate">
                    <Banner
                        tone=Tone::Warn
                        actions=move || {
                            view! {
                                <LinkButton href=to_upload size=Size::Small>
                                    {t!(i18n, dashboard.bring_rates)}
                                </LinkButton>
                            }
                        }
                    >
                        {text}
                    </Banner>
                </div>
            }
        })
    }
}

/// The store has figures, but none in this period.
#[component]
pub fn NothingHere(#[prop(into)] figures: Signal<Option<Figures>>) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let nothing = Memo::new(move |_| figures.with(|f| f.as_ref().is_some_and(is_empty)));
    let whole = move || {
        Scope {
            period: PeriodChoice::All,
            ..scope.get()
        }
        .link("/")
    };
    move || {
        nothing.get().then(|| {
            view! {
                <div data-testid="nothing-in-period">
                    <Banner
                        tone=Tone::Neutral
                        actions=move || {
                            view! {
                                <LinkButton href=whole() size=Size::Small>
                                    {t!(i18n, dashboard.show_all)}
                                </LinkButton>
                            }
                        }
                    >
                        {t!(i18n, dashboard.nothing_in_period)}
                    </Banner>
                </div>
            }
        })
    }
}

fn is_empty(figures: &Figures) -> bool {
    let Ok(cards) = &figures.cards else {
        return false;
    };
    let zero = |metric: Metric| {
        let card = cards.iter().find(|c| c.metric == metric);
        card.is_none_or(|c| c.value.micros().is_none_or(|m| m.0 == 0))
    };
    zero(Metric::Orders) && zero(Metric::GrossSales) && zero(Metric::NetSales)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Micros;

    fn card(metric: Metric, before: i64, now: i64) -> CardView {
        CardView {
            metric,
            value: Cell::Micros(Micros(now)),
            before: Some(Cell::Micros(Micros(before))),
            is_not_in_source: false,
        }
    }

    #[test]
    fn colour_follows_meaning_not_direction() {
        let tone = |c: CardView| delta(&c, Currency::EUR, Locale::en).map(|d| d.tone);
        let m = 1_000_000;
        assert_eq!(
            tone(card(Metric::NetSales, 10 * m, 12 * m)),
            Some(Tone::Good)
        );
        assert_eq!(
            tone(card(Metric::NetSales, 12 * m, 10 * m)),
            Some(Tone::Bad)
        );
        assert_eq!(
            tone(card(Metric::RefundRateValue, 10_000, 20_000)),
            Some(Tone::Bad)
        );
        assert_eq!(
            tone(card(Metric::RefundRateValue, 20_000, 10_000)),
            Some(Tone::Good)
        );
        assert_eq!(
            tone(card(Metric::Discounts, 10 * m, 12 * m)),
            Some(Tone::Neutral)
        );
        assert_eq!(
            tone(card(Metric::NetSales, 10 * m, 10 * m)),
            Some(Tone::Neutral)
        );
    }

    #[test]
    fn without_a_comparison_there_is_no_change() {
        let mut card = card(Metric::NetSales, 1, 2);
        card.before = Some(Cell::Unknown);
        assert!(delta(&card, Currency::EUR, Locale::en).is_none());
        card.before = None;
        assert!(delta(&card, Currency::EUR, Locale::en).is_none());
    }
}
