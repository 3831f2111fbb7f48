//! YAML with a place for every node, bounded in size, depth and what aliases add up to. The library gives events;
//! the nodes are ours, because a rule needs places and order, refuses duplicate keys, and shares what is aliased.

use super::refusal::{Fault, Reason};
use crate::limits;
use crate::map::At;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A value and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub at: At,
    pub value: Value,
    /// How many nodes it stands for, itself included.
    weight: usize,
}

#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// Everything else that is written in one piece.
    Text(String),
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub at: At,
    pub node: Rc<Node>,
}

impl Node {
    pub fn new(at: At, value: Value) -> Rc<Self> {
        let weight = match &value {
            Value::List(items) => items.iter().fold(1, |n: usize, i| n.saturating_add(i.weight)),
            Value::Map(entries) => entries.iter().fold(1, |n: usize, e| n.saturating_add(e.node.weight)),
            _ => 1,
        };
        Rc::new(Self { at, value, weight })
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key),
            _ => None,
        }
    }

    /// The text of a scalar; `None` for null, lists and mappings.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Value::Bool(b) => Some(b.to_string()),
            Value::Int(n) => Some(n.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// The documents of a file up to its end or its first error.
pub(super) fn read(bytes: &[u8]) -> (Vec<Rc<Node>>, Option<Fault>) {
    let mut documents = Vec::new();
    let fault = read_into(bytes, &mut documents).err();
    (documents, fault)
}

fn read_into(bytes: &[u8], documents: &mut Vec<Rc<Node>>) -> Result<(), Fault> {
    if bytes.len() > limits::SOURCE_BYTES {
        return Err(Fault::new(
            At(1, 1),
            Reason::Limit { what: "bytes in a file", limit: limits::SOURCE_BYTES },
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| not_utf8(bytes, e.valid_up_to()))?;
    let mut reader = Reader {
        parser: Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)),
        anchors: HashMap::new(),
        nodes: 0,
    };
    while let Some(event) = reader.next()? {
        match event {
            (Event::DocumentStart(_), _) => reader.anchors.clear(),
            (Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing, _) => {}
            (event, at) => documents.push(reader.node(event, at)?),
        }
    }
    Ok(())
}

fn not_utf8(bytes: &[u8], valid: usize) -> Fault {
    let good = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count();
    Fault::new(At(number(good.matches('\n').count()), number(column)), Reason::NotUtf8)
}

/// From 0 to 1.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1)
}

fn place(marker: &Marker) -> At {
    At(u32::try_from(marker.line()).unwrap_or(u32::MAX), number(marker.col()))
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Rc<Node>>,
    nodes: usize,
}

/// A collection that is being read.
struct Open {
    at: At,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<Entry>, keys: HashSet<String>, key: Option<(String, At)> },
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, At)>, Fault> {
        let scan = |e: ScanError| Fault::new(place(e.marker()), Reason::Yaml(e.info().to_string()));
        match self.parser.next_event() {
            None => Ok(None),
            Some(Err(e)) => Err(scan(e)),
            Some(Ok((event, span))) => Ok(Some((event, place(&span.start)))),
        }
    }

    /// Reads the node that begins with this event, without recursion.
    fn node(&mut self, first: Event<'t>, at: At) -> Result<Rc<Node>, Fault> {
        let mut open: Vec<Open> = Vec::new();
        let mut event = (first, at);
        loop {
            if let Some(node) = self.step(event, &mut open)? {
                match open.last_mut() {
                    None => return Ok(node),
                    Some(parent) => parent.add(node)?,
                }
            }
            event = self
                .next()?
                .ok_or_else(|| Fault::new(at, Reason::Yaml("the document does not end".into())))?;
        }
    }

    /// Takes one event; gives the node that it completes.
    fn step(
        &mut self,
        (event, at): (Event<'t>, At),
        open: &mut Vec<Open>,
    ) -> Result<Option<Rc<Node>>, Fault> {
        let (anchor, node) = match event {
            Event::Alias(id) => {
                let node = self.anchors.get(&id).cloned();
                let node =
                    node.ok_or_else(|| Fault::new(at, Reason::Yaml("an alias of its own parent".into())))?;
                self.count(node.weight, at)?;
                return Ok(Some(node));
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, at)?;
                (anchor, Node::new(at, scalar(text, style, tag, at)?))
            }
            Event::SequenceStart(anchor, tag) => {
                return self.open(open, tag, Open { at, anchor, kind: Kind::List(Vec::new()) });
            }
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Map { entries: Vec::new(), keys: HashSet::new(), key: None };
                return self.open(open, tag, Open { at, anchor, kind });
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open { at, anchor, kind: Kind::List(items) }) => {
                    (anchor, Node::new(at, Value::List(items)))
                }
                Some(Open { at, anchor, kind: Kind::Map { entries, .. } }) => {
                    (anchor, Node::new(at, Value::Map(entries)))
                }
                None => return Err(Fault::new(at, Reason::Yaml("an end without a start".into()))),
            },
            _ => return Err(Fault::new(at, Reason::Yaml("the document ends inside a node".into()))),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        Ok(Some(node))
    }

    fn open(
        &mut self,
        open: &mut Vec<Open>,
        tag: Option<Cow<'_, Tag>>,
        new: Open,
    ) -> Result<Option<Rc<Node>>, Fault> {
        self.count(1, new.at)?;
        if tag.is_some() {
            return Err(Fault::new(new.at, Reason::Yaml("a tag on a collection".into())));
        }
        if open.len() >= limits::DEPTH {
            return Err(Fault::new(
                new.at,
                Reason::Limit { what: "levels of nesting", limit: limits::DEPTH },
            ));
        }
        open.push(new);
        Ok(None)
    }

    fn count(&mut self, nodes: usize, at: At) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > limits::NODES {
            return Err(Fault::new(at, Reason::Limit { what: "YAML nodes in a file", limit: limits::NODES }));
        }
        Ok(())
    }
}

