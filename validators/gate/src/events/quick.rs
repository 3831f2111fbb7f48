//! The short way for what most lines are: an event of Sysmon by the names of its fields, of which nothing has to be told but
//! the event. Texts are borrowed from the line where JSON has them without escapes, and nothing is kept of one line for the
//! next but room and the order of the names. Whatever is out of the ordinary is left to the long way (`json`), which knows
//! what to say of it; where this one hands over an event, it is the same.

use super::Typing;
use super::typing::{Positions, address, integer};
use channel_contract::{Field, TemplateType};
use channel_interpreter::{Event, Input};
use channel_parser::model::InputType;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

/// So many fields that the sensor does not have are looked at in an event; one with more goes the long way.
const STRANGERS: usize = 16;

/// Reads lines.
pub(super) struct Quick<'t> {
    typing: &'t Typing<'t>,
    /// By Sysmon's event id; none where the short way does not lead.
    types: BTreeMap<i64, Option<Type<'t>>>,
    slots: Vec<Option<Slot>>,
    /// The texts that do not stand in the line as they are.
    text: String,
}

/// A template type, and for each field the one whose name came after it the last time, that before the first at 0.
struct Type<'t> {
    template: &'t TemplateType,
    positions: &'t Positions<'t>,
    next: Vec<usize>,
}

/// An input: where its text stands in the line, or among the other texts.
#[derive(Clone)]
enum Slot {
    Absent,
    Line(Range<usize>),
    Text(Range<usize>),
    Integer(i64),
    Address(IpAddr),
}

impl<'t> Quick<'t> {
    pub fn new(typing: &'t Typing<'t>) -> Self {
        Self { typing, types: BTreeMap::new(), slots: Vec::new(), text: String::new() }
    }

