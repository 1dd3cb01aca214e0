//! A made-up store whose every byte follows from a seed: the sample store that a visitor can open, and test data.
//!
//! Two years of a home-and-gifts shop in six countries: a week, a year, Black Friday, growth; promotions with
//! codes; a few hundred products of very unequal popularity; customers who come back, some for long; returns.
//! All people are invented and their addresses end in `example.com`, `.org` or `.net`.
//!
//! Architecture Invariant: the same [`Store`] gives the same bytes on every platform and in every version of the
//! toolchain: integers only, an own generator of random numbers, no clock. A change of the bytes changes the
//! pinned hashes in `tests/`, on purpose or not at all.

mod calendar;
mod catalogue;
mod cells;
pub mod layouts;
mod people;
mod random;
mod sales;
mod sessions;
mod summary;

pub use catalogue::{CATEGORIES, Category, Product};
pub use people::{COUNTRIES, Country, Customer, PAYMENTS};
pub use sales::{Order, OrderLine, Returned, Sales};
pub use summary::Summary;

use std::io;
use types::{Currency, Day};

/// Which store to make up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub seed: u64,
    /// The first day with orders.
    pub start: Day,
    /// How many days, at least 1.
    pub days: i32,
    /// On an average day of the first year. About three orders a customer follow in two years.
    pub new_customers_a_day: u32,
    /// What all amounts are in. Only the code changes: prices stay the same numbers.
    pub currency: Currency,
}

impl Store {
    /// Two years with about 120,000 order lines up to `end`: what `smartretail360 demo` shows.
    pub fn demo(end: Day) -> Self {
        Self {
            seed: 360,
            start: end.plus(-729),
            days: 730,
            new_customers_a_day: 19,
            currency: Currency::EUR,
        }
    }

    /// Sixty days with a few hundred order lines up to `end`: test data.
    pub fn small(seed: u64, end: Day) -> Self {
        Self {
            seed,
            start: end.plus(-59),
            days: 60,
            new_customers_a_day: 2,
            currency: Currency::EUR,
        }
    }

    pub fn last_day(&self) -> Day {
        self.start.plus(self.days - 1)
    }

    /// Everything that happened, for several layouts of the same orders.
    pub fn sales(&self) -> Sales {
        sales::simulate(self)
    }

    /// The orders in the fullest layout, [`layouts::full`]. What a right import reports is returned.
    pub fn orders_csv(&self, out: impl io::Write) -> io::Result<Summary> {
        layouts::full(&self.sales(), out)
    }

    /// What visitors did in the last `days` days: see [`Sales::sessions_csv`]. The number of visits is returned.
    pub fn sessions_csv(&self, days: i32, out: impl io::Write) -> io::Result<u64> {
        self.sales().sessions_csv(days, out)
    }

    /// What [`Self::orders_csv`] writes, without writing it.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.sales())
    }
}
