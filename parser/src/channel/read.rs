//! From bytes to tables: header, directory and the heads of the sections. What the columns hold is checked elsewhere.

use super::ChannelFile;
use super::checksum::checksum;
use super::column::{Bytes, Words};
use super::layout::*;
use crate::error::{Error, ErrorKind, Path, Value};
use crate::format;
use crate::limits;
use crate::model::{Channel, ContentRevision, Part};
use core::ops::Range;
use nom::number::complete::{le_u32, le_u64};
use nom::{IResult, Parser};

/// What the header of a channel file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Entries of the directory.
    pub sections: u32,
    /// Bytes of the whole file.
    pub length: u64,
    /// The first number of the file's name.
    pub channel: Channel,
    /// The second number of the file's name.
    pub part: Part,
    /// The third number of the file's name.
    pub revision: ContentRevision,
    reserved: u32,
}

/// One entry of the section directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The section's name.
    pub name: [u8; 4],
    /// Its flags: bit 0 is set if a reader must know the section.
    pub flags: u32,
    /// Where the section starts.
    pub offset: u64,
    /// Its bytes, the padding after it not counted.
    pub length: u64,
}

/// One table in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableView<'a> {
    /// How many rows it has.
    pub rows: u32,
    /// The bytes of its section.
    pub at: Span,
    /// Its columns of 32-bit numbers, in the order of [`Section::words`].
    pub words: [Words<'a>; 4],
    /// Its column of bytes, if it has one.
    pub bytes: Bytes<'a>,
    /// Its text.
    pub text: Bytes<'a>,
}

/// A range of the file that can be copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl From<Span> for Range<u64> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

impl<'a> TableView<'a> {
    /// The bytes that say how many rows it has.
    pub fn count_span(&self) -> Range<u64> {
        self.at.start..self.at.start.saturating_add(4)
    }

    /// A column of 32-bit numbers by its place in [`Section::words`].
    pub fn column(&self, index: usize) -> &Words<'a> {
        self.words.get(index).unwrap_or(&Words { cells: &[], at: 0 })
    }
}

/// Reads the directory and the tables of a file with this header, or reports why it cannot.
pub(super) fn tables<'a>(
    bytes: &'a [u8],
    header: Header,
    report: &mut dyn FnMut(Error),
) -> Option<ChannelFile<'a>> {
    if header.reserved != 0 {
        let (path, found) = (Path::of("header").then("reserved"), Value::Hex(header.reserved.into()));
        report(Error::at(ErrorKind::Reserved, 36..40, path, Value::Number(0), found));
    }
    if let Err(error) = directory(bytes, &header, report) {
        report(error);
        return None;
    }
    let mut file = ChannelFile { bytes, header, tables: [TableView::default(); 8] };
    for ((table, entry), view) in Table::ALL.iter().zip(entries(bytes, header.sections)).zip(&mut file.tables)
    {
        match split(bytes, table.section(), entry, report) {
            Ok(split) => *view = split,
            Err(error) => {
                report(error);
                return None;
            }
        }
    }
    let (detections, provenance) = (file.table(Table::Detections), file.table(Table::Provenance));
    if detections.rows != provenance.rows {
        let found = Value::Number(provenance.rows.into());
        let span = provenance.at.start..provenance.at.start.saturating_add(4);
        let path = Path::of("provenance").then("count");
        report(Error::at(ErrorKind::Rows, span, path, Value::Number(detections.rows.into()), found));
        return None;
    }
    Some(file)
}

/// The header of a file of this format and version that is as long as it says.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Error> {
    format::channel(bytes)?;
    let length = bytes.len() as u64;
    let header = Path::of("header");
    let cut = || {
        let shortest = Value::AtLeast(HEADER.saturating_add(TRAILER));
        Error::at(ErrorKind::Length, 0..length, header, shortest, Value::Bytes(length))
    };
    let (version, read) = read_header(bytes).ok_or_else(cut)?;
    if version != VERSION {
        let (path, expected) = (header.then("version"), Value::Number(VERSION.into()));
        return Err(Error::at(ErrorKind::Version, 8..12, path, expected, Value::Number(version.into())));
    }
    if length > limits::FILE_BYTES {
        let (path, expected) = (header.then("length"), Value::AtMost(limits::FILE_BYTES));
        return Err(Error::at(ErrorKind::Limit, 16..24, path, expected, Value::Number(length)));
    }
    if read.length != length {
        let expected = Value::Bytes(read.length);
        return Err(Error::at(
            ErrorKind::Length,
            16..24,
            header.then("length"),
            expected,
            Value::Bytes(length),
        ));
    }
    if length < HEADER.saturating_add(TRAILER) { Err(cut()) } else { Ok(read) }
}