    /// Hands over the event of a line; `None` if that has to go the long way.
    pub fn event<T>(&mut self, line: &str, take: impl FnOnce(&Event<'_>) -> T) -> Option<T> {
        self.slots.clear();
        self.text.clear();
        let mut json = serde_json::Deserializer::from_str(line);
        let template = Whole { quick: self, line }.deserialize(&mut json).ok()?;
        json.end().ok()?;
        let mut inputs = Vec::with_capacity(self.slots.len());
        for (slot, field) in self.slots.iter().zip(&template.fields) {
            let input = match slot.as_ref().unwrap_or(&Slot::Absent) {
                Slot::Absent => None,
                Slot::Line(range) => Some(Input::Text(line.get(range.clone())?)),
                Slot::Text(range) => Some(Input::Text(self.text.get(range.clone())?)),
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
}

impl Type<'_> {
    /// The field with this name that comes after another.
    fn field(&mut self, after: usize, name: &str) -> Option<usize> {
        let expected = self.next.get(after).copied().unwrap_or_default();
        if self.template.fields.get(expected).is_some_and(|field| field.name == name) {
            return Some(expected);
        }
        let found = self.positions.get(name).copied();
        if let (Some(next), Some(found)) = (self.next.get_mut(after), found) {
            *next = found;
        }
        found
    }
}

/// Why a line goes the long way. Nobody is told.
const LONG_WAY: &str = "the long way";

/// The whole object of a line.
struct Whole<'q, 't, 'l> {
    quick: &'q mut Quick<'t>,
    line: &'l str,
}

impl<'t, 'l> DeserializeSeed<'l> for Whole<'_, 't, 'l> {
    type Value = &'t TemplateType;

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'t, 'l> Visitor<'l> for Whole<'_, 't, 'l> {
    type Value = &'t TemplateType;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LONG_WAY)
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Quick { typing, types, slots, text } = self.quick;
        let (mut at, mut done) = (None, None);
        while let Some(key) = map.next_key::<&str>()? {
            match (key, &mut at) {
                ("id", None) => {
                    let id = map.next_value()?;
                    let own = types.entry(id).or_insert_with(|| {
                        let (template, positions) = typing.plain(id)?;
                        let next = (0..=template.fields.len()).collect();
                        Some(Type { template, positions, next })
                    });
                    at = Some(own.as_mut().ok_or_else(|| A::Error::custom(LONG_WAY))?);
                }
                ("fields", Some(own)) if done.is_none() => {
                    slots.resize(own.template.supplied as usize, None);
                    done = Some(own.template);
                    map.next_value_seed(Fields { own, slots, text, line: self.line })?;
                }
                ("id" | "fields" | "type" | "inputs" | "provider" | "channel" | "level" | "Event", _) => {
                    return Err(A::Error::custom(LONG_WAY));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        done.ok_or_else(|| A::Error::custom(LONG_WAY))
    }
}

/// The object of the fields.
struct Fields<'q, 't, 'l> {
    own: &'q mut Type<'t>,
    slots: &'q mut [Option<Slot>],
    text: &'q mut String,
    line: &'l str,
}

impl<'l> DeserializeSeed<'l> for Fields<'_, '_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for Fields<'_, '_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LONG_WAY)
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        let long_way = || A::Error::custom(LONG_WAY);
        let (mut after, mut known, mut strangers) = (0usize, false, Vec::new());
        while let Some(name) = map.next_key::<&str>()? {
            let Some(at) = self.own.field(after, name) else {
                // Names with blanks are read without them, and no name comes twice.
                if name.contains(' ') || strangers.contains(&name) || strangers.len() >= STRANGERS {
                    return Err(long_way());
                }
                strangers.push(name);
                map.next_value_seed(Stranger)?;
                continue;
            };
            (after, known) = (at.saturating_add(1), true);
            let field = self.own.template.fields.get(at).ok_or_else(long_way)?;
            let slot = self.slots.get_mut(at).filter(|slot| slot.is_none()).ok_or_else(long_way)?;
            *slot = Some(map.next_value_seed(One { field, text: self.text, line: self.line })?);
        }
        if known { Ok(()) } else { Err(long_way()) }
    }
}

/// The value of a field that the sensor does not have, which must be one of those that fields can have.
struct Stranger;

impl<'l> DeserializeSeed<'l> for Stranger {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for Stranger {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LONG_WAY)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The value of a field.
struct One<'q, 'l> {
    field: &'q Field,
    text: &'q mut String,
    line: &'l str,
}

impl One<'_, '_> {
    /// What a text comes to that is not borrowed.
    fn read<E: Error>(self, text: &str) -> Result<Slot, E> {
        let read = match self.field.input {
            InputType::Text if text.len() <= self.field.max_bytes as usize => {
                let from = self.text.len();
                self.text.push_str(text);
                Some(Slot::Text(from..self.text.len()))
            }
            InputType::Text => None,
            _ if matches!(text, "" | "-") => Some(Slot::Absent),
            InputType::Integer => integer(text).map(Slot::Integer),
            InputType::Address => address(text).map(Slot::Address),
        };
        read.ok_or_else(|| E::custom(LONG_WAY))
    }
}

impl<'l> DeserializeSeed<'l> for One<'_, 'l> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Slot, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for One<'_, 'l> {
    type Value = Slot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LONG_WAY)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'l str) -> Result<Slot, E> {
        if self.field.input != InputType::Text || text.len() > self.field.max_bytes as usize {
            return self.read(text);
        }
        let from = text.as_ptr().addr().wrapping_sub(self.line.as_ptr().addr());
        Ok(Slot::Line(from..from.wrapping_add(text.len())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Slot, E> {
        self.read(text)
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Slot, E> {
        let n = i64::try_from(n).map_err(|_| E::custom(LONG_WAY))?;
        self.visit_i64(n)
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Slot, E> {
        match self.field.input {
            InputType::Integer => Ok(Slot::Integer(n)),
            _ => self.read(&n.to_string()),
        }
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Slot, E> {
        self.read(if yes { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(self) -> Result<Slot, E> {
        Ok(Slot::Absent)
    }
}
