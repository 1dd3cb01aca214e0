//! What the import's codes are called in the reader's language. A code of a newer server is shown as
//! the server words it.

mod failures;
mod refusals;

pub use failures::failure;
pub use refusals::{failed, message, refusal};

use api::uploads::{Assumption, Check, Choice, FormSetting, Question, Reading, State, Who};
use i18n::{Locale, format, t_string, td_string};
use leptos_i18n::I18nContext;
use ui::Tone;

type I18n = I18nContext<Locale>;

/// Whom a text is for: a page, which follows its reader's language, or a file that is written once.
pub trait Reader: Copy {
    fn locale(self) -> Locale;
}

impl Reader for I18n {
    fn locale(self) -> Locale {
        self.get_locale()
    }
}

impl Reader for Locale {
    fn locale(self) -> Locale {
        self
    }
}

/// Of a row that nothing is wrong with: its order is read as a whole, and another row of it was refused.
pub const WITH_ORDER: &str = "with_order";

pub fn state(i18n: I18n, state: State) -> String {
    match state {
        State::Receiving => t_string!(i18n, uploads.state.receiving),
        State::Received => t_string!(i18n, uploads.state.received),
        State::Inspecting => t_string!(i18n, uploads.state.inspecting),
        State::Question => t_string!(i18n, uploads.state.question),
        State::Ready => t_string!(i18n, uploads.state.ready),
        State::Importing => t_string!(i18n, uploads.state.importing),
        State::Held => t_string!(i18n, uploads.state.held),
        State::Done => t_string!(i18n, uploads.state.done),
        State::Failed => t_string!(i18n, uploads.state.failed),
        State::Cancelled => t_string!(i18n, uploads.state.cancelled),
        State::Undone => t_string!(i18n, uploads.state.undone),
        State::Split => t_string!(i18n, uploads.state.split),
    }
    .to_string()
}

/// A tenant's own rule is called what the tenant calls it.
pub fn rule(i18n: I18n, id: &str) -> String {
    match id {
        "mostly_rejected" => t_string!(i18n, uploads.check.rules.mostly_rejected),
        "impossible_days" => t_string!(i18n, uploads.check.rules.impossible_days),
        "some_impossible_days" => t_string!(i18n, uploads.check.rules.some_impossible_days),
        "products_named" => t_string!(i18n, uploads.check.rules.products_named),
        "huge_quantities" => t_string!(i18n, uploads.check.rules.huge_quantities),
        "huge_prices" => t_string!(i18n, uploads.check.rules.huge_prices),
        "another_currency" => t_string!(i18n, uploads.check.rules.another_currency),
        "volume" => t_string!(i18n, uploads.check.rules.volume),
        "fresh" => t_string!(i18n, uploads.check.rules.fresh),
        "products_once" => t_string!(i18n, uploads.check.rules.products_once),
        "prices" => t_string!(i18n, uploads.check.rules.prices),
        "costs" => t_string!(i18n, uploads.check.rules.costs),
        "customers_named" => t_string!(i18n, uploads.check.rules.customers_named),
        "stock" => t_string!(i18n, uploads.check.rules.stock),
        "promotions_once" => t_string!(i18n, uploads.check.rules.promotions_once),
        "campaigns_named" => t_string!(i18n, uploads.check.rules.campaigns_named),
        "spend" => t_string!(i18n, uploads.check.rules.spend),
        own => return own.to_owned(),
    }
    .to_string()
}

/// What a check came to, and how grave that is.
pub fn outcome(i18n: I18n, check: &Check) -> (Tone, String) {
    let (tone, text) = match (check.outcome.as_str(), check.severity.as_str()) {
        ("passed", _) => (Tone::Good, t_string!(i18n, uploads.check.passed)),
        ("failed", "critical") => (Tone::Bad, t_string!(i18n, uploads.check.failed)),
        ("failed", "warning") => (Tone::Warn, t_string!(i18n, uploads.check.failed)),
        ("failed", _) => (Tone::Accent, t_string!(i18n, uploads.check.note)),
        _ => (Tone::Neutral, t_string!(i18n, uploads.check.skipped)),
    };
    (tone, text.to_string())
}

