//! What a recording holds -> the inputs that the sensor of a contract would have handed over.

use super::{Taken, origin};
use crate::{OwnedInput, Record};
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::model::{InputType, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

/// An event as a log holds it.
#[derive(Debug, Default)]
pub(super) struct Recorded<'a> {
    pub template: Option<Template<'a>>,
    pub id: Option<i64>,
    pub provider: Option<Cow<'a, str>>,
    pub channel: Option<Cow<'a, str>>,
    pub level: Option<i64>,
    pub fields: Vec<(Cow<'a, str>, Value<'a>)>,
}

/// A template type as a recording names it.
#[derive(Debug)]
pub(super) enum Template<'a> {
    Id(u32),
    Name(Cow<'a, str>),
}

/// A value as a recording holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Absent,
    Integer(i64),
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// A value as one line among others.
    pub(super) fn line(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Absent => None,
            Self::Integer(n) => Some(n.to_string().into()),
            Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }
}

/// A value that was not handed over as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// The field.
    pub field: String,
    /// What became of it.
    pub why: Why,
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is not of the type that the contract states, and was handed over as absent.
    NotOf(InputType),
    /// It is longer than the contract says that the sensor hands over, and was cut.
    Cut(u32),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOf(input) => write!(f, "not of the type `{}`: handed over as absent", input.word()),
            Self::Cut(most) => write!(f, "longer than {most} bytes: cut there, as the sensor would"),
        }
    }
}

/// Types events as one contract says.
pub struct Typing<'c> {
    contract: &'c Contract,
    by_name: HashMap<&'c str, &'c TemplateType>,
    positions: HashMap<TypeId, Positions<'c>>,
}

/// The positions of a template type's supplied fields, by their names.
pub(super) type Positions<'c> = HashMap<&'c str, usize>;

impl<'c> Typing<'c> {
    /// Looks up what a contract says.
    pub fn new(contract: &'c Contract) -> Self {
        let by_name = contract.types.iter().map(|template| (template.name.as_str(), template)).collect();
        let positions = |template: &'c TemplateType| {
            let names = supplied(template).enumerate().map(|(at, field)| (field.name.as_str(), at));
            (template.id, names.collect())
        };
        Self { contract, by_name, positions: contract.types.iter().map(positions).collect() }
    }

    /// The template type of an event of Sysmon, if it has only fields that stand among those of the event, by the names that
    /// these have: blanks in them are of no account, so that none with a blank is found.
    pub(super) fn plain(&self, id: i64) -> Option<(&'c TemplateType, &Positions<'c>)> {
        let template = self.template(&Recorded { id: Some(id), ..Recorded::default() }).ok()?;
        let positions = self.positions.get(&template.id)?;
        let apart = ["EventID", "Level", "Provider_Name", "Channel", "Message"];
        let plain = |name: &&str| !apart.contains(name) && !name.contains(' ');
        positions.keys().all(plain).then_some((template, positions))
    }

    /// The event that the sensor would have seen.
    pub(super) fn record(&self, recorded: Recorded<'_>) -> Taken {
        let template = match self.template(&recorded) {
            Ok(template) => template,
            Err(taken) => return taken,
        };
        let Some(positions) = self.positions.get(&template.id) else {
            return no_such(&Template::Id(template.id.0));
        };
        let mut values = vec![Value::Absent; supplied(template).count()];
        let mut put = |name: &str, value| {
            let place = positions.get(name).and_then(|at| values.get_mut(*at));
            if let Some(place) = place.filter(|place| **place == Value::Absent) {
                *place = value;
            }
        };
        let message = positions.contains_key("Message").then(|| rendered(&recorded.fields));
        let head = head(&recorded);
        let own =
            |name: &str| positions.contains_key(name) || positions.contains_key(&*name.replace(' ', ""));
        let first = recorded.fields.first().map(|(name, _)| name.to_string());
        let whole = positions.contains_key("EventID") || positions.contains_key("Message");
        if let Some(first) = first.filter(|_| !whole && !recorded.fields.iter().any(|(name, _)| own(name))) {
            let (count, name) = (recorded.fields.len(), &template.name);
            return Taken::Unread(format!(
                "`fields`: none of the {count} is one of {name}, `{first}` is the first"
            ));
        }
        for (name, value) in recorded.fields {
            // Sigma's taxonomy, and so the contract, writes names without the blanks that some logs have in them.
            if name.contains(' ') { put(&name.replace(' ', ""), value) } else { put(&name, value) }
        }
        for (name, value) in head.into_iter().chain(message.map(|text| ("Message", Value::Text(text.into()))))
        {
            put(name, value);
        }
        typed(template, values)
    }

    /// The event at hand by position.
    pub(super) fn exact(&self, template: &Template<'_>, inputs: Vec<Value<'_>>) -> Taken {
        let Some(template) = self.named(template) else { return no_such(template) };
        let (supplied, given) = (template.supplied as usize, inputs.len());
        if supplied != given {
            let name = &template.name;
            return Taken::Unread(format!(
                "`inputs`: the sensor supplies {supplied} for {name}, found {given}"
            ));
        }
        match typed(template, inputs) {
            Taken::Event(_, loose) if !loose.is_empty() => {
                let wrong = loose.iter().map(|Loose { field, why }| format!("`{field}` is {why}"));
                Taken::Unread(wrong.take(1).collect())
            }
            taken => taken,
        }
    }

    fn named(&self, template: &Template<'_>) -> Option<&'c TemplateType> {
        match template {
            Template::Id(id) => self.contract.template(TypeId(*id)),
            Template::Name(name) => self.by_name.get(&**name).copied(),
        }
    }

    fn template(&self, recorded: &Recorded<'_>) -> Result<&'c TemplateType, Taken> {
        if let Some(template) = &recorded.template {
            return self.named(template).ok_or_else(|| no_such(template));
        }
        let Some(id) = recorded.id else {
            return Err(Taken::Unread("neither `type` nor `id` says what it is an event of".to_owned()));
        };
        let (provider, channel) = (recorded.provider.as_deref(), recorded.channel.as_deref());
        if !origin::is_sysmon(provider, channel) {
            let found = origin::of_log(id, provider, channel).and_then(|name| self.by_name.get(name));
            let log = channel.or(provider).unwrap_or_default();
            return found.copied().ok_or_else(|| Taken::Elsewhere(log.to_owned()));
        }
        let found = if self.contract.sysmon.is_some() {
            u32::try_from(id).ok().and_then(|id| self.contract.template(TypeId(id)))
        } else {
            origin::of_sysmon(id).and_then(|name| self.by_name.get(name)).copied()
        };
        found.ok_or_else(|| Taken::Elsewhere(format!("{}, event {id}", origin::SYSMON_PROVIDER)))
    }
}

fn no_such(template: &Template<'_>) -> Taken {
    let found = match template {
        Template::Id(id) => id.to_string(),
        Template::Name(name) => format!("`{name}`"),
    };
    Taken::Unread(format!("`type`: the sensor has no template type {found}"))
}

fn supplied(template: &TemplateType) -> impl Iterator<Item = &Field> {
    template.fields.iter().take(template.supplied as usize)
}

/// What an event's head says, under the names that contracts have for it.
fn head<'a>(recorded: &Recorded<'a>) -> [(&'static str, Value<'a>); 4] {
    let sysmon = origin::is_sysmon(recorded.provider.as_deref(), recorded.channel.as_deref());
    let text = |given: &Option<Cow<'a, str>>, known: &'static str| match given {
        Some(text) => Value::Text(text.clone()),
        None if sysmon => Value::Text(known.into()),
        None => Value::Absent,
    };
    let number = |n: Option<i64>| n.map_or(Value::Absent, Value::Integer);
    [
        ("EventID", number(recorded.id)),
        ("Level", number(recorded.level)),
        ("Provider_Name", text(&recorded.provider, origin::SYSMON_PROVIDER)),
        ("Channel", text(&recorded.channel, origin::SYSMON_CHANNEL)),
    ]
}

