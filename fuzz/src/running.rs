//! Oracles of execution: the judge and the executor read one contract apart from each other, and must not contradict.

use crate::sensors;
use channel_gate::execute;
use channel_interpreter::FaultKind;
use channel_parser::channel;
use channel_validators::{Subject, Verdict, judge};

/// What is longer takes longer to execute than it tells.
const LONGEST: usize = 1 << 16;

/// What the judge accepts for a sensor makes its interpreter fault on no event: not while loading, and not on events that
/// are steered to every criterion, match it and miss it, with the boundary values of every input, one instance alone
/// and all together. The promise that July 2024 broke.
pub fn accepted_never_faults(bytes: &[u8]) {
    let Some(file) = channel::parse(bytes).ok().filter(|_| bytes.len() <= LONGEST) else { return };
    let subject = Subject::read("input", bytes);
    for sensor in sensors() {
        if judge(&subject, std::slice::from_ref(sensor)).verdict != Verdict::Pass {
            continue;
        }
        let run = execute(&file, &sensor.contract);
        assert!(run.load.is_empty(), "accepted for {}, but loading it: {:#?}", sensor.origin, run.load);
        assert!(run.faults.is_empty(), "accepted for {}, but executing it: {:#?}", sensor.origin, run.faults);
    }
}

/// The engine that serves all instances in one pass answers as the interpreter does that takes one after the other, and
/// faults where it does: on accepted content and on any other that can be read.
pub fn interpreter_agrees(bytes: &[u8]) {
    let Some(file) = channel::parse(bytes).ok().filter(|_| bytes.len() <= LONGEST) else { return };
    for sensor in sensors() {
        let run = execute(&file, &sensor.contract);
        for crowd in &run.crowds {
            for together in &crowd.runs {
                assert!(
                    together.agree,
                    "one pass and one by one differ for {}: {together:#?}",
                    sensor.origin
                );
            }
        }
        // The events are ours, and made as the contract says.
        let ours = run.faults.values().find(|faulted| faulted.fault.kind == FaultKind::Event);
        assert!(ours.is_none(), "an event that {} does not send: {ours:#?}", sensor.origin);
    }
}
