//! Executes a file on one sensor: every instance by itself, then all of them at once, on events that are steered so that
//! each criterion is reached, holds and fails. What comes out is what was seen; what it means is for the rules to say.

mod blob;
mod crowd;
mod instance;

pub use blob::{execute_blob, execute_blob_seen};
pub use crowd::{Crowd, Together};

use crate::Record;
use crate::steer::Tester;
use channel_contract::Contract;
use channel_interpreter::{Automata, Engine, Event, Fault, FaultKind, Scratch, Watch};
use channel_parser::Path;
use channel_parser::channel::{ChannelFile, Detection, Instance};
use channel_parser::model::{DetectionIndex, FieldIndex, Operator, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Things of one kind that are kept; those past it are only counted.
const KEPT: usize = 1000;

/// Looks at an input or a pattern that one execution may cost: past it, instances are left out, and counted.
const BUDGET: u64 = 1_000_000_000;

/// A fault that an event brings about.
#[derive(Clone, Debug)]
pub struct Faulted {
    /// The fault.
    pub fault: Fault,
    /// The event.
    pub event: Record,
    /// Whether one instance by itself brings it about.
    pub alone: bool,
}

/// Why a criterion was not decided both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The sensor faults at it.
    Faults,
    /// The sensor does not get as far: at a criterion before it it faults, or none of our events passes.
    Behind,
    /// No input can satisfy it.
    NeverHolds,
    /// We found no input that satisfies it.
    NoMatch,
    /// Every input satisfies it.
    AlwaysHolds,
    /// We found no input that fails it.
    NoMiss,
    /// It is past the work that one check does.
    LeftOut,
}

impl Reason {
    /// A few words that follow a number of criteria.
    pub fn words(self) -> &'static str {
        match self {
            Self::Faults => "at which the sensor faults",
            Self::Behind => "that no event gets to",
            Self::NeverHolds => "that nothing satisfies",
            Self::NoMatch => "that we could not satisfy",
            Self::AlwaysHolds => "that everything satisfies",
            Self::NoMiss => "that we could not miss",
            Self::LeftOut => "past the work of one check",
        }
    }
}

/// A criterion that was not decided both ways.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// Its place.
    pub path: Path,
    /// The bytes of it.
    pub span: Range<u64>,
    /// What it is, for a sentence.
    pub what: String,
    /// Why.
    pub reason: Reason,
}

/// What executing a file on one sensor came to.
#[derive(Default)]
pub struct Execution {
    /// The faults of loading it, of each kind the first thousand.
    pub load: Vec<Fault>,
    /// The faults that events bring about: of each place one, of each kind the first thousand.
    pub faults: BTreeMap<Path, Faulted>,
    /// The criteria that were not decided both ways; of each reason the first thousand.
    pub undecided: Vec<Undecided>,
    /// How many there are of each reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// For each template type what became of events for all its instances at once.
    pub crowds: Vec<Crowd>,
    /// Instances that were executed.
    pub instances: u64,
    /// Their criteria that are no wildcard.
    pub criteria: u64,
    /// Those that were reached, matched and missed.
    pub decided: u64,
    /// Events that were made.
    pub events: u64,
    counts: BTreeMap<FaultKind, usize>,
}

/// Executes a file on a sensor.
pub fn execute(file: &ChannelFile<'_>, contract: &Contract) -> Execution {
    execute_seen(file, contract, &mut |_| {})
}

/// The same, for somebody who wants each event too.
pub fn execute_seen(
    file: &ChannelFile<'_>,
    contract: &Contract,
    seen: &mut dyn FnMut(&Event<'_>),
) -> Execution {
    let engine = Engine::new(file, contract);
    let interpreter = engine.interpreter();
    let tester = Tester::new(interpreter.regexes());
    let mut run = Run {
        engine: &engine,
        contract,
        tester,
        seen,
        longest: BTreeSet::new(),
        spent: 0,
        out: Execution::default(),
    };
    interpreter.load_faults(&mut |fault| run.out.load_fault(fault));
    for instance in file.instances() {
        run.instance(&instance);
    }
    run.crowds(file);
    run.out
}

/// One execution under way.
struct Run<'c, 'f> {
    engine: &'c Engine<'f>,
    contract: &'c Contract,
    tester: Tester<&'c Automata>,
    seen: &'c mut dyn FnMut(&Event<'_>),
    /// The operators that met the longest text, with the field.
    longest: BTreeSet<(TypeId, FieldIndex, Option<Operator>)>,
    /// Looks at an input or a pattern that the instances so far may have cost.
    spent: u64,
    out: Execution,
}

impl Run<'_, '_> {
    /// Runs one instance on one event, and says at which criterion it faults, if it does.
    fn one(
        &mut self,
        instance: &Instance<'_>,
        event: &Event<'_>,
        watch: &mut impl Watch,
    ) -> Option<FieldIndex> {
        self.out.events = self.out.events.saturating_add(1);
        (self.seen)(event);
        let fault = self.engine.interpreter().run_instance(instance, event, watch).err()?;
        let criterion = fault.path.steps().find(|(name, _)| *name == "criteria");
        self.out.fault(fault, || Record::from(event), true);
        criterion.and_then(|(_, field)| field).map(FieldIndex)
    }

    /// Runs all instances on one event, step by step and in one pass.
    fn all(&mut self, event: &Event<'_>) -> Together {
        self.out.events = self.out.events.saturating_add(1);
        (self.seen)(event);
        let mut steps = Matched::default();
        let outcome = self.engine.interpreter().run(event, &mut steps);
        if let Err(fault) = &outcome {
            self.out.fault(fault.clone(), || Record::from(event), false);
        }
        let mut pass = Vec::new();
        let in_one =
            self.engine.run(event, &mut Scratch::default(), |detection| pass.push(detection.index()));
        let agree = match (&outcome, &in_one) {
            (Ok(_), Ok(_)) => steps.0 == pass,
            (Err(a), Err(b)) => a == b,
            _ => false,
        };
        Together { event: Record::from(event), outcome, agree }
    }
}

impl Execution {
    fn load_fault(&mut self, fault: Fault) {
        if self.has_room(fault.kind) {
            self.load.push(fault);
        }
    }

    fn fault(&mut self, fault: Fault, event: impl FnOnce() -> Record, alone: bool) {
        if !self.faults.contains_key(&fault.path) && self.has_room(fault.kind) {
            self.faults.insert(fault.path, Faulted { fault, event: event(), alone });
        }
    }

    fn has_room(&mut self, kind: FaultKind) -> bool {
        let count = self.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        *count <= KEPT
    }

    fn undecided(&mut self, path: Path, span: Range<u64>, what: impl FnOnce() -> String, reason: Reason) {
        let count = self.reasons.entry(reason).or_default();
        *count = count.saturating_add(1);
        if *count <= KEPT as u64 {
            self.undecided.push(Undecided { path, span, what: what(), reason });
        }
    }
}

/// The detections that match.
#[derive(Default)]
struct Matched(Vec<DetectionIndex>);

impl Watch for Matched {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.0.push(detection.index());
    }
}
