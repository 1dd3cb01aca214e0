//! What an import came to.

use super::{Corrections, net_sales};
use crate::{
    errors::Failed,
    scope::{use_link, use_scope, use_scoped},
    texts,
    uploads::texts as words,
};
use ::api::{
    dashboard::Scope,
    uploads::{Outcome, PAGE, Reject, State, Totals, Upload},
};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use leptos_router::hooks::use_location;
use types::{Period, PeriodChoice};
use ui::{
    Banner, ButtonKind, Card, Cell, Column, DataTable, Fact, FactList, LinkButton, Pagination, Row,
    Tone,
};

fn number(n: u64, locale: Locale) -> String {
    format::count(i64::try_from(n).unwrap_or(i64::MAX), locale)
}

fn facts_of(i18n: I18nContext<Locale>, outcome: &Outcome) -> Vec<Fact> {
    let locale = i18n.get_locale();
    let fact = |label: String, value: String| Fact { label, value };
    let mut facts = vec![
        fact(
            t_string!(i18n, uploads.rows).to_string(),
            number(outcome.rows, locale),
        ),
        fact(
            t_string!(i18n, uploads.accepted).to_string(),
            number(outcome.accepted, locale),
        ),
        fact(
            t_string!(i18n, uploads.rejected).to_string(),
            number(outcome.rejected, locale),
        ),
        fact(
            t_string!(i18n, uploads.warnings).to_string(),
            number(outcome.warnings, locale),
        ),
        fact(
            t_string!(i18n, uploads.duplicates).to_string(),
            number(outcome.duplicates, locale),
        ),
        fact(
            t_string!(i18n, uploads.days).to_string(),
            texts::days(outcome.first_day, outcome.last_day, locale),
        ),
        fact(
            t_string!(i18n, uploads.took).to_string(),
            format::seconds(outcome.seconds, locale),
        ),
    ];
    if outcome.blank > 0 {
        facts.insert(
            3,
            fact(
                t_string!(i18n, uploads.blank).to_string(),
                number(outcome.blank, locale),
            ),
        );
    }
    facts
}

fn totals_row(totals: &Totals, locale: Locale) -> Row {
    let money = |amount| format::money(amount, totals.currency, locale, Style::Full);
    let known =
        |n: Option<i64>| n.map_or_else(|| format::DASH.to_owned(), |n| format::count(n, locale));
    Row::new(
        totals.currency.to_string(),
        vec![
            Cell::text(totals.currency.to_string()),
            Cell::number(money(totals.gross_sales)),
            Cell::number(money(totals.net_sales)),
            Cell::number(format::count(totals.orders, locale)),
            Cell::number(known(totals.customers)),
        ],
    )
}

/// The dashboard over just the imported days; what it is compared with stays.
pub fn dashboard_link(outcome: &Outcome, scope: Scope) -> String {
    let period = match (outcome.first_day, outcome.last_day) {
        (Some(from), Some(to)) => Period::new(from, to).map(PeriodChoice::Custom),
        _ => None,
    };
    let scope = Scope {
        period: period.unwrap_or(scope.period),
        ..scope
    };
    scope.link("/")
}

