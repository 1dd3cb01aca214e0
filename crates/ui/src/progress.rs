//! Waiting: how far it is, or the shape of what comes.

use crate::text::{maybe, words};
use leptos::{prelude::*, text_prop::TextProp};

/// `value` is 0 to 1; `None` while nobody knows.
#[component]
pub fn Progress(
    #[prop(into)] value: Signal<Option<f64>>,
    #[prop(into)] label: TextProp,
    /// Counts: "12,000 of 41,000 rows".
    #[prop(optional, into)]
    detail: Option<TextProp>,
) -> impl IntoView {
    let name = words(&label);
    let detail = maybe(detail);
    // In thousandths, so that the text of the attribute is the same everywhere.
    let thousandths = move || {
        value
            .get()
            .map(|v| ((v.clamp(0.0, 1.0) * 1000.0) as u32).to_string())
    };
    view! {
        <div class="progress">
            <div class="progress-head">
                <span class="progress-label">{name.clone()}</span>
                <span class="progress-detail figure" aria-live="polite">
                    {move || detail().unwrap_or_default()}
                </span>
            </div>
            <progress max="1000" value=thousandths aria-label=name></progress>
        </div>
    }
}

/// Lines of text to come.
#[component]
pub fn Skeleton(#[prop(default = 3)] lines: usize) -> impl IntoView {
    let lines: Vec<_> = (0..lines)
        .map(|_| view! { <span class="skeleton skeleton-line"></span> })
        .collect();
    view! {
        <div class="skeletons" aria-hidden="true">
            {lines}
        </div>
    }
}

/// As large as a `KpiCard`.
#[component]
pub fn SkeletonCard() -> impl IntoView {
    view! {
        <div class="kpi" aria-hidden="true">
            <span class="skeleton skeleton-label"></span>
            <span class="skeleton skeleton-figure"></span>
            <span class="skeleton skeleton-label"></span>
        </div>
    }
}

/// As large as a `Chart`.
#[component]
pub fn SkeletonChart() -> impl IntoView {
    view! { <div class="skeleton skeleton-chart" aria-hidden="true"></div> }
}

/// As high as a `DataTable` of so many rows.
#[component]
pub fn SkeletonTable(#[prop(default = 5)] rows: usize) -> impl IntoView {
    let rows: Vec<_> = (0..rows)
        .map(|_| view! { <span class="skeleton skeleton-row"></span> })
        .collect();
    view! {
        <div class="skeleton-table" aria-hidden="true">
            {rows}
        </div>
    }
}
