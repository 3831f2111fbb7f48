//! No detection matches an event that is known to be good.

use super::{Check, Rule, quoted};
use crate::OwnedInput;
use crate::known_good::{Match, Rehearsal};
use channel_parser::channel::Detection;
use channel_validators::{Finding, Findings};

#[doc = include_str!("known_good_match.md")]
pub static RULE: Rule = super::known(
    610,
    "known-good-match",
    "no detection matches an event that is known to be good",
    include_str!("known_good_match.md"),
    Check(check),
);

fn check(rule: &'static Rule, seen: &Rehearsal<'_>, findings: &mut Findings) {
    for detection in seen.file.detections() {
        if let Some(found) = seen.matches.get(&detection.index()) {
            findings.push(matched(rule, &detection, found));
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
    let (id, first) = (quoted(detection.id().unwrap_or_default()), quoted(&found.first));
    let message = match found.events {
        1 => format!("detection {id} matches a known good event: {first}"),
        n => format!("detection {id} matches {n} known good events, the first {first}"),
    };
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
    let input = usize::try_from(criterion.field().0).ok().and_then(|at| found.record.inputs.get(at));
    let value = match input {
        Some(Some(OwnedInput::Text(text))) => quoted(text),
        Some(Some(OwnedInput::Integer(n))) => n.to_string(),
        Some(Some(OwnedInput::Address(address))) => address.to_string(),
        _ => "nothing".to_owned(),
    };
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
