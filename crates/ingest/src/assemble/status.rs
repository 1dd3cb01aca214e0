//! What an order's status means for the figures.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    /// Never paid, or taken back before it was.
    Cancelled,
    Refunded,
    Test,
}

/// `unpaid`: whether orders waiting for their payment are no sales yet, as WooCommerce counts.
pub(crate) fn state(status: &str, unpaid: bool) -> State {
    let status = status.trim().to_lowercase();
    let status = status.strip_prefix("wc-").unwrap_or(&status);
    match status {
        "cancelled"
        | "canceled"
        | "cancel"
        | "voided"
        | "void"
        | "failed"
        | "expired"
        | "declined"
        | "trash"
        | "deleted"
        | "unavailable"
        | "annulé"
        | "annulée"
        | "annule"
        | "annulee"
        | "échouée"
        | "échoué"
        | "storniert"
        | "abgebrochen"
        | "fehlgeschlagen"
        | "cancelado"
        | "cancelada"
        | "anulado"
        | "anulada"
        | "fallido"
        | "annullato"
        | "已取消"
        | "取消"
        | "交易关闭"
        | "ملغي"
        | "ملغى"
        | "ملغاة"
        | "تم الإلغاء" => State::Cancelled,
        "pending"
        | "pending payment"
        | "draft"
        | "checkout-draft"
        | "auto-draft"
        | "en attente de paiement"
        | "attente paiement"
        | "zahlung ausstehend"
        | "ausstehend"
        | "pendiente de pago"
        | "pago pendiente"
            if unpaid =>
        {
            State::Cancelled
        }
        "refunded" | "returned" | "refund" | "return" | "remboursé" | "remboursée"
        | "erstattet" | "rückerstattet" | "reembolsado" | "reembolsada" | "devuelto" | "已退款"
        | "退款" | "مسترد" | "مرتجع" => State::Refunded,
        "test" => State::Test,
        _ => State::Live,
    }
}
