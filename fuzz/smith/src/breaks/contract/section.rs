//! Breaks of the bytes of a contract's section: what a linker, a strip or a wrong producer leaves behind.

#![allow(clippy::ptr_arg, reason = "every break has one signature, and some change the length")]

use super::{Break, Done, Follows, How};
use crate::breaks::bytes::flip;
use arbitrary::{Result, Unstructured};
use channel_contract::ErrorKind;
use core::ops::Range;

macro_rules! breaks {
    ($($kind:ident $how:ident $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break {
            name: stringify!($name),
            follows: Follows::Refusal(ErrorKind::$kind),
            how: How::$how($name),
        },)*];
    };
}

breaks! {
    EmptySection Bytes nothing,
    EmptySection Bytes zeros,
    Record Bytes other_magic,
    Record Bytes other_version,
    Record Bytes other_kind,
    Record Bytes other_seal,
    Record Bytes other_length,
    Record Bytes other_checksum,
    Record Bytes flipped,
    Record Bytes cut,
    Record Bytes bytes_behind,
    Record Bytes sensor_lost,
    Record Bytes sensor_again,
    Record Bytes type_lost,
    Record Bytes type_again,
    Record Body no_utf8,
    Record Body moves_the_terminal,
    Record Body behind_a_text,
    Record Body no_such_operator,
    Record Body no_such_width,
    Record Body not_zero,
    Record Body no_such_input,
    Record Body half_nullable,
    Record Body length_of_a_number,
    Record Body more_fields_than_any,
    Record Body other_field_count,
    Record Bytes facts_again,
    Record Body no_such_schema,
    Record Body event_of_no_type,
    Record Body no_such_action,
}

const SENSOR: u8 = 1;
const TYPE: u8 = 2;
const SYSMON: u8 = 3;

/// Bytes of a text.
const TEXT: usize = 80;
/// Where the fields of a template type start, and how many bytes one has.
const FIELDS: (usize, usize) = (128, 88);

/// Each record of a section that was just written, with its kind.
fn records(section: &[u8]) -> Vec<(u8, Range<usize>)> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(length) = section.get(at + 12..).and_then(|rest| rest.first_chunk()) {
        let end = at + u32::from_le_bytes(*length) as usize;
        all.push((section.get(at + 10).copied().unwrap_or(0), at..end));
        at = end.max(at + 1);
    }
    all
}

/// One of the records of a kind: its number among them, and its bytes.
fn record(u: &mut Unstructured<'_>, section: &[u8], kind: u8) -> Result<Option<(usize, Range<usize>)>> {
    let own = records(section).into_iter().filter(|(other, _)| *other == kind);
    let found: Vec<_> = own.map(|(_, range)| range).enumerate().collect();
    if found.is_empty() { Ok(None) } else { u.choose(&found).map(|one| Some(one.clone())) }
}

fn put(section: &mut [u8], at: usize, new: &[u8]) {
    section.iter_mut().skip(at).zip(new).for_each(|(to, from)| *to = *from);
}

fn somewhere() -> Done {
    Ok(Some(String::new()))
}

fn nothing(_: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    section.clear();
    Ok(Some("sensor".into()))
}

fn zeros(_: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    section.fill(0);
    Ok(Some("sensor".into()))
}

/// Changes bytes of the frame of any record.
fn frame(u: &mut Unstructured<'_>, section: &mut Vec<u8>, change: Range<usize>) -> Done {
    let all = records(section);
    let (_, range) = u.choose(&all)?;
    let at = range.start;
    flip(u, section, at + change.start..at + change.end)?;
    somewhere()
}

fn other_magic(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 0..8)
}

fn other_version(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 8..10)
}

fn other_kind(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 10..11)
}

fn other_seal(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 11..12)
}

fn other_length(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 12..16)
}

fn other_checksum(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    frame(u, section, 16..24)
}

fn is_sealed(section: &[u8]) -> bool {
    section.get(11) == Some(&1)
}

/// A bit that fell over; without a checksum nobody could know.
fn flipped(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    if !is_sealed(section) {
        return Ok(None);
    }
    let end = section.len();
    flip(u, section, 0..end)?;
    somewhere()
}

fn cut(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let length = u.int_in_range(1..=section.len() - 1)?;
    section.truncate(length);
    somewhere()
}

fn bytes_behind(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    section.extend([0; 3]);
    section.push(u.int_in_range(1..=255)?);
    somewhere()
}

/// What the garbage collection of a linker takes.
fn lost(u: &mut Unstructured<'_>, section: &mut Vec<u8>, kind: u8, place: &str) -> Done {
    let Some((_, range)) = record(u, section, kind)? else { return Ok(None) };
    section.drain(range);
    if section.is_empty() { Ok(None) } else { Ok(Some(place.into())) }
}

fn again(u: &mut Unstructured<'_>, section: &mut Vec<u8>, kind: u8, place: &str) -> Done {
    let Some((_, range)) = record(u, section, kind)? else { return Ok(None) };
    section.extend_from_within(range);
    Ok(Some(place.into()))
}

fn sensor_lost(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    lost(u, section, SENSOR, "sensor")
}

fn sensor_again(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    again(u, section, SENSOR, "sensor")
}

fn type_lost(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    lost(u, section, TYPE, "types")
}

fn type_again(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    again(u, section, TYPE, "types")
}

fn facts_again(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    again(u, section, SYSMON, "sysmon")
}

