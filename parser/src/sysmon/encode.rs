//! From a draft to the bytes that Microsoft's compiler would write: structure behind structure in the order of the
//! configuration, each offset patched when the structure that it points to is there.

use super::draft::{Draft, Event, Filter, Group, Item};
use super::layout::*;
use crate::limits;
use alloc::vec::Vec;
use core::fmt;

/// Why a draft has no blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// No event at all.
    Hollow,
    /// A version before 1.0, or a schema where the header has no place for it.
    Version,
    /// Aggregations that the header leaves out, where there are none; or that it names, where it has no place for them.
    Unlisted,
    /// A name that does not fit its field.
    Name,
    /// A zero inside a name or a value.
    Zero,
    /// A default, a combination or an operator that this format does not have.
    Word,
    /// An aggregation whose id is zero.
    Id,
    /// A list without a place in the header: an unlisted or old blob whose first aggregation has no filter.
    Lost,
    /// More than the limits of [`crate::limits`].
    Limit,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hollow => "the draft holds no event",
            Self::Version => "this version of the format cannot say that",
            Self::Unlisted => "the header cannot name, or leave out, such aggregations",
            Self::Name => "a name does not fit its field",
            Self::Zero => "a text holds a zero",
            Self::Word => "a number stands for no known word",
            Self::Id => "the id of an aggregation is zero",
            Self::Lost => "nothing leads to the first aggregation",
            Self::Limit => "the blob would be too large",
        })
    }
}

impl core::error::Error for EncodeError {}

/// Encodes a draft.
///
/// # Errors
///
/// What a blob cannot say.
pub fn encode(draft: &Draft) -> Result<Vec<u8>, EncodeError> {
    let short = draft.version <= LAST_SHORT;
    if draft.version < LAST_SHORT || (short && draft.schema != 0) {
        return Err(EncodeError::Version);
    }
    if draft.events.is_empty() {
        return Err(EncodeError::Hollow);
    }
    let groups =
        draft.events.iter().flat_map(|event| &event.items).any(|item| matches!(item, Item::Group(_)));
    if (draft.unlisted && !groups) || (short && groups && !draft.unlisted) {
        return Err(EncodeError::Unlisted);
    }
    let mut writer = Writer { bytes: Vec::new(), aggregation: None, next: 0 };
    let rules = u32::try_from(draft.events.len()).map_err(|_| EncodeError::Limit)?;
    writer.numbers(&[draft.version, rules]);
    if !short {
        writer.numbers(&[LONG_HEADER as u32, draft.schema, LONG_HEADER as u32, 0]);
        writer.aggregation = (!draft.unlisted).then_some(20);
    }
    let mut first_group = true;
    for event in &draft.events {
        first_group = writer.event(event, first_group)?;
    }
    writer.here()?;
    Ok(writer.bytes)
}

/// Bytes so far, and the places that wait for an offset.
struct Writer {
    bytes: Vec<u8>,
    /// Where the offset of the next aggregation goes, if anywhere.
    aggregation: Option<u64>,
    /// Where the offset of the next event goes; zero for the first, whose place is fixed.
    next: u64,
}

impl Writer {
    /// Writes an event; says whether the first aggregation is still to come.
    fn event(&mut self, event: &Event, mut first_group: bool) -> Result<bool, EncodeError> {
        let at = self.here()?;
        self.patch(self.next, at);
        self.next = u64::from(at).saturating_add(EVENT_NEXT);
        if event.default > 1 || event.combine > 1 {
            return Err(EncodeError::Word);
        }
        let count = u32::try_from(event.filters().count()).map_err(|_| EncodeError::Limit)?;
        self.numbers(&[event.id, event.default, event.combine, 0, count, 0]);
        let mut link = u64::from(at).saturating_add(EVENT_FIRST);
        for item in &event.items {
            match item {
                Item::Filter(filter) => link = self.filter(filter, link, [0, 0])?,
                Item::Group(group) => {
                    if first_group && self.aggregation.is_none() && group.filters.is_empty() {
                        return Err(EncodeError::Lost);
                    }
                    first_group = false;
                    link = self.group(group, link)?;
                }
            }
        }
        Ok(first_group)
    }

