//! Lines and bars as SVG, 720 x 260 or 400 x 260, coloured by class. Mirrored where text runs from right to left.

use crate::{
    markup::{at, escape, name_of},
    scale::{Axis, gutter, shown_labels, to_micros, value_axis},
    spec::{ChartSpec, Kind, value},
};
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const NARROW_WIDTH: f64 = 400.0;
const HEIGHT: f64 = 260.0;
/// Room above for half a line of text, and below for the labels of the axis.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 232.0;

struct Plot<'a> {
    spec: &'a ChartSpec,
    axis: Axis,
    /// Where the plot starts, past the labels of the value axis.
    start: f64,
    name: String,
}

impl Plot<'_> {
    fn count(&self) -> usize {
        self.spec.labels.len()
    }

    fn is_bars(&self) -> bool {
        matches!(self.spec.kind, Kind::Bar | Kind::StackedBar)
    }

    fn width(&self) -> f64 {
        if self.spec.is_narrow {
            NARROW_WIDTH
        } else {
            WIDTH
        }
    }

    /// From the start of the line of reading to where it is drawn.
    fn mirrored(&self, x: f64) -> f64 {
        if self.spec.is_rtl() {
            self.width() - x
        } else {
            x
        }
    }

    /// The width of one label's place.
    fn band(&self) -> f64 {
        (self.width() - self.start) / self.count().max(1) as f64
    }

    /// The middle of a label's place.
    fn x(&self, index: usize) -> f64 {
        let n = self.count();
        let from_start = if self.is_bars() || n < 2 {
            self.start + self.band() * (index as f64 + 0.5)
        } else {
            let inset = 6.0;
            self.start
                + inset
                + (self.width() - self.start - 2.0 * inset) * index as f64 / (n - 1) as f64
        };
        self.mirrored(from_start)
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * self.axis.share(value)
    }
}

/// The key, and the drawing below it.
pub(crate) fn draw(spec: &ChartSpec) -> String {
    let axis = value_axis(spec);
    let plot = Plot {
        spec,
        start: gutter(spec, &axis),
        axis,
        name: name_of(
            [spec.title.as_str(), spec.description.as_str()]
                .into_iter()
                .chain(spec.labels.iter().map(String::as_str))
                .chain(spec.series.iter().map(|s| s.name.as_str())),
        ),
    };
    let mut out = key(spec);
    let name = &plot.name;
    let _ = write!(
        out,
        r#"<svg class="chart-svg{}" viewBox="0 0 {} {HEIGHT}" role="img" aria-labelledby="{name}-t {name}-d" direction="{}"><title id="{name}-t">{}</title><desc id="{name}-d">{}</desc>"#,
        if spec.is_narrow { " chart-narrow" } else { "" },
        plot.width(),
        if spec.is_rtl() { "rtl" } else { "ltr" },
        escape(&spec.title),
        escape(&spec.description),
    );
    out.push_str(&grid(&plot));
    out.push_str(&labels(&plot));
    for index in 0..spec.series.len() {
        match spec.kind {
            Kind::Line | Kind::Area => out.push_str(&line(&plot, index)),
            Kind::Bar | Kind::StackedBar | Kind::HorizontalBar => {
                out.push_str(&bars(&plot, index));
            }
        }
    }
    out.push_str("</svg>");
    out
}

