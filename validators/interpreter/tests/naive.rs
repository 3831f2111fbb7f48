//! The interpreter against a second one that is slow and obviously right, the naive judge of the fuzz targets: each line of
//! it a sentence of `FORMAT.md`, no code of the interpreter's in it.

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType, Width, Widths};
use channel_interpreter::{Automata, Event, FaultKind, Input, Interpreter, Watch, text};
use channel_parser::channel::{self, encode};
use channel_parser::draft::{self, Clause, Criterion, Detection, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::{InputType, Level, Operator, Quantifier, TypeId, TypeIndex};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[path = "../../../fuzz/src/naive.rs"]
mod naive;

use naive::{Judge, Owned};

const TEXT_OPERATORS: [TextOperator; 5] = [
    TextOperator::Exact,
    TextOperator::Prefix,
    TextOperator::Suffix,
    TextOperator::Contains,
    TextOperator::Glob,
];

fn agree(operator: TextOperator, nocase: bool, operand: &str, input: &str) {
    let (ours, naive) = (
        text::matches(operator.into(), nocase, operand, input),
        naive::text(operator, nocase, operand, input),
    );
    assert_eq!(ours, naive, "{operator:?} {nocase} {operand:?} {input:?}");
}

/// Every text of up to so many of these characters.
fn texts(alphabet: &[char], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut start = 0;
    for _ in 0..most {
        let end = all.len();
        for at in start..end {
            all.extend(alphabet.iter().map(|c| format!("{}{c}", all[at])).collect::<Vec<_>>());
        }
        start = end;
    }
    all
}

#[test]
fn every_short_glob_fits_the_texts_that_it_should() {
    let (globs, texts) = (texts(&['a', 'b', '*', '?', '\\'], 5), texts(&['a', 'b', '\\', '*'], 5));
    assert_eq!((globs.len(), texts.len()), (3906, 1365));
    let mut fit = 0;
    for glob in &globs {
        for text in &texts {
            agree(TextOperator::Glob, false, glob, text);
            fit += u32::from(text::matches(Operator::Glob, false, glob, text) == Some(true));
        }
    }
    assert_eq!(fit, 388_283);
}

#[test]
fn every_short_operand_is_found_where_it_stands() {
    let (operands, texts) = (texts(&['a', 'A', 'b'], 3), texts(&['a', 'A', 'b'], 5));
    for operand in &operands {
        for text in &texts {
            for (operator, nocase) in TEXT_OPERATORS.iter().flat_map(|one| [(*one, false), (*one, true)]) {
                agree(operator, nocase, operand, text);
            }
        }
    }
}

#[test]
fn every_character_is_folded_as_the_format_says() {
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        for other in [c.to_lowercase().to_string(), c.to_uppercase().to_string(), c.to_string()] {
            agree(TextOperator::Exact, true, &c.to_string(), &other);
        }
    }
}

#[test]
fn what_does_not_compare_text_is_not_decided_as_text() {
    for operator in Operator::ALL.iter().filter(|one| !one.is_text() || **one == Operator::Regex) {
        assert_eq!(text::matches(*operator, false, "", ""), None);
    }
}

/// Characters whose lower case is another character, more than one, or that of yet another one.
const PAIRS: &[char] = &[
    'a', 'A', 'b', '*', '?', '\\', 'k', 'K', '\u{212a}', 's', 'S', 'ſ', 'i', 'I', 'ı', 'İ', '\u{307}', 'ß',
    'ẞ', 'Ǆ', 'ǅ', 'ǆ', 'é', 'É', 'Σ', 'σ', 'ς', 'ﬁ', '🦀', '\0',
];

fn short() -> impl Strategy<Value = String> {
    let few = select(PAIRS).prop_flat_map(|c| {
        let pair: Vec<char> =
            c.to_lowercase().chain(c.to_uppercase()).chain([c, 'a', '*', '?', '\\']).collect();
        vec(select(pair), 0..6)
    });
    prop_oneof![few, vec(select(PAIRS), 0..5), vec(select(&['a', 'b', '*', '?', '\\'][..]), 0..9)]
        .prop_map(String::from_iter)
}

