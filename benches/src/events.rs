//! Recorded Sysmon events, one JSON object a line: `{"src", "id", "version", "computer", "time", "fields"}`.

use crate::data;
use channel_contract::{Contract, TemplateType};
use channel_gate::{OwnedInput, Record};
use channel_parser::model::{InputType, TypeId};
use serde_json::{Map, Value};
use std::fs;
use std::io::Read;

/// The sets of events, and how many lines each has.
pub const SETS: [&str; 4] =
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

/// What a sensor would have handed to its interpreter.
pub fn record(line: &str, contract: &Contract) -> Option<Record> {
    let event: Value = serde_json::from_str(line).ok()?;
    let template = contract.template(TypeId(u32::try_from(event.get("id")?.as_u64()?).ok()?))?;
    let fields = event.get("fields")?.as_object()?;
    Some(Record { template: template.id, inputs: inputs(template, fields) })
}

fn inputs(template: &TemplateType, fields: &Map<String, Value>) -> Vec<Option<OwnedInput>> {
    let input = |field: &channel_contract::Field| {
        let text = match fields.get(&field.name)? {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match field.input {
            InputType::Text => Some(OwnedInput::Text(text)),
            InputType::Integer => text.parse().ok().map(OwnedInput::Integer),
            InputType::Address => text.parse().ok().map(OwnedInput::Address),
        }
    };
    template.fields.iter().map(input).collect()
}
