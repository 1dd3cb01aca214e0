//! What visitors of the web shop did, as GA4 counts it, agreeing with the orders.

use crate::{
    CATEGORIES, COUNTRIES,
    calendar::{self, HOURS, ahead_of_utc},
    cells::Cells,
    random::Random,
    sales::{Order, Sales},
};
use std::io;
use types::Day;

const SOURCES: [&str; 6] = [
    "google",
    "direct",
    "newsletter",
    "instagram",
    "bing",
    "pinterest",
];
const DEVICES: [&str; 3] = ["mobile", "desktop", "tablet"];

/// One visit; `order` when it ended in one.
struct Visit<'a> {
    second: u32,
    visitor: String,
    country: &'static str,
    order: Option<&'a Order>,
}

impl Sales {
    /// Events of the last `days` days, one row each: `view_item_list`, `view_item`, `add_to_cart`,
    /// `begin_checkout`, `add_payment_info`, `purchase`. About 3 visits of 100 buy; each order of the web shop or
    /// the app that was not cancelled has its visit, with the order's number as `transaction_id` and its goods'
    /// value without tax and shipping. Returns the number of visits.
    pub fn sessions_csv(&self, days: i32, out: impl io::Write) -> io::Result<u64> {
        let mut cells = Cells::comma(out);
        cells
            .texts([
                "event_date",
                "event_timestamp",
                "event_name",
                "user_pseudo_id",
                "ga_session_id",
                "device_category",
                "source",
                "country",
                "item_id",
                "item_name",
                "item_category",
                "price",
                "quantity",
                "transaction_id",
                "value",
                "currency",
            ])
            .end()?;
        let mut random = Random::new(self.store.seed, 3);
        let last = self.store.last_day();
        let first = self.store.start.max(last.plus(1 - days));
        let mut number = 0;
        for day in (first.0..=last.0).map(Day) {
            for visit in self.visits(&mut random, day) {
                number += 1;
                self.write(&mut cells, &mut random, day, &visit, number)?;
            }
        }
        cells.finish()?;
        Ok(number)
    }

    fn visits(&self, random: &mut Random, day: Day) -> Vec<Visit<'_>> {
        let from = self.orders.partition_point(|order| order.day < day);
        let to = self.orders.partition_point(|order| order.day <= day);
        let mut visits: Vec<Visit<'_>> = self.orders[from..to]
            .iter()
            .filter(|order| {
                !order.cancelled && matches!(order.channel, "Online store" | "Mobile app")
            })
            .map(|order| Visit {
                second: order.second,
                visitor: format!("v{}", order.address + 1),
                country: self.addressee(order).home().name,
                order: Some(order),
            })
            .collect();
        // A promotion brings more buyers among the visitors.
        let idle = if calendar::promotion(day).is_some() {
            27
        } else {
            33
        };
        for _ in 0..visits.len() as u64 * idle {
            let country = random.weighted(&COUNTRIES.each_ref().map(|country| country.share));
            visits.push(Visit {
                second: random.weighted(&HOURS) as u32 * 3600 + random.below(3600) as u32,
                visitor: format!("w{}", random.below(1 << 40)),
                country: COUNTRIES[country].name,
                order: None,
            });
        }
        visits.sort_by_key(|visit| visit.second);
        visits
    }

    fn write<W: io::Write>(
        &self,
        cells: &mut Cells<W>,
        random: &mut Random,
        day: Day,
        visit: &Visit<'_>,
        number: u64,
    ) -> io::Result<()> {
        let device = DEVICES[random.weighted(&[62, 33, 5])];
        let source = SOURCES[random.weighted(&[42, 24, 14, 11, 5, 4])];
        let utc = (i64::from(day.0) * 86_400 + i64::from(visit.second)
            - 3600 * ahead_of_utc(day, visit.second))
            * 1_000_000;
        let mut goods: Vec<(usize, i64, i64)> = match visit.order {
            Some(order) => order
                .lines
                .iter()
                .map(|l| (l.product, l.price, l.quantity))
                .collect(),
            None => (0..random.weighted(&[44, 30, 15, 11]))
                .map(|_| random.index(self.products.len()))
                .map(|product| (product, self.products[product].price, 1))
                .collect(),
        };
        // How far a visit gets: see, put in the cart, check out, pay.
        let depth = match visit.order {
            Some(_) => 5,
            None if goods.is_empty() => 0,
            None => 1 + random.weighted(&[880, 80, 28, 12]),
        };
        if visit.order.is_none() && depth > 1 {
            goods.truncate(2);
        }
        let steps = [
            "view_item_list",
            "view_item",
            "add_to_cart",
            "begin_checkout",
            "add_payment_info",
            "purchase",
        ];
        // An order's time is the purchase's, so the visit began before it.
        let mut at = utc - depth as i64 * 75_000_000;
        let date = day.to_string().replace('-', "");
        for step in &steps[..=depth] {
            at += 20_000_000 + random.below(40_000_000) as i64;
            let none = [(usize::MAX, 0, 0)];
            let rows: &[(usize, i64, i64)] = if *step == "view_item_list" {
                &none
            } else {
                &goods
            };
            let bought = visit.order.filter(|_| *step == "purchase");
            for (product, price, quantity) in rows {
                cells
                    .text(&date)
                    .int(if bought.is_some() { utc } else { at.min(utc) })
                    .text(step)
                    .text(&visit.visitor)
                    .int(1_000_000 + number as i64)
                    .texts([device, source, visit.country]);
                match self.products.get(*product) {
                    Some(product) => cells
                        .text(&product.sku)
                        .text(&product.name)
                        .text(CATEGORIES[product.category].name)
                        .money(*price)
                        .int(*quantity),
                    None => cells.empty(5),
                };
                match bought {
                    Some(order) => cells
                        .int(order.number as i64)
                        .money(order.sum(|line| line.gross() - line.discount))
                        .text(self.currency().as_str()),
                    None => cells.empty(3),
                };
                cells.end()?;
            }
        }
        Ok(())
    }
}
