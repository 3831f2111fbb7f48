//! The rule blob of Microsoft Sysmon: what its compiler makes of a configuration and its driver interprets, specified
//! in `SYSMON.md`.
//!
//! [`parse`] accepts or refuses; [`examine`] goes on after an error as far as the structures can be told apart. What is
//! accepted has exactly one meaning and one sequence of bytes: [`Blob::draft`] and [`encode`] undo each other.
//!
//! ```
//! use channel_parser::sysmon::{self, draft};
//!
//! let filter = draft::Filter { field: 4, operator: 2, value: "cmd.exe".encode_utf16().collect(), ..Default::default() };
//! let event = draft::Event { id: 1, default: 1, items: vec![draft::Item::Filter(filter)], ..Default::default() };
//! let draft = draft::Draft { version: 0xf_0000, schema: 0x4_0032, events: vec![event], ..Default::default() };
//! let bytes = sysmon::encode(&draft).unwrap();
//! let blob = sysmon::parse(&bytes).unwrap();
//! let filter = blob.events().next().unwrap().filters().next().unwrap();
//! assert_eq!((filter.field(), filter.value().to_string().as_str()), (4, "cmd.exe"));
//! assert_eq!(blob.draft(), draft);
//!
//! let error = sysmon::parse(&bytes[..bytes.len() - 8]).unwrap_err();
//! assert_eq!(error.path.to_string(), "events[0].filters[0].size");
//! assert_eq!(error.to_string(), "the file is not as long as it says: expected 608 bytes, found 600 bytes");
//! ```

mod cell;
mod check;
#[cfg(feature = "alloc")]
pub mod draft;
#[cfg(feature = "alloc")]
mod encode;
mod item;
mod layout;
#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests;
#[cfg(feature = "alloc")]
mod text;
mod view;
mod walk;

pub use cell::{Cell, cells};
#[cfg(feature = "alloc")]
pub use encode::{EncodeError, encode};
pub use item::Item;
pub use layout::Kind;
#[cfg(feature = "alloc")]
pub use text::{Names, assemble, print};
pub use view::{Aggregation, Combine, DefaultAction, Event, Filter, Version, Wide};

use crate::error::Error;
use layout::*;

/// A rule blob in place: a header and lists over the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    bytes: &'a [u8],
    header: Header,
}

/// What the header of a blob says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The version of the format.
    pub version: u32,
    /// How many events there are.
    pub rules: u32,
    /// The schema version that the configuration asked for; zero where the header is short.
    pub schema: u32,
    /// Where the first event is; zero where the header is short.
    pub first_event: u32,
    /// Where the first aggregation is, if the compiler noted it.
    pub first_aggregation: u32,
}

impl Header {
    /// Whether it has the version and the count only, as up to version 1.0.
    pub fn is_short(&self) -> bool {
        self.version <= LAST_SHORT
    }

    fn bytes(&self) -> u64 {
        if self.is_short() { SHORT_HEADER } else { LONG_HEADER }
    }
}

/// Accepts a rule blob, or says the first thing that is wrong with it.
///
/// # Errors
///
/// Any [`crate::ErrorKind`].
pub fn parse(bytes: &[u8]) -> Result<Blob<'_>, Error> {
    let mut first = None;
    let header = check::header(bytes)?;
    check::structures(bytes, &header, &mut |error| {
        first.get_or_insert(error);
    });
    match first {
        None => Ok(Blob { bytes, header }),
        Some(error) => Err(error),
    }
}

/// Reports everything that is wrong with a rule blob, without the consequences of what was reported before. Nothing is
/// returned only where there is no header; where an error was reported, the views end where the lists do.
pub fn examine<'a>(bytes: &'a [u8], report: &mut dyn FnMut(Error)) -> Option<Blob<'a>> {
    let header = check::header(bytes).map_err(&mut *report).ok()?;
    check::structures(bytes, &header, report);
    Some(Blob { bytes, header })
}

/// Whether these are the first bytes of a rule blob, however broken the rest is. The format has no magic: the version,
/// the size of the header and the first event speak for it.
pub fn looks_like(bytes: &[u8]) -> bool {
    let field = |at| number(bytes, at);
    let version = |v: u32| (1..=0xff).contains(&(v >> 16)) && v & 0xffff < 100;
    let length = bytes.len() as u64;
    if !version(field(0)) {
        return false;
    }
    if field(0) > LAST_SHORT {
        return u64::from(field(8)) == LONG_HEADER && version(field(12));
    }
    if length < SHORT_HEADER.saturating_add(EVENT) {
        return false;
    }
    let fits = u64::from(field(4)).saturating_mul(EVENT) < length;
    fits && field(4) != 0 && field(8) <= 0xffff && field(12) <= 3 && field(16) <= 1
}
