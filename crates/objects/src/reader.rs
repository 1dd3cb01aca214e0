//! `std::io::Read` and `Seek` over an object.

use crate::ObjectError;
use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};
use tokio::runtime::Handle;

/// Fetched at once: large enough that a request's latency is small beside its transfer.
const WINDOW: u64 = 4 << 20;

/// An object as `Read + Seek`: a plain file where the store is a folder, else ranged reads of 4 MiB.
#[derive(Debug)]
pub struct Reader(Source);

#[derive(Debug)]
enum Source {
    File(File),
    Ranged(Box<Ranged>),
}

#[derive(Debug)]
struct Ranged {
    store: Arc<dyn ObjectStore>,
    location: Path,
    runtime: Handle,
    size: u64,
    position: u64,
    window: Bytes,
    window_start: u64,
}

impl Reader {
    pub(crate) fn file(file: File) -> Self {
        Self(Source::File(file))
    }

    pub(crate) fn ranged(store: Arc<dyn ObjectStore>, location: Path) -> Result<Self, ObjectError> {
        let runtime = Handle::try_current()
            .map_err(|error| ObjectError::io(&location, io::Error::other(error)))?;
        let size = runtime
            .block_on(store.head(&location))
            .map_err(|error| ObjectError::store(&location, error))?
            .size;
        Ok(Self(Source::Ranged(Box::new(Ranged {
            store,
            location,
            runtime,
            size,
            position: 0,
            window: Bytes::new(),
            window_start: 0,
        }))))
    }

    /// Bytes.
    pub fn size(&self) -> io::Result<u64> {
        match &self.0 {
            Source::File(file) => Ok(file.metadata()?.len()),
            Source::Ranged(ranged) => Ok(ranged.size),
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Source::File(file) => file.read(buffer),
            Source::Ranged(ranged) => ranged.read(buffer),
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            Source::File(file) => file.seek(to),
            Source::Ranged(ranged) => ranged.seek(to),
        }
    }
}

impl Ranged {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let window_end = self.window_start + self.window.len() as u64;
        if !(self.window_start..window_end).contains(&self.position) {
            let range = self.position..self.size.min(self.position + WINDOW);
            self.window = self
                .runtime
                .block_on(self.store.get_range(&self.location, range))
                .map_err(io::Error::other)?;
            self.window_start = self.position;
        }
        let from = (self.position - self.window_start) as usize;
        let rest = &self.window[from..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.position += n as u64;
        Ok(n)
    }

    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "seek to before the start")
        })?;
        Ok(self.position)
    }
}
