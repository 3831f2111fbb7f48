//! The short way for what most lines are: an event of Sysmon by the names of its fields, of which nothing has to be told but
//! the event. Texts are borrowed, and nothing is kept of one line for the next but room and the order of the names. Whatever
//! is out of the ordinary is left to the long way (`json`), which knows what to say of it; where this one hands over an event,
//! it is the same.

use super::Typing;
use super::scan::{Opening, Scan, Text, Value};
use super::special::Specials;
use super::typing::{Positions, address, integer};
use channel_contract::{Field, TemplateType};
use channel_interpreter::{Event, Input};
use channel_parser::model::InputType;
use std::collections::BTreeMap;
use std::ops::Range;

/// So many fields that the sensor does not have are looked at in an event; one with more goes the long way.
const STRANGERS: usize = 16;
/// So many members of a line are known by their order.
const MEMBERS: usize = 16;

/// Reads lines.
pub(super) struct Quick<'t> {
    typing: &'t Typing<'t>,
    /// By Sysmon's event id; none where the short way does not lead.
    types: BTreeMap<i64, Option<Type<'t>>>,
    /// The members of the last line, in order.
    members: Vec<(Opening, Member)>,
    /// For texts with escapes.
    room: Vec<u8>,
    /// The fields of a line whose texts had escapes, and where these are without.
    undone: Vec<(usize, Range<usize>)>,
    /// How many lines were begun.
    lines: u64,
}

/// What a member of a line is.
#[derive(Clone, Copy)]
enum Member {
    Id,
    Fields,
    /// Of no account.
    Other,
}

/// A template type.
struct Type<'t> {
    template: &'t TemplateType,
    positions: &'t Positions<'t>,
    slots: Vec<Slot<'t>>,
    /// For each field the one whose name came after it the last time, that before the first at 0.
    next: Vec<usize>,
}

/// A field.
struct Slot<'t> {
    field: &'t Field,
    opening: Option<Opening>,
    /// In which line it was last.
    seen: u64,
}

impl<'t> Quick<'t> {
    pub fn new(typing: &'t Typing<'t>) -> Self {
        Self {
            typing,
            types: BTreeMap::new(),
            members: Vec::new(),
            room: Vec::new(),
            undone: Vec::new(),
            lines: 0,
        }
    }

    /// Hands over the event of one of some lines; `None` if that has to go the long way.
    pub fn event<T>(
        &mut self,
        all: &str,
        specials: &Specials,
        line: Range<usize>,
        take: impl FnOnce(&Event<'_>) -> T,
    ) -> Option<T> {
        let Self { typing, types, members, room, undone, lines } = self;
        undone.clear();
        *lines = lines.wrapping_add(1);
        let mut scan = Scan::new(all, specials, line, room);
        let (mut at, mut done, mut nth) = (None, None, 0usize);
        let mut more = scan.takes(b'{');
        while more {
            let member = match members.get(nth) {
                Some((opening, member)) if scan.opens(opening) => *member,
                _ => Member::sought(scan.name()?, members, nth)?,
            };
            nth = nth.wrapping_add(1);
            match (member, &mut at) {
                (Member::Id, None) => {
                    let Value::Integer(id, _) = scan.value()? else { return None };
                    at = Some(types.entry(id).or_insert_with(|| Type::of(id, typing)).as_mut()?);
                }
                (Member::Fields, Some(own)) if done.is_none() => {
                    done = Some(own.inputs(*lines, &mut scan, undone)?);
                }
                (Member::Other, _) => {
                    scan.value()?;
                }
                _ => return None,
            }
            more = scan.goes_on()?;
        }
        let (own, mut inputs) = at.zip(done).filter(|_| scan.is_done())?;
        let texts = scan.undone()?;
        for (at, place) in undone {
            *inputs.get_mut(*at)? = Some(Input::Text(texts.get(place.clone())?));
        }
        if inputs.iter().zip(&own.slots).any(|(input, slot)| input.is_none() && !slot.field.nullable) {
            return None;
        }
        Some(take(&Event { template: own.template.id, inputs: &inputs }))
    }
}

impl Member {
    /// What a name says that did not come there in the last line; `None` for what only the long way knows to take.
    #[inline(never)]
    fn sought(name: &[u8], members: &mut Vec<(Opening, Self)>, nth: usize) -> Option<Self> {
        let member = match name {
            b"id" => Self::Id,
            b"fields" => Self::Fields,
            b"type" | b"inputs" | b"provider" | b"channel" | b"level" | b"Event" => return None,
            _ => Self::Other,
        };
        members.truncate(nth);
        let opening = str::from_utf8(name).ok().and_then(Opening::of);
        members.extend(opening.filter(|_| nth < MEMBERS).map(|opening| (opening, member)));
        Some(member)
    }
}

impl<'t> Type<'t> {
    fn of(id: i64, typing: &'t Typing<'t>) -> Option<Self> {
        let (template, positions) = typing.plain(id)?;
        let slot = |field: &'t Field| Slot { field, opening: Opening::of(&field.name), seen: 0 };
        let fields = template.fields.iter().take(template.supplied as usize);
        let slots: Vec<Slot<'t>> = fields.map(slot).collect();
        Some(Self { template, positions, next: (0..=slots.len()).collect(), slots })
    }

