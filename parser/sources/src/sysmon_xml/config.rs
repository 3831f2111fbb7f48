//! The elements of a configuration, each in its place and with its attributes, as Sysmon's document type has them.

use super::options;
use super::refusal::{Refusal, Source};
use super::schema::{Schema, read_version};
use crate::limits;
use crate::map::At;
use channel_parser::sysmon::Version;

type Node<'a, 'i> = roxmltree::Node<'a, 'i>;

/// What a configuration says.
pub(super) struct Config<'a> {
    pub schema: Version,
    pub events: Vec<EventRules<'a>>,
}

/// The rules of one element such as `<ProcessCreate>`.
pub(super) struct EventRules<'a> {
    pub at: At,
    pub rule_name: &'a str,
    /// The default action of the blob: what `onmatch` says, the other way round.
    pub default: u32,
    pub combine: u32,
    pub items: Vec<Item<'a>>,
}

pub(super) enum Item<'a> {
    Condition(Condition<'a>),
    Group(Group<'a>),
}

/// A `<Rule>`.
pub(super) struct Group<'a> {
    pub at: At,
    pub combine: u32,
    pub name: &'a str,
    pub conditions: Vec<Condition<'a>>,
}

/// One condition on a field.
pub(super) struct Condition<'a> {
    pub at: At,
    pub field: &'a str,
    pub operator: u32,
    pub name: &'a str,
    pub value: String,
}

impl Item<'_> {
    pub fn conditions(&self) -> &[Condition<'_>] {
        match self {
            Item::Condition(condition) => std::slice::from_ref(condition),
            Item::Group(group) => &group.conditions,
        }
    }
}

/// Bytes of a rule's name in UTF-8: Sysmon measures it before it turns it into UTF-16.
const NAME_BYTES: usize = 255;
/// The first schema version whose groups need all their conditions, where they do not say.
const AND_AFTER: Version = Version(0x4_000a);

/// Reads a configuration.
pub(super) struct Reader<'s, 'a> {
    pub source: &'s Source<'a>,
    pub schemas: &'s [Schema],
    pub sensor: &'s Schema,
    pub refusals: Vec<Refusal>,
}

