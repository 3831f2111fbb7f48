//! Columns in place: each is a slice of the file and knows where it stands there.

use core::ops::Range;

/// A column of little-endian 32-bit numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    /// One cell a row.
    pub cells: &'a [[u8; 4]],
    /// The offset of the first cell in the file.
    pub at: u64,
}

impl Words<'_> {
    /// The number in a row.
    pub fn get(&self, row: u32) -> Option<u32> {
        self.cells.get(row as usize).map(|cell| u32::from_le_bytes(*cell))
    }

    /// The bytes of a row's cell.
    pub fn span(&self, row: u32) -> Range<u64> {
        let start = self.at.saturating_add(u64::from(row).saturating_mul(4));
        start..start.saturating_add(4)
    }

    /// What a row owns, this being a column of ends: from the end of the row before it to its own.
    pub fn owned(&self, row: u32) -> Range<u32> {
        let start = row.checked_sub(1).map_or(Some(0), |before| self.get(before));
        start.unwrap_or(0)..self.get(row).unwrap_or(0)
    }

    /// All numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        self.cells.iter().map(|cell| u32::from_le_bytes(*cell))
    }
}

/// A column of bytes, or a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes<'a> {
    /// One cell a row.
    pub cells: &'a [u8],
    /// The offset of the first cell in the file.
    pub at: u64,
}

impl<'a> Bytes<'a> {
    /// The byte in a row.
    pub fn get(&self, row: u32) -> Option<u8> {
        self.cells.get(row as usize).copied()
    }

    /// The place of a row's cell in the file.
    pub fn span(&self, row: u32) -> Range<u64> {
        self.part_span(row..row.saturating_add(1))
    }

    /// Several cells; none if they are not there.
    pub fn part(&self, part: Range<u32>) -> &'a [u8] {
        self.cells.get(part.start as usize..part.end as usize).unwrap_or_default()
    }

    /// Their place in the file.
    pub fn part_span(&self, part: Range<u32>) -> Range<u64> {
        self.at.saturating_add(part.start.into())..self.at.saturating_add(part.end.into())
    }
}
