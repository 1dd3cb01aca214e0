//! What the numbers of a sheet stand for: of a row or of the whole order, money or a share. Told from rows of the
//! sample, by what adds up.

use crate::field::Field;
use crate::inspection::Assumption;
use crate::mapping::Match;
use crate::number::{self, Decimal};
use crate::options::Options;
use crate::plan::Measure;
use crate::profile::is_blank_value;
use crate::settle::column_of;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Rows of a sample that are kept whole.
pub(crate) const ROWS: usize = 2000;
/// Where so few of the orders contradict, it is for another reason.
const FEW: usize = 20;
/// Shares of a price are no more than so many different ones.
const SHARES: usize = 25;

pub(crate) struct Looked<'a> {
    pub rows: &'a [Vec<String>],
    /// In normal form.
    pub normal: &'a [String],
    pub names: &'a [String],
    pub matches: &'a [Match],
    pub decimal: Decimal,
}

/// The measure of each column.
pub(crate) fn measures(
    looked: &Looked<'_>,
    options: &Options,
    assumptions: &mut Vec<Assumption>,
) -> Vec<Measure> {
    let mut measures = vec![Measure::Plain; looked.matches.len()];
    for field in [Field::Discount, Field::OrderDiscount] {
        if let Some(at) = column_of(looked.matches, field)
            && let Some(slot) = measures.get_mut(at)
        {
            *slot = looked.reduction(at);
            if *slot == Measure::Share {
                assumptions.push(Assumption {
                    code: "discount_share".to_owned(),
                    message: format!(
                        "Column \"{}\" is a share of the price: 0.2 means 20 % off.",
                        looked.name(at)
                    ),
                });
            }
        }
    }
    if column_of(looked.matches, Field::OrderId).is_none() {
        return measures;
    }
    let orders = looked.orders();
    let mut named = Vec::new();
    let mut totals = Vec::new();
    // Totals first: what else is repeated can be told by what they add up to.
    let (first, second): (Vec<usize>, Vec<usize>) = (0..measures.len())
        .filter(|at| {
            looked.field(*at).is_some_and(Field::money)
                && measures.get(*at) == Some(&Measure::Plain)
        })
        .partition(|at| looked.field(*at).is_some_and(is_total));
    for at in first.into_iter().chain(second) {
        let Some(field) = looked.field(at) else {
            continue;
        };
        if field == Field::UnitPrice || decided(options, at) && !says_order(field) {
            continue;
        }
        let found = if is_total(field) {
            looked.total_of_order(at, field, &orders)
        } else {
            looked.part_of_order(at, field, &orders, &totals)
        };
        if !found {
            continue;
        }
        if is_total(field) {
            totals.push(at);
        }
        if let Some(slot) = measures.get_mut(at) {
            *slot = Measure::OfOrder;
        }
        named.push(format!("\"{}\"", looked.name(at)));
    }
    if !named.is_empty() {
        assumptions.push(Assumption {
            code: "once_an_order".to_owned(),
            message: format!(
                "These columns are about the whole order and are repeated on each of its rows; they count once an order: {}.",
                named.join(", ")
            ),
        });
    }
    let on_first_row_only = orders.iter().any(|order| order.continued);
    if on_first_row_only
        && let Some(slot) =
            column_of(looked.matches, Field::OrderId).and_then(|at| measures.get_mut(at))
    {
        *slot = Measure::OfOrder;
        assumptions.push(Assumption {
            code: "order_continues".to_owned(),
            message: "Rows with a product but without order number and date go on with the order of the row above them.".to_owned(),
        });
    }
    measures
}

struct Order<'a> {
    rows: Vec<&'a Vec<String>>,
    /// A row without a number was taken for one of its rows.
    continued: bool,
}

fn is_total(field: Field) -> bool {
    matches!(
        field,
        Field::OrderTotal | Field::LineTotal | Field::LineGross | Field::Subtotal
    )
}

