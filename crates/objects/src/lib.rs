//! Where bytes lie: uploaded files and the lake's tables, in a folder or in memory (tests), by URL.
//!
//! Paths are relative, `/`-separated, without `.` and `..`. An object appears whole or not at all.
//! In a folder a `put`, `compose` and `delete` that returned has also reached the disk: the file and the
//! folders above it are synced, so that what was acknowledged survives a power cut.
//!
//! Architecture Invariant: nothing here knows tenants or what the bytes mean; callers choose the paths.

mod compose;
mod folder;
mod place;
mod reader;
mod window;

pub use compose::Composed;
pub use place::{Allowed, Found, Place, PlaceError, Root};
pub use reader::Reader;
pub use window::{Window, WindowReader};

use bytes::Bytes;
use folder::Folder;
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path,
};
use std::{fmt, io, ops::Range, path::PathBuf, sync::Arc};
use thiserror::Error;
use url::Url;

#[derive(Debug, Error)]
pub enum ObjectError {
    #[error("`{url}` is not a place for files: {reason}")]
    Url { url: String, reason: String },
    #[error(
        "`{scheme}:` is not built in yet: files can lie in a folder (file:///absolute/path) or in memory (memory:)"
    )]
    Scheme { scheme: String },
    #[error("`{path}` is not a valid path of an object")]
    Path { path: String },
    #[error("there is no object `{path}`")]
    NotFound { path: String },
    #[error("`{path}` could not be read or written: {source}")]
    Io { path: String, source: io::Error },
    #[error("`{path}`: {source}")]
    Store {
        path: String,
        source: object_store::Error,
    },
}

impl ObjectError {
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    fn store(path: &Path, source: object_store::Error) -> Self {
        let path = path.to_string();
        match source {
            object_store::Error::NotFound { .. } => Self::NotFound { path },
            source => Self::Store { path, source },
        }
    }

    fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_string();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            _ => Self::Io { path, source },
        }
    }
}

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Microseconds UTC, by the store's clock.
    pub modified: i64,
}

impl From<ObjectMeta> for Entry {
    fn from(meta: ObjectMeta) -> Self {
        Self {
            path: meta.location.to_string(),
            size: meta.size,
            modified: meta.last_modified.timestamp_micros(),
        }
    }
}

/// A store of objects. Cheap to clone; clones see the same objects.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    folder: Option<Folder>,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Objects({})", self.store)
    }
}

impl Objects {
    /// `file:///absolute/folder` (made when missing) or `memory:`.
    ///
    /// # Errors
    /// An address that is none of these, or a folder that cannot be made.
    pub fn open(address: &str) -> Result<Self, ObjectError> {
        let wrong = |reason: String| ObjectError::Url {
            url: address.to_owned(),
            reason,
        };
        let url = Url::parse(address).map_err(|error| wrong(error.to_string()))?;
        match url.scheme() {
            "memory" => Ok(Self {
                store: Arc::new(InMemory::new()),
                folder: None,
            }),
            "file" => {
                let root = url
                    .to_file_path()
                    .map_err(|()| wrong("write it as file:///absolute/path".to_owned()))?;
                folder::create_durably(&root)
                    .map_err(|error| wrong(format!("the folder cannot be made: {error}")))?;
                let store = LocalFileSystem::new_with_prefix(&root)
                    .map_err(|error| wrong(error.to_string()))?;
                let store = Arc::new(store);
                Ok(Self {
                    folder: Some(Folder::new(Arc::clone(&store))),
                    store,
                })
            }
            scheme => Err(ObjectError::Scheme {
                scheme: scheme.to_owned(),
            }),
        }
    }

