//! A YAML document -> a rule: its header, its log source and its condition over atoms.

use super::condition::{Conditions, Expr, Selection, several};
use super::refusal::{Fault, Reason};
use super::value;
use super::yaml::{Entry, Node, Value};
use crate::limits;
use crate::map::At;
use channel_parser::model::Level;
use std::fmt;
use std::rc::Rc;

/// What names a rule, even one that is refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    pub id: String,
    pub title: String,
}

/// Which events a rule is about.
#[derive(Clone, Debug, Default)]
pub(super) struct LogSource {
    pub at: At,
    pub product: Option<String>,
    pub category: Option<String>,
    pub service: Option<String>,
}

/// A rule whose condition is understood, whatever the sensor.
#[derive(Debug)]
pub(super) struct Rule {
    pub at: At,
    pub level: Level,
    pub author: String,
    pub licence: Option<String>,
    pub source: LogSource,
    pub condition_at: At,
    pub condition: Rc<Expr>,
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("product", &self.product), ("category", &self.category), ("service", &self.service)];
        let shown: Vec<_> =
            parts.iter().filter_map(|(key, value)| Some(format!("{key}: {}", value.as_ref()?))).collect();
        write!(f, "{{{}}}", shown.join(", "))
    }
}

/// The id and the title, as far as they can be read. A rule without an id goes by its title.
pub(super) fn name(document: &Node) -> Name {
    let text = |key| document.get(key).and_then(|e| e.node.text());
    let title = text("title").unwrap_or_default();
    Name { id: text("id").unwrap_or_else(|| title.clone()), title }
}

/// Reads a document as a rule.
pub(super) fn read(document: &Node) -> Result<Rule, Fault> {
    let Value::Map(entries) = &document.value else {
        let found = document.kind().into();
        return Err(Fault::new(
            document.at,
            Reason::Expected { expected: "a rule, which is a mapping", found },
        ));
    };
    for (key, reason) in [("correlation", Reason::Correlation), ("filter", Reason::FilterRule)] {
        if let Some(entry) = document.get(key) {
            return Err(Fault::new(entry.at, reason));
        }
    }
    let at = entries.first().map_or(document.at, |e| e.at);
    let title = need(document, "title", at)?;
    if title.node.text().is_none_or(|title| title.is_empty()) {
        return Err(wrong(title, "a title"));
    }
    let source = log_source(need(document, "logsource", at)?)?;
    let detection = need(document, "detection", at)?;
    let (condition_at, condition) = condition(detection)?;
    Ok(Rule {
        at,
        level: level(document)?,
        author: optional(document, "author")?.unwrap_or_default(),
        licence: optional(document, "license")?,
        source,
        condition_at,
        condition,
    })
}

fn need<'n>(node: &'n Node, key: &'static str, at: At) -> Result<&'n Entry, Fault> {
    node.get(key).ok_or_else(|| Fault::new(at, Reason::Missing(key)))
}

fn wrong(entry: &Entry, expected: &'static str) -> Fault {
    let found = entry.node.text().map_or_else(|| entry.node.kind().into(), |text| format!("`{text}`"));
    Fault::new(entry.node.at, Reason::Expected { expected, found })
}

/// The text of a key that may be missing, or null.
fn optional(node: &Node, key: &str) -> Result<Option<String>, Fault> {
    match node.get(key) {
        None => Ok(None),
        Some(entry) => match &entry.node.value {
            Value::Null => Ok(None),
            Value::List(items) => {
                let texts: Option<Vec<_>> = items.iter().map(|i| i.text()).collect();
                texts.map(|t| Some(t.join(", "))).ok_or_else(|| wrong(entry, "text"))
            }
            _ => entry.node.text().map(Some).ok_or_else(|| wrong(entry, "text")),
        },
    }
}

/// The level; a rule that names none is of medium level.
fn level(document: &Node) -> Result<Level, Fault> {
    let Some(entry) = document.get("level") else { return Ok(Level::Medium) };
    match entry.node.value {
        Value::Null => Ok(Level::Medium),
        _ => entry
            .node
            .text()
            .and_then(|word| Level::from_word(&word))
            .ok_or_else(|| wrong(entry, "a level: informational, low, medium, high or critical")),
    }
}

