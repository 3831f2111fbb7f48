//! Every byte of a file with a label: the dump prints the cells, the text form aims its damage at them. They cover
//! each byte of any input exactly once. What no label fits is a gap, which says why; nothing is guessed.

use super::layout::*;
use super::read::{self, Entry, TableView};
use crate::error::{Error, Path};
use alloc::boxed::Box;
use core::iter::{Peekable, once};
use core::ops::Range;

/// A labelled stretch of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its bytes, as offsets into the file; never empty.
    pub span: Range<u64>,
    /// Its label.
    pub path: Path,
    /// How to read it.
    pub kind: CellKind,
}

/// How to read a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Bytes that are compared as a whole.
    Raw,
    /// A little-endian number of as many bytes as the cell has.
    Number,
    /// The number of a [`crate::model::Level`].
    Level,
    /// The number of a [`crate::model::Quantifier`].
    Quantifier,
    /// The number of a [`crate::model::Operator`], and whether it compares without case.
    Operator,
    /// Text.
    Text,
    /// The operand of a pattern whose operator has this number.
    Operand(u8),
    /// Zero bytes up to the next multiple of eight.
    Padding,
    /// What cannot be told apart, because of the first error that hides it.
    Undecoded(Box<Error>),
}

type Cells<'a> = Box<dyn Iterator<Item = Cell> + 'a>;

/// All cells of a file, broken or not, in the order of its bytes. Empty texts and paddings have none.
///
/// ```
/// use channel_parser::channel::{self, CellKind};
///
/// let cells: Vec<_> = channel::cells(b"\x89CHN\r\n\x1a\n\x01\0\0\0\x08\0\0\0short").collect();
/// let labels: Vec<_> = cells.iter().map(|cell| cell.path.to_string()).collect();
/// assert_eq!(labels, ["header.magic", "header.version", "header.sections", "undecoded"]);
/// assert!(matches!(cells[3].kind, CellKind::Undecoded(_)));
/// ```
pub fn cells(bytes: &[u8]) -> impl Iterator<Item = Cell> + '_ {
    let length = bytes.len() as u64;
    let known = match bytes.get(8..12) {
        Some(version) => version == VERSION.to_le_bytes(),
        None => true,
    };
    let cells: Cells<'_> = match read::read_header(bytes) {
        _ if !bytes.starts_with(&MAGIC) => Box::new(core::iter::empty()),
        _ if !known => Box::new(head().take(2)),
        None => Box::new(head()),
        Some((_, header)) => {
            let count = header.sections.min(crate::limits::SECTIONS);
            let end = header.length.min(length);
            let trailer = end.saturating_sub(TRAILER);
            // A file that was cut has lost its trailer; what stands there is something else.
            let trailer_or_not = (header.length <= length).then_some(trailer);
            let limit = trailer_or_not.unwrap_or(end);
            let cells = head().chain((0..count).flat_map(entry)).chain(sections(bytes, count, limit));
            Box::new(cells.chain(trailer_or_not.into_iter().flat_map(checksum)))
        }
    };
    Tiles { bytes, cells: cells.peekable(), at: 0, reason: None }
}

/// Cells without overlap, and the gaps between them.
struct Tiles<'a> {
    bytes: &'a [u8],
    cells: Peekable<Cells<'a>>,
    at: u64,
    reason: Option<Box<Error>>,
}

impl Iterator for Tiles<'_> {
    type Item = Cell;

    fn next(&mut self) -> Option<Cell> {
        let (at, length) = (self.at, self.bytes.len() as u64);
        let unfit =
            |cell: &Cell| cell.span.start < at || cell.span.end <= cell.span.start || cell.span.end > length;
        while self.cells.next_if(unfit).is_some() {}
        let cell = match self.cells.next_if(|cell| cell.span.start == at) {
            Some(cell) => cell,
            None => {
                let end = self.cells.peek().map_or(length, |cell| cell.span.start);
                if end == at {
                    return None;
                }
                let bytes = self.bytes;
                let reason = self.reason.get_or_insert_with(|| Box::new(reason(bytes)));
                Cell { span: at..end, path: Path::of("undecoded"), kind: CellKind::Undecoded(reason.clone()) }
            }
        };
        self.at = cell.span.end;
        Some(cell)
    }
}

/// The first error that hides bytes. A wrong checksum hides none.
fn reason(bytes: &[u8]) -> Error {
    let mut first = None;
    let mut note = |error: Error| {
        if !error.kind.spares_the_rest() {
            first.get_or_insert(error);
        }
    };
    match read::header(bytes) {
        Ok(header) => drop(super::structure(bytes, header, &mut note)),
        Err(error) => note(error),
    }
    first.unwrap_or_else(read::unreadable)
}

fn number(span: Range<u64>, path: Path) -> Cell {
    Cell { span, path, kind: CellKind::Number }
}

/// A range of so many bytes.
fn span(start: u64, length: u64) -> Range<u64> {
    start..start.saturating_add(length)
}

