//! What went wrong with work that nobody waits for, as a code that every language has words for.

use crate::uploads::UploadError;
use ingest::ReadError;
use lake::LakeError;
use objects::{ObjectError, PlaceError};
use std::error::Error;
use std::io;
use storage::Problem;

/// The database did not do what it should.
const DATABASE: &str = "work_database";
/// Files of the server cannot be read or written.
const FILES: &str = "work_files";
const FILE_GONE: &str = "work_file_gone";
const DISK_FULL: &str = "work_disk_full";
/// The file that was sent cannot be read.
pub(crate) const FILE: &str = "work_file";
const OUTDATED: &str = "work_outdated";
/// Something else happened to the upload meanwhile.
const STATE: &str = "work_state";
/// The product's own fault.
pub(crate) const INTERNAL: &str = "work_internal";

pub(crate) fn code(error: &UploadError) -> &'static str {
    if is_full(error) {
        return DISK_FULL;
    }
    match error {
        UploadError::Storage(_) => DATABASE,
        UploadError::Objects(error) | UploadError::Lake(LakeError::Objects(error)) => {
            of_object(error)
        }
        UploadError::Io(_) | UploadError::Lake(LakeError::Seen(_)) => FILES,
        UploadError::Read(error) | UploadError::Lake(LakeError::Read(error)) => of_reading(error),
        UploadError::Lake(LakeError::Outdated(_)) => OUTDATED,
        UploadError::State { .. } | UploadError::NotFound | UploadError::Offset { .. } => STATE,
        _ => INTERNAL,
    }
}

fn of_object(error: &ObjectError) -> &'static str {
    match error.is_not_found() {
        true => FILE_GONE,
        false => FILES,
    }
}

fn of_reading(error: &ReadError) -> &'static str {
    match error {
        ReadError::Io(_) => FILES,
        _ => FILE,
    }
}

/// Whoever met it first.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        let met = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if met == Some(io::ErrorKind::StorageFull) {
            return true;
        }
        at = error.source();
    }
    false
}

/// What is wrong with a watched place, or with one of its files.
pub(crate) fn of_place(error: &PlaceError) -> Problem {
    let (code, about) = match error {
        PlaceError::Url(place) => ("place_url", Some(("place", place))),
        PlaceError::NotAllowed(place) => ("place_not_allowed", Some(("place", place))),
        PlaceError::Folder { path, source } if source.kind() == io::ErrorKind::NotFound => {
            ("place_missing", Some(("place", path)))
        }
        PlaceError::Folder { path, .. } => ("place_closed", Some(("place", path))),
        PlaceError::NotAFile { name } => ("place_link", Some(("file", name))),
        PlaceError::Read { name, .. } => ("place_unreadable", Some(("file", name))),
        PlaceError::Changed { name } => ("place_changing", Some(("file", name))),
        PlaceError::Store(_) => ("place_store", None),
        PlaceError::Objects(error) => (of_object(error), None),
        PlaceError::Task(_) => (INTERNAL, None),
    };
    let about = about.map(|(name, value)| (name.to_owned(), value.clone()));
    Problem {
        code: code.to_owned(),
        message: error.to_string(),
        params: about.into_iter().collect(),
    }
}

/// As [`code`], with its words.
pub(crate) fn of_upload(error: &UploadError) -> Problem {
    let mut problem = Problem {
        code: code(error).to_owned(),
        message: error.to_string(),
        ..Problem::default()
    };
    if let UploadError::TooLarge { size, limit } = error {
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000).to_string();
        problem.code = "too_large".to_owned();
        problem.params = [
            ("size".to_owned(), megabytes(*size)),
            ("limit".to_owned(), (limit / 1_000_000).to_string()),
        ]
        .into();
    }
    problem
}