fn pattern_for(field: &Field) -> impl Strategy<Value = Pattern> + use<> {
    let small = -2..3i64;
    let text = (select(&TEXT_OPERATORS[..]), any::<bool>(), short());
    let regex = (select(&["", "a", "^a", "b$", "^(a|b)*$", "k", "[^s]", "."][..]), any::<bool>());
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let network =
        [("10.0.0.0", 8), ("10.0.0.0", 30), ("0.0.0.0", 0), ("::", 0), ("::1", 128), ("10.0.0.1", 32)]
            .map(|(at, prefix)| Pattern::Network { address: address(at), prefix });
    let of_type = match field.input {
        InputType::Text => prop_oneof![
            4 => text.prop_map(|(operator, nocase, operand)| Pattern::Text { operator, nocase, operand }),
            1 => regex.prop_map(|(operand, nocase)| Pattern::Text {
                operator: TextOperator::Regex,
                nocase,
                operand: operand.to_owned(),
            }),
        ]
        .boxed(),
        InputType::Integer => prop_oneof![
            small.clone().prop_map(Pattern::Equal),
            (small.clone(), small.clone()).prop_map(|(a, b)| Pattern::Range(a.min(b), a.max(b))),
            (small.clone(), small).prop_map(|(a, b)| Pattern::Mask { mask: a as u64, value: (a & b) as u64 }),
        ]
        .boxed(),
        InputType::Address => select(network.to_vec()).boxed(),
    };
    let nullable = u32::from(field.nullable);
    prop_oneof![6 => of_type, nullable => select(&[Pattern::Present, Pattern::Absent][..])]
}

fn field() -> impl Strategy<Value = Field> {
    (select(InputType::ALL), any::<bool>()).prop_map(|(input, nullable)| Field {
        name: "f".into(),
        input,
        nullable,
        max_bytes: 64,
    })
}

fn input_for(field: &Field) -> impl Strategy<Value = Option<Owned>> + use<> {
    let some = match field.input {
        InputType::Text => short().prop_map(Owned::Text).boxed(),
        InputType::Integer => (-3..4i64).prop_map(Owned::Integer).boxed(),
        InputType::Address => select(&["10.0.0.1", "10.0.0.9", "11.0.0.1", "::1", "::a00:1"][..])
            .prop_map(|text| Owned::Address(text.parse().unwrap()))
            .boxed(),
    };
    let nullable = u32::from(field.nullable);
    prop_oneof![3 => some.prop_map(Some), nullable => Just(None)]
}

fn instance_for(template: u32, fields: &[Field]) -> impl Strategy<Value = Instance> + use<> {
    let criterion = |field: &Field| {
        let clause = (select(Quantifier::ALL), vec(pattern_for(field), 1..3))
            .prop_map(|(quantifier, patterns)| Clause { quantifier, patterns });
        prop_oneof![1 => Just(Vec::new()), 2 => vec(clause, 1..3)].prop_map(|clauses| Criterion { clauses })
    };
    let criteria: Vec<_> = fields.iter().map(criterion).collect();
    criteria.prop_map(move |criteria| Instance { template: TypeIndex(template), criteria })
}

type Case = (Vec<Vec<Field>>, Vec<Detection>, Vec<Vec<Vec<Option<Owned>>>>);

/// Types, detections on them, and events of each.
fn case() -> impl Strategy<Value = Case> {
    vec(vec(field(), 1..4), 1..3).prop_flat_map(|types| {
        let of_any = |types: &[Vec<Field>]| {
            let each = types.iter().zip(0u32..).map(|(fields, at)| instance_for(at, fields).boxed());
            each.reduce(|a, b| prop_oneof![a, b].boxed()).unwrap()
        };
        let detection =
            (vec(of_any(&types), 1..4), vec(of_any(&types), 0..3)).prop_map(|(include, exclude)| Detection {
                id: "d".into(),
                level: Level::Low,
                provenance: Default::default(),
                include,
                exclude,
            });
        let event = |fields: &Vec<Field>| fields.iter().map(input_for).collect::<Vec<_>>();
        let events: Vec<_> = types.iter().map(|fields| vec(event(fields), 4)).collect();
        (Just(types), vec(detection, 1..4), events)
    })
}

/// A sensor that has exactly these types and no limits to speak of.
fn sensor(types: &[Vec<Field>]) -> Contract {
    let template = |(fields, id): (&Vec<Field>, u32)| TemplateType {
        id: TypeId(id),
        name: "t".into(),
        instance_cap: 100,
        supplied: fields.len() as u32,
        fields: fields.clone(),
        ..Default::default()
    };
    let limits = Limits {
        file_bytes: 1 << 30,
        detections: 100,
        instances: 100,
        clauses_per_criterion: 100,
        patterns_per_clause: 100,
        operand_bytes: 1000,
        automaton_bytes: 1 << 30,
        work_per_event: 1000,
        widths: Widths { integer_operand: Width::new(64).unwrap(), ..Widths::default() },
    };
    let operators = OperatorSet::all();
    Contract { operators, limits, types: types.iter().zip(0..).map(template).collect(), ..Default::default() }
}