fn head() -> impl Iterator<Item = Cell> {
    let raw = Cell { span: 0..8, path: Path::of("header").then("magic"), kind: CellKind::Raw };
    let numbers = [
        ("version", 8..12),
        ("sections", 12..16),
        ("length", 16..24),
        ("channel", 24..28),
        ("part", 28..32),
        ("revision", 32..36),
        ("reserved", 36..40),
    ];
    once(raw).chain(numbers.into_iter().map(|(name, span)| number(span, Path::of("header").then(name))))
}

fn entry(index: u32) -> impl Iterator<Item = Cell> {
    let at = HEADER.saturating_add(u64::from(index).saturating_mul(ENTRY));
    let path = Path::at("directory", index);
    let span = |from: u64, length: u64| span(at.saturating_add(from), length);
    [
        Cell { span: span(0, 4), path: path.then("name"), kind: CellKind::Text },
        number(span(4, 4), path.then("flags")),
        number(span(8, 8), path.then("offset")),
        number(span(16, 8), path.then("length")),
    ]
    .into_iter()
}

fn checksum(at: u64) -> impl Iterator<Item = Cell> {
    let path = Path::of("checksum");
    [number(span(at, 8), path.then("sum")), number(span(at.saturating_add(8), 8), path.then("fold"))]
        .into_iter()
}

/// The sections that lie behind each other before a limit.
fn sections(bytes: &[u8], count: u32, limit: u64) -> impl Iterator<Item = Cell> + '_ {
    let mut next = HEADER.saturating_add(u64::from(count).saturating_mul(ENTRY));
    (0u32..).zip(read::entries(bytes, count)).flat_map(move |(index, entry)| {
        let stop = entry.offset.saturating_add(entry.length);
        if entry.offset < next || stop > limit {
            return Box::new(core::iter::empty()) as Cells<'_>;
        }
        let aligned = stop.checked_next_multiple_of(ALIGNMENT).filter(|end| *end <= limit).unwrap_or(stop);
        next = aligned;
        let path = Path::at("directory", index).then("padding");
        let padding = Cell { span: stop..aligned, path, kind: CellKind::Padding };
        Box::new(content(bytes, index, entry).chain(once(padding)))
    })
}

fn content(bytes: &[u8], index: u32, entry: Entry) -> Cells<'_> {
    let Some(table) = Table::ALL.get(index as usize).copied() else {
        let path = Path::at("extra", index.saturating_sub(Table::ALL.len() as u32));
        let span = span(entry.offset, entry.length);
        return Box::new(once(Cell { span, path, kind: CellKind::Raw }));
    };
    let layout = table.section();
    if entry.name != *layout.name {
        return Box::new(core::iter::empty());
    }
    let (at, path) = (entry.offset, Path::of(layout.rows));
    let head = [
        number(span(at, 4), path.then("count")),
        number(span(at.saturating_add(4), 4), path.then("reserved")),
    ];
    match read::split(bytes, layout, entry, &mut |_| {}) {
        Ok(view) => Box::new(head.into_iter().chain(columns(view, layout)).chain(texts(view, table))),
        Err(_) if entry.length >= HEAD => Box::new(head.into_iter()),
        Err(_) => Box::new(core::iter::empty()),
    }
}

fn columns<'a>(view: TableView<'a>, layout: &'static Section) -> impl Iterator<Item = Cell> + use<'a> {
    let words = layout.words.iter().zip(view.words).flat_map(move |(name, words)| {
        (0..view.rows).map(move |row| number(words.span(row), Path::at(layout.rows, row).then(name)))
    });
    let bytes = layout.bytes.iter().flat_map(move |name| {
        let kind = match *name {
            "level" => CellKind::Level,
            "quantifier" => CellKind::Quantifier,
            _ => CellKind::Operator,
        };
        (0..view.rows).map(move |row| {
            let path = Path::at(layout.rows, row).then(name);
            Cell { span: view.bytes.span(row), path, kind: kind.clone() }
        })
    });
    words.chain(bytes)
}

/// The texts of a section as far as their ends are in order.
fn texts<'a>(view: TableView<'a>, table: Table) -> impl Iterator<Item = Cell> + use<'a> {
    let layout = table.section();
    let chain = CHAINS.iter().find(move |chain| chain.table == table && chain.of.is_none());
    chain.into_iter().flat_map(move |chain| {
        let columns = chain.first..chain.first.saturating_add(chain.columns);
        let places = (0..view.rows).flat_map(move |row| columns.clone().map(move |column| (row, column)));
        let mut start = 0;
        places.map_while(move |(row, column)| {
            let end = view.column(column).get(row)?;
            if end < start || end as usize > view.text.cells.len() {
                return None;
            }
            let part = core::mem::replace(&mut start, end)..end;
            let path = Path::at(layout.rows, row).then(layout.text_of(column));
            let kind = match table {
                Table::Patterns => CellKind::Operand(view.bytes.get(row)?),
                _ => CellKind::Text,
            };
            Some(Cell { span: view.text.part_span(part), path, kind })
        })
    })
}
