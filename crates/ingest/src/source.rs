//! Exports that are recognised by their column names alone.

use crate::field::Field;
use crate::plan::Telling;
use serde::{Deserialize, Serialize};

/// Where a file comes from: decides how its columns are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    UciOnlineRetail,
    Shopify,
    #[serde(rename = "woocommerce")]
    WooCommerce,
    #[serde(rename = "woocommerce_analytics")]
    WooCommerceAnalytics,
    Amazon,
    /// Brazilian marketplace: nine files.
    Olist,
    Generic,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::UciOnlineRetail => "UCI Online Retail",
            Self::Shopify => "Shopify orders",
            Self::WooCommerce => "WooCommerce orders",
            Self::WooCommerceAnalytics => "WooCommerce Analytics",
            Self::Amazon => "Amazon All Orders",
            Self::Olist => "Olist orders",
            Self::Generic => "a table of orders",
        }
    }

    /// `names` in normal form.
    pub(crate) fn of(names: &[String]) -> Self {
        let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
        if has(&["lineitem name"]) && has(&["name"]) && has(&["created at", "paid at"]) {
            Self::Shopify
        } else if has(&["amazon order id"]) && has(&["purchase date"]) {
            Self::Amazon
        } else if has(&["stock code"])
            && has(&["invoice no", "invoice"])
            && has(&["invoice date"])
            && has(&["quantity"])
            && has(&["unit price", "price"])
        {
            Self::UciOnlineRetail
        } else if has(&["order item id"]) && has(&["order purchase timestamp"]) && has(&["price"]) {
            Self::Olist
        } else if has(PRODUCTS) && has(NET_SALES) && has(ITEMS_SOLD) {
            Self::WooCommerceAnalytics
        } else if has(&["order id", "order number", "id"])
            && has(&["line items", "line item 1", "product item 1 name"])
            && has(&[
                "order date",
                "date",
                "created at",
                "date created",
                "order total",
                "status",
            ])
        {
            Self::WooCommerce
        } else {
            Self::Generic
        }
    }

    /// What a file with order numbers tells of them.
    pub(crate) fn tells(self) -> Telling {
        match self {
            Self::Shopify | Self::WooCommerce | Self::WooCommerceAnalytics => Telling::Orders,
            Self::UciOnlineRetail | Self::Amazon | Self::Olist | Self::Generic => Telling::Parts,
        }
    }

    /// Field of each column, by name. For each field the first name that is present counts.
    pub(crate) fn fields(self, names: &[String]) -> Vec<Option<Field>> {
        let table: &[(Field, &[&str])] = match self {
            Self::UciOnlineRetail => UCI,
            Self::Shopify => SHOPIFY,
            Self::WooCommerce => WOOCOMMERCE,
            Self::WooCommerceAnalytics => ANALYTICS,
            Self::Amazon => AMAZON,
            Self::Olist => OLIST,
            Self::Generic => &[],
        };
        let mut fields = vec![None; names.len()];
        for (field, wanted) in table {
            let at = wanted
                .iter()
                .find_map(|want| names.iter().position(|name| name == want))
                .filter(|at| fields.get(*at).is_some_and(Option::is_none));
            if let Some(slot) = at.and_then(|at| fields.get_mut(at)) {
                *slot = Some(*field);
            }
        }
        if self == Self::WooCommerce {
            for (slot, name) in fields.iter_mut().zip(names) {
                *slot = slot.or_else(|| wide(name));
            }
            // The total tax holds the tax on shipping already; the cart's does not.
            let cart_only = names
                .iter()
                .zip(&fields)
                .any(|(name, field)| *field == Some(Field::OrderTax) && name == "cart tax");
            if !cart_only {
                for slot in &mut fields {
                    *slot = slot.filter(|f| *f != Field::ShippingTax);
                }
            }
        }
        fields
    }
}

/// `line item 3`, `product item 3 name`: the items of an order side by side.
fn wide(name: &str) -> Option<Field> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if name.strip_prefix("line item ").is_some_and(number) {
        return Some(Field::LineItem);
    }
    let (count, part) = name.strip_prefix("product item ")?.split_once(' ')?;
    if !number(count) {
        return None;
    }
    match part {
        "name" => Some(Field::ItemName),
        "id" => Some(Field::ItemId),
        "sku" => Some(Field::ItemSku),
        "quantity" => Some(Field::ItemQuantity),
        "total" => Some(Field::ItemTotal),
        "subtotal" => Some(Field::ItemSubtotal),
        _ => None,
    }
}

const PRODUCTS: &[&str] = &[
    "product s",
    "products",
    "produit s",
    "produits",
    "producto s",
    "productos",
    "produkt e",
    "produkte",
    "prodotto i",
    "prodotti",
];
const NET_SALES: &[&str] = &[
    "net sales",
    "ventes nettes",
    "ventas netas",
    "nettoumsatz",
    "net sales formatted",
    "vendite nette",
];
const ITEMS_SOLD: &[&str] = &[
    "items sold",
    "articles vendus",
    "articulos vendidos",
    "verkaufte artikel",
    "artikel verkauft",
    "articoli venduti",
];

const UCI: &[(Field, &[&str])] = &[
    (Field::OrderId, &["invoice no", "invoice"]),
    (Field::Sku, &["stock code"]),
    (Field::ProductName, &["description"]),
    (Field::Quantity, &["quantity"]),
    (Field::Date, &["invoice date"]),
    (Field::UnitPrice, &["unit price", "price"]),
    (Field::CustomerId, &["customer id"]),
    (Field::Country, &["country"]),
    (Field::Currency, &["currency"]),
];

