//! What the store sold: customers come, come back and stay away; baskets, discounts, returns.

use crate::{
    Store,
    calendar::{self, HOURS, Promotion, WELCOME},
    catalogue::{self, CATEGORIES, Product},
    people::{Customer, HABITS},
    random::Random,
};
use types::{Currency, Day};

/// Amounts are in cents.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// Index into [`Sales::products`].
    pub product: usize,
    pub quantity: i64,
    /// A piece, before discount and tax.
    pub price: i64,
    /// On the whole line, at least 0.
    pub discount: i64,
    pub tax: i64,
    /// This line's part of the order's shipping.
    pub shipping: i64,
    pub returned: Option<Returned>,
}

impl OrderLine {
    pub fn gross(&self) -> i64 {
        self.quantity * self.price
    }
}

/// Pieces that came back, and the money for them: `quantity * price`, at most what was paid without tax.
#[derive(Clone, Debug)]
pub struct Returned {
    pub day: Day,
    pub second: u32,
    pub quantity: i64,
    pub price: i64,
}

#[derive(Clone, Debug)]
pub struct Order {
    /// Ascending in time, from 10001.
    pub number: u64,
    /// In the store's own time.
    pub day: Day,
    /// Of the day.
    pub second: u32,
    /// Index into [`Sales::customers`]; none for orders by phone without an account.
    pub customer: Option<usize>,
    /// Where it goes, whoever ordered.
    pub(crate) address: usize,
    pub channel: &'static str,
    pub payment: usize,
    pub discount_code: Option<&'static str>,
    pub cancelled: bool,
    pub lines: Vec<OrderLine>,
}

impl Order {
    pub fn sum(&self, amount: impl Fn(&OrderLine) -> i64) -> i64 {
        self.lines.iter().map(amount).sum()
    }
}

/// Everything that happened in a store, in order of time.
#[derive(Clone, Debug)]
pub struct Sales {
    pub store: Store,
    pub products: Vec<Product>,
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
}

impl Sales {
    /// Who gets the parcel: the customer, or for guests a person without an account.
    pub fn addressee(&self, order: &Order) -> &Customer {
        &self.customers[order.address]
    }

    pub fn currency(&self) -> Currency {
        self.store.currency
    }
}

const CHANNELS: [&str; 5] = [
    "Online store",
    "Mobile app",
    "Marketplace",
    "Instagram",
    "Phone",
];

/// Customers exist before the store's first day, so that its first month has returning ones too.
const WARM_UP: i32 = 400;

struct Simulation<'a> {
    store: &'a Store,
    random: Random,
    products: Vec<Product>,
    /// Cumulated popularity by month and category, rebuilt when the month changes.
    shelf: Shelf,
    customers: Vec<Customer>,
    orders: Vec<Order>,
}

/// What is on sale in one month, by popularity.
#[derive(Default)]
struct Shelf {
    month: Option<i32>,
    all: Vec<u64>,
    of_category: Vec<(Vec<usize>, Vec<u64>)>,
}

pub(crate) fn simulate(store: &Store) -> Sales {
    let products = catalogue::products(&mut Random::new(store.seed, 1), store.days);
    let mut simulation = Simulation {
        store,
        random: Random::new(store.seed, 2),
        products,
        shelf: Shelf::default(),
        customers: Vec::new(),
        orders: Vec::new(),
    };
    simulation.run();
    let Simulation {
        products,
        customers,
        mut orders,
        ..
    } = simulation;
    orders.sort_by_key(|order| (order.day, order.second));
    for (order, number) in orders.iter_mut().zip(10_001..) {
        order.number = number;
    }
    Sales {
        store: store.clone(),
        products,
        customers,
        orders,
    }
}