/// Where the text of one of the records starts, and its path.
fn text(u: &mut Unstructured<'_>, section: &[u8]) -> Result<Option<(usize, String)>> {
    let mut found = Vec::new();
    let mut types = 0;
    for (kind, range) in records(section) {
        let at = range.start;
        match kind {
            SENSOR => {
                let keys = ["name", "version", "platform", "build_id"].into_iter().enumerate();
                found.extend(keys.map(|(n, key)| (at + 24 + TEXT * n, format!("sensor.{key}"))));
            }
            TYPE => {
                found.push((at + 24, format!("types[{types}].name")));
                let fields = (at + FIELDS.0..range.end).step_by(FIELDS.1).enumerate();
                found.extend(fields.map(|(n, at)| (at, format!("types[{types}].fields[{n}].name"))));
                types += 1;
            }
            _ => {}
        }
    }
    if found.is_empty() { Ok(None) } else { u.choose(&found).map(|one| Some(one.clone())) }
}

fn no_utf8(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = text(u, section)? else { return Ok(None) };
    put(section, at, &[0xff]);
    Ok(Some(path))
}

/// A character that moves a terminal, or the text around it.
fn moves_the_terminal(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = text(u, section)? else { return Ok(None) };
    put(section, at, &[0; TEXT]);
    put(section, at, u.choose(&["\u{1b}[2J", "\u{202e}", "\n", "\u{2066}"])?.as_bytes());
    Ok(Some(path))
}

fn behind_a_text(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = text(u, section)? else { return Ok(None) };
    put(section, at + TEXT - 2, &[0, b'x']);
    Ok(Some(path))
}

fn no_such_operator(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SENSOR)? else { return Ok(None) };
    put(section, range.start + 356, &[u.int_in_range(1..=255)?]);
    Ok(Some("operators".into()))
}

fn no_such_width(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SENSOR)? else { return Ok(None) };
    let at = range.start + 404 + u.int_in_range(0..=10usize)?;
    let bits = if u.arbitrary()? { 0 } else { u.int_in_range(65..=255)? };
    put(section, at, &[bits]);
    Ok(Some("limits.widths".into()))
}

fn not_zero(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SENSOR)? else { return Ok(None) };
    put(section, range.start + 415, &[u.int_in_range(1..=255)?]);
    somewhere()
}

/// The bytes of one of the fields, and its path.
fn field(u: &mut Unstructured<'_>, section: &[u8]) -> Result<Option<(usize, String)>> {
    let Some((nth, range)) = record(u, section, TYPE)? else { return Ok(None) };
    let all: Vec<usize> = (range.start + FIELDS.0..range.end).step_by(FIELDS.1).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let n = u.choose_index(all.len())?;
    Ok(all.get(n).map(|at| (*at, format!("types[{nth}].fields[{n}]"))))
}

fn no_such_input(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = field(u, section)? else { return Ok(None) };
    put(section, at + 80, &[u.int_in_range(3..=255)?]);
    Ok(Some(path + ".input"))
}

fn half_nullable(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = field(u, section)? else { return Ok(None) };
    put(section, at + 81, &[u.int_in_range(2..=255)?]);
    Ok(Some(path + ".nullable"))
}

fn length_of_a_number(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((at, path)) = field(u, section)? else { return Ok(None) };
    if section.get(at + 80) == Some(&0) {
        return Ok(None);
    }
    put(section, at + 84, &[u.int_in_range(1..=255)?]);
    Ok(Some(path + ".max_bytes"))
}

fn more_fields_than_any(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((nth, range)) = record(u, section, TYPE)? else { return Ok(None) };
    put(section, range.start + 120, &u.int_in_range(4097..=u32::MAX)?.to_le_bytes());
    Ok(Some(format!("types[{nth}].fields")))
}

fn other_field_count(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((nth, range)) = record(u, section, TYPE)? else { return Ok(None) };
    flip(u, section, range.start + 120..range.start + 121)?;
    Ok(Some(format!("types[{nth}]")))
}

fn no_such_schema(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SYSMON)? else { return Ok(None) };
    let (at, path) = *u.choose(&[(24, "sysmon.schema"), (28, "sysmon.binary")])?;
    put(section, range.start + at, &u32::to_le_bytes(u.int_in_range(100..=0xffff)?));
    Ok(Some(path.into()))
}

/// Where the events of Sysmon's facts start.
fn events(section: &[u8], range: &Range<usize>) -> usize {
    let filters = section.get(range.start + 32..).and_then(|rest| rest.first_chunk());
    range.start + 40 + TEXT * filters.map_or(0, |four| u32::from_le_bytes(*four)) as usize
}

fn event_of_no_type(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SYSMON)? else { return Ok(None) };
    // The last one, so that the ids still ascend.
    if range.end < events(section, &range) + 8 {
        return Ok(None);
    }
    put(section, range.end - 8, &[0xff; 4]);
    Ok(Some("sysmon.events".into()))
}

fn no_such_action(u: &mut Unstructured<'_>, section: &mut Vec<u8>) -> Done {
    let Some((_, range)) = record(u, section, SYSMON)? else { return Ok(None) };
    let first = events(section, &range);
    if range.end < first + 8 {
        return Ok(None);
    }
    let at = if u.arbitrary()? { 4 } else { 5 };
    put(section, first + at, &[u.int_in_range(3..=255)?]);
    Ok(Some("sysmon.events[0]".into()))
}
