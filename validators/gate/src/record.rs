//! An event that is kept: what a sensor handed to the interpreter, owned. Its JSON form is one line of an event file.

use channel_interpreter::{Event, Input};
use channel_parser::model::TypeId;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::net::IpAddr;

/// The value of one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnedInput {
    /// UTF-8 text.
    Text(String),
    /// A signed integer.
    Integer(i64),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

impl OwnedInput {
    /// As the interpreter takes it.
    pub fn input(&self) -> Input<'_> {
        match self {
            Self::Text(text) => Input::Text(text),
            Self::Integer(n) => Input::Integer(*n),
            Self::Address(address) => Input::Address(*address),
        }
    }
}

impl From<Input<'_>> for OwnedInput {
    fn from(input: Input<'_>) -> Self {
        match input {
            Input::Text(text) => Self::Text(text.to_owned()),
            Input::Integer(n) => Self::Integer(n),
            Input::Address(address) => Self::Address(address),
        }
    }
}

impl Serialize for OwnedInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(n) => serializer.serialize_i64(*n),
            Self::Address(address) => serializer.collect_str(address),
        }
    }
}

/// One event, owned: its template type, and an input for each field that its sensor supplies; `None` is absent.
///
/// ```
/// use channel_gate::{OwnedInput, Record};
/// use channel_parser::model::TypeId;
///
/// let inputs = vec![Some(OwnedInput::Text(r"\pipe".into())), None, Some(OwnedInput::Integer(5))];
/// let record = Record { template: TypeId(7), inputs };
/// assert_eq!(record.view().event().inputs.len(), 3);
/// assert_eq!(record.to_json(), r#"{"type":7,"inputs":["\\pipe",null,5]}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its template type.
    pub template: TypeId,
    /// Its inputs, by position.
    pub inputs: Vec<Option<OwnedInput>>,
}

impl Record {
    /// The record as the interpreter takes it; the view holds the list that an event borrows.
    pub fn view(&self) -> View<'_> {
        let inputs = self.inputs.iter().map(|input| input.as_ref().map(OwnedInput::input)).collect();
        View { template: self.template, inputs }
    }

    /// The same with the ASCII letters of its texts in the other case; `None` if there are none.
    ///
    /// ```
    /// # use channel_gate::{OwnedInput, Record};
    /// let record = |text: &str| Record { inputs: vec![Some(OwnedInput::Text(text.into()))], ..Record::default() };
    /// assert_eq!(record("Cmd 1").in_other_case(), Some(record("cMD 1")));
    /// assert_eq!(record("1").in_other_case(), None);
    /// ```
    pub fn in_other_case(&self) -> Option<Self> {
        let turned =
            |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        let turn = |input: &OwnedInput| match input {
            OwnedInput::Text(text) => OwnedInput::Text(text.chars().map(turned).collect()),
            other => other.clone(),
        };
        let inputs = self.inputs.iter().map(|input| input.as_ref().map(turn)).collect();
        Some(Self { inputs, ..*self }).filter(|other| other != self)
    }

    /// One line of an event file, without its line end. Text is a string, a number a number, an address a string, an
    /// absent input `null`: which string is an address is said by the sensor's contract.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&Event<'_>> for Record {
    fn from(event: &Event<'_>) -> Self {
        let inputs = event.inputs.iter().map(|input| input.map(OwnedInput::from)).collect();
        Self { template: event.template, inputs }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Record", 2)?;
        record.serialize_field("type", &self.template.0)?;
        record.serialize_field("inputs", &self.inputs)?;
        record.end()
    }
}

/// A record, borrowed input by input.
#[derive(Clone, Debug)]
pub struct View<'a> {
    template: TypeId,
    inputs: Vec<Option<Input<'a>>>,
}

impl View<'_> {
    /// The event.
    pub fn event(&self) -> Event<'_> {
        Event { template: self.template, inputs: &self.inputs }
    }
}