pub fn tone(state: State) -> Tone {
    match state {
        State::Done => Tone::Good,
        State::Failed => Tone::Bad,
        State::Question | State::Ready | State::Receiving | State::Held => Tone::Warn,
        State::Received | State::Inspecting | State::Importing | State::Split => Tone::Accent,
        State::Cancelled | State::Undone => Tone::Neutral,
    }
}

/// Fields a column may be mapped to by hand, the likeliest first.
pub const FIELDS: [&str; 30] = [
    "order_id",
    "date",
    "time",
    "sku",
    "product_name",
    "category",
    "quantity",
    "unit_price",
    "line_gross",
    "line_total",
    "order_total",
    "discount",
    "order_discount",
    "tax",
    "order_tax",
    "shipping",
    "order_shipping",
    "refund",
    "currency",
    "customer_id",
    "customer_email",
    "customer_name",
    "country",
    "region",
    "city",
    "channel",
    "payment_method",
    "status",
    "cancelled_at",
    "subtotal",
];

pub fn field(i18n: I18n, id: &str) -> String {
    match id {
        "order_id" => t_string!(i18n, uploads.field.order_id),
        "date" => t_string!(i18n, uploads.field.date),
        "time" => t_string!(i18n, uploads.field.time),
        "sku" => t_string!(i18n, uploads.field.sku),
        "product_name" => t_string!(i18n, uploads.field.product_name),
        "category" => t_string!(i18n, uploads.field.category),
        "quantity" => t_string!(i18n, uploads.field.quantity),
        "unit_price" => t_string!(i18n, uploads.field.unit_price),
        "line_gross" => t_string!(i18n, uploads.field.line_gross),
        "line_total" => t_string!(i18n, uploads.field.line_total),
        "order_total" => t_string!(i18n, uploads.field.order_total),
        "discount" => t_string!(i18n, uploads.field.discount),
        "order_discount" => t_string!(i18n, uploads.field.order_discount),
        "tax" => t_string!(i18n, uploads.field.tax),
        "order_tax" => t_string!(i18n, uploads.field.order_tax),
        "shipping" => t_string!(i18n, uploads.field.shipping),
        "order_shipping" => t_string!(i18n, uploads.field.order_shipping),
        "refund" => t_string!(i18n, uploads.field.refund),
        "currency" => t_string!(i18n, uploads.field.currency),
        "customer_id" => t_string!(i18n, uploads.field.customer_id),
        "customer_email" => t_string!(i18n, uploads.field.customer_email),
        "customer_name" => t_string!(i18n, uploads.field.customer_name),
        "country" => t_string!(i18n, uploads.field.country),
        "region" => t_string!(i18n, uploads.field.region),
        "city" => t_string!(i18n, uploads.field.city),
        "channel" => t_string!(i18n, uploads.field.channel),
        "payment_method" => t_string!(i18n, uploads.field.payment_method),
        "status" => t_string!(i18n, uploads.field.status),
        "cancelled_at" => t_string!(i18n, uploads.field.cancelled_at),
        "subtotal" => t_string!(i18n, uploads.field.subtotal),
        "accepts_marketing" => t_string!(i18n, uploads.field.accepts_marketing),
        "at" => t_string!(i18n, uploads.field.at),
        "barcode" => t_string!(i18n, uploads.field.barcode),
        "brand" => t_string!(i18n, uploads.field.brand),
        "campaign" => t_string!(i18n, uploads.field.campaign),
        "clicks" => t_string!(i18n, uploads.field.clicks),
        "code" => t_string!(i18n, uploads.field.code),
        "cost" => t_string!(i18n, uploads.field.cost),
        "created_day" => t_string!(i18n, uploads.field.created_day),
        "day" => t_string!(i18n, uploads.field.day),
        "ends" => t_string!(i18n, uploads.field.ends),
        "event_kind" => t_string!(i18n, uploads.field.event_kind),
        "event_name" => t_string!(i18n, uploads.field.event_name),
        "event_value" => t_string!(i18n, uploads.field.event_value),
        "first_name" => t_string!(i18n, uploads.field.first_name),
        "from_currency" => t_string!(i18n, uploads.field.from_currency),
        "impressions" => t_string!(i18n, uploads.field.impressions),
        "last_name" => t_string!(i18n, uploads.field.last_name),
        "location" => t_string!(i18n, uploads.field.location),
        "on_hand" => t_string!(i18n, uploads.field.on_hand),
        "price" => t_string!(i18n, uploads.field.price),
        "product_status" => t_string!(i18n, uploads.field.product_status),
        "promotion_kind" => t_string!(i18n, uploads.field.promotion_kind),
        "promotion_value" => t_string!(i18n, uploads.field.promotion_value),
        "rate" => t_string!(i18n, uploads.field.rate),
        "session" => t_string!(i18n, uploads.field.session),
        "page" => t_string!(i18n, uploads.field.page),
        "spend" => t_string!(i18n, uploads.field.spend),
        "starts" => t_string!(i18n, uploads.field.starts),
        "to_currency" => t_string!(i18n, uploads.field.to_currency),
        "valid_from" => t_string!(i18n, uploads.field.valid_from),
        "visitor" => t_string!(i18n, uploads.field.visitor),
        // Only part of a known source's layout, never chosen by hand.
        other => return other.replace('_', " "),
    }
    .to_string()
}

