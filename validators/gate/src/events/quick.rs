//! The short way for what most lines are: an event of Sysmon by the names of its fields, of which nothing has to be told but
//! the event. Texts are borrowed from the line where JSON has them without escapes, and nothing is kept of one line for the
//! next but room and the order of the names. Whatever is out of the ordinary is left to the long way (`json`), which knows
//! what to say of it; where this one hands over an event, it is the same.

use super::Typing;
use super::scan::{Others, Scan, Text, Value};
use super::typing::{Positions, address, integer};
use channel_contract::{Field, TemplateType};
use channel_interpreter::{Event, Input};
use channel_parser::model::InputType;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many fields that the sensor does not have are looked at in an event; one with more goes the long way.
const STRANGERS: usize = 16;

/// Reads lines.
pub(super) struct Quick<'t> {
    typing: &'t Typing<'t>,
    /// By Sysmon's event id; none where the short way does not lead.
    types: BTreeMap<i64, Option<Type<'t>>>,
    slots: Vec<Option<Slot>>,
    others: Others,
}

/// A template type, and for each field the one whose name came after it the last time, that before the first at 0.
struct Type<'t> {
    template: &'t TemplateType,
    positions: &'t Positions<'t>,
    /// The name of each field as JSON has it, and the colon behind it.
    keys: Vec<String>,
    next: Vec<usize>,
}

/// An input.
#[derive(Clone)]
enum Slot {
    Absent,
    Text(Text),
    Integer(i64),
    Address(IpAddr),
}

impl<'t> Quick<'t> {
    pub fn new(typing: &'t Typing<'t>) -> Self {
        Self { typing, types: BTreeMap::new(), slots: Vec::new(), others: Others::default() }
    }

    /// Hands over the event of a line; `None` if that has to go the long way.
    pub fn event<T>(&mut self, line: &str, take: impl FnOnce(&Event<'_>) -> T) -> Option<T> {
        let template = self.whole(line)?;
        let others = self.others.all()?;
        let mut inputs = Vec::with_capacity(self.slots.len());
        for (slot, field) in self.slots.iter().zip(&template.fields) {
            let input = match slot.as_ref().unwrap_or(&Slot::Absent) {
                Slot::Absent => None,
                Slot::Text(text) => Some(Input::Text(shown(text, line, others)?)),
                Slot::Integer(n) => Some(Input::Integer(*n)),
                Slot::Address(address) => Some(Input::Address(*address)),
            };
            if input.is_none() && !field.nullable {
                return None;
            }
            inputs.push(input);
        }
        Some(take(&Event { template: template.id, inputs: &inputs }))
    }

    /// Fills the slots with the inputs of a line.
    fn whole(&mut self, line: &str) -> Option<&'t TemplateType> {
        let Self { typing, types, slots, others } = self;
        slots.clear();
        others.begin(line.len());
        let mut scan = Scan::new(line);
        let (mut at, mut done) = (None, None);
        let mut more = scan.takes(b'{');
        while more {
            match (scan.name()?, &mut at) {
                ("id", None) => {
                    let Value::Integer(id) = scan.value(others)? else { return None };
                    let own = types.entry(id).or_insert_with(|| {
                        let (template, positions) = typing.plain(id)?;
                        let next = (0..=template.fields.len()).collect();
                        let key = |field: &Field| Some(serde_json::to_string(&field.name).ok()? + ":");
                        let keys = template.fields.iter().map(key).collect::<Option<_>>()?;
                        Some(Type { template, positions, keys, next })
                    });
                    at = Some(own.as_mut()?);
                }
                ("fields", Some(own)) if done.is_none() => {
                    slots.resize(own.template.supplied as usize, None);
                    done = Some(own.template);
                    Fields { own, slots, others, line }.read(&mut scan)?;
                }
                ("id" | "fields" | "type" | "inputs" | "provider" | "channel" | "level" | "Event", _) => {
                    return None;
                }
                _ => {
                    scan.value(others)?;
                }
            }
            more = goes_on(&mut scan)?;
        }
        done.filter(|_| scan.is_done())
    }
}

/// Whether another member of an object comes, or its end.
fn goes_on(scan: &mut Scan<'_>) -> Option<bool> {
    let more = scan.takes(b',');
    (more || scan.takes(b'}')).then_some(more)
}

fn shown<'t>(text: &Text, line: &'t str, others: &'t str) -> Option<&'t str> {
    match text {
        Text::Line(range) => line.get(range.clone()),
        Text::Other(range) => others.get(range.clone()),
    }
}

impl Type<'_> {
    /// The field that comes after another, if it is the one that came the last time.
    fn expected(&self, after: usize, scan: &mut Scan<'_>) -> Option<usize> {
        let expected = self.next.get(after).copied()?;
        scan.takes_all(self.keys.get(expected)?.as_bytes()).then_some(expected)
    }

    /// The field with this name, which came after another.
    fn field(&mut self, after: usize, name: &str) -> Option<usize> {
        let found = self.positions.get(name).copied();
        if let (Some(next), Some(found)) = (self.next.get_mut(after), found) {
            *next = found;
        }
        found
    }
}

/// The object of the fields.
struct Fields<'q, 't, 'l> {
    own: &'q mut Type<'t>,
    slots: &'q mut [Option<Slot>],
    others: &'q mut Others,
    line: &'l str,
}

impl<'l> Fields<'_, '_, 'l> {
    fn read(&mut self, scan: &mut Scan<'l>) -> Option<()> {
        let (mut after, mut known, mut strangers) = (0usize, false, Vec::new());
        let mut more = scan.takes(b'{');
        while more {
            let at = match self.own.expected(after, scan) {
                Some(at) => Some(at),
                None => {
                    let name = scan.name()?;
                    let at = self.own.field(after, name);
                    if at.is_none() {
                        // Names with blanks are read without them, and no name comes twice.
                        if name.contains(' ') || strangers.contains(&name) || strangers.len() >= STRANGERS {
                            return None;
                        }
                        strangers.push(name);
                    }
                    at
                }
            };
            let value = scan.value(self.others)?;
            if let Some(at) = at {
                (after, known) = (at.saturating_add(1), true);
                let field = self.own.template.fields.get(at)?;
                let input = self.input(field, value)?;
                let slot = self.slots.get_mut(at).filter(|slot| slot.is_none())?;
                *slot = Some(input);
            }
            more = goes_on(scan)?;
        }
        known.then_some(())
    }

    /// What the value of a field comes to.
    fn input(&mut self, field: &Field, value: Value) -> Option<Slot> {
        let text = match value {
            Value::Null => return Some(Slot::Absent),
            Value::Integer(n) if field.input == InputType::Integer => return Some(Slot::Integer(n)),
            Value::Integer(n) => self.written(n)?,
            Value::Bool(yes) => self.written(yes)?,
            Value::Text(text) => text,
        };
        let shown = match &text {
            Text::Line(range) | Text::Other(range) if field.input == InputType::Text => {
                return (range.len() <= field.max_bytes as usize).then_some(Slot::Text(text));
            }
            Text::Line(range) => self.line.get(range.clone())?,
            Text::Other(range) => self.others.one(range.clone())?,
        };
        if matches!(shown, "" | "-") {
            return Some(Slot::Absent);
        }
        let address = || address(shown).map(Slot::Address);
        if field.input == InputType::Address { address() } else { integer(shown).map(Slot::Integer) }
    }

    /// A value as text.
    fn written(&mut self, value: impl ToString) -> Option<Text> {
        let from = self.others.len();
        self.others.push(value.to_string().as_bytes())?;
        Some(Text::Other(from..self.others.len()))
    }
}
