//! Sensors made to measure: one that has exactly what content needs, and for each thing that it needs one that has a little
//! less of it. Where judge and executor differ by one, it is at these.

use channel_contract::{Contract, Field, Limits, OperatorSet, Sensor, TemplateType, Width, Widths};
use channel_parser::channel::ChannelFile;
use channel_parser::draft::{Draft, Instance, Pattern};
use channel_parser::model::{Channel, InputType, Operator};
use channel_validators::Member;

/// Pairs of sensors of which the second takes all that the first takes. No two have one label.
pub fn growing(draft: &Draft, bytes: u64) -> Vec<[Member; 2]> {
    let exact = exact(draft, bytes);
    let nothing = LIMITS.iter().map(|set| [0, 1].map(|n| changed(&exact, |one| set(one, n))));
    let less = LESS.iter().map(|less| [changed(&exact, less), exact.clone()]);
    let more = larger(&exact).map(|large| [exact.clone(), large]);
    let all = nothing.chain(less).chain(more).enumerate();
    let member = |mut contract: Contract, at: usize, side: &str| {
        contract.sensor.version = format!("{at} {side}");
        Member { origin: "tailored".into(), sha256: String::new(), contract }
    };
    all.map(|(at, [small, large])| [member(small, at, "small"), member(large, at, "large")]).collect()
}

/// Content of which measure can be taken in little time.
pub fn is_small(file: &ChannelFile<'_>) -> bool {
    const MOST: usize = 64;
    file.types().len() <= MOST && file.instances().len() <= MOST
}

/// The contract with more of one thing each.
pub fn larger(contract: &Contract) -> impl Iterator<Item = Contract> {
    MORE.iter().map(|more| changed(contract, more))
}

fn changed(contract: &Contract, change: impl Fn(&mut Contract)) -> Contract {
    let mut contract = contract.clone();
    change(&mut contract);
    contract
}

/// The first fits; each of the others lacks one thing. No two have one label.
pub fn sensors(draft: &Draft, bytes: u64) -> Vec<Member> {
    let exact = exact(draft, bytes);
    let less = LESS.iter().chain(OTHER).enumerate().filter_map(|(at, less)| {
        let mut contract = changed(&exact, less);
        let differs = contract != exact;
        contract.sensor.version = format!("less {at}");
        differs.then_some(contract)
    });
    let member = |contract| Member { origin: "tailored".into(), sha256: String::new(), contract };
    std::iter::once(exact.clone()).chain(less).map(member).collect()
}

fn instances(draft: &Draft) -> impl Iterator<Item = &Instance> {
    draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude))
}

fn patterns(instance: &Instance) -> impl Iterator<Item = &Pattern> {
    instance.criteria.iter().flat_map(|one| &one.clauses).flat_map(|clause| &clause.patterns)
}

fn operand_bytes(pattern: &Pattern) -> u32 {
    match pattern {
        Pattern::Text { operand, .. } => number(operand.len()),
        _ => 0,
    }
}

/// The bits that a number needs.
fn bits(n: u64) -> Width {
    Width::new((u64::BITS - n.leading_zeros()).max(1) as u8).unwrap_or_default()
}

