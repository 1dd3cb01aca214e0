//! The same chart for the library in the browser: an ECharts option, and every text it may show.
//!
//! The option names colours as `var(--series-1)` and formatters as `@tick`; `public/js/charts.js`
//! puts in what they stand for. So the option holds no code, and the page needs no `eval`.

use crate::{
    scale::{Axis as Scale, gutter, to_micros, value_axis},
    spec::{ChartSpec, Kind, Series, value},
};
use charming::{
    Chart,
    component::{Aria, Axis, Decal, Grid},
    datatype::{CompositeValue, DataPoint},
    element::{
        AreaStyle, AxisLabel, AxisLine, AxisPointer, AxisPointerType, AxisTick, AxisType, Color,
        Emphasis, ItemStyle, LineStyle, LineStyleType, SplitLine, Symbol, Tooltip, Trigger,
    },
    series::{Bar, Line},
};
use i18n::format;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the browser gets.
#[derive(Serialize)]
struct Live<'a> {
    option: &'a Chart,
    /// Tick value as JavaScript writes it -> its label.
    ticks: BTreeMap<String, String>,
    /// One for each label.
    tips: Vec<Tip>,
    /// Which of our series each drawn one is: an incomplete end is drawn as one of its own.
    drawn: Vec<usize>,
    rtl: bool,
}

#[derive(Serialize)]
struct Tip {
    title: String,
    rows: Vec<TipRow>,
    /// The change from the comparison to the series it compares, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
}

#[derive(Serialize)]
struct TipRow {
    name: String,
    value: String,
    colour: usize,
    dashed: bool,
}

/// Empty for what needs no script: a ranking.
pub fn option_json(spec: &ChartSpec) -> String {
    if spec.kind == Kind::HorizontalBar || spec.labels.is_empty() {
        return String::new();
    }
    let scale = value_axis(spec);
    let ticks = scale
        .ticks()
        .into_iter()
        .map(|tick| {
            let exact = to_micros(tick);
            (exact.to_string(), spec.short(exact))
        })
        .collect();
    let (option, drawn) = chart(spec, &scale);
    let live = Live {
        option: &option,
        drawn,
        ticks,
        tips: (0..spec.labels.len()).map(|i| tip(spec, i)).collect(),
        rtl: spec.is_rtl(),
    };
    // Strings, numbers and lists: nothing that could fail to serialise.
    serde_json::to_string(&live).unwrap_or_default()
}

fn tip(spec: &ChartSpec, index: usize) -> Tip {
    let rows = spec
        .series
        .iter()
        .enumerate()
        .map(|(nth, series)| TipRow {
            name: series.name.clone(),
            value: spec.full(value(series, index)),
            colour: spec.colour(nth),
            dashed: series.dashed,
        })
        .collect();
    let change = spec.series.iter().find_map(|before| {
        let now = spec.series.get(before.of?)?;
        let change = format::change(value(before, index)?, value(now, index)?);
        Some(format::change_text(&change, spec.locale))
    });
    Tip {
        title: spec.long_label(index).to_owned(),
        rows,
        change,
    }
}

fn variable(name: &str) -> Color {
    Color::Value(format!("var(--{name})"))
}

fn chart(spec: &ChartSpec, scale: &Scale) -> (Chart, Vec<usize>) {
    let is_bars = matches!(spec.kind, Kind::Bar | Kind::StackedBar);
    let no_line = || AxisLine::new().show(false);
    let no_tick = || AxisTick::new().show(false);
    let pointer = if is_bars {
        AxisPointerType::Shadow
    } else {
        AxisPointerType::Line
    };
    let room = gutter(spec, scale);
    let mut chart = Chart::new()
        .grid(
            Grid::new()
                .left(if spec.is_rtl() { 4.0 } else { room })
                .right(if spec.is_rtl() { room } else { 4.0 })
                .top(10)
                .bottom(28),
        )
        .aria(
            Aria::new()
                .enabled(false)
                .decal(Decal::new().show(is_bars && spec.series.len() > 1)),
        )
        .tooltip(
            Tooltip::new()
                .trigger(Trigger::Axis)
                .axis_pointer(AxisPointer::new().type_(pointer)),
        )
        .x_axis(
            Axis::new()
                .type_(AxisType::Category)
                .boundary_gap(is_bars)
                .inverse(spec.is_rtl())
                .axis_line(no_line())
                .axis_tick(no_tick())
                .axis_label(AxisLabel::new().color(variable("muted")))
                .data(spec.labels.clone()),
        )
        .y_axis(
            Axis::new()
                .type_(AxisType::Value)
                .position(if spec.is_rtl() { "right" } else { "left" })
                .min(scale.from)
                .max(scale.to)
                .interval(scale.step)
                .axis_line(no_line())
                .axis_tick(no_tick())
                .axis_label(
                    AxisLabel::new()
                        .color(variable("muted"))
                        .distance(room)
                        .formatter("@tick"),
                )
                .split_line(SplitLine::new().line_style(LineStyle::new().color(variable("line")))),
        );
    let mut drawn = Vec::new();
    for (index, series) in spec.series.iter().enumerate() {
        if is_bars {
            drawn.push(index);
            chart = chart.series(bar(spec, index, series));
        } else {
            for line in lines(spec, index, series) {
                drawn.push(index);
                chart = chart.series(line);
            }
        }
    }
    (chart, drawn)
}

