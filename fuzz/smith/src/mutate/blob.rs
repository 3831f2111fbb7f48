//! Edits of what a rule blob of Sysmon says. Blobs that no sensor should get come of it as well as blobs that one may.

use super::{list, mix, number};
use crate::schema::{filters_mut, stamp};
use arbitrary::{Result, Unstructured};
use channel_contract::sysmon::schemas;
use channel_parser::sysmon::draft::*;

/// One edit.
pub fn edit(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    match u.int_in_range(0..=15u8)? {
        0 => header(u, draft)?,
        1 => list(u, &mut draft.events)?,
        2 => draft.events.push(Event { id: u.int_in_range(0..=40)?, default: 1, ..Event::default() }),
        _ if draft.events.is_empty() => {}
        change => {
            let at = u.choose_index(draft.events.len())?;
            if let Some(event) = draft.events.get_mut(at) {
                match change {
                    3..=5 => edit_event(u, event)?,
                    6 | 7 => regroup(u, event)?,
                    _ => edit_item(u, event)?,
                }
            }
        }
    }
    settle(draft);
    Ok(())
}

/// Events of both, or what the events of the second hold in the events of the first.
pub fn cross(u: &mut Unstructured<'_>, draft: &mut Draft, other: Draft) -> Result<()> {
    if u.arbitrary()? {
        mix(u, &mut draft.events, other.events)?;
    } else {
        for (event, other) in draft.events.iter_mut().zip(other.events) {
            mix(u, &mut event.items, other.items)?;
        }
    }
    settle(draft);
    Ok(())
}

/// Where the header can list groups, and where it cannot, is no matter of an edit.
fn settle(draft: &mut Draft) {
    let groups =
        draft.events.iter().flat_map(|event| &event.items).any(|item| matches!(item, Item::Group(_)));
    let short = draft.version <= 0x0001_0000;
    draft.unlisted = groups && (short || draft.unlisted);
    if short {
        draft.schema = 0;
    }
}

fn header(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    match u.int_in_range(0..=4u8)? {
        0 => draft.schema = number(u, draft.schema)?,
        1 => draft.version = number(u, draft.version)?,
        2 => draft.unlisted = !draft.unlisted,
        // The same numbers mean something else then.
        _ => {
            let all: Vec<_> = schemas().filter_map(|schema| schema.sysmon.as_ref()).collect();
            let sysmon = u.choose(&all)?;
            stamp(draft, sysmon.binary, sysmon.schema);
        }
    }
    Ok(())
}

fn edit_event(u: &mut Unstructured<'_>, event: &mut Event) -> Result<()> {
    match u.int_in_range(0..=7u8)? {
        0 => event.id = u.int_in_range(0..=40)?,
        1 => event.id = number(u, event.id)?,
        2 => event.default ^= 1,
        3 => event.combine ^= 1,
        4 => event.items.push(Item::Filter(filter(u)?)),
        5 => {
            let filters = vec![filter(u)?, filter(u)?];
            let (id, combine) = (u.int_in_range(1..=9)?, u.int_in_range(0..=1)?);
            event.items.push(Item::Group(Group { id, combine, filters, ..Group::default() }));
        }
        _ => list(u, &mut event.items)?,
    }
    Ok(())
}

/// Filters go into a group, or leave it: how they work together changes.
fn regroup(u: &mut Unstructured<'_>, event: &mut Event) -> Result<()> {
    if event.items.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(event.items.len())?;
    match event.items.remove(at) {
        Item::Group(group) => {
            event.items.splice(at..at, group.filters.into_iter().map(Item::Filter));
        }
        Item::Filter(filter) => match event.items.get_mut(at) {
            Some(Item::Group(group)) => group.filters.insert(0, filter),
            _ => {
                let group = Group { id: u.int_in_range(1..=9)?, filters: vec![filter], ..Group::default() };
                event.items.insert(at, Item::Group(group));
            }
        },
    }
    Ok(())
}

fn edit_item(u: &mut Unstructured<'_>, event: &mut Event) -> Result<()> {
    let groups = event.items.iter_mut().filter_map(|item| match item {
        Item::Group(group) => Some(group),
        Item::Filter(_) => None,
    });
    let mut groups: Vec<_> = groups.collect();
    if !groups.is_empty() && u.ratio(1, 3)? {
        let at = u.choose_index(groups.len())?;
        return groups.get_mut(at).map_or(Ok(()), |group| edit_group(u, group));
    }
    let count = event.filters().count();
    if count == 0 {
        return Ok(());
    }
    let at = u.choose_index(count)?;
    filters_mut(event).nth(at).map_or(Ok(()), |filter| edit_filter(u, filter))
}

fn edit_group(u: &mut Unstructured<'_>, group: &mut Group) -> Result<()> {
    match u.int_in_range(0..=6u8)? {
        0 => group.combine ^= 1,
        1 => group.id = number(u, group.id)?.max(1),
        2 => group.name = text(u, 127)?,
        3 => group.memory = (u.arbitrary()?, u.arbitrary()?, u.arbitrary()?),
        4 => group.filters.push(filter(u)?),
        _ => list(u, &mut group.filters)?,
    }
    Ok(())
}

const VALUES: &[&str] = &[
    "",
    "cmd.exe",
    "a;b",
    ";",
    "a;",
    "%SystemRoot%\\",
    "x",
    "*",
    "\\",
    "C:\\",
    "\u{212a}",
    "İ",
    "ẞ",
    "-",
    "0",
];

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Any text, at times as long as its field.
fn text(u: &mut Unstructured<'_>, longest: usize) -> Result<Vec<u16>> {
    Ok(match u.int_in_range(0..=5u8)? {
        0 => vec![b'n'.into(); u.int_in_range(longest.saturating_sub(2)..=longest)?],
        1 => vec![0xd83e],
        _ => units(u.choose(&["", "rule", "technique_id=T1059", "Regel für 🦀"])?),
    })
}

fn filter(u: &mut Unstructured<'_>) -> Result<Filter> {
    let value = units(u.choose(VALUES)?);
    Ok(Filter {
        field: u.int_in_range(0..=30)?,
        operator: u.int_in_range(0..=17)?,
        value,
        ..Filter::default()
    })
}

fn edit_filter(u: &mut Unstructured<'_>, filter: &mut Filter) -> Result<()> {
    match u.int_in_range(0..=10u8)? {
        0 => filter.field = number(u, filter.field)?,
        // The mask of a sensor has 64 bits.
        1 => filter.field = u.int_in_range(0..=70)?,
        2 | 3 => filter.operator = u.int_in_range(0..=20)?,
        4 => filter.operator = number(u, filter.operator)? & 0xffff,
        5 => filter.environment = !filter.environment,
        6 => filter.value.extend(units(u.choose(VALUES)?)),
        7 => drop(filter.value.pop()),
        8 => filter.value = filter.value.repeat(u.int_in_range(2..=40)?).into_iter().take(4096).collect(),
        9 => filter.value = units(u.choose(VALUES)?),
        _ => filter.name = text(u, 255)?,
    }
    Ok(())
}
