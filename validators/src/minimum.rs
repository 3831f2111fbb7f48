//! The oldest schema of Sysmon on which a blob works in full, and what keeps it from the schemas before.

use crate::blob::{BlobContent, Fit, fit};
use channel_contract::sysmon::schemas;
use channel_contract::{Contract, TemplateType};
use channel_parser::model::TypeId;
use serde::Serialize;
use std::collections::BTreeSet;

/// What content needs, derived from what it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MinimumSchema {
    /// The oldest schema on which these bytes mean what they meant to their compiler; sensors that read blobs of another
    /// major version refuse them all the same.
    pub blob: Option<String>,
    /// The oldest schema that has everything, so that the same rules can be compiled for it.
    pub source: Option<String>,
    /// What the schema before that one lacks.
    pub needs: Vec<Need>,
}

/// Something that content uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "name")]
pub enum Need {
    /// The rules for an event.
    Event(String),
    /// A field of an event.
    Field(String),
    /// An operator.
    Operator(String),
}

/// Derives it. Nothing is known of a blob whose compiler is not known.
///
/// ```
/// use channel_parser::sysmon::assemble;
/// use channel_validators::{BlobContent, Subject, minimum_schema};
///
/// let form = "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 22 default exclude combine or\n  filter 4 operator 0: 'a'\n";
/// let bytes = assemble(form).unwrap();
/// let subject = Subject::read("rules", &bytes);
/// let minimum = minimum_schema(&BlobContent::new(&subject, subject.blob().unwrap()));
/// assert_eq!(minimum.source.as_deref(), Some("4.21"));
/// ```
pub fn minimum_schema(content: &BlobContent<'_>) -> MinimumSchema {
    if content.compiler.is_none() {
        return MinimumSchema::default();
    }
    let version = |contract: &&'static Contract| contract.sensor.version.clone();
    let mut before = BTreeSet::new();
    let mut minimum = MinimumSchema {
        blob: schemas().find(|schema| works(content, schema)).as_ref().map(version),
        ..Default::default()
    };
    for schema in schemas() {
        let lacks = lacks(content, schema);
        if lacks.is_empty() {
            minimum.source = Some(version(&schema));
            break;
        }
        before = lacks;
    }
    minimum.needs = before.into_iter().collect();
    minimum
}

/// The event of a schema that rules can be for.
fn event_of(schema: &'static Contract, id: u32) -> Option<&'static TemplateType> {
    schema.template(TypeId(id)).filter(|event| event.event.is_some())
}

/// The operator at a position, as a schema stores it.
fn operator_at(schema: &Contract, position: u32) -> Option<&str> {
    schema.sysmon.as_ref()?.filters.get(position as usize).map(String::as_str)
}

/// Whether every number of a blob means the same on a schema.
fn works(content: &BlobContent<'_>, schema: &'static Contract) -> bool {
    content.events().iter().all(|event| {
        let Some(there) = event_of(schema, event.event.id()) else { return false };
        content.filters_of(event).iter().all(|filter| {
            let operator = operator_at(schema, filter.filter.operator());
            matches!(fit(filter, there), Fit::Same) && operator.is_some() && operator == filter.operator
        })
    })
}

/// What a blob uses by name and a schema does not have.
fn lacks(content: &BlobContent<'_>, schema: &'static Contract) -> BTreeSet<Need> {
    let mut lacks = BTreeSet::new();
    let operators: BTreeSet<&str> =
        schema.sysmon.iter().flat_map(|sysmon| &sysmon.filters).map(String::as_str).collect();
    for event in content.events() {
        let name = event.meant.map_or_else(|| event.event.id().to_string(), |meant| meant.name.clone());
        let Some(there) = event_of(schema, event.event.id()) else {
            lacks.insert(Need::Event(name));
            continue;
        };
        for filter in content.filters_of(event) {
            let field = filter.field.map_or_else(|| filter.filter.field().to_string(), str::to_owned);
            if !there.fields.iter().any(|one| one.name == field) {
                lacks.insert(Need::Field(format!("{name}.{field}")));
            }
            match filter.operator {
                Some(operator) if operators.contains(operator) => {}
                operator => _ = lacks.insert(Need::Operator(operator.unwrap_or("unknown").to_owned())),
            }
        }
    }
    lacks
}

impl MinimumSchema {
    /// One sentence for people.
    pub fn sentence(&self) -> String {
        let name = |need: &Need| match need {
            Need::Event(name) => format!("event {name}"),
            Need::Field(name) => format!("field {name}"),
            Need::Operator(name) => format!("operator `{name}`"),
        };
        let names: Vec<_> = self.needs.iter().map(name).collect();
        let shown = names.get(..4.min(names.len())).unwrap_or_default().join(", ");
        let more = match names.len().saturating_sub(4) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match (&self.source, &self.blob) {
            (None, _) => "no known schema has everything that the rules use".to_owned(),
            (Some(source), blob) => {
                let because =
                    if shown.is_empty() { String::new() } else { format!(", because of {shown}{more}") };
                let blob = blob.as_ref().filter(|blob| *blob != source);
                let bytes =
                    blob.map_or(String::new(), |blob| format!("; this blob means the same from {blob} on"));
                format!("the rules need schema {source}{because}{bytes}")
            }
        }
    }
}
