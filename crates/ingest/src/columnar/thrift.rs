//! Thrift's compact protocol, as far as Parquet needs it: page headers, and a look at the footer before it is believed.

/// One page, as its header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageHeader {
    pub kind: i32,
    pub uncompressed: i32,
    pub compressed: i32,
    pub values: i32,
    pub encoding: i32,
    pub def_encoding: i32,
    pub rep_encoding: i32,
    pub nulls: i32,
    pub rows: i32,
    pub def_bytes: i32,
    pub rep_bytes: i32,
    pub packed: bool,
    pub sorted: bool,
}

pub(crate) const DATA: i32 = 0;
pub(crate) const DICTIONARY: i32 = 2;
pub(crate) const DATA_V2: i32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// More bytes are needed.
    Ends,
    Malformed,
}

const DEPTH: u32 = 32;
/// Elements of a list of structs: a table has at most some thousand columns and row groups.
const STRUCTS: u64 = 100_000;
/// Groups within groups.
const NESTED: usize = 40;

pub(crate) struct Compact<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Compact<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn byte(&mut self) -> Result<u8, Wrong> {
        let byte = *self.bytes.get(self.at).ok_or(Wrong::Ends)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn varint(&mut self) -> Result<u64, Wrong> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Wrong::Malformed)
    }

    fn signed(&mut self) -> Result<i64, Wrong> {
        let n = self.varint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn i32(&mut self) -> Result<i32, Wrong> {
        i32::try_from(self.signed()?).map_err(|_| Wrong::Malformed)
    }

    pub(super) fn step(&mut self, n: u64) -> Result<(), Wrong> {
        self.take(n).map(|_| ())
    }

    /// The next bytes.
    pub(super) fn take(&mut self, n: u64) -> Result<&'a [u8], Wrong> {
        let n = usize::try_from(n).map_err(|_| Wrong::Malformed)?;
        let end = self.at.checked_add(n).ok_or(Wrong::Malformed)?;
        let bytes = self.bytes.get(self.at..end).ok_or(Wrong::Ends)?;
        self.at = end;
        Ok(bytes)
    }

    /// Calls `visit(self, field id, type)` for each field; it must consume the value.
    fn fields(
        &mut self,
        mut visit: impl FnMut(&mut Self, i64, u8) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let mut id = 0_i64;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(());
            }
            id = match header >> 4 {
                0 => self.signed()?,
                delta => id.saturating_add(i64::from(delta)),
            };
            visit(self, id, header & 15)?;
        }
    }

    fn list(&mut self) -> Result<(u8, u64), Wrong> {
        let header = self.byte()?;
        let size = match header >> 4 {
            15 => self.varint()?,
            size => u64::from(size),
        };
        let kind = header & 15;
        // Every element takes a byte at least.
        if size > (self.bytes.len() - self.at) as u64 {
            return Err(Wrong::Ends);
        }
        if kind == 12 && size > STRUCTS {
            return Err(Wrong::Malformed);
        }
        Ok((kind, size))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Result<(), Wrong> {
        if depth == 0 {
            return Err(Wrong::Malformed);
        }
        match kind {
            // Booleans of structs stand in the field's header.
            1 | 2 => Ok(()),
            3 => self.step(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.step(8),
            8 => {
                let length = self.varint()?;
                self.step(length)
            }
            9 | 10 => {
                let (kind, size) = self.list()?;
                for _ in 0..size {
                    match kind {
                        1 | 2 => self.step(1)?,
                        kind => self.skip(kind, depth - 1)?,
                    }
                }
                Ok(())
            }
            12 => self.fields(|this, _, kind| this.skip(kind, depth - 1)),
            _ => Err(Wrong::Malformed),
        }
    }

    pub fn page_header(&mut self) -> Result<PageHeader, Wrong> {
        let mut header = PageHeader {
            packed: true,
            ..PageHeader::default()
        };
        self.fields(|this, id, kind| match (id, kind) {
            (1, 5) => this.set(&mut header.kind),
            (2, 5) => this.set(&mut header.uncompressed),
            (3, 5) => this.set(&mut header.compressed),
            (5, 12) => this.fields(|this, id, kind| match (id, kind) {
                (1, 5) => this.set(&mut header.values),
                (2, 5) => this.set(&mut header.encoding),
                (3, 5) => this.set(&mut header.def_encoding),
                (4, 5) => this.set(&mut header.rep_encoding),
                (_, kind) => this.skip(kind, DEPTH),
            }),
            (7, 12) => this.fields(|this, id, kind| match (id, kind) {
                (1, 5) => this.set(&mut header.values),
                (2, 5) => this.set(&mut header.encoding),
                (3, kind @ (1 | 2)) => {
                    header.sorted = kind == 1;
                    Ok(())
                }
                (_, kind) => this.skip(kind, DEPTH),
            }),
            (8, 12) => this.fields(|this, id, kind| match (id, kind) {
                (1, 5) => this.set(&mut header.values),
                (2, 5) => this.set(&mut header.nulls),
                (3, 5) => this.set(&mut header.rows),
                (4, 5) => this.set(&mut header.encoding),
                (5, 5) => this.set(&mut header.def_bytes),
                (6, 5) => this.set(&mut header.rep_bytes),
                (7, kind @ (1 | 2)) => {
                    header.packed = kind == 1;
                    Ok(())
                }
                (_, kind) => this.skip(kind, DEPTH),
            }),
            (_, kind) => this.skip(kind, DEPTH),
        })?;
        let sizes = [
            header.uncompressed,
            header.compressed,
            header.values,
            header.nulls,
            header.rows,
            header.def_bytes,
            header.rep_bytes,
        ];
        if sizes.iter().any(|n| *n < 0) {
            return Err(Wrong::Malformed);
        }
        Ok(header)
    }

    fn set(&mut self, slot: &mut i32) -> Result<(), Wrong> {
        *slot = self.i32()?;
        Ok(())
    }

    /// Walks a footer without keeping any of it: lists no longer than their bytes, groups no deeper than recursion
    /// may go.
    pub fn footer(&mut self) -> Result<(), Wrong> {
        let mut children: Vec<u64> = Vec::new();
        self.fields(|this, id, kind| {
            if (id, kind) != (2, 9) {
                return this.skip(kind, DEPTH);
            }
            let (kind, size) = this.list()?;
            if kind != 12 {
                return Err(Wrong::Malformed);
            }
            for _ in 0..size {
                let mut count = 0;
                this.fields(|this, id, kind| match (id, kind) {
                    (5, 5) => this.set(&mut count),
                    (_, kind) => this.skip(kind, DEPTH),
                })?;
                children.push(u64::try_from(count).map_err(|_| Wrong::Malformed)?);
            }
            Ok(())
        })?;
        let mut open: Vec<u64> = Vec::new();
        for count in children {
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if count > 0 {
                open.push(count);
                if open.len() > NESTED {
                    return Err(Wrong::Malformed);
                }
            }
        }
        Ok(())
    }
}
