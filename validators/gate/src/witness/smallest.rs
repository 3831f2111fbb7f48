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
    /// The sensor faults on the event, but before it gets there.
    Before(Record, Fault),
    /// Only an instance by itself faults.
    Alone(Fault),
    /// It was not tried: it is past the work of one check.
    LeftOut,
}

/// Include instances of a detection that are tried to get to one that excludes.
const WAYS: usize = 8;
/// Rows of a file that all witnesses of one check may look at.
pub(crate) const BUDGET: u64 = 200_000_000;

/// Shows a fault again, on the smallest event that we find.
pub fn reproduce(sight: &Sight<'_>, faulted: &Faulted) -> Reproduced {
    let contract = sight.contract();
    match sight.content {
        Content::Channel(file) => {
            let automata = sight.automata();
            let interpreter = Interpreter::new(file, contract, automata);
            let whole = |event: &Record| interpreter.run(&event.view().event(), &mut ()).err();
            let instance = match faulted.fault.path.steps().next() {
                Some(("instances", Some(index))) => {
                    usize::try_from(index).ok().and_then(|index| file.instances().nth(index))
                }
                _ => None,
            };
            let Some(instance) = instance.filter(|_| faulted.alone) else {
                return shown(sight, faulted, &whole, &whole, &|| Vec::new());
            };
            let alone =
                |event: &Record| interpreter.run_instance(&instance, &event.view().event(), &mut ()).err();
            shown(sight, faulted, &alone, &whole, &|| through(sight, faulted, &instance, automata))
        }
        Content::Blob(blob) => {
            let rules = Rules::new(blob, contract);
            let whole = |event: &Record| rules.decide(&event.view().event(), &mut ()).err();
            shown(sight, faulted, &whole, &whole, &|| Vec::new())
        }
    }
}

/// The event of the fault made small where that is cheap, and held to the whole file; then others that may get there.
fn shown(
    sight: &Sight<'_>,
    faulted: &Faulted,
    cheap: &dyn Fn(&Record) -> Option<Fault>,
    whole: &dyn Fn(&Record) -> Option<Fault>,
    others: &dyn Fn() -> Vec<Record>,
) -> Reproduced {
    if !sight.spend() {
        return Reproduced::LeftOut;
    }
    let is_it = |fault: &Fault| fault.kind == faulted.fault.kind && fault.path == faulted.fault.path;
    let small = least(sight, faulted.event.clone(), &|event| cheap(event).is_some_and(|fault| is_it(&fault)));
    let mut before = None;
    let first = [small, faulted.event.clone()].into_iter();
    for (at, event) in first.chain(std::iter::once_with(others).flatten()).enumerate() {
        match whole(&event) {
            Some(fault) if is_it(&fault) && at < 2 => return Reproduced::Whole(event, fault),
            Some(fault) if is_it(&fault) => {
                let event = least(sight, event, &|event| whole(event).is_some_and(|fault| is_it(&fault)));
                return Reproduced::Whole(event, fault);
            }
            Some(fault) => drop(before.get_or_insert((event, fault))),
            None => {}
        }
    }
    match before {
        Some((event, fault)) => Reproduced::Before(event, fault),
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
