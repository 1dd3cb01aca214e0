//! What visitors did in the shop: GA4's export, Retailrocket's log, and tables like them.

use crate::access::RandomAccess;
use crate::error::{NotImportable, ReadError};
use crate::field::Field;
use crate::hash::StableHash;
use crate::header::normalise;
use crate::moment::{self, DateFormat, Placed};
use crate::number::{self, Decimal};
use crate::options::Options;
use crate::profile::is_null;
use crate::record::{Counts, Params, Reject, RejectCode, params};
use crate::table::{Row, Rows, Table};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use types::{Day, Micros};

/// By GA4's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    ViewItemList,
    SelectItem,
    ViewItem,
    AddToCart,
    RemoveFromCart,
    ViewCart,
    BeginCheckout,
    AddShippingInfo,
    AddPaymentInfo,
    Purchase,
    Refund,
    /// Nothing of the way to a purchase: its name says what.
    Other,
}

impl EventKind {
    /// Names of GA4, of Retailrocket, and of logs like theirs.
    pub fn of(name: &str) -> Self {
        match normalise(name).replace(' ', "_").as_str() {
            "view_item_list" | "catalog" | "category_view" => Self::ViewItemList,
            "select_item" => Self::SelectItem,
            "view_item" | "view" | "product_view" | "product_viewed" | "detail" => Self::ViewItem,
            "add_to_cart" | "addtocart" | "cart_add" | "product_added" => Self::AddToCart,
            "remove_from_cart" | "removefromcart" | "product_removed" => Self::RemoveFromCart,
            "view_cart" | "cart" | "cart_viewed" => Self::ViewCart,
            "begin_checkout" | "checkout" | "checkout_started" => Self::BeginCheckout,
            "add_shipping_info" | "shipping_details" => Self::AddShippingInfo,
            "add_payment_info" | "payment_details" => Self::AddPaymentInfo,
            "purchase" | "transaction" | "payment_done" | "order_completed" => Self::Purchase,
            "refund" | "order_refunded" => Self::Refund,
            _ => Self::Other,
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the data record it came from, from 1.
    pub record: u64,
    /// UTC, microseconds since 1970.
    pub at: i64,
    /// In the merchant's timezone.
    pub day: Day,
    pub visitor: Box<str>,
    pub session: Option<Box<str>>,
    pub kind: EventKind,
    /// As written.
    pub name: Box<str>,
    pub order_id: Option<Box<str>>,
    /// Upper case.
    pub sku: Option<Box<str>>,
    /// Without shipping and tax.
    pub value: Option<Micros>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBatch {
    pub events: Vec<Event>,
    pub rejects: Vec<Reject>,
    /// Cumulative; `lines` are events.
    pub counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Layout {
    at: Option<usize>,
    day: Option<usize>,
    visitor: Option<usize>,
    session: Option<usize>,
    name: Option<usize>,
    order: Option<usize>,
    sku: Option<usize>,
    value: Option<usize>,
}

/// Reads a table as events.
///
/// # Errors
/// Columns for time, visitor or event are missing, or the file cannot be opened.
pub fn read_events(
    table: &Table,
    raw: impl RandomAccess,
    options: &Options,
) -> Result<Events, NotImportable> {
    let names: Vec<String> = table.names.iter().map(|n| normalise(n)).collect();
    let find = |wanted: &[&str]| {
        wanted
            .iter()
            .find_map(|want| names.iter().position(|name| name == want))
    };
    let layout = Layout {
        at: find(&[
            "event timestamp",
            "timestamp",
            "event time",
            "time",
            "created at",
            "datetime",
        ]),
        day: find(&["event date", "date"]),
        visitor: find(&[
            "user pseudo id",
            "visitorid",
            "visitor id",
            "client id",
            "user id",
            "userid",
            "distinct id",
        ]),
        session: find(&[
            "ga session id",
            "session id",
            "sessionid",
            "session",
            "user session",
        ]),
        name: find(&["event name", "event", "event type", "action"]),
        order: find(&[
            "transaction id",
            "transactionid",
            "ecommerce transaction id",
            "order id",
        ]),
        sku: find(&["item id", "itemid", "items item id", "product id", "sku"]),
        value: find(&[
            "value",
            "event value",
            "event value in usd",
            "ecommerce purchase revenue",
            "price",
        ]),
    };
    let missing: Vec<Field> = [
        (layout.at.or(layout.day), Field::Date),
        (layout.visitor.or(layout.session), Field::CustomerId),
        (layout.name, Field::Status),
    ]
    .into_iter()
    .filter(|(at, _)| at.is_none())
    .map(|(_, field)| field)
    .collect();
    if !missing.is_empty() {
        return Err(NotImportable::MissingColumns {
            fields: missing,
            columns: table.names.clone(),
        });
    }
    let rows = table
        .rows(raw)
        .map_err(|e| NotImportable::Io(e.to_string()))?;
    Ok(Events {
        rows,
        names: table.names.clone(),
        layout,
        options: options.clone(),
        counts: Counts::default(),
        bought: FxHashSet::default(),
    })
}

/// The events of a file, batch by batch.
pub struct Events {
    rows: Rows,
    names: Vec<String>,
    layout: Layout,
    options: Options,
    counts: Counts,
    /// Purchases met, by order and item.
    bought: FxHashSet<u64>,
}

struct Wrong {
    code: RejectCode,
    column: Option<usize>,
    params: Params,
    message: String,
    suggestion: &'static str,
}

impl Events {
    /// The next records, about `max` of them. `None` after the last.
    ///
    /// # Errors
    /// The file is damaged or over a limit; the batches before are good.
    pub fn next_batch(&mut self, max: usize) -> Result<Option<EventBatch>, ReadError> {
        let mut batch = EventBatch::default();
        let mut read = 0;
        while read < max.max(1) {
            let Some(row) = self.rows.next() else { break };
            let row = row?;
            read += 1;
            self.counts.records += 1;
            if row.is_blank() {
                self.counts.blank += 1;
                continue;
            }
            match self.event(&row) {
                Ok(event) => {
                    self.counts.accepted += 1;
                    self.counts.lines += 1;
                    batch.events.push(event);
                }
                Err(wrong) => {
                    self.counts.rejected += 1;
                    batch.rejects.push(self.reject(row, wrong));
                }
            }
        }
        batch.counts = self.counts;
        Ok((read > 0).then_some(batch))
    }

    fn reject(&self, row: Row, wrong: Wrong) -> Reject {
        let text = row.cells.join(",");
        Reject {
            record: row.record,
            line_no: row.line_no,
            file: None,
            place: row.place,
            byte_start: row.byte_start,
            byte_end: row.byte_end,
            column: wrong.column.and_then(|at| self.names.get(at)).cloned(),
            raw: text
                .get(..crate::sniff::floor(&text, 2048))
                .unwrap_or_default()
                .to_owned(),
            code: wrong.code,
            params: wrong.params,
            message: wrong.message,
            suggestion: wrong.suggestion.to_owned(),
        }
    }

    fn event(&mut self, row: &Row) -> Result<Event, Wrong> {
        if let Some(code) = row.damage {
            return Err(Wrong {
                code,
                column: None,
                params: Params::new(),
                message: "This record is damaged and cannot be read.".to_owned(),
                suggestion: "Export the file again.",
            });
        }
        let text = |at: Option<usize>| -> Option<&str> {
            let cell = row.cells.get(at?)?.trim();
            (!is_null(cell)).then_some(cell)
        };
        let fault = |code, column: Option<usize>, value: &str, what: &str, suggestion| Wrong {
            code,
            column,
            params: params([("value", value), ("what", what)]),
            message: if value.is_empty() {
                format!("The {what} of this event is missing.")
            } else {
                format!("\"{value}\" is not a {what}.")
            },
            suggestion,
        };
        let layout = self.layout;
        let when = text(layout.at)
            .or_else(|| text(layout.day))
            .ok_or_else(|| {
                fault(
                    RejectCode::MissingDate,
                    layout.at,
                    "",
                    "time",
                    "Fill it in, or remove the row.",
                )
            })?;
        let placed = time(when, &self.options).ok_or_else(|| {
            fault(
                RejectCode::BadDate,
                layout.at,
                when,
                "time",
                "Write it like 2026-12-31 14:05:00, or as a Unix timestamp.",
            )
        })?;
        let visitor = text(layout.visitor)
            .or_else(|| text(layout.session))
            .ok_or_else(|| {
                fault(
                    RejectCode::MissingOrderId,
                    layout.visitor,
                    "",
                    "visitor",
                    "Fill it in, or remove the row.",
                )
            })?;
        let name = text(layout.name).ok_or_else(|| {
            fault(
                RejectCode::MissingAmount,
                layout.name,
                "",
                "name",
                "Fill it in, or remove the row.",
            )
        })?;
        let value = match text(layout.value) {
            None => None,
            Some(text) => Some(
                number::parse(text, Decimal::Point)
                    .ok_or_else(|| {
                        fault(
                            RejectCode::BadNumber,
                            layout.value,
                            text,
                            "number",
                            "Write it like 1234.56.",
                        )
                    })?
                    .micros,
            ),
        };
        let kind = EventKind::of(name);
        let order_id = text(layout.order);
        let sku = text(layout.sku);
        if let (EventKind::Purchase, Some(order)) = (kind, order_id) {
            let key = StableHash::default().text(order).optional(sku).finish();
            if !self.bought.insert(key) {
                self.counts.duplicates += 1;
                return Err(Wrong {
                    code: RejectCode::Duplicate,
                    column: layout.order,
                    params: params([("value", order)]),
                    message: format!("The purchase {order} was sent before."),
                    suggestion: "Nothing needs to be done: it is counted once.",
                });
            }
        }
        Ok(Event {
            record: row.record,
            at: placed.at,
            day: placed.day,
            visitor: visitor.into(),
            session: text(layout.session).map(Into::into),
            kind,
            name: name.into(),
            order_id: order_id.map(Into::into),
            sku: sku.map(|s| s.to_uppercase().into()),
            value,
        })
    }
}

/// Timestamps by their length, else a date whose year comes first.
fn time(text: &str, options: &Options) -> Option<Placed> {
    let formats = [
        DateFormat::EpochMicros,
        DateFormat::EpochMillis,
        DateFormat::EpochSeconds,
        DateFormat::Compact,
        DateFormat::Iso,
        DateFormat::Named,
    ];
    formats
        .iter()
        .find_map(|format| moment::parse(text, *format))?
        .place(&options.timezone)
}
