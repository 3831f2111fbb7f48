//! What the validator accepts for a contract never makes an interpreter with that contract fault, on any event: shown for
//! every small content (`small`), not for some at random. Judge and interpreter read each pair of content and contract by
//! themselves; and a sensor in C that trusts its content is tried on each too: none of its crashes is missed.
//!
//! A debug build tries a part of what is largest, spread evenly; a release build all.

mod small;
mod trusting;

use channel_contract::Contract;
use channel_gate::Record;
use channel_interpreter::{Automata, Fault, FaultKind, Interpreter, Watch};
use channel_parser::channel::{self, Detection, encode};
use channel_parser::draft::Draft;
use channel_parser::text;
use channel_validators::{Code, Subject, Verdict, judge};
use small::{CHANNEL, Fleet, Try};
use std::collections::BTreeMap;
use trusting::fate;
use trusting::many::{Batch, Many, Met};

/// What was tried, and what came of it.
#[derive(Debug, Default)]
struct Tally {
    contents: u64,
    pairs: u64,
    events: u64,
    passes: u64,
    refusals: u64,
    faults: BTreeMap<FaultKind, u64>,
    /// Refused although nothing faults, by the rules that refuse.
    careful: BTreeMap<Vec<Code>, u64>,
}

impl Tally {
    /// Judges content for every sensor, has each interpret it, and asks the sensor in C too.
    fn hold(&mut self, draft: &Draft, fleet: &Fleet, sensor: Option<&Many>) {
        let bytes = encode(draft).expect("content that can be written");
        let file = channel::parse(&bytes).expect("content that can be read");
        let name = format!("C-{:08}-{:08}-{:08}.sys", CHANNEL, draft.part, draft.revision);
        let judgement = judge(&Subject::read(name, &bytes), &fleet.members);
        assert_ne!(judgement.verdict, Verdict::CannotJudge);
        let refused: Vec<_> = judgement.refused_for.iter().map(String::as_str).collect();
        let (automata, is_new) = (Automata::new(&file), fleet.is_new());
        let sensors = fleet.members.iter().filter(|_| is_new).map(|member| &member.contract);
        let mut batch = Batch::new(&bytes, sensors);
        self.contents += 1;
        for (at, (member, events)) in fleet.members.iter().zip(&fleet.events).enumerate() {
            let passes = !refused.contains(&member.contract.label().as_str());
            let interpreter = Interpreter::new(&file, &member.contract, &automata);
            let faults = self.faults(&interpreter, events, (at, &mut batch));
            self.pairs += 1;
            if passes {
                self.passes += 1;
                if let Some(fault) = faults.first() {
                    panic!("{}", shown(&bytes, &member.contract, fault));
                }
            } else {
                self.refusals += 1;
                if faults.is_empty() {
                    let codes = judgement.by_sensor[at].findings.keys().copied().collect();
                    *self.careful.entry(codes).or_default() += 1;
                }
            }
            for fault in faults {
                *self.faults.entry(fault.kind).or_default() += 1;
            }
        }
        if let Some(sensor) = sensor {
            sensor.ask(batch);
        }
    }

    /// The first fault of each kind, of loading and of every event. What comes of each is what the sensor in C must show.
    fn faults(
        &mut self,
        interpreter: &Interpreter<'_, &Automata>,
        events: &[(Record, String)],
        (at, batch): (usize, &mut Batch),
    ) -> Vec<Fault> {
        let mut on_loading = Vec::new();
        interpreter.load_faults(&mut |fault| on_loading.push(fault));
        let goes_on = batch.load(at, &on_loading);
        let mut first = BTreeMap::new();
        for fault in on_loading {
            first.entry(fault.kind).or_insert(fault);
        }
        for (event, line) in events {
            self.events += 1;
            let mut matches = Matches(0);
            let ran = interpreter.run(&event.view().event(), &mut matches);
            if goes_on {
                let fated = |fault: &Fault| {
                    (fault.kind, fate(fault, interpreter.file(), interpreter.contract(), event))
                };
                batch.event(line, ran.as_ref().map(|_| matches.0).map_err(fated));
            }
            if let Err(fault) = ran {
                assert_ne!(fault.kind, FaultKind::Event, "{fault}");
                first.entry(fault.kind).or_insert(fault);
            }
        }
        first.into_values().collect()
    }
}

