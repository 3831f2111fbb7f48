//! Every byte of a file with a label: the dump prints the cells, the text form aims its damage at them, and a test
//! shows that they cover each byte of an accepted file exactly once.

use super::ChannelFile;
use super::layout::*;
use super::read::{Entry, TableView, entries};
use crate::error::Path;
use alloc::boxed::Box;
use core::ops::Range;

/// A labelled stretch of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its bytes, as offsets into the file.
    pub span: Range<u64>,
    /// Its label.
    pub path: Path,
    /// How to read it.
    pub kind: CellKind,
}

/// How to read a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Bytes that are compared as a whole.
    Raw,
    /// A little-endian number of as many bytes as the cell has.
    Number,
    /// Text.
    Text,
    /// Zero bytes up to the next multiple of eight.
    Padding,
}

/// All cells of a file in the order of its bytes; those without bytes (empty texts, no padding) are left out.
pub fn cells<'a>(file: &'a ChannelFile<'a>) -> impl Iterator<Item = Cell> + 'a {
    let count = file.header().sections;
    let directory = (0..count).flat_map(entry);
    let sections = entries(file.bytes(), count).enumerate().flat_map(|(index, entry)| {
        let content: Box<dyn Iterator<Item = Cell>> = match Table::ALL.get(index) {
            Some(table) => Box::new(section(file, *table)),
            None => Box::new(core::iter::once(Cell {
                span: entry.offset..entry.offset.saturating_add(entry.length),
                path: Path::at("extra", (index as u32).saturating_sub(Table::ALL.len() as u32)),
                kind: CellKind::Raw,
            })),
        };
        content.chain(padding(index as u32, entry))
    });
    let length = file.bytes().len() as u64;
    let trailer = [("sum", 16, 8), ("fold", 8, 0)].map(|(name, from, to)| Cell {
        span: length.saturating_sub(from)..length.saturating_sub(to),
        path: Path::of("checksum").then(name),
        kind: CellKind::Number,
    });
    header().chain(directory).chain(sections).chain(trailer).filter(|cell| !cell.span.is_empty())
}

fn number(span: Range<u64>, path: Path) -> Cell {
    Cell { span, path, kind: CellKind::Number }
}

fn header() -> impl Iterator<Item = Cell> {
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
    core::iter::once(raw)
        .chain(numbers.into_iter().map(|(name, span)| number(span, Path::of("header").then(name))))
}

fn entry(index: u32) -> impl Iterator<Item = Cell> {
    let at = HEADER.saturating_add(u64::from(index).saturating_mul(ENTRY));
    let path = Path::at("directory", index);
    let span = |from: u64, to: u64| at.saturating_add(from)..at.saturating_add(to);
    [
        Cell { span: span(0, 4), path: path.then("name"), kind: CellKind::Text },
        number(span(4, 8), path.then("flags")),
        number(span(8, 16), path.then("offset")),
        number(span(16, 24), path.then("length")),
    ]
    .into_iter()
}

fn padding(index: u32, entry: Entry) -> impl Iterator<Item = Cell> {
    let end = entry.offset.saturating_add(entry.length);
    let aligned = end.checked_next_multiple_of(ALIGNMENT).unwrap_or(end);
    let path = Path::at("directory", index).then("padding");
    core::iter::once(Cell { span: end..aligned, path, kind: CellKind::Padding })
}

fn section<'a>(file: &'a ChannelFile<'a>, table: Table) -> impl Iterator<Item = Cell> + 'a {
    let (layout, view) = (table.section(), file.table(table));
    let start = view.at.start;
    let head = [("count", 0, 4), ("reserved", 4, 8)].map(|(name, from, to)| {
        let span = start.saturating_add(from)..start.saturating_add(to);
        number(span, Path::of(layout.rows).then(name))
    });
    let words = layout.words.iter().enumerate().flat_map(move |(column, name)| {
        let words = view.column(column);
        (0..view.rows).map(move |row| number(words.span(row), Path::at(layout.rows, row).then(name)))
    });
    let bytes = layout.bytes.iter().flat_map(move |name| {
        (0..view.rows).map(move |row| number(view.bytes.span(row), Path::at(layout.rows, row).then(name)))
    });
    head.into_iter().chain(words).chain(bytes).chain(texts(view, table))
}

fn texts<'a>(view: &'a TableView<'a>, table: Table) -> impl Iterator<Item = Cell> + 'a {
    let layout = table.section();
    let chain = CHAINS.iter().find(move |chain| chain.table == table && chain.of.is_none());
    chain.into_iter().flat_map(move |chain| {
        let columns = chain.first..chain.first.saturating_add(chain.columns);
        let mut start = 0;
        (0..view.rows).flat_map(move |row| columns.clone().map(move |column| (row, column))).map(
            move |(row, column)| {
                let end = view.column(column).get(row).unwrap_or(start);
                let part = core::mem::replace(&mut start, end)..end;
                let path = Path::at(layout.rows, row).then(layout.text_of(column));
                Cell { span: view.text.part_span(part), path, kind: CellKind::Text }
            },
        )
    })
}
