use crate::{StorageError, TenantTx, convert::*};
use jiff::Timestamp;
use serde_json::Value;

/// What a tenant decided about files with one header.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    pub decisions: Value,
    pub used_at: Timestamp,
}

impl TenantTx {
    pub async fn mapping(&mut self, fingerprint: &str) -> Result<Option<Mapping>, StorageError> {
        sql!(self.connection => fetch_optional (String, i64),
            "select decisions, used_at from mappings where tenant_id = $1 and fingerprint = $2",
            self.tenant.0, fingerprint)?
        .map(|(decisions, used_at)| {
            Ok(Mapping {
                decisions: json(&decisions)?,
                used_at: time(used_at)?,
            })
        })
        .transpose()
    }

    pub async fn forget_mapping(&mut self, fingerprint: &str) -> Result<(), StorageError> {
        sql!(self.connection => execute,
            "delete from mappings where tenant_id = $1 and fingerprint = $2", self.tenant.0, fingerprint)?;
        Ok(())
    }

    /// Remembers, in place of what was remembered before.
    pub async fn put_mapping(
        &mut self,
        fingerprint: &str,
        decisions: &Value,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into mappings (tenant_id, fingerprint, decisions, used_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, fingerprint) do update
             set decisions = excluded.decisions, used_at = excluded.used_at",
            self.tenant.0, fingerprint, decisions.to_string(), now)?;
        Ok(())
    }
}
