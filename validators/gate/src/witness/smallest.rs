//! The smallest event that still brings a fault about, held to the whole file: that is what a sensor has loaded.

use crate::execute::Faulted;
use crate::sight::Sight;
use crate::steer::{Tester, Want, smallest, solve};
use crate::{OwnedInput, Record};
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Automata, Fault, Interpreter, Regexes};
use channel_parser::channel::{Criterion, Instance};
use channel_parser::model::view::Content;

/// What was found.
pub enum Reproduced {
    /// The event, and the fault of a sensor that has loaded the whole file.
    Whole(Record, Fault),
    /// Only an instance by itself faults.
    Alone(Fault),
}

/// Include instances of a detection that are tried to get to one that excludes.
const WAYS: usize = 8;

/// Shows a fault again, on the smallest event that we find.
pub fn reproduce(sight: &Sight<'_>, faulted: &Faulted) -> Reproduced {
    let is_it = |fault: &Fault| fault.kind == faulted.fault.kind && fault.path == faulted.fault.path;
    match sight.content {
        Content::Channel(file) => {
            let automata = Automata::new(file);
            let interpreter = Interpreter::new(file, sight.contract(), &automata);
            let run = |event: &Record| interpreter.run(&event.view().event(), &mut ()).err().filter(is_it);
            let instance = match faulted.fault.path.steps().next() {
                Some(("instances", Some(index))) => {
                    usize::try_from(index).ok().and_then(|index| file.instances().nth(index))
                }
                _ => None,
            };
            let others = instance.iter().flat_map(|instance| through(sight, faulted, instance, &automata));
            shown(sight, faulted, others, &run)
        }
        Content::Blob(blob) => {
            let rules = Rules::new(blob, sight.contract());
            let run = |event: &Record| rules.decide(&event.view().event(), &mut ()).err().filter(is_it);
            shown(sight, faulted, std::iter::empty(), &run)
        }
    }
}

/// The first of the event of the fault and others that shows it, made small.
fn shown(
    sight: &Sight<'_>,
    faulted: &Faulted,
    others: impl Iterator<Item = Record>,
    run: &dyn Fn(&Record) -> Option<Fault>,
) -> Reproduced {
    let found = std::iter::once(faulted.event.clone()).chain(others).find(|event| run(event).is_some());
    let least = found.map(|found| least(sight, found, &|event| run(event).is_some()));
    match least.and_then(|least| Some((run(&least)?, least))) {
        Some((fault, least)) => Reproduced::Whole(least, fault),
        None => Reproduced::Alone(faulted.fault.clone()),
    }
}

/// The event with each input made as small as it may be, one after the other.
fn least(sight: &Sight<'_>, mut event: Record, faults: &dyn Fn(&Record) -> bool) -> Record {
    let Some(template) = sight.contract().template(event.template) else { return event };
    for (at, field) in template.fields.iter().enumerate() {
        let Some(slot) = event.inputs.get_mut(at) else { break };
        let least = smallest(field);
        if *slot == least {
            continue;
        }
        let before = std::mem::replace(slot, least);
        if faults(&event) {
            continue;
        }
        // An input that must be there may be empty.
        let there = smallest(&channel_contract::Field { nullable: false, ..field.clone() });
        if let Some(slot) = event.inputs.get_mut(at) {
            *slot = there;
        }
        if field.nullable && faults(&event) {
            continue;
        }
        if let Some(slot) = event.inputs.get_mut(at) {
            *slot = before;
        }
    }
    event
}

/// Events on which a detection gets to an instance that excludes: an instance that includes matches as well.
fn through(
    sight: &Sight<'_>,
    faulted: &Faulted,
    instance: &Instance<'_>,
    automata: &Automata,
) -> Vec<Record> {
    let Some(detection) = instance.detection() else { return Vec::new() };
    if !detection.exclude().any(|one| one.index() == instance.index()) {
        return Vec::new();
    }
    let tester = Tester::new(automata);
    detection.include().take(WAYS).filter_map(|way| both(sight, faulted, instance, &way, &tester)).collect()
}

/// The event of the fault, with the inputs that an including instance looks at changed so that it matches too.
fn both<R: Regexes>(
    sight: &Sight<'_>,
    faulted: &Faulted,
    instance: &Instance<'_>,
    way: &Instance<'_>,
    tester: &Tester<R>,
) -> Option<Record> {
    let template = sight.contract().template(faulted.event.template)?;
    let mut event = faulted.event.clone();
    for criterion in way.criteria().filter(|criterion| !criterion.is_wildcard()) {
        let at = usize::try_from(criterion.field().0).ok()?;
        let (field, slot) = (template.fields.get(at)?, event.inputs.get_mut(at)?);
        if !tester.holds(&criterion, slot.as_ref()) {
            *slot = joint(tester, &criterion, instance, field, slot.as_ref())?;
        }
    }
    Some(event)
}

/// An input that satisfies the criteria of both instances on a field.
fn joint<R: Regexes>(
    tester: &Tester<R>,
    criterion: &Criterion<'_>,
    instance: &Instance<'_>,
    field: &channel_contract::Field,
    before: Option<&OwnedInput>,
) -> Option<Option<OwnedInput>> {
    let mut want = Want::all(criterion);
    let own = instance.criteria().find(|own| own.field() == criterion.field() && !own.is_wildcard());
    if let Some(own) = own.filter(|own| tester.holds(own, before)) {
        want.add(&own);
    }
    solve(tester, &want, field).value().cloned()
}
