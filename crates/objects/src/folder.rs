//! Writing to a folder so that it lasts: unfinished file, sync, rename, sync of the folder.
//!
//! `object_store` does the first and the third only; after a power cut its renamed file may be empty.

use crate::{Composed, ObjectError, compose::Hasher};
use bytes::Bytes;
use futures::{Stream, stream};
use object_store::{local::LocalFileSystem, path::Path};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{self, PathBuf},
    sync::Arc,
};
use tokio::task::{JoinError, spawn_blocking};

const BUFFER: usize = 1 << 20;

#[derive(Clone)]
pub(crate) struct Folder(Arc<LocalFileSystem>);

impl Folder {
    pub(crate) fn new(store: Arc<LocalFileSystem>) -> Self {
        Self(store)
    }

    pub(crate) fn file_of(&self, location: &Path) -> Result<PathBuf, ObjectError> {
        self.0
            .path_to_filesystem(location)
            .map_err(|error| ObjectError::store(location, error))
    }

    pub(crate) fn open(&self, location: &Path) -> Result<File, ObjectError> {
        File::open(self.file_of(location)?).map_err(|error| ObjectError::io(location, error))
    }

    /// `object_store` would hand out 8 KiB at a time, each by way of another thread.
    pub(crate) async fn stream(
        &self,
        location: Path,
    ) -> Result<impl Stream<Item = Result<Bytes, ObjectError>> + Send + 'static, ObjectError> {
        let path = self.file_of(&location)?;
        let file = blocking(location.clone(), move || File::open(path)).await?;
        Ok(stream::try_unfold(file, move |file| {
            blocking(location.clone(), move || {
                let mut piece = Vec::with_capacity(BUFFER);
                (&file).take(BUFFER as u64).read_to_end(&mut piece)?;
                Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
            })
        }))
    }

    pub(crate) async fn put(&self, location: Path, bytes: Bytes) -> Result<(), ObjectError> {
        let target = self.file_of(&location)?;
        blocking(location, move || {
            let mut staged = Staged::beside(target)?;
            staged.file.write_all(&bytes)?;
            staged.finish()
        })
        .await
    }

    pub(crate) async fn delete(&self, location: Path) -> Result<(), ObjectError> {
        let target = self.file_of(&location)?;
        blocking(location, move || {
            fs::remove_file(&target)?;
            sync_parent(&target)
        })
        .await
    }

    pub(crate) async fn delete_below(&self, location: Path) -> Result<(), ObjectError> {
        let target = self.file_of(&location)?;
        blocking(location, move || {
            match fs::remove_dir_all(&target) {
                Err(error)
                    if matches!(
                        error.kind(),
                        // An object of exactly this path is not below it.
                        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                    ) =>
                {
                    Ok(())
                }
                outcome => outcome.and_then(|()| sync_parent(&target)),
            }
        })
        .await
    }

    pub(crate) async fn compose(
        &self,
        parts: Vec<Path>,
        location: Path,
    ) -> Result<Composed, ObjectError> {
        let target = self.file_of(&location)?;
        let folder = self.clone();
        let joined = spawn_blocking(move || {
            let wrong = |error| ObjectError::io(&location, error);
            let mut staged = Staged::beside(target).map_err(wrong)?;
            let mut hasher = Hasher::default();
            let mut buffer = vec![0; BUFFER];
            for part in &parts {
                let mut file = folder.open(part)?;
                loop {
                    let n = file
                        .read(&mut buffer)
                        .map_err(|error| ObjectError::io(part, error))?;
                    if n == 0 {
                        break;
                    }
                    hasher.update(&buffer[..n]);
                    staged.file.write_all(&buffer[..n]).map_err(wrong)?;
                }
            }
            staged.finish().map_err(wrong)?;
            Ok(hasher.finish())
        });
        joined.await.unwrap_or_else(resume)
    }
}

/// Makes the folder and those above it, each recorded in its parent on disk.
pub(crate) fn create_durably(folder: &path::Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_durably(parent)?;
    }
    match fs::create_dir(folder) {
        // Another writer made it in between.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        outcome => outcome.and_then(|()| sync_parent(folder)),
    }
}

/// An unfinished write: `name#N` beside `name`, which listings do not show. Removed when dropped unfinished.
struct Staged {
    file: File,
    path: PathBuf,
    target: PathBuf,
    finished: bool,
}

impl Staged {
    fn beside(target: PathBuf) -> io::Result<Self> {
        if let Some(parent) = target.parent() {
            create_durably(parent)?;
        }
        // A number in use belongs to another writer, or to one that was killed.
        let mut number: u64 = 1;
        loop {
            let mut path = target.clone().into_os_string();
            path.push(format!("#{number}"));
            let path = PathBuf::from(path);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        path,
                        target,
                        finished: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.target)?;
        self.finished = true;
        sync_parent(&self.target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.finished {
            // The write has failed already; what cannot be removed is only space, and `delete_prefix` takes it.
            drop(fs::remove_file(&self.path));
        }
    }
}

fn sync_parent(path: &path::Path) -> io::Result<()> {
    match path.parent() {
        // Windows cannot open a folder as a file, and needs no sync of it.
        Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    location: Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ObjectError> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(|error| ObjectError::io(&location, error)),
        Err(error) => resume(error),
    }
}

/// A panic goes on where it was awaited. Blocking work is otherwise never cancelled once it runs, and when
/// the runtime shuts down before it ran, nobody is left to be answered.
fn resume<T>(error: JoinError) -> Result<T, ObjectError> {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => Err(ObjectError::Io {
            path: String::new(),
            source: io::Error::other(error),
        }),
    }
}
