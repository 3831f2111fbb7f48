//! What changed from one contract to another, and whether content that holds for the first may break on the second.

use crate::sysmon::{Event, Sysmon, Target};
use crate::{Contract, Field, OperatorSet, TemplateType, Widths};
use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where in the contract: `types[7].fields[LogonSession].max_bytes`, with the type's id and the field's name.
    pub path: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Whether content that holds for the first contract may break on the second. Where it is false, this change alone
    /// cannot break any.
    pub may_break: bool,
}

/// What happened to a part of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// A field stands at another index: content for the first reads another field there, in bounds and silently.
    Moved {
        /// Its index in the first.
        from: usize,
        /// Its index in the second.
        to: usize,
    },
    /// Both have it, with other values.
    Changed {
        /// The value in the first.
        from: String,
        /// The value in the second.
        to: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind, may_break } = self;
        match kind {
            ChangeKind::Added => write!(f, "{path} was added")?,
            ChangeKind::Removed => write!(f, "{path} was removed")?,
            ChangeKind::Moved { from, to } => write!(f, "{path} moved from index {from} to {to}")?,
            ChangeKind::Changed { from, to } => write!(f, "{path} changed from {from} to {to}")?,
        }
        f.write_str(if *may_break { "; content may break" } else { "" })
    }
}

/// Every difference, in the order of the contract. There is none only if both are the same.
///
/// ```
/// use channel_contract::{Contract, Limits, diff};
///
/// let a = Contract { limits: Limits { detections: 10, instances: 5, ..Limits::default() }, ..Contract::default() };
/// let b = Contract { limits: Limits { detections: 9, instances: 6, ..Limits::default() }, ..Contract::default() };
/// let lines: Vec<_> = diff(&a, &b).iter().map(ToString::to_string).collect();
/// assert_eq!(lines, [
///     "limits.detections changed from 10 to 9; content may break",
///     "limits.instances changed from 5 to 6",
/// ]);
/// ```
pub fn diff(a: &Contract, b: &Contract) -> Vec<Change> {
    let named = a.sysmon.is_some() && b.sysmon.is_some();
    let mut changes = Changes { all: Vec::new(), named };
    let (one, other) = (&a.sensor, &b.sensor);
    changes.quoted("sensor.name", &one.name, &other.name);
    changes.quoted("sensor.version", &one.version, &other.version);
    changes.quoted("sensor.platform", &one.platform, &other.platform);
    changes.quoted("sensor.build_id", &one.build_id, &other.build_id);
    changes.value("interpreter", a.interpreter, b.interpreter, true);
    changes.value("sealed", a.sealed, b.sealed, false);
    changes.operators(a.operators, b.operators);
    changes.limits(a, b);
    changes.sysmon(a.sysmon.as_ref(), b.sysmon.as_ref());

    // By id and how often it came: a contract that repeats an id is compared too.
    let (olds, news) = (keyed(&a.types, |t| t.id), keyed(&b.types, |t| t.id));
    for (key @ (id, _), (_, old)) in &olds {
        match news.get(key) {
            Some((_, new)) => changes.template(&format!("types[{id}]"), old, new),
            None => changes.push(format!("types[{id}]"), ChangeKind::Removed, true),
        }
    }
    for (id, _) in news.keys().filter(|key| !olds.contains_key(*key)) {
        changes.push(format!("types[{id}]"), ChangeKind::Added, false);
    }
    if changes.all.is_empty() && a.types != b.types {
        changes.value("types", "one order".to_owned(), "another order".to_owned(), false);
    }
    changes.all
}

/// Items with their places, by a key and how many of the same key came before.
type Keyed<'a, K, T> = BTreeMap<(K, usize), (usize, &'a T)>;

fn keyed<'a, T, K: Ord>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Keyed<'a, K, T> {
    let mut seen = BTreeMap::new();
    let mut all = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let count: &mut usize = seen.entry(key(item)).or_default();
        all.insert((key(item), *count), (place, item));
        *count = count.saturating_add(1);
    }
    all
}

struct Changes {
    all: Vec<Change>,
    /// Both are Sysmon's, whose content names single fields: one more at the end, and the revision of an event, are
    /// nothing to it.
    named: bool,
}

impl Changes {
    fn push(&mut self, path: impl Into<String>, kind: ChangeKind, may_break: bool) {
        self.all.push(Change { path: path.into(), kind, may_break });
    }

    fn value<T: PartialEq + ToString>(&mut self, path: impl Into<String>, from: T, to: T, may_break: bool) {
        if from != to {
            let kind = ChangeKind::Changed { from: from.to_string(), to: to.to_string() };
            self.push(path, kind, may_break);
        }
    }

    /// What people call something: content does not depend on it.
    fn quoted(&mut self, path: impl Into<String>, from: &str, to: &str) {
        self.value(path, format!("\"{from}\""), format!("\"{to}\""), false);
    }