    /// The object of the fields, in a line by its number.
    fn inputs<'l>(
        &mut self,
        line: u64,
        scan: &mut Scan<'l>,
        undone: &mut Vec<(usize, Range<usize>)>,
    ) -> Option<Vec<Option<Input<'l>>>> {
        let mut inputs = vec![None; self.slots.len()];
        let (mut after, mut strangers) = (0usize, Vec::new());
        let mut more = scan.takes(b'{');
        while more {
            let at = match self.likely(after, scan) {
                Some(at) => at,
                None => {
                    let name = scan.name()?;
                    let Some(at) = self.sought(after, name) else {
                        strange(name, &mut strangers)?;
                        scan.value()?;
                        more = scan.goes_on()?;
                        continue;
                    };
                    at
                }
            };
            let slot = self.slots.get_mut(at).filter(|slot| slot.seen != line)?;
            slot.seen = line;
            let (field, input) = (slot.field, inputs.get_mut(at)?);
            if scan.begins_text()? {
                match scan.text()? {
                    Text::Line(text) if field.input == InputType::Text => {
                        fits(text.len(), field).then(|| *input = Some(Input::Text(text)))?;
                    }
                    Text::Undone(place) if field.input == InputType::Text => {
                        fits(place.len(), field).then(|| undone.push((at, place)))?;
                    }
                    text => *input = typed(field, Value::Text(text))?,
                }
            } else {
                *input = typed(field, scan.value()?)?;
            }
            after = at.wrapping_add(1);
            more = scan.goes_on()?;
        }
        (after > 0).then_some(inputs)
    }

    /// The field that came after another the last time, if it comes again.
    #[inline]
    fn likely(&self, after: usize, scan: &mut Scan<'_>) -> Option<usize> {
        let at = *self.next.get(after)?;
        scan.opens(self.slots.get(at)?.opening.as_ref()?).then_some(at)
    }

    /// The field with this name, which came after another.
    #[inline(never)]
    fn sought(&mut self, after: usize, name: &[u8]) -> Option<usize> {
        let at = *self.positions.get(str::from_utf8(name).ok()?)?;
        *self.next.get_mut(after)? = at;
        Some(at)
    }
}

/// Keeps a name that is none of the sensor's. Names with blanks are read without them, and no name comes twice.
#[inline(never)]
fn strange<'l>(name: &'l [u8], strangers: &mut Vec<&'l [u8]>) -> Option<()> {
    let few = strangers.len() < STRANGERS && !strangers.contains(&name);
    (few && !name.contains(&b' ')).then(|| strangers.push(name))
}

/// What another value of a field comes to: an input or, in the inner `None`, an absent one.
#[inline(never)]
fn typed<'l>(field: &Field, value: Value<'l>) -> Option<Option<Input<'l>>> {
    let text = match value {
        Value::Null => return Some(None),
        Value::Integer(n, _) if field.input == InputType::Integer => return Some(Some(Input::Integer(n))),
        Value::Integer(_, text) | Value::Bool(text) | Value::Text(Text::Line(text)) => text,
        Value::Text(Text::Undone(_)) => return None,
    };
    let input = match field.input {
        InputType::Text => fits(text.len(), field).then_some(Input::Text(text)),
        _ if matches!(text, "" | "-") => return Some(None),
        InputType::Integer => integer(text).map(Input::Integer),
        InputType::Address => address(text).map(Input::Address),
    };
    input.map(Some)
}

/// Whether the sensor hands over a text of so many bytes as it is.
const fn fits(length: usize, field: &Field) -> bool {
    length <= field.max_bytes as usize
}
