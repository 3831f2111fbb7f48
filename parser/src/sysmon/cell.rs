//! Every byte of a blob with a label, whatever the blob: fields and padding of the structures that the lists lead to,
//! and what no structure owns.

use super::layout::*;
use super::view::Wide;
use super::walk::{Node, span};
use super::{Blob, check};
use crate::error::Path;
use core::fmt;
use core::ops::Range;

/// A labelled stretch of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its bytes, as offsets into the blob; never empty.
    pub span: Range<u64>,
    /// Its label.
    pub path: Path,
    /// How to read it.
    pub kind: Kind,
}

impl Cell {
    /// What stands in it, given the bytes of the blob: one line without control characters.
    pub fn value<'a>(&self, blob: &'a [u8]) -> impl fmt::Display + use<'a> {
        let bytes = blob.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        CellValue { bytes, kind: self.kind }
    }
}

struct CellValue<'a> {
    bytes: &'a [u8],
    kind: Kind,
}

/// Bytes that are shown of what is no number and no text.
const SHOWN: usize = 16;

impl fmt::Display for CellValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Number => {
                let number = self.bytes.iter().rev().fold(0u64, |number, b| number << 8 | u64::from(*b));
                if number < 10 { write!(f, "{number}") } else { write!(f, "{number} ({number:#x})") }
            }
            Kind::Text => {
                f.write_str("\"")?;
                Wide::new(self.bytes)
                    .chars()
                    .flat_map(char::escape_debug)
                    .try_for_each(|c| write!(f, "{c}"))?;
                f.write_str("\"")
            }
            Kind::Padding if self.bytes.iter().all(|b| *b == 0) => f.write_str("zero"),
            Kind::Padding | Kind::Unowned => {
                self.bytes.iter().take(SHOWN).try_for_each(|b| write!(f, "{b:02x} "))?;
                if self.bytes.len() > SHOWN { f.write_str("...") } else { Ok(()) }
            }
        }
    }
}

/// All cells of a blob, broken or not, in the order of its bytes. They cover each byte exactly once.
pub fn cells(bytes: &[u8]) -> impl Iterator<Item = Cell> + '_ {
    let length = bytes.len() as u64;
    let header = check::header(bytes).ok();
    let nodes = header.into_iter().flat_map(move |header| Blob { bytes, header }.nodes());
    let owned = header.into_iter().flat_map(|header| {
        fields(&HEADER_FIELDS, 0, Path::of("header")).take_while(move |cell| cell.span.end <= header.bytes())
    });
    let owned = owned.chain(nodes.flat_map(move |node| structure(bytes, node)));
    let last = Cell { span: length..length, path: Path::default(), kind: Kind::Unowned };
    let mut at = 0;
    owned.chain(core::iter::once(last)).flat_map(move |cell| {
        let gap = Cell { span: at..cell.span.start, path: Path::of("unowned"), kind: Kind::Unowned };
        at = cell.span.end;
        [gap, cell].into_iter().filter(|cell| cell.span.start < cell.span.end)
    })
}

fn fields(fields: &'static [Field], at: u64, path: Path) -> impl Iterator<Item = Cell> {
    fields.iter().map(move |(name, from, length, kind)| Cell {
        span: span(at.saturating_add(*from), *length),
        path: path.then(name),
        kind: *kind,
    })
}

fn structure(bytes: &[u8], node: Node) -> impl Iterator<Item = Cell> + use<> {
    let (at, path) = (node.at(), node.path());
    let (end, slot) = node.ends(bytes);
    let (table, length): (&'static [Field], _) = match node {
        Node::Event { .. } => (&EVENT_FIELDS, EVENT),
        Node::Filter { .. } => (&FILTER_FIELDS, FILTER),
        Node::Aggregation { .. } => (&AGGREGATION_FIELDS, AGGREGATION),
    };
    let data = Cell { span: at.saturating_add(length)..end, path: path.then("data"), kind: Kind::Text };
    let padding = Cell { span: end..slot, path: path.then("padding"), kind: Kind::Padding };
    fields(table, at, path).chain([data, padding])
}
