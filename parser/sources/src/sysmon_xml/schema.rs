//! What a sensor offers to a configuration: its events with their fields, and its operators. Made from a contract, or
//! read from the manifest that Sysmon is built from.

use super::refusal::{Refusal, Source};
use channel_parser::sysmon::{Names, Version};

/// One schema version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Its number.
    pub version: Version,
    /// The version of the rule blobs that its sensor reads.
    pub binary_version: Version,
    /// The operators in the order of their numbers.
    pub operators: Vec<String>,
    /// The operator of a filter that names none.
    pub default_operator: String,
    /// The events in the order in which their rules are compiled; those that share a rule name stand together.
    pub events: Vec<EventType>,
}

/// One type of event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventType {
    /// Its id.
    pub id: u32,
    /// The element that holds its rules; events of the same name share them. Empty where it can have none.
    pub rule_name: String,
    /// Its fields in the order of their positions.
    pub fields: Vec<String>,
}

impl EventType {
    /// The position of a field.
    pub(super) fn field(&self, name: &str) -> Option<u32> {
        let index = self.fields.iter().position(|field| field == name)?;
        u32::try_from(index).ok()
    }
}

impl Schema {
    /// The events that share a rule name.
    pub(super) fn series(&self, rule_name: &str) -> impl Iterator<Item = &EventType> {
        self.events.iter().filter(move |event| !event.rule_name.is_empty() && event.rule_name == rule_name)
    }

    /// Reads the schemas of a manifest, the newest first as they stand there.
    ///
    /// # Errors
    ///
    /// What is no manifest.
    pub fn from_manifest(source: &crate::SourceFile) -> Result<Vec<Self>, Refusal> {
        let source = Source::decode(source)?;
        let document = source.parse()?;
        let manifests = document.root_element().children().filter(|node| node.has_tag_name("manifest"));
        let mut schemas = manifests.map(|node| manifest(&source, node)).collect::<Result<Vec<_>, _>>()?;
        // From blobs of version 14.0 on, an operator keeps its number and new ones are appended, wherever the
        // manifest lists them.
        let mut numbered: Vec<String> = Vec::new();
        for schema in schemas.iter_mut().rev().filter(|schema| schema.binary_version.0 >= 14 << 16) {
            for operator in std::mem::take(&mut schema.operators) {
                if !numbered.contains(&operator) {
                    numbered.push(operator);
                }
            }
            schema.operators.clone_from(&numbered);
        }
        Ok(schemas)
    }
}

type Node<'a, 'i> = roxmltree::Node<'a, 'i>;

fn manifest(source: &Source<'_>, node: Node<'_, '_>) -> Result<Schema, Refusal> {
    let version = |name| {
        let text = required(source, node, name)?;
        read_version(text).ok_or_else(|| source.refuse(node, "a version such as 4.50", text))
    };
    let mut schema = Schema {
        version: version("schemaversion")?,
        binary_version: version("binaryversion")?,
        ..Schema::default()
    };
    for node in node.descendants().filter(Node::is_element) {
        if node.has_tag_name("filters") {
            schema.operators = node.text().unwrap_or_default().split(',').map(String::from).collect();
            schema.default_operator = required(source, node, "default")?.into();
        } else if node.has_tag_name("event") {
            let value = required(source, node, "value")?;
            let id = match value.strip_prefix("0x") {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => value.parse(),
            };
            let id = id.map_err(|_| source.refuse(node, "the id of an event", value))?;
            let data = node.children().filter(|node| node.has_tag_name("data"));
            let fields = data.map(|data| required(source, data, "name").map(String::from));
            let rule_name = node.attribute("rulename").unwrap_or_default().into();
            schema.events.push(EventType { id, rule_name, fields: fields.collect::<Result<_, _>>()? });
        }
    }
    Ok(schema)
}

fn required<'a>(source: &Source<'_>, node: Node<'a, '_>, name: &str) -> Result<&'a str, Refusal> {
    let expected = format!("an attribute `{name}`");
    node.attribute(name).ok_or_else(|| source.refuse(node, &expected, node.tag_name().name()))
}

/// A version as configurations and manifests write it: two decimals count, so that 4.1 is 4.10.
pub(super) fn read_version(text: &str) -> Option<Version> {
    let text = text.trim();
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(major) || !digits(minor) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let rounded = format!("{number:.2}");
    let (major, minor) = rounded.split_once('.')?;
    let (major, minor) = (major.parse::<u16>().ok()?, minor.parse::<u16>().ok()?);
    (major > 0).then_some(Version(u32::from(major) << 16 | u32::from(minor)))
}

impl Names for Schema {
    fn event(&self, id: u32) -> Option<&str> {
        let event = self.events.iter().find(|event| event.id == id)?;
        Some(event.rule_name.as_str()).filter(|name| !name.is_empty())
    }

    fn field(&self, event: u32, index: u32) -> Option<&str> {
        let event = self.events.iter().find(|known| known.id == event)?;
        event.fields.get(usize::try_from(index).ok()?).map(String::as_str)
    }

    fn operator(&self, number: u32) -> Option<&str> {
        self.operators.get(usize::try_from(number).ok()?).map(String::as_str)
    }
}
