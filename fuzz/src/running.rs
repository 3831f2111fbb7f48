//! Oracles of execution: the judge and the executor read one contract apart from each other, and must not contradict.

use crate::naive::{Judge, Owned};
use crate::{near, sensors, tailored};
use channel_contract::{Contract, sysmon};
use channel_gate::{Execution, OwnedInput, Record, complete, execute, execute_blob, execute_seen};
use channel_interpreter::{Engine, Event, FaultKind, Input, Scratch, Watch};
use channel_parser::channel::{self, ChannelFile, Criterion, Detection};
use channel_parser::draft::{Draft, Instance};
use channel_parser::model::TypeId;
use channel_parser::sysmon as blobs;
use channel_validators::{BlobContent, Member, Subject, Verdict, judge, judge_structure};
use std::sync::LazyLock;

/// What is longer takes longer to execute than it tells.
const LONGEST: usize = 1 << 16;
/// Events of one execution that are held to the naive judge.
const EVENTS: usize = 150;

/// What the judge accepts for a sensor makes its interpreter fault on no event: not while loading, and not on events that
/// are steered to every criterion, match it and miss it, with the boundary values of every input, one instance alone
/// and all together. The promise that July 2024 broke. And where the judge was not asked, execution alone refuses what
/// faults.
///
/// The sensors are those of the corpus and some made to measure, each with a little less than the content needs; for a
/// rule blob those of every public schema.
pub fn accepted_never_faults(bytes: &[u8]) {
    if bytes.len() > LONGEST {
        return;
    }
    if let Ok(file) = channel::parse(bytes) {
        let measured = measured(&file);
        for fleet in [sensors(), &measured] {
            let run = |member: &Member| execute(&file, &member.contract);
            accepted(&Subject::read("input", bytes), fleet, run, |_| true);
        }
        // One of them a run: which, the content says.
        if let Some(member) = measured.get(nth(bytes, measured.len())) {
            refused_by_execution(bytes, member, &execute(&file, &member.contract));
        }
    } else if let Ok(blob) = blobs::parse(bytes) {
        let subject = Subject::read("input", bytes);
        let meant = BlobContent::new(&subject, &blob).compiler;
        let run = |member: &Member| execute_blob(&blob, &member.contract, meant);
        // A variable that the driver cannot expand is a warning: the service can.
        accepted(&subject, &SCHEMAS, run, |kind| kind != FaultKind::Failed);
    }
}

/// Every public schema of Sysmon.
static SCHEMAS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let member = |contract: &Contract| Member {
        origin: contract.sensor.version.clone(),
        sha256: String::new(),
        contract: contract.clone(),
    };
    sysmon::schemas().map(member).collect()
});

fn measured(file: &ChannelFile<'_>) -> Vec<Member> {
    if tailored::is_small(file) {
        tailored::sensors(&Draft::from(file), file.bytes().len() as u64)
    } else {
        Vec::new()
    }
}

/// Sensors that the judge does not refuse a file for do not fault.
fn accepted(
    subject: &Subject<'_>,
    fleet: &[Member],
    run: impl Fn(&Member) -> Execution,
    counts: impl Fn(FaultKind) -> bool,
) {
    let judgement = judge(subject, fleet);
    if judgement.verdict == Verdict::CannotJudge {
        return;
    }
    for member in fleet.iter().filter(|member| !judgement.refused_for.contains(&member.contract.label())) {
        let run = run(member);
        let load: Vec<_> = run.load.iter().filter(|fault| counts(fault.kind)).collect();
        let faults: Vec<_> = run.faults.values().filter(|one| counts(one.fault.kind)).collect();
        assert!(load.is_empty(), "accepted for {}, but loading it: {load:#?}", member.contract.label());
        assert!(faults.is_empty(), "accepted for {}, but executing it: {faults:#?}", member.contract.label());
    }
}

/// The rules of execution refuse what faults, though no rule of the validator has looked at the sensor.
fn refused_by_execution(bytes: &[u8], member: &Member, run: &Execution) {
    let subject = Subject::read("input", bytes);
    let mut judgement = judge_structure(&subject);
    if judgement.verdict != Verdict::Pass {
        return;
    }
    complete(&mut judgement, &subject, std::slice::from_ref(member));
    let says = |code: &str| judgement.findings.iter().any(|finding| finding.code.to_string() == code);
    assert_eq!(says("CG604"), !run.load.is_empty(), "{:#?}", run.load);
    assert_eq!(says("CG601"), run.faults.values().any(|one| one.alone), "{:#?}", run.faults);
    assert_eq!(says("CG603"), run.faults.values().any(|one| !one.alone), "{:#?}", run.faults);
}

/// The engine that serves all instances in one pass answers as the interpreter does that takes one after the other, and
/// both as a naive judge that was written from the page; and faults where they do: on accepted content and on any other
/// that can be read. What the engine knows of one event it does not take for the next.
pub fn interpreter_agrees(bytes: &[u8]) {
    let Some(file) = channel::parse(bytes).ok().filter(|_| bytes.len() <= LONGEST) else { return };
    let draft = Draft::from(&file);
    let measured = measured(&file);
    // The one that fits, and one that does not: which, the content says.
    let misfit = measured.get(1 + nth(bytes, measured.len().saturating_sub(1)));
    let knows =
        |one: &&Member| draft.types.iter().any(|declared| one.contract.template(declared.id).is_some());
    for sensor in sensors().iter().filter(knows).chain(measured.first()).chain(misfit) {
        let mut events: Vec<Record> = Vec::new();
        let run = execute_seen(&file, &sensor.contract, &mut |event| {
            if events.len() < EVENTS {
                events.push(Record::from(event));
            }
        });
        let mut together = run.crowds.iter().flat_map(|crowd| &crowd.runs);
        let differs = together.find(|run| !run.agree);
        assert!(differs.is_none(), "one pass and one by one differ for {}: {differs:#?}", sensor.origin);
        // The events are ours, and made as the contract says.
        let ours = run.faults.values().find(|faulted| faulted.fault.kind == FaultKind::Event);
        assert!(ours.is_none(), "an event that {} does not send: {ours:#?}", sensor.origin);
        if !events.is_empty() {
            Bench::new(&file, &draft, &sensor.contract).all(&events);
        }
    }
}

