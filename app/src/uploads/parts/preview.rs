//! What an import would bring, and the button that starts it: a plain form, which works before the WASM has loaded.

use super::id_of;
use crate::{
    forms, texts,
    uploads::{api::Start, texts as words},
};
use ::api::uploads::{Changed, ImportEffect, Preview, PreviewRow, Upload};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{
    Banner, Button, ButtonKind, Card, Cell, Column, DataTable, Fact, FactList, FormError, Row, Tone,
};

/// `1,204 orders, 31 Jan – 2 Mar 2026, €48,210.00 gross`.
pub fn preview_sentence(i18n: I18nContext<Locale>, preview: &Preview) -> String {
    let locale = i18n.get_locale();
    if let Some(data) = &preview.data {
        return counts_of(i18n, data.changes);
    }
    let gross: Vec<String> = preview
        .gross
        .iter()
        .map(|(currency, amount)| format::money(*amount, *currency, locale, Style::Full))
        .collect();
    t_string!(
        i18n,
        uploads.preview_sentence,
        orders = format::count(i64::try_from(preview.orders).unwrap_or(i64::MAX), locale),
        days = texts::days(preview.first_day, preview.last_day, locale),
        gross = gross.join(" + ")
    )
    .to_string()
}

fn preview_row(n: usize, row: &PreviewRow, locale: Locale) -> Row {
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| format::DASH.to_owned());
    Row::new(
        n.to_string(),
        vec![
            Cell::text(row.order.clone()),
            Cell::text(format::day(row.day, locale)),
            Cell::text(row.product.clone()),
            Cell::number(format::quantity(row.quantity, locale)),
            Cell::number(format::money(row.gross, row.currency, locale, Style::Full)),
            Cell::text(text(&row.customer)),
            Cell::text(text(&row.country)),
        ],
    )
}

fn counts_of(i18n: I18nContext<Locale>, changed: Changed) -> String {
    let locale = i18n.get_locale();
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    t_string!(
        i18n,
        uploads.effect.counts,
        added = count(changed.added),
        changed = count(changed.changed),
        unchanged = count(changed.unchanged)
    )
    .to_string()
}

fn data_row((n, texts): (usize, &Vec<String>)) -> Row {
    let cell = |text: &String| match text.as_str() {
        "" => Cell::text(format::DASH.to_owned()),
        text => Cell::text(text.to_owned()),
    };
    Row::new(n.to_string(), texts.iter().map(cell).collect())
}

fn effect_of(i18n: I18nContext<Locale>, effect: &ImportEffect) -> Vec<Fact> {
    let fact = |label: String, changed: Changed| Fact {
        label,
        value: counts_of(i18n, changed),
    };
    let mut facts = vec![
        fact(t_string!(i18n, uploads.orders).to_string(), effect.orders),
        fact(
            t_string!(i18n, uploads.customers).to_string(),
            effect.customers,
        ),
        fact(
            t_string!(i18n, uploads.effect.products).to_string(),
            effect.products,
        ),
    ];
    if effect.lost > 0 {
        let lost = i64::try_from(effect.lost).unwrap_or(i64::MAX);
        facts.push(Fact {
            label: t_string!(i18n, uploads.effect.lost).to_string(),
            value: format::count(lost, i18n.get_locale()),
        });
    }
    if effect.absent > 0 {
        let absent = i64::try_from(effect.absent).unwrap_or(i64::MAX);
        facts.push(Fact {
            label: t_string!(i18n, uploads.effect.absent).to_string(),
            value: format::count(absent, i18n.get_locale()),
        });
    }
    facts
}

/// Of the records that were looked at.
fn counts_of_file(i18n: I18nContext<Locale>, preview: &Preview) -> Vec<Fact> {
    let locale = i18n.get_locale();
    let fact = |label: String, n: u64| Fact {
        label,
        value: format::count(i64::try_from(n).unwrap_or(i64::MAX), locale),
    };
    vec![
        fact(t_string!(i18n, uploads.rows).to_string(), preview.records),
        fact(
            t_string!(i18n, uploads.rejected).to_string(),
            preview.rejected,
        ),
        fact(
            t_string!(i18n, uploads.duplicates).to_string(),
            preview.repeated,
        ),
        fact(
            t_string!(i18n, uploads.days_count).to_string(),
            preview.days,
        ),
    ]
}

