//! Section bytes to a contract.

use super::record::{Cursor, Record, records};
use super::*;
use crate::{
    Contract, Error, ErrorKind, Field, Limits, OperatorSet, Sensor, TemplateType, Width, Widths, text,
};
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use channel_parser::model::{Channel, InputType, TypeId, TypeRevision};
use core::ops::Range;

/// Reads the contract out of a section that lies at `base` in its file (0 if there is none). Memory is at most a
/// small multiple of the section.
///
/// ```
/// use channel_contract::{Contract, bytes};
///
/// let section = bytes::write(&Contract::default())?;
/// assert_eq!(bytes::read(&section, 0)?, Contract::default());
/// let error = bytes::read(&section[..100], 0x4000).unwrap_err();
/// assert_eq!(error.at, Some(0x400c..0x4010));
/// # Ok::<(), channel_contract::Error>(())
/// ```
pub fn read(section: &[u8], base: u64) -> Result<Contract, Error> {
    let whole = base..base.saturating_add(section.len() as u64);
    let mut sensor = None;
    let mut types = Vec::new();
    let mut sysmon = None;
    let mut sealed = true;
    for record in records(section, base) {
        let record = record?;
        let at = record.base..record.base.saturating_add(record.bytes.len() as u64);
        sealed &= record.sealed;
        match record.kind {
            Kind::Sensor if sensor.is_some() => {
                let error = Error::new(ErrorKind::Record, "one sensor record", "a second one");
                return Err(error.at(at).path("sensor"));
            }
            Kind::Sensor => sensor = Some(read_sensor(&record)?),
            Kind::Sysmon if sysmon.is_some() => {
                let error = Error::new(ErrorKind::Record, "one record of Sysmon's facts", "a second one");
                return Err(error.at(at).path("sysmon"));
            }
            Kind::Sysmon => sysmon = Some((sysmon::read(&record)?, at)),
            Kind::TemplateType => {
                let path = format!("types[{}]", types.len());
                types.push((read_type(&record).map_err(|e| prefix(e, &path))?, at));
            }
        }
    }
    let Some((mut contract, stated)) = sensor else {
        let (kind, found) = match types.len() {
            0 => (ErrorKind::EmptySection, "only zeros".to_owned()),
            n => (ErrorKind::Record, format!("{n} template types and no sensor")),
        };
        return Err(Error::new(kind, "a sensor record", found).at(whole).path("sensor"));
    };
    if u32::try_from(types.len()) != Ok(stated) && !channel_parser::planted!("types-not-counted") {
        let expected = format!("{stated} template types, as the sensor record states");
        let error = Error::new(ErrorKind::Record, expected, format!("{} of them", types.len()));
        return Err(error.at(whole).path("types"));
    }
    contract.types = ascending(types)?;
    if let Some((facts, at)) = sysmon {
        sysmon::attach(&mut contract, facts, at)?;
    }
    contract.sealed = sealed;
    Ok(contract)
}

/// The types by id. Of two with one id, the later one in the section is refused.
fn ascending(mut types: Vec<(TemplateType, Range<u64>)>) -> Result<Vec<TemplateType>, Error> {
    types.sort_by_key(|(template, _)| template.id);
    for ((one, _), (other, at)) in types.iter().zip(types.iter().skip(1)) {
        if one.id == other.id {
            let found = format!("id {} a second time (\"{}\", then \"{}\")", one.id, one.name, other.name);
            let error = Error::new(ErrorKind::Record, "every id once", found);
            return Err(error.at(at.clone()).path("types"));
        }
    }
    Ok(types.into_iter().map(|(template, _)| template).collect())
}

pub(super) fn prefix(mut error: Error, path: &str) -> Error {
    error.path = match error.path.is_empty() {
        true => path.to_owned(),
        false => format!("{path}.{}", error.path),
    };
    error
}

/// A cursor past the frame of a record, which was checked.
pub(super) fn body<'a>(record: &Record<'a>) -> Result<Cursor<'a>, Error> {
    let mut cursor = Cursor::new(record.bytes, record.base);
    cursor.take(HEAD)?;
    Ok(cursor)
}

/// The contract but for its template types, and how many of them it states.
fn read_sensor(record: &Record<'_>) -> Result<(Contract, u32), Error> {
    check_length(record, SENSOR_LEN)?;
    let cursor = &mut body(record)?;
    let sensor = Sensor {
        name: read_text(cursor, "sensor.name")?,
        version: read_text(cursor, "sensor.version")?,
        platform: read_text(cursor, "sensor.platform")?,
        build_id: read_text(cursor, "sensor.build_id")?,
    };
    let (interpreter, stated) = (cursor.u32()?, cursor.u32()?);
    let operators = cursor.u64()?;
    let operators = OperatorSet::from_bits(operators).ok_or_else(|| {
        let known = OperatorSet::all().bits();
        cursor.refuse(8, format!("bits of {known:#x} only"), format!("{operators:#x}")).path("operators")
    })?;
    let limits = read_limits(cursor)?;
    cursor.zeros(1)?;
    let types = Vec::new();
    let sealed = record.sealed;
    Ok((Contract { sensor, interpreter, operators, limits, types, sealed, sysmon: None }, stated))
}

