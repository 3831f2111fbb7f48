//! What holds for every content and every sensor: the gate comes to an end without a panic, says the same again, finds no
//! fault on what the validator passes and none that the validator does not explain, and shows events that do fault.

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType, Width};
use channel_gate::{OwnedInput, Record, judge};
use channel_interpreter::{Automata, FaultKind, Interpreter};
use channel_parser::channel;
use channel_parser::draft::Draft;
use channel_parser::model::{InputType, Operator, TypeId};
use channel_parser::testing::draft;
use channel_validators::{Member, Replay, Severity, Subject, Verdict, Witness};
use proptest::prelude::*;

/// Facts about a sensor, each a number that is used where it fits.
#[derive(Clone, Debug)]
struct Facts {
    fields: Vec<(u8, bool, u8)>,
    missing: u32,
    without: Option<u8>,
    work: u64,
    count: u8,
    fit: bool,
}

fn facts() -> impl Strategy<Value = Facts> {
    let fields = prop::collection::vec((0..4u8, any::<bool>(), 0..3u8), 1..12);
    let without = prop::option::weighted(0.2, 0..12u8);
    (
        fields,
        prop_oneof![3 => Just(0), 1 => 1..3u32],
        without,
        prop_oneof![Just(4u64), Just(1000)],
        1..5u8,
        any::<bool>(),
    )
        .prop_map(|(fields, missing, without, work, count, fit)| Facts {
            fields,
            missing,
            without,
            work,
            count,
            fit,
        })
}

/// A sensor that knows the template types of a draft: what the content asks of an input is mostly what it has.
fn sensor(draft: &Draft, facts: &Facts) -> Member {
    let mut facts_of = facts.fields.iter().cycle();
    let types = draft.types.iter().enumerate().map(|(index, declared)| {
        let field = |(at, name): (usize, &String)| {
            let (other, nullable, length) = facts_of.next().copied().unwrap_or_default();
            let input = asked(draft, index, at).filter(|_| other > 0).unwrap_or(InputType::Text);
            let max_bytes = if input == InputType::Text { [8, 64, 4096][usize::from(length)] } else { 0 };
            Field { name: name.clone(), input, nullable, max_bytes }
        };
        let fields: Vec<_> = declared.fields.iter().enumerate().map(field).collect();
        TemplateType {
            id: declared.id,
            revision: declared.revision,
            channel: draft.channel,
            name: "type".into(),
            instance_cap: 100,
            supplied: u32::try_from(fields.len()).unwrap_or(0).saturating_sub(facts.missing),
            fields,
            event: None,
        }
    });
    let types = types.collect();
    let operators = Operator::ALL.iter().copied();
    let operators: OperatorSet = operators.filter(|one| Some(one.number()) != facts.without).collect();
    let mut limits = Limits {
        file_bytes: 1 << 20,
        detections: 100,
        instances: 100,
        clauses_per_criterion: 10,
        patterns_per_clause: 10,
        operand_bytes: 1000,
        automaton_bytes: 1 << 30,
        work_per_event: facts.work,
        ..Limits::default()
    };
    limits.widths.integer_operand = Width::new(63).expect("63 bits");
    limits.widths.match_count = Width::new(facts.count).expect("few bits");
    // Names at random are none that a contract could be written with, which does not matter here.
    let contract = Contract { types, operators, limits, ..Contract::default() };
    Member { origin: "sensor.toml".into(), sha256: String::new(), contract }
}

/// The type of input that the first pattern on a field asks for.
fn asked(draft: &Draft, template: usize, field: usize) -> Option<InputType> {
    use channel_parser::draft::Pattern;
    let instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
    let mut patterns = instances
        .filter(|one| one.template.0 as usize == template)
        .filter_map(|one| one.criteria.get(field))
        .flat_map(|one| &one.clauses)
        .flat_map(|one| &one.patterns);
    patterns.find_map(|pattern| match pattern {
        Pattern::Text { .. } => Some(InputType::Text),
        Pattern::Equal(_) | Pattern::Range(..) | Pattern::Mask { .. } => Some(InputType::Integer),
        Pattern::Network { .. } => Some(InputType::Address),
        _ => None,
    })
}

/// The draft with as many criteria in each instance as its type has fields.
fn fitted(mut draft: Draft) -> Draft {
    let counts: Vec<_> = draft.types.iter().map(|one| one.fields.len()).collect();
    let instances =
        draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude));
    for instance in instances {
        if let Some(count) = counts.get(instance.template.0 as usize) {
            instance.criteria.resize_with(*count, Default::default);
        }
    }
    draft
}

