//! The pages of one column chunk, each unpacked to exactly the size its header says, and no larger than agreed.

use super::delta;
use super::thrift::{Compact, DATA, DATA_V2, DICTIONARY, PageHeader, Wrong};
use crate::access::Shared;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use std::io::Read;

/// Unpacked bytes of one page. Writers make pages of about a megabyte.
const PAGE_BYTES: i32 = 96 << 20;

/// Values of one page that are counted or held as a whole.
const PAGE_VALUES: i32 = 8 << 20;

const HEADER_BYTES: [usize; 3] = [256, 16 << 10, 2 << 20];

/// Where a column chunk stands, and how it is packed.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub file: Shared,
    pub start: u64,
    pub end: u64,
    pub codec: Compression,
    /// Highest definition level: 0 where no value can be missing.
    pub max_def: i16,
    /// Highest repetition level: 0 where no value stands in a list.
    pub max_rep: i16,
}

/// What a chunk would cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Survey {
    /// Unpacked.
    pub bytes: u64,
    /// Held at one time: the dictionary, and two pages.
    pub held: u64,
    pub values: u64,
    /// Values are written as what they add to the one before.
    pub chained: bool,
}

fn wrong(what: impl Into<String>) -> ParquetError {
    ParquetError::General(what.into())
}

impl Chunk {
    /// The header at `at`, and where the page's data begins.
    fn header(&self, at: u64) -> Result<(PageHeader, u64)> {
        for length in HEADER_BYTES {
            let room = usize::try_from(self.end - at).unwrap_or(length);
            let bytes = self
                .file
                .bytes(at, length.min(room))
                .map_err(|e| wrong(e.to_string()))?;
            let mut compact = Compact::new(&bytes);
            match compact.page_header() {
                Ok(header) => {
                    let data = at + compact.at as u64;
                    let left = self.end.saturating_sub(data);
                    if u64::try_from(header.compressed).unwrap_or(u64::MAX) > left {
                        return Err(wrong("a page is longer than its column"));
                    }
                    return Ok((header, data));
                }
                Err(Wrong::Ends) if length < room => {}
                Err(_) => break,
            }
        }
        Err(wrong("a page's header cannot be read"))
    }

    pub fn repeated(&self) -> bool {
        self.max_rep > 0
    }

    /// Whether the texts of an unpacked data page are no more than its header says.
    fn delta_holds(&self, header: &PageHeader, page: &[u8]) -> bool {
        if !matches!(header.encoding, delta::LENGTHS | delta::PREFIXES) {
            return true;
        }
        let most = header.values.clamp(0, PAGE_VALUES);
        self.values_at(header, page)
            .and_then(|at| page.get(at..))
            .is_some_and(|values| delta::holds(values, header.encoding, most.unsigned_abs().into()))
    }

    /// Where the values of an unpacked data page begin: behind its levels.
    fn values_at(&self, header: &PageHeader, page: &[u8]) -> Option<usize> {
        if header.kind == DATA_V2 {
            let levels = header.def_bytes.checked_add(header.rep_bytes)?;
            return usize::try_from(levels).ok();
        }
        let levels = [
            (self.max_rep, header.rep_encoding),
            (self.max_def, header.def_encoding),
        ];
        let mut at = 0_usize;
        for (max, encoding) in levels.into_iter().filter(|(max, _)| *max > 0) {
            at = match encoding {
                BIT_PACKED => {
                    let bits = i16::BITS - max.leading_zeros();
                    let all = usize::try_from(header.values).ok()?;
                    at.checked_add(all.checked_mul(bits as usize)?.div_ceil(8))?
                }
                _ => {
                    let (length, _) = page.get(at..)?.split_first_chunk()?;
                    at.checked_add(4 + u32::from_le_bytes(*length) as usize)?
                }
            };
        }
        Some(at)
    }

