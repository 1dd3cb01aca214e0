//! Writes the gallery as one HTML document, to be looked at without a server:
//! `cargo run -p ui --example gallery -- ar dark > gallery.html`

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use charts::{ChartSpec, Kind, Series, Unit};
use i18n::{I18nLocaleTrait, I18nSubContextProvider, Locale, format};
use leptos::prelude::*;
use std::str::FromStr;
use types::{Currency, Day, Micros};
use ui::{Gallery, GalleryChart, provide_toasts};

/// Rendering starts effects that only matter in a browser: here nobody runs them.
struct Idle;

impl CustomExecutor for Idle {
    fn spawn(&self, _: PinnedFuture<()>) {}
    fn spawn_local(&self, _: PinnedLocalFuture<()>) {}
    fn poll_local(&self) {}
}

fn wave(n: usize, base: f64, swing: f64, shift: f64) -> Vec<Option<Micros>> {
    (0..n)
        .map(|i| {
            let x = i as f64;
            let value = base + swing * (x / 3.1 + shift).sin() + swing * 0.5 * (x * 1.7).cos();
            Some(Micros((value.max(0.0) * 100.0).round() as i64 * 10_000))
        })
        .collect()
}

fn series(name: &str, values: Vec<Option<Micros>>) -> Series {
    Series {
        name: name.to_owned(),
        values,
        ..Series::default()
    }
}

fn specs(locale: Locale) -> Vec<ChartSpec> {
    let day = |i: usize| Day(20_486 + i as i32);
    let trend = ChartSpec {
        kind: Kind::Area,
        title: "Net sales".into(),
        description: "Net sales of thirty days.".into(),
        labels: (0..30).map(|i| format::day_short(day(i), locale)).collect(),
        long_labels: (0..30).map(|i| format::day(day(i), locale)).collect(),
        series: vec![
            series("Net sales", wave(30, 12_000.0, 4_000.0, 0.0)),
            Series {
                dashed: true,
                of: Some(0),
                ..series("Period before", wave(30, 10_500.0, 3_500.0, 2.0))
            },
        ],
        unit: Unit::Money(Currency::EUR),
        locale,
        incomplete_last: true,
        ..ChartSpec::default()
    };
    let customers = ChartSpec {
        kind: Kind::StackedBar,
        title: "Customers".into(),
        labels: (0..12)
            .map(|i| format::day_short(day(i * 7), locale))
            .collect(),
        series: vec![
            series("New", wave(12, 140.0, 60.0, 0.0)),
            series("Returning", wave(12, 90.0, 40.0, 1.0)),
        ],
        locale,
        ..ChartSpec::default()
    };
    let categories = ChartSpec {
        kind: Kind::HorizontalBar,
        title: "Categories".into(),
        labels: [
            "Home & garden",
            "WHITE HANGING HEART T-LIGHT HOLDER",
            "كوب خزفي",
            "玩具",
        ]
        .map(str::to_owned)
        .into(),
        series: vec![series("Net sales", wave(4, 9_000.0, 5_000.0, 1.0))],
        unit: Unit::Money(Currency::EUR),
        locale,
        ..ChartSpec::default()
    };
    vec![trend, customers, categories]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let locale = arguments
        .next()
        .and_then(|name| Locale::from_str(&name).ok())
        .unwrap_or_default();
    let theme = arguments.next().unwrap_or_else(|| "light".to_owned());
    let drawn: Vec<_> = specs(locale)
        .iter()
        .map(|spec| GalleryChart {
            title: spec.title.clone(),
            svg: charts::svg(spec),
            option_json: charts::option_json(spec),
        })
        .collect();
    // Set once, before anything renders.
    let _ = Executor::init_custom_executor(Idle);
    let body = Owner::new().with(|| {
        provide_toasts();
        view! {
            <I18nSubContextProvider initial_locale=Signal::derive(move || locale)>
                <Gallery charts=drawn />
            </I18nSubContextProvider>
        }
        .to_html()
    });
    println!(
        r#"<!doctype html><html lang="{}" dir="{}" data-theme="{theme}"><head><meta charset="utf-8"><title>Components</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/pkg/smartretail360.css"><script type="module" src="/js/charts.js"></script></head><body>{body}</body></html>"#,
        locale.as_str(),
        locale.direction().as_str(),
    );
}
