//! The engine answers as the interpreter does: the same detections in the same order, and the same fault, for whatever
//! content, sensor and event. What is compared is made of a few small parts, so that matches and near misses are common.

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType, Width, Widths};
use channel_interpreter::{Engine, Event, Fault, Input, Scratch, Watch};
use channel_parser::channel::{self, ChannelFile, Detection};
use channel_parser::draft::{self, Clause, Criterion, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::{DetectionIndex, InputType, Level, Operator, Quantifier, TypeId, TypeIndex};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use std::cell::{Cell, RefCell};
use std::net::IpAddr;

/// Parts of operands and texts: what differs in case only, in ways that are easy to get wrong, and what globs and regular
/// expressions read otherwise than text.
const PARTS: &[&str] = &[
    "abcd", "ABCD", "abce", "a", "A", "bc", "k", "K", "\u{212a}", "s", "S", "ſ", "ß", "ẞ", "ss", "ſK", "i",
    "I", "İ", "ı", "é", "É", "σ", "ς", "Σ", "ǆ", "ǅ", "🦀", "\\", "*", "?", ".", "-", " ", "\n", "\0",
];
const NUMBERS: &[i64] = &[i64::MIN, -1, 0, 1, 2, 3, 255, i64::MAX];
const ADDRESSES: &[&str] = &["10.0.0.1", "10.0.0.2", "10.1.0.1", "::", "::1", "fe80::1", "::ffff:10.0.0.1"];

/// The fields of every template type.
const FIELDS: [InputType; 5] =
    [InputType::Text, InputType::Integer, InputType::Text, InputType::Address, InputType::Text];

fn text(parts: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    vec(prop_oneof![3 => Just("abcd"), 2 => Just("Abcd"), 5 => select(PARTS)], parts)
        .prop_map(|parts| parts.concat())
}

fn input(of: InputType) -> BoxedStrategy<Owned> {
    match of {
        InputType::Text => text(0..6).prop_map(Owned::Text).boxed(),
        InputType::Integer => select(NUMBERS).prop_map(Owned::Integer).boxed(),
        InputType::Address => select(ADDRESSES).prop_map(|a| Owned::Address(a.parse().unwrap())).boxed(),
    }
}

#[derive(Clone, Debug)]
enum Owned {
    Text(String),
    Integer(i64),
    Address(IpAddr),
}

/// Its template type and its inputs.
type OwnedEvent = (u32, Vec<Option<Owned>>);

impl Owned {
    fn input(&self) -> Input<'_> {
        match self {
            Self::Text(text) => Input::Text(text),
            Self::Integer(n) => Input::Integer(*n),
            Self::Address(address) => Input::Address(*address),
        }
    }
}

fn pattern(of: InputType) -> BoxedStrategy<Pattern> {
    let presence = select(&[Pattern::Present, Pattern::Absent][..]);
    let own = match of {
        InputType::Text => {
            use TextOperator::*;
            let literal = (select(&[Exact, Prefix, Suffix, Contains, Glob][..]), text(0..4));
            let regex =
                select(&["a+b?cd", "^abcd", "k$", "sk", "[sß]", "(?-i)K", "(abcd|s).?ABCD", "", "x{3}"][..]);
            let regex = regex.prop_map(|regex| (Regex, regex.to_owned()));
            (prop_oneof![6 => literal, 1 => regex], any::<bool>())
                .prop_map(|((operator, operand), nocase)| Pattern::Text { operator, nocase, operand })
                .boxed()
        }
        InputType::Integer => prop_oneof![
            3 => select(NUMBERS).prop_map(Pattern::Equal),
            1 => (select(NUMBERS), select(NUMBERS)).prop_map(|(a, b)| Pattern::Range(a.min(b), a.max(b))),
            1 => select(NUMBERS).prop_map(|n| Pattern::Mask { mask: 3, value: n as u64 & 3 }),
        ]
        .boxed(),
        InputType::Address => {
            let network = |(address, wide): (&str, bool)| match (address.parse().unwrap(), wide) {
                (IpAddr::V4(a), true) => {
                    Pattern::Network { address: IpAddr::V4((a.to_bits() & !0xffff).into()), prefix: 16 }
                }
                (IpAddr::V6(a), true) => {
                    Pattern::Network { address: IpAddr::V6((a.to_bits() & !0xffff).into()), prefix: 112 }
                }
                (address @ IpAddr::V4(_), false) => Pattern::Network { address, prefix: 32 },
                (address @ IpAddr::V6(_), false) => Pattern::Network { address, prefix: 128 },
            };
            (select(ADDRESSES), any::<bool>()).prop_map(network).boxed()
        }
    };
    prop_oneof![12 => own, 1 => presence].boxed()
}

/// A criterion for the field at this place; seldom one that reads another type.
fn criterion(field: usize) -> impl Strategy<Value = Criterion> {
    let of = FIELDS.get(field).copied().unwrap_or(InputType::Text);
    let quantifier = select(&[Quantifier::AnyOf, Quantifier::AnyOf, Quantifier::NoneOf][..]);
    let clause = (quantifier, vec(pattern(of), 1..4));
    let clause = clause.prop_map(|(quantifier, patterns)| Clause { quantifier, patterns });
    let clauses =
        prop_oneof![3 => Just(0..1usize), 2 => Just(1..3)].prop_flat_map(move |n| vec(clause.clone(), n));
    clauses.prop_map(|clauses| Criterion { clauses })
}