    /// Walks the headers, unpacking nothing.
    pub fn survey(&self) -> Result<Survey> {
        let mut survey = Survey::default();
        let (mut at, mut largest, mut dictionary) = (self.start, 0_u64, 0_u64);
        while at < self.end {
            let (header, data) = self.header(at)?;
            let bytes = u64::try_from(header.uncompressed).unwrap_or(0);
            survey.bytes += bytes;
            match header.kind {
                // Values of a dictionary are kept unpacked beside it.
                DICTIONARY => {
                    dictionary += bytes + u64::try_from(header.values).unwrap_or(0) * 40;
                }
                DATA | DATA_V2 => {
                    largest = largest.max(bytes);
                    survey.values += u64::try_from(header.values).unwrap_or(0);
                    survey.chained |= header.encoding == delta::PREFIXES;
                }
                _ => {}
            }
            at = data + u64::try_from(header.compressed).unwrap_or(0);
        }
        survey.held = dictionary + 2 * largest;
        Ok(survey)
    }

    fn unpack(&self, header: &PageHeader, data: u64) -> Result<Bytes> {
        if header.uncompressed > PAGE_BYTES {
            return Err(wrong("a page is too large"));
        }
        let compressed = usize::try_from(header.compressed).unwrap_or(0);
        let bytes = self
            .file
            .bytes(data, compressed)
            .map_err(|e| wrong(e.to_string()))?;
        let size = usize::try_from(header.uncompressed).unwrap_or(0);
        // Levels of a page of the second kind are never packed.
        let levels = if header.kind == DATA_V2 {
            usize::try_from(header.def_bytes).unwrap_or(0)
                + usize::try_from(header.rep_bytes).unwrap_or(0)
        } else {
            0
        };
        if levels > size || levels > bytes.len() {
            return Err(wrong("a page's levels are longer than the page"));
        }
        let plain =
            self.codec == Compression::UNCOMPRESSED || header.kind == DATA_V2 && !header.packed;
        if plain {
            return Ok(bytes.into());
        }
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(bytes.get(..levels).unwrap_or_default());
        let packed = bytes.get(levels..).unwrap_or_default();
        if size > levels {
            out.append(&mut unpack(packed, size - levels, self.codec)?);
        }
        if out.len() == size {
            Ok(out.into())
        } else {
            Err(wrong("a page has another size than its header says"))
        }
    }
}

/// At most one byte more than `size`, however much the data would make.
fn unpack(packed: &[u8], size: usize, codec: Compression) -> Result<Vec<u8>> {
    let damaged = || wrong("a page cannot be unpacked");
    let limited = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        reader
            .take(size as u64 + 1)
            .read_to_end(&mut out)
            .map_err(|_| damaged())?;
        Ok(out)
    };
    match codec {
        Compression::SNAPPY => {
            if snap::raw::decompress_len(packed).ok() != Some(size) {
                return Err(damaged());
            }
            snap::raw::Decoder::new()
                .decompress_vec(packed)
                .map_err(|_| damaged())
        }
        Compression::GZIP(_) => limited(&mut flate2::read::MultiGzDecoder::new(packed)),
        Compression::BROTLI(_) => limited(&mut brotli::Decompressor::new(packed, 4096)),
        Compression::ZSTD(_) => zstd::bulk::decompress(packed, size).map_err(|_| damaged()),
        Compression::LZ4_RAW => lz4_block(packed, size).ok_or_else(damaged),
        // Written in three ways over the years.
        Compression::LZ4 => lz4_hadoop(packed, size)
            .or_else(|| {
                limited(&mut lz4_flex::frame::FrameDecoder::new(packed))
                    .ok()
                    .filter(|out| out.len() == size)
            })
            .or_else(|| lz4_block(packed, size))
            .ok_or_else(damaged),
        Compression::UNCOMPRESSED | Compression::LZO => Err(wrong("an unknown packing")),
    }
}

fn lz4_block(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; size];
    let n = lz4_flex::block::decompress_into(packed, &mut out).ok()?;
    (n == size).then_some(out)
}

