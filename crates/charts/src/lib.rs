//! Charts as the server draws them: one [`ChartSpec`] becomes the picture of the first paint, the
//! option of the chart library that takes over in the browser, and the rows of the table below.
//!
//! Invariants:
//! - All figures are formatted here: the browser adds no formatting of its own.
//! - Colours are CSS variables only, so that a theme change needs no new picture.
//! - Native only: none of this is compiled for the browser.

mod markup;
mod option;
mod rank;
mod scale;
mod spec;
mod svg;

pub use option::option_json;
pub use spec::{ChartSpec, Kind, Series, Unit};

/// What the page shows before, and without, its script: a key of the series and the drawing.
pub fn svg(spec: &ChartSpec) -> String {
    match spec.kind {
        Kind::HorizontalBar => rank::draw(spec),
        Kind::Line | Kind::Area | Kind::Bar | Kind::StackedBar => svg::draw(spec),
    }
}
