//! A file's bytes as UTF-8 text, in a moving buffer, with the way back to the original bytes.

use crate::compression::{UnpackError, Unpacked};
use crate::options::Limits;
use encoding_rs::{Decoder, Encoding};
use memchr::memchr2;
use std::collections::VecDeque;

const CHUNK: usize = 128 << 10;

/// Text not yet taken is `buf[start..]`.
pub(crate) struct TextReader {
    source: Unpacked,
    limits: Limits,
    /// Unpacked bytes read.
    unpacked: u64,
    buf: Vec<u8>,
    start: usize,
    /// Text taken before `start`, in bytes of UTF-8.
    taken: u64,
    eof: bool,
    way_back: WayBack,
}

/// How an offset in the text becomes one in the original bytes.
enum WayBack {
    /// UTF-8: the same, behind the mark.
    Same {
        bom: u64,
    },
    Decoded(Box<Decoded>),
}

struct Decoded {
    decoder: Decoder,
    utf16: Option<bool>,
    raw: Vec<u8>,
    /// Original bytes decoded so far, and text made of them.
    raw_done: u64,
    text_done: u64,
    /// Ends of physical lines: (in the text, in the original, whether something did not decode).
    ends: VecDeque<(u64, u64, bool)>,
    /// Original offset of the last end stepped over.
    last: u64,
}

impl TextReader {
    pub fn new(source: Unpacked, encoding: &'static Encoding, bom: usize, limits: Limits) -> Self {
        let bom = bom as u64;
        let way_back = if encoding == encoding_rs::UTF_8 {
            WayBack::Same { bom }
        } else {
            let utf16 = if encoding == encoding_rs::UTF_16LE {
                Some(false)
            } else if encoding == encoding_rs::UTF_16BE {
                Some(true)
            } else {
                None
            };
            WayBack::Decoded(Box::new(Decoded {
                decoder: encoding.new_decoder_without_bom_handling(),
                utf16,
                raw: Vec::new(),
                raw_done: bom,
                text_done: 0,
                ends: VecDeque::new(),
                last: bom,
            }))
        };
        Self {
            source,
            limits,
            unpacked: 0,
            buf: Vec::new(),
            start: 0,
            taken: 0,
            eof: false,
            way_back,
        }
    }

    pub fn text(&self) -> &[u8] {
        self.buf.get(self.start..).unwrap_or_default()
    }

    pub fn at_end(&self) -> bool {
        self.eof
    }

    /// Raw bytes of the file consumed.
    pub fn consumed(&self) -> u64 {
        self.source.consumed()
    }

    /// Where the next `n` bytes of text end in the original, and whether all of them had decoded. They must end a
    /// physical line or the file.
    pub fn span_end(&self, n: usize) -> (u64, bool) {
        let end = self.taken + n as u64;
        match &self.way_back {
            WayBack::Same { bom } => (end + bom, true),
            WayBack::Decoded(decoded) => {
                let (mut raw, mut sound) = (decoded.last, true);
                for &(text, at, bad) in &decoded.ends {
                    if text > end {
                        break;
                    }
                    sound &= !bad;
                    raw = at;
                }
                (raw, sound)
            }
        }
    }

    /// Steps over `n` bytes of text.
    pub fn take(&mut self, n: usize) {
        self.start += n;
        self.taken += n as u64;
        if let WayBack::Decoded(decoded) = &mut self.way_back {
            while let Some(&(text, raw, _)) = decoded.ends.front() {
                if text > self.taken {
                    break;
                }
                decoded.last = raw;
                decoded.ends.pop_front();
            }
        }
    }

    /// Original offset of the text not yet taken.
    pub fn offset(&self) -> u64 {
        match &self.way_back {
            WayBack::Same { bom } => self.taken + bom,
            WayBack::Decoded(decoded) => decoded.last,
        }
    }

    /// Adds text. At the end of the file it only notes that.
    pub fn fill(&mut self) -> Result<(), UnpackError> {
        if self.eof {
            return Ok(());
        }
        if self.start > 0 {
            self.buf.drain(..self.start);
            self.start = 0;
        }
        // Doubling, so that one long record is not scanned again for every chunk.
        let want = CHUNK.max(self.buf.len());
        match &mut self.way_back {
            WayBack::Same { bom } => {
                let old = self.buf.len();
                self.buf.resize(old + want, 0);
                let space = self.buf.get_mut(old..).unwrap_or_default();
                let result = self.source.read(space, self.unpacked, &self.limits);
                let n = *result.as_ref().unwrap_or(&0);
                self.buf.truncate(old + n);
                result?;
                let skip = (*bom).saturating_sub(self.unpacked).min(n as u64);
                self.unpacked += n as u64;
                if skip > 0 {
                    self.buf.drain(..usize::try_from(skip).unwrap_or(0));
                }
                self.eof = n == 0;
            }
            WayBack::Decoded(decoded) => {
                let old = decoded.raw.len();
                decoded.raw.resize(old + want, 0);
                let space = decoded.raw.get_mut(old..).unwrap_or_default();
                let result = self.source.read(space, self.unpacked, &self.limits);
                let n = *result.as_ref().unwrap_or(&0);
                decoded.raw.truncate(old + n);
                result?;
                if self.unpacked == 0 {
                    let bom = usize::try_from(decoded.raw_done)
                        .unwrap_or(0)
                        .min(decoded.raw.len());
                    decoded.raw.drain(..bom);
                }
                self.unpacked += n as u64;
                self.eof = n == 0;
                decoded.decode(&mut self.buf, self.eof);
            }
        }
        Ok(())
    }
}

impl Decoded {
    /// Decodes whole physical lines, noting where each ends; at the end of the file also what is left.
    fn decode(&mut self, out: &mut Vec<u8>, eof: bool) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        while let Some(end) = self.line_end(rest) {
            let (line, after) = rest.split_at(end);
            self.line(line, out, false);
            rest = after;
        }
        // A line of a megabyte is no line: it is let through piece by piece.
        let long = rest.len() > 1 << 20;
        if eof || long {
            let keep = if eof { 0 } else { rest.len() % 2 };
            let (line, after) = rest.split_at(rest.len() - keep);
            self.line(line, out, eof);
            rest = after;
        }
        self.raw = rest.to_vec();
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>, last: bool) {
        let before = out.len();
        let need = self
            .decoder
            .max_utf8_buffer_length(line.len())
            .unwrap_or(line.len() * 4 + 16);
        out.resize(before + need, 0);
        let space = out.get_mut(before..).unwrap_or_default();
        let (_, _, written, bad) = self.decoder.decode_to_utf8(line, space, last);
        out.truncate(before + written);
        self.raw_done += line.len() as u64;
        self.text_done += written as u64;
        self.ends.push_back((self.text_done, self.raw_done, bad));
    }

    fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        match self.utf16 {
            // CR and LF are never the second byte of a character in the encodings of the web.
            None => memchr2(b'\n', b'\r', bytes).map(|at| at + 1),
            Some(big) => {
                let mut from = 0;
                loop {
                    let at = from + memchr2(b'\n', b'\r', bytes.get(from..)?)?;
                    let unit = at & !1;
                    let pair = bytes.get(unit..unit + 2)?;
                    let other = if big { (0, 1) } else { (1, 0) };
                    if pair.get(other.0) == Some(&0) && at == unit + other.1 {
                        return Some(unit + 2);
                    }
                    from = at + 1;
                }
            }
        }
    }
}