/// What a file holds.
pub fn data_set(i18n: I18n, id: &str) -> String {
    match id {
        "orders" => t_string!(i18n, uploads.data_set.orders).to_string(),
        "events" => t_string!(i18n, uploads.data_set.events).to_string(),
        "products" => t_string!(i18n, uploads.data_set.products).to_string(),
        "customers" => t_string!(i18n, uploads.data_set.customers).to_string(),
        "inventory" => t_string!(i18n, uploads.data_set.inventory).to_string(),
        "promotions" => t_string!(i18n, uploads.data_set.promotions).to_string(),
        "costs" => t_string!(i18n, uploads.data_set.costs).to_string(),
        "ad_spend" => t_string!(i18n, uploads.data_set.ad_spend).to_string(),
        "rates" => t_string!(i18n, uploads.data_set.rates).to_string(),
        other => other.replace('_', " "),
    }
}

/// Who sent an upload.
pub fn who(i18n: I18n, who: &Who) -> String {
    match who {
        Who::Person(name) => name.clone(),
        Who::Key(name) => t_string!(i18n, history.key, name = name.clone()).to_string(),
        Who::Watch(url) if url.is_empty() => t_string!(i18n, history.watch).to_string(),
        Who::Watch(url) => t_string!(i18n, history.watch_of, url = url.clone()).to_string(),
        Who::Command => t_string!(i18n, history.command).to_string(),
    }
}

pub fn source(i18n: I18n, id: &str) -> String {
    match id {
        "uci_online_retail" => "UCI Online Retail".to_owned(),
        "shopify" => "Shopify".to_owned(),
        "woocommerce" => "WooCommerce".to_owned(),
        "woocommerce_analytics" => "WooCommerce Analytics".to_owned(),
        "amazon" => "Amazon".to_owned(),
        "olist" => "Olist".to_owned(),
        _ => t_string!(i18n, uploads.source_generic).to_string(),
    }
}

/// What a part of a file's form is called.
pub fn form_setting(i18n: I18n, id: &str) -> String {
    match id {
        "encoding" => t_string!(i18n, uploads.encoding).to_string(),
        "delimiter" => t_string!(i18n, uploads.separator).to_string(),
        "quote" => t_string!(i18n, uploads.how.quote).to_string(),
        "header" => t_string!(i18n, uploads.how.header).to_string(),
        "decimal" => t_string!(i18n, uploads.how.decimal).to_string(),
        "date_order" => t_string!(i18n, uploads.how.dates).to_string(),
        "timezone" => t_string!(i18n, uploads.how.timezone).to_string(),
        other => other.to_owned(),
    }
}