fn log_source(entry: &Entry) -> Result<LogSource, Fault> {
    if !matches!(entry.node.value, Value::Map(_)) {
        return Err(wrong(entry, "a mapping with `product`, `category` or `service`"));
    }
    let part = |key| optional(&entry.node, key);
    Ok(LogSource {
        at: entry.at,
        product: part("product")?,
        category: part("category")?,
        service: part("service")?,
    })
}

/// The condition with its selections put in. Several conditions are alternatives.
fn condition(detection: &Entry) -> Result<(At, Rc<Expr>), Fault> {
    let Value::Map(entries) = &detection.node.value else {
        return Err(wrong(detection, "a mapping of selections and a `condition`"));
    };
    if let Some(entry) = detection.node.get("timeframe") {
        return Err(Fault::new(entry.at, Reason::Aggregation("timeframe".into())));
    }
    let condition = need(&detection.node, "condition", detection.at)?;
    if entries.len() > limits::SELECTIONS {
        let reason = Reason::Limit { what: "selections in a rule", limit: limits::SELECTIONS };
        return Err(Fault::new(detection.at, reason));
    }
    let mut values = 0;
    let named = entries.iter().filter(|e| e.key != "condition");
    let selections = named.map(|e| selection(e, &mut values)).collect::<Result<Vec<_>, _>>()?;
    let mut reader = Conditions::new(&selections);
    let mut read = |node: &Node| match node.text() {
        Some(text) => reader.read(&text, node.at),
        None => {
            Err(Fault::new(node.at, Reason::Expected { expected: "a condition", found: node.kind().into() }))
        }
    };
    let expr = match &condition.node.value {
        Value::List(items) if !items.is_empty() => {
            let conditions = items.iter().map(|item| read(item)).collect::<Result<Vec<_>, _>>()?;
            several(conditions, Expr::Or)
        }
        _ => read(&condition.node)?,
    };
    match reader.unused() {
        Some(unused) => Err(Fault::new(unused.at, Reason::UnusedSelection(unused.name.clone()))),
        None => Ok((condition.at, expr)),
    }
}

/// Reads a selection, and counts the values of the whole rule.
fn selection(entry: &Entry, values: &mut usize) -> Result<Selection, Fault> {
    let before = *values;
    let expr = match &entry.node.value {
        Value::List(items) if !items.is_empty() => {
            let (maps, texts): (Vec<_>, Vec<_>) =
                items.iter().partition(|i| matches!(i.value, Value::Map(_)));
            let mut terms = Vec::new();
            for map in maps {
                terms.push(lines(map, values)?);
            }
            if let Some(first) = texts.first() {
                let list = Node::new(first.at, Value::List(texts.iter().map(|t| Rc::clone(t)).collect()));
                terms.push(line("", first.at, &list, values)?);
            }
            several(terms, Expr::Or)
        }
        Value::Map(_) => lines(&entry.node, values)?,
        Value::List(_) | Value::Null => return Err(wrong(entry, "a selection with at least one line")),
        _ => line("", entry.at, &entry.node, values)?,
    };
    Ok(Selection { name: entry.key.clone(), at: entry.at, expr, size: values.saturating_sub(before) })
}

/// A mapping: all its lines.
fn lines(node: &Node, values: &mut usize) -> Result<Rc<Expr>, Fault> {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            let terms =
                entries.iter().map(|e| line(&e.key, e.at, &e.node, values)).collect::<Result<Vec<_>, _>>()?;
            Ok(several(terms, Expr::And))
        }
        _ => {
            let found = "an empty mapping".into();
            Err(Fault::new(
                node.at,
                Reason::Expected { expected: "a selection with at least one line", found },
            ))
        }
    }
}

fn line(key: &str, at: At, node: &Node, values: &mut usize) -> Result<Rc<Expr>, Fault> {
    let found = value::atoms(key, at, node)?;
    *values = found.iter().fold(*values, |n, atom| n.saturating_add(atom.operands.len()).saturating_add(1));
    if *values > limits::EXPRESSION_NODES {
        return Err(Fault::new(
            at,
            Reason::Limit { what: "values in a rule", limit: limits::EXPRESSION_NODES },
        ));
    }
    let terms = found.into_iter().map(|atom| {
        let negated = atom.negated;
        let atom = Rc::new(Expr::Atom(atom));
        if negated { Rc::new(Expr::Not(atom)) } else { atom }
    });
    Ok(several(terms.collect(), Expr::And))
}