fn most<T: Ord + Default>(all: impl Iterator<Item = T>) -> T {
    all.max().unwrap_or_default()
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The sensor that has what the content needs, and nothing more.
fn exact(draft: &Draft, bytes: u64) -> Contract {
    let all = || instances(draft).flat_map(patterns);
    let criteria = || instances(draft).flat_map(|one| &one.criteria);
    let types: Vec<_> = (0..draft.types.len()).map(|at| template(draft, at)).collect();
    let own = |at: usize| instances(draft).filter(move |one| one.template.0 as usize == at);
    let each = || 0..draft.types.len();
    let mut operators = OperatorSet::EMPTY;
    all().for_each(|pattern| _ = operators.insert(pattern.operator()));
    let integer = |pattern: &Pattern| {
        let size = |n: i64| (if n < 0 { !n } else { n }).cast_unsigned();
        match pattern {
            Pattern::Equal(n) => size(*n),
            Pattern::Range(low, high) => size(*low).max(size(*high)),
            Pattern::Mask { mask, value } => size(mask.cast_signed()).max(size(value.cast_signed())),
            _ => 0,
        }
    };
    let widths = Widths {
        channel: bits(draft.channel.0.into()),
        part: bits(draft.part.0.into()),
        content_revision: bits(draft.revision.0.into()),
        type_id: bits(most(draft.types.iter().map(|one| one.id.0)).into()),
        type_revision: bits(most(draft.types.iter().map(|one| one.revision.0)).into()),
        fields_per_instance: bits(most(draft.types.iter().map(|one| one.fields.len())) as u64),
        instances: bits(instances(draft).count() as u64),
        detections: bits(draft.detections.len() as u64),
        patterns: bits(all().count() as u64),
        match_count: bits(most(each().map(|at| own(at).count())) as u64),
        integer_operand: bits(most(all().map(integer))),
    };
    let limits = Limits {
        file_bytes: bytes,
        detections: number(draft.detections.len()),
        instances: number(instances(draft).count()),
        clauses_per_criterion: number(most(criteria().map(|one| one.clauses.len()))),
        patterns_per_clause: number(most(
            criteria().flat_map(|one| &one.clauses).map(|clause| clause.patterns.len()),
        )),
        operand_bytes: most(all().map(operand_bytes)),
        automaton_bytes: 1 << 24,
        work_per_event: most(each().map(|at| own(at).flat_map(patterns).count())) as u64,
        widths,
    };
    let sensor = Sensor { name: "tailored".into(), version: "exact".into(), ..Sensor::default() };
    Contract { sensor, interpreter: 1, operators, limits, types, sealed: true, sysmon: None }
}

fn template(draft: &Draft, at: usize) -> TemplateType {
    let own = || instances(draft).filter(move |one| one.template.0 as usize == at);
    let declared = &draft.types[at];
    let field = |(index, name): (usize, &String)| {
        let on = || own().filter_map(move |one| one.criteria.get(index));
        let operators =
            || on().flat_map(|one| &one.clauses).flat_map(|one| &one.patterns).map(Pattern::operator);
        let input = operators().find_map(Operator::reads).unwrap_or(InputType::Text);
        let longest =
            most(on().flat_map(|one| &one.clauses).flat_map(|one| &one.patterns).map(operand_bytes));
        let max_bytes = if input == InputType::Text { longest.max(16) } else { 0 };
        let nullable = operators().any(|one| one.reads().is_none());
        Field { name: name.clone(), input, nullable, max_bytes }
    };
    let fields: Vec<_> = declared.fields.iter().enumerate().map(field).collect();
    TemplateType {
        id: declared.id,
        revision: declared.revision,
        channel: draft.channel,
        name: declared.name.clone(),
        instance_cap: number(own().count()),
        supplied: number(fields.len()),
        fields,
        event: None,
    }
}

/// One step down; a width loses its highest bit.
macro_rules! less {
    ($($key:ident)* ; $($width:ident)*) => {
        /// Every limit, to be set.
        const LIMITS: &[fn(&mut Contract, u64)] = &[
            $(|one, n| one.limits.$key = n.try_into().unwrap_or(u32::MAX.into()),)*
        ];

        /// Sensors that take more.
        const MORE: &[fn(&mut Contract)] = &[
            $(|one| one.limits.$key = one.limits.$key.saturating_add(1),)*
            $(|one| {
                let width = one.limits.widths.$width;
                one.limits.widths.$width = Width::new(width.bits().saturating_add(1)).unwrap_or(width);
            },)*
            |one| one.types.iter_mut().for_each(|one| one.supplied = one.defined().min(one.supplied + 1)),
            |one| one.types.iter_mut().for_each(|one| one.instance_cap = one.instance_cap.saturating_add(1)),
            |one| one.types.iter_mut().flat_map(|one| &mut one.fields).for_each(|one| one.nullable = true),
            |one| one.operators = OperatorSet::all(),
        ];

        /// Sensors that take less.
        const LESS: &[fn(&mut Contract)] = &[
            $(|one| one.limits.$key = one.limits.$key.saturating_sub(1),)*
            $(|one| {
                let width = one.limits.widths.$width;
                one.limits.widths.$width = Width::new(width.bits().saturating_sub(1)).unwrap_or(width);
            },)*
            // July 2024.
            |one| one.types.iter_mut().for_each(|one| one.supplied = one.supplied.saturating_sub(1)),
            |one| one.types.iter_mut().for_each(|one| one.instance_cap = one.instance_cap.saturating_sub(1)),
            |one| drop(one.types.pop()),
            |one| one.types.iter_mut().flat_map(|one| &mut one.fields).for_each(|one| one.nullable = false),
            |one| one.limits.automaton_bytes = 0,
            |one| {
                let last = one.operators.iter().last();
                last.map(|last| one.operators.remove(last));
            },
        ];
    };
}

/// Sensors that take other content.
const OTHER: &[fn(&mut Contract)] = &[
    |one| one.types.iter_mut().for_each(|one| one.revision.0 = one.revision.0.wrapping_add(1)),
    |one| one.types.iter_mut().for_each(|one| one.revision.0 = one.revision.0.wrapping_sub(1)),
    |one| one.types.iter_mut().for_each(|one| one.channel = Channel(one.channel.0 ^ 1)),
    |one| one.types.iter_mut().flat_map(|one| &mut one.fields).for_each(|one| one.name.push('x')),
    |one| one.types.iter_mut().for_each(|one| drop(one.fields.pop())),
    |one| one.types.iter_mut().flat_map(|one| &mut one.fields).for_each(another_type),
];

less! {
    file_bytes detections instances clauses_per_criterion patterns_per_clause operand_bytes automaton_bytes work_per_event;
    channel part content_revision type_id type_revision fields_per_instance instances detections patterns match_count
    integer_operand
}

fn another_type(field: &mut Field) {
    let text = Field { input: InputType::Text, max_bytes: 64, ..field.clone() };
    *field = match field.input {
        InputType::Text => Field { input: InputType::Integer, max_bytes: 0, ..field.clone() },
        InputType::Integer | InputType::Address => text,
    };
}
