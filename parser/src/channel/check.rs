//! What the columns hold. Each is checked as a whole slice, in a loop without an early exit that the compiler turns
//! into vector code; only a column that fails is looked at row by row, to say where.

use super::ChannelFile;
use super::column::{Bytes, Words};
use super::layout::*;
use super::operand::Operand;
use super::read::TableView;
use crate::error::{Error, ErrorKind, Path, Value};
use crate::model::{Level, Operator, Quantifier};
use core::ops::Range;

/// Rows that are looked at together before any is looked at alone.
const BLOCK: usize = 32;

/// Checks that every row and every byte of text has exactly one owner.
pub(super) fn chains(file: &ChannelFile<'_>, report: &mut dyn FnMut(Error)) {
    for chain in &CHAINS {
        let table = file.table(chain.table);
        let limit = match chain.of {
            Some(of) => u64::from(file.table(of).rows),
            None => table.text.cells.len() as u64,
        };
        if !ordered(table, chain, limit) {
            report(disorder(table, chain, limit));
        }
    }
}

/// Whether the numbers of a chain, read row by row, never go down and end at the limit.
fn ordered(table: &TableView<'_>, chain: &Chain, limit: u64) -> bool {
    let last = table.column(chain.first.saturating_add(chain.columns).saturating_sub(1));
    let mut columns = chain.first..chain.first.saturating_add(chain.columns);
    let first = table.column(chain.first);
    // The row before the first ends at 0.
    let opened = !chain.strict || first.get(0).is_none_or(|end| end > 0);
    let closed = u64::from(last.iter().next_back().unwrap_or(0)) == limit || planted!("last-row-unowned");
    let across =
        if chain.strict { follows(last, first, 1, u32::lt) } else { follows(last, first, 1, u32::le) };
    let mut before = columns.next();
    let within = columns.fold(true, |ok, column| {
        let follows =
            before.is_none_or(|before| follows(table.column(before), table.column(column), 0, u32::le));
        before = Some(column);
        ok & follows
    });
    opened & closed & across & within
}

/// Whether every number of `b`, from row `skip` on, is in order with the number of `a` so many rows before.
fn follows(a: &Words<'_>, b: &Words<'_>, skip: usize, in_order: fn(&u32, &u32) -> bool) -> bool {
    let pairs = a.cells.iter().zip(b.cells.iter().skip(skip));
    pairs.fold(true, |ok, (a, b)| ok & in_order(&u32::from_le_bytes(*a), &u32::from_le_bytes(*b)))
}

/// The first place at which a chain is out of order; what follows it may be a consequence.
fn disorder(table: &TableView<'_>, chain: &Chain, limit: u64) -> Error {
    let section = chain.table.section();
    let (mut before, mut at, mut place) = (0u64, table.at.into(), Path::of(section.rows));
    for row in 0..table.rows {
        for column in chain.first..chain.first.saturating_add(chain.columns) {
            let words = table.column(column);
            let end = words.get(row).unwrap_or(0).into();
            at = words.span(row);
            place = Path::at(section.rows, row).then(section.words.get(column).copied().unwrap_or_default());
            let least = before.saturating_add((chain.strict && column == chain.first).into());
            if end < before || end > limit {
                let expected = if end < before { Value::AtLeast(least) } else { Value::AtMost(limit) };
                return Error::at(ErrorKind::Ends, at, place, expected, Value::Number(end));
            }
            if end < least {
                return Error::at(ErrorKind::Hollow, at, place, Value::AtLeast(least), Value::Number(end));
            }
            before = end;
        }
    }
    Error::at(ErrorKind::Ends, at, place, Value::Number(limit), Value::Number(before))
}

/// Checks what stands in the columns and in the text.
pub(super) fn values(file: &ChannelFile<'_>, report: &mut dyn FnMut(Error)) {
    types(file.table(Table::Types), report);
    references(file, report);
    let is_level = |b| Level::from_number(b).is_some();
    let is_quantifier = |b| Quantifier::from_number(b).is_some();
    let levels = Value::AtMost(Level::ALL.len().saturating_sub(1) as u64);
    words(file.table(Table::Detections), "detections", "level", levels, is_level, report);
    words(file.table(Table::Clauses), "clauses", "quantifier", Value::AtMost(1), is_quantifier, report);
    let operators = Value::Phrase("the number of an operator, with bit 7 only where it compares text");
    words(file.table(Table::Patterns), "patterns", "operator", operators, is_operator, report);
    for chain in CHAINS.iter().filter(|chain| chain.of.is_none()) {
        text(file.table(chain.table), chain, report);
    }
    operands(file.table(Table::Patterns), report);
}

fn types(table: &TableView<'_>, report: &mut dyn FnMut(Error)) {
    let ids = table.column(0);
    if follows(ids, ids, 1, if planted!("type-twice") { u32::le } else { u32::lt }) {
        return;
    }
    for (row, (before, id)) in (1u32..).zip(ids.iter().zip(ids.iter().skip(1))) {
        if id <= before {
            let path = Path::at("types", row).then("id");
            let expected = Value::AtLeast(u64::from(before).saturating_add(1));
            report(Error::at(ErrorKind::TypeOrder, ids.span(row), path, expected, Value::Number(id.into())));
        }
    }
}