/// By its name it is the order's.
fn says_order(field: Field) -> bool {
    matches!(
        field,
        Field::OrderTotal
            | Field::Subtotal
            | Field::OrderDiscount
            | Field::OrderTax
            | Field::OrderShipping
            | Field::ShippingTax
    )
}

/// The merchant said what the column is.
fn decided(options: &Options, at: usize) -> bool {
    options.decisions.iter().any(|(key, value)| {
        let column = match key.strip_prefix("map.") {
            Some(column) => column,
            None if key.starts_with("mapping") => value.split('=').next().unwrap_or_default(),
            None => return false,
        };
        column.parse() == Ok(at)
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.011 + 0.0001 * a.abs()
}

impl<'a> Looked<'a> {
    fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    fn field(&self, at: usize) -> Option<Field> {
        self.matches.get(at)?.field
    }

    fn text<'r>(&self, row: &'r [String], field: Field) -> &'r str {
        let at = column_of(self.matches, field);
        let text = at.and_then(|at| row.get(at)).map_or("", |t| t.trim());
        if is_blank_value(text) { "" } else { text }
    }

    /// Floating point: only to see what adds up.
    fn number(&self, row: &[String], at: usize) -> Option<f64> {
        let text = row.get(at)?.trim().trim_end_matches(['%', '％', '٪']);
        if is_blank_value(text) {
            return None;
        }
        number::parse(text, self.decimal).map(|n| n.micros.0 as f64 / 1e6)
    }

    fn of(&self, row: &[String], field: Field) -> Option<f64> {
        self.number(row, column_of(self.matches, field)?)
    }

    /// Quantity times price.
    fn product(&self, row: &[String]) -> Option<f64> {
        let price = self.of(row, Field::UnitPrice)?;
        Some(self.of(row, Field::Quantity).unwrap_or(1.0) * price)
    }

    fn orders(&self) -> Vec<Order<'a>> {
        let mut orders: Vec<Order<'a>> = Vec::new();
        let mut by_id: FxHashMap<&str, usize> = FxHashMap::default();
        let mut before: Option<usize> = None;
        for row in self.rows {
            let id = self.text(row, Field::OrderId);
            let says = |field: &Field| !self.text(row, *field).is_empty();
            if id.is_empty() {
                let names = [Field::ProductName, Field::Sku].iter().any(says);
                let amount = [
                    Field::UnitPrice,
                    Field::LineTotal,
                    Field::LineGross,
                    Field::Quantity,
                ];
                let goes_on = names && !says(&Field::Date) && amount.iter().any(says);
                before = before.filter(|_| goes_on);
                if let Some(order) = before.and_then(|at| orders.get_mut(at)) {
                    order.rows.push(row);
                    order.continued = true;
                }
                continue;
            }
            let at = *by_id.entry(id).or_insert_with(|| {
                orders.push(Order {
                    rows: Vec::new(),
                    continued: false,
                });
                orders.len() - 1
            });
            if let Some(order) = orders.get_mut(at) {
                order.rows.push(row);
            }
            before = Some(at);
        }
        orders
    }

    /// Orders of several rows that all have a value: those that say the same (not zero) on each, and the others.
    fn repeated<'o>(&self, at: usize, orders: &'o [Order<'a>]) -> (Vec<&'o Order<'a>>, usize) {
        let (mut same, mut other) = (Vec::new(), 0);
        for order in orders.iter().filter(|o| o.rows.len() > 1) {
            let values: Vec<f64> = order
                .rows
                .iter()
                .filter_map(|r| self.number(r, at))
                .collect();
            let Some(first) = values.first().copied() else {
                continue;
            };
            if values.iter().any(|v| !near(*v, first)) {
                other += 1;
            } else if values.len() == order.rows.len() && first.abs() > 1e-9 {
                same.push(order);
            }
        }
        (same, other)
    }

    /// Whether rows of the order differ in what they are worth, or in pieces.
    fn rows_differ(&self, order: &Order<'_>, but: usize) -> bool {
        let differ = |values: Vec<f64>| {
            let (low, high) = values
                .iter()
                .fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            values.len() > 1 && high - low > 0.05 * high.abs().max(0.01)
        };
        let by = |field: Field| {
            column_of(self.matches, field).is_some_and(|at| {
                at != but
                    && differ(
                        order
                            .rows
                            .iter()
                            .filter_map(|r| self.number(r, at))
                            .collect(),
                    )
            })
        };
        differ(order.rows.iter().filter_map(|r| self.product(r)).collect())
            || [Field::LineTotal, Field::LineGross, Field::Quantity]
                .into_iter()
                .any(by)
    }

    fn distinct(&self, at: usize, orders: &[&Order<'_>]) -> usize {
        let first = |order: &&Order<'_>| {
            let value = self.number(order.rows.first()?, at)?;
            Some((value * 100.0).round() as i64)
        };
        orders
            .iter()
            .filter_map(first)
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn total_of_order(&self, at: usize, field: Field, orders: &[Order<'a>]) -> bool {
        let (same, other) = self.repeated(at, orders);
        if says_order(field) {
            return same.len() > other
                || same.is_empty() && other == 0 && first_only(self, at, orders);
        }
        if same.is_empty() || other * FEW > same.len() {
            return false;
        }
        let rows = || same.iter().flat_map(|order| &order.rows);
        let priced = rows().filter(|row| self.product(row).is_some()).count();
        if priced > 0 {
            // The line's own amount is quantity times price, with or without its discount.
            let own = rows()
                .filter(|row| {
                    let total = self.number(row, at);
                    let off = self.of(row, Field::Discount).unwrap_or(0.0).abs();
                    self.product(row)
                        .zip(total)
                        .is_some_and(|(product, total)| {
                            near(product, total) || near(product - off, total)
                        })
                })
                .count();
            return own * 2 < priced;
        }
        let telling = same.iter().filter(|o| self.rows_differ(o, at)).count();
        telling >= 2 || same.len() >= 5 && self.distinct(at, &same) >= 3
    }

    fn part_of_order(
        &self,
        at: usize,
        field: Field,
        orders: &[Order<'a>],
        totals: &[usize],
    ) -> bool {
        let (same, other) = self.repeated(at, orders);
        if says_order(field) {
            return same.len() > other
                || same.is_empty() && other == 0 && first_only(self, at, orders);
        }
        if same.is_empty() || other * FEW > same.len() {
            return false;
        }
        if matches!(field, Field::Discount)
            && same.iter().flat_map(|o| &o.rows).any(|row| {
                let left = self
                    .of(row, Field::LineTotal)
                    .or(self.of(row, Field::LineGross));
                let off = self.number(row, at).unwrap_or(0.0).abs();
                let product = self.product(row);
                !totals.contains(&at) && product.zip(left).is_some_and(|(p, l)| near(p - off, l))
            })
        {
            return false;
        }
        let (mut once, mut each) = (0, 0);
        for order in &same {
            let (adds_once, adds_each) = self.adds_up(order, at, field, totals);
            once += usize::from(adds_once && !adds_each);
            each += usize::from(adds_each && !adds_once);
        }
        if once != each {
            return once > each;
        }
        let telling = same.iter().filter(|o| self.rows_differ(o, at)).count();
        match field {
            Field::Shipping => telling >= 2 || telling == 1 && self.distinct(at, &same) > 1,
            _ => telling >= 1,
        }
    }

    /// Whether the order's total is the sum of its goods with this part taken once, and with it taken on each row.
    fn adds_up(
        &self,
        order: &Order<'_>,
        at: usize,
        field: Field,
        totals: &[usize],
    ) -> (bool, bool) {
        let total = totals
            .iter()
            .find_map(|total| self.number(order.rows.first()?, *total));
        let goods: Option<f64> = order
            .rows
            .iter()
            .map(|row| {
                let line = |field: Field| {
                    let at = column_of(self.matches, field).filter(|at| !totals.contains(at))?;
                    self.number(row, at)
                };
                self.product(row)
                    .or_else(|| line(Field::LineGross))
                    .or_else(|| line(Field::LineTotal))
            })
            .sum();
        let (Some(total), Some(goods)) = (total, goods) else {
            return (false, false);
        };
        let signed = |field: Field, amount: f64| match field {
            Field::Discount | Field::OrderDiscount => -amount.abs(),
            _ => amount,
        };
        let readings = |column: usize, field: Field| {
            let of = |row: &&Vec<String>| signed(field, self.number(row, column).unwrap_or(0.0));
            let once = order.rows.first().map_or(0.0, of);
            (once, order.rows.iter().map(of).sum::<f64>())
        };
        // The other parts may be in the total once, on each row, or not at all.
        let mut sums = vec![goods];
        for (column, other) in self.matches.iter().enumerate() {
            let Some(other) = other.field else { continue };
            let part = matches!(
                other,
                Field::Tax
                    | Field::OrderTax
                    | Field::Shipping
                    | Field::OrderShipping
                    | Field::Discount
                    | Field::OrderDiscount
            );
            if column == at || !part {
                continue;
            }
            let (once, each) = readings(column, other);
            sums = sums
                .iter()
                .flat_map(|sum| [*sum, sum + once, sum + each])
                .collect();
        }
        let (once, each) = readings(at, field);
        let adds = |part: f64| sums.iter().any(|sum| near(sum + part, total));
        (adds(once), adds(each))
    }

    /// Whether a discount is money or a share.
    fn reduction(&self, at: usize) -> Measure {
        let says = |words: &[&str]| {
            let name = self.normal.get(at).map_or("", String::as_str);
            name.split(' ').any(|word| words.contains(&word))
        };
        let texts = || self.rows.iter().filter_map(|row| row.get(at));
        let values: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|row| self.number(row, at))
            .map(f64::abs)
            .collect();
        let signed = texts().any(|text| text.trim().ends_with('%'));
        let most = values.iter().copied().fold(0.0, f64::max);
        let some = values.iter().any(|v| *v > 0.0 && *v < 1.0);
        if signed {
            return Measure::Plain;
        }
        if says(&["percent", "percentage", "pct", "rate", "prozent"]) && most <= 100.0 {
            return if most <= 1.0 && some {
                Measure::Share
            } else {
                Measure::Percent
            };
        }
        if !some || most > 1.0 {
            return Measure::Plain;
        }
        // What adds up tells; where nothing can, a handful of values below 1 beside much larger amounts does.
        let (mut share, mut money) = (0_usize, 0_usize);
        let mut largest = 0.0_f64;
        for row in self.rows {
            let off = self.number(row, at).unwrap_or(0.0).abs();
            let left = self.of(row, Field::LineTotal);
            largest = largest.max(left.unwrap_or(0.0).abs());
            if let Some((product, left)) = self.product(row).zip(left).filter(|_| off > 0.0) {
                share += usize::from(near(product * (1.0 - off), left));
                money += usize::from(near(product - off, left));
            }
        }
        if share + money > 0 {
            return if share > money {
                Measure::Share
            } else {
                Measure::Plain
            };
        }
        let distinct: BTreeSet<i64> = values.iter().map(|v| (v * 1e6) as i64).collect();
        let priced = column_of(self.matches, Field::UnitPrice).is_some();
        if !priced && largest >= 50.0 && distinct.len() <= SHARES {
            Measure::Share
        } else {
            Measure::Plain
        }
    }
}

/// Orders of several rows say it on one of them only.
fn first_only(looked: &Looked<'_>, at: usize, orders: &[Order<'_>]) -> bool {
    orders.iter().any(|order| {
        let said = order.rows.iter().filter(|r| looked.number(r, at).is_some());
        order.rows.len() > 1 && said.count() == 1
    })
}
