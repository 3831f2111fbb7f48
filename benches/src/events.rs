//! Recorded Sysmon events, one JSON object a line: `{"src", "id", "version", "computer", "time", "fields"}`; and how these
//! become events of a sensor.

use crate::data;
use channel_contract::{Contract, TemplateType};
use channel_interpreter::{Event, Input};
use channel_parser::model::{InputType, TypeId};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::fs;
use std::io::Read;
use std::net::IpAddr;
use std::ops::Range;

const SETS: [&str; 4] =
    ["mixed-mordor", "benign-dfir-museum", "benign-evtx-rs-sample", "malicious-sigma-regression"];

/// The lines of all sets, if these are at hand.
pub fn lines() -> Option<String> {
    let mut text = String::new();
    for set in SETS {
        let file = fs::File::open(data().join(format!("events/{set}.jsonl.gz"))).ok()?;
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).ok()?;
    }
    Some(text)
}

/// Reads lines as a sensor with a contract would have handed the events over. What it needs room for is used again.
pub struct Decoder<'c> {
    /// Ascending by template type.
    types: Vec<Type<'c>>,
    slots: Vec<Option<Slot>>,
    /// The texts that do not stand in the line as they are.
    text: String,
}

/// A template type, and at which field each name stood in the last event of it: the next event has the same order.
struct Type<'c> {
    template: &'c TemplateType,
    order: Vec<(String, Option<usize>)>,
}

/// A decoded input: where its text stands in the line, or among the other texts.
#[derive(Clone)]
enum Slot {
    Line(Range<usize>),
    Text(Range<usize>),
    Integer(i64),
    Address(IpAddr),
}

impl<'c> Decoder<'c> {
    /// For the template types of a contract.
    pub fn new(contract: &'c Contract) -> Self {
        let mut types: Vec<Type<'c>> =
            contract.types.iter().map(|template| Type { template, order: Vec::new() }).collect();
        types.sort_by_key(|of| of.template.id);
        Self { types, slots: Vec::new(), text: String::new() }
    }

    /// Hands over the event of a line; `None` for a line that holds none of this sensor.
    pub fn decode<T>(&mut self, line: &str, take: impl FnOnce(&Event<'_>) -> T) -> Option<T> {
        self.slots.clear();
        self.text.clear();
        let mut json = serde_json::Deserializer::from_str(line);
        let template = Whole { decoder: self, line }.deserialize(&mut json).ok()?;
        json.end().ok()?;
        let input = |slot: &Option<Slot>| {
            Some(match slot.as_ref()? {
                Slot::Line(range) => Input::Text(line.get(range.clone())?),
                Slot::Text(range) => Input::Text(self.text.get(range.clone())?),
                Slot::Integer(n) => Input::Integer(*n),
                Slot::Address(address) => Input::Address(*address),
            })
        };
        let inputs: Vec<Option<Input<'_>>> = self.slots.iter().map(input).collect();
        Some(take(&Event { template, inputs: &inputs }))
    }
}

/// The whole object of a line.
struct Whole<'d, 'c, 'l> {
    decoder: &'d mut Decoder<'c>,
    line: &'l str,
}

impl<'l> DeserializeSeed<'l> for Whole<'_, '_, 'l> {
    type Value = TypeId;

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<TypeId, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for Whole<'_, '_, 'l> {
    type Value = TypeId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event with an id, and its fields after that")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<TypeId, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<&str>()? {
            match (key, found) {
                ("id", _) => {
                    let id = TypeId(map.next_value()?);
                    let at = self.decoder.types.binary_search_by_key(&id, |of| of.template.id);
                    found = Some(at.map_err(|_| A::Error::custom("no such template type"))?);
                }
                ("fields", Some(at)) => {
                    let Decoder { types, slots, text } = &mut *self.decoder;
                    let of = &mut types[at];
                    slots.resize(of.template.fields.len(), None);
                    map.next_value_seed(Fields { of, slots, text, line: self.line })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let found = found.and_then(|at| self.decoder.types.get(at));
        found.map(|of| of.template.id).ok_or_else(|| A::Error::missing_field("id"))
    }
}

/// The object of the fields.
struct Fields<'d, 'c, 'l> {
    of: &'d mut Type<'c>,
    slots: &'d mut Vec<Option<Slot>>,
    text: &'d mut String,
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
        f.write_str("fields")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        let mut nth = 0;
        while let Some(key) = map.next_key::<&str>()? {
            match self.of.field(nth, key) {
                Some(field) => {
                    let input = self.of.template.fields[field].input;
                    let slot = Field { input, text: self.text, line: self.line };
                    self.slots[field] = map.next_value_seed(slot)?;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
            nth += 1;
        }
        Ok(())
    }
}

impl Type<'_> {
    /// The field with this name, the `nth` name of the event.
    fn field(&mut self, nth: usize, name: &str) -> Option<usize> {
        match self.order.get(nth) {
            Some((known, field)) if known == name => return *field,
            _ => {}
        }
        let field = self.template.fields.iter().position(|field| field.name == name);
        self.order.truncate(nth.max(self.order.len().min(nth + 1)));
        self.order.resize(nth + 1, (String::new(), None));
        self.order[nth] = (name.to_owned(), field);
        field
    }
}

/// The value of a field. One that is none of its type is absent.
struct Field<'d, 'l> {
    input: InputType,
    text: &'d mut String,
    line: &'l str,
}

impl Field<'_, '_> {
    fn typed(&self, text: &str) -> Option<Slot> {
        match self.input {
            InputType::Text => None,
            InputType::Integer => text.parse().ok().map(Slot::Integer),
            InputType::Address => text.parse().ok().map(Slot::Address),
        }
    }

    fn integer(&mut self, n: i64) -> Option<Slot> {
        match self.input {
            InputType::Text => self.owned(&n.to_string()),
            InputType::Integer => Some(Slot::Integer(n)),
            InputType::Address => None,
        }
    }

    fn owned(&mut self, text: &str) -> Option<Slot> {
        let from = self.text.len();
        self.text.push_str(text);
        Some(Slot::Text(from..self.text.len()))
    }
}

impl<'l> DeserializeSeed<'l> for Field<'_, 'l> {
    type Value = Option<Slot>;

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for Field<'_, 'l> {
    type Value = Option<Slot>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a truth value or null")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'l str) -> Result<Self::Value, E> {
        if self.input != InputType::Text {
            return Ok(self.typed(text));
        }
        let from = (text.as_ptr() as usize).wrapping_sub(self.line.as_ptr() as usize);
        Ok(Some(Slot::Line(from..from.wrapping_add(text.len()))))
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<Self::Value, E> {
        Ok(if self.input == InputType::Text { self.owned(text) } else { self.typed(text) })
    }

    fn visit_u64<E: Error>(mut self, n: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(n).ok().and_then(|n| self.integer(n)))
    }

    fn visit_i64<E: Error>(mut self, n: i64) -> Result<Self::Value, E> {
        Ok(self.integer(n))
    }

    fn visit_bool<E: Error>(mut self, truth: bool) -> Result<Self::Value, E> {
        let text = self.input == InputType::Text;
        Ok(if text { self.owned(if truth { "true" } else { "false" }) } else { None })
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