    /// A bound, which content may break when it sinks.
    fn bound(&mut self, path: impl Into<String>, from: u64, to: u64) {
        self.value(path, from, to, to < from);
    }

    fn operators(&mut self, old: OperatorSet, new: OperatorSet) {
        for operator in old.iter().filter(|operator| !new.contains(*operator)) {
            self.push(format!("operators.{operator}"), ChangeKind::Removed, true);
        }
        for operator in new.iter().filter(|operator| !old.contains(*operator)) {
            self.push(format!("operators.{operator}"), ChangeKind::Added, false);
        }
    }

    fn limits(&mut self, a: &Contract, b: &Contract) {
        let (old, new) = (&a.limits, &b.limits);
        self.bound("limits.file_bytes", old.file_bytes, new.file_bytes);
        self.bound("limits.detections", old.detections.into(), new.detections.into());
        self.bound("limits.instances", old.instances.into(), new.instances.into());
        let clauses = (old.clauses_per_criterion, new.clauses_per_criterion);
        self.bound("limits.clauses_per_criterion", clauses.0.into(), clauses.1.into());
        let patterns = (old.patterns_per_clause, new.patterns_per_clause);
        self.bound("limits.patterns_per_clause", patterns.0.into(), patterns.1.into());
        self.bound("limits.operand_bytes", old.operand_bytes.into(), new.operand_bytes.into());
        self.bound("limits.automaton_bytes", old.automaton_bytes, new.automaton_bytes);
        self.bound("limits.work_per_event", old.work_per_event, new.work_per_event);
        let widths = old.widths.to_array().into_iter().zip(new.widths.to_array());
        for (name, (old, new)) in Widths::NAMES.into_iter().zip(widths) {
            self.bound(format!("limits.widths.{name}"), old.bits().into(), new.bits().into());
        }
    }

    fn sysmon(&mut self, old: Option<&Sysmon>, new: Option<&Sysmon>) {
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (None, None) => return,
            (None, Some(_)) => return self.push("sysmon", ChangeKind::Added, true),
            (Some(_), None) => return self.push("sysmon", ChangeKind::Removed, true),
        };
        self.value("sysmon.schema", old.schema, new.schema, false);
        let refused = old.binary.major() != new.binary.major();
        self.value("sysmon.binary", old.binary, new.binary, refused);
        self.places(
            "sysmon.filters",
            keyed(&old.filters, |name| name),
            keyed(&new.filters, |name| name),
            |_, _, _: &String, _| (),
        );
    }

    fn event(&mut self, path: &str, old: Option<Event>, new: Option<Event>) {
        match (old, new) {
            (Some(old), Some(new)) => {
                self.value(format!("{path}.default"), old.default, new.default, true);
                self.value(format!("{path}.target"), old.target, new.target, new.target != Target::All);
            }
            (None, None) => (),
            (None, Some(_)) => self.push(path, ChangeKind::Added, false),
            (Some(_), None) => self.push(path, ChangeKind::Removed, true),
        }
    }

    fn template(&mut self, path: &str, old: &TemplateType, new: &TemplateType) {
        self.value(format!("{path}.revision"), old.revision, new.revision, !self.named);
        self.value(format!("{path}.channel"), old.channel, new.channel, true);
        self.quoted(format!("{path}.name"), &old.name, &new.name);
        self.bound(format!("{path}.instance_cap"), old.instance_cap.into(), new.instance_cap.into());
        self.bound(format!("{path}.supplied"), old.supplied.into(), new.supplied.into());

        self.event(&format!("{path}.event"), old.event, new.event);
        let (olds, news) = (keyed(&old.fields, |f| &f.name), keyed(&new.fields, |f| &f.name));
        self.places(&format!("{path}.fields"), olds, news, Self::field);
    }

    /// Things that content names by their places.
    fn places<T>(
        &mut self,
        path: &str,
        olds: Keyed<'_, &String, T>,
        news: Keyed<'_, &String, T>,
        both: impl Fn(&mut Self, &str, &T, &T),
    ) {
        for (key @ (name, _), (from, old)) in &olds {
            let path = format!("{path}[{name}]");
            let Some((to, new)) = news.get(key) else {
                self.push(path, ChangeKind::Removed, true);
                continue;
            };
            if from != to {
                self.push(path.clone(), ChangeKind::Moved { from: *from, to: *to }, true);
            }
            both(self, &path, old, new);
        }
        // An instance has exactly one criterion for every field, so even one more at the end is another shape.
        for (name, _) in news.keys().filter(|key| !olds.contains_key(*key)) {
            self.push(format!("{path}[{name}]"), ChangeKind::Added, !self.named);
        }
    }

    fn field(&mut self, path: &str, old: &Field, new: &Field) {
        self.value(format!("{path}.input"), old.input, new.input, true);
        self.value(format!("{path}.nullable"), old.nullable, new.nullable, true);
        self.value(format!("{path}.max_bytes"), old.max_bytes, new.max_bytes, true);
    }
}