#[component]
pub fn OutcomeView(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let (scope, scoped) = (use_scope(), use_scoped());
    let outcome = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.outcome.clone())));
    let facts = Signal::derive(move || {
        outcome.with(|o| o.as_ref().map(|o| facts_of(i18n, o)).unwrap_or_default())
    });
    let totals = Signal::derive(move || {
        let locale = i18n.get_locale();
        outcome.with(|o| {
            let totals = o.as_ref().map(|o| o.totals.as_slice()).unwrap_or_default();
            totals
                .iter()
                .map(|t| totals_row(t, locale))
                .collect::<Vec<_>>()
        })
    });
    let sentence = move || {
        let locale = i18n.get_locale();
        outcome.with(|o| {
            o.as_ref().map_or_else(String::new, |o| {
                if o.totals.is_empty() {
                    let rows = number(o.accepted, locale);
                    return t_string!(i18n, uploads.imported_rows, rows = rows).to_string();
                }
                t_string!(
                    i18n,
                    uploads.imported,
                    rows = number(o.accepted, locale),
                    net = net_sales(&o.totals, locale)
                )
                .to_string()
            })
        })
    };
    let duplicate = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.duplicate_of)));
    let link = Signal::derive(move || {
        let scope = scope.get();
        outcome.with(|o| match o {
            Some(outcome) => dashboard_link(outcome, scope),
            None => scope.link("/"),
        })
    });
    // What is no order has no sales.
    let sold =
        Memo::new(move |_| outcome.with(|o| o.as_ref().is_some_and(|o| !o.totals.is_empty())));
    let refused = Memo::new(move |_| outcome.with(|o| o.as_ref().is_some_and(|o| o.rejected > 0)));
    let columns = move || {
        vec![
            Column::new(
                "currency",
                t_string!(i18n, uploads.field.currency).to_string(),
            ),
            Column::new("gross", t_string!(i18n, uploads.gross).to_string()).end(),
            Column::new("net", t_string!(i18n, uploads.net_sales).to_string()).end(),
            Column::new("orders", t_string!(i18n, uploads.orders).to_string()).end(),
            Column::new("customers", t_string!(i18n, uploads.customers).to_string()).end(),
        ]
    };
    view! {
        {move || {
            duplicate
                .get()
                .map(|earlier| {
                    view! {
                        <div data-testid="duplicate">
                            <Banner
                                tone=Tone::Accent
                                title=move || t_string!(i18n, uploads.duplicate_title)
                                actions=move || {
                                    view! {
                                        <LinkButton
                                            href=scoped(&format!("/uploads/{earlier}"))
                                            size=ui::Size::Small
                                        >
                                            {t!(i18n, uploads.to_earlier)}
                                        </LinkButton>
                                    }
                                }
                            >
                                {t!(i18n, uploads.duplicate_body)}
                            </Banner>
                        </div>
                    }
                })
        }}
        <Card title=move || t_string!(i18n, uploads.result) attr:data-testid="outcome">
            <div class="grid gap-4">
                <p class="text-lg" data-testid="outcome-sentence">
                    {sentence}
                </p>
                {move || {
                    sold.get()
                        .then(|| {
                            view! {
                                <div>
                                    <LinkButton
                                        href=link
                                        kind=ButtonKind::Primary
                                        attr:data-testid="to-dashboard"
                                    >
                                        {t!(i18n, uploads.to_dashboard)}
                                    </LinkButton>
                                </div>
                            }
                        })
                }}
                <FactList items=facts />
                {move || {
                    sold.get()
                        .then(|| {
                            view! {
                                <DataTable
                                    caption=move || t_string!(i18n, uploads.totals)
                                    columns=columns()
                                    rows=totals
                                />
                            }
                        })
                }}
            </div>
        </Card>
        <Corrections upload changed />
        {move || refused.get().then(|| view! { <Rejects upload changed /> })}
    }
}

/// What was read of a file that is in no figures: its counts, and what can be mended.
#[component]
pub fn Read(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let outcome = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.outcome.clone())));
    let facts = Signal::derive(move || {
        outcome.with(|o| o.as_ref().map(|o| facts_of(i18n, o)).unwrap_or_default())
    });
    let any = Memo::new(move |_| outcome.with(Option::is_some));
    let refused = Memo::new(move |_| outcome.with(|o| o.as_ref().is_some_and(|o| o.rejected > 0)));
    view! {
        {move || {
            any.get()
                .then(|| {
                    view! {
                        <Card title=move || t_string!(i18n, uploads.was_read) attr:data-testid="outcome">
                            <FactList items=facts />
                        </Card>
                    }
                })
        }}
        <Corrections upload changed />
        {move || refused.get().then(|| view! { <Rejects upload changed /> })}
    }
}

/// File, place and bytes, as far as they say more than the line.
fn where_of(i18n: I18nContext<Locale>, reject: &Reject) -> String {
    let locale = i18n.get_locale();
    let bytes = reject.span.map(|(from, to)| {
        t_string!(
            i18n,
            uploads.bytes,
            from = number(from, locale),
            to = number(to, locale)
        )
        .to_string()
    });
    let parts = [reject.file.clone(), reject.place.clone(), bytes];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() {
        format::DASH.to_owned()
    } else {
        said.join(" · ")
    }
}

fn reject_row(i18n: I18nContext<Locale>, reject: &Reject) -> Row {
    let locale = i18n.get_locale();
    Row::new(
        reject.record.to_string(),
        vec![
            Cell::number(number(reject.record, locale)),
            Cell::number(number(reject.line, locale)),
            Cell::muted(where_of(i18n, reject)),
            Cell::text(
                reject
                    .column
                    .clone()
                    .unwrap_or_else(|| format::DASH.to_owned()),
            ),
            Cell::text(words::reject(i18n, &reject.code, &reject.reason)),
            Cell::text(words::advice(
                i18n,
                &reject.code,
                reject.example.as_deref(),
                &reject.suggestion,
            )),
            Cell::muted(reject.raw.clone()),
        ],
    )
}

