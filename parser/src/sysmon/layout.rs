//! What stands where in a rule blob, as data: the reader, the writer and the labels of the bytes follow these tables.
//! `SYSMON.md` is their prose.

/// Bytes of the header up to version 1.0.
pub const SHORT_HEADER: u64 = 8;
/// Bytes of the header after version 1.0.
pub const LONG_HEADER: u64 = 24;
/// The last version with a short header: 1.0.
pub const LAST_SHORT: u32 = 0x0001_0000;
/// Every structure starts at a multiple of this.
pub const ALIGNMENT: u64 = 8;
/// Bytes of an event.
pub const EVENT: u64 = 24;
/// Bytes of a filter before its data.
pub const FILTER: u64 = 536;
/// Bytes of an aggregation.
pub const AGGREGATION: u64 = 292;
/// Bytes of a filter's name, with the zero that ends it.
pub const FILTER_NAME: u64 = 512;
/// Bytes of an aggregation's name, with the zero that ends it.
pub const AGGREGATION_NAME: u64 = 256;
/// The bit of a filter's operator that says that its data holds environment variables.
pub const ENVIRONMENT: u32 = 0x4000_0000;
/// The bits of a filter's operator that are its number.
pub const OPERATOR: u32 = 0xffff;

/// How to read a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A little-endian number.
    Number,
    /// UTF-16LE, up to the first zero.
    Text,
    /// Zero bytes.
    Padding,
    /// Bytes that no structure owns.
    Unowned,
}

/// A field of a structure: its name, its first byte in the structure, its bytes.
pub(super) type Field = (&'static str, u64, u64, Kind);

pub(super) const HEADER_FIELDS: [Field; 6] = [
    ("version", 0, 4, Kind::Number),
    ("rules", 4, 4, Kind::Number),
    ("size", 8, 4, Kind::Number),
    ("schema", 12, 4, Kind::Number),
    ("first_event", 16, 4, Kind::Number),
    ("first_aggregation", 20, 4, Kind::Number),
];

pub(super) const EVENT_FIELDS: [Field; 6] = [
    ("id", 0, 4, Kind::Number),
    ("default", 4, 4, Kind::Number),
    ("combine", 8, 4, Kind::Number),
    ("next", 12, 4, Kind::Number),
    ("count", 16, 4, Kind::Number),
    ("first", 20, 4, Kind::Number),
];

pub(super) const FILTER_FIELDS: [Field; 7] = [
    ("field", 0, 4, Kind::Number),
    ("name", 4, FILTER_NAME, Kind::Text),
    ("operator", 516, 4, Kind::Number),
    ("next", 520, 4, Kind::Number),
    ("size", 524, 4, Kind::Number),
    ("aggregation", 528, 4, Kind::Number),
    ("aggregation_offset", 532, 4, Kind::Number),
];

pub(super) const AGGREGATION_FIELDS: [Field; 9] = [
    ("name", 0, AGGREGATION_NAME, Kind::Text),
    ("message", 256, 8, Kind::Number),
    ("id", 264, 4, Kind::Number),
    ("first", 268, 4, Kind::Number),
    ("next", 272, 4, Kind::Number),
    ("count", 276, 4, Kind::Number),
    ("combine", 280, 4, Kind::Number),
    ("checked", 284, 4, Kind::Number),
    ("matched", 288, 4, Kind::Number),
];

/// Where the offset of the next event stands in an event.
pub(super) const EVENT_NEXT: u64 = 12;
/// Where the number of filters stands in an event.
pub(super) const EVENT_COUNT: u64 = 16;
/// Where the offset of the first filter stands in an event.
pub(super) const EVENT_FIRST: u64 = 20;
/// Where the operator stands in a filter.
pub(super) const FILTER_OPERATOR: u64 = 516;
/// Where the offset of the next filter stands in a filter.
pub(super) const FILTER_NEXT: u64 = 520;
/// Where the size of the data stands in a filter.
pub(super) const FILTER_SIZE: u64 = 524;
/// Where the id of the aggregation stands in a filter.
pub(super) const FILTER_AGGREGATION: u64 = 528;
/// Where the offset of the aggregation stands in a filter.
pub(super) const FILTER_AGGREGATION_OFFSET: u64 = 532;
/// Where the id stands in an aggregation; its working memory before it is a message id.
pub(super) const AGGREGATION_ID: u64 = 264;
/// Where the offset of the first filter stands in an aggregation.
pub(super) const AGGREGATION_FIRST: u64 = 268;
/// Where the offset of the next aggregation stands in an aggregation.
pub(super) const AGGREGATION_NEXT: u64 = 272;
/// Where the number of filters stands in an aggregation.
pub(super) const AGGREGATION_COUNT: u64 = 276;

/// The bytes that a filter takes up with its data: the compiler counts one byte of data too many and then goes on to
/// the next multiple of eight, so that at least one zero byte follows the data.
pub(super) fn filter_slot(data: u64) -> u64 {
    aligned(FILTER.saturating_add(data).saturating_add(1))
}

/// The next multiple of eight.
pub(super) fn aligned(at: u64) -> u64 {
    at.checked_next_multiple_of(ALIGNMENT).unwrap_or(u64::MAX)
}

/// The bytes from one offset to another; none where they are not there.
pub(super) fn part(bytes: &[u8], start: u64, end: u64) -> &[u8] {
    let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else { return &[] };
    bytes.get(start..end).unwrap_or_default()
}

/// The number at an offset; zero where there is none.
pub(super) fn number(bytes: &[u8], at: u64) -> u32 {
    part(bytes, at, at.saturating_add(4)).first_chunk().map_or(0, |four| u32::from_le_bytes(*four))
}
