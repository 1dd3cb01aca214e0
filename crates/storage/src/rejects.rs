use crate::{StorageError, TenantTx, convert::*};
use serde_json::Value;
use types::{Page, UploadId};

/// A line that was not accepted, as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reject {
    /// Number of the data record in the file, from 1.
    pub record: u64,
    pub body: Value,
}

impl TenantTx {
    /// Adds rejected lines. A record that is there already stays as it is: a repeated run writes the same.
    pub async fn insert_rejects(
        &mut self,
        id: UploadId,
        rejects: &[Reject],
    ) -> Result<(), StorageError> {
        for reject in rejects {
            sql!(self.connection => execute,
                "insert into upload_rejects (tenant_id, upload_id, record, body) values ($1, $2, $3, $4)
                 on conflict (tenant_id, upload_id, record) do nothing",
                self.tenant.0, id.0, signed(reject.record), reject.body.to_string())?;
        }
        Ok(())
    }

    pub async fn clear_rejects(&mut self, id: UploadId) -> Result<(), StorageError> {
        sql!(self.connection => execute,
            "delete from upload_rejects where tenant_id = $1 and upload_id = $2", self.tenant.0, id.0)?;
        Ok(())
    }

    /// By record number.
    pub async fn rejects(
        &mut self,
        id: UploadId,
        offset: u64,
        limit: u32,
    ) -> Result<Page<Reject>, StorageError> {
        let (total,) = sql!(self.connection => fetch_one (i64,),
            "select count(*) from upload_rejects where tenant_id = $1 and upload_id = $2",
            self.tenant.0, id.0)?;
        let items = sql!(self.connection => fetch_all (i64, String),
            "select record, body from upload_rejects where tenant_id = $1 and upload_id = $2
             order by record limit $3 offset $4",
            self.tenant.0, id.0, i64::from(limit), signed(offset))?
        .into_iter()
        .map(|(record, body)| {
            Ok(Reject {
                record: unsigned(record),
                body: json(&body)?,
            })
        })
        .collect::<Result<_, StorageError>>()?;
        Ok(Page {
            items,
            total: unsigned(total),
            offset,
        })
    }
}