/// Records that were refused, with a file of them to correct and upload again.
#[component]
fn Rejects(
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let path = use_location().pathname;
    let id = Memo::new(move |_| upload.with(|u| u.as_ref().map(|u| u.id)));
    let answer = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| u.rejects.clone())));
    let found = Memo::new(move |_| {
        answer.with(|a| match a {
            Some(Ok(found)) => Some(found.clone()),
            _ => None,
        })
    });
    let page = move || found.with(|f| f.as_ref().map_or(0, |f| f.offset / PAGE));
    let failed = Memo::new(move |_| {
        answer.with(|a| match a {
            Some(Err(error)) => Some(error.clone()),
            _ => None,
        })
    });
    let rows = Signal::derive(move || {
        found.with(|f| {
            let items = f.as_ref().map(|f| f.items.as_slice()).unwrap_or_default();
            items
                .iter()
                .map(|r| reject_row(i18n, r))
                .collect::<Vec<_>>()
        })
    });
    let scoped = use_scoped();
    let at = move |page: u64| scoped(&format!("{}?page={}", path.get(), page + 1));
    let before = Signal::derive(move || page().checked_sub(1).map(at));
    let after = Signal::derive(move || {
        let more = found.with(|f| f.as_ref().is_some_and(|f| f.offset + PAGE < f.total));
        more.then(|| at(page() + 1))
    });
    let columns = move || {
        vec![
            Column::new("record", t_string!(i18n, uploads.record).to_string()).end(),
            Column::new("line", t_string!(i18n, uploads.line).to_string()).end(),
            Column::new("where", t_string!(i18n, uploads.place).to_string()),
            Column::new("column", t_string!(i18n, uploads.column).to_string()),
            Column::new("reason", t_string!(i18n, uploads.reason).to_string()),
            Column::new(
                "suggestion",
                t_string!(i18n, uploads.suggestion).to_string(),
            ),
            Column::new("raw", t_string!(i18n, uploads.raw).to_string()),
        ]
    };
    let download = Signal::derive(move || {
        id.get()
            .map_or_else(String::new, |id| format!("/uploads/{id}/rejects.csv"))
    });
    view! {
        <Card
            title=move || t_string!(i18n, uploads.rejects)
            subtitle=move || t_string!(i18n, uploads.rejects_hint)
            attr:data-testid="rejects"
            actions=move || {
                view! {
                    <LinkButton href=download download=true size=ui::Size::Small attr:data-testid="rejects-csv">
                        {t!(i18n, uploads.download_rejects)}
                    </LinkButton>
                }
            }
        >
            {move || match failed.get() {
                Some(error) => view! { <Failed error retry=move || changed.run(()) /> }.into_any(),
                None => {
                    view! {
                        <DataTable caption=move || t_string!(i18n, uploads.rejects) columns=columns() rows=rows />
                        <Pagination
                            summary=move || {
                                let total = found.with(|f| f.as_ref().map_or(0, |f| f.total));
                                number(total, i18n.get_locale())
                            }
                            previous=before
                            next=after
                        />
                    }
                        .into_any()
                }
            }}
        </Card>
    }
}

/// The file cannot be imported: why, and what to do next.
#[component]
pub fn Failure(#[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let another = use_link("/uploads/new");
    let text = move || {
        upload.with(|u| {
            u.as_ref().and_then(|u| u.failure.as_ref()).map_or_else(
                || t_string!(i18n, errors.internal).to_string(),
                |f| words::failure(i18n, f),
            )
        })
    };
    let code = move || {
        upload.with(|u| {
            u.as_ref()
                .and_then(|u| u.failure.as_ref())
                .map_or_else(String::new, |f| f.code.clone())
        })
    };
    view! {
        <div data-testid="not-importable" data-code=code>
            <Banner
                tone=Tone::Bad
                title=move || t_string!(i18n, uploads.not_importable)
                actions=move || {
                    view! { <LinkButton href=another>{t!(i18n, uploads.another)}</LinkButton> }
                }
            >
                {text}
            </Banner>
        </div>
    }
}

/// Held back, cancelled or undone: nothing of it is in the figures, but what an earlier reading brought.
#[component]
pub fn NotFinished(state: State, #[prop(into)] upload: Signal<Option<Upload>>) -> impl IntoView {
    let i18n = use_i18n();
    let live = Memo::new(move |_| upload.with(|u| u.as_ref().is_some_and(|u| u.live)));
    let tone = match state {
        State::Held => Tone::Warn,
        _ => Tone::Neutral,
    };
    let text = move || match state {
        State::Held if live.get() => t_string!(i18n, uploads.change.held_live_hint).to_string(),
        State::Held => t_string!(i18n, uploads.change.held_hint).to_string(),
        State::Undone => t_string!(i18n, uploads.change.undone_hint).to_string(),
        _ => t_string!(i18n, uploads.nothing_kept).to_string(),
    };
    view! {
        <Banner tone title=move || words::state(i18n, state)>
            {text}
        </Banner>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dashboard_opens_on_the_imported_days() {
        let mut outcome = Outcome {
            rows: 1,
            accepted: 1,
            warnings: 0,
            rejected: 0,
            blank: 0,
            duplicates: 0,
            first_day: "2010-12-01".parse().ok(),
            last_day: "2011-12-09".parse().ok(),
            totals: Vec::new(),
            notes: Vec::new(),
            files: Vec::new(),
            seconds: 1.0,
        };
        assert_eq!(
            dashboard_link(&outcome, Scope::default()),
            "/?period=2010-12-01..2011-12-09"
        );
        outcome.last_day = None;
        assert_eq!(dashboard_link(&outcome, Scope::default()), "/");
    }
}
