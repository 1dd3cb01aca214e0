//! Axes with round numbers.

use crate::spec::{ChartSpec, Kind, Unit, value};
use types::Micros;

/// A value axis: `from`, `to` and the distance of its ticks, all in units (not millionths).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub from: f64,
    pub to: f64,
    pub step: f64,
}

impl Axis {
    /// An axis that holds all of these and zero, with about `wanted` steps.
    pub fn holding(low: f64, high: f64, wanted: u32, whole: bool) -> Self {
        let low = low.min(0.0);
        let high = high.max(0.0);
        // With nothing to show the axis still has a length.
        let high = if high > low { high } else { 1.0 };
        let mut step = nice((high - low) / f64::from(wanted.max(1)));
        if whole {
            step = step.max(1.0);
        }
        let from = (low / step).floor() * step;
        let to = (high / step).ceil() * step;
        Self { from, to, step }
    }

    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.to - self.from) / self.step).round() as i32;
        (0..=count)
            .map(|i| self.from + f64::from(i) * self.step)
            .collect()
    }

    /// 0 at `from`, 1 at `to`.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten.
fn nice(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    let unit = rough / power;
    let rounded = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|candidate| unit <= candidate * 1.000_001)
        .unwrap_or(10.0);
    rounded * power
}

/// Back from geometry to exact figures, to be written at a tick.
pub(crate) fn to_micros(value: f64) -> Micros {
    Micros((value * 1e6).round() as i64)
}

/// The axis of all that a chart shows.
pub(crate) fn value_axis(spec: &ChartSpec) -> Axis {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for index in 0..spec.labels.len() {
        let (mut above, mut below) = (0.0, 0.0);
        for series in &spec.series {
            let Some(v) = value(series, index) else {
                continue;
            };
            let v = v.to_f64();
            if spec.kind == Kind::StackedBar {
                if v > 0.0 {
                    above += v
                } else {
                    below += v
                }
                low = low.min(below);
                high = high.max(above);
            } else {
                low = low.min(v);
                high = high.max(v);
            }
        }
    }
    Axis::holding(low, high, 4, spec.unit == Unit::Count)
}

/// The room the labels of the value axis need, at 11 px.
pub(crate) fn gutter(spec: &ChartSpec, axis: &Axis) -> f64 {
    let longest = axis
        .ticks()
        .into_iter()
        .map(|tick| spec.short(to_micros(tick)).chars().count())
        .max()
        .unwrap_or(0);
    (longest as f64 * 7.0 + 10.0).clamp(30.0, 110.0)
}

/// Which labels are written: about six, evenly apart, from the first on. The second is whether a
/// narrow screen has room for it too.
pub(crate) fn shown_labels(count: usize) -> Vec<(usize, bool)> {
    if count == 0 {
        return Vec::new();
    }
    let every = count.div_ceil(7).max(1);
    (0..count)
        .step_by(every)
        .enumerate()
        .map(|(nth, index)| (index, nth % 3 == 0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_axis_holds_its_values_in_few_round_steps(a in -1e12_f64..1e12, b in -1e12_f64..1e12, whole in any::<bool>()) {
            let axis = Axis::holding(a.min(b), a.max(b), 4, whole);
            let slack = axis.step * 1e-6;
            prop_assert!(axis.from <= a.min(b).min(0.0) + slack && axis.to >= a.max(b).max(0.0) - slack);
            let ticks = axis.ticks();
            prop_assert!(ticks.len() >= 2 && ticks.len() <= 8, "{:?}", ticks);
            prop_assert!(ticks.iter().any(|t| t.abs() < slack), "zero is a tick: {:?}", ticks);
        }

        #[test]
        fn a_handful_of_labels_is_written(n in 1_usize..2_000) {
            let shown = shown_labels(n);
            prop_assert!(!shown.is_empty() && shown.len() <= 7);
            prop_assert!(shown.iter().filter(|(_, narrow)| *narrow).count() <= 3);
            prop_assert!(shown.iter().all(|(i, _)| *i < n));
        }
    }

    #[test]
    fn round_steps() {
        assert_eq!(
            Axis::holding(0.0, 2_400.0, 4, false),
            Axis {
                from: 0.0,
                to: 3_000.0,
                step: 1_000.0
            }
        );
        assert_eq!(Axis::holding(0.0, 3.0, 4, true).step, 1.0);
        assert_eq!(
            Axis::holding(0.0, 0.0, 4, false),
            Axis {
                from: 0.0,
                to: 1.0,
                step: 0.25
            }
        );
    }
}