/// What is what: as text beside a sample of the line, so that it wraps and grows with the page.
pub(crate) fn key(spec: &ChartSpec) -> String {
    if spec.series.len() < 2 {
        return String::new();
    }
    let shape = match spec.kind {
        Kind::Line | Kind::Area => "chart-key-line",
        _ => "chart-key-bar",
    };
    let mut out = String::from(r#"<ul class="chart-key" aria-hidden="true">"#);
    for (index, series) in spec.series.iter().enumerate() {
        let _ = write!(
            out,
            r#"<li class="series-{}"><span class="{shape}{}{}"></span><bdi>{}</bdi></li>"#,
            spec.colour(index),
            if series.dashed {
                " chart-key-dashed"
            } else {
                ""
            },
            if decal_of(spec, index).is_some() {
                " chart-key-decal"
            } else {
                ""
            },
            escape(&series.name),
        );
    }
    out.push_str("</ul>");
    out
}

/// Lines at round values, each with its value before it.
fn grid(plot: &Plot<'_>) -> String {
    let mut out = String::new();
    let label_x = at(plot.mirrored(0.0));
    let (x1, x2) = (
        at(plot.mirrored(plot.start)),
        at(plot.mirrored(plot.width())),
    );
    for tick in plot.axis.ticks() {
        let y = plot.y(tick);
        let is_zero = tick.abs() < plot.axis.step * 1e-6;
        let _ = write!(
            out,
            r#"<line class="chart-grid{}" x1="{x1}" x2="{x2}" y1="{1}" y2="{1}"/>"#,
            if is_zero { " chart-zero" } else { "" },
            at(y),
        );
        let _ = write!(
            out,
            r#"<text class="chart-tick" x="{label_x}" y="{}" text-anchor="start">{}</text>"#,
            at(y + 4.0),
            escape(&plot.spec.short(to_micros(tick))),
        );
    }
    out
}

/// The labels below; those only a wide screen has room for are marked.
fn labels(plot: &Plot<'_>) -> String {
    let mut out = String::new();
    let n = plot.count();
    for (index, narrow) in shown_labels(n) {
        let Some(label) = plot.spec.labels.get(index) else {
            continue;
        };
        // The first and last would run over the edge.
        let (x, anchor) = if plot.is_bars() || n < 2 {
            (plot.x(index), "middle")
        } else if index == 0 {
            (plot.mirrored(plot.start), "start")
        } else if index + 1 == n {
            (plot.mirrored(plot.width()), "end")
        } else {
            (plot.x(index), "middle")
        };
        let _ = write!(
            out,
            r#"<text class="chart-label{}" x="{}" y="{}" text-anchor="{anchor}">{}</text>"#,
            if narrow { "" } else { " chart-minor" },
            at(x),
            at(BOTTOM + 20.0),
            escape(label),
        );
    }
    out
}

/// Consecutive known points, as runs.
fn runs(plot: &Plot<'_>, series: usize) -> Vec<Vec<(usize, f64, f64)>> {
    let mut runs: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new()];
    let Some(of) = plot.spec.series.get(series) else {
        return runs;
    };
    for index in 0..plot.count() {
        match value(of, index) {
            Some(v) => {
                if let Some(run) = runs.last_mut() {
                    run.push((index, plot.x(index), plot.y(v.to_f64())));
                }
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn path(points: &[(usize, f64, f64)]) -> String {
    let mut d = String::new();
    for (nth, (_, x, y)) in points.iter().enumerate() {
        let _ = write!(
            d,
            "{}{} {}",
            if nth == 0 { "M" } else { "L" },
            at(*x),
            at(*y)
        );
    }
    d
}

fn line(plot: &Plot<'_>, index: usize) -> String {
    let spec = plot.spec;
    let Some(series) = spec.series.get(index) else {
        return String::new();
    };
    let colour = spec.colour(index);
    let dashed = if series.dashed { " chart-dashed" } else { "" };
    let last = plot.count().saturating_sub(1);
    let mut out = format!(r#"<g class="series-{colour}">"#);
    for run in runs(plot, index) {
        let ends_incomplete = spec.incomplete_last
            && !series.dashed
            && run.len() > 1
            && run.last().is_some_and(|(i, ..)| *i == last);
        let whole = if ends_incomplete {
            run.get(..run.len() - 1).unwrap_or_default()
        } else {
            &run
        };
        if spec.kind == Kind::Area && !series.dashed && whole.len() > 1 {
            let base = at(plot.y(0.0));
            let from = whole.first().map_or(0.0, |(_, x, _)| *x);
            let to = whole.last().map_or(0.0, |(_, x, _)| *x);
            let _ = write!(
                out,
                r#"<path class="chart-area" d="{}L{} {base}L{} {base}Z"/>"#,
                path(whole),
                at(to),
                at(from),
            );
        }
        if whole.len() > 1 {
            let _ = write!(
                out,
                r#"<path class="chart-line{dashed}" d="{}"/>"#,
                path(whole)
            );
        }
        if ends_incomplete {
            let tail = run.get(run.len() - 2..).unwrap_or_default();
            let _ = write!(
                out,
                r#"<path class="chart-line chart-incomplete" d="{}"/>"#,
                path(tail)
            );
        }
        // A point with no neighbour is no line; and the eye wants to see where the line ends.
        let is_last = run.last().is_some_and(|(i, ..)| *i == last);
        if (run.len() == 1 || is_last)
            && !(series.dashed && run.len() > 1)
            && let Some((_, x, y)) = run.last()
        {
            let _ = write!(
                out,
                r#"<circle class="chart-dot" cx="{}" cy="{}" r="3"/>"#,
                at(*x),
                at(*y)
            );
        }
    }
    out.push_str("</g>");
    out
}

/// The second series of bars on carries a pattern, so that colour is not all there is.
pub(crate) fn decal_of(spec: &ChartSpec, index: usize) -> Option<usize> {
    let is_bars = matches!(spec.kind, Kind::Bar | Kind::StackedBar);
    (is_bars && spec.colour(index) > 1).then(|| spec.colour(index) - 1)
}

fn bars(plot: &Plot<'_>, index: usize) -> String {
    let spec = plot.spec;
    let Some(series) = spec.series.get(index) else {
        return String::new();
    };
    let n = spec.series.len().max(1) as f64;
    let band = plot.band();
    let room = (band * 0.68).min(96.0);
    let is_stacked = spec.kind == Kind::StackedBar;
    let width = if is_stacked {
        room.min(48.0)
    } else {
        (room / n).min(48.0)
    };
    let decal = decal_of(spec, index).map(|nth| format!("{}-p{nth}", plot.name));
    let class = if series.dashed {
        "chart-bar chart-bar-dashed"
    } else {
        "chart-bar"
    };
    let mut out = format!(r#"<g class="series-{}">"#, spec.colour(index));
    if let Some(id) = &decal {
        let turn = 45 + 45 * (spec.colour(index) % 3);
        let _ = write!(
            out,
            r#"<defs><pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate({turn})"><line class="chart-decal" x1="0" x2="0" y1="0" y2="6"/></pattern></defs>"#,
        );
    }
    let last = plot.count().saturating_sub(1);
    for label in 0..plot.count() {
        let Some(v) = value(series, label).filter(|v| v.0 != 0) else {
            continue;
        };
        let v = v.to_f64();
        let below: f64 = if is_stacked {
            spec.series
                .iter()
                .take(index)
                .filter_map(|s| value(s, label))
                .map(|o| o.to_f64())
                .filter(|o| (*o > 0.0) == (v > 0.0))
                .sum()
        } else {
            0.0
        };
        let (y0, y1) = (plot.y(below), plot.y(below + v));
        let (top, height) = (y0.min(y1), (y0 - y1).abs().max(1.0));
        let middle = plot.x(label);
        let left = if is_stacked {
            middle - width / 2.0
        } else {
            let nth = if spec.is_rtl() {
                n - 1.0 - index as f64
            } else {
                index as f64
            };
            middle - width * n / 2.0 + width * nth
        };
        let incomplete = if spec.incomplete_last && label == last {
            " chart-bar-incomplete"
        } else {
            ""
        };
        // A hair's breadth between neighbours.
        let gap = if width > 6.0 { 1.0 } else { 0.0 };
        let place = format!(
            r#"x="{}" y="{}" width="{}" height="{}" rx="{}""#,
            at(left + gap / 2.0),
            at(top),
            at((width - gap).max(0.5)),
            at(height),
            if width > 8.0 { 2 } else { 0 },
        );
        let _ = write!(out, r#"<rect class="{class}{incomplete}" {place}/>"#);
        if let Some(id) = &decal {
            let _ = write!(out, r#"<rect fill="url(#{id})" {place}/>"#);
        }
    }
    out.push_str("</g>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::samples;
    use i18n::Locale;

    #[test]
    fn a_trend() {
        insta::assert_snapshot!(draw(&samples::trend(Locale::en)).replace("><", ">\n<"));
    }

    #[test]
    fn stacked_bars() {
        insta::assert_snapshot!(draw(&samples::stacked(Locale::en)).replace("><", ">\n<"));
    }

    #[test]
    fn mirrored_for_arabic() {
        let x = |spec: &ChartSpec, index| {
            let plot = Plot {
                spec,
                start: 40.0,
                axis: value_axis(spec),
                name: String::new(),
            };
            plot.x(index)
        };
        let (left, right) = (samples::trend(Locale::en), samples::trend(Locale::ar));
        for index in 0..6 {
            assert!((x(&left, index) + x(&right, index) - WIDTH).abs() < 1e-9);
        }
    }

    #[test]
    fn no_colour_and_no_style_of_its_own() {
        for spec in [samples::trend(Locale::en), samples::stacked(Locale::ar)] {
            let svg = draw(&spec);
            assert!(!svg.contains("style="), "CSP refuses style attributes");
            assert!(
                !svg.replace("url(#", "").contains('#'),
                "colours are classes"
            );
            assert!(!svg.contains("<b>"), "names are escaped");
        }
    }

    #[test]
    fn nothing_to_draw_is_an_empty_plot() {
        let svg = draw(&ChartSpec::default());
        assert!(svg.contains("<svg") && !svg.contains("NaN") && !svg.contains("inf"));
    }
}