/// One of the values that a part of a file's form can have.
pub fn form_value(i18n: I18n, set: &FormSetting, value: &str, header_line: Option<u64>) -> String {
    match (set.id.as_str(), value) {
        ("delimiter", "comma") => t_string!(i18n, uploads.delimiter.comma).to_string(),
        ("delimiter", "semicolon") => t_string!(i18n, uploads.delimiter.semicolon).to_string(),
        ("delimiter", "tab") => t_string!(i18n, uploads.delimiter.tab).to_string(),
        ("delimiter", "bar") => t_string!(i18n, uploads.delimiter.bar).to_string(),
        ("delimiter", "space") => t_string!(i18n, uploads.delimiter.space).to_string(),
        ("quote", "double") => t_string!(i18n, uploads.how.double).to_string(),
        ("quote", "single") => t_string!(i18n, uploads.how.single).to_string(),
        ("header", "no") => t_string!(i18n, uploads.no_header).to_string(),
        ("header", _) => match header_line {
            Some(line) => {
                let line = i64::try_from(line).unwrap_or(i64::MAX);
                let line = format::count(line, i18n.get_locale());
                t_string!(i18n, uploads.how.header_in, line = line).to_string()
            }
            None => t_string!(i18n, uploads.how.header_first).to_string(),
        },
        ("decimal", "comma") => t_string!(i18n, uploads.ask.comma).to_string(),
        ("decimal", _) => t_string!(i18n, uploads.ask.point).to_string(),
        ("date_order", "dmy") => t_string!(i18n, uploads.ask.dmy).to_string(),
        ("date_order", "mdy") => t_string!(i18n, uploads.ask.mdy).to_string(),
        ("date_order", "ymd" | "iso" | "compact") => t_string!(i18n, uploads.ask.ymd).to_string(),
        ("date_order", "named") => t_string!(i18n, uploads.how.named_month).to_string(),
        ("date_order", _) => t_string!(i18n, uploads.how.numbered_days).to_string(),
        (_, value) => value.to_owned(),
    }
}

pub fn question(i18n: I18n, question: &Question) -> String {
    let column = question.column.clone().unwrap_or_default();
    match question.id.split('.').next().unwrap_or_default() {
        "date_order" => t_string!(i18n, uploads.ask.date_order, column = column).to_string(),
        "decimal" => t_string!(i18n, uploads.ask.decimal, column = column).to_string(),
        "mapping" => match question.id.split_once('.') {
            Some((_, "date")) => t_string!(i18n, uploads.ask.which_date).to_string(),
            Some((_, "amount")) => t_string!(i18n, uploads.ask.which_amount).to_string(),
            Some((_, "quantity")) => t_string!(i18n, uploads.ask.which_quantity).to_string(),
            Some((_, id)) => {
                t_string!(i18n, uploads.ask.mapping, field = field(i18n, id)).to_string()
            }
            None => question.message.clone(),
        },
        "sheet" => t_string!(i18n, uploads.ask.sheet).to_string(),
        "data_set" => t_string!(i18n, uploads.ask.data_set).to_string(),
        "currency" => t_string!(i18n, uploads.ask.currency, column = column).to_string(),
        _ => question.message.clone(),
    }
}

pub fn choice(i18n: I18n, question: &Question, choice: &Choice) -> String {
    match (
        question.id.split('.').next().unwrap_or_default(),
        choice.value.as_str(),
    ) {
        ("date_order", "dmy") => t_string!(i18n, uploads.ask.dmy).to_string(),
        ("date_order", "mdy") => t_string!(i18n, uploads.ask.mdy).to_string(),
        ("date_order", "ymd") => t_string!(i18n, uploads.ask.ymd).to_string(),
        ("decimal", "comma") => t_string!(i18n, uploads.ask.comma).to_string(),
        ("decimal", "point" | "dot") => t_string!(i18n, uploads.ask.point).to_string(),
        ("mapping", "none") => t_string!(i18n, uploads.ask.no_quantity).to_string(),
        ("data_set", set) => data_set(i18n, set),
        // `3=unit_price`, of the column that the label begins with.
        ("mapping", value) if question.id == "mapping.amount" => {
            let column = choice
                .label
                .rsplit_once(" is ")
                .map(|(column, _)| column.to_owned());
            match column.zip(value.split_once('=')) {
                Some((column, (_, id))) => t_string!(
                    i18n,
                    uploads.ask.column_is,
                    column = column,
                    field = field(i18n, id)
                )
                .to_string(),
                None => choice.label.clone(),
            }
        }
        _ if choice.label.is_empty() => choice.value.clone(),
        _ => choice.label.clone(),
    }
}