/// The text of an event, of which a log keeps only what stands in it: its values, a line each.
fn rendered(fields: &[(Cow<'_, str>, Value<'_>)]) -> String {
    let lines: Vec<Cow<'_, str>> = fields.iter().filter_map(|(_, value)| value.line()).collect();
    lines.join("\n")
}

/// The inputs, each of the type of its field.
fn typed(template: &TemplateType, values: Vec<Value<'_>>) -> Taken {
    let (mut inputs, mut loose) = (Vec::with_capacity(values.len()), Vec::new());
    for (field, value) in supplied(template).zip(values) {
        let (input, why) = input(field, value);
        if input.is_none() && !field.nullable {
            let (name, input) = (&field.name, field.input.word());
            return Taken::Unread(match why {
                Some(_) => {
                    format!("`{name}` is not of the type `{input}`, and the sensor always supplies one")
                }
                None => format!("`{name}` has no value, and the sensor always supplies one"),
            });
        }
        if let Some(why) = why {
            loose.push(Loose { field: field.name.clone(), why });
        }
        inputs.push(input);
    }
    Taken::Event(Record { template: template.id, inputs }, loose)
}

fn input(field: &Field, value: Value<'_>) -> (Option<OwnedInput>, Option<Why>) {
    let text = match value {
        Value::Absent => return (None, None),
        Value::Integer(n) if field.input == InputType::Integer => {
            return (Some(OwnedInput::Integer(n)), None);
        }
        Value::Integer(n) => Cow::Owned(n.to_string()),
        Value::Text(text) => text,
    };
    let read = match field.input {
        InputType::Text => {
            let most = field.max_bytes as usize;
            if text.len() <= most {
                return (Some(OwnedInput::Text(text.into_owned())), None);
            }
            let end = (0..=most).rev().find(|at| text.is_char_boundary(*at));
            let kept = end.and_then(|end| text.get(..end)).unwrap_or_default();
            return (Some(OwnedInput::Text(kept.to_owned())), Some(Why::Cut(field.max_bytes)));
        }
        InputType::Integer => integer(&text).map(OwnedInput::Integer),
        InputType::Address => address(&text).map(OwnedInput::Address),
    };
    let none = matches!(&*text, "" | "-");
    let why = (read.is_none() && !none).then_some(Why::NotOf(field.input));
    (read, why)
}

/// Logs write some numbers in hexadecimal.
pub(super) fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
        None => text.parse().ok(),
    }
}

/// The zone of an address is where it was heard, and no part of it.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}
