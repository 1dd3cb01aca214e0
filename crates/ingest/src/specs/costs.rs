//! What a product costs its shop, from a day on.

use super::{COST_NAMES, CURRENCY, FieldSpec, SKU, ValueKind, own};
use crate::field::Field;

pub(super) const FIELDS: &[FieldSpec] = &[
    SKU,
    own(Field::Cost, ValueKind::Money, COST_NAMES),
    CURRENCY,
    own(
        Field::ValidFrom,
        ValueKind::Day,
        &[
            "valid from",
            "effective date",
            "effective from",
            "from",
            "date",
            "start date",
            "since",
            "gultig ab",
            "ab",
            "datum",
            "valido desde",
            "desde",
            "fecha",
            "fecha de vigencia",
            "valable a partir du",
            "生效日期",
            "日期",
            "صالح من",
            "تاريخ السريان",
            "التاريخ",
        ],
    ),
];