/// A number below `end` that is another for other bytes; 0 where there is none.
fn nth(bytes: &[u8], end: usize) -> usize {
    let sum = bytes.iter().fold(0usize, |n, b| n.wrapping_mul(31).wrapping_add(usize::from(*b)));
    sum.checked_rem(end).unwrap_or(0)
}

/// What the interpreter says that it saw: detections that match, and criteria by instance and field.
#[derive(Default)]
struct Seen {
    detections: Vec<u32>,
    criteria: Vec<(u32, u32, bool)>,
}

impl Watch for Seen {
    fn criterion(&mut self, criterion: &Criterion<'_>, holds: bool) {
        self.criteria.push((criterion.instance().index().0, criterion.field().0, holds));
    }

    fn detection(&mut self, detection: &Detection<'_>) {
        self.detections.push(detection.index().0);
    }
}

/// Content on one sensor, before three judges.
struct Bench<'b> {
    draft: &'b Draft,
    contract: &'b Contract,
    engine: Engine<'b>,
    scratch: Scratch,
    /// In the order of the file.
    instances: Vec<&'b Instance>,
}

impl<'b> Bench<'b> {
    fn new(file: &'b ChannelFile<'b>, draft: &'b Draft, contract: &'b Contract) -> Self {
        let instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
        let (engine, scratch) = (Engine::new(file, contract), Scratch::default());
        Self { draft, contract, engine, scratch, instances: instances.collect() }
    }

    /// These events, and for every pattern the first one of its template type with an input that is near to it.
    fn all(mut self, events: &[Record]) {
        for event in events {
            self.one(
                event.template,
                &event.inputs.iter().map(|one| one.as_ref().map(owned)).collect::<Vec<_>>(),
            );
        }
        let mut left = EVENTS;
        for instance in self.instances.clone() {
            let declared = self.draft.types.get(instance.template.0 as usize).map(|one| one.id);
            let Some(base) = events.iter().find(|event| Some(event.template) == declared) else { continue };
            let mut inputs: Vec<_> = base.inputs.iter().map(|one| one.as_ref().map(owned)).collect();
            let Some(supplied) = self.contract.template(base.template) else { continue };
            for (at, (criterion, field)) in instance.criteria.iter().zip(&supplied.fields).enumerate() {
                let patterns = criterion.clauses.iter().flat_map(|clause| &clause.patterns);
                for pattern in patterns.filter(|one| one.operator().reads() == Some(field.input)) {
                    for input in near::inputs(pattern).into_iter().take(left) {
                        let Some(slot) = inputs.get_mut(at) else { continue };
                        *slot = Some(input);
                        left -= 1;
                        self.one(base.template, &inputs);
                    }
                }
            }
        }
    }

    fn one(&mut self, template: TypeId, inputs: &[Option<Owned>]) {
        let borrowed: Vec<_> = inputs.iter().map(|input| input.as_ref().map(borrowed)).collect();
        let event = Event { template, inputs: &borrowed };
        let mut judge = Judge::new(self.draft, self.contract, template, inputs);
        let expected = judge.run();
        let counted = (judge.work, judge.matched);
        let (mut seen, mut pass) = (Seen::default(), Vec::new());
        let outcome = self.engine.interpreter().run(&event, &mut seen);
        let in_one = self.engine.run(&event, &mut self.scratch, |detection| pass.push(detection.index().0));
        let say = || format!("{event:?} for {:#?}\n{:#?}", self.contract, self.draft);
        let counts = outcome.as_ref().map(|outcome| (outcome.work, outcome.instances)).ok();
        let by_steps = outcome.map(|_| seen.detections).map_err(|fault| fault.kind);
        assert_eq!(by_steps, expected, "the interpreter and the page, on {}", say());
        assert_eq!(in_one.map(|_| pass).map_err(|fault| fault.kind), expected, "the engine, on {}", say());
        assert!(counts.is_none_or(|counts| counts == counted), "{counts:?}, not {counted:?}, on {}", say());
        for (instance, field, holds) in seen.criteria {
            let criterion = &self.instances[instance as usize].criteria[field as usize];
            let naive =
                Judge::new(self.draft, self.contract, template, inputs).criterion(field as usize, criterion);
            assert_eq!(naive, Ok(holds), "instances[{instance}].criteria[{field}], on {}", say());
        }
    }
}

fn borrowed(input: &Owned) -> Input<'_> {
    match input {
        Owned::Text(text) => Input::Text(text),
        Owned::Integer(n) => Input::Integer(*n),
        Owned::Address(address) => Input::Address(*address),
    }
}

/// An input as the naive judge takes it.
pub(crate) fn owned(input: &OwnedInput) -> Owned {
    match input {
        OwnedInput::Text(text) => Owned::Text(text.clone()),
        OwnedInput::Integer(n) => Owned::Integer(*n),
        OwnedInput::Address(address) => Owned::Address(*address),
    }
}
