//! Breaks of the bytes: what a torn disk, a bad transfer or a wrong writer leaves behind.

#![allow(clippy::ptr_arg, reason = "every break has one signature, and some change the length")]

use super::{Break, Done, How};
use arbitrary::{Result, Unstructured};
use channel_parser::channel::{self, Cell, CellKind, cells, checksum};
use channel_parser::sysmon;
use channel_parser::sysmon::draft::{Draft, Event, Filter, Item};

const CHECKSUM: usize = 16;

macro_rules! breaks {
    ($($rule:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break { name: stringify!($name), rule: $rule, how: How::Bytes($name) },)*];
    };
}

breaks! {
    101 empty,
    102 all_zero,
    103 other_magic,
    104 other_version,
    105 cut,
    105 extended,
    106 flipped,
    106 zero_filled,
    107 directory_moved,
    108 section_renamed,
    109 row_count,
    110 end_goes_down,
    111 nothing_in_it,
    112 reserved_byte,
    113 types_out_of_order,
    114 word,
    115 not_utf8,
    116 no_digit,
    201 more_rows_than_any,
    313 dangling,
    315 rule_blob,
}

pub fn done() -> Done {
    Ok(Some(String::new()))
}

pub fn empty(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    bytes.clear();
    done()
}

pub fn all_zero(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    bytes.fill(0);
    done()
}

fn other_magic(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    flip(u, bytes, 0..8)?;
    done()
}

fn other_version(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    flip(u, bytes, 8..12)?;
    seal(bytes);
    done()
}

/// Cut behind the header, which says how long it was.
fn cut(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let length = u.int_in_range(40..=bytes.len() - 1)?;
    bytes.truncate(length);
    done()
}

fn extended(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    for _ in 0..u.int_in_range(1..=9)? {
        bytes.push(u.arbitrary()?);
    }
    done()
}

fn flipped(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    // What stands before is judged before the checksum is.
    let end = bytes.len();
    flip(u, bytes, 24..end)?;
    done()
}

fn zero_filled(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let from = u.int_in_range(24..=bytes.len() - 1)?;
    bytes.iter_mut().skip(from).for_each(|b| *b = 0);
    done()
}

fn directory_moved(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    set(u, bytes, |cell, path| {
        path.starts_with("directory[") && path.ends_with(".offset") && cell.kind == CellKind::Number
    })
}

/// A required section under another name: missing, and one that no reader knows in its place.
fn section_renamed(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    // An optional one is skipped; a new critical one behind all others is refused.
    let Some(cell) = find(bytes, u, |_, path| path == "directory[8].flags")? else { return Ok(None) };
    put(bytes, &cell, &[1]);
    seal(bytes);
    Ok(Some("directory[8]".into()))
}

/// More rows than there are bytes, and not so many that it is past the limit of the format.
fn row_count(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(cell) = find(bytes, u, |_, path| path.ends_with(".count"))? else { return Ok(None) };
    put(bytes, &cell, &[u.arbitrary()?, 0xff, 0xff, 0x0e]);
    seal(bytes);
    Ok(Some(table_of(&cell)))
}

fn more_rows_than_any(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(cell) = find(bytes, u, |_, path| path.ends_with(".count"))? else { return Ok(None) };
    put(bytes, &cell, &[0xff; 4]);
    seal(bytes);
    Ok(Some(table_of(&cell)))
}

