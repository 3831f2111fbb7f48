//! The record of what a Sysmon sensor has besides: versions, filter operators, and the events that content can name.

use super::read::{body as cursor_at, check_length, prefix, read_text};
use super::record::Record;
use super::write::push_text;
use super::*;
use crate::sysmon::{Action, Event, Sysmon, Target, Version};
use crate::{Contract, Error, ErrorKind};
use alloc::{format, vec::Vec};
use channel_parser::model::TypeId;
use core::ops::Range;

/// The facts, and each event with its id.
pub(super) type Facts = (Sysmon, Vec<(TypeId, Event)>);

pub(super) fn read(record: &Record<'_>) -> Result<Facts, Error> {
    let cursor = &mut cursor_at(record)?;
    let mut version = |path: &str| {
        let number = cursor.u32()?;
        Version::from_number(number).ok_or_else(|| {
            cursor.refuse(4, Version::EXPECTED, format!("{number:#010x}")).path(format!("sysmon.{path}"))
        })
    };
    let (schema, binary) = (version("schema")?, version("binary")?);
    let (operators, events) = (cursor.u32()?, cursor.u32()?);
    if operators > MAX_FILTERS || events > MAX_RECORD {
        let expected = format!("at most {MAX_FILTERS} filter operators and {MAX_RECORD} events");
        return Err(cursor.refuse(8, expected, format!("{operators} and {events}")).path("sysmon"));
    }
    let filters_len = TEXT.saturating_mul(operators as usize);
    let events_len = EVENT_LEN.saturating_mul(events as usize);
    check_length(record, SYSMON_HEAD.saturating_add(filters_len).saturating_add(events_len))?;
    let mut filters = Vec::new();
    for n in 0..operators {
        filters.push(read_text(cursor, &format!("sysmon.filters[{n}]"))?);
    }
    let mut all: Vec<(TypeId, Event)> = Vec::new();
    for n in 0..events {
        let id = TypeId(cursor.u32()?);
        if all.last().is_some_and(|(last, _)| *last >= id) {
            let error = cursor.refuse(4, "every id once, ascending", format!("{id}"));
            return Err(prefix(error, &format!("sysmon.events[{n}]")));
        }
        all.push((id, read_event(cursor).map_err(|e| prefix(e, &format!("sysmon.events[{n}]")))?));
    }
    Ok((Sysmon { schema, binary, filters }, all))
}

fn read_event(cursor: &mut record::Cursor<'_>) -> Result<Event, Error> {
    let number = cursor.u8()?;
    let default = Action::from_number(number)
        .ok_or_else(|| cursor.refuse(1, "include (0) or exclude (1)", format!("{number}")).path("default"))?;
    let number = cursor.u8()?;
    let target = Target::from_number(number).ok_or_else(|| {
        cursor.refuse(1, "all (0), win (1) or linux (2)", format!("{number}")).path("target")
    })?;
    cursor.zeros(2)?;
    Ok(Event { default, target })
}

/// Gives the facts to the contract and each event to its template type. Types and events ascend, so one pass does.
pub(super) fn attach(contract: &mut Contract, facts: Facts, at: Range<u64>) -> Result<(), Error> {
    let (sysmon, events) = facts;
    let mut types = contract.types.iter_mut();
    for (id, event) in events {
        let Some(template) = types.find(|template| template.id == id) else {
            let error =
                Error::new(ErrorKind::Record, "events that are template types", format!("event {id}"));
            return Err(error.at(at).path("sysmon.events"));
        };
        template.event = Some(event);
    }
    contract.sysmon = Some(sysmon);
    Ok(())
}

/// The record's bytes behind the frame, if there are facts.
pub(super) fn body(contract: &Contract) -> Result<Option<Vec<u8>>, Error> {
    let unwritable = |expected: &str, found: alloc::string::String, path: &str| {
        Err(Error::new(ErrorKind::Unwritable, expected, found).path(path))
    };
    let events: Vec<_> = contract.types.iter().filter_map(|t| Some((t.id, t.event?))).collect();
    let Some(Sysmon { schema, binary, filters }) = &contract.sysmon else {
        return match events.first() {
            Some((id, _)) => {
                unwritable("Sysmon's facts where a type is an event", format!("event {id}"), "sysmon")
            }
            None => Ok(None),
        };
    };
    let count = u32::try_from(filters.len()).unwrap_or(u32::MAX);
    if count > MAX_FILTERS {
        return unwritable("at most 4096 filter operators", format!("{count}"), "sysmon.filters");
    }
    let mut out = Vec::new();
    for n in [schema.number(), binary.number(), count, u32::try_from(events.len()).unwrap_or(u32::MAX)] {
        out.extend(n.to_le_bytes());
    }
    for (n, filter) in filters.iter().enumerate() {
        push_text(&mut out, filter, &format!("sysmon.filters[{n}]"))?;
    }
    for (id, event) in events {
        out.extend(id.0.to_le_bytes());
        out.extend([event.default.number(), event.target.number(), 0, 0]);
    }
    if out.len().saturating_add(HEAD) > MAX_RECORD as usize {
        return unwritable("a record of at most 1 MiB", format!("{} bytes", out.len()), "sysmon");
    }
    Ok(Some(out))
}