fn references(file: &ChannelFile<'_>, report: &mut dyn FnMut(Error)) {
    let types = file.table(Table::Types).rows.saturating_add(planted!("reference-off-by-one").into());
    let templates = file.table(Table::Instances).column(0);
    if templates.iter().fold(true, |ok, template| ok & (template < types)) {
        return;
    }
    for (row, template) in (0u32..).zip(templates.iter()) {
        if template >= types {
            let path = Path::at("instances", row).then("template");
            let expected = match types.checked_sub(1) {
                Some(last) => Value::AtMost(last.into()),
                None => Value::Phrase("a template type, of which the file has none"),
            };
            let found = Value::Number(template.into());
            report(Error::at(ErrorKind::Reference, templates.span(row), path, expected, found));
        }
    }
}

fn is_operator(b: u8) -> bool {
    const TEXT: u8 = 6;
    const ALL: u8 = 12;
    (b & !NOCASE < TEXT) | (b < ALL)
}

fn words(
    table: &TableView<'_>,
    rows: &'static str,
    column: &'static str,
    expected: Value,
    known: fn(u8) -> bool,
    report: &mut dyn FnMut(Error),
) {
    let Bytes { cells, .. } = table.bytes;
    if cells.iter().fold(true, |ok, b| ok & known(*b)) {
        return;
    }
    for (row, b) in (0u32..).zip(cells) {
        if !known(*b) {
            let path = Path::at(rows, row).then(column);
            report(Error::at(
                ErrorKind::Word,
                table.bytes.span(row),
                path,
                expected,
                Value::Hex((*b).into()),
            ));
        }
    }
}

/// Checks that the text of every row is UTF-8: blocks of rows at once, for what is UTF-8 as a whole and is cut between
/// characters is UTF-8 in every part.
fn text(table: &TableView<'_>, chain: &Chain, report: &mut dyn FnMut(Error)) {
    let last = table.column(chain.first.saturating_add(chain.columns).saturating_sub(1));
    let mut start = 0;
    for (first, block) in (0u32..).step_by(BLOCK).zip(last.cells.chunks(BLOCK)) {
        let end = block.last().map_or(start, |end| u32::from_le_bytes(*end));
        let rows = first..first.saturating_add(block.len() as u32);
        if !whole(table, chain, rows.clone(), start..end) {
            rows.for_each(|row| row_text(table, chain, row, report));
        }
        start = end;
    }
}

/// Whether the text of a block of rows is UTF-8 and every part of it starts with a character.
fn whole(table: &TableView<'_>, chain: &Chain, rows: Range<u32>, part: Range<u32>) -> bool {
    let bytes = table.text.part(part.clone());
    if bytes.is_ascii() {
        return true;
    }
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let mut columns = chain.first..chain.first.saturating_add(chain.columns);
    columns.all(|column| starts(table.column(column), rows.clone(), part.start, text))
}

/// Whether the parts that end in these rows end between characters.
fn starts(ends: &Words<'_>, rows: Range<u32>, base: u32, text: &str) -> bool {
    let ends = ends.cells.get(rows.start as usize..rows.end as usize).unwrap_or_default();
    ends.iter().fold(true, |ok, end| {
        let at = u32::from_le_bytes(*end).wrapping_sub(base) as usize;
        ok & (text.is_char_boundary(at) | planted!("cut-character"))
    })
}

fn row_text(table: &TableView<'_>, chain: &Chain, row: u32, report: &mut dyn FnMut(Error)) {
    let columns = chain.first..chain.first.saturating_add(chain.columns);
    let last = table.column(columns.end.saturating_sub(1));
    let mut start = last.owned(row).start;
    for column in columns {
        let end = table.column(column).get(row).unwrap_or(start);
        let text = table.text.part(start..end);
        if let Err(error) = core::str::from_utf8(text) {
            let section = chain.table.section();
            let valid = error.valid_up_to();
            let at = table.text.part_span(start..end).start.saturating_add(valid as u64);
            let length = error.error_len().unwrap_or(text.len().saturating_sub(valid));
            let path = Path::at(section.rows, row).then(section.text_of(column));
            let found = Value::raw(text.get(valid..valid.saturating_add(length)).unwrap_or_default());
            let expected = Value::Phrase("UTF-8");
            report(Error::at(ErrorKind::Utf8, at..at.saturating_add(length as u64), path, expected, found));
        }
        start = end;
    }
}

fn operands(table: &TableView<'_>, report: &mut dyn FnMut(Error)) {
    let ends = table.column(0);
    for (first, block) in (0u32..).step_by(BLOCK).zip(table.bytes.cells.chunks(BLOCK)) {
        if block.iter().fold(true, |ok, b| ok & (b & !NOCASE < Operator::Equal.number())) {
            continue;
        }
        for (row, b) in (first..).zip(block) {
            let Some(operator) = Operator::from_number(*b) else { continue };
            let part = ends.owned(row);
            let operand = table.text.part(part.clone());
            let Err(error) = Operand::decode(operator, operand) else { continue };
            // What is no text at all has been reported as that.
            if core::str::from_utf8(operand).is_ok() {
                let path = Path::at("patterns", row).then("operand");
                let span = table.text.part_span(part);
                let (expected, found) = (Value::Phrase(error.expected()), Value::raw(operand));
                report(Error::at(ErrorKind::Operand, span, path, expected, found));
            }
        }
    }
}
