//! A part of an object, read as if it were all there is.

use crate::Reader;
use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// Bytes of an object: one of several files that lie in it, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub path: String,
    pub bytes: Range<u64>,
}

/// A window as `Read + Seek`, with positions from its own start.
#[derive(Debug)]
pub struct WindowReader {
    reader: Reader,
    bytes: Range<u64>,
    /// Of the object.
    at: u64,
}

impl WindowReader {
    pub(crate) fn new(mut reader: Reader, bytes: Range<u64>) -> io::Result<Self> {
        reader.seek(SeekFrom::Start(bytes.start))?;
        Ok(Self {
            reader,
            at: bytes.start,
            bytes,
        })
    }
}

impl Read for WindowReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = buffer.len().min(left);
        let n = self.reader.read(&mut buffer[..room])?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for WindowReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => self.bytes.start.checked_add(offset),
            SeekFrom::End(offset) => self.bytes.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        let target = target.filter(|at| *at >= self.bytes.start).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "seek to before the start")
        })?;
        self.reader.seek(SeekFrom::Start(target))?;
        self.at = target;
        Ok(target - self.bytes.start)
    }
}
