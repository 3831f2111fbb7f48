//! The form for people: a contract as TOML. Every number is stated; a key that is missing, unknown or twice is an error
//! with its line.
//!
//! ```
//! let text = r#"
//! interpreter = 3
//! operators = ["exact", "contains"]
//!
//! [sensor]
//! name = "example-sensor"
//! version = "7.11"
//! platform = "windows"
//! build_id = "5f0c"
//!
//! [limits]
//! file_bytes = 4_194_304
//! detections = 4096
//! instances = 16384
//! clauses_per_criterion = 8
//! patterns_per_clause = 1024
//! operand_bytes = 4096
//! automaton_bytes = 16_777_216
//! work_per_event = 1_000_000
//!
//! [limits.widths]  # bits; the sign does not count
//! channel = 32
//! part = 32
//! content_revision = 31
//! type_id = 16
//! type_revision = 16
//! fields_per_instance = 8
//! instances = 32
//! detections = 32
//! patterns = 32
//! match_count = 16
//! integer_operand = 63
//!
//! [[types]]
//! id = 7
//! revision = 1
//! channel = 291
//! name = "ipc"
//! instance_cap = 512
//! supplied = 1  # the call site forgets the second
//! fields = [
//!     { name = "PipeName", input = "text", max_bytes = 512 },
//!     { name = "ProcessId", input = "integer", nullable = true },  # nullable is false unless stated
//! ]
//! "#;
//! let contract = channel_contract::toml::parse(text)?;
//! assert_eq!((contract.types[0].defined(), contract.types[0].supplied), (2, 1));
//!
//! let canonical = channel_contract::toml::print(&contract);
//! assert_eq!(channel_contract::toml::parse(&canonical)?, contract);
//! # Ok::<(), channel_contract::Error>(())
//! ```

use crate::*;
use ::toml::Spanned;
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use channel_parser::model::{Channel, InputType, Operator, TypeId, TypeRevision};
use core::{fmt::Display, ops::Range};
use serde::{Deserialize, Deserializer};

mod print;

pub use print::print;

/// The longest text that is read.
pub const MAX_TOML: u64 = 4 << 20;

/// Reads a contract. The keys of a table may come in any order, and so may the template types.
pub fn parse(text: &str) -> Result<Contract, Error> {
    if text.len() as u64 > MAX_TOML {
        return Err(Error::new(ErrorKind::Text, "at most 4 MiB", format!("{} bytes", text.len())));
    }
    let raw: RawContract = ::toml::from_str(text).map_err(|e| {
        let message = text::printable(e.message());
        let ours = message.strip_prefix("expected ").and_then(|rest| rest.rsplit_once(", found "));
        let (expected, found) = ours.unwrap_or(("a sensor contract in TOML", &message));
        located(text, e.span(), expected, found.into())
    })?;
    let mut types = Vec::new();
    let mut seen = BTreeMap::new();
    let sysmon = raw.sysmon.is_some();
    for raw in raw.types {
        let span = raw.id.span();
        let template = raw.into_type();
        if let Some(other) = seen.insert(template.id, template.name.clone()) {
            let found = format!("id {} a second time (first \"{other}\")", template.id);
            return Err(located(text, Some(span), "every id once", found).path("types"));
        }
        if template.event.is_some() && !sysmon {
            let error = located(text, Some(span), "[sysmon] where a type is an event", "none".into());
            return Err(error.path("types"));
        }
        types.push(template);
    }
    types.sort_by_key(|template: &TemplateType| template.id);
    let (sensor, limits) = (raw.sensor.into(), raw.limits.into());
    let operators = raw.operators.0;
    let (interpreter, sealed, sysmon) = (raw.interpreter, raw.sealed, raw.sysmon.map(Into::into));
    Ok(Contract { sensor, interpreter, operators, limits, types, sealed, sysmon })
}

/// The error with its place in the text, if it has one.
pub(crate) fn located(text: &str, span: Option<Range<usize>>, expected: &str, found: String) -> Error {
    let mut error = Error::new(ErrorKind::Text, expected, found);
    if let Some(span) = span {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or("").chars().count().saturating_add(1);
        error.position = u32::try_from(line).ok().zip(u32::try_from(column).ok());
        error.at = Some(span.start as u64..span.end as u64);
    }
    error
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContract {
    interpreter: u32,
    operators: Operators,
    #[serde(default = "yes")]
    sealed: bool,
    sensor: RawSensor,
    limits: RawLimits,
    sysmon: Option<RawSysmon>,
    #[serde(default)]
    types: Vec<RawType>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSensor {
    name: Text,
    version: Text,
    platform: Text,
    build_id: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    file_bytes: Number64,
    detections: u32,
    instances: u32,
    clauses_per_criterion: u32,
    patterns_per_clause: u32,
    operand_bytes: u32,
    automaton_bytes: Number64,
    work_per_event: Number64,
    widths: RawWidths,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawType {
    id: Spanned<u32>,
    revision: u32,
    channel: u32,
    name: Text,
    instance_cap: u32,
    supplied: u32,
    event: Option<RawEvent>,
    fields: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSysmon {
    schema: RawVersion,
    binary: RawVersion,
    filters: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    default: Closed<sysmon::Action>,
    target: Closed<sysmon::Target>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldKeys {
    name: Text,
    input: Closed<InputType>,
    #[serde(default)]
    nullable: bool,
    max_bytes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(try_from = "FieldKeys")]
struct RawField(Field);

struct Text(String);
/// A word of a closed set.
struct Closed<T>(T);
struct RawVersion(sysmon::Version);
struct Operators(OperatorSet);
struct Bits(Width);
struct Number64(u64);

fn refuse<E: serde::de::Error>(expected: impl Display, found: impl Display) -> E {
    E::custom(format!("expected {expected}, found {found}"))
}

/// The words of a closed set, for an error.
fn words(all: impl Iterator<Item = &'static str>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text::refuse(&text) {
            Some(found) => Err(refuse(text::EXPECTED, found)),
            None => Ok(Self(text)),
        }
    }
}

impl<'de> Deserialize<'de> for RawVersion {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let version = text.parse::<sysmon::Version>().map_err(|e| refuse(e.expected, e.found))?;
        match version.to_string() == text {
            true => Ok(Self(version)),
            false => Err(refuse(format!("\"{version}\""), format!("\"{text}\""))),
        }
    }
}

macro_rules! closed {
    ($($set:ty),+) => {$(
        impl<'de> Deserialize<'de> for Closed<$set> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                let expected = || words(<$set>::ALL.iter().map(|one| one.word()));
                <$set>::from_word(&word).map(Self).ok_or_else(|| refuse(expected(), format!("\"{word}\"")))
            }
        }
    )+};
}