const SHOPIFY: &[(Field, &[&str])] = &[
    (Field::OrderId, &["name"]),
    (Field::CustomerEmail, &["email"]),
    (Field::Status, &["financial status"]),
    (Field::Date, &["created at", "paid at"]),
    (Field::Currency, &["currency"]),
    (Field::Subtotal, &["subtotal"]),
    (Field::OrderShipping, &["shipping"]),
    (Field::OrderTax, &["taxes"]),
    (Field::OrderTotal, &["total"]),
    (Field::OrderDiscount, &["discount amount"]),
    (Field::Quantity, &["lineitem quantity"]),
    (Field::ProductName, &["lineitem name"]),
    (Field::UnitPrice, &["lineitem price"]),
    (Field::Sku, &["lineitem sku"]),
    (Field::Discount, &["lineitem discount"]),
    (Field::CustomerName, &["billing name", "shipping name"]),
    (Field::Country, &["shipping country"]),
    (
        Field::Region,
        &["shipping province name", "shipping province"],
    ),
    (Field::City, &["shipping city"]),
    (Field::BillingCountry, &["billing country"]),
    (
        Field::BillingRegion,
        &["billing province name", "billing province"],
    ),
    (Field::BillingCity, &["billing city"]),
    (Field::CancelledAt, &["cancelled at"]),
    (Field::PaymentMethod, &["payment method"]),
    (Field::Refund, &["refunded amount"]),
    (Field::Channel, &["source"]),
];

const WOOCOMMERCE: &[(Field, &[&str])] = &[
    (Field::OrderId, &["order id", "order number", "id"]),
    (
        Field::Date,
        &[
            "order date",
            "date",
            "created at",
            "date created",
            "paid date",
        ],
    ),
    (Field::Status, &["status", "order status"]),
    (
        Field::OrderShipping,
        &["shipping total", "total shipping", "order shipping"],
    ),
    (
        Field::OrderTax,
        &["tax total", "total tax", "order tax", "cart tax"],
    ),
    (Field::ShippingTax, &["shipping tax", "shipping tax total"]),
    (
        Field::OrderDiscount,
        &[
            "discount total",
            "total discount",
            "cart discount",
            "order discount",
        ],
    ),
    (Field::OrderTotal, &["order total", "total"]),
    (
        Field::Refund,
        &[
            "total refunded",
            "refunded total",
            "refund total",
            "refund amount",
            "refunded amount",
        ],
    ),
    (Field::Currency, &["order currency", "currency"]),
    (
        Field::PaymentMethod,
        &["payment method title", "payment method"],
    ),
    (Field::CustomerId, &["customer id", "customer user"]),
    (Field::CustomerEmail, &["customer email", "billing email"]),
    (Field::FirstName, &["billing first name"]),
    (Field::LastName, &["billing last name"]),
    (Field::Country, &["shipping country"]),
    (Field::Region, &["shipping state"]),
    (Field::City, &["shipping city"]),
    (Field::BillingCountry, &["billing country"]),
    (Field::BillingRegion, &["billing state"]),
    (Field::BillingCity, &["billing city"]),
    (Field::LineItems, &["line items"]),
];

const ANALYTICS: &[(Field, &[&str])] = &[
    (Field::Date, &["date", "fecha", "datum", "data"]),
    (
        Field::OrderId,
        &[
            "order number",
            "commande n",
            "commande no",
            "commande",
            "pedido number",
            "pedido n",
            "pedido no",
            "bestellung number",
            "bestellnummer",
            "bestellung nr",
            "order",
            "n de commande",
        ],
    ),
    (
        Field::Status,
        &["status", "etat", "statut", "estado", "stato"],
    ),
    (
        Field::CustomerName,
        &["customer", "client", "cliente", "kunde"],
    ),
    (Field::Products, PRODUCTS),
    (Field::Quantity, ITEMS_SOLD),
    (Field::LineTotal, NET_SALES),
    (
        Field::Channel,
        &["attribution", "origin", "origine", "origen", "zuordnung"],
    ),
    (
        Field::Currency,
        &["currency", "devise", "moneda", "wahrung"],
    ),
];

const OLIST: &[(Field, &[&str])] = &[
    (Field::OrderId, &["order id"]),
    (Field::Date, &["order purchase timestamp"]),
    (Field::Status, &["order status"]),
    (Field::Sku, &["product id"]),
    (
        Field::Category,
        &["product category name english", "product category name"],
    ),
    (Field::UnitPrice, &["price"]),
    (Field::Shipping, &["freight value"]),
    // `customer_id` is another one for every order.
    (Field::CustomerId, &["customer unique id", "customer id"]),
    (Field::City, &["customer city"]),
    (Field::Region, &["customer state"]),
    (Field::PaymentMethod, &["payment type"]),
];

const AMAZON: &[(Field, &[&str])] = &[
    (Field::OrderId, &["amazon order id"]),
    (Field::Date, &["purchase date"]),
    (Field::Status, &["order status"]),
    (Field::ItemStatus, &["item status"]),
    (Field::Channel, &["sales channel"]),
    (Field::ProductName, &["product name"]),
    (Field::Sku, &["sku"]),
    (Field::Asin, &["asin"]),
    (Field::Quantity, &["quantity", "quantity purchased"]),
    (Field::Currency, &["currency"]),
    (Field::LineGross, &["item price"]),
    (Field::Tax, &["item tax"]),
    (Field::Shipping, &["shipping price"]),
    (Field::ShippingTax, &["shipping tax"]),
    (Field::Discount, &["item promotion discount"]),
    (Field::ShippingDiscount, &["ship promotion discount"]),
    (Field::City, &["ship city"]),
    (Field::Region, &["ship state"]),
    (Field::Country, &["ship country"]),
    (Field::PaymentMethod, &["payment method"]),
];
