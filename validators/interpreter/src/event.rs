//! What a sensor hands to the interpreter: one input for every field that its call site supplies.

use crate::{Fault, FaultKind};
use channel_contract::{Contract, TemplateType};
use channel_parser::model::{InputType, TypeId};
use channel_parser::{Path, Value};
use core::net::IpAddr;

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input<'a> {
    /// UTF-8 text.
    Text(&'a str),
    /// A signed integer.
    Integer(i64),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

impl Input<'_> {
    /// Its type.
    pub const fn input_type(&self) -> InputType {
        match self {
            Self::Text(_) => InputType::Text,
            Self::Integer(_) => InputType::Integer,
            Self::Address(_) => InputType::Address,
        }
    }
}

/// One event: its template type, and its inputs in the order of the fields. An absent input is `None`; an empty text is
/// not absent. There are as many as the sensor supplies, which may be fewer than its template type defines.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Its template type.
    pub template: TypeId,
    /// Its inputs.
    pub inputs: &'a [Option<Input<'a>>],
}

impl Event<'_> {
    /// Its template type, if the sensor supplies such events.
    pub(crate) fn supplied_by<'c>(&self, contract: &'c Contract) -> Result<&'c TemplateType, Fault> {
        let wrong =
            |path: Path, expected, found| Fault { kind: FaultKind::Event, span: None, path, expected, found };
        let Some(template) = contract.template(self.template) else {
            let (expected, found) =
                (Value::Phrase("a template type of the sensor"), Value::Number(self.template.0.into()));
            return Err(wrong(Path::of("event").then("template"), expected, found));
        };
        if self.inputs.len() as u64 != u64::from(template.supplied) {
            let (expected, found) =
                (Value::Number(template.supplied.into()), Value::Number(self.inputs.len() as u64));
            return Err(wrong(Path::of("event").then("inputs"), expected, found));
        }
        for (index, (field, input)) in (0u32..).zip(template.fields.iter().zip(self.inputs)) {
            let found = match input {
                Some(input) if input.input_type() != field.input => input.input_type().word(),
                None if !field.nullable => "nothing",
                _ => continue,
            };
            let path = Path::of("event").then_at("inputs", index);
            return Err(wrong(path, Value::Phrase(field.input.word()), Value::Phrase(found)));
        }
        Ok(template)
    }
}
