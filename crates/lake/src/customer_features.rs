//! What each customer bought, made of all orders: when first and last, how often, for how much, and in which fifth of
//! the shop's customers that is.

use crate::{
    delta::{Delta, added},
    error::LakeError,
    gold::{GoldVersions, Publication},
    parquet::{decode, encode},
    people::{self, Person},
    schema::{BY_MONTH, MONTH, NO_MONTH, ORDERS, TableSchema, int, long, text},
    store::Lake,
    tables::{PublishedTable, Table},
};
use ingest::{StableHash, is_email_hash};
use polars::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{borrow::Cow, collections::BTreeMap};
use types::TenantId;

/// One row a customer and currency, for amounts of two currencies are not added; what is not money is the same in all
/// rows of a customer. Who only sent things back has no days and no fifths.
pub(crate) static CUSTOMER_FEATURES: TableSchema = TableSchema {
    path: "gold/customer_features",
    partitions: BY_MONTH,
    clustered: &[],
    fields: Cow::Borrowed(&[
        text("customer_id"),
        text("email_hash"),
        int("first_day"),
        int("last_day"),
        long("orders"),
        int("returning"),
        long("recency"),
        long("frequency"),
        text("currency"),
        long("net_sales"),
        long("monetary"),
        int(MONTH),
    ]),
};

const ORDER_COLUMNS: &[&str] = &[
    "order_id",
    "sale",
    "day",
    "currency",
    "gross",
    "discounts",
    "returns",
    "customer",
];

/// Makes the table of the orders of these versions.
pub(crate) async fn publish(
    lake: &Lake,
    tenant: TenantId,
    publication: &Publication,
    versions: GoldVersions,
) -> Result<PublishedTable, LakeError> {
    let mut known = people::load(lake, tenant, versions.people).await?;
    let mut bought = Bought::default();
    for bytes in lake.files(tenant, &ORDERS, versions.orders).await? {
        (known, bought) = tokio::task::spawn_blocking(move || {
            bought.take(&decode(bytes, Some(ORDER_COLUMNS))?, &known)?;
            Ok::<_, LakeError>((known, bought))
        })
        .await??;
    }
    let (encoded, rows) = tokio::task::spawn_blocking(move || {
        let mut frame = bought.frame()?;
        let encoded = match frame.height() {
            0 => None,
            _ => Some(encode(&mut frame)?),
        };
        Ok::<_, LakeError>((encoded, frame.height()))
    })
    .await??;

    let url = lake.table_url(tenant, &CUSTOMER_FEATURES)?;
    let mut table = Delta::open_or_create(url, &CUSTOMER_FEATURES).await?;
    let replaced: Vec<_> = table.files()?.into_iter().map(|f| f.remove).collect();
    let mut written = Vec::new();
    if let Some(encoded) = encoded {
        let name = format!("{NO_MONTH}-{}.parquet", publication.name);
        let folder = Lake::folder(tenant, &CUSTOMER_FEATURES);
        lake.objects
            .put(&format!("{folder}/{name}"), encoded.bytes.clone())
            .await?;
        written.push(added(
            name,
            NO_MONTH,
            None,
            &encoded,
            publication.now_millis,
        ));
    }
    let version = if written.is_empty() && replaced.is_empty() {
        table.version()
    } else {
        table.commit(None, written, replaced).await?
    };
    Ok(PublishedTable {
        table: Table::CustomerFeatures,
        version,
        rows: rows as u64,
    })
}

/// By number or by the hash of an address; by both where it is known that they belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Identity {
    customer_id: Option<Box<str>>,
    email_hash: Option<Box<str>>,
}

impl Identity {
    /// `customer` is what an order names: a number, or what stands for the address where it has none.
    fn of(customer: &str, known: &People) -> Self {
        if let Some(person) = known.get(customer) {
            return Self {
                customer_id: Some(person.customer_id.clone()),
                email_hash: Some(person.email_hash.clone()),
            };
        }
        let address = is_email_hash(customer);
        Self {
            customer_id: (!address).then(|| customer.into()),
            email_hash: address.then(|| customer.into()),
        }
    }
}

type People = FxHashMap<Box<str>, Person>;

#[derive(Default)]
struct Customer {
    orders: i64,
    /// Of orders alone: what was sent back says nothing about when somebody buys.
    first_day: i32,
    last_day: i32,
    net_sales: BTreeMap<Box<str>, i64>,
}

#[derive(Default)]
struct Bought {
    /// What orders name, as places among the customers.
    names: FxHashMap<Box<str>, usize>,
    identities: FxHashMap<Identity, usize>,
    customers: Vec<Customer>,
    /// An order stands in a row for each of its days and currencies.
    counted: FxHashSet<u64>,
}

