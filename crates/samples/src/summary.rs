//! What a right import of a generated file reports.

use crate::sales::{Order, Sales};
use std::collections::HashSet;
use types::{Day, Micros};

/// Sums over what is in sales figures (cancelled orders are not), exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records in the file: rows under the header.
    pub records: u64,
    pub orders: u64,
    /// Of these orders.
    pub lines: u64,
    /// Lines of which pieces came back.
    pub returned_lines: u64,
    /// In the file; a layout may leave them out.
    pub cancelled_orders: u64,
    /// Different ones; orders of guests have none. 0 where the layout does not tell.
    pub customers: u64,
    /// Pieces sold, before returns, in millionths.
    pub units: Micros,
    pub gross: Micros,
    pub discounts: Micros,
    /// Not positive.
    pub returns: Micros,
    pub tax: Micros,
    pub shipping: Micros,
    /// Of sales and returns.
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
}

impl Summary {
    /// Gross less discounts less returns.
    pub fn net(&self) -> Micros {
        Micros(self.gross.0 - self.discounts.0 + self.returns.0)
    }

    /// Of the fullest layout: a row for each line sold and one for each that came back.
    pub(crate) fn of(sales: &Sales) -> Self {
        let mut summary = Self::default();
        for order in sales.orders.iter().filter(|order| !order.cancelled) {
            summary.add(order);
            summary.add_returns_on_their_day(order);
            summary.records += order.lines.len() as u64;
            summary.records += order.lines.iter().filter(|l| l.returned.is_some()).count() as u64;
        }
        summary.count_customers(sales.orders.iter());
        summary
    }

    /// A sold order with its amounts; returns are for the layout to add as it tells them.
    pub(crate) fn add(&mut self, order: &Order) {
        self.orders += 1;
        self.lines += order.lines.len() as u64;
        self.units.0 += order.sum(|line| line.quantity) * 1_000_000;
        self.gross.0 += micros(order.sum(|line| line.gross()));
        self.discounts.0 += micros(order.sum(|line| line.discount));
        self.tax.0 += micros(order.sum(|line| line.tax));
        self.shipping.0 += micros(order.sum(|line| line.shipping));
        self.spans(order.day);
    }

    pub(crate) fn add_returns_on_their_day(&mut self, order: &Order) {
        for returned in order.lines.iter().filter_map(|line| line.returned.as_ref()) {
            self.returned_lines += 1;
            self.returns.0 -= micros(returned.quantity * returned.price);
            self.spans(returned.day);
        }
    }

    pub(crate) fn count_customers<'a>(&mut self, orders: impl Iterator<Item = &'a Order>) {
        let different: HashSet<usize> = orders
            .filter(|order| !order.cancelled)
            .filter_map(|order| order.customer)
            .collect();
        self.customers = different.len() as u64;
    }

    fn spans(&mut self, day: Day) {
        self.first_day = Some(self.first_day.map_or(day, |first| first.min(day)));
        self.last_day = Some(self.last_day.map_or(day, |last| last.max(day)));
    }
}

fn micros(cents: i64) -> i64 {
    cents * 10_000
}
