//! Unpacking, within limits.

use crate::access::{Shared, Slice};
use crate::options::Limits;
use crate::zip::{DEFLATED, Entry, STORED};
use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, Read};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    /// One file of a zip archive.
    Zip,
}

impl Compression {
    /// Of a file that is packed as a whole.
    pub fn of(head: &[u8]) -> Self {
        if head.starts_with(&[0x1f, 0x8b, 8]) {
            Self::Gzip
        } else {
            Self::None
        }
    }
}

/// Counts what passes.
pub(crate) struct Counted {
    inner: Slice,
    count: u64,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count += n as u64;
        Ok(n)
    }
}

/// Unpacked bytes of a file.
pub(crate) enum Unpacked {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<BufReader<Counted>>>),
    Stored(Counted, Box<Seal>),
    Deflated(Box<DeflateDecoder<BufReader<Counted>>>, Box<Seal>),
}

/// What an archive says of an entry, and what was seen of it.
pub(crate) struct Seal {
    crc: u32,
    length: u64,
    seen: Crc,
    count: u64,
}

impl Seal {
    fn add(&mut self, bytes: &[u8]) {
        self.seen.update(bytes);
        self.count += bytes.len() as u64;
    }

    fn holds(&self) -> bool {
        self.crc == self.seen.sum() && self.length == self.count
    }
}

/// Why unpacking stopped.
#[derive(Debug)]
pub(crate) enum UnpackError {
    Truncated,
    Damaged,
    /// An entry of a zip archive.
    DamagedEntry,
    TooLarge,
    TooDense,
    /// Other than packing: what is damaged, in words.
    Broken(String),
    Io(io::Error),
}

impl Unpacked {
    /// A file, or a part of one, that is packed as a whole.
    pub fn new(raw: Slice, compression: Compression) -> Self {
        let counted = Counted {
            inner: raw,
            count: 0,
        };
        match compression {
            Compression::None | Compression::Zip => Self::Plain(counted),
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(
                BufReader::with_capacity(64 << 10, counted),
            ))),
        }
    }

    pub fn entry(file: &Shared, entry: &Entry) -> Result<Self, UnpackError> {
        let inner = entry.slice(file).map_err(|e| match e.kind() {
            io::ErrorKind::InvalidData => UnpackError::DamagedEntry,
            _ => UnpackError::Io(e),
        })?;
        let counted = Counted { inner, count: 0 };
        let seal = Box::new(Seal {
            crc: entry.crc,
            length: entry.unpacked,
            seen: Crc::new(),
            count: 0,
        });
        match entry.method {
            STORED => Ok(Self::Stored(counted, seal)),
            DEFLATED => Ok(Self::Deflated(
                Box::new(DeflateDecoder::new(BufReader::with_capacity(
                    64 << 10,
                    counted,
                ))),
                seal,
            )),
            _ => Err(UnpackError::DamagedEntry),
        }
    }

    /// Raw bytes taken so far.
    pub fn consumed(&self) -> u64 {
        match self {
            Self::Plain(counted) | Self::Stored(counted, _) => counted.count,
            Self::Gzip(decoder) => {
                let reader = decoder.get_ref();
                reader.get_ref().count - reader.buffer().len() as u64
            }
            Self::Deflated(decoder, _) => decoder.total_in(),
        }
    }

    /// 0 at the end. `so_far`: unpacked bytes before this call.
    pub fn read(
        &mut self,
        buf: &mut [u8],
        so_far: u64,
        limits: &Limits,
    ) -> Result<usize, UnpackError> {
        let result = loop {
            let result = match self {
                Self::Plain(counted) | Self::Stored(counted, _) => counted.read(buf),
                Self::Gzip(decoder) => decoder.read(buf),
                Self::Deflated(decoder, _) => decoder.read(buf),
            };
            match result {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let n = result.map_err(|e| {
            let wrong = matches!(
                e.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::InvalidData
            );
            match self {
                Self::Gzip(_) if e.kind() == io::ErrorKind::UnexpectedEof => UnpackError::Truncated,
                Self::Gzip(_) if wrong => UnpackError::Damaged,
                Self::Deflated(..) if wrong => UnpackError::DamagedEntry,
                _ => UnpackError::Io(e),
            }
        })?;
        if let Self::Stored(_, seal) | Self::Deflated(_, seal) = self {
            seal.add(buf.get(..n).unwrap_or_default());
            if n == 0 && !buf.is_empty() && !seal.holds() {
                return Err(UnpackError::DamagedEntry);
            }
        }
        let total = so_far + n as u64;
        if total > limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        // Small files of repeated lines pack very well and hurt nobody.
        let packed = matches!(self, Self::Gzip(_) | Self::Deflated(..));
        if packed && total > 16 << 20 && total / self.consumed().max(1) > limits.ratio {
            return Err(UnpackError::TooDense);
        }
        Ok(n)
    }

    /// All of it, where it is at most `most` bytes.
    pub fn all(mut self, most: usize, limits: &Limits) -> Result<Vec<u8>, UnpackError> {
        let mut bytes = Vec::new();
        let mut buf = vec![0; 64 << 10];
        loop {
            match self.read(&mut buf, bytes.len() as u64, limits)? {
                0 => return Ok(bytes),
                n => bytes.extend_from_slice(buf.get(..n).unwrap_or_default()),
            }
            if bytes.len() > most {
                return Err(UnpackError::TooLarge);
            }
        }
    }
}
