//! A file's bytes from wherever in it they are wanted, and several readers of one file at a time.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// What a file must allow: workbooks, archives and Parquet files begin with what stands at their end.
pub trait RandomAccess: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> RandomAccess for T {}

/// One file, read by several readers with a position each.
#[derive(Clone)]
pub(crate) struct Shared {
    file: Arc<Mutex<dyn RandomAccess>>,
    length: u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({} bytes)", self.length)
    }
}

impl Shared {
    pub fn new(mut file: impl RandomAccess) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            length,
        })
    }

    pub fn from_vec(bytes: Vec<u8>) -> Self {
        Self {
            length: bytes.len() as u64,
            file: Arc::new(Mutex::new(Cursor::new(bytes))),
        }
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// At least one byte unless at the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        // A reader that panicked has left nothing half done but the position, which is set anew.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read(buf)
    }

    /// The bytes of a range, fewer where the file ends within it.
    pub fn bytes(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = start.saturating_add(length as u64).min(self.length);
        let mut bytes = Vec::new();
        self.slice(start, end).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub fn whole(&self) -> Slice {
        self.slice(0, self.length)
    }

    pub fn slice(&self, start: u64, end: u64) -> Slice {
        let end = end.min(self.length);
        Slice {
            file: self.clone(),
            at: start.min(end),
            end,
        }
    }
}

/// A part of a file, from its start to its end.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    file: Shared,
    at: u64,
    end: u64,
}

impl Read for Slice {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let most = buf.len().min(left);
        let Some(space) = buf.get_mut(..most).filter(|s| !s.is_empty()) else {
            return Ok(0);
        };
        let n = self.file.read_at(self.at, space)?;
        self.at += n as u64;
        Ok(n)
    }
}
