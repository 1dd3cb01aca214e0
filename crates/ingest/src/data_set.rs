//! What a table is about, by the names of its columns.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSet {
    #[default]
    Orders,
    /// What visitors did: viewed, put into the cart, bought.
    Events,
    Products,
    Customers,
    Inventory,
    Promotions,
    Costs,
    AdSpend,
    /// Exchange rates by day.
    Rates,
}

const PRODUCT: &[&str] = &[
    "product id",
    "product key",
    "sku",
    "product sku",
    "item id",
    "itemid",
    "stock code",
    "product code",
    "variant sku",
    "product name",
    "product",
    "handle",
    "product title",
];
const ORDER: &[&str] = &[
    "order id",
    "order number",
    "order no",
    "invoice no",
    "invoice",
    "order date",
    "invoice date",
    "basket id",
    "amazon order id",
    "sales order number",
    "order",
];
/// Order numbers by names that mean nothing else.
const IN_OTHER_LANGUAGES: &[&str] = &[
    "numero de commande",
    "commande n",
    "commande no",
    "no de commande",
    "n de commande",
    "reference de commande",
    "bestellnummer",
    "auftragsnummer",
    "rechnungsnummer",
    "belegnummer",
    "numero de pedido",
    "no de pedido",
    "id de pedido",
    "id pedido",
    "numero do pedido",
    "pedido",
    "numero ordine",
    "bestelnummer",
    "ordernummer",
    "numer zamowienia",
    "номер заказа",
    "订单号",
    "订单编号",
    "訂單編號",
    "訂單號碼",
    "注文番号",
    "주문번호",
    "رقم الطلب",
    "رقم الفاتورة",
];
const CUSTOMER: &[&str] = &[
    "customer id",
    "customer key",
    "client id",
    "customer",
    "email",
    "e mail",
    "email address",
    "household id",
];
const EVENT: &[&str] = &["event", "event name", "event type", "action"];
const VISITOR: &[&str] = &[
    "visitorid",
    "visitor id",
    "user pseudo id",
    "session id",
    "sessionid",
    "user id",
    "userid",
    "client id",
    "ga session id",
    "event timestamp",
    "event date",
];

const RATE: &[&str] = &["rate", "exchange rate", "fx rate", "conversion rate"];

impl DataSet {
    pub const ALL: [Self; 9] = [
        Self::Orders,
        Self::Events,
        Self::Products,
        Self::Customers,
        Self::Inventory,
        Self::Promotions,
        Self::Costs,
        Self::AdSpend,
        Self::Rates,
    ];

    /// As written in decisions and addresses: `data_set=ad_spend`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Events => "events",
            Self::Products => "products",
            Self::Customers => "customers",
            Self::Inventory => "inventory",
            Self::Promotions => "promotions",
            Self::Costs => "costs",
            Self::AdSpend => "ad_spend",
            Self::Rates => "rates",
        }
    }

    pub(crate) fn is_orders(&self) -> bool {
        *self == Self::Orders
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == id)
    }

    /// Whether a column is the number of an order.
    pub(crate) fn names_orders(names: &[String]) -> bool {
        let any = |wanted: &[&str]| names.iter().any(|n| wanted.contains(&n.as_str()));
        any(ORDER) || any(IN_OTHER_LANGUAGES)
    }

    /// `names` in normal form.
    pub(crate) fn of(names: &[String]) -> Self {
        let any = |wanted: &[&str]| names.iter().any(|n| wanted.contains(&n.as_str()));
        let says = |words: &[&str]| {
            names
                .iter()
                .any(|n| n.split(' ').any(|word| words.contains(&word)))
        };
        let product = any(PRODUCT);
        let order = Self::names_orders(names);
        if any(EVENT) && any(VISITOR) {
            Self::Events
        } else if any(RATE) && any(&["from", "from currency", "base", "base currency"]) {
            Self::Rates
        } else if any(&["spend", "ad spend", "amount spent", "cost", "costs"])
            && says(&["campaign", "impressions", "clicks", "adset", "ad"])
        {
            Self::AdSpend
        } else if order {
            Self::Orders
        } else if product
            && (any(&[
                "on hand",
                "available",
                "stock",
                "stock level",
                "stock on hand",
            ]) || says(&["inventory", "warehouse"]))
        {
            Self::Inventory
        } else if says(&["coupon", "promo", "promotion", "voucher", "campaign"]) {
            Self::Promotions
        } else if product
            && any(&[
                "cost",
                "unit cost",
                "cost per item",
                "cogs",
                "purchase price",
                "cost price",
            ])
            && !says(&[
                "category",
                "subcategory",
                "description",
                "color",
                "colour",
                "size",
            ])
            && !any(&["price", "product price", "list price"])
        {
            Self::Costs
        } else if product && !says(&["date", "timestamp", "quantity", "qty"]) {
            Self::Products
        } else if any(CUSTOMER) && !says(&["quantity", "qty", "price", "amount", "total"]) {
            Self::Customers
        } else {
            Self::Orders
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::normalise;

    #[test]
    fn what_tables_are_about() {
        for (header, want) in [
            (
                "timestamp,visitorid,event,itemid,transactionid",
                DataSet::Events,
            ),
            (
                "event_date,event_timestamp,event_name,user_pseudo_id",
                DataSet::Events,
            ),
            (
                "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
                DataSet::Orders,
            ),
            ("date,product,quantity,price", DataSet::Orders),
            (
                "ProductKey,ProductSubcategoryKey,ProductSKU,ProductName,ProductColor,ProductCost,ProductPrice",
                DataSet::Products,
            ),
            (
                "Bestellnummer,Kundennummer,E-Mail,Artikelnummer",
                DataSet::Orders,
            ),
            (
                "CustomerKey,Prefix,FirstName,LastName,BirthDate,EmailAddress",
                DataSet::Customers,
            ),
            ("household_id,age,income,home_ownership", DataSet::Customers),
            ("Handle,Title,SKU,Location,On hand", DataSet::Inventory),
            ("sku,warehouse,available", DataSet::Inventory),
            ("coupon_upc,product_id,campaign_id", DataSet::Promotions),
            (
                "code,discount_type,coupon_amount,expiry_date",
                DataSet::Promotions,
            ),
            ("sku,unit_cost,valid_from", DataSet::Costs),
            ("date,campaign,impressions,clicks,cost", DataSet::AdSpend),
            (
                "Day,Campaign name,Amount spent,Impressions",
                DataSet::AdSpend,
            ),
            ("Date,From,To,Rate", DataSet::Rates),
        ] {
            let names: Vec<String> = header.split(',').map(normalise).collect();
            assert_eq!(DataSet::of(&names), want, "{header}");
        }
    }
}