/// Checks that the bytes are those that were written.
pub(super) fn seal(bytes: &[u8]) -> Result<(), Error> {
    let Some((body, stored)) = bytes.split_last_chunk::<{ TRAILER as usize }>() else {
        return Err(unreadable());
    };
    let (end, length) = (body.len() as u64, bytes.len() as u64);
    let length = if planted!("past-the-end") { length.saturating_add(1) } else { length };
    let [low, high] = stored.as_chunks::<8>().0 else { return Err(unreadable()) };
    let stored = [u64::from_le_bytes(*low), u64::from_le_bytes(*high)];
    let summed = checksum(body);
    if let Some((expected, found)) = summed
        .iter()
        .zip(stored)
        .take(if planted!("half-a-checksum") { 1 } else { 2 })
        .find(|(summed, stored)| **summed != *stored)
    {
        let (expected, found) = (Value::Hex(*expected), Value::Hex(found));
        return Err(Error::at(ErrorKind::Checksum, end..length, Path::of("checksum"), expected, found));
    }
    Ok(())
}

/// What the header says, the version first; `None` if it is cut.
pub(super) fn read_header(bytes: &[u8]) -> Option<(u32, Header)> {
    let numbers = bytes.strip_prefix(&MAGIC)?;
    let read: IResult<&[u8], _> = (le_u32, le_u32, le_u64, le_u32, le_u32, le_u32, le_u32).parse(numbers);
    let (_, (version, sections, length, channel, part, revision, reserved)) = read.ok()?;
    let (channel, part, revision) = (Channel(channel), Part(part), ContentRevision(revision));
    Some((version, Header { sections, length, channel, part, revision, reserved }))
}

fn read_entry(bytes: &[u8]) -> IResult<&[u8], Entry> {
    let (rest, (name, flags, offset, length)) = (le_u32, le_u32, le_u64, le_u64).parse(bytes)?;
    Ok((rest, Entry { name: name.to_le_bytes(), flags, offset, length }))
}

/// The entries of the directory, as many as are there.
pub(super) fn entries(bytes: &[u8], count: u32) -> impl Iterator<Item = Entry> + '_ {
    let mut rest = bytes.get(HEADER as usize..).unwrap_or_default();
    (0..count).map_while(move |_| {
        let (after, entry) = read_entry(rest).ok()?;
        rest = after;
        Some(entry)
    })
}

/// Checks that the sections fill the file: each known one once and in order, each where the one before it ends.
fn directory(bytes: &[u8], header: &Header, report: &mut dyn FnMut(Error)) -> Result<(), Error> {
    let count = header.sections;
    if count > limits::SECTIONS {
        let (path, expected) = (Path::of("header").then("sections"), Value::AtMost(limits::SECTIONS.into()));
        return Err(Error::at(ErrorKind::Limit, 12..16, path, expected, Value::Number(count.into())));
    }
    if (count as usize) < Table::ALL.len() {
        let (path, expected) = (Path::of("header").then("sections"), Value::AtLeast(Table::ALL.len() as u64));
        return Err(Error::at(ErrorKind::Directory, 12..16, path, expected, Value::Number(count.into())));
    }
    let end = header.length.saturating_sub(TRAILER);
    let mut next = HEADER.saturating_add(u64::from(count).saturating_mul(ENTRY));
    let mut before = [0; 4];
    let mut seen = 0;
    for (index, entry) in (0u32..).zip(entries(bytes, count)) {
        let at = HEADER.saturating_add(u64::from(index).saturating_mul(ENTRY));
        named(&entry, index, at, before, report)?;
        let path = Path::at("directory", index);
        if entry.offset != next {
            let (expected, found) = (Value::Hex(next), Value::Hex(entry.offset));
            let span = at.saturating_add(8)..at.saturating_add(16);
            return Err(Error::at(ErrorKind::Directory, span, path.then("offset"), expected, found));
        }
        let stop = entry.offset.saturating_add(entry.length);
        let aligned = stop.checked_next_multiple_of(ALIGNMENT).unwrap_or(u64::MAX);
        if aligned > end {
            let (expected, found) =
                (Value::AtMost(end.saturating_sub(entry.offset)), Value::Number(entry.length));
            let span = at.saturating_add(16)..at.saturating_add(24);
            return Err(Error::at(ErrorKind::Directory, span, path.then("length"), expected, found));
        }
        padding(bytes, stop..aligned, path, report);
        (next, before, seen) = (aligned, entry.name, index.saturating_add(1));
    }
    if seen == count && next == end {
        return Ok(());
    }
    let (expected, found) = (Value::Hex(end), Value::Hex(next));
    Err(Error::at(
        ErrorKind::Directory,
        40..next.min(header.length).max(40),
        Path::of("directory"),
        expected,
        found,
    ))
}

