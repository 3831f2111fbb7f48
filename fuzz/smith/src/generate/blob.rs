//! Rule blobs of Sysmon: what its compiler could have made of a configuration for the sensor's own schema, so that every
//! filter means something there, none does the work of another, and none matches everything.

use super::operand::{TAG, TAGS, tag};
use crate::Config;
use crate::schema::Tables;
use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, TemplateType};
use channel_parser::model::InputType;
use channel_parser::sysmon::draft::{Draft, Event, Filter, Group, Item};
use channel_parser::sysmon::encode;

/// The longest name that no compiler has cut: of a filter, and of a group.
const NAMES: [usize; 2] = [254, 126];

/// A rule blob for a Sysmon sensor; `None` for one that is none, that has no event which takes rules, or whose version no
/// known compiler writes, so that nobody knows what a position means.
///
/// # Errors
///
/// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
pub fn blob(u: &mut Unstructured<'_>, contract: &Contract, config: &Config) -> Result<Option<Draft>> {
    let Some(tables) = Tables::of(contract) else { return Ok(None) };
    let mut events: Vec<_> = tables.events().filter(|event| tables.fields(event).next().is_some()).collect();
    while events.len() > config.types.max(1) as usize {
        events.swap_remove(u.choose_index(events.len())?);
    }
    let operators: Vec<_> = tables.operators().collect();
    if events.is_empty() || operators.is_empty() {
        return Ok(None);
    }
    let mut draft = Draft::default();
    tables.stamp(&mut draft);
    let mut making = Making { tables, config, operators, made: 0, group: 0 };
    let most = config.detections.min(contract.limits.detections).max(1);
    for _ in 0..u.int_in_range(1..=most)? {
        let event = *u.choose(&events)?;
        draft.events.push(making.event(u, event)?);
    }
    // Where the first event was given up the compiler loses the head of the list; a short header has no place for it.
    draft.unlisted = making.group > 0 && (draft.schema == 0 || u.ratio(1, 6)?);
    while encode(&draft).map_or(u64::MAX, |bytes| bytes.len() as u64) > contract.limits.file_bytes {
        draft.events.pop();
        draft.unlisted &=
            draft.events.iter().flat_map(|one| &one.items).any(|one| matches!(one, Item::Group(_)));
        if draft.events.is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(draft))
}

struct Making<'c> {
    tables: Tables<'c>,
    config: &'c Config,
    operators: Vec<(u32, &'c str)>,
    /// The values so far.
    made: u32,
    /// The id of the last group; zero before there is any.
    group: u32,
}

impl Making<'_> {
    fn event(&mut self, u: &mut Unstructured<'_>, event: &TemplateType) -> Result<Event> {
        let mut items = Vec::new();
        for _ in 0..u.int_in_range(0..=self.config.instances)? {
            items.push(match u.ratio(1, 3)? {
                true => Item::Group(self.group(u, event)?),
                false => Item::Filter(self.filter(u, event)?),
            });
        }
        let (default, combine) = (u.int_in_range(0..=1)?, u.int_in_range(0..=1)?);
        Ok(Event { id: event.id.0, default, combine, items })
    }

    fn group(&mut self, u: &mut Unstructured<'_>, event: &TemplateType) -> Result<Group> {
        // Ids ascend and are not dense: what was given up had some.
        self.group += u.int_in_range(1..=3)?;
        let id = self.group;
        let name = self.name(u, NAMES[1])?;
        let mut filters = vec![self.filter(u, event)?];
        for _ in 0..u.int_in_range(0..=self.config.clauses)? {
            filters.push(self.filter(u, event)?);
        }
        Ok(Group { id, combine: u.int_in_range(0..=1)?, name, memory: (0, 0, 0), filters })
    }

    fn filter(&mut self, u: &mut Unstructured<'_>, event: &TemplateType) -> Result<Filter> {
        let fields: Vec<_> = self.tables.fields(event).collect();
        let (field, input) = *u.choose(&fields)?;
        let (operator, word) = *u.choose(&self.operators)?;
        let several = word.ends_with(" any") || word.ends_with(" all");
        let mut value = self.value(u, input, several)?;
        if several {
            for _ in 1..u.int_in_range(1..=self.config.patterns.max(1))? {
                value.push(b';'.into());
                value.extend(self.value(u, input, several)?);
            }
        }
        Ok(Filter { field, name: self.name(u, NAMES[0])?, operator, environment: false, value })
    }

    /// A value with a part that no other value has.
    fn value(&mut self, u: &mut Unstructured<'_>, input: InputType, several: bool) -> Result<Vec<u16>> {
        self.made = self.made.saturating_add(1);
        if input == InputType::Integer || self.made >= TAGS {
            // As wide as any, so that none holds another.
            return Ok(units(&format!("{:010}", self.made)));
        }
        let mut value = units(&tag(self.made));
        let room = (self.config.operand_bytes as usize / 2).max(TAG);
        let parts: &[&str] = match self.config.unicode {
            true => &["\\", ".exe", "C:\\", "*", "Ab", "İ", "\u{212a}", "ß", "🦀", "\u{202e}", "'", " "],
            false => &["\\", ".exe", "C:\\", "*", "Ab", "'", " "],
        };
        for _ in 0..u.int_in_range(0..=3)? {
            let mut part = units(u.choose(parts)?);
            if !several && u.ratio(1, 8)? {
                part = vec![b';'.into()];
            } else if self.config.unicode && u.ratio(1, 16)? {
                // Half a pair is a unit like any other.
                part = vec![0xd83e];
            }
            if value.len() + part.len() > room {
                break;
            }
            let at = if u.arbitrary()? { 0 } else { value.len() };
            value.splice(at..at, part);
        }
        Ok(value)
    }

    fn name(&self, u: &mut Unstructured<'_>, longest: usize) -> Result<Vec<u16>> {
        Ok(match u.int_in_range(0..=7u8)? {
            0..=3 => Vec::new(),
            4 => units("technique_id=T1059,technique_name=Command"),
            5 if self.config.unicode => units("Regel für 🦀"),
            6 => vec![b'n'.into(); longest],
            _ => units("rule"),
        })
    }
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}
