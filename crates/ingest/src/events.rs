//! What visitors do in a shop, by the names that GA4, Retailrocket and logs like theirs give it.

use crate::header::normalise;
use serde::{Deserialize, Serialize};

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
    pub const fn id(self) -> &'static str {
        match self {
            Self::ViewItemList => "view_item_list",
            Self::SelectItem => "select_item",
            Self::ViewItem => "view_item",
            Self::AddToCart => "add_to_cart",
            Self::RemoveFromCart => "remove_from_cart",
            Self::ViewCart => "view_cart",
            Self::BeginCheckout => "begin_checkout",
            Self::AddShippingInfo => "add_shipping_info",
            Self::AddPaymentInfo => "add_payment_info",
            Self::Purchase => "purchase",
            Self::Refund => "refund",
            Self::Other => "other",
        }
    }

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
