//! Which column means what where orders hold their items: the same name says one thing of the order and another of
//! an item.

use crate::field::Field;
use crate::header::normalise;
use crate::mapping::{self, Match};
use crate::profile::Profile;

/// Words that name nothing without what they belong to.
const BARE: &[&str] = &[
    "id",
    "number",
    "no",
    "key",
    "ref",
    "code",
    "name",
    "title",
    "date",
    "total",
    "status",
    "discount",
    "tax",
    "shipping",
    "amount",
    "value",
    "price",
    "quantity",
    "qty",
    "description",
    "total price",
    "total amount",
    "total tax",
    "total discount",
    "total discounts",
    "total shipping",
    "tax amount",
    "discount amount",
    "shipping cost",
    "shipping total",
    "discount total",
    "tax total",
];

/// What orders have, and their items have not.
const OF_ORDERS: &[Field] = &[
    Field::OrderId,
    Field::Date,
    Field::Time,
    Field::Status,
    Field::CancelledAt,
    Field::OrderTotal,
    Field::OrderDiscount,
    Field::OrderTax,
    Field::OrderShipping,
    Field::ShippingTax,
    Field::ShippingDiscount,
    Field::Refund,
    Field::Currency,
    Field::CustomerId,
    Field::CustomerEmail,
    Field::CustomerName,
    Field::FirstName,
    Field::LastName,
    Field::Country,
    Field::Region,
    Field::City,
    Field::BillingCountry,
    Field::BillingRegion,
    Field::BillingCity,
    Field::Channel,
    Field::PaymentMethod,
];

pub(crate) fn assign(names: &[String], items: &[String], profiles: &[Profile]) -> Vec<Match> {
    let prefix = format!("{}.", items.join("."));
    let of_item: Vec<bool> = names.iter().map(|n| n.starts_with(&prefix)).collect();
    let spoken: Vec<String> = names
        .iter()
        .map(|name| match name.strip_prefix(&prefix) {
            Some(own) => of("item", &words(own)),
            None => of("order", &words(name)),
        })
        .collect();
    let allowed = |column: usize, field: Field| {
        let item = of_item.get(column).copied().unwrap_or(false);
        item != OF_ORDERS.contains(&field)
    };
    let mut found = mapping::assign_where(&spoken, profiles, allowed);
    let lists_refunds = |at: &usize| {
        let said = names.get(*at).map(String::as_str) == Some(REFUNDS);
        let profile = profiles.get(*at);
        let list = |profile: &Profile| profile.samples.iter().all(|text| text.starts_with('['));
        said && profile.is_some_and(list)
    };
    if let Some(at) = (0..names.len()).find(lists_refunds)
        && let Some(slot) = found.get_mut(at)
    {
        *slot = Match {
            field: Some(Field::Refunds),
            confidence: 1.0,
            alternatives: Vec::new(),
        };
    }
    found
}

/// As the interfaces of Shopify and WooCommerce name it: a list, kept as JSON in one column.
const REFUNDS: &str = "refunds";

/// `shipping_address.country` is the shipping country.
fn words(name: &str) -> String {
    let normal = normalise(name);
    let kept: Vec<&str> = normal
        .split(' ')
        .filter(|word| {
            !matches!(
                *word,
                "address" | "info" | "details" | "data" | "attributes"
            )
        })
        .collect();
    if kept.is_empty() {
        normal
    } else {
        kept.join(" ")
    }
}

fn of(owner: &str, name: &str) -> String {
    let name = match (owner, name) {
        ("order", "total price" | "total amount" | "amount" | "value" | "price") => "total",
        ("order", "total tax" | "tax amount" | "tax total") => "tax",
        ("order", "total discount" | "total discounts" | "discount amount" | "discount total") => {
            "discount"
        }
        ("order", "shipping cost" | "total shipping" | "shipping total" | "shipping price") => {
            "shipping"
        }
        ("item", "total price" | "total amount" | "amount") => "total",
        ("item", "total discount" | "discount amount") => "discount",
        ("item", "qty") => "quantity",
        ("item", "title") => "name",
        _ => name,
    };
    if BARE.contains(&name) {
        format!("{owner} {name}")
    } else {
        name.to_owned()
    }
}
