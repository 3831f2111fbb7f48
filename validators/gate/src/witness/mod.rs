//! Witnesses: a rule that prevents a fault shows one, the smallest event that we find and what the sensor does on it. One
//! that cannot be shown is said to be none, with the reason.

mod claim;
mod smallest;

pub use claim::{Claim, claims};

use crate::Record;
use crate::execute::{Faulted, Reason};
use crate::sight::Sight;
use channel_interpreter::{Fault, FaultKind};
use channel_parser::Path;
use channel_validators::{Finding, Replay, Shown, Witness};
pub(crate) use smallest::BUDGET;
use smallest::Reproduced;

/// The witness of a finding of the validator about this sensor; `None` if its rule claims no fault.
pub fn of(sight: &Sight<'_>, finding: &Finding) -> Option<Witness> {
    let claim = claims(finding.code);
    if claim.kinds.is_empty() {
        return None;
    }
    let is_it = |fault: &&Fault| claim.kinds.contains(&fault.kind) && sight.meets(finding, fault);
    if let Some(fault) = sight.execution.load.iter().find(is_it) {
        return Some(Witness::Load(shown(fault, &finding.path)));
    }
    let mut events = sight.execution.faults.values().filter(|faulted| is_it(&&faulted.fault));
    Some(match events.next() {
        Some(faulted) => of_fault(sight, faulted, &finding.path),
        None => before(sight, finding, claim.kinds)
            .unwrap_or_else(|| Witness::None(why_none(sight, finding, claim.kinds))),
    })
}

/// The witness of a fault that was seen.
pub fn of_fault(sight: &Sight<'_>, faulted: &Faulted, place: &Path) -> Witness {
    let kind = faulted.fault.kind;
    match smallest::reproduce(sight, faulted) {
        Reproduced::Before(event, fault) if fault.kind == kind => {
            Witness::Event { event: line(&event), fault: shown(&fault, place) }
        }
        Reproduced::Before(_, fault) => {
            Witness::None(format!("on every event that we tried {} before", told(&fault, place)))
        }
        Reproduced::LeftOut => Witness::None("it is past the work of one check".to_owned()),
        Reproduced::Whole(event, fault) => {
            Witness::Event { event: line(&event), fault: shown(&fault, place) }
        }
        Reproduced::Alone(fault) => Witness::None(format!(
            "{} when the instance is executed by itself, but we found no event on which its detection gets to it",
            told(&fault, place)
        )),
    }
}

/// A record as a line of an event file.
pub fn line(record: &Record) -> Replay {
    let inputs = record.inputs.iter().map(|input| serde_json::to_value(input).unwrap_or_default()).collect();
    Replay { template: record.template.0, inputs }
}

/// A fault as reports show it beside a finding at some place.
pub fn shown(fault: &Fault, place: &Path) -> Shown {
    Shown { kind: fault.kind.word(), path: fault.path.to_string(), message: told(fault, place) }
}

fn told(fault: &Fault, place: &Path) -> String {
    let at = if fault.path == *place { String::new() } else { format!(" at {}", fault.path) };
    match (fault.kind, fault.expected, fault.found) {
        (FaultKind::PastInputs, channel_parser::Value::Below(supplied), found) => {
            format!("the sensor reads input {found} of {supplied}, counted from 0{at}")
        }
        _ => format!("the sensor faults{at}: {fault}"),
    }
}

/// The fault that a sensor meets in the same instance before it gets to the place of a finding.
fn before(sight: &Sight<'_>, finding: &Finding, kinds: &[FaultKind]) -> Option<Witness> {
    let instance = finding.path.steps().next().filter(|(_, index)| index.is_some())?;
    let same = |faulted: &&Faulted| faulted.fault.path.steps().next() == Some(instance);
    let faulted = sight.execution.faults.values().find(same)?;
    if kinds.contains(&faulted.fault.kind) {
        return Some(of_fault(sight, faulted, &finding.path));
    }
    Some(Witness::None(format!("{} before", told(&faulted.fault, &finding.path))))
}

/// Why no fault was brought about.
fn why_none(sight: &Sight<'_>, finding: &Finding, kinds: &[FaultKind]) -> String {
    let (limits, run) = (sight.contract().limits, sight.execution);
    let most = |of: fn(channel_interpreter::Outcome) -> u64| {
        run.crowds.iter().map(|crowd| of(crowd.most())).max().unwrap_or(0)
    };
    if kinds.contains(&FaultKind::Work) {
        let (most, limit) = (most(|outcome| outcome.work), limits.work_per_event);
        return format!(
            "the costliest of our events costs {most} comparisons of the {limit} that are allowed"
        );
    }
    if kinds.contains(&FaultKind::Counter) {
        let (most, limit) = (most(|outcome| outcome.instances), limits.widths.match_count.max());
        return format!("at most {most} instances match one of our events, and {limit} can be counted");
    }
    let behind = |reason| {
        run.undecided.iter().any(|one| one.reason == reason && sight.concerns(&finding.path, &one.path))
    };
    if behind(Reason::Behind) {
        return "no event of ours gets past the criteria before it".to_owned();
    }
    "none of our events brings it about".to_owned()
}