/// The detections that match, a bit each.
struct Matches(u64);

impl Watch for Matches {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.0 |= 1 << detection.index().0;
    }
}

fn shown(bytes: &[u8], contract: &Contract, fault: &Fault) -> String {
    let file = channel::parse(bytes).unwrap();
    let told = format!("{}: {fault}, at {}", fault.kind.word(), fault.path);
    format!(
        "the validator accepts what makes the interpreter fault\n{told}\n{}\n{contract:#?}",
        text::print(&file)
    )
}

/// Tries a family; every run must have seen passes, refusals and these faults.
fn try_all(family: &str, contents: fn(Try<'_>), kinds: &[FaultKind]) -> (Tally, Option<Met>) {
    let (mut tally, sensor) = (Tally::default(), Many::start());
    contents(&mut |draft, fleet| tally.hold(draft, fleet, sensor.as_ref()));
    let met = sensor.map(Many::finish);
    eprintln!("soundness, {family}: {tally:?}; the sensor in C: {met:?}");
    assert!(tally.passes > 0 && tally.refusals > 0);
    assert_eq!(tally.faults.keys().copied().collect::<Vec<_>>(), kinds);
    if let Some(met) = &met {
        assert_eq!(met.pairs, tally.pairs);
    }
    (tally, met)
}

/// Each of these must have been seen to kill it, and to have killed it always.
fn kill(met: Option<Met>, kinds: &[FaultKind]) {
    let Some(met) = met else { return };
    for kind in kinds {
        assert!(met.died.contains_key(kind) && !met.lived.contains_key(kind), "{kind:?}: {met:?}");
    }
}

use FaultKind::{AnotherField, Capacity, Counter, FieldCount, Null, PastInputs, UnknownType, Work};

#[test]
fn one_criterion_anywhere_for_sensors_of_every_shape() {
    let kinds =
        [UnknownType, FieldCount, AnotherField, PastInputs, FaultKind::Operator, FaultKind::Type, Null];
    let (_, met) = try_all("one criterion", small::one_criterion, &kinds);
    kill(met, &[UnknownType, PastInputs, Null]);
}

#[test]
fn one_instance_with_every_operator_at_each_of_three_fields() {
    let kinds = [PastInputs, FaultKind::Type, Null];
    let (_, met) = try_all("one instance", small::one_instance, &kinds);
    kill(met, &[PastInputs, Null]);
}

#[test]
fn two_instances_of_two_fields_that_reach_each_other_or_not() {
    let kinds = [PastInputs, FaultKind::Type, Null];
    let (_, met) = try_all("two instances of two fields", small::two_of_two, &kinds);
    kill(met, &[PastInputs, Null]);
}

#[test]
fn two_instances_of_three_fields() {
    let kinds = [PastInputs, FaultKind::Type, Null];
    let (_, met) = try_all("two instances of three fields", small::two_of_three, &kinds);
    kill(met, &[PastInputs, Null]);
}

#[test]
fn every_limit_and_width_around_the_tight_value() {
    let kinds = [Capacity, FaultKind::Width, FaultKind::Regex, Work, Counter];
    let (tally, met) = try_all("limits", small::limits, &kinds);
    kill(met, &[Counter]);
    // A limit refuses only what breaks it, but for what no event needs to reach: the work and the matches of all instances.
    let careful: Vec<_> = tally.careful.keys().flatten().map(ToString::to_string).collect();
    assert!(careful.iter().all(|code| ["CG210", "CG211"].contains(&code.as_str())), "{careful:?}");
}

/// The interpreter must build what the validator lets through.
#[test]
fn large_expressions_that_pass_can_be_run() {
    try_all("large expressions", small::large_expressions, &[FaultKind::Regex]);
}