/// The event that a witness shows.
fn record(event: &Replay, contract: &Contract) -> Record {
    let template = contract.template(TypeId(event.template)).expect("a template type");
    let input = |(at, value): (usize, &serde_json::Value)| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(match template.fields.get(at).map(|field| field.input) {
            Some(InputType::Address) => OwnedInput::Address(text.parse().expect("an address")),
            _ => OwnedInput::Text(text.clone()),
        }),
        other => Some(OwnedInput::Integer(other.as_i64().expect("an integer"))),
    };
    Record { template: template.id, inputs: event.inputs.iter().enumerate().map(input).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_faults_is_explained_and_shown(draft in draft(), facts in facts()) {
        let draft = if facts.fit { fitted(draft) } else { draft };
        let member = sensor(&draft, &facts);
        let bytes = channel_parser::channel::encode(&draft).expect("a draft that can be written");
        let subject = Subject::read("content.sys", &bytes);
        let fleet = [member];
        let judgement = judge(&subject, &fleet);
        prop_assert_eq!(format!("{judgement:?}"), format!("{:?}", judge(&subject, &fleet)));
        for finding in &judgement.findings {
            let alarm = finding.severity == Severity::Error && finding.code.0 / 100 == 6;
            prop_assert!(!alarm, "{finding:#?}\nof {:#?}", judgement.findings);
        }
        if channel_validators::judge(&subject, &fleet).verdict == Verdict::Pass {
            prop_assert_eq!(judgement.verdict, Verdict::Pass);
        }
        let file = channel::parse(&bytes).expect("what is written is accepted");
        let automata = Automata::new(&file);
        let interpreter = Interpreter::new(&file, &fleet[0].contract, &automata);
        for finding in &judgement.findings {
            let Some(Witness::Event { event, fault }) = &finding.witness else { continue };
            let seen = interpreter.run(&record(event, &fleet[0].contract).view().event(), &mut ());
            let seen = seen.expect_err("a witness faults");
            prop_assert_eq!((seen.kind.word(), seen.path.to_string()), (fault.kind, fault.path.clone()));
            prop_assert!(seen.kind != FaultKind::Event);
            prop_assert!(finding.code.0 != 301 || seen.kind == FaultKind::PastInputs);
        }
    }

    /// A criterion on an input that is not supplied, behind nothing that could keep events from it, is shown.
    #[test]
    fn a_read_past_the_inputs_is_always_shown(fields in 1..24u32, at: u32, supplied: u32, text in "[a-z]{1,8}") {
        let at = at % fields;
        let supplied = supplied % (at + 1);
        let mut source = String::from("channel-file 1\nchannel 1 part 0 revision 1\n\ntype 7 revision 1 ipc\n");
        (0..fields).for_each(|field| source += &format!("  field f{field}\n"));
        source += &format!("\ndetection one level high\n  include type 7\n    f{at}: any of prefix '{text}'\n");
        if at > 0 && supplied > 0 {
            source = source.replace("  include type 7\n", &format!("  include type 7\n    f0: none of exact '{text}'\n"));
        }
        let bytes = channel_parser::text::assemble(&source).expect("content");
        let draft = channel_parser::text::parse(&source).expect("content").draft;
        let facts = Facts { fields: vec![(1, true, 2)], missing: fields - supplied, without: None, work: 1000, count: 4, fit: true };
        let fleet = [sensor(&draft, &facts)];
        let judgement = judge(&Subject::read("C-00000001-00000000-00000001.sys", &bytes), &fleet);
        let mut own = judgement.findings.iter().filter(|finding| finding.code.0 == 301);
        let Some(Witness::Event { fault, .. }) = own.next().and_then(|finding| finding.witness.as_ref()) else {
            return Err(TestCaseError::fail(format!("{:#?}", judgement.findings)));
        };
        prop_assert_eq!(fault.kind, "past-inputs");
    }
}

/// Of very many findings only the first are kept: the faults of the others are not news.
#[test]
fn faults_of_findings_that_are_only_counted_raise_no_alarm() {
    let mut source = String::from(
        "channel-file 1\nchannel 1 part 0 revision 1\n\ntype 7 revision 1 ipc\n  field a\n  field b\n  field c\n",
    );
    for n in 0..1200 {
        source += &format!("\ndetection d-{n} level high\n  include type 7\n    b: any of exact '{n}'\n");
        // The second of them stands behind the first, and is never reached.
        source += &format!("    c: any of exact '{n}'\n");
    }
    let bytes = channel_parser::text::assemble(&source).expect("content");
    let draft = channel_parser::text::parse(&source).expect("content").draft;
    let facts =
        Facts { fields: vec![(1, true, 2)], missing: 2, without: None, work: 10_000, count: 4, fit: true };
    let mut member = sensor(&draft, &facts);
    member.contract.limits.detections = 2000;
    member.contract.limits.instances = 2000;
    member.contract.types[0].instance_cap = 2000;
    member.contract.limits.widths.match_count = Width::new(16).expect("16 bits");
    let judgement = judge(&Subject::read("C-00000001-00000000-00000001.sys", &bytes), &[member]);
    let codes: std::collections::BTreeSet<_> =
        judgement.findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [301]);
    let shown =
        |finding: &&channel_validators::Finding| matches!(finding.witness, Some(Witness::Event { .. }));
    let past = || judgement.findings.iter().filter(|finding| finding.code.0 == 301);
    assert_eq!(past().filter(shown).count(), past().count());
}
