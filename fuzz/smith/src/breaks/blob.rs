//! Breaks of the meaning of rule blobs: a blob that is whole, and that a sensor with this contract must not get, or that
//! says what nobody can have meant.

use super::{Break, Done, How};
use crate::schema::{MASK, Tables, filters_mut, stamp};
use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_contract::sysmon::{Version, schema_of, schemas};
use channel_parser::model::TypeId;
use channel_parser::sysmon::draft::{Draft, Event, Filter, Item};

macro_rules! breaks {
    ($($rule:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break { name: stringify!($name), rule: $rule, how: How::Blob($name) },)*];
    };
}

breaks! {
    301 field_past_the_event,
    302 field_of_the_same_place,
    302 schema_of_the_same_version,
    303 event_without_rules,
    308 operator_past_the_list,
    316 version_of_another_sensor,
    317 event_of_another_system,
    318 to_be_expanded,
    319 field_past_the_mask,
    320 version_that_nobody_writes,
    403 name_as_long_as_its_field,
    404 matches_everything,
    405 filter_twice,
    406 filter_of_no_use,
    407 excluded_again,
}

/// A filter of a blob: the event that it is in, and its position there.
#[derive(Clone, Copy)]
struct At {
    event: usize,
    filter: usize,
}

impl At {
    fn path(self) -> String {
        format!("events[{}].filters[{}]", self.event, self.filter)
    }
}

/// A filter by itself or in a group, with what decides how it counts.
struct Placed<'d> {
    at: At,
    event: &'d Event,
    filter: &'d Filter,
    /// Its group's combination, and how many filters that has.
    group: Option<(u32, usize)>,
}

impl Placed<'_> {
    /// Whether a match of it decides, whatever the others do.
    fn decides(&self) -> bool {
        match self.group {
            Some((combine, count)) => combine == 0 || count == 1,
            None => self.event.combine == 0 || self.event.filters().count() == 1,
        }
    }
}

fn placed(draft: &Draft) -> Vec<Placed<'_>> {
    let mut all = Vec::new();
    for (number, event) in draft.events.iter().enumerate() {
        let mut next = 0;
        for item in &event.items {
            let (group, filters) = match item {
                Item::Filter(filter) => (None, std::slice::from_ref(filter)),
                Item::Group(group) => (Some((group.combine, group.filters.len())), group.filters.as_slice()),
            };
            for filter in filters {
                all.push(Placed { at: At { event: number, filter: next }, event, filter, group });
                next += 1;
            }
        }
    }
    all
}

/// One of the filters that fit.
fn choose(
    u: &mut Unstructured<'_>,
    draft: &Draft,
    fits: impl Fn(&Placed<'_>) -> bool,
) -> Result<Option<(At, Filter)>> {
    let found: Vec<_> = placed(draft).into_iter().filter(fits).collect();
    if found.is_empty() {
        return Ok(None);
    }
    u.choose(&found).map(|one| Some((one.at, one.filter.clone())))
}

fn change(draft: &mut Draft, at: At, change: impl FnOnce(&mut Filter)) -> Done {
    let filter = draft.events.get_mut(at.event).and_then(|event| filters_mut(event).nth(at.filter));
    Ok(filter.map(|filter| {
        change(filter);
        at.path()
    }))
}

/// July 2024, as Sysmon has it: the filter never matches, and nobody is told.
fn field_past_the_event(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some((at, _)) = choose(u, draft, |_| true)? else { return Ok(None) };
    let past = u.int_in_range(0..=9)?;
    let id = draft.events.get(at.event).map_or(0, |event| event.id);
    let Some(event) = contract.template(TypeId(id)) else { return Ok(None) };
    change(draft, at, |filter| filter.field = event.supplied.min(event.defined()).saturating_add(past))
}

/// A position at which the sensor has another field than the compiler.
fn field_of_the_same_place(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let mut moved = Vec::new();
    for placed in placed(draft) {
        let id = TypeId(placed.event.id);
        let (Some(here), Some(meant)) = (contract.template(id), tables.compiler.template(id)) else {
            continue;
        };
        let both = (0u32..).zip(here.fields.iter().zip(&meant.fields)).take(here.supplied.min(MASK) as usize);
        let differs = both.filter(|(_, (here, meant))| here.name != meant.name);
        moved.extend(differs.map(|(field, _)| (placed.at, field)));
    }
    if moved.is_empty() {
        return Ok(None);
    }
    let (at, field) = *u.choose(&moved)?;
    change(draft, at, |filter| filter.field = field)
}

/// Other schemas whose blobs a sensor takes, or does not take; those with short headers and long ones alike.
fn others(contract: &Contract, same_major: bool) -> Vec<&'static Contract> {
    let Some(own) = &contract.sysmon else { return Vec::new() };
    let fits = |one: &&Contract| {
        one.sysmon.as_ref().is_some_and(|other| (other.binary.major() == own.binary.major()) == same_major)
    };
    schemas().filter(fits).collect()
}

