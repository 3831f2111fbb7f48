//! Events with typed inputs, as a sensor hands them over.

use channel_parser::model::InputType;
use channel_sources::Template;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Text(String),
    Integer(i64),
    Address(IpAddr),
}

/// The inputs of one event of one template type. A field that is not there is absent.
#[derive(Clone, Debug, Default)]
pub struct Event {
    pub template: u32,
    pub inputs: BTreeMap<String, Input>,
    /// Which inputs are addresses, also if they are absent.
    pub addresses: Vec<String>,
}

impl Event {
    /// What a sensor with this template type would hand over for a recorded event.
    pub fn new(template: &Template, fields: &serde_json::Map<String, serde_json::Value>) -> Self {
        let mut inputs = BTreeMap::new();
        for input in &template.inputs {
            let text = match fields.get(&input.name) {
                None | Some(serde_json::Value::Null) => continue,
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let typed = match input.input {
                InputType::Text => Some(Input::Text(text)),
                InputType::Integer => text.parse().ok().map(Input::Integer),
                InputType::Address => text.parse().ok().map(Input::Address),
            };
            if let Some(typed) = typed {
                inputs.insert(input.name.clone(), typed);
            }
        }
        let addresses =
            template.inputs.iter().filter(|i| i.input == InputType::Address).map(|i| i.name.clone());
        Self { template: template.id.0, inputs, addresses: addresses.collect() }
    }
}
