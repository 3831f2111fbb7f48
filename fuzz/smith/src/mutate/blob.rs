//! Edits of what a rule blob of Sysmon says.

use arbitrary::{Result, Unstructured};
use channel_parser::sysmon::draft::*;

/// One edit.
pub fn edit(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    if draft.events.is_empty() || u.ratio(1, 12)? {
        match u.int_in_range(0..=2u8)? {
            0 => draft.schema = number(u, draft.schema)?,
            1 => draft.version = number(u, draft.version)?,
            _ => draft.events.push(Event { id: u.int_in_range(0..=40)?, default: 1, ..Event::default() }),
        }
        return Ok(());
    }
    let at = u.choose_index(draft.events.len())?;
    if u.ratio(1, 8)? {
        let copy = draft.events.get(at).cloned();
        draft.events.extend(copy.filter(|_| draft.events.len() < 64));
        return Ok(());
    }
    let Some(event) = draft.events.get_mut(at) else { return Ok(()) };
    match u.int_in_range(0..=9u8)? {
        0 => event.id = u.int_in_range(0..=40)?,
        1 => event.default = u.int_in_range(0..=3)?,
        2 => event.combine = u.int_in_range(0..=1)?,
        3 if event.items.len() > 1 => drop(event.items.remove(u.choose_index(event.items.len())?)),
        4 => event.items.push(Item::Filter(filter(u)?)),
        5 => {
            let filters = vec![filter(u)?, filter(u)?];
            event.items.push(Item::Group(Group {
                id: u.int_in_range(1..=9)?,
                combine: 1,
                filters,
                ..Group::default()
            }));
        }
        _ => item(u, event)?,
    }
    Ok(())
}

fn item(u: &mut Unstructured<'_>, event: &mut Event) -> Result<()> {
    if event.items.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(event.items.len())?;
    match event.items.get_mut(at) {
        Some(Item::Filter(filter)) => edit_filter(u, filter),
        Some(Item::Group(group)) if !group.filters.is_empty() => {
            if u.ratio(1, 4)? {
                group.combine = u.int_in_range(0..=1)?;
            }
            let at = u.choose_index(group.filters.len())?;
            group.filters.get_mut(at).map_or(Ok(()), |filter| edit_filter(u, filter))
        }
        _ => Ok(()),
    }
}

fn number(u: &mut Unstructured<'_>, old: u32) -> Result<u32> {
    Ok(match u.int_in_range(0..=2u8)? {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        _ => u.arbitrary()?,
    })
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn filter(u: &mut Unstructured<'_>) -> Result<Filter> {
    let value = units(u.choose(&["cmd.exe", "a;b", ";", "%SystemRoot%", "x"])?);
    Ok(Filter {
        field: u.int_in_range(0..=30)?,
        operator: u.int_in_range(0..=17)?,
        value,
        ..Filter::default()
    })
}

fn edit_filter(u: &mut Unstructured<'_>, filter: &mut Filter) -> Result<()> {
    match u.int_in_range(0..=5u8)? {
        0 => filter.field = number(u, filter.field)?,
        1 => filter.operator = u.int_in_range(0..=20)?,
        2 => filter.environment = !filter.environment,
        3 => filter.value.extend(units(u.choose(&[";", "*", "\\", "\u{212a}", "a"])?)),
        4 => drop(filter.value.pop()),
        _ => filter.name = units(u.choose(&["", "rule", "technique_id=T1059"])?),
    }
    Ok(())
}
