//! Every small content, and every sensor of matching size, by families: contents of up to two instances and three fields,
//! with every operator and quantifier; sensors with every number of fields defined and supplied beside that, every type of
//! input, absent or not, and each limit and width around the tight value.
//!
//! What is done with them is the caller's.

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType, Width, Widths};
use channel_gate::{OwnedInput, Record};
use channel_interpreter::{Automata, Regexes};
use channel_parser::channel::{self, encode};
use channel_parser::draft::{self, Clause, Criterion, Detection, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::{
    Channel, FieldIndex, InputType, Level, Operator, Quantifier, TypeId, TypeIndex, TypeRevision,
};
use channel_validators::Member;
use std::cell::Cell;
use std::net::IpAddr;

/// What is done with a content and the sensors of its family.
pub type Try<'t> = &'t mut dyn FnMut(&Draft, &Fleet);

/// The sensors of a family, and every event of each.
pub struct Fleet {
    /// The sensors, named by their place, so that a judgement says which of them content must not reach.
    pub members: Vec<Member>,
    /// The events of each, and the line of each event.
    pub events: Vec<Vec<(Record, String)>>,
    told: Cell<bool>,
}

impl Fleet {
    /// Whether nobody has asked before.
    pub fn is_new(&self) -> bool {
        !self.told.replace(true)
    }
}

/// The channel of every content.
pub const CHANNEL: u32 = 5;
const TYPE: u32 = 6;
const REVISION: u32 = 3;

/// A pattern for each operator, all of which match the first input below of their type.
fn pattern(operator: Operator) -> Pattern {
    let text = |operator| Pattern::Text { operator, nocase: false, operand: "a".into() };
    match operator {
        Operator::Exact => text(TextOperator::Exact),
        Operator::Prefix => text(TextOperator::Prefix),
        Operator::Suffix => text(TextOperator::Suffix),
        Operator::Contains => text(TextOperator::Contains),
        Operator::Glob => text(TextOperator::Glob),
        Operator::Regex => text(TextOperator::Regex),
        Operator::Equal => Pattern::Equal(1),
        Operator::Range => Pattern::Range(1, 2),
        Operator::Mask => Pattern::Mask { mask: 1, value: 1 },
        Operator::Network => Pattern::Network { address: IpAddr::from([10, 0, 0, 0]), prefix: 8 },
        Operator::Present => Pattern::Present,
        Operator::Absent => Pattern::Absent,
    }
}

/// An input that the patterns above match, one that they do not, and the absence of one.
fn inputs(field: Option<&Field>) -> Vec<Option<OwnedInput>> {
    let text = |text: &str| OwnedInput::Text(text.into());
    let (matching, other) = match field.map_or(InputType::Text, |field| field.input) {
        InputType::Text => (text("a"), text("b")),
        InputType::Integer => (OwnedInput::Integer(1), OwnedInput::Integer(i64::MIN)),
        InputType::Address => {
            (OwnedInput::Address([10, 0, 0, 1].into()), OwnedInput::Address([0u8; 16].into()))
        }
    };
    let null = field.is_none_or(|field| field.nullable).then_some(None);
    [Some(matching), Some(other)].into_iter().chain(null).collect()
}

/// Every event of a sensor that is made of these inputs.
fn events(template: &TemplateType) -> Vec<(Record, String)> {
    let mut all = vec![Vec::new()];
    for index in 0..template.supplied {
        let inputs = inputs(template.field(FieldIndex(index)));
        let longer = |event: &Vec<_>| {
            inputs.iter().map(|one| [&event[..], std::slice::from_ref(one)].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    let told = |inputs| {
        let record = Record { template: template.id, inputs };
        let line = record.to_json();
        (record, line)
    };
    all.into_iter().map(told).collect()
}

fn clause(quantifier: Quantifier, patterns: Vec<Pattern>) -> Clause {
    Clause { quantifier, patterns }
}

fn criterion(clauses: &[Clause]) -> Criterion {
    Criterion { clauses: clauses.to_vec() }
}

fn instance(criteria: Vec<Criterion>) -> Instance {
    Instance { template: TypeIndex(0), criteria }
}

fn detection(at: usize, include: Vec<Instance>, exclude: Vec<Instance>) -> Detection {
    Detection { id: format!("d{at}"), level: Level::Low, provenance: Default::default(), include, exclude }
}

fn names(fields: usize) -> Vec<String> {
    (0..fields).map(|field| format!("f{field}")).collect()
}

fn content(fields: usize, detections: Vec<Detection>) -> Draft {
    let template = draft::TemplateType {
        id: TypeId(TYPE),
        revision: TypeRevision(REVISION),
        name: "t".into(),
        fields: names(fields),
    };
    Draft { channel: Channel(CHANNEL), types: vec![template], detections, ..Default::default() }
}

/// Limits that no small content comes near, and a sensor soon has room for.
fn roomy() -> Limits {
    Limits {
        file_bytes: 1 << 12,
        detections: 16,
        instances: 16,
        clauses_per_criterion: 16,
        patterns_per_clause: 16,
        operand_bytes: 64,
        automaton_bytes: 1 << 30,
        work_per_event: 1000,
        widths: Widths {
            match_count: Width::new(8).unwrap(),
            integer_operand: Width::new(63).unwrap(),
            ..Widths::default()
        },
    }
}

/// A sensor that has one template type, with these fields.
fn sensor(fields: &[(InputType, bool)], supplied: u32) -> Contract {
    let field = |(name, (input, nullable)): (String, &(InputType, bool))| Field {
        name,
        input: *input,
        nullable: *nullable,
        max_bytes: if *input == InputType::Text { 64 } else { 0 },
    };
    let template = TemplateType {
        id: TypeId(TYPE),
        revision: TypeRevision(REVISION),
        channel: Channel(CHANNEL),
        name: "t".into(),
        instance_cap: 16,
        fields: names(fields.len()).into_iter().zip(fields).map(field).collect(),
        supplied,
        event: None,
    };
    Contract { operators: OperatorSet::all(), limits: roomy(), types: vec![template], ..Default::default() }
}

fn fleet(contracts: Vec<Contract>) -> Fleet {
    let events = contracts.iter().map(|contract| contract.types.iter().flat_map(events).collect()).collect();
    let member = |(at, mut contract): (usize, Contract)| {
        contract.sensor.name = format!("s{at}");
        Member { origin: format!("s{at}.toml"), sha256: format!("{at:064x}"), contract }
    };
    let members = contracts.into_iter().enumerate().map(member).collect();
    Fleet { members, events, told: Cell::new(false) }
}

/// Of the largest families a debug build takes every so many-th. A number that shares no factor with the sizes of a family
/// meets every criterion at every place.
fn is_left_out(n: usize, every: usize) -> bool {
    cfg!(debug_assertions) && !n.is_multiple_of(every)
}

const KINDS: [(InputType, bool); 6] = [
    (InputType::Text, false),
    (InputType::Text, true),
    (InputType::Integer, false),
    (InputType::Integer, true),
    (InputType::Address, false),
    (InputType::Address, true),
];

/// One criterion anywhere, for sensors of every shape.
pub fn one_criterion(hold: Try<'_>) {
    let mut sensors = Vec::new();
    for kind in KINDS {
        for defined in 0..=3 {
            for supplied in 0..=defined as u32 + 1 {
                let plain = sensor(&vec![kind; defined], supplied);
                let mut turned = plain.clone();
                turned.types[0].fields.reverse();
                let mut few = plain.clone();
                few.operators = [Operator::Exact, Operator::Range, Operator::Present].into_iter().collect();
                sensors.extend([plain, turned, few]);
            }
        }
    }
    let other = |change: fn(&mut TemplateType)| {
        let mut other = sensor(&[KINDS[1]; 3], 3);
        change(&mut other.types[0]);
        other
    };
    sensors.push(other(|one| one.id = TypeId(TYPE + 1)));
    sensors.push(other(|one| one.revision = TypeRevision(REVISION + 1)));
    sensors.push(other(|one| one.channel = Channel(CHANNEL + 1)));
    let fleet = fleet(sensors);
    for (fields, criteria) in (1..=3).flat_map(|fields| (1..=3).map(move |criteria| (fields, criteria))) {
        for at in 0..criteria {
            for operator in Operator::ALL {
                for quantifier in Quantifier::ALL {
                    let mut all = vec![Criterion::wildcard(); criteria];
                    all[at] = criterion(&[clause(*quantifier, vec![pattern(*operator)])]);
                    hold(&content(fields, vec![detection(0, vec![instance(all)], vec![])]), &fleet);
                }
            }
        }
    }
}

fn any(operator: Operator) -> Criterion {
    criterion(&[clause(Quantifier::AnyOf, vec![pattern(operator)])])
}

fn none(operator: Operator) -> Criterion {
    criterion(&[clause(Quantifier::NoneOf, vec![pattern(operator)])])
}

/// Every list of so many of these.
fn lists<T: Clone>(of: &[T], length: usize) -> Vec<Vec<T>> {
    (0..length).fold(vec![Vec::new()], |all, _| {
        all.iter()
            .flat_map(|list| of.iter().map(move |one| [&list[..], std::slice::from_ref(one)].concat()))
            .collect()
    })
}

/// Sensors that supply some of the fields, each of any type.
fn any_types(fields: usize) -> Fleet {
    let nullable: Vec<_> = KINDS.iter().copied().filter(|(_, nullable)| *nullable).collect();
    let mut sensors = Vec::new();
    for kinds in lists(&nullable, fields) {
        sensors.extend((0..=fields as u32).map(|supplied| sensor(&kinds, supplied)));
    }
    sensors.push(sensor(&[KINDS[0], KINDS[2], KINDS[4]][..fields], fields as u32));
    fleet(sensors)
}

/// One instance of three fields, with every operator at each at once.
pub fn one_instance(hold: Try<'_>) {
    let fleet = any_types(3);
    let wildcard = std::iter::once(Criterion::wildcard());
    let menu: Vec<_> = wildcard.chain(Operator::ALL.iter().map(|operator| any(*operator))).collect();
    for (n, criteria) in lists(&menu, 3).into_iter().enumerate() {
        if !is_left_out(n, 11) {
            hold(&content(3, vec![detection(0, vec![instance(criteria)], vec![])]), &fleet);
        }
    }
}

/// Two instances of two fields, each with one of several criteria.
pub fn two_of_two(hold: Try<'_>) {
    let menu = [
        Criterion::wildcard(),
        any(Operator::Exact),
        any(Operator::Regex),
        any(Operator::Range),
        any(Operator::Network),
        any(Operator::Present),
        any(Operator::Absent),
        none(Operator::Prefix),
        none(Operator::Absent),
    ];
    two_instances(2, &menu, 29, hold);
}

/// Two instances of three fields, each with one of fewer criteria.
pub fn two_of_three(hold: Try<'_>) {
    let menu = [Criterion::wildcard(), any(Operator::Glob), none(Operator::Mask), any(Operator::Absent)];
    two_instances(3, &menu, 101, hold);
}

/// Two instances of these criteria, both included, one excluded, or in two detections.
fn two_instances(fields: usize, menu: &[Criterion], every: usize, hold: Try<'_>) {
    let fleet = any_types(fields);
    let instances: Vec<_> = lists(menu, fields).into_iter().map(instance).collect();
    for (n, pair) in lists(&instances, 2).into_iter().enumerate() {
        for arrangement in 0..3 {
            if is_left_out(n * 3 + arrangement, every) {
                continue;
            }
            let (a, b) = (pair[..1].to_vec(), pair[1..].to_vec());
            let detections = match arrangement {
                0 => vec![detection(0, pair.clone(), vec![])],
                1 => vec![detection(0, a, b)],
                _ => vec![detection(0, a, vec![]), detection(1, b, vec![])],
            };
            hold(&content(fields, detections), &fleet);
        }
    }
}

/// Contents with every operator and every number of things, for one sensor of three fields.
fn counted() -> Vec<Draft> {
    let text = |operator, nocase, operand: &str| Pattern::Text { operator, nocase, operand: operand.into() };
    let texts = vec![
        text(TextOperator::Exact, false, "a"),
        text(TextOperator::Prefix, true, "aé"),
        text(TextOperator::Glob, false, "a*c"),
    ];
    let regexes = vec![text(TextOperator::Regex, false, "a+"), text(TextOperator::Regex, true, "[a-c]{3}")];
    let numbers = vec![Pattern::Equal(7), Pattern::Range(-8, 3), Pattern::Mask { mask: 9, value: 1 }];
    let network = vec![pattern(Operator::Network)];
    let of = |patterns: &[Pattern], quantifier| clause(quantifier, patterns.to_vec());
    let criteria = |texts: &[Clause], numbers: &[Clause], addresses: &[Clause]| {
        instance(vec![criterion(texts), criterion(numbers), criterion(addresses)])
    };
    use Quantifier::{AnyOf, NoneOf};
    let one = criteria(&[of(&texts[..1], AnyOf)], &[], &[]);
    let two = criteria(&[of(&texts, AnyOf), of(&texts[1..], NoneOf)], &[of(&numbers[..1], AnyOf)], &[]);
    let three = criteria(&[of(&regexes, AnyOf)], &[of(&numbers, AnyOf)], &[of(&network, AnyOf)]);
    let four = criteria(&[of(&regexes[..1], NoneOf)], &[of(&numbers[1..], NoneOf)], &[of(&network, NoneOf)]);
    let loose = criteria(&[of(&[pattern(Operator::Present)], AnyOf)], &[], &[]);
    let mut contents = vec![
        content(3, vec![detection(0, vec![one.clone()], vec![])]),
        content(3, vec![detection(0, vec![two.clone()], vec![one.clone()])]),
        content(3, vec![detection(0, vec![three.clone()], vec![]), detection(1, vec![four.clone()], vec![])]),
        content(3, vec![detection(0, vec![three, two.clone(), one.clone()], vec![four.clone()])]),
        content(
            3,
            vec![
                detection(0, vec![four], vec![]),
                detection(1, vec![one], vec![]),
                detection(2, vec![two], vec![]),
            ],
        ),
    ];
    // All of them match one event.
    for most in 1..=5 {
        contents.push(content(3, (0..most).map(|at| detection(at, vec![loose.clone()], vec![])).collect()));
    }
    let bad = text(TextOperator::Regex, false, "(?=a)");
    let bad = criteria(&[of(&[bad], AnyOf)], &[], &[]);
    contents.push(content(3, vec![detection(0, vec![bad], vec![])]));
    contents
}

/// Every limit and width of a sensor, at every value that small content meets.
fn limited(automata: u64, bytes: u64) -> Vec<Contract> {
    let base =
        || sensor(&[(InputType::Text, true), (InputType::Integer, true), (InputType::Address, true)], 3);
    let mut sensors = vec![base()];
    let mut with = |change: &dyn Fn(&mut Contract)| {
        let mut one = base();
        change(&mut one);
        sensors.push(one);
    };
    for n in 0..=12u32 {
        with(&|one| one.limits.detections = n);
        with(&|one| one.limits.instances = n);
        with(&|one| one.limits.clauses_per_criterion = n);
        with(&|one| one.limits.patterns_per_clause = n);
        with(&|one| one.limits.operand_bytes = n);
        with(&|one| one.types[0].instance_cap = n);
    }
    for n in 0..=24 {
        with(&|one| one.limits.work_per_event = n);
    }
    for n in [0, automata.saturating_sub(1), automata] {
        with(&|one| one.limits.automaton_bytes = n);
    }
    for n in [0, bytes - 1, bytes] {
        with(&|one| one.limits.file_bytes = n);
    }
    for at in 0..Widths::NAMES.len() {
        for bits in 1..=6 {
            with(&|one| {
                let mut widths = one.limits.widths.to_array();
                widths[at] = Width::new(bits).unwrap();
                one.limits.widths = Widths::from_array(widths);
            });
        }
    }
    sensors
}

/// Contents with every number of things, for sensors with every limit and width around the tight value.
pub fn limits(hold: Try<'_>) {
    for mut draft in counted() {
        for number in [0, 1, 31, 32, 33] {
            (draft.part.0, draft.revision.0) = (number, number);
            let bytes = encode(&draft).unwrap();
            let file = channel::parse(&bytes).unwrap();
            let automata = Automata::new(&file);
            let sum = file.patterns().map(|pattern| automata.automaton_bytes(pattern.index())).sum();
            hold(&draft, &fleet(limited(sum, bytes.len() as u64)));
        }
    }
}

/// Expressions whose automata are near what may be built.
pub fn large_expressions(hold: Try<'_>) {
    let mut base = sensor(&[(InputType::Text, true)], 1);
    base.limits.automaton_bytes = u64::MAX;
    let fleet = fleet(vec![base]);
    for operand in [
        r"\w{60}",
        r"\w{900}",
        r"\w{1000}",
        r"\pL{90}x",
        r"(\w{30}|\d{200})+$",
        r"(((((((((a*)*)*)*)*)*)*)*)*)*",
    ] {
        let regex = Pattern::Text { operator: TextOperator::Regex, nocase: true, operand: operand.into() };
        let one = instance(vec![criterion(&[clause(Quantifier::AnyOf, vec![regex])])]);
        hold(&content(1, vec![detection(0, vec![one], vec![])]), &fleet);
    }
}