fn instance() -> impl Strategy<Value = Instance> {
    let criteria = (criterion(0), criterion(1), criterion(2), criterion(3), criterion(4));
    let stray = prop_oneof![30 => Just(None), 1 => criterion(1).prop_map(Some)];
    (0..3u32, criteria, stray).prop_map(|(template, (a, b, c, d, e), stray)| Instance {
        template: TypeIndex(template.min(1)),
        criteria: [a, b, c, d, e].into_iter().chain(stray).collect(),
    })
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let detection = (vec(instance(), 1..4), vec(instance(), 0..2));
    vec(detection, 1..12).prop_map(|detections| {
        let template = |id| draft::TemplateType {
            id: TypeId(id),
            name: format!("type {id}"),
            fields: (0..FIELDS.len()).map(|n| format!("f{n}")).collect(),
            ..Default::default()
        };
        let detection = |(n, (include, exclude))| draft::Detection {
            id: format!("d{n}"),
            level: Level::High,
            provenance: draft::Provenance::default(),
            include,
            exclude,
        };
        let detections = detections.into_iter().enumerate().map(detection).collect();
        channel::encode(&Draft { types: vec![template(1), template(2)], detections, ..Draft::default() })
            .unwrap()
    })
}

/// A sensor of which nearly everything holds, or one that is at odds with content in one way.
fn contract() -> impl Strategy<Value = Contract> {
    let whim = prop_oneof![6 => Just(0u8), 5 => 1..6u8];
    (whim, any::<Index>()).prop_map(|(whim, which)| {
        let nullable = |n| whim != 1 || n != which.index(FIELDS.len());
        let field = |(n, input): (usize, &InputType)| Field {
            name: format!("f{n}"),
            input: *input,
            nullable: nullable(n),
            max_bytes: 64,
        };
        let fields: Vec<Field> = FIELDS.iter().enumerate().map(field).collect();
        let supplied = if whim == 2 { which.index(5) as u32 } else { 5 };
        let template =
            |id| TemplateType { id: TypeId(id), fields: fields.clone(), supplied, ..Default::default() };
        let mut operators = OperatorSet::all();
        if whim == 3 {
            operators.remove(Operator::ALL[which.index(Operator::ALL.len())]);
        }
        let match_count = Width::new(if whim == 4 { 2 } else { 16 }).unwrap();
        let work_per_event = if whim == 5 { which.index(60) as u64 } else { 100_000 };
        let limits = Limits {
            work_per_event,
            widths: Widths { match_count, ..Default::default() },
            ..Default::default()
        };
        Contract { types: vec![template(1), template(2)], operators, limits, ..Default::default() }
    })
}

/// Seldom one that the sensor would not supply.
fn event() -> impl Strategy<Value = OwnedEvent> {
    let maybe = |of| prop_oneof![8 => input(of).prop_map(Some), 1 => Just(None)];
    let inputs = FIELDS.map(maybe).to_vec();
    let other = prop_oneof![40 => Just(None), 1 => (0..6usize, input(InputType::Text)).prop_map(Some)];
    (prop_oneof![20 => 1..3u32, 1 => 0..4u32], inputs, other).prop_map(|(template, mut inputs, other)| {
        match other {
            Some((5, _)) => inputs.truncate(4),
            Some((n, other)) => inputs[n] = Some(other),
            None => {}
        }
        (template, inputs)
    })
}

struct Matched(Vec<DetectionIndex>);

impl Watch for Matched {
    fn detection(&mut self, detection: &Detection<'_>) {
        self.0.push(detection.index());
    }
}

/// What both say of an event; it must be the same.
fn compare(engine: &Engine<'_>, event: &Event<'_>, scratch: &mut Scratch) -> (usize, Option<Fault>) {
    let (mut expected, mut found) = (Matched(Vec::new()), Vec::new());
    let outcome = engine.interpreter().run(event, &mut expected).map(|outcome| outcome.detections);
    let answer = engine.run(event, scratch, |detection| found.push(detection.index()));
    assert_eq!(found, expected.0);
    assert_eq!(answer, outcome);
    (found.len(), answer.err())
}

#[test]
fn the_engine_answers_as_the_interpreter_does() {
    let (matches, misses, faults) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let scratch = RefCell::new(Scratch::default());
    let config = Config { cases: if cfg!(debug_assertions) { 500 } else { 50_000 }, ..Config::default() };
    let run = |(bytes, contract, events): (Vec<u8>, Contract, Vec<OwnedEvent>)| {
        let file: ChannelFile<'_> = channel::parse(&bytes).unwrap();
        let engine = Engine::new(&file, &contract);
        for (template, inputs) in &events {
            let supplied = (contract.types[0].supplied as usize).min(inputs.len());
            let inputs: Vec<Option<Input<'_>>> =
                inputs[..supplied].iter().map(|input| input.as_ref().map(Owned::input)).collect();
            let event = Event { template: TypeId(*template), inputs: &inputs };
            let (matched, fault) = compare(&engine, &event, &mut scratch.borrow_mut());
            matches.set(matches.get() + matched);
            misses.set(misses.get() + file.detections().len() - matched);
            faults.set(faults.get() + usize::from(fault.is_some()));
        }
        Ok(())
    };
    TestRunner::new(config).run(&(content(), contract(), vec(event(), 1..8)), run).unwrap();
    println!("{} matches, {} misses, {} faults", matches.get(), misses.get(), faults.get());
    let least = |count: &Cell<usize>| assert!(count.get() > 200, "{}", count.get());
    [&matches, &misses, &faults].into_iter().for_each(least);
}
