//! Several rules in one file: plain documents, and the older collections in which a document with `action: global`
//! holds what the following ones share, `reset` forgets it and `repeat` changes the previous rule.

use super::refusal::{Fault, Reason};
use super::yaml::{Entry, Node, Value};
use crate::limits;
use crate::map::At;
use std::collections::HashMap;
use std::rc::Rc;

/// The rules of a file's documents. A file without any is refused, unless its error is known already.
pub(super) fn rules(documents: Vec<Rc<Node>>, broken: bool) -> Vec<Result<Rc<Node>, Fault>> {
    let mut rules = Vec::new();
    let mut global: Option<Rc<Node>> = None;
    let mut previous: Option<Rc<Node>> = None;
    let mut unused = None;
    let mut budget = limits::NODES;
    let mut over = |below: Option<&Rc<Node>>, above: &Rc<Node>| {
        over(below, above, &mut budget).ok_or_else(|| {
            let reason = Reason::Limit { what: "keys to join in a collection", limit: limits::NODES };
            Fault::new(above.at, reason)
        })
    };
    for document in documents.into_iter().filter(|d| !matches!(d.value, Value::Null)) {
        let action = document.get("action").map(|e| (e.node.text().unwrap_or_default(), e.at));
        let own = without_action(&document);
        let joined = match action.as_ref().map(|(word, at)| (word.as_str(), *at)) {
            None => over(global.as_ref(), &own),
            Some(("global", at)) => {
                unused = Some(at);
                match over(global.as_ref(), &own) {
                    Ok(joined) => global = Some(joined),
                    Err(fault) => {
                        rules.push(Err(fault));
                        return rules;
                    }
                }
                continue;
            }
            Some(("reset", _)) => {
                global = None;
                continue;
            }
            Some(("repeat", _)) if previous.is_some() => over(previous.as_ref(), &own),
            Some((word, at)) => {
                let found = format!("`{word}`");
                let expected = "the action `global`, `reset`, or `repeat` after a rule";
                rules.push(Err(Fault::new(at, Reason::Expected { expected, found })));
                continue;
            }
        };
        unused = None;
        match joined {
            Ok(rule) => {
                previous = Some(Rc::clone(&rule));
                rules.push(Ok(rule));
            }
            Err(fault) => {
                rules.push(Err(fault));
                return rules;
            }
        }
    }
    let nothing = rules.is_empty().then_some(At(1, 1));
    if let Some(at) = unused.or(nothing).filter(|_| !broken) {
        let found = "none".to_string();
        rules.push(Err(Fault::new(at, Reason::Expected { expected: "a rule", found })));
    }
    rules
}

fn without_action(document: &Rc<Node>) -> Rc<Node> {
    match &document.value {
        Value::Map(entries) if document.get("action").is_some() => {
            let rest = entries.iter().filter(|e| e.key != "action").cloned().collect();
            Node::new(document.at, Value::Map(rest))
        }
        _ => Rc::clone(document),
    }
}

/// One mapping laid over another: mappings inside are joined, everything else of the upper one wins. `None` if that
/// would join more keys than the budget allows.
fn over(below: Option<&Rc<Node>>, above: &Rc<Node>, budget: &mut usize) -> Option<Rc<Node>> {
    let Some(below) = below else { return Some(Rc::clone(above)) };
    let (Value::Map(lower), Value::Map(upper)) = (&below.value, &above.value) else {
        return Some(Rc::clone(above));
    };
    *budget = budget.checked_sub(lower.len())?.checked_sub(upper.len())?;
    let mut entries: Vec<Entry> = upper.clone();
    let positions: HashMap<&str, usize> =
        upper.iter().enumerate().map(|(n, e)| (e.key.as_str(), n)).collect();
    for entry in lower {
        match positions.get(entry.key.as_str()).and_then(|n| entries.get_mut(*n)) {
            Some(e) => e.node = over(Some(&entry.node), &e.node, budget)?,
            None => entries.push(entry.clone()),
        }
    }
    Some(Node::new(above.at, Value::Map(entries)))
}
