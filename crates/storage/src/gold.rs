use crate::{StorageError, TenantTx, convert::*};
use jiff::Timestamp;
use serde_json::Value;
use types::Day;

/// The state of a data set's roll-ups. A figure computed at one version is right for as long as the version stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gold {
    /// 0 before the first import.
    pub version: i64,
    /// The last day with data.
    pub data_through: Option<Day>,
    pub updated_at: Option<Timestamp>,
    /// Versions of the lake's tables that belong together; `None` before the first import.
    pub tables: Option<Value>,
}

impl TenantTx {
    pub async fn gold(&mut self, data_set: &str) -> Result<Gold, StorageError> {
        let row = sql!(self.connection => fetch_optional (i64, Option<i64>, i64, String),
            "select version, data_through, updated_at, tables from gold_versions where tenant_id = $1 and data_set = $2",
            self.tenant.0, data_set)?;
        let Some((version, data_through, updated_at, tables)) = row else {
            return Ok(Gold {
                version: 0,
                data_through: None,
                updated_at: None,
                tables: None,
            });
        };
        Ok(Gold {
            version,
            data_through: data_through.map(day).transpose()?,
            updated_at: Some(time(updated_at)?),
            tables: Some(json(&tables)?),
        })
    }

    /// Raises the version by one and returns it.
    pub async fn bump_gold(
        &mut self,
        data_set: &str,
        data_through: Option<Day>,
        tables: &Value,
    ) -> Result<i64, StorageError> {
        let now = self.now().as_microsecond();
        let (version,) = sql!(self.connection => fetch_one (i64,),
            "insert into gold_versions (tenant_id, data_set, version, data_through, updated_at, tables)
             values ($1, $2, 1, $3, $4, $5)
             on conflict (tenant_id, data_set) do update
             set version = gold_versions.version + 1, data_through = excluded.data_through,
                 updated_at = excluded.updated_at, tables = excluded.tables
             returning version",
            self.tenant.0, data_set, data_through.map(|day| i64::from(day.0)), now, tables.to_string())?;
        sql!(self.connection => execute,
            "insert into gold_history (tenant_id, data_set, version, tables, data_through, made_known_at)
             values ($1, $2, $3, $4, $5, $6)",
            self.tenant.0, data_set, version, tables.to_string(), data_through.map(|day| i64::from(day.0)), now)?;
        Ok(version)
    }

    /// The data set as everybody saw it at a time; `None` where there was nothing of it yet.
    pub async fn gold_known_at(
        &mut self,
        data_set: &str,
        at: Timestamp,
    ) -> Result<Option<Gold>, StorageError> {
        let row = sql!(self.connection => fetch_optional (i64,),
            "select version from gold_history
             where tenant_id = $1 and data_set = $2 and made_known_at <= $3
             order by version desc limit 1",
            self.tenant.0, data_set, at.as_microsecond())?;
        match row {
            Some((version,)) => self.gold_at(data_set, version).await,
            None => Ok(None),
        }
    }

    /// The data set as it was in a version; `None` where there was none of that number.
    pub async fn gold_at(
        &mut self,
        data_set: &str,
        version: i64,
    ) -> Result<Option<Gold>, StorageError> {
        let row = sql!(self.connection => fetch_optional (Option<i64>, i64, String),
            "select data_through, made_known_at, tables from gold_history
             where tenant_id = $1 and data_set = $2 and version = $3",
            self.tenant.0, data_set, version)?;
        row.map(|(data_through, made_known_at, tables)| {
            Ok(Gold {
                version,
                data_through: data_through.map(day).transpose()?,
                updated_at: Some(time(made_known_at)?),
                tables: Some(json(&tables)?),
            })
        })
        .transpose()
    }
}

fn day(number: i64) -> Result<Day, StorageError> {
    i32::try_from(number)
        .map(Day)
        .map_err(|_| StorageError::Corrupt(format!("day {number}")))
}
