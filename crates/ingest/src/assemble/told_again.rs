//! Orders of which several files of one upload tell, each of them all of the order: the file that is read first counts.

use crate::corrected::order;
use crate::plan::{Plan, Telling};
use crate::record::Line;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Default)]
pub(crate) struct ToldAgain {
    file: Option<String>,
    /// Number of the first record of each file.
    begin: Vec<u64>,
    /// The file each order is in.
    orders: FxHashMap<u64, usize>,
    again: FxHashSet<u64>,
}

impl ToldAgain {
    /// `None`: no file of the plan can tell an order again.
    pub fn of(plan: &Plan) -> Option<Self> {
        let several = plan.format.parts() > 1;
        (several && plan.tells() == Telling::Orders).then(Self::default)
    }

    /// The record that is read next.
    pub fn record(&mut self, number: u64, file: Option<&str>) {
        if self.begin.is_empty() || self.file.as_deref() != file {
            self.file = file.map(str::to_owned);
            self.begin.push(number);
        }
    }

    /// Whether an earlier file tells of the line's order.
    pub fn is_told(&mut self, line: &Line) -> bool {
        let file = self.begin.partition_point(|begin| *begin <= line.record);
        let order = order(&line.order_id);
        let told = *self.orders.entry(order).or_insert(file) != file;
        if told {
            self.again.insert(order);
        }
        told
    }

    /// How many orders were told again.
    pub fn count(&self) -> usize {
        self.again.len()
    }
}