fn number(series: &Series, index: usize) -> CompositeValue {
    CompositeValue::from(value(series, index).map(|v| v.to_f64()))
}

fn bar(spec: &ChartSpec, index: usize, series: &Series) -> Bar {
    let colour = variable(&format!("series-{}", spec.colour(index)));
    let opacity = if series.dashed { 0.4 } else { 1.0 };
    let last = spec.labels.len() - 1;
    let data: Vec<DataPoint> = (0..spec.labels.len())
        .map(|i| {
            let item = charming::datatype::DataPointItem::new(number(series, i));
            let item = if spec.incomplete_last && i == last {
                item.item_style(ItemStyle::new().opacity(0.4))
            } else {
                item
            };
            DataPoint::from(item)
        })
        .collect();
    let mut bar = Bar::new()
        .name(series.name.clone())
        .item_style(
            ItemStyle::new()
                .color(colour)
                .opacity(opacity)
                .border_radius(2),
        )
        .emphasis(Emphasis::new().disabled(true))
        .data(data);
    if spec.kind == Kind::StackedBar {
        bar = bar.stack("all");
    }
    bar
}

/// The line, and, where its last period is not over, that part as a second, dotted one.
fn lines(spec: &ChartSpec, index: usize, series: &Series) -> Vec<Line> {
    let n = spec.labels.len();
    let colour = || variable(&format!("series-{}", spec.colour(index)));
    let line = |from: usize, to: usize| {
        let data: Vec<DataPoint> = (0..n)
            .map(|i| {
                if (from..to).contains(&i) {
                    DataPoint::from(number(series, i))
                } else {
                    DataPoint::from(CompositeValue::from(None::<f64>))
                }
            })
            .collect();
        Line::new()
            .name(series.name.clone())
            .symbol(Symbol::Circle)
            .symbol_size(6)
            .show_symbol(false)
            .item_style(ItemStyle::new().color(colour()))
            .emphasis(Emphasis::new().disabled(true))
            .data(data)
    };
    let style = LineStyle::new().color(colour());
    if series.dashed {
        let style = style.width(1.5).type_(LineStyleType::Dashed).opacity(0.65);
        return vec![line(0, n).line_style(style).z(1)];
    }
    let has_tail = spec.incomplete_last && n > 1;
    let mut main = line(0, if has_tail { n - 1 } else { n }).line_style(style.clone().width(2));
    if spec.kind == Kind::Area {
        main = main.area_style(AreaStyle::new().color(colour()).opacity(0.1));
    }
    if has_tail {
        let tail = line(n - 2, n).line_style(style.width(2).type_(LineStyleType::Dotted));
        vec![main, tail.silent(true)]
    } else {
        vec![main]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::samples;
    use i18n::Locale;
    use serde_json::Value;

    fn live(spec: &ChartSpec) -> Value {
        serde_json::from_str(&option_json(spec)).unwrap()
    }

    #[test]
    fn a_trend() {
        let text = serde_json::to_string_pretty(&live(&samples::trend(Locale::en))).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_tick_has_its_words() {
        for spec in [samples::trend(Locale::es), samples::stacked(Locale::zh)] {
            let live = live(&spec);
            let axis = &live["option"]["yAxis"];
            let axis = axis.get(0).unwrap_or(axis);
            let (from, to, step) = (
                axis["min"].as_f64().unwrap(),
                axis["max"].as_f64().unwrap(),
                axis["interval"].as_f64().unwrap(),
            );
            let ticks = live["ticks"].as_object().unwrap();
            assert_eq!(ticks.len(), ((to - from) / step).round() as usize + 1);
        }
    }

    #[test]
    fn no_code_and_no_colour() {
        let text = option_json(&samples::stacked(Locale::ar));
        assert!(
            !text.contains("function") && !text.contains("\"#"),
            "{text}"
        );
        assert!(text.contains("\"inverse\":true"), "mirrored: {text}");
    }

    #[test]
    fn the_tip_says_what_changed() {
        let live = live(&samples::trend(Locale::en));
        assert_eq!(live["tips"][1]["change"], "+111.1%");
        assert_eq!(live["tips"][1]["rows"][1]["value"], "€900.00");
        assert_eq!(live["tips"][4]["change"], "new");
    }

    #[test]
    fn a_dotted_end_belongs_to_its_line() {
        let live = live(&samples::trend(Locale::en));
        assert_eq!(live["drawn"], serde_json::json!([0, 0, 1]));
        assert_eq!(live["option"]["series"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn a_ranking_needs_no_script() {
        assert_eq!(option_json(&samples::ranking(Locale::en)), "");
    }
}
