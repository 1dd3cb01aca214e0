//! Unpacking, within limits.

use crate::options::Limits;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, Read};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    None,
    Gzip,
}

impl Compression {
    pub fn of(head: &[u8]) -> Self {
        if head.starts_with(&[0x1f, 0x8b, 8]) {
            Self::Gzip
        } else {
            Self::None
        }
    }
}

/// Counts what passes.
pub(crate) struct Counted<R> {
    inner: R,
    pub count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count += n as u64;
        Ok(n)
    }
}

/// Unpacked bytes of a file.
pub(crate) enum Unpacked<R: Read> {
    Plain(Counted<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<R>>>>),
}

/// Why unpacking stopped.
#[derive(Debug)]
pub(crate) enum UnpackError {
    Truncated,
    Damaged,
    TooLarge,
    TooDense,
    Io(io::Error),
}

impl<R: Read> Unpacked<R> {
    pub fn new(raw: R, compression: Compression) -> Self {
        let counted = Counted {
            inner: raw,
            count: 0,
        };
        match compression {
            Compression::None => Self::Plain(counted),
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(
                BufReader::with_capacity(64 << 10, counted),
            ))),
        }
    }

    /// Raw bytes taken so far.
    pub fn consumed(&self) -> u64 {
        match self {
            Self::Plain(counted) => counted.count,
            Self::Gzip(decoder) => {
                let reader = decoder.get_ref();
                reader.get_ref().count - reader.buffer().len() as u64
            }
        }
    }

    /// 0 at the end. `so_far`: unpacked bytes before this call.
    pub fn read(
        &mut self,
        buf: &mut [u8],
        so_far: u64,
        limits: &Limits,
    ) -> Result<usize, UnpackError> {
        let packed = matches!(self, Self::Gzip(_));
        let result = loop {
            let result = match self {
                Self::Plain(counted) => counted.read(buf),
                Self::Gzip(decoder) => decoder.read(buf),
            };
            match result {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let n = result.map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof if packed => UnpackError::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if packed => {
                UnpackError::Damaged
            }
            _ => UnpackError::Io(e),
        })?;
        let total = so_far + n as u64;
        if total > limits.expanded_bytes {
            return Err(UnpackError::TooLarge);
        }
        // Small files of repeated lines pack very well and hurt nobody.
        if packed && total > 16 << 20 && total / self.consumed().max(1) > limits.ratio {
            return Err(UnpackError::TooDense);
        }
        Ok(n)
    }
}