/// Checks the name and the flags of an entry.
fn named(
    entry: &Entry,
    index: u32,
    at: u64,
    before: [u8; 4],
    report: &mut dyn FnMut(Error),
) -> Result<(), Error> {
    let path = Path::at("directory", index);
    let span = at..at.saturating_add(4);
    let name = Value::raw(&entry.name);
    let flags = if let Some(table) = Table::ALL.get(index as usize) {
        let known = *table.section().name;
        if entry.name != known {
            return Err(Error::at(ErrorKind::Directory, span, path.then("name"), Value::raw(&known), name));
        }
        CRITICAL
    } else {
        if entry.flags & CRITICAL != 0 {
            let expected = Value::Phrase("a section that this reader knows");
            return Err(Error::at(ErrorKind::UnknownSection, span, path.then("name"), expected, name));
        }
        let known = Table::ALL.iter().any(|table| *table.section().name == entry.name);
        let ascending = index as usize == Table::ALL.len() || entry.name > before;
        if known || !ascending || !entry.name.iter().all(u8::is_ascii_alphanumeric) {
            let expected = Value::Phrase("a new name of letters and digits, above the name before it");
            return Err(Error::at(ErrorKind::Directory, span, path.then("name"), expected, name));
        }
        0
    };
    if entry.flags != flags {
        let (expected, found) = (Value::Hex(flags.into()), Value::Hex(entry.flags.into()));
        let span = at.saturating_add(4)..at.saturating_add(8);
        report(Error::at(ErrorKind::Reserved, span, path.then("flags"), expected, found));
    }
    Ok(())
}

fn padding(bytes: &[u8], span: Range<u64>, path: Path, report: &mut dyn FnMut(Error)) {
    let padding = bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
    if padding.iter().any(|b| *b != 0) && !planted!("padding-not-looked-at") {
        let (expected, found) = (Value::Phrase("only zero bytes"), Value::raw(padding));
        report(Error::at(ErrorKind::Reserved, span, path.then("padding"), expected, found));
    }
}

/// Splits a section into its columns and its text.
pub(super) fn split<'a>(
    bytes: &'a [u8],
    section: &'static Section,
    entry: Entry,
    report: &mut dyn FnMut(Error),
) -> Result<TableView<'a>, Error> {
    let path = Path::of(section.rows);
    let at = Span { start: entry.offset, end: entry.offset.saturating_add(entry.length) };
    let body = bytes.get(at.start as usize..at.end as usize).unwrap_or_default();
    let rows_at = at.start..at.start.saturating_add(4);
    let least = |rows: u32| HEAD.saturating_add(u64::from(rows).saturating_mul(section.row_bytes()));
    let short = |rows: u32| {
        let (expected, found) = match section.text {
            Some(_) => (Value::AtLeast(least(rows)), Value::Number(entry.length)),
            None => (Value::Bytes(least(rows)), Value::Bytes(entry.length)),
        };
        Error::at(ErrorKind::Rows, rows_at.clone(), path.then("count"), expected, found)
    };
    let head: IResult<&[u8], (u32, u32)> = (le_u32, le_u32).parse(body);
    let (mut rest, (rows, reserved)) = head.map_err(|_| short(0))?;
    if rows > limits::ROWS {
        let (expected, found) = (Value::AtMost(limits::ROWS.into()), Value::Number(rows.into()));
        return Err(Error::at(ErrorKind::Limit, rows_at, path.then("count"), expected, found));
    }
    if reserved != 0 {
        let span = rows_at.end..rows_at.end.saturating_add(4);
        let found = Value::Hex(reserved.into());
        report(Error::at(ErrorKind::Reserved, span, path.then("reserved"), Value::Number(0), found));
    }
    let mut view = TableView { rows, at, ..TableView::default() };
    let mut offset = at.start.saturating_add(HEAD);
    for (column, _) in view.words.iter_mut().zip(section.words) {
        let bytes = (rows as usize).saturating_mul(4);
        let (cells, after) = rest.split_at_checked(bytes).ok_or_else(|| short(rows))?;
        *column = Words { cells: cells.as_chunks().0, at: offset };
        (rest, offset) = (after, offset.saturating_add(bytes as u64));
    }
    if !section.bytes.is_empty() {
        let (cells, after) = rest.split_at_checked(rows as usize).ok_or_else(|| short(rows))?;
        view.bytes = Bytes { cells, at: offset };
        (rest, offset) = (after, offset.saturating_add(rows.into()));
    }
    if section.text.is_none() && !rest.is_empty() {
        return Err(short(rows));
    }
    view.text = Bytes { cells: rest, at: offset };
    Ok(view)
}

/// What is said where nothing was reported and yet nothing can be read: it cannot happen, and refuses if it does.
pub(super) fn unreadable() -> Error {
    let (expected, found) = (Value::Phrase("readable tables"), Value::Phrase("none"));
    Error { kind: ErrorKind::Rows, span: None, path: Path::of("file"), expected, found }
}
