//! Why a rule did not become a detection: one typed reason, with its place and the names that it is about.

use crate::map::At;
use channel_parser::model::InputType;
use std::fmt;

/// A rule, or a file, that did not become detections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the source file.
    pub source: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The rule's id; empty where it was not read.
    pub id: String,
    /// The rule's title; empty where it was not read.
    pub title: String,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.source, self.line, self.column)?;
        if !self.title.is_empty() {
            write!(f, "rule \"{}\"", self.title)?;
            if !self.id.is_empty() && self.id != self.title {
                write!(f, " ({})", self.id)?;
            }
            f.write_str(": ")?;
        }
        self.reason.fmt(f)
    }
}

/// What is wrong with a rule or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The file is not UTF-8 from here.
    NotUtf8,
    /// It is not YAML, or YAML that rules have no use for.
    Yaml(String),
    /// A key stands twice in one mapping.
    DuplicateKey(String),
    /// More of something than is read; see [`crate::limits`].
    Limit {
        /// Of what.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
    /// Not what a rule has in this place.
    Expected {
        /// What a rule has there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A rule needs this key.
    Missing(&'static str),
    /// Another rule has this id already.
    DuplicateId {
        /// Where that one begins.
        first: String,
    },
    /// A correlation over several events: detections look at one event.
    Correlation,
    /// A filter for other rules: it detects nothing itself.
    FilterRule,
    /// A condition that counts or relates events: detections look at one event.
    Aggregation(String),
    /// No template type is known for this log source.
    UnknownLogSource(String),
    /// The sensor has none of the template types of this log source.
    NoTemplate {
        /// The log source.
        source: String,
        /// The template types that would serve it.
        templates: Vec<&'static str>,
    },
    /// No template type of the log source supplies this field.
    UnknownField {
        /// The field.
        field: String,
        /// The template types that were looked at.
        templates: Vec<String>,
    },
    /// A search over the whole event, but no input carries its text.
    NoKeywordInput {
        /// The template types that were looked at.
        templates: Vec<String>,
    },
    /// A modifier that Sigma does not have.
    UnknownModifier {
        /// The key that has it.
        field: String,
        /// The modifier.
        modifier: String,
    },
    /// A modifier that detections cannot express.
    Inexpressible {
        /// The key that has it.
        field: String,
        /// The modifier.
        modifier: String,
        /// Why not.
        why: &'static str,
    },
    /// A modifier cannot be applied to the value, or not after the ones before it.
    Misapplied {
        /// The key that has it.
        field: String,
        /// The modifier.
        modifier: String,
        /// What it is applied to.
        to: String,
    },
    /// The value can never be compared with what the sensor hands over.
    WrongType {
        /// The field.
        field: String,
        /// What the sensor hands over.
        input: InputType,
        /// The template type.
        template: String,
        /// The value.
        value: String,
    },
    /// The regular expression is not one of the linear-time kind.
    Regex {
        /// The field.
        field: String,
        /// What the engine says.
        message: String,
    },
    /// The network is not one.
    Network {
        /// The field.
        field: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The condition does not follow the grammar.
    Condition {
        /// What could stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The condition names a selection that the rule does not have.
    UnknownSelection(String),
    /// The condition names no such selection, so what its author wrote there has no effect.
    UnusedSelection(String),
    /// The condition needs more instances than a detection may have.
    TooManyInstances {
        /// How many it needs, as far as they were counted.
        needed: usize,
        /// How many it may have.
        limit: usize,
    },
    /// No event of the template types can ever match.
    NeverMatches,
}

impl Reason {
    /// A short stable word for the kind of reason, for counting.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotUtf8 | Self::Yaml(_) | Self::DuplicateKey(_) => "yaml",
            Self::Limit { .. } => "limit",
            Self::Expected { .. } | Self::Missing(_) => "not-a-rule",
            Self::DuplicateId { .. } => "duplicate-id",
            Self::Correlation | Self::FilterRule => "meta-rule",
            Self::Aggregation(_) => "aggregation",
            Self::UnknownLogSource(_) => "unknown-log-source",
            Self::NoTemplate { .. } => "no-template",
            Self::UnknownField { .. } => "unknown-field",
            Self::NoKeywordInput { .. } => "no-keyword-input",
            Self::UnknownModifier { .. } => "unknown-modifier",
            Self::Inexpressible { .. } => "inexpressible",
            Self::Misapplied { .. } | Self::WrongType { .. } => "wrong-type",
            Self::Regex { .. } => "regex",
            Self::Network { .. } => "network",
            Self::Condition { .. } => "condition",
            Self::UnknownSelection(_) => "unknown-selection",
            Self::UnusedSelection(_) => "unused-selection",
            Self::TooManyInstances { .. } => "too-many-instances",
            Self::NeverMatches => "never-matches",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the file is not UTF-8 from here on"),
            Self::Yaml(message) => write!(f, "not YAML that a rule can have: {message}"),
            Self::DuplicateKey(key) => write!(f, "the key `{key}` stands twice in one mapping"),
            Self::Limit { what, limit } => write!(f, "too many {what}: at most {limit} are read"),
            Self::Expected { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Missing(key) => write!(f, "a rule needs `{key}`"),
            Self::DuplicateId { first } => write!(f, "its id is the one of the rule at {first}"),
            Self::Correlation => f.write_str("a correlation over several events; a detection looks at one"),
            Self::FilterRule => f.write_str("a filter for other rules; it detects nothing itself"),
            Self::Aggregation(what) => write!(f, "`{what}` relates several events; a detection looks at one"),
            Self::UnknownLogSource(source) => {
                write!(f, "no template type is known for the log source {source}")
            }
            Self::NoTemplate { source, templates } => {
                write!(
                    f,
                    "the log source {source} needs {}, which the sensor does not have",
                    either(templates)
                )
            }
            Self::UnknownField { field, templates } => {
                write!(f, "the field `{field}` is not supplied by {}", either(templates))
            }
            Self::NoKeywordInput { templates } => {
                write!(
                    f,
                    "a search over the whole event, but no input `Message` is supplied by {}",
                    either(templates)
                )
            }
            Self::UnknownModifier { field, modifier } => {
                write!(f, "`{field}`: Sigma has no modifier `{modifier}`")
            }
            Self::Inexpressible { field, modifier, why } => {
                write!(f, "`{field}`: the modifier `{modifier}` {why}")
            }
            Self::Misapplied { field, modifier, to } => {
                write!(f, "`{field}`: the modifier `{modifier}` cannot be applied to {to}")
            }
            Self::WrongType { field, input, template, value } => {
                write!(f, "`{field}` of {template} is of type {input}; {value} can never be compared with it")
            }
            Self::Regex { field, message } => {
                write!(f, "`{field}`: not a linear-time regular expression: {message}")
            }
            Self::Network { field, value, why } => write!(f, "`{field}`: `{value}` is not a network: {why}"),
            Self::Condition { expected, found } => write!(f, "condition: expected {expected}, found {found}"),
            Self::UnknownSelection(name) => write!(f, "condition: there is no selection `{name}`"),
            Self::UnusedSelection(name) => write!(f, "the condition does not use the selection `{name}`"),
            Self::TooManyInstances { needed, limit } => {
                write!(f, "the condition needs {needed} instances, at most {limit} are made")
            }
            Self::NeverMatches => f.write_str("no event of its template types can ever match"),
        }
    }
}

fn either<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

/// A reason with its place inside a file that the caller knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: At,
    pub reason: Reason,
}

impl Fault {
    pub fn new(at: At, reason: Reason) -> Self {
        Self { at, reason }
    }
}