impl<'s> Reader<'s, '_> {
    /// Everything that is wrong is kept as a refusal; what is right is returned.
    pub fn config<'d>(&mut self, root: Node<'d, '_>) -> Option<Config<'d>> {
        if root.tag_name().name() != "Sysmon" {
            self.refuse(root, "an element `Sysmon`", root.tag_name().name());
            return None;
        }
        self.attributes(root, &["schemaversion"]);
        let Some(text) = root.attribute("schemaversion") else {
            self.refuse(root, "an attribute `schemaversion`", "none");
            return None;
        };
        let oldest = Version(self.sensor.version.0 & 0xffff_0000);
        let Some(schema) = read_version(text).filter(|version| *version >= oldest) else {
            self.refuse(root, &format!("a schema version from {oldest} on"), text);
            return None;
        };
        let known = self.schemas.iter().filter(|known| known.version <= schema);
        let grammar = known.max_by_key(|known| known.version).unwrap_or(self.sensor);
        let mut config = Config { schema, events: Vec::new() };
        for node in self.elements(root) {
            if node.tag_name().name() == "EventFiltering" {
                self.attributes(node, &[]);
                self.filtering(node, grammar, &mut config);
            } else {
                self.option(node, grammar);
            }
        }
        Some(config)
    }

    fn refuse(&mut self, node: Node<'_, '_>, expected: &str, found: &str) {
        self.refuse_at(node.range().start, expected, found);
    }

    /// Keeps a refusal, until there are too many to be of use.
    fn refuse_at(&mut self, at: usize, expected: &str, found: &str) {
        match self.refusals.len() {
            limits::REFUSALS => {
                self.refusals.push(self.source.at(at, "fewer faults", "more, which are not shown"))
            }
            0..limits::REFUSALS => self.refusals.push(self.source.at(at, expected, found)),
            _ => {}
        }
    }

    fn option(&mut self, node: Node<'_, '_>, grammar: &Schema) {
        self.attributes(node, &[]);
        let name = node.tag_name().name();
        let Some(option) = options::find(name, grammar.version) else {
            let expected = format!("`EventFiltering` or an option of schema {}", grammar.version);
            return self.refuse(node, &expected, name);
        };
        if let Some(child) =
            node.children().find(|child| child.is_element() || (child.is_text() && !option.value))
        {
            let expected = if option.value { "a value" } else { "nothing inside" };
            self.refuse(child, expected, child.text().unwrap_or_else(|| child.tag_name().name()));
        }
    }

    fn filtering<'d>(&mut self, parent: Node<'d, '_>, grammar: &Schema, config: &mut Config<'d>) {
        let combine = if config.schema > AND_AFTER { 1 } else { 0 };
        for node in self.elements(parent) {
            if node.tag_name().name() != "RuleGroup" {
                config.events.extend(self.event(node, grammar, combine, ""));
                continue;
            }
            self.attributes(node, &["groupRelation", "name"]);
            let relation = self.one_of(node, "groupRelation", &["or", "and"]);
            if node.attribute("groupRelation").is_none() {
                self.refuse(node, "an attribute `groupRelation`", "none");
            }
            let name = node.attribute("name").unwrap_or_default();
            for node in self.elements(node) {
                config.events.extend(self.event(node, grammar, relation.unwrap_or(combine), name));
            }
        }
    }

    fn event<'d>(
        &mut self,
        node: Node<'d, '_>,
        grammar: &Schema,
        combine: u32,
        name: &'d str,
    ) -> Option<EventRules<'d>> {
        let rule_name = node.tag_name().name();
        if grammar.series(rule_name).next().is_none() {
            let expected = format!("the rules of an event of schema {}", grammar.version);
            self.refuse(node, &expected, rule_name);
            return None;
        }
        self.attributes(node, &["onmatch", "default"]);
        let onmatch = self.one_of(node, "onmatch", &["exclude", "include"]);
        let default = self.one_of(node, "default", &["include", "exclude"]);
        if node.has_attribute("onmatch") == node.has_attribute("default") {
            let found = if node.has_attribute("onmatch") { "both" } else { "none" };
            self.refuse(node, "either an attribute `onmatch` or an attribute `default`", found);
        }
        let mut items = Vec::new();
        for child in self.elements(node) {
            if child.tag_name().name() == "Rule" {
                items.extend(self.group(child, grammar, name).map(Item::Group));
            } else if !grammar.series(rule_name).any(|event| event.field(child.tag_name().name()).is_some()) {
                let expected = format!("`Rule` or a field of {rule_name} in schema {}", grammar.version);
                self.refuse(child, &expected, child.tag_name().name());
            } else {
                items.extend(self.condition(child, name).map(Item::Condition));
            }
        }
        let at = self.source.place(node.range().start);
        Some(EventRules { at, rule_name, default: onmatch.or(default)?, combine, items })
    }

    fn group<'d>(&mut self, node: Node<'d, '_>, grammar: &Schema, name: &'d str) -> Option<Group<'d>> {
        self.attributes(node, &["groupRelation", "name"]);
        let relation = node.attribute("groupRelation").map(str::to_ascii_lowercase);
        let combine = match relation.as_deref() {
            None | Some("or") => 0,
            Some("and") => 1,
            Some(other) => {
                self.refuse(node, "`groupRelation` to be `or` or `and`", other);
                return None;
            }
        };
        if !node.has_children() {
            self.refuse(node, "conditions inside `Rule`", "nothing: Sysmon's own compiler crashes on it");
            return None;
        }
        let own = node.attribute("name");
        let mut conditions = Vec::new();
        for child in self.elements(node) {
            let field = child.tag_name().name();
            if grammar.events.iter().any(|event| event.field(field).is_some()) {
                conditions.extend(self.condition(child, own.unwrap_or(name)));
            } else {
                self.refuse(child, &format!("a field of schema {}", grammar.version), field);
            }
        }
        let at = self.source.place(node.range().start);
        Some(Group { at, combine, name: own.unwrap_or_default(), conditions })
    }

    fn condition<'d>(&mut self, node: Node<'d, '_>, name: &'d str) -> Option<Condition<'d>> {
        self.attributes(node, &["condition", "name"]);
        let condition = node.attribute("condition").filter(|condition| !condition.is_empty());
        let condition = condition.unwrap_or(&self.sensor.default_operator);
        let mut operators = (0u32..).zip(&self.sensor.operators);
        let Some((operator, _)) = operators.find(|(_, known)| known.eq_ignore_ascii_case(condition)) else {
            let expected = format!("`condition` to be one of {}", self.sensor.operators.join(", "));
            self.refuse(node, &expected, condition);
            return None;
        };
        let name = node.attribute("name").unwrap_or(name);
        if name.len() > NAME_BYTES {
            let expected = format!("a name of at most {NAME_BYTES} bytes");
            self.refuse(node, &expected, &format!("{} bytes: {name}", name.len()));
            return None;
        }
        if let Some(child) = node.children().find(Node::is_element) {
            self.refuse(child, "text", child.tag_name().name());
            return None;
        }
        let value = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
        let at = self.source.place(node.range().start);
        Some(Condition { at, field: node.tag_name().name(), operator, name, value })
    }

    /// The elements inside another; text between them is refused.
    fn elements<'d, 'i>(&mut self, node: Node<'d, 'i>) -> Vec<Node<'d, 'i>> {
        for text in node.children().filter(Node::is_text) {
            let found = text.text().unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']);
            if !found.is_empty() {
                self.refuse(text, &format!("no text inside `{}`", node.tag_name().name()), found);
            }
        }
        node.children().filter(Node::is_element).collect()
    }

    /// Refuses every other attribute.
    fn attributes(&mut self, node: Node<'_, '_>, known: &[&str]) {
        for attribute in node.attributes().filter(|attribute| !known.contains(&attribute.name())) {
            let expected = match known {
                [] => "no attribute".into(),
                known => format!("the attribute {}", known.join(" or ")),
            };
            self.refuse_at(attribute.range().start, &expected, attribute.name());
        }
    }

    /// The position of an attribute's value among its words; another value is refused.
    fn one_of(&mut self, node: Node<'_, '_>, name: &str, words: &[&str]) -> Option<u32> {
        let value = node.attribute(name)?;
        let found = (0u32..).zip(words).find(|(_, word)| **word == value.trim_matches(' '));
        if found.is_none() {
            self.refuse(node, &format!("`{name}` to be `{}`", words.join("` or `")), value);
        }
        found.map(|(number, _)| number)
    }
}
