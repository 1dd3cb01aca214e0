use crate::{StorageError, TenantTx, convert::*, uploads::found};
use serde_json::Value;
use types::UploadId;

impl TenantTx {
    /// What was found out last about what an import would bring; `None` where nobody asked yet.
    pub async fn preview(&mut self, id: UploadId) -> Result<Option<Value>, StorageError> {
        let row = sql!(self.connection => fetch_optional (Option<String>,),
            "select preview from uploads where tenant_id = $1 and id = $2", self.tenant.0, id.0)?;
        json_or_none(row.and_then(|(preview,)| preview))
    }

    pub async fn save_preview(
        &mut self,
        id: UploadId,
        preview: &Value,
    ) -> Result<(), StorageError> {
        let changed = sql!(self.connection => execute,
            "update uploads set preview = $3 where tenant_id = $1 and id = $2",
            self.tenant.0, id.0, preview.to_string())?;
        found(changed)
    }
}