fn read_limits(cursor: &mut Cursor<'_>) -> Result<Limits, Error> {
    let (file_bytes, automaton_bytes, work_per_event) = (cursor.u64()?, cursor.u64()?, cursor.u64()?);
    Ok(Limits {
        file_bytes,
        automaton_bytes,
        work_per_event,
        detections: cursor.u32()?,
        instances: cursor.u32()?,
        clauses_per_criterion: cursor.u32()?,
        patterns_per_clause: cursor.u32()?,
        operand_bytes: cursor.u32()?,
        widths: read_widths(cursor)?,
    })
}

fn read_widths(cursor: &mut Cursor<'_>) -> Result<Widths, Error> {
    let mut widths = [Width::default(); 11];
    for (width, name) in widths.iter_mut().zip(Widths::NAMES) {
        let bits = cursor.u8()?;
        *width = Width::new(bits).ok_or_else(|| {
            cursor.refuse(1, "1 to 64 bits", format!("{bits}")).path(format!("limits.widths.{name}"))
        })?;
    }
    Ok(Widths::from_array(widths))
}

fn read_type(record: &Record<'_>) -> Result<TemplateType, Error> {
    let cursor = &mut body(record)?;
    let name = read_text(cursor, "name")?;
    let (id, revision) = (TypeId(cursor.u32()?), TypeRevision(cursor.u32()?));
    let (channel, instance_cap) = (Channel(cursor.u32()?), cursor.u32()?);
    let defined = cursor.u32()?;
    if defined > MAX_FIELDS {
        return Err(cursor.refuse(4, "at most 4096 fields", format!("{defined}")).path("fields"));
    }
    let supplied = cursor.u32()?;
    check_length(record, TYPE_HEAD.saturating_add(FIELD_LEN.saturating_mul(defined as usize)))?;
    let mut fields = Vec::new();
    for n in 0..defined {
        fields.push(read_field(cursor).map_err(|e| prefix(e, &format!("fields[{n}]")))?);
    }
    Ok(TemplateType { id, revision, channel, name, instance_cap, fields, supplied, event: None })
}

fn read_field(cursor: &mut Cursor<'_>) -> Result<Field, Error> {
    let name = read_text(cursor, "name")?;
    let number = cursor.u8()?;
    let input = InputType::from_number(number)
        .ok_or_else(|| cursor.refuse(1, "an input type, 0 to 2", format!("{number}")).path("input"))?;
    let nullable = match cursor.u8()? {
        0 => false,
        1 => true,
        n => return Err(cursor.refuse(1, "0 or 1", format!("{n}")).path("nullable")),
    };
    cursor.zeros(2)?;
    let max_bytes = cursor.u32()?;
    if input != InputType::Text && max_bytes != 0 {
        return Err(cursor.refuse(4, "0, as the input is no text", format!("{max_bytes}")).path("max_bytes"));
    }
    Ok(Field { name, input, nullable, max_bytes })
}

pub(super) fn read_text(cursor: &mut Cursor<'_>, path: &str) -> Result<String, Error> {
    let bytes = cursor.take(TEXT)?;
    let refuse = |expected: &str, found: String| cursor.refuse(TEXT, expected, found).path(path);
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(TEXT);
    let (text, padding) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    if padding.iter().any(|byte| *byte != 0) && !channel_parser::planted!("hidden-behind-a-name") {
        return Err(refuse("zeros after the end of a text", "other bytes".into()));
    }
    let text = core::str::from_utf8(text)
        .map_err(|e| refuse(text::EXPECTED, format!("no UTF-8 at its byte {}", e.valid_up_to())))?;
    match text::refuse(text) {
        Some(found) => Err(refuse(text::EXPECTED, found)),
        None => Ok(text.to_owned()),
    }
}

pub(super) fn check_length(record: &Record<'_>, expected: usize) -> Result<(), Error> {
    if record.bytes.len() == expected {
        return Ok(());
    }
    let at = record.base.saturating_add(12)..record.base.saturating_add(16);
    let expected = format!("a record of {expected} bytes");
    Err(Error::new(ErrorKind::Record, expected, record.bytes.len()).at(at))
}