fn restamp(draft: &mut Draft, schema: &Contract) {
    if let Some(sysmon) = &schema.sysmon {
        stamp(draft, sysmon.binary, sysmon.schema);
    }
}

/// The blob was compiled for another schema, in which other fields have its positions; the sensor takes its version.
fn schema_of_the_same_version(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let mut found = Vec::new();
    for other in others(contract, true) {
        if let (fields, false) = tables.moved(draft, other)
            && let Some((event, filter)) = fields.first()
        {
            found.push((other, At { event: *event, filter: *filter }));
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let (other, at) = *u.choose(&found)?;
    restamp(draft, other);
    Ok(Some(at.path()))
}

/// The blob was compiled for a sensor of another major version, on which it means the same.
fn version_of_another_sensor(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let mut found = others(contract, false);
    found.retain(|other| matches!(tables.moved(draft, other), (fields, false) if fields.is_empty()));
    if found.is_empty() {
        return Ok(None);
    }
    restamp(draft, u.choose(&found)?);
    Ok(Some("header.version".into()))
}

fn version_that_nobody_writes(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(sysmon) = &contract.sysmon else { return Ok(None) };
    let known = |minor: u8| {
        let is = |one: &Contract| {
            one.sysmon
                .as_ref()
                .is_some_and(|one| Some(one.binary) == Version::new(sysmon.binary.major(), minor))
        };
        schemas().any(is)
    };
    let free: Vec<u8> = (1..=99).filter(|minor| !known(*minor)).collect();
    let Some(version) = Version::new(sysmon.binary.major(), *u.choose(&free)?) else { return Ok(None) };
    draft.version = version.number();
    draft.schema = sysmon.schema.number();
    Ok(Some("header.version".into()))
}

/// Rules for an event that the sensor does not have, or takes no rules for.
fn event_without_rules(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let most = contract.types.iter().map(|event| event.id.0).max().unwrap_or(0);
    let mut ids: Vec<u32> =
        contract.types.iter().filter(|event| event.event.is_none()).map(|event| event.id.0).collect();
    // A short blob is told by the id of its first event, which is no larger.
    ids.extend([most.saturating_add(1), 200, 0xffff]);
    ids.retain(|id| *id > most || contract.template(TypeId(*id)).is_some());
    let (at, id) = (u.choose_index(draft.events.len())?, *u.choose(&ids)?);
    Ok(draft.events.get_mut(at).map(|event| {
        event.id = id;
        format!("events[{at}].id")
    }))
}

fn event_of_another_system(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let own = tables.target();
    let whole = schema_of(tables.sysmon.schema);
    let all = whole.into_iter().chain([contract]).flat_map(|schema| &schema.types);
    let elsewhere = all.filter(|event| event.event.is_some_and(|event| !event.target.includes(own)));
    let ids: Vec<u32> = elsewhere.map(|event| event.id.0).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let (at, id) = (u.choose_index(draft.events.len())?, *u.choose(&ids)?);
    Ok(draft.events.get_mut(at).map(|event| {
        event.id = id;
        // The filters are for fields of another event; without them only the event is wrong.
        event.items.clear();
        format!("events[{at}].id")
    }))
}

fn operator_past_the_list(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let Some((at, _)) = choose(u, draft, |_| true)? else { return Ok(None) };
    let count = u32::try_from(tables.sysmon.filters.len()).unwrap_or(u32::MAX);
    let past = *u.choose(&[0, 1, 0x100, 0x1000])?;
    change(draft, at, |filter| filter.operator = count.saturating_add(past))
}

fn to_be_expanded(u: &mut Unstructured<'_>, draft: &mut Draft, _: &Contract) -> Done {
    let Some((at, _)) = choose(u, draft, |_| true)? else { return Ok(None) };
    let flag = u.arbitrary()?;
    change(draft, at, |filter| match flag {
        true => filter.environment = true,
        false => filter.value.extend("%TEMP%".encode_utf16()),
    })
}

fn field_past_the_mask(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let room = |id: u32| {
        let event = contract.template(TypeId(id))?;
        let last = event.supplied.min(event.defined()).checked_sub(1)?;
        (last >= MASK).then_some(last)
    };
    let Some((at, _)) = choose(u, draft, |one| room(one.event.id).is_some())? else { return Ok(None) };
    let Some(last) = draft.events.get(at.event).and_then(|event| room(event.id)) else { return Ok(None) };
    let field = u.int_in_range(MASK..=last)?;
    change(draft, at, |filter| filter.field = field)
}

fn name_as_long_as_its_field(u: &mut Unstructured<'_>, draft: &mut Draft, _: &Contract) -> Done {
    let mut number = 0;
    for item in draft.events.iter_mut().flat_map(|event| &mut event.items) {
        let Item::Group(group) = item else { continue };
        if u.arbitrary()? {
            group.name = vec![b'n'.into(); 127];
            return Ok(Some(format!("aggregations[{number}].name")));
        }
        number += 1;
    }
    let Some((at, _)) = choose(u, draft, |_| true)? else { return Ok(None) };
    let path = change(draft, at, |filter| filter.name = vec![b'n'.into(); 255])?;
    Ok(path.map(|path| path + ".name"))
}

fn matches_everything(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let operator = tables.operator(u.choose(&["contains", "begin with", "end with"])?);
    let Some((at, _)) = choose(u, draft, |one| one.decides())? else { return Ok(None) };
    let Some(operator) = operator else { return Ok(None) };
    change(draft, at, |filter| (filter.operator, filter.value) = (operator, Vec::new()))
}

/// Adds a filter right behind another one, in the same group or beside it.
fn insert_after(event: &mut Event, mut nth: usize, new: Filter) -> bool {
    for at in 0..event.items.len() {
        match event.items.get_mut(at) {
            Some(Item::Filter(_)) if nth == 0 => {
                event.items.insert(at + 1, Item::Filter(new));
                return true;
            }
            Some(Item::Group(group)) if nth < group.filters.len() => {
                group.filters.insert(nth + 1, new);
                return true;
            }
            Some(Item::Filter(_)) => nth -= 1,
            Some(Item::Group(group)) => nth -= group.filters.len(),
            None => {}
        }
    }
    false
}

/// Compared without case, as the sensor does.
fn filter_twice(u: &mut Unstructured<'_>, draft: &mut Draft, _: &Contract) -> Done {
    let Some((at, mut copy)) = choose(u, draft, |_| true)? else { return Ok(None) };
    if u.arbitrary()? {
        let upper = |unit: &u16| u8::try_from(*unit).map_or(*unit, |unit| unit.to_ascii_uppercase().into());
        copy.value = copy.value.iter().map(upper).collect();
    }
    let done = draft.events.get_mut(at.event).is_some_and(|event| insert_after(event, at.filter, copy));
    Ok(done.then(|| At { filter: at.filter + 1, ..at }.path()))
}

/// A part of a value: what contains it is wider than any filter on the whole.
fn part(value: &[u16]) -> Option<Vec<u16>> {
    let plain = |unit: &u16| u8::try_from(*unit).is_ok_and(|unit| unit.is_ascii_alphanumeric());
    let longest = value.split(|unit| !plain(unit)).max_by_key(|run| run.len())?;
    Some(longest.get(1..).filter(|part| !part.is_empty())?.to_vec())
}

/// Whether a filter is on one value that a part of it covers.
fn is_narrow(filter: &Filter, tables: &Tables<'_>) -> bool {
    let narrow = ["is", "contains", "begin with", "end with", "image"];
    tables.word(filter.operator).is_some_and(|word| narrow.contains(&word)) && part(&filter.value).is_some()
}

fn filter_of_no_use(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let Some(operator) = tables.operator("contains") else { return Ok(None) };
    let fits = |one: &Placed<'_>| one.group.is_none() && is_narrow(one.filter, &tables);
    let Some((at, narrow)) = choose(u, draft, fits)? else { return Ok(None) };
    let value = part(&narrow.value).unwrap_or_default();
    let wide = Filter { operator, value, ..narrow };
    let done = draft.events.get_mut(at.event).is_some_and(|event| insert_after(event, at.filter, wide));
    Ok(done.then(|| at.path()))
}

fn excluded_again(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let Some(operator) = tables.operator("contains") else { return Ok(None) };
    let fits = |one: &Placed<'_>| one.event.default == 1 && is_narrow(one.filter, &tables);
    let Some((at, narrow)) = choose(u, draft, fits)? else { return Ok(None) };
    let value = part(&narrow.value).unwrap_or_default();
    let wide = Filter { operator, value, name: Vec::new(), ..narrow };
    let id = draft.events.get(at.event).map_or(0, |event| event.id);
    draft.events.push(Event { id, default: 0, combine: 0, items: vec![Item::Filter(wide)] });
    Ok(Some(at.path()))
}