/// Blocks, each behind its unpacked and its packed length.
fn lz4_hadoop(mut packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; size];
    let mut filled = 0_usize;
    while !packed.is_empty() {
        let (head, rest) = packed.split_at_checked(8)?;
        let (a, b) = head.split_at(4);
        let plain = u32::from_be_bytes(a.try_into().ok()?) as usize;
        let length = u32::from_be_bytes(b.try_into().ok()?) as usize;
        let (block, after) = rest.split_at_checked(length)?;
        let space = out.get_mut(filled..filled.checked_add(plain)?)?;
        if lz4_flex::block::decompress_into(block, space).ok()? != plain {
            return None;
        }
        filled += plain;
        packed = after;
    }
    (filled == size).then_some(out)
}

/// How old files pack their levels.
const BIT_PACKED: i32 = 4;

fn encoding(n: i32) -> Result<Encoding> {
    Ok(match n {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        #[expect(deprecated, reason = "old files have it")]
        BIT_PACKED => Encoding::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        delta::LENGTHS => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        delta::PREFIXES => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(wrong("an unknown encoding")),
    })
}

/// The pages in order.
pub(crate) struct Pages {
    chunk: Chunk,
    at: u64,
    next: Option<(PageHeader, u64)>,
}

impl Pages {
    pub fn new(chunk: Chunk) -> Self {
        Self {
            at: chunk.start,
            chunk,
            next: None,
        }
    }

    /// The next page that holds values or a dictionary.
    fn peek(&mut self) -> Result<Option<(PageHeader, u64)>> {
        while self.next.is_none() && self.at < self.chunk.end {
            let (header, data) = self.chunk.header(self.at)?;
            self.at = data + u64::try_from(header.compressed).unwrap_or(0);
            if matches!(header.kind, DATA | DATA_V2 | DICTIONARY) {
                self.next = Some((header, data));
            }
        }
        Ok(self.next)
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some((header, data)) = self.peek()? else {
            return Ok(None);
        };
        self.next = None;
        let buf = self.chunk.unpack(&header, data)?;
        let count = |n: i32| u32::try_from(n).unwrap_or(0);
        // Lists are held for a record at a time; a page of so many is no page of records.
        if self.chunk.repeated() && header.values > PAGE_VALUES {
            return Err(wrong("a page holds too many values"));
        }
        if header.kind != DICTIONARY && !self.chunk.delta_holds(&header, &buf) {
            return Err(wrong("a page holds more values than it says"));
        }
        Ok(Some(match header.kind {
            DICTIONARY => {
                // Each value takes a byte at least, or the count is a lie that costs memory.
                if u64::from(count(header.values)) > buf.len() as u64 {
                    return Err(wrong("a dictionary is shorter than it says"));
                }
                Page::DictionaryPage {
                    num_values: count(header.values),
                    encoding: encoding(header.encoding)?,
                    is_sorted: header.sorted,
                    buf,
                }
            }
            DATA => Page::DataPage {
                num_values: count(header.values),
                encoding: encoding(header.encoding)?,
                def_level_encoding: encoding(header.def_encoding)?,
                rep_level_encoding: encoding(header.rep_encoding)?,
                statistics: None,
                buf,
            },
            _ => Page::DataPageV2 {
                num_values: count(header.values),
                encoding: encoding(header.encoding)?,
                num_nulls: count(header.nulls),
                num_rows: count(header.rows),
                def_levels_byte_len: count(header.def_bytes),
                rep_levels_byte_len: count(header.rep_bytes),
                is_compressed: header.packed,
                statistics: None,
                buf,
            },
        }))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        Ok(self.peek()?.map(|(header, _)| PageMetadata {
            num_rows: (header.kind == DATA_V2).then_some(usize::try_from(header.rows).unwrap_or(0)),
            num_levels: usize::try_from(header.values).ok(),
            is_dict: header.kind == DICTIONARY,
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.peek()?;
        self.next = None;
        Ok(())
    }
}
