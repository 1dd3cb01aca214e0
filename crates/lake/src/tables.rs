//! The tables that can be read row by row. Those of the data sets beside orders are made of what ingest says of their
//! fields.

use crate::{
    customer_features::CUSTOMER_FEATURES,
    funnel::FUNNEL,
    schema::{
        BY_MONTH, Field, LINES, MONTH, NO_MONTH, RUN, SILVER, TableSchema, UPLOAD, int, long, text,
    },
};
use ingest::{DataSet, Field as Meaning, FieldSpec, ValueKind};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::LazyLock};
use types::Day;

/// A table of gold, each with versions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// The current rows of a data set; of orders their lines.
    Of(DataSet),
    /// What each customer bought: made of orders and of customers.
    CustomerFeatures,
    /// Conversion by day: made of events.
    Funnel,
}

impl Table {
    /// Uploaded rates of exchange.
    pub const RATES: Self = Self::Of(DataSet::Rates);

    pub fn all() -> impl Iterator<Item = Self> {
        let derived = [Self::CustomerFeatures, Self::Funnel];
        DataSet::ALL.into_iter().map(Self::Of).chain(derived)
    }

    pub fn id(self) -> &'static str {
        match self {
            Self::Of(set) => set.id(),
            Self::CustomerFeatures => "customer_features",
            Self::Funnel => "funnel",
        }
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().find(|table| table.id() == id)
    }

    /// Below the tenant's folder.
    pub fn path(self) -> &'static str {
        self.schema().path
    }

    /// The tables that are written of the rows of this data set alone, its own first.
    pub fn made_of(set: DataSet) -> Vec<Self> {
        match set {
            DataSet::Events => vec![Self::Of(set), Self::Funnel],
            _ => vec![Self::Of(set)],
        }
    }

    pub(crate) fn schema(self) -> &'static TableSchema {
        match self {
            Self::Of(set) => gold(set),
            Self::CustomerFeatures => &CUSTOMER_FEATURES,
            Self::Funnel => &FUNNEL,
        }
    }
}

/// A table as a publication wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedTable {
    pub table: Table,
    pub version: u64,
    /// Rows written: of the months that were rebuilt.
    pub rows: u64,
}

/// What is kept of a published table that no figure is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsVersion {
    pub rows: u64,
}

struct Tables {
    silver: TableSchema,
    gold: TableSchema,
}

/// In the order of [`DataSet::ALL`], without orders.
static TABLES: LazyLock<Vec<Tables>> = LazyLock::new(|| {
    let beside_orders = DataSet::ALL.into_iter().skip(1);
    beside_orders
        .filter_map(|set| {
            let (silver, gold) = paths(set)?;
            Some(Tables {
                silver: TableSchema {
                    path: silver,
                    partitions: &[MONTH, UPLOAD, RUN],
                    clustered: &[],
                    fields: Cow::Owned(silver_fields(set)),
                },
                gold: TableSchema {
                    path: gold,
                    partitions: BY_MONTH,
                    clustered: clustered(set),
                    fields: Cow::Owned(gold_fields(set)),
                },
            })
        })
        .collect()
});

/// The log of all rows ever accepted.
pub(crate) fn silver(set: DataSet) -> &'static TableSchema {
    place(set).map_or(&SILVER, |tables| &tables.silver)
}

/// The current rows; of orders their lines.
pub(crate) fn gold(set: DataSet) -> &'static TableSchema {
    place(set).map_or(&LINES, |tables| &tables.gold)
}

fn place(set: DataSet) -> Option<&'static Tables> {
    let at = DataSet::ALL.iter().position(|other| *other == set)?;
    TABLES.get(at.checked_sub(1)?)
}

const fn paths(set: DataSet) -> Option<(&'static str, &'static str)> {
    Some(match set {
        DataSet::Orders => return None,
        DataSet::Events => ("silver/events", "gold/rows/events"),
        DataSet::Products => ("silver/products", "gold/rows/products"),
        DataSet::Customers => ("silver/customers", "gold/rows/customers"),
        DataSet::Inventory => ("silver/inventory", "gold/rows/inventory"),
        DataSet::Promotions => ("silver/promotions", "gold/rows/promotions"),
        DataSet::Costs => ("silver/costs", "gold/rows/costs"),
        DataSet::AdSpend => ("silver/ad_spend", "gold/rows/ad_spend"),
        DataSet::Rates => ("silver/rates", "gold/rows/rates"),
    })
}