/// A value of the file, and what it would be read as: `03/04/2026 → 3 Apr 2026`.
pub fn raw_and_read(i18n: I18n, of: &Reading) -> String {
    let read = reading(i18n, of);
    match i18n.get_locale() {
        // From right to left, each of the two by itself: else the one is taken for the other.
        Locale::ar => format!("\u{2068}{}\u{2069} ← \u{2068}{read}\u{2069}", of.raw),
        _ => format!("{} → {read}", of.raw),
    }
}

/// What a value of the file would be read as.
pub fn reading(i18n: I18n, reading: &Reading) -> String {
    match (reading.day, reading.text.as_str()) {
        (Some(day), _) => format::day(day, i18n.get_locale()),
        (None, "not a date") => t_string!(i18n, uploads.ask.not_a_date).to_string(),
        (None, "not a number") => t_string!(i18n, uploads.ask.not_a_number).to_string(),
        (None, text) => text.to_owned(),
    }
}

pub fn assumption(i18n: I18n, assumption: &Assumption) -> String {
    let value = assumption.value.clone();
    match (assumption.code.as_str(), value) {
        ("currency" | "currency_sign", Some(currency)) => {
            t_string!(i18n, uploads.assumed.currency, currency = currency).to_string()
        }
        ("timezone", Some(zone)) => {
            t_string!(i18n, uploads.assumed.timezone, zone = zone).to_string()
        }
        ("order_per_row", _) => t_string!(i18n, uploads.assumed.order_per_row).to_string(),
        ("quantity_one", _) => t_string!(i18n, uploads.assumed.quantity_is_1).to_string(),
        ("total_after_discount", _) => {
            t_string!(i18n, uploads.assumed.total_after_discount).to_string()
        }
        ("refund_date", _) => t_string!(i18n, uploads.assumed.refund_date).to_string(),
        ("once_an_order", Some(columns)) => {
            t_string!(i18n, uploads.assumed.once_an_order, columns = columns).to_string()
        }
        ("order_continues", _) => t_string!(i18n, uploads.assumed.order_continues).to_string(),
        ("discount_share", Some(column)) => {
            t_string!(i18n, uploads.assumed.discount_share, column = column).to_string()
        }
        ("no_header", _) => t_string!(i18n, uploads.assumed.no_header).to_string(),
        ("joined", _) => t_string!(i18n, uploads.assumed.joined).to_string(),
        ("unused_files", Some(names)) => {
            t_string!(i18n, uploads.assumed.unused_files, names = names).to_string()
        }
        ("sheets", Some(names)) => {
            t_string!(i18n, uploads.assumed.sheets, names = names).to_string()
        }
        ("corrects", _) => t_string!(i18n, uploads.assumed.corrects).to_string(),
        ("total_shared", _) => t_string!(i18n, uploads.assumed.total_shared).to_string(),
        ("net_shared", _) => t_string!(i18n, uploads.assumed.net_shared).to_string(),
        ("preamble", _) => t_string!(i18n, uploads.assumed.preamble).to_string(),
        ("test_orders", _) => t_string!(i18n, uploads.assumed.test_orders).to_string(),
        _ => assumption.message.clone(),
    }
}

/// Why a record was refused.
pub fn reject(reader: impl Reader, code: &str, reason: &str) -> String {
    let locale = reader.locale();
    match code {
        "missing_order_id" => td_string!(locale, uploads.reject.missing_order_id).to_string(),
        "missing_date" => td_string!(locale, uploads.reject.missing_date).to_string(),
        "missing_amount" => td_string!(locale, uploads.reject.missing_amount).to_string(),
        "missing_value" => td_string!(locale, uploads.reject.missing_value).to_string(),
        "bad_date" => td_string!(locale, uploads.reject.bad_date).to_string(),
        "bad_number" => td_string!(locale, uploads.reject.bad_number).to_string(),
        "bad_currency" => td_string!(locale, uploads.reject.bad_currency).to_string(),
        "too_few_fields" => td_string!(locale, uploads.reject.too_few_fields).to_string(),
        "too_many_fields" => td_string!(locale, uploads.reject.too_many_fields).to_string(),
        "unclosed_quote" => td_string!(locale, uploads.reject.unclosed_quote).to_string(),
        "invalid_encoding" => td_string!(locale, uploads.reject.invalid_encoding).to_string(),
        "not_data" => td_string!(locale, uploads.reject.not_data).to_string(),
        "duplicate" => td_string!(locale, uploads.reject.duplicate).to_string(),
        "other_table" => td_string!(locale, uploads.reject.other_table).to_string(),
        "bad_items" => td_string!(locale, uploads.reject.bad_items).to_string(),
        "bad_json" => td_string!(locale, uploads.reject.bad_json).to_string(),
        "amount_too_large" => td_string!(locale, uploads.reject.amount_too_large).to_string(),
        "field_too_long" => td_string!(locale, uploads.reject.field_too_long).to_string(),
        "order_incomplete" => td_string!(locale, uploads.reject.order_incomplete).to_string(),
        "order_missing" => td_string!(locale, uploads.reject.order_missing).to_string(),
        "items_missing" => td_string!(locale, uploads.reject.items_missing).to_string(),
        "said_before" => td_string!(locale, uploads.reject.said_before).to_string(),
        WITH_ORDER => td_string!(locale, uploads.reject.with_order).to_string(),
        _ => note(locale, code, reason),
    }
}