impl Simulation<'_> {
    fn run(&mut self) {
        let (first, last) = (self.store.start.plus(-WARM_UP), self.store.last_day());
        let mut due: Vec<Vec<usize>> = vec![Vec::new(); (last.0 - first.0 + 1) as usize];
        let mut active: Vec<usize> = Vec::new();
        for number in 0..due.len() {
            let day = first.plus(number as i32);
            let demand = calendar::demand(day, day.0 - self.store.start.0);
            let coming = std::mem::take(&mut due[number]);
            let later = |wait: u64| number + wait as usize;

            for customer in &coming {
                // Who would buy waits for a better day, the sooner the higher the demand.
                if self.random.below(2000) < demand {
                    let second = self.second();
                    self.order(*customer, day, second, false);
                    let habit = &HABITS[self.customers[*customer].habit];
                    if self.random.chance(habit.leaves) {
                        active.retain(|other| other != customer);
                    } else if let Some(then) =
                        due.get_mut(later(self.random.exponential(habit.gap)))
                    {
                        then.push(*customer);
                    }
                } else if let Some(then) = due.get_mut(later(1 + self.random.below(5))) {
                    then.push(*customer);
                }
            }
            // A strong day brings some who were not due.
            let extra = (coming.len() as u64 * demand.saturating_sub(1000) / 1600) as usize;
            for _ in 0..extra.min(active.len()) {
                let customer = *self.random.pick(&active);
                let second = self.second();
                self.order(customer, day, second, false);
            }
            // New customers arrive minute by minute, so their number varies as arrivals do.
            let total: u64 = HOURS.iter().map(|weight| u64::from(*weight)).sum();
            for minute in 0..1440_u64 {
                let weight = u64::from(HOURS[(minute / 60) as usize]);
                let expected = u64::from(self.store.new_customers_a_day) * demand * weight;
                if self.random.below(60 * 1000 * total) < expected {
                    let customer = self.arrive();
                    let second = (minute * 60 + self.random.below(60)) as u32;
                    self.order(customer, day, second, true);
                    let habit = &HABITS[self.customers[customer].habit];
                    if !self.random.chance(habit.leaves) {
                        let gap = self.random.exponential(habit.gap);
                        if let Some(then) = due.get_mut(later(gap)) {
                            then.push(customer);
                        }
                        active.push(customer);
                    }
                }
            }
        }
    }

    fn arrive(&mut self) -> usize {
        let number = self.customers.len();
        let customer = Customer::draw(&mut self.random, number, CATEGORIES.len());
        self.customers.push(customer);
        number
    }

    fn second(&mut self) -> u32 {
        let hour = self.random.weighted(&HOURS) as u32;
        hour * 3600 + self.random.below(3600) as u32
    }

    fn order(&mut self, customer: usize, day: Day, mut second: u32, first: bool) {
        if day < self.store.start {
            return;
        }
        // The hour that the change to summer time leaves out.
        if calendar::ahead_of_utc(day, 7200) != calendar::ahead_of_utc(day, 10_800)
            && (7200..10_800).contains(&second)
        {
            second += 3600;
        }
        self.stock_shelf(day);
        let years = i64::from(day.0 - self.store.start.0) / 365;
        let month = day.date().month() as usize - 1;
        let favourite = self.customers[customer].favourite;
        let wanted = 1 + self.random.weighted(&[38, 26, 16, 9, 5, 3, 2, 1]);
        let mut lines: Vec<OrderLine> = Vec::with_capacity(wanted);
        for _ in 0..wanted {
            let last = lines
                .last()
                .map(|line| self.products[line.product].category);
            let category = match (last, self.random.below(100)) {
                // What goes with the last thing in the basket, or what they always come for.
                (Some(category), 0..35) => Some(category),
                (None, 0..40) if CATEGORIES[favourite].season[month] > 30 => Some(favourite),
                _ => None,
            };
            let product = self.pick(category);
            if lines.iter().any(|line| line.product == product) {
                continue;
            }
            // Prices rise by 4 % a year and end in 9.
            let base = self.products[product].price * (100 + 4 * years) / 100;
            let price = if years == 0 { base } else { base / 10 * 10 + 9 };
            let quantity = match (self.random.below(100), price < 2000) {
                (0..60, true) | (0..86, false) => 1,
                (60..84, true) | (86..96, false) => 2,
                (84..91, true) => 3,
                (91..97, true) | (96..99, false) => 4,
                _ => 6,
            };
            lines.push(OrderLine {
                product,
                quantity,
                price,
                discount: 0,
                tax: 0,
                shipping: 0,
                returned: None,
            });
        }
        let promotion = self.promotion(day, first);
        let code = promotion.and_then(|promotion| {
            discount(&mut lines, &self.products, promotion).then_some(promotion.code)
        });
        let buyer = &self.customers[customer];
        let home = buyer.home();
        let payment = if self.random.chance(850) {
            buyer.payment
        } else {
            self.random.weighted(&home.payments)
        };
        let net: i64 = lines.iter().map(|line| line.gross() - line.discount).sum();
        let shipping = if net >= 6_000 { 0 } else { home.shipping };
        let weights: Vec<i64> = lines.iter().map(OrderLine::gross).collect();
        for (line, part) in lines.iter_mut().zip(allocate(shipping, &weights)) {
            line.shipping = part;
            line.tax = ((line.gross() - line.discount) * home.vat + 50) / 100;
        }
        let app = 130 + 60 * years as u32;
        let channel = CHANNELS[self.random.weighted(&[640, app, 90, 55, 25])];
        let cancelled = self.random.chance(12);
        if !cancelled {
            self.send_back(&mut lines, day, home.code == "DE");
        }
        self.orders.push(Order {
            number: 0,
            day,
            second,
            customer: (channel != "Phone").then_some(customer),
            address: customer,
            channel,
            payment,
            discount_code: code,
            cancelled,
            lines,
        });
    }

    fn promotion(&mut self, day: Day, first: bool) -> Option<&'static Promotion> {
        match calendar::promotion(day) {
            Some(running) if self.random.chance(560) => Some(running),
            None if first && self.random.chance(260) => Some(&WELCOME),
            _ => None,
        }
    }

    fn send_back(&mut self, lines: &mut [OrderLine], day: Day, german: bool) {
        for line in lines {
            let usual = CATEGORIES[self.products[line.product].category].returned;
            // Germans send back more, whatever they buy (EHI's yearly study of online retail).
            if !self
                .random
                .chance(if german { usual * 6 / 5 } else { usual })
            {
                continue;
            }
            let day = day.plus(4 + self.random.below(18) as i32);
            let quantity = match line.quantity {
                1 => 1,
                all if self.random.chance(600) => all,
                all => 1 + self.random.below(all as u64 - 1) as i64,
            };
            let second = 9 * 3600 + self.random.below(8 * 3600) as u32;
            if day <= self.store.last_day() {
                line.returned = Some(Returned {
                    day,
                    second,
                    quantity,
                    price: (line.gross() - line.discount) / line.quantity,
                });
            }
        }
    }

    fn stock_shelf(&mut self, day: Day) {
        let month = day.month_key();
        if self.shelf.month == Some(month) {
            return;
        }
        let age = day.0 - self.store.start.0;
        let season = day.date().month() as usize - 1;
        let mut all = Vec::with_capacity(self.products.len());
        let mut of_category = vec![(Vec::new(), Vec::new()); CATEGORIES.len()];
        let mut sum = 0;
        for (index, product) in self.products.iter().enumerate() {
            if product.launched <= age {
                sum += product.weight * CATEGORIES[product.category].season[season];
                let (members, sums) = &mut of_category[product.category];
                members.push(index);
                sums.push(sums.last().copied().unwrap_or(0) + product.weight);
            }
            all.push(sum);
        }
        self.shelf = Shelf {
            month: Some(month),
            all,
            of_category,
        };
    }

    fn pick(&mut self, category: Option<usize>) -> usize {
        match category.map(|category| &self.shelf.of_category[category]) {
            Some((members, sums)) if !members.is_empty() => members[self.random.cumulated(sums)],
            _ => self.random.cumulated(&self.shelf.all),
        }
    }
}