impl Bought {
    fn take(&mut self, orders: &DataFrame, known: &People) -> Result<(), LakeError> {
        let text = |name: &str| Ok::<_, LakeError>(orders.column(name)?.str()?);
        let int = |name: &str| Ok::<_, LakeError>(orders.column(name)?.i32()?);
        let long = |name: &str| Ok::<_, LakeError>(orders.column(name)?.i64()?);
        let (numbers, names, currencies) =
            (text("order_id")?, text("customer")?, text("currency")?);
        let (sales, days) = (int("sale")?, int("day")?);
        let (gross, discounts, returns) = (long("gross")?, long("discounts")?, long("returns")?);
        for row in 0..orders.height() {
            let (Some(name), Some(day)) = (names.get(row), days.get(row)) else {
                continue;
            };
            let at = self.place(name, known);
            let Some(customer) = self.customers.get_mut(at) else {
                continue;
            };
            let amount = |column: &Int64Chunked| column.get(row).unwrap_or(0);
            let net = amount(gross) - amount(discounts) + amount(returns);
            match customer
                .net_sales
                .get_mut(currencies.get(row).unwrap_or_default())
            {
                Some(sum) => *sum += net,
                None => {
                    let currency = currencies.get(row).unwrap_or_default().into();
                    customer.net_sales.insert(currency, net);
                }
            }
            if sales.get(row) != Some(1) {
                continue;
            }
            if customer.orders == 0 {
                (customer.first_day, customer.last_day) = (day, day);
            }
            customer.first_day = customer.first_day.min(day);
            customer.last_day = customer.last_day.max(day);
            let order = StableHash::default()
                .int(at as i64)
                .optional(numbers.get(row))
                .finish();
            if self.counted.insert(order) {
                customer.orders += 1;
            }
        }
        Ok(())
    }

    fn place(&mut self, name: &str, known: &People) -> usize {
        if let Some(at) = self.names.get(name) {
            return *at;
        }
        let next = self.customers.len();
        let at = *self
            .identities
            .entry(Identity::of(name, known))
            .or_insert(next);
        if at == next {
            self.customers.push(Customer::default());
        }
        self.names.insert(name.into(), at);
        at
    }

    fn frame(self) -> Result<DataFrame, LakeError> {
        let buying = || self.customers.iter().filter(|c| c.orders > 0);
        let recency = Fifths::of(buying().map(|c| i64::from(c.last_day)));
        let frequency = Fifths::of(buying().map(|c| c.orders));
        let mut amounts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (currency, net) in buying().flat_map(|c| &c.net_sales) {
            amounts.entry(currency).or_default().push(*net);
        }
        let monetary: BTreeMap<&str, Fifths> = amounts
            .into_iter()
            .map(|(currency, of)| (currency, Fifths::of(of)))
            .collect();

        let mut people: Vec<(&Identity, &Customer)> = self
            .identities
            .iter()
            .filter_map(|(identity, at)| Some((identity, self.customers.get(*at)?)))
            .collect();
        people.sort_unstable_by_key(|(identity, _)| *identity);
        let rows: Vec<(&Identity, &Customer, &str, i64)> = people
            .iter()
            .flat_map(|(identity, customer)| {
                let amounts = customer.net_sales.iter();
                amounts.map(|(currency, net)| (*identity, *customer, &**currency, *net))
            })
            .collect();

        let texts = |name: &str, of: fn(&Identity) -> Option<&str>| {
            let texts = rows.iter().map(|(identity, ..)| of(identity));
            Column::from(StringChunked::from_iter_options(name.into(), texts).into_series())
        };
        // Of those who bought.
        let longs = |name: &str, of: &dyn Fn(&Customer) -> i64| {
            let longs = rows.iter().map(|(_, c, ..)| (c.orders > 0).then(|| of(c)));
            Column::new(name.into(), longs.collect::<Vec<_>>())
        };
        let ints = |name: &str, of: fn(&Customer) -> i32| {
            let ints = rows.iter().map(|(_, c, ..)| (c.orders > 0).then(|| of(c)));
            Column::new(name.into(), ints.collect::<Vec<_>>())
        };
        let columns = vec![
            texts("customer_id", |i| i.customer_id.as_deref()),
            texts("email_hash", |i| i.email_hash.as_deref()),
            ints("first_day", |c| c.first_day),
            ints("last_day", |c| c.last_day),
            Column::new(
                "orders".into(),
                rows.iter().map(|(_, c, ..)| c.orders).collect::<Vec<_>>(),
            ),
            ints("returning", |c| i32::from(c.orders > 1)),
            longs("recency", &|c| recency.place(i64::from(c.last_day))),
            longs("frequency", &|c| frequency.place(c.orders)),
            Column::from(
                StringChunked::from_iter_options(
                    "currency".into(),
                    rows.iter().map(|(_, _, currency, _)| Some(*currency)),
                )
                .into_series(),
            ),
            Column::new(
                "net_sales".into(),
                rows.iter().map(|(.., net)| *net).collect::<Vec<_>>(),
            ),
            Column::new(
                "monetary".into(),
                rows.iter()
                    .map(|(_, c, currency, net)| {
                        let fifths = monetary.get(currency).filter(|_| c.orders > 0)?;
                        Some(fifths.place(*net))
                    })
                    .collect::<Vec<_>>(),
            ),
            Column::new_scalar(MONTH.into(), NO_MONTH.into(), rows.len()),
        ];
        Ok(DataFrame::new(rows.len(), columns)?)
    }
}

