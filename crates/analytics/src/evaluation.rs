//! From measures to metrics: formulas, order, limit.

use lake::engine::{Answer, Key};
use metrics::{
    Cell, Column, ColumnKind, Formula, Measure, Metric, Query, SortKey, Table, Term, Unit,
    WithoutRate,
};
use std::cmp::Ordering;
use types::{Currency, Micros};

/// The measures that the metrics are made of, each once.
pub(crate) fn measures(metrics: &[Metric]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = metrics
        .iter()
        .flat_map(|m| m.definition().formula.terms())
        .map(|(measure, _)| measure)
        .collect();
    // Without customers, orders tell "nobody bought" from "the source names no buyers".
    if measures.iter().any(|m| m.needs_customers()) {
        measures.extend([Measure::Orders, Measure::Customers]);
    }
    measures.sort_unstable();
    measures.dedup();
    measures
}

pub(crate) fn table(
    query: &Query,
    measures: &[Measure],
    found: Answer,
    currency: Option<Currency>,
) -> Table {
    let dimensions = query.by.iter().map(|d| ColumnKind::Dimension(*d));
    let metrics = query.metrics.iter().map(|m| ColumnKind::Metric(*m));
    let columns: Vec<Column> = dimensions
        .chain(metrics)
        .map(|kind| Column { kind })
        .collect();
    let all_converted = found.without_rate.is_empty();
    let mut rows: Vec<Vec<Cell>> = found
        .groups
        .into_iter()
        .map(|group| {
            let values = Values {
                measures,
                values: &group.values,
                all_converted,
            };
            let figures: Vec<Cell> = query.metrics.iter().map(|m| values.metric(*m)).collect();
            group
                .keys
                .into_iter()
                .map(|key| match key {
                    Key::Time(key) => Cell::Key(key),
                    Key::Text(text) if text.is_empty() => Cell::Unknown,
                    Key::Text(text) => Cell::Text(text),
                })
                .chain(figures)
                .collect()
        })
        .collect();
    sort(query, &columns, &mut rows);
    let total_rows = rows.len() as u64;
    if let Some(limit) = query.limit {
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Table {
        columns,
        rows,
        currency,
        total_rows,
        without_rate: found
            .without_rate
            .into_iter()
            .map(|(currency, day)| WithoutRate { currency, day })
            .collect(),
    }
}

/// By what the query says, then by the dimensions, so that ties always fall the same way.
/// What is unknown comes last in either direction.
fn sort(query: &Query, columns: &[Column], rows: &mut [Vec<Cell>]) {
    let mut order: Vec<(usize, bool)> = query
        .order
        .iter()
        .filter_map(|o| {
            let id = match &o.key {
                SortKey::Metric(m) => m.id(),
                SortKey::Dimension(d) => d.id(),
            };
            let at = columns.iter().position(|c| c.id() == id)?;
            Some((at, o.descending))
        })
        .collect();
    order.extend((0..query.by.len()).map(|at| (at, false)));
    rows.sort_unstable_by(|a, b| {
        order
            .iter()
            .map(|(at, descending)| match (&a[*at], &b[*at]) {
                (Cell::Unknown, Cell::Unknown) => Ordering::Equal,
                (Cell::Unknown, _) => Ordering::Greater,
                (_, Cell::Unknown) => Ordering::Less,
                (x, y) if *descending => y.cmp(x),
                (x, y) => x.cmp(y),
            })
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

struct Values<'a> {
    measures: &'a [Measure],
    /// `None`: not known.
    values: &'a [Option<i64>],
    /// No rate of exchange was missing: what is not known, no file says.
    all_converted: bool,
}

impl Values<'_> {
    fn of(&self, measure: Measure) -> Option<i64> {
        self.measures
            .iter()
            .position(|m| *m == measure)
            .and_then(|at| self.values.get(at))
            .copied()
            .unwrap_or(Some(0))
    }

    /// `None` where a part is not known. What a file has no column for is left out of a sum with other parts: total sales
    /// of a sheet without taxes are its net sales.
    fn sum(&self, terms: &[Term]) -> Option<i64> {
        let left_out = terms.len() > 1 && self.all_converted;
        terms
            .iter()
            .map(|(measure, sign)| {
                let unsaid = left_out && measure.may_be_unsaid();
                Some(sign * self.of(*measure).or(unsaid.then_some(0))?)
            })
            .sum()
    }

    fn metric(&self, metric: Metric) -> Cell {
        let definition = metric.definition();
        if metric.needs_customers()
            && self.of(Measure::Customers) == Some(0)
            && self.of(Measure::Orders) > Some(0)
        {
            return Cell::Unknown;
        }
        match definition.formula {
            Formula::Sum(terms) => match (self.sum(terms), definition.unit) {
                (None, _) => Cell::Unknown,
                (Some(sum), Unit::Count) => Cell::Count(sum),
                (Some(sum), Unit::Money | Unit::Quantity | Unit::Ratio) => {
                    Cell::Micros(Micros(sum))
                }
            },
            Formula::Ratio {
                numerator,
                denominator,
            } => {
                let (Some(above), Some(below)) = (self.sum(numerator), self.sum(denominator))
                else {
                    return Cell::Unknown;
                };
                let ratio = match definition.unit {
                    // An amount over a count stays an amount.
                    Unit::Money => below
                        .checked_mul(1_000_000)
                        .and_then(|below| Micros(above).checked_ratio(Micros(below))),
                    _ => Micros(above).checked_ratio(Micros(below)),
                };
                ratio.map_or(Cell::Unknown, Cell::Micros)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lake::engine::Group;
    use metrics::{Dimension, OrderBy};

    fn one(metric: Metric, values: &[(Measure, i64)]) -> Cell {
        let measures: Vec<Measure> = values.iter().map(|(m, _)| *m).collect();
        let numbers: Vec<Option<i64>> = values.iter().map(|(_, n)| Some(*n)).collect();
        Values {
            measures: &measures,
            values: &numbers,
            all_converted: true,
        }
        .metric(metric)
    }

    #[test]
    fn what_no_file_says_is_unknown_and_left_out_of_the_total() {
        let measures = [
            Measure::Gross,
            Measure::Discounts,
            Measure::Returns,
            Measure::Taxes,
            Measure::Shipping,
        ];
        let values = [Some(5_000_000), Some(0), Some(0), None, Some(1_000_000)];
        let of = |all_converted| Values {
            measures: &measures,
            values: &values,
            all_converted,
        };
        assert_eq!(of(true).metric(Metric::Taxes), Cell::Unknown);
        assert_eq!(
            of(true).metric(Metric::TotalSales),
            Cell::Micros(Micros(6_000_000))
        );
        // Where rates are missing, taxes may be what could not be converted.
        assert_eq!(of(false).metric(Metric::TotalSales), Cell::Unknown);
    }

    #[test]
    fn formulas() {
        let sold = [
            (Measure::Gross, 100_000_000),
            (Measure::Discounts, 10_000_000),
            (Measure::Returns, -30_000_000),
            (Measure::Taxes, 5_000_000),
            (Measure::Shipping, 4_000_000),
            (Measure::Orders, 4),
        ];
        let micros = |n| Cell::Micros(Micros(n));
        assert_eq!(one(Metric::NetSales, &sold), micros(60_000_000));
        assert_eq!(one(Metric::TotalSales, &sold), micros(69_000_000));
        assert_eq!(one(Metric::Aov, &sold), micros(22_500_000));
        assert_eq!(one(Metric::RefundRateValue, &sold), micros(300_000));
    }

    #[test]
    fn unknown_is_not_zero() {
        assert_eq!(one(Metric::Aov, &[(Measure::Orders, 0)]), Cell::Unknown);
        assert_eq!(
            one(Metric::Customers, &[(Measure::Orders, 3)]),
            Cell::Unknown
        );
        assert_eq!(
            one(Metric::Customers, &[(Measure::Orders, 0)]),
            Cell::Count(0)
        );
    }

    #[test]
    fn unknown_comes_last_and_ties_fall_by_dimension() {
        let query = Query {
            order: vec![OrderBy {
                key: SortKey::Metric(Metric::Orders),
                descending: true,
            }],
            limit: Some(3),
            ..Query::new([Metric::Orders]).by([Dimension::Country])
        };
        let group = |country: &str, orders| Group {
            keys: vec![Key::Text(country.to_owned())],
            values: vec![Some(orders)],
        };
        let groups = vec![
            group("Spain", 2),
            group("", 2),
            group("France", 2),
            group("Italy", 5),
        ];
        let found = Answer {
            groups,
            ..Answer::default()
        };
        let table = table(&query, &[Measure::Orders], found, None);
        let first: Vec<String> = (0..3).map(|row| table.text(row, 0)).collect();
        assert_eq!(first, ["Italy", "France", "Spain"]);
        assert_eq!(table.total_rows, 4);
    }
}