/// What the interpreter says that it saw, by position in the file.
#[derive(Default)]
struct Seen {
    criteria: BTreeMap<(u32, u32), bool>,
    instances: Vec<u32>,
    detections: Vec<u32>,
}

impl Watch for Seen {
    fn criterion(&mut self, criterion: &channel::Criterion<'_>, holds: bool) {
        self.criteria.insert((criterion.instance().index().0, criterion.field().0), holds);
    }

    fn instance(&mut self, instance: &channel::Instance<'_>) {
        self.instances.push(instance.index().0);
    }

    fn detection(&mut self, detection: &channel::Detection<'_>) {
        self.detections.push(detection.index().0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn text_is_matched_as_the_format_says(
        operator in select(&TEXT_OPERATORS[..]), nocase: bool, operand in short(), input in short()
    ) {
        agree(operator, nocase, &operand, &input);
    }

    #[test]
    fn content_is_interpreted_as_the_format_says((types, detections, events) in case()) {
        let template = |(fields, id): (&Vec<Field>, u32)| draft::TemplateType {
            id: TypeId(id),
            revision: Default::default(),
            name: "t".into(),
            fields: fields.iter().map(|field| field.name.clone()).collect(),
        };
        let draft = Draft { types: types.iter().zip(0..).map(template).collect(), detections, ..Default::default() };
        let bytes = encode(&draft).unwrap();
        let (file, contract) = (channel::parse(&bytes).unwrap(), sensor(&types));
        let interpreter = Interpreter::load(&file, &contract, Automata::new(&file)).unwrap();
        let all: Vec<_> = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude)).collect();
        for (template, inputs) in (0..).zip(&events).flat_map(|(at, events)| events.iter().map(move |one| (at, one))) {
            let borrowed: Vec<_> = inputs.iter().map(|input| input.as_ref().map(|input| match input {
                Owned::Text(text) => Input::Text(text),
                Owned::Integer(n) => Input::Integer(*n),
                Owned::Address(address) => Input::Address(*address),
            })).collect();
            let event = Event { template: TypeId(template), inputs: &borrowed };
            let mut seen = Seen::default();
            let outcome = interpreter.run(&event, &mut seen).unwrap();

            let judge = || Judge::new(&draft, &contract, TypeId(template), inputs);
            let mut whole = judge();
            let matching = whole.run().unwrap();
            prop_assert_eq!(&seen.detections, &matching);
            prop_assert_eq!(outcome.detections as usize, matching.len());
            prop_assert_eq!(outcome.instances as usize, seen.instances.len());
            prop_assert_eq!((outcome.work, outcome.instances), (whole.work, whole.matched));
            for at in &seen.instances {
                prop_assert_eq!(judge().instance(all[*at as usize]), Ok(true));
            }
            for ((instance, field), holds) in &seen.criteria {
                let criterion = &all[*instance as usize].criteria[*field as usize];
                prop_assert_eq!(judge().criterion(*field as usize, criterion), Ok(*holds));
            }
            for (view, owned) in file.instances().zip(&all) {
                let ours = interpreter.run_instance(&view, &event, &mut ()).unwrap();
                prop_assert_eq!(Ok(ours), judge().instance(owned));
            }
        }
    }

    #[test]
    fn an_event_that_the_sensor_does_not_send_is_the_callers_fault(fields in vec(field(), 1..4), wrong in 0..4u8) {
        let contract = sensor(std::slice::from_ref(&fields));
        let bytes = encode(&Draft::default()).unwrap();
        let file = channel::parse(&bytes).unwrap();
        let interpreter = Interpreter::new(&file, &contract, Automata::new(&file));
        let right = |field: &Field| Some(match field.input {
            InputType::Text => Input::Text(""),
            InputType::Integer => Input::Integer(0),
            InputType::Address => Input::Address(IpAddr::from([0; 4])),
        });
        let mut inputs: Vec<_> = fields.iter().map(right).collect();
        let mut template = TypeId(0);
        let sent = interpreter.run(&Event { template, inputs: &inputs }, &mut ()).is_ok();
        prop_assert!(sent);
        match wrong {
            0 => template = TypeId(9),
            1 => inputs.push(None),
            2 => drop(inputs.pop()),
            _ => inputs[0] = match inputs[0] {
                Some(Input::Text(_)) => Some(Input::Integer(1)),
                _ => Some(Input::Text("")),
            },
        }
        let fault = interpreter.run(&Event { template, inputs: &inputs }, &mut ()).unwrap_err();
        prop_assert_eq!(fault.kind, FaultKind::Event);
    }
}
