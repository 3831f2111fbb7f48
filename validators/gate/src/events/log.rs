//! An event of the Windows event log, in the form that dumps of it have: `{"System": ..., "EventData": ...}`.

use super::typing::{Recorded, Value};
use serde_json::Value as Json;

/// How deep the data of an event may nest: what Windows writes has two levels.
const DEPTH: usize = 8;

/// Reads one.
pub(super) fn recorded(event: &Json) -> Result<Recorded<'_>, String> {
    let system = event.get("System").ok_or("an event of a log without `System`")?;
    let text = |value: &'_ Json| value.as_str().map(|text| text.to_owned().into());
    let number = |name: &str| match scalar(system.get(name)?) {
        Some(Value::Integer(n)) => Some(n),
        Some(Value::Text(text)) => text.parse().ok(),
        _ => None,
    };
    let mut recorded = Recorded {
        id: Some(number("EventID").ok_or("an event of a log without `EventID`")?),
        level: number("Level"),
        channel: system.get("Channel").and_then(text),
        provider: system.pointer("/Provider/#attributes/Name").and_then(text),
        ..Recorded::default()
    };
    for section in ["EventData", "UserData"] {
        if let Some(section) = event.get(section) {
            data(section, DEPTH, &mut recorded.fields)?;
        }
    }
    Ok(recorded)
}

type Fields<'a> = Vec<(std::borrow::Cow<'a, str>, Value<'a>)>;

/// The named values, those within others too.
fn data<'a>(section: &'a Json, depth: usize, fields: &mut Fields<'a>) -> Result<(), String> {
    let Some(entries) = section.as_object() else { return Ok(()) };
    for (name, value) in entries.iter().filter(|(name, _)| *name != "#attributes") {
        match scalar(value) {
            Some(value) => fields.push((name.as_str().into(), value)),
            None if depth == 0 => return Err("the data of an event of a log nest too deep".to_owned()),
            None => data(value, depth.saturating_sub(1), fields)?,
        }
    }
    Ok(())
}

/// A value that holds no named ones.
fn scalar(value: &Json) -> Option<Value<'_>> {
    Some(match value {
        Json::Null => Value::Absent,
        Json::Bool(yes) => Value::Text(if *yes { "true" } else { "false" }.into()),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::Text(n.to_string().into()), Value::Integer),
        Json::String(text) => Value::Text(text.as_str().into()),
        // Several values of one name are a line each.
        Json::Array(values) => {
            let values: Vec<Value<'_>> = values.iter().filter_map(scalar).collect();
            let lines: Vec<_> = values.iter().filter_map(Value::line).collect();
            Value::Text(lines.join("\n").into())
        }
        // A value with attributes of its own.
        Json::Object(object) => return object.get("#text").filter(|text| !text.is_object()).and_then(scalar),
    })
}