closed!(InputType, sysmon::Action, sysmon::Target);

impl<'de> Deserialize<'de> for Operators {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut set = OperatorSet::EMPTY;
        for word in Vec::<String>::deserialize(from)? {
            let expected = || words(Operator::ALL.iter().map(|operator| operator.word()));
            let operator =
                Operator::from_word(&word).ok_or_else(|| refuse(expected(), format!("\"{word}\"")))?;
            if !set.insert(operator) {
                return Err(refuse("every operator once", format!("\"{word}\" a second time")));
            }
        }
        Ok(Self(set))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bits = u8::deserialize(from)?;
        Width::new(bits).map(Self).ok_or_else(|| refuse("1 to 64 bits", bits))
    }
}

impl<'de> Deserialize<'de> for Number64 {
    /// TOML's integers end at 2^63 - 1; a larger bound is a string.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number, or one from 2^63 to 2^64 - 1 as a string")]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(from)? {
            Form::Number(n) => Ok(Self(n)),
            Form::Text(text) => {
                let canonical = |n: &u64| *n > i64::MAX as u64 && format!("{n}") == text;
                let n = text.parse().ok().filter(canonical);
                n.map(Self).ok_or_else(|| refuse("2^63 to 2^64 - 1 in a string", format!("\"{text}\"")))
            }
        }
    }
}

macro_rules! raw_widths {
    ($($name:ident)*) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct RawWidths { $($name: Bits,)* }

        impl From<RawWidths> for Widths {
            fn from(raw: RawWidths) -> Self {
                Self { $($name: raw.$name.0,)* }
            }
        }
    };
}

raw_widths! {
    channel part content_revision type_id type_revision fields_per_instance instances detections patterns match_count
    integer_operand
}

impl From<RawSensor> for Sensor {
    fn from(raw: RawSensor) -> Self {
        let RawSensor { name, version, platform, build_id } = raw;
        Self { name: name.0, version: version.0, platform: platform.0, build_id: build_id.0 }
    }
}

impl From<RawSysmon> for sysmon::Sysmon {
    fn from(raw: RawSysmon) -> Self {
        let filters = raw.filters.into_iter().map(|filter| filter.0).collect();
        Self { schema: raw.schema.0, binary: raw.binary.0, filters }
    }
}

impl From<RawLimits> for Limits {
    fn from(raw: RawLimits) -> Self {
        Self {
            file_bytes: raw.file_bytes.0,
            detections: raw.detections,
            instances: raw.instances,
            clauses_per_criterion: raw.clauses_per_criterion,
            patterns_per_clause: raw.patterns_per_clause,
            operand_bytes: raw.operand_bytes,
            automaton_bytes: raw.automaton_bytes.0,
            work_per_event: raw.work_per_event.0,
            widths: raw.widths.into(),
        }
    }
}

impl RawType {
    fn into_type(self) -> TemplateType {
        TemplateType {
            id: TypeId(self.id.into_inner()),
            revision: TypeRevision(self.revision),
            channel: Channel(self.channel),
            name: self.name.0,
            instance_cap: self.instance_cap,
            fields: self.fields.into_iter().map(|field| field.0).collect(),
            supplied: self.supplied,
            event: self.event.map(|event| sysmon::Event { default: event.default.0, target: event.target.0 }),
        }
    }
}

impl TryFrom<FieldKeys> for RawField {
    type Error = String;

    fn try_from(keys: FieldKeys) -> Result<Self, String> {
        let FieldKeys { name: Text(name), input: Closed(input), nullable, max_bytes } = keys;
        let max_bytes = match (input, max_bytes) {
            (InputType::Text, Some(n)) => n,
            (InputType::Text, None) => {
                return Err(format!("expected max_bytes for the text \"{name}\", found none"));
            }
            (_, None) => 0,
            (_, Some(n)) => {
                return Err(format!("expected max_bytes for texts only, found {n} for {input} \"{name}\""));
            }
        };
        Ok(Self(Field { name, input, nullable, max_bytes }))
    }
}
