//! The trusting sensor, our interpreter and the validator on every small content: what kills the sensor is a fault of the
//! interpreter and refused by the validator; what the validator accepts does not kill it, and both match the same.

mod trusting;

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType, Width, Widths};
use channel_gate::consumer::{Consumer, Failure, Loading};
use channel_gate::{OwnedInput, Record};
use channel_interpreter::{FaultKind, Interpreter, NoRegexes, Watch};
use channel_parser::channel::{self, Detection};
use channel_parser::model::{Channel, InputType, TypeId, TypeRevision};
use channel_parser::text;
use channel_validators::{Member, Subject, Verdict, judge};
use std::collections::BTreeMap;
use trusting::{Build, Fate, fate, fate_on_loading, sensor, setup};

/// A criterion with each operator that the sensor has.
const PATTERNS: [&str; 11] = [
    "exact 'a'",
    "prefix nocase 'A'",
    "suffix 'b'",
    "contains ''",
    "glob '?'",
    "equal 0",
    "range 0..1",
    "mask 0x1 = 0x1",
    "network 10.0.0.0/8",
    "present",
    "absent",
];

type Kind = (InputType, bool);
const TEXT: Kind = (InputType::Text, false);
const TEXT_OR_NONE: Kind = (InputType::Text, true);
const INTEGER: Kind = (InputType::Integer, false);
const INTEGER_OR_NONE: Kind = (InputType::Integer, true);
const ADDRESS: Kind = (InputType::Address, false);
const ADDRESS_OR_NONE: Kind = (InputType::Address, true);
const KINDS: [Kind; 6] = [TEXT, TEXT_OR_NONE, INTEGER, INTEGER_OR_NONE, ADDRESS, ADDRESS_OR_NONE];

fn contract(kinds: &[Kind], supplied: u32) -> Contract {
    let field = |(at, (input, nullable)): (usize, &Kind)| {
        let max_bytes = if *input == InputType::Text { 8 } else { 0 };
        Field { name: format!("f{at}"), input: *input, nullable: *nullable, max_bytes }
    };
    let fields = kinds.iter().enumerate().map(field).collect();
    let (id, revision, channel, name) = (TypeId(1), TypeRevision(1), Channel(1), "t".into());
    let template =
        TemplateType { id, revision, channel, name, instance_cap: 2, fields, supplied, event: None };
    let widths = Widths {
        integer_operand: Width::new(63).unwrap(),
        match_count: Width::new(8).unwrap(),
        ..Default::default()
    };
    let limits = Limits {
        file_bytes: 4096,
        detections: 2,
        instances: 2,
        clauses_per_criterion: 1,
        patterns_per_clause: 1,
        operand_bytes: 8,
        automaton_bytes: 1 << 20,
        work_per_event: 6,
        widths,
    };
    Contract { types: vec![template], operators: OperatorSet::all(), limits, ..Default::default() }
}

/// An instance: for each field nothing, or a clause.
type Instance = Vec<Option<String>>;

fn clauses() -> Vec<String> {
    let of = |quantifier: &str| PATTERNS.map(|pattern| format!("{quantifier} of {pattern}"));
    of("any").into_iter().chain(of("none")).collect()
}

/// Every instance of so many fields with one clause, each operator and quantifier.
fn ones(fields: usize) -> Vec<Instance> {
    let at = |field: usize| {
        clauses().into_iter().map(move |clause| {
            let mut instance = vec![None; fields];
            instance[field] = Some(clause);
            instance
        })
    };
    (0..fields).flat_map(at).collect()
}

/// Every instance with two clauses, each operator.
fn twos(fields: usize) -> Vec<Instance> {
    let any = |pattern: &str| Some(format!("any of {pattern}"));
    let mut out = Vec::new();
    for (first, second) in (0..fields).flat_map(|a| (a + 1..fields).map(move |b| (a, b))) {
        for (a, b) in PATTERNS.iter().flat_map(|a| PATTERNS.iter().map(move |b| (a, b))) {
            let mut instance = vec![None; fields];
            (instance[first], instance[second]) = (any(a), any(b));
            out.push(instance);
        }
    }
    out
}

