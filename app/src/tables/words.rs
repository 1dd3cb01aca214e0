//! What tables and their columns are called.

use crate::uploads::texts as upload_words;
use i18n::{Locale, t_string};
use leptos_i18n::I18nContext;

type I18n = I18nContext<Locale>;

pub fn table(i18n: I18n, id: &str) -> String {
    match id {
        "customer_features" => t_string!(i18n, tables.name.customer_features).to_string(),
        "funnel" => t_string!(i18n, tables.name.funnel).to_string(),
        set => upload_words::data_set(i18n, set),
    }
}

/// What a row of the table is.
pub fn about(i18n: I18n, id: &str) -> String {
    match id {
        "products" => t_string!(i18n, tables.about.products),
        "customers" => t_string!(i18n, tables.about.customers),
        "customer_features" => t_string!(i18n, tables.about.customer_features),
        "events" => t_string!(i18n, tables.about.events),
        "funnel" => t_string!(i18n, tables.about.funnel),
        "inventory" => t_string!(i18n, tables.about.inventory),
        "costs" => t_string!(i18n, tables.about.costs),
        "promotions" => t_string!(i18n, tables.about.promotions),
        "ad_spend" => t_string!(i18n, tables.about.ad_spend),
        _ => t_string!(i18n, tables.about.rates),
    }
    .to_string()
}

/// Which file fills the table.
pub fn fill(i18n: I18n, id: &str) -> String {
    match id {
        "products" => t_string!(i18n, tables.fill.products),
        "customers" => t_string!(i18n, tables.fill.customers),
        "customer_features" => t_string!(i18n, tables.fill.customer_features),
        "events" => t_string!(i18n, tables.fill.events),
        "funnel" => t_string!(i18n, tables.fill.funnel),
        "inventory" => t_string!(i18n, tables.fill.inventory),
        "costs" => t_string!(i18n, tables.fill.costs),
        "promotions" => t_string!(i18n, tables.fill.promotions),
        "ad_spend" => t_string!(i18n, tables.fill.ad_spend),
        _ => t_string!(i18n, tables.fill.rates),
    }
    .to_string()
}

pub fn column(i18n: I18n, id: &str) -> String {
    match id {
        "extra" => t_string!(i18n, tables.column.extra),
        "upload" => t_string!(i18n, tables.column.upload),
        "email_hash" => t_string!(i18n, tables.column.email_hash),
        "first_day" => t_string!(i18n, tables.column.first_day),
        "last_day" => t_string!(i18n, tables.column.last_day),
        "orders" => t_string!(i18n, tables.column.orders),
        "returning" => t_string!(i18n, tables.column.returning),
        "recency" => t_string!(i18n, tables.column.recency),
        "frequency" => t_string!(i18n, tables.column.frequency),
        "net_sales" => t_string!(i18n, tables.column.net_sales),
        "monetary" => t_string!(i18n, tables.column.monetary),
        "visitors" => t_string!(i18n, tables.column.visitors),
        "visitors_viewed" => t_string!(i18n, tables.column.visitors_viewed),
        "visitors_added" => t_string!(i18n, tables.column.visitors_added),
        "visitors_checked_out" => t_string!(i18n, tables.column.visitors_checked_out),
        "visitors_bought" => t_string!(i18n, tables.column.visitors_bought),
        "sessions" => t_string!(i18n, tables.column.sessions),
        "sessions_viewed" => t_string!(i18n, tables.column.sessions_viewed),
        "sessions_added" => t_string!(i18n, tables.column.sessions_added),
        "sessions_checked_out" => t_string!(i18n, tables.column.sessions_checked_out),
        "sessions_bought" => t_string!(i18n, tables.column.sessions_bought),
        field => return upload_words::field(i18n, field),
    }
    .to_string()
}
