//! The channel file: our open format, specified in `FORMAT.md`.
//!
//! [`parse`] accepts or refuses, as a sensor does; [`examine`] goes on after an error as far as the tables can be told
//! apart, for those who want to know everything that is wrong at once.

#[cfg(feature = "alloc")]
mod cell;
mod check;
mod checksum;
mod column;
#[cfg(feature = "alloc")]
mod encode;
mod layout;
mod name;
mod operand;
mod read;
#[cfg(feature = "alloc")]
mod value;
mod view;

pub use checksum::checksum;
pub use column::{Bytes, Words};
pub use layout::{CHAINS, Chain, MAGIC, Section, TRAILER, Table, VERSION};
pub use name::FileName;
pub use operand::{Operand, OperandError};
pub use read::{Entry, Header, TableView};
pub use view::{Clause, Criterion, Detection, Instance, Pattern, Provenance, TemplateType};

#[cfg(feature = "alloc")]
pub use cell::{Cell, CellKind, cells};
#[cfg(feature = "alloc")]
pub(crate) use encode::seal;
#[cfg(feature = "alloc")]
pub use encode::{EncodeError, encode};
#[cfg(feature = "alloc")]
pub(crate) use operand::is_network;
#[cfg(feature = "alloc")]
pub use value::CellValue;

use crate::error::Error;

/// A channel file in place: a header and eight tables over the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct ChannelFile<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) header: Header,
    pub(crate) tables: [TableView<'a>; 8],
}

/// Accepts a channel file, or says the first thing that is wrong with it.
///
/// # Errors
///
/// Any [`crate::ErrorKind`].
pub fn parse(bytes: &[u8]) -> Result<ChannelFile<'_>, Error> {
    let mut first = None;
    let file = examine(bytes, &mut |error| {
        first.get_or_insert(error);
    });
    match (first, file) {
        (None, Some(file)) => Ok(file),
        (Some(error), _) => Err(error),
        (None, None) => Err(read::unreadable()),
    }
}

/// Reports everything that is wrong with a channel file, without the consequences of what was reported before.
///
/// The file is returned if its tables can be told apart; where an error was reported, a view may then answer `None`.
/// Only a file for which nothing was reported is accepted.
pub fn examine<'a>(bytes: &'a [u8], report: &mut dyn FnMut(Error)) -> Option<ChannelFile<'a>> {
    let sealed = read::header(bytes).and_then(|header| read::seal(bytes).map(|()| header));
    let header = sealed.map_err(&mut *report).ok()?;
    let file = structure(bytes, header, report)?;
    check::values(&file, report);
    Some(file)
}

/// The tables, if they can be told apart, whatever stands in them.
fn structure<'a>(bytes: &'a [u8], header: Header, report: &mut dyn FnMut(Error)) -> Option<ChannelFile<'a>> {
    let file = read::tables(bytes, header, report)?;
    let mut fatal = false;
    check::chains(&file, &mut |error| {
        fatal = true;
        report(error);
    });
    (!fatal).then_some(file)
}

impl<'a> ChannelFile<'a> {
    /// What the header says.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The whole file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// One of its tables.
    pub fn table(&self, table: Table) -> &TableView<'a> {
        let [types, fields, detections, instances, criteria, clauses, patterns, provenance] = &self.tables;
        match table {
            Table::Types => types,
            Table::Fields => fields,
            Table::Detections => detections,
            Table::Instances => instances,
            Table::Criteria => criteria,
            Table::Clauses => clauses,
            Table::Patterns => patterns,
            Table::Provenance => provenance,
        }
    }

    /// The sections that this reader does not know and may skip.
    pub fn extra_sections(&self) -> impl Iterator<Item = Entry> + '_ {
        read::entries(self.bytes, self.header.sections).skip(Table::ALL.len())
    }

    /// The bytes of a section; none of one that lies outside of the file.
    pub fn section_bytes(&self, entry: &Entry) -> &'a [u8] {
        // Whoever calls this may have made the entry: where addresses have 32 bits, a cut offset would lead elsewhere.
        let ends = (entry.offset.try_into(), entry.offset.saturating_add(entry.length).try_into());
        let (Ok(start), Ok(end)) = ends else { return &[] };
        self.bytes.get::<core::ops::Range<usize>>(start..end).unwrap_or_default()
    }
}
