//! The fields of the data sets beside orders: what kind of value each holds, which make the key, what columns of that
//! meaning are called in four languages.

mod ad_spend;
mod costs;
mod customers;
mod events;
mod inventory;
mod products;
mod promotions;
mod rates;

use crate::data_set::DataSet;
use crate::field::Field;
use crate::mapping::Candidate;
use serde::{Deserialize, Serialize};

/// What a field's values are, and how they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    Text,
    /// A text in upper case, so that `85123a` and `85123A` are one product.
    Code,
    /// Kept as the SHA-256 of the address in lower case, in hexadecimal; the address itself is not.
    Email,
    /// ISO 4217.
    Currency,
    /// Millionths of the currency's major unit.
    Money,
    /// Millionths of a piece, of a per cent.
    Quantity,
    /// A whole number.
    Count,
    /// Billionths: how much of one currency another is worth.
    Rate,
    /// Days since 1970-01-01.
    Day,
    /// Microseconds since 1970, UTC.
    Moment,
    /// 1 or 0.
    Flag,
}

impl ValueKind {
    /// Whether a value is text; a whole number otherwise.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Code | Self::Email | Self::Currency)
    }

    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::Day | Self::Moment)
    }
}

/// One field of a data set.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    pub field: Field,
    pub kind: ValueKind,
    names: &'static [&'static str],
    /// Names that mean it among orders mean it here too.
    shares_names: bool,
}

impl FieldSpec {
    /// The name under which its values are kept.
    pub fn name(&self) -> &'static str {
        match self.kind {
            ValueKind::Email => "email_hash",
            _ => self.field.id(),
        }
    }
}

const fn own(field: Field, kind: ValueKind, names: &'static [&'static str]) -> FieldSpec {
    FieldSpec {
        field,
        kind,
        names,
        shares_names: false,
    }
}

/// With the names of orders behind its own.
const fn also(field: Field, kind: ValueKind, names: &'static [&'static str]) -> FieldSpec {
    FieldSpec {
        field,
        kind,
        names,
        shares_names: true,
    }
}

const SKU: FieldSpec = also(
    Field::Sku,
    ValueKind::Code,
    &[
        "sku",
        "variant sku",
        "product sku",
        "product id",
        "product key",
        "stock code",
        "product code",
        "item id",
        "itemid",
        "item code",
        "item sku",
    ],
);
const COST_NAMES: &[&str] = &[
    "cost",
    "unit cost",
    "cost per item",
    "product cost",
    "cost price",
    "purchase price",
    "cogs",
    "standard cost",
    "einkaufspreis",
    "ek preis",
    "ek",
    "kosten",
    "stuckkosten",
    "costo",
    "coste",
    "costo unitario",
    "precio de compra",
    "precio de costo",
    "prix d achat",
    "成本",
    "成本价",
    "进价",
    "采购价",
    "التكلفة",
    "سعر التكلفة",
    "سعر الشراء",
];
const CURRENCY: FieldSpec = also(Field::Currency, ValueKind::Currency, &[]);
const DAY: FieldSpec = own(
    Field::Day,
    ValueKind::Day,
    &[
        "day",
        "date",
        "as of",
        "snapshot date",
        "stock date",
        "report date",
        "reporting starts",
        "counted at",
        "updated at",
        "week",
        "time",
        "datum",
        "tag",
        "stichtag",
        "stand",
        "fecha",
        "dia",
        "fecha de inventario",
        "日期",
        "盘点日期",
        "统计日期",
        "التاريخ",
        "تاريخ",
        "اليوم",
    ],
);