/// Takes the promotion's share off the lines it is for. False where there are none.
fn discount(lines: &mut [OrderLine], products: &[Product], promotion: &Promotion) -> bool {
    let eligible: Vec<i64> = lines
        .iter()
        .map(|line| match promotion.category {
            Some(category) if category != products[line.product].category => 0,
            _ => line.gross(),
        })
        .collect();
    let total: i64 = eligible.iter().sum();
    let off = (total * promotion.percent + 50) / 100;
    for (line, part) in lines.iter_mut().zip(allocate(off, &eligible)) {
        line.discount = part;
    }
    off > 0
}

/// Splits `amount` by `weights` so that the parts sum to it exactly: the largest remainders get the last cents,
/// of equal ones the first. All weights zero: all parts zero.
fn allocate(amount: i64, weights: &[i64]) -> Vec<i64> {
    let total: i64 = weights.iter().sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let mut parts: Vec<i64> = weights.iter().map(|w| amount * w / total).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(amount * weights[*i] % total));
    let missing = amount - parts.iter().sum::<i64>();
    for i in order.into_iter().take(missing as usize) {
        parts[i] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_sum_to_the_whole() {
        for (amount, weights, parts) in [
            (490, vec![1, 1, 1], vec![164, 163, 163]),
            (100, vec![0, 7], vec![0, 100]),
            (1, vec![10, 20, 30], vec![0, 0, 1]),
            (5, vec![], vec![]),
        ] {
            assert_eq!(allocate(amount, &weights), parts);
        }
    }
}