impl Open {
    fn add(&mut self, node: Rc<Node>) -> Result<(), Fault> {
        match &mut self.kind {
            Kind::List(items) => items.push(node),
            Kind::Map { entries, keys, key } => match key.take() {
                Some((key, at)) => entries.push(Entry { key, at, node }),
                None => {
                    let name = node.text().ok_or_else(|| {
                        Fault::new(node.at, Reason::Yaml(format!("a key is text, this is {}", node.kind())))
                    })?;
                    if name == "<<" {
                        return Err(Fault::new(
                            node.at,
                            Reason::Yaml("merge keys (`<<`) are not read".into()),
                        ));
                    }
                    if !keys.insert(name.clone()) {
                        return Err(Fault::new(node.at, Reason::DuplicateKey(name)));
                    }
                    *key = Some((name, node.at));
                }
            },
        }
        Ok(())
    }
}

/// Resolves a scalar as the core schema of YAML 1.2 does; numbers with a fraction keep their spelling.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<Cow<'_, Tag>>, at: At) -> Result<Value, Fault> {
    if text.len() > limits::SCALAR_BYTES {
        return Err(Fault::new(at, Reason::Limit { what: "bytes in a scalar", limit: limits::SCALAR_BYTES }));
    }
    let quoted = match tag.as_deref() {
        None => style != ScalarStyle::Plain,
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => true,
        Some(tag) => {
            return Err(Fault::new(at, Reason::Yaml(format!("the tag {}{}", tag.handle, tag.suffix))));
        }
    };
    if quoted {
        return Ok(Value::Text(text.into_owned()));
    }
    Ok(match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        plain => integer(plain).map_or_else(|| Value::Text(plain.to_string()), Value::Int),
    })
}

fn integer(plain: &str) -> Option<i64> {
    let digits = |text: &str, radix| {
        let unsigned = text.starts_with(|c: char| c.is_digit(radix));
        unsigned.then(|| i64::from_str_radix(text, radix).ok()).flatten()
    };
    match (plain.strip_prefix("0x"), plain.strip_prefix("0o")) {
        (Some(hex), _) => digits(hex, 16),
        (_, Some(octal)) => digits(octal, 8),
        _ => plain.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (u32, u32, String) {
        let fault = read(text.as_bytes()).1.expect("a fault");
        (fault.at.0, fault.at.1, fault.reason.to_string())
    }

    #[test]
    fn scalars_are_resolved_as_yaml_1_2_does() {
        let (documents, fault) =
            read(b"[~, yes, true, 0x10, 0o17, 012, -3, 1.0, '1', !!str 1, 99999999999999999999]");
        assert!(fault.is_none());
        let Some(Value::List(items)) = documents.first().map(|d| &d.value) else { panic!("a list") };
        let shown: Vec<_> = items.iter().map(|i| format!("{} {:?}", i.kind(), i.text())).collect();
        let expected = [
            "null None",
            "text Some(\"yes\")",
            "a boolean Some(\"true\")",
            "a number Some(\"16\")",
            "a number Some(\"15\")",
            "a number Some(\"12\")",
            "a number Some(\"-3\")",
            "text Some(\"1.0\")",
            "text Some(\"1\")",
            "text Some(\"1\")",
            "text Some(\"99999999999999999999\")",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_alias_bomb_is_counted_before_it_is_walked() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..40 {
            let list = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{list}]\n"));
        }
        let (line, _, message) = fault(&bomb);
        assert!(line < 10, "{line}");
        assert!(message.contains("YAML nodes"), "{message}");
    }

    #[test]
    fn hostile_text_is_an_error_with_a_place() {
        assert_eq!(fault("a: 1\nb: 2\na: 3\n").0, 3);
        assert!(fault("a:\n\t- b\n").2.contains("YAML"));
        assert!(fault("a: &x [*x]\n").2.contains("alias"));
        assert!(fault("a: *nobody\n").2.contains("YAML"));
        assert!(fault("[a, b]: c\n").2.contains("a key is text"));
        assert!(fault("a: !!binary aGk=\n").2.contains("tag"));
        assert!(fault("<<: {a: b}\n").2.contains("merge keys"));
        assert!(fault(&"[".repeat(5000)).2.contains("recursion limit"));
        assert!(fault(&"- ".repeat(5000)).2.contains("nesting"));
        assert!(
            fault(&format!("a: {}", "x".repeat(limits::SCALAR_BYTES + 1))).2.contains("bytes in a scalar")
        );
        let (_, fault) = read(b"a: b\nc\xff: d\n");
        let fault = fault.expect("a fault");
        assert_eq!((fault.at, fault.reason), (At(2, 2), Reason::NotUtf8));
    }

    #[test]
    fn a_byte_order_mark_moves_nothing() {
        let (documents, fault) = read("\u{feff}a: b\n".as_bytes());
        assert!(fault.is_none());
        assert_eq!(documents.first().and_then(|d| d.get("a")).map(|e| e.at), Some(At(1, 1)));
    }
}