    /// Writes the whole object, replacing one of the same path.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), ObjectError> {
        let location = location(path)?;
        match &self.folder {
            Some(folder) => folder.put(location, bytes).await,
            None => self
                .store
                .put(&location, bytes.into())
                .await
                .map(drop)
                .map_err(|error| ObjectError::store(&location, error)),
        }
    }

    pub async fn get(&self, path: &str) -> Result<Bytes, ObjectError> {
        let location = location(path)?;
        let wrong = |error| ObjectError::store(&location, error);
        let found = self.store.get(&location).await.map_err(wrong)?;
        found.bytes().await.map_err(wrong)
    }

    /// The bytes at `range` from 0, cut where the object ends; empty where the range lies behind its end.
    pub async fn get_range(&self, path: &str, range: Range<u64>) -> Result<Bytes, ObjectError> {
        let location = location(path)?;
        let end = range.end.min(self.size(path).await?);
        if range.start >= end {
            return Ok(Bytes::new());
        }
        self.store
            .get_range(&location, range.start..end)
            .await
            .map_err(|error| ObjectError::store(&location, error))
    }

    /// Bytes.
    pub async fn size(&self, path: &str) -> Result<u64, ObjectError> {
        let location = location(path)?;
        match self.store.head(&location).await {
            Ok(meta) => Ok(meta.size),
            Err(error) => Err(ObjectError::store(&location, error)),
        }
    }

    pub async fn exists(&self, path: &str) -> Result<bool, ObjectError> {
        match self.size(path).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The object from its start, in pieces of at most 1 MiB from a folder, of the store's choosing elsewhere.
    pub async fn stream(
        &self,
        path: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, ObjectError>> + Send + use<>, ObjectError> {
        let location = location(path)?;
        if let Some(folder) = &self.folder {
            return Ok(folder.stream(location).await?.boxed());
        }
        let found = self
            .store
            .get(&location)
            .await
            .map_err(|error| ObjectError::store(&location, error))?;
        Ok(found
            .into_stream()
            .map_err(move |error| ObjectError::store(&location, error))
            .boxed())
    }

    /// Removes the object; one that is not there is no error.
    pub async fn delete(&self, path: &str) -> Result<(), ObjectError> {
        let location = location(path)?;
        let outcome = match &self.folder {
            Some(folder) => folder.delete(location).await,
            None => self
                .store
                .delete(&location)
                .await
                .map_err(|error| ObjectError::store(&location, error)),
        };
        match outcome {
            Err(error) if error.is_not_found() => Ok(()),
            outcome => outcome,
        }
    }

    /// Removes every object below `prefix/`, and in a folder the folder itself with what unfinished writes left.
    pub async fn delete_prefix(&self, prefix: &str) -> Result<(), ObjectError> {
        let location = location(prefix)?;
        match &self.folder {
            Some(folder) => folder.delete_below(location).await,
            None => {
                let found = self
                    .store
                    .list(Some(&location))
                    .map_ok(|meta| meta.location);
                self.store
                    .delete_stream(found.boxed())
                    .try_for_each(|_| async { Ok(()) })
                    .await
                    .map_err(|error| ObjectError::store(&location, error))
            }
        }
    }

    /// Every object below `prefix/` (all for an empty prefix), in order of path.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Entry>, ObjectError> {
        let prefix = match prefix {
            "" => None,
            prefix => Some(location(prefix)?),
        };
        let found: BoxStream<'_, _> = self.store.list(prefix.as_ref());
        let mut entries: Vec<Entry> = found
            .map_ok(Entry::from)
            .try_collect()
            .await
            .map_err(|error| ObjectError::store(&prefix.unwrap_or_default(), error))?;
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// Joins `parts`, in this order, into the object `to`, hashing on the way. `to` appears only when it is
    /// whole; the parts stay. Memory: a few megabytes whatever the sizes.
    pub async fn compose(&self, parts: &[String], to: &str) -> Result<Composed, ObjectError> {
        let target = location(to)?;
        let parts = parts
            .iter()
            .map(|part| location(part))
            .collect::<Result<Vec<_>, _>>()?;
        match &self.folder {
            Some(folder) => folder.compose(parts, target).await,
            None => compose::by_multipart(&*self.store, &parts, &target).await,
        }
    }

    /// The file behind an object where the store is a folder, whether or not it is there. For readers only.
    pub fn local_path(&self, path: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        folder.file_of(&location(path).ok()?).ok()
    }

    /// A blocking view for readers that know `std::io` only. To be called, and read, on a blocking thread
    /// (`tokio::task::spawn_blocking`) of a runtime.
    pub fn reader(&self, path: &str) -> Result<Reader, ObjectError> {
        let location = location(path)?;
        match &self.folder {
            Some(folder) => folder.open(&location).map(Reader::file),
            None => Reader::ranged(Arc::clone(&self.store), location),
        }
    }

    /// As [`Self::reader`], of a part of an object.
    pub fn window(&self, window: &Window) -> Result<WindowReader, ObjectError> {
        let reader = self.reader(&window.path)?;
        WindowReader::new(reader, window.bytes.clone()).map_err(|source| ObjectError::Io {
            path: window.path.clone(),
            source,
        })
    }

    pub async fn stream_window(
        &self,
        window: &Window,
    ) -> Result<impl Stream<Item = Result<Bytes, ObjectError>> + Send + use<>, ObjectError> {
        // Ranged reads rather than one stream: a part is small, or is read from the middle of a large object.
        let (objects, path) = (self.clone(), window.path.clone());
        let Range { start, end } = window.bytes;
        self.size(&path).await?;
        Ok(futures::stream::try_unfold(start, move |at| {
            let (objects, path) = (objects.clone(), path.clone());
            async move {
                if at >= end {
                    return Ok(None);
                }
                let to = end.min(at + PIECE);
                let piece = objects.get_range(&path, at..to).await?;
                if piece.is_empty() {
                    return Err(ObjectError::Io {
                        path,
                        source: io::ErrorKind::UnexpectedEof.into(),
                    });
                }
                let next = at + piece.len() as u64;
                Ok(Some((piece, next)))
            }
        }))
    }
}

/// Bytes of a ranged read that is handed on as it is.
const PIECE: u64 = 4 << 20;

fn location(path: &str) -> Result<Path, ObjectError> {
    let wrong = || ObjectError::Path {
        path: path.to_owned(),
    };
    let parsed = Path::parse(path).map_err(|_| wrong())?;
    let name = parsed.filename().ok_or_else(wrong)?;
    // `name#7` is how a folder store calls an unfinished write.
    match name.rsplit_once('#') {
        Some((_, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Err(wrong()),
        _ => Ok(parsed),
    }
}