/// What was odd about a record that was taken, or about the file.
pub fn note(reader: impl Reader, code: &str, message: &str) -> String {
    let locale = reader.locale();
    match code {
        "stray_quote" => td_string!(locale, uploads.note.stray_quote).to_string(),
        "short_row" => td_string!(locale, uploads.note.short_row).to_string(),
        "extra_empty_fields" => td_string!(locale, uploads.note.extra_empty_fields).to_string(),
        "scientific_id" => td_string!(locale, uploads.note.scientific_id).to_string(),
        "total_mismatch" => td_string!(locale, uploads.note.total_mismatch).to_string(),
        "tax_included" => td_string!(locale, uploads.note.tax_included).to_string(),
        "missing_price" => td_string!(locale, uploads.note.missing_price).to_string(),
        "duplicates" => td_string!(locale, uploads.note.duplicates).to_string(),
        "said_twice" => td_string!(locale, uploads.note.said_twice).to_string(),
        "told_again" => td_string!(locale, uploads.note.told_again).to_string(),
        "neither_yes_nor_no" => td_string!(locale, uploads.note.neither_yes_nor_no).to_string(),
        "left_out" => td_string!(locale, uploads.note.left_out).to_string(),
        _ => message.to_owned(),
    }
}

/// What to do about a refused record.
pub fn advice(reader: impl Reader, code: &str, example: Option<&str>, suggestion: &str) -> String {
    let locale = reader.locale();
    match code {
        "bad_date" | "bad_number" => match example {
            Some(example) => td_string!(
                locale,
                uploads.advice.write_like,
                example = example.to_owned()
            )
            .to_string(),
            None => suggestion.to_owned(),
        },
        "missing_order_id" | "missing_date" | "missing_amount" | "missing_value" => {
            td_string!(locale, uploads.advice.fill_in).to_string()
        }
        "bad_currency" => td_string!(locale, uploads.advice.currency).to_string(),
        "amount_too_large" => td_string!(locale, uploads.advice.amount).to_string(),
        "other_table" => td_string!(locale, uploads.advice.own_file).to_string(),
        "bad_items" => td_string!(locale, uploads.advice.items).to_string(),
        "bad_json" => td_string!(locale, uploads.advice.json).to_string(),
        "too_few_fields" => td_string!(locale, uploads.advice.too_few).to_string(),
        "too_many_fields" => td_string!(locale, uploads.advice.too_many).to_string(),
        "unclosed_quote" => td_string!(locale, uploads.advice.quote).to_string(),
        "invalid_encoding" => td_string!(locale, uploads.advice.encoding).to_string(),
        "field_too_long" => td_string!(locale, uploads.advice.too_long).to_string(),
        "not_data" => td_string!(locale, uploads.advice.nothing).to_string(),
        "duplicate" => td_string!(locale, uploads.advice.keep_duplicates).to_string(),
        "order_incomplete" => td_string!(locale, uploads.advice.first_row).to_string(),
        "said_before" => td_string!(locale, uploads.advice.keep_one).to_string(),
        "order_missing" | "items_missing" => {
            td_string!(locale, uploads.advice.both_tables).to_string()
        }
        WITH_ORDER => String::new(),
        _ => suggestion.to_owned(),
    }
}