/// Events are many, and looked at for a visitor, whose sessions go along, or for a product.
const fn clustered(set: DataSet) -> &'static [&'static str] {
    match set {
        DataSet::Events => &["visitor", "sku"],
        _ => &[],
    }
}

fn silver_fields(set: DataSet) -> Vec<Field> {
    let before = [
        text(UPLOAD),
        int(RUN),
        long("upload_seq"),
        long("record"),
        long("key"),
        int(MONTH),
    ];
    let own = set.fields().iter().map(field);
    let behind = [long("hash"), text("extra")];
    before.into_iter().chain(own).chain(behind).collect()
}

fn gold_fields(set: DataSet) -> Vec<Field> {
    let own = set.fields().iter().map(field);
    let behind = [text("extra"), text(UPLOAD), long("record"), int(MONTH)];
    own.chain(behind).collect()
}

fn field(spec: &FieldSpec) -> Field {
    match spec.kind {
        kind if kind.is_text() => text(spec.name()),
        ValueKind::Day | ValueKind::Flag => int(spec.name()),
        _ => long(spec.name()),
    }
}

/// Orders and events are many, and stand by month; the others in one place.
pub(crate) fn month(set: DataSet, day: Option<Day>) -> i32 {
    match (set, day) {
        (DataSet::Orders | DataSet::Events, Some(day)) => day.month_key(),
        _ => NO_MONTH,
    }
}

/// Where a row's day stands among its values.
pub(crate) fn day_at(set: DataSet) -> Option<usize> {
    set.fields()
        .iter()
        .position(|spec| spec.field == Meaning::Day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gold::encoded, parquet::encode, schema::Kind};
    use polars::prelude::*;
    use polars_parquet::parquet::statistics::Statistics;
    use polars_parquet::read::read_metadata;
    use std::io::Cursor;

    /// Rows of row groups that can hold this text, by the statistics in the file, and all rows.
    fn rows_read(file: &[u8], column: &str, text: &str) -> (usize, usize) {
        let meta = read_metadata(&mut Cursor::new(file)).unwrap();
        let (mut read, mut all) = (0, 0);
        for group in &meta.row_groups {
            let chunk = group.columns_under_root_iter(column).unwrap().next();
            let statistics = chunk.unwrap().statistics(&meta.footer_buf).unwrap();
            let Ok(Statistics::Binary(texts)) = statistics else {
                panic!("a column of texts has statistics of texts");
            };
            let (least, most) = (texts.min_value.unwrap(), texts.max_value.unwrap());
            all += group.num_rows();
            if (&least[..]..=&most[..]).contains(&text.as_bytes()) {
                read += group.num_rows();
            }
        }
        (read, all)
    }

    /// 16 row groups: 4 by 4 of visitors and products.
    #[test]
    fn a_visitor_or_a_product_is_looked_for_in_few_row_groups_of_the_events() {
        const EVENTS: usize = 131_072;
        // A sequence without pattern, and the same each time.
        let mut state = 1_u64;
        let mut next = |values: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % values
        };
        let schema = gold(DataSet::Events);
        let columns = schema.fields.iter().map(|field| {
            let mut texts = |values| -> Vec<String> {
                (0..EVENTS)
                    .map(|_| format!("{:05}", next(values)))
                    .collect()
            };
            match (field.name, field.kind) {
                ("visitor", _) => Column::new(field.name.into(), texts(900)),
                ("sku", _) => Column::new(field.name.into(), texts(700)),
                (name, Kind::Text) => Column::full_null(name.into(), EVENTS, &DataType::String),
                (name, Kind::Int) => Column::new(name.into(), vec![20_000_i32; EVENTS]),
                (name, Kind::Long) => {
                    Column::new(name.into(), (0..EVENTS as i64).collect::<Vec<_>>())
                }
            }
        });
        let mut frame = DataFrame::new(EVENTS, columns.collect()).unwrap();
        let in_z_order = encoded(frame.clone(), schema).unwrap().bytes;
        let as_they_came = encode(&mut frame).unwrap().bytes;
        for column in ["visitor", "sku"] {
            for text in ["00007", "00350", "00650"] {
                assert_eq!(rows_read(&as_they_came, column, text), (EVENTS, EVENTS));
                let (read, all) = rows_read(&in_z_order, column, text);
                assert_eq!(all, EVENTS);
                // A quarter, and where a value is just at the end of a quarter, two.
                assert!(read <= EVENTS / 2, "{column} {text}: {read} rows");
            }
        }
    }
}