impl DataSet {
    /// Its fields, in the order in which their values are kept. Orders have lines of their own instead.
    pub fn fields(self) -> &'static [FieldSpec] {
        match self {
            Self::Orders => &[],
            Self::Events => events::FIELDS,
            Self::Products => products::FIELDS,
            Self::Customers => customers::FIELDS,
            Self::Inventory => inventory::FIELDS,
            Self::Promotions => promotions::FIELDS,
            Self::Costs => costs::FIELDS,
            Self::AdSpend => ad_spend::FIELDS,
            Self::Rates => rates::FIELDS,
        }
    }

    pub fn field(self, field: Field) -> Option<&'static FieldSpec> {
        self.fields().iter().find(|spec| spec.field == field)
    }

    /// What makes two rows the same thing, part by part; of the fields of a part the first that has a value.
    pub(crate) fn key(self) -> &'static [&'static [Field]] {
        match self {
            Self::Orders => &[],
            Self::Events => &[
                &[Field::At],
                &[Field::Visitor],
                &[Field::Session],
                &[Field::EventName],
                &[Field::OrderId],
                &[Field::Sku],
            ],
            Self::Products => &[&[Field::Sku]],
            Self::Customers => &[&[Field::CustomerId, Field::CustomerEmail]],
            Self::Inventory => &[&[Field::Sku], &[Field::Location], &[Field::Day]],
            Self::Promotions => &[&[Field::Code]],
            Self::Costs => &[&[Field::Sku], &[Field::ValidFrom]],
            Self::AdSpend => &[&[Field::Day], &[Field::Channel], &[Field::Campaign]],
            Self::Rates => &[&[Field::Day], &[Field::FromCurrency], &[Field::ToCurrency]],
        }
    }

    /// Of each part one field has to have a value in every record.
    pub(crate) fn required(self) -> &'static [&'static [Field]] {
        match self {
            Self::Orders => &[],
            Self::Events => &[
                &[Field::At],
                &[Field::Visitor, Field::Session],
                &[Field::EventName],
            ],
            Self::Products => &[&[Field::Sku]],
            Self::Customers => &[&[Field::CustomerId, Field::CustomerEmail]],
            Self::Inventory => &[&[Field::Sku], &[Field::OnHand]],
            Self::Promotions => &[&[Field::Code]],
            Self::Costs => &[&[Field::Sku], &[Field::Cost]],
            Self::AdSpend => &[&[Field::Day], &[Field::Spend]],
            Self::Rates => &[
                &[Field::Day],
                &[Field::FromCurrency],
                &[Field::ToCurrency],
                &[Field::Rate],
            ],
        }
    }

    /// Rows with one key in one file are several things that happened, not one thing said twice.
    pub(crate) fn happens(self) -> bool {
        matches!(self, Self::Events | Self::AdSpend)
    }

    pub(crate) fn candidates(self) -> Vec<Candidate> {
        let named = |spec: &FieldSpec| {
            let shared: &[&str] = if spec.shares_names {
                spec.field.synonyms()
            } else {
                &[]
            };
            let more = shared.iter().filter(|name| !spec.names.contains(name));
            Candidate {
                field: spec.field,
                names: spec.names.iter().chain(more).copied().collect(),
            }
        };
        self.fields()
            .iter()
            .map(named)
            .filter(|candidate| !candidate.names.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::normalise;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_means_two_things_in_one_data_set() {
        for data_set in DataSet::ALL {
            let mut seen = BTreeMap::new();
            for spec in data_set.fields() {
                for name in spec.names {
                    assert_eq!(&normalise(name), name, "not in normal form");
                    if let Some(other) = seen.insert(*name, spec.field) {
                        panic!(
                            "{name} means {other:?} and {:?} in {data_set:?}",
                            spec.field
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn keys_and_needs_are_fields_of_their_data_set() {
        for data_set in DataSet::ALL {
            for field in data_set
                .key()
                .iter()
                .chain(data_set.required())
                .flat_map(|part| part.iter())
            {
                assert!(
                    data_set.field(*field).is_some(),
                    "{field:?} of {data_set:?}"
                );
            }
            assert_eq!(data_set.key().is_empty(), data_set == DataSet::Orders);
        }
    }
}
