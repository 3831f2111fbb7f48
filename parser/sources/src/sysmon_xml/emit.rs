//! From the elements of a configuration to events, groups and filters, in the order and with the numbers that
//! Microsoft's compiler gives them.

use super::config::{Condition, Config, EventRules, Item};
use super::map::{EventPlace, RuleMap};
use super::refusal::{Refusal, Source};
use super::schema::{EventType, Schema};
use crate::limits;
use crate::map::At;
use channel_parser::sysmon::{Header, draft};

/// Units of a group's name; the rest is cut off, as the compiler does.
const GROUP_NAME_UNITS: usize = 127;

/// Makes the draft of a blob, and refuses what the sensor's schema cannot say.
pub(super) struct Emitter<'s, 'a> {
    source: &'s Source<'a>,
    sensor: &'s Schema,
    pub draft: draft::Draft,
    pub map: RuleMap,
    pub refusals: Vec<Refusal>,
    /// The id of the group before, those that came to nothing counted.
    group: u32,
    /// The compiler has forgotten to note where the groups begin.
    headless: bool,
}

impl<'s, 'a> Emitter<'s, 'a> {
    pub fn new(source: &'s Source<'a>, sensor: &'s Schema) -> Self {
        Self {
            source,
            sensor,
            draft: draft::Draft { version: sensor.binary_version.0, ..draft::Draft::default() },
            map: RuleMap::new(source.name, &sensor.version.to_string()),
            refusals: Vec::new(),
            group: 0,
            headless: false,
        }
    }

    /// Events in the order of the sensor's schema, those of one name in the order of the configuration.
    pub fn config(&mut self, config: &Config<'_>) {
        // A short header has no place for the schema that the configuration names.
        let short = Header { version: self.draft.version, ..Header::default() }.is_short();
        self.draft.schema = if short { 0 } else { config.schema.0 };
        let mut before = "";
        for event in &self.sensor.events {
            if event.rule_name != before {
                before = &event.rule_name;
                let rules =
                    config.events.iter().filter(|rules| !before.is_empty() && rules.rule_name == before);
                rules.for_each(|rules| self.event(rules));
            }
        }
        for rules in &config.events {
            if self.sensor.series(rules.rule_name).next().is_none() {
                let expected =
                    format!("the rules of an event that the sensor has (schema {})", self.sensor.version);
                self.refuse(rules.at, &expected, rules.rule_name);
            }
        }
        let groups = self.draft.events.iter().flat_map(|event| &event.items);
        self.draft.unlisted =
            self.headless && groups.into_iter().any(|item| matches!(item, draft::Item::Group(_)));
    }

    fn refuse(&mut self, At(line, column): At, expected: &str, found: &str) {
        if self.refusals.len() < limits::REFUSALS {
            self.refusals.push(self.source.refusal(At(line, column), expected, found));
        }
    }

    /// Tries the events that share the rules' name one after another: the first that has all the fields gets them.
    fn event(&mut self, rules: &EventRules<'_>) {
        let sensor = self.sensor;
        for event in sensor.series(rules.rule_name) {
            let missing = rules.items.iter().position(|item| lacks(event, item).is_some());
            let Some(missing) = missing else { return self.emit(rules, event) };
            // Ids that were given out stay so; and where the event would have been the first, the compiler starts the
            // blob again, but still takes its groups for begun.
            let tried = rules.items.iter().take(missing.saturating_add(1));
            let groups = tried.filter(|item| matches!(item, Item::Group(_))).count();
            self.group = self.group.saturating_add(u32::try_from(groups).unwrap_or(u32::MAX));
            self.headless |= groups > 0 && self.draft.events.is_empty();
        }
        let nowhere = |condition: &&Condition<'_>| {
            sensor.series(rules.rule_name).all(|event| event.field(condition.field).is_none())
        };
        let version = sensor.version;
        match rules.items.iter().flat_map(Item::conditions).find(nowhere) {
            Some(condition) => {
                let expected = format!("a field of {} on the sensor (schema {version})", rules.rule_name);
                self.refuse(condition.at, &expected, condition.field);
            }
            None => {
                let expected = format!("fields of one of the events that share the name {}", rules.rule_name);
                self.refuse(rules.at, &expected, "fields that no one of them has together");
            }
        }
    }

    fn emit(&mut self, rules: &EventRules<'_>, event: &EventType) {
        let At(line, column) = rules.at;
        let mut places = Vec::new();
        let mut items = Vec::new();
        let mut filters = |conditions: &[Condition<'_>]| -> Vec<draft::Filter> {
            places.extend(conditions.iter().map(|condition| condition.at));
            let most = if channel_parser::planted!("four-conditions") { 4 } else { usize::MAX };
            conditions.iter().take(most).filter_map(|condition| filter(condition, event)).collect()
        };
        for item in &rules.items {
            match item {
                Item::Condition(condition) => {
                    items.extend(
                        filters(std::slice::from_ref(condition)).into_iter().map(draft::Item::Filter),
                    );
                }
                Item::Group(group) => {
                    self.group = self.group.saturating_add(1);
                    self.map.groups.push(group.at);
                    items.push(draft::Item::Group(draft::Group {
                        id: self.group,
                        combine: group.combine,
                        name: group.name.encode_utf16().take(GROUP_NAME_UNITS).collect(),
                        memory: (0, 0, 0),
                        filters: filters(&group.conditions),
                    }));
                }
            }
        }
        let EventRules { default, combine, .. } = *rules;
        self.draft.events.push(draft::Event { id: event.id, default, combine, items });
        self.map.events.push(EventPlace(line, column, places));
    }
}

/// The first condition of an item whose field an event does not have.
fn lacks<'i>(event: &EventType, item: &'i Item<'_>) -> Option<&'i Condition<'i>> {
    item.conditions().iter().find(|condition| event.field(condition.field).is_none())
}

fn filter(condition: &Condition<'_>, event: &EventType) -> Option<draft::Filter> {
    Some(draft::Filter {
        field: event.field(condition.field)?,
        name: condition.name.encode_utf16().collect(),
        operator: condition.operator,
        environment: false,
        value: condition.value.encode_utf16().collect(),
    })
}
