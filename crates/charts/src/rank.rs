//! A ranking as rows of HTML with a bar each: labels of any length wrap and stay readable on a phone.

use crate::{
    markup::{at, escape},
    spec::{ChartSpec, value},
    svg::key,
};
use std::fmt::Write;

pub(crate) fn draw(spec: &ChartSpec) -> String {
    let largest = spec
        .series
        .iter()
        .flat_map(|s| s.values.iter().flatten())
        .map(|v| v.to_f64().abs())
        .fold(0.0, f64::max);
    let mut out = key(spec);
    let _ = write!(
        out,
        r#"<ol class="chart-rank" aria-label="{}">"#,
        escape(&spec.title)
    );
    for (index, label) in spec.labels.iter().enumerate() {
        let _ = write!(
            out,
            r#"<li><span class="chart-rank-label"><bdi>{}</bdi></span>"#,
            escape(label)
        );
        for (nth, series) in spec.series.iter().enumerate() {
            let v = value(series, index);
            let share = match v {
                Some(v) if largest > 0.0 => v.to_f64().abs() / largest * 100.0,
                _ => 0.0,
            };
            // The bar is stretched to the width there is; a negative one is hollow.
            let _ = write!(
                out,
                r#"<bdi class="chart-rank-value figure{}">{}</bdi><svg class="chart-rank-bar series-{}{}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="chart-rank-track" width="100" height="1"/><rect class="chart-bar{}" x="{}" width="{}" height="1"/></svg>"#,
                if nth == 0 { "" } else { " text-muted" },
                escape(&spec.full(v)),
                spec.colour(nth),
                if series.dashed {
                    " chart-rank-thin"
                } else {
                    ""
                },
                if v.is_some_and(|v| v.0 < 0) {
                    " chart-bar-dashed"
                } else {
                    ""
                },
                at(if spec.is_rtl() { 100.0 - share } else { 0.0 }),
                at(share),
            );
        }
        out.push_str("</li>");
    }
    out.push_str("</ol>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::samples;
    use i18n::Locale;

    #[test]
    fn a_ranking() {
        insta::assert_snapshot!(draw(&samples::ranking(Locale::en)).replace("><", ">\n<"));
    }

    #[test]
    fn bars_start_at_the_start() {
        let html = draw(&samples::ranking(Locale::ar));
        assert!(html.contains(r#"x="50" width="50""#), "{html}");
    }
}
