//! No detection matches an event that is known to be good, and Sysmon does not log it.

use super::{Check, Rule, quoted};
use crate::known_good::{Cause, Match, Rehearsal};
use crate::{OwnedInput, Record};
use channel_contract::Contract;
use channel_parser::Path;
use channel_parser::channel::Detection;
use channel_parser::model::view::Content;
use channel_parser::model::{FieldIndex, TypeId};
use channel_parser::sysmon::Blob;
use channel_validators::{Finding, Findings};

#[doc = include_str!("known_good_match.md")]
pub static RULE: Rule = super::known(
    610,
    "known-good-match",
    "no detection matches an event that is known to be good, and Sysmon does not log it",
    include_str!("known_good_match.md"),
    Check(check),
);

fn check(rule: &'static Rule, seen: &Rehearsal<'_>, findings: &mut Findings) {
    match seen.content {
        Content::Channel(file) => {
            for detection in file.detections() {
                if let Some(found) = seen.matches.get(&Cause::Detection(detection.index())) {
                    findings.push(matched(rule, &detection, found));
                }
            }
        }
        Content::Blob(blob) => {
            for (cause, found) in &seen.matches {
                findings.push(match cause {
                    Cause::Filter(path) => logged(rule, blob, seen.contract, path, found),
                    _ => by_default(rule, blob, seen.contract, found),
                });
            }
        }
    }
    for (place, fault) in &seen.faults {
        let message = format!("the known good event {} brings about a fault: {fault}", quoted(place));
        let finding = Finding::new(rule, fault.path, message).sides(fault.expected, fault.found);
        findings.push(match &fault.span {
            Some(span) => finding.at(span.clone(), "the fault"),
            None => finding,
        });
    }
}

/// Names the event, the detection, and of the instance that matched the criterion that asks for most.
fn matched(rule: &'static Rule, detection: &Detection<'_>, found: &Match<'_>) -> Finding {
    let id = quoted(detection.id().unwrap_or_default());
    let message = format!("detection {id} matches {}", events(found));
    let told = |finding: Finding| finding.help("narrow the detection, or exclude what is good");
    let criteria = found.fired.iter().flat_map(|fired| &fired.criteria);
    // A pattern that was met says more than a number that was not ruled out, and a long one more than a short one.
    let length = |pattern: &Option<channel_parser::channel::Pattern<'_>>| {
        pattern.map(|pattern| pattern.operand_bytes().len())
    };
    let Some((criterion, pattern)) = criteria.clone().max_by_key(|(_, pattern)| length(pattern)) else {
        return told(Finding::new(rule, detection.path(), message));
    };
    let instance = criterion.instance();
    let template = instance.template();
    let name = |field| template.and_then(|template| template.field(field)).unwrap_or_default();
    let field = quoted(name(criterion.field()));
    let value = value(&found.record, criterion.field());
    let (span, label) = match pattern {
        Some(pattern) => {
            let word = pattern.operator().map(|word| word.to_string()).unwrap_or_default();
            (pattern.operand_span(), format!("`{word}` of {field}"))
        }
        None => (criterion.span(), format!("the criterion of {field}")),
    };
    let found = format!("{field} is {value}");
    let mut finding = Finding::new(rule, criterion.path(), format!("{message}, where {found}"))
        .at(span, label)
        .sides("no match", found);
    for (other, pattern) in criteria.filter(|(other, _)| other.field() != criterion.field()) {
        let span = pattern.map_or_else(|| other.span(), |pattern| pattern.operand_span());
        finding = finding.also(span, format!("{} holds too", quoted(name(other.field()))));
    }
    told(finding)
}

/// Names the event, and the filter that decided that Sysmon logs it.
fn logged(
    rule: &'static Rule,
    blob: &Blob<'_>,
    contract: &Contract,
    path: &Path,
    found: &Match<'_>,
) -> Finding {
    let filter = blob.events().flat_map(|event| event.filters()).find(|filter| filter.path() == *path);
    let name = if found.name.is_empty() { String::new() } else { format!(" as {}", quoted(&found.name)) };
    let message = format!("a filter logs {}{name}", events(found));
    let help = "narrow the filter, or exclude what is good: rules that exclude win over none that include";
    let Some(filter) = filter else { return Finding::new(rule, *path, message).help(help) };
    let field = FieldIndex(filter.field());
    let template = contract.template(found.record.template);
    let field_name = quoted(template.and_then(|of| of.field(field)).map_or("", |field| field.name.as_str()));
    let words = contract.sysmon.as_ref().map(|sysmon| sysmon.filters.as_slice()).unwrap_or_default();
    let word =
        usize::try_from(filter.operator()).ok().and_then(|at| words.get(at)).map_or("", String::as_str);
    let held = format!("{field_name} is {}", value(&found.record, field));
    Finding::new(rule, *path, format!("{message}, where {held}"))
        .at(filter.value_span(), format!("`{word}` of {field_name}"))
        .sides("an event that is not logged", held)
        .help(help)
}

/// No filter excluded the event, and what stands for such events without one is to log them.
fn by_default(rule: &'static Rule, blob: &Blob<'_>, contract: &Contract, found: &Match<'_>) -> Finding {
    let TypeId(id) = found.record.template;
    let name = contract.template(TypeId(id)).map_or("", |template| template.name.as_str());
    let message = format!("{} is logged by default on {}", quoted(name), events(found));
    let help = "exclude what is good, or say what is to be logged and log nothing else of this event";
    let told = |path| {
        Finding::new(rule, path, message)
            .sides("an event that is not logged", "no filter that decides")
            .help(help)
    };
    match blob.events().find(|event| event.id() == id) {
        Some(rules) => told(rules.path()).at(rules.span(), "none of these filters decides"),
        None => told(Path::of("events")),
    }
}

/// The events that were matched, for a sentence.
fn events(found: &Match<'_>) -> String {
    match found.events {
        1 => format!("a known good event: {}", quoted(&found.first)),
        n => format!("{n} known good events, the first {}", quoted(&found.first)),
    }
}

/// What a field of an event held.
fn value(record: &Record, field: FieldIndex) -> String {
    match usize::try_from(field.0).ok().and_then(|at| record.inputs.get(at)) {
        Some(Some(OwnedInput::Text(text))) => quoted(text),
        Some(Some(OwnedInput::Integer(n))) => n.to_string(),
        Some(Some(OwnedInput::Address(address))) => address.to_string(),
        _ => "nothing".to_owned(),
    }
}