/// Fifths of the shop's customers by one figure.
struct Fifths(Vec<i64>);

impl Fifths {
    fn of(values: impl IntoIterator<Item = i64>) -> Self {
        let mut values: Vec<i64> = values.into_iter().collect();
        values.sort_unstable();
        Self(values)
    }

    /// 1, the lowest, to 5. Equal figures are in one fifth, by how many are below them: where most bought once, most are
    /// in the first.
    fn place(&self, value: i64) -> i64 {
        let below = self.0.partition_point(|other| *other < value);
        let fifth = below * 5 / self.0.len().max(1);
        fifth.min(4) as i64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifths_of_different_figures_are_equally_large() {
        let fifths = Fifths::of((0..100).rev());
        let mut sizes = [0; 6];
        for value in 0..100 {
            sizes[fifths.place(value) as usize] += 1;
        }
        assert_eq!(sizes, [0, 20, 20, 20, 20, 20]);
    }

    #[test]
    fn equal_figures_are_in_one_fifth() {
        let fifths = Fifths::of([1; 90].into_iter().chain([2; 10]));
        assert_eq!((fifths.place(1), fifths.place(2)), (1, 5));
        assert_eq!(Fifths::of([7]).place(7), 1);
    }

    #[test]
    fn an_address_and_its_number_are_one_customer() {
        let [ada, bob] = ["ada@example.com", "bob@example.com"].map(ingest::email_hash);
        let person = Person {
            customer_id: "7".into(),
            email_hash: ada.as_str().into(),
        };
        let known: People = [("7".into(), person.clone()), (ada.as_str().into(), person)]
            .into_iter()
            .collect();
        assert_eq!(Identity::of("7", &known), Identity::of(&ada, &known));
        assert_eq!(Identity::of("7", &known).customer_id.as_deref(), Some("7"));
        let stranger = Identity::of(&bob, &known);
        assert_eq!(
            (stranger.customer_id, stranger.email_hash.as_deref()),
            (None, Some(&*bob))
        );
    }

    #[test]
    fn an_order_of_two_days_and_currencies_counts_once() {
        let orders = df![
            "order_id" => ["1", "1", "1", "2", "3"],
            "sale" => [1, 1, 0, 1, 0],
            "day" => [10, 11, 12, 14, 15],
            "currency" => ["EUR", "USD", "EUR", "EUR", "EUR"],
            "gross" => [100_i64, 50, 0, 30, 0],
            "discounts" => [10_i64, 0, 0, 0, 0],
            "returns" => [0_i64, 0, -20, 0, -5],
            "customer" => ["7", "7", "7", "7", "8"],
        ]
        .unwrap();
        let mut bought = Bought::default();
        bought.take(&orders, &People::default()).unwrap();
        let frame = bought.frame().unwrap();
        let expected = df![
            "customer_id" => ["7", "7", "8"],
            "email_hash" => [None::<&str>, None, None],
            "first_day" => [Some(10), Some(10), None],
            "last_day" => [Some(14), Some(14), None],
            "orders" => [2_i64, 2, 0],
            "returning" => [Some(1), Some(1), None],
            "recency" => [Some(1_i64), Some(1), None],
            "frequency" => [Some(1_i64), Some(1), None],
            "currency" => ["EUR", "USD", "EUR"],
            "net_sales" => [100_i64, 50, -5],
            "monetary" => [Some(1_i64), Some(1), None],
            "month" => [0, 0, 0],
        ]
        .unwrap();
        assert!(frame.equals_missing(&expected), "{frame:?}");
    }
}
