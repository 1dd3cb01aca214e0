use api::{
    ApiError, Json,
    tables::{Table, TableAsked},
};
use leptos::prelude::*;

/// A page of a table's current rows.
#[server(name = ReadRows, endpoint = "tables/rows", input = Json, output = Json)]
pub async fn rows(asked: TableAsked) -> Result<Table, ApiError> {
    let on = crate::entry::enter("tables/rows")?;
    let found = native::rows(&on, &asked).await;
    on.answer(found, |found| found)
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::entry::{Entered, IntoApi, moment};
    use api::{
        ApiError, Code,
        tables::{Column, ROWS, Table, TableAsked, Value},
    };
    use backend::{
        data_sets::{self, TableError},
        ingest::{Value as Stored, ValueKind},
        lake::{self, TableColumn, TableRows},
        lineage,
        uploads::UploadError,
    };
    use jiff::{Timestamp, tz::TimeZone};
    use std::collections::HashMap;
    use types::{Currency, Day, Micros, UploadId};

    /// Where a row was read: the column of the upload's id.
    const UPLOAD: &str = "upload";

    impl IntoApi for TableError {
        fn into_api(self) -> ApiError {
            match self {
                Self::NoVersion(_) | Self::Gone(_) => ApiError::of(Code::NotFound),
                Self::Other(error) => error.into_api(),
            }
        }
    }

    pub async fn rows(on: &Entered, asked: &TableAsked) -> Result<Table, TableError> {
        let not_found = TableError::Other(UploadError::NotFound);
        let table = lake::Table::from_id(&asked.table).ok_or(not_found)?;
        let offset = asked.page.min(1_000_000) * ROWS;
        let (backend, ctx) = (&on.backend, &on.ctx);
        let page = (offset, ROWS as u32);
        let found = data_sets::found(backend, ctx, table, None, &asked.text, page).await?;
        let at = found.rows.columns.iter().position(|c| c.name == UPLOAD);
        let uploads =
            found
                .rows
                .page
                .items
                .iter()
                .filter_map(|row| match row.0.get(at?)?.as_ref()? {
                    Stored::Text(id) => id.parse().ok(),
                    Stored::Number(_) => None,
                });
        let around = Around {
            names: lineage::file_names(backend, ctx, uploads)
                .await
                .map_err(TableError::Other)?,
            zone: zone(on).await.map_err(TableError::Other)?,
        };
        Ok(around.table(table, found.version, found.rows))
    }

    async fn zone(on: &Entered) -> Result<TimeZone, UploadError> {
        let mut tx = on.backend.storage.tenant_read(&on.ctx).await?;
        let tenant = tx.own_tenant().await?;
        tx.commit().await?;
        Ok(TimeZone::get(&tenant.timezone).unwrap_or(TimeZone::UTC))
    }

    struct Around {
        names: HashMap<UploadId, String>,
        zone: TimeZone,
    }

    impl Around {
        fn table(&self, table: lake::Table, version: i64, rows: TableRows) -> Table {
            let columns = rows.columns;
            let currency = columns.iter().position(|c| c.name == "currency");
            Table {
                id: table.id().to_owned(),
                version,
                page: rows.page.map(|row| {
                    let currency = currency.and_then(|at| row.0.get(at)?.as_ref()).and_then(
                        |value| match value {
                            Stored::Text(code) => code.parse().ok(),
                            Stored::Number(_) => None,
                        },
                    );
                    let cells = columns.iter().zip(row.0);
                    cells
                        .map(|(column, value)| Some(self.value(column, value?, currency)))
                        .collect()
                }),
                columns: columns
                    .iter()
                    .map(|column| Column {
                        id: column.name.to_owned(),
                        is_figure: matches!(
                            column.kind,
                            ValueKind::Money
                                | ValueKind::Quantity
                                | ValueKind::Count
                                | ValueKind::Rate
                        ),
                    })
                    .collect(),
            }
        }

        fn value(&self, column: &TableColumn, value: Stored, currency: Option<Currency>) -> Value {
            let number = match &value {
                Stored::Text(text) => {
                    return match text.parse::<UploadId>() {
                        Ok(id) if column.name == UPLOAD => Value::File {
                            id,
                            name: self.names.get(&id).cloned().unwrap_or_default(),
                        },
                        _ => Value::Text(text.to_string()),
                    };
                }
                Stored::Number(number) => *number,
            };
            match column.kind {
                ValueKind::Money => Value::Money {
                    amount: Micros(number),
                    currency,
                },
                ValueKind::Quantity => Value::Quantity(Micros(number)),
                ValueKind::Count => Value::Count(number),
                ValueKind::Flag => Value::Flag(number != 0),
                ValueKind::Day => match i32::try_from(number) {
                    Ok(day) => Value::Day(Day(day)),
                    Err(_) => Value::Count(number),
                },
                ValueKind::Moment => match Timestamp::from_microsecond(number) {
                    Ok(at) => Value::Moment(moment(at, &self.zone)),
                    Err(_) => Value::Count(number),
                },
                ValueKind::Rate => Value::Rate(data_sets::text(column.kind, &value)),
                ValueKind::Text | ValueKind::Code | ValueKind::Email | ValueKind::Currency => {
                    Value::Count(number)
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use api::tables::TABLES;

        #[test]
        fn every_table_on_offer_is_there_and_only_orders_stand_elsewhere() {
            let mut offered = TABLES.to_vec();
            offered.push("orders");
            offered.sort_unstable();
            let mut there: Vec<&str> = lake::Table::all().map(lake::Table::id).collect();
            there.sort_unstable();
            assert_eq!(offered, there);
        }
    }
}
