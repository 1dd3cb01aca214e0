//! A chart that is there at first paint: the server's SVG, a table of the same data below, and, once
//! its script has loaded, the same chart to point at.
//!
//! The script (`public/js/charts.js`) defines `<chart-view>` and fills only `.chart-live`, which stays
//! empty here: hydration and the script never touch the same nodes.

use crate::{Icon, IconName, text::words};
use i18n::{t_string, use_i18n};
use leptos::{ev, prelude::*, text_prop::TextProp};
use wasm_bindgen::{JsCast, JsValue};

/// A mark that was chosen, to drill into: series and point, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartPoint {
    pub series: u32,
    pub index: u32,
}

#[component]
pub fn Chart(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: TextProp,
    /// `charts::svg`.
    #[prop(into)]
    svg: Signal<String>,
    /// `charts::option_json`.
    #[prop(into)]
    option_json: Signal<String>,
    /// A table of the same data.
    #[prop(into)]
    table: ViewFn,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional)] on_select: Option<Callback<ChartPoint>>,
    /// Of the PNG, without its ending.
    #[prop(default = "chart".into(), into)]
    file_name: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let name = words(&title);
    let chosen = move |event: ev::CustomEvent| {
        if let (Some(on_select), Some(point)) = (on_select, point_of(&event.detail())) {
            on_select.run(point);
        }
    };
    view! {
        <figure class="chart" aria-busy=move || busy.get().then_some("true")>
            <chart-view
                id=id
                class="chart-view"
                data-option=move || option_json.get()
                data-name=file_name
                aria-label=name
                on:chart-select=chosen
            >
                <div class="chart-still" inner_html=move || svg.get()></div>
                <div class="chart-live"></div>
                <button
                    type="button"
                    class="chart-save"
                    data-action="download"
                    aria-label=move || t_string!(i18n, ui.chart.download)
                    title=move || t_string!(i18n, ui.chart.download)
                >
                    <Icon name=IconName::Download />
                </button>
            </chart-view>
            <details class="chart-data">
                <summary>
                    <Icon name=IconName::Table />
                    <span>{move || t_string!(i18n, ui.chart.show_data)}</span>
                </summary>
                {table.run()}
            </details>
        </figure>
    }
}

/// Reads `{series, index}`; anything else is no point.
fn point_of(detail: &JsValue) -> Option<ChartPoint> {
    let number = |key: &str| {
        let value = js_sys::Reflect::get(detail, &JsValue::from_str(key)).ok()?;
        let number = value.dyn_into::<js_sys::Number>().ok()?.value_of();
        (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
    };
    Some(ChartPoint {
        series: number("series")?,
        index: number("index")?,
    })
}
