//! Many parts into one object.

use crate::ObjectError;
use bytes::BytesMut;
use futures::StreamExt;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};

/// What became of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the whole, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

#[derive(Default)]
pub(crate) struct Hasher {
    sha256: Sha256,
    size: u64,
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub(crate) fn finish(self) -> Composed {
        let digest = self.sha256.finalize();
        Composed {
            size: self.size,
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// S3 refuses smaller parts but the last, and wants all of one size.
const PART: usize = 8 << 20;

pub(crate) async fn by_multipart(
    store: &dyn ObjectStore,
    parts: &[Path],
    target: &Path,
) -> Result<Composed, ObjectError> {
    let mut upload = store
        .put_multipart(target)
        .await
        .map_err(|error| ObjectError::store(target, error))?;
    match send(store, parts, target, &mut *upload).await {
        Ok(composed) => Ok(composed),
        Err(error) => {
            // The first error is the one to tell; what stays of the upload is never seen under `target`.
            drop(upload.abort().await);
            Err(error)
        }
    }
}

async fn send(
    store: &dyn ObjectStore,
    parts: &[Path],
    target: &Path,
    upload: &mut dyn MultipartUpload,
) -> Result<Composed, ObjectError> {
    let wrong = |error| ObjectError::store(target, error);
    let mut hasher = Hasher::default();
    let mut pending = BytesMut::new();
    for part in parts {
        let wrong_part = |error| ObjectError::store(part, error);
        let mut pieces = store.get(part).await.map_err(wrong_part)?.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(wrong_part)?;
            hasher.update(&piece);
            pending.extend_from_slice(&piece);
            while pending.len() >= PART {
                let full = pending.split_to(PART).freeze();
                upload.put_part(full.into()).await.map_err(wrong)?;
            }
        }
    }
    upload
        .put_part(pending.freeze().into())
        .await
        .map_err(wrong)?;
    upload.complete().await.map_err(wrong)?;
    Ok(hasher.finish())
}
