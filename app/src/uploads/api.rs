use api::{
    ApiError, Json,
    uploads::{Change, Fix, Listing, MendTable, Part, Person, Row, Upload},
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use types::{Page, UploadId};

/// The last uploads.
#[server(endpoint = "uploads/recent", input = Json, output = Json)]
pub async fn recent() -> Result<Vec<Row>, ApiError> {
    let on = crate::entry::enter("uploads/recent")?;
    let found = native::rows(&on, &native::newest()).await;
    on.answer(found, |page| page.items)
}

#[server(endpoint = "uploads/list", input = Json, output = Json)]
pub async fn list(listing: Listing) -> Result<Page<Row>, ApiError> {
    let on = crate::entry::enter("uploads/list")?;
    let found = native::list(&on, &listing).await;
    on.answer(found, |page| page)
}

/// Everybody whose uploads the list can be narrowed to.
#[server(endpoint = "uploads/senders", input = Json, output = Json)]
pub async fn senders() -> Result<Vec<Person>, ApiError> {
    let on = crate::entry::enter("uploads/senders")?;
    let found = native::senders(&on).await;
    on.answer(found, |people| people)
}

/// With what its page shows: the preview, or the refused records from `page`, counted from 0.
#[server(endpoint = "uploads/get", input = Json, output = Json)]
pub async fn get(id: UploadId, page: u64) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/get")?;
    native::whole(&on, id, page).await
}

/// Of one file or several, whose bytes are then sent as one stream, in this order; `parent` is the upload whose refused
/// records they correct, where the file does not say so itself.
#[server(endpoint = "uploads/begin", input = Json, output = Json)]
pub async fn begin(parts: Vec<Part>, parent: Option<UploadId>) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/begin")?;
    let begun = native::begin(&on, parts, parent).await;
    native::answer(&on, begun).await
}

/// All bytes were sent.
#[server(endpoint = "uploads/complete", input = Json, output = Json)]
pub async fn complete(id: UploadId) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/complete")?;
    let looked_at = native::uploads::complete_apart(&on.backend, &on.ctx, id).await;
    native::answer(&on, looked_at.map(|(upload, _)| upload)).await
}

/// Answers and mapping of the wizard's form: `decisions[date_order]=dmy`, `decisions[map.3]=quantity`.
#[server(endpoint = "uploads/decide", output = Json)]
pub async fn decide(
    id: UploadId,
    #[server(default)] decisions: BTreeMap<String, String>,
) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/decide")?;
    let decided = native::decide(&on, id, decisions).await;
    native::answer(&on, decided).await
}

#[server(endpoint = "uploads/start", output = Json)]
pub async fn start(id: UploadId) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/start")?;
    let started = native::uploads::start(&on.backend, &on.ctx, id).await;
    native::answer(&on, started).await
}

/// Undoes an import, brings it back, reads the file again, or tries again.
#[server(name = ChangeUpload, endpoint = "uploads/change", output = Json)]
pub async fn change(id: UploadId, what: Change) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/change")?;
    let changed = native::change(&on, id, what).await;
    native::answer(&on, changed).await
}

/// Reads the file again, with these values in the place of what stands in it.
#[server(name = CorrectUpload, endpoint = "uploads/correct", output = Json)]
pub async fn correct(id: UploadId, #[server(default)] fixes: Vec<Fix>) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/correct")?;
    let corrected = native::correct(&on, id, fixes).await;
    native::answer(&on, corrected).await
}

/// Records that can be mended, from `page`, counted from 0. `None`: the records of this file are no rows.
#[server(name = MendableRecords, endpoint = "uploads/records", input = Json, output = Json)]
pub async fn records(id: UploadId, page: u64) -> Result<Option<MendTable>, ApiError> {
    let on = crate::entry::enter("uploads/records")?;
    let found = native::mending::records(&on, id, page).await;
    on.answer(found, |table| table)
}

/// Reads the file again with these cells: `cells[r17.3]` is column 3 of record 17; `like[r17]`, that what is changed in
/// the record is changed in all that have the same value. The letter is there because a form's key that begins with a
/// digit is taken for a place in a list.
#[server(name = MendRecords, endpoint = "uploads/mend", output = Json)]
pub async fn mend(
    id: UploadId,
    #[server(default)] cells: BTreeMap<String, String>,
    #[server(default)] like: BTreeMap<String, String>,
) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/mend")?;
    let mended = native::mending::mend(&on, id, &cells, &like).await;
    native::answer(&on, mended).await
}

#[server(endpoint = "uploads/cancel", output = Json)]
pub async fn cancel(id: UploadId) -> Result<Upload, ApiError> {
    let on = crate::entry::enter("uploads/cancel")?;
    let cancelled = native::uploads::cancel(&on.backend, &on.ctx, id).await;
    native::answer(&on, cancelled).await
}

#[cfg(not(target_arch = "wasm32"))]
mod native;