    /// Writes an aggregation with its filters; returns where the offset of the next filter goes.
    fn group(&mut self, group: &Group, mut link: u64) -> Result<u64, EncodeError> {
        let at = self.here()?;
        if let Some(place) = self.aggregation {
            self.patch(place, at);
        }
        self.aggregation = Some(u64::from(at).saturating_add(AGGREGATION_NEXT));
        if group.id == 0 {
            return Err(EncodeError::Id);
        }
        if group.combine > 1 {
            return Err(EncodeError::Word);
        }
        self.name(&group.name, AGGREGATION_NAME)?;
        let (message, checked, matched) = group.memory;
        self.bytes.extend(message.to_le_bytes());
        let count = u32::try_from(group.filters.len()).map_err(|_| EncodeError::Limit)?;
        self.numbers(&[group.id, 0, 0, count, group.combine, checked, matched]);
        self.pad(aligned(self.bytes.len() as u64));
        if !group.filters.is_empty() {
            self.patch(
                u64::from(at).saturating_add(AGGREGATION_FIRST),
                if planted!("first-of-group") { at } else { self.here()? },
            );
        }
        for filter in &group.filters {
            link = self.filter(filter, link, [group.id, at])?;
        }
        Ok(link)
    }

    /// Writes a filter; returns where the offset of the next one goes.
    fn filter(&mut self, filter: &Filter, link: u64, aggregation: [u32; 2]) -> Result<u64, EncodeError> {
        let at = self.here()?;
        self.patch(link, at);
        self.numbers(&[filter.field]);
        self.name(&filter.name, FILTER_NAME)?;
        if filter.operator > OPERATOR {
            return Err(EncodeError::Word);
        }
        if filter.value.contains(&0) {
            return Err(EncodeError::Zero);
        }
        let units = u32::try_from(filter.value.len()).ok().and_then(|units| units.checked_add(1));
        let size = units.and_then(|units| units.checked_mul(2)).ok_or(EncodeError::Limit)?;
        let environment = if filter.environment { ENVIRONMENT } else { 0 };
        let [id, offset] = aggregation;
        self.numbers(&[filter.operator | environment, 0, size, id, offset]);
        self.units(&filter.value);
        self.pad(u64::from(at).saturating_add(filter_slot(size.into())));
        Ok(u64::from(at).saturating_add(FILTER_NEXT))
    }

    /// The offset of what is written next.
    fn here(&self) -> Result<u32, EncodeError> {
        let here = u32::try_from(self.bytes.len()).ok();
        here.filter(|here| u64::from(*here) < limits::FILE_BYTES).ok_or(EncodeError::Limit)
    }

    fn numbers(&mut self, numbers: &[u32]) {
        numbers.iter().for_each(|number| self.bytes.extend(number.to_le_bytes()));
    }

    fn units(&mut self, units: &[u16]) {
        units.iter().for_each(|unit| self.bytes.extend(unit.to_le_bytes()));
    }

    fn name(&mut self, name: &[u16], field: u64) -> Result<(), EncodeError> {
        if (name.len() as u64).saturating_mul(2) >= field {
            return Err(EncodeError::Name);
        }
        if name.contains(&0) {
            return Err(EncodeError::Zero);
        }
        let end = (self.bytes.len() as u64).saturating_add(field);
        self.units(name);
        self.pad(end);
        Ok(())
    }

    fn pad(&mut self, end: u64) {
        if let Ok(end) = usize::try_from(end) {
            self.bytes.resize(end, 0);
        }
    }

    /// Writes an offset into its place; the header's first bytes are no place.
    fn patch(&mut self, place: u64, offset: u32) {
        let place = usize::try_from(place).unwrap_or(0);
        let cell = self.bytes.get_mut(place..).and_then(|rest| rest.first_chunk_mut::<4>());
        if let Some(cell) = cell.filter(|_| place != 0) {
            *cell = offset.to_le_bytes();
        }
    }
}
