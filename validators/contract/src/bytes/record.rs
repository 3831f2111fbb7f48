//! The frame that every record has: magic, version, kind, seal, length, checksum.

use super::*;
use crate::{Error, ErrorKind};
use alloc::{format, string::String, vec::Vec};
use core::ops::Range;

/// One record whose frame holds.
pub(super) struct Record<'a> {
    /// Its first byte, as an offset in the file.
    pub base: u64,
    pub kind: Kind,
    pub sealed: bool,
    /// The whole record, frame included.
    pub bytes: &'a [u8],
}

/// Reads numbers and texts one after the other. Every error says where.
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { rest: bytes, offset }
    }

    /// The range of the `len` bytes read last.
    pub fn last(&self, len: usize) -> Range<u64> {
        self.offset.saturating_sub(len as u64)..self.offset
    }

    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            let end = self.offset.saturating_add(self.rest.len() as u64);
            let found = format!("{} bytes", self.rest.len());
            let error = Error::new(ErrorKind::Record, format!("{len} more bytes"), found);
            return Err(error.at(self.offset..end));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(len as u64);
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N).map(|taken| *taken.first_chunk().unwrap_or(&[0; N]))
    }

    pub fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    /// An error about the `len` bytes read last.
    pub fn refuse(&self, len: usize, expected: impl Into<String>, found: impl Into<String>) -> Error {
        Error::new(ErrorKind::Record, expected, found.into()).at(self.last(len))
    }

    /// Bytes that are zero.
    pub fn zeros(&mut self, len: usize) -> Result<(), Error> {
        match self.take(len)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(self.refuse(len, "zeros", "other bytes")),
        }
    }
}

/// The record at the start of `rest`, which lies at `base` in the file.
fn record(rest: &[u8], base: u64) -> Result<Record<'_>, Error> {
    let mut cursor = Cursor::new(rest, base);
    let magic = cursor.array::<8>()?;
    if magic != MAGIC {
        let found = format!("\"{}\"", magic.escape_ascii());
        return Err(cursor.refuse(8, "zeros, or a record that starts with \"\\x89CHANCTR\"", found));
    }
    let version = cursor.u16()?;
    if version != VERSION {
        return Err(cursor.refuse(2, "version 1 of the byte form", format!("version {version}")));
    }
    let kind = match cursor.u8()? {
        1 => Kind::Sensor,
        2 => Kind::TemplateType,
        3 => Kind::Sysmon,
        n => {
            let expected = "a sensor (1), a template type (2) or Sysmon's facts (3)";
            return Err(cursor.refuse(1, expected, format!("kind {n}")));
        }
    };
    let sealed = match cursor.u8()? {
        0 => false,
        1 => true,
        n => return Err(cursor.refuse(1, "unsealed (0) or sealed (1)", format!("{n}"))),
    };
    let length = cursor.u32()?;
    let whole = usize::try_from(length).ok().and_then(|n| rest.get(..n));
    let Some(bytes) = whole.filter(|_| (HEAD as u32..=MAX_RECORD).contains(&length)) else {
        let expected = format!("a length of 24 to {}", rest.len().min(MAX_RECORD as usize));
        return Err(cursor.refuse(4, expected, format!("{length}")));
    };
    let stated = cursor.u64()?;
    let real = if sealed { checksum(bytes) } else { 0 };
    if stated != real && !channel_parser::planted!("seal-not-compared") {
        let expected = format!("{} {real:#018x}", if sealed { "checksum" } else { "unsealed, so checksum" });
        return Err(cursor.refuse(8, expected, format!("{stated:#018x}")));
    }
    Ok(Record { base, kind, sealed, bytes })
}

/// The records of a section that lies at `base` in the file, up to the first error.
pub(super) fn records(section: &[u8], base: u64) -> impl Iterator<Item = Result<Record<'_>, Error>> {
    let mut rest = Some(section);
    core::iter::from_fn(move || {
        let left = rest.take()?;
        let left = left.get(left.iter().position(|byte| *byte != 0)?..)?;
        let base = base.saturating_add(section.len().saturating_sub(left.len()) as u64);
        let record = record(left, base);
        if let Ok(record) = &record {
            rest = left.get(record.bytes.len()..);
        }
        Some(record)
    })
}

/// The section with a checksum in every record that has none, for producers whose compiler cannot compute it. The
/// length stays. Whatever signs the binary comes after.
///
/// ```
/// use channel_contract::{Contract, bytes};
///
/// let unsealed = Contract { sealed: false, ..Contract::default() };
/// let section = bytes::write(&unsealed)?;
/// let sealed = bytes::seal(&section, 0)?;
/// assert_eq!(bytes::read(&sealed, 0)?, Contract::default());
/// # Ok::<(), channel_contract::Error>(())
/// ```
pub fn seal(section: &[u8], base: u64) -> Result<Vec<u8>, Error> {
    let mut sealed = section.to_vec();
    for record in records(section, base) {
        let record = record?;
        let start = usize::try_from(record.base.saturating_sub(base)).unwrap_or(usize::MAX);
        if let Some(target) = sealed.get_mut(start..).and_then(|rest| rest.get_mut(..record.bytes.len())) {
            seal_record(target);
        }
    }
    Ok(sealed)
}

/// Fills in the seal and the checksum.
pub(super) fn seal_record(record: &mut [u8]) {
    if let Some(seal) = record.get_mut(SEAL_AT) {
        *seal = 1;
    }
    let sum = checksum(record).to_le_bytes();
    if let Some(target) = record.get_mut(CHECKSUM_AT) {
        target.copy_from_slice(&sum);
    }
}