/// A file of these instances; the second is of the same detection, an exclusion, or of a detection of its own.
fn content(fields: usize, instances: &[(&str, &Instance)]) -> Vec<u8> {
    let mut out = "channel-file 1\nchannel 1 part 0 revision 1\ntype 1 revision 1 t\n".to_owned();
    (0..fields).for_each(|at| out += &format!("  field f{at}\n"));
    for (at, (how, instance)) in instances.iter().enumerate() {
        let how = match *how {
            "own" => {
                out += &format!("detection d{at} level low\n");
                "include"
            }
            how => how,
        };
        out += &format!("  {how} type 1\n");
        let clauses = instance.iter().enumerate().filter_map(|(at, clause)| Some((at, clause.as_ref()?)));
        clauses.for_each(|(at, clause)| out += &format!("    f{at}: {clause}\n"));
    }
    text::assemble(&out).unwrap_or_else(|error| panic!("{error}\n{out}"))
}

/// Every event of few values.
fn events(kinds: &[Kind], supplied: u32) -> Vec<Record> {
    let text = |text: &str| Some(OwnedInput::Text(text.into()));
    let address = |address: &str| Some(OwnedInput::Address(address.parse().unwrap()));
    let mut all = vec![Vec::new()];
    for (input, nullable) in kinds.iter().take(supplied as usize) {
        let mut values = match input {
            InputType::Text => vec![text("a"), text("b"), text("")],
            InputType::Integer => vec![Some(OwnedInput::Integer(1)), Some(OwnedInput::Integer(0))],
            InputType::Address => vec![address("10.0.0.1"), address("fe80::1")],
        };
        values.extend(nullable.then_some(None));
        let longer = |event: &Vec<_>| {
            values.iter().map(|value| [event.clone(), vec![value.clone()]].concat()).collect()
        };
        all = all.iter().flat_map(|event| -> Vec<_> { longer(event) }).collect();
    }
    all.into_iter().map(|inputs| Record { template: TypeId(1), inputs }).collect()
}

struct Matches(Vec<u32>);

impl Watch for Matches {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.0.push(detection.index().0);
    }
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    contents: u64,
    accepted: u64,
    answers: u64,
    died: BTreeMap<FaultKind, u64>,
    lived: BTreeMap<FaultKind, u64>,
}

/// All contents of one contract.
fn hold(kinds: &[Kind], supplied: u32, contents: &[Vec<u8>], seen: &mut Seen) {
    let Some(sensor) = sensor(Build::Memory) else { return };
    let folder = tempfile::tempdir().unwrap();
    let contract = contract(kinds, supplied);
    let setup = setup(sensor, &contract, folder.path());
    let fleet = [Member { origin: "test".into(), sha256: String::new(), contract: contract.clone() }];
    let events = events(kinds, supplied);
    let mut consumer = Consumer::spawn(&setup).unwrap();
    for bytes in contents {
        let verdict = judge(&Subject::read("C-00000001-00000000-00000001.sys", bytes), &fleet).verdict;
        seen.contents += 1;
        seen.accepted += u64::from(verdict != Verdict::Fail);
        if !runs(&mut consumer, bytes, &contract, &events, verdict, seen) {
            consumer = Consumer::spawn(&setup).unwrap();
        }
    }
}

