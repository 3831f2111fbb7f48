//! A rule blob as owned values, to be built, changed and encoded. Every blob that is accepted has exactly one draft,
//! and every draft that is encoded is the draft of its blob.

use super::Blob;
use super::view::Wide;
use super::walk::Node;
use alloc::vec::Vec;

/// A rule blob.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The version of the format.
    pub version: u32,
    /// The schema version that the configuration asked for; zero up to version 1.0.
    pub schema: u32,
    /// The header does not say where the aggregations are, although there are some.
    pub unlisted: bool,
    /// The events.
    pub events: Vec<Event>,
}

/// The rules for one event id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The id of the event.
    pub id: u32,
    /// The number of a [`super::DefaultAction`].
    pub default: u32,
    /// The number of a [`super::Combine`].
    pub combine: u32,
    /// Filters and groups of filters.
    pub items: Vec<Item>,
}

/// What an event holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A filter by itself.
    Filter(Filter),
    /// An aggregation with its filters.
    Group(Group),
}

/// One filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The position of the field in the event.
    pub field: u32,
    /// The rule's name in UTF-16, at most 255 units and none zero.
    pub name: Vec<u16>,
    /// The number of the operator.
    pub operator: u32,
    /// The value holds environment variables.
    pub environment: bool,
    /// The value in UTF-16, no unit zero.
    pub value: Vec<u16>,
}

/// An aggregation: a `<Rule>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its id, not zero.
    pub id: u32,
    /// The number of a [`super::Combine`].
    pub combine: u32,
    /// The rule's name in UTF-16, at most 127 units and none zero.
    pub name: Vec<u16>,
    /// The sensor's working memory: message id, filters checked, filters matched.
    pub memory: (u64, u32, u32),
    /// Its filters.
    pub filters: Vec<Filter>,
}

impl Event {
    /// Its filters in order, those of its groups too.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.items.iter().flat_map(|item| match item {
            Item::Filter(filter) => core::slice::from_ref(filter),
            Item::Group(group) => group.filters.as_slice(),
        })
    }
}

impl Blob<'_> {
    /// The same as owned values.
    pub fn draft(&self) -> Draft {
        let header = self.header();
        let (mut events, mut aggregations) = (self.events(), self.aggregations());
        let mut filters = None;
        let mut draft = Draft { version: header.version, schema: header.schema, ..Draft::default() };
        for node in self.nodes() {
            match node {
                Node::Event { .. } => {
                    let Some(event) = events.next() else { break };
                    filters = Some(event.filters());
                    let default = event.default().map_or(u32::MAX, super::DefaultAction::number);
                    let combine = event.combine().map_or(u32::MAX, super::Combine::number);
                    draft.events.push(Event { id: event.id(), default, combine, items: Vec::new() });
                }
                Node::Aggregation { .. } => {
                    let Some(group) = aggregations.next() else { break };
                    draft.unlisted = header.first_aggregation == 0;
                    let combine = group.combine().map_or(u32::MAX, super::Combine::number);
                    let (id, name, memory) = (group.id(), units(group.name()), group.memory());
                    let group = Group { id, combine, name, memory, filters: Vec::new() };
                    let Some(event) = draft.events.last_mut() else { break };
                    event.items.push(Item::Group(group));
                }
                Node::Filter { .. } => {
                    let Some(filter) = filters.as_mut().and_then(Iterator::next) else { break };
                    let owned = Filter {
                        field: filter.field(),
                        name: units(filter.name()),
                        operator: filter.operator(),
                        environment: filter.has_environment(),
                        value: units(filter.value()),
                    };
                    let Some(event) = draft.events.last_mut() else { break };
                    match (filter.aggregation(), event.items.last_mut()) {
                        (Some(_), Some(Item::Group(group))) => group.filters.push(owned),
                        _ => event.items.push(Item::Filter(owned)),
                    }
                }
            }
        }
        draft
    }
}

fn units(text: Wide<'_>) -> Vec<u16> {
    text.units().collect()
}