/// A clause without a pattern, or a detection that includes nothing.
fn nothing_in_it(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let hollow =
        |_: &Cell, path: &str| path == "clauses[0].pattern_end" || path == "detections[0].include_end";
    let Some(cell) = find(bytes, u, hollow)? else { return Ok(None) };
    put(bytes, &cell, &[0; 4]);
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

/// One template type twice.
fn types_out_of_order(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Ok(mut draft) = channel::parse(bytes).map(|file| channel_parser::draft::Draft::from(&file)) else {
        return Ok(None);
    };
    let Some(last) = draft.types.last().cloned() else { return Ok(None) };
    let Some(id) = last.id.0.checked_add(1) else { return Ok(None) };
    draft.types.push(channel_parser::draft::TemplateType { id: id.into(), ..last.clone() });
    let Ok(written) = channel::encode(&draft) else { return Ok(None) };
    *bytes = written;
    let path = format!("types[{}].id", draft.types.len() - 1);
    let Some(cell) = find(bytes, u, |_, other| other == path)? else { return Ok(None) };
    put(bytes, &cell, &last.id.0.to_le_bytes());
    seal(bytes);
    Ok(Some(path))
}

fn end_goes_down(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(cell) = find(bytes, u, |_, path| path.ends_with("_end"))? else { return Ok(None) };
    put(bytes, &cell, &[0xff; 4]);
    seal(bytes);
    Ok(Some(table_of(&cell)))
}

fn reserved_byte(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    set(u, bytes, |cell, path| cell.kind == CellKind::Padding || path.ends_with(".reserved"))
}

fn word(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let is = |cell: &Cell, _: &str| {
        matches!(cell.kind, CellKind::Level | CellKind::Quantifier | CellKind::Operator)
    };
    let Some(cell) = find(bytes, u, is)? else { return Ok(None) };
    put(bytes, &cell, &[u.int_in_range(0x40..=0x7f)?]);
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

fn not_utf8(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(cell) =
        find(bytes, u, |cell, path| cell.kind == CellKind::Text && !path.starts_with("directory["))?
    else {
        return Ok(None);
    };
    put(bytes, &cell, &[0xff]);
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

fn no_digit(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    // Operators 6 to 9 are those whose operand is digits.
    let Some(cell) = find(bytes, u, |cell, _| matches!(cell.kind, CellKind::Operand(6..=9)))? else {
        return Ok(None);
    };
    put(bytes, &cell, b"G");
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

fn dangling(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(cell) = find(bytes, u, |_, path| path.starts_with("instances[") && path.ends_with(".template"))?
    else {
        return Ok(None);
    };
    put(bytes, &cell, &[0xfe, 0xff, 0, 0]);
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

/// Content for another kind of sensor: for one event of Sysmon, a filter.
fn rule_blob(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let filter = Filter { field: 4, value: "q".encode_utf16().collect(), ..Filter::default() };
    let event = Event { id: 1, default: 1, items: vec![Item::Filter(filter)], ..Event::default() };
    let draft = Draft { version: 0xf_0000, schema: 0x4_0046, events: vec![event], ..Draft::default() };
    let Ok(written) = sysmon::encode(&draft) else { return Ok(None) };
    *bytes = written;
    Ok(Some("header".into()))
}

/// One of the cells that fit.
fn find(bytes: &[u8], u: &mut Unstructured<'_>, fits: impl Fn(&Cell, &str) -> bool) -> Result<Option<Cell>> {
    let found: Vec<Cell> = cells(bytes).filter(|cell| fits(cell, &cell.path.to_string())).collect();
    if found.is_empty() { Ok(None) } else { u.choose(&found).map(|cell| Some(cell.clone())) }
}

/// Changes one byte of one of the cells that fit.
fn set(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>, fits: impl Fn(&Cell, &str) -> bool) -> Done {
    let Some(cell) = find(bytes, u, fits)? else { return Ok(None) };
    flip(u, bytes, cell.span.start as usize..cell.span.end as usize)?;
    seal(bytes);
    Ok(Some(cell.path.to_string()))
}

fn put(bytes: &mut [u8], cell: &Cell, new: &[u8]) {
    let there = bytes.get_mut(cell.span.start as usize..cell.span.end as usize).unwrap_or_default();
    there.iter_mut().zip(new).for_each(|(to, from)| *to = *from);
}

pub fn flip(u: &mut Unstructured<'_>, bytes: &mut [u8], range: std::ops::Range<usize>) -> Result<()> {
    let at = u.int_in_range(range.start..=range.end.max(range.start + 1) - 1)?;
    let mask = u.int_in_range(1..=255u8)?;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= mask;
    }
    Ok(())
}

/// `instances` of `instances[3].template`.
fn table_of(cell: &Cell) -> String {
    cell.path.steps().next().map(|(name, _)| name.to_owned()).unwrap_or_default()
}

/// Repairs the checksum, so that what stands before it is judged.
pub fn seal(bytes: &mut Vec<u8>) {
    let body = bytes.len().saturating_sub(CHECKSUM);
    bytes.truncate(body);
    let sums = checksum(bytes);
    bytes.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
}