/// What an import would bring, with the button that starts it.
#[component]
pub fn PreviewCard(
    preview: Preview,
    #[prop(into)] upload: Signal<Option<Upload>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<Start>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = words::failed(move || action.value().get());
    let id = id_of(upload);
    let complete = preview.complete;
    let changes = preview.effect;
    let of_orders = preview.data.is_none();
    let effect = Signal::derive(move || effect_of(i18n, &changes));
    let compared = preview.effect_complete;
    let refused = preview.rejected;
    let preview = StoredValue::new(preview);
    let counts = Signal::derive(move || preview.with_value(|p| counts_of_file(i18n, p)));
    let rows = Signal::derive(move || {
        let locale = i18n.get_locale();
        preview.with_value(|p| match &p.data {
            Some(data) => data.rows.iter().enumerate().map(data_row).collect(),
            None => {
                let rows = p.rows.iter().enumerate();
                rows.map(|(n, row)| preview_row(n, row, locale))
                    .collect::<Vec<_>>()
            }
        })
    });
    let columns = move || {
        let fields = preview.with_value(|p| p.data.as_ref().map(|d| d.fields.clone()));
        if let Some(fields) = fields {
            let column = |id: String| Column::new(id.clone(), words::field(i18n, &id));
            return fields.into_iter().map(column).collect();
        }
        vec![
            Column::new("order", t_string!(i18n, uploads.order).to_string()),
            Column::new("day", t_string!(i18n, uploads.day).to_string()),
            Column::new("product", t_string!(i18n, uploads.product).to_string()),
            Column::new("quantity", t_string!(i18n, uploads.quantity).to_string()).end(),
            Column::new("gross", t_string!(i18n, uploads.gross).to_string()).end(),
            Column::new("customer", t_string!(i18n, uploads.customer).to_string()),
            Column::new("country", t_string!(i18n, uploads.country).to_string()),
        ]
    };
    view! {
        <Card title=move || t_string!(i18n, uploads.preview) attr:data-testid="preview">
            <div class="grid gap-4">
                <p class="text-lg" data-testid="preview-sentence">
                    {move || preview.with_value(|p| preview_sentence(i18n, p))}
                </p>
                <div data-testid="preview-counts">
                    <FactList items=counts />
                </div>
                {of_orders.then(|| view! { <FactList items=effect /> })}
                {(!compared)
                    .then(|| {
                        view! {
                            <p class="text-sm text-muted" data-testid="preview-partly">
                                {t!(i18n, uploads.effect.partly)}
                            </p>
                        }
                    })}
                {(!complete)
                    .then(|| view! { <p class="text-sm text-muted">{t!(i18n, uploads.preview_head)}</p> })}
                {(refused > 0)
                    .then(|| {
                        view! {
                            <div data-testid="preview-rejects">
                                <Banner tone=Tone::Warn>
                                    <p>{t!(i18n, uploads.preview_rejects)}</p>
                                    <ul class="list-disc ps-6 text-sm">
                                        {move || {
                                            preview
                                                .with_value(|p| {
                                                    p.rejects
                                                        .iter()
                                                        .take(3)
                                                        .map(|r| {
                                                            let text = format!(
                                                                "{} {}: {}",
                                                                t_string!(i18n, uploads.line),
                                                                r.line,
                                                                words::reject(i18n, &r.code, &r.reason),
                                                            );
                                                            view! { <li>{text}</li> }
                                                        })
                                                        .collect_view()
                                                })
                                        }}
                                    </ul>
                                </Banner>
                            </div>
                        }
                    })}
                <FormError text=failed />
                <ActionForm action attr:data-testid="start-form">
                    <input type="hidden" name="id" value=id />
                    <Button kind=ButtonKind::Primary type_="submit" busy=action.pending() attr:data-testid="start">
                        {t!(i18n, uploads.start)}
                    </Button>
                </ActionForm>
                {move || {
                    view! {
                        <DataTable
                            caption=move || t_string!(i18n, uploads.first_rows)
                            hide_caption=false
                            columns=columns()
                            rows=rows
                            max_height=true
                        />
                    }
                }}
            </div>
        </Card>
    }
}