/// Runs one content up to what kills the sensor; false if that happened.
fn runs(
    consumer: &mut Consumer,
    bytes: &[u8],
    contract: &Contract,
    events: &[Record],
    verdict: Verdict,
    seen: &mut Seen,
) -> bool {
    let file = channel::parse(bytes).unwrap();
    let shown = || text::print(&file);
    let interpreter = Interpreter::new(&file, contract, NoRegexes);
    let mut on_loading = Vec::new();
    interpreter.load_faults(&mut |fault| on_loading.push(fault));
    let dies = on_loading.iter().any(|fault| fate_on_loading(fault, Build::Memory) == Fate::Dies);
    match consumer.load("small", bytes, 2) {
        Ok(loading) => assert!(!dies && loading == Loading::Loaded, "{loading:?} {on_loading:?} {}", shown()),
        Err(Failure::Died { .. }) => {
            assert!(!on_loading.is_empty() && verdict == Verdict::Fail, "{verdict} {}", shown());
            *seen.died.entry(on_loading[0].kind).or_default() += 1;
            return false;
        }
        Err(other) => panic!("{other} {}", shown()),
    }
    for event in events {
        let mut ours = Matches(Vec::new());
        let ran = interpreter.run(&event.view().event(), &mut ours);
        let theirs = consumer.event(event);
        match (ran, theirs) {
            (Ok(_), Ok(theirs)) => assert_eq!(theirs, ours.0, "{} {}", event.to_json(), shown()),
            (Ok(_), Err(failure)) => {
                panic!("the interpreter sees nothing: {failure} {} {}", event.to_json(), shown())
            }
            (Err(fault), theirs) => {
                assert_eq!(verdict, Verdict::Fail, "{fault} {} {}", event.to_json(), shown());
                let fate = fate(&fault, &file, contract, event);
                assert!(theirs.is_err() || fate != Fate::Dies, "{fault} {} {}", event.to_json(), shown());
                let of = if theirs.is_err() { &mut seen.died } else { &mut seen.lived };
                *of.entry(fault.kind).or_default() += 1;
                match theirs {
                    Ok(_) => {}
                    Err(Failure::Died { .. }) => return false,
                    Err(other) => panic!("{other} {}", shown()),
                }
            }
        }
        seen.answers += 1;
    }
    true
}

fn contents(fields: usize, sets: &[Vec<(&str, &Instance)>]) -> Vec<Vec<u8>> {
    sets.iter().map(|instances| content(fields, instances)).collect()
}

#[test]
fn what_kills_the_sensor_is_a_fault_and_refused_and_what_is_accepted_matches_the_same() {
    if sensor(Build::Memory).is_none() {
        return;
    }
    let mut seen = Seen::default();
    let one = |fields| -> Vec<Instance> { [vec![vec![None; fields]], ones(fields), twos(fields)].concat() };
    let alone = |instance: &'static Instance| vec![("own", instance)];
    // One field of every kind, supplied or not.
    let single: &'static [Instance] = one(1).leak();
    let contents_of_one = contents(1, &single.iter().map(alone).collect::<Vec<_>>());
    for kind in KINDS {
        (0..=1).for_each(|supplied| hold(&[kind], supplied, &contents_of_one, &mut seen));
    }
    // Two and three fields, up to all of them supplied.
    let pairs: &'static [Instance] = one(2).leak();
    let contents_of_two = contents(2, &pairs.iter().map(alone).collect::<Vec<_>>());
    for kinds in [[TEXT, INTEGER_OR_NONE], [INTEGER, TEXT_OR_NONE], [ADDRESS_OR_NONE, TEXT]] {
        (1..=2).for_each(|supplied| hold(&kinds, supplied, &contents_of_two, &mut seen));
    }
    let triples: &'static [Instance] = one(3).leak();
    let contents_of_three = contents(3, &triples.iter().map(alone).collect::<Vec<_>>());
    (2..=3).for_each(|n| hold(&[TEXT_OR_NONE, INTEGER, ADDRESS], n, &contents_of_three, &mut seen));
    // Two instances, in every relation.
    let halves: &'static [Instance] = ones(2).leak();
    for how in ["own", "include", "exclude"] {
        let set = |(a, b): (&'static Instance, &'static Instance)| vec![("own", a), (how, b)];
        let pairs = halves.iter().step_by(3).flat_map(|a| halves.iter().step_by(2).map(move |b| (a, b)));
        let contents = contents(2, &pairs.map(set).collect::<Vec<_>>());
        (1..=2).for_each(|supplied| hold(&[TEXT, INTEGER_OR_NONE], supplied, &contents, &mut seen));
    }
    eprintln!("{seen:?}");
    for kind in [FaultKind::PastInputs, FaultKind::Type, FaultKind::Null] {
        assert!(seen.died.contains_key(&kind), "nothing dies of {kind:?}: {seen:?}");
    }
    assert!(seen.accepted > 500 && seen.answers > 10_000, "{seen:?}");
}
