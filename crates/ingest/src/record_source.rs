//! Where records come from: a text, JSON, a workbook, a Parquet file. Whoever types their fields cannot tell.

use crate::compression::UnpackError;
use crate::joined_records::FileCount;
use crate::splitter::Raw;

pub(crate) trait RecordSource: Send {
    /// Cuts the next record. `false` at the end of the file.
    fn next(&mut self, raw: &mut Raw) -> Result<bool, UnpackError>;

    /// Text that the record's cells are spans of; the record's own is its first `raw.end` bytes.
    fn text(&self, raw: &Raw) -> &[u8];

    /// Raw bytes of the file read so far.
    fn consumed(&self) -> u64;

    /// Original offset where the next record begins; 0 where records have no place in the bytes.
    fn offset(&self) -> u64;

    /// What became of each of several files, so far.
    fn files(&self) -> Vec<FileCount> {
        Vec::new()
    }

    /// Bytes of the file, after the last record, that hold something else; and how it begins.
    fn left_out(&self) -> Option<(u64, String)> {
        None
    }
}
